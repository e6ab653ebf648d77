/* SPDX-License-Identifier: MIT */
#include "ops.h"
#include "returned.h"

#include <unistd.h>

#include <spnkit/backend.h>

#include "check/resolve.h"
#include "model/mapping.h"

#define USER(cn, more) "dn: CN=" cn "," BASE "\nobjectClass: user\ncn: " cn "\nsAMAccountName: " cn "\n" more "\n"
#define COMPUTER(cn, uac, more) "dn: CN=" cn "," BASE "\nobjectClass: user\nobjectClass: computer\ncn: " cn "\n" \
	"sAMAccountName: " cn "$\n" \
	"userAccountControl: " uac "\n" more "\n"
#define SPN(name) "servicePrincipalName: " name "\n"

static const char domain[] = "dn: " BASE "\nobjectClass: domainDNS\n\n"
	USER("krbtgt", "userAccountControl: 514\n")
	"dn: CN=krbtgt,CN=Users,DC=child," BASE "\nobjectClass: user\nsAMAccountName: krbtgt\n\n"
	USER("svc", SPN("http/site") SPN("HOST/three"))
	USER("ktpass", "userPrincipalName: http/upn@EXAMPLE.COM\n")
	USER("bare", "userPrincipalName: http/bare\n")
	USER("elsewhere", "userPrincipalName: http/elsewhere@OTHER.COM\n")
	USER("words", SPN("Hyper-V Replica Service/app"))
	USER("odd", SPN("TWO WORDS/x") SPN("odd@class/site") SPN("HOST/held"))
	USER("twice1", "userAccountControl: 512\n" SPN("ldap/twice/example.com"))
	USER("twice2", "userAccountControl: 512\n" SPN("ldap/twice/example.com"))
	USER("poser", "userAccountControl: 512\n" SPN("krbtgt/EXAMPLE.COM") SPN("ldap/poser/EXAMPLE"))
	USER("unknown", SPN("ldap/unknown/example.com"))
	USER("upn2", "userPrincipalName: http/f\xc3\xbcr@example.com\n")
	"dn: CN=things," BASE "\nobjectClass: container\ncn: things\n\n"
	USER("umlaut", SPN("http/m\xc3\xbcller") SPN("http/nb\xc2\xa0sp"))
	COMPUTER("app", "4096", SPN("ldap/app/example.com") SPN("ldap/app/other.com") SPN("HOST/apphost"))
	COMPUTER("own", "4096", SPN("HOST/own"))
	COMPUTER("held", "4096", "")
	COMPUTER("dc", "532480", SPN("ldap/dc/example.com"))
	COMPUTER("rodc", "83890176", SPN("ldap/rodc/example.com"))
	"dn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration," BASE "\nobjectClass: nTDSService\n"
	"sPNMappings: host=cifs,http,shop\nsPNMappings: two words=odd\n";

struct answer {
	char text[120];
};

static spn_status note(const spn_resolution *resolution, void *data, spn_error *err)
{
	(void)err;
	struct answer *answer = data;
	assert_true(resolution->via || resolution->n_accounts == 0);
	const char *who = resolution->n_accounts ? spn_account_name(resolution->accounts[0]) : resolution->via;
	snprintf(answer->text, sizeof answer->text, "%s%s%s", spn_match_name(resolution->match), who ? " " : "",
			who ? who : "");
	return SPN_OK;
}

static void resolves(const char *name, const char *windows, const char *samba)
{
	const char *const expected[] = { windows, samba };
	for (int i = 0; i < 2; i++) {
		spn_directory *dir = NULL;
		struct answer answer = { "" };
		assert_int_equal(spn_mock_new(domain, i ? SPN_DIALECT_SAMBA : SPN_DIALECT_WINDOWS, &dir, NULL), SPN_OK);
		assert_int_equal(resolve_name(dir, name, note, &answer, NULL), SPN_OK);
		if (strcmp(answer.text, expected[i]) != 0)
			fail_msg("%s, %s: expected '%s', got '%s'", name, i ? "Samba" : "Windows", expected[i], answer.text);
		spn_directory_free(dir);
	}
}

static void explicit_names_and_aliases_are_the_same_everywhere(void **state)
{
	(void)state;
	resolves("HTTP/Site", "explicit svc", "explicit svc");
	resolves("cifs/three", "alias svc", "alias svc");
	resolves("cifs/three:80", "none", "none");
	resolves("ftp/three", "none", "none");
	resolves("HOST/own", "explicit own$", "explicit own$");
	resolves("http/own", "alias own$", "alias own$");
}

static void the_directory_says_what_is_an_alias(void **state)
{
	(void)state;
	resolves("shop/three", "alias svc", "alias svc");
	resolves("spooler/three", "none", "none"); /* of the default list, which this directory does not have */
	resolves("odd/x", "alias odd", "none"); /* Samba: TWO\ WORDS/x */
}

static void without_a_setting_windows_own_list_holds(void **state)
{
	(void)state;
	static const char *const names[] = { "alerter/x", "dns/x", "HTTP/x", "cifs/x", "msdtc/x" };
	static const char plain[] = "dn: " BASE "\nobjectClass: domainDNS\n\n" COMPUTER("x", "4096", SPN("HOST/x"));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		spn_directory *dir = NULL;
		struct answer answer = { "" };
		assert_int_equal(spn_mock_new(plain, SPN_DIALECT_WINDOWS, &dir, NULL), SPN_OK);
		assert_int_equal(resolve_name(dir, names[i], note, &answer, NULL), SPN_OK);
		assert_string_equal(answer.text, "alias x$");
		spn_directory_free(dir);
	}
}

/* An export of those who hold names lacks it, and the KDC answers all the same. */
static void the_ticket_granting_service_is_there_even_where_its_account_is_not_seen(void **state)
{
	spn_directory *dir = NULL;
	struct answer answer = { "" };
	(void)state;
	assert_int_equal(spn_mock_new("dn: DC=example,DC=com\nobjectClass: domainDNS\n", SPN_DIALECT_WINDOWS, &dir,
			NULL), SPN_OK);
	assert_int_equal(resolve_name(dir, "krbtgt/EXAMPLE.COM", note, &answer, NULL), SPN_OK);
	assert_string_equal(answer.text, "krbtgt");
	spn_directory_free(dir);
}

static void the_ticket_granting_service_is_known_by_a_netbios_name_and_those_of_partners_by_their_trusts(void **state)
{
	static const char text[] = "dn: " BASE "\nobjectClass: domainDNS\n\n" USER("krbtgt", "userAccountControl: 514\n")
		"dn: CN=EX,CN=Partitions,CN=Configuration," BASE "\nobjectClass: crossRef\nnCName: " BASE "\nnETBIOSName: EX\n\n"
		"dn: CN=CHILD,CN=Partitions,CN=Configuration," BASE "\nobjectClass: crossRef\n"
		"nCName: DC=child," BASE "\nnETBIOSName: CHILD\n\n"
		"dn: CN=partner.test,CN=System," BASE "\nobjectClass: trustedDomain\ntrustPartner: partner.test\nflatName: PARTNER\n"
		"trustDirection: 3\n\n"
		"dn: CN=outward.test,CN=System," BASE "\nobjectClass: trustedDomain\ntrustPartner: outward.test\nflatName: OUTWARD\n"
		"trustDirection: 2\n\n";
	static const struct {
		const char *name, *answer;
	} cases[] = {
		{ "krbtgt/EX", "krbtgt krbtgt" }, { "krbtgt/ex", "krbtgt krbtgt" }, { "krbtgt/PARTNER.TEST", "krbtgt partner.test" },
		{ "krbtgt/PARTNER", "krbtgt partner.test" }, { "krbtgt/OUTWARD.TEST", "none" },
		{ "krbtgt/CHILD", "none" }, { "krbtgt/EXAMPLE", "none" },
		{ "krbtgt/PARTNER:88", "none" }, { "krbtgt/EX/x", "none" }, { "http/PARTNER", "none" },
	};
	spn_directory *dir = NULL;
	(void)state;
	assert_int_equal(spn_mock_new(text, SPN_DIALECT_WINDOWS, &dir, NULL), SPN_OK);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct answer answer = { "" };
		assert_int_equal(resolve_name(dir, cases[i].name, note, &answer, NULL), SPN_OK);
		assert_string_equal(answer.text, cases[i].answer);
	}
	spn_directory_free(dir);
}

static void a_user_principal_name_counts_on_windows_only(void **state)
{
	(void)state;
	resolves("http/upn", "upn ktpass", "none");
	resolves("http/bare", "upn bare", "none");
	resolves("http/elsewhere", "none", "none");
	resolves("HTTP/fur", "upn upn2", "none");
}

static void a_computer_answers_by_its_cn_on_samba_only(void **state)
{
	(void)state;
	resolves("HOST/app", "none", "cn app$");
	resolves("http/app.example.com", "none", "cn app$");
	resolves("HOST/app.other.example", "none", "cn app$");
	resolves("HOST/app:80", "none", "none");
	resolves("HOST/app/x", "none", "none");
	resolves("ldap/app", "none", "none");
	resolves("HOST/svc", "none", "none");
	resolves("HOST/things", "none", "none");
	resolves("http/held", "alias odd", "ambiguous odd");
}

static void an_alias_of_three_parts_stands_for_two_on_samba_only(void **state)
{
	(void)state;
	resolves("http/three/x", "none", "alias svc");
}

static void samba_finds_no_name_with_a_blank_or_an_at(void **state)
{
	(void)state;
	resolves("odd@class/site", "explicit odd", "none");
	resolves("Hyper-V Replica Service/app", "explicit words", "none");
}

static void names_of_the_domain_are_for_its_controllers(void **state)
{
	(void)state;
	resolves("ldap/dc/example.com", "explicit dc$", "explicit dc$");
	resolves("ldap/rodc/EXAMPLE.COM", "explicit rodc$", "explicit rodc$");
	resolves("ldap/app/example.com", "none", "none");
	resolves("ldap/app/EXAMPLE", "none", "none");
	resolves("http/apphost/other.com", "none", "alias app$");
	resolves("http/apphost/example.com", "none", "none");
	resolves("ldap/app/other.com", "explicit app$", "explicit app$");
	resolves("ldap/poser/EXAMPLE", "explicit poser", "none"); /* Samba takes the NetBIOS name for the domain */
	resolves("ldap/twice/example.com", "ambiguous twice1", "ambiguous twice1");
	resolves("ldap/unknown/example.com", "explicit unknown", "explicit unknown"); /* what it is was not exported */
}

static void the_ticket_granting_service_is_that_of_the_domain(void **state)
{
	(void)state;
	resolves("krbtgt/EXAMPLE.COM", "krbtgt krbtgt", "krbtgt krbtgt");
	resolves("krbtgt/OTHER.COM", "none", "none");
	resolves("krbtgt/EXAMPLE.COM/x", "none", "none");
	resolves("krbtgt/EXAMPLE.COM:88", "none", "none");
	resolves("http/EXAMPLE.COM", "none", "none");
}

static void accents_make_a_difference_on_samba_only(void **state)
{
	(void)state;
	resolves("http/muller", "explicit umlaut", "none");
	resolves("http/m\xc3\x9cller", "explicit umlaut", "explicit umlaut");
}

static void one_of_two_names_that_samba_keeps_apart_is_deleted_and_added_alone(void **state)
{
	(void)state;
	static const char both[] = "dn: " BASE "\nobjectClass: domainDNS\n\n"
		USER("svc", SPN("http/muller") SPN("http/m\xc3\xbcller"))
			USER("other", "");
	const char *const name = "http/muller";
	struct fixture f = { .dir = NULL };
	assert_int_equal(spn_mock_new(both, SPN_DIALECT_SAMBA, &f.dir, NULL), SPN_OK);
	assert_int_equal(spn_plan_new(&f.plan, NULL), SPN_OK);
	assert_int_equal(spn_propose_delete(f.plan, f.dir, "CN=svc," BASE, &name, 1, NULL, NULL, &f.err), SPN_OK);
	assert_int_equal(spn_plan_step(f.plan, 0)->n_mods, 1);
	assert_string_equal(spn_plan_step(f.plan, 0)->mods[0].value.data, name);
	assert_int_equal(spn_propose_add(f.plan, f.dir, "other", &name, 1, 0, NULL, NULL, &f.err), SPN_OK);
	assert_int_equal(spn_plan_count(f.plan), 2);
	spn_plan_free(f.plan);
	spn_directory_free(f.dir);
}

/* ---- many names at once ---- */

static const char *const all_names[] = { "HTTP/Site", "cifs/three", "cifs/three:80", "ftp/three", "HOST/own",
	"http/own", "shop/three", "odd/x", "http/upn", "http/bare", "http/elsewhere", "HOST/app", "http/app",
	"http/app.example.com", "HOST/apphost", "cifs/svc", "HOST/held", "cifs/held", "Hyper-V Replica Service/app",
	"TWO WORDS/x", "http/app/example.com", "ldap/twice/example.com", "ldap/app/EXAMPLE",
	"ldap/app/example.com", "ldap/app/other.com", "ldap/poser/EXAMPLE", "ldap/unknown/example.com", "ldap/dc/example.com",
	"krbtgt/EXAMPLE.COM", "krbtgt/example.com:88", "krbtgt/OTHER.COM", "http/f\xc3\xbcr", "http/fur",
	"http/m\xc3\xbcller", "http/muller", "http/Site", "HTTP/own", "http/nobody" };
enum { N_NAMES = sizeof all_names / sizeof *all_names };

static void put_answer(struct answer *answer, spn_match match, const char *via,
		const spn_account *const *accounts, size_t n)
{
	int len = snprintf(answer->text, sizeof answer->text, "%s via %s:", spn_match_name(match), via ? via : "-");
	for (size_t i = 0; i < n; i++)
		len += snprintf(answer->text + len, sizeof answer->text - (size_t)len, " %s", spn_account_name(accounts[i]));
}

static spn_status note_alone(const spn_resolution *r, void *data, spn_error *err)
{
	(void)err;
	put_answer(data, r->match, r->via, r->accounts, r->n_accounts);
	return SPN_OK;
}

static spn_status note_together(size_t i, const spk_answer *r, void *data, spn_error *err)
{
	(void)err;
	struct answer *answers = data;
	put_answer(&answers[i], r->match, r->via, (const spn_account *const *)r->accounts, r->n_accounts);
	return SPN_OK;
}

static void expect_as_alone(spn_directory *dir)
{
	static struct answer alone[N_NAMES], together[N_NAMES];
	spn_error err = { .status = SPN_OK };
	memset(together, 0, sizeof together);
	for (size_t i = 0; i < N_NAMES; i++)
		if (resolve_name(dir, all_names[i], note_alone, &alone[i], &err))
			fail_msg("%s", err.message);
	if (spk_resolve_many(dir, all_names, N_NAMES, note_together, together, &err))
		fail_msg("%s", err.message);
	for (size_t i = 0; i < N_NAMES; i++)
		if (strcmp(alone[i].text, together[i].text) != 0)
			fail_msg("%s: alone '%s', with others '%s'", all_names[i], alone[i].text, together[i].text);
	spn_directory_free(dir);
}

static void many_names_are_answered_as_each_alone(void **state)
{
	(void)state;
	char url[] = "ldif:/tmp/spnkit-resolve-XXXXXX";
	make_file(url, domain);
	for (spn_dialect rules = SPN_DIALECT_WINDOWS; rules <= SPN_DIALECT_SAMBA; rules++) {
		spn_open_options options = SPN_OPEN_OPTIONS_INIT;
		spn_directory *file = NULL, *mock = NULL;
		options.dialect = rules;
		assert_int_equal(spn_directory_open(url, &options, &file, NULL), SPN_OK);
		expect_as_alone(file);
		assert_int_equal(spn_mock_new(domain, rules, &mock, NULL), SPN_OK);
		expect_as_alone(mock);
	}
	unlink(url + 5);
	assert_int_equal(spk_resolve_many(NULL, all_names, 0, note_together, NULL, NULL), SPN_OK);
}

static void a_malformed_name_among_many_is_named_before_the_directory_is_asked(void **state)
{
	(void)state;
	static const char *const names[] = { "http/own", "http" };
	static struct answer answers[2];
	spn_directory *dir = NULL;
	spn_error err = { .status = SPN_OK };
	assert_int_equal(spn_mock_new(domain, SPN_DIALECT_WINDOWS, &dir, NULL), SPN_OK);
	assert_int_equal(spk_resolve_many(dir, names, 2, note_together, answers, &err), SPN_ERR_SYNTAX);
	assert_non_null(strstr(err.message, "'http'"));
	assert_string_equal(answers[0].text, "");
	spn_directory_free(dir);
}

/* A server for which accents make a difference, though it does not say so. */
static spn_status search_by_letter(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	(void)self;
	static const char *const spns[] = { "http/m\xc3\xbcller", "http/other" };
	spn_entry *entry = NULL;
	bool found = false;
	const spn_filter *const only[] = { search->filter, NULL }, *const *part = only;
	if (search->filter && search->filter->op == SPN_FILTER_OR)
		part = search->filter->parts;
	for (; *part && !found; part++)
		for (size_t i = 0; i < 2; i++)
			found |= (*part)->op == SPN_FILTER_EQUAL && strcmp((*part)->attr, "servicePrincipalName") == 0 &&
					strncasecmp((*part)->value.data, spns[i], (*part)->value.len) == 0 && (*part)->value.len == strlen(spns[i]);
	if (!found || search->scope == SPN_SCOPE_BASE)
		return SPN_OK;
	assert_int_equal(spn_entry_new("CN=a," BASE, &entry, NULL), SPN_OK);
	spn_entry_add(entry, "objectClass", (spn_bytes){ "user", 4 }, NULL);
	for (size_t i = 0; i < 2; i++)
		spn_entry_add(entry, "servicePrincipalName", (spn_bytes){ spns[i], strlen(spns[i]) }, NULL);
	spn_status status = fn(entry, data, err);
	spn_entry_free(entry);
	return status;
}

static spn_status root_of_letters(void *self, spn_entry **ret_root, spn_error *err)
{
	(void)self;
	spn_status status = spn_entry_new("", ret_root, err);
	return status ? status : spn_entry_add(*ret_root, "defaultNamingContext", (spn_bytes){ BASE, strlen(BASE) }, err);
}

static spn_status modify_nothing(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	(void)self, (void)dn, (void)mods, (void)n_mods, (void)err;
	return SPN_OK;
}

static void free_nothing(void *self)
{
	(void)self;
}

static void what_was_found_because_of_another_name_is_asked_of_the_server_again(void **state)
{
	(void)state;
	static const spn_backend backend = { .version = SPN_BACKEND_VERSION, .name = "letters", .search = search_by_letter,
		.modify = modify_nothing, .root = root_of_letters, .free = free_nothing };
	static const char *const names[] = { "http/muller", "http/other", "http/M\xc3\xbcller" };
	static struct answer answers[3];
	spn_directory *dir = NULL;
	assert_int_equal(spn_directory_new(&backend, NULL, "letters:", false, &dir, NULL), SPN_OK);
	assert_int_equal(spk_resolve_many(dir, names, 3, note_together, answers, NULL), SPN_OK);
	assert_string_equal(answers[0].text, "none via -:");
	assert_non_null(strstr(answers[1].text, "explicit"));
	assert_non_null(strstr(answers[2].text, "explicit"));
	spn_directory_free(dir);
}

/* A list that is too long to be gone over for each name says the same as one that is gone over. */
static void a_long_list_of_classes_says_what_a_short_one_does(void **state)
{
	(void)state;
	static const char *const names[] = { "first/x", "SECOND/x", "third/x", "f\xc3\xafrst/x", "other/x", "c7/x",
		" first/x", "/x", "ldap/x" };
	char values[3][8000] = { "ldap= first ,both", "HOST=second,first,both,third", "no equals sign" };
	spk_mapping mapping = { .n = 3 };
	spn_bytes list[3];
	spk_classes *classes = NULL;
	for (size_t v = 0; v < 3; v++)
		list[v] = (spn_bytes){ values[v], strlen(values[v]) };
	mapping.values = list;
	assert_true(spk_classes_list(&mapping, &classes));
	assert_null(classes); /* too short */
	for (size_t i = 0; i < 500; i++) {
		size_t len = strlen(values[1]);
		snprintf(values[1] + len, sizeof values[1] - len, ",c%zu", i);
	}
	list[1].len = strlen(values[1]);
	assert_true(spk_classes_list(&mapping, &classes));
	assert_non_null(classes);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		SPK_AUTOTEXT spk_text gone_over = { 0 }, listed = { 0 };
		mapping.classes = NULL;
		bool is_alias = spk_mapping_target(&mapping, names[i], &gone_over);
		mapping.classes = classes;
		assert_int_equal(spk_mapping_target(&mapping, names[i], &listed), is_alias);
		assert_string_equal(listed.data ? listed.data : "", gone_over.data ? gone_over.data : "");
	}
	free(classes);
}

static spn_status note_number(size_t i, const spk_answer *r, void *data, spn_error *err)
{
	(void)err;
	size_t *n = data;
	assert_int_equal(i, *n);
	assert_int_equal(r->n_accounts, i % 7 == 0);
	++*n;
	return SPN_OK;
}

static void count_line(const char *line, void *data)
{
	*(size_t *)data += strstr(line, "search") && strstr(line, "servicePrincipalName=");
}

/* One search for each of some hundred names, which a server takes in one request. */
static void more_names_than_a_server_takes_are_asked_in_parts(void **state)
{
	(void)state;
	enum { N = 700 };
	static char texts[N][24];
	static const char *names[N];
	size_t n = 0, n_searches = 0;
	spn_directory *dir = NULL;
	for (size_t i = 0; i < N; i++) {
		snprintf(texts[i], sizeof texts[i], i % 7 ? "x/n%zu" : "http/site", i);
		names[i] = texts[i];
	}
	assert_int_equal(spn_mock_new(domain, SPN_DIALECT_WINDOWS, &dir, NULL), SPN_OK);
	spn_directory_trace(dir, count_line, &n_searches);
	assert_int_equal(spk_resolve_many(dir, names, N, note_number, &n, NULL), SPN_OK);
	assert_int_equal(n, N);
	assert_int_equal(n_searches, 3);
	spn_directory_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(explicit_names_and_aliases_are_the_same_everywhere),
		cmocka_unit_test(the_directory_says_what_is_an_alias),
		cmocka_unit_test(without_a_setting_windows_own_list_holds),
		cmocka_unit_test(the_ticket_granting_service_is_there_even_where_its_account_is_not_seen),
		cmocka_unit_test(the_ticket_granting_service_is_known_by_a_netbios_name_and_those_of_partners_by_their_trusts),
		cmocka_unit_test(a_user_principal_name_counts_on_windows_only),
		cmocka_unit_test(a_computer_answers_by_its_cn_on_samba_only),
		cmocka_unit_test(an_alias_of_three_parts_stands_for_two_on_samba_only),
		cmocka_unit_test(samba_finds_no_name_with_a_blank_or_an_at),
		cmocka_unit_test(names_of_the_domain_are_for_its_controllers),
		cmocka_unit_test(the_ticket_granting_service_is_that_of_the_domain),
		cmocka_unit_test(accents_make_a_difference_on_samba_only),
		cmocka_unit_test(one_of_two_names_that_samba_keeps_apart_is_deleted_and_added_alone),
		cmocka_unit_test(many_names_are_answered_as_each_alone),
		cmocka_unit_test(a_long_list_of_classes_says_what_a_short_one_does),
		cmocka_unit_test(more_names_than_a_server_takes_are_asked_in_parts),
		cmocka_unit_test(a_malformed_name_among_many_is_named_before_the_directory_is_asked),
		cmocka_unit_test(what_was_found_because_of_another_name_is_asked_of_the_server_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
