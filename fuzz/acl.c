/* SPDX-License-Identifier: MIT */
/* A security descriptor: whatever it is, the SIDs that are told are whole and inside of it, and the same when it is
 * read again. */
#include "fuzz.h"

#include "model/acl.h"
#include "model/adtypes.h"

struct seen {
	spn_bytes all;
	size_t n;
};

static void see(spn_bytes sid, bool allows, bool is_conditional, void *data)
{
	struct seen *seen = data;
	(void)allows;
	(void)is_conditional;
	MUST(sid.len >= 8 && sid.len <= SPK_SID_MAX && (unsigned char)sid.data[0] == 1);
	MUST(sid.len == 12 || (sid.data >= seen->all.data && sid.data + sid.len <= seen->all.data + seen->all.len));
	seen->n++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const spn_bytes all = { (const char *)data, size };
	struct seen once = { .all = all }, twice = { .all = all };
	bool is = spk_acl_read(all, 0xffffffffu, see, &once);
	MUST(is == spk_acl_read(all, 0xffffffffu, see, &twice) && once.n == twice.n);
	return 0;
}
