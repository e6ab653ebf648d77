/* SPDX-License-Identifier: MIT */
#include "scenarios.h"

#include "returned.h"
#include "server_helper.h"

static spn_status ignore_account(const spn_account *account, const spn_bytes *matched, size_t n, void *data,
		spn_error *err)
{
	(void)account, (void)matched, (void)n, (void)data, (void)err;
	return SPN_OK;
}

static spn_status ignore_group(const spn_group *group, void *data, spn_error *err)
{
	(void)group, (void)data, (void)err;
	return SPN_OK;
}

static spn_status ignore_finding(const spn_finding *finding, void *data, spn_error *err)
{
	(void)finding, (void)data, (void)err;
	return SPN_OK;
}

static spn_status ignore_resolution(const spn_resolution *resolution, void *data, spn_error *err)
{
	(void)resolution, (void)data, (void)err;
	return SPN_OK;
}

static spn_status ignore_probe(const spn_probe *probe, void *data, spn_error *err)
{
	(void)probe, (void)data, (void)err;
	return SPN_OK;
}

static spn_status ignore_journal(const spn_journal_info *info, void *data, spn_error *err)
{
	(void)info, (void)data, (void)err;
	return SPN_OK;
}

static spn_status read_mock(struct world *world, spn_error *err)
{
	(void)world;
	spn_directory *dir = NULL;
	spn_status status = spn_mock_new(sample, SPN_DIALECT_SAMBA, &dir, err);
	spn_directory_free(dir);
	return status;
}

static spn_status query(struct world *world, spn_error *err)
{
	spn_status status = spn_query(world->dir, "http/*", false, ignore_account, NULL, err);
	return status ? status : spn_list_groups(world->dir, "pool", ignore_group, NULL, err);
}

static spn_status resolve(struct world *world, spn_error *err)
{
	static const char *const names[] = { "http/WEB", "cifs/web", "http/nobody", "MSSQLSvc/upn" };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < sizeof names / sizeof names[0]; i++)
		status = resolve_name(world->dir, names[i], ignore_resolution, NULL, err);
	return status;
}

static spn_status diagnose(struct world *world, spn_error *err)
{
	spn_status status = spn_diagnose(world->dir, world->kdc, "web", NULL, ignore_finding, NULL, err);
	return status ? status : probe_name(world->dir, world->kdc, "http/WEB", NULL, ignore_probe, NULL, err);
}

static spn_status ignore_expectation(const spn_expectation *expectation, void *data, spn_error *err)
{
	(void)expectation;
	(void)data;
	(void)err;
	return SPN_OK;
}

static spn_status expect_service(struct world *world, spn_error *err)
{
	static const char *const ids[] = { "iis", "mssql" };
	const char *const alias = "shop";
	spn_expect_options options = SPN_EXPECT_OPTIONS_INIT;
	spn_status status = SPN_OK;
	options.host = "web";
	options.aliases = &alias;
	options.n_aliases = 1;
	for (size_t i = 0; !status && i < 2; i++) {
		const spn_recipe *recipe = NULL;
		status = spn_recipe_find(ids[i], &recipe, err);
		if (!status)
			status = spn_expect(world->dir, world->kdc, recipe, &options, ignore_expectation, NULL, err);
	}
	return status;
}

static spn_status plan_service(struct world *world, spn_error *err)
{
	static const char text[] = "service: shop\nmust: shop/{fqdn}\nmust: http/{fqdn}\ntyped: shop/{host}\n";
	spn_expect_options options = SPN_EXPECT_OPTIONS_INIT;
	spn_recipe *recipe = NULL;
	spn_plan *plan = NULL;
	options.host = "web";
	options.account = "WEB$";
	FILE *file = fmemopen((char *)(uintptr_t)text, sizeof text - 1, "r");
	spn_status status = file ? spn_recipe_read(file, "shop", &recipe, err) :
			spn_fail(err, SPN_ERR_NOMEM, 0, "no stream");
	if (file)
		fclose(file);
	if (!status)
		status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_propose_expected(plan, world->dir, recipe, &options, ignore_expectation, NULL, err);
	spn_plan_free(plan);
	spn_recipe_free(recipe);
	return status;
}

static spn_status propose_all(spn_plan *plan, spn_directory *dir, spn_error *err)
{
	static const char *const new = "http/new", *const gone = "http/web";
	spn_status status = spn_propose_add(plan, dir, "db", &new, 1, 0, ignore_finding, NULL, err);
	if (!status)
		status = spn_propose_move(plan, dir, "pool", "db", &gone, 1, ignore_finding, NULL, err);
	if (!status)
		status = spn_propose_defaults(plan, dir, "db", ignore_finding, NULL, err);
	if (!status)
		status = spn_propose_membership(plan, dir, "pool", "db", 0, ignore_group, NULL, err);
	return status;
}

/* A plan is made, written in every format and read again. */
static spn_status plans(struct world *world, spn_error *err)
{
	static char text[20000];
	spn_plan *plan = NULL, *again = NULL;
	spn_status status = spn_plan_new(&plan, err);
	if (!status)
		status = propose_all(plan, world->dir, err);
	for (int format = SPN_PLAN_POWERSHELL; !status && format >= SPN_PLAN_LDIF; format--) {
		FILE *file = fmemopen(text, sizeof text, "w");
		assert_non_null(file);
		status = spn_plan_write(plan, (spn_plan_format)format, file, err);
		fclose(file);
	}
	if (!status) {
		FILE *file = fmemopen(text, strlen(text), "r");
		assert_non_null(file);
		status = spn_plan_read(file, "plan", &again, err);
		fclose(file);
	}
	spn_plan_free(plan);
	spn_plan_free(again);
	return status;
}

static spn_status carry_out(struct world *world, spn_directory *dir, spn_plan *plan, spn_error *err)
{
	spn_journal *journal = NULL;
	spn_status status = spn_journal_create(world->journal, "fix web", &journal, err);
	if (!status)
		status = spn_plan_apply(plan, dir, journal, NULL, NULL, err);
	spn_journal_free(journal);
	return status;
}

static spn_status fix(struct world *world, spn_error *err)
{
	spn_plan *plan = NULL;
	spn_directory *opened = NULL;
	spn_status status = world->dir ? SPN_OK : spn_directory_open(world->url, NULL, &opened, err);
	spn_directory *dir = world->dir ? world->dir : opened;
	if (!status)
		status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_propose_fix(plan, dir, "web", NULL, err);
	if (!status)
		status = carry_out(world, dir, plan, err);
	spn_plan_free(plan);
	spn_directory_free(opened);
	return status;
}

/* There and back: the journal is listed, read, taken back and marked. */
static spn_status fix_and_undo(struct world *world, spn_error *err)
{
	spn_plan *plan = NULL;
	spn_status status = fix(world, err);
	if (!status)
		status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_journal_list(world->folder, ignore_journal, NULL, err);
	if (!status)
		status = spn_propose_undo(plan, world->dir, world->journal, 0, ignore_finding, NULL, err);
	if (!status)
		status = spn_plan_apply(plan, world->dir, NULL, NULL, NULL, err);
	if (!status)
		status = spn_journal_mark_undone(world->journal, world->dir, true, err);
	spn_plan_free(plan);
	return status;
}

static spn_status reset(struct world *world, spn_error *err)
{
	spn_plan *plan = NULL;
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	options.flags = SPN_FOREST;
	spn_status status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_propose_reset(plan, world->dir, "web", &options, err);
	if (!status)
		status = carry_out(world, world->dir, plan, err);
	spn_plan_free(plan);
	return status;
}

static spn_status duplicates(struct world *world, spn_error *err)
{
	return spn_find_duplicates(world->dir, NULL, ignore_finding, NULL, err);
}

static spn_status ignore_event(const spn_event *event, void *data, spn_error *err)
{
	(void)event;
	(void)data;
	(void)err;
	return SPN_OK;
}

#define SMALL(more) "dn: " BASE "\nobjectClass: domainDNS\n\ndn: CN=a," BASE "\nsAMAccountName: a\n" more "\n"
static const char earlier[] = SMALL("servicePrincipalName: x/a\n"),
		later[] = SMALL("\ndn: CN=b," BASE "\nservicePrincipalName: x/b\n");

/* Directories that are searched. */
static spn_status changes(struct world *world, spn_error *err)
{
	spn_changes_options options = SPN_CHANGES_OPTIONS_INIT;
	spn_directory *now = NULL;
	(void)world;
	spn_status status = spn_mock_new(earlier, SPN_DIALECT_WINDOWS, &options.since, err);
	if (!status)
		status = spn_mock_new(later, SPN_DIALECT_WINDOWS, &now, err);
	if (!status)
		status = spn_changes(now, &options, ignore_event, NULL, err);
	spn_directory_free(options.since);
	spn_directory_free(now);
	return status;
}

/* Files, of which it is known where they differ. */
static spn_status changes_of_files(struct world *world, spn_error *err)
{
	char before[128], after[128];
	spn_changes_options options = SPN_CHANGES_OPTIONS_INIT;
	spn_directory *now = NULL;
	snprintf(before, sizeof before, "ldif:%s/before.ldif", world->folder);
	snprintf(after, sizeof after, "ldif:%s/after.ldif", world->folder);
	write_file(before + strlen("ldif:"), earlier);
	write_file(after + strlen("ldif:"), later);
	spn_status status = spn_directory_open(before, NULL, &options.since, err);
	if (!status)
		status = spn_directory_open(after, NULL, &now, err);
	if (!status)
		status = spn_changes(now, &options, ignore_event, NULL, err);
	unlink(before + strlen("ldif:"));
	unlink(after + strlen("ldif:"));
	spn_directory_free(options.since);
	spn_directory_free(now);
	return status;
}

/* Looks at a domain and at what becomes of it, with a state that is written, read and written again. */
static spn_status watch(struct world *world, spn_error *err)
{
	char state[128];
	spn_directory *before = NULL, *after = NULL;
	spn_watch *first = NULL, *second = NULL;
	snprintf(state, sizeof state, "%s/state", world->folder);
	spn_status status = spn_mock_new(earlier, SPN_DIALECT_WINDOWS, &before, err);
	if (!status)
		status = spn_mock_new(later, SPN_DIALECT_WINDOWS, &after, err);
	if (!status)
		status = spn_watch_new(state, &first, err);
	if (!status)
		status = spn_watch_look(first, before, ignore_event, NULL, err);
	if (!status)
		status = spn_watch_save(first, err);
	if (!status)
		status = spn_watch_new(state, &second, err);
	if (!status)
		status = spn_watch_look(second, after, ignore_event, NULL, err);
	if (!status)
		status = spn_watch_save(second, err);
	spn_watch_free(first);
	spn_watch_free(second);
	spn_directory_free(before);
	spn_directory_free(after);
	unlink(state);
	return status;
}

static spn_status audit(struct world *world, spn_error *err)
{
	return spn_audit(world->dir, NULL, ignore_finding, NULL, err);
}

/* A name that is nearly right: others are looked for. */
static spn_status find_near(struct world *world, spn_error *err)
{
	spn_account *account = NULL;
	spn_status status = spn_account_find(world->dir, "poool", SPN_WANT_ANY, &account, err);
	spn_account_free(account);
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

/* Who may write is asked before names are taken away; whoever may not write is looked for among our own groups. */
static spn_status grant(struct world *world, const char *dn, const char *attr, spn_error *err)
{
	const spn_mod mod = { SPN_MOD_ADD, attr, { "servicePrincipalName", 20 } };
	return spn_directory_modify(world->dir, dn, &mod, 1, err);
}

static spn_status grant_all(struct world *world, const char *dn, spn_error *err)
{
	spn_status status = grant(world, dn, "sDRightsEffective", err);
	return status ? status : grant(world, dn, "allowedAttributesEffective", err);
}

static spn_status fix_with_rights(struct world *world, spn_error *err)
{
	spn_status status = grant_all(world, POOL, err);
	if (!status)
		status = grant_all(world, WEB, err);
	return status ? status : fix(world, err);
}

static spn_status fix_without_rights(struct world *world, spn_error *err)
{
	spn_status status = grant_all(world, POOL, err);
	if (!status)
		status = grant(world, WEB, "sDRightsEffective", err);
	if (!status)
		status = fix(world, err);
	return status == SPN_ERR_DENIED ? SPN_OK : status;
}

/* Permissions of an account, and what is wrong with them. */
static spn_status give_permissions(spn_directory *dir, const char *dn, spn_error *err)
{
	/* owned by WRITERS, who may write all properties; READERS may not; Self has the validated write; a SID without an
	 * account may change the permissions */
	static const char descriptor[] =
	"\001\000\004\200\024\000\000\000\000\000\000\000\000\000\000\000\060\000\000\000\001\005\000\000"
	"\000\000\000\005\025\000\000\000\001\000\000\000\002\000\000\000\003\000\000\000\116\004\000\000"
	"\004\000\260\000\004\000\000\000\006\000\070\000\040\000\000\000\001\000\000\000\210\107\246\363"
	"\006\123\321\021\251\305\000\000\370\003\147\301\001\005\000\000\000\000\000\005\025\000\000\000"
	"\001\000\000\000\002\000\000\000\003\000\000\000\115\004\000\000\000\000\044\000\040\000\000\000"
	"\001\005\000\000\000\000\000\005\025\000\000\000\001\000\000\000\002\000\000\000\003\000\000\000"
	"\116\004\000\000\005\000\050\000\010\000\000\000\001\000\000\000\210\107\246\363\006\123\321\021"
	"\251\305\000\000\370\003\147\301\001\001\000\000\000\000\000\005\012\000\000\000\000\000\044\000"
	"\000\000\004\000\001\005\000\000\000\000\000\005\025\000\000\000\001\000\000\000\002\000\000\000"
	"\003\000\000\000\317\007\000\000";
	const spn_mod mod = { SPN_MOD_ADD, "nTSecurityDescriptor", { descriptor, sizeof descriptor - 1 } };
	return spn_directory_modify(dir, dn, &mod, 1, err);
}

static spn_status rights(struct world *world, spn_error *err)
{
	spn_account *account = NULL;
	spn_rights *found = NULL;
	spn_status status = give_permissions(world->dir, OTHER, err);
	if (!status)
		status = spn_account_find(world->dir, "other", SPN_WANT_ANY, &account, err);
	if (!status)
		status = spn_account_rights(world->dir, account, "pool", &found, err);
	if (!status) {
		assert_int_equal(found->n_trustees, 3);
		assert_int_equal(found->who->rights & SPN_RIGHT_WRITE, 0);
		status = spn_rights_find_faults(found, ignore_finding, NULL, err);
	}
	spn_rights_free(found);
	spn_account_free(account);
	return status;
}

/* Of somebody in a group of another domain, which is in the file, and in one that is not. */
static spn_status rights_of_two_domains(struct world *world, spn_error *err)
{
	static const char text[] = "dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: CN=target," BASE "\nobjectClass: user\nsAMAccountName: target\n" SID("FQUAAA==") "\n"
		"dn: CN=nils," BASE "\nobjectClass: user\nsAMAccountName: nils\nmemberOf: CN=ug,DC=root,DC=test\n"
		"memberOf: CN=gone,DC=root,DC=test\n" SID("FgUAAA==") "\n"
		"dn: CN=dl," BASE "\nobjectClass: group\nsAMAccountName: dl\nmember: CN=outer,DC=root,DC=test\n" SID("FwUAAA==") "\n"
		"dn: DC=root,DC=test\nobjectClass: domainDNS\n\n"
		"dn: CN=ug,DC=root,DC=test\nobjectClass: group\nsAMAccountName: ug\nmember: CN=nils," BASE "\n"
		"memberOf: CN=outer,DC=root,DC=test\n" SID("GAUAAA==") "\n"
		"dn: CN=outer,DC=root,DC=test\nobjectClass: group\nsAMAccountName: outer\n" SID("GQUAAA==");
	spn_directory *dir = NULL;
	spn_account *account = NULL;
	spn_rights *found = NULL;
	spn_status status = spn_mock_new(text, SPN_DIALECT_WINDOWS, &dir, err);
	(void)world;
	if (!status)
		status = give_permissions(dir, "CN=target," BASE, err);
	if (!status)
		status = spn_account_find(dir, "target", SPN_WANT_ANY, &account, err);
	if (!status)
		status = spn_account_rights(dir, account, "nils", &found, err);
	if (!status)
		assert_string_equal(found->condition, "not considered, because not found here: 'CN=gone,DC=root,DC=test'");
	spn_rights_free(found);
	spn_account_free(account);
	spn_directory_free(dir);
	return status;
}

static const char *scheme_of_server(const void *self)
{
	(void)self;
	return "ldap://";
}

/* Which domain an account is of, however it is written; it is this one, or none that is known. */
static spn_status find_domain(struct world *world, spn_error *err)
{
	/* the mock, as if it were a domain controller */
	static const spn_backend far = { .version = SPN_BACKEND_VERSION, .name = "far", .flags = SPN_BACKEND_LIVE,
		.search = search_server, .modify = modify_server, .root = root_of_server, .free = free_server,
		.scheme = scheme_of_server };
	struct server server = { .dir = world->dir, .config = BASE };
	static const char *const accounts[] = { "EXAMPLE\\pool", "OTHER\\pool", "example.com\\pool", POOL, "pool",
		"xy" /* too short for others like it */ };
	static const spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	spn_directory *dir = NULL, *other = NULL;
	spn_status status = spn_directory_new(&far, &server, "ldap://dc1.example.com", false, &dir, err);
	for (size_t i = 0; !status && i < sizeof accounts / sizeof *accounts; i++)
		status = spn_account_domain_open(dir, accounts[i], SPN_WANT_ANY, true, &options, &other, err);
	if (!status && other)
		fail_msg("a domain was opened");
	spn_directory_free(dir);
	return status;
}

static spn_status read_stream(struct world *world, spn_error *err)
{
	spn_directory *dir = NULL;
	assert_non_null(freopen(world->ldif, "r", stdin));
	spn_status status = spn_directory_open("ldif:-", NULL, &dir, err);
	if (!status)
		status = spn_query(dir, "http/*", false, ignore_account, NULL, err);
	spn_directory_free(dir);
	return status;
}

const struct scenario stream_scenario = { .name = "read a stream", .run = read_stream };

const struct scenario scenarios[] = {
	{ .name = "read a directory", .run = read_mock, .reads_text = true },
	{ .name = "query", .run = query },
	{ .name = "resolve", .run = resolve },
	{ .name = "diagnose", .run = diagnose },
	{ .name = "expect", .run = expect_service },
	{ .name = "expect, and its plan", .run = plan_service },
	{ .name = "plans", .run = plans },
	{ .name = "duplicates", .run = duplicates },
	{ .name = "audit", .run = audit },
	{ .name = "changes", .run = changes },
	{ .name = "changes of files", .run = changes_of_files, .forgives = true },
	{ .name = "watch", .run = watch, .forgives = true },
	{ .name = "find a name that is nearly right", .run = find_near, .forgives = true },
	{ .name = "find the domain of an account", .run = find_domain },
	{ .name = "rights", .run = rights },
	{ .name = "rights, of two domains", .run = rights_of_two_domains },
	{ .name = "fix", .run = fix, .writes = true },
	{ .name = "fix a file", .run = fix, .writes = true, .on_file = true },
	{ .name = "fix, with rights", .run = fix_with_rights, .writes = true },
	{ .name = "fix, without rights", .run = fix_without_rights, .may_be_denied = true, .forgives = true },
	{ .name = "fix and undo", .run = fix_and_undo, .writes = true },
	{ .name = "reset", .run = reset, .writes = true },
};
const size_t n_scenarios = sizeof scenarios / sizeof scenarios[0];
