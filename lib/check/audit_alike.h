/* SPDX-License-Identifier: MIT */
/* audit_alike.h - accounts that are like others: what the files that look at them have in common */
#ifndef SPK_AUDIT_ALIKE_H
#define SPK_AUDIT_ALIKE_H

#include <string.h>

#include "audit.h"
#include "same_cn.h"
#include "model/fold.h"
#include "model/ldif/ldif.h"

/* What an attribute is. */
enum spk_part {
	SPK_CAST,
	SPK_CLASS, SPK_SYSTEM, /* of the cast, too */
	SPK_ACCOUNT, SPK_HOST, SPK_SID, SPK_DATE, SPK_UPN, /* the account's own, and there once or not at all */
	SPK_N_PARTS,
	SPK_NAME = SPK_N_PARTS, /* its own, and there any number of times */
	SPK_ODD /* what the rules judge together with the names */
};

/* What is known of a record. */
typedef struct spk_own {
	spn_bytes of[SPK_N_PARTS]; /* without data: it is not there */
	const spk_ldif_value *names;
	size_t n_names;
	bool has_class, is_computer, is_server;
	/* what follows is known of good ones */
	spn_bytes container; /* the end of the DN, from the first comma on */
	bool has_dollar;     /* at the end of the account's name */
	bool is_old; /* not a computer, and its password is older than allowed */
	int64_t days;   /* its age */
	unsigned limit; /* the age that is allowed */
} spk_own;

/* Records of one cast with the same lines, in the same order. */
typedef struct spk_mould {
	spk_ldif_mould lines;
	uint64_t cast;
	spk_own own; /* of the record that it was made of */
	size_t next; /* that fitted the record behind one of these */
} spk_mould;

/* They are made as long as that is worth while, because most records fit one of them. */
enum { SPK_MOULDS = 8 };
typedef struct spk_moulds {
	spk_mould list[SPK_MOULDS];
	size_t n, last; /* last: which fitted last */
	uint64_t met[SPK_MOULDS]; /* casts that were met last among records that fitted none */
	size_t n_met;
	size_t credit; /* how many records have fitted, less what was spent on moulds */
} spk_moulds;

/* No more casts than these are known. */
enum { SPK_CASTS_MAX = 4096, SPK_RECENT = 16, SPK_ALIKE_ATTRS = 64 };

struct spk_alike {
	const spk_audit *audit;
	const spk_audit_domains *domains; /* of the audit; of a looker, as they were when it was prepared */
	const spk_familiar *familiar;     /* likewise */
	spk_same_cn *same_cn;
	enum spk_part parts[SPK_ALIKE_ATTRS]; /* of the attributes that are searched for, by their numbers */
	size_t n_parts;
	bool may_differ[SPK_ALIKE_ATTRS]; /* likewise: whether accounts of one cast may have other values */
	spk_moulds moulds;
	spk_ldif_value names[SPK_GLANCE_MAX]; /* of the record at hand */
	spk_text cast, dn, sid, name; /* likewise; all but the first: for functions that want a text */
	const spk_audit_domain *domain; /* whose SID is in sid */
	/* what follows is not for lookers */
	spk_keys casts; /* hashes of those of which nothing else is to be said */
	bool are_counted[SPK_CASTS_MAX]; /* of each: whether its accounts are among those that the audit looks at */
	struct spk_recent { uint64_t hash; size_t number; } recent[SPK_RECENT]; /* some of them: most accounts are of few */
	bool are_told[SPK_CASTS_MAX]; /* of each: whether its accounts are reported to have an old password */
	size_t *n_accounts, *n_names; /* how many were looked at */
	uint64_t hash; /* of the cast of the record at hand */
	bool is_known; /* it could be passed by, but for its cast */
	size_t n_noted, n_old_passwords, n_accounts_before; /* when it came */
};

static inline bool spk_begins(spn_bytes value, const char *with, size_t len)
{
	return value.len >= len && memcmp(value.data, with, len) == 0;
}

/* In any case. */
static inline bool spk_is_word(spn_bytes text, const char *word, size_t len)
{
	return text.len == len &&
			(memcmp(text.data, word, len) == 0 || spk_fold_equal(text, (spn_bytes){ word, len }, SPK_FOLD_CASE));
}

/* audit_own.c: whether nothing that is an account's own can make a rule say anything, but for an old password. */
bool spk_own_is_good(struct spk_alike *alike, spn_bytes dn, spk_own *own);
/* What is to be known of a record that can be passed by if its cast is known.  Behind it, if is_told: the DN and the
 * name of the account, each with a NUL. */
typedef struct spk_own_found {
	uint64_t cast; /* a hash of it */
	int64_t days;  /* as in spk_own */
	uint32_t limit, n_names, dn_len, cn_len;
	bool is_told, has_cn; /* has_cn: its cn is to be noted */
} spk_own_found;

/* Appends that. */
void spk_own_note(
		const struct spk_alike *alike, spn_bytes dn, const spk_own *own, uint64_t cast, spk_text *ret_found);

/* audit_moulds.c */
void spk_moulds_begin(spk_moulds *moulds);
/* A record was looked at, and its cast is known. */
void spk_moulds_learn(struct spk_alike *alike, const spk_ldif_plain *record, const spk_own *own, uint64_t cast);
/* Of a spk_passer. */
bool spk_moulds_fit(void *looker, const spk_ldif_reader *reader, spk_ldif_fit *ret_fit, spk_text *ret_found);

#endif
