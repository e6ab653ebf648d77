/* SPDX-License-Identifier: MIT */
/* audit: what a plan makes of its findings, which differs where Samba's KDC serves what Windows does not. */
#include "audit_helper.h"

/* What the findings of an audit come to. */
struct repairs {
	spn_directory *dir;
	spn_plan *plan;
};

static spn_status repair(const spn_finding *finding, void *data, spn_error *err)
{
	const struct repairs *repairs = data;
	return spn_propose_repair(repairs->plan, repairs->dir, finding, NULL, NULL, err);
}

/* The plan that an audit makes of a directory, in setspn's words. */
static void expect_plan_by(spn_dialect rules, const char *ldif, const char *wanted)
{
	struct repairs repairs = { .dir = NULL };
	spn_error err = { .status = SPN_OK };
	if (spn_mock_new(ldif, rules, &repairs.dir, &err) || spn_plan_new(&repairs.plan, &err) ||
			spn_audit(repairs.dir, NULL, repair, &repairs, &err))
		fail_msg("%s", err.message);
	char list[1024] = "";
	for (size_t i = 0; i < spn_plan_count(repairs.plan); i++) {
		const spn_step *step = spn_plan_step(repairs.plan, i);
		for (size_t j = 0; j < step->n_mods; j++) {
			size_t len = strlen(list);
			snprintf(list + len, sizeof list - len, "%c%.*s %s;", step->mods[j].op == SPN_MOD_ADD ? '+' : '-',
					(int)step->mods[j].value.len, step->mods[j].value.data, step->account);
		}
	}
	assert_string_equal(list, wanted);
	spn_plan_free(repairs.plan);
	spn_directory_free(repairs.dir);
}

static void expect_plan(const char *ldif, const char *wanted)
{
	expect_plan_by(SPN_DIALECT_WINDOWS, ldif, wanted);
}

/* ldb compares without the blanks at the ends, so that a deletion would take both. */
static void a_malformed_spelling_stays_beside_one_that_clients_ask_for(void **state)
{
	(void)state;
	static const char blank[] = "servicePrincipalName:: aHR0cC94IA==\n"; /* "http/x " */
	char both[512], alone[512];
	snprintf(both, sizeof both, USER("a", SPN("http/x") "%s"), blank);
	snprintf(alone, sizeof alone, USER("a", "%s"), blank);
	expect_plan_by(SPN_DIALECT_SAMBA, both, "");
	expect_plan_by(SPN_DIALECT_SAMBA, alone, "");
	expect_plan_by(SPN_DIALECT_WINDOWS, both, "-http/x  a;");
	/* an ideographic space at the end: equal to the other one on Windows, and not known to be in vain */
	expect_plan_by(SPN_DIALECT_WINDOWS,
			USER("a", "servicePrincipalName:: aHR0cC94IA==\nservicePrincipalName:: aHR0cC9444CA\n"), "");
}

/* Samba's KDC gives tickets for them, and a service with a keytab reads those. */
static void on_samba_names_of_disabled_accounts_are_in_use(void **state)
{
	(void)state;
	struct found found;
	look_by(SPN_DIALECT_SAMBA, USER_OFF("old", SPN("http/a") SPN("http/b")), NULL, &found);
	assert_string_equal(found.list, "disabled-account notice old -;");
	assert_string_equal(found.all_repairs, ";");
	assert_non_null(strstr(found.text, "a KDC of Samba gives tickets for them all the same"));
	/* who of two shall keep a name, nothing says */
	look_by(SPN_DIALECT_SAMBA, USER("svc", SPN("http/a")) USER_OFF("old", SPN("http/a")), NULL, &found);
	assert_non_null(strstr(found.list, "duplicate broken svc http/a;"));
	assert_string_equal(found.all_repairs, ";;");
	expect_plan_by(SPN_DIALECT_SAMBA, USER("svc", SPN("http/a")) USER_OFF("old", SPN("http/a")), "");
	expect_plan_by(SPN_DIALECT_WINDOWS, USER("svc", SPN("http/a")) USER_OFF("old", SPN("http/a")), "-http/a old;");
}

/* What has a '/', and no blank inside, tab, end of line or '@', is found by Samba's KDC when it is asked for (as the
 * test "names" of the lab sees). */
static void what_sambas_kdc_serves_is_not_deleted(void **state)
{
	(void)state;
	static const char served[] = USER("a", "servicePrincipalName:: IGh0dHAvbGVhZA==\n"
			"servicePrincipalName:: aHR0cC90cmFpbCA=\n" SPN("http//dbl") SPN("/x") SPN("http/")
			SPN("a/b/") SPN("a/b/c/d") SPN("http:/col") SPN("\"http/q\"") SPN("http/a,http/b") SPN("http/in\\\\ ner"));
	struct found found;
	expect_plan_by(SPN_DIALECT_SAMBA, served, "");
	look_by(SPN_DIALECT_SAMBA, served, NULL, &found);
	assert_null(strstr(found.list, "warning"));
	assert_null(strstr(found.all_repairs, "spnkit"));
	expect_plan_by(SPN_DIALECT_SAMBA,
			USER("a", SPN("noslash") SPN("http/x@EXAMPLE.COM") "servicePrincipalName:: aHR0cC90YWIJ\n"
			SPN("http/a, http/b")), "-noslash a;-http/x@EXAMPLE.COM a;-http/tab\t a;-http/a, http/b a;");
}

static void the_sentence_says_what_samba_is_asked_for(void **state)
{
	(void)state;
	struct found found;
	look_by(SPN_DIALECT_SAMBA, USER("a", "servicePrincipalName:: IGh0dHAvbGVhZCA=\n"), NULL, &found);
	assert_string_equal(found.list, "malformed notice a  http/lead ;");
	assert_non_null(strstr(found.text, "who asks Samba's KDC for 'http/lead' gets a ticket"));
	look(USER("a", "servicePrincipalName:: IGh0dHAvbGVhZCA=\n"), NULL, &found);
	assert_non_null(strstr(found.text, "no client asks for it"));
}

/* Programs that end it there see another name, and no command could give it. */
static void a_name_with_a_nul_is_malformed_and_no_command_names_another(void **state)
{
	(void)state;
	static const char ldif[] = USER("a", "servicePrincipalName:: aHR0cC9wcmUAeA==\n")
		"dn: CN=off\\0ACNF:11111111-2222-3333-4444-555555555555," BASE "\nobjectClass: user\n"
		"sAMAccountName: off\nuserAccountControl: 512\n"
		"servicePrincipalName:: eC9vZmYAeA==\n\n" USER("b", SPN("http/pre") SPN("x/off"));
	for (int rules = SPN_DIALECT_WINDOWS; rules <= SPN_DIALECT_SAMBA; rules++) {
		struct found found;
		look_by((spn_dialect)rules, ldif, NULL, &found);
		assert_non_null(strstr(found.list, "malformed warning a http/pre\\x00x;"));
		assert_non_null(strstr(found.list, "malformed warning off x/off\\x00x;"));
		assert_null(strstr(found.all_repairs, "http/pre"));
		assert_null(strstr(found.all_repairs, "x/off"));
		assert_int_equal(!!strstr(found.list, "duplicate broken a http/pre;"), rules == SPN_DIALECT_SAMBA);
		/* the plan in LDIF deletes the very value */
		expect_plan_by((spn_dialect)rules, ldif, rules == SPN_DIALECT_SAMBA ? "-x/off off;" : "");
	}
	struct found found;
	look_by(SPN_DIALECT_SAMBA, USER("a", "servicePrincipalName:: aHR0cC9wcmUAeA==\n"), NULL, &found);
	assert_non_null(strstr(found.text, "byte 9 is NUL"));
	assert_non_null(strstr(found.text, "who asks Samba's KDC for 'http/pre' gets a ticket"));
	assert_non_null(strstr(found.text, "servicePrincipalName:: aHR0cC9wcmUAeA=="));
}

static void what_needs_no_decision_is_repaired(void **state)
{
	(void)state;
	static const char ldif[] = USER("a", SPN("http/") SPN("x/1") SPN("HOST/c") SPN("y/1"))
		"dn: CN=off," BASE "\nobjectClass: user\nsAMAccountName: off\nuserAccountControl: 514\n" SPN("X/1") SPN("HTTP/")
		"\n" USER("b", SPN("Y/1") SPN("http/c")) COMPUTER("c", "operatingSystem: Windows 11\n" SPN("HOST/c"));
	struct repairs repairs = { .dir = NULL };
	struct found after;
	spn_error err = { .status = SPN_OK };
	expect_plan(ldif, "-http/ a;-HTTP/ off;+HOST/c.example.com c$;+RestrictedKrbHost/c.example.com c$;"
			"+RestrictedKrbHost/c c$;-X/1 off;-HOST/c a;");
	assert_int_equal(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &repairs.dir, NULL), SPN_OK);
	assert_int_equal(spn_plan_new(&repairs.plan, NULL), SPN_OK);
	assert_int_equal(spn_audit(repairs.dir, NULL, repair, &repairs, &err), SPN_OK);
	assert_int_equal(spn_plan_apply(repairs.plan, repairs.dir, NULL, NULL, NULL, &err), SPN_OK);
	look(spn_mock_ldif(repairs.dir), NULL, &after);
	assert_null(strstr(after.list, "malformed"));
	assert_null(strstr(after.list, "missing"));
	spn_plan_free(repairs.plan);
	spn_directory_free(repairs.dir);
}

static void only_a_name_that_no_request_can_match_is_deleted(void **state)
{
	(void)state;
	expect_plan(USER("a", SPN("HOSTX") SPN("http//x") SPN("http/x/") SPN("a/b/c/d")
			"servicePrincipalName:: aHR0cC93ZWIg\n"),
			"-HOSTX a;-http//x a;-http/x/ a;-a/b/c/d a;-http/web  a;");
	expect_plan(USER("a", SPN("\"http/a\"") SPN("http/a,http/b") SPN("http/a;http/b") SPN("x/h/CN=a,DC=b")
			SPN("x/o'brien")), "-\"http/a\" a;-http/a,http/b a;-http/a;http/b a;");
	expect_plan(USER("a", SPN("NPRepository4(*)/web") SPN("host/2001:db8::15") SPN("cifs/[2001:db8::15]")
			SPN("http/2001:db8::15")), "");
	/* a zero-width space: Windows compares without it, so that this is http/web */
	expect_plan(USER("a", "servicePrincipalName:: aHR0cC93ZeKAi2I=\n"), "");
}

static void a_live_account_keeps_its_name_against_a_disabled_one_only(void **state)
{
	(void)state;
	expect_plan(USER("a", SPN("x/1")) "dn: CN=off," BASE "\nobjectClass: user\nsAMAccountName: off\n"
			"userAccountControl: 514\n" SPN("x/1"), "-x/1 off;");
	expect_plan(USER("a", SPN("x/1")) USER("b", SPN("x/1")), "");
	/* whether an account is enabled must be known */
	expect_plan("dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\n" SPN("x/1") "\ndn: CN=off," BASE "\n"
			"objectClass: user\n"
			"sAMAccountName: off\nuserAccountControl: 514\n" SPN("x/1"), "");
	/* the machine itself is disabled: who uses its name meanwhile is for a person to say */
	expect_plan(USER("a", SPN("HOST/pc")) OFF("pc", SPN("HOST/pc")), "");
}

static void a_name_of_a_machine_stays_with_the_only_machine_that_claims_it(void **state)
{
	(void)state;
#define FILE_SERVER COMPUTER("fs", SPN("HOST/fs") SPN("HOST/fs.example.com"))
	expect_plan(FILE_SERVER COMPUTER("other", SPN("HOST/other") SPN("HOST/other.example.com") SPN("HOST/fs")),
			"-HOST/fs other$;");
	/* netdom computername /add */
	expect_plan(FILE_SERVER COMPUTER("other", "msDS-AdditionalDnsHostName: fs.example.com\n" SPN("HOST/other")
			SPN("HOST/other.example.com")
			SPN("HOST/fs")), "");
	/* two computers with one name in DNS */
	expect_plan(FILE_SERVER "dn: CN=twin," BASE "\nobjectClass: computer\nsAMAccountName: TWIN$\n"
			"userAccountControl: 4096\n"
			"dNSHostName: fs.example.com\n" SPN("HOST/twin") SPN("HOST/fs.example.com") "\n", "");
	/* a computer that is fs in another DNS domain */
	expect_plan(FILE_SERVER "dn: CN=far," BASE "\nobjectClass: computer\nsAMAccountName: FAR$\nuserAccountControl: 4096\n"
			"dNSHostName: fs.branch.example.com\n" SPN("HOST/far") SPN("HOST/fs.branch.example.com") SPN("HOST/fs") "\n", "");
	/* a service with a port is not the machine's */
	expect_plan(FILE_SERVER USER("svc", SPN("http/fs:8080"))
			COMPUTER("other", SPN("HOST/other") SPN("HOST/other.example.com")
			SPN("http/fs:8080")), "");
}

static void what_lost_a_replication_conflict_keeps_nothing_and_gets_nothing(void **state)
{
	(void)state;
	static const char ldif[] = COMPUTER("web", "operatingSystem: Windows Server 2019\n" SPN("HOST/web")
			SPN("HOST/web.example.com")
			SPN("WSMAN/web") SPN("WSMAN/web.example.com"))
		"dn: CN=web\\0ACNF:6a3a1d0e-0000-4000-8000-00000000000c," BASE "\nobjectClass: computer\n"
		"sAMAccountName: $DUPLICATE-1f4\n"
		"userAccountControl: 4096\noperatingSystem: Windows Server 2019\ndNSHostName: web.example.com\n" SPN("HOST/web")
		SPN("HOST/web.example.com");
	expect_plan(ldif, "-HOST/web $DUPLICATE-1f4;-HOST/web.example.com $DUPLICATE-1f4;");
	expect(ldif, "conflict-object warning $DUPLICATE-1f4 -;duplicate broken web$ HOST/web;"
			"duplicate broken web$ HOST/web.example.com;",
			"spnkit delete HOST/web.example.com '$DUPLICATE-1f4'");
}

static void a_computer_that_is_no_windows_may_have_names_of_its_fqdn_only(void **state)
{
	(void)state;
	static const char *const systems[] = { "", "operatingSystem: Samba\n", "operatingSystem: pc-linux-gnu\n",
		"operatingSystem: Rocky Linux\n" };
	char ldif[1024];
	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
		snprintf(ldif, sizeof ldif, COMPUTER("lin", SPN("host/lin.example.com") SPN("nfs/lin.example.com") "%s"), systems[i]);
		expect(ldif, "", "");
		expect_plan(ldif, "");
		/* what uses the short name, and what lacks the FQDN */
		snprintf(ldif, sizeof ldif, COMPUTER("lin", SPN("host/lin.example.com") SPN("RestrictedKrbHost/lin")
				"%s"), systems[i]);
		expect(ldif, "missing warning lin$ -;", "spnkit defaults 'lin$'");
		expect_plan(ldif, "");
		snprintf(ldif, sizeof ldif, COMPUTER("lin", SPN("host/lin") "%s"), systems[i]);
		expect(ldif, "missing warning lin$ -;", "spnkit defaults 'lin$'");
		expect_plan(ldif, "");
	}
	expect(COMPUTER("win", SPN("host/win.example.com") "operatingSystem: Windows 11 Pro\n"), "missing warning win$ -;",
			"spnkit defaults 'win$'");
}

/* A computer that runs something. */
#define SERVER(sam, dns, more) "dn: CN=" sam "," BASE "\nobjectClass: computer\nsAMAccountName: " sam "$\n" \
	"userAccountControl: 4096\n" dns more "\n"
#define SYSTEM "operatingSystem: Windows 11\n"

static void default_names_come_back_only_where_the_host_is_proved(void **state)
{
	(void)state;
	expect_plan(SERVER("pc", "dNSHostName: pc.example.com\n", SYSTEM SPN("HOST/pc") SPN("RestrictedKrbHost/pc")
			SPN("RestrictedKrbHost/pc.example.com")), "+HOST/pc.example.com pc$;");
	/* the FQDN would be a guess */
	expect_plan(SERVER("pc", "", SYSTEM SPN("HOST/x")), "");
	expect_plan(SERVER("pc", "dNSHostName: pc.example.com\n", SPN("HOST/x")), "");            /* perhaps no machine */
	expect_plan(SERVER("pc", "dNSHostName: nas.example.com\n", SYSTEM SPN("HOST/x")), "");    /* two names for one host */
	/* the cluster's task */
	expect_plan(SERVER("clu", "dNSHostName: clu.example.com\n", SYSTEM SPN("MSClusterVirtualServer/clu")), "");
	expect_plan(OFF("pc", SYSTEM SPN("HOST/x")), "");
	expect_plan(SERVER("pc", "dNSHostName: pc.example.com\n", SYSTEM) SERVER("pc2", "dNSHostName: pc.example.com\n", SYSTEM
			SPN("HOST/pc2")), "");
	/* others who claim the host: an additional name, a dot at the end, the userPrincipalName of an account */
	expect_plan(SERVER("pc", "dNSHostName: pc.example.com\n", SYSTEM)
			SERVER("pc2", "dNSHostName: pc2.example.com\n", SYSTEM
			"msDS-AdditionalDnsHostName: pc.example.com\n" SPN("HOST/pc2") SPN("HOST/pc2.example.com")
			SPN("RestrictedKrbHost/pc2") SPN("RestrictedKrbHost/pc2.example.com")), "");
	expect_plan(SERVER("pc", "dNSHostName: pc.example.com\n", SYSTEM)
			SERVER("pc2", "dNSHostName: PC.example.com.\n", SYSTEM
			SPN("HOST/pc2") SPN("RestrictedKrbHost/pc2")), "");
	expect_plan(SERVER("pc", "dNSHostName: pc.example.com\n", SYSTEM)
			"dn: CN=u," BASE "\nobjectClass: user\nsAMAccountName: u\n"
			"userPrincipalName: HOST/pc.example.com@example.com\n\n", "");
	expect_plan(SERVER("pc", "dNSHostName: pc.example.com\n", SYSTEM)
			"dn: CN=u," BASE "\nobjectClass: user\nsAMAccountName: u\n"
			"userPrincipalName: HOST/pc.example.com\n\n", "");
	/* for that of a disabled account there are no tickets */
	expect_plan(SERVER("pc", "dNSHostName: pc.example.com\n", SYSTEM)
			"dn: CN=u," BASE "\nobjectClass: user\nsAMAccountName: u\nuserAccountControl: 514\n"
			"userPrincipalName: HOST/pc.example.com@example.com\n\n",
			"+HOST/pc.example.com pc$;+HOST/pc pc$;+RestrictedKrbHost/pc.example.com pc$;+RestrictedKrbHost/pc pc$;");
}

struct left_out {
	size_t n;
	char text[1024];
};

static spn_status note_left_out(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct left_out *left_out = data;
	left_out->n++;
	snprintf(left_out->text, sizeof left_out->text, "%s", finding->text);
	return SPN_OK;
}

static void a_repair_that_is_refused_is_left_out_and_told(void **state)
{
	struct fixture *f = *state;
	struct left_out left_out = { .n = 0 };
	const spn_account_ref ref = { "CN=nobody," BASE, "nobody" };
	const spn_finding gone = { .code = "malformed", .severity = SPN_SEVERITY_WARNING, .spn = "http/",
		.accounts = &ref, .n_accounts = 1, .text = "" };
	assert_int_equal(spn_propose_repair(f->plan, f->dir, &gone, note_left_out, &left_out, &f->err), SPN_OK);
	assert_int_equal(left_out.n, 1);
	assert_non_null(strstr(left_out.text, "left out of the plan"));
	assert_int_equal(spn_plan_count(f->plan), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_computer_that_is_no_windows_may_have_names_of_its_fqdn_only),
		cmocka_unit_test(on_samba_names_of_disabled_accounts_are_in_use),
		cmocka_unit_test(a_malformed_spelling_stays_beside_one_that_clients_ask_for),
		cmocka_unit_test(what_sambas_kdc_serves_is_not_deleted),
		cmocka_unit_test(the_sentence_says_what_samba_is_asked_for),
		cmocka_unit_test(a_name_with_a_nul_is_malformed_and_no_command_names_another),
		cmocka_unit_test(what_needs_no_decision_is_repaired),
		cmocka_unit_test(only_a_name_that_no_request_can_match_is_deleted),
		cmocka_unit_test(a_live_account_keeps_its_name_against_a_disabled_one_only),
		cmocka_unit_test(a_name_of_a_machine_stays_with_the_only_machine_that_claims_it),
		cmocka_unit_test(what_lost_a_replication_conflict_keeps_nothing_and_gets_nothing),
		cmocka_unit_test(default_names_come_back_only_where_the_host_is_proved),
		with_sample(a_repair_that_is_refused_is_left_out_and_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
