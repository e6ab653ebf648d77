/* SPDX-License-Identifier: MIT */
/* metadata.h - when, where and how often the attributes of an object were changed (replPropertyMetaData) */
#ifndef SPK_METADATA_H
#define SPK_METADATA_H

#include <stdint.h>

#include <spnkit/spn.h>

/* attributeIDs of the base schema, as replication numbers them ([MS-DRSR] 5.16.4). */
#define SPK_ATTID_SPN 0x90303u

#define SPK_GUID_SIZE 16

typedef struct spk_metadata {
	uint32_t version;
	int64_t when; /* seconds since 1970 */
	const char *invoked; /* the invocationId of the controller that made the change: SPK_GUID_SIZE bytes, lent */
} spk_metadata;

/* Looks for an attribute in a PROPERTY_META_DATA_VECTOR ([MS-DRSR] 5.165, 5.166), which Windows and Samba keep alike.
 * False if it is not there, or the bytes are not a whole one. */
bool spk_metadata_find(spn_bytes vector, uint32_t attid, spk_metadata *ret_found);

#endif
