/* SPDX-License-Identifier: MIT */
#include "mapping.h"

#include "base/text.h"
#include "base/error.h"
#include "directory/directory.h"

static spn_status keep(const spn_entry *entry, void *data, spn_error *err)
{
	spk_live_mapping *live = data;
	if (live->entry || spn_entry_values(entry, "sPNMappings", NULL) == 0)
		return SPN_OK;
	spn_status status = spk_entry_copy(entry, &live->entry, err);
	if (!status)
		live->mapping.n = spn_entry_values(live->entry, "sPNMappings", &live->mapping.values);
	return status;
}

spn_status spk_mapping_load(spn_directory *dir, spk_live_mapping *ret_mapping, spn_error *err)
{
	const char *configuration;
	spn_status status = spk_directory_context(dir, "configurationNamingContext", &configuration, err);
	if (status)
		return status;
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	if (configuration) {
		static const char *const attrs[] = { "sPNMappings", NULL };
		SPK_AUTOFREE char *dn = spk_printf(SPK_MAPPING_RDNS ",%s", configuration);
		if (!dn)
			return spk_nomem(err);
		const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
		status = spn_directory_search(dir, &search, keep, &live, err);
		if (status && status != SPN_ERR_NOT_FOUND)
			return status;
	}
	if (!live.entry)
		live.mapping = spk_mapping_default;
	*ret_mapping = live;
	live.entry = NULL;
	return SPN_OK;
}

void spk_mapping_free(spk_live_mapping *mapping)
{
	mapping->entry = spn_entry_free(mapping->entry);
}
