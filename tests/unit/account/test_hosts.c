/* SPDX-License-Identifier: MIT */
#include "ops.h"

#include "account/hosts.h"

#define COMPUTER(cn, more) "dn: CN=" cn "," BASE "\nobjectClass: user\nobjectClass: computer\n" more "\n"
#define DOMAIN "dn: " BASE "\nobjectClass: domainDNS\n\n"

static spn_directory *open_ldif(const char *ldif)
{
	spn_directory *dir = NULL;
	assert_int_equal(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, NULL), SPN_OK);
	return dir;
}

/* The hosts of the account with this sAMAccountName: "FQDN SHORT OTHER", those that are no defaults with '?'. */
static void hosts_are(const char *entry, const char *account, const char *expected)
{
	char text[400] = "", ldif[2000];
	spn_account *found = NULL;
	spk_hosts hosts = { .list = NULL };
	snprintf(ldif, sizeof ldif, "%s%s", DOMAIN, entry);
	spn_directory *dir = open_ldif(ldif);
	assert_int_equal(spn_account_find(dir, account, SPN_WANT_COMPUTER, &found, NULL), SPN_OK);
	assert_int_equal(spk_hosts_of(found, &hosts, NULL), SPN_OK);
	for (size_t i = 0; i < hosts.n; i++) {
		size_t len = strlen(text);
		snprintf(text + len, sizeof text - len, "%s%s%s", i ? " " : "", hosts.list[i].name,
				hosts.list[i].is_default ? "" : "?");
	}
	assert_string_equal(text, expected);
	spk_hosts_clear(&hosts);
	spn_account_free(found);
	spn_directory_free(dir);
}

static void a_computer_is_called_by_dns_and_by_its_account(void **state)
{
	(void)state;
	hosts_are(COMPUTER("web", "sAMAccountName: WEB$\ndNSHostName: web.example.com\n"), "WEB$", "web.example.com WEB");
	hosts_are(COMPUTER("web", "sAMAccountName: WEB$\ndNSHostName: WEB\n"), "WEB$", "WEB");
}

static void a_dot_at_the_end_of_its_name_in_dns_is_no_part_of_it(void **state)
{
	(void)state;
	hosts_are(COMPUTER("web", "sAMAccountName: WEB$\ndNSHostName: web.example.com.\n"), "WEB$", "web.example.com WEB");
}

static void a_long_name_is_cut_to_fifteen_characters_in_the_account_only(void **state)
{
	(void)state;
	hosts_are(COMPUTER("a", "sAMAccountName: APPSERVER-PROD-$\ndNSHostName: appserver-prod-01.example.com\n"),
			"APPSERVER-PROD-$", "appserver-prod-01.example.com APPSERVER-PROD- appserver-prod-01?");
}

static void the_account_may_be_called_differently_from_the_host(void **state)
{
	(void)state;
	hosts_are(COMPUTER("t", "sAMAccountName: TUE-LDTEST3$\ndNSHostName: ldtest3.lis.example.com\n"), "TUE-LDTEST3$",
			"ldtest3.lis.example.com TUE-LDTEST3 ldtest3?");
}

static void additional_names_are_names_of_the_computer(void **state)
{
	(void)state;
	hosts_are(COMPUTER("fs", "sAMAccountName: FS$\ndNSHostName: fs.example.com\n"
			"msDS-AdditionalDnsHostName: old.example.com\n"
			"msDS-AdditionalSamAccountName: OLD$\n"), "FS$", "fs.example.com FS old.example.com OLD");
	hosts_are(COMPUTER("fs", "sAMAccountName: FS$\ndNSHostName: fs.example.com\nmsDS-AdditionalDnsHostName: OLD$\n"
			"msDS-AdditionalDnsHostName: old.example.com\n"), "FS$", "fs.example.com FS OLD old.example.com");
}

static void the_host_names_that_it_holds_are_known_too(void **state)
{
	(void)state;
	hosts_are(COMPUTER("fs", "sAMAccountName: FS$\ndNSHostName: fs.example.com\nservicePrincipalName: HOST/fs\n"
			"servicePrincipalName: host/files\nservicePrincipalName: HOST/files:80\n"
			"servicePrincipalName: HOST/files/example.com\n"
			"servicePrincipalName: http/other\nservicePrincipalName: HOST/2001:db8::1\n"), "FS$", "fs.example.com FS files?");
}

static void what_no_machine_uses_has_no_defaults(void **state)
{
	(void)state;
	hosts_are(COMPUTER("sso", "sAMAccountName: AZUREADSSOACC$\n")
			COMPUTER("web", "sAMAccountName: WEB$\ndNSHostName: web.example.com\n"), "AZUREADSSOACC$",
			"AZUREADSSOACC.example.com? AZUREADSSOACC?");
	hosts_are(COMPUTER("lin", "sAMAccountName: LIN$\noperatingSystem: Linux\n"), "LIN$", "LIN.example.com? LIN");
	hosts_are(COMPUTER("web", "sAMAccountName: $DUPLICATE-1f4\ndNSHostName: web.example.com\n"), "$DUPLICATE-1f4",
			"web.example.com? web?");
	hosts_are(COMPUTER("WEB\\0ACNF:6a3a1d0e-0000-4000-8000-00000000000c", "sAMAccountName: WEB$\n"
			"dNSHostName: web.example.com\n"), "WEB$", "web.example.com? WEB?");
}

/* Nor does anybody know that it has none, and what a computer of another system goes by. */
static void where_no_host_was_exported_the_short_name_is_a_default(void **state)
{
	(void)state;
	hosts_are(COMPUTER("web", "sAMAccountName: WEB$\nservicePrincipalName: TERMSRV/web\n"), "WEB$",
			"WEB.example.com? WEB");
	hosts_are(COMPUTER("lin", "sAMAccountName: LIN$\nservicePrincipalName: HOST/lin.example.com\n"), "LIN$",
			"LIN.example.com? LIN?");
}

static void found(spn_directory *dir, const char *server, const char *account)
{
	spn_account *computer = NULL;
	spn_error err = { .status = SPN_OK };
	spn_status status = spk_computer_find(dir, server, false, &computer, &err);
	if (!account)
		assert_int_equal(status, SPN_ERR_NOT_FOUND);
	else if (status)
		fail_msg("%s: %s", server, err.message);
	else
		assert_string_equal(spn_account_name(computer), account);
	spn_account_free(computer);
}

static void a_server_is_found_by_any_of_its_names_the_better_ones_first(void **state)
{
	(void)state;
	spn_directory *dir = open_ldif(DOMAIN
			COMPUTER("t", "sAMAccountName: TUE-LDTEST3$\ndNSHostName: ldtest3.lis.example.com\n")
			COMPUTER("fs", "sAMAccountName: FS$\ndNSHostName: fs.example.com\nmsDS-AdditionalDnsHostName: old.example.com\n"
					"servicePrincipalName: HOST/files\nservicePrincipalName: HOST/web\n")
			COMPUTER("web", "sAMAccountName: WEB$\ndNSHostName: web.example.com\n")
			COMPUTER("web2", "sAMAccountName: $DUPLICATE-1f4\ndNSHostName: web.example.com\n")
			COMPUTER("dotted", "sAMAccountName: DOTTED$\ndNSHostName: dotted.example.com.\n")
			COMPUTER("new", "sAMAccountName: NEW$\n"));
	found(dir, "ldtest3", "TUE-LDTEST3$");
	found(dir, "LDTEST3.lis.example.com", "TUE-LDTEST3$");
	found(dir, "tue-ldtest3", "TUE-LDTEST3$");
	found(dir, "old.example.com", "FS$");
	found(dir, "old", "FS$");
	found(dir, "files", "FS$");
	found(dir, "web", "WEB$");
	found(dir, "web.example.com", "WEB$");
	found(dir, "web$", "WEB$");
	found(dir, "new.example.com", "NEW$");
	found(dir, " web\t", "WEB$");
	found(dir, "web.example.com.", "WEB$");
	found(dir, "web$.example.com.", "WEB$");
	found(dir, "EXAMPLE\\web", "WEB$");
	found(dir, "example.com\\web$", "WEB$");
	found(dir, "dotted.example.com", "DOTTED$");
	found(dir, "OTHER\\web", NULL);
	found(dir, "web.other.example", NULL);
	found(dir, "tue-ldtest3.example.com", NULL);
	spn_directory_free(dir);
}

/* What FS$ and another machine, which is in use, have beside their accounts; and whom a name means: 'f' FS$, 'n' the
 * other, '?' nobody, as both fit. */
static const struct fit {
	const char *own, *other;
	const char *by_short, *by_fqdn;
} fits[] = {
#define USED "userAccountControl: 4096\noperatingSystem: Windows\n"
#define OFF "userAccountControl: 4098\noperatingSystem: Windows\n"
#define MADE "userAccountControl: 4096\n"
#define DNS(host) "dNSHostName: " host "\n"
#define MORE(host) DNS("new.example.com") "msDS-AdditionalDnsHostName: " host "\n"
#define HOLDS(host) DNS("new.example.com") "servicePrincipalName: HOST/" host "\n"
	{ USED, DNS("fs.example.com"), "f", "?" },
	{ OFF, DNS("fs.example.com"), "n", "n" },
	{ MADE, DNS("fs.example.com"), "n", "n" },
	{ OFF DNS("fs.example.com"), DNS("fs.example.com"), "n", "n" },
	{ USED, DNS("fs.other.test"), "f", "f" },
	{ OFF, DNS("fs.other.test"), "f", "f" },
	{ MADE, DNS("fs.other.test"), "f", "f" },
	{ OFF DNS("fs.other.test"), DNS("fs.other.test"), "n", "-" },
	{ USED, MORE("fs.example.com"), "f", "f" },
	{ OFF, MORE("fs.example.com"), "n", "n" },
	{ MADE, MORE("fs.example.com"), "n", "n" },
	{ USED, MORE("fs.other.test"), "f", "f" },
	{ OFF, MORE("fs.other.test"), "f", "f" },
	{ MADE, MORE("fs.other.test"), "f", "f" },
	{ USED, MORE("FS$"), "f", "f" },
	{ OFF, MORE("FS$"), "n", "f" },
	{ MADE, MORE("FS$"), "n", "f" },
	{ USED, HOLDS("fs"), "f", "f" },
	{ OFF, HOLDS("fs"), "n", "f" },
	{ MADE, HOLDS("fs"), "n", "f" },
	{ USED, HOLDS("fs.example.com"), "f", "f" },
	{ OFF, HOLDS("fs.example.com"), "f", "n" },
	{ MADE, HOLDS("fs.example.com"), "f", "n" },
};

static char whom(spn_directory *dir, const char *server)
{
	spn_account *computer = NULL;
	spn_status status = spk_computer_find(dir, server, false, &computer, NULL);
	char found = status == SPN_ERR_AMBIGUOUS ? '?' : status ? '-' : strcmp(spn_account_name(computer), "FS$") ? 'n' : 'f';
	spn_account_free(computer);
	return found;
}

static void a_machine_in_use_goes_before_an_account_that_is_not_but_not_if_it_is_perhaps_another_host(void **state)
{
	static const char *const exactly[] = { "FS$", "EXAMPLE\\FS$", "example.com\\FS$", " fs$" };
	(void)state;
	for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
		char ldif[1000];
		snprintf(ldif, sizeof ldif, DOMAIN COMPUTER("FS", "sAMAccountName: FS$\n%s") COMPUTER("NEW", "sAMAccountName: NEW$\n"
				"userAccountControl: 4096\noperatingSystem: Windows\n%s"), fits[i].own, fits[i].other);
		spn_directory *dir = open_ldif(ldif);
		char by_short = whom(dir, "fs"), by_fqdn = whom(dir, "fs.example.com");
		if (by_short != *fits[i].by_short || by_fqdn != *fits[i].by_fqdn)
			fail_msg("row %zu: %c %c", i, by_short, by_fqdn);
		for (size_t j = 0; j < sizeof exactly / sizeof *exactly; j++)
			if (whom(dir, exactly[j]) != 'f')
				fail_msg("row %zu: %s", i, exactly[j]);
		spn_directory_free(dir);
	}
}

static void the_host_of_a_machine_is_not_that_of_another_which_holds_a_name_of_it(void **state)
{
	(void)state;
	spn_directory *dir = open_ldif(DOMAIN COMPUTER("NEW", "sAMAccountName: NEW$\n" DNS("files.example.com"))
			COMPUTER("old", "sAMAccountName: OLD$\n" DNS("old.example.com") "servicePrincipalName: HOST/files\n")
			COMPUTER("off", "sAMAccountName: OFF$\n" OFF)
			COMPUTER("on", "sAMAccountName: ON$\n" DNS("off.example.com"))
			COMPUTER("two", "sAMAccountName: TWO$\nmsDS-AdditionalSamAccountName: ONE$\n"));
	found(dir, "files", "NEW$");
	found(dir, "off.example.com", "ON$");
	found(dir, "off$.example.com", "OFF$");
	found(dir, "one$", "TWO$");
	found(dir, "files$", NULL);
	found(dir, "EXAMPLE\\files$", NULL);
	found(dir, "files$.example.com", NULL);
	spn_directory_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_computer_is_called_by_dns_and_by_its_account),
		cmocka_unit_test(a_dot_at_the_end_of_its_name_in_dns_is_no_part_of_it),
		cmocka_unit_test(a_long_name_is_cut_to_fifteen_characters_in_the_account_only),
		cmocka_unit_test(the_account_may_be_called_differently_from_the_host),
		cmocka_unit_test(additional_names_are_names_of_the_computer),
		cmocka_unit_test(the_host_names_that_it_holds_are_known_too),
		cmocka_unit_test(what_no_machine_uses_has_no_defaults),
		cmocka_unit_test(where_no_host_was_exported_the_short_name_is_a_default),
		cmocka_unit_test(a_server_is_found_by_any_of_its_names_the_better_ones_first),
		cmocka_unit_test(a_machine_in_use_goes_before_an_account_that_is_not_but_not_if_it_is_perhaps_another_host),
		cmocka_unit_test(the_host_of_a_machine_is_not_that_of_another_which_holds_a_name_of_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
