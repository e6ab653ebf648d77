/* SPDX-License-Identifier: MIT */
#include "ops.h"

#define USER(name, more) "dn: CN=" name "," BASE "\nobjectClass: user\nsAMAccountName: " name "\nuserAccountControl: 512\n" \
	"msDS-SupportedEncryptionTypes: 24\n" more "\n"
#define COMPUTER(name, more) "dn: CN=" name "," BASE "\nobjectClass: computer\nsAMAccountName: " name "$\nuserAccountControl: 4096\n" \
	"dNSHostName: " name ".example.com\n" more "\n"
#define SPN(name) "servicePrincipalName: " name "\n"
/* 2026-01-01, in the two ways of counting */
#define NOW INT64_C(1767225600)

/* What a test finds: "code severity account spn;" each, and the last finding's repair. */
struct found {
	char list[4096];
	char text[1024], repair[1024];
	spn_plan *plan;
	spn_directory *dir;
	size_t n_left_out;
};

static spn_status note(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct found *found = data;
	size_t len = strlen(found->list);
	snprintf(found->list + len, sizeof found->list - len, "%s %s %s %s;", finding->code, spn_severity_name(finding->severity),
			finding->accounts[0].account, finding->spn ? finding->spn : "-");
	snprintf(found->text, sizeof found->text, "%s", finding->text);
	snprintf(found->repair, sizeof found->repair, "%s", finding->repair ? finding->repair : "");
	return SPN_OK;
}

static void look(const char *ldif, const spn_audit_options *options, struct found *found)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	*found = (struct found){ .n_left_out = 0 };
	if (spn_mock_new(ldif, SPN_RULES_WINDOWS, &dir, &err) || spn_audit(dir, options, note, found, &err))
		fail_msg("%s", err.message);
	spn_directory_free(dir);
}

static void expect(const char *ldif, const char *wanted, const char *repair)
{
	struct found found;
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.now = NOW;
	look(ldif, &options, &found);
	assert_string_equal(found.list, wanted);
	assert_string_equal(found.repair, repair);
}

static void what_is_in_order_is_not_told(void **state)
{
	(void)state;
	expect(USER("svc", SPN("http/app") "pwdLastSet: 134110000000000000\n")
		COMPUTER("web", SPN("HOST/web") SPN("HOST/web.example.com") SPN("RestrictedKrbHost/web"))
		"dn: CN=krbtgt," BASE "\nobjectClass: user\nsAMAccountName: krbtgt\nuserAccountControl: 514\n" SPN("kadmin/changepw"), "", "");
}

static void malformed_names_are_told_with_their_repair(void **state)
{
	(void)state;
	expect(USER("svc", SPN("HTTP/") SPN("HOSTWEB")), "malformed warning svc HTTP/;malformed warning svc HOSTWEB;", "spnkit delete HOSTWEB svc");
	expect(USER("svc", SPN("http/a b")), "malformed warning svc http/a b;", "spnkit delete 'http/a b' svc");
}

static void a_class_of_several_words_is_not_malformed(void **state)
{
	(void)state;
	expect(USER("svc", SPN("Microsoft Virtual Console Service/hv1") SPN("Hyper-V Replica Service/hv1")), "", "");
}

static void names_on_a_disabled_account_are_told_once(void **state)
{
	(void)state;
	expect("dn: CN=old," BASE "\nobjectClass: user\nsAMAccountName: old\nuserAccountControl: 514\npwdLastSet: 1\n" SPN("http/a") SPN("http/b"),
			"disabled-account warning old -;", "");
}

static void weak_keys_and_old_passwords_of_services_are_told(void **state)
{
	(void)state;
	/* the password is of 2024-12-31, one day too old */
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmsDS-SupportedEncryptionTypes: 4\npwdLastSet: 133800768000000000\n" SPN("x/a"),
			"weak-enctype warning a -;old-password warning a -;", "");
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\npwdLastSet: 133801632000000000\n" SPN("x/a"), "weak-enctype notice a -;", "");
	expect("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmsDS-SupportedEncryptionTypes: 4\npwdLastSet: 1\n", "", "");
	expect("dn: CN=a," BASE "\nobjectClass: msDS-GroupManagedServiceAccount\nsAMAccountName: a$\n" SPN("x/a"), "", "");
}

static void a_computer_that_is_not_found_is_told(void **state)
{
	(void)state;
	expect(COMPUTER("web", SPN("HOST/WEB")), "missing warning web$ -;", "spnkit defaults 'web$'");
	expect("dn: CN=new," BASE "\nobjectClass: computer\nsAMAccountName: NEW$\noperatingSystem: Linux\n", "missing notice NEW$ -;",
			"spnkit defaults 'NEW$'");
	expect(COMPUTER("web", "operatingSystem: Windows Server 2022\n" SPN("HOST/web") SPN("HOST/web.example.com") SPN("WSMAN/web")),
			"missing notice web$ -;", "spnkit add WSMAN/web.example.com WSMAN/web 'web$'");
}

static void an_account_that_no_machine_uses_lacks_nothing(void **state)
{
	(void)state;
	expect("dn: CN=new," BASE "\nobjectClass: computer\nsAMAccountName: NEW$\n", "", "");
	expect("dn: CN=sso," BASE "\nobjectClass: computer\nsAMAccountName: AZUREADSSOACC$\n" SPN("HTTP/autologon.example.net"), "", "");
}

static void a_conflict_object_is_reported_and_lacks_nothing(void **state)
{
	(void)state;
	expect("dn: CN=WEB\\0ACNF:6a3a1d0e-0000-4000-8000-00000000000c," BASE "\nobjectClass: computer\nsAMAccountName: WEB$\n"
			"dNSHostName: web.example.com\n", "conflict-object warning WEB$ -;", "");
	expect("dn: CN=web," BASE "\nobjectClass: computer\nsAMAccountName: $DUPLICATE-1f4\ndNSHostName: web.example.com\n",
			"conflict-object warning $DUPLICATE-1f4 -;", "");
}

static void nearly_too_many_names_are_told(void **state)
{
	(void)state;
	char *ldif = NULL;
	size_t size;
	FILE *file = open_memstream(&ldif, &size);
	assert_non_null(file);
	fputs("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\nmsDS-SupportedEncryptionTypes: 24\n", file);
	for (int i = 0; i < 1000; i++)
		fprintf(file, "servicePrincipalName: http/host%d\n", i);
	fclose(file);
	expect(ldif, "near-limit warning a -;", "");
	free(ldif);
}

static void a_upn_that_answers_for_a_name_is_told(void **state)
{
	(void)state;
	expect(USER("a", "userPrincipalName: http/x@EXAMPLE.COM\n"), "upn notice a http/x;", "spnkit add http/x a");
	expect(USER("a", "userPrincipalName: http/x@EXAMPLE.COM\n") USER("b", SPN("HTTP/X")), "upn warning a http/x;", "");
	expect(USER("a", "userPrincipalName: http/x@EXAMPLE.COM\n") USER("b", SPN("HOST/x")), "upn warning a http/x;", "");
	expect(USER("a", "userPrincipalName: http/x@EXAMPLE.COM\n" SPN("http/X")), "", "");
	expect(USER("a", "userPrincipalName: http/x@EXAMPLE.COM\n" SPN("HOST/X")), "", "");
}

static void collisions_are_told_too(void **state)
{
	(void)state;
	expect(USER("a", SPN("x/1")) USER("b", SPN("X/1") SPN("http/c")) COMPUTER("c", SPN("HOST/c") SPN("HOST/c.example.com")),
			"duplicate broken a x/1;alias-conflict warning b http/c;", "spnkit fix c");
}

static void a_pattern_chooses_accounts(void **state)
{
	(void)state;
	struct found found;
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.pattern = "http/*";
	look(USER("a", SPN("http/") SPN("nothing")) USER("b", SPN("something")), &options, &found);
	assert_string_equal(found.list, "malformed warning a http/;malformed warning a nothing;");
}

/* Hosts in a pretended DNS: "gone..." are not in it, at "silent..." it no longer answers. */
static spn_status pretend(const char *host, bool *ret_known, void *data, spn_error *err)
{
	strcat((char *)data, host);
	strcat((char *)data, ";");
	*ret_known = strncmp(host, "gone", 4) != 0;
	if (strncmp(host, "silent", 6) != 0)
		return SPN_OK;
	if (err)
		snprintf(err->message, sizeof err->message, "no answer");
	return SPN_ERR_UNREACHABLE;
}

static void hosts_are_asked_for_once_and_until_nobody_answers(void **state)
{
	(void)state;
	struct found found;
	char asked[512] = "";
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.knows_host = pretend;
	options.host_data = asked;
	look(USER("a", SPN("http/gone") SPN("http/web.example.com:80") SPN("x/WEB.example.com") SPN("x/E3514235-4B06-11D1-AB04-00C04FC2DCD2"))
		USER("b", SPN("http/silent.test") SPN("http/gone2")), &options, &found);
	assert_string_equal(asked, "gone.example.com;web.example.com;silent.test;");
	assert_string_equal(found.list, "unknown-host notice a http/gone;unreachable notice b http/silent.test;");
}

static spn_status repair(const spn_finding *finding, void *data, spn_error *err)
{
	struct found *found = data;
	return spn_propose_repair(found->plan, found->dir, finding, NULL, NULL, err);
}

static spn_status note_left_out(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct found *found = data;
	found->n_left_out++;
	snprintf(found->text, sizeof found->text, "%s", finding->text);
	return SPN_OK;
}

static void what_needs_no_decision_is_repaired(void **state)
{
	(void)state;
	static const char ldif[] = USER("a", SPN("http/") SPN("x/1") SPN("HOST/c") SPN("y/1"))
		"dn: CN=off," BASE "\nobjectClass: user\nsAMAccountName: off\nuserAccountControl: 514\n" SPN("X/1") SPN("HTTP/")
		"\n" USER("b", SPN("Y/1") SPN("http/c")) COMPUTER("c", SPN("HOST/c"));
	struct found found = { .n_left_out = 0 }, after;
	spn_error err = { .status = SPN_OK };
	assert_int_equal(spn_mock_new(ldif, SPN_RULES_WINDOWS, &found.dir, NULL), SPN_OK);
	assert_int_equal(spn_plan_new(&found.plan, NULL), SPN_OK);
	assert_int_equal(spn_audit(found.dir, NULL, repair, &found, &err), SPN_OK);
	char *text = plan_text(found.plan, SPN_PLAN_SETSPN);
	assert_non_null(strstr(text, "setspn -U -D http/ a"));
	assert_non_null(strstr(text, "setspn -U -D HTTP/ off"));
	assert_non_null(strstr(text, "setspn -U -D X/1 off"));
	assert_non_null(strstr(text, "setspn -U -D HOST/c a"));
	assert_null(strstr(text, "y/1"));
	assert_null(strstr(text, "Y/1"));
	assert_null(strstr(text, "http/c"));
	free(text);
	assert_int_equal(spn_plan_apply(found.plan, found.dir, NULL, NULL, NULL, &err), SPN_OK);
	look(spn_mock_ldif(found.dir), NULL, &after);
	assert_null(strstr(after.list, "malformed"));
	assert_null(strstr(after.list, "missing"));
	spn_plan_free(found.plan);
	spn_directory_free(found.dir);
}

static void a_repair_that_is_refused_is_left_out_and_told(void **state)
{
	struct fixture *f = *state;
	struct found found = { .n_left_out = 0 };
	const spn_account_ref ref = { "CN=nobody," BASE, "nobody" };
	const spn_finding gone = { .code = "malformed", .severity = SPN_SEVERITY_WARNING, .spn = "http/", .accounts = &ref, .n_accounts = 1, .text = "" };
	assert_int_equal(spn_propose_repair(f->plan, f->dir, &gone, note_left_out, &found, &f->err), SPN_OK);
	assert_int_equal(found.n_left_out, 1);
	assert_non_null(strstr(found.text, "left out of the plan"));
	assert_int_equal(spn_plan_count(f->plan), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_order_is_not_told),
		cmocka_unit_test(malformed_names_are_told_with_their_repair),
		cmocka_unit_test(a_class_of_several_words_is_not_malformed),
		cmocka_unit_test(names_on_a_disabled_account_are_told_once),
		cmocka_unit_test(weak_keys_and_old_passwords_of_services_are_told),
		cmocka_unit_test(a_computer_that_is_not_found_is_told),
		cmocka_unit_test(an_account_that_no_machine_uses_lacks_nothing),
		cmocka_unit_test(a_conflict_object_is_reported_and_lacks_nothing),
		cmocka_unit_test(nearly_too_many_names_are_told),
		cmocka_unit_test(a_upn_that_answers_for_a_name_is_told),
		cmocka_unit_test(collisions_are_told_too),
		cmocka_unit_test(a_pattern_chooses_accounts),
		cmocka_unit_test(hosts_are_asked_for_once_and_until_nobody_answers),
		cmocka_unit_test(what_needs_no_decision_is_repaired),
		with_sample(a_repair_that_is_refused_is_left_out_and_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
