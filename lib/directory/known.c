/* SPDX-License-Identifier: MIT */
#include "known.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/dn.h"

/* Of trustDirection: the other domain trusts ours, so that its KDC accepts our tickets. */
#define TRUST_INBOUND 1u
/* FLAG_CR_NTDS_DOMAIN of a crossRef's systemFlags ([MS-ADTS] 2.2.10) */
#define CROSS_REF_NTDS_DOMAIN 2u

spn_status spk_domain_own(spn_directory *dir, spk_text *ret_dns, spn_error *err)
{
	const char *base = NULL;
	spn_status status = spk_directory_context(dir, "defaultNamingContext", &base, err);
	if (status)
		return status;
	spk_text_add(ret_dns, "%s", "");
	spk_dn_domain(base ? base : "", ret_dns);
	return ret_dns->failed ? spk_nomem(err) : SPN_OK;
}

/* The zones of DNS and other application partitions are no domains, though their names look alike: nobody is to answer
 * for them.  A directory that tells no flags, such as an export, has NetBIOS names for domains only. */
static bool is_domain(const spn_entry *partition)
{
	const char *flags = spn_entry_text(partition, "systemFlags");
	return flags ? strtoul(flags, NULL, 10) & CROSS_REF_NTDS_DOMAIN : spn_entry_text(partition, "nETBIOSName") != NULL;
}

static spn_status note_context(const spn_entry *entry, void *data, spn_error *err)
{
	const char *context = spn_entry_text(entry, "nCName");
	(void)err;
	if (!is_domain(entry))
		return SPN_OK;
	spk_text_clear(data);
	spk_dn_domain(context ? context : "", data);
	return SPN_OK;
}

static spn_status note_partner(const spn_entry *entry, void *data, spn_error *err)
{
	const char *partner = spn_entry_text(entry, "trustPartner"), *direction = spn_entry_text(entry, "trustDirection");
	(void)err;
	if (direction && !(strtoul(direction, NULL, 10) & TRUST_INBOUND))
		return SPN_OK;
	spk_text_clear(data);
	spk_text_add(data, "%s", partner && strchr(partner, '.') ? partner : ""); /* a domain of Windows NT has no DNS name */
	return SPN_OK;
}

/* Searches for the one entry whose attribute has this value; a base that does not exist is not a failure. */
static spn_status look_up(spn_directory *dir, const char *base, spn_scope scope, const char *const *attrs,
		const char *attr, const char *value, spn_entry_fn *fn, spk_text *ret_dns, spn_error *err)
{
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = attr, .value = spk_bytes(value) };
	const spn_search search = { .base = base, .scope = scope, .filter = &filter, .attrs = attrs };
	spn_status status = spn_directory_search(dir, &search, fn, ret_dns, err);
	if (!status && ret_dns->failed)
		return spk_nomem(err);
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

spn_status spk_known_partition(
		spn_directory *dir, const char *attr, const char *value, spk_text *ret_dns, spn_error *err)
{
	static const char *const attrs[] = { "nCName", "nETBIOSName", "systemFlags", NULL };
	const char *configuration = NULL;
	spn_status status = spk_directory_context(dir, "configurationNamingContext", &configuration, err);
	return status || !configuration ? status :
			look_up(dir, configuration, SPN_SCOPE_SUBTREE, attrs, attr, value, note_context, ret_dns, err);
}

spn_status spk_known_trust(spn_directory *dir, const char *attr, const char *name, spk_text *ret_dns, spn_error *err)
{
	static const char *const attrs[] = { "trustPartner", "trustDirection", NULL };
	const char *base = NULL;
	spn_status status = spk_directory_context(dir, "defaultNamingContext", &base, err);
	if (status || !base)
		return status;
	SPK_AUTOFREE char *system = spk_printf("CN=System,%s", base);
	return system ? look_up(dir, system, SPN_SCOPE_ONE, attrs, attr, name, note_partner, ret_dns, err) : spk_nomem(err);
}

spn_status spk_known_in_forest(spn_directory *dir, const char *domain, spk_text *ret_dns, spn_error *err)
{
	SPK_AUTOTEXT spk_text dn = { 0 };
	for (const char *label = domain; *label;) {
		size_t len = strcspn(label, ".");
		spk_text_add(&dn, "%sDC=%.*s", dn.len ? "," : "", (int)len, label);
		label += len + (label[len] == '.');
	}
	if (dn.failed)
		return spk_nomem(err);
	return dn.len && spk_dn_is_valid(dn.data) ? spk_known_partition(dir, "nCName", dn.data, ret_dns, err) : SPN_OK;
}

spn_status spk_domain_is_known(spn_directory *dir, const char *domain, bool *ret_known, spn_error *err)
{
	SPK_AUTOTEXT spk_text known = { 0 };
	spn_status status = spk_known_in_forest(dir, domain, &known, err);
	if (!status && !known.len)
		status = spk_known_trust(dir, "trustPartner", domain, &known, err);
	*ret_known = known.len && spk_ascii_equal(known.data, domain);
	return status;
}
