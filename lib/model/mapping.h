/* SPDX-License-Identifier: MIT */
/* mapping.h - sPNMappings: which service classes HOST/ stands for ([MS-DRSR] 4.1.4.2.19, MapSPN) */
#ifndef SPK_MAPPING_H
#define SPK_MAPPING_H

#include <stdint.h>

#include <spnkit/directory.h>

#include "base/text.h"

/* Where the attribute is, below the configuration naming context. */
#define SPK_MAPPING_RDNS "CN=Directory Service,CN=Windows NT,CN=Services"

/* Checks of the whole forest that character 21 of dSHeuristics, an attribute of the same entry, switches off
 * ([MS-ADTS] 6.1.1.2.4.1.2, 3.1.1.5.1.3; KB5008382): that no other account has a userPrincipalName, or a name, or HOST/
 * for what a non-administrator adds. */
enum {
	SPK_UPN_UNCHECKED = 1,
	SPK_SPN_UNCHECKED = 2,
	SPK_ALIAS_UNCHECKED = 4
};

/* The checks that dSHeuristics switches off; NULL: there is none. */
unsigned spk_unchecked(const char *heuristics);

/* The classes of a long list by their hashes, so that it is not gone over for each name. */
typedef struct spk_classes {
	uint64_t seed;
	size_t size; /* a power of two; half of the places are free */
	struct spk_class {
		uint64_t hash;
		spn_bytes name, target; /* name.data NULL: a free place */
	} places[];
} spk_classes;

/* The values of sPNMappings, such as "host=alerter,http,www".  Lent, not owned. */
typedef struct spk_mapping {
	const spn_bytes *values;
	size_t n;
	const spk_classes *classes; /* NULL: the list is short */
} spk_mapping;

/* Lists the classes of a mapping, if it is long enough for that to be worth it.  False if memory runs out. */
bool spk_classes_list(const spk_mapping *mapping, spk_classes **ret_classes); /* for free() */

/* What Active Directory ships with. */
extern const spk_mapping spk_mapping_default;

/* Whether HOST-like class target stands for a service class; the first value that lists it decides. */
bool spk_mapping_find(const spk_mapping *mapping, spn_bytes service_class, spn_bytes *ret_target);

/* Appends target/rest for class/rest and returns true; false if the name is no alias of anything. */
bool spk_mapping_target(const spk_mapping *mapping, const char *name, spk_text *ret_target);

/* Calls fn for each name that is an alias of this one: HOST/x gives alerter/x, http/x, ...  Any status but
 * SPN_OK ends it. */
spn_status spk_mapping_aliases(const spk_mapping *mapping, const char *name,
		spn_status (*fn)(const char *alias, void *data, spn_error *err), void *data, spn_error *err);

#endif
