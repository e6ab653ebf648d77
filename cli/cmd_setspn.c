/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "change.h"
#include "commands.h"
#include "connect.h"
#include "help.h"
#include "output.h"

/* A mode, what it takes, and which modifiers. */
static const struct mode {
	char letter;
	int least, most; /* operands */
	const char *operands;
	bool account; /* -C and -U say of which kind it is */
	bool targets; /* -T and -F say where to look */
} modes[] = {
	{ 'A', 2, INT_MAX, "SPN ACCOUNT", true, false },
	{ 'D', 2, INT_MAX, "SPN ACCOUNT", true, false },
	{ 'L', 1, 1, "ACCOUNT", true, false },
	{ 'Q', 1, INT_MAX, "SPN", false, true },
	{ 'R', 1, 1, "ACCOUNT", true, false },
	{ 'S', 2, INT_MAX, "SPN ACCOUNT", true, true },
	{ 'X', 0, 0, "no SPN and no account", false, true },
};

/* The letter of a switch in capitals; 0: it is none. */
static char letter_of(const char *word)
{
	bool is_switch = (*word == '-' || *word == '/') && word[1] && !word[2];
	return is_switch ? (char)toupper((unsigned char)word[1]) : '\0';
}

static const struct mode *mode_of(char letter)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (modes[i].letter == letter)
			return &modes[i];
	return NULL;
}

/* -T: "" and "*" stand for the domain that is asked without it. */
static spn_status add_target(struct cli *cli, const char *home, const char *domain, size_t *n, spn_error *err)
{
	if (!domain)
		return misused(cli, err, "-T requires a domain");
	if (*n == OPTIONS_MAX_LISTED)
		return misused(cli, err, "more than %d domains", OPTIONS_MAX_LISTED);
	cli->options.domains.at[(*n)++] = *domain && strcmp(domain, "*") != 0 ? domain : home;
	return SPN_OK;
}

static spn_status check_switches(struct cli *cli, const struct mode *mode, spn_error *err)
{
	const struct options *options = &cli->options;
	if (options->computer && options->user)
		return misused(cli, err, "-C and -U exclude each other");
	if (cli->argc < mode->least || cli->argc > mode->most)
		return misused(cli, err, "-%c takes %s", mode->letter, mode->operands);
	if ((options->computer || options->user) && !mode->account)
		return misused(cli, err, "-C and -U do not go with -%c, which takes no account", mode->letter);
	if ((options->domains.n || options->forest) && !mode->targets)
		return misused(cli, err, "-T and -F go with -Q, -S and -X, not with -%c", mode->letter);
	return SPN_OK;
}

static spn_status take_mode(struct cli *cli, char letter, char *mode, spn_error *err)
{
	if (*mode && *mode != letter)
		return misused(cli, err, "-%c and -%c exclude each other", *mode, letter);
	*mode = letter;
	return SPN_OK;
}

/* Reads the command line: '/' or '-', letters in any case, anywhere.  The names and the account are left in cli->argv;
 * -C -U -F -P -T go into cli->options.  ret_mode: that of the table, or '?' for help. */
static spn_status parse_switches(struct cli *cli, char *ret_mode, spn_error *err)
{
	struct options *options = &cli->options;
	const char *home = options->domains.at[0];
	size_t n_targets = 0;
	int n_operands = 0;
	char mode = '\0';
	spn_status status = SPN_OK;
	for (int i = 0; !status && i < cli->argc; i++) {
		char *word = cli->argv[i];
		char letter = letter_of(word);
		if (letter == 'T' && ++i)
			status = add_target(cli, home, i < cli->argc ? cli->argv[i] : NULL, &n_targets, err);
		else if (letter == 'C' || letter == 'U')
			*(letter == 'C' ? &options->computer : &options->user) = true;
		else if (letter == 'F' || letter == 'P')
			*(letter == 'F' ? &options->forest : &options->quiet) = true;
		else if (letter == '?' || letter == 'H' || strcmp(word, "--help") == 0)
			return *ret_mode = '?', SPN_OK;
		else if (mode_of(letter))
			status = take_mode(cli, letter, &mode, err);
		else if (*word == '-' || letter)
			status = misused(cli, err, "setspn has no switch '%s'", word);
		else
			cli->argv[n_operands++] = word;
	}
	cli->argc = n_operands;
	*ret_mode = mode ? mode : n_operands || n_targets ? 'L' : '?';
	options->domains.n = n_targets;
	if (!status && *ret_mode != '?')
		status = check_switches(cli, mode_of(*ret_mode), err);
	if (n_targets == 0)
		options->domains.at[0] = home;
	options->domains.n = n_targets ? n_targets : home ? 1 : 0;
	return status;
}

/* One run of setspn that changes an account. */
struct edit {
	struct cli *cli;
	char mode;
	spn_account *account;
	spn_plan *plan;
	bool held; /* -S: somebody holds the name already */
	bool is_unknown; /* the account does not exist */
	bool none_is_there; /* -D: none of the names */
	spn_error why; /* -D of one name: why it is not there */
};

static const char *dn_of(const struct edit *edit)
{
	return spn_account_dn(edit->account);
}

/* setspn tells of the names that it was given, and that it wrote, even if nothing had to change. */
static void say_unchanged(const struct edit *edit)
{
	struct cli *cli = edit->cli;
	if (edit->mode == 'D')
		spn_report_assigning(cli->report, dn_of(edit), (const char *const *)cli->argv, (size_t)cli->argc - 1, true);
	else
		spn_report_assigning_defaults(cli->report, edit->account);
	say(cli, "Updated object");
}

static spn_status find_account(struct edit *edit, const char *text, spn_error *err)
{
	spn_account_want want = edit->mode == 'R' ? SPN_WANT_COMPUTER : connect_want(edit->cli);
	spn_status status = connect_follow(edit->cli, text, err);
	if (!status)
		status = spn_account_find(edit->cli->dir, text, want, &edit->account, err);
	if (!status && edit->mode != 'R') /* as setspn does, and we say it */
		connect_note_namesake(edit->cli, edit->cli->dir, text, edit->account);
	edit->is_unknown = status == SPN_ERR_NOT_FOUND;
	return status;
}

static spn_status note_holder(const spn_account *account, const spn_bytes *matched, size_t n_matched, void *data,
		spn_error *err)
{
	(void)err;
	struct edit *edit = data;
	bool own = strcasecmp(spn_account_dn(account), dn_of(edit)) == 0;
	spn_report_account(edit->cli->report, account, matched, n_matched);
	edit->held = true;
	return own ? SPN_OK : spn_fail(err, SPN_ERR_NOT_UNIQUE, 0, "'%s' is held by '%s'", matched[0].data,
			spn_account_dn(account));
}

/* -S looks in each target before it writes: in the whole forest of it with -F. */
static spn_status check_target(struct edit *edit, const char *domain, spn_error *err)
{
	struct cli *cli = edit->cli;
	AUTO(spn_directory) *dir = NULL;
	spn_status status = connect_open(cli, domain, &dir, err);
	if (!status)
		status = connect_say_where(cli, dir, err);
	for (int i = 0; !status && i < cli->argc - 1; i++)
		status = spn_query(dir, cli->argv[i], cli->options.forest, note_holder, edit, err);
	return status;
}

static spn_status check_targets(struct edit *edit, spn_error *err)
{
	const struct options *options = &edit->cli->options;
	size_t n = options->domains.n ? options->domains.n : 1;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		status = check_target(edit, options->domains.at[i], err);
	if (!status || edit->held)
		say(edit->cli, "%s", "");
	if (edit->held)
		say(edit->cli, "Duplicate SPN found, aborting operation!");
	return status;
}

/* setspn silently takes over what another account serves through HOST/ or its userPrincipalName; we report it. */
static spn_status warn(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	note(data, "warning: %s", finding->text);
	return SPN_OK;
}

static spn_status plan_add(struct edit *edit, spn_error *err)
{
	struct cli *cli = edit->cli;
	const char *const *names = (const char *const *)cli->argv;
	size_t n = (size_t)cli->argc - 1;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		status = spn_name_parse(names[i], &(spn_name){ .port = { NULL, 0 } }, err);
	if (!status && edit->mode == 'S')
		status = check_targets(edit, err);
	if (status || edit->held) /* by the account itself */
		return status;
	status = spn_find_takeovers(cli->dir, edit->account, names, n, cli->options.forest, warn, cli, err);
	if (!status)
		status = spn_propose_add(edit->plan, cli->dir, dn_of(edit), names, n, SPN_TAKEOVER,
				spn_report_on_remark, cli->report, err);
	if (status == SPN_ERR_NOT_UNIQUE && edit->mode == 'S')
		say(cli, "Duplicate SPN found, aborting operation!");
	else if (status == SPN_ERR_NOT_UNIQUE) {
		spn_report_assigning(cli->report, dn_of(edit), names, n, false);
		spn_report_refused(cli->report, dn_of(edit), status);
	}
	return status;
}

/* What is not there is said, with what a deletion of it alone says; of one name, in the end. */
static spn_status see_absent(const spn_finding *finding, void *data, spn_error *err)
{
	struct edit *edit = data;
	AUTO(spn_plan) *trial = NULL;
	if (strcmp(finding->code, "absent") != 0)
		return spn_report_on_remark(finding, edit->cli->report, err);
	spn_status status = spn_plan_new(&trial, err);
	if (!status)
		(void)spn_propose_delete(trial, edit->cli->dir, dn_of(edit), &finding->spn, 1, NULL, NULL, &edit->why);
	if (!status && edit->cli->argc > 2)
		note(edit->cli, "%s", edit->why.message);
	return status;
}

/* setspn takes away what is there and does not mind the rest. */
static spn_status plan_delete(struct edit *edit, spn_error *err)
{
	struct cli *cli = edit->cli;
	spn_status status = spn_propose_delete_present(edit->plan, cli->dir, dn_of(edit), (const char *const *)cli->argv,
			(size_t)cli->argc - 1, see_absent, edit, err);
	edit->none_is_there = !status && spn_plan_count(edit->plan) == 0;
	return status;
}

static spn_status make_plan(struct edit *edit, spn_error *err)
{
	struct cli *cli = edit->cli;
	spn_status status = spn_plan_new(&edit->plan, err);
	if (!status)
		status = find_account(edit, cli->argv[cli->argc - 1], err);
	if (status)
		return status;
	switch (edit->mode) {
	case 'D':
		return plan_delete(edit, err);
	case 'R':
		return spn_propose_defaults(edit->plan, cli->dir, dn_of(edit), spn_report_on_remark, cli->report, err);
	default:
		return plan_add(edit, err);
	}
}

/* DOMAIN\\name of a file that holds that domain: the work is done there, as it is with live domains. */
static spn_status open_home(struct cli *cli, const char *home, const char *account, spn_error *err)
{
	const char *backslash = strchr(account, '\\');
	spn_directory *there = NULL;
	spn_status status = connect_open(cli, home, &cli->dir, err);
	if (status || !backslash || backslash == account || !connect_is_ldif(spn_directory_url(cli->dir)))
		return status;
	AUTO(char) *domain = strndup(account, (size_t)(backslash - account));
	if (!domain)
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	if (connect_open(cli, domain, &there, NULL) == SPN_OK) { /* otherwise, the account is reported as missing */
		spn_directory_free(cli->dir);
		cli->dir = there;
	}
	return SPN_OK;
}

/* setspn does not ask; the journal takes back what was not meant. */
static spn_status carry_out(struct edit *edit, const char *home, spn_error *err)
{
	struct cli *cli = edit->cli;
	spn_status status = open_home(cli, home, cli->argv[cli->argc - 1], err);
	if (!status)
		status = make_plan(edit, err);
	if (status) {
		cli->code = complain(cli, err);
		if (edit->is_unknown)
			spn_report_no_account(cli->report, cli->argv[cli->argc - 1]);
		if (status == SPN_ERR_NOT_UNIQUE)
			cli->code = CLI_NO; /* as setspn does */
		return SPN_OK;
	}
	if (edit->held) { /* by the account itself: setspn makes no difference */
		note(cli, "there is nothing to change");
		cli->code = CLI_NO;
		return SPN_OK;
	}
	if (edit->none_is_there) {
		say_unchanged(edit);
		note(cli, "%s%snothing was changed", cli->argc == 2 ? edit->why.message : "", cli->argc == 2 ? "; " : "");
		return SPN_OK;
	}
	if (edit->mode == 'R' && spn_plan_count(edit->plan) == 0)
		say_unchanged(edit);
	cli->options.yes = true;
	char verb[] = "setspn -?";
	verb[strlen(verb) - 1] = edit->mode;
	return change_run(&(struct change){ .cli = cli }, edit->plan, verb);
}

static spn_status change_account_of(struct cli *cli, char mode, const char *home, spn_error *err)
{
	struct edit edit = { .cli = cli, .mode = mode };
	cli->outcome.is_due = true;
	spn_status status = carry_out(&edit, home, err);
	spn_plan_free(edit.plan);
	spn_account_free(edit.account);
	return status;
}

static spn_status list(struct cli *cli, spn_error *err)
{
	cli->command = &cmd_list;
	spn_status status = open_home(cli, cli->options.domains.at[0], cli->argv[0], err);
	if (!status)
		status = cmd_list.run(cli, err);
	if (!status && cli->code == CLI_NO)
		spn_report_no_account(cli->report, cli->argv[0]);
	return status;
}

/* What the answer depends on is said once, and not among the words of setspn. */
static spn_status with_condition(struct cli *cli, spn_status status, bool depends)
{
	const char *condition = spn_report_provided(cli->report);
	if (!status && depends && *condition && !cli->options.json)
		note(cli, "this is so%s", condition + 1);
	return status;
}

static spn_status run(struct cli *cli, spn_error *err)
{
	const char *home = cli->options.domains.at[0];
	char mode;
	spn_status status = parse_switches(cli, &mode, err);
	if (status)
		return status;
	cli->as_setspn = true;
	output_begin(cli);
	switch (mode) {
	case '?': help_print(stdout, &cmd_setspn); return SPN_OK;
	case 'L': status = list(cli, err); return with_condition(cli, status, cli->code == CLI_DONE);
	case 'Q':
		cli->command = &cmd_query;
		status = cmd_query.run(cli, err);
		return with_condition(cli, status, cli->code == CLI_NO);
	case 'X': return with_condition(cli, cmd_duplicates.run(cli, err), true); /* across all targets */
	default: return change_account_of(cli, mode, home, err);
	}
}

const struct command cmd_setspn = {
	.name = "setspn",
	.args = "[SWITCH]... [SPN]... [ACCOUNT]",
	.summary = "Act like setspn, for people and scripts used to it",
	.details = "Switches begin with - or /, in any case. Nothing is asked; 'spnkit undo' takes the last change "
		"back. Options of spnkit stand before the word setspn; when called by the name setspn, "
		"$SPNKIT_DIRECTORY says where the directory is.",
	.table = "  -L ACCOUNT      list its names (also without a switch)\n"
		 "  -Q SPN          who holds it; '*' is a wildcard\n"
		 "  -X              duplicates, across all targets\n"
		 "  -S SPN ACCOUNT  add, after a check in each target\n"
		 "  -A SPN ACCOUNT  add, without that check; a duplicate is refused all the same\n"
		 "  -D SPN ACCOUNT  delete, whatever the case\n"
		 "  -R COMPUTER     put back HOST/ and RestrictedKrbHost/\n"
		 "  -C, -U          the account is a computer, is not one\n"
		 "  -T DOMAIN       a target (repeatable; \"\" or * is the current domain)\n"
		 "  -F              the forest of each target\n"
		 "  -P              no progress",
	.example = "spnkit setspn -Q http/LAX-CRM01",
	.raw = true,
	.changes = true,
	.run = run,
};
