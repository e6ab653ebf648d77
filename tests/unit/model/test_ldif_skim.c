/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "model/ldif/ldif.h"

static unsigned seed;

static unsigned roll(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

/* Random records: mostly plain lines, now and then what has to be looked at in earnest; with bad set, perhaps what is
 * refused. */
static void make_text(spk_text *text, size_t n_records, bool bad)
{
	static const char *const lines[] = { "cn: a", "sn:b", "objectClass: top", "servicePrincipalName: http/x",
		"objectSid:: AQUAAA==", "objectGUID::AAAA", "servicePrincipalName:: aHR0cC94", "member;range=0-1: x",
		"userPrincipalName:   u", "userAccountControl: 512", "description: long\n er than a line",
		"# a comment", "l:", "st;lang-de: x", "SERVICEPRINCIPALNAME: y", "servicePrincipalNames: z", "m: :", "info:  a: b",
		"anAttributeWithANameThatIsLongerThanAnyOtherOfThem: 1" };
	static const char *const bad_lines[] = { "no colon", "cn:: a*b", "objectSid:: AAA", "-", "x y: z",
		"cn:< file:///x", "cn: a\rb", "dn: again", "objectSid:: AA=A" };
	for (size_t i = 0; i < n_records; i++) {
		const char *end = roll(8) ? "\n" : "\r\n";
		spk_text_add(text, "dn: CN=%zu%s", i, end);
		for (size_t n = roll(12); n > 0; n--) {
			bool is_bad = bad && roll(60) == 0;
			spk_text_add(text, "%s%s", is_bad ? bad_lines[roll(9)] : lines[roll(19)], end);
		}
		spk_text_add(text, "%s", end);
	}
	assert_false(text->failed);
	if (bad && roll(3) == 0)
		text->len -= roll((unsigned)text->len);
}

struct source {
	spn_bytes text;
	size_t step;
};

static ssize_t read_some(void *data, size_t offset, char *buffer, size_t size)
{
	const struct source *source = data;
	size_t n = source->text.len - offset;
	n = n < size ? n : size;
	n = n < source->step ? n : source->step;
	memcpy(buffer, source->text.data + offset, n);
	return (ssize_t)n;
}

static bool is_of(const spk_ldif_line *line, const char *const *attrs)
{
	for (; *attrs; attrs++) {
		size_t len = strlen(*attrs);
		if (strncasecmp(line->attr, *attrs, len) == 0 && (!line->attr[len] || line->attr[len] == ';'))
			return true;
	}
	return strcmp(line->attr, "-") == 0;
}

/* The lines of a record that are wanted. */
static void put_record(spk_text *out, const spk_ldif_record *record, const char *const *attrs)
{
	spk_text_add(out, "%s %s %zu %zu %zu %d %d\n", record->dn, record->changetype ? record->changetype : "",
			record->line, record->offset, record->len, record->crlf, record->cut);
	for (size_t i = 0; i < record->n_lines; i++) {
		const spk_ldif_line *line = &record->lines[i];
		if (!is_of(line, attrs))
			continue;
		spk_text_add(out, "%s=", line->attr);
		spk_text_add_bytes(out, line->value.data, line->value.len);
		spk_text_add(out, " %zu %zu %zu\n", line->line, line->offset, line->len);
	}
}

static void read_all(const struct source *source, bool from_memory, const char *const *only,
		const char *const *attrs, spk_text *out)
{
	SPK_AUTOLDIF spk_ldif_reader *reader = NULL;
	spn_error err = { .status = SPN_OK };
	const spk_ldif_record *record = NULL;
	spn_status status = from_memory ? spk_ldif_read_text("x", source->text, &reader, &err)
		: spk_ldif_read_from("x", read_some, (void *)(uintptr_t)source, &reader, &err);
	assert_int_equal(status, SPN_OK);
	if (only)
		assert_int_equal(spk_ldif_only(reader, only, &err), SPN_OK);
	while (!(status = spk_ldif_next(reader, &record, &err)) && record)
		put_record(out, record, attrs);
	if (status)
		spk_text_add(out, "%s\n", err.message);
	assert_false(out->failed);
}

static void compare(size_t n_records, bool bad)
{
	static const char *const sets[][3] = { { NULL }, { "servicePrincipalName", NULL }, { "objectSid", "member", NULL } };
	SPK_AUTOTEXT spk_text text = { 0 };
	make_text(&text, n_records, bad);
	for (size_t s = 0; s < 3; s++) {
		const struct source source = { { text.data, text.len }, 1 + roll(100000) };
		SPK_AUTOTEXT spk_text wanted = { 0 }, got = { 0 }, also = { 0 };
		read_all(&source, false, NULL, sets[s], &wanted);
		read_all(&source, false, sets[s], sets[s], &got);
		read_all(&source, true, sets[s], sets[s], &also);
		assert_string_equal(wanted.data ? wanted.data : "", got.data ? got.data : "");
		assert_string_equal(wanted.data ? wanted.data : "", also.data ? also.data : "");
	}
}

static void what_is_wanted_reads_as_it_does_among_the_rest(void **state)
{
	(void)state;
	for (seed = 1; seed < 30; seed++) {
		unsigned keep = seed;
		compare(4000, false);
		seed = keep;
	}
}

/* But for changes: whoever wants some attributes reads a directory, and refuses them as they are. */
static void what_is_malformed_is_refused_in_the_same_words(void **state)
{
	(void)state;
	for (seed = 1; seed < 1500; seed++) {
		unsigned keep = seed;
		compare(6, true);
		seed = keep;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wanted_reads_as_it_does_among_the_rest),
		cmocka_unit_test(what_is_malformed_is_refused_in_the_same_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
