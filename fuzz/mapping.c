/* SPDX-License-Identifier: MIT */
/* Lines of sPNMappings, and in the last line a name. */
#include "fuzz.h"

#include "model/mapping.h"

static spn_status ignore(const char *alias, void *data, spn_error *err)
{
	(void)data, (void)err;
	MUST(strchr(alias, '/'));
	return SPN_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *line = text, *end;
	spn_bytes values[8];
	spk_mapping mapping = { .values = values };
	while (mapping.n < 8 && (end = strchr(line, '\n'))) {
		*end = '\0';
		values[mapping.n++] = spk_bytes(line);
		line = end + 1;
	}
	SPK_AUTOTEXT spk_text target = { 0 };
	spn_error err = { .status = SPN_OK };
	if (spk_mapping_target(&mapping, line, &target))
		MUST(target.len && strchr(target.data, '/'));
	fuzz_check_message(spk_mapping_aliases(&mapping, line, ignore, NULL, &err), &err);
	free(text);
	return 0;
}
