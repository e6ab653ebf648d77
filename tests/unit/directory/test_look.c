/* SPDX-License-Identifier: MIT */
/*
 * What a distant server is asked together, and that nothing is believed for it which was not read in time.  The server
 * is a mock behind a line on which each request, or several at once, is written down: "root", "search", "modify", and
 * in brackets what was on its way together.
 */
#include "ops.h"

#include <spnkit/backend.h>

#include "directory/directory.h"

struct far {
	spn_directory *mock;
	const char *presumed;
	char log[4000];
	unsigned trips;
	spn_status fails;      /* every search of several at once, with this and the next */
	int native;
	bool has_no_root, is_samba;
	void (*hook)(struct far *far); /* before a modify */
};

static struct far far;

static void note(const char *before, const char *what, const char *behind)
{
	size_t len = strlen(far.log);
	snprintf(far.log + len, sizeof far.log - len, "%s%s%s", before, what, behind);
}

/* "HOST/WEB" of a search for names, "member" of one for groups, the first value of the DN of a base. */
static const char *what_of(const spn_search *search)
{
	static char text[100];
	const spn_filter *filter = search->filter;
	while (filter && filter->parts)
		filter = filter->parts[0];
	const char *shown = !search->base || !*search->base ? "root" : filter ? filter->attr : search->base;
	if (filter && filter->value.data && strcmp(filter->attr, "servicePrincipalName") == 0)
		shown = filter->value.data;
	snprintf(text, sizeof text, "%.*s", (int)strcspn(shown, ","), shown);
	return text;
}

static spn_status make_root(spn_entry **ret_root, spn_error *err)
{
	const spn_bytes base = { BASE, strlen(BASE) }, vendor = { "Samba Team", 10 };
	spn_status status = spn_entry_new("", ret_root, err);
	if (!status && far.is_samba)
		status = spn_entry_add(*ret_root, "vendorName", vendor, err);
	return status ? status : spn_entry_add(*ret_root, "defaultNamingContext", base, err);
}

static spn_status do_search(const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	spn_entry *root = NULL;
	if (search->base && *search->base)
		return spn_directory_search(far.mock, search, fn, data, err);
	spn_status status = make_root(&root, err);
	if (!status && !far.has_no_root)
		status = fn(root, data, err);
	spn_entry_free(root);
	return status;
}

static spn_status far_search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	(void)self;
	far.trips++;
	note("", what_of(search), "; ");
	return do_search(search, fn, data, err);
}

static spn_status far_modify(void *self, const char *dn, const spn_mod *mods, size_t n, spn_error *err)
{
	(void)self;
	far.trips++;
	char text[100];
	snprintf(text, sizeof text, "%.*s", (int)strcspn(dn, ","), dn);
	note("modify ", text, "; ");
	if (far.hook)
		far.hook(&far);
	return spn_directory_modify(far.mock, dn, mods, n, err);
}

static spn_status far_root(void *self, spn_entry **ret_root, spn_error *err)
{
	(void)self;
	far.trips++;
	note("", "root", "; ");
	return make_root(ret_root, err);
}

static void far_search_many(void *self, const spn_search *searches, size_t n, spn_entry_fn *fn, void *const *data,
		spn_error *ret_outcomes)
{
	(void)self;
	far.trips++;
	note("[", "", "");
	for (size_t i = 0; i < n; i++) {
		note(i ? " + " : "", what_of(&searches[i]), "");
		ret_outcomes[i] = (spn_error){ .status = SPN_OK };
		if (far.fails)
			spn_fail(&ret_outcomes[i], far.fails, far.native, "the line is bad");
		else
			ret_outcomes[i].status = do_search(&searches[i], fn, data[i], &ret_outcomes[i]);
	}
	note("]; ", "", "");
}

static void far_modify_many(void *self, const spn_change *changes, size_t n, spn_error *ret_outcomes)
{
	(void)self;
	far.trips++;
	note("[modify]; ", "", "");
	for (size_t i = 0; i < n; i++)
		ret_outcomes[i].status = spn_directory_modify(
				far.mock, changes[i].dn, changes[i].mods, changes[i].n_mods, &ret_outcomes[i]);
}

static const char *far_presumed(const void *self)
{
	(void)self;
	return far.presumed;
}

static spn_status far_changes(void *self, const char *base, const char *const *attrs, spn_bytes cookie,
		spn_entry_fn *fn, void *data, spn_bytes *ret_cookie, spn_error *err)
{
	(void)self, (void)base, (void)attrs, (void)cookie, (void)fn, (void)data, (void)err;
	far.trips++;
	note("", "changes", "; ");
	*ret_cookie = (spn_bytes){ strdup("cookie"), 6 };
	return SPN_OK;
}

static void far_free(void *self)
{
	(void)self;
	spn_directory_free(far.mock);
}

/* Duplicates are accepted, as by a controller before it has replicated. */
static spn_directory *open_far(const char *ldif, const char *presumed)
{
	static const spn_backend backend = { .version = SPN_BACKEND_VERSION,
		.name = "far",
		.search = far_search,
		.modify = far_modify,
		.root = far_root,
		.free = far_free,
		.flags = SPN_BACKEND_LIVE,
		.modify_many = far_modify_many,
		.changes = far_changes,
		.search_many = far_search_many,
		.presumed = far_presumed };
	spn_directory *dir = NULL;
	far = (struct far){ .presumed = presumed };
	assert_int_equal(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &far.mock, NULL), SPN_OK);
	assert_int_equal(spn_mock_allow_duplicates(far.mock, true, NULL), SPN_OK);
	assert_int_equal(spn_directory_new(&backend, &far, "far", false, &dir, NULL), SPN_OK);
	return dir;
}

static spn_status count_account(
		const spn_account *account, const spn_bytes *matched, size_t n_matched, void *data, spn_error *err)
{
	(void)account, (void)matched, (void)n_matched, (void)err;
	++*(unsigned *)data;
	return SPN_OK;
}

static void expect_query(spn_directory *dir, unsigned wanted, const char *log)
{
	unsigned n = 0;
	far.log[0] = '\0';
	assert_int_equal(spn_query(dir, "http/web", false, count_account, &n, NULL), SPN_OK);
	assert_int_equal(n, wanted);
	assert_string_equal(far.log, log);
}

static void the_first_search_goes_along_with_the_root_dse(void **state)
{
	(void)state;
	spn_directory *dir = open_far(sample, "Example.com");
	expect_query(dir, 1, "[root + http/web]; ");
	expect_query(dir, 1, "http/web; "); /* nothing is kept */
	spn_directory_free(dir);
}

/* The sample holds the name in the domain that is presumed as well. */
static void what_is_found_in_another_domain_is_thrown_away(void **state)
{
	(void)state;
	SPK_AUTOFREE char *two = NULL;
	assert_true(asprintf(&two, "%s\ndn: DC=other,DC=test\nobjectClass: domainDNS\n\ndn: CN=x,DC=other,DC=test\n"
			"objectClass: user\nsAMAccountName: x\nservicePrincipalName: http/web\n\ndn: CN=y,DC=other,DC=test\n"
			"objectClass: user\nsAMAccountName: y\nservicePrincipalName: http/web\n", sample) > 0);
	spn_directory *dir = open_far(two, "other.test");
	expect_query(dir, 1, "[root + http/web]; http/web; ");
	spn_directory_free(dir);
}

static void what_could_find_all_of_a_domain_waits_for_the_root_dse(void **state)
{
	(void)state;
	spn_directory *dir = open_far(sample, "example.com");
	unsigned n = 0;
	assert_int_equal(spn_query(dir, "*", false, count_account, &n, NULL), SPN_OK);
	assert_int_equal(n, 2);
	assert_string_equal(far.log, "root; *; ");
	spn_directory_free(dir);
	dir = open_far(sample, NULL); /* a domain that is not known */
	expect_query(dir, 1, "root; http/web; ");
	spn_directory_free(dir);
	dir = open_far(sample, "example.com),DC=com"); /* or no name of one */
	expect_query(dir, 1, "[root]; http/web; ");
	spn_directory_free(dir);
}

static void what_fails_together_is_asked_for_alone(void **state)
{
	(void)state;
	spn_directory *dir = open_far(sample, "example.com");
	far.fails = SPN_ERR_DENIED;
	expect_query(dir, 1, "[root + http/web]; root; http/web; ");
	spn_directory_free(dir);
	dir = open_far(sample, "example.com"); /* of a root DSE that cannot be read, the other function says why */
	far.has_no_root = true;
	expect_query(dir, 1, "[root + http/web]; root; http/web; ");
	spn_directory_free(dir);
}

static void a_server_that_is_slow_is_not_waited_for_twice(void **state)
{
	(void)state;
	unsigned n = 0;
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = open_far(sample, "example.com");
	far.fails = SPN_ERR_UNREACHABLE;
	far.native = -5;
	assert_int_equal(spn_query(dir, "http/web", false, count_account, &n, &err), SPN_ERR_UNREACHABLE);
	assert_string_equal(err.message, "the line is bad");
	assert_string_equal(far.log, "[root + http/web]; ");
	spn_directory_free(dir);
}

static void more_than_is_kept_is_read_again(void **state)
{
	(void)state;
	enum { MANY = 1001, SIZE = 200000 };
	SPK_AUTOFREE char *text = malloc(SIZE);
	assert_non_null(text);
	size_t len = (size_t)snprintf(text, SIZE, "%s", sample);
	for (unsigned i = 0; i < MANY; i++)
		len += (size_t)snprintf(text + len, SIZE - len, "\ndn: CN=u%u," BASE "\nobjectClass: user\nsAMAccountName: u%u\n"
				"servicePrincipalName: x/many\n", i, i);
	spn_directory *dir = open_far(text, "example.com");
	unsigned n = 0;
	assert_int_equal(spn_query(dir, "x/many", false, count_account, &n, NULL), SPN_OK);
	assert_int_equal(n, MANY);
	assert_string_equal(far.log, "[root + x/many]; x/many; ");
	spn_directory_free(dir);
}

/* ---- in the midst ---- */

/* Another writer, at a server that checks nothing. */
static void give_away(void)
{
	static const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/WEB", 8 } };
	assert_int_equal(spn_directory_modify(far.mock, OTHER, &mod, 1, NULL), SPN_OK);
}

static spn_status stop(const spn_account *account, const spn_bytes *matched, size_t n, void *data, spn_error *err)
{
	(void)account, (void)matched, (void)n, (void)data, (void)err;
	return SPN_ERR_STOPPED;
}

/* Changes what it sees, and looks again. */
static spn_status change_and_look(
		const spn_account *account, const spn_bytes *matched, size_t n_matched, void *data, spn_error *err)
{
	spn_directory *dir = data;
	unsigned n = 0;
	const spn_mod mod = { SPN_MOD_DELETE, "servicePrincipalName", matched[0] };
	assert_int_equal(n_matched, 1);
	assert_int_equal(spn_directory_modify(dir, spn_account_dn(account), &mod, 1, err), SPN_OK);
	assert_int_equal(spn_query(dir, "http/web", false, count_account, &n, err), SPN_OK);
	assert_int_equal(n, 0);
	assert_string_equal(spn_account_name(account), "pool");
	return SPN_OK;
}

/* As much later as it likes. */
static spn_status give_away_and_look(
		const spn_account *account, const spn_bytes *matched, size_t n_matched, void *data, spn_error *err)
{
	(void)account, (void)matched, (void)n_matched;
	unsigned n = 0;
	give_away();
	assert_int_equal(spn_query(data, "http/web", false, count_account, &n, err), SPN_OK);
	assert_int_equal(n, 2);
	return SPN_OK;
}

static void who_sees_an_entry_may_take_his_time(void **state)
{
	(void)state;
	spn_directory *dir = open_far(sample, "example.com");
	assert_int_equal(spn_query(dir, "http/web", false, give_away_and_look, dir, NULL), SPN_OK);
	assert_string_equal(far.log, "[root + http/web]; http/web; ");
	spn_directory_free(dir);
}

static void who_sees_an_entry_may_change_it(void **state)
{
	(void)state;
	spn_directory *dir = open_far(sample, "example.com");
	assert_int_equal(spn_query(dir, "http/web", false, change_and_look, dir, NULL), SPN_OK);
	assert_string_equal(far.log, "[root + http/web]; modify CN=pool; http/web; ");
	spn_directory_free(dir);
	dir = open_far(sample, "example.com");
	assert_int_equal(spn_query(dir, "http/web", false, stop, NULL, NULL), SPN_ERR_STOPPED);
	assert_string_equal(far.log, "[root + http/web]; ");
	spn_directory_free(dir);
}

/* ---- what a look asks for ---- */

static unsigned count_name(spn_directory *dir, const char *name)
{
	unsigned n = 0;
	(void)spn_query(dir, name, false, count_account, &n, NULL);
	return n;
}

/* Two that do not depend on each other, and one that does. */
static void look_for_three(spn_directory *dir, void *data)
{
	(void)data;
	(void)count_name(dir, "HOST/web");
	if (count_name(dir, "http/web"))
		(void)count_name(dir, "x/late");
}

static void expect_known(spn_directory *dir)
{
	far.log[0] = '\0';
	assert_int_equal(count_name(dir, "HOST/web"), 1);
	assert_int_equal(count_name(dir, "http/web"), 1);
	assert_int_equal(count_name(dir, "x/late"), 0);
	assert_string_equal(far.log, "");
}

static void a_look_goes_on_with_what_it_got(void **state)
{
	(void)state;
	spn_directory *dir = open_far(sample, "example.com");
	spk_directory_look_ahead(dir, NULL, look_for_three, NULL);
	assert_string_equal(far.log, "[root + HOST/web + http/web]; [x/late]; ");
	expect_known(dir);
	assert_int_equal(count_name(dir, "x/other"), 0);
	assert_string_equal(far.log, "x/other; "); /* what was not foreseen */
	spk_directory_forget(dir);
	assert_int_equal(count_name(dir, "http/web"), 1);
	assert_string_equal(far.log, "x/other; http/web; ");
	spn_directory_free(dir);
}

static void the_same_subject_is_asked_for_at_once(void **state)
{
	(void)state;
	spn_directory *dir = open_far(sample, "example.com");
	spk_directory_look_ahead(dir, "three", look_for_three, NULL);
	spk_directory_forget(dir);
	give_away();
	far.log[0] = '\0';
	spk_directory_look_ahead(dir, "three", look_for_three, NULL);
	assert_string_equal(far.log, "[HOST/web + http/web + x/late]; ");
	assert_int_equal(count_name(dir, "http/web"), 2); /* and not what it said before */
	spk_directory_look_ahead(dir, "another", look_for_three, NULL);
	far.log[0] = '\0';
	spk_directory_look_ahead(dir, "three", look_for_three, NULL);
	assert_string_equal(far.log, "[HOST/web + http/web]; [x/late]; ");
	spn_directory_free(dir);
}

static void a_change_ends_what_is_known(void **state)
{
	(void)state;
	static const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "x/late", 6 } };
	static const spn_change change = { OTHER, &mod, 1 };
	spn_error outcome;
	spn_directory *dir = open_far(sample, "example.com");
	spk_directory_look_ahead(dir, NULL, look_for_three, NULL);
	assert_int_equal(spn_directory_modify(dir, OTHER, &mod, 1, NULL), SPN_OK);
	assert_int_equal(count_name(dir, "x/late"), 1);
	spn_directory_free(dir);
	dir = open_far(sample, "example.com");
	spk_directory_look_ahead(dir, NULL, look_for_three, NULL);
	spk_directory_modify_many(dir, &change, 1, &outcome);
	assert_int_equal(count_name(dir, "x/late"), 1);
	spn_directory_free(dir);
}

/* ---- a whole repair ---- */

static spn_plan *plan_of_fix(spn_directory *dir)
{
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	spn_plan *plan = NULL;
	assert_int_equal(spn_plan_new(&plan, NULL), SPN_OK);
	assert_int_equal(spn_propose_fix(plan, dir, "WEB", &options, NULL), SPN_OK);
	return plan;
}

static spn_status see_group(const spn_group *group, void *data, spn_error *err)
{
	(void)group, (void)data, (void)err;
	return SPN_OK;
}

static spn_journal *journal_in(char *folder)
{
	SPK_AUTOFREE char *path = NULL;
	spn_journal *journal = NULL;
	assert_non_null(mkdtemp(folder));
	assert_true(asprintf(&path, "%s/journal.ldif", folder) > 0);
	assert_int_equal(spn_journal_create(path, "fix", &journal, NULL), SPN_OK);
	return journal;
}

static void remove_journal(spn_journal *journal, const char *folder)
{
	assert_int_equal(unlink(spn_journal_path(journal)), 0);
	spn_journal_free(journal);
	assert_int_equal(rmdir(folder), 0);
}

static void expect_log(const char *log)
{
	assert_string_equal(far.log, log);
	far.log[0] = '\0';
}

/* The names are looked up behind what takes them away, and before and behind what gives them, each time anew. */
static void a_repair_is_checked_as_often_and_asks_together(void **state)
{
	(void)state;
	char folder[] = "/tmp/spnkit-look-XXXXXX";
	spn_journal *journal = journal_in(folder);
	spn_directory *dir = open_far(sample, "example.com");
	spn_plan *plan = plan_of_fix(dir);
	expect_log("[root + CN=Directory Service + sAMAccountName]; [http/web.example.com]; "
		   "[http/web.example.com + member + member + objectSid]; ");
	assert_int_equal(spn_plan_delegations(plan, dir, note_finding, &(struct fixture){ .told = "" }, NULL), SPN_OK);
	expect_log("[msDS-AllowedToDelegateTo + CN=WEB + CN=pool]; ");
	assert_int_equal(spn_plan_apply(plan, dir, journal, NULL, NULL, NULL), SPN_OK);
	expect_log("[CN=pool + HOST/web.example.com + CN=WEB + CN=pool + CN=WEB + http/web.example.com + DC=example + CN=pool"
		   " + CN=WEB + CN=writers + CN=pool]; "
		   "modify CN=pool; [http/web.example.com]; modify CN=WEB; [http/web.example.com + member]; modify CN=writers; ");
	spn_plan_free(plan);
	plan = plan_of_fix(dir);
	assert_int_equal(spn_plan_count(plan), 0);
	expect_log("[sAMAccountName + http/web.example.com]; ");
	assert_int_equal(spn_list_groups(dir, WEB, see_group, NULL, NULL), SPN_OK);
	expect_log("[member + CN=WEB]; [objectSid]; ");
	assert_int_equal(far.trips, 13);
	spn_plan_free(plan);
	spn_directory_free(dir);
	remove_journal(journal, folder);
}

/* On Samba, the computers that are called like the names are looked up as well, along with who holds those. */
static void of_samba_it_asks_for_computers_at_once(void **state)
{
	(void)state;
	spn_directory *dir = open_far(sample, "example.com");
	far.is_samba = true;
	spn_plan_free(plan_of_fix(dir));
	expect_log("[root + CN=Directory Service + sAMAccountName]; [http/web.example.com + cn]; "
		   "[http/web.example.com + member + member + objectSid]; ");
	spn_directory_free(dir);
}

static void give_away_at_pool(struct far *line)
{
	if (strstr(line->log, "modify CN=pool") && !strstr(line->log, "modify CN=WEB"))
		give_away();
	line->hook = NULL;
}

static void give_away_at_web(struct far *line)
{
	if (!strstr(line->log, "modify CN=WEB"))
		return;
	give_away();
	line->hook = NULL;
}

static bool holds_now(const char *dn, const char *name)
{
	spn_account *account = NULL;
	assert_int_equal(spn_account_find(far.mock, dn, SPN_WANT_ANY, &account, NULL), SPN_OK);
	bool holds = spn_account_holds(account, name);
	spn_account_free(account);
	return holds;
}

static void apply_against(void (*hook)(struct far *))
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = open_far(sample, "example.com");
	spn_plan *plan = plan_of_fix(dir);
	far.log[0] = '\0';
	far.hook = hook;
	assert_int_equal(spn_plan_apply(plan, dir, NULL, NULL, NULL, &err), SPN_ERR_NOT_UNIQUE);
	assert_non_null(strstr(err.message, "'http/WEB' is held by '" OTHER "'"));
	assert_false(holds_now(WEB, "http/WEB"));
	assert_true(holds_now(POOL, "http/web.example.com"));
	assert_false(strstr(far.log, "modify CN=writers") != NULL);
	spn_plan_free(plan);
	spn_directory_free(dir);
}

static void who_comes_in_after_the_look_is_seen(void **state)
{
	(void)state;
	apply_against(give_away_at_pool); /* and not written against */
	assert_null(strstr(far.log, "modify CN=WEB"));
	apply_against(give_away_at_web); /* and the own write is taken back */
	assert_non_null(strstr(far.log, "modify CN=WEB"));
}

/* What somebody was shown is read again once he has said yes. */
static void nothing_is_kept_while_somebody_thinks(void **state)
{
	(void)state;
	spn_directory *dir = open_far(sample, "example.com");
	spn_plan *plan = plan_of_fix(dir);
	assert_false(spk_directory_is_ahead(dir));
	assert_int_equal(spn_plan_preflight(plan, dir, NULL), SPN_OK);
	assert_false(spk_directory_is_ahead(dir));
	give_away();
	assert_int_equal(spn_plan_apply(plan, dir, NULL, NULL, NULL, NULL), SPN_ERR_NOT_UNIQUE);
	assert_null(strstr(far.log, "modify"));
	spn_plan_free(plan);
	spn_directory_free(dir);
}

/* ---- a watch ---- */

static spn_status see_event(const spn_event *event, void *data, spn_error *err)
{
	(void)event, (void)data, (void)err;
	return SPN_OK;
}

/* Of the LDAP back end, "changes" is one request on a connection that stands. */
static void a_look_without_changes_is_one_request(void **state)
{
	(void)state;
	char folder[] = "/tmp/spnkit-look-XXXXXX", file[64];
	assert_non_null(mkdtemp(folder));
	snprintf(file, sizeof file, "%s/state", folder);
	for (int run = 0; run < 2; run++) {
		spn_directory *dir = open_far(sample, "example.com");
		spn_watch *watch = NULL;
		assert_int_equal(spn_watch_new(file, &watch, NULL), SPN_OK);
		assert_int_equal(spn_watch_look(watch, dir, see_event, NULL, NULL), SPN_OK);
		if (run > 0)
			expect_log("root; changes; "); /* the first look of a run, as with --once */
		far.log[0] = '\0';
		for (int i = 0; i < 3; i++) {
			assert_int_equal(spn_watch_look(watch, dir, see_event, NULL, NULL), SPN_OK);
			expect_log("changes; ");
		}
		assert_int_equal(spn_watch_save(watch, NULL), SPN_OK);
		spn_watch_free(watch);
		spn_directory_free(dir);
	}
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_search_goes_along_with_the_root_dse),
		cmocka_unit_test(what_is_found_in_another_domain_is_thrown_away),
		cmocka_unit_test(what_could_find_all_of_a_domain_waits_for_the_root_dse),
		cmocka_unit_test(what_fails_together_is_asked_for_alone),
		cmocka_unit_test(a_server_that_is_slow_is_not_waited_for_twice),
		cmocka_unit_test(more_than_is_kept_is_read_again),
		cmocka_unit_test(who_sees_an_entry_may_take_his_time),
		cmocka_unit_test(who_sees_an_entry_may_change_it),
		cmocka_unit_test(a_look_goes_on_with_what_it_got),
		cmocka_unit_test(the_same_subject_is_asked_for_at_once),
		cmocka_unit_test(a_change_ends_what_is_known),
		cmocka_unit_test(a_repair_is_checked_as_often_and_asks_together),
		cmocka_unit_test(of_samba_it_asks_for_computers_at_once),
		cmocka_unit_test(who_comes_in_after_the_look_is_seen),
		cmocka_unit_test(nothing_is_kept_while_somebody_thinks),
		cmocka_unit_test(a_look_without_changes_is_one_request),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
