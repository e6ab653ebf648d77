/* SPDX-License-Identifier: MIT */
/* password_key.h - the key that a password becomes */
#ifndef SPK_PASSWORD_KEY_H
#define SPK_PASSWORD_KEY_H

#include <stdbool.h>

#include <krb5.h>

/*
 * A krb5_s2k_proc.  The KDC says how many rounds that takes, before it has proved who it is: more than SPK_ROUNDS_MAX
 * would keep us at work, and with fewer than SPK_ROUNDS_MIN it would get a proof of the password from which that is
 * easily guessed.
 */
krb5_error_code spk_password_key(krb5_context krb5, krb5_enctype enctype, krb5_const_pointer password, krb5_salt salt,
		krb5_data *params, krb5_keyblock **ret_key);

/* Domain controllers ask for 4,096 (RFC 3962, section 4); the most that a standard suggests is 32,768 (RFC 8009,
 * section 4). */
#define SPK_ROUNDS_MIN 4096u
#define SPK_ROUNDS_MAX 131072u

/* Whether spk_password_key has refused that in this thread; asking forgets it. */
bool spk_password_key_refused(void);

#endif
