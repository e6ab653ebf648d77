/* SPDX-License-Identifier: MIT */
/* mapping.h - the directory's own sPNMappings */
#ifndef SPK_OPS_MAPPING_H
#define SPK_OPS_MAPPING_H

#include "model/entry.h"
#include "model/mapping.h"

/* A mapping and the entry that its values belong to. */
typedef struct spk_live_mapping {
	spk_mapping mapping;
	spn_entry *entry; /* NULL: the defaults */
	spk_classes *classes;
	unsigned unchecked; /* spk_unchecked */
} spk_live_mapping;

/* Reads sPNMappings and dSHeuristics; a directory that has none (or an export without them) gets Active Directory's
 * defaults. They are read once for a handle: a forest's administrators change them, if ever. */
spn_status spk_mapping_load(spn_directory *dir, spk_live_mapping *ret_mapping, spn_error *err);
void spk_mapping_free(spk_live_mapping *mapping);
#define SPK_AUTOMAPPING __attribute__((cleanup(spk_mapping_free)))

#endif
