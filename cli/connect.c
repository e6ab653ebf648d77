/* SPDX-License-Identifier: MIT */
#include "connect.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"

static void trace(const char *line, void *data)
{
	note(data, "%s", line);
}

static void trace_if_wanted(struct cli *cli, spn_directory *dir)
{
	if (!dir || !cli->options.trace)
		return;
	note(cli, "directory %s", spn_directory_url(dir)); /* DNS may have chosen it */
	spn_directory_trace(dir, trace, cli);
}

bool connect_is_ldif(const char *url)
{
	return url && strncmp(url, "ldif:", 5) == 0;
}

/* What a person types counts most; the environment does not know what was typed. */
static const char *choose_url(const struct options *options, const char *domain)
{
	const char *environment = getenv("SPNKIT_DIRECTORY");
	if (options->url)
		return options->url;
	return environment && *environment && (!domain || connect_is_ldif(environment)) ? environment : NULL;
}

void connect_prepare(struct cli *cli)
{
	struct options *options = &cli->options;
	spn_credentials *who = &options->who;
	cli->kerberos = *who;
	cli->kerberos.bind_dn = cli->kerberos.sasl_mech = cli->kerberos.authzid = NULL;
	who->password = !who->bind_dn ? NULL :
			options->ask_password ? spn_password_from_terminal : spn_password_from_file;
	who->password_data = (void *)(uintptr_t)(options->ask_password ? who->bind_dn : options->password_file);
	cli->handshake.credentials = cli->kdc_options.credentials = &cli->kerberos;
	cli->handshake.timeout = cli->kdc_options.timeout = options->open.timeout;
	cli->handshake.cacert = options->open.cacert;
	options->open.credentials = who;
	options->probe.handshake = options->repair.handshake = &cli->handshake;
	options->repair.url = options->probe.url;
	options->repair.ccache = who->ccache;
	options->repair.flags = (options->flags & SPN_PROTECTED) | (options->forest ? SPN_FOREST : 0);
	options->expect.port = options->repair.port;
	options->expect.aliases = options->aliases.at;
	options->expect.n_aliases = options->aliases.n;
	options->audit.forest = options->forest;
	options->audit.knows_host = options->dns ? spn_host_known : NULL;
	options->audit.knows_keys = options->keys ? spn_keys_known : NULL;
}

spn_status connect_kdc(struct cli *cli, spn_error *err)
{
	return spn_kdc_open(&cli->kdc_options, &cli->kdc, err);
}

spn_status connect_check_kdc(const spn_directory *dir, const char *what, const char *option, spn_error *err)
{
	if (!connect_is_ldif(spn_directory_url(dir)))
		return SPN_OK;
	return spn_fail(err, SPN_ERR_INVALID, 0,
			"a file has no KDC to ask for %s: leave out %s, or name a domain controller (-H)", what, option);
}

bool connect_asks_kdc(const struct cli *cli)
{
	return !cli->options.no_probe && !connect_is_ldif(spn_directory_url(cli->dir));
}

/* What is not there, but is looked for elsewhere. */
static const char *const *sought_elsewhere(const struct cli *cli)
{
	static const char *const both[] = { "other-domain", "other-forest", NULL },
				 *const domains[] = { "other-domain", NULL };
	return cli->options.domains.n > 1 ? both : cli->options.forest ? domains : both + 2;
}

/* What there is to say of a directory that was opened: once, though several of its domains may be opened. */
static void show_opened(struct cli *cli, spn_directory *dir)
{
	const char *url = spn_directory_url(dir);
	trace_if_wanted(cli, dir);
	if (cli->noted && strcmp(cli->noted, url) == 0)
		return;
	free(cli->noted);
	cli->noted = strdup(url);
	spn_report_directory(cli->report, dir, sought_elsewhere(cli));
}

/* What a directory is opened with: a file has no use for a password, nor for Kerberos. */
static spn_status choose_options(struct cli *cli, const char *url, spn_open_options *ret_open, spn_error *err)
{
	struct options *options = &cli->options;
	options->open.read_only = options->dry_run || !cli->command->changes;
	options->open.foresees = cli->command->changes;
	*ret_open = options->open;
	if (connect_is_ldif(url) && options->who.bind_dn)
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"-D and its password would be ignored: '%s' is a file, which asks for none; leave out -D and %s",
				url, options->ask_password ? "-W" : "--password-file");
	if (connect_is_ldif(url))
		ret_open->credentials = NULL;
	return SPN_OK;
}

spn_status connect_open(struct cli *cli, const char *domain, spn_directory **ret_dir, spn_error *err)
{
	spn_open_options open;
	const char *url = choose_url(&cli->options, domain);
	spn_status status = choose_options(cli, url, &open, err);
	open.domain = domain;
	if (!status)
		status = domain && !url ? spn_domain_open(NULL, domain, &open, ret_dir, err) :
				spn_directory_open(url, &open, ret_dir, err);
	if (!status)
		show_opened(cli, *ret_dir);
	return status;
}

spn_status connect_open_journal(struct cli *cli, const spn_journal_info *journal, spn_error *err)
{
	spn_open_options open;
	const char *url = cli->options.url;
	spn_status status = choose_options(cli, url ? url : journal->url, &open, err);
	open.domain = cli->options.domains.at[0];
	if (!status)
		status = spn_journal_directory_open(journal, url, &open, &cli->dir, err);
	if (!status)
		show_opened(cli, cli->dir);
	return status;
}

spn_status connect_domain(struct cli *cli, spn_error *err)
{
	return connect_open(cli, cli->options.domains.at[0], &cli->dir, err);
}

spn_account_want connect_want(const struct cli *cli)
{
	return cli->options.computer ? SPN_WANT_COMPUTER : cli->options.user ? SPN_WANT_USER : SPN_WANT_ANY;
}

spn_status connect_account(struct cli *cli, const char *account, spn_directory **ret_dir, spn_error *err)
{
	spn_status status = spn_account_domain_open(
			cli->dir, account, connect_want(cli), cli->options.forest, &cli->options.open, ret_dir, err);
	trace_if_wanted(cli, *ret_dir);
	return status;
}

/* From now on everything is done there, if it is another place. */
static void go_to(struct cli *cli, const char *whose, spn_directory *there)
{
	if (!there)
		return;
	spn_directory_free(cli->dir);
	cli->dir = there;
	note(cli, "'%s' is in another domain: the work is done there, at %s", whose, spn_directory_url(there));
}

spn_status connect_follow(struct cli *cli, const char *account, spn_error *err)
{
	spn_directory *there = NULL;
	spn_status status = connect_account(cli, account, &there, err);
	go_to(cli, account, there);
	return status;
}

spn_status connect_follow_server(struct cli *cli, const char *server, spn_error *err)
{
	spn_directory *there = NULL;
	spn_status status = spn_server_domain_open(cli->dir, server, cli->options.forest, &cli->options.open, &there, err);
	trace_if_wanted(cli, there);
	go_to(cli, server, there);
	return status;
}

spn_status connect_follow_plan(struct cli *cli, const spn_plan *plan, spn_error *err)
{
	spn_directory *there = NULL;
	spn_status status = spn_plan_domain_open(plan, cli->dir, &cli->options.open, &there, err);
	trace_if_wanted(cli, there);
	go_to(cli, there ? spn_plan_step(plan, 0)->dn : "", there);
	return status;
}

spn_status connect_base(struct cli *cli, spn_directory *dir, const char **ret_dn, spn_error *err)
{
	const spn_entry *root;
	spn_status status = spn_directory_root(dir, &root, err);
	if (status)
		return status;
	const char *dn = spn_entry_text(root, cli->options.forest ? "rootDomainNamingContext" : "defaultNamingContext");
	*ret_dn = dn ? dn : "";
	return SPN_OK;
}

spn_status connect_say_where(struct cli *cli, spn_directory *dir, spn_error *err)
{
	const char *dn;
	bool forest = cli->options.forest;
	spn_status status = connect_base(cli, dir, &dn, err);
	if (status)
		return status;
	say(cli, "Checking %s %s", forest ? "forest" : "domain", dn);
	if (forest && strcmp(cli->command->name, "query") != 0) /* nor does setspn say it of one name */
		say(cli, "Operation will be performed forestwide, it might take a while.");
	return SPN_OK;
}

void connect_note_namesake(struct cli *cli, spn_directory *dir, const char *text, const spn_account *account)
{
	AUTO(spn_account) *other = NULL;
	if (connect_want(cli) == SPN_WANT_ANY && !spn_account_namesake(dir, text, account, &other, NULL) && other)
		note(cli,
				"'%s' was understood as the computer '%s'; another account, '%s', has that name too: "
				"to choose that one, use its DN",
				text, spn_account_name(account), spn_account_dn(other));
}

spn_status connect_look(struct cli *cli, const char *text, connect_look_fn *fn, spn_error *err)
{
	AUTO(spn_directory) *there = NULL;
	AUTO(spn_account) *account = NULL;
	spn_status status = connect_account(cli, text, &there, err);
	spn_directory *dir = there ? there : cli->dir;
	if (!status)
		status = spn_account_find(dir, text, connect_want(cli), &account, err);
	if (!status)
		status = fn(cli, dir, account, err);
	if (!status)
		connect_note_namesake(cli, dir, text, account);
	return status;
}
