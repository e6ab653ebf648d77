/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "model/ldif/ldif.h"

static spn_error error, *const err = &error;

static void put(const char *value, const char *wanted)
{
	SPK_AUTOTEXT spk_text out = { 0 };
	spk_ldif_put(&out, "cn", spk_bytes(value));
	assert_string_equal(out.data, wanted);
}

static void a_safe_value_is_written_as_it_is(void **state)
{
	(void)state;
	put("http/LAX-CRM01:5985", "cn: http/LAX-CRM01:5985\n");
	put("a : < b", "cn: a : < b\n");
	put("", "cn:\n");
}

static void what_is_not_safe_is_base64(void **state)
{
	(void)state;
	put(" a", "cn:: IGE=\n");
	put("a ", "cn:: YSA=\n");
	put(":a", "cn:: OmE=\n");
	put("<a", "cn:: PGE=\n");
	put("a\nb", "cn:: YQpi\n");
	put("a\rb", "cn:: YQ1i\n");
	put("\xc3\xa9", "cn:: w6k=\n");
	put("a\x1b[31m", "cn:: YRtbMzFt\n");
	SPK_AUTOTEXT spk_text out = { 0 };
	spk_ldif_put(&out, "cn", (spn_bytes){ "a\0b", 3 });
	assert_string_equal(out.data, "cn:: YQBi\n");
}

static void long_lines_are_folded_at_76_columns(void **state)
{
	(void)state;
	char value[400];
	memset(value, 'x', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	for (size_t len = 60; len < sizeof value; len++) {
		SPK_AUTOTEXT spk_text out = { 0 };
		spk_ldif_put(&out, "cn", (spn_bytes){ value, len });
		for (char *line = strtok(out.data, "\n"); line; line = strtok(NULL, "\n"))
			assert_in_range(strlen(line), 1, 76);
	}
	value[72] = '\0';
	SPK_AUTOTEXT spk_text wanted = { 0 };
	spk_text_add(&wanted, "cn: %s\n", value);
	put(value, wanted.data);
}

static void line_ends_may_be_crlf(void **state)
{
	(void)state;
	SPK_AUTOTEXT spk_text out = { 0 };
	spk_ldif_put_with(&out, "cn", spk_bytes("a"), "\r\n");
	assert_string_equal(out.data, "cn: a\r\n");
}

static void a_comment_stays_one_line(void **state)
{
	(void)state;
	SPK_AUTOTEXT spk_text out = { 0 };
	spk_ldif_put_comment(&out, "reason: %s", "x\ndn: CN=evil\r\n\x1b[2J");
	assert_string_equal(out.data, "# reason: x?dn: CN=evil???[2J\n");
}

/* Serves a text in pieces of random size. */
struct pieces {
	spn_bytes text;
	uint64_t random;
};

static ssize_t read_piece(void *data, size_t offset, char *buffer, size_t size)
{
	struct pieces *pieces = data;
	size_t left = pieces->text.len - offset;
	size_t n = unit_random(&pieces->random) % 100 + 1;
	n = n > left ? left : n;
	n = n > size ? size : n;
	memcpy(buffer, pieces->text.data + offset, n);
	return (ssize_t)n;
}

static size_t make_value(uint64_t *random, char *value, size_t size)
{
	/* often plain text, sometimes any bytes, sometimes long */
	size_t len = unit_random(random) % (unit_random(random) % 8 == 0 ? size : 40);
	bool is_plain = unit_random(random) % 2;
	for (size_t i = 0; i < len; i++) {
		uint64_t r = unit_random(random);
		value[i] = (char)(is_plain ? ' ' + r % 95 : r % 16 == 0 ? '\n' : r);
	}
	return len;
}

static void what_is_written_is_read_again(void **state)
{
	(void)state;
	enum { RUNS = 300, VALUES = 12, SIZE = 3000 };
	static char values[VALUES][SIZE];
	size_t lens[VALUES];
	uint64_t random = 88172645463325252u;
	for (int run = 0; run < RUNS; run++) {
		SPK_AUTOTEXT spk_text out = { 0 };
		const char *end = run % 2 ? "\r\n" : "\n";
		spk_ldif_put_with(&out, "dn", spk_bytes("CN=a,DC=\xc3\xa9"), end);
		for (size_t i = 0; i < VALUES; i++) {
			lens[i] = make_value(&random, values[i], SIZE);
			spk_ldif_put_with(&out, "x-attr;binary", (spn_bytes){ values[i], lens[i] }, end);
		}
		struct pieces pieces = { { out.data, out.len }, random };
		SPK_AUTOLDIF spk_ldif_reader *reader = NULL;
		const spk_ldif_record *record;
		assert_ok(spk_ldif_read_from("x.ldif", read_piece, &pieces, &reader, err));
		assert_ok(spk_ldif_next(reader, &record, err));
		assert_string_equal(record->dn, "CN=a,DC=\xc3\xa9");
		assert_int_equal(record->len, out.len);
		assert_int_equal(record->n_lines, VALUES);
		for (size_t i = 0; i < VALUES; i++) {
			assert_string_equal(record->lines[i].attr, "x-attr;binary");
			assert_int_equal(record->lines[i].value.len, lens[i]);
			assert_memory_equal(record->lines[i].value.data, values[i], lens[i]);
			assert_int_equal(record->lines[i].value.data[lens[i]], '\0');
		}
		assert_ok(spk_ldif_next(reader, &record, err));
		assert_null(record);
	}
}

/* Damage of any kind ends in a record or in a syntax error, not elsewhere. */
static void damaged_text_is_read_or_refused(void **state)
{
	(void)state;
	static const char good[] = "version: 1\n# c\ndn: CN=a\nobjectSid:: AQABAg==\ndescription: long\n er\n\n"
			"dn:: Q049Yg==\nchangetype: modify\nadd: cn\ncn: x\n-\n";
	uint64_t random = 362436069;
	for (int run = 0; run < 20000; run++) {
		char text[sizeof good];
		memcpy(text, good, sizeof good);
		for (uint64_t n = unit_random(&random) % 4; n > 0; n--)
			text[unit_random(&random) % (sizeof good - 1)] = "\n\r\0 :-#=d\xff<;"[unit_random(&random) % 12];
		struct pieces pieces = { { text, sizeof good - 1 - unit_random(&random) % 10 }, random };
		SPK_AUTOLDIF spk_ldif_reader *reader = NULL;
		const spk_ldif_record *record;
		spn_status status;
		assert_ok(spk_ldif_read_from("x.ldif", read_piece, &pieces, &reader, err));
		do {
			status = spk_ldif_next(reader, &record, err);
			if (!status && record)
				assert_in_range(record->offset + record->len, 1, pieces.text.len);
		} while (!status && record);
		assert_true(status == SPN_OK || status == SPN_ERR_SYNTAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_safe_value_is_written_as_it_is),
		cmocka_unit_test(what_is_not_safe_is_base64),
		cmocka_unit_test(long_lines_are_folded_at_76_columns),
		cmocka_unit_test(line_ends_may_be_crlf),
		cmocka_unit_test(a_comment_stays_one_line),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(damaged_text_is_read_or_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
