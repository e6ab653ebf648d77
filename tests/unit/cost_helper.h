/* SPDX-License-Identifier: MIT */
/*
 * cost_helper.h - what work costs, in steps: the library is compiled once more so that each basic block calls us
 * (-fsanitize-coverage=trace-pc).  The count is the same on a busy machine.  Directories are made to be as hard as
 * somebody who writes an export can make them.
 */
#ifndef COST_HELPER_H
#define COST_HELPER_H

#include "unit.h"

#include <stdatomic.h>
#include <unistd.h>

static atomic_uint_fast64_t n_steps;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	atomic_fetch_add_explicit(&n_steps, 1, memory_order_relaxed);
}

#define BASE "DC=example,DC=com"

static inline void put_account(FILE *file, size_t i)
{
	fprintf(file, "dn: CN=a%zu," BASE "\nobjectClass: user\nsAMAccountName: a%zu\nuserAccountControl: 512\n", i, i);
}

static inline void many_hosts(FILE *file, size_t n)
{
	fputs("dn: CN=c," BASE "\nobjectClass: computer\nsAMAccountName: C$\ndNSHostName: c.example.com\n"
			"operatingSystem: Windows\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "msDS-AdditionalDnsHostName: h%zu.example.com\nservicePrincipalName: HOST/h%zu.example.com\n", i, i);
	fputs("\n", file);
}

struct shape {
	const char *name;
	void (*put)(FILE *file, size_t n);
	bool is_table; /* not LDIF */
};
#define SHAPE(of) { .name = #of, .put = (of) }
#define TABLE(of) { .name = #of, .put = (of), .is_table = true }

static inline spn_status ignore(const spn_finding *finding, void *data, spn_error *err)
{
	(void)finding;
	(void)data;
	(void)err;
	return SPN_OK;
}

struct work {
	const char *name;
	spn_status (*run)(spn_directory *dir, spn_error *err);
};
#define WORK(of) { #of, of }

static inline uint64_t steps(const struct shape *shape, const struct work *work, spn_dialect rules, size_t n)
{
	char url[64] = "ldif:/tmp/spnkit-cost-XXXXXX";
	int fd = mkstemp(url + 5);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	spn_directory *dir = NULL;
	spn_error err = { .status = SPN_OK };
	assert_non_null(file);
	if (!shape->is_table)
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

/* Twice the accounts or names, twice the steps; a little more for what is sorted.  A table that has to grow between two
 * sizes does so once: what is not linear, is not at the next size either. */
static inline bool is_linear(const struct shape *shape, const struct work *work, spn_dialect rules)
{
	enum { N = 300, ALLOWED = 240 };
	uint64_t once = steps(shape, work, rules, N), twice = steps(shape, work, rules, (size_t)2 * N);
	bool ok = twice * 100 <= once * ALLOWED || steps(shape, work, rules, (size_t)4 * N) * 100 <= twice * ALLOWED;
	if (!ok)
		print_error("%s of %s (%s): %.2f times the steps for twice as much (%zu: %ju)\n", work->name, shape->name,
				rules == SPN_DIALECT_SAMBA ? "samba" : "windows", (double)twice / (double)once, (size_t)N, (uintmax_t)once);
	return ok;
}

#endif
