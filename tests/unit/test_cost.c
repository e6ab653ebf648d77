/* SPDX-License-Identifier: MIT */
/*
 * What work costs, in steps: the library is compiled once more so that each basic block calls us (-fsanitize-coverage=trace-pc).
 * The count is the same on a busy machine.  Directories are made to be as hard as somebody who writes an export can make them.
 */
#include "unit.h"
#include "returned.h"

#include <stdatomic.h>
#include <unistd.h>

static atomic_uint_fast64_t n_steps;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	atomic_fetch_add_explicit(&n_steps, 1, memory_order_relaxed);
}

#define BASE "DC=example,DC=com"

static void put_account(FILE *file, size_t i)
{
	fprintf(file, "dn: CN=a%zu," BASE "\nobjectClass: user\nsAMAccountName: a%zu\nuserAccountControl: 512\n", i, i);
}

/* A text that differs for each i in accents only, of which Windows knows nothing. */
static void put_accents(FILE *file, const char *class, size_t i)
{
	static const char *const marks[] = { "", "\u0301", "\u0300", "\u0302", "\u0308", "\u0303", "\u030a" };
	fprintf(file, "servicePrincipalName: %s/", class);
	for (const char *letter = "abcdefgh"; *letter; letter++, i /= 7)
		fprintf(file, "%c%s", *letter, marks[i % 7]);
	fputs("\n", file);
}

static void accents(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		put_accents(file, "http", i);
		fputs("\n", file);
	}
}

/* A target's spellings on some accounts, an alias's on others. */
static void aliases_with_accents(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		put_accents(file, i % 2 ? "http" : "HOST", i);
		fputs("\n", file);
	}
}

static void one_name(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		fputs("servicePrincipalName: http/web\nservicePrincipalName: HOST/web\n\n", file);
	}
}

static void all_spellings_on_each_of_two(FILE *file, size_t n)
{
	for (size_t a = 0; a < 2; a++) {
		put_account(file, a);
		for (size_t i = 0; i < n; i++)
			put_accents(file, "http", i);
		fputs("\n", file);
	}
}

/* As many accounts as spellings, and each has them all but one. */
static void square_of_spellings(FILE *file, size_t n)
{
	size_t side = 1;
	while (side * side < n)
		side++;
	for (size_t a = 0; a < side; a++) {
		put_account(file, a);
		for (size_t i = 0; i < side; i++)
			if (i != a)
				put_accents(file, "http", i);
		fputs("\n", file);
	}
}

static void alias_and_target_of_two(FILE *file, size_t n)
{
	for (size_t a = 0; a < 2; a++) {
		put_account(file, a);
		for (size_t i = 0; i < n; i++)
			fprintf(file, "servicePrincipalName: %s/h%zu\n", a ? "HOST" : "http", i);
		fputs("\n", file);
	}
}

static void same_names_on_two(FILE *file, size_t n)
{
	for (size_t a = 0; a < 2; a++) {
		put_account(file, a);
		for (size_t i = 0; i < n; i++)
			fprintf(file, "servicePrincipalName: http/h%zu:%zu\n", i % 10, i);
		fputs("\n", file);
	}
}

/* Classes without an alias: one bucket of the index. */
static void one_host(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		fprintf(file, "servicePrincipalName: class%zu/web\nservicePrincipalName: class%zu/web\n\n", i, i / 2 + n);
	}
}

/* sPNMappings of n classes, all of them on one account, and their target on another. */
static void long_mapping(FILE *file, size_t n)
{
	n *= 20; /* what it costs to go over them is little each */
	fputs("dn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration," BASE "\nobjectClass: nTDSService\n"
			"sPNMappings: HOST=", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "%sc%zu", i ? "," : "", i);
	fputs("\n\n", file);
	put_account(file, 0);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "servicePrincipalName: c%zu/web\n", i);
	fputs("\n", file);
	put_account(file, 1);
	fputs("servicePrincipalName: HOST/web\n\n", file);
}

static void upns(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		fputs("userPrincipalName: http/web@EXAMPLE.COM\nservicePrincipalName: http/other\n\n", file);
	}
}

static void many_hosts(FILE *file, size_t n)
{
	fputs("dn: CN=c," BASE "\nobjectClass: computer\nsAMAccountName: C$\ndNSHostName: c.example.com\noperatingSystem: Windows\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "msDS-AdditionalDnsHostName: h%zu.example.com\nservicePrincipalName: HOST/h%zu.example.com\n", i, i);
	fputs("\n", file);
}

/* A computer of so many hosts. */
static void put_computer(FILE *file, size_t n)
{
	fputs("dn: CN=c," BASE "\nobjectClass: computer\nsAMAccountName: C$\ndNSHostName: c.example.com\n"
			"operatingSystem: Windows\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "msDS-AdditionalDnsHostName: h%zu.example.com\n", i);
	fputs("\n", file);
}

/* The same, and none of its names is there; a directory takes 1,200 of them. */
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
	fputs("dn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration," BASE "\nobjectClass: nTDSService\nsPNMappings: HOST=", file);
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
		fprintf(file, "dn: CN=g%zu," BASE "\nobjectClass: group\nsAMAccountName: g%zu\nmember: CN=a%zu," BASE "\n\n", i, i, i);
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
		fprintf(file, "dn: CN=g%zu," BASE "\nobjectClass: group\nsAMAccountName: g%zu\ngroupType: -2147483646\nmember: CN=a0," BASE "\n\n", i, i);
}

/* As ldifde goes on with the values of entries above. */
static void continued(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		fprintf(file, "servicePrincipalName: http/a%zu\n\n", i);
	}
	for (size_t i = 0; i < n; i++)
		fprintf(file, "dn: CN=a%zu," BASE "\nchangetype: modify\nadd: servicePrincipalName\nservicePrincipalName: http/b%zu\n-\n\n", i, i / 2);
}

static void continued_again_and_again(FILE *file, size_t n)
{
	put_account(file, 0);
	for (size_t i = 0; i < 10 * n; i++)
		fprintf(file, "\ndn: CN=a0," BASE "\nchangetype: modify\nadd: servicePrincipalName\nservicePrincipalName: http/b%zu\n-\n", i);
}

static void many_attributes(FILE *file, size_t n)
{
	put_account(file, 0);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "x-%zu: y\nservicePrincipalName: http/h%zu\n", i, i);
	fputs("\n", file);
}

/* As a server gives them, each in a range of its own, the last ones first. */
static void names_of_ranges(FILE *file, size_t n)
{
	put_account(file, 0);
	for (size_t i = n; i-- > 0;)
		fprintf(file, "servicePrincipalName;range=%zu-%zu: http/h%zu\n", i, i, i);
	fputs("\n", file);
}

static void csv_lists(FILE *file, size_t n)
{
	fputs("DN,objectClass,sAMAccountName,member,servicePrincipalName\n\"CN=a," BASE "\",user,a,\"", file);
	for (size_t i = 0; i < 20 * n; i++)
		fputs(" \n", file);
	fputs("\",\"", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "%shttp/h%zu", i ? ";" : "", i);
	fputs("\"\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "\"CN=a%zu," BASE "\",user,a%zu,,http/web\n", i, i);
}

struct shape {
	const char *name;
	void (*put)(FILE *file, size_t n);
};

#define SHAPE(of) { #of, of }
static const struct shape shapes[] = {
	SHAPE(accents), SHAPE(aliases_with_accents), SHAPE(one_name), SHAPE(all_spellings_on_each_of_two), SHAPE(square_of_spellings),
	SHAPE(alias_and_target_of_two), SHAPE(same_names_on_two), SHAPE(one_host), SHAPE(long_mapping), SHAPE(upns), SHAPE(many_hosts),
	SHAPE(continued), SHAPE(continued_again_and_again), SHAPE(many_attributes), SHAPE(csv_lists),
	SHAPE(names_of_ranges),
};

static spn_status ignore(const spn_finding *finding, void *data, spn_error *err)
{
	(void)finding;
	(void)data;
	(void)err;
	return SPN_OK;
}

static spn_status ignore_resolution(const spn_resolution *resolution, void *data, spn_error *err)
{
	(void)resolution;
	(void)data;
	(void)err;
	return SPN_OK;
}

static spn_status ignore_account(const spn_account *account, const spn_bytes *matched, size_t n, void *data, spn_error *err)
{
	(void)account;
	(void)matched;
	(void)n;
	(void)data;
	(void)err;
	return SPN_OK;
}

static spn_status duplicates(spn_directory *dir, spn_error *err)
{
	return spn_find_duplicates(dir, NULL, ignore, NULL, err);
}

static spn_status audit(spn_directory *dir, spn_error *err)
{
	return spn_audit(dir, NULL, ignore, NULL, err);
}

static spn_status resolve(spn_directory *dir, spn_error *err)
{
	return resolve_name(dir, "http/web", ignore_resolution, NULL, err);
}

static spn_status query(spn_directory *dir, spn_error *err)
{
	return spn_query(dir, "*h*7*", false, ignore_account, NULL, err);
}

static spn_status diagnose(spn_directory *dir, spn_error *err)
{
	return spn_diagnose(dir, NULL, "c", NULL, ignore, NULL, err);
}

/* A KDC that gives whatever is asked for. */
static spn_status give(void *self, const char *spn, spn_ticket_fn *fn, void *data, spn_error *err)
{
	(void)self;
	const spn_ticket ticket = { .client = "u@EXAMPLE.COM", .server = spn, .enctype = 18, .session_enctype = 18, .kvno = 1, .ends = 2 };
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

struct work {
	const char *name;
	spn_status (*run)(spn_directory *dir, spn_error *err);
};

static const struct work works[] = { SHAPE(duplicates), SHAPE(audit), SHAPE(resolve), SHAPE(query) };

static spn_status query_letters(spn_directory *dir, spn_error *err)
{
	char pattern[1200] = "http/*";
	memset(pattern + 6, 'a', sizeof pattern - 9);
	strcpy(pattern + sizeof pattern - 3, "b*");
	return spn_query(dir, pattern, false, ignore_account, NULL, err);
}

static void as_csv(FILE *file, size_t n);

static uint64_t steps(const struct shape *shape, const struct work *work, spn_dialect rules, size_t n)
{
	char url[64] = "ldif:/tmp/spnkit-cost-XXXXXX";
	int fd = mkstemp(url + 5);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	spn_directory *dir = NULL;
	spn_error err = { .status = SPN_OK };
	assert_non_null(file);
	if (shape->put != csv_lists && shape->put != as_csv)
		fputs("dn: " BASE "\nobjectClass: domainDNS\n\n", file);
	shape->put(file, n);
	assert_int_equal(fclose(file), 0);
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.dialect = rules;
	atomic_store(&n_steps, 0);
	if (spn_directory_open(url, &options, &dir, &err) || work->run(dir, &err))
		fail_msg("%s of %s: %s", work->name, shape->name, err.message);
	spn_directory_free(dir);
	unlink(url + 5);
	return atomic_load(&n_steps);
}

/* Twice the accounts or names, twice the steps; a little more for what is sorted. */
static bool is_linear(const struct shape *shape, const struct work *work, spn_dialect rules)
{
	enum { N = 300, ALLOWED = 240 };
	uint64_t once = steps(shape, work, rules, N), twice = steps(shape, work, rules, (size_t)2 * N);
	bool ok = twice * 100 <= once * ALLOWED;
	if (!ok)
		print_error("%s of %s (%s): %.2f times the steps for twice as much (%zu: %ju)\n", work->name, shape->name,
				rules == SPN_DIALECT_SAMBA ? "samba" : "windows", (double)twice / (double)once, (size_t)N, (uintmax_t)once);
	return ok;
}

static void twice_as_much_costs_twice_as_much(void **state)
{
	(void)state;
	bool ok = true;
	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
		for (size_t w = 0; w < sizeof works / sizeof *works; w++)
			for (spn_dialect rules = SPN_DIALECT_WINDOWS; rules <= SPN_DIALECT_SAMBA; rules++)
				ok &= is_linear(&shapes[s], &works[w], rules);
	assert_true(ok);
}

static const struct {
	struct shape shape;
	struct work work;
} repairs[] = {
	{ SHAPE(many_hosts), SHAPE(defaults) }, { SHAPE(many_hosts), SHAPE(fix) },
	{ SHAPE(many_hosts), SHAPE(reset) },
	{ SHAPE(hosts_of_another), SHAPE(defaults) }, { SHAPE(bare_hosts), SHAPE(defaults_foreseen) },
	{ SHAPE(hosts_of_another), SHAPE(fix) }, { SHAPE(hosts_of_another), SHAPE(reset) }, { SHAPE(hosts_of_another), SHAPE(move) },
	{ SHAPE(hosts_of_many), SHAPE(defaults) }, { SHAPE(hosts_of_many), SHAPE(reset) },
	{ SHAPE(hosts_of_many), SHAPE(fix) }, { SHAPE(hosts_of_members), SHAPE(fix) }, { SHAPE(hosts_of_two), SHAPE(fix) },
	{ SHAPE(hosts_and_classes), SHAPE(diagnose) }, { SHAPE(hosts_and_classes), SHAPE(fix) },
	{ SHAPE(many_hosts), SHAPE(diagnose) }, { SHAPE(hosts_of_another), SHAPE(diagnose) }, { SHAPE(hosts_of_many), SHAPE(diagnose) },
	{ SHAPE(hosts_of_two), SHAPE(diagnose) },
	{ SHAPE(many_hosts), SHAPE(diagnose_tickets) }, { SHAPE(hosts_of_another), SHAPE(diagnose_tickets) },
	{ SHAPE(hosts_of_many), SHAPE(diagnose_tickets) },
	{ SHAPE(many_groups), SHAPE(copy_groups) },
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

static void as_ldif(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(file, "dn: CN=s%zu,OU=servers," BASE "\nobjectClass: top\nobjectClass: person\n"
				"objectClass: organizationalPerson\nobjectClass: user\nobjectClass: computer\ncn: s%zu\nsAMAccountName: S%zu$\nuserAccountControl: 4096\n"
				"operatingSystem: Windows Server 2022 Standard\ndNSHostName: s%zu.example.com\nservicePrincipalName: HOST/S%zu\n"
				"servicePrincipalName: HOST/s%zu.example.com\n\n", i, i, i, i, i, i);
}

static void as_csv(FILE *file, size_t n)
{
	fputs("\"DN\",\"objectClass\",\"cn\",\"sAMAccountName\",\"userAccountControl\",\"operatingSystem\","
			"\"dNSHostName\",\"SPN\"\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "\"CN=s%zu,OU=servers," BASE "\",\"computer\",\"s%zu\",\"S%zu$\",\"4096\","
				"\"Windows Server 2022 Standard\",\"s%zu.example.com\",\"HOST/S%zu HOST/s%zu.example.com\"\n", i, i, i, i, i, i);
}

static void a_table_costs_no_more_than_twice_what_the_same_ldif_costs(void **state)
{
	(void)state;
	enum { N = 2000, ALLOWED = 200 };
	const struct shape csv = SHAPE(as_csv), ldif = SHAPE(as_ldif);
	uint64_t ours = steps(&csv, &works[0], SPN_DIALECT_WINDOWS, N), theirs = steps(&ldif, &works[0], SPN_DIALECT_WINDOWS, N);
	if (ours * 100 > theirs * ALLOWED)
		fail_msg("%.2f times the steps (%ju, LDIF %ju)", (double)ours / (double)theirs, (uintmax_t)ours, (uintmax_t)theirs);
}

static void one_letter(FILE *file, size_t n)
{
	put_account(file, 0);
	fputs("servicePrincipalName: http/", file);
	for (size_t i = 0; i < 1000 * n; i++)
		putc('a', file);
	fputs("\n\n", file);
}

/* A megabyte of one letter, and a pattern that nearly fits everywhere: a handful of steps for each letter, not a thousand. */
static void a_wildcard_goes_over_a_long_value_once(void **state)
{
	(void)state;
	enum { N = 1000, A_LETTER = 40 };
	const struct shape shape = SHAPE(one_letter);
	const struct work work = { "query", query_letters };
	assert_in_range(steps(&shape, &work, SPN_DIALECT_WINDOWS, N), 0, (uintmax_t)1000 * N * A_LETTER);
}

static uint64_t steps_to_hide(size_t n)
{
	static const char piece[] = "a://b:cc";
	char *text = malloc(n * (sizeof piece - 1) + 1);
	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * (sizeof piece - 1), piece, sizeof piece);
	atomic_store(&n_steps, 0);
	spn_text_hide_passwords(text);
	uint64_t counted = atomic_load(&n_steps);
	free(text);
	return counted;
}

/* A word that might hold passwords, and holds none: its end is not looked for from each of its pieces again. */
static void passwords_are_hidden_in_one_pass(void **state)
{
	(void)state;
	assert_true(steps_to_hide(2000) * 100 <= steps_to_hide(1000) * 240);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twice_as_much_costs_twice_as_much),
		cmocka_unit_test(a_repair_of_twice_as_much_costs_twice_as_much),
		cmocka_unit_test(a_table_costs_no_more_than_twice_what_the_same_ldif_costs),
		cmocka_unit_test(a_wildcard_goes_over_a_long_value_once),
		cmocka_unit_test(passwords_are_hidden_in_one_pass),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
