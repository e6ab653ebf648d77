/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/text.h"
#include "model/metadata.h"

/* Of an account of a domain controller of Samba 4.17. */
static const char real[] =
		"AQAAAAAAAAAYAAAAAAAAAAAAAAABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAAAMAAAABAAAAGjkd"
		"IQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAAAEAAgABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAA"
		"AAC6DwAAAAAAAAIAAgABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAABkBAgACAAAAGjkdIQMAAAB/"
		"3/FhOO1lR70zONScfFhAyA8AAAAAAADIDwAAAAAAAAEACQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAA"
		"AAAAAAgACQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAABAACQABAAAAGjkdIQMAAAB/3/FhOO1l"
		"R70zONScfFhAug8AAAAAAAC6DwAAAAAAABkACQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAADcA"
		"CQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAAEAACQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONSc"
		"fFhAug8AAAAAAAC6DwAAAAAAAFoACQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAAF4ACQABAAAA"
		"GjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAAGAACQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8A"
		"AAAAAAC6DwAAAAAAAGIACQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAAH0ACQABAAAAGjkdIQMA"
		"AAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAAJIACQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6"
		"DwAAAAAAAJ8ACQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAAKAACQABAAAAGjkdIQMAAAB/3/Fh"
		"OO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAAN0ACQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAA"
		"AC4BCQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAAJACCQABAAAAGjkdIQMAAAB/3/FhOO1lR70z"
		"ONScfFhAug8AAAAAAAC6DwAAAAAAAAMDCQABAAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAAA4DCQAB"
		"AAAAGjkdIQMAAAB/3/FhOO1lR70zONScfFhAug8AAAAAAAC6DwAAAAAAAA==";

static spn_bytes decode(spk_text *text)
{
	assert_true(spk_base64_decode(real, sizeof real - 1, text));
	return (spn_bytes){ text->data, text->len };
}

static void the_names_of_an_account_of_samba_are_dated(void **state)
{
	static const unsigned char dc1[] = { 0x7f, 0xdf, 0xf1, 0x61, 0x38, 0xed, 0x65, 0x47, 0xbd, 0x33, 0x38, 0xd4,
		0x9c, 0x7c, 0x58, 0x40 };
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_metadata found;
	(void)state;
	assert_true(spk_metadata_find(decode(&text), SPK_ATTID_SPN, &found));
	assert_int_equal(found.version, 1);
	assert_int_equal(found.when, 1795991578);
	assert_memory_equal(found.invoked, dc1, sizeof dc1);
}

static void an_attribute_that_was_never_set_is_not_found(void **state)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_metadata found;
	(void)state;
	assert_false(spk_metadata_find(decode(&text), 0x90304, &found));
}

static void what_is_not_whole_is_refused(void **state)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_metadata found;
	(void)state;
	spn_bytes whole = decode(&text);
	for (size_t len = 0; len < whole.len; len++)
		assert_false(spk_metadata_find((spn_bytes){ whole.data, len }, SPK_ATTID_SPN, &found));
	text.data[0] = 2; /* another version of the structure */
	assert_false(spk_metadata_find(whole, SPK_ATTID_SPN, &found));
}

static void what_is_not_a_time_is_refused(void **state)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_metadata found;
	(void)state;
	spn_bytes whole = decode(&text);
	assert_true(spk_metadata_find(whole, SPK_ATTID_SPN, &found));
	char *time = text.data + (found.invoked - text.data) - 8;
	memset(time, 0xff, 8);
	assert_false(spk_metadata_find(whole, SPK_ATTID_SPN, &found));
	memset(time, 0, 8);
	assert_false(spk_metadata_find(whole, SPK_ATTID_SPN, &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_names_of_an_account_of_samba_are_dated),
		cmocka_unit_test(an_attribute_that_was_never_set_is_not_found),
		cmocka_unit_test(what_is_not_whole_is_refused),
		cmocka_unit_test(what_is_not_a_time_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
