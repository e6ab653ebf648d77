/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "journal.h"
#include "journal_file.h"
#include "model/dn.h"
#include "model/fold.h"
#include "plan_ldif.h"

#define BEFORE "# before: "
#define REFUSED "# " SPK_JOURNAL_REFUSED
#define NOTE "\n# " SPK_JOURNAL_NOTE SPK_SPN ": "

void spk_journal_unload(struct spk_journal *journal)
{
	spn_plan_free(journal->inverses);
}

static bool ends_with(const spk_text *text, const char *end)
{
	size_t len = strlen(end);
	return text->len >= len && memcmp(text->data + text->len - len, end, len) == 0;
}

static bool ends_with_empty_line(const spk_text *text)
{
	return ends_with(text, "\n\n") || ends_with(text, "\n\r\n");
}

/* Up to the empty line behind the last record that is whole. */
static size_t whole_length(const spk_text *text)
{
	spk_text part = *text;
	while (part.len > 0 && !ends_with_empty_line(&part))
		part.len--;
	return part.len;
}

static spn_status read_records(spn_bytes text, const char *path, spn_plan *plan, spn_error *err)
{
	SPK_AUTOLDIF spk_ldif_reader *reader = NULL;
	const spk_ldif_record *record = NULL;
	spn_status status = spk_ldif_read_text(path, text, &reader, err);
	while (!status && !(status = spk_ldif_next(reader, &record, err)) && record)
		status = spk_step_read(reader, record, plan, err);
	return status;
}

/* Of a journal that grew: the records of steps that were refused, and the order. */
static spn_status put_in_order(const spk_text *text, size_t len, const spn_plan *grown, spn_plan *plan, spn_error *err)
{
	size_t n = spn_plan_count(grown);
	SPK_AUTOFREE bool *refused = calloc(n + 1, sizeof *refused);
	spn_status status = refused ? SPN_OK : spk_nomem(err);
	const char *stop = text->data + len;
	for (const char *at = text->data; !status && (at = strstr(at, "\n" REFUSED)) && at < stop; at++) {
		unsigned long number = strtoul(at + strlen("\n" REFUSED), NULL, 10);
		refused[number <= n ? number : 0] = true;
	}
	for (size_t i = n; !status && i-- > 0;)
		if (!refused[i + 1])
			status = spn_plan_append(plan, spn_plan_step(grown, i), err);
	return status;
}

spn_status spk_journal_load(const spk_text *text, const char *path, struct spk_journal *ret_journal, spn_error *err)
{
	SPK_AUTO(spn_plan) *records = NULL, *inverses = NULL;
	spn_status status = spn_plan_new(&records, err);
	if (!status)
		status = spn_plan_new(&inverses, err);
	if (status)
		return status;
	bool grew = spk_journal_begins_with(text->data, SPK_JOURNAL_GROWING_MAGIC);
	bool torn = grew ? !ends_with_empty_line(text) :
			!ends_with(text, "# " SPK_JOURNAL_END "\n") && !ends_with(text, "# " SPK_JOURNAL_END "\r\n");
	size_t len = torn ? whole_length(text) : text->len;
	status = read_records((spn_bytes){ text->data, len }, path, records, err);
	if (!status && torn && !grew && spn_plan_count(records) == 0)
		status = spn_fail(err, SPN_ERR_SYNTAX, 0, "the journal '%s' is cut off before its first change: "
				"it can be read, but not undone", path);
	if (!status && grew)
		status = put_in_order(text, len, records, inverses, err);
	if (status)
		return status;
	spn_plan **taken = grew ? &inverses : &records;
	*ret_journal = (struct spk_journal){ text->data, *taken, torn, grew };
	*taken = NULL;
	return SPN_OK;
}

/* Its notes are comments, in which what a terminal would obey or hide is '?'. */
bool spk_journal_knows(const struct spk_journal *journal, spn_bytes given)
{
	SPK_AUTOTEXT spk_text name = { 0 };
	spk_text_add_bytes(&name, given.data, given.len);
	if (name.failed)
		return true; /* which takes nothing away */
	spk_make_printable(name.data);
	for (const char *at = journal->text; (at = strstr(at, NOTE)); at++) {
		const char *value = at + strlen(NOTE);
		if (spk_fold_equal((spn_bytes){ value, strcspn(value, "\r\n") }, spk_bytes(name.data), SPK_FOLD_WINDOWS))
			return true;
	}
	return false;
}

/* A line of a note, without its end. */
static spn_bytes line_at(const char *at)
{
	return (spn_bytes){ at, strcspn(at, "\r\n") };
}

static bool is_dn_of(spn_bytes line, const char *dn)
{
	return spk_dn_equal_bytes(line, spk_bytes(dn));
}

/* In the notes of one entry: whether the attribute had the value. */
static bool notes_have(const char *notes, const char *attr, spn_bytes value, bool is_dn)
{
	static const char lead[] = "# " SPK_JOURNAL_NOTE;
	size_t len = strlen(attr);
	for (const char *at = notes; (at = strchr(at, '\n')) && strncmp(at + 1, lead, sizeof lead - 1) == 0; at++) {
		const char *text = at + sizeof lead;
		if (strncmp(text, attr, len) != 0 || strncmp(text + len, ": ", 2) != 0)
			continue;
		spn_bytes noted = line_at(text + len + 2);
		if (is_dn ? spk_dn_equal_bytes(noted, value) : noted.len == value.len && memcmp(noted.data, value.data, value.len) == 0)
			return true;
	}
	return false;
}

bool spk_journal_had(const struct spk_journal *journal, const spn_step *step, const spn_mod *mod)
{
	bool is_member = spk_ascii_equal(mod->attr, "member");
	if (!is_member && !spk_mod_is_spn(mod))
		return false;
	const char *account = is_member ? mod->value.data : step->dn;
	for (const char *at = journal->text; (at = strstr(at, "\n" BEFORE)); at++) {
		const char *dn = at + strlen("\n" BEFORE);
		if (is_dn_of(line_at(dn), account))
			return is_member ? notes_have(dn, "memberOf", spk_bytes(step->dn), true) : notes_have(dn, SPK_SPN, mod->value, false);
	}
	return false;
}
