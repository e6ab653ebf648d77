/* SPDX-License-Identifier: MIT */
/* conduct.c - what a program says of a directory that it opens, and of a change while it is made and afterwards */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spnkit/backend.h>
#include <spnkit/text.h>

#include "base/error.h"
#include "form.h"

/* ---- functions for calls of the library, whose data is the report ---- */

spn_status spn_report_on_account(
		const spn_account *account, const spn_bytes *matched, size_t n_matched, void *report, spn_error *err)
{
	(void)err;
	spn_report_account(report, account, matched, n_matched);
	return SPN_OK;
}

spn_status spn_report_on_finding(const spn_finding *finding, void *report, spn_error *err)
{
	(void)err;
	spn_report_finding(report, finding);
	return SPN_OK;
}

spn_status spn_report_on_remark(const spn_finding *finding, void *report, spn_error *err)
{
	(void)err;
	spn_report_remark(report, finding);
	return SPN_OK;
}

spn_status spn_report_on_conflict(const spn_finding *finding, void *report, spn_error *err)
{
	(void)err;
	spn_report_conflict(report, finding);
	return SPN_OK;
}

spn_status spn_report_on_journal(const spn_journal_info *info, void *report, spn_error *err)
{
	(void)err;
	spn_report_journal(report, info);
	return SPN_OK;
}

/* ---- directories ---- */

bool spn_report_is_over(const spn_report *report, const char *read)
{
	struct stat own, other;
	if (!report || !report->path || !read || stat(report->path, &own) != 0)
		return false;
	const char *path = strncmp(read, "ldif:", strlen("ldif:")) == 0 ? read + strlen("ldif:") : read;
	bool is_there = (strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &other) : stat(path, &other)) == 0;
	return is_there && S_ISREG(own.st_mode) && own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

struct gaps {
	spn_report *report;
	const char *const *but;
};

static void report_gap(const spn_note *note, void *data)
{
	const struct gaps *gaps = data;
	for (const char *const *code = gaps->but; code && *code; code++)
		if (strcmp(note->code, *code) == 0)
			return;
	spn_report_gap(gaps->report, note);
}

void spn_report_directory(spn_report *report, const spn_directory *dir, const char *const *but)
{
	if (!spk_is_given(report, "spn_report_directory", dir))
		return;
	struct gaps gaps = { report, but };
	char *text = NULL, *condition = NULL;
	spn_directory_notes(dir, report_gap, &gaps);
	report->lost |= spn_directory_condition(dir, but, &text, NULL) != SPN_OK;
	if (text && asprintf(&condition, "as far as this file shows (%s)", text) < 0) {
		condition = NULL;
		report->lost = true;
	}
	spn_report_condition(report, condition);
	free(condition);
	free(text);
}

spn_status spn_report_two_states(
		spn_report *report, const spn_directory *before, const spn_directory *now, spn_error *err)
{
	if (!report || !before || !now)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_report_two_states: an argument is NULL");
	char *old = NULL, *new = NULL, *both = NULL;
	spn_status status = spn_directory_condition(before, NULL, &old, err);
	if (!status)
		status = spn_directory_condition(now, NULL, &new, err);
	if (!status && (old || new) &&
			asprintf(&both, "as far as they show (%s%s%s%s%s)", old ? "before: " : "", old ? old : "",
					old && new ? "; " : "", new ? "now: " : "", new ? new : "") < 0) {
		both = NULL;
		status = spk_nomem(err);
	}
	if (both)
		spn_report_condition(report, both);
	free(both);
	free(new);
	free(old);
	return status;
}

const char *spn_report_provided(const spn_report *report)
{
	return report && report->condition ? report->condition : "";
}

/* ---- changes ---- */

__attribute__((format(printf, 2, 3))) static void note(spn_report *report, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0) {
		text = NULL;
		report->lost = true;
	}
	va_end(args);
	if (!text)
		return;
	spn_text_hide_passwords(text);
	spn_report_note(report, text);
	free(text);
}

spn_status spn_report_on_interrupted(const spn_journal_info *info, void *report, spn_error *err)
{
	(void)err;
	char *path = spn_text_shell_path(info->path);
	if (info->state == SPN_JOURNAL_OPEN && !info->problem)
		note(report, "'%s' of %s was interrupted; to undo what it did: spnkit undo %s", info->title, info->time,
				path ? path : "FILE");
	free(path);
	return SPN_OK;
}

/* The groups of an account come next, one by one. */
static void begin_members(spn_report *report, const char *account)
{
	char *line = NULL;
	free(report->members_of);
	report->members_of = strdup(account);
	report->lost |= !report->members_of || asprintf(&line, "Groups of '%s':", account) < 0;
	if (!report->lost)
		spn_report_say(report, line);
	free(line);
}

void spn_report_stage(spn_report *report, spn_stage stage, const char *server, const char *text)
{
	if (!spk_is_given(report, "spn_report_stage", server && text))
		return;
	switch (stage) {
	case SPN_STAGE_NOT_PROBED:
		note(report, "nothing was changed (--no-probe judges by the directory alone, --http URL asks another place)");
		break;
	case SPN_STAGE_HEALTHY: note(report, "%s is healthy; nothing was changed", server); break;
	case SPN_STAGE_OTHER_CAUSE: note(report, "the names of %s are not the cause: nothing was changed", server); break;
	case SPN_STAGE_OTHER_REPAIR:
		note(report, "names of %s are the cause, as shown above, but another repair is needed: nothing was changed", server);
		break;
	case SPN_STAGE_TICKETS: note(report, "the tickets are in the credential cache"); break;
	case SPN_STAGE_ROLLED_BACK: break; /* the error that follows says what became of the change */
	case SPN_STAGE_VALIDATED: spn_report_say(report, "Validated: these names are where they should be"); break;
	case SPN_STAGE_NOT_VALID: note(report, "the change was made, but %s is still not as it should be", server); break;
	case SPN_STAGE_MEMBERS: begin_members(report, text); break;
	case SPN_STAGE_MEMBER_LOST:
		note(report, "another writer has taken %s out of %s again: spnkit copy-groups copies that again",
				report->members_of ? report->members_of : "", text);
		break;
	}
}

spn_status spn_report_changed(spn_report *report, const char *url, const spn_outcome *outcome, const char *asked_for,
		spn_error *err)
{
	if (!report || !url || !outcome)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_report_changed: an argument is NULL");
	spn_journal_info *info = NULL;
	bool is_record = report->format == SPN_REPORT_JSON; /* that of the journal names the directory */
	if (!is_record)
		note(report, "%s was changed", url);
	spn_status status = outcome->journal ? spn_journal_read(outcome->journal, &info, err) : SPN_OK;
	if (status || !info)
		return status;
	bool is_default = !asked_for && !info->is_undo; /* of undo */
	char *path = spn_text_shell_path(info->path);
	if (is_record)
		spn_report_journal(report, info);
	else if (outcome->undoable == SPN_UNDOABLE_NOTHING)
		note(report, "recorded in %s; as things stand, it cannot be undone: see above", info->path);
	else
		note(report, "recorded in %s; to undo %s: spnkit undo%s%s", info->path,
				outcome->undoable == SPN_UNDOABLE_ALL ? "it" : "the rest of it", is_default ? "" : " ",
				is_default ? "" : path ? path : "FILE");
	free(path);
	spn_journal_info_free(info);
	return SPN_OK;
}
