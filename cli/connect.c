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

/* Reads one line without its end.  Returns its length; -1 with errno if it does not fit or cannot be read. */
static ssize_t read_line(int fd, char *buffer, size_t size)
{
	char c;
	for (size_t used = 0; used <= size; used++) {
		ssize_t n = read(fd, &c, 1);
		if (n < 0)
			return -1;
		if (n == 0 || c == '\n')
			return (ssize_t)(used > 0 && buffer[used - 1] == '\r' ? used - 1 : used);
		if (used < size)
			buffer[used] = c;
	}
	errno = EOVERFLOW;
	return -1;
}

static spn_status fail_too_long(size_t size, spn_error *err)
{
	return spn_fail(err, SPN_ERR_AUTH, EOVERFLOW, "the password is longer than %zu bytes", size);
}

static spn_status ask_password(const char *bind_dn, char *buffer, size_t size, size_t *ret_len, spn_error *err)
{
	FILE *tty = fopen("/dev/tty", "r+");
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
	bool typed = interrupt_wait(fileno(tty));
	ssize_t n = typed ? read_line(fileno(tty), buffer, size) : -1;
	int why = typed ? errno : EINTR;
	tcsetattr(fileno(tty), TCSAFLUSH, &was);
	putc('\n', tty);
	fclose(tty);
	interrupt_release(&interrupt);
	if (n < 0 && why == EOVERFLOW)
		return fail_too_long(size, err);
	if (n < 0)
		return spn_fail(err, SPN_ERR_AUTH, why, "no password: %s", strerror(why));
	*ret_len = (size_t)n;
	return SPN_OK;
}

static spn_status read_password(const char *path, char *buffer, size_t size, size_t *ret_len, spn_error *err)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read_line(fd, buffer, size);
	int why = errno;
	if (fd >= 0)
		close(fd);
	if (n < 0 && why == EOVERFLOW)
		return fail_too_long(size, err);
	if (n < 0)
		return spn_fail(err, SPN_ERR_AUTH, why, "cannot read the password from '%s': %s", path, strerror(why));
	*ret_len = (size_t)n;
	return SPN_OK;
}

static spn_status password(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *err)
{
	const struct options *options = data;
	if (options->ask_password)
		return ask_password(options->bind_dn, buffer, size, ret_len, err);
	return read_password(options->password_file, buffer, size, ret_len, err);
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
	who->password = options->bind_dn ? password : NULL;
	who->password_data = options;
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

/* Verdicts on names hold only as far as the directory shows. */
static void add_condition(struct cli *cli, const char *condition)
{
	char text[512];
	const char *so_far = cli->condition ? cli->condition : "";
	size_t len = strlen(so_far);
	if (len > 0)
		snprintf(text, sizeof text, "%.*s, and %s)", (int)(len - 1), so_far, condition);
	else
		snprintf(text, sizeof text, ", as far as this file shows (%s)", condition);
	char *copy = strdup(text);
	cli->lost |= !copy;
	output_set_condition(cli, copy);
}

static void show_gap(const spn_note *directory, void *data)
{
	struct cli *cli = data;
	bool is_sought = ((cli->options.forest || cli->options.n_domains > 1) &&
					 strcmp(directory->code, "other-domain") == 0) ||
			(cli->options.n_domains > 1 && strcmp(directory->code, "other-forest") == 0);
	if (is_sought)
		return;
	spn_report_gap(cli->report, directory);
	if (directory->condition)
		add_condition(cli, directory->condition);
}

/* Once, though several of its domains may be opened one after the other. */
static void show_gaps(struct cli *cli, const spn_directory *dir)
{
	const char *url = spn_directory_url(dir);
	if (cli->noted && strcmp(cli->noted, url) == 0)
		return;
	free(cli->noted);
	output_set_condition(cli, NULL);
	cli->noted = strdup(url);
	spn_directory_notes(dir, show_gap, cli);
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
