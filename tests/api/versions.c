/* SPDX-License-Identifier: MIT */
/* Programs that were built with an older header, and flags that nobody knows: with the public headers alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <spnkit/backend.h>
#include <spnkit/mock.h>
#include <spnkit/spnkit.h>

static const char ldif[] = "dn: DC=example,DC=com\nobjectClass: domainDNS\n\n"
	"dn: CN=WEB,DC=example,DC=com\nobjectClass: user\nobjectClass: computer\nsAMAccountName: WEB$\n"
	"dNSHostName: web.example.com\n"
	"servicePrincipalName: HOST/web.example.com\n\n"
	"dn: CN=pool,DC=example,DC=com\nobjectClass: user\nsAMAccountName: pool\nservicePrincipalName: http/web.example.com\n";

static spn_directory *dir;
static spn_kdc *kdc;
static spn_plan *plan;
static spn_error err[1];

static int begin(void **state)
{
	(void)state;
	return spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, err) || spn_mock_kdc_new(&kdc, err) ||
			spn_mock_kdc_answer(kdc, &(spn_mock_answer){ .spn = NULL }, err) || spn_plan_new(&plan, err);
}

static int end(void **state)
{
	(void)state;
	dir = spn_directory_free(dir);
	kdc = spn_kdc_free(kdc);
	plan = spn_plan_free(plan);
	return 0;
}

/* ---- a struct with nothing behind it ---- */

static char *pages;
static size_t page;

static int make_pages(void **state)
{
	(void)state;
	page = (size_t)sysconf(_SC_PAGESIZE);
	pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE);
}

/* The first size bytes of a struct, at the end of what can be read, as a version of it. */
static void *last_bytes(const void *from, size_t size, unsigned version)
{
	char *at = pages + page - size;
	memcpy(at, from, size);
	memcpy(at, &version, sizeof version);
	return at;
}

/* ---- each struct in a call ---- */

static spn_status ignore_finding(const spn_finding *finding, void *data, spn_error *error)
{
	(void)finding, (void)data, (void)error;
	return SPN_OK;
}

static spn_status ignore_group(const spn_group *group, void *data, spn_error *error)
{
	(void)group, (void)data, (void)error;
	return SPN_OK;
}

static spn_status ignore_entry(const spn_entry *entry, void *data, spn_error *error)
{
	(void)entry, (void)data, (void)error;
	return SPN_OK;
}

static spn_status ignore_expectation(const spn_expectation *expectation, void *data, spn_error *error)
{
	(void)expectation, (void)data, (void)error;
	return SPN_OK;
}

/* What there is no server or KDC for: only whether the version was accepted counts. */
static spn_status of_version(spn_status status)
{
	return status == SPN_ERR_INVALID ? status : SPN_OK;
}

static spn_status use_open(const void *given)
{
	spn_directory *opened = NULL;
	spn_status status = spn_directory_open("ldif:/nonexistent", given, &opened, err);
	return of_version(status);
}

static spn_status use_credentials(const void *given)
{
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = given;
	return use_open(&options);
}

static spn_status use_kdc(const void *given)
{
	spn_kdc *opened = NULL;
	spn_status status = spn_kdc_open(given, &opened, err);
	spn_kdc_free(opened);
	return of_version(status);
}

static spn_status use_handshake(const void *given)
{
	spn_handshake *handshake = NULL;
	return of_version(spn_negotiate("http://127.0.0.1:1/", NULL, given, &handshake, err));
}

static spn_status use_probe(const void *given)
{
	spn_probe *probe = NULL;
	spn_status status = spn_probe_ticket(dir, kdc, "http/web.example.com", given, &probe, err);
	spn_probe_free(probe);
	return status;
}

static spn_status use_diagnose(const void *given)
{
	return spn_diagnose(dir, NULL, "web", given, ignore_finding, NULL, err);
}

static spn_status use_probe_in_diagnose(const void *given)
{
	spn_diagnose_options options = SPN_DIAGNOSE_OPTIONS_INIT;
	options.probe = given;
	return spn_diagnose(dir, kdc, "web", &options, ignore_finding, NULL, err);
}

static spn_status use_keytab(const void *given)
{
	return of_version(spn_check_keytab(dir, NULL, "/nonexistent", given, ignore_finding, NULL, err));
}

static spn_status use_duplicates(const void *given)
{
	return spn_find_duplicates(dir, given, ignore_finding, NULL, err);
}

static spn_status use_audit(const void *given)
{
	return spn_audit(dir, given, ignore_finding, NULL, err);
}

static spn_status use_change(const void *given)
{
	static const char *const names[] = { "http/none" };
	spn_status status = spn_delete(dir, "pool", names, 1, given, err);
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

static spn_status use_repair(const void *given)
{
	return spn_propose_fix(plan, dir, "web", given, err);
}

static spn_status use_verify(const void *given)
{
	spn_health health;
	return spn_verify(dir, kdc, NULL, 0, given, &health, err);
}

static spn_status use_report(const void *given)
{
	spn_report *report = NULL;
	spn_status status = spn_report_new(given, &report, err);
	spn_report_free(report);
	return status;
}

/* What is wrong with the struct of a call that returns nothing, the report remembers. */
static spn_status of_report(
		spn_report_format format, void (*use)(spn_report *report, const void *given), const void *given)
{
	spn_report *report = NULL;
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	char *text = NULL;
	size_t size;
	options.format = format;
	options.out = open_memstream(&text, &size);
	spn_status status = spn_report_new(&options, &report, err);
	if (!status) {
		use(report, given);
		status = spn_report_flush(report, err);
	}
	spn_report_free(report);
	fclose(options.out);
	free(text);
	return status;
}

static void write_summary(spn_report *report, const void *given)
{
	spn_report_summary(report, given);
}

static void write_numbers(spn_report *report, const void *given)
{
	spn_report_write_numbers(report, given);
}

static spn_status use_totals(const void *given)
{
	return of_report(SPN_REPORT_TEXT, write_summary, given);
}

static spn_status use_numbers(const void *given)
{
	return of_report(SPN_REPORT_NAGIOS, write_numbers, given);
}

static spn_status use_expect(const void *given)
{
	const spn_recipe *recipe = spn_recipe_at(0);
	spn_status status = spn_expect(dir, NULL, recipe, given, ignore_expectation, NULL, err);
	return status == SPN_ERR_INVALID && !strstr(err->message, "version") ? SPN_OK : status; /* it names no host */
}

static spn_status use_recipe(const void *given)
{
	spn_expect_options options = SPN_EXPECT_OPTIONS_INIT;
	options.host = "web";
	return spn_expect(dir, NULL, given, &options, ignore_expectation, NULL, err);
}

static spn_status use_enctype(const void *given)
{
	spn_enctype_prediction prediction;
	return spn_enctype_predict(given, &prediction, err);
}

static spn_status use_search(const void *given)
{
	return spn_directory_search(dir, given, ignore_entry, NULL, err);
}

static spn_status use_step(const void *given)
{
	return spn_plan_append(plan, given, err);
}

static spn_status use_fault(const void *given)
{
	return spn_mock_fault(dir, given, err);
}

static spn_status use_answer(const void *given)
{
	return spn_mock_kdc_answer(kdc, given, err);
}

static spn_status use_ticket(const void *given)
{
	return spn_mock_kdc_answer(kdc, &(spn_mock_answer){ .ticket = given }, err);
}

/* A back end and a KDC of a program's own. */

static spn_status search_nothing(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *error)
{
	(void)self, (void)search, (void)fn, (void)data, (void)error;
	return SPN_OK;
}

static spn_status modify_nothing(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *error)
{
	(void)self, (void)dn, (void)mods, (void)n_mods, (void)error;
	return SPN_OK;
}

static spn_status make_root(void *self, spn_entry **ret_root, spn_error *error)
{
	(void)self;
	spn_status status = spn_entry_new("", ret_root, error);
	return status ? status : spn_entry_add(*ret_root, "defaultNamingContext", (spn_bytes){ "DC=x", 4 }, error);
}

static spn_status give_ticket(void *self, const char *spn, spn_ticket_fn *fn, void *data, spn_error *error)
{
	(void)self;
	return fn(&(spn_ticket){ .client = "a@X", .server = spn, .kvno = 3 }, data, error);
}

static void free_nothing(void *self)
{
	(void)self;
}

static spn_status use_backend(const void *given)
{
	spn_directory *own = NULL;
	spn_status status = spn_directory_new(given, NULL, "own:", false, &own, err);
	size_t done, total;
	if (!status)
		status = spn_find_duplicates(own, NULL, ignore_finding, NULL, err);
	if (!status && (strcmp(spn_directory_url(own), "own:") != 0 || spn_directory_progress(own, &done, &total)))
		status = SPN_ERR_FAILED;
	spn_directory_free(own);
	return status;
}

static spn_status use_kdc_ops(const void *given)
{
	spn_kdc *own = NULL;
	spn_ticket *ticket = NULL;
	spn_status status = spn_kdc_new(given, NULL, &own, err);
	if (!status)
		status = spn_kdc_request(own, "http/x", &ticket, err);
	if (!status && (ticket->kvno != 3 || spn_kdc_store(own, "http/x", NULL, NULL) != SPN_ERR_UNSUPPORTED))
		status = SPN_ERR_FAILED;
	spn_ticket_free(ticket);
	spn_kdc_free(own);
	return status;
}

static const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/x", 6 } };
static const spn_recipe_name recipe_name = { "http/{fqdn}", SPN_NEED_MUST, false };
static const spn_recipe recipe = { .id = "x", .title = "x", .names = &recipe_name, .n_names = 1 };
static const spn_step step = { .dn = "CN=pool,DC=example,DC=com", .mods = &mod, .n_mods = 1 };
static const spn_fault fault = { .kind = SPN_FAULT_SLOW, .nth = 1000 };
static const spn_backend backend = { .name = "own", .search = search_nothing, .modify = modify_nothing,
	.root = make_root,
	.free = free_nothing };
static const spn_kdc_ops ops = { .name = "own", .request = give_ticket, .free = free_nothing };
static const char zeros[1000];

/* Each struct that a program fills, with what must be in it; each version, with its size. */
static const struct {
	const char *name;
	spn_status (*use)(const void *given);
	const void *filled;
	bool is_data; /* of which version 0 means 1 */
	size_t sizes[4]; /* of each version, ends with 0 */
} structs[] = {
	{ "spn_open_options", use_open, zeros, false, { sizeof(spn_open_options) } },
	{ "spn_credentials", use_credentials, zeros, false, { sizeof(spn_credentials) } },
	{ "spn_kdc_options", use_kdc, zeros, false, { sizeof(spn_kdc_options) } },
	{ "spn_handshake_options", use_handshake, zeros, false, { sizeof(spn_handshake_options) } },
	{ "spn_probe_options", use_probe, zeros, false, { sizeof(spn_probe_options) } },
	{ "spn_probe_options", use_probe_in_diagnose, zeros, false, { sizeof(spn_probe_options) } },
	{ "spn_diagnose_options", use_diagnose, zeros, false, { sizeof(spn_diagnose_options) } },
	{ "spn_keytab_options", use_keytab, zeros, false, { sizeof(spn_keytab_options) } },
	{ "spn_duplicates_options", use_duplicates, zeros, false, { sizeof(spn_duplicates_options) } },
	{ "spn_audit_options", use_audit, zeros, false, { sizeof(spn_audit_options) } },
	{ "spn_change_options", use_change, zeros, false,
			{ offsetof(spn_change_options, title), sizeof(spn_change_options) } },
	{ "spn_repair_options", use_repair, zeros, false,
			{ offsetof(spn_repair_options, url), sizeof(spn_repair_options) } },
	{ "spn_verify_options", use_verify, zeros, false, { sizeof(spn_verify_options) } },
	{ "spn_report_options", use_report, zeros, false,
			{ offsetof(spn_report_options, path), sizeof(spn_report_options) } },
	{ "spn_report_totals", use_totals, zeros, false, { sizeof(spn_report_totals) } },
	{ "spn_report_numbers", use_numbers, zeros, false, { sizeof(spn_report_numbers) } },
	{ "spn_expect_options", use_expect, zeros, false, { sizeof(spn_expect_options) } },
	{ "spn_recipe", use_recipe, &recipe, false, { sizeof(spn_recipe) } },
	{ "spn_enctype_case", use_enctype, zeros, false, { sizeof(spn_enctype_case) } },
	{ "spn_backend", use_backend, &backend, false,
			{ offsetof(spn_backend, flags), offsetof(spn_backend, search_many), sizeof(spn_backend) } },
	{ "spn_kdc_ops", use_kdc_ops, &ops, false, { offsetof(spn_kdc_ops, store), sizeof(spn_kdc_ops) } },
	{ "spn_search", use_search, zeros, true, { sizeof(spn_search) } },
	{ "spn_step", use_step, &step, true, { sizeof(spn_step) } },
	{ "spn_fault", use_fault, &fault, true, { sizeof(spn_fault) } },
	{ "spn_mock_answer", use_answer, zeros, true, { sizeof(spn_mock_answer) } },
	{ "spn_ticket", use_ticket, zeros, true, { sizeof(spn_ticket) } },
};
enum { N_STRUCTS = sizeof structs / sizeof *structs };

/* As by a program that was built when the struct was shorter: nothing behind it is read. */
static void each_version_of_a_struct_works_at_its_own_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_STRUCTS; i++)
		for (unsigned version = 1; structs[i].sizes[version - 1]; version++) {
			const void *given = last_bytes(structs[i].filled, structs[i].sizes[version - 1], version);
			spn_status status = structs[i].use(given);
			if (status)
				fail_msg("%s, version %u: %s, '%s'", structs[i].name, version, spn_status_name(status), err->message);
		}
}

static void no_other_version_is_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_STRUCTS; i++) {
		unsigned newest = 0;
		while (structs[i].sizes[newest])
			newest++;
		const unsigned others[] = { newest + 1, UINT_MAX, 0 };
		for (size_t j = 0; j < (structs[i].is_data ? 2 : 3); j++) {
			char given[1000] = "";
			memcpy(given, structs[i].filled, structs[i].sizes[newest - 1]);
			memcpy(given, &others[j], sizeof others[j]);
			spn_status status = structs[i].use(given);
			if (status != SPN_ERR_INVALID || !strstr(err->message, structs[i].name) || !strstr(err->message, "version"))
				fail_msg("%s, version %u: %s, '%s'", structs[i].name, others[j], spn_status_name(status), err->message);
		}
	}
}

/* ---- flags ---- */

static const char *const names[] = { "http/new" };

static spn_status flags_of_step(unsigned flags)
{
	spn_step with = step;
	with.flags = flags;
	return spn_plan_append(plan, &with, err);
}

static spn_status flags_of_plan(unsigned flags)
{
	return spn_plan_allow(plan, flags, err);
}

static spn_change_options change_options(unsigned flags)
{
	spn_change_options options = SPN_CHANGE_OPTIONS_INIT;
	options.flags = flags | SPN_NO_JOURNAL;
	return options;
}

static spn_status flags_of_delete(unsigned flags)
{
	spn_change_options options = change_options(flags);
	spn_status status = spn_delete(dir, "pool", names, 1, &options, err);
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

static spn_status flags_of_add_unique(unsigned flags)
{
	spn_change_options options = change_options(flags);
	return spn_add_unique(dir, "pool", names, 1, &options, err);
}

static spn_status flags_of_copy_membership(unsigned flags)
{
	spn_change_options options = change_options(flags);
	return spn_copy_membership(dir, "pool", "WEB$", &options, ignore_group, NULL, err);
}

static spn_status flags_of_plan_run(unsigned flags)
{
	spn_change_options options = change_options(flags);
	spn_plan *empty = NULL;
	spn_status status = spn_plan_new(&empty, err);
	if (!status)
		status = spn_plan_run(empty, dir, &options, err);
	spn_plan_free(empty);
	return status;
}

static spn_status flags_of_undo(unsigned flags)
{
	spn_change_options options = change_options(flags);
	return of_version(spn_undo(dir, "/nonexistent", &options, NULL, err));
}

static spn_status flags_of_split_run(unsigned flags)
{
	spn_change_options options = change_options(flags);
	return of_version(spn_split(dir, "web", NULL, &options, NULL, err));
}

static spn_status flags_of_propose_add(unsigned flags)
{
	return spn_propose_add(plan, dir, "pool", names, 1, flags, NULL, NULL, err);
}

static spn_status flags_of_propose_membership(unsigned flags)
{
	return spn_propose_membership(plan, dir, "pool", "WEB$", flags, ignore_group, NULL, err);
}

static spn_status flags_of_propose_undo(unsigned flags)
{
	return of_version(spn_propose_undo(plan, dir, "/nonexistent", flags, NULL, NULL, err));
}

typedef spn_status propose_fn(spn_plan *, spn_directory *, const char *, const spn_repair_options *, spn_error *);

static spn_status flags_of_repair(propose_fn *propose, unsigned flags)
{
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	options.flags = flags;
	return propose(plan, dir, "web", &options, err);
}

static spn_status flags_of_fix(unsigned flags)
{
	return flags_of_repair(spn_propose_fix, flags);
}

static spn_status flags_of_split(unsigned flags)
{
	return flags_of_repair(spn_propose_split, flags);
}

static spn_status flags_of_reset(unsigned flags)
{
	return flags_of_repair(spn_propose_reset, flags);
}

static spn_status flags_of_converge(unsigned flags)
{
	spn_directory *desired = NULL;
	spn_plan *empty = NULL;
	spn_status status = spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &desired, err);
	if (!status)
		status = spn_plan_new(&empty, err);
	if (!status)
		status = spn_propose_converge(empty, dir, desired, flags, NULL, NULL, err);
	spn_plan_free(empty);
	spn_directory_free(desired);
	return status;
}

static spn_status flags_of_backend(unsigned flags)
{
	spn_backend with = backend;
	spn_directory *own = NULL;
	with.version = SPN_BACKEND_VERSION;
	with.flags = flags;
	spn_status status = spn_directory_new(&with, NULL, "own:", false, &own, err);
	spn_directory_free(own);
	return status;
}

static spn_status bits_of_keys(unsigned keys)
{
	spn_enctype_case with = SPN_ENCTYPE_CASE_INIT;
	spn_enctype_prediction prediction;
	with.keys = keys;
	return spn_enctype_predict(&with, &prediction, err);
}

static const struct {
	const char *name;
	spn_status (*use)(unsigned flags);
	unsigned known;
} flagged[] = {
	{ "step", flags_of_step, SPN_OPTIONAL | SPN_TAKEOVER | SPN_GIVES_BACK | SPN_FOREST | SPN_DUPLICATE },
	{ "spn_plan_allow", flags_of_plan, SPN_UNSURE | SPN_NO_WAY_BACK | SPN_ANY_ATTRIBUTE },
	{ "spn_delete", flags_of_delete, SPN_UNSURE | SPN_NO_WAY_BACK | SPN_IF_PRESENT | SPN_NO_JOURNAL | SPN_DRY_RUN },
	{ "spn_add_unique", flags_of_add_unique,
		SPN_TAKEOVER | SPN_FOREST | SPN_UNSURE | SPN_NO_WAY_BACK | SPN_NO_JOURNAL | SPN_DRY_RUN },
	{ "spn_copy_membership", flags_of_copy_membership,
		SPN_PROTECTED | SPN_UNSURE | SPN_NO_WAY_BACK | SPN_NO_JOURNAL | SPN_DRY_RUN },
	{ "spn_plan_run", flags_of_plan_run, SPN_UNSURE | SPN_NO_WAY_BACK | SPN_NO_JOURNAL | SPN_DRY_RUN },
	{ "spn_undo", flags_of_undo, SPN_ELSEWHERE | SPN_UNSURE | SPN_NO_WAY_BACK | SPN_NO_JOURNAL | SPN_DRY_RUN },
	{ "spn_split", flags_of_split_run, SPN_UNSURE | SPN_NO_WAY_BACK | SPN_NO_JOURNAL | SPN_DRY_RUN },
	{ "spn_propose_add", flags_of_propose_add, SPN_TAKEOVER | SPN_FOREST },
	{ "spn_propose_membership", flags_of_propose_membership, SPN_PROTECTED },
	{ "spn_propose_undo", flags_of_propose_undo, SPN_ELSEWHERE },
	{ "spn_propose_fix", flags_of_fix, SPN_PROTECTED | SPN_FOREST },
	{ "spn_propose_split", flags_of_split, SPN_PROTECTED | SPN_FOREST },
	{ "spn_propose_reset", flags_of_reset, SPN_PROTECTED | SPN_FOREST },
	{ "spn_propose_converge", flags_of_converge, SPN_EXACT | SPN_TAKEOVER | SPN_FOREST },
	{ "spn_backend", flags_of_backend, SPN_BACKEND_LIVE | SPN_BACKEND_FILE },
	{ "spn_enctype_case", bits_of_keys, SPN_ENC_AES256 | SPN_ENC_AES128 | SPN_ENC_RC4 },
};

static void a_flag_that_does_not_apply_is_invalid_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof flagged / sizeof *flagged; i++)
		for (unsigned bit = 0; bit < 32; bit++) {
			unsigned flag = 1u << bit;
			spn_status status = flagged[i].use(flag);
			if (flagged[i].known & flag ? status != SPN_OK : status != SPN_ERR_INVALID)
				fail_msg("%s: 0x%x: %s, '%s'", flagged[i].name, flag, spn_status_name(status), status ? err->message : "");
		}
}

/* One set: no value means two things. */
static void each_flag_has_a_value_of_its_own(void **state)
{
	(void)state;
	static const unsigned all[] = { SPN_TAKEOVER, SPN_PROTECTED, SPN_FOREST, SPN_OPTIONAL, SPN_GIVES_BACK, SPN_UNSURE,
		SPN_NO_WAY_BACK, SPN_ELSEWHERE, SPN_ANY_ATTRIBUTE, SPN_NO_JOURNAL, SPN_DUPLICATE, SPN_EXACT,
		SPN_DRY_RUN, SPN_IF_PRESENT };
	unsigned seen = 0;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		assert_int_equal(all[i] & (all[i] - 1), 0);
		assert_int_equal(seen & all[i], 0);
		seen |= all[i];
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_version_of_a_struct_works_at_its_own_size),
		TEST(no_other_version_is_accepted),
		TEST(a_flag_that_does_not_apply_is_invalid_everywhere),
		TEST(each_flag_has_a_value_of_its_own),
	};
	return cmocka_run_group_tests(tests, make_pages, NULL);
}
