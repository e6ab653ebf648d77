/* SPDX-License-Identifier: MIT */
/* A name that is read is written as it was, and compares equal to itself; patterns and names meet a directory. */
#include "fuzz.h"

static spn_status ignore(const spn_account *account, const spn_bytes *matched, size_t n, void *data, spn_error *err)
{
	(void)account, (void)matched, (void)n, (void)data, (void)err;
	return SPN_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static spn_directory *dir;
	spn_error err = { .status = SPN_OK };
	spn_name name;
	char *text = fuzz_text(data, size), buffer[8];
	if (!dir)
		MUST(!spn_mock_new("dn: DC=a\nobjectClass: domainDNS\n\ndn: CN=b,DC=a\nobjectClass: user\nsAMAccountName: b\n"
				"servicePrincipalName: http/web\n", SPN_DIALECT_WINDOWS, &dir, NULL));
	spn_status status = spn_name_parse(text, &name, &err);
	fuzz_check_message(status, &err);
	MUST(spn_name_compare(text, text) == 0);
	if (!status) {
		size_t len = spn_name_format(&name, NULL, 0);
		char *again = malloc(len + 1);
		MUST(again && spn_name_format(&name, again, len + 1) == len && spn_name_compare(text, again) == 0);
		MUST(spn_name_format(&name, buffer, sizeof buffer) == len);
		free(again);
	}
	err = (spn_error){ .status = SPN_OK };
	fuzz_check_message(spn_query(dir, text, false, ignore, NULL, &err), &err);
	err = (spn_error){ .status = SPN_OK };
	const char *names[] = { text };
	const spn_change_options unrecorded = { .version = SPN_CHANGE_OPTIONS_VERSION, .flags = SPN_NO_JOURNAL };
	fuzz_check_message(spn_delete(dir, text, names, 1, &unrecorded, &err), &err);
	free(text);
	return 0;
}
