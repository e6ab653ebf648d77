/* SPDX-License-Identifier: MIT */
#include "mapping.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"

static spn_status keep(const spn_entry *entry, void *data, spn_error *err)
{
	spn_entry **settings = data;
	return *settings ? SPN_OK : spk_entry_copy(entry, settings, err);
}

/* Reads the entry with the mappings into its place; an empty one if there is none. */
static spn_status read_settings(spn_directory *dir, const char *dn, spn_entry **settings, spn_error *err)
{
	static const char *const attrs[] = { "sPNMappings", "dSHeuristics", NULL };
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	SPK_AUTO(spn_entry) *read = NULL;
	spn_status status = spn_directory_search(dir, &search, keep, &read, err);
	if (status && status != SPN_ERR_NOT_FOUND)
		return status;
	if (!read && (status = spn_entry_new(dn, &read, err)))
		return status;
	*settings = read;
	read = NULL;
	return SPN_OK;
}

spn_status spk_mapping_load(spn_directory *dir, spk_live_mapping *ret_mapping, spn_error *err)
{
	const char *configuration;
	spn_entry **settings = spk_directory_settings(dir);
	spn_status status = spk_directory_context(dir, "configurationNamingContext", &configuration, err);
	if (!status && configuration && !*settings) {
		SPK_AUTOFREE char *dn = spk_printf(SPK_MAPPING_RDNS ",%s", configuration);
		status = dn ? read_settings(dir, dn, settings, err) : spk_nomem(err);
	}
	if (status)
		return status;
	spk_live_mapping live = { .mapping = spk_mapping_default };
	if (*settings)
		live.unchecked = spk_unchecked(spn_entry_text(*settings, "dSHeuristics"));
	if (*settings && spn_entry_values(*settings, "sPNMappings", NULL) > 0) {
		status = spk_entry_copy(*settings, &live.entry, err);
		if (status)
			return status;
		live.mapping.n = spn_entry_values(live.entry, "sPNMappings", &live.mapping.values);
		if (!spk_classes_list(&live.mapping, &live.classes)) {
			spk_mapping_free(&live);
			return spk_nomem(err);
		}
		live.mapping.classes = live.classes;
	}
	*ret_mapping = live;
	return SPN_OK;
}

void spk_mapping_free(spk_live_mapping *mapping)
{
	mapping->entry = spn_entry_free(mapping->entry);
	free(mapping->classes);
	mapping->classes = NULL;
}
