/* SPDX-License-Identifier: MIT */
#include "connect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include <spnkit/backend.h>

#include "interrupt.h"
#include "output.h"

static spn_status ask_password(char *buffer, size_t size, size_t *ret_len, void *bind_dn, spn_error *err)
{
	static char tty_path[] = "/dev/tty";
	FILE *tty = fopen(tty_path, "r+");
	if (!tty)
		return spn_fail(err, SPN_ERR_AUTH, errno, "there is no terminal to ask for the password");
	struct termios was, silent;
	if (tcgetattr(fileno(tty), &was) != 0) {
		fclose(tty);
		return spn_fail(err, SPN_ERR_AUTH, errno, "the terminal cannot hide a password");
	}
	struct interrupt interrupt;
	interrupt_catch(&interrupt, true);
	silent = was;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fileno(tty), TCSAFLUSH, &silent);
	fputs("Password of ", tty);
	spn_text_print(tty, bind_dn, strlen(bind_dn));
	fputs(": ", tty);
	fflush(tty);
	spn_status status = interrupt_wait(fileno(tty)) ? spn_password_from_file(buffer, size, ret_len, tty_path, err) :
			spn_fail(err, SPN_ERR_AUTH, EINTR, "no password: %s", strerror(EINTR));
	tcsetattr(fileno(tty), TCSAFLUSH, &was);
	putc('\n', tty);
	fclose(tty);
	interrupt_release(&interrupt);
	return status;
}

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

/* What a person types counts most; then what a journal says; the environment knows neither. */
static const char *choose_url(const struct options *options, const char *domain, const char *journal)
{
	const char *environment = getenv("SPNKIT_DIRECTORY");
	if (options->url || journal)
		return options->url ? options->url : journal;
	return environment && *environment && (!domain || connect_is_ldif(environment)) ? environment : NULL;
}

void connect_options(struct cli *cli, const char *domain, struct access *ret_access)
{
	static const spn_tls tls[] = { SPN_TLS_NONE, SPN_TLS_TRY, SPN_TLS_REQUIRE };
	struct options *options = &cli->options;
	*ret_access = (struct access){ .who = SPN_CREDENTIALS_INIT, .open = SPN_OPEN_OPTIONS_INIT,
		.kdc = SPN_KDC_OPTIONS_INIT, .handshake = SPN_HANDSHAKE_OPTIONS_INIT };
	spn_credentials *who = &ret_access->who;
	who->principal = options->principal;
	who->keytab = options->keytab;
	who->ccache = options->ccache;
	ret_access->kerberos = *who;
	who->bind_dn = options->bind_dn;
	who->password = !options->bind_dn ? NULL : options->ask_password ? ask_password : spn_password_from_file;
	who->password_data = (void *)(uintptr_t)(options->ask_password ? options->bind_dn : options->password_file);
	who->sasl_mech = options->sasl_mech;
	who->authzid = options->authzid;
	ret_access->kdc.credentials = ret_access->handshake.credentials = &ret_access->kerberos;
	ret_access->kdc.timeout = ret_access->handshake.timeout = options->timeout;
	ret_access->handshake.cacert = options->cacert;
	spn_open_options *open = &ret_access->open;
	open->credentials = who;
	open->domain = domain;
	open->tls = tls[options->starttls > 2 ? 2 : options->starttls];
	open->cacert = options->cacert;
	open->timeout = options->timeout;
	open->trust_dns = options->trust_dns;
	open->dialect = options->rules == 1 ? SPN_DIALECT_SAMBA : SPN_DIALECT_WINDOWS;
	open->read_only = options->dry_run || !cli->command->changes;
	open->foresees = cli->command->changes;
}

spn_status connect_check_keys(const struct cli *cli, const spn_directory *dir, spn_error *err)
{
	return cli->options.keys && connect_is_ldif(spn_directory_url(dir)) ?
			spn_fail(err, SPN_ERR_INVALID, 0,
					"a file has no KDC to ask for "
					"keys: leave out --keys, or name a domain controller (-H)") :
			SPN_OK;
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
	return cli->options.n_domains > 1 ? both : cli->options.forest ? domains : both + 2;
}

static void show_gap(const spn_note *note, void *data)
{
	struct cli *cli = data;
	for (const char *const *code = sought_elsewhere(cli); *code; code++)
		if (strcmp(note->code, *code) == 0)
			return;
	spn_report_gap(cli->report, note);
}

char *connect_condition(struct cli *cli, const spn_directory *dir)
{
	char *text = NULL;
	cli->lost |= spn_directory_condition(dir, sought_elsewhere(cli), &text, NULL) != SPN_OK;
	return text;
}

void connect_set_condition(struct cli *cli, const char *who, const char *text)
{
	char *condition = NULL;
	if (text && asprintf(&condition, ", as far as %s (%s)", who, text) < 0)
		condition = NULL;
	cli->lost |= text && !condition;
	output_set_condition(cli, condition);
}

/* Once, though several of its domains may be opened one after the other. */
static void show_gaps(struct cli *cli, const spn_directory *dir)
{
	const char *url = spn_directory_url(dir);
	if (cli->noted && strcmp(cli->noted, url) == 0)
		return;
	free(cli->noted);
	cli->noted = strdup(url);
	spn_directory_notes(dir, show_gap, cli);
	char *text = connect_condition(cli, dir);
	connect_set_condition(cli, "this file shows", text);
	free(text);
}

spn_status connect_open(struct cli *cli, const char *domain, const char *journal,
		spn_directory **ret_dir, spn_error *err)
{
	const struct options *options = &cli->options;
	const char *url = choose_url(options, domain, journal);
	struct access access;
	connect_options(cli, domain, &access);
	spn_directory *dir;
	if (connect_is_ldif(url) && options->bind_dn)
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"-D and its password would be ignored: '%s' is a file, which asks for none; leave out -D and %s",
				url, options->ask_password ? "-W" : "--password-file");
	if (connect_is_ldif(url))
		access.open.credentials = NULL; /* it has no use for Kerberos either */
	spn_status status = domain && !url ? spn_domain_open(NULL, domain, &access.open, &dir, err) :
			spn_directory_open(url, &access.open, &dir, err);
	if (status)
		return status;
	trace_if_wanted(cli, dir);
	show_gaps(cli, dir);
	*ret_dir = dir;
	return SPN_OK;
}

spn_account_want connect_want(const struct cli *cli)
{
	return cli->options.computer ? SPN_WANT_COMPUTER : cli->options.user ? SPN_WANT_USER : SPN_WANT_ANY;
}

spn_status connect_account(struct cli *cli, const char *account, spn_directory **ret_dir, spn_error *err)
{
	struct access access;
	connect_options(cli, NULL, &access);
	spn_status status = spn_account_domain_open(
			cli->dir, account, connect_want(cli), cli->options.forest, &access.open, ret_dir, err);
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
	struct access access;
	connect_options(cli, NULL, &access);
	spn_status status = spn_server_domain_open(cli->dir, server, cli->options.forest, &access.open, &there, err);
	trace_if_wanted(cli, there);
	go_to(cli, server, there);
	return status;
}

spn_status connect_follow_plan(struct cli *cli, const spn_plan *plan, spn_error *err)
{
	spn_directory *there = NULL;
	struct access access;
	connect_options(cli, NULL, &access);
	spn_status status = spn_plan_domain_open(plan, cli->dir, &access.open, &there, err);
	trace_if_wanted(cli, there);
	go_to(cli, there ? spn_plan_step(plan, 0)->dn : "", there);
	return status;
}

spn_status connect_context(spn_directory *dir, const char *attr, const char **ret_dn, spn_error *err)
{
	const spn_entry *root;
	spn_status status = spn_directory_root(dir, &root, err);
	if (status)
		return status;
	const char *dn = spn_entry_text(root, attr);
	*ret_dn = dn ? dn : "";
	return SPN_OK;
}

spn_status connect_say_where(struct cli *cli, spn_directory *dir, spn_error *err)
{
	const char *dn;
	bool forest = cli->options.forest;
	spn_status status = connect_context(dir, forest ? "rootDomainNamingContext" : "defaultNamingContext", &dn, err);
	if (status)
		return status;
	say(cli, "Checking %s %s", forest ? "forest" : "domain", dn);
	if (forest && strcmp(cli->command->name, "query") != 0) /* nor does setspn say it of one name */
		say(cli, "Operation will be performed forestwide, it might take a while.");
	return SPN_OK;
}

void connect_note_namesake(struct cli *cli, spn_directory *dir, const char *text, const spn_account *account)
{
	spn_account *other = NULL;
	if (connect_want(cli) == SPN_WANT_ANY && !spn_account_namesake(dir, text, account, &other, NULL) && other)
		note(cli,
				"'%s' was understood as the computer '%s'; another account, '%s', has that name too: "
				"to choose that one, use its DN",
				text, spn_account_name(account), spn_account_dn(other));
	spn_account_free(other);
}
