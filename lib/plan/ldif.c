/* SPDX-License-Identifier: MIT */
#include "ldif.h"

#include <string.h>

#include "journal.h"
#include "base/error.h"
#include "model/dn.h"

static const unsigned step_flags[] = { SPN_OPTIONAL, SPN_TAKEOVER, SPN_GIVES_BACK, SPN_FOREST, SPN_DUPLICATE };
#define N_STEP_FLAGS (sizeof step_flags / sizeof step_flags[0])

static void put_flags(unsigned flags, spk_text *out)
{
	SPK_AUTOTEXT spk_text names = { 0 };
	for (size_t i = 0; i < N_STEP_FLAGS; i++)
		if (flags & step_flags[i])
			spk_text_add(&names, " %s", spn_step_flag_name(step_flags[i], NULL));
	if (names.len)
		spk_ldif_put_comment(out, "flags:%s", names.data);
	out->failed |= names.failed;
}

void spk_step_put(const spn_step *step, spk_text *out)
{
	if (*step->reason)
		spk_ldif_put_comment(out, "reason: %s", step->reason);
	if (*step->account)
		spk_ldif_put_comment(out, "account: %s", step->account);
	put_flags(step->flags, out);
	spk_ldif_put(out, "dn", spk_bytes(step->dn));
	spk_text_add(out, "changetype: modify\n");
	for (size_t i = 0; i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		bool same = i > 0 && mod[-1].op == mod->op && spk_ascii_equal(mod[-1].attr, mod->attr);
		if (!same)
			spk_text_add(out, "%s: %s\n", mod->op == SPN_MOD_ADD ? "add" : "delete", mod->attr);
		spk_ldif_put(out, mod->attr, mod->value);
		bool last = i + 1 == step->n_mods || mod[1].op != mod->op || !spk_ascii_equal(mod[1].attr, mod->attr);
		if (last)
			spk_text_add(out, "-\n");
	}
	spk_text_add(out, "\n");
}

const char *spk_comment_value(const spk_ldif_comment *comment, const char *name)
{
	size_t len = strlen(name);
	if (strncmp(comment->text, name, len) != 0 || comment->text[len] != ':')
		return NULL;
	return comment->text + len + 1 + (comment->text[len + 1] == ' ');
}

static unsigned read_flags(const char *text)
{
	unsigned flags = 0;
	while (*text) {
		size_t len = strcspn(text, " ");
		for (size_t i = 0; i < N_STEP_FLAGS; i++) {
			const char *name = spn_step_flag_name(step_flags[i], NULL);
			if (strlen(name) == len && strncmp(name, text, len) == 0)
				flags |= step_flags[i];
		}
		text += len;
		text += strspn(text, " ");
	}
	return flags;
}

static void read_comments(const spk_ldif_record *record, spn_step *step)
{
	for (size_t i = 0; i < record->n_comments; i++) {
		const char *value;
		if ((value = spk_comment_value(&record->comments[i], "reason")))
			step->reason = value;
		else if ((value = spk_comment_value(&record->comments[i], "account")))
			step->account = value;
		else if ((value = spk_comment_value(&record->comments[i], "flags")))
			step->flags = read_flags(value);
	}
}

/* "add: attr" or "delete: attr", which opens a group of values up to a "-". */
static spn_status open_group(const spk_ldif_reader *reader, const spk_ldif_line *line, spn_mod *ret_mod, spn_error *err)
{
	bool adds = spk_ascii_equal(line->attr, "add"), deletes = spk_ascii_equal(line->attr, "delete");
	if (!adds && !deletes)
		return spk_ldif_fail(reader, line->line, 1, err,
				spk_ascii_equal(line->attr, "replace") ?
				"'%s:' is not supported because it would overwrite concurrent changes; use 'delete:' and 'add:'" :
				"expected 'add:' or 'delete:', got '%s:'", line->attr);
	if (line->value.len == 0)
		return spk_ldif_fail(reader, line->line, 1, err, "'%s:' names no attribute", line->attr);
	*ret_mod = (spn_mod){ .op = adds ? SPN_MOD_ADD : SPN_MOD_DELETE, .attr = line->value.data };
	return SPN_OK;
}

/* The reader has seen to it that every group ends with a "-", so that a plan that was cut off is not carried out. */
static spn_status read_mods(const spk_ldif_reader *reader, const spk_ldif_record *record, spn_mod *mods, size_t *ret_n,
		spn_error *err)
{
	spn_mod group = { .attr = NULL };
	size_t n = 0, opened = 0;
	for (size_t i = 0; i < record->n_lines; i++) {
		const spk_ldif_line *line = &record->lines[i];
		bool ends = strcmp(line->attr, "-") == 0;
		if (!group.attr) {
			spn_status status = ends ? spk_ldif_fail(reader, line->line, 1, err, "'-' ends nothing") :
					open_group(reader, line, &group, err);
			if (status)
				return status;
			opened = n;
		} else if (ends && n == opened) {
			return spk_ldif_fail(reader, line->line, 1, err,
					"no value of '%s' is given: deleting all of them unseen is not supported", group.attr);
		} else if (ends) {
			group.attr = NULL;
		} else if (!spk_ascii_equal(line->attr, group.attr)) {
			return spk_ldif_fail(reader, line->line, 1, err, "expected a value of '%s', or '-', got '%s:'",
					group.attr, line->attr);
		} else if (spk_ascii_equal(group.attr, "member") && strlen(line->value.data) != line->value.len) {
			return spk_ldif_fail(reader, line->line, 1, err, "the DN of a member contains a NUL character");
		} else {
			mods[n] = group;
			mods[n++].value = line->value;
		}
	}
	*ret_n = n;
	return SPN_OK;
}

spn_status spk_step_read(const spk_ldif_reader *reader, const spk_ldif_record *record, spn_plan *plan, spn_error *err)
{
	if (!record->changetype)
		return spk_ldif_fail(reader, record->line, 1, err,
				"expected a change record ('changetype: modify'), found an entry: this is a directory, not a plan");
	if (!spk_ascii_equal(record->changetype, "modify"))
		return spk_ldif_fail(reader, record->line, 1, err, "'changetype: %s' is not supported, only 'modify'",
				record->changetype);
	if (!*record->dn || !spk_dn_is_valid(record->dn))
		return spk_ldif_fail(reader, record->line, 1, err, "'%s' is not a DN", record->dn);
	SPK_AUTOFREE spn_mod *mods = calloc(record->n_lines ? record->n_lines : 1, sizeof *mods);
	if (!mods)
		return spk_nomem(err);
	spn_step step = { .dn = record->dn, .account = "", .reason = "", .mods = mods };
	spn_status status = read_mods(reader, record, mods, &step.n_mods, err);
	if (status)
		return status;
	if (step.n_mods == 0)
		return spk_ldif_fail(reader, record->line, 1, err, "the change of '%s' changes nothing", record->dn);
	read_comments(record, &step);
	return spn_plan_append(plan, &step, err);
}

/* What is to be added has to be a name, as it has to be elsewhere: a NUL would hide what is behind it from every check.
 */
static spn_status check_added_names(
		const spk_ldif_reader *reader, const spk_ldif_record *record, const spn_step *step, spn_error *err)
{
	for (size_t i = 0; i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		spn_error why = { .status = SPN_OK };
		if (mod->op != SPN_MOD_ADD || !spk_ascii_equal(mod->attr, SPK_SPN))
			continue;
		if (strlen(mod->value.data) != mod->value.len)
			return spk_ldif_fail(reader, record->line, 1, err, "a name for '%s' contains a NUL character", step->dn);
		if (spn_name_parse(mod->value.data, &(spn_name){ .port = { NULL, 0 } }, &why))
			return spk_ldif_fail(reader, record->line, 1, err, "%s", why.message);
	}
	return SPN_OK;
}

static bool has_comment(const spk_ldif_comment *comments, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(comments[i].text, text) == 0)
			return true;
	return false;
}

/* How ours begin and end, plans and journals: one that was cut off between two steps would read like a whole one. */
static const struct {
	const char *head, *end;
} frames[] = { { SPK_PLAN_HEAD, SPK_PLAN_END }, { SPK_JOURNAL_MAGIC, SPK_JOURNAL_END },
	{ SPK_JOURNAL_GROWING_MAGIC, SPK_JOURNAL_END } };
#define N_FRAMES (sizeof frames / sizeof frames[0])

static void note_begin(const spk_ldif_comment *comments, size_t n, bool begun[N_FRAMES])
{
	for (size_t i = 0; i < N_FRAMES; i++)
		begun[i] |= has_comment(comments, n, frames[i].head);
}

static spn_status check_end(const spk_ldif_reader *reader, bool begun[N_FRAMES], const char *name, spn_error *err)
{
	const spk_ldif_comment *comments;
	size_t n = spk_ldif_comments(reader, &comments);
	note_begin(comments, n, begun);
	for (size_t i = 0; i < N_FRAMES; i++)
		if (begun[i] && !has_comment(comments, n, frames[i].end))
			return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' is cut off: '# %s' is missing at its end", name, frames[i].end);
	return SPN_OK;
}

spn_status spn_plan_read(FILE *file, const char *name, spn_plan **ret_plan, spn_error *err)
{
	if (!file || !name || !ret_plan)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_read: an argument is NULL");
	SPK_AUTOLDIF spk_ldif_reader *reader = NULL;
	SPK_AUTO(spn_plan) *plan = NULL;
	const spk_ldif_record *record = NULL;
	spn_status status = spk_ldif_read_file(name, file, &reader, err);
	if (!status)
		status = spn_plan_new(&plan, err);
	bool begun[N_FRAMES] = { false };
	while (!status && !(status = spk_ldif_next(reader, &record, err)) && record) {
		note_begin(record->comments, record->n_comments, begun);
		status = spk_step_read(reader, record, plan, err);
		if (!status)
			status = check_added_names(reader, record, spn_plan_step(plan, spn_plan_count(plan) - 1), err);
	}
	if (!status)
		status = check_end(reader, begun, name, err);
	if (status)
		return status;
	*ret_plan = plan;
	plan = NULL;
	return SPN_OK;
}
