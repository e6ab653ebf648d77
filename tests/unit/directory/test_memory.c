/* SPDX-License-Identifier: MIT */
/* What a directory of LDIF finds, and what a change leaves in the text. */
#include "memory_helper.h"

#define BASE "DC=kim,DC=com"

static const char sample[] =
	"# the domain\n"
	"dn: DC=kim,DC=com\nobjectClass: top\nobjectClass: domain\nobjectClass: domainDNS\n\n"
	"dn: OU=CRM,DC=kim,DC=com\nobjectClass: organizationalUnit\n\n"
	"dn: CN=web,OU=CRM,DC=kim,DC=com\nobjectClass: user\nobjectClass: computer\nsAMAccountName: WEB$\n"
	"userAccountControl: 4098\nservicePrincipalName: HOST/web\nservicePrincipalName: HOST/web.kim.com\n\n"
	"dn: CN=Svc\\, one,OU=CRM,DC=kim,DC=com\nobjectClass: user\nsAMAccountName: svc1\n"
	"servicePrincipalName: http/web\ndescription:: Y2Fmw6k=\n\n"
	"dn: CN=g,DC=kim,DC=com\nobjectClass: group\nsAMAccountName: g\nmember: CN=web,OU=CRM,DC=kim,DC=com\n\n"
	"dn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,DC=kim,DC=com\n"
	"objectClass: nTDSService\nsPNMappings: host=http,cifs\n";

static spn_error error, *const err = &error;
static spn_directory *dir;
static struct found found;

static int close_dir(void **state)
{
	(void)state;
	dir = spn_directory_free(dir);
	return 0;
}

static void open_text(const char *text, spn_dialect rules)
{
	close_dir(NULL);
	assert_ok(spn_mock_new(text, rules, &dir, err));
}

static int open_sample(void **state)
{
	(void)state;
	open_text(sample, SPN_DIALECT_WINDOWS);
	return 0;
}

static void expect_root(const char *text, const char *domain, const char *config, const char *forest)
{
	const spn_entry *root;
	open_text(text, SPN_DIALECT_WINDOWS);
	assert_ok(spn_directory_root(dir, &root, err));
	assert_string_equal(spn_entry_text(root, "defaultNamingContext"), domain);
	assert_string_equal(spn_entry_text(root, "rootDomainNamingContext"), forest);
	if (config)
		assert_string_equal(spn_entry_text(root, "configurationNamingContext"), config);
	else
		assert_null(spn_entry_text(root, "configurationNamingContext"));
}

static void naming_contexts_are_learnt_from_the_entries(void **state)
{
	(void)state;
	expect_root(sample, BASE, "CN=Configuration," BASE, BASE);
	expect_root("dn: CN=a,OU=b,dc=kim,DC=com\n", "dc=kim,DC=com", NULL, "dc=kim,DC=com");
	expect_root("dn: CN=a,CN=Configuration,DC=root,DC=com\n\ndn: CN=a,DC=sub,DC=root,DC=com\n", "DC=sub,DC=root,DC=com",
			"CN=Configuration,DC=root,DC=com", "DC=root,DC=com");
	expect_root("dn: CN=a,CN=Configuration,DC=root,DC=com\n", "DC=root,DC=com", "CN=Configuration,DC=root,DC=com",
			"DC=root,DC=com");
	expect_root("dn: DC=DomainDnsZones,DC=kim,DC=com\nobjectClass: domainDNS\n\ndn: CN=a,DC=kim,DC=com\n",
			BASE, NULL, BASE);
	expect_root("dn: DC=x,DC=lab,CN=MicrosoftDNS,DC=DomainDnsZones,DC=kim,DC=com\nobjectClass: dnsNode\n\n"
			"dn: CN=a,DC=kim,DC=com\n", BASE, NULL, BASE);
	expect_root("dn: CN=a,DC=other,DC=com\n\ndn: DC=kim,DC=com\nobjectClass: domainDNS\n", BASE, NULL, BASE);
	expect_root("dn: uid=a,o=example\n", "o=example", NULL, "o=example");
}

static void a_search_of_the_domain_gives_what_matches_in_the_order_of_the_file(void **state)
{
	(void)state;
	const spn_filter filter = { .op = SPN_FILTER_PRESENT, .attr = "SERVICEPRINCIPALNAME" };
	assert_ok(find(dir, NULL, SPN_SCOPE_SUBTREE, &filter, &found, err));
	assert_string_equal(found.dns, "[CN=web,OU=CRM,DC=kim,DC=com][CN=Svc\\, one,OU=CRM,DC=kim,DC=com]");
	assert_ok(find(dir, NULL, SPN_SCOPE_SUBTREE, NULL, &found, err));
	assert_int_equal(found.n, 6);
}

static void scopes_are_kept_to(void **state)
{
	(void)state;
	assert_ok(find(dir, "ou=crm, dc=KIM,dc=com", SPN_SCOPE_BASE, NULL, &found, err));
	assert_string_equal(found.dns, "[OU=CRM,DC=kim,DC=com]");
	assert_ok(find(dir, "ou=crm,dc=kim,dc=com", SPN_SCOPE_ONE, NULL, &found, err));
	assert_int_equal(found.n, 2);
	assert_ok(find(dir, "OU=CRM,DC=kim,DC=com", SPN_SCOPE_SUBTREE, NULL, &found, err));
	assert_int_equal(found.n, 3);
	assert_ok(find(dir, BASE, SPN_SCOPE_ONE, NULL, &found, err));
	assert_string_equal(found.dns, "[OU=CRM,DC=kim,DC=com][CN=g,DC=kim,DC=com]");
	assert_ok(find(dir, "CN=Svc\\2C one,OU=CRM,DC=kim,DC=com", SPN_SCOPE_BASE, NULL, &found, err));
	assert_int_equal(found.n, 1);
}

static void an_escaped_comma_does_not_put_an_entry_below_the_base(void **state)
{
	(void)state;
	open_text("dn: CN=a,DC=kim,DC=com\ncn: a\n\ndn: CN=x\\,DC=kim,DC=com\ncn: x\n\n"
			"dn: CN=y\\\\,DC=kim,DC=com\ncn: y\n\ndn: CN=z\\,DC=kim\\2CDC=com\ncn: z\n", SPN_DIALECT_WINDOWS);
	assert_ok(find(dir, BASE, SPN_SCOPE_SUBTREE, NULL, &found, err));
	assert_string_equal(found.dns, "[CN=a,DC=kim,DC=com][CN=y\\\\,DC=kim,DC=com]");
}

static void a_base_that_is_missing_is_not_found(void **state)
{
	(void)state;
	for (int scope = SPN_SCOPE_BASE; scope <= SPN_SCOPE_SUBTREE; scope++) {
		assert_fails(find(dir, "OU=nope,DC=kim,DC=com", (spn_scope)scope, NULL, &found, err), SPN_ERR_NOT_FOUND,
				"there is no entry 'OU=nope,DC=kim,DC=com'");
		assert_int_equal(error.native, 32);
		assert_int_equal(error.win32, 0x208d);
	}
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = SPN, .value = bytes("http/web") };
	assert_fails(find(dir, "OU=nope,DC=kim,DC=com", SPN_SCOPE_SUBTREE, &filter, &found, err), SPN_ERR_NOT_FOUND, "nope");
	assert_fails(find(dir, "", SPN_SCOPE_SUBTREE, NULL, &found, err), SPN_ERR_NOT_FOUND, "");
}

static void a_base_that_only_its_children_show_is_there(void **state)
{
	(void)state;
	assert_ok(find(dir, "CN=Services,CN=Configuration,DC=kim,DC=com", SPN_SCOPE_SUBTREE, NULL, &found, err));
	assert_int_equal(found.n, 1);
	open_text("dn: CN=a,OU=b,DC=kim,DC=com\ncn: a\n", SPN_DIALECT_WINDOWS);
	assert_ok(find(dir, NULL, SPN_SCOPE_SUBTREE, NULL, &found, err));
	assert_int_equal(found.n, 1);
	assert_ok(find(dir, "OU=b,DC=kim,DC=com", SPN_SCOPE_ONE, NULL, &found, err));
	assert_int_equal(found.n, 1);
	assert_fails(find(dir, "OU=b,DC=kim,DC=com", SPN_SCOPE_BASE, NULL, &found, err), SPN_ERR_NOT_FOUND, "");
}

static void the_empty_base_is_the_root_dse(void **state)
{
	(void)state;
	assert_ok(find(dir, "", SPN_SCOPE_BASE, NULL, &found, err));
	assert_string_equal(found.dns, "[]");
}

static void the_forest_is_everything(void **state)
{
	(void)state;
	open_text("dn: CN=a,DC=one,DC=com\ncn: a\n\ndn: CN=b,DC=two,DC=com\ncn: b\n", SPN_DIALECT_WINDOWS);
	const spn_search search = { .forest = true, .scope = SPN_SCOPE_BASE };
	found = (struct found){ .n = 0 };
	assert_ok(spn_directory_search(dir, &search, add_dn, &found, err));
	assert_string_equal(found.dns, "[CN=a,DC=one,DC=com][CN=b,DC=two,DC=com]");
	assert_ok(find(dir, NULL, SPN_SCOPE_SUBTREE, NULL, &found, err));
	assert_string_equal(found.dns, "[CN=a,DC=one,DC=com]");
}

static void names_match_as_the_rules_say(void **state)
{
	(void)state;
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "HTTP/WEB", &found, err));
	assert_int_equal(found.n, 1);
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/w\xc3\xa9" "b", &found, err));
	assert_int_equal(found.n, 1);
	assert_ok(find_value(dir, SPN_FILTER_GLOB, SPN, "host/*.KIM.*", &found, err));
	assert_int_equal(found.n, 1);
	open_text(sample, SPN_DIALECT_SAMBA);
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "HTTP/WEB", &found, err));
	assert_int_equal(found.n, 1);
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/w\xc3\xa9" "b", &found, err));
	assert_int_equal(found.n, 0);
}

static void filters_are_put_together(void **state)
{
	(void)state;
	const spn_filter web = { .op = SPN_FILTER_EQUAL, .attr = SPN, .value = bytes("host/web") };
	const spn_filter http = { .op = SPN_FILTER_EQUAL, .attr = SPN, .value = bytes("http/web") };
	const spn_filter disabled = { .op = SPN_FILTER_BITS, .attr = "userAccountControl", .value = bytes("2") };
	const spn_filter *const pair[] = { &web, &http, NULL }, *const mixed[] = { &disabled, &http, NULL };
	const spn_filter *const narrow[] = { &disabled, &web, NULL }, *const one[] = { &disabled, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = pair }, any_mixed = { .op = SPN_FILTER_OR, .parts = mixed };
	const spn_filter all = { .op = SPN_FILTER_AND, .parts = narrow }, none = { .op = SPN_FILTER_AND, .parts = mixed };
	const spn_filter not = { .op = SPN_FILTER_NOT, .parts = one };
	const struct {
		const spn_filter *filter;
		size_t n;
	} cases[] = { { &any, 2 }, { &any_mixed, 2 }, { &all, 1 }, { &none, 0 }, { &not, 5 }, { &disabled, 1 } };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_ok(find(dir, NULL, SPN_SCOPE_SUBTREE, cases[i].filter, &found, err));
		assert_int_equal(found.n, cases[i].n);
	}
}

static spn_status take_values(const spn_entry *entry, void *data, spn_error *unused)
{
	(void)unused;
	const spn_bytes *values;
	assert_int_equal(spn_entry_values(entry, SPN, &values), 2);
	assert_string_equal(values[1].data, "HOST/web.kim.com");
	assert_null(spn_entry_text(entry, "objectClass"));
	assert_string_equal(spn_entry_text(entry, "distinguishedName"), "CN=web,OU=CRM,DC=kim,DC=com");
	*(int *)data += 1;
	return SPN_ERR_STOPPED;
}

static void only_the_attributes_asked_for_come_and_the_caller_may_stop(void **state)
{
	(void)state;
	static const char *const attrs[] = { "serviceprincipalname", "distinguishedName", NULL };
	const spn_filter filter = { .op = SPN_FILTER_PRESENT, .attr = SPN };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = attrs };
	int calls = 0;
	assert_int_equal(spn_directory_search(dir, &search, take_values, &calls, err), SPN_ERR_STOPPED);
	assert_int_equal(calls, 1);
}

static void values_of_a_range_belong_to_the_attribute(void **state)
{
	(void)state;
	open_text("dn: CN=g,DC=kim,DC=com\nobjectClass: group\nmember;range=0-1: CN=a,DC=kim,DC=com\n", SPN_DIALECT_WINDOWS);
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, "member", "cn=A,dc=kim,dc=com", &found, err));
	assert_int_equal(found.n, 1);
}

static void take_note(const spn_note *note, void *data)
{
	char *noted = data;
	size_t len = strlen(noted);
	snprintf(noted + len, 256 - len, "%s %zu %s;", note->code, note->count, note->condition ? note->condition : "-");
}

static void a_range_is_one_in_any_letter_case(void **state)
{
	(void)state;
	char noted[256] = "";
	open_text("dn: CN=a,DC=kim,DC=com\nobjectClass: user\nservicePrincipalName;Range=0-1499: http/a\n\n"
			"dn: CN=b,DC=kim,DC=com\nobjectClass: user\nServicePrincipalName;RANGE=0-*: http/b\n", SPN_DIALECT_WINDOWS);
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/a", &found, err));
	assert_int_equal(found.n, 1);
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/b", &found, err));
	assert_int_equal(found.n, 1);
	spn_directory_notes(dir, take_note, noted);
	assert_non_null(strstr(noted, "incomplete-names 1 "));
}

/* How many entries lack names; each range has one name. */
static void expect_incomplete(const char *const *ranges, bool is_incomplete)
{
	char text[600] = "dn: CN=a,DC=kim,DC=com\nobjectClass: user\n", noted[256] = "";
	for (size_t i = 0; ranges[i]; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "servicePrincipalName;range=%s: http/%zu\n", ranges[i], i);
	open_text(text, SPN_DIALECT_WINDOWS);
	spn_directory_notes(dir, take_note, noted);
	assert_int_equal(strstr(noted, "incomplete-names 1 ") != NULL, is_incomplete);
}

/* In whatever order they come; and one that goes backwards comes to an end. */
static void ranges_are_whole_if_they_leave_no_gap(void **state)
{
	(void)state;
	expect_incomplete((const char *const[]){ "2-*", "0-0", "1-1", NULL }, false);
	expect_incomplete((const char *const[]){ "0-1", "1-2", "0-0", "2-*", NULL }, false);
	expect_incomplete((const char *const[]){ "0-5", "1-2", "6-*", NULL }, false);
	expect_incomplete((const char *const[]){ "0-0", "2-*", NULL }, true);
	expect_incomplete((const char *const[]){ "1-*", NULL }, true);
	expect_incomplete((const char *const[]){ "0-0", "1-1", NULL }, true);
	expect_incomplete((const char *const[]){ "0-0", "1-0", NULL }, true);
	expect_incomplete((const char *const[]){ "0-0", "1-0", "1-*", NULL }, false);
	expect_incomplete((const char *const[]){ "0", "x", NULL }, true);
}

static void a_copy_of_an_entry_is_read_once_and_nothing_is_changed_then(void **state)
{
	(void)state;
	char noted[256] = "";
	static const char entry[] = "dn: CN=a,DC=x\nobjectClass: user\nservicePrincipalName: http/a\n\n";
	char text[3 * sizeof entry];
	snprintf(text, sizeof text, "%s%s%s", entry, entry, entry);
	open_text(text, SPN_DIALECT_WINDOWS);
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/a", &found, err));
	assert_int_equal(found.n, 1);
	assert_ok(find_value(dir, SPN_FILTER_PRESENT, SPN, "", &found, err));
	assert_int_equal(found.n, 1);
	spn_directory_notes(dir, take_note, noted);
	assert_non_null(strstr(noted, "doubles 2 -;"));
	assert_fails(add(dir, "CN=a,DC=x", SPN, "http/b"), SPN_ERR_REFUSED, "holds 2 copies of entries");
}

static void names_that_are_not_there_are_a_condition(void **state)
{
	(void)state;
	char noted[256] = "";
	open_text("dn: CN=a,DC=x\nobjectClass: user\nuserAccountControl: 512\nservicePrincipalName:\n\n"
		"dn: CN=b,DC=x\nobjectClass: user\nservicePrincipalName: http/b\n", SPN_DIALECT_WINDOWS);
	spn_directory_notes(dir, take_note, noted);
	assert_string_equal(noted, "unknown-names 1 the names of 1 account are missing;");
	assert_ok(find_value(dir, SPN_FILTER_PRESENT, SPN, "", &found, err));
	assert_int_equal(found.n, 1);
}

static void a_plan_is_no_directory(void **state)
{
	(void)state;
	spn_directory *none = NULL;
	assert_fails(spn_mock_new("dn: CN=a\nchangetype: modify\nadd: cn\ncn: b\n-\n", SPN_DIALECT_WINDOWS, &none, err),
			SPN_ERR_SYNTAX, "'mock', line 1: a change record: this is a plan");
	assert_fails(spn_mock_new("dn: CN=a\ncn: a\n-\n", SPN_DIALECT_WINDOWS, &none, err), SPN_ERR_SYNTAX,
			"line 3, column 1");
	assert_fails(spn_mock_new("dn: what\ncn: a\n", SPN_DIALECT_WINDOWS, &none, err), SPN_ERR_SYNTAX,
			"line 1: 'what' is not a DN");
	assert_fails(spn_mock_new("# nothing\n", SPN_DIALECT_WINDOWS, &none, err), SPN_ERR_SYNTAX, "holds no entry");
	assert_fails(spn_mock_new("dn: CN=a,DC=b\ncn: a\n\ndn: cn=A, dc=B\ncn: b\n", SPN_DIALECT_WINDOWS, &none, err),
			SPN_ERR_SYNTAX, "two versions of 'CN=a,DC=b', in line 1 and line 4: remove the older one");
	assert_fails(spn_mock_new("dn: CN=a,DC=b\ncn:: !\n", SPN_DIALECT_WINDOWS, &none, err), SPN_ERR_SYNTAX, "line 2");
	assert_null(none);
}

/* One change and the text that it leaves. */
static void expect_text(const char *before, spn_mod_op op, const char *attr, const char *value, const char *after)
{
	open_text(before, SPN_DIALECT_WINDOWS);
	assert_ok(change(dir, "CN=a,DC=b", op, attr, value, err));
	assert_string_equal(spn_mock_ldif(dir), after);
}

static void a_change_leaves_the_rest_of_the_text_alone(void **state)
{
	(void)state;
#define HEAD "version: 1\r\n# c\n\n\ndn: CN=a,\n DC=b\nServicePrincipalName: x/1\n# why\ncn:: YQ==\n"
#define TAIL "\n\n# end\ndn: CN=z,DC=b\nfoo: bar"
	expect_text(HEAD TAIL, SPN_MOD_ADD, "serviceprincipalname", "x/2",
			"version: 1\r\n# c\n\n\ndn: CN=a,\n DC=b\nServicePrincipalName: x/1\nServicePrincipalName: x/2\n# why\n"
			"cn:: YQ==\n" TAIL);
	expect_text(HEAD TAIL, SPN_MOD_ADD, "info", "new", HEAD "info: new\n" TAIL);
	expect_text(HEAD TAIL, SPN_MOD_DELETE, SPN, "X/1", "version: 1\r\n# c\n\n\ndn: CN=a,\n DC=b\n# why\ncn:: YQ==\n" TAIL);
#undef HEAD
#undef TAIL
}

static void a_change_at_the_end_of_the_text_is_a_line_of_its_own(void **state)
{
	(void)state;
	expect_text("dn: CN=a,DC=b\ninfo: 1", SPN_MOD_ADD, "info", "2", "dn: CN=a,DC=b\ninfo: 1\ninfo: 2");
	expect_text("dn: CN=a,DC=b", SPN_MOD_ADD, "info", "2", "dn: CN=a,DC=b\ninfo: 2");
	expect_text("dn: CN=a,DC=b\r\ninfo: 1", SPN_MOD_ADD, "info", "2", "dn: CN=a,DC=b\r\ninfo: 1\r\ninfo: 2");
	expect_text("dn: CN=a,DC=b\ninfo: 1", SPN_MOD_DELETE, "info", "1", "dn: CN=a,DC=b");
	expect_text("dn: CN=a,DC=b\r\ninfo: 1", SPN_MOD_DELETE, "info", "1", "dn: CN=a,DC=b");
	expect_text("dn: CN=a,DC=b\r\ncn: a\ninfo: 1", SPN_MOD_DELETE, "info", "1", "dn: CN=a,DC=b\r\ncn: a");
	expect_text("dn: CN=a,DC=b\ninfo: 1\n", SPN_MOD_DELETE, "info", "1", "dn: CN=a,DC=b\n");
	expect_text("dn: CN=a,DC=b\ninfo: 1\n# c", SPN_MOD_ADD, "url", "2", "dn: CN=a,DC=b\ninfo: 1\nurl: 2\n# c");
}

static void two_attributes_added_at_a_cut_end_do_not_part_the_record(void **state)
{
	(void)state;
	const spn_mod mods[] = { { SPN_MOD_DELETE, "info", bytes("1") }, { SPN_MOD_ADD, "info", bytes("2") },
		{ SPN_MOD_ADD, "url", bytes("3") } };
	open_text("dn: CN=a,DC=b\ninfo: 1", SPN_DIALECT_WINDOWS);
	assert_ok(spn_directory_modify(dir, "CN=a,DC=b", mods, 3, err));
	assert_string_equal(spn_mock_ldif(dir), "dn: CN=a,DC=b\ninfo: 2\nurl: 3");
	open_text("dn: CN=a,DC=b\ncn: a", SPN_DIALECT_WINDOWS);
	assert_ok(spn_directory_modify(dir, "CN=a,DC=b", mods + 1, 2, err));
	assert_string_equal(spn_mock_ldif(dir), "dn: CN=a,DC=b\ncn: a\ninfo: 2\nurl: 3");
}

static void an_end_without_a_line_end_stays_one_whatever_goes_there(void **state)
{
	(void)state;
	static const char text[] = "dn: CN=a,DC=b\ncn: a\r\nurl: 1\ninfo: 1\ninfo: 2";
	const spn_mod both[] = { { SPN_MOD_DELETE, "info", bytes("1") }, { SPN_MOD_DELETE, "info", bytes("2") } };
	const spn_mod before[] = { both[1], { SPN_MOD_ADD, "url", bytes("2") }, both[0] };
	open_text(text, SPN_DIALECT_WINDOWS);
	assert_ok(spn_directory_modify(dir, "CN=a,DC=b", both, 2, err));
	assert_string_equal(spn_mock_ldif(dir), "dn: CN=a,DC=b\ncn: a\r\nurl: 1");
	assert_ok(add(dir, "CN=a,DC=b", "info", "1"));
	assert_ok(add(dir, "CN=a,DC=b", "info", "2"));
	assert_string_equal(spn_mock_ldif(dir), text);
	assert_ok(spn_directory_modify(dir, "CN=a,DC=b", before, 3, err));
	assert_string_equal(spn_mock_ldif(dir), "dn: CN=a,DC=b\ncn: a\r\nurl: 1\nurl: 2");
	assert_ok(delete(dir, "CN=a,DC=b", "url", "1"));
	assert_ok(delete(dir, "CN=a,DC=b", "url", "2"));
	assert_string_equal(spn_mock_ldif(dir), "dn: CN=a,DC=b\ncn: a");
}

static void the_other_end_of_a_link_stays_without_a_line_end(void **state)
{
	(void)state;
	static const char text[] = "dn: CN=g,DC=b\nobjectClass: group\nmember: CN=b,DC=b\n\n"
		"dn: CN=a,DC=b\nobjectClass: user\nmemberOf: CN=h,DC=b";
	open_text(text, SPN_DIALECT_WINDOWS);
	assert_ok(add(dir, "CN=g,DC=b", "member", "CN=a,DC=b"));
	assert_ok(delete(dir, "CN=g,DC=b", "member", "CN=a,DC=b"));
	assert_string_equal(spn_mock_ldif(dir), text);
}

static void guid_and_sid_in_front_of_a_dn_are_no_part_of_it(void **state)
{
	(void)state;
	open_text("dn: <GUID=0f7a>;<SID=S-1-5-21-1>;CN=g,DC=b\nobjectClass: group\nmember: <GUID=1f>;CN=a,DC=b\n"
			"info: <x>;CN=a\n\n"
			"dn: <SID=S-1>;CN=a,DC=b\nobjectClass: user\n", SPN_DIALECT_WINDOWS);
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, "member", "cn=A,dc=b", &found, err));
	assert_string_equal(found.dns, "[CN=g,DC=b]");
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, "info", "<x>;CN=a", &found, err));
	assert_int_equal(found.n, 1);
	assert_ok(add(dir, "CN=a,DC=b", SPN, "http/a"));
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/a", &found, err));
	assert_string_equal(found.dns, "[CN=a,DC=b]");
}

static void a_value_that_must_be_encoded_is(void **state)
{
	(void)state;
	expect_text("dn: CN=a,DC=b\ninfo: 1\n", SPN_MOD_ADD, "info", "x\ndn: CN=evil", "dn: CN=a,DC=b\ninfo: 1\n"
			"info:: eApkbjogQ049ZXZpbA==\n");
}

static void all_changes_of_a_request_are_made_or_none(void **state)
{
	(void)state;
	const spn_mod mods[] = { { SPN_MOD_ADD, SPN, bytes("http/new") }, { SPN_MOD_DELETE, SPN, bytes("http/absent") } };
	assert_fails(spn_directory_modify(dir, "CN=web,OU=CRM,DC=kim,DC=com", mods, 2, err), SPN_ERR_NOT_FOUND, "http/absent");
	assert_string_equal(spn_mock_ldif(dir), sample);
}

static void a_request_sees_its_own_changes(void **state)
{
	(void)state;
	const spn_mod mods[] = { { SPN_MOD_ADD, SPN, bytes("http/new") }, { SPN_MOD_DELETE, SPN, bytes("HTTP/new") },
		{ SPN_MOD_DELETE, SPN, bytes("HOST/web") }, { SPN_MOD_ADD, SPN, bytes("host/WEB") } };
	assert_ok(spn_directory_modify(dir, "CN=web,OU=CRM,DC=kim,DC=com", mods, 4, err));
	assert_null(strstr(spn_mock_ldif(dir), "http/new"));
	assert_non_null(strstr(spn_mock_ldif(dir), SPN ": HOST/web.kim.com\n" SPN ": host/WEB\n"));
}

/* The indexes follow the text as it moves. */
static void what_was_changed_is_found(void **state)
{
	(void)state;
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/web", &found, err));
	assert_ok(add(dir, "CN=web,OU=CRM,DC=kim,DC=com", SPN, "http/a-name-that-is-long-enough-to-move-the-rest"));
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/a-name-that-is-long-enough-to-move-the-REST", &found, err));
	assert_string_equal(found.dns, "[CN=web,OU=CRM,DC=kim,DC=com]");
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/web", &found, err));
	assert_string_equal(found.dns, "[CN=Svc\\, one,OU=CRM,DC=kim,DC=com]");
	assert_ok(delete(dir, "CN=Svc\\, one,OU=CRM,DC=kim,DC=com", SPN, "http/web"));
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, "http/web", &found, err));
	assert_int_equal(found.n, 0);
	assert_ok(find(dir, "CN=g,DC=kim,DC=com", SPN_SCOPE_BASE, NULL, &found, err));
	assert_int_equal(found.n, 1);
}

/* Random changes: the directory always is what a new one made of its text is. */
static void a_directory_equals_one_read_from_its_text(void **state)
{
	(void)state;
	static const char *const dns[] = { "CN=web,OU=CRM,DC=kim,DC=com", "CN=Svc\\, one,OU=CRM,DC=kim,DC=com" };
	uint64_t random = 123456789;
	for (int i = 0; i < 1500; i++) {
		char name[40], other[40];
		snprintf(name, sizeof name, "s%d/%d", (int)(unit_random(&random) % 4), (int)(unit_random(&random) % 6));
		snprintf(other, sizeof other, "S%d/%d", (int)(unit_random(&random) % 4), (int)(unit_random(&random) % 6));
		const spn_mod mods[] = { { (spn_mod_op)(unit_random(&random) % 2), SPN, bytes(name) },
			{ (spn_mod_op)(unit_random(&random) % 2), SPN, bytes(other) } };
		/* may be refused */
		(void)spn_directory_modify(dir, dns[unit_random(&random) % 2], mods, 1 + unit_random(&random) % 2, err);
		spn_directory *again;
		struct found from_text;
		assert_ok(spn_mock_new(spn_mock_ldif(dir), SPN_DIALECT_WINDOWS, &again, err));
		assert_ok(find_value(again, SPN_FILTER_EQUAL, SPN, name, &from_text, err));
		assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, name, &found, err));
		assert_string_equal(found.dns, from_text.dns);
		assert_in_range(found.n, 0, 1);
		assert_ok(find_value(dir, SPN_FILTER_GLOB, SPN, name, &found, err));
		assert_string_equal(found.dns, from_text.dns);
		spn_directory_free(again);
	}
}

static spn_status change_while_searching(const spn_entry *entry, void *data, spn_error *unused)
{
	(void)unused;
	*(size_t *)data += 1;
	if (spn_entry_values(entry, SPN, NULL) > 0)
		assert_ok(add(dir, spn_entry_dn(entry), "info", "a value that moves everything behind it"));
	return SPN_OK;
}

static void a_search_may_change_what_it_finds(void **state)
{
	(void)state;
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE };
	size_t n = 0;
	assert_ok(spn_directory_search(dir, &search, change_while_searching, &n, err));
	assert_int_equal(n, 6);
	assert_ok(find_value(dir, SPN_FILTER_PRESENT, "info", "", &found, err));
	assert_int_equal(found.n, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_sample, close_dir)
	const struct CMUnitTest tests[] = {
		TEST(naming_contexts_are_learnt_from_the_entries),
		TEST(a_search_of_the_domain_gives_what_matches_in_the_order_of_the_file),
		TEST(scopes_are_kept_to),
		TEST(an_escaped_comma_does_not_put_an_entry_below_the_base),
		TEST(a_base_that_is_missing_is_not_found),
		TEST(a_base_that_only_its_children_show_is_there),
		TEST(the_empty_base_is_the_root_dse),
		TEST(the_forest_is_everything),
		TEST(names_match_as_the_rules_say),
		TEST(filters_are_put_together),
		TEST(only_the_attributes_asked_for_come_and_the_caller_may_stop),
		TEST(values_of_a_range_belong_to_the_attribute),
		TEST(a_range_is_one_in_any_letter_case),
		TEST(ranges_are_whole_if_they_leave_no_gap),
		TEST(a_copy_of_an_entry_is_read_once_and_nothing_is_changed_then),
		TEST(names_that_are_not_there_are_a_condition),
		TEST(a_plan_is_no_directory),
		TEST(a_change_leaves_the_rest_of_the_text_alone),
		TEST(a_change_at_the_end_of_the_text_is_a_line_of_its_own),
		TEST(two_attributes_added_at_a_cut_end_do_not_part_the_record),
		TEST(an_end_without_a_line_end_stays_one_whatever_goes_there),
		TEST(the_other_end_of_a_link_stays_without_a_line_end),
		TEST(guid_and_sid_in_front_of_a_dn_are_no_part_of_it),
		TEST(a_value_that_must_be_encoded_is),
		TEST(all_changes_of_a_request_are_made_or_none),
		TEST(a_request_sees_its_own_changes),
		TEST(what_was_changed_is_found),
		TEST(a_directory_equals_one_read_from_its_text),
		TEST(a_search_may_change_what_it_finds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
