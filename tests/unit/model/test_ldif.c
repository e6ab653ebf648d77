/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "model/ldif/ldif.h"

static spn_error error, *const err = &error;
static spk_ldif_reader *reader;
static const spk_ldif_record *record;

static int close_reader(void **state)
{
	(void)state;
	reader = spk_ldif_reader_free(reader);
	return 0;
}

static void open_text(const char *text)
{
	close_reader(NULL);
	assert_ok(spk_ldif_read_text("x.ldif", spk_bytes(text), &reader, err));
}

static void read_next(void)
{
	record = NULL;
	assert_ok(spk_ldif_next(reader, &record, err));
}

/* Reads all of a text and expects it to be refused. */
static void refused_bytes(const char *text, size_t len, const char *message)
{
	const spk_ldif_record *before = (const spk_ldif_record *)text;
	spn_status status;
	close_reader(NULL);
	assert_ok(spk_ldif_read_text("x.ldif", (spn_bytes){ text, len }, &reader, err));
	do {
		record = before;
		status = spk_ldif_next(reader, &record, err);
	} while (!status && record);
	assert_ptr_equal(record, before);
	assert_int_equal(status, SPN_ERR_SYNTAX);
	if (!strstr(error.message, message))
		fail_msg("'%s' is not in '%s'", message, error.message);
}

static void refused(const char *text, const char *message)
{
	refused_bytes(text, strlen(text), message);
}

static void a_record_has_a_dn_and_its_lines_with_their_places(void **state)
{
	(void)state;
	static const char text[] = "\ndn: CN=a\ncn: a\nservicePrincipalName: http/a\n\ndn: CN=b\n";
	open_text(text);
	read_next();
	assert_string_equal(record->dn, "CN=a");
	assert_null(record->changetype);
	assert_int_equal(record->line, 2);
	assert_int_equal(record->offset, 1);
	assert_int_equal(record->len, strlen("dn: CN=a\ncn: a\nservicePrincipalName: http/a\n"));
	assert_int_equal(record->n_lines, 2);
	assert_string_equal(record->lines[1].attr, "servicePrincipalName");
	assert_string_equal(record->lines[1].value.data, "http/a");
	assert_int_equal(record->lines[1].value.len, 6);
	assert_int_equal(record->lines[1].line, 4);
	assert_memory_equal(text + record->lines[1].offset, "servicePrincipalName: http/a\n", record->lines[1].len);
	read_next();
	assert_string_equal(record->dn, "CN=b");
	assert_int_equal(record->n_lines, 0);
	read_next();
	assert_null(record);
	read_next();
	assert_null(record);
}

static void an_empty_text_has_no_record(void **state)
{
	(void)state;
	open_text("");
	read_next();
	assert_null(record);
	open_text("\n\r\n\n# nothing\n\n");
	read_next();
	assert_null(record);
}

static void lines_may_end_with_crlf(void **state)
{
	(void)state;
	open_text("dn: CN=a\r\ncn: a\r\ndescription: long\r\n er\r\n\r\ndn: CN=b\r\n");
	read_next();
	assert_true(record->crlf);
	assert_string_equal(record->lines[0].value.data, "a");
	assert_string_equal(record->lines[1].value.data, "longer");
	read_next();
	assert_string_equal(record->dn, "CN=b");
}

static void the_last_line_may_lack_its_end(void **state)
{
	(void)state;
	open_text("dn: CN=a\ncn: a");
	read_next();
	assert_string_equal(record->lines[0].value.data, "a");
	assert_true(record->cut);
	open_text("dn: CN=a\ncn: a\n");
	read_next();
	assert_false(record->cut);
}

static void a_folded_line_is_one_value(void **state)
{
	(void)state;
	open_text("dn: CN=a,\n DC=x\ndesc\n ription: a \n  b\n c\ncn: a\n");
	read_next();
	assert_string_equal(record->dn, "CN=a,DC=x");
	assert_string_equal(record->lines[0].attr, "description");
	assert_string_equal(record->lines[0].value.data, "a  bc");
	assert_int_equal(record->lines[0].line, 3);
	assert_int_equal(record->lines[0].len, strlen("desc\n ription: a \n  b\n c\n"));
	assert_int_equal(record->lines[1].line, 7);
}

static void a_base64_value_is_decoded(void **state)
{
	(void)state;
	open_text("dn:: Q049w6Q=\nobjectSid:: AQA\n BAg==\ncn::\nsn:: \n");
	read_next();
	assert_string_equal(record->dn, "CN=\xc3\xa4");
	assert_int_equal(record->lines[0].value.len, 4);
	assert_memory_equal(record->lines[0].value.data, "\1\0\1\2", 5);
	assert_int_equal(record->lines[1].value.len, 0);
	assert_int_equal(record->lines[2].value.len, 0);
}

static void values_keep_what_is_in_them(void **state)
{
	(void)state;
	open_text("dn: CN=a\na: b: c\na:b\na:   b\na:\na: \na: caf\xc3\xa9 \n");
	read_next();
	static const char *const wanted[] = { "b: c", "b", "b", "", "", "caf\xc3\xa9 " };
	assert_int_equal(record->n_lines, 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(record->lines[i].value.data, wanted[i]);
}

static void a_utf8_byte_order_mark_is_skipped(void **state)
{
	(void)state;
	open_text("\xef\xbb\xbf" "dn: CN=a\n");
	read_next();
	assert_string_equal(record->dn, "CN=a");
	assert_int_equal(record->offset, 3);
}

static void utf16_is_refused_with_the_remedy(void **state)
{
	(void)state;
	refused_bytes("\xff\xfe" "d\0n\0", 6, "iconv");
	refused_bytes("\xfe\xff" "\0d\0n", 6, "iconv");
	refused_bytes("d\0n\0:\0", 6, "'x.ldif', line 1, column 2: a NUL byte");
}

static void the_version_line_is_skipped(void **state)
{
	(void)state;
	open_text("version: 1\ndn: CN=a\n");
	read_next();
	assert_string_equal(record->dn, "CN=a");
	open_text("# x\nversion: 1\n\n# y\ndn: CN=a\n");
	read_next();
	assert_string_equal(record->dn, "CN=a");
	assert_int_equal(record->n_comments, 2);
	refused("version: 2\n", "line 1, column 1: only version 1");
	refused("dn: CN=a\n\nversion: 2\n", "line 3, column 1: only version 1");
}

static void files_that_were_put_together_are_read_as_one(void **state)
{
	(void)state;
	open_text("\xef\xbb\xbfversion: 1\n\ndn: CN=a\n\n\xef\xbb\xbfversion: 1\ndn: CN=b\ncn: b\n\xef\xbb\xbf"
			"dn: CN=c\nversion: 1\ndn: CN=d\n");
	for (const char *name = "CN=a\0CN=b\0CN=c\0CN=d\0"; *name; name += strlen(name) + 1) {
		read_next();
		assert_string_equal(record->dn, name);
	}
	read_next();
	assert_null(record);
}

static void a_dn_begins_a_record_without_an_empty_line(void **state)
{
	(void)state;
	open_text("dn: CN=a\ncn: a\nDN:: Q049Yg==\ncn: b\n \ndn: CN=c\ncn: c\n  \n \t\n# x\n\ndn: CN=d\ncn: d\r\n \r\n"
			"\t\ndn: CN=e\nsearch: 2\nresult: 0 Success\n");
	for (const char *name = "CN=a\0CN=b\0CN=c\0CN=d\0CN=e\0"; *name; name += strlen(name) + 1) {
		read_next();
		assert_string_equal(record->dn, name);
		assert_int_equal(record->n_lines, strcmp(name, "CN=e") == 0 ? 0 : 1);
		if (record->n_lines > 0)
			assert_int_equal(record->lines[0].value.len, 1);
	}
	read_next();
	assert_null(record);
	refused("dn: CN=a\nsearch: 2\nresult: 4 Size limit exceeded\n", "line 3: the search that wrote this file failed");
}

static void blanks_inside_a_folded_value_are_kept(void **state)
{
	(void)state;
	open_text("dn: CN=a\ncn: a\n   \n b\n");
	read_next();
	assert_string_equal(record->lines[0].value.data, "a  b");
}

static void an_export_is_utf8_but_for_its_comments(void **state)
{
	(void)state;
	static const char *const only[] = { "sn", NULL };
	for (int skims = 0; skims < 2; skims++) {
		open_text("# M\xfcller\ndn: CN=M\xc3\xbcller\ndescription: B\xc3\n \xbc" "cher\nsn: x\n\ndn: CN=b\n"
				"cn: b\ndescription: M\xfcller\n");
		spk_ldif_of_export(reader);
		if (skims)
			assert_ok(spk_ldif_only(reader, only, err));
		read_next();
		assert_string_equal(record->dn, "CN=M\xc3\xbcller");
		assert_fails(spk_ldif_next(reader, &record, err), SPN_ERR_SYNTAX, "line 9, column 15: not UTF-8");
		assert_non_null(strstr(error.message, "iconv -f WINDOWS-1252 -t UTF-8"));
	}
}

static void an_export_leaves_out_what_is_in_other_files(void **state)
{
	(void)state;
	open_text("dn: CN=a\nobjectGUID:< file:///etc/passwd\ncn: a\nobjectSid:< file:///x\n");
	spk_ldif_of_export(reader);
	read_next();
	assert_int_equal(record->n_lines, 1);
	assert_int_equal(spk_ldif_get_skipped(reader).urls, 2);
	open_text("dn: CN=a\ncn: a\nserviceprincipalname;range=0-1:< file:///x\n");
	spk_ldif_of_export(reader);
	assert_fails(spk_ldif_next(reader, &record, err), SPN_ERR_SYNTAX, "line 3, column 32: the value is in another file");
}

static void an_attribute_in_disguise_hides_no_value(void **state)
{
	(void)state;
	static const char *const names[] = { "servicePrincipalName;x", "SERVICEPRINCIPALNAME;binary",
		"servicePrincipalName;lang-en;range=0-1", "1.2.840.113556.1.4.771", "oid.1.2.840.113556.1.4.771",
		"1.2.840.113556.1.4.771;range=0-1", "2.5.4.0", "userAccountControl;x" };
	static const char *const wanted[] = { "servicePrincipalName", "userAccountControl", NULL };
	for (size_t i = 0; i < 2 * sizeof names / sizeof *names; i++) {
		char text[256];
		snprintf(text, sizeof text, "dn: CN=a\ncn: a\nsn: b\n%s: x/y\n\ndn: CN=b\ncn: b\n", names[i / 2]);
		open_text(text);
		spk_ldif_of_export(reader);
		if (i % 2)
			assert_ok(spk_ldif_only(reader, wanted, err));
		assert_fails(spk_ldif_next(reader, &record, err), SPN_ERR_SYNTAX, "line 4, column 1: '");
		assert_non_null(strstr(error.message,
				"but is not read as such: export the attribute under that name, without options"));
	}
	open_text("dn: CN=a\nservicePrincipalName;range=0-1: x/y\nuserCertificate;binary: x\n"
			"1.2.840.113556.1.4.7710: x\n2.5.4.3: a\n");
	spk_ldif_of_export(reader);
	read_next();
	assert_int_equal(record->n_lines, 4);
}

static void comments_are_kept_in_order_with_their_places(void **state)
{
	(void)state;
	open_text("# one\n\n#two\n#\ndn: CN=a\n# th\n ree\ncn: a\n# four\nsn: b\n# five\n\n# six\ndn: CN=b\n"
			"# seven\n\n#eight");
	read_next();
	static const char *const texts[] = { "one", "two", "", "three", "four", "five" };
	static const size_t before[] = { 0, 0, 0, 0, 1, 2 };
	assert_int_equal(record->n_comments, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_string_equal(record->comments[i].text, texts[i]);
		assert_int_equal(record->comments[i].before, before[i]);
	}
	assert_int_equal(record->comments[3].line, 6);
	assert_string_equal(record->lines[0].value.data, "a");
	read_next();
	assert_int_equal(record->n_comments, 2);
	assert_string_equal(record->comments[0].text, "six");
	read_next();
	assert_null(record);
	const spk_ldif_comment *rest;
	assert_int_equal(spk_ldif_comments(reader, &rest), 1);
	assert_string_equal(rest[0].text, "eight");
}

static void a_change_record_shows_its_separators(void **state)
{
	(void)state;
	open_text("dn: CN=a\nchangetype: modify\n# x\nadd: cn\ncn: b\n-\ndelete: cn\n-\n\n"
			"dn: CN=b\nchangetype: delete\n");
	read_next();
	assert_string_equal(record->changetype, "modify");
	static const char *const attrs[] = { "add", "cn", "-", "delete", "-" };
	assert_int_equal(record->n_lines, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(record->lines[i].attr, attrs[i]);
	assert_int_equal(record->comments[0].before, 0);
	read_next();
	assert_string_equal(record->changetype, "delete");
}

static void a_change_that_makes_no_sense_is_refused(void **state)
{
	(void)state;
	refused("dn: a=b\nchangetype: modify\n-\n", "line 3, column 1: '-', but no change");
	refused("dn: a=b\nchangetype: modify\nadd: cn\nsn: b\n-\n", "line 4, column 1: 'sn:' inside a change of 'cn'");
	refused("dn: a=b\nchangetype: modify\ncn: b\n", "line 3, column 1: expected 'add:' or 'delete:', got 'cn:'");
	refused("dn: a=b\nchangetype: modify\nadd: c n\n", "line 3, column 1: 'c n' is not an attribute name");
	refused("dn: a=b\nchangetype: modify\n", "line 1: the record ends inside a change");
	refused("dn: a=b\ncontrol: 1.2 true\nchangetype: delete\n", "line 2, column 1: 'control:'");
}

/* Whatever is cut off a plan, no record of it is read that is not whole. */
static void a_plan_that_is_cut_off_yields_whole_records_only(void **state)
{
	(void)state;
	static const char plan[] = "version: 1\n\ndn: CN=a\nchangetype: modify\nadd: cn\ncn: one\ncn:: dHdv\n-\n\n"
			"dn:: Q049Yg==\nchangetype: modify\ndelete: cn\ncn: three\n-\nadd: sn\nsn: four\n-\n";
	for (size_t len = 0; len < sizeof plan; len++) {
		close_reader(NULL);
		assert_ok(spk_ldif_read_text("x.ldif", (spn_bytes){ plan, len }, &reader, err));
		while (!spk_ldif_next(reader, &record, err) && record) {
			if (!record->changetype || strcmp(record->changetype, "modify") != 0)
				continue; /* cut off inside its head: whoever applies plans refuses it */
			assert_int_not_equal(record->n_lines, 0);
			assert_string_equal(record->lines[record->n_lines - 1].attr, "-");
			/* a change is whole, or missing with its '-' */
			assert_true(strcmp(record->dn, "CN=a") == 0 ? record->n_lines == 4 :
					record->n_lines == 3 || record->n_lines == 6);
		}
	}
}

static void bad_base64_is_refused_at_its_place(void **state)
{
	(void)state;
	refused("dn: a=b\ncn:: YW!j\n", "'x.ldif', line 2, column 8: a character that base64 does not have");
	refused("dn: a=b\ncn:: YWJj\n YW\n J!\n", "line 4, column 3: a character");
	refused("dn: a=b\ncn:: YWJ\nsn: x\n", "line 2, column 9: the base64 value has a wrong length");
	refused("dn: a=b\ncn:: YQ==YWJj\n", "line 2, column 8: the base64 value has a wrong");
	refused("dn: a=b\ncn:: =\n", "line 2, column 6");
	refused("dn: a=b\ncn:: YWJjY", "line 2, column 11: the file is cut off inside a base64 value");
	refused("dn:: YT1iAA==\n", "line 1: a NUL byte in a DN");
}

static void malformed_lines_are_refused_with_their_places(void **state)
{
	(void)state;
	refused("dn: a=b\n\n\ncn: a\n", "'x.ldif', line 4, column 1: a record begins with 'dn:', not with 'cn:'");
	refused("dn: a=b\nno colon here\n", "line 2, column 14: no ':' in the line");
	refused("dn: a=b\nservicePrincipal", "line 2, column 17: no ':' in the last line: is the file cut off?");
	refused("dn: a=b\nc n: a\n", "line 2, column 1: the text before ':' is not an attribute name");
	refused("dn: a=b\n: a\n", "line 2, column 1: the text before");
	refused("\n lost\n", "line 2, column 1: a continuation line, but no line before it");
	refused("dn: a=b\njpegPhoto:< file:///etc/passwd\n", "line 2, column 11: the value is in another file");
	refused("dn: a=b\ncn: a\rsn: b\n", "line 2, column 6: a carriage return inside a line");
	refused("dn: a=b\ncn: a\n \rb\n", "line 3, column 2: a carriage return");
	refused_bytes("dn: a=b\ncn: a\0b\n", 16, "line 2, column 6: a NUL byte");
	refused_bytes("\x7f" "ELF\2\1\1\0\0", 9, "line 1, column 8: a NUL byte");
}

static void what_ldapsearch_adds_is_skipped(void **state)
{
	(void)state;
	open_text("# extended LDIF\n#\n\n# a\ndn: CN=a\ncn: a\n\n# search reference\nref: ldap://x/CN=Configuration\n\n"
			"# search result\nsearch: 2\nresult: 0 Success\ncontrol: 1.2 false\n\n# numEntries: 1\n");
	read_next();
	assert_string_equal(record->dn, "CN=a");
	read_next();
	assert_null(record);
}

static void an_export_that_is_incomplete_is_refused(void **state)
{
	(void)state;
	refused("dn: CN=a\ncn: a\n\nsearch: 2\nresult: 4 Size limit exceeded\n",
			"line 5: the search that wrote this file failed and the file is incomplete: result 4 Size limit exceeded");
}

static void an_export_may_end_at_a_limit(void **state)
{
	(void)state;
	static const char *const results[] = { "3 Time limit", "4 Size limit", "11 Administrative limit",
		"1 Operations error" };
	for (size_t i = 0; i < 4; i++) {
		char text[128];
		snprintf(text, sizeof text, "dn: CN=a\ncn: a\n\nref: ldap://x/DC=x\n\nsearch: 2\nresult: %s\n", results[i]);
		open_text(text);
		spk_ldif_of_export(reader);
		read_next();
		if (i == 3) {
			assert_fails(spk_ldif_next(reader, &record, err), SPN_ERR_SYNTAX, "line 7: the search that wrote this file failed");
			break;
		}
		read_next();
		assert_null(record);
		assert_int_equal(spk_ldif_get_skipped(reader).cuts, 1);
		assert_int_equal(spk_ldif_get_skipped(reader).refs, 1);
	}
}

/* An input that never ends, with a line end after every line_len bytes (0: none). */
struct endless {
	size_t served, line_len;
};

static ssize_t read_endless(void *data, size_t offset, char *buffer, size_t size)
{
	struct endless *endless = data;
	assert_int_equal(offset, endless->served);
	for (size_t i = 0; i < size; i++) {
		size_t column = endless->line_len ? (offset + i) % endless->line_len : 1;
		buffer[i] = endless->line_len && column == endless->line_len - 1 ? '\n' :
				column == 0 && offset + i > 0 ? ' ' : offset + i == 1 ? ':' : 'a';
	}
	endless->served += size;
	return (ssize_t)size;
}

static void an_endless_line_is_refused_early(void **state)
{
	(void)state;
	for (size_t line_len = 0; line_len <= 80; line_len += 80) {
		struct endless endless = { 0, line_len };
		close_reader(NULL);
		assert_ok(spk_ldif_read_from("x.ldif", read_endless, &endless, &reader, err));
		assert_fails(spk_ldif_next(reader, &record, err), SPN_ERR_SYNTAX, "'x.ldif', line ");
		assert_non_null(strstr(error.message, "longer than 16 MiB"));
		assert_in_range(endless.served, SPK_LDIF_LINE_MAX, 3 * SPK_LDIF_LINE_MAX);
	}
}

static void a_line_of_the_greatest_length_is_read(void **state)
{
	(void)state;
	char *text = malloc(SPK_LDIF_LINE_MAX + 64);
	memcpy(text, "dn: a=b\ncn: ", 12);
	memset(text + 12, 'x', SPK_LDIF_LINE_MAX);
	memcpy(text + 8 + SPK_LDIF_LINE_MAX, "\n", 2);
	open_text(text);
	read_next();
	assert_int_equal(record->lines[0].value.len, SPK_LDIF_LINE_MAX - 4);
	memcpy(text + 8 + SPK_LDIF_LINE_MAX, "xx\n", 4);
	open_text(text);
	assert_fails(spk_ldif_next(reader, &record, err), SPN_ERR_SYNTAX, "line 2: the line is longer than 16 MiB");
	free(text);
}

static void a_gibibyte_of_zeros_is_refused(void **state)
{
	(void)state;
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_int_equal(fseek(file, 1L << 30, SEEK_SET), 0);
	assert_int_equal(fputc('\n', file), '\n');
	rewind(file);
	close_reader(NULL);
	assert_ok(spk_ldif_read_file("x.ldif", file, &reader, err));
	assert_fails(spk_ldif_next(reader, &record, err), SPN_ERR_SYNTAX, "line 1: the line is longer than 16 MiB");
	assert_in_range(ftell(file), 0, 3L << 24);
	fclose(file);
}

static ssize_t read_nothing(void *data, size_t offset, char *buffer, size_t size)
{
	(void)data;
	(void)offset;
	(void)buffer;
	(void)size;
	errno = EIO;
	return -1;
}

static void an_input_that_cannot_be_read_is_no_empty_one(void **state)
{
	(void)state;
	close_reader(NULL);
	assert_ok(spk_ldif_read_from("x.ldif", read_nothing, NULL, &reader, err));
	assert_fails(spk_ldif_next(reader, &record, err), SPN_ERR_FAILED, "cannot read 'x.ldif': Input/output error");
	assert_int_equal(error.native, EIO);
}

static void a_record_is_found_again_at_its_offset(void **state)
{
	(void)state;
	open_text("\xef\xbb\xbf" "version: 1\ndn: CN=a\ncn: a\n\ndn: CN=b\ncn: b\n");
	read_next();
	size_t first = record->offset;
	read_next();
	size_t second = record->offset;
	spk_ldif_seek(reader, first, 2);
	read_next();
	assert_string_equal(record->dn, "CN=a");
	spk_ldif_seek(reader, second, 5);
	read_next();
	assert_string_equal(record->dn, "CN=b");
	assert_int_equal(record->line, 5);
	spk_ldif_seek(reader, 0, 1);
	read_next();
	assert_string_equal(record->dn, "CN=a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_record_has_a_dn_and_its_lines_with_their_places, close_reader),
		cmocka_unit_test_teardown(an_empty_text_has_no_record, close_reader),
		cmocka_unit_test_teardown(lines_may_end_with_crlf, close_reader),
		cmocka_unit_test_teardown(the_last_line_may_lack_its_end, close_reader),
		cmocka_unit_test_teardown(a_folded_line_is_one_value, close_reader),
		cmocka_unit_test_teardown(a_base64_value_is_decoded, close_reader),
		cmocka_unit_test_teardown(values_keep_what_is_in_them, close_reader),
		cmocka_unit_test_teardown(a_utf8_byte_order_mark_is_skipped, close_reader),
		cmocka_unit_test_teardown(utf16_is_refused_with_the_remedy, close_reader),
		cmocka_unit_test_teardown(the_version_line_is_skipped, close_reader),
		cmocka_unit_test_teardown(files_that_were_put_together_are_read_as_one, close_reader),
		cmocka_unit_test_teardown(a_dn_begins_a_record_without_an_empty_line, close_reader),
		cmocka_unit_test_teardown(blanks_inside_a_folded_value_are_kept, close_reader),
		cmocka_unit_test_teardown(an_export_is_utf8_but_for_its_comments, close_reader),
		cmocka_unit_test_teardown(an_export_leaves_out_what_is_in_other_files, close_reader),
		cmocka_unit_test_teardown(an_attribute_in_disguise_hides_no_value, close_reader),
		cmocka_unit_test_teardown(comments_are_kept_in_order_with_their_places, close_reader),
		cmocka_unit_test_teardown(a_change_record_shows_its_separators, close_reader),
		cmocka_unit_test_teardown(a_change_that_makes_no_sense_is_refused, close_reader),
		cmocka_unit_test_teardown(a_plan_that_is_cut_off_yields_whole_records_only, close_reader),
		cmocka_unit_test_teardown(bad_base64_is_refused_at_its_place, close_reader),
		cmocka_unit_test_teardown(malformed_lines_are_refused_with_their_places, close_reader),
		cmocka_unit_test_teardown(what_ldapsearch_adds_is_skipped, close_reader),
		cmocka_unit_test_teardown(an_export_that_is_incomplete_is_refused, close_reader),
		cmocka_unit_test_teardown(an_export_may_end_at_a_limit, close_reader),
		cmocka_unit_test_teardown(an_endless_line_is_refused_early, close_reader),
		cmocka_unit_test_teardown(a_line_of_the_greatest_length_is_read, close_reader),
		cmocka_unit_test_teardown(a_gibibyte_of_zeros_is_refused, close_reader),
		cmocka_unit_test_teardown(an_input_that_cannot_be_read_is_no_empty_one, close_reader),
		cmocka_unit_test_teardown(a_record_is_found_again_at_its_offset, close_reader),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
