/* SPDX-License-Identifier: MIT */
#include "help.h"

#include <string.h>

#include "commands.h"
#include "output.h"

#define OPTION_COLUMN 28
#define COMMAND_COLUMN 16

/* So many blanks, of the most that are wanted. */
static const char *blanks(size_t n)
{
	static const char most[] = "                            ";
	_Static_assert(sizeof most - 1 == OPTION_COLUMN, "as many as the widest column");
	return most + OPTION_COLUMN - n;
}

static void print_row(FILE *to, const struct option_row *row)
{
	int n = row->letter ? fprintf(to, "  -%c, ", row->letter) : fprintf(to, "      ");
	n += fprintf(to, "--%s%s%s%s", row->name, row->usual ? "[=" : row->value ? " " : "", row->value ? row->value : "",
			row->usual ? "]" : "");
	if (n >= OPTION_COLUMN)
		n = fprintf(to, "\n") - 1;
	fputs(blanks((size_t)(OPTION_COLUMN - n)), to);
	spn_text_print_wrapped(to, row->help, OPTION_COLUMN, blanks(OPTION_COLUMN), 0);
}

static void print_options(FILE *to, const char *title, unsigned groups)
{
	const struct option_row *rows;
	size_t n = options_table(&rows);
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		if (!(rows[i].group & groups))
			continue;
		if (!any)
			fprintf(to, "\n%s:\n", title);
		any = true;
		print_row(to, &rows[i]);
	}
}

static void print_usage(FILE *to, const struct command *command)
{
	const struct option_row *rows;
	size_t n = options_table(&rows);
	fprintf(to, "Usage: spnkit %s%s%s%s", command->raw ? "[OPTIONS] " : "", command->name,
			*command->args ? " " : "", command->args);
	for (size_t i = 0; i < n; i++)
		if (rows[i].required && rows[i].group & command->options)
			fprintf(to, " --%s %s", rows[i].name, rows[i].value);
	fprintf(to, "%s\n", command->raw || !(command->options || command->changes) ? "" : " [OPTIONS]");
}

static void print_command(FILE *to, const struct command *command)
{
	print_usage(to, command);
	putc('\n', to);
	spn_text_print_wrapped(to, command->summary, 0, "", 0);
	if (command->details) {
		putc('\n', to);
		spn_text_print_wrapped(to, command->details, 0, "", 0);
	}
	if (command->table)
		fprintf(to, "\n%s\n", command->table);
	print_options(to, "Options", command->options);
	if (command->changes && !command->raw)
		print_options(to, "Changing", OPTIONS_CHANGE);
	fprintf(to, "\nExample:\n  %s\n\n'spnkit help' lists the options that go with every command.\n", command->example);
}

static void print_all(FILE *to)
{
	fputs("Usage: spnkit [OPTIONS] COMMAND [OPTIONS] ...\n\n"
		"Find, check and repair Kerberos service principal names in Active Directory.\n\nCommands:\n", to);
	for (size_t i = 0; commands[i]; i++) {
		fprintf(to, "  %-*s", COMMAND_COLUMN - 2, commands[i]->name);
		spn_text_print_wrapped(to, commands[i]->summary, COMMAND_COLUMN, blanks(COMMAND_COLUMN), 0);
	}
	print_options(to, "Which directory (default: $SPNKIT_DIRECTORY, else what DNS names)", OPTIONS_DIRECTORY);
	print_options(to, "Changing", OPTIONS_CHANGE);
	print_options(to, "General", OPTIONS_GENERAL);
	fputs("\nExample:\n  spnkit query http/LAX-CRM01 -H ldif:export.ldif\n\n"
		"'spnkit help COMMAND' says more about a command.\n", to);
}

void help_print(FILE *to, const struct command *command)
{
	if (command)
		print_command(to, command);
	else
		print_all(to);
}

/* The next word of an args text, without its dots. */
static bool next_word(const char **at, const char **ret_word, size_t *ret_len, bool *ret_many)
{
	*at += strspn(*at, " ");
	size_t len = strcspn(*at, " ");
	*ret_word = *at;
	*at += len;
	*ret_many = len > 3 && strncmp(*at - 3, "...", 3) == 0;
	*ret_len = *ret_many ? len - 3 : len;
	return len > 0;
}

spn_status help_check_operands(struct cli *cli, spn_error *err)
{
	const char *word, *at = cli->command->args;
	size_t len;
	bool many;
	bool any_number = false;
	int wanted = 0, allowed = 0;
	while (next_word(&at, &word, &len, &many)) {
		any_number |= many;
		allowed++;
		if (*word == '[')
			continue;
		wanted++;
		if (wanted > cli->argc)
			return misused(cli, err, "%.*s is missing", (int)len, word);
	}
	if (!any_number && cli->argc > allowed)
		return misused(cli, err, "unexpected argument '%s' for '%s'", cli->argv[allowed], cli->command->name);
	return SPN_OK;
}

spn_status command_find(struct cli *cli, const char *name, const struct command **ret_command, spn_error *err)
{
	const struct command *nearest = &cmd_help;
	for (size_t i = 0; commands[i]; i++) {
		if (strcmp(commands[i]->name, name) == 0) {
			*ret_command = commands[i];
			return SPN_OK;
		}
		if (spn_text_distance(name, commands[i]->name) < spn_text_distance(name, nearest->name))
			nearest = commands[i];
	}
	return spn_text_distance(name, nearest->name) > 2 ?
			misused(cli, err, "unknown command '%s'", name) :
			misused(cli, err, "unknown command '%s'; did you mean '%s'?", name, nearest->name);
}

static spn_status run_help(struct cli *cli, spn_error *err)
{
	const struct command *command = NULL;
	spn_status status = cli->argc > 0 ? command_find(cli, cli->argv[0], &command, err) : SPN_OK;
	if (!status)
		help_print(stdout, command);
	return status;
}

const struct command cmd_help = {
	.name = "help",
	.args = "[COMMAND]",
	.summary = "Explain a command",
	.example = "spnkit help query",
	.run = run_help,
};

static spn_status run_version(struct cli *cli, spn_error *err)
{
	(void)err;
	spn_report_version(cli->report);
	return SPN_OK;
}

const struct command cmd_version = {
	.name = "version",
	.args = "",
	.summary = "Print the version",
	.example = "spnkit version",
	.run = run_version,
};
