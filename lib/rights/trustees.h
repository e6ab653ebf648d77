/* SPDX-License-Identifier: MIT */
/* trustees.h - what a security descriptor says of the names of its object */
#ifndef SPK_TRUSTEES_H
#define SPK_TRUSTEES_H

#include <spnkit/rights.h>

#include "token.h"
#include "model/acl.h"

#define SPK_DESCRIPTOR "nTSecurityDescriptor"

/* SIDs that are lent, each once, in the order in which they came.  Start from { 0 }. */
typedef struct spk_sids {
	spn_bytes *list;
	size_t n;
} spk_sids;

void spk_sids_free(spk_sids *sids);
#define SPK_AUTOSIDS __attribute__((cleanup(spk_sids_free)))

/* An entry that is about names: rights are what it is about, of SPN_RIGHT_*. */
typedef struct spk_permission {
	spk_acl_entry entry;
	unsigned rights;
} spk_permission;

/* The entries of a DACL that are about names, and for whom.  Lends from the descriptor.  Start from { 0 }. */
typedef struct spk_permissions {
	spk_permission *list;
	size_t n;
	spn_bytes owner;       /* its len is 0 if there is none */
	spn_bytes self;        /* the SID of the object; its len is 0 if it is not known */
	const char *class_id;  /* schemaIDGUID of the object's class as text; NULL: not known */
	bool is_samba;         /* whose controllers know nothing of Owner Rights */
	bool has_owner_rights; /* an entry for Owner Rights, which takes the place of what every owner may do */
	bool failed;
} spk_permissions;

/* Reads them from the entry of an account; is_samba is set.  ret_whole: false if it has no descriptor that can be read.
 */
spn_status spk_permissions_read(const spn_account *account, spk_permissions *permissions, bool *ret_whole,
		spn_error *err);
void spk_permissions_free(spk_permissions *permissions);
#define SPK_AUTOPERMISSIONS __attribute__((cleanup(spk_permissions_free)))

/* The SIDs that may have one of the rights, and behind them those that are denied some; ret_n: how many there are of
 * the first kind.  Self and Owner Rights are the SIDs that they stand for. */
spn_status spk_permissions_sids(const spk_permissions *permissions, spk_sids *ret_sids, size_t *ret_n,
		spn_error *err);

/* What somebody may do, and how. */
typedef struct spk_grant {
	unsigned rights, inherited, conditional;
	bool is_idle;      /* a validated write and no more was left out, for it counts for computers only */
	spk_text granted;
	spk_sids excepted; /* SIDs that are denied some of it before, and that the token does not have */
	spk_sids denied;   /* those of the token to whom the right to write is denied */
	spk_sids through;  /* SIDs that it is given to */
} spk_grant;

/* Evaluates the entries for a token ([MS-ADTS] 5.1.3.3.3).  only: the rights that this SID itself is given, which the
 * rest of the token may be denied; NULL: all of them. */
spn_status spk_permissions_evaluate(const spk_permissions *permissions, const spk_token *token, const spn_bytes *only,
		bool has_validated, spk_grant *ret_grant, spn_error *err);
void spk_grant_free(spk_grant *grant);
#define SPK_AUTOGRANT __attribute__((cleanup(spk_grant_free)))

#endif
