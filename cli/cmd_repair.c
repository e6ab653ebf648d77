/* SPDX-License-Identifier: MIT */
/* cmd_repair.c - fix, split, reset and copy-groups: what makes a server work again */

#include "change.h"
#include "commands.h"
#include "connect.h"
#include "output.h"

/* A repair on its way. */
struct repair {
	struct cli *cli;
	struct change change;
	bool has_skipped, has_failed; /* groups */
	bool was_rolled_back;         /* a membership */
	enum cli_exit told; /* the exit code of an error that was told already */
};

static spn_status show_verdict(const spn_finding *finding, void *data, spn_error *err)
{
	struct repair *repair = data;
	(void)err;
	spn_report_finding(repair->cli->report, finding);
	return SPN_OK;
}

static spn_status show_group(const spn_group *group, void *data, spn_error *err)
{
	struct repair *repair = data;
	struct cli *cli = repair->cli;
	(void)err;
	spn_report_group(cli->report, group);
	if (group->outcome == SPN_GROUP_SKIPPED && !repair->has_skipped && options_has(cli, "protected"))
		note(cli, "to copy protected groups too, use --protected");
	repair->has_skipped |= group->outcome == SPN_GROUP_SKIPPED;
	repair->has_failed |= group->outcome == SPN_GROUP_FAILED;
	return SPN_OK;
}

static spn_status show_member(const spn_group *group, void *data, spn_error *err)
{
	struct repair *repair = data;
	(void)err;
	spn_report_membership(repair->cli->report, group);
	return SPN_OK;
}

static spn_status show_probe(const spn_probe *probe, void *data, spn_error *err)
{
	struct repair *repair = data;
	(void)err;
	spn_report_probe(repair->cli->report, probe);
	return SPN_OK;
}

static spn_status show_stage(spn_stage stage, const char *text, const spn_error *why, void *data, spn_error *err)
{
	struct repair *repair = data;
	struct cli *cli = repair->cli;
	(void)err;
	if (why)
		repair->told = complain(cli, why);
	spn_report_stage(cli->report, stage, cli->argv[0], text);
	repair->was_rolled_back |= stage == SPN_STAGE_ROLLED_BACK;
	return SPN_OK;
}

static spn_status end(struct repair *repair, spn_status status, bool ok, const spn_error *err)
{
	struct cli *cli = repair->cli;
	if (repair->told)
		cli->code = repair->told;
	else
		(void)change_end(&repair->change, status, err);
	if (cli->code == CLI_REFUSED && repair->was_rolled_back) /* they may have been found there */
		note(cli, "memberships were rolled back as well: if somebody else repairs %s, spnkit copy-groups copies them again",
				cli->argv[0]);
	if (!cli->code && !status && !ok)
		cli->code = CLI_NO;
	return SPN_OK;
}

typedef spn_status repair_fn(spn_directory *dir, spn_kdc *kdc, const char *server, const spn_repair_options *options,
		const spn_change_options *change, bool *ret_ok, spn_error *err);

static spn_status repair_server(struct repair *repair, repair_fn *fn, spn_error *err)
{
	struct cli *cli = repair->cli;
	bool ok = false;
	repair->change.cli = cli;
	repair->change.tells_failures = true;
	spn_repair_options options = cli->options.repair;
	options.finding_fn = show_verdict;
	options.group_fn = show_group;
	options.probe_fn = show_probe;
	options.stage_fn = show_stage;
	options.member_fn = show_member;
	options.data = repair;
	AUTO(char) *server = NULL;
	spn_status status = spn_server_guess(cli->argv[0], &server, NULL, NULL, err);
	if (status)
		return status;
	cli->argv[0] = server;
	const spn_change_options change = change_options(&repair->change);
	status = connect_follow_server(cli, server, err);
	if (!status)
		status = fn(cli->dir, cli->kdc, cli->argv[0], &options, &change, &ok, err);
	return end(repair, status, ok, err);
}

static spn_status run_fix(struct cli *cli, spn_error *err)
{
	struct repair repair = { .cli = cli, .change = { .phrase = "I confirm",
		.warning = "first let the service run as the computer account (IIS: LocalSystem or "
			"ApplicationPoolIdentity for the pool); until then it cannot use tickets for these names" } };
	if (connect_asks_kdc(cli) && connect_kdc(cli, err)) {
		(void)show_stage(SPN_STAGE_NOT_PROBED, "", err, &repair, NULL);
		cli->code = repair.told;
		return SPN_OK;
	}
	return repair_server(&repair, spn_fix, err);
}

static spn_status split(spn_directory *dir, spn_kdc *kdc, const char *server, const spn_repair_options *options,
		const spn_change_options *change, bool *ret_ok, spn_error *err)
{
	(void)kdc;
	return spn_split(dir, server, options, change, ret_ok, err);
}

static spn_status run_split(struct cli *cli, spn_error *err)
{
	return repair_server(&(struct repair){ .cli = cli }, split, err);
}

static spn_status run_reset(struct cli *cli, spn_error *err)
{
	if (!connect_asks_kdc(cli))
		return misused(cli, err, "reset leaves a ticket in the credential cache: it needs a live directory and its KDC "
				"(split does the lasting part in an LDIF file)");
	spn_status status = cli->options.dry_run ? SPN_OK : connect_kdc(cli, err);
	return status ? status : repair_server(&(struct repair){ .cli = cli }, spn_reset, err);
}

static spn_status run_copy_groups(struct cli *cli, spn_error *err)
{
	struct repair repair = { .cli = cli, .change = { .cli = cli, .tells_failures = true } };
	spn_change_options options = change_options(&repair.change);
	options.flags |= cli->options.flags & SPN_PROTECTED;
	spn_status status = connect_follow(cli, cli->argv[0], err);
	if (!status)
		status = spn_copy_membership(cli->dir, cli->argv[0], cli->argv[1], &options, show_group, &repair, err);
	/* a script must see that a group is missing */
	return end(&repair, status, !repair.has_failed || (cli->options.dry_run && !repair.change.is_empty), err);
}

const struct command cmd_fix = {
	.name = "fix",
	.args = "SERVER",
	.summary = "Make a server's computer account answer for its names",
	.details = "Copies the groups of the account that holds CLASS/SERVER to the computer account, moves the "
		   "names to it, and looks again. SERVER is a short name or an FQDN. A ticket is requested and "
		   "tried on the service before and after, with a log-on that nobody can use unless --http says where "
		   "to log on. If that already works, or fails for another reason, nothing is changed.",
	.example = "spnkit fix LAX-CRM01 --dry-run",
	.options = OPTIONS_FOREST | OPTIONS_REPAIR | OPTIONS_PROTECTED,
	.connects = true,
	.changes = true,
	.run = run_fix,
};

const struct command cmd_reset = {
	.name = "reset",
	.args = "SERVER",
	.summary = "Get this machine a working ticket now; the service keeps its names",
	.details = "As split; and the plain names leave the service account for a moment, in which tickets to them are put "
		"into your credential cache. They come back whatever happens; 'undo' brings them back after a crash.",
	.example = "spnkit reset LAX-CRM01",
	.options = OPTIONS_FOREST | OPTIONS_REPAIR,
	.connects = true,
	.changes = true,
	.run = run_reset,
};

const struct command cmd_split = {
	.name = "split",
	.args = "SERVER",
	.summary = "Names with a port for the computer, plain ones for the service account",
	.details = "Both services work; clients of one must include the port in the name.",
	.example = "spnkit split LAX-CRM01 --port 5985 --dry-run",
	.options = OPTIONS_FOREST | OPTIONS_REPAIR,
	.connects = true,
	.changes = true,
	.run = run_split,
};

const struct command cmd_copy_groups = {
	.name = "copy-groups",
	.args = "FROM TO",
	.summary = "Add an account to every group of another",
	.details = "A group that cannot be changed is reported, and the others are still processed. Primary groups are "
		   "left alone.",
	.example = "spnkit copy-groups CrmIisPoolServiceAccount LAX-CRM01",
	.options = OPTIONS_PROTECTED,
	.connects = true,
	.changes = true,
	.run = run_copy_groups,
};
