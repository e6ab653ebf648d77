/* SPDX-License-Identifier: MIT */
/* keytab.h - what each key of a keytab makes of a ticket */
#ifndef SPK_KEYTAB_H
#define SPK_KEYTAB_H

#include <spnkit/kdc.h>

typedef enum spk_key_trial {
	SPK_KEY_OTHER_ENCTYPE, /* not tried: the ticket is of another enctype */
	SPK_KEY_UNSUPPORTED,   /* not tried: this Kerberos does not know, or does not allow, the enctype */
	SPK_KEY_DECRYPTS,
	SPK_KEY_DOES_NOT
} spk_key_trial;

typedef spn_status spk_key_fn(const spn_keytab_entry *entry, spk_key_trial trial, void *data, spn_error *err);

/* Calls fn for each entry of a keytab (NULL: the default one), in its order, with what its key makes of the ticket. */
spn_status spk_keytab_try_each(
		const char *keytab, const spn_ticket *ticket, spk_key_fn *fn, void *data, spn_error *err);

#endif
