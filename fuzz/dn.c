/* SPDX-License-Identifier: MIT */
/* Two DNs, a newline between them: comparing them in place and by their keys comes to the same. */
#include "fuzz.h"

#include "model/dn.h"

static void check(const char *a, const char *b)
{
	SPK_AUTOTEXT spk_text ka = { 0 }, kb = { 0 }, domain = { 0 }, value = { 0 };
	bool is_a = spk_dn_key(a, &ka), is_b = spk_dn_key(b, &kb);
	MUST(is_a == spk_dn_is_valid(a) && is_b == spk_dn_is_valid(b));
	spk_dn_domain(a, &domain);
	spk_dn_first_value(a, &value);
	if (strlen(value.data) == value.len && is_a && ka.len) /* a text with a NUL in it cannot be asked for */
		MUST(spk_dn_first_value_is(a, value.data));
	for (const char *at = a; *at; at = spk_dn_parent(at))
		MUST(!is_a || spk_dn_is_under(a, at));
	if (!is_a || !is_b)
		return;
	bool equal = ka.len == kb.len && memcmp(ka.data, kb.data, ka.len) == 0;
	bool under = kb.len == 0 || equal || (ka.len > kb.len && memcmp(ka.data + ka.len - kb.len, kb.data, kb.len) == 0 &&
			ka.data[ka.len - kb.len - 1] == '\n');
	MUST(spk_dn_equal(a, b) == equal);
	MUST(spk_dn_equal_bytes(spk_bytes(a), spk_bytes(b)) == equal || strlen(a) > SPK_DN_MAX || strlen(b) > SPK_DN_MAX);
	MUST(spk_dn_is_under(a, b) == under);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *second = strchr(text, '\n');
	if (second)
		*second++ = '\0';
	check(text, second ? second : "");
	check(text, text);
	if (second)
		check(second, text);
	free(text);
	return 0;
}
