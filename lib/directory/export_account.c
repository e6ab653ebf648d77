/* SPDX-License-Identifier: MIT */
/* What an export says of an account in other words than the directory: single flags, and the primary group. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "export.h"
#include "model/adtypes.h"

static bool begins(spn_bytes value, const char *word)
{
	size_t n = strlen(word);
	return value.len >= n && strncasecmp(value.data, word, n) == 0;
}

/* A group is known by its number; by its name only as long as nobody translated it. */
void spk_export_keep_primary(spk_export_output *output, spn_bytes value)
{
	static const struct {
		const char *name;
		uint32_t rid;
	} groups[] = { { "CN=Domain Users,", 513 }, { "CN=Domain Computers,", 515 }, { "CN=Domain Controllers,", 516 },
		{ "CN=Read-only Domain Controllers,", 521 } };
	char sid[SPK_SID_MAX];
	uint32_t rid;
	size_t n = spk_sid_parse(value, sid);
	if (n > 0 && spk_sid_rid((spn_bytes){ sid, n }, &rid))
		output->primary = rid;
	for (size_t i = 0; n == 0 && i < sizeof groups / sizeof *groups; i++)
		if (begins(value, groups[i].name))
			output->primary = groups[i].rid;
}

static bool has_primary(const spk_export_output *output)
{
	static const char attr[] = "primaryGroupID:";
	const char *at = output->lines.data, *end = at ? at + output->lines.len : at;
	while (at && at < end && !begins((spn_bytes){ at, (size_t)(end - at) }, attr)) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : end;
	}
	return at && at < end;
}

/* What single columns say.  No column tells the kind of account that userAccountControl has (a user's, a computer's, a controller's),
 * and a value without any is that of no account: whoever asks for it looks at objectClass and primaryGroupID instead. */
void spk_export_put_account(spk_export_output *output)
{
	if (output->knows_enabled && !output->has_control) {
		spk_text_add(&output->text, "userAccountControl: %u\n", output->flags);
		output->losses.has_only_flags = true;
	}
	if (output->primary && !has_primary(output))
		spk_text_add(&output->text, "primaryGroupID: %" PRIu32 "\n", output->primary);
}
