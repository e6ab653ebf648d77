/* SPDX-License-Identifier: MIT */
/* same_cn.h - HOST/x on an account, and another computer that Samba's KDC finds for it by its cn: nobody gets a
 * ticket */
#ifndef SPK_SAME_CN_H
#define SPK_SAME_CN_H

#include "duplicates.h"
#include "account/account.h"

/* Accounts that hold a name which is not of their own cn, and computers that are called alike.  Start from { 0 }. */
typedef struct spk_same_cn {
	bool is_samba; /* of one of the directories at least; else nothing is noted */
	int64_t now;     /* seconds since 1970; 0: the clock's */
	bool is_of_some; /* not all computers are noted: then each may have a namesake */
	spk_accounts holders;
	spk_keys cns;    /* of computers, folded */
	spk_names twice; /* those that may be another's as well, as HOST/cn */
} spk_same_cn;

spn_status spk_same_cn_begin(spk_same_cn *same_cn, const spk_scope *scope, spn_error *err);
/* Takes note of an account, of which names and kind are known. */
spn_status spk_same_cn_note(spk_same_cn *same_cn, const spn_account *account, spn_error *err);
/* The same for an entry: data is a spk_same_cn. */
spn_status spk_same_cn_take(const spn_entry *entry, void *data, spn_error *err);
/* Takes note of a computer of which nothing but its cn is of interest. */
spn_status spk_same_cn_note_cn(spk_same_cn *same_cn, spn_bytes cn, spn_error *err);
/* Goes over all accounts that are to be noted. */
spn_status spk_same_cn_search(
		const spk_scope *scope, const char *const *attrs, spn_entry_fn *fn, void *data, spn_error *err);
/* Looks for the computers, and tells of names like the pattern (NULL: any). */
spn_status spk_same_cn_tell(const spk_same_cn *same_cn, const spk_scope *scope, const char *pattern,
		const spk_teller *to, spn_error *err);
/* All that in one, for all names. */
spn_status spk_same_cn_find(const spk_scope *scope, const spk_teller *to, spn_error *err);
void spk_same_cn_free(spk_same_cn *same_cn);

#endif
