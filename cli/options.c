/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "output.h"

static const char *const formats[] = { "text", "ldif", "setspn", "powershell", "json", "desired", "nagios",
	"prometheus", NULL };
static const char *const rules[] = { [SPN_DIALECT_WINDOWS] = "windows", [SPN_DIALECT_SAMBA] = "samba", NULL };

static spn_status set_flag(struct cli *cli, const struct option_row *row, void *where, const char *text, spn_error *err)
{
	(void)cli, (void)row, (void)text, (void)err;
	*(bool *)where = true;
	return SPN_OK;
}

static spn_status set_bits(struct cli *cli, const struct option_row *row, void *where, const char *text, spn_error *err)
{
	(void)cli, (void)text, (void)err;
	*(unsigned *)where |= row->max;
	return SPN_OK;
}

/* How often it was given, up to max. */
static spn_status set_count(
		struct cli *cli, const struct option_row *row, void *where, const char *text, spn_error *err)
{
	(void)cli, (void)text, (void)err;
	*(unsigned *)where += *(unsigned *)where < row->max;
	return SPN_OK;
}

static spn_status set_text(struct cli *cli, const struct option_row *row, void *where, const char *text, spn_error *err)
{
	(void)cli, (void)row, (void)err;
	*(const char **)where = text;
	return SPN_OK;
}

/* From 1 to max. */
static spn_status set_number(
		struct cli *cli, const struct option_row *row, void *where, const char *text, spn_error *err)
{
	char *end = NULL;
	errno = 0;
	unsigned long number = text ? strtoul(text, &end, 10) : row->usual;
	if (text && (*text < '0' || *text > '9' || *end || errno || number < 1 || number > row->max))
		return misused(cli, err, "--%s takes a number from 1 to %u, not '%s'", row->name, row->max, text);
	*(unsigned *)where = (unsigned)number;
	return SPN_OK;
}

/* The same in seconds; "5m" is 300. */
static spn_status set_time(struct cli *cli, const struct option_row *row, void *where, const char *text, spn_error *err)
{
	static const struct {
		const char *name;
		unsigned long seconds;
	} units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 } };
	char *end;
	errno = 0;
	unsigned long number = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;
	for (size_t i = 0; number > 0 && !errno && number <= row->max && i < sizeof units / sizeof *units; i++)
		if (strcmp(end, units[i].name) == 0 && number * units[i].seconds <= row->max) {
			*(unsigned *)where = (unsigned)(number * units[i].seconds);
			return SPN_OK;
		}
	return misused(cli, err, "--%s takes a time such as 90, 90s, 5m or 2h, of at most %u seconds, not '%s'", row->name,
			row->max, text);
}

/* The place in choices. */
static spn_status set_choice(
		struct cli *cli, const struct option_row *row, void *where, const char *text, spn_error *err)
{
	unsigned i = 0;
	while (row->choices[i] && strcmp(text, row->choices[i]) != 0)
		i++;
	if (!row->choices[i])
		return misused(cli, err, "--%s does not know '%s' (see 'spnkit help')", row->name, text);
	*(unsigned *)where = i;
	return SPN_OK;
}

static spn_status set_era(struct cli *cli, const struct option_row *row, void *where, const char *text, spn_error *err)
{
	spn_error why = { .status = SPN_OK };
	bool may_be_found_out = where == &cli->options.probe.era;
	*(spn_era *)where = SPN_ERA_UNKNOWN;
	if ((may_be_found_out && strcmp(text, "auto") == 0) || spn_era_parse(text, where, &why) == SPN_OK)
		return SPN_OK;
	return misused(cli, err, "--%s: %s", row->name, why.message);
}

static spn_status add_to_list(
		struct cli *cli, const struct option_row *row, void *where, const char *text, spn_error *err)
{
	struct option_list *list = where;
	if (list->n == OPTIONS_MAX_LISTED)
		return misused(cli, err, "more than %d times --%s", OPTIONS_MAX_LISTED, row->name);
	list->at[list->n++] = text;
	return SPN_OK;
}

#define AT(member) .where = offsetof(struct options, member)
#define TEXT(member) .set = set_text, AT(member)
#define FLAG(member) .set = set_flag, AT(member)
#define BITS(bits) .set = set_bits, AT(flags), .max = (bits)
#define LIST(member) .set = add_to_list, AT(member)

static const struct option_row rows[] = {
	{ OPTIONS_DIRECTORY, 'H', "directory", "URL", "ldap://HOST, ldaps://HOST, ldapi://SOCKET or ldif:FILE",
			TEXT(url) },
	{ OPTIONS_DIRECTORY, 'T', "domain", "DOMAIN", "another domain (query: repeatable)", LIST(domains) },
	{ OPTIONS_DIRECTORY, 'Z', "starttls", NULL, "use StartTLS if offered; -ZZ: require it", .set = set_count,
			AT(open.tls), .max = SPN_TLS_REQUIRE },
	{ OPTIONS_DIRECTORY, 0, "cacert", "FILE", "trust these certificate authorities", TEXT(open.cacert) },
	{ OPTIONS_DIRECTORY, 'k', "keytab", "FILE", "credentials from a keytab", TEXT(who.keytab) },
	{ OPTIONS_DIRECTORY, 'p', "principal", "NAME", "whose credentials", TEXT(who.principal) },
	{ OPTIONS_DIRECTORY, 0, "ccache", "NAME", "a credential cache, instead of $KRB5CCNAME", TEXT(who.ccache) },
	{ OPTIONS_DIRECTORY, 'D', "bind-dn", "DN",
			"log on as DN (or NAME, with --sasl-mech) by password; inside TLS or over ldapi only",
			TEXT(who.bind_dn) },
	{ OPTIONS_DIRECTORY, 0, "password-file", "FILE", "its password is the first line of FILE",
			TEXT(password_file) },
	{ OPTIONS_DIRECTORY, 'W', "ask-password", NULL, "its password is asked for", FLAG(ask_password) },
	{ OPTIONS_DIRECTORY, 0, "sasl-mech", "MECH",
			"how: GSS-SPNEGO, EXTERNAL, SCRAM-SHA-256, SCRAM-SHA-512, DIGEST-MD5", TEXT(who.sasl_mech) },
	{ OPTIONS_DIRECTORY, 0, "authzid", "ID", "act as ID there, if the server allows it", TEXT(who.authzid) },
	{ OPTIONS_DIRECTORY, 0, "trust-dns", NULL, "believe DNS about domain controllers, and send them passwords",
			FLAG(open.trust_dns) },
	{ OPTIONS_DIRECTORY, 0, "timeout", "SECONDS", "for each operation (15)", .set = set_number, AT(open.timeout),
			.max = 86400 },
	{ OPTIONS_DIRECTORY, 0, "rules", "RULES", "ldif: behaves like windows (default) or samba",
			.set = set_choice, AT(open.dialect), .choices = rules },

	{ OPTIONS_CHANGE, 'n', "dry-run", NULL, "print the plan and stop", FLAG(dry_run) },
	{ OPTIONS_CHANGE, 'y', "yes", NULL, "carry the plan out without asking", FLAG(yes) },
	{ OPTIONS_CHANGE, 0, "format", "FORMAT",
			"of the plan: text, ldif, setspn, powershell, json; expect: also desired",
			.set = set_choice, AT(format), .choices = formats },
	{ OPTIONS_CHANGE, 0, "journal", "FILE", "record here how to undo it", TEXT(journal) },
	{ OPTIONS_CHANGE, 0, "no-way-back", NULL, "do what may be impossible to undo",
			BITS(SPN_UNSURE | SPN_NO_WAY_BACK) },

	{ OPTIONS_GENERAL, 0, "json", NULL, "one JSON object a line", FLAG(json) },
	{ OPTIONS_GENERAL, 'q', "quiet", NULL, "no progress", FLAG(quiet) },
	{ OPTIONS_GENERAL, 'v', "trace", NULL, "show which directory is used, and every operation on it", FLAG(trace) },
	{ OPTIONS_GENERAL, 'h', "help", NULL, "print help and stop", FLAG(help) },
	{ OPTIONS_GENERAL, 0, "version", NULL, "print the version and stop", FLAG(version) },

	{ OPTIONS_FOREST, 'F', "forest", NULL, "ask the global catalog", FLAG(forest) },
	{ OPTIONS_KIND, 'C', "computer", NULL, "ACCOUNT is a computer", FLAG(computer) },
	{ OPTIONS_KIND, 'U', "user", NULL, "ACCOUNT is not a computer", FLAG(user) },
	{ OPTIONS_TAKEOVER, 0, "takeover", NULL, "allow a name that another account serves today", BITS(SPN_TAKEOVER) },
	{ OPTIONS_REPLICAS, 0, "wait-replicas", "SECONDS",
			"wait up to SECONDS (60) until every domain controller shows the change", .set = set_number,
			AT(wait_replicas), .max = 86400, .usual = 60 },
	{ OPTIONS_PROTECTED, 0, "protected", NULL, "copy protected groups (Domain Admins and their kind) too",
			BITS(SPN_PROTECTED) },
	{ OPTIONS_REPAIR, 0, "service", "CLASS", "the service class (http); diagnose: or one of 'expect --list'",
			TEXT(repair.service) },
	{ OPTIONS_REPAIR | OPTIONS_EXPECT, 0, "port", "PORT",
			"the port of the other service (5985); expect: of the service", .set = set_number, AT(repair.port),
			.max = 65535 },
	{ OPTIONS_REPAIR, 0, "no-probe", NULL, "judge by the directory alone", FLAG(no_probe) },
	{ OPTIONS_KDC, 0, "kdc", "VERSION",
			"how the KDC chooses encryption types: auto, windows-2022-11, windows-2026-07, samba-4.17, "
			"samba-4.24",
			.set = set_era, AT(probe.era) },
	{ OPTIONS_PROBE | OPTIONS_REPAIR, 0, "http", "URL", "do the Negotiate handshake there", TEXT(probe.url) },
	{ OPTIONS_KEYS, 0, "keys", NULL,
			"ask the KDC which keys accounts have (probe: of an ACCOUNT, instead of for a ticket)",
			FLAG(keys) },
	{ OPTIONS_MOVE, 0, "from", "ACCOUNT", "the account that holds them", TEXT(from), .required = true },
	{ OPTIONS_MOVE, 0, "to", "ACCOUNT", "the account that gets them", TEXT(to), .required = true },
	{ OPTIONS_AUDIT, 0, "era", "VERSION",
			"foresee what KDCs of that version, as of --kdc elsewhere, refuse or change",
			.set = set_era, AT(audit.era) },
	{ OPTIONS_AUDIT | OPTIONS_DIFF, 0, "html", "FILE", "write a page for people", TEXT(html) },
	{ OPTIONS_AUDIT, 0, "dns", NULL, "ask DNS for the hosts of names", FLAG(dns) },
	{ OPTIONS_AUDIT, 0, "password-days", "DAYS", "how old the password of a service may be (365)",
			.set = set_number, AT(audit.password_days), .max = 36500 },
	{ OPTIONS_APPLY, 0, "any-attribute", NULL, "change attributes that spnkit itself does not",
			BITS(SPN_ANY_ATTRIBUTE) },
	{ OPTIONS_AUDIT, 0, "ignore", "CODE[:PATTERN]",
			"leave out findings of this code (about such names or accounts; repeatable)", LIST(ignored) },
	{ OPTIONS_AUDIT, 0, "accepted", "FILE",
			"leave out the findings in FILE: what --json printed, or lines of CODE<TAB>NAME",
			TEXT(accepted) },
	{ OPTIONS_AUDIT, 0, "by-service", NULL, "print the products and their names, instead of findings",
			FLAG(by_service) },
	{ OPTIONS_AUDIT, 0, "strict", NULL, "exit with 1 for notices too", FLAG(strict) },
	{ OPTIONS_UNDO | OPTIONS_EXPECT, 0, "list", NULL, "list the journals; expect: the services", FLAG(list) },
	{ OPTIONS_UNDO, 0, "forget", NULL, "no longer offer the journal FILE", FLAG(forget) },
	{ OPTIONS_EXPECT, 0, "host", "HOST", "the server, farm or web site: short name or FQDN", TEXT(expect.host) },
	{ OPTIONS_EXPECT, 0, "instance", "NAME", "the named instance", TEXT(expect.instance) },
	{ OPTIONS_EXPECT, 0, "alias", "HOST", "another host that clients use (repeatable)", LIST(aliases) },
	{ OPTIONS_EXPECT, 0, "listener", "HOST", "the listener of an availability group", TEXT(expect.listener) },
	{ OPTIONS_EXPECT, 0, "account", "ACCOUNT", "the account that runs the service", TEXT(expect.account) },
	{ OPTIONS_EXPECT, 0, "recipe", "FILE", "the names of a service of your own: spnkit-recipes(7)", TEXT(recipe) },
	{ OPTIONS_EXPECT, 0, "probe", NULL, "ask the KDC for a ticket for each name", FLAG(asks_kdc) },
	{ OPTIONS_RIGHTS, 0, "for", "WHO", "say whether this account or group may", TEXT(who_may) },
	{ OPTIONS_CONVERGE, 0, "exact", NULL, "delete names that are not listed, too", BITS(SPN_EXACT) },
	{ OPTIONS_DELETE, 0, "if-present", NULL, "ignore names that the account does not hold", BITS(SPN_IF_PRESENT) },
	{ OPTIONS_UNDO, 0, "elsewhere", NULL, "undo in the directory of -H, although the journal belongs to another",
			BITS(SPN_ELSEWHERE) },
	{ OPTIONS_WATCH, 0, "state", "FILE", "remember here what was seen, for the next run", TEXT(state) },
	{ OPTIONS_WATCH, 0, "interval", "TIME", "between two looks: 90, 90s, 5m or 2h (60s)", .set = set_time,
			AT(interval), .max = 86400 },
	{ OPTIONS_WATCH, 0, "once", NULL, "look once and stop", FLAG(once) },
	{ OPTIONS_WATCH, 0, "all", NULL, "print every change of names, not only those that change a verdict", FLAG(all) },
};

#define N_ROWS (sizeof rows / sizeof *rows)
#define LONG_BASE 256 /* getopt_long's values of long options begin behind every letter */

_Static_assert(N_ROWS <= OPTIONS_MAX, "options.seen has a place for each row");

size_t options_table(const struct option_row **ret_rows)
{
	*ret_rows = rows;
	return N_ROWS;
}

bool options_has(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return cli->command && rows[i].group & (OPTIONS_GLOBAL | cli->command->options);
	return false;
}

const char *options_text(const struct options *options, const struct option_row *row)
{
	return *(const char *const *)(const void *)((const char *)options + row->where);
}

static spn_status set(struct cli *cli, size_t i, const char *text, spn_error *err)
{
	const struct option_row *row = &rows[i];
	void *where = (char *)&cli->options + row->where;
	cli->options.seen[i] = true;
	if (row->value && !row->usual && !*text) /* of a variable that was not set, say */
		return misused(cli, err, "option '--%s' requires a value: %s", row->name, row->value);
	return row->set(cli, row, where, text, err);
}

/* What getopt_long wants to know, made from the table. */
static void describe(char *letters, struct option *longs, bool all)
{
	if (!all)
		*letters++ = '+';
	*letters++ = ':';
	for (size_t i = 0; i < N_ROWS; i++) {
		if (rows[i].letter) {
			*letters++ = rows[i].letter;
			if (rows[i].value)
				*letters++ = ':';
		}
		longs[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].usual ? optional_argument : rows[i].value ? required_argument : no_argument,
			.val = LONG_BASE + (int)i,
		};
	}
	*letters = '\0';
	longs[N_ROWS] = (struct option){ .name = NULL };
}

/* The row of a value of getopt_long; N_ROWS: none. */
static size_t row_of(int value)
{
	if (value >= LONG_BASE)
		return (size_t)(value - LONG_BASE);
	size_t i = 0;
	while (i < N_ROWS && (!rows[i].letter || rows[i].letter != value))
		i++;
	return i;
}

static spn_status refuse_option(struct cli *cli, int problem, const char *last, spn_error *err)
{
	size_t i = optopt ? row_of(optopt) : N_ROWS;
	if (problem == ':')
		return misused(cli, err, "option '%s' requires a value: %s", last, rows[i].value);
	if (i < N_ROWS)
		return misused(cli, err, "option '--%s' takes no value", rows[i].name);
	return optopt ? misused(cli, err, "unknown option '-%c'", optopt) :
			misused(cli, err, "unknown or ambiguous option '%s'", last);
}

spn_status options_parse(struct cli *cli, int argc, char **argv, bool all, int *ret_first, spn_error *err)
{
	char letters[2 * N_ROWS + 3];
	struct option longs[N_ROWS + 1];
	describe(letters, longs, all);
	opterr = 0;
	optind = 0; /* glibc: start anew */
	int value;
	spn_status status = SPN_OK;
	while (!status && (value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (value == '?' || value == ':')
			return refuse_option(cli, value, argv[optind - 1], err);
		const char *credentials = cli->options.who.keytab;
		size_t row = row_of(value);
		status = set(cli, row, optarg, err);
		if (value >= LONG_BASE && rows[row].letter == 'k') {
			cli->options.named_keytab = optarg;
			cli->options.who.keytab = credentials;
		}
	}
	*ret_first = optind;
	return status;
}

static spn_status check_passwords(struct cli *cli, spn_error *err)
{
	const struct options *options = &cli->options;
	if (options->password_file && options->ask_password)
		return misused(cli, err, "--password-file and -W exclude each other");
	if (options->who.bind_dn && !options->password_file && !options->ask_password)
		return misused(cli, err, "-D needs --password-file FILE or -W (and -y is short for --yes here)");
	if (!options->who.bind_dn && (options->password_file || options->ask_password))
		return misused(cli, err, "a password needs -D DN");
	return SPN_OK;
}

/* -k is a keytab with our own credentials; so is --keytab, but where a service's keys are tried on a ticket. */
static void settle_keytab(struct cli *cli)
{
	struct options *options = &cli->options;
	if (cli->command->options & OPTIONS_PROBE)
		options->probe.keytab = options->named_keytab;
	else if (options->named_keytab)
		options->who.keytab = options->named_keytab;
}

spn_status options_check(struct cli *cli, spn_error *err)
{
	const struct options *options = &cli->options;
	settle_keytab(cli);
	for (size_t i = 0; i < N_ROWS; i++) {
		bool seen = options->seen[i];
		bool taken = rows[i].group & (OPTIONS_GLOBAL | cli->command->options);
		if (seen && !taken)
			return misused(cli, err, "'%s' has no option --%s", cli->command->name, rows[i].name);
		if (!seen && taken && rows[i].required)
			return misused(cli, err, "--%s %s is missing", rows[i].name, rows[i].value);
	}
	if (options->computer && options->user)
		return misused(cli, err, "--computer and --user exclude each other");
	if (options->domains.n > 1 && (cli->command->changes || !(cli->command->options & OPTIONS_FOREST)))
		return misused(cli, err, "'%s' takes one --domain", cli->command->name);
	if (cli->counted && !cli->command->finds)
		return misused(cli, err, "'%s' has no findings to count", cli->command->name);
	if (options->format == FORMAT_DESIRED && !(cli->command->options & OPTIONS_EXPECT))
		return misused(cli, err, "--format desired is for 'expect'");
	return check_passwords(cli, err);
}
