/* SPDX-License-Identifier: MIT */
/*
 * Accounts like one that was looked at and of which nothing was reported or noted, or only that its password is old: of
 * a file, these are most, and are passed by.  What a record has is of two kinds:
 *
 * - what is an account's own: its names, its SID, the date of its password.  It is looked at here, and only what no
 *   rule can object to, whatever else the account has, is good enough.  What may be objected to is left to the rules;
 *   but whether a password is old is known here, too;
 * - all the rest, the container in its DN with it, and whether its password is old: the cast.  What rules do with it
 *   does not depend on what is the account's own, if that is good enough.  So if they had nothing to say of one
 *   account, they have nothing to say of another one of the same cast; and if they said of one that its password is
 *   old, they say just that of the other one.
 *
 * An attribute belongs to the cast unless it is listed below.
 */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "posing.h"
#include "same_cn.h"
#include "account/by_cn.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/fold.h"
#include "model/ldif/ldif.h"
#include "model/meant.h"

/* No more casts than these are known, and no longer ones. */
enum { CASTS_MAX = 4096, CAST_MAX = 4096 };

/* What an attribute is. */
enum part {
	CAST,
	CLASS, SYSTEM, /* of the cast, too */
	ACCOUNT, HOST, SID, DATE, UPN, /* the account's own, and there once or not at all */
	N_PARTS,
	NAME = N_PARTS, /* its own, and there any number of times */
	ODD /* what the rules judge together with the names */
};

static const struct {
	const char *attr;
	enum part part;
} parts[] = {
	{ "objectClass", CLASS },
	{ "operatingSystem", SYSTEM },
	{ "sAMAccountName", ACCOUNT },
	{ "dNSHostName", HOST },
	{ "objectSid", SID },
	{ "pwdLastSet", DATE },
	{ "userPrincipalName", UPN },
	{ SPK_SPN, NAME },
	{ "msDS-AdditionalDnsHostName", ODD },
	{ "msDS-AdditionalSamAccountName", ODD },
};

/* SIDs of domains, of which the RID is left out: 24 bytes, which base64 writes with 32 characters. */
enum { DOMAIN_SID = 24, DOMAIN_SID_TEXT = 32, SID_TEXT = 40, ATTRS_MAX = 64 };

struct spk_alike {
	const spk_audit *audit;
	spk_same_cn *same_cn;
	enum part parts[ATTRS_MAX]; /* of the attributes that are searched for, by their numbers */
	size_t n_parts;
	spk_keys casts; /* of which nothing else is to be said */
	bool are_counted[CASTS_MAX]; /* of each: whether its accounts are among those that the audit looks at */
	bool are_told[CASTS_MAX]; /* of each: whether its accounts are reported to have an old password */
	size_t *n_accounts, *n_names; /* how many were looked at */
	spk_text cast, dn, sid, name; /* of the record at hand; all but the first: for functions that want a text */
	const spk_audit_domain *domain; /* whose SID is in sid */
	bool is_known; /* the record at hand could be passed by, but for its cast */
	size_t n_noted, n_old_passwords, n_accounts_before; /* when it came */
};

/* What is known of the record at hand. */
struct own {
	spn_bytes of[N_PARTS]; /* without data: it is not there */
	size_t n_names, first_name; /* the number of its line */
	bool has_class, is_computer, is_server;
	bool is_old; /* not a computer, and its password is older than allowed */
	int64_t days;   /* its age */
	unsigned limit; /* the age that is allowed */
};

spn_status spk_alike_new(const spk_audit *audit, const char *const *attrs, spk_same_cn *same_cn, size_t *n_accounts,
		size_t *n_names, struct spk_alike **ret_alike, spn_error *err)
{
	struct spk_alike *alike = calloc(1, sizeof *alike);
	if (!alike)
		return spk_nomem(err);
	alike->audit = audit;
	alike->same_cn = same_cn;
	alike->n_accounts = n_accounts;
	alike->n_names = n_names;
	for (; attrs[alike->n_parts] && alike->n_parts < ATTRS_MAX; alike->n_parts++)
		for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
			if (spk_ascii_equal(attrs[alike->n_parts], parts[i].attr))
				alike->parts[alike->n_parts] = parts[i].part;
	*ret_alike = alike;
	return SPN_OK;
}

void spk_alike_free(struct spk_alike *alike)
{
	if (!alike)
		return;
	spk_keys_free(&alike->casts);
	spk_text_free(&alike->cast);
	spk_text_free(&alike->dn);
	spk_text_free(&alike->sid);
	spk_text_free(&alike->name);
	free(alike);
}

static bool begins(spn_bytes value, const char *with, size_t len)
{
	return value.len >= len && memcmp(value.data, with, len) == 0;
}

/* In any case. */
static bool is_word(spn_bytes text, const char *word, size_t len)
{
	return text.len == len &&
			(memcmp(text.data, word, len) == 0 || spk_fold_equal(text, (spn_bytes){ word, len }, SPK_FOLD_CASE));
}

/* What decides which rules there are for an account has to be readable here. */
static bool read_kind(const spk_ldif_glimpse *line, enum part part, struct own *own)
{
	static const char computer[] = "computer", server[] = "Windows Server";
	own->has_class |= part == CLASS;
	own->is_computer |= part == CLASS && is_word(line->value, computer, sizeof computer - 1);
	own->is_server |= part == SYSTEM && begins(line->value, server, sizeof server - 1);
	return !line->is_base64 && !line->is_folded;
}

/* Sorts out what is the account's own.  False: the rules have to see that. */
static bool take_apart(const struct spk_alike *alike, const spk_ldif_plain *record, struct own *own)
{
	bool is_good = true;
	for (size_t i = 0; is_good && i < record->n; i++) {
		const spk_ldif_glimpse *line = &record->lines[i];
		enum part part = line->which < alike->n_parts ? alike->parts[line->which] : ODD;
		is_good = line->value.len > 0 && part != ODD;
		if (part == CLASS || part == SYSTEM) {
			is_good &= read_kind(line, part, own);
		} else if (part == NAME) {
			own->first_name = own->n_names++ ? own->first_name : i;
		} else if (part != CAST && part != ODD) {
			is_good &= !own->of[part].data && line->is_base64 == (part == SID) && !line->is_folded;
			own->of[part] = line->value;
		}
	}
	return is_good && own->has_class;
}

/* "CN=a name" and the container behind it, with the comma between them.  False: it is not so plain. */
static bool find_container(spn_bytes dn, spn_bytes *ret_container)
{
	size_t at = 3;
	if (!begins(dn, "CN=", 3))
		return false;
	for (size_t len; (len = spk_plain_len(dn.data + at)) > 0; at += dn.data[at] == ' ')
		at += len;
	*ret_container = (spn_bytes){ dn.data + at, dn.len - at };
	return at > 3 && at < dn.len && dn.data[at] == ',' && dn.data[at - 1] != ' ';
}

static spn_bytes plain_cn(spn_bytes dn, spn_bytes container)
{
	enum { CN_AT = 3 };
	return (spn_bytes){ dn.data + CN_AT, dn.len - container.len - CN_AT };
}

/* All lines of the cast, the container, and what there is of the account's own. */
static void make_cast(struct spk_alike *alike, const spk_ldif_plain *record, const struct own *own, spn_bytes container,
		bool has_dollar)
{
	char presence[N_PARTS + 4] = "\n";
	const char *from = record->at, *to = from; /* lines of the cast that stand together */
	spk_text_clear(&alike->cast);
	for (size_t i = 0; i < record->n; i++) {
		const spk_ldif_glimpse *line = &record->lines[i];
		if (alike->parts[line->which] > SYSTEM)
			continue;
		if (line->at != to) {
			spk_text_add_bytes(&alike->cast, from, (size_t)(to - from));
			from = line->at;
		}
		to = line->at + line->len;
	}
	spk_text_add_bytes(&alike->cast, from, (size_t)(to - from));
	for (size_t i = 0; i < N_PARTS; i++)
		presence[i + 1] = own->of[i].data ? '+' : '-';
	presence[N_PARTS + 1] = own->n_names > 0 ? '+' : '-';
	presence[N_PARTS + 2] = has_dollar ? '+' : '-';
	presence[N_PARTS + 3] = own->is_old ? '+' : '-';
	spk_text_add_bytes(&alike->cast, container.data, container.len);
	spk_text_add_bytes(&alike->cast, presence, sizeof presence);
}

/* Neither the account of a KDC (krbtgt), nor one that lost a replication conflict ($DUPLICATE-). */
static bool is_good_account(spn_bytes name, spn_bytes *ret_plain)
{
	size_t len = name.data ? spk_plain_len(name.data) : 0;
	*ret_plain = (spn_bytes){ name.data, len };
	return len > 0 && (len == name.len || (len + 1 == name.len && name.data[len] == '$')) &&
			spk_ascii_lower(*name.data) != 'k';
}

static bool is_good_host(spn_bytes host)
{
	return !host.data || (spk_plain_len(host.data) == host.len && host.data[host.len - 1] != '.');
}

/* Whether the domain of a SID is known: the one that was met last.  ret_domain: NULL without a SID. */
static bool find_domain(struct spk_alike *alike, spn_bytes sid, const spk_audit_domain **ret_domain)
{
	const spk_audit_domains *domains = alike->audit->domains;
	*ret_domain = NULL;
	if (!sid.data)
		return true;
	if (!domains->last || domains->last_len != DOMAIN_SID + SPK_RID_SIZE)
		return false;
	if (alike->domain != domains->last) {
		spk_text_clear(&alike->sid);
		spk_base64_encode(&alike->sid, domains->last_sid, DOMAIN_SID);
		alike->domain = alike->sid.failed ? NULL : domains->last;
	}
	*ret_domain = alike->domain;
	return alike->domain && sid.len == SID_TEXT && memcmp(sid.data, alike->sid.data, DOMAIN_SID_TEXT) == 0;
}

/* A password that is old enough for all domains; notes whether it is too old for a person. */
static bool is_good_date(struct spk_alike *alike, struct own *own)
{
	enum { DIGITS = 18 }; /* no overflow */
	const spn_bytes text = own->of[DATE];
	const spk_audit_domain *domain;
	int64_t ticks = 0;
	if (text.len > DIGITS || !find_domain(alike, own->of[SID], &domain))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		ticks = ticks * 10 + (text.data[i] - '0');
	}
	own->is_old = !own->is_computer && spk_date_is_old(alike->audit, ticks, &own->days, &own->limit);
	return !spk_date_is_before_aes(ticks, domain);
}

/* Once it is known who is in Protected Users. */
static bool is_unprotected(struct spk_alike *alike, spn_bytes dn)
{
	const spk_audit_domains *domains = alike->audit->domains;
	bool failed = false;
	spk_text_clear(&alike->dn);
	spk_text_add_bytes(&alike->dn, dn.data, dn.len);
	return domains->is_read && !alike->dn.failed &&
			!spk_protected_users_have(&domains->protected_users, alike->dn.data, &failed) && !failed;
}

/* What a computer must hold, and holds. */
struct held {
	spn_bytes account, host;
	unsigned wanted, found; /* bits: HOST/ by either, then WSMAN/ by either */
};
enum { BY_ACCOUNT = 1, BY_HOST = 2, BY_BOTH = BY_ACCOUNT | BY_HOST, WSMAN = 2 /* bits further on */ };

static void note_held(struct held *held, const spn_name *name)
{
	unsigned shift = is_word(name->service_class, "HOST", 4) ? 0 : WSMAN;
	if (name->port.len > 0 || (shift && !is_word(name->service_class, "WSMAN", 5)))
		return;
	if (is_word(name->host, held->account.data, held->account.len))
		held->found |= BY_ACCOUNT << shift;
	if (held->host.data && is_word(name->host, held->host.data, held->host.len))
		held->found |= BY_HOST << shift;
}

/* On Samba's rules, HOST/x on another account than the computer with that cn is of interest.  (Whether there are two
 * computers with it is seen by their cns.) */
static bool may_be_of_other_cn(
		const struct spk_alike *alike, spn_bytes dn, const struct own *own, const spn_name *name)
{
	if (!alike->same_cn->is_samba || !spk_name_is_of_host(name))
		return false;
	const spn_bytes label = spk_name_label(name);
	enum { CN_AT = 3 };
	return !own->is_computer || dn.len <= CN_AT + label.len || dn.data[CN_AT + label.len] != ',' ||
			!is_word(label, dn.data + CN_AT, label.len);
}

/* A name as the rules see it; without data: they have to see it.  (So they do if it goes on in the next line: base64
 * has no line ends, nor has a plain name.)  What is decoded lives until the next call. */
static spn_bytes read_name(struct spk_alike *alike, const spk_ldif_glimpse *line)
{
	if (!line->is_base64)
		return line->value;
	spk_text_clear(&alike->name);
	bool is_good = spk_base64_decode(line->value.data, line->value.len, &alike->name) && !alike->name.failed;
	return (spn_bytes){ is_good ? alike->name.data : NULL, alike->name.len };
}

/* Well-formed names of usual classes, none of which a controller has; and of a computer, those that it registers. */
static bool are_good_names(
		struct spk_alike *alike, const spk_ldif_plain *record, const struct own *own, spn_bytes account)
{
	struct held held = { .account = account, .host = own->of[HOST] };
	if (own->is_computer)
		held.wanted = BY_BOTH | (own->is_server ? BY_BOTH << WSMAN : 0);
	for (size_t i = own->first_name; i < record->n; i++) {
		spn_name name;
		if (alike->parts[record->lines[i].which] != NAME)
			continue;
		spn_bytes text = read_name(alike, &record->lines[i]);
		if (!text.data || spk_may_pose(text.data) || !spk_name_is_plain(text, &name) ||
				!spk_is_familiar_class(alike->audit, text) ||
				may_be_of_other_cn(alike, record->dn, own, &name))
			return false;
		if (held.wanted & ~held.found)
			note_held(&held, &name);
	}
	return !(held.wanted & ~held.found);
}

/* Whether nothing that is the account's own can make a rule say anything, but for an old password. */
static bool are_good(struct spk_alike *alike, const spk_ldif_plain *record, struct own *own, spn_bytes account)
{
	const spn_bytes upn = own->of[UPN];
	if (!is_good_host(own->of[HOST]) || (upn.data && memchr(upn.data, '/', upn.len)))
		return false;
	if (own->n_names > 0 && (!is_good_date(alike, own) || !is_unprotected(alike, record->dn)))
		return false;
	return are_good_names(alike, record, own, account);
}

/* What the rules say of such an account. */
static spn_status tell_old(struct spk_alike *alike, const struct own *own, spn_error *err)
{
	spk_text_clear(&alike->name);
	spk_text_add_bytes(&alike->name, own->of[ACCOUNT].data, own->of[ACCOUNT].len);
	if (alike->name.failed)
		return spk_nomem(err);
	const spn_account_ref whose = { alike->dn.data, alike->name.data };
	return spk_old_password_tell(alike->audit, &whose, own->days, own->limit, err);
}

spn_status spk_alike_passes(const spk_ldif_plain *record, bool *ret_passes, void *data, spn_error *err)
{
	struct spk_alike *alike = data;
	struct own own = { .n_names = 0 };
	spn_bytes account, container;
	*ret_passes = false;
	alike->n_noted = *alike->audit->n_noted;
	alike->n_old_passwords = *alike->audit->n_old_passwords;
	alike->n_accounts_before = *alike->n_accounts;
	alike->is_known = take_apart(alike, record, &own) && find_container(record->dn, &container) &&
			is_good_account(own.of[ACCOUNT], &account) && are_good(alike, record, &own, account);
	if (!alike->is_known)
		return SPN_OK;
	make_cast(alike, record, &own, container, account.len < own.of[ACCOUNT].len);
	alike->is_known = !alike->cast.failed && alike->cast.len <= CAST_MAX;
	size_t cast = alike->is_known ? spk_keys_find(&alike->casts, (spn_bytes){ alike->cast.data, alike->cast.len }) :
					SIZE_MAX;
	if (cast == SIZE_MAX || (alike->are_counted[cast] && (*alike->n_accounts + 1) % SPK_PROGRESS_EACH == 0))
		return SPN_OK; /* progress is reported only with an account that is examined */
	*alike->n_accounts += alike->are_counted[cast];
	*alike->n_names += alike->are_counted[cast] ? own.n_names : 0;
	*ret_passes = true;
	spn_status status = alike->same_cn->is_samba && own.is_computer ?
			spk_same_cn_note_cn(alike->same_cn, plain_cn(record->dn, container), err) : SPN_OK;
	return !status && alike->are_told[cast] ? tell_old(alike, &own, err) : status;
}

/* Without memory, an account is looked at. */
void spk_alike_learn(void *data)
{
	struct spk_alike *alike = data;
	size_t n_old = *alike->audit->n_old_passwords - alike->n_old_passwords;
	if (!alike->is_known || *alike->audit->n_noted - alike->n_noted != n_old || alike->casts.n == CASTS_MAX)
		return;
	size_t n = alike->casts.n, cast = spk_keys_add(&alike->casts, (spn_bytes){ alike->cast.data, alike->cast.len });
	if (cast != n)
		return;
	alike->are_counted[cast] = *alike->n_accounts > alike->n_accounts_before;
	alike->are_told[cast] = n_old > 0;
}
