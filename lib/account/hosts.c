/* SPDX-License-Identifier: MIT */
#include "hosts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/dn.h"
#include "model/entry.h"

#define ADDITIONAL_DNS "msDS-AdditionalDnsHostName"
#define ADDITIONAL_SAM "msDS-AdditionalSamAccountName"
#define DUPLICATE "$DUPLICATE-"

void spk_hosts_clear(spk_hosts *hosts)
{
	for (size_t i = 0; i < hosts->n; i++)
		free(hosts->list[i].name);
	free(hosts->list);
	spk_keys_free(&hosts->keys);
	*hosts = (spk_hosts){ .list = NULL };
}

static bool equal(spn_bytes a, spn_bytes b)
{
	size_t i = 0;
	while (i < a.len && i < b.len && spk_ascii_lower(a.data[i]) == spk_ascii_lower(b.data[i]))
		i++;
	return i == a.len && i == b.len;
}

size_t spk_hosts_place(const spk_hosts *hosts, spn_bytes name, bool *ret_failed)
{
	*ret_failed = false;
	if (hosts->keys.n > 0) {
		SPK_AUTOTEXT spk_text key = { 0 };
		(void)spk_text_add_lower(&key, name.data, name.len);
		*ret_failed = key.failed;
		return key.failed ? SIZE_MAX : spk_keys_find(&hosts->keys, (spn_bytes){ key.data, key.len });
	}
	for (size_t i = 0; i < hosts->n; i++)
		if (equal(spk_bytes(hosts->list[i].name), name))
			return i;
	return SIZE_MAX;
}

/* The last one that was added, and with it those before. */
static bool add_keys(spk_hosts *hosts)
{
	bool ok = true;
	while (ok && hosts->keys.n < hosts->n) {
		SPK_AUTOTEXT spk_text key = { 0 };
		const char *name = hosts->list[hosts->keys.n].name;
		(void)spk_text_add_lower(&key, name, strlen(name));
		ok = !key.failed && spk_keys_add(&hosts->keys, (spn_bytes){ key.data, key.len }) != SIZE_MAX;
	}
	return ok;
}

/* Adds a name unless it is there already; the first spelling stays. */
static spn_status add(spk_hosts *hosts, spn_bytes name, bool is_default, spn_error *err)
{
	enum { FEW = 16 }; /* are found without keys */
	bool failed;
	if (name.len == 0)
		return SPN_OK;
	size_t i = spk_hosts_place(hosts, name, &failed);
	if (failed)
		return spk_nomem(err);
	if (i != SIZE_MAX) {
		hosts->list[i].is_default |= is_default;
		return SPN_OK;
	}
	if ((hosts->n & (hosts->n - 1)) == 0) { /* there is room for so many as a power of two */
		spk_host *grown = realloc(hosts->list, (hosts->n ? 2 * hosts->n : 4) * sizeof *grown);
		if (!grown)
			return spk_nomem(err);
		hosts->list = grown;
	}
	hosts->list[hosts->n] = (spk_host){ strndup(name.data, name.len), is_default };
	if (!hosts->list[hosts->n].name)
		return spk_nomem(err);
	hosts->n++;
	return hosts->n <= FEW || add_keys(hosts) ? SPN_OK : spk_nomem(err);
}

static spn_bytes without_dollar(const char *name)
{
	size_t len = strlen(name);
	return (spn_bytes){ name, len > 0 && name[len - 1] == '$' ? len - 1 : len };
}

static spn_bytes first_label(const char *dns)
{
	return (spn_bytes){ dns, strcspn(dns, ".") };
}

static bool is_duplicate_name(const char *sam)
{
	return strncmp(sam, DUPLICATE, sizeof DUPLICATE - 1) == 0;
}

/* The host of HOST/host; len 0 if it is another name, has a port or a third part, or is an IPv6 address, to which no
 * port can be added. */
static spn_bytes host_of(spn_bytes spn)
{
	static const char class[] = "HOST/";
	spn_name name;
	if (spn.len < sizeof class ||
			!equal((spn_bytes){ spn.data, sizeof class - 1 }, (spn_bytes){ class, sizeof class - 1 }))
		return (spn_bytes){ "", 0 }; /* most names are of other classes */
	bool is_host = !spn_name_parse(spn.data, &name, NULL) && equal(name.service_class, spk_bytes("HOST")) &&
			!name.port.len && !name.service_name.len && !memchr(name.host.data, ':', name.host.len);
	return is_host ? name.host : (spn_bytes){ "", 0 };
}

static bool holds_host(const spn_account *account, spn_bytes host)
{
	const spn_bytes *spns;
	size_t n = spn_account_spns(account, &spns);
	for (size_t i = 0; i < n; i++)
		if (equal(host_of(spns[i]), host))
			return true;
	return false;
}

/* Whether a name of any class is one of a host. */
static bool holds_any_of(const spn_account *account, spn_bytes host)
{
	const spn_bytes *spns;
	spn_name name;
	size_t n = spn_account_spns(account, &spns);
	for (size_t i = 0; i < n; i++)
		if (!spn_name_parse(spns[i].data, &name, NULL) && equal(name.host, host))
			return true;
	return false;
}

bool spk_is_without_host(const spn_account *computer)
{
	return !spk_account_has_host(computer) && !spk_entry_lacks_host(computer->entry);
}

/* Windows registers HOST/ for both names.  What joins other systems to a domain may write the FQDN only (msktutil), and
 * its keytab then has no other: adding the short name would help nobody.  Where no dNSHostName was exported, any name
 * may be for the FQDN. */
static bool has_fqdn_only(const spn_account *computer, spn_bytes short_name)
{
	const char *dns = spn_account_dns_host(computer);
	bool holds_fqdn = dns ? holds_host(computer, spk_bytes(dns)) :
				spk_entry_lacks_host(computer->entry) && spn_account_spns(computer, NULL) > 0;
	return holds_fqdn && !spk_account_is_windows(computer) && !holds_any_of(computer, short_name);
}

/* The FQDN, guessed from the domain if the account does not say it, and the short name. */
static spn_status add_own(const spn_account *computer, spk_hosts *hosts, spn_error *err)
{
	const char *dns = spn_account_dns_host(computer), *sam = spn_account_name(computer);
	bool sound = !spk_is_without_host(computer) && !spk_account_is_remnant(computer);
	/* the name of a conflict object is an invention of the directory's */
	spn_bytes short_name = is_duplicate_name(sam) && dns ? first_label(dns) : without_dollar(sam);
	SPK_AUTOTEXT spk_text guess = { 0 };
	if (!dns) {
		spk_text_add(&guess, "%.*s.", (int)short_name.len, short_name.data);
		spk_dn_domain(spn_account_dn(computer), &guess);
		if (guess.failed)
			return spk_nomem(err);
	}
	const char *full = dns ? dns : guess.data;
	spn_status status = add(hosts, spk_bytes(full), dns && sound, err);
	return status ? status :
			add(hosts, short_name.len ? short_name : first_label(full),
					sound && !has_fqdn_only(computer, short_name), err);
}

/* The directory itself adds the short name to msDS-AdditionalDnsHostName, written as that of an account: "OLD$". */
static spn_status add_additional(const spn_account *computer, spk_hosts *hosts, spn_error *err)
{
	static const char *const attrs[] = { ADDITIONAL_DNS, ADDITIONAL_SAM };
	bool sound = !spk_is_without_host(computer) && !spk_account_is_remnant(computer);
	spn_status status = SPN_OK;
	for (size_t a = 0; a < 2; a++) {
		const spn_bytes *values;
		size_t n = spn_entry_values(computer->entry, attrs[a], &values);
		for (size_t i = 0; !status && i < n; i++)
			status = add(hosts, without_dollar(values[i].data), sound, err);
	}
	return status;
}

bool spk_has_additional_hosts(const spn_account *computer)
{
	const spn_bytes *values;
	return spn_entry_values(computer->entry, ADDITIONAL_DNS, &values) ||
			spn_entry_values(computer->entry, ADDITIONAL_SAM, &values);
}

/* Their first labels. */
static spn_status add_labels(spk_hosts *hosts, spn_error *err)
{
	size_t n = hosts->n;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		if (strchr(hosts->list[i].name, '.'))
			status = add(hosts, first_label(hosts->list[i].name), false, err);
	return status;
}

static spn_status add_held(const spn_account *computer, spk_hosts *hosts, spn_error *err)
{
	const spn_bytes *spns;
	size_t n = spn_account_spns(computer, &spns);
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		status = add(hosts, host_of(spns[i]), false, err);
	return status;
}

spn_status spk_hosts_of(const spn_account *computer, spk_hosts *ret_hosts, spn_error *err)
{
	SPK_AUTOHOSTS spk_hosts hosts = { .list = NULL };
	spn_status status = add_own(computer, &hosts, err);
	hosts.n_first = hosts.n;
	if (!status)
		status = add_additional(computer, &hosts, err);
	hosts.n_own = hosts.n;
	if (!status)
		status = add_labels(&hosts, err);
	if (!status)
		status = add_held(computer, &hosts, err);
	if (status)
		return status;
	hosts.fqdn = hosts.list[0].name;
	hosts.short_name = hosts.list[hosts.n_first > 1].name; /* a dNSHostName without a dot may be both */
	hosts.has_short_default = hosts.list[hosts.n_first > 1].is_default;
	*ret_hosts = hosts;
	hosts = (spk_hosts){ .list = NULL };
	return SPN_OK;
}

bool spk_is_in_use(const spn_account *account)
{
	return spn_account_enabled(account) && !spk_account_is_remnant(account) && spk_account_has_host(account) &&
			spk_account_is_machine(account);
}

const char *spk_why_unused(const spn_account *computer)
{
	if (!spn_account_enabled(computer))
		return "is disabled";
	return !spk_is_without_host(computer) || spn_account_spns(computer, NULL) ? NULL :
			"has neither dNSHostName nor operatingSystem nor names";
}

bool spk_is_same_host(const spn_account *a, const spn_account *b)
{
	const char *dns = spn_account_dns_host(a), *other = spn_account_dns_host(b);
	return dns && other && equal(spk_bytes(dns), spk_bytes(other)) && spk_is_in_use(a) && spk_is_in_use(b) &&
			!spk_dn_equal(spn_account_dn(a), spn_account_dn(b));
}

bool spk_has_host_of_unused(const spn_account *machine, const spn_account *unused)
{
	const char *dns = spn_account_dns_host(machine), *other = spn_account_dns_host(unused);
	return dns && other && equal(spk_bytes(dns), spk_bytes(other)) && spk_is_in_use(machine) && spk_why_unused(unused);
}

spn_status spk_fail_same_host(const spn_account *a, const spn_account *b, spn_error *err)
{
	unsigned long control;
	if (!spk_account_control(a, &control) || !spk_account_control(b, &control))
		return spn_fail(err, SPN_ERR_AMBIGUOUS, 0,
				"'%s' and '%s' have the same dNSHostName '%s': export userAccountControl too, which shows whether one "
				"of them is disabled",
				spn_account_dn(a), spn_account_dn(b), spn_account_dns_host(a));
	return spn_fail(err, SPN_ERR_AMBIGUOUS, 0,
			"'%s' and '%s' have the same dNSHostName '%s': disable the unused account, or correct its "
			"dNSHostName",
			spn_account_dn(a), spn_account_dn(b), spn_account_dns_host(a));
}

/* Whether a host is one of the values of an attribute: in full, without '$', or by its first label. */
static bool is_value(const spn_account *account, const char *attr, spn_bytes (*part)(const char *value), spn_bytes host)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(account->entry, attr, &values);
	for (size_t i = 0; i < n; i++)
		if (equal(part ? part(values[i].data) : values[i], host))
			return true;
	return false;
}

/* Whether an FQDN is that of a label in the computer's own domain. */
static bool is_in_its_domain(const spn_account *computer, const char *fqdn, spn_bytes label)
{
	spn_bytes first = first_label(fqdn);
	SPK_AUTOTEXT spk_text domain = { 0 };
	if (fqdn[first.len] != '.' || !equal(first, label))
		return false;
	spk_dn_domain(spn_account_dn(computer), &domain);
	return !domain.failed && equal(spk_bytes(fqdn + first.len + 1), (spn_bytes){ domain.data, domain.len });
}

static bool is_additional_in_its_domain(const spn_account *computer, spn_bytes label)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(computer->entry, ADDITIONAL_DNS, &values);
	for (size_t i = 0; i < n; i++)
		if (is_in_its_domain(computer, values[i].data, label))
			return true;
	return false;
}

/*
 * What a server name is of a computer, and how well it fits one that is in use (left), or one that no machine is known
 * to use:
 * 0 5  OWN               its account without '$', its dNSHostName, or the FQDN that it would have without one
 * 1 7  ADDITIONAL        an additional name
 * 2 8  OWN_LABEL         the first label of its dNSHostName, in the domain of its account
 * 3 9  HELD              the host of a HOST/ name that it holds
 * 4 10 ADDITIONAL_LABEL  the first label of an additional name, in the domain of its account
 * 6 11 LABEL             the first label of either in another DNS domain, where it may be another host
 * So what a machine in use answers for goes before the name of an account that is not, and that before what is perhaps
 * another host.  The account itself (NAME$) goes before all, and NAME$ means nobody else.  One that lost a conflict
 * comes last.
 */
enum { OWN, ADDITIONAL, OWN_LABEL, HELD, ADDITIONAL_LABEL, LABEL, UNFIT };

static unsigned fit_of_label(const spn_account *computer, spn_bytes host)
{
	const char *dns = spn_account_dns_host(computer);
	if (dns && is_in_its_domain(computer, dns, host))
		return OWN_LABEL;
	if (holds_host(computer, host))
		return HELD;
	if (is_additional_in_its_domain(computer, host))
		return ADDITIONAL_LABEL;
	return is_value(computer, "dNSHostName", first_label, host) || is_value(computer, ADDITIONAL_DNS, first_label, host) ?
			LABEL : UNFIT;
}

static unsigned fit_of(const spn_account *computer, const char *server)
{
	spn_bytes host = spk_bytes(server);
	const char *dns = spn_account_dns_host(computer);
	if (is_value(computer, "sAMAccountName", without_dollar, host) || (dns && equal(spk_bytes(dns), host)) ||
			(!dns && is_in_its_domain(computer, server, without_dollar(spn_account_name(computer)))))
		return OWN;
	if (is_value(computer, ADDITIONAL_DNS, without_dollar, host) ||
			is_value(computer, ADDITIONAL_SAM, without_dollar, host))
		return ADDITIONAL;
	return fit_of_label(computer, host);
}

/* Switched off, or made beforehand: no machine is known to use it. */
static bool is_idle(const spn_account *computer, const char *server, unsigned fit)
{
	return !spn_account_enabled(computer) ||
			(spk_is_without_host(computer) && fit != HELD && !holds_host(computer, spk_bytes(server)));
}

unsigned spk_host_rank(const spn_account *computer, const char *server, bool is_account)
{
	static const unsigned in_use[] = { 0, 1, 2, 3, 4, 6 }, idle[] = { 5, 7, 8, 9, 10, 11 };
	enum { CONFLICT = 13 };
	unsigned fit = fit_of(computer, server), rank = spk_account_is_remnant(computer) ? CONFLICT : 0;
	if (fit == UNFIT)
		return UINT_MAX;
	if (is_account && is_value(computer, "sAMAccountName", without_dollar, first_label(server)))
		return rank;
	if (is_account && !is_value(computer, ADDITIONAL_SAM, without_dollar, first_label(server)) &&
			!is_value(computer, ADDITIONAL_DNS, without_dollar, first_label(server)))
		return UINT_MAX; /* it may be that host, but it is not called so */
	return rank + 1 + (is_idle(computer, server, fit) ? idle[fit] : in_use[fit]);
}

char *spk_plain_server(const char *server)
{
	static const char blanks[] = " \t\r\n";
	const char *backslash = strchr(server, '\\'), *from = backslash ? backslash + 1 : server + strspn(server, blanks);
	size_t len = strlen(from);
	while (len > 0 && strchr(blanks, from[len - 1]))
		len--;
	len -= len > 1 && from[len - 1] == '.' && from[len - 2] != '.';
	size_t label = strcspn(from, ".");
	if (label <= len && label > 1 && from[label - 1] == '$')
		return spk_printf("%.*s%.*s", (int)label - 1, from, (int)(len - label), from + label);
	return strndup(from, len);
}
