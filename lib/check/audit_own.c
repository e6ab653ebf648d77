/* SPDX-License-Identifier: MIT */
/* What is an account's own: only what no rule can object to is good enough, but for an old password. */
#include <string.h>

#include "audit_alike.h"
#include "posing.h"
#include "account/by_cn.h"
#include "model/meant.h"

/* SIDs of domains, of which the RID is left out: 24 bytes, which base64 writes with 32 characters. */
enum { DOMAIN_SID = 24, DOMAIN_SID_TEXT = 32, SID_TEXT = 40 };

/* "CN=a name" and the container behind it, with the comma between them.  False: it is not so plain. */
static bool find_container(spn_bytes dn, spn_bytes *ret_container)
{
	size_t at = 3;
	if (!spk_begins(dn, "CN=", 3))
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

/* Of an account whose DN is plain, once it is known who is in Protected Users. */
static bool is_unprotected(struct spk_alike *alike, spn_bytes dn)
{
	enum { CN_AT = 3 };
	const spk_audit_domains *domains = alike->domains;
	bool failed = false;
	if (domains->is_read && !spk_protected_users_may_have(&domains->protected_users, dn.data[CN_AT])) /* as mostly */
		return true;
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
	unsigned shift = spk_is_word(name->service_class, "HOST", 4) ? 0 : WSMAN;
	if (name->port.len > 0 || (shift && !spk_is_word(name->service_class, "WSMAN", 5)))
		return;
	if (spk_is_word(name->host, held->account.data, held->account.len))
		held->found |= BY_ACCOUNT << shift;
	if (held->host.data && spk_is_word(name->host, held->host.data, held->host.len))
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
			!spk_is_word(label, dn.data + CN_AT, label.len);
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

static inline bool is_same(spn_bytes a, spn_bytes b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* A class, and the account or its host behind it, which are plain: a name as most are, which need not be gone over. */
static bool take_own(spn_bytes text, const spk_familiar_class *class, const struct held *held, spn_name *ret_name)
{
	const spn_bytes host = { text.data + class->len, text.len - class->len };
	if (!class->is_plain || host.len == 0 || host.data[host.len - 1] == '.' ||
			!(is_same(host, held->account) || is_same(host, held->host)))
		return false;
	*ret_name = (spn_name){
		.service_class = { text.data, class->len - 1 }, .host = host, .port = { "", 0 }, .service_name = { "", 0 }
	};
	return true;
}

/* A well-formed name of a usual class, which no controller has. */
static bool is_good_name(
		struct spk_alike *alike, spn_bytes dn, const spk_own *own, spn_bytes text, struct held *held)
{
	spn_name name;
	const spk_familiar_class *class = text.data ? spk_familiar_find(alike->familiar, text) : NULL;
	if (!class || !(take_own(text, class, held, &name) || (!spk_may_pose(text.data) && spk_name_is_plain(text, &name))) ||
			may_be_of_other_cn(alike, dn, own, &name))
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

void spk_own_note(
		const struct spk_alike *alike, spn_bytes dn, const spk_own *own, uint64_t cast, spk_text *ret_found)
{
	const spn_bytes account = own->of[SPK_ACCOUNT];
	spk_own_found found;
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
