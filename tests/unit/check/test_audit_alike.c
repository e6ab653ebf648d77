/* SPDX-License-Identifier: MIT */
/* Of a file, accounts are passed by that are like others of which nothing was reported but an old password.  Whatever
 * distinguishes an account, an audit reports what it reports if each of them is looked at. */
#include "unit.h"

#include "check/audit.h"
#include "directory/directory.h"
#include "model/ldif/ldif.h"

#define BASE "DC=kim,DC=com"
/* 2026-01-01, in the two ways of counting, and some years before */
#define NOW INT64_C(1767225600)
#define FRESH "134110000000000000"
#define OLD "132223104000000000"
#define OLD_PASSWORD ("pwdLastSet: " OLD)

static bool in_earnest;
static size_t n_looked_at, n_glances;

bool __real_spk_ldif_glance(spk_ldif_reader *reader, spk_ldif_plain *ret_plain);
bool __wrap_spk_ldif_glance(spk_ldif_reader *reader, spk_ldif_plain *ret_plain);
bool __wrap_spk_ldif_glance(spk_ldif_reader *reader, spk_ldif_plain *ret_plain)
{
	n_glances++;
	return !in_earnest && __real_spk_ldif_glance(reader, ret_plain);
}

spn_status __real_spk_account_borrow(const spn_entry *entry, spn_account **ret_account, spn_error *err);
spn_status __wrap_spk_account_borrow(const spn_entry *entry, spn_account **ret_account, spn_error *err);
spn_status __wrap_spk_account_borrow(const spn_entry *entry, spn_account **ret_account, spn_error *err)
{
	n_looked_at++;
	return __real_spk_account_borrow(entry, ret_account, err);
}

/* What accounts are made of; %u: the number of the account, which is in its names and nowhere else.  What has it behind
 * "::" is still to be encoded. */
struct kind {
	const char *name;
	const char *lines[16];
};

static const struct kind kinds[] = {
	{ "computer", { "objectClass: top", "objectClass: user", "objectClass: computer", "sAMAccountName: H%u$",
		"userAccountControl: 4096", "primaryGroupID: 515", "objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUQQAAA==",
		"pwdLastSet: " FRESH, "dNSHostName: h%u.kim.com", "operatingSystem: Windows 10 Pro",
		"msDS-SupportedEncryptionTypes: 28", "memberOf: CN=g,DC=kim,DC=com", "servicePrincipalName: HOST/H%u",
		"servicePrincipalName: HOST/h%u.kim.com", "servicePrincipalName: RestrictedKrbHost/H%u" } },
	{ "server", { "objectClass: user", "objectClass: computer", "sAMAccountName: H%u$", "userAccountControl: 4096",
		"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUQQAAA==", "pwdLastSet: " FRESH, "dNSHostName: h%u.kim.com",
		"operatingSystem: Windows Server 2022", "servicePrincipalName: HOST/H%u",
		"servicePrincipalName: HOST/h%u.kim.com", "servicePrincipalName: WSMAN/H%u",
		"servicePrincipalName: WSMAN/h%u.kim.com" } },
	{ "service", { "objectClass: top", "objectClass: user", "sAMAccountName: svc%u", "userAccountControl: 66048",
		"primaryGroupID: 513", "objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUQQAAA==", "pwdLastSet: " FRESH,
		"userPrincipalName: svc%u@kim.com", "servicePrincipalName: http/app%u.kim.com",
		"servicePrincipalName: MSSQLSvc/db%u.kim.com:1433" } },
	{ "old service", { "objectClass: user", "sAMAccountName: old%u", "userAccountControl: 66048",
		"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUQQAAA==", "pwdLastSet: " OLD,
		"servicePrincipalName: http/old%u.kim.com" } },
	{ "coded service", { "objectClass: user", "sAMAccountName: code%u", "userAccountControl: 66048",
		"pwdLastSet: " FRESH, "servicePrincipalName:: http/code%u.kim.com",
		"servicePrincipalName:: HTTP/coded%u" } },
	{ "person", { "objectClass: user", "sAMAccountName: u%u", "userAccountControl: 512", "pwdLastSet: 128485440000000001",
		"userPrincipalName: u%u@kim.com" } },
};

/* Lines that make a difference, or none; each takes the place of each line of an account, and comes in addition. */
static const char *const odd[] = { "", "objectClass: computer", "objectClass: user", "objectClass: group",
	"objectClass:: Y29tcHV0ZXI=", "objectClass: msDS-GroupManagedServiceAccount", "objectClass: COMPUTER",
	"sAMAccountName: krbtgt", "sAMAccountName: krbtgt_7", "sAMAccountName: $DUPLICATE-1f4", "sAMAccountName: x/y",
	"sAMAccountName: H1$", "sAMAccountName: H9", "sAMAccountName:: SDkk", "sAMAccountName: \xc3\xa4$",
	"sAMAccountName: $", "userAccountControl: 4098", "userAccountControl: 514", "userAccountControl: 2",
	"userAccountControl: x", "userAccountControl: 528384", "userAccountControl: 4198912",
	"userAccountControl: 2101248", "userAccountControl: 8192", "userAccountControl: 2048",
	"userAccountControl: 524288", "primaryGroupID: 525", "primaryGroupID: 516",
	"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA9gEAAA==", "objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAAEAAAAUQQAAA==",
	"objectSid: S-1-5-21-1-2-4-1105", "objectSid:: AQ==", OLD_PASSWORD, "pwdLastSet: 132223968000000000",
	"pwdLastSet: 120000000000000000", "pwdLastSet: 128485440000000000", "pwdLastSet: 129000000000000000",
	"pwdLastSet: 0", "pwdLastSet: -1", "pwdLastSet: 2010-01-01T00:00:00Z", "pwdLastSet: 9999999999999999999",
	"pwdLastSet: 1322231040000000009", "dNSHostName: other.kim.com", "dNSHostName: h9", "dNSHostName: h9.kim.com.",
	"dNSHostName: h1.kim.com", "dNSHostName: .", "dNSHostName: H9.KIM.COM",
	"dNSHostName:: aDkua2ltLmNvbQ==", "operatingSystem: Windows Server 2019", "operatingSystem: Linux",
	"operatingSystem:: V2luZG93cyBTZXJ2ZXI=", "operatingSystem: windows server",
	"operatingSystemVersion: 5.2 (3790)", "operatingSystemVersion: 4.18", "msDS-SupportedEncryptionTypes: 4",
	"msDS-SupportedEncryptionTypes: 3", "msDS-SupportedEncryptionTypes: 0", "msDS-SupportedEncryptionTypes: 32",
	"adminCount: 1", "memberOf: CN=Protected Users,CN=Users,DC=kim,DC=com", "memberOf: CN=in,DC=kim,DC=com",
	"isDeleted: TRUE", "isDeleted: FALSE", "userPrincipalName: http/upn@kim.com",
	"userPrincipalName: HTTP/app1.kim.com@KIM.COM",
	"userPrincipalName:: aHR0cC91cG5Aa2ltLmNvbQ==", "userPrincipalName: a/b@other",
	"msDS-AllowedToDelegateTo: http/app1", "msDS-AllowedToDelegateTo: http/nobody",
	"msDS-AllowedToActOnBehalfOfOtherIdentity:: AQAEgA==", "msDS-AdditionalDnsHostName: more.kim.com",
	"msDS-AdditionalSamAccountName: MORE$", "sIDHistory:: AQ==", "msDS-SupersededServiceAccountState: 2",
	"msDS-ManagedAccountPrecededByLink: CN=1,DC=kim,DC=com", "msDS-SecondaryKrbTgtNumber: 7",
	"servicePrincipalName: noslash", "servicePrincipalName: http/", "servicePrincipalName: /x",
	"servicePrincipalName: foo/x", "servicePrincipalName: Foo/x", "servicePrincipalName: two words/x",
	"servicePrincipalName: ldap/dc.kim.com", "servicePrincipalName: LDAP/kim.com",
	"servicePrincipalName: GC/dc/kim.com", "servicePrincipalName: E3514235-4B06-11D1-AB04-00C04FC2DCD2/x/kim.com",
	"servicePrincipalName: krbtgt/KIM.COM", "servicePrincipalName: kadmin/changepw",
	"servicePrincipalName: http/x:", "servicePrincipalName: http/x:80", "servicePrincipalName: http/x/y",
	"servicePrincipalName: https/x", "servicePrincipalName: http/a,b", "servicePrincipalName: http/a b",
	"servicePrincipalName: http/x@KIM.COM", "servicePrincipalName: http/\xc3\xa4",
	"servicePrincipalName:: aHR0cC94AHk=", "servicePrincipalName:: bm9zbGFzaA==",
	"servicePrincipalName:: Zm9vL3g=", "servicePrincipalName:: aHR0cC94IA==",
	"servicePrincipalName:: aHR0cC\n 94", "servicePrincipalName:: R0MvZGMva2ltLmNvbQ==",
	"servicePrincipalName::", "servicePrincipalName:: aHR0cC94",
	"servicePrincipalName: HTTP/app1.kim.com", "servicePrincipalName: HOST/h1.kim.com",
	"servicePrincipalName: https/h%u.kim.com", "servicePrincipalName: ldap/svc%u",
	"servicePrincipalName: host/H1", "servicePrincipalName: HOST/H9:80", "servicePrincipalName: WSMAN/other",
	"servicePrincipalName: MSClusterVirtualServer/x", "servicePrincipalName: <GUID=1>;http/x",
	"servicePrincipalName:", "servicePrincipalName: http/x.", "servicePrincipalName: http/\xe2\x80\x8bx",
	"serviceprincipalname: http/low", "servicePrincipalName;range=0-1: http/r",
	"description: unknown to the audit" };

/* Where an account is; the last are odd. */
static const char *const dns[] = { "CN=%u,OU=a," BASE, "CN=a name %u,OU=b,OU=a," BASE,
	"CN=%u,OU=Domain Controllers," BASE, "CN=%u\\0ACNF:1,OU=a," BASE, "CN=a\\,%u,OU=a," BASE,
	"CN=Protected Users,CN=Users," BASE, "cn=%u,OU=a," BASE, "CN= %u,OU=a," BASE, "CN=%u ,OU=a," BASE,
	"CN=%u+OU=x,OU=a," BASE, "CN=krbtgt,CN=Users," BASE, "CN=,OU=a," BASE, "CN=%u,OU=a,DC=sub," BASE,
	"CN=%u,OU=a,DC=else,DC=com", "OU=%u,OU=a," BASE, "CN=in,OU=a," BASE, "CN=%u\\0ADEL:1,OU=a," BASE };
enum { USUAL_DNS = 2 };

#define COUNT(list) ((unsigned)(sizeof(list) / sizeof *(list)))

static void put_line(spk_text *text, const char *line, unsigned number)
{
	SPK_AUTOTEXT spk_text value = { 0 };
	const char *at = strstr(line, "%u"), *coded = at ? strstr(line, ":: ") : NULL, *from = coded ? coded + 3 : line;
	spk_text_add_bytes(text, line, (size_t)(from - line));
	if (at)
		spk_text_add(&value, "%.*s%u%s", (int)(at - from), from, number, at + 2);
	else
		spk_text_add(&value, "%s", line);
	if (coded)
		spk_base64_encode(text, value.data, value.len);
	else
		spk_text_add_bytes(text, value.data, value.len);
	spk_text_add_char(text, '\n');
}

/* instead: the line at which another one stands; that is behind all others if there is no such line. */
static void put_account(spk_text *text, const struct kind *kind, const char *dn, unsigned number, size_t instead,
		const char *other)
{
	spk_text_add(text, "dn: ");
	put_line(text, dn, number);
	size_t i = 0;
	for (; i < COUNT(kind->lines) && kind->lines[i]; i++)
		if (i != instead)
			put_line(text, kind->lines[i], number);
		else if (*other)
			put_line(text, other, number);
	if (instead >= i && *other)
		put_line(text, other, number);
	spk_text_add_char(text, '\n');
}

/* protected: the group of that name has a group and an account as members. */
static void put_top(spk_text *text, bool has_protected)
{
	spk_text_add(text, "dn: " BASE "\nobjectClass: domainDNS\n\n");
	spk_text_add(text, "dn: CN=RODC,CN=Users," BASE "\nobjectClass: group\n"
			"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAACQIAAA==\nwhenCreated: 20120101000000.0Z\n\n");
	if (has_protected)
		spk_text_add(text, "dn: CN=Protected Users,CN=Users," BASE "\nobjectClass: group\nmember: CN=in," BASE
				"\nmember: CN=in,OU=a," BASE "\n\ndn: CN=in," BASE "\nobjectClass: group\nmember: CN=9,OU=a," BASE "\n\n");
}

static spn_status note(const spn_finding *finding, void *data, spn_error *unused)
{
	spk_text *found = data;
	(void)unused;
	spk_text_add(found, "%s %d %s %s", finding->code, (int)finding->severity, finding->spn ? finding->spn : "-",
			finding->text);
	for (size_t i = 0; i < finding->n_accounts; i++)
		spk_text_add(found, " %s", finding->accounts[i].dn);
	spk_text_add(found, " %zu\n", finding->n_repairs);
	return SPN_OK;
}

static spn_status count(size_t n_accounts, size_t n_names, void *data, spn_error *unused)
{
	(void)unused;
	spk_text_add(data, "%zu accounts, %zu names\n", n_accounts, n_names);
	return SPN_OK;
}

static void audit(const spk_text *text, spn_dialect rules, bool earnest, bool forest, spk_text *found)
{
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	SPK_AUTO(spn_directory) *dir = NULL;
	spn_error err = { .status = SPN_OK };
	options.now = NOW;
	options.progress = count;
	options.progress_data = found;
	options.forest = forest;
	in_earnest = earnest;
	n_looked_at = 0;
	assert_int_equal(spk_text_open("text", (spn_bytes){ text->data, text->len }, rules, NULL, &dir, &err), SPN_OK);
	n_glances = 0;
	if (spn_audit(dir, &options, note, found, &err))
		spk_text_add(found, "%s", err.message);
	assert_false(found->failed);
}

/* What is near the end of a text is read in earnest. */
static void put_end(spk_text *text)
{
	for (unsigned i = 0; i < 4; i++)
		spk_text_add(text, "dn: OU=last %u," BASE "\nobjectClass: organizationalUnit\n\n", i);
}

/* Returns how many accounts need not be looked at. */
static size_t compare(spk_text *text, spn_dialect rules, bool forest, const char *what)
{
	SPK_AUTOTEXT spk_text found = { 0 }, wanted = { 0 };
	put_end(text);
	audit(text, rules, true, forest, &wanted);
	size_t n_all = n_looked_at;
	audit(text, rules, false, forest, &found);
	if (strcmp(found.data, wanted.data) != 0)
		fail_msg("%s:\n%s\ninstead of\n%s", what, found.data, wanted.data);
	return n_all - n_looked_at;
}

static void put_some(spk_text *text, const struct kind *kind, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		put_account(text, kind, dns[0], i, SIZE_MAX, "");
}

static void each_line_that_an_account_has_instead_of_another_is_judged(void **state)
{
	(void)state;
	enum { SOME = 5, ODD = 9 };
	for (unsigned k = 0; k < COUNT(kinds); k++)
		for (unsigned o = 0; o < COUNT(odd); o++) {
			SPK_AUTOTEXT spk_text text = { 0 };
			put_top(&text, o % 2);
			put_some(&text, &kinds[k], 0, SOME);
			for (size_t instead = 0; instead == 0 ||
					(instead <= COUNT(kinds[k].lines) && kinds[k].lines[instead - 1]);
					instead++)
				put_account(&text, &kinds[k], dns[0], ODD + (unsigned)instead, instead, odd[o]);
			(void)compare(&text, o % 3 ? SPN_DIALECT_WINDOWS : SPN_DIALECT_SAMBA, o % 5 == 0, odd[o]);
		}
}

/* Alone: what one odd account leads to does not hide the next one; two of a kind: the second is like the first. */
static void what_is_odd_twice_is_judged_twice(void **state)
{
	(void)state;
	for (unsigned k = 0; k < COUNT(kinds); k++)
		for (unsigned o = 0; o < COUNT(odd); o++)
			for (size_t instead = 0; instead <= COUNT(kinds[k].lines); instead += 3) {
				SPK_AUTOTEXT spk_text text = { 0 };
				put_top(&text, true);
				put_some(&text, &kinds[k], 0, 3);
				for (unsigned i = 20; i < 24; i++)
					put_account(&text, &kinds[k], dns[0], i, instead, odd[o]);
				/* of the same cast, but with other names */
				put_account(&text, &kinds[(k + 1) % COUNT(kinds)], dns[0], 30, SIZE_MAX, odd[o]);
				put_some(&text, &kinds[k], 40, 42);
				(void)compare(&text, SPN_DIALECT_WINDOWS, false, odd[o]);
			}
}

static void each_place_of_an_account_is_judged(void **state)
{
	(void)state;
	for (unsigned k = 0; k < COUNT(kinds); k++)
		for (unsigned d = 0; d < COUNT(dns); d++) {
			SPK_AUTOTEXT spk_text text = { 0 };
			put_top(&text, !strstr(dns[d], "Protected"));
			put_some(&text, &kinds[k], 0, 5);
			for (unsigned i = 50; i < 53; i++)
				put_account(&text, &kinds[k], "CN=%u,CN=Users," BASE, i, SIZE_MAX, "");
			for (unsigned i = 20; i < (strstr(dns[d], "%u") ? 24 : 21); i++)
				put_account(&text, &kinds[k], dns[d], i, SIZE_MAX, "");
			put_account(&text, &kinds[k], dns[0], 9, SIZE_MAX, ""); /* who is in a protected group */
			(void)compare(&text, SPN_DIALECT_WINDOWS, d % 3 == 0, dns[d]);
		}
}

#define OF(class, name) "objectClass: user\n" class "sAMAccountName: " name "\n"
#define MACHINE "objectClass: computer\n"
#define SID_OF(domain) "objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAA" domain "AAAAUQQAAA==\n"
#define HELD(name) "servicePrincipalName: " name "\n"

/* Nothing is to be said of the first; the second has the same lines but for what is its own, and is judged otherwise.
 */
static const struct {
	const char *code, *first, *second;
} pairs[] = {
	{ "disabled-account", OF("", "krbtgt") "userAccountControl: 514\n" HELD("http/a"),
		OF("", "svc") "userAccountControl: 514\n" HELD("http/b") },
	{ "disabled-account", OF("", "krbtgt_1") "userAccountControl: 514\n" HELD("http/a"),
		OF("", "svc") "userAccountControl: 514\n" HELD("http/b") },
	{ "disabled-account", OF("", "a") "userAccountControl: 514\n" HELD("http/a"),
		OF("", "b") "userAccountControl: 514\n" HELD("http/b") },
	{ "conflict-object", OF("", "a") "userAccountControl: 512\n" HELD("http/a"),
		OF("", "$DUPLICATE-1") "userAccountControl: 512\n" HELD("http/b") },
	{ "disabled-account", OF("", "a") "userAccountControl: 514\n",
		OF("", "b") "userAccountControl: 514\n" HELD("http/b") },
	{ "no-aes-keys", OF("", "a") "userAccountControl: 4096\npwdLastSet: 129000000000000000\n" MACHINE
		"dNSHostName: a.kim.com\n" SID_OF("E") HELD("HOST/a") HELD("HOST/a.kim.com"),
		OF("", "b") "userAccountControl: 4096\npwdLastSet: 129000000000000000\n" MACHINE
		"dNSHostName: b.kim.com\n" SID_OF("D") HELD("HOST/b") HELD("HOST/b.kim.com") },
	{ "wrong-account", OF(MACHINE, "a$") "dNSHostName: a.kim.com\nmsDS-AdditionalDnsHostName: m.kim.com\n" HELD("HOST/a")
		HELD("HOST/a.kim.com") HELD("HOST/m.kim.com"),
		OF(MACHINE, "b$") "dNSHostName: b.kim.com\nmsDS-AdditionalDnsHostName: m.kim.com\n" HELD("HOST/b")
		HELD("HOST/b.kim.com") },
	{ "wrong-account", OF(MACHINE, "a$") "dNSHostName: a.kim.com\nmsDS-AdditionalSamAccountName: M$\n" HELD("HOST/a")
		HELD("HOST/a.kim.com") HELD("HOST/M"),
		OF(MACHINE, "b$") "dNSHostName: b.kim.com\nmsDS-AdditionalSamAccountName: M$\n" HELD("HOST/b")
		HELD("HOST/b.kim.com") },
	{ "missing", OF("objectClass:: Y29tcHV0ZXI=\n", "a$") "dNSHostName: a.kim.com\n" HELD("HOST/a") HELD("HOST/a.kim.com"),
		OF("objectClass:: Y29tcHV0ZXI=\n", "b$") "dNSHostName: b.kim.com\n" HELD("HOST/b") },
	{ "missing", OF("objectClass: comp\n uter\n", "a$") "dNSHostName: a.kim.com\n" HELD("HOST/a") HELD("HOST/a.kim.com"),
		OF("objectClass: comp\n uter\n", "b$") "dNSHostName: b.kim.com\n" HELD("HOST/b") },
	{ "missing", OF(MACHINE, "a$") "dNSHostName: a.kim.com\noperatingSystem: Windows Server\n" HELD("HOST/a")
		HELD("HOST/a.kim.com") HELD("WSMAN/a") HELD("WSMAN/a.kim.com"),
		OF(MACHINE, "b$") "dNSHostName: b.kim.com\noperatingSystem: Windows Server\n" HELD("HOST/b")
		HELD("HOST/b.kim.com") HELD("WSMAN/b") HELD("WSMAN/b.kim.com:80") },
	{ "protected-service", OF("", "a") HELD("http/a"), OF("", "b") HELD("http/b") },
	{ "old-password", OF("", "a") "pwdLastSet: " FRESH "\n" HELD("http/a"),
		OF("", "b") "pwdLastSet: " OLD "\n" HELD("http/b") },
	{ "old-password", OF("", "a") "pwdLastSet: " OLD "\n" HELD("http/a"),
		OF("", "b") "pwdLastSet: 132300000000000000\n" HELD("http/b") },
	{ "protected-service", OF("", "a") "pwdLastSet: " OLD "\n" HELD("http/a"),
		OF("", "b") "pwdLastSet: " OLD "\n" HELD("http/b") },
	{ "roastable-admin", OF("", "a") "pwdLastSet: " OLD "\nadminCount: 1\n" HELD("http/a"),
		OF("", "b") "pwdLastSet: " OLD "\nadminCount: 1\n" HELD("http/b") },
	{ "unknown-class", OF("", "a") "pwdLastSet: " OLD "\n" HELD("http/a"),
		OF("", "b") "pwdLastSet: " OLD "\nservicePrincipalName:: Zm9vL3g=\n" },
	{ "malformed", OF("", "a") HELD("http/a"), OF("", "b.") HELD("http/b.") },
	{ "malformed", OF("", "a") HELD("https/x") HELD("http/a"), OF("", "b") HELD("https/b") HELD("http/b") },
	{ "impersonation", OF(MACHINE, "a$") "userAccountControl: 4096\ndNSHostName: a.kim.com\n" HELD("HOST/a")
		HELD("HOST/a.kim.com") HELD("ldap/a.kim.com"),
		OF(MACHINE, "b$") "userAccountControl: 4096\ndNSHostName: kim.com\n" HELD("HOST/b")
		HELD("HOST/kim.com") HELD("ldap/kim.com") },
	{ "upn", OF("", "a") "userPrincipalName: a@kim.com\n" HELD("http/a"),
		OF("", "b") "userPrincipalName: x/b@kim.com\n" HELD("http/b") },
};

static void one_of_two_that_differ_in_their_own_is_judged(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT(pairs); i++) {
		SPK_AUTOTEXT spk_text text = { 0 }, found = { 0 };
		put_top(&text, true);
		put_some(&text, &kinds[0], 20, 23);
		put_some(&text, &kinds[2], 30, 33);
		for (unsigned n = 1; n < 4; n++)
			spk_text_add(&text, "dn: CN=first %u,OU=x," BASE "\n%s\n", n, pairs[i].first);
		spk_text_add(&text, "dn: CN=second,OU=x," BASE "\n%s\n", pairs[i].second);
		spk_text_add(&text, "dn: CN=in,OU=a," BASE "\n%s\n", pairs[i].second);
		(void)compare(&text, SPN_DIALECT_WINDOWS, false, pairs[i].second);
		audit(&text, SPN_DIALECT_WINDOWS, false, false, &found);
		if (!strstr(found.data, pairs[i].code))
			fail_msg("%s, not %s: of %s", found.data, pairs[i].code, pairs[i].second);
	}
}

static void by_the_rules_of_samba_a_name_of_another_computer_is_judged(void **state)
{
	SPK_AUTOTEXT spk_text text = { 0 }, found = { 0 };
	(void)state;
	put_top(&text, true);
	for (unsigned i = 0; i < 6; i++)
		spk_text_add(&text, "dn: CN=svc%u,OU=x," BASE "\nobjectClass: user\nsAMAccountName: svc%u\nuserAccountControl: 512\n"
				"pwdLastSet: " FRESH "\nservicePrincipalName: HOST/w%u\n\n", i, i, i);
	spk_text_add(&text, "dn: CN=w4,OU=x," BASE "\ncn: w4\nobjectClass: computer\nsAMAccountName: other$\n"
			"userAccountControl: 4096\n\n");
	(void)compare(&text, SPN_DIALECT_SAMBA, true, "HOST/w4");
	audit(&text, SPN_DIALECT_SAMBA, true, false, &found);
	assert_non_null(strstr(found.data, "duplicate"));
}

static void pass_many(spn_dialect rules)
{
	enum { MANY = 2600, EACH = 50 };
	SPK_AUTOTEXT spk_text text = { 0 };
	put_top(&text, true);
	for (unsigned i = 0; i < MANY; i++)
		put_account(&text, &kinds[i % COUNT(kinds)], dns[i / EACH % USUAL_DNS], i + 100, SIZE_MAX, "");
	/* persons are not looked at in any case; nor, by Samba's rules, are computers passed by whose cn is not their host */
	bool is_samba = rules == SPN_DIALECT_SAMBA;
	assert_true(compare(&text, rules, is_samba, "many") > MANY * (is_samba ? 4 : 7) / 10);
	assert_true(is_samba || n_glances < MANY * 3 / 10);
}

static void an_account_with_many_names_is_not_like_others(void **state)
{
	(void)state;
	for (unsigned n_names = 250; n_names <= 1010; n_names += n_names < 260 ? 1 : 250) {
		SPK_AUTOTEXT spk_text text = { 0 };
		put_top(&text, false);
		put_some(&text, &kinds[3], 0, 9);
		spk_text_add(&text, "dn: CN=9,OU=a," BASE "\nobjectClass: user\nsAMAccountName: old9\nuserAccountControl: 66048\n"
				"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUQQAAA==\npwdLastSet: " OLD "\n");
		for (unsigned i = 0; i < n_names; i++)
			spk_text_add(&text, "servicePrincipalName: http/many%u\n", i);
		spk_text_add(&text, "\n");
		(void)compare(&text, SPN_DIALECT_WINDOWS, false, "many names");
	}
}

static void accounts_like_others_are_passed_by_and_counted(void **state)
{
	(void)state;
	pass_many(SPN_DIALECT_WINDOWS);
	pass_many(SPN_DIALECT_SAMBA);
}

struct limited {
	size_t n, max;
};

static spn_status take_some(const spn_finding *finding, void *data, spn_error *err)
{
	struct limited *limited = data;
	(void)finding;
	return limited->n++ < limited->max ? SPN_OK : spn_fail(err, SPN_ERR_REFUSED, 0, "enough");
}

static void who_has_heard_enough_of_old_passwords_ends_the_audit(void **state)
{
	(void)state;
	enum { MANY = 40 };
	SPK_AUTOTEXT spk_text text = { 0 };
	put_top(&text, false);
	put_some(&text, &kinds[3], 100, 100 + MANY);
	put_end(&text);
	for (size_t max = 0; max < MANY; max += 13) {
		struct limited limited = { 0, max };
		spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
		SPK_AUTO(spn_directory) *dir = NULL;
		spn_error err = { .status = SPN_OK };
		options.now = NOW;
		n_looked_at = 0;
		const spn_bytes bytes = { text.data, text.len };
		assert_int_equal(spk_text_open("text", bytes, SPN_DIALECT_WINDOWS, NULL, &dir, &err), SPN_OK);
		assert_int_equal(spn_audit(dir, &options, take_some, &limited, &err), SPN_ERR_REFUSED);
		assert_string_equal(err.message, "enough");
		assert_int_equal(limited.n, max + 1);
		assert_true(n_looked_at < MANY / 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_that_an_account_has_instead_of_another_is_judged),
		cmocka_unit_test(what_is_odd_twice_is_judged_twice),
		cmocka_unit_test(each_place_of_an_account_is_judged),
		cmocka_unit_test(one_of_two_that_differ_in_their_own_is_judged),
		cmocka_unit_test(by_the_rules_of_samba_a_name_of_another_computer_is_judged),
		cmocka_unit_test(accounts_like_others_are_passed_by_and_counted),
		cmocka_unit_test(an_account_with_many_names_is_not_like_others),
		cmocka_unit_test(who_has_heard_enough_of_old_passwords_ends_the_audit),
	};
	return cmocka_run_group_tests_name("audit_alike", tests, NULL, NULL);
}
