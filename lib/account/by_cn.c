/* SPDX-License-Identifier: MIT */
#include "by_cn.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hosts.h"
#include "proof.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"

bool spk_name_is_of_host(const spn_name *name)
{
	return spk_fold_equal(name->service_class, spk_bytes("host"), SPK_FOLD_CASE) && !name->service_name.len;
}

spn_bytes spk_name_label(const spn_name *name)
{
	spn_bytes host = { name->host.data, name->host.len + (name->port.len ? name->port.len + 1 : 0) };
	size_t label = 0;
	while (label < host.len && host.data[label] != '.')
		label++;
	return (spn_bytes){ host.data, label };
}

void spk_account_put_cn(const spn_account *account, spk_text *text)
{
	spn_account_kind kind = spn_account_get_kind(account);
	if (kind != SPN_KIND_USER && kind != SPN_KIND_OTHER)
		spk_dn_first_value(spn_account_dn(account), text);
}

static spn_status list_cn(size_t account, const spk_text *cn, spk_names *names, spk_roll *roll, spn_error *err)
{
	spn_status status = spk_names_add(names, cn->data, err);
	return status ? status : spk_roll_add(roll, account, spk_bytes(names->list[names->n - 1]), err);
}

spn_status spk_list_cns(const spk_accounts *accounts, spk_names *names, spk_roll *roll, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < accounts->n; i++) {
		SPK_AUTOTEXT spk_text cn = { 0 };
		spk_account_put_cn(accounts->list[i], &cn);
		if (cn.failed)
			return spk_nomem(err);
		if (cn.len)
			status = list_cn(i, &cn, names, roll, err);
	}
	return status;
}

/* The cn that a name asks for; empty: none. */
static spn_bytes wanted_cn(const char *name)
{
	spn_name parts;
	return !spn_name_parse(name, &parts, NULL) && spk_name_is_of_host(&parts) ? spk_name_label(&parts)
			: (spn_bytes){ "", 0 };
}

spn_status spk_by_cn_want(spk_by_cn *by_cn, const char *name, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	size_t n = by_cn->keys.n;
	const spn_bytes cn = wanted_cn(name);
	if (!cn.len)
		return SPN_OK;
	spk_fold_key(cn, SPK_FOLD_SAMBA, &key);
	if (key.failed || spk_keys_add(&by_cn->keys, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
		return spk_nomem(err);
	if (by_cn->keys.n == n)
		return SPN_OK;
	SPK_AUTOFREE char *text = strndup(cn.data, cn.len);
	return text ? spk_names_add(&by_cn->wanted, text, err) : spk_nomem(err);
}

/* So many computers of one cn and one domain are listed: of thousands, none matters but one, and another one. */
enum { ENOUGH = 2 };

/* How many of those listed in a line are in the domain of a DN, up to the one that has that DN (ret_is_one). */
static size_t count_listed(const spk_by_cn *by_cn, const spk_line *line, const char *dn, bool *ret_is_one)
{
	size_t n = 0;
	*ret_is_one = false;
	for (; line && !*ret_is_one; line = line->next) {
		const char *other = spn_account_dn(by_cn->found.list[line->account]);
		*ret_is_one = spk_dn_equal(other, dn);
		n += spk_dn_same_domain(other, dn);
	}
	return n;
}

static spn_status list_some(spk_by_cn *by_cn, size_t first, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = first; !status && i < by_cn->found.n; i++) {
		SPK_AUTOTEXT spk_text cn = { 0 };
		bool is_listed = false;
		spk_account_put_cn(by_cn->found.list[i], &cn);
		if (cn.failed)
			return spk_nomem(err);
		if (!cn.len)
			continue;
		const spk_line *line = spk_roll_find(&by_cn->roll, (spn_bytes){ cn.data, cn.len });
		size_t n = count_listed(by_cn, line, spn_account_dn(by_cn->found.list[i]), &is_listed);
		if (!is_listed && n < ENOUGH)
			status = list_cn(i, &cn, &by_cn->cns, &by_cn->roll, err);
	}
	return status;
}

spn_status spk_by_cn_search(spk_by_cn *by_cn, spn_directory *dir, spn_error *err)
{
	spn_dialect rules = SPN_DIALECT_WINDOWS;
	size_t n = by_cn->wanted.n, first = by_cn->found.n;
	spn_status status = n ? spk_directory_rules(dir, &rules, err) : SPN_OK;
	if (status || rules != SPN_DIALECT_SAMBA)
		return status;
	SPK_AUTOFREE spn_filter *equals = calloc(n, sizeof *equals);
	SPK_AUTOFREE const spn_filter **parts = calloc(n + 1, sizeof *parts);
	if (!equals || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		equals[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = "cn", .value = spk_bytes(by_cn->wanted.list[i]) };
		parts[i] = &equals[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	status = spk_accounts_search(dir, &any, spk_directory_has_several_domains(dir), &by_cn->found, err);
	by_cn->roll.folding = SPK_FOLD_SAMBA;
	return status ? status : list_some(by_cn, first, err);
}

static const spk_line *find_lines(const spk_by_cn *by_cn, const char *name)
{
	const spn_bytes cn = by_cn->found.n ? wanted_cn(name) : (spn_bytes){ "", 0 };
	return cn.len ? spk_roll_find(&by_cn->roll, cn) : NULL;
}

const spn_account *spk_by_cn_find(const spk_by_cn *by_cn, const char *name, const char *dn)
{
	for (const spk_line *line = find_lines(by_cn, name); line; line = line->next) {
		const char *other = spn_account_dn(by_cn->found.list[line->account]);
		if (!spk_dn_equal(other, dn) && spk_dn_same_domain(other, dn))
			return by_cn->found.list[line->account];
	}
	return NULL;
}

bool spk_by_cn_finds(const spk_by_cn *by_cn, const char *name, const char *dn)
{
	SPK_AUTOTEXT spk_text cn = { 0 };
	bool is_one;
	if (count_listed(by_cn, find_lines(by_cn, name), dn, &is_one) < ENOUGH || is_one)
		return is_one;
	spk_dn_first_value(dn, &cn); /* it may be one of those that are not listed */
	return !cn.failed && spk_fold_equal((spn_bytes){ cn.data, cn.len }, wanted_cn(name), SPK_FOLD_SAMBA);
}

/* A running machine changes its password every month, unless that is switched off. */
static bool is_password_fresh(const spn_account *computer, int64_t now)
{
	const int64_t a_second = 10000000, from_1601 = INT64_C(11644473600), half_a_year = INT64_C(183) * 24 * 60 * 60;
	const int64_t set = spk_password_date(computer);
	return set <= 0 || (now ? now : (int64_t)time(NULL)) - (set / a_second - from_1601) < half_a_year;
}

/* Whether an account serves a computer's host by more than HOST/: then it may have taken that over. */
static bool has_other_names_of(const spn_account *holder, const spn_account *computer)
{
	const spn_bytes *names;
	bool has = false;
	for (size_t i = 0, n = spn_account_spns(holder, &names); !has && i < n; i++) {
		spn_name parts;
		has = !spn_name_parse(names[i].data, &parts, NULL) && !spk_name_is_of_host(&parts) &&
				spk_account_is_host(computer, parts.host);
	}
	return has;
}

static bool is_called_so(const spn_account *account, const spn_name *name)
{
	SPK_AUTOTEXT spk_text cn = { 0 };
	spk_account_put_cn(account, &cn);
	return cn.failed || (cn.len && spk_fold_equal((spn_bytes){ cn.data, cn.len }, spk_name_label(name), SPK_FOLD_SAMBA));
}

bool spk_is_found_by_cn(const spn_account *account, const char *name)
{
	spn_name parts;
	return spk_entry_folding(account->entry) == SPK_FOLD_SAMBA && !spn_name_parse(name, &parts, NULL) &&
			spk_name_is_of_host(&parts) && is_called_so(account, &parts);
}

bool spk_by_cn_is_clear(const spn_account *computer, const spn_account *holder, const char *name, int64_t now)
{
	spn_name parts;
	return spk_is_in_use(computer) && !spn_name_parse(name, &parts, NULL) &&
			spk_account_is_host(computer, parts.host) && !spk_account_claims_host(holder, parts.host) &&
			!is_called_so(holder, &parts) && !has_other_names_of(holder, computer) &&
			is_password_fresh(computer, now);
}

void spk_by_cn_free(spk_by_cn *by_cn)
{
	spk_names_free(&by_cn->wanted);
	spk_keys_free(&by_cn->keys);
	spk_accounts_free(&by_cn->found);
	spk_names_free(&by_cn->cns);
	spk_roll_free(&by_cn->roll);
}
