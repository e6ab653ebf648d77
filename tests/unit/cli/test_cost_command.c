/* SPDX-License-Identifier: MIT */
/* What the command costs, in steps: as test_cost.c does it for the library, with the command itself in a process of
 * the test. */
#include "unit.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int spnkit_command(int argc, char **argv); /* its main() */

static atomic_uint_fast64_t *n_steps; /* in memory that the processes share */

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	if (n_steps)
		atomic_fetch_add_explicit(n_steps, 1, memory_order_relaxed);
}

#define BASE "DC=example,DC=com"

/* A computer of so many hosts, and it has the names of each. */
static void hosts(FILE *file, size_t n)
{
	fputs("dn: CN=c," BASE "\nobjectClass: computer\nsAMAccountName: C$\ndNSHostName: c.example.com\n"
			"operatingSystem: Windows\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "msDS-AdditionalDnsHostName: h%zu.example.com\nservicePrincipalName: HOST/h%zu.example.com\n", i, i);
	fputs("\n", file);
}

static void one_account_of_many_names(FILE *file, size_t n)
{
	fputs("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "servicePrincipalName;range=%zu-%zu: http/h%zu\n", i, i, i);
	fputs("\n", file);
}

static void put_bare_computer(FILE *file, size_t i, const char *host)
{
	fprintf(file, "dn: CN=c%zu," BASE "\nobjectClass: computer\nsAMAccountName: C%zu$\ndNSHostName: %s\n"
			"userAccountControl: 4096\n"
			"operatingSystem: Windows\n", i, i, host);
}

/* Computers that lack their names. */
static void bare(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char host[40];
		snprintf(host, sizeof host, "c%zu.example.com", i);
		put_bare_computer(file, i, host);
		fprintf(file, "msDS-AdditionalDnsHostName: h%zu.example.com\nservicePrincipalName: http/z%zu\n\n", i, i);
	}
}

static void bare_of_one_host(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_bare_computer(file, i, "c.example.com");
		fprintf(file, "servicePrincipalName: HOST/c%zu\n\n", i);
	}
}

static void bare_of_one_further_host(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char host[40];
		snprintf(host, sizeof host, "c%zu.example.com", i);
		put_bare_computer(file, i, host);
		fputs("msDS-AdditionalDnsHostName: h.example.com\nservicePrincipalName: HOST/h.example.com\n\n", file);
	}
}

static void put_user(FILE *file, size_t i)
{
	fprintf(file, "dn: CN=a%zu," BASE "\nobjectClass: user\nsAMAccountName: a%zu\nuserAccountControl: 512\n", i, i);
}

static void delegate_to_one_name(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_user(file, i);
		fputs("servicePrincipalName: http/web\nmsDS-AllowedToDelegateTo: http/web\n\n", file);
	}
}

static void one_delegates_to_all(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_user(file, i);
		fprintf(file, "servicePrincipalName: http/h%zu\nmsDS-AllowedToDelegateTo: http/h0\n\n", i);
	}
	put_user(file, n);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "msDS-AllowedToDelegateTo: http/h%zu\n", i);
	fputs("\n", file);
}

/* One computer of many hosts, each with its name on another account. */
static void hosts_of_others(FILE *file, size_t n)
{
	hosts(file, n);
	for (size_t i = 0; i < n; i++) {
		put_user(file, i);
		fprintf(file, "servicePrincipalName: http/h%zu.example.com\n\n", i);
	}
}

static void disabled_with_one_name(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(file, "dn: CN=c%zu," BASE "\nobjectClass: computer\nsAMAccountName: C%zu$\nuserAccountControl: 4098\n"
				"servicePrincipalName: HOST/web\nservicePrincipalName: HOST/C%zu\n\n", i, i, i);
}

/* Each account gives its name to the next one. */
static void moves(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(file, "dn: CN=a%zu," BASE "\nobjectClass: user\nsAMAccountName: a%zu\n"
				"servicePrincipalName: x/a%zu\n\n", i, i, i);
}

static void put_plan_of_moves(FILE *file, size_t n, const char *flags)
{
	for (size_t i = 0; i < n; i++)
		fprintf(file, "%sdn: CN=a%zu," BASE "\nchangetype: modify\ndelete: servicePrincipalName\n"
				"servicePrincipalName: x/a%zu\n-\n\n", flags, i, i);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "dn: CN=a%zu," BASE "\nchangetype: modify\nadd: servicePrincipalName\n"
				"servicePrincipalName: x/a%zu\n-\n\n", (i + 1) % n, i);
}

#define PLAN "/tmp/spnkit-cost-plan-XXXXXX"
static char plan[sizeof PLAN];

static void write_plan(size_t n, const char *flags)
{
	snprintf(plan, sizeof plan, PLAN);
	int fd = mkstemp(plan);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	assert_non_null(file);
	put_plan_of_moves(file, n, flags);
	assert_int_equal(fclose(file), 0);
}

#define SHAPE(of) { #of, of }
static const struct row {
	struct {
		const char *name;
		void (*put)(FILE *file, size_t n);
	} shape;
	const char *words[5]; /* of the command */
	const char *flags; /* of the steps of a plan; NULL: no plan is written */
} rows[] = {
	{ SHAPE(hosts), { "diagnose", "c" }, NULL }, { SHAPE(hosts), { "fix", "c", "--dry-run" }, NULL },
	{ SHAPE(hosts), { "split", "c", "--dry-run" }, NULL },
	{ SHAPE(hosts), { "defaults", "C$", "--dry-run" }, NULL }, { SHAPE(hosts), { "audit" }, NULL },
	{ SHAPE(one_account_of_many_names), { "list", "a" }, NULL },
	{ SHAPE(one_account_of_many_names), { "query", "http/*" }, NULL },
	{ SHAPE(one_account_of_many_names), { "audit", "--json" }, NULL },
	{ SHAPE(bare), { "audit" }, NULL }, { SHAPE(bare), { "audit", "--format", "ldif" }, NULL },
	{ SHAPE(bare_of_one_host), { "audit" }, NULL },
	{ SHAPE(bare_of_one_further_host), { "audit" }, NULL }, { SHAPE(delegate_to_one_name), { "audit" }, NULL },
	{ SHAPE(delegate_to_one_name), { "delegations" }, NULL }, { SHAPE(one_delegates_to_all), { "audit" }, NULL },
	{ SHAPE(hosts_of_others), { "audit" }, NULL }, { SHAPE(hosts_of_others), { "fix", "c", "--dry-run" }, NULL },
	{ SHAPE(disabled_with_one_name), { "audit" }, NULL },
	{ SHAPE(moves), { "apply", "--dry-run", plan }, "" },
	{ SHAPE(moves), { "apply", "--dry-run", plan }, "# flags: duplicate\n" },
};

/* Whatever its exit code is: it says which findings there are. */
static void run(const char *url, const char *const *words)
{
	static char name[] = "spnkit", dir[] = "-H";
	char *argv[10] = { name, dir, (char *)(uintptr_t)url };
	int argc = 3;
	for (; words[argc - 3]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 3];
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(99);
	_exit(spnkit_command(argc, argv));
}

static void names_without_sense(FILE *file, size_t n)
{
	fputs("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "servicePrincipalName: http/w%zu/\n", i);
	fputs("\n", file);
}

/* A repair needs all names of an account as the repairs before it leave them. */
static const struct row of_one_account = { SHAPE(names_without_sense), { "audit", "--format", "ldif" }, NULL };

static uint64_t steps(const struct row *row, size_t n)
{
	char url[64] = "ldif:/tmp/spnkit-cost-XXXXXX";
	int fd = mkstemp(url + 5), status;
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	assert_non_null(file);
	fputs("dn: " BASE "\nobjectClass: domainDNS\n\n", file);
	row->shape.put(file, n);
	assert_int_equal(fclose(file), 0);
	if (row->flags)
		write_plan(n, row->flags);
	atomic_store(n_steps, 0);
	pid_t child = fork();
	if (child == 0)
		run(url, row->words);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_in_range(WEXITSTATUS(status), 0, 3); /* 3: no more names fit in an entry */
	unlink(url + 5);
	unlink(plan);
	return atomic_load(n_steps);
}

/* Twice the names, twice the steps; a little more for what is sorted. */
static void twice_as_much_costs_twice_as_much(void **state)
{
	(void)state;
	enum { N = 500, ALLOWED = 240 };
	bool ok = true;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint64_t once = steps(&rows[i], N), twice = steps(&rows[i], (size_t)2 * N);
		ok &= twice * 100 <= once * ALLOWED;
		if (twice * 100 > once * ALLOWED)
			print_error("%s%s of %s: %.2f times the steps for twice as much (%zu: %ju)\n", rows[i].words[0],
					rows[i].flags && *rows[i].flags ? " (duplicate)" : "", rows[i].shape.name,
					(double)twice / (double)once, (size_t)N, (uintmax_t)once);
	}
	assert_true(ok);
}

static void many_repairs_of_one_account_cost_their_square_at_most(void **state)
{
	(void)state;
	enum { N = 100, ALLOWED = 440 };
	uint64_t once = steps(&of_one_account, N), twice = steps(&of_one_account, (size_t)2 * N);
	if (twice * 100 > once * ALLOWED)
		fail_msg("%.2f times the steps for twice as much", (double)twice / (double)once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twice_as_much_costs_twice_as_much),
		cmocka_unit_test(many_repairs_of_one_account_cost_their_square_at_most),
	};
	n_steps = mmap(NULL, sizeof *n_steps, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (n_steps == MAP_FAILED)
		return 1;
	unsetenv("SPNKIT_DIRECTORY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
