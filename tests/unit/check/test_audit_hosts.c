/* SPDX-License-Identifier: MIT */
/* audit: which names a computer ought to have, and which hosts are not known. */
#include "audit_helper.h"

#define ADDITIONAL(value) "msDS-AdditionalDnsHostName: " value "\n"

static void an_additional_host_name_has_names_of_its_own(void **state)
{
	(void)state;
	struct found found;
	/* as netdom leaves it, and with the short name that the directory adds */
	expect(COMPUTER("fs", NAMES("fs") NAMES("old") ADDITIONAL("old.example.com") ADDITIONAL("OLD$")
			"msDS-AdditionalSamAccountName: OLD$\n"), "", "");
	/* nobody is known to ask for the first label */
	expect(COMPUTER("fs", NAMES("fs") SPN("host/OLD.example.com") ADDITIONAL("old.example.com")), "", "");
	expect(COMPUTER("fs", NAMES("fs") ADDITIONAL("old.example.com") ADDITIONAL("OLD$")),
			"missing warning fs$ HOST/old.example.com;", "spnkit defaults 'fs$'");
	expect(COMPUTER("fs", NAMES("fs") SPN("HOST/old") "msDS-AdditionalSamAccountName: OLD$\n"), "", "");
	expect(COMPUTER("fs", NAMES("fs") "msDS-AdditionalSamAccountName: OLD$\n"), "missing warning fs$ HOST/OLD;",
			"spnkit defaults 'fs$'");
	/* another account holds it: which is right, a person decides */
	look(COMPUTER("fs", NAMES("fs") SPN("HOST/old") ADDITIONAL("old.example.com") ADDITIONAL("OLD$"))
			USER("svc", SPN("host/OLD.example.com")), NULL, &found);
	assert_string_equal(found.list, "wrong-account warning fs$ HOST/old.example.com;");
	assert_string_equal(found.repair, "");
	assert_non_null(strstr(found.text, "but 'svc' holds 'HOST/old.example.com'"));
	/* both hold it: that is a duplicate, and is told once */
	expect(COMPUTER("fs", NAMES("fs") SPN("HOST/old.example.com") ADDITIONAL("old.example.com"))
			USER("svc", SPN("host/OLD.example.com")),
			"duplicate broken fs$ HOST/old.example.com;", found.repair);
}

static void an_additional_host_name_of_no_machine_needs_no_names(void **state)
{
	(void)state;
	expect("dn: CN=pre," BASE "\nobjectClass: computer\nsAMAccountName: pre$\nuserAccountControl: 4096\n"
			ADDITIONAL("old.example.com"), "", "");
	expect("dn: CN=off," BASE "\nobjectClass: computer\nsAMAccountName: off$\nuserAccountControl: 4098\n"
			"dNSHostName: off.example.com\n"
			ADDITIONAL("old.example.com"), "", "");
	expect("dn: CN=some," BASE "\nobjectClass: computer\nsAMAccountName: some$\nuserAccountControl: 4096\n"
			"dNSHostName: some.example.com\n"
			ADDITIONAL("old.example.com") "servicePrincipalName;range=0-1499: HOST/some\n", "", "");
}

static void a_computer_that_is_not_found_is_told(void **state)
{
	(void)state;
	expect(COMPUTER("web", SPN("HOST/WEB")), "missing warning web$ -;", "spnkit defaults 'web$'");
	expect("dn: CN=new," BASE "\nobjectClass: computer\nsAMAccountName: NEW$\noperatingSystem: Linux\n",
			"missing notice NEW$ -;", "");
	/* a dNSHostName without a dot is the short name, and told once */
	struct found once;
	look("dn: CN=shd," BASE "\nobjectClass: computer\nsAMAccountName: SHD$\nuserAccountControl: 4096\ndNSHostName: shd\n"
			"operatingSystem: Windows Server 2022\n" SPN("HOST/shd"), NULL, &once);
	assert_string_equal(once.repair, "spnkit add WSMAN/shd 'SHD$'");
	assert_non_null(strstr(once.text, "lacks 'WSMAN/shd': WinRM could not register it"));
	expect(COMPUTER("web", "operatingSystem: Windows Server 2022\n" SPN("HOST/web") SPN("HOST/web.example.com")
			SPN("WSMAN/web")),
			"missing notice web$ -;", "spnkit add WSMAN/web WSMAN/web.example.com 'web$'");
	/* that it has names is known, but not which */
	expect(COMPUTER("web", "servicePrincipalName:\n"), "", "");
	expect(COMPUTER("web", "servicePrincipalName;range=0-0: http/web\n"), "", "");
	/* an empty value next to others does not count */
	expect(COMPUTER("web", SPN("HOST/WEB") "servicePrincipalName:\n"), "missing warning web$ -;",
			"spnkit defaults 'web$'");
}

static void a_dot_at_the_end_of_a_name_in_dns_means_nothing(void **state)
{
	(void)state;
	static const char names[] = "dNSHostName: web.example.com.\n" SPN("HOST/web.example.com"), head[] = "dn: CN=web," BASE
		"\nobjectClass: computer\nsAMAccountName: WEB$\nuserAccountControl: 4096\noperatingSystem: Windows 11\n";
	char ldif[1024];
	snprintf(ldif, sizeof ldif, "%s%s%s", head, names, SPN("HOST/web"));
	expect(ldif, "", "");
	snprintf(ldif, sizeof ldif, "%s%s", head, names);
	expect(ldif, "missing warning WEB$ -;", "spnkit defaults 'WEB$'");
}

/* As msktutil leaves it, where the column operatingSystem was not exported: nobody knows whether Windows runs there. */
static void a_short_name_that_only_windows_needs_is_a_notice_where_the_system_is_not_known(void **state)
{
	(void)state;
	expect(COMPUTER("lin", SPN("host/lin.example.com") SPN("HTTP/lin")), "missing notice lin$ -;", "");
	expect(COMPUTER("lin", SPN("host/lin.example.com") SPN("nfs/lin.example.com")), "", "");
	expect(COMPUTER("web", SPN("HOST/web.example.com") SPN("RestrictedKrbHost/web")), "missing warning web$ -;",
			"spnkit defaults 'web$'");
	expect(COMPUTER("web", "operatingSystem: Windows 11\n" SPN("HOST/web.example.com") SPN("HTTP/web")),
			"missing warning web$ -;", "spnkit defaults 'web$'");
}

static void accounts_without_a_host_lack_no_names(void **state)
{
	(void)state;
	expect("dn: CN=AZUREADSSOACC," BASE "\nobjectClass: computer\nsAMAccountName: AZUREADSSOACC$\n"
			"userAccountControl: 4096\n"
			SPN("HTTP/autologon.example.net") "\n"
		"dn: CN=prestaged," BASE "\nobjectClass: computer\nsAMAccountName: PRESTAGED$\nuserAccountControl: 4096\n", "", "");
}

static void a_name_that_netbios_cuts_off_is_in_order(void **state)
{
	(void)state;
	static const char cut[] = "dn: CN=appserver-prod-01," BASE "\nobjectClass: computer\n"
		"sAMAccountName: APPSERVER-PROD-$\n"
		"userAccountControl: 4096\ndNSHostName: appserver-prod-01.example.com\noperatingSystem: Windows Server 2022\n"
		SPN("WSMAN/appserver-prod-01") SPN("WSMAN/appserver-prod-01.example.com") SPN("HOST/APPSERVER-PROD-");
	expect(cut, "missing warning APPSERVER-PROD-$ -;", "spnkit defaults 'APPSERVER-PROD-$'");
	char *whole = NULL;
	assert_true(asprintf(&whole, "%s%s", cut, SPN("HOST/appserver-prod-01.example.com")) > 0);
	expect(whole, "", "");
	free(whole);
}

static void winrm_is_not_expected_of_clusters_and_controllers(void **state)
{
	(void)state;
	expect(COMPUTER("clu", "operatingSystem: Windows Server 2022\n" SPN("MSClusterVirtualServer/clu") SPN("HOST/clu")
			SPN("HOST/clu.example.com")), "", "");
	expect("dn: CN=dc," BASE "\nobjectClass: computer\nsAMAccountName: DC$\nuserAccountControl: 532480\n"
			"dNSHostName: dc.example.com\n"
			"operatingSystem: Windows Server 2022\n" SPN("HOST/dc") SPN("HOST/dc.example.com"), "", "");
	/* nor is it a fault that a cluster name has no HOST/: it depends on what the cluster does with it */
	expect(COMPUTER("clu", "operatingSystem: Windows Server 2022\n" SPN("MSClusterVirtualServer/clu")),
			"missing notice clu$ -;", "");
}

#define ASKED_SIZE 2048

/* Hosts in a pretended DNS: "gone..." are not in it, at "silent..." it does not answer. */
static spn_status pretend(const char *host, bool *ret_known, void *data, spn_error *err)
{
	char *asked = data;
	size_t len = strlen(asked);
	snprintf(asked + len, ASKED_SIZE - len, "%s;", host);
	*ret_known = strncmp(host, "gone", 4) != 0;
	if (strncmp(host, "silent", 6) != 0)
		return SPN_OK;
	if (err)
		snprintf(err->message, sizeof err->message, "no answer");
	return SPN_ERR_UNREACHABLE;
}

static void look_up(const char *ldif, char asked[ASKED_SIZE], struct found *found)
{
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.knows_host = pretend;
	options.host_data = asked;
	*asked = '\0';
	look(ldif, &options, found);
}

static void hosts_are_asked_for_once(void **state)
{
	(void)state;
	struct found found;
	char asked[ASKED_SIZE];
	look_up(USER("a", SPN("http/gone") SPN("http/web.example.com:80") SPN("x/WEB.example.com")
			SPN("x/E3514235-4B06-11D1-AB04-00C04FC2DCD2"))
		USER("b", SPN("http/silent.test") SPN("http/gone2")), asked, &found);
	assert_string_equal(asked, "gone.example.com;web.example.com;silent.test;gone2.example.com;");
	assert_string_equal(found.list,
			"unknown-host notice a http/gone;unreachable notice b http/silent.test;"
			"unknown-host notice b http/gone2;");
}

/* Whoever may name a host could choose one in a zone whose servers fail. */
static void a_zone_that_does_not_answer_hides_the_hosts_of_no_other(void **state)
{
	(void)state;
	struct found found;
	char asked[ASKED_SIZE];
	look_up(USER("a", SPN("x/known.test") SPN("x/silent1.zone.test") SPN("x/silent2.zone.test") SPN("x/silent3.ZONE.test")
			SPN("x/silent4.zone.test") SPN("x/gone.zone.test") SPN("x/gone.test")
			SPN("x/silent.under.zone.test")), asked, &found);
	assert_string_equal(asked,
			"known.test;silent1.zone.test;silent2.zone.test;silent3.ZONE.test;gone.test;"
			"silent.under.zone.test;");
	assert_non_null(strstr(found.list, "unknown-host notice a x/gone.test;"));
}

static size_t count_asked(const char *asked)
{
	size_t n = 0;
	for (; (asked = strchr(asked, ';')); asked++)
		n++;
	return n;
}

/* Each may cost some seconds. */
static void a_resolver_that_does_not_answer_is_left_alone(void **state)
{
	(void)state;
	struct found found;
	char asked[ASKED_SIZE], names[2000] = "", ldif[3000];
	for (int i = 0; i < 40; i++)
		snprintf(names + strlen(names), sizeof names - strlen(names), SPN("x/silent.z%d.test"), i);
	snprintf(ldif, sizeof ldif, USER("a", "%s"), names);
	look_up(ldif, asked, &found);
	assert_int_equal(count_asked(asked), 3);
	snprintf(ldif, sizeof ldif, USER("a", SPN("x/known.test") "%s"), names);
	look_up(ldif, asked, &found);
	assert_int_equal(count_asked(asked), 1 + 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_additional_host_name_has_names_of_its_own),
		cmocka_unit_test(an_additional_host_name_of_no_machine_needs_no_names),
		cmocka_unit_test(a_computer_that_is_not_found_is_told),
		cmocka_unit_test(hosts_are_asked_for_once),
		cmocka_unit_test(a_zone_that_does_not_answer_hides_the_hosts_of_no_other),
		cmocka_unit_test(a_resolver_that_does_not_answer_is_left_alone),
		cmocka_unit_test(a_dot_at_the_end_of_a_name_in_dns_means_nothing),
		cmocka_unit_test(a_short_name_that_only_windows_needs_is_a_notice_where_the_system_is_not_known),
		cmocka_unit_test(accounts_without_a_host_lack_no_names),
		cmocka_unit_test(a_name_that_netbios_cuts_off_is_in_order),
		cmocka_unit_test(winrm_is_not_expected_of_clusters_and_controllers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
