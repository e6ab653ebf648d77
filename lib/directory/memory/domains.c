/* SPDX-License-Identifier: MIT */
/* An export may hold several domains: which they are, and which of them is meant. */
#include <string.h>

#include "memory.h"
#include "base/error.h"
#include "model/dn.h"

static bool is_dc(const char *part)
{
	return strncasecmp(part, "DC=", 3) == 0;
}

bool spk_is_dns_partition(const char *domain)
{
	return spk_dn_first_value_is(domain, "DomainDnsZones") || spk_dn_first_value_is(domain, "ForestDnsZones");
}

bool spk_is_configuration(const char *dn, const char *domain)
{
	for (const char *at = dn; at < domain; at = spk_dn_parent(at))
		if (strncasecmp(at, "CN=Configuration,", 17) == 0 && spk_dn_parent(at) == domain)
			return true;
	return false;
}

/* One of the forest's list of domains, or that list. */
static bool is_partition(const char *dn, const char *domain)
{
	for (const char *at = dn; at < domain; at = spk_dn_parent(at))
		if (strncasecmp(at, "CN=Partitions,CN=Configuration,", 31) == 0 && spk_dn_parent(spk_dn_parent(at)) == domain)
			return true;
	return false;
}

static bool note_root(spk_domains *domains, const char *root)
{
	for (size_t i = 0; i < domains->n_roots; i++)
		if (spk_dn_equal(domains->roots[i], root))
			return true;
	if (domains->n_roots == SPK_DOMAINS_MAX)
		return true;
	domains->roots[domains->n_roots] = strdup(root);
	domains->n_roots += domains->roots[domains->n_roots] != NULL;
	return domains->n_roots > 0 && domains->roots[domains->n_roots - 1];
}

/* The root of the forest that an entry is in, as far as the file tells; NULL: it does not. */
static const char *root_of(const spk_domains *domains, const char *dn)
{
	const char *found = NULL;
	for (size_t i = 0; i < domains->n_roots; i++)
		if (spk_dn_is_under(dn, domains->roots[i]) && (!found || strlen(domains->roots[i]) > strlen(found)))
			found = domains->roots[i];
	return found;
}

bool spk_domains_are_apart(const spk_domains *domains, const char *dn, const char *other)
{
	if (domains->n_roots < 2)
		return false;
	const char *root = root_of(domains, dn), *other_root = root_of(domains, other);
	return root && other_root && !spk_dn_is_under(root, other_root) && !spk_dn_is_under(other_root, root);
}

/* Whether an entry is in a domain for certain and not in one below it, without taking its DN apart: nearly all are
 * where the one before was. */
static bool is_in(const char *dn, const char *domain)
{
	size_t len = strlen(dn), n = strlen(domain);
	if (len <= n + 1 || dn[len - n - 1] != ',' || !spk_ascii_equal(dn + len - n, domain))
		return false;
	const char *comma = memrchr(dn, ',', len - n - 1), *part = comma ? comma + 1 : dn;
	char first = spk_ascii_lower(*part);
	return !(first == 'd' && is_dc(part)) && !(first == 'c' && strncasecmp(part, "CN=Configuration,", 17) == 0);
}

bool spk_domains_know(const spk_domains *domains, const char *dn)
{
	return domains->n > 0 && is_in(dn, domains->list[domains->last]);
}

bool spk_domains_note(spk_domains *domains, const char *dn)
{
	if (spk_domains_know(domains, dn))
		return true;
	const char *domain = spk_dn_domain_part(dn);
	if (!domain || spk_is_dns_partition(domain))
		return true;
	if (spk_is_configuration(dn, domain))
		return !is_partition(dn, domain) || note_root(domains, domain);
	for (size_t i = 0; i < domains->n; i++)
		if (spk_dn_equal(domains->list[i], domain)) {
			domains->last = i;
			return true;
		}
	if (domains->n == SPK_DOMAINS_MAX)
		return true;
	domains->last = domains->n;
	domains->list[domains->n] = strdup(domain);
	domains->n += domains->list[domains->n] != NULL;
	return domains->last < domains->n;
}

bool spk_domains_join(spk_domains *domains, spk_domains *others)
{
	bool ok = true;
	for (size_t i = 0; i < others->n; i++)
		ok &= spk_domains_note(domains, others->list[i]);
	for (size_t i = 0; i < others->n_roots; i++)
		ok &= note_root(domains, others->roots[i]);
	spk_domains_free(others);
	return ok;
}

void spk_domains_free(spk_domains *domains)
{
	for (size_t i = 0; i < domains->n; i++)
		free(domains->list[i]);
	for (size_t i = 0; i < domains->n_roots; i++)
		free(domains->roots[i]);
	*domains = (spk_domains){ .n = 0 };
}

/* By its DNS name or its DN. */
static bool is_called(const char *domain, const char *name)
{
	SPK_AUTOTEXT spk_text dns = { 0 };
	spk_dn_domain(domain, &dns);
	return spk_dn_equal(domain, name) || (dns.data && !dns.failed && spk_ascii_equal(dns.data, name));
}

static spn_status fail_unknown(const spk_memory *memory, spn_error *err)
{
	enum { SHOWN = 8 };
	SPK_AUTOTEXT spk_text list = { 0 };
	size_t n = memory->domains.n;
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		spk_text_add(&list, "%s", i == 0 ? "; it holds " : ", ");
		spk_dn_domain(memory->domains.list[i], &list);
	}
	if (n > SHOWN)
		spk_text_add(&list, " and others");
	return list.failed ? spk_nomem(err) : spn_fail(err, SPN_ERR_INVALID, 0, "'ldif:%s' has no domain '%s'%s",
			spk_store_name(memory->store), memory->wanted, n ? list.data : "");
}

/* One of the domains, by its DN. */
static const char *domain_of(const spk_memory *memory, const char *dn)
{
	for (size_t i = 0; i < memory->domains.n; i++)
		if (spk_dn_equal(memory->domains.list[i], dn))
			return memory->domains.list[i];
	return NULL;
}

static const char *value_of(const spk_ldif_record *record, const char *attr)
{
	for (size_t i = 0; i < record->n_lines; i++)
		if (spk_line_is(&record->lines[i], attr))
			return record->lines[i].value.data;
	return NULL;
}

/* What the forest's list of domains says, if it was exported, too. */
static spn_status find_partition(spk_memory *memory, const char **ret_found, spn_error *err)
{
	static const char *const attrs[] = { "nETBIOSName", "nCName", NULL };
	SPK_AUTOVIEW spk_view view = { 0 };
	const spk_ldif_record *record = NULL;
	spn_status status = spk_view_open(memory, &view, err);
	if (!status)
		status = spk_ldif_only(view.reader, attrs, err);
	if (!status)
		status = spk_ldif_next(view.reader, &record, err);
	for (; !status && record && !*ret_found; status = spk_ldif_next(view.reader, &record, err)) {
		const char *name = value_of(record, attrs[0]), *context = value_of(record, attrs[1]);
		if (name && context && spk_ascii_equal(name, memory->wanted))
			*ret_found = domain_of(memory, context);
	}
	return status;
}

/* Without such a list, what a NetBIOS name is unless somebody chose another: the first label, as far as it fits.  NULL:
 * none, or several. */
static const char *guess_by_label(const spk_memory *memory)
{
	enum { NETBIOS_MAX = 15 };
	const char *found = NULL;
	size_t n = 0;
	for (size_t i = 0; i < memory->domains.n; i++) {
		SPK_AUTOTEXT spk_text label = { 0 };
		spk_dn_first_value(memory->domains.list[i], &label);
		if (label.len > NETBIOS_MAX && !label.failed)
			label.data[NETBIOS_MAX] = '\0';
		if (!label.failed && spk_ascii_equal(label.data, memory->wanted)) {
			found = memory->domains.list[i];
			n++;
		}
	}
	return n == 1 ? found : NULL;
}

spn_status spk_memory_choose_domain(spk_memory *memory, spn_error *err)
{
	const char *found = memory->domain && memory->wanted && is_called(memory->domain, memory->wanted) ?
			memory->domain :
			NULL;
	for (size_t i = 0; memory->wanted && !found && i < memory->domains.n; i++)
		if (is_called(memory->domains.list[i], memory->wanted))
			found = memory->domains.list[i];
	if (memory->wanted && !found && !strpbrk(memory->wanted, ".=")) {
		spn_status status = find_partition(memory, &found, err);
		if (status)
			return status;
		found = found ? found : guess_by_label(memory);
	}
	if (memory->wanted && !found)
		return fail_unknown(memory, err);
	const char *own = found ? found : memory->domain, *root = own ? root_of(&memory->domains, own) : NULL;
	if (root && memory->config && !spk_dn_equal(spk_dn_parent(memory->config), root)) { /* that of another forest */
		char *config = spk_printf("CN=Configuration,%s", root);
		if (!config)
			return spk_nomem(err);
		free(memory->config);
		memory->config = config;
	}
	memory->is_chosen = found && !(memory->domain && spk_dn_equal(found, memory->domain));
	if (found && found != memory->domain) {
		char *copy = strdup(found);
		if (!copy)
			return spk_nomem(err);
		free(memory->domain);
		memory->domain = copy;
	}
	for (size_t i = 0; memory->domain && !memory->other_domain && i < memory->domains.n; i++) {
		const char *other = memory->domains.list[i];
		if (other && !spk_dn_equal(other, memory->domain) && !(memory->other_domain = strdup(other)))
			return spk_nomem(err);
	}
	return SPN_OK;
}
