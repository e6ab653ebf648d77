/* SPDX-License-Identifier: MIT */
/* When attributes were changed: whatever the bytes are, what is found is inside of them, and a time. */
#include "fuzz.h"

#include "model/metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const spn_bytes all = { (const char *)data, size };
	spk_metadata found;
	if (!spk_metadata_find(all, SPK_ATTID_SPN, &found))
		return 0;
	MUST(found.when >= 0 && found.when < INT64_C(253402300800));
	MUST(found.invoked >= all.data && found.invoked + SPK_GUID_SIZE <= all.data + all.len);
	return 0;
}
