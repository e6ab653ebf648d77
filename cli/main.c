/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "change.h"
#include "connect.h"
#include "help.h"
#include "output.h"

const struct command *const commands[] = {
	&cmd_query, &cmd_list, &cmd_add, &cmd_delete, &cmd_move, &cmd_defaults,
	&cmd_duplicates, &cmd_audit, &cmd_diff, &cmd_watch, &cmd_resolve, &cmd_probe, &cmd_diagnose, &cmd_expect,
	&cmd_check_keytab, &cmd_delegations, &cmd_rights, &cmd_fix, &cmd_reset, &cmd_split, &cmd_copy_groups,
	&cmd_converge, &cmd_apply, &cmd_undo, &cmd_setspn,
	&cmd_help, &cmd_version,
	NULL,
};

enum cli_exit exit_of(spn_status status)
{
	static const enum cli_exit codes[] = {
		[SPN_OK] = CLI_DONE,
		[SPN_ERR_NOT_FOUND] = CLI_NO,
		[SPN_ERR_INVALID] = CLI_USAGE,
		[SPN_ERR_SYNTAX] = CLI_USAGE,
		[SPN_ERR_AMBIGUOUS] = CLI_USAGE,
		[SPN_ERR_EXISTS] = CLI_REFUSED,
		[SPN_ERR_NOT_UNIQUE] = CLI_REFUSED,
		[SPN_ERR_REFUSED] = CLI_REFUSED,
		[SPN_ERR_NO_WAY_BACK] = CLI_REFUSED,
		[SPN_ERR_AUTH] = CLI_DENIED,
		[SPN_ERR_DENIED] = CLI_DENIED,
		[SPN_ERR_HALF_DONE] = CLI_HALF_DONE,
	};
	bool is_listed = status == SPN_OK || (status < sizeof codes / sizeof *codes && codes[status]);
	return is_listed ? codes[status] : CLI_FAILED; /* all others: the directory or the system */
}

/* A file that is opened later must not take the place of a closed standard one. */
static void occupy_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			_exit(CLI_FAILED);
}

/* Whether --format asks for this one: an error in an option before it is an object as well, if it is JSON, and not what
 * a plug-in for Nagios calls critical. */
static bool wants_format(int argc, char **argv, const char *format)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *given = strncmp(argv[i], "--format=", 9) == 0 ? argv[i] + 9 :
				strcmp(argv[i], "--format") == 0 && i + 1 < argc ? argv[i + 1] :
				strcmp(argv[i], "--json") == 0 ? "json" : "";
		if (strcmp(given, format) == 0)
			return true;
	}
	return false;
}

static bool wants_colour(void)
{
	const char *none = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	return !(none && *none) && isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

static void settle_output(struct cli *cli)
{
	struct options *options = &cli->options;
	if (options->format == FORMAT_JSON)
		options->json = true;
	else if (options->json && options->format == FORMAT_TEXT)
		options->format = FORMAT_JSON;
	if (options->format == FORMAT_NAGIOS || options->format == FORMAT_PROMETHEUS) {
		cli->counted = options->format;
		options->format = FORMAT_JSON; /* no text for people */
	}
	output_begin(cli);
}

/* Called by the name setspn, everything is for that command. */
static bool is_setspn(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	return path && strcmp(slash ? slash + 1 : path, cmd_setspn.name) == 0;
}

/* Finds the command, its options and its operands. */
static spn_status parse_command_line(struct cli *cli, int argc, char **argv, spn_error *err)
{
	int first = 0, operands = 1;
	spn_status status = SPN_OK;
	cli->command = is_setspn(argv[0]) ? &cmd_setspn : NULL;
	if (!cli->command)
		status = options_parse(cli, argc, argv, false, &first, err);
	if (!status && !cli->command && first < argc)
		status = command_find(cli, argv[first], &cli->command, err);
	if (!status && cli->command && !cli->command->raw)
		status = options_parse(cli, argc - first, argv + first, true, &operands, err);
	if (!status && cli->command) {
		cli->argc = argc - first - operands;
		cli->argv = argv + first + operands;
	}
	return status;
}

static spn_status run_command(struct cli *cli, spn_error *err)
{
	const struct command *command = cli->command;
	spn_status status = options_check(cli, err);
	if (!status)
		status = help_check_operands(cli, err);
	if (status)
		return status;
	connect_prepare(cli);
	cli->outcome.is_due = command->changes && !command->raw && !cli->options.list && !cli->options.forget;
	if (command->connects)
		status = connect_domain(cli, err);
	if (!status)
		status = command->run ? command->run(cli, err) : change_command(cli, command->plan);
	return status;
}

static spn_status dispatch(struct cli *cli, int argc, char **argv, spn_error *err)
{
	spn_status status = parse_command_line(cli, argc, argv, err);
	if (status)
		return status;
	settle_output(cli);
	if (cli->options.help && cli->command && cli->command->explain && (cli->argc > 0 || cli->options.recipe))
		return cli->command->explain(cli, err);
	if (cli->command && !cli->options.help && !cli->options.version)
		return run_command(cli, err);
	if (cli->options.version && !cli->options.help) {
		spn_report_version(cli->report);
		return SPN_OK;
	}
	cli->code = cli->options.help ? CLI_DONE : CLI_USAGE;
	help_print(cli->options.help ? stdout : stderr, cli->command);
	return SPN_OK;
}

/* Behind a change that stands, nothing failed half-way, but who reads the exit code must not take it for undone. */
static enum cli_exit complain_of_output(struct cli *cli, enum cli_exit code, spn_error *err)
{
	const struct outcome *outcome = &cli->outcome;
	if (!outcome->changed || cli->options.dry_run)
		return code == CLI_FAILED ? code : complain(cli, err);
	spn_error stands = { .status = SPN_OK };
	spn_fail(&stands, SPN_ERR_HALF_DONE, err->native,
			"the change was made, but what was said of it is not complete: %s", err->message);
	output_error(cli, &stands, outcome->journal);
	return CLI_HALF_DONE;
}

/* The last record of a command that changes something is there also if it has changed nothing, or failed.  What was not
 * written was not said: that is a failure, unless a worse one was told. */
static enum cli_exit finish(struct cli *cli, enum cli_exit code)
{
	spn_error err = { .status = SPN_OK };
	if (cli->outcome.is_due && cli->options.format == FORMAT_JSON)
		spn_report_outcome(cli->report, cli->outcome.changed, cli->outcome.n_steps, cli->outcome.journal);
	if (output_flush(cli, &err) && code != CLI_HALF_DONE)
		code = complain_of_output(cli, code, &err);
	free(cli->outcome.journal);
	return code;
}

/* At its first call libldap reads its configuration and has Cyrus SASL load every module that is installed, which takes
 * longer than all the rest.  We need neither: our mechanism is compiled in.  But only a program may say so for the
 * whole process, not a library. */
static void spare_libldap(void)
{
	setenv("LDAPNOINIT", "1", 1);
	setenv("SASL_PATH", "/dev/null", 1);
}

/* GnuTLS, and with it libldap and libcurl, would write the keys of each session there, for whoever recorded it: a
 * debugger's tool. */
static void keep_keys(void)
{
	unsetenv("SSLKEYLOGFILE");
}

int main(int argc, char **argv)
{
	occupy_standard_files();
	keep_keys();
	spare_libldap();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow (ulimit -f) is an error of write */
	static char buffer[1 << 16]; /* what is shorter is one write, so that the reason of a failure is known */
	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ); /* a message is one write */
	struct cli cli = { .options = OPTIONS_INIT, .kdc_options = SPN_KDC_OPTIONS_INIT,
		.handshake = SPN_HANDSHAKE_OPTIONS_INIT, .colour = wants_colour() };
	if (wants_format(argc, argv, "nagios"))
		cli.counted = FORMAT_NAGIOS;
	cli.options.json = wants_format(argc, argv, "json");
	settle_output(&cli);
	if (!cli.report) {
		fputs("spnkit: out of memory\n", stderr);
		return CLI_FAILED;
	}
	spn_error err = { .status = SPN_OK };
	enum cli_exit code = dispatch(&cli, argc, argv, &err) ? complain(&cli, &err) : cli.code;
	code = finish(&cli, output_numbers(&cli, code));
	spn_directory_free(cli.dir);
	while (cli.n_dirs > 0)
		spn_directory_free(cli.dirs[--cli.n_dirs]);
	spn_kdc_free(cli.kdc);
	free(cli.noted);
	spn_report_free(cli.page);
	spn_report_free(cli.report);
	return (int)code;
}
