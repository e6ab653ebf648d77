/* SPDX-License-Identifier: MIT */
/* keytab_repair.h - how AES keys get into a keytab without a moment in which the service has none that fits */
#ifndef SPK_KEYTAB_REPAIR_H
#define SPK_KEYTAB_REPAIR_H

#include "account/account.h"

/* What is wrong, and with what. */
typedef struct spk_keytab_fault {
	const spn_account *account;
	const char *domain;       /* that commands have to name; "": none */
	const char *keytab;       /* as it was given; NULL: the default one */
	const char *name, *realm; /* of the entries that lack a key: "http/web" or "web$", and "EXAMPLE.COM" */
	unsigned kvno;            /* of the account's key; 0: not known */
	const char *salt;         /* of its AES keys, as the KDC told; NULL: not known */
	bool is_proved;           /* a key of the keytab decrypts the account's tickets */
	bool is_refuted;          /* none does, and one of them should */
	bool keys_are_missing;    /* in the keytab */
	bool account_has_none;    /* no AES keys: a new password makes them */
	bool is_not_allowed;      /* msDS-SupportedEncryptionTypes does not name AES */
} spk_keytab_fault;

/* Start from { 0 }. */
typedef struct spk_repair_steps {
	spn_repair_step *list;
	size_t n;
} spk_repair_steps;

/* A keytab may come from anybody, and the commands write keys into it.  None are made for a key that is refuted, or for
 * accounts whose keys open a domain: a KDC's, a domain controller's and an administrator's.  Nor with programs that
 * cannot be told the domain, if that is not the one in which they work: they would change another account. */
spn_status spk_keytab_repair(const spk_keytab_fault *fault, spk_repair_steps *ret_steps, spn_error *err);
void spk_repair_steps_free(spk_repair_steps *steps);
#define SPK_AUTOSTEPS __attribute__((cleanup(spk_repair_steps_free)))

/* Appends the salt with which the AES keys of an account are made when its next password is set ([MS-KILE] 3.1.1.2). */
void spk_account_salt(const spn_account *account, const char *realm, spk_text *text);

#endif
