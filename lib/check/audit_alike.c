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

#include "audit_alike.h"
#include "posing.h"
#include "account/by_cn.h"
#include "base/error.h"
#include "base/hash.h"
#include "directory/directory.h"
#include "model/fold.h"
#include "model/ldif/ldif.h"
#include "model/meant.h"

/* No longer casts are known. */
enum { CAST_MAX = 4096 };
/* SIDs of domains, of which the RID is left out: 24 bytes, which base64 writes with 32 characters. */
enum { DOMAIN_SID = 24, DOMAIN_SID_TEXT = 32, SID_TEXT = 40 };

static const struct {
	const char *attr;
	enum spk_part part;
} parts[] = {
	{ "objectClass", SPK_CLASS },
	{ "operatingSystem", SPK_SYSTEM },
	{ "sAMAccountName", SPK_ACCOUNT },
	{ "dNSHostName", SPK_HOST },
	{ "objectSid", SPK_SID },
	{ "pwdLastSet", SPK_DATE },
	{ "userPrincipalName", SPK_UPN },
	{ SPK_SPN, SPK_NAME },
	{ "msDS-AdditionalDnsHostName", SPK_ODD },
	{ "msDS-AdditionalSamAccountName", SPK_ODD },
};

/* Looks at records in another thread: nothing that the audit changes meanwhile is looked up in it. */
struct looker {
	struct spk_alike alike;
	spk_audit_domains domains;
	spk_familiar familiar;
};

/* What is to be known of a record that can be passed by if its cast is known.  Behind it, if is_told: the DN and the
 * name of the account, each with a NUL. */
struct found {
	uint64_t cast; /* a hash of it */
	int64_t days;  /* as in spk_own */
	uint32_t limit, n_names, dn_len, cn_len;
	bool is_told, has_cn; /* has_cn: its cn is to be noted */
};

spn_status spk_alike_new(const spk_audit *audit, const char *const *attrs, spk_same_cn *same_cn, size_t *n_accounts,
		size_t *n_names, struct spk_alike **ret_alike, spn_error *err)
{
	struct spk_alike *alike = calloc(1, sizeof *alike);
	if (!alike)
		return spk_nomem(err);
	alike->audit = audit;
	alike->domains = audit->domains;
	alike->familiar = spk_familiar_classes(audit);
	alike->same_cn = same_cn;
	alike->n_accounts = n_accounts;
	alike->n_names = n_names;
	for (; attrs[alike->n_parts] && alike->n_parts < SPK_ALIKE_ATTRS; alike->n_parts++)
		for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
			if (spk_ascii_equal(attrs[alike->n_parts], parts[i].attr))
				alike->parts[alike->n_parts] = parts[i].part;
	for (size_t i = 0; i < alike->n_parts; i++)
		alike->may_differ[i] = alike->parts[i] > SPK_SYSTEM && alike->parts[i] != SPK_ODD;
	spk_moulds_begin(&alike->moulds);
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
static bool read_kind(const spk_ldif_glimpse *line, enum spk_part part, spk_own *own)
{
	static const char computer[] = "computer", server[] = "Windows Server";
	own->has_class |= part == SPK_CLASS;
	own->is_computer |= part == SPK_CLASS && is_word(line->value, computer, sizeof computer - 1);
	own->is_server |= part == SPK_SYSTEM && begins(line->value, server, sizeof server - 1);
	return !line->is_base64 && !line->is_folded;
}

/* Sorts out what is the account's own.  False: the rules have to see that. */
static bool take_apart(struct spk_alike *alike, const spk_ldif_plain *record, spk_own *own)
{
	bool is_good = true;
	own->names = alike->names;
	for (size_t i = 0; is_good && i < record->n; i++) {
		const spk_ldif_glimpse *line = &record->lines[i];
		enum spk_part part = line->which < alike->n_parts ? alike->parts[line->which] : SPK_ODD;
		is_good = line->value.len > 0 && part != SPK_ODD;
		if (part == SPK_CLASS || part == SPK_SYSTEM) {
			is_good &= read_kind(line, part, own);
		} else if (part == SPK_NAME) {
			alike->names[own->n_names++] = (spk_ldif_value){ line->value, line->is_base64 };
		} else if (part != SPK_CAST && part != SPK_ODD) {
			is_good &= !own->of[part].data && line->is_base64 == (part == SPK_SID) && !line->is_folded;
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
static void make_cast(struct spk_alike *alike, const spk_ldif_plain *record, const spk_own *own)
{
	char presence[SPK_N_PARTS + 4] = "\n";
	const char *from = record->at, *to = from; /* lines of the cast that stand together */
	spk_text_clear(&alike->cast);
	for (size_t i = 0; i < record->n; i++) {
		const spk_ldif_glimpse *line = &record->lines[i];
		if (alike->parts[line->which] > SPK_SYSTEM)
			continue;
		if (line->at != to) {
			spk_text_add_bytes(&alike->cast, from, (size_t)(to - from));
			from = line->at;
		}
		to = line->at + line->len;
	}
	spk_text_add_bytes(&alike->cast, from, (size_t)(to - from));
	for (size_t i = 0; i < SPK_N_PARTS; i++)
		presence[i + 1] = own->of[i].data ? '+' : '-';
	presence[SPK_N_PARTS + 1] = own->n_names > 0 ? '+' : '-';
	presence[SPK_N_PARTS + 2] = own->has_dollar ? '+' : '-';
	presence[SPK_N_PARTS + 3] = own->is_old ? '+' : '-';
	spk_text_add_bytes(&alike->cast, own->container.data, own->container.len);
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
	const spk_audit_domains *domains = alike->domains;
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
static bool is_good_date(struct spk_alike *alike, spk_own *own)
{
	enum { DIGITS = 18 }; /* no overflow */
	const spn_bytes text = own->of[SPK_DATE];
	const spk_audit_domain *domain;
	int64_t ticks = 0;
	if (text.len > DIGITS || !find_domain(alike, own->of[SPK_SID], &domain))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';
		if (digit > 9)
			return false;
		ticks = ticks * 10 + digit;
	}
	own->is_old = !own->is_computer && spk_date_is_old(alike->audit, ticks, &own->days, &own->limit);
	return !spk_date_is_before_aes(ticks, domain);
}

/* Once it is known who is in Protected Users. */
static bool is_unprotected(struct spk_alike *alike, spn_bytes dn)
{
	const spk_audit_domains *domains = alike->domains;
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
		const struct spk_alike *alike, spn_bytes dn, const spk_own *own, const spn_name *name)
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
static spn_bytes read_name(struct spk_alike *alike, const spk_ldif_value *value)
{
	if (!value->is_base64)
		return value->bytes;
	spk_text_clear(&alike->name);
	bool is_good = spk_base64_decode(value->bytes.data, value->bytes.len, &alike->name) && !alike->name.failed;
	return (spn_bytes){ is_good ? alike->name.data : NULL, alike->name.len };
}

/* A well-formed name of a usual class, which no controller has. */
static bool is_good_name(
		struct spk_alike *alike, spn_bytes dn, const spk_own *own, spn_bytes text, struct held *held)
{
	spn_name name;
	if (!text.data || spk_may_pose(text.data) || !spk_name_is_plain(text, &name) ||
			!spk_is_familiar_class(alike->familiar, text) || may_be_of_other_cn(alike, dn, own, &name))
		return false;
	if (held->wanted & ~held->found)
		note_held(held, &name);
	return true;
}

/* Good names; and of a computer, those that it registers. */
static bool are_good_names(struct spk_alike *alike, spn_bytes dn, const spk_own *own, spn_bytes account)
{
	struct held held = { .account = account, .host = own->of[SPK_HOST] };
	if (own->is_computer)
		held.wanted = BY_BOTH | (own->is_server ? BY_BOTH << WSMAN : 0);
	for (size_t i = 0; i < own->n_names; i++)
		if (!is_good_name(alike, dn, own, read_name(alike, &own->names[i]), &held))
			return false;
	return !(held.wanted & ~held.found);
}

bool spk_own_is_good(struct spk_alike *alike, spn_bytes dn, spk_own *own)
{
	const spn_bytes upn = own->of[SPK_UPN];
	spn_bytes account;
	if (!find_container(dn, &own->container) || !is_good_account(own->of[SPK_ACCOUNT], &account) ||
			!is_good_host(own->of[SPK_HOST]) || (upn.data && memchr(upn.data, '/', upn.len)))
		return false;
	own->has_dollar = account.len < own->of[SPK_ACCOUNT].len;
	if (own->n_names > 0 && (!is_good_date(alike, own) || !is_unprotected(alike, dn)))
		return false;
	return are_good_names(alike, dn, own, account);
}

/* A hash that nobody can foresee stands for the cast: no text in UTF-8 has the words that would make it another's. */
static uint64_t hash_cast(const struct spk_alike *alike)
{
	return spk_hash(alike->cast.data, alike->cast.len, spk_hash_process_seed());
}

void spk_own_note(
		const struct spk_alike *alike, spn_bytes dn, const spk_own *own, uint64_t cast, spk_text *ret_found)
{
	const spn_bytes account = own->of[SPK_ACCOUNT];
	struct found found;
	memset(&found, 0, sizeof found); /* what is between its members, too */
	found.cast = cast;
	found.days = own->days;
	found.limit = own->limit;
	found.n_names = (uint32_t)own->n_names;
	found.dn_len = (uint32_t)dn.len;
	found.cn_len = (uint32_t)plain_cn(dn, own->container).len;
	found.has_cn = alike->same_cn->is_samba && own->is_computer;
	found.is_told = own->is_old || found.has_cn;
	char *to = spk_text_room(ret_found, sizeof found + (found.is_told ? dn.len + account.len + 2 : 0));
	if (to)
		memcpy(to, &found, sizeof found);
	if (!to || !found.is_told)
		return;
	to += sizeof found;
	memcpy(to, dn.data, dn.len);
	to[dn.len] = '\0';
	memcpy(to + dn.len + 1, account.data, account.len);
	to[dn.len + 1 + account.len] = '\0';
}

static void look(void *looker, const spk_ldif_plain *record, spk_text *ret_found)
{
	struct spk_alike *alike = looker;
	spk_own own = { .n_names = 0 };
	if (!take_apart(alike, record, &own) || !spk_own_is_good(alike, record->dn, &own))
		return;
	make_cast(alike, record, &own);
	if (alike->cast.failed || alike->cast.len > CAST_MAX)
		return;
	uint64_t cast = hash_cast(alike);
	spk_own_note(alike, record->dn, &own, cast, ret_found);
	spk_moulds_learn(alike, record, &own, cast);
}

static spn_status passes(spn_bytes what, bool *ret_passes, void *data, spn_error *err)
{
	enum { CN_AT = 3 };
	struct spk_alike *alike = data;
	struct found found;
	*ret_passes = false;
	alike->n_noted = *alike->audit->n_noted;
	alike->n_old_passwords = *alike->audit->n_old_passwords;
	alike->n_accounts_before = *alike->n_accounts;
	alike->is_known = what.len >= sizeof found;
	if (!alike->is_known)
		return SPN_OK;
	memcpy(&found, what.data, sizeof found);
	alike->hash = found.cast;
	size_t cast = spk_keys_find(&alike->casts, (spn_bytes){ (const char *)&alike->hash, sizeof alike->hash });
	if (cast == SIZE_MAX || (alike->are_counted[cast] && (*alike->n_accounts + 1) % SPK_PROGRESS_EACH == 0))
		return SPN_OK; /* progress is reported only with an account that is examined */
	*alike->n_accounts += alike->are_counted[cast];
	*alike->n_names += alike->are_counted[cast] ? found.n_names : 0;
	*ret_passes = true;
	const char *dn = found.is_told ? what.data + sizeof found : "";
	spn_status status = found.has_cn ?
			spk_same_cn_note_cn(alike->same_cn, (spn_bytes){ dn + CN_AT, found.cn_len }, err) : SPN_OK;
	if (status || !alike->are_told[cast])
		return status;
	const spn_account_ref whose = { dn, dn + found.dn_len + 1 };
	return spk_old_password_tell(alike->audit, &whose, found.days, found.limit, err); /* as the rules do */
}

/* Without memory, an account is looked at. */
static void learn(void *data)
{
	struct spk_alike *alike = data;
	size_t n_old = *alike->audit->n_old_passwords - alike->n_old_passwords;
	if (!alike->is_known || *alike->audit->n_noted - alike->n_noted != n_old || alike->casts.n == SPK_CASTS_MAX)
		return;
	size_t n = alike->casts.n;
	size_t cast = spk_keys_add(&alike->casts, (spn_bytes){ (const char *)&alike->hash, sizeof alike->hash });
	if (cast != n)
		return;
	alike->are_counted[cast] = *alike->n_accounts > alike->n_accounts_before;
	alike->are_told[cast] = n_old > 0;
}

static void *new_looker(const void *data)
{
	const struct spk_alike *alike = data;
	struct looker *looker = calloc(1, sizeof *looker);
	if (!looker)
		return NULL;
	looker->alike.audit = alike->audit;
	looker->alike.same_cn = alike->same_cn;
	looker->alike.n_parts = alike->n_parts;
	memcpy(looker->alike.parts, alike->parts, sizeof alike->parts);
	memcpy(looker->alike.may_differ, alike->may_differ, sizeof alike->may_differ);
	spk_moulds_begin(&looker->alike.moulds);
	looker->alike.domains = &looker->domains;
	looker->alike.familiar = &looker->familiar;
	return looker;
}

static void free_looker(void *looker)
{
	spk_alike_free(looker); /* which it begins with */
}

/* Who is in Protected Users, once that is read, and since when a domain makes AES keys, once another account of it was
 * met, does not change any more. */
static bool prepare(void *data)
{
	struct looker *looker = data;
	looker->domains = *looker->alike.audit->domains;
	looker->familiar = *spk_familiar_classes(looker->alike.audit);
	return looker->domains.is_read;
}

const spk_passer spk_alike_passer = {
	.new_looker = new_looker,
	.free_looker = free_looker,
	.prepare = prepare,
	.look = look,
	.fits = spk_moulds_fit,
	.passes = passes,
	.searched = learn
};
