/* SPDX-License-Identifier: MIT */
/* What it costs that many computers have one cn, by which Samba's KDC finds them: CN=web, each in an OU of its own. */
#include "cost_helper.h"

/* Begins the i-th of them. */
static void put_web(FILE *file, size_t i, const char *domain)
{
	fprintf(file, "dn: CN=web,OU=o%zu,%s\nobjectClass: computer\ncn: web\nsAMAccountName: P%zu$\n"
			"userAccountControl: 4096\noperatingSystem: Windows\n", i, domain, i);
}

/* Each lacks the name of its host. */
static void hosts_of_one_cn(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_web(file, i, BASE);
		fprintf(file, "dNSHostName: web.s%zu\nservicePrincipalName: HOST/P%zu\n\n", i, i);
	}
}

/* One half of them in another domain; each has a name that the others are found for. */
static void one_cn_in_two_domains(FILE *file, size_t n)
{
	fputs("dn: DC=kid," BASE "\nobjectClass: domainDNS\n\n", file);
	for (size_t i = 0; i < n; i++) {
		put_web(file, i, i < n / 2 ? BASE : "DC=kid," BASE);
		fprintf(file, "dNSHostName: p%zu.example.com\nservicePrincipalName: HOST/P%zu\n"
				"servicePrincipalName: HOST/p%zu.example.com\nservicePrincipalName: HOST/web.s%zu\n\n", i, i, i, i);
	}
}

static spn_status duplicates(spn_directory *dir, spn_error *err)
{
	spn_duplicates_options options = SPN_DUPLICATES_OPTIONS_INIT;
	options.forest = true;
	return spn_find_duplicates(dir, &options, ignore, NULL, err);
}

static spn_status audit(spn_directory *dir, spn_error *err)
{
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.forest = true;
	return spn_audit(dir, &options, ignore, NULL, err);
}

static const struct {
	struct shape shape;
	struct work work;
} looks[] = {
	{ SHAPE(hosts_of_one_cn), WORK(duplicates) }, { SHAPE(hosts_of_one_cn), WORK(audit) },
	{ SHAPE(one_cn_in_two_domains), WORK(duplicates) }, { SHAPE(one_cn_in_two_domains), WORK(audit) },
};

static void twice_as_many_of_one_cn_cost_twice_as_much(void **state)
{
	(void)state;
	bool ok = true;
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
		ok &= is_linear(&looks[i].shape, &looks[i].work, SPN_DIALECT_SAMBA);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twice_as_many_of_one_cn_cost_twice_as_much),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
