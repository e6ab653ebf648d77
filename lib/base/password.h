/* SPDX-License-Identifier: MIT */
/* password.h - asking a caller for a password */
#ifndef SPK_PASSWORD_H
#define SPK_PASSWORD_H

#include <spnkit/directory.h>

#define SPK_PASSWORD_SIZE 1024

/* A password and its owner, and who is asked for it. */
typedef struct spk_asked {
	spn_password_fn *fn;
	void *data;
	const char *whose;
} spk_asked;

/* Writes the password and a NUL into the buffer, which the caller wipes whatever is returned.  One that is empty or has
 * a NUL in it is SPN_ERR_INVALID. */
spn_status spk_password_ask(spk_asked asked, char buffer[SPK_PASSWORD_SIZE + 1], size_t *ret_len, spn_error *err);

#endif
