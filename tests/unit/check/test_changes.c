/* SPDX-License-Identifier: MIT */
#include "memory_helper.h"

#include <unistd.h>

#include <spnkit/backend.h>

/* What a test sees: "kind spn from>to before>after;" of each event, accounts by their sAMAccountName, and the last
 * text. */
struct seen {
	char list[16384];
	size_t n_also;
	char also[256]; /* the first of them */
	char text[1024];
};

static void put(struct seen *seen, const char *text)
{
	size_t len = strlen(seen->list);
	snprintf(seen->list + len, sizeof seen->list - len, "%s", text);
}

static void put_answer(struct seen *seen, const spn_answer *answer)
{
	for (size_t i = 0; i < answer->n_accounts; i++) {
		put(seen, i ? "," : "");
		put(seen, answer->accounts[i].account);
	}
	put(seen, answer->match == SPN_MATCH_ALIAS ? "(alias)" : answer->n_accounts ? "" : "-");
}

static spn_status note(const spn_event *event, void *data, spn_error *err)
{
	struct seen *seen = data;
	(void)err;
	put(seen, spn_event_kind_name(event->kind));
	put(seen, " ");
	put(seen, event->spn ? event->spn : "");
	if (event->from || event->to) {
		put(seen, " ");
		put(seen, event->from ? event->from->account : "");
		put(seen, ">");
		put(seen, event->to ? event->to->account : "");
	}
	if (event->before) {
		put(seen, " ");
		put_answer(seen, event->before);
		put(seen, ">");
		put_answer(seen, event->after);
	}
	if (event->finding) {
		put(seen, " ");
		put(seen, event->finding->code);
	}
	put(seen, ";");
	if (event->n_also) {
		seen->n_also = event->n_also;
		snprintf(seen->also, sizeof seen->also, "%s", event->also[0]);
	}
	snprintf(seen->text, sizeof seen->text, "%s", event->text);
	return SPN_OK;
}

/* A file, which a mock is not. */
static spn_directory *open_ldif(const char *ldif)
{
	spn_directory *dir = NULL;
	spn_error error = { .status = SPN_OK }, *err = &error;
	char url[] = "ldif:/tmp/spnkit-changes-XXXXXX";
	int fd = mkstemp(url + strlen("ldif:"));
	assert_true(fd >= 0);
	assert_int_equal(write(fd, ldif, strlen(ldif)), strlen(ldif));
	close(fd);
	assert_ok(spn_directory_open(url, NULL, &dir, err));
	return dir;
}

static void close_ldif(spn_directory *dir)
{
	const char *url = spn_directory_url(dir);
	if (strncmp(url, "ldif:", 5) == 0)
		unlink(url + 5);
	spn_directory_free(dir);
}

/* Any directory that is not a file: all of it is searched. */
static spn_status forward_search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	return spn_directory_search(self, search, fn, data, err);
}

static spn_status forward_modify(void *self, const char *dn, const spn_mod *mods, size_t n, spn_error *err)
{
	return spn_directory_modify(self, dn, mods, n, err);
}

static spn_status forward_root(void *self, spn_entry **ret_root, spn_error *err)
{
	const spn_entry *root = NULL;
	spn_status status = spn_directory_root(self, &root, err);
	if (!status)
		status = spn_entry_new("", ret_root, err);
	if (!status)
		status = spn_entry_add(*ret_root, "defaultNamingContext",
				bytes(spn_entry_text(root, "defaultNamingContext")), err);
	return status;
}

static void forward_free(void *self)
{
	close_ldif(self);
}

static spn_directory *as_server(spn_directory *dir)
{
	static const spn_backend backend = { .version = SPN_BACKEND_VERSION,
		.name = "server",
		.search = forward_search,
		.modify = forward_modify,
		.root = forward_root,
		.free = forward_free };
	spn_directory *server = NULL;
	spn_error error = { .status = SPN_OK }, *err = &error;
	assert_ok(spn_directory_new(&backend, dir, "ldap://dc1.kimconnect.com", true, &server, err));
	return server;
}

static void look(spn_directory *old, spn_directory *now, struct seen *seen)
{
	spn_error error = { .status = SPN_OK }, *err = &error;
	spn_changes_options options = SPN_CHANGES_OPTIONS_INIT;
	options.since = old;
	*seen = (struct seen){ .n_also = 0 };
	assert_ok(spn_changes(now, &options, note, seen, err));
	close_ldif(old);
	close_ldif(now);
}

/* Two files, two servers, and one of each: all ways to find what differs must agree. */
static void expect(const char *old, const char *now, const char *wanted)
{
	struct seen files, servers, mixed;
	look(open_ldif(old), open_ldif(now), &files);
	assert_string_equal(files.list, wanted);
	look(open_ldif(old), as_server(open_ldif(now)), &mixed);
	assert_string_equal(mixed.list, wanted);
	look(as_server(open_ldif(old)), as_server(open_ldif(now)), &servers);
	assert_string_equal(servers.list, wanted);
}

/* Two files only: of a server all accounts can be seen. */
static void expect_files(const char *old, const char *now, const char *wanted, struct seen *seen)
{
	look(open_ldif(old), open_ldif(now), seen);
	assert_string_equal(seen->list, wanted);
}

#define BASE "DC=example,DC=com"
#define TOP "dn: " BASE "\nobjectClass: domainDNS\n\n"
#define ENTRY(kind, name, place, more) \
	"dn: CN=" name "," place BASE "\nobjectClass: " kind "\nsAMAccountName: " name "\n" more "\n"
#define USER(name, more) ENTRY("user", name, "CN=Users,", more)
#define COMPUTER(name, more) ENTRY("computer", name, "CN=Computers,", more)
#define S(name) "servicePrincipalName: " name "\n"
#define GUID(letter) "objectGUID:: AAAAAAAAAAAAAAAAAAAA" letter "Q==\n"
/* what shows that a file is of the whole domain, and of users and computers */
#define REST TOP USER("other", S("x/other")) COMPUTER("PC$", S("x/pc"))

static void nothing_differs_between_a_domain_and_itself(void **state)
{
	(void)state;
	expect(REST USER("a", S("http/web") S("HOST/web")), REST USER("a", S("host/WEB") S("HTTP/WEB")), "");
}

static void names_that_came_and_went_are_told_with_the_ticket(void **state)
{
	(void)state;
	expect(REST USER("a", S("http/old") S("x/a")), REST USER("a", S("http/new") S("x/a")),
			"went http/old a> a>-;came http/new >a ->a;");
}

static void a_name_that_changed_hands_has_moved(void **state)
{
	(void)state;
	expect(REST USER("a", S("http/web") S("x/a")) USER("b", S("x/b")),
			REST USER("a", S("x/a")) USER("b", S("x/b") S("HTTP/WEB")), "moved http/web a>b a>b;");
}

/* The new holder of one of two that held it is none that it moved to. */
static void a_name_of_two_moves_from_one(void **state)
{
	(void)state;
	expect(REST USER("a", S("x/n")) USER("b", S("x/n")) USER("c", S("x/c")),
			REST USER("a", "") USER("b", "") USER("c", S("x/c") S("x/n")),
			"moved x/n a>c a,b>c;went x/n b> a,b>c;cleared x/n duplicate;");
}

static void an_account_that_loses_all_names_is_found(void **state)
{
	(void)state;
	expect(REST USER("a", S("http/web")), REST USER("a", ""), "went http/web a> a>-;");
	expect(REST USER("a", ""), REST USER("a", S("http/web")), "came http/web >a ->a;");
}

static void an_account_that_is_gone_takes_its_names_with_it(void **state)
{
	(void)state;
	expect(REST USER("a", S("http/web")), REST, "went http/web a> a>-;");
	expect(REST, REST USER("a", S("http/web")), "came http/web >a ->a;");
}

static void a_name_of_host_changes_who_answers_for_its_aliases(void **state)
{
	struct seen seen;
	(void)state;
	look(open_ldif(REST COMPUTER("W$", S("HOST/w") S("x/w"))), open_ldif(REST COMPUTER("W$", S("x/w"))), &seen);
	assert_string_equal(seen.list, "went HOST/w W$> W$>-;");
	assert_true(seen.n_also > 40);
	assert_string_equal(seen.also, "alerter/w");
}

static void an_alias_that_another_account_holds_stays_with_it(void **state)
{
	struct seen seen, without;
	(void)state;
	look(open_ldif(REST COMPUTER("W$", S("HOST/w") S("x/w")) USER("a", S("http/w"))),
			open_ldif(REST COMPUTER("W$", S("x/w")) USER("a", S("http/w"))), &seen);
	assert_string_equal(seen.list, "went HOST/w W$> W$>-;cleared http/w alias-conflict;");
	look(open_ldif(REST COMPUTER("W$", S("HOST/w") S("x/w"))), open_ldif(REST COMPUTER("W$", S("x/w"))), &without);
	assert_int_equal(seen.n_also + 1, without.n_also);
}

static void an_alias_falls_back_on_host(void **state)
{
	(void)state;
	expect(REST COMPUTER("W$", S("HOST/w")) USER("a", S("http/w") S("x/a")),
			REST COMPUTER("W$", S("HOST/w")) USER("a", S("x/a")),
			"went http/w a> a>W$(alias);cleared http/w alias-conflict;");
}

/* The alias was another account's, by its userPrincipalName, before HOST/ stood for it. */
static void an_alias_that_goes_another_way_than_host_is_told_by_itself(void **state)
{
	struct seen seen;
	(void)state;
	expect_files(REST COMPUTER("W$", S("x/w")) USER("u", S("x/u") "userPrincipalName: http/w\n"),
			REST COMPUTER("W$", S("HOST/w") S("x/w")) USER("u", S("x/u") "userPrincipalName: http/w\n"),
			"came HOST/w >W$ ->W$;ticket http/w u>W$(alias);", &seen);
	assert_string_equal(seen.text,
			"it is an alias of 'HOST/w': tickets for it are now for 'W$', through 'HOST/w': what runs as "
			"'u' "
			"cannot read them (0x80090322)");
}

static void findings_that_are_new_or_cleared_are_told(void **state)
{
	(void)state;
	expect(REST USER("a", S("x/n")) USER("b", S("x/b")), REST USER("a", S("x/n")) USER("b", S("x/b") S("X/N")),
			"came X/N >b a>a,b;new x/n duplicate;");
	expect(REST USER("a", S("x/n")) USER("b", S("x/n") S("x/b")), REST USER("a", S("x/n")) USER("b", S("x/b")),
			"went x/n b> a,b>a;cleared x/n duplicate;");
}

/* c gets a name, by which its other name comes into view: that has long been a conflict. */
static void a_finding_that_stood_before_is_not_new(void **state)
{
	(void)state;
	expect(REST COMPUTER("W$", S("HOST/w")) USER("c", S("cifs/w")),
			REST COMPUTER("W$", S("HOST/w")) USER("c", S("cifs/w") S("http/w")),
			"came http/w >c W$(alias)>c;new http/w alias-conflict;");
}

static void an_account_that_was_renamed_keeps_its_names(void **state)
{
	(void)state;
	expect(REST USER("a", GUID("A") S("http/web")), REST ENTRY("user", "b", "CN=Users,", GUID("A") S("http/web")),
			"renamed  a>b;");
	expect(REST USER("a", S("http/web")), REST ENTRY("user", "a", "OU=Other,", S("http/web")), "renamed  a>a;");
	/* and is the same one to tickets, too */
	expect(REST USER("a", GUID("A") S("http/web") S("x/a")),
			REST ENTRY("user", "b", "CN=Users,", GUID("A") S("http/web")), "went x/a a> a>-;renamed  a>b;");
}

static void another_account_in_its_place_is_not_the_same(void **state)
{
	(void)state;
	expect(REST USER("a", GUID("A") S("http/web") S("x/1")), REST USER("a", GUID("B") S("http/web") S("x/2")),
			"moved http/web a>a a>a;went x/1 a> a>-;came x/2 >a ->a;");
}

static void what_a_file_of_a_subtree_does_not_show_has_not_gone(void **state)
{
	struct seen seen;
	(void)state;
	static const char part[] =
			TOP ENTRY("user", "b", "OU=B,OU=Part,", S("x/b")) ENTRY("user", "c", "OU=C,OU=Part,", S("x/c"));
	expect_files(REST ENTRY("user", "b", "OU=B,OU=Part,", S("x/b")) ENTRY("user", "c", "OU=C,OU=Part,", S("x/c"))
					ENTRY("user", "d", "OU=D,OU=Part,", S("x/d")),
			part, "went x/d d> d>-;unseen x/other other>;unseen x/pc PC$>;", &seen);
	assert_string_equal(seen.text,
			"'PC$' held it; whether the account still exists is not known: the newer file is not of all "
			"accounts");
	expect_files(part,
			REST ENTRY("user", "b", "OU=B,OU=Part,", S("x/b"))
					ENTRY("user", "c", "OU=C,OU=Part,", S("x/c")),
			"unseen x/other >other;unseen x/pc >PC$;", &seen);
}

static void what_a_file_of_users_does_not_show_has_not_gone(void **state)
{
	struct seen seen;
	(void)state;
	expect_files(REST, TOP USER("other", S("x/other")) ENTRY("user", "z", "OU=Z,", S("x/z")),
			"came x/z >z ->z;unseen x/pc PC$>;", &seen);
}

/* What is told of an alias, or of a conflict, depends on the account that is not shown as well. */
static void what_hangs_on_an_unseen_account_is_not_told(void **state)
{
	struct seen seen;
	(void)state;
	expect_files(REST COMPUTER("W$", S("HOST/w")) COMPUTER("V$", S("HOST/v") S("x/v")) USER("c", S("http/w"))
					USER("d", S("HOST/v")),
			TOP COMPUTER("PC$", S("x/pc")) ENTRY("computer", "Z$", "OU=Z,", S("x/z")) COMPUTER("W$", "")
					COMPUTER("V$", S("x/v")),
			"went HOST/w W$> W$>-;went HOST/v V$>;came x/z >Z$ ->Z$;unseen x/other other>;unseen http/w "
			"c>;unseen HOST/v d>;",
			&seen);
	assert_string_equal(seen.text,
			"'d' held it; whether the account still exists is not known: the newer file is not of all "
			"accounts");
}

static void a_server_shows_all_accounts(void **state)
{
	struct seen seen;
	(void)state;
	look(open_ldif(REST), as_server(open_ldif(TOP USER("other", S("x/other")))), &seen);
	assert_string_equal(seen.list, "went x/pc PC$> PC$>-;");
}

static void names_that_are_not_all_known_have_not_gone(void **state)
{
	struct seen seen;
	(void)state;
	expect_files(REST USER("a", S("http/one") S("http/two")),
			REST USER("a", "servicePrincipalName;range=0-0: http/one\n"), "unseen http/two a>;", &seen);
	assert_string_equal(seen.text, "'a' held it, but not all of its names are known now");
	expect_files(REST USER("a", S("http/one")), REST USER("a", "servicePrincipalName:\n"), "unseen http/one a>;",
			&seen);
}

static void a_search_that_ended_early_shows_nothing_gone(void **state)
{
	struct seen seen;
	(void)state;
	expect_files(REST USER("a", S("http/web")), REST "# search result\nsearch: 2\nresult: 4 Size limit exceeded\n",
			"unseen http/web a>;", &seen);
}

static void a_deleted_account_has_gone(void **state)
{
	struct seen seen;
	(void)state;
	expect_files(REST USER("a", S("http/web")), REST USER("a", S("http/web") "isDeleted: TRUE\n"),
			"went http/web a> a>-;", &seen);
}

static void a_malformed_name_is_told_without_a_ticket(void **state)
{
	(void)state;
	expect(REST USER("a", S("x/a") S("http/")), REST USER("a", S("x/a")), "went http/ a>;");
}

static void a_change_through_the_library_is_seen(void **state)
{
	struct seen seen;
	spn_error error = { .status = SPN_OK }, *err = &error;
	(void)state;
	spn_directory *now = open_ldif(REST USER("a", S("x/a")));
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", bytes("x/more") };
	assert_ok(spn_directory_modify(now, "CN=a,CN=Users," BASE, &mod, 1, err));
	look(open_ldif(REST USER("a", S("x/a"))), now, &seen);
	assert_string_equal(seen.list, "came x/more >a ->a;");
}

static void two_domains_are_not_compared(void **state)
{
	spn_error error = { .status = SPN_OK }, *err = &error;
	struct seen seen = { .n_also = 0 };
	(void)state;
	spn_changes_options options = SPN_CHANGES_OPTIONS_INIT;
	spn_directory *dir = open_ldif(REST);
	options.since = open_ldif("dn: DC=other\nobjectClass: domainDNS\n\n");
	assert_fails(spn_changes(dir, &options, note, &seen, err), SPN_ERR_INVALID, "compare one domain with itself");
	close_ldif(options.since);
	options.since = NULL;
	assert_fails(spn_changes(dir, &options, note, &seen, err), SPN_ERR_INVALID, "an argument is NULL");
	close_ldif(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_differs_between_a_domain_and_itself),
		cmocka_unit_test(names_that_came_and_went_are_told_with_the_ticket),
		cmocka_unit_test(a_name_that_changed_hands_has_moved),
		cmocka_unit_test(a_name_of_two_moves_from_one),
		cmocka_unit_test(an_account_that_loses_all_names_is_found),
		cmocka_unit_test(an_account_that_is_gone_takes_its_names_with_it),
		cmocka_unit_test(a_name_of_host_changes_who_answers_for_its_aliases),
		cmocka_unit_test(an_alias_that_another_account_holds_stays_with_it),
		cmocka_unit_test(an_alias_falls_back_on_host),
		cmocka_unit_test(an_alias_that_goes_another_way_than_host_is_told_by_itself),
		cmocka_unit_test(findings_that_are_new_or_cleared_are_told),
		cmocka_unit_test(a_finding_that_stood_before_is_not_new),
		cmocka_unit_test(an_account_that_was_renamed_keeps_its_names),
		cmocka_unit_test(another_account_in_its_place_is_not_the_same),
		cmocka_unit_test(what_a_file_of_a_subtree_does_not_show_has_not_gone),
		cmocka_unit_test(what_a_file_of_users_does_not_show_has_not_gone),
		cmocka_unit_test(what_hangs_on_an_unseen_account_is_not_told),
		cmocka_unit_test(a_server_shows_all_accounts),
		cmocka_unit_test(names_that_are_not_all_known_have_not_gone),
		cmocka_unit_test(a_search_that_ended_early_shows_nothing_gone),
		cmocka_unit_test(a_deleted_account_has_gone),
		cmocka_unit_test(a_malformed_name_is_told_without_a_ticket),
		cmocka_unit_test(a_change_through_the_library_is_seen),
		cmocka_unit_test(two_domains_are_not_compared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
