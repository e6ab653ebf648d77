/* SPDX-License-Identifier: MIT */
/* What it costs to look into one computer, and to repair it. */
#include "cost_helper.h"

/* A computer of so many hosts. */
static void put_computer(FILE *file, size_t n)
{
	fputs("dn: CN=c," BASE "\nobjectClass: computer\nsAMAccountName: C$\ndNSHostName: c.example.com\n"
			"operatingSystem: Windows\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "msDS-AdditionalDnsHostName: h%zu.example.com\n", i);
	fputs("\n", file);
}

/* The same, and none of its names is there; a directory takes 3,000 of them. */
static void bare_hosts(FILE *file, size_t n)
{
	put_computer(file, n / 3);
}

/* As many hosts of one computer, and another account holds their names. */
static void hosts_of_another(FILE *file, size_t n)
{
	put_computer(file, n);
	put_account(file, 0);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "servicePrincipalName: http/h%zu.example.com\n", i);
	fputs("\n", file);
}

/* The same, each on an account of its own. */
static void hosts_of_many(FILE *file, size_t n)
{
	put_computer(file, n);
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		fprintf(file, "servicePrincipalName: http/h%zu.example.com\n\n", i);
	}
}

/* The same, where http is one of as many classes that HOST/ stands for. */
static void hosts_and_classes(FILE *file, size_t n)
{
	fputs("dn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration," BASE "\nobjectClass: nTDSService\n"
			"sPNMappings: HOST=", file);
	for (size_t i = 0; i < 20 * n; i++)
		fprintf(file, "c%zu,", i);
	fputs("http\n\n", file);
	hosts_of_many(file, n);
}

/* Each of them in a group of its own, and all in one. */
static void hosts_of_members(FILE *file, size_t n)
{
	fputs("dn: CN=all," BASE "\nobjectClass: group\nsAMAccountName: all\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "member: CN=a%zu," BASE "\n", i);
	fputs("\n", file);
	hosts_of_many(file, n);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "dn: CN=g%zu," BASE "\nobjectClass: group\nsAMAccountName: g%zu\n"
				"member: CN=a%zu," BASE "\n\n", i, i, i);
}

/* Each host is held twice. */
static void hosts_of_two(FILE *file, size_t n)
{
	hosts_of_another(file, n);
	put_account(file, 1);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "servicePrincipalName: http/h%zu.example.com\nservicePrincipalName: HOST/h%zu.example.com\n", i, i);
	fputs("\n", file);
}

/* One user is in many groups. */
static void many_groups(FILE *file, size_t n)
{
	put_account(file, 1);
	fputs("\n", file);
	put_account(file, 0);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "memberOf: CN=g%zu," BASE "\n", i);
	fputs("\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "dn: CN=g%zu," BASE "\nobjectClass: group\nsAMAccountName: g%zu\ngroupType: -2147483646\n"
				"member: CN=a0," BASE "\n\n", i, i);
}

static spn_status diagnose(spn_directory *dir, spn_error *err)
{
	return spn_diagnose(dir, NULL, "c", NULL, ignore, NULL, err);
}

/* A KDC that gives whatever is asked for. */
static spn_status give(void *self, const char *spn, spn_ticket_fn *fn, void *data, spn_error *err)
{
	(void)self;
	const spn_ticket ticket = { .client = "u@EXAMPLE.COM", .server = spn, .enctype = 18, .session_enctype = 18,
		.kvno = 1, .ends = 2 };
	return fn(&ticket, data, err);
}

static void free_nothing(void *self)
{
	(void)self;
}

static spn_status diagnose_tickets(spn_directory *dir, spn_error *err)
{
	static const spn_kdc_ops ops = { SPN_KDC_OPS_VERSION, "generous", give, free_nothing, NULL };
	spn_kdc *kdc = NULL;
	spn_status status = spn_kdc_new(&ops, &kdc, &kdc, err);
	status = status ? status : spn_diagnose(dir, kdc, "c", NULL, ignore, NULL, err);
	spn_kdc_free(kdc);
	return status;
}

static spn_status end(spn_plan *plan, spn_status status)
{
	spn_plan_free(plan);
	return status;
}

static spn_status defaults(spn_directory *dir, spn_error *err)
{
	spn_plan *plan = NULL;
	spn_status status = spn_plan_new(&plan, err);
	return end(plan, status ? status : spn_propose_defaults(plan, dir, "C$", ignore, NULL, err));
}

/* What --dry-run does. */
static spn_status defaults_foreseen(spn_directory *dir, spn_error *err)
{
	spn_plan *plan = NULL;
	spn_status status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_propose_defaults(plan, dir, "C$", ignore, NULL, err);
	return end(plan, status ? status : spn_plan_preflight(plan, dir, err));
}

static spn_status fix(spn_directory *dir, spn_error *err)
{
	spn_plan *plan = NULL;
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	options.finding_fn = ignore;
	spn_status status = spn_plan_new(&plan, err);
	return end(plan, status ? status : spn_propose_fix(plan, dir, "c", &options, err));
}

static spn_status reset(spn_directory *dir, spn_error *err)
{
	spn_plan *plan = NULL;
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	options.finding_fn = ignore;
	spn_status status = spn_plan_new(&plan, err);
	status = status ? status : spn_propose_reset(plan, dir, "c", &options, err);
	return end(plan, status == SPN_ERR_AMBIGUOUS ? SPN_OK : status);
}

static spn_status copy_groups(spn_directory *dir, spn_error *err)
{
	spn_plan *plan = NULL;
	spn_status status = spn_plan_new(&plan, err);
	return end(plan, status ? status : spn_propose_membership(plan, dir, "a0", "a1", 0, NULL, NULL, err));
}

/* All names of an account, to the other. */
struct moved {
	const char *names[4096];
	size_t n;
};

static spn_status list_names(const spn_account *account, const spn_bytes *matched, size_t n, void *data, spn_error *err)
{
	(void)account;
	(void)err;
	struct moved *moved = data;
	for (size_t i = 0; i < n && moved->n < 4096; i++)
		moved->names[moved->n++] = strdup(matched[i].data);
	return SPN_OK;
}

static spn_status move(spn_directory *dir, spn_error *err)
{
	spn_plan *plan = NULL;
	static struct moved moved;
	moved.n = 0;
	spn_status status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_query(dir, "http/*", false, list_names, &moved, err);
	if (!status)
		status = spn_propose_move(plan, dir, "a0", "C$", moved.names, moved.n, ignore, NULL, err);
	for (size_t i = 0; i < moved.n; i++)
		free((void *)(uintptr_t)moved.names[i]);
	return end(plan, status);
}

static const struct {
	struct shape shape;
	struct work work;
} repairs[] = {
	{ SHAPE(many_hosts), WORK(defaults) }, { SHAPE(many_hosts), WORK(fix) },
	{ SHAPE(many_hosts), WORK(reset) },
	{ SHAPE(hosts_of_another), WORK(defaults) }, { SHAPE(bare_hosts), WORK(defaults_foreseen) },
	{ SHAPE(hosts_of_another), WORK(fix) }, { SHAPE(hosts_of_another), WORK(reset) },
	{ SHAPE(hosts_of_another), WORK(move) },
	{ SHAPE(hosts_of_many), WORK(defaults) }, { SHAPE(hosts_of_many), WORK(reset) },
	{ SHAPE(hosts_of_many), WORK(fix) }, { SHAPE(hosts_of_members), WORK(fix) }, { SHAPE(hosts_of_two), WORK(fix) },
	{ SHAPE(hosts_and_classes), WORK(diagnose) }, { SHAPE(hosts_and_classes), WORK(fix) },
	{ SHAPE(many_hosts), WORK(diagnose) }, { SHAPE(hosts_of_another), WORK(diagnose) },
	{ SHAPE(hosts_of_many), WORK(diagnose) },
	{ SHAPE(hosts_of_two), WORK(diagnose) },
	{ SHAPE(many_hosts), WORK(diagnose_tickets) }, { SHAPE(hosts_of_another), WORK(diagnose_tickets) },
	{ SHAPE(hosts_of_many), WORK(diagnose_tickets) },
	{ SHAPE(many_groups), WORK(copy_groups) },
};

static void a_repair_of_twice_as_much_costs_twice_as_much(void **state)
{
	(void)state;
	bool ok = true;
	for (size_t i = 0; i < sizeof repairs / sizeof *repairs; i++)
		for (spn_dialect rules = SPN_DIALECT_WINDOWS; rules <= SPN_DIALECT_SAMBA; rules++)
			ok &= is_linear(&repairs[i].shape, &repairs[i].work, rules);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repair_of_twice_as_much_costs_twice_as_much),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
