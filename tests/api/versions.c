/* SPDX-License-Identifier: MIT */
/* Programs that were built with an older header. */
#include "fixture.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

static spn_status give_ticket(void *self, const char *spn, spn_ticket_fn *fn, void *data, spn_error *error)
{
	(void)self;
	return fn(&(spn_ticket){ .client = "a@X", .server = spn, .kvno = 3 }, data, error);
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

static const spn_recipe_name recipe_name = { "http/{fqdn}", SPN_NEED_MUST, false };
static const spn_recipe recipe = { .id = "x", .title = "x", .names = &recipe_name, .n_names = 1 };
static const spn_fault fault = { .kind = SPN_FAULT_SLOW, .nth = 1000 };
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
			{ offsetof(spn_report_options, path), offsetof(spn_report_options, progress), sizeof(spn_report_options) } },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_version_of_a_struct_works_at_its_own_size),
		TEST(no_other_version_is_accepted),
	};
	return cmocka_run_group_tests(tests, make_pages, NULL);
}
