/* SPDX-License-Identifier: MIT */
/* A command that a message recommends is pasted into a shell.  What a directory calls a domain is a word
 * of it and nothing else: a shell takes each command apart here, and finds the words that are meant. */
#include "ops.h"
#include "returned.h"
#include "remedy_helper.h"
#include "report/hint.h"

#include <spnkit/backend.h>

/* Domains as somebody who writes an export, or answers for a KDC, may call them. */
static const char *const names[] = { "--journal", "a b", "$(id)", "`id`", "it's", "x;id", "a|b&c", "*", "\"", "~root",
	"#x", "!x", "<x>", "-", "far" };
enum { N_NAMES = sizeof names / sizeof *names };

static char domain[60], dn[80];

/* A directory with our domain, the domain NAME.example, and an account in it that holds a name of ours. */
static void choose(struct fixture *f, size_t i)
{
	char text[sizeof sample + 200], escaped[40] = "";
	size_t n = 0;
	for (const char *at = names[i]; *at; at++)
		n += (size_t)snprintf(escaped + n, sizeof escaped - n, "%s%c", strchr("\"#;<>", *at) ? "\\" : "", *at);
	snprintf(domain, sizeof domain, "%s.example", names[i]);
	snprintf(dn, sizeof dn, "CN=far,DC=%s,DC=example", escaped);
	snprintf(text, sizeof text, "%s\ndn: %s\nobjectClass: user\nsAMAccountName: far\n"
		"servicePrincipalName: HTTP/web\n", sample, dn);
	spn_directory_free(f->dir);
	f->dir = NULL;
	if (spn_mock_new(text, SPN_DIALECT_WINDOWS, &f->dir, &f->err))
		fail_msg("%s: %s", dn, f->err.message);
}

/* Behind start, a message has these words as a shell understands them, up to end. */
static void expect_words(const char *message, const char *start, const char *end, const char *words)
{
	char command[4096], got[4096];
	const char *from = strstr(message, start);
	assert_non_null(from);
	from += strlen(start);
	const char *to = *end ? strstr(from, end) : from + strlen(from);
	assert_non_null(to);
	snprintf(command, sizeof command, "set -f; HOME=/home printf '[%%s]' %.*s", (int)(to - from), from);
	FILE *shell = popen(command, "r");
	assert_non_null(shell);
	got[fread(got, 1, sizeof got - 1, shell)] = '\0';
	if (pclose(shell) != 0 || strcmp(got, words) != 0)
		fail_msg("a shell finds %s, not %s, in: %s", got, words, message);
}

static void the_domain_of_an_account_is_a_word(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < N_NAMES; i++) {
		spn_account *account = NULL;
		char text[200], words[200];
		choose(f, i);
		snprintf(text, sizeof text, "CN=nobody%s", strchr(dn, ','));
		assert_int_equal(spn_account_find(f->dir, text, SPN_WANT_ANY, &account, &f->err), SPN_ERR_NOT_FOUND);
		snprintf(words, sizeof words, "[%s]", domain);
		spk_hint_add(&f->err);
		expect_words(f->err.message, ": -T ", "", words);
	}
}

static void the_domain_of_groups_is_a_word(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < N_NAMES; i++) {
		char text[200], words[200];
		choose(f, i);
		snprintf(text, sizeof text, "CN=nobody%s", strchr(dn, ','));
		assert_int_equal(spn_propose_membership(f->plan, f->dir, "pool", text, 0, NULL, NULL, &f->err), SPN_ERR_REFUSED);
		snprintf(words, sizeof words, "[%s]", domain);
		spk_hint_add(&f->err);
		expect_words(f->err.message, ": -T ", "", words);
	}
}

static void the_domain_of_a_holder_elsewhere_is_a_word(void **state)
{
	struct fixture *f = *state;
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	options.flags = SPN_FOREST;
	for (size_t i = 0; i < N_NAMES; i++) {
		char words[100];
		choose(f, i);
		assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", &options, &f->err), SPN_ERR_REFUSED);
		snprintf(words, sizeof words, "[%s]", domain);
		spk_hint_add(&f->err);
		expect_words(f->err.message, "delete it there first: -T ", "", words);
	}
}

/* ---- repairs ---- */

static spn_status keep_repair(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	if (finding->n_repairs && finding->repairs->kind == SPN_REPAIR_ADD)
		remedy_keep(finding, data, 400);
	return SPN_OK;
}

/* The class is what the user asked about, a host what somebody gave to the computer. */
static void no_name_that_is_missing_is_an_option(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "dn: " BASE "\nobjectClass: domainDNS\n\ndn: " WEB "\nobjectClass: computer\n"
		"sAMAccountName: WEB$\n"
		"dNSHostName: $(id).example.com\noperatingSystem: x\nuserAccountControl: 4096\n";
	char repair[400] = "";
	spn_diagnose_options options = SPN_DIAGNOSE_OPTIONS_INIT;
	options.service = "--journal";
	spn_directory_free(f->dir);
	assert_int_equal(spn_mock_new(text, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	assert_int_equal(spn_diagnose(f->dir, NULL, "web", &options, keep_repair, repair, &f->err), SPN_OK);
	expect_words(repair, "spnkit add", "", "[--][--journal/$(id).example.com][--journal/WEB][WEB$]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(the_domain_of_an_account_is_a_word),
		with_sample(the_domain_of_groups_is_a_word),
		with_sample(the_domain_of_a_holder_elsewhere_is_a_word),
		with_sample(no_name_that_is_missing_is_an_option),
	};
	return cmocka_run_group_tests_name("shell_words", tests, NULL, NULL);
}
