/* SPDX-License-Identifier: MIT */
#include "remedy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <spnkit/report.h>
#include <spnkit/text.h>

#include "base/error.h"

/* A command line that is put together. */
struct line {
	FILE *to;
	bool lost; /* memory ran out */
};

static void put(struct line *line, const char *before, const char *word)
{
	char *quoted = spn_text_shell_word(word);
	line->lost |= !quoted;
	fprintf(line->to, "%s%s", before, quoted ? quoted : "");
	free(quoted);
}

static void put_domain(struct line *line, const spn_repair *repair)
{
	if (repair->domain)
		put(line, " -T ", repair->domain);
}

/* Names and the account, behind "--" if one of them would be taken for an option. */
static void put_operands(struct line *line, const spn_repair *repair, const char *account)
{
	bool looks_like_option = account && *account == '-';
	for (size_t i = 0; i < repair->n_spns; i++)
		looks_like_option |= repair->spns[i][0] == '-';
	fputs(looks_like_option ? " --" : "", line->to);
	for (size_t i = 0; i < repair->n_spns; i++)
		put(line, " ", repair->spns[i]);
	if (account)
		put(line, " ", account);
}

static void put_on_account(struct line *line, const char *command, const spn_repair *repair)
{
	fputs(command, line->to);
	put_domain(line, repair);
	put_operands(line, repair, repair->account);
}

static void put_move(struct line *line, const spn_repair *repair)
{
	fputs("spnkit move", line->to);
	put_domain(line, repair);
	put(line, " --from ", repair->account);
	put(line, " --to ", repair->to);
	put_operands(line, repair, NULL);
}

static void put_fix(struct line *line, const spn_repair *repair)
{
	put(line, "spnkit fix ", repair->server);
	if (strcasecmp(repair->service, "http") != 0)
		put(line, " --service ", repair->service);
	put_domain(line, repair);
}

static void put_check_keytab(struct line *line, const spn_repair *repair)
{
	fputs("spnkit check-keytab", line->to);
	put_domain(line, repair);
	put(line, " ", repair->keytab);
}

static void put_repair(struct line *line, const spn_repair *repair)
{
	switch (repair->kind) {
	case SPN_REPAIR_ADD: put_on_account(line, "spnkit add", repair); break;
	case SPN_REPAIR_DELETE: put_on_account(line, "spnkit delete", repair); break;
	case SPN_REPAIR_DEFAULTS: put_on_account(line, "spnkit defaults", repair); break;
	case SPN_REPAIR_DECIDE: put_on_account(line, "spnkit duplicates", repair); break;
	case SPN_REPAIR_CHECK_KEYS: put_on_account(line, "spnkit probe --keys", repair); break;
	case SPN_REPAIR_CHECK_KEYTAB: put_check_keytab(line, repair); break;
	case SPN_REPAIR_MOVE: put_move(line, repair); break;
	case SPN_REPAIR_FIX: put_fix(line, repair); break;
	case SPN_REPAIR_NONE: break;
	}
}

/* Whoever names a computer must not choose what the command does. */
static bool can_be_written(const spn_repair *repair)
{
	return repair->kind != SPN_REPAIR_FIX || (*repair->server != '-' && *repair->service != '-');
}

static char *write_line(const spn_repair *repairs, size_t n, bool *lost)
{
	char *text = NULL;
	size_t size;
	for (size_t i = 0; i < n; i++)
		if (!can_be_written(&repairs[i]))
			return NULL;
	struct line line = { n ? open_memstream(&text, &size) : NULL, false };
	if (!line.to) {
		*lost |= n > 0;
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		fputs(i ? " && " : "", line.to);
		put_repair(&line, &repairs[i]);
	}
	if (fclose(line.to) == 0 && !line.lost)
		return text;
	free(text);
	*lost = true;
	return NULL;
}

char *spk_remedy_of(const spn_finding *finding, bool *lost)
{
	return write_line(finding->repairs, finding->n_repairs, lost);
}

char *spk_remedy_of_step(const spn_repair_step *step, const char **ret_tool, bool *lost)
{
	*ret_tool = step->repair ? "spnkit" : step->tool;
	if (step->repair)
		return write_line(step->repair, 1, lost);
	char *command = strdup(step->command);
	*lost |= !command;
	return command;
}

spn_status spn_finding_command(const spn_finding *finding, char **ret_command, spn_error *err)
{
	if (!finding || !ret_command)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_finding_command: an argument is NULL");
	bool lost = false;
	char *command = spk_remedy_of(finding, &lost);
	if (lost)
		return spk_nomem(err);
	*ret_command = command;
	return SPN_OK;
}

spn_status spn_repair_step_command(
		const spn_repair_step *step, char **ret_command, const char **ret_tool, spn_error *err)
{
	if (!step || !ret_command || !ret_tool)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_repair_step_command: an argument is NULL");
	bool lost = false;
	const char *tool;
	char *command = spk_remedy_of_step(step, &tool, &lost);
	if (lost)
		return spk_nomem(err);
	*ret_command = command;
	*ret_tool = tool;
	return SPN_OK;
}
