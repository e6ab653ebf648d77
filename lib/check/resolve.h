/* SPDX-License-Identifier: MIT */
/* resolve.h - whom the KDC picks for many names at once */
#ifndef SPK_RESOLVE_H
#define SPK_RESOLVE_H

#include "account/account.h"

SPK_DEFINE_AUTO(spn_resolution, spn_resolution_free)

/* As spn_resolution; but what else is known of an account may be added to it. */
typedef struct spk_answer {
	spn_match match;
	const char *via;
	spn_account **accounts;
	size_t n_accounts;
	size_t n_by_cn; /* how many of them, the last ones, are computers that Samba's KDC finds by their cn alone */
} spk_answer;

/* Whether nobody holds the name, and it is the userPrincipalName of several accounts. */
bool spk_answer_is_upn_of_several(const spk_answer *answer);
/* Says how it comes that several accounts answer, each by its DN. */
void spk_answer_put_several(const spk_answer *answer, spk_text *text);

/* Receives the answer for name i, which is valid only until the function returns; the accounts, until all have been
 * answered. */
typedef spn_status spk_answer_fn(size_t i, const spk_answer *answer, void *data, spn_error *err);

/* As spn_resolve, for one name after the other: all are looked up with one search, and what that finds is not gone over
 * for each. */
spn_status spk_resolve_many(
		spn_directory *dir, const char *const *spns, size_t n, spk_answer_fn *fn, void *data, spn_error *err);

/* What else is wanted of the domain: the same search finds it, and hands it on, together with the holders of names. */
typedef struct spk_also {
	const spn_filter *const *parts; /* any of these, the last one NULL */
	const char *const *attrs; /* those of spk_account_attrs, and more */
	spn_entry_fn *fn;
	void *data;
} spk_also;

/* As spk_resolve_many, n may be 0; also may be NULL. */
spn_status spk_resolve_also(spn_directory *dir, const char *const *spns, size_t n, const spk_also *also,
		spk_answer_fn *fn, void *data, spn_error *err);

#endif
