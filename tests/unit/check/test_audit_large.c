/* SPDX-License-Identifier: MIT */
/* A file so large that several threads look at its accounts: an audit says of it, in the same order, what it says if
 * one thread does. */
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "check/audit.h"
#include "directory/directory.h"

#define BASE "DC=kim,DC=com"
#define NOW INT64_C(1767225600) /* 2026-01-01 */
#define SID "objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUQQAAA==\n"
enum { N_ACCOUNTS = 30000, ODD_EACH = 611 };

static unsigned n_processors;
static bool no_threads;
static size_t n_looked_at, n_started;

int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	(void)pid;
	CPU_ZERO_S(size, set);
	for (size_t i = 0; i < n_processors; i++)
		CPU_SET_S(i, size, set);
	return 0;
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *data);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *data);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *), void *data)
{
	n_started += !no_threads;
	return no_threads ? EAGAIN : __real_pthread_create(thread, attr, fn, data);
}

spn_status __real_spk_account_borrow(const spn_entry *entry, spn_account **ret_account, spn_error *err);
spn_status __wrap_spk_account_borrow(const spn_entry *entry, spn_account **ret_account, spn_error *err);
spn_status __wrap_spk_account_borrow(const spn_entry *entry, spn_account **ret_account, spn_error *err)
{
	n_looked_at++;
	return __real_spk_account_borrow(entry, ret_account, err);
}

/* Records that are not like the others, some of them not ordinary, and one that is there twice; %u: a number. */
static const char *const odd[] = {
	"dn: CN=odd %u," BASE "\nobjectClass: user\nsAMAccountName: odd%u\npwdLastSet: 134110000000000000\n" SID
	"servicePrincipalName: http/odd%u\nservicePrincipalName: nonsense\n\n",
	"dn: CN=odd %u," BASE "\nobjectClass: user\nsAMAccountName: odd%u\npwdLastSet: 134110000000000000\n" SID
	"servicePrincipalName: http/fo\n lded%u\n\n",
	"dn: CN=odd %u,OU=a," BASE "\nobjectClass: user\nsAMAccountName: odd%u\nuserAccountControl: 66048\n"
	"pwdLastSet: 132223104000000000\n" SID "servicePrincipalName: http/app%u\n\n# a comment\n"
	"dn: CN=odd %u,OU=a," BASE "\nchangetype: modify\nadd: servicePrincipalName\nservicePrincipalName: more%u\n-\n\n",
	"dn: CN=odd %u," BASE "\nobjectClass: computer\nsAMAccountName: ODD%u$\ndNSHostName: odd%u.kim.com\n\n",
	"dn: CN=odd %u,DC=sub," BASE "\nobjectClass: user\nsAMAccountName: sub%u\npwdLastSet: 132223104000000000\n"
	"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAAEAAAAUQQAAA==\nservicePrincipalName: http/sub%u\n\n",
	"dn: CN=odd\\, %u," BASE "\nobjectClass: user\nsAMAccountName: esc%u\npwdLastSet: 132223104000000000\n" SID
	"servicePrincipalName: http/esc%u\n\n",
	"dn: CN=twice %u,OU=a," BASE "\nobjectClass: user\nsAMAccountName: twice%u\nuserAccountControl: 66048\n" SID
	"pwdLastSet: 132223104000000000\nservicePrincipalName: http/twice%u\n\n",
};
enum { N_ODD = sizeof odd / sizeof *odd, MORE = 2, TWICE = N_ODD - 1 };

static void put(FILE *file, const char *text, unsigned number)
{
	for (const char *at; (at = strstr(text, "%u")); text = at + 2)
		fprintf(file, "%.*s%u", (int)(at - text), text, number);
	fputs(text, file);
}

static void write_accounts(const char *path)
{
	static const char computer[] = "dn: CN=h%u," BASE "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: H%u$\n"
			"userAccountControl: 4096\n" SID "pwdLastSet: 132223104000000000\ndNSHostName: h%u.kim.com\n"
			"description: a computer with a description, so that there is much text for few computers, as usual\n"
			"servicePrincipalName: HOST/H%u\nservicePrincipalName: HOST/h%u.kim.com\n\n";
	static const char service[] = "dn: CN=svc%u,OU=a," BASE "\nobjectClass: user\nsAMAccountName: svc%u\n"
			"userAccountControl: 66048\n" SID "pwdLastSet: 132223104000000000\n"
			"description: a service with a description, so that there is much text for few services, as usual\n"
			"servicePrincipalName: http/svc%u.kim.com\nservicePrincipalName:: aHR0cC94\n\n";
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("dn: " BASE "\nobjectClass: domainDNS\n\n", file);
	for (unsigned i = 0; i < N_ACCOUNTS; i++) {
		put(file, i % 2 ? service : computer, i);
		const unsigned which = i / ODD_EACH % N_ODD;
		for (unsigned more = 0; i % ODD_EACH == 0 && more < 2; more++)
			put(file, odd[which], which == TWICE ? i : i + more); /* the same word for word is left out */
	}
	assert_int_equal(fclose(file), 0);
}

struct said {
	spk_text text;
	size_t n, n_max; /* n_max: the finding behind so many stops the audit; 0: none does */
	const char *cuts; /* the file that the first finding cuts off */
};

static spn_status note(const spn_finding *finding, void *data, spn_error *err)
{
	struct said *said = data;
	spk_text_add(&said->text, "%s %s %s %s\n", finding->code, finding->spn ? finding->spn : "-",
			finding->n_accounts ? finding->accounts[0].dn : "-", finding->text);
	if (said->cuts && said->n == 0)
		assert_int_equal(truncate(said->cuts, 1 << 20), 0);
	bool is_enough = ++said->n == said->n_max;
	return is_enough ? spn_fail(err, SPN_ERR_REFUSED, 0, "enough") : SPN_OK;
}

static spn_status count(size_t n_accounts, size_t n_names, void *data, spn_error *err)
{
	struct said *said = data;
	(void)err;
	spk_text_add(&said->text, "%zu accounts, %zu names\n", n_accounts, n_names);
	return SPN_OK;
}

static spn_status audit(const char *path, spn_dialect rules, unsigned processors, struct said *said)
{
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	spn_open_options open = SPN_OPEN_OPTIONS_INIT;
	SPK_AUTO(spn_directory) *dir = NULL;
	char url[80];
	spn_error err = { .status = SPN_OK };
	snprintf(url, sizeof url, "ldif:%s", path);
	open.dialect = rules;
	options.now = NOW;
	options.progress = count;
	options.progress_data = said;
	n_processors = processors;
	assert_int_equal(spn_directory_open(url, &open, &dir, &err), SPN_OK);
	n_looked_at = n_started = 0;
	spn_status status = spn_audit(dir, &options, note, said, &err);
	assert_false(said->text.failed);
	return status;
}

static char path[] = "/tmp/spnkit-test-XXXXXX";

static int setup(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0 && close(fd) == 0);
	write_accounts(path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

static int count_of(const char *text, const char *what)
{
	int n = 0;
	for (const char *at = text; (at = strstr(at, what)); at++)
		n++;
	return n;
}

static void compare(spn_dialect rules, size_t n_max, spn_status wanted)
{
	struct said alone = { .n_max = n_max }, together = { .n_max = n_max };
	assert_int_equal(audit(path, rules, 1, &alone), wanted);
	assert_int_equal(n_started, 0);
	size_t n_alone = n_looked_at;
	assert_int_equal(audit(path, rules, 3, &together), wanted);
	assert_int_equal(n_started, no_threads ? 0 : 1); /* of 10 MB, so many threads make sense */
	assert_string_equal(together.text.data, alone.text.data);
	assert_true(n_looked_at < n_alone + 100);
	for (unsigned i = 0; wanted == SPN_OK && i < N_ACCOUNTS; i += ODD_EACH) {
		char twice[64], more[64];
		snprintf(twice, sizeof twice, "old-password - CN=twice %u,", i);
		snprintf(more, sizeof more, "malformed more%u ", i);
		assert_int_equal(count_of(together.text.data, twice), i / ODD_EACH % N_ODD == TWICE);
		assert_int_equal(count_of(together.text.data, more), i / ODD_EACH % N_ODD == MORE);
	}
	spk_text_free(&alone.text);
	spk_text_free(&together.text);
}

static void an_audit_says_the_same_with_several_threads(void **state)
{
	(void)state;
	compare(SPN_DIALECT_WINDOWS, 0, SPN_OK);
	compare(SPN_DIALECT_SAMBA, 0, SPN_OK);
	no_threads = true;
	compare(SPN_DIALECT_WINDOWS, 0, SPN_OK);
	no_threads = false;
}

static void an_audit_that_is_canceled_ends_its_threads(void **state)
{
	(void)state;
	compare(SPN_DIALECT_WINDOWS, 1, SPN_ERR_REFUSED);
	compare(SPN_DIALECT_WINDOWS, 5000, SPN_ERR_REFUSED);
}

/* By whoever the callback waits for. */
static void a_file_that_is_cut_off_meanwhile_does_not_pass_for_the_whole(void **state)
{
	(void)state;
	char copy[] = "/tmp/spnkit-test-XXXXXX";
	struct said said = { .cuts = copy };
	int fd = mkstemp(copy);
	assert_true(fd >= 0 && close(fd) == 0);
	write_accounts(copy);
	assert_int_not_equal(audit(copy, SPN_DIALECT_WINDOWS, 3, &said), SPN_OK);
	spk_text_free(&said.text);
	assert_int_equal(unlink(copy), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_file_that_is_cut_off_meanwhile_does_not_pass_for_the_whole),
		cmocka_unit_test(an_audit_says_the_same_with_several_threads),
		cmocka_unit_test(an_audit_that_is_canceled_ends_its_threads) };
	return cmocka_run_group_tests_name("audit_large", tests, setup, teardown);
}
