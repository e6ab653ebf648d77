/* SPDX-License-Identifier: MIT */
/*
 * Accounts like one that was looked at and of which nothing was reported or noted, or only that its password is old: of
 * a file, these are most, and are passed by.  What a record has is of two kinds:
 *
 * - what is an account's own: its names, its SID, the date of its password.  It is judged, and only what no
 *   rule can object to, whatever else the account has, is good enough.  What may be objected to is left to the rules;
 *   but whether a password is old is known here, too;
 * - all the rest, the container in its DN with it, and whether its password is old: the cast.  What rules do with it
 *   does not depend on what is the account's own, if that is good enough.  So if they had nothing to say of one
 *   account, they have nothing to say of another one of the same cast; and if they said of one that its password is
 *   old, they say just that of the other one.
 *
 * An attribute belongs to the cast unless it is listed below.  What is the account's own is judged in audit_own.c; that
 * a record has the lines of one before it is seen in audit_moulds.c.
 */
#include <stdlib.h>
#include <string.h>

#include "audit_alike.h"
#include "base/error.h"
#include "base/hash.h"
#include "directory/directory.h"

/* No longer casts are known. */
enum { CAST_MAX = 4096 };

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

/* What decides which rules there are for an account has to be readable here. */
static bool read_kind(const spk_ldif_glimpse *line, enum spk_part part, spk_own *own)
{
	static const char computer[] = "computer", server[] = "Windows Server";
	own->has_class |= part == SPK_CLASS;
	own->is_computer |= part == SPK_CLASS && spk_is_word(line->value, computer, sizeof computer - 1);
	own->is_server |= part == SPK_SYSTEM && spk_begins(line->value, server, sizeof server - 1);
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

/* A hash that nobody can foresee stands for the cast: no text in UTF-8 has the words that would make it another's. */
static uint64_t hash_cast(const struct spk_alike *alike)
{
	return spk_hash(alike->cast.data, alike->cast.len, spk_hash_process_seed());
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

/* The number of the cast of the record at hand; SIZE_MAX: it is not known. */
static size_t find_cast(struct spk_alike *alike)
{
	struct spk_recent *recent = &alike->recent[alike->hash % SPK_RECENT];
	if (recent->hash == alike->hash && recent->number < alike->casts.n)
		return recent->number;
	size_t cast = spk_keys_find(&alike->casts, (spn_bytes){ (const char *)&alike->hash, sizeof alike->hash });
	if (cast != SIZE_MAX)
		*recent = (struct spk_recent){ alike->hash, cast };
	return cast;
}

static spn_status passes(spn_bytes what, bool *ret_passes, void *data, spn_error *err)
{
	enum { CN_AT = 3 };
	struct spk_alike *alike = data;
	spk_own_found found;
	*ret_passes = false;
	alike->n_noted = *alike->audit->n_noted;
	alike->n_old_passwords = *alike->audit->n_old_passwords;
	alike->n_accounts_before = *alike->n_accounts;
	alike->is_known = what.len >= sizeof found;
	if (!alike->is_known)
		return SPN_OK;
	memcpy(&found, what.data, sizeof found);
	alike->hash = found.cast;
	size_t cast = find_cast(alike);
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
