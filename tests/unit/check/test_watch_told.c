/* SPDX-License-Identifier: MIT */
#include "watch_helper.h"

/* ---- a server that tells what has changed ---- */

/* Its cookie is how many changes there have been. */
struct teller {
	spn_directory *dir;
	const char *url;
	char changed[16][17]; /* objectGUIDs */
	size_t n;
	spn_status refuses; /* what its next answers are */
	size_t n_asked;
};

static struct teller teller;

static spn_status teller_search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	struct teller *it = self;
	return spn_directory_search(it->dir, search, fn, data, err);
}

static spn_status teller_modify(void *self, const char *dn, const spn_mod *mods, size_t n, spn_error *err)
{
	struct teller *it = self;
	return spn_directory_modify(it->dir, dn, mods, n, err);
}

static spn_status teller_root(void *self, spn_entry **ret_root, spn_error *err)
{
	(void)self;
	spn_status status = spn_entry_new("", ret_root, err);
	return status ? status : spn_entry_add(*ret_root, "defaultNamingContext", bytes(BASE), err);
}

static void teller_free(void *self)
{
	struct teller *it = self;
	spn_directory_free(it->dir);
}

static const char *teller_url(const void *self)
{
	const struct teller *it = self;
	return it->url;
}

static spn_status teller_changes(void *self, const char *base, const char *const *attrs, spn_bytes cookie,
		spn_entry_fn *fn, void *data, spn_bytes *ret_cookie, spn_error *err)
{
	struct teller *it = self;
	(void)attrs;
	it->n_asked++;
	if (strcmp(base, BASE) != 0 || it->refuses)
		return spn_fail(err, it->refuses, 0, "the teller refuses");
	for (size_t i = cookie.len ? strtoul(cookie.data, NULL, 10) : it->n; i < it->n; i++) {
		spn_entry *entry = NULL;
		spn_status status = spn_entry_new("CN=changed," BASE, &entry, err);
		if (!status)
			status = spn_entry_add(entry, "objectGUID", (spn_bytes){ it->changed[i], 16 }, err);
		if (!status)
			status = fn(entry, data, err);
		spn_entry_free(entry);
		if (status)
			return status;
	}
	char *text = malloc(32);
	assert_non_null(text);
	*ret_cookie = (spn_bytes){ text, (size_t)snprintf(text, 32, "%zu", it->n) };
	return SPN_OK;
}

static spn_directory *telling_server(const char *ldif)
{
	static const spn_backend backend = { .version = SPN_BACKEND_VERSION,
		.name = "teller",
		.search = teller_search,
		.modify = teller_modify,
		.root = teller_root,
		.free = teller_free,
		.url = teller_url,
		.changes = teller_changes };
	spn_directory *dir = NULL;
	spn_error error = { .status = SPN_OK }, *err = &error;
	teller = (struct teller){ .dir = server(ldif), .url = "one" };
	assert_ok(spn_directory_new(&backend, &teller, "one", false, &dir, err));
	return dir;
}

/* GUIDs that can be seen in a text: sixteen times the same letter. */
#define GUID(letter) \
	"objectGUID: " letter letter letter letter letter letter letter letter letter letter letter letter letter \
			letter letter letter "\n"
#define TOLD \
	"dn: " BASE "\nobjectClass: domainDNS\n\n" USER("a", GUID("a") S("http/web")) USER("b", GUID("b") S("x/b")) \
			USER("c", GUID("c") S("x/web")) COMPUTER("W$", GUID("w") S("HOST/w") S("x/w"))

static void has_changed(char letter)
{
	memset(teller.changed[teller.n++], letter, 16);
}

/* Reads nothing but what is asked for, and all of it if wanted. */
static void expect_searches(size_t wanted)
{
	assert_int_equal(spn_mock_calls(teller.dir, SPN_FAULT_ON_SEARCH), wanted);
}

static void without_changes_nothing_is_searched(void **state)
{
	(void)state;
	spn_directory *dir = telling_server(TOLD);
	spn_watch *watch = begin(NULL);
	expect(watch, dir, "");
	unsigned long n = spn_mock_calls(teller.dir, SPN_FAULT_ON_SEARCH);
	expect(watch, dir, "");
	expect(watch, dir, "");
	expect_searches(n);
	assert_int_equal(teller.n_asked, 3);
	spn_watch_free(watch);
	spn_directory_free(dir);
}

/* One search for the changed account, one for those that have to do with it. */
static void what_has_changed_is_read_with_whom_it_concerns(void **state)
{
	(void)state;
	spn_directory *dir = telling_server(TOLD);
	spn_watch *watch = begin(NULL);
	expect(watch, dir, "");
	unsigned long n = spn_mock_calls(teller.dir, SPN_FAULT_ON_SEARCH);
	change_name(teller.dir, DN("b"), SPN_MOD_ADD, "HTTP/web");
	has_changed('b');
	expect(watch, dir, "came! HTTP/web b;new! http/web duplicate;");
	expect_searches(n + 2);
	expect(watch, dir, "");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

/* Nobody said so: the server does not let us see deleted objects, or that one is hidden now. */
static void an_account_that_is_gone_unheard_is_not_held_against_another(void **state)
{
	(void)state;
	spn_directory *dir = telling_server(TOLD);
	spn_watch *watch = begin(NULL);
	expect(watch, dir, "");
	change_name(teller.dir, DN("a"), SPN_MOD_DELETE, "http/web");
	change_name(teller.dir, DN("b"), SPN_MOD_ADD, "http/web");
	has_changed('b');
	expect(watch, dir, "moved! http/web b;");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

/* Whom the change concerns may have changed as well, which concerns others. */
static void what_is_read_along_is_followed(void **state)
{
	(void)state;
	spn_directory *dir = telling_server(
			TOLD USER("d", GUID("d") S("x/other") S("x/y.web")) USER("e", GUID("e") S("y/other")));
	spn_watch *watch = begin(NULL);
	expect(watch, dir, "");
	change_name(teller.dir, DN("e"), SPN_MOD_DELETE, "y/other"); /* unheard */
	change_name(teller.dir, DN("d"), SPN_MOD_ADD, "y/other"); /* likewise */
	change_name(teller.dir, DN("a"), SPN_MOD_ADD, "q/other");
	has_changed('a');
	expect(watch, dir, "moved! y/other d;came q/other a;");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

static void all_is_read_where_a_cookie_is_of_no_use(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	struct seen seen = { .n = 0 };
	spn_directory *dir = telling_server(TOLD);
	spn_watch *watch = begin(NULL);
	expect(watch, dir, "");
	change_name(teller.dir, DN("b"), SPN_MOD_ADD, "HTTP/web"); /* nobody tells that */
	expect(watch, dir, "");
	teller.refuses = SPN_ERR_UNREACHABLE;
	assert_fails(spn_watch_look(watch, dir, note, &seen, err), SPN_ERR_UNREACHABLE, "the teller refuses");
	teller.refuses = SPN_OK;
	teller.url = "two"; /* the next question is the first one to that server, but the search went there, too */
	expect(watch, dir, "");
	teller.refuses = SPN_ERR_INVALID;
	assert_fails(spn_watch_look(watch, dir, note, &seen, err), SPN_ERR_INVALID, "the teller refuses");
	teller.refuses = SPN_ERR_UNSUPPORTED;
	assert_fails(spn_watch_look(watch, dir, note, &seen, err), SPN_ERR_UNSUPPORTED, "the teller refuses");
	spn_watch_free(watch);
	watch = begin(NULL); /* a server that cannot tell: each look reads all */
	expect(watch, dir, "new! http/web duplicate;");
	change_name(teller.dir, DN("b"), SPN_MOD_DELETE, "HTTP/web");
	expect(watch, dir, "went! HTTP/web b;cleared! http/web duplicate;");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

/* Its text is kept with the state; of that one, the next run asks what has changed. */
static void a_cookie_is_kept(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	spn_directory *dir = telling_server(TOLD);
	spn_watch *watch = begin(path);
	expect(watch, dir, "");
	assert_ok(spn_watch_save(watch, err));
	spn_watch_free(watch);
	watch = begin(path);
	unsigned long n = spn_mock_calls(teller.dir, SPN_FAULT_ON_SEARCH);
	expect(watch, dir, "");
	expect_searches(n);
	change_name(teller.dir, DN("b"), SPN_MOD_ADD, "HTTP/web");
	has_changed('b');
	expect(watch, dir, "came! HTTP/web b;new! http/web duplicate;");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

/* At the time of a look that the test chooses. */
static size_t searches_at(const spk_snapshot *last, spn_directory *dir, int64_t now)
{
	spn_error error = { .status = SPN_OK }, *err = &error;
	spk_snapshot snapshot;
	unsigned long n = spn_mock_calls(teller.dir, SPN_FAULT_ON_SEARCH);
	assert_ok(spk_snapshot_read(dir, last, now, &snapshot, err));
	spk_snapshot_free(&snapshot, last);
	return spn_mock_calls(teller.dir, SPN_FAULT_ON_SEARCH) - n;
}

static void all_is_read_every_quarter_of_an_hour_whatever_the_clock_does(void **state)
{
	(void)state;
	enum { NOW = 1796000000, QUARTER = 900 };
	spn_error error = { .status = SPN_OK }, *err = &error;
	spk_snapshot none = { .n = 0 }, last;
	spn_directory *dir = telling_server(TOLD);
	assert_ok(spk_snapshot_read(dir, &none, NOW, &last, err));
	assert_int_equal(searches_at(&last, dir, NOW), 0);
	assert_int_equal(searches_at(&last, dir, NOW + QUARTER - 1), 0);
	assert_int_equal(searches_at(&last, dir, NOW + QUARTER), 1);
	assert_int_equal(searches_at(&last, dir, NOW - 1), 1);
	assert_int_equal(searches_at(&last, dir, INT64_MAX), 1);
	assert_int_equal(searches_at(&last, dir, 0), 1);
	spk_snapshot_free(&last, NULL);
	spn_directory_free(dir);
}

/* It lacks what a version before this one did not read. */
static void a_state_of_an_older_version_is_read_anew(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	spk_snapshot none = { .n = 0 }, last;
	spn_directory *dir = telling_server(TOLD);
	assert_ok(spk_snapshot_read(dir, &none, 0, &last, err));
	assert_int_equal(searches_at(&last, dir, 0), 0);
	last.is_judged = false;
	assert_int_equal(searches_at(&last, dir, 0), 1);
	spk_snapshot_free(&last, NULL);
	spn_directory_free(dir);
}

/* Another controller may lag behind the one that the cookie is of. */
static void to_move(spn_directory *mock, void *data)
{
	(void)mock;
	(void)data;
	teller.url = "two";
}

static void what_another_server_says_is_not_taken_for_what_has_changed(void **state)
{
	(void)state;
	spn_error error = { .status = SPN_OK }, *err = &error;
	const spn_fault fault = { .kind = SPN_FAULT_CALL, .on = SPN_FAULT_ON_SEARCH, .nth = 1, .hook = to_move };
	spn_directory *dir = telling_server(TOLD);
	spn_watch *watch = begin(NULL);
	assert_ok(spn_mock_fault(teller.dir, &fault, err)); /* while all is read: the cookie is given up */
	expect(watch, dir, "");
	spn_mock_clear(teller.dir);
	change_name(teller.dir, DN("b"), SPN_MOD_ADD, "HTTP/web"); /* nobody tells that */
	expect(watch, dir, "came! HTTP/web b;new! http/web duplicate;");
	teller.url = "one";
	assert_ok(spn_mock_fault(teller.dir, &fault, err)); /* while a change is read: all is read */
	change_name(teller.dir, DN("c"), SPN_MOD_ADD, "x/n");
	change_name(teller.dir, DN("W$"), SPN_MOD_ADD, "x/m"); /* nobody tells that, nor has it to do with the other */
	has_changed('c');
	expect(watch, dir, "came x/n c;came x/m W$;");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

/* What nobody asked for does not come in. */
static spn_status intruding_search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	struct teller *it = self;
	if (it->n_asked < 2)
		return spn_directory_search(it->dir, search, fn, data, err);
	const spn_search all = { .scope = SPN_SCOPE_SUBTREE, .base = search->base };
	return spn_directory_search(it->dir, &all, fn, data, err);
}

static void what_was_not_asked_for_is_not_taken(void **state)
{
	(void)state;
	static const spn_backend backend = { .version = SPN_BACKEND_VERSION,
		.name = "intruder",
		.search = intruding_search,
		.modify = teller_modify,
		.root = teller_root,
		.free = teller_free,
		.url = teller_url,
		.changes = teller_changes };
	spn_error error = { .status = SPN_OK }, *err = &error;
	spn_directory *dir = NULL;
	teller = (struct teller){ .dir = server(TOLD), .url = "one" };
	assert_ok(spn_directory_new(&backend, &teller, "one", false, &dir, err));
	spn_watch *watch = begin(NULL);
	expect(watch, dir, "");
	change_name(teller.dir, DN("b"), SPN_MOD_ADD, "http/b");
	change_name(teller.dir, DN("c"), SPN_MOD_ADD, "http/c");
	has_changed('b');
	expect(watch, dir, "came http/b b;");
	spn_watch_free(watch);
	spn_directory_free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_changes_nothing_is_searched),
		cmocka_unit_test(what_has_changed_is_read_with_whom_it_concerns),
		cmocka_unit_test(an_account_that_is_gone_unheard_is_not_held_against_another),
		cmocka_unit_test(what_is_read_along_is_followed),
		cmocka_unit_test(all_is_read_where_a_cookie_is_of_no_use),
		cmocka_unit_test(a_state_of_an_older_version_is_read_anew),
		cmocka_unit_test_setup_teardown(a_cookie_is_kept, set_up, tear_down),
		cmocka_unit_test(all_is_read_every_quarter_of_an_hour_whatever_the_clock_does),
		cmocka_unit_test(what_another_server_says_is_not_taken_for_what_has_changed),
		cmocka_unit_test(what_was_not_asked_for_is_not_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
