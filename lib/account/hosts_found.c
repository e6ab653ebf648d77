/* SPDX-License-Identifier: MIT */
#include "hosts.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"

/* What says of an account which machine it is. */
static const char *const claims[] = { "dNSHostName", "sAMAccountName", "msDS-AdditionalDnsHostName",
	"msDS-AdditionalSamAccountName" };
enum { N_CLAIMS = sizeof claims / sizeof *claims };

/* Those of a computer's hosts that others claim. */
struct claimed {
	const spn_account *computer;
	const spk_hosts *hosts;
	bool *is_others; /* by the number of a host */
};

/* from: the first host that the claim is about. */
static spn_status note_claim(struct claimed *claimed, spn_bytes value, size_t from, spn_error *err)
{
	bool failed;
	size_t len = value.len - (value.len && (value.data[value.len - 1] == '$' || value.data[value.len - 1] == '.'));
	size_t i = spk_hosts_place(claimed->hosts, (spn_bytes){ value.data, len }, &failed);
	if (i != SIZE_MAX && i >= from)
		claimed->is_others[i] = true;
	return failed ? spk_nomem(err) : SPN_OK;
}

/* Two zones may have the same label: an additional name, which somebody gave to the computer, goes before it. */
static spn_status note_label(struct claimed *claimed, spn_bytes dns, spn_error *err)
{
	dns.len = strcspn(dns.data, ".");
	return note_claim(claimed, dns, claimed->hosts->n_own, err);
}

/* One that is switched off may have left its name to this one. */
static spn_status take_claims(const spn_entry *entry, void *data, spn_error *err)
{
	struct claimed *claimed = data;
	SPK_AUTO(spn_account) *other = NULL;
	spn_status status = spk_account_new(entry, &other, err);
	if (status || spk_dn_equal(spn_account_dn(other), spn_account_dn(claimed->computer)) || !spk_is_in_use(other))
		return status;
	if (spk_is_same_host(claimed->computer, other))
		return spk_fail_same_host(claimed->computer, other, err);
	for (size_t c = 0; !status && c < N_CLAIMS; c++) {
		const spn_bytes *values;
		size_t n = spn_entry_values(entry, claims[c], &values);
		for (size_t i = 0; !status && i < n; i++)
			status = note_claim(claimed, values[i], claimed->hosts->n_first, err);
	}
	const char *dns = status ? NULL : spn_account_dns_host(other);
	return dns ? note_label(claimed, spk_bytes(dns), err) : status;
}

/* What accounts that claim a host have in an attribute. */
static spn_filter claim(size_t c, const char *host, const char *account)
{
	switch (c) {
	case 1: return (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = claims[1], .value = spk_bytes(account) };
	case N_CLAIMS: /* it has names of accounts, too */
		return (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = claims[2], .value = spk_bytes(account) };
	default: return (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = claims[c], .value = spk_bytes(host) };
	}
}

/* A pattern for DNS names that begin with the first label of the computer's; "" if that label is one of its own names.
 * There is only one, because no index serves a pattern. */
static char *pattern_of_label(const struct claimed *claimed)
{
	const char *dns = spn_account_dns_host(claimed->computer);
	SPK_AUTOTEXT spk_text key = { 0 };
	size_t len = dns ? strcspn(dns, ".") : 0;
	if (!dns || !dns[len])
		return strdup("");
	(void)spk_text_add_lower(&key, dns, len);
	if (key.failed)
		return NULL;
	bool failed;
	size_t i = spk_hosts_place(claimed->hosts, (spn_bytes){ key.data, key.len }, &failed);
	if (failed)
		return NULL;
	return i == SIZE_MAX || i < claimed->hosts->n_own ? strdup("") : spk_printf("%s.*", key.data);
}

/* In one search, for all of them. */
static spn_status find_claims(spn_directory *dir, struct claimed *claimed, spn_error *err)
{
	enum { EACH = N_CLAIMS + 1 };
	const spk_hosts *hosts = claimed->hosts;
	size_t n = hosts->n - hosts->n_first;
	SPK_AUTOFREE spn_filter *equals = calloc(n * EACH, sizeof *equals);
	SPK_AUTOFREE const spn_filter **parts = calloc(n * EACH + 3, sizeof *parts);
	SPK_AUTOFREE char **accounts = calloc(n, sizeof *accounts); /* "NAME$" */
	SPK_AUTOFREE char *pattern = pattern_of_label(claimed);
	spn_status status = equals && parts && accounts && pattern ? SPN_OK : spk_nomem(err);
	const spn_filter by_label = { .op = SPN_FILTER_GLOB, .attr = claims[0], .value = spk_bytes(pattern ? pattern : "") };
	const spn_filter by_fqdn = claim(0, hosts->fqdn, NULL);
	size_t n_parts = 0;
	if (!status && *pattern)
		parts[n_parts++] = &by_label;
	if (!status && spn_account_dns_host(claimed->computer))
		parts[n_parts++] = &by_fqdn;
	for (size_t i = 0; !status && i < n; i++) {
		const char *host = hosts->list[hosts->n_first + i].name;
		accounts[i] = spk_printf("%s$", host);
		if (!accounts[i])
			status = spk_nomem(err);
		for (size_t c = 0; !status && c < EACH; c++) {
			equals[i * EACH + c] = claim(c, host, accounts[i]);
			parts[n_parts++] = &equals[i * EACH + c];
		}
	}
	static const char *const attrs[] = { SPK_PROOF_ATTRS, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = attrs };
	if (!status)
		status = spn_directory_search(dir, &search, take_claims, claimed, err);
	for (size_t i = 0; accounts && i < n; i++)
		free(accounts[i]);
	return status;
}

spn_status spk_hosts_found(spn_directory *dir, const spn_account *computer, spk_hosts *ret_hosts, spn_error *err)
{
	SPK_AUTOHOSTS spk_hosts hosts = { .list = NULL };
	spn_status status = spk_hosts_of(computer, &hosts, err);
	SPK_AUTOFREE bool *is_others = status ? NULL : calloc(hosts.n, sizeof *is_others);
	if (!status && !is_others)
		status = spk_nomem(err);
	if (!status && hosts.n > hosts.n_first)
		status = find_claims(dir, &(struct claimed){ computer, &hosts, is_others }, err);
	if (status)
		return status;
	size_t kept = hosts.n_first, n_own = hosts.n_own;
	for (size_t i = hosts.n_first; i < hosts.n; i++) {
		hosts.n_own -= i < n_own && is_others[i];
		if (is_others[i])
			free(hosts.list[i].name);
		else
			hosts.list[kept++] = hosts.list[i];
	}
	hosts.n = kept;
	spk_keys_free(&hosts.keys); /* they number what was there before */
	*ret_hosts = hosts;
	hosts = (spk_hosts){ .list = NULL };
	return SPN_OK;
}
