/* SPDX-License-Identifier: MIT */
/* What a server says of a refusal: a code in the first byte, then its text. */
#include "fuzz.h"

#include "directory/ldap/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	spn_error err = { .status = SPN_OK };
	int code = size ? (int8_t)data[0] : 0;
	spn_status status = spk_ldap_fail(&err, code ? code : 19, size ? text + 1 : NULL, "cannot change '%s'", "CN=b,DC=a");
	MUST(status != SPN_OK);
	fuzz_check_message(status, &err);
	free(text);
	return 0;
}
