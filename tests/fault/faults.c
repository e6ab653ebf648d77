/* SPDX-License-Identifier: MIT */
/* Allocation n fails, call n on a file or to the directory fails, for n = 1, 2, ... until the scenario passes: each time a clean answer,
 * and a directory that is as it was or that undo brings back.  What leaks is told by the sanitizers' build. */
#include "unit/ops.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include <spnkit/backend.h>

#include "wrap.h"
#include "returned.h"

/* What a scenario works with, made anew for each of its runs. */
struct world {
	char folder[64], ldif[96], journal[96], url[112];
	spn_directory *dir;
	spn_kdc *kdc;
};

typedef spn_status scenario_fn(struct world *world, spn_error *err);

struct scenario {
	const char *name;
	scenario_fn *run;
	bool writes;
	bool on_file; /* the directory is a file, not the mock */
	bool forgives; /* what is only said besides may be left out */
};

/* ---- the world ---- */

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void make_world(struct world *world, bool on_file)
{
	const spn_mock_answer answer = { .spn = "http/WEB" };
	memset(world, 0, sizeof *world);
	strcpy(world->folder, "/tmp/spnkit-test-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	snprintf(world->ldif, sizeof world->ldif, "%s/in.ldif", world->folder);
	snprintf(world->journal, sizeof world->journal, "%s/journal.ldif", world->folder);
	snprintf(world->url, sizeof world->url, "ldif:%s", world->ldif);
	write_file(world->ldif, sample);
	if (!on_file)
		assert_int_equal(spn_mock_new(sample, SPN_DIALECT_WINDOWS, &world->dir, NULL), SPN_OK);
	assert_int_equal(spn_mock_kdc_new(&world->kdc, NULL), SPN_OK);
	assert_int_equal(spn_mock_kdc_answer(world->kdc, &answer, NULL), SPN_OK);
}

/* Returns how many files there were beside the directory and the journal. */
static unsigned remove_world(struct world *world)
{
	unsigned n = 0;
	spn_directory_free(world->dir);
	spn_kdc_free(world->kdc);
	unlink(world->ldif);
	unlink(world->journal);
	DIR *folder = opendir(world->folder);
	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_name[0] == '.' && (!entry->d_name[1] || entry->d_name[1] == '.'))
			continue;
		n++;
		unlinkat(dirfd(folder), entry->d_name, 0);
	}
	closedir(folder);
	assert_int_equal(rmdir(world->folder), 0);
	return n;
}

static spn_status see_value(const spn_entry *entry, void *data, spn_error *err)
{
	(void)err;
	static const char *const attrs[] = { "servicePrincipalName", "member" };
	unsigned long *sum = data;
	for (size_t a = 0; a < 2; a++) {
		const spn_bytes *values;
		size_t n = spn_entry_values(entry, attrs[a], &values);
		for (size_t i = 0; i < n; i++) { /* order does not matter, whose value it is does */
			unsigned long hash = 5381;
			for (const char *c = spn_entry_dn(entry); *c; c++)
				hash = hash * 33 + (unsigned char)*c;
			for (size_t j = 0; j < values[i].len; j++)
				hash = hash * 33 + (unsigned char)values[i].data[j];
			*sum += hash * hash;
		}
	}
	return SPN_OK;
}

/* A number that stands for every name and membership. */
static unsigned long fingerprint(struct world *world, spn_directory *dir)
{
	static const spn_search everything = { .base = BASE, .scope = SPN_SCOPE_SUBTREE };
	unsigned long sum = 0;
	spn_directory *opened = NULL;
	if (!dir)
		assert_int_equal(spn_directory_open(world->url, NULL, &opened, NULL), SPN_OK);
	assert_int_equal(spn_directory_search(dir ? dir : opened, &everything, see_value, &sum, NULL), SPN_OK);
	spn_directory_free(opened);
	return sum;
}

static void undo(struct world *world)
{
	spn_plan *plan = NULL;
	spn_directory *opened = NULL;
	spn_error err = { .status = SPN_OK };
	if (!world->dir)
		assert_int_equal(spn_directory_open(world->url, NULL, &opened, NULL), SPN_OK);
	spn_directory *dir = world->dir ? world->dir : opened;
	assert_int_equal(spn_plan_new(&plan, NULL), SPN_OK);
	if (spn_propose_undo(plan, dir, world->journal, 0, NULL, NULL, &err) ||
			spn_plan_apply(plan, dir, NULL, NULL, NULL, &err))
		fail_msg("undo: %s", err.message);
	spn_plan_free(plan);
	spn_directory_free(opened);
}

/* ---- the scenarios ---- */

static spn_status ignore_account(const spn_account *account, const spn_bytes *matched, size_t n, void *data, spn_error *err)
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
static const char earlier[] = SMALL("servicePrincipalName: x/a\n"), later[] = SMALL("\ndn: CN=b," BASE "\nservicePrincipalName: x/b\n");

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

/* The mock, as if it were a domain controller. */
static spn_status far_search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	return spn_directory_search(self, search, fn, data, err);
}

static spn_status far_modify(void *self, const char *dn, const spn_mod *mods, size_t n, spn_error *err)
{
	return spn_directory_modify(self, dn, mods, n, err);
}

static spn_status far_root(void *self, spn_entry **ret_root, spn_error *err)
{
	(void)self;
	spn_status status = spn_entry_new("", ret_root, err);
	if (!status)
		status = spn_entry_add(*ret_root, "defaultNamingContext", (spn_bytes){ BASE, strlen(BASE) }, err);
	if (!status)
		status = spn_entry_add(*ret_root, "configurationNamingContext", (spn_bytes){ BASE, strlen(BASE) }, err);
	if (status)
		*ret_root = spn_entry_free(*ret_root);
	return status;
}

static void far_free(void *self)
{
	(void)self;
}

/* Which domain an account is of, however it is written; it is this one, or none that is known. */
static spn_status find_domain(struct world *world, spn_error *err)
{
	static const spn_backend far = { .version = SPN_BACKEND_VERSION, .name = "far", .flags = SPN_BACKEND_LIVE, .search = far_search, .modify = far_modify,
		.root = far_root, .free = far_free };
	static const char *const accounts[] = { "EXAMPLE\\pool", "OTHER\\pool", "example.com\\pool", POOL, "pool", "xy" /* too short for others like it */ };
	static const spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	spn_directory *dir = NULL, *other = NULL;
	spn_status status = spn_directory_new(&far, world->dir, "ldap://dc1.example.com", false, &dir, err);
	for (size_t i = 0; !status && i < sizeof accounts / sizeof *accounts; i++)
		status = spn_account_domain_open(dir, accounts[i], SPN_WANT_ANY, true, &options, &other, err);
	if (!status && other)
		fail_msg("a domain was opened");
	spn_directory_free(dir);
	return status;
}

/* The directory comes through standard input. */
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

static const struct scenario scenarios[] = {
	{ .name = "read a directory", .run = read_mock },
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
	{ .name = "find a name that is nearly right", .run = find_near, .forgives = true },
	{ .name = "find the domain of an account", .run = find_domain },
	{ .name = "fix", .run = fix, .writes = true },
	{ .name = "fix a file", .run = fix, .writes = true, .on_file = true },
	{ .name = "fix, with rights", .run = fix_with_rights, .writes = true },
	{ .name = "fix, without rights", .run = fix_without_rights },
	{ .name = "fix and undo", .run = fix_and_undo, .writes = true },
	{ .name = "reset", .run = reset, .writes = true },
};
#define N_SCENARIOS (sizeof scenarios / sizeof scenarios[0])

/* ---- the faults ---- */

struct outcome {
	spn_status status;
	spn_error err;
	unsigned long seen, failed;
	unsigned long after; /* fingerprint of the directory */
};

struct fault {
	enum wrap_kind kind;
	unsigned long nth;
	int code;
	bool lasting;
	spn_status answer; /* of the directory to call nth; SPN_OK: its own */
};

/* Runs a scenario with one fault, and sees to it that the directory is as before, or done, or can be brought back. */
static struct outcome run(const struct scenario *scenario, struct fault fault)
{
	const unsigned long nth = fault.nth;
	struct world world;
	struct outcome outcome = { .status = SPN_OK };
	make_world(&world, scenario->on_file);
	unsigned long before = fingerprint(&world, world.dir);
	unsigned long calls = world.dir ? spn_mock_calls(world.dir, SPN_FAULT_ON_ANY) : 0;
	if (fault.answer)
		assert_int_equal(spn_mock_fault(world.dir, &(spn_fault){ .kind = SPN_FAULT_FAIL, .nth = nth, .status = fault.answer }, NULL),
				SPN_OK);
	wrap_fail(fault.kind, nth, fault.code, fault.lasting);
	outcome.status = scenario->run(&world, &outcome.err);
	outcome.seen = wrap_end(&outcome.failed);
	if (fault.answer) {
		outcome.failed = spn_mock_calls(world.dir, SPN_FAULT_ON_ANY) - calls >= nth;
		spn_mock_clear(world.dir);
	}
	if (outcome.status && outcome.err.status != outcome.status)
		fail_msg("%s, call %lu: %d is returned and %d recorded", scenario->name, nth, outcome.status, outcome.err.status);
	if (outcome.status && !outcome.err.message[0])
		fail_msg("%s, call %lu: no message", scenario->name, nth);
	outcome.after = fingerprint(&world, world.dir);
	bool as_before = outcome.after == before;
	if (!as_before && !scenario->writes)
		fail_msg("%s, call %lu: the directory has changed", scenario->name, nth);
	if (!as_before && outcome.status) {
		undo(&world);
		if (fingerprint(&world, world.dir) != before)
			fail_msg("%s, call %lu: undo does not lead back (%s)", scenario->name, nth, outcome.err.message);
	}
	unsigned litter = remove_world(&world);
	if (litter)
		fail_msg("%s, call %lu (%s): %u files are left", scenario->name, nth, outcome.err.message, litter);
	return outcome;
}

static void whichever_allocation_fails_the_answer_is_clean(void **state)
{
	(void)state;
	unsigned long total = 0, n_wrong = 0;
	for (size_t s = 0; s < N_SCENARIOS; s++) {
		unsigned long wanted = run(&scenarios[s], (struct fault){ .kind = WRAP_NOTHING }).after;
		for (int lasting = 0; lasting < 2; lasting++)
			for (unsigned long n = 1;; n++) {
				struct outcome outcome = run(&scenarios[s], (struct fault){ WRAP_MEMORY, n, ENOMEM, lasting, SPN_OK });
				if (outcome.failed == 0)
					break;
				total++;
				/* what was done without the memory, such as an index that is built later, must be done in full */
				bool done = outcome.status == SPN_OK && scenarios[s].writes && outcome.after == wanted;
				bool half = outcome.status == SPN_ERR_HALF_DONE && scenarios[s].writes;
				bool forgiven = outcome.status == SPN_OK && scenarios[s].forgives;
				bool clean = outcome.status == SPN_ERR_NOMEM || done || half || forgiven;
				if (!clean)
					print_error("%s, allocation %lu: %s: %s\n", scenarios[s].name, n, spn_status_name(outcome.status),
							outcome.err.message);
				n_wrong += !clean;
			}
	}
	print_message("%lu allocations failed\n", total);
	assert_int_equal(n_wrong, 0);
}

/* What is not there may be done without.  A change that is refused may be one that need not succeed, or be made in another way; and
 * when what was there a moment ago is not, another writer is to blame. */
static void whichever_call_to_the_directory_fails_it_is_said(void **state)
{
	(void)state;
	static const spn_status answers[] = { SPN_ERR_UNREACHABLE, SPN_ERR_DENIED, SPN_ERR_AUTH, SPN_ERR_FAILED, SPN_ERR_NOMEM,
		SPN_ERR_REFUSED, SPN_ERR_NOT_FOUND };
	unsigned long total = 0, n_wrong = 0;
	for (size_t s = 0; s < N_SCENARIOS; s++) {
		if (scenarios[s].on_file || scenarios[s].run == read_mock)
			continue;
		for (size_t a = 0; a < sizeof answers / sizeof *answers; a++)
			for (unsigned long n = 1;; n++) {
				struct outcome outcome = run(&scenarios[s], (struct fault){ .kind = WRAP_NOTHING, .nth = n, .answer = answers[a] });
				if (outcome.failed == 0)
					break;
				total++;
				bool half = outcome.status == SPN_ERR_HALF_DONE && scenarios[s].writes;
				bool gone = answers[a] == SPN_ERR_NOT_FOUND;
				bool refused = answers[a] != SPN_ERR_UNREACHABLE && answers[a] != SPN_ERR_NOMEM;
				bool forgiven = outcome.status == SPN_OK && (scenarios[s].forgives || gone || (refused && scenarios[s].writes) ||
						(answers[a] == SPN_ERR_DENIED && scenarios[s].run == fix_without_rights));
				bool raced = outcome.status == SPN_ERR_REFUSED && gone && scenarios[s].writes;
				if (outcome.status != answers[a] && !half && !forgiven && !raced) {
					print_error("%s, call %lu answered with %s: %s: %s\n", scenarios[s].name, n, spn_status_name(answers[a]),
							spn_status_name(outcome.status), outcome.err.message);
					n_wrong++;
				}
			}
	}
	print_message("%lu calls to the directory failed\n", total);
	assert_int_equal(n_wrong, 0);
}

static void whichever_call_on_a_file_fails_nothing_is_lost(void **state)
{
	(void)state;
	static const int codes[] = { EIO, ENOSPC };
	unsigned long total = 0;
	for (size_t s = 0; s < N_SCENARIOS; s++)
		for (size_t c = 0; scenarios[s].writes && c < 2; c++)
			for (int lasting = 0; lasting < 2; lasting++)
				for (unsigned long n = 1; run(&scenarios[s], (struct fault){ WRAP_FILES, n, codes[c], lasting, SPN_OK }).failed; n++)
					total++;
	print_message("%lu calls on files failed\n", total);
}

static void what_comes_through_a_pipe_is_read_whole_or_not_at_all(void **state)
{
	(void)state;
	static const struct scenario stream = { .name = "read a stream", .run = read_stream };
	static const int codes[] = { EIO, ENOSPC, EINTR };
	unsigned long total = 0;
	for (size_t c = 0; c < sizeof codes / sizeof *codes; c++)
		for (unsigned long n = 1;; n++) {
			struct outcome outcome = run(&stream, (struct fault){ WRAP_FILES, n, codes[c], false, SPN_OK });
			if (outcome.failed == 0)
				break;
			total++;
			assert_true(outcome.status == SPN_OK || (outcome.status == SPN_ERR_FAILED && codes[c] != EINTR));
		}
	print_message("%lu calls on a stream failed\n", total);
	assert_true(total > 6);
	assert_int_equal(run(&stream, (struct fault){ WRAP_WRITES, 1, 0, false, SPN_OK }).status, SPN_OK);
}

static void an_interrupted_call_loses_nothing(void **state)
{
	(void)state;
	unsigned long total = 0;
	for (size_t s = 0; s < N_SCENARIOS; s++)
		for (unsigned long n = 1; scenarios[s].writes && run(&scenarios[s], (struct fault){ WRAP_FILES, n, EINTR, false, SPN_OK }).failed; n++)
			total++;
	print_message("%lu calls were interrupted\n", total);
}

static void what_is_written_in_pieces_is_whole(void **state)
{
	(void)state;
	for (size_t s = 0; s < N_SCENARIOS; s++)
		for (unsigned long n = 1; scenarios[s].writes; n++) {
			struct outcome outcome = run(&scenarios[s], (struct fault){ WRAP_WRITES, n, 0, false, SPN_OK });
			assert_int_equal(outcome.status, SPN_OK);
			if (outcome.failed == 0)
				break;
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whichever_allocation_fails_the_answer_is_clean),
		cmocka_unit_test(whichever_call_to_the_directory_fails_it_is_said),
		cmocka_unit_test(whichever_call_on_a_file_fails_nothing_is_lost),
		cmocka_unit_test(what_comes_through_a_pipe_is_read_whole_or_not_at_all),
		cmocka_unit_test(an_interrupted_call_loses_nothing),
		cmocka_unit_test(what_is_written_in_pieces_is_whole),
	};
	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
