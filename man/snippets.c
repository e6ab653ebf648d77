/* SPDX-License-Identifier: MIT */
/* snippets.c - the examples of those pages of section 3 that have no program in examples/: compiled by the tests, and
 * quoted by header.py from "[name]" to the end of the function */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnkit/backend.h>
#include <spnkit/spnkit.h>

/* [error] */
static spn_status take_one(const spn_entry *entry, void *data, spn_error *err)
{
	char **ret_mail = data; /* the caller frees it */
	const char *mail = spn_entry_text(entry, "mail");
	if (!mail)
		return spn_fail(err, SPN_ERR_NOT_FOUND, 0, "'%s' has no mail address", spn_entry_dn(entry));
	free(*ret_mail);
	*ret_mail = strdup(mail); /* the entry is gone when this function returns */
	return *ret_mail ? SPN_OK : spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
}

/* [spn] */
static void print_host(const char *text)
{
	spn_error err = { .status = SPN_OK };
	spn_name name;
	if (spn_name_parse(text, &name, &err))
		fprintf(stderr, "%s\n", err.message);
	else
		printf("%.*s\n", (int)name.host.len, name.host.data);
}

/* [text] */
static void print_command(const char *account)
{
	char *word = spn_text_shell_word(account);
	if (word)
		printf("spnkit list %s\n", word);
	free(word);
}

/* [enctype] */
static void print_enctype(uint32_t supported)
{
	spn_enctype_case about = SPN_ENCTYPE_CASE_INIT;
	spn_enctype_prediction prediction;
	about.era = SPN_ERA_WINDOWS_2026_07;
	about.supported = supported;
	if (spn_enctype_predict(&about, &prediction, NULL) == SPN_OK)
		printf("%s: %s\n", spn_enctype_name(prediction.ticket), prediction.why);
}

/* [credentials] */
static spn_status open_with_keytab(const char *keytab, spn_directory **ret_dir, spn_error *err)
{
	spn_credentials who = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	who.keytab = keytab;
	options.credentials = &who;
	return spn_directory_open("ldap://dc1.example.com", &options, ret_dir, err);
}

/* [expect] */
static spn_status print_verdict(const spn_expectation *expectation, void *data, spn_error *err)
{
	const spn_finding *finding = expectation->finding;
	(void)data, (void)err;
	printf("%s: %s (%s)\n", finding->spn ? finding->spn : "as a whole", finding->text, finding->code);
	return SPN_OK;
}

static spn_status check_sql_server(spn_directory *dir, spn_error *err)
{
	const spn_recipe *recipe;
	spn_expect_options options = SPN_EXPECT_OPTIONS_INIT;
	options.host = "db1.example.com";
	options.port = 1433;
	spn_status status = spn_recipe_find("mssql", &recipe, err);
	return status ? status : spn_expect(dir, NULL, recipe, &options, print_verdict, NULL, err);
}

/* [kdc] */
static void print_key_version(spn_kdc *kdc, const char *spn)
{
	spn_error err = { .status = SPN_OK };
	spn_ticket *ticket = NULL;
	if (spn_kdc_request(kdc, spn, &ticket, &err))
		fprintf(stderr, "%s\n", err.message);
	else
		printf("%s, key version %u\n", spn_enctype_name(ticket->enctype), ticket->kvno);
	spn_ticket_free(ticket);
}

/* [check] */
static void print_account(spn_directory *dir, const char *spn)
{
	spn_error err = { .status = SPN_OK };
	spn_resolution *resolution = NULL;
	if (spn_resolve(dir, spn, &resolution, &err))
		fprintf(stderr, "%s\n", err.message);
	for (size_t i = 0; resolution && i < resolution->n_accounts; i++) {
		const char *dn = spn_account_dn(resolution->accounts[i]);
		spn_text_print(stdout, dn, strlen(dn)); /* what a terminal would obey is escaped */
		printf(" (%s)\n", spn_match_name(resolution->match));
	}
	spn_resolution_free(resolution);
}

/* [changes] */
static spn_status print_change(const spn_event *event, void *data, spn_error *err)
{
	(void)data, (void)err;
	printf("%s %s: %s\n", spn_event_kind_name(event->kind), event->spn ? event->spn : "", event->text);
	return SPN_OK;
}

static spn_status print_changes(spn_directory *dir, const char *export, spn_error *err)
{
	spn_changes_options options = SPN_CHANGES_OPTIONS_INIT;
	spn_status status = spn_directory_open(export, NULL, &options.since, err); /* "ldif:last-week.ldif" */
	if (!status)
		status = spn_changes(dir, &options, print_change, NULL, err);
	spn_directory_free(options.since);
	return status;
}

/* [rights] */
static spn_status print_writers(spn_directory *dir, const char *name, spn_error *err)
{
	spn_account *account = NULL;
	spn_rights *rights = NULL;
	spn_status status = spn_account_find(dir, name, SPN_WANT_ANY, &account, err);
	if (!status)
		status = spn_account_rights(dir, account, NULL, &rights, err);
	for (size_t i = 0; !status && i < rights->n_trustees; i++)
		if (rights->trustees[i].rights & SPN_RIGHT_WRITE)
			printf("%s: %s\n", rights->trustees[i].name, rights->trustees[i].granted);
	spn_rights_free(rights);
	spn_account_free(account);
	return status;
}

/* [report] */
static spn_status take_finding(const spn_finding *finding, void *data, spn_error *err)
{
	spn_report *report = data;
	(void)err;
	spn_report_cause(report, finding);
	return SPN_OK;
}

/* What "spnkit audit --json" prints. */
static spn_status audit_as_json(spn_directory *dir, FILE *out, spn_error *err)
{
	spn_report *report = NULL;
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	spn_report_totals totals = SPN_REPORT_TOTALS_INIT;
	options.format = SPN_REPORT_JSON;
	options.out = out;
	spn_status status = spn_report_new(&options, &report, err);
	if (status)
		return status;
	spn_report_dates(report, &dir, 1);
	status = spn_audit(dir, NULL, take_finding, report, err);
	if (!status)
		spn_report_summary(report, &totals);
	if (!status)
		status = spn_report_flush(report, err);
	spn_report_free(report);
	return status;
}

/* [plan] */
static spn_status move_name(spn_directory *dir, const char *spn, const char *from, const char *to, spn_error *err)
{
	spn_plan *plan = NULL;
	spn_journal *journal = NULL;
	spn_status status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_propose_move(plan, dir, from, to, &spn, 1, NULL, NULL, err);
	if (!status)
		status = spn_plan_write(plan, SPN_PLAN_LDIF, stdout, err); /* here is the time to ask */
	if (!status)
		status = spn_journal_create(NULL, "move a name", &journal, err);
	if (!status)
		status = spn_plan_apply(plan, dir, journal, NULL, NULL, err);
	spn_journal_free(journal);
	spn_plan_free(plan);
	return status;
}

/* [directory] */
static spn_status print_dn(const spn_entry *entry, void *data, spn_error *err)
{
	(void)data, (void)err;
	spn_text_print(stdout, spn_entry_dn(entry), strlen(spn_entry_dn(entry)));
	putchar('\n');
	return SPN_OK;
}

static spn_status list_computers(spn_directory *dir, spn_error *err)
{
	const spn_filter computers = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = { "computer", 8 } };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &computers };
	return spn_directory_search(dir, &search, print_dn, NULL, err);
}

int main(void) /* none of this runs: it has to compile */
{
	(void)take_one, (void)print_host, (void)print_command, (void)print_enctype, (void)open_with_keytab,
			(void)check_sql_server, (void)print_key_version, (void)print_account, (void)print_changes,
			(void)list_computers, (void)print_writers, (void)audit_as_json, (void)move_name;
	return 0;
}
