/* SPDX-License-Identifier: MIT */
/*
 * Every plan builder, with every set of rights: whoever may not do all of it changes nothing, and whoever did it can
 * undo it.
 *
 * The directory is the mock behind a back end that refuses and reveals rights as domain controllers do.
 */
#include "ops.h"

#include <unistd.h>

#include <spnkit/backend.h>

/* How a server reveals what its caller may write. */
enum kind {
	TELLS_ALWAYS,         /* Windows, Samba 4.17 */
	TELLS_WHERE_WRITABLE, /* Samba 4.22 */
	TELLS_NEVER           /* another LDAP server */
};

static const char *const objects[] = { POOL, WEB, OTHER, WRITERS };
#define N_OBJECTS (sizeof objects / sizeof objects[0])
#define N_RIGHTS (1u << N_OBJECTS)

/* A directory as somebody sees it who may write some of the objects. */
struct delegate {
	spn_directory *inner;
	enum kind kind;
	unsigned rights; /* one bit for each of objects */
	bool is_restricted;
	const char *self; /* the account that the delegate is; NULL: of no account here */
};

static bool may_write(const struct delegate *delegate, const char *dn)
{
	for (size_t i = 0; i < N_OBJECTS; i++)
		if (strcasecmp(objects[i], dn) == 0)
			return !delegate->is_restricted || delegate->rights & 1u << i;
	return !delegate->is_restricted;
}

struct passing {
	const struct delegate *delegate;
	const spn_search *search;
	spn_entry_fn *fn;
	void *data;
};

/* A copy of an entry that says what the caller may write; an entry cannot be added to while it is lent. */
static spn_status reveal(const spn_entry *entry, void *data, spn_error *err)
{
	const struct passing *passing = data;
	const struct delegate *delegate = passing->delegate;
	spn_entry *copy = NULL;
	assert_int_equal(spn_entry_new(spn_entry_dn(entry), &copy, err), SPN_OK);
	for (size_t i = 0; passing->search->attrs && passing->search->attrs[i]; i++) {
		const spn_bytes *values;
		for (size_t j = 0, n = spn_entry_values(entry, passing->search->attrs[i], &values); j < n; j++)
			assert_int_equal(spn_entry_add(copy, passing->search->attrs[i], values[j], err), SPN_OK);
	}
	bool writable = may_write(delegate, spn_entry_dn(entry));
	if (delegate->kind == TELLS_ALWAYS || (delegate->kind == TELLS_WHERE_WRITABLE && writable))
		spn_entry_add(copy, "sDRightsEffective", (spn_bytes){ "0", 1 }, NULL);
	if (delegate->kind != TELLS_NEVER && writable) {
		spn_entry_add(copy, "allowedAttributesEffective", (spn_bytes){ "servicePrincipalName", 20 }, NULL);
		spn_entry_add(copy, "allowedAttributesEffective", (spn_bytes){ "member", 6 }, NULL);
	}
	spn_status status = passing->fn(copy, passing->data, err);
	spn_entry_free(copy);
	return status;
}

/* Whoever asks has one SID, in the root DSE. */
static spn_status reveal_self(const spn_entry *entry, void *data, spn_error *err)
{
	const struct passing *passing = data;
	spn_entry *root = NULL;
	const spn_bytes *sid;
	assert_int_equal(spn_entry_values(entry, "objectSid", &sid), 1);
	assert_int_equal(spn_entry_new("", &root, err), SPN_OK);
	assert_int_equal(spn_entry_add(root, "tokenGroups", *sid, err), SPN_OK);
	spn_status status = passing->fn(root, passing->data, err);
	spn_entry_free(root);
	return status;
}

static spn_status search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	struct delegate *delegate = self;
	struct passing passing = { delegate, search, fn, data };
	const spn_search own = { .base = delegate->self, .scope = SPN_SCOPE_BASE };
	if (delegate->self && !*search->base && search->attrs && strcmp(search->attrs[0], "tokenGroups") == 0)
		return spn_directory_search(delegate->inner, &own, reveal_self, &passing, err);
	return spn_directory_search(delegate->inner, search, reveal, &passing, err);
}

/* Of what a name of another account's HOST/ takes: only who may write that account, too, may add it ([MS-ADTS]
 * 3.1.1.5.1.3). */
static bool is_covered(const struct delegate *delegate, const char *dn, const spn_mod *mods, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (mods[i].op == SPN_MOD_ADD && strncasecmp(mods[i].value.data, "http/web", 8) == 0 && strcasecmp(dn, WEB) != 0 &&
				!strchr(mods[i].value.data, ':') && !may_write(delegate, WEB))
			return true;
	return false;
}

static spn_status modify(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	const struct delegate *delegate = self;
	bool is_dc = delegate->kind != TELLS_NEVER;
	if (delegate->self && n_mods == 1 && strcmp(mods->attr, "member") == 0 &&
			strcmp(mods->value.data, delegate->self) == 0)
		return spn_directory_modify(delegate->inner, dn, mods, n_mods, err); /* Self-Membership, which no attribute tells */
	if (!may_write(delegate, dn) || (is_dc && is_covered(delegate, dn, mods, n_mods)))
		return spn_fail(err, SPN_ERR_DENIED, 50, "insufficient access rights");
	return spn_directory_modify(delegate->inner, dn, mods, n_mods, err);
}

static spn_status root(void *self, spn_entry **ret_root, spn_error *err)
{
	const struct delegate *delegate = self;
	assert_int_equal(spn_entry_new("", ret_root, err), SPN_OK);
	spn_entry_add(*ret_root, "defaultNamingContext", (spn_bytes){ BASE, strlen(BASE) }, err);
	spn_entry_add(*ret_root, "supportedLDAPVersion", (spn_bytes){ "3", 1 }, err);
	if (delegate->kind != TELLS_NEVER)
		spn_entry_add(*ret_root, "domainControllerFunctionality", (spn_bytes){ "7", 1 }, err);
	return SPN_OK;
}

static void leave_inner(void *self)
{
	(void)self;
}

static const spn_backend backend = { .version = SPN_BACKEND_VERSION, .name = "delegate", .search = search,
	.modify = modify, .root = root,
	.free = leave_inner };

static spn_status propose_add(spn_plan *plan, spn_directory *dir)
{
	const char *names[] = { "MSSQLSvc/web" };
	return spn_propose_add(plan, dir, "other", names, 1, 0, NULL, NULL, NULL);
}

static spn_status propose_delete(spn_plan *plan, spn_directory *dir)
{
	const char *names[] = { "http/WEB" };
	return spn_propose_delete(plan, dir, "pool", names, 1, NULL, NULL, NULL);
}

static spn_status propose_move(spn_plan *plan, spn_directory *dir)
{
	const char *names[] = { "http/WEB", "http/web.example.com" };
	return spn_propose_move(plan, dir, "pool", "other", names, 2, NULL, NULL, NULL);
}

static spn_status propose_move_of_host(spn_plan *plan, spn_directory *dir)
{
	const char *names[] = { "HOST/WEB" };
	return spn_propose_move(plan, dir, "web", "other", names, 1, NULL, NULL, NULL);
}

static spn_status propose_defaults(spn_plan *plan, spn_directory *dir)
{
	return spn_propose_defaults(plan, dir, "web", NULL, NULL, NULL);
}

static spn_status propose_groups(spn_plan *plan, spn_directory *dir)
{
	return spn_propose_membership(plan, dir, "pool", "web", 0, NULL, NULL, NULL);
}

static spn_status propose_fix(spn_plan *plan, spn_directory *dir)
{
	return spn_propose_fix(plan, dir, "web", NULL, NULL);
}

static spn_status propose_reset(spn_plan *plan, spn_directory *dir)
{
	return spn_propose_reset(plan, dir, "web", NULL, NULL);
}

static spn_status propose_split(spn_plan *plan, spn_directory *dir)
{
	const char *names[] = { "http/WEB:5985" };
	spn_status status = spn_propose_move(plan, dir, "web", "pool", names, 1, NULL, NULL, NULL);
	return status ? status : spn_propose_split(plan, dir, "web", NULL, NULL);
}

/* Two repairs of an audit. */
static spn_status propose_repairs(spn_plan *plan, spn_directory *dir)
{
	static const struct {
		const char *spn, *dn;
	} malformed[] = { { "http//", POOL }, { "http/", OTHER } };
	for (size_t i = 0; i < 2; i++) {
		const spn_account_ref account = { malformed[i].dn, "" };
		const spn_finding finding = { .code = "malformed", .spn = malformed[i].spn, .accounts = &account,
			.n_accounts = 1, .text = "" };
		spn_status status = spn_propose_repair(plan, dir, &finding, NULL, NULL, NULL);
		if (status)
			return status;
	}
	return SPN_OK;
}

static const struct {
	const char *name;
	spn_status (*propose)(spn_plan *plan, spn_directory *dir);
} builders[] = { { "add", propose_add }, { "delete", propose_delete }, { "move", propose_move },
	{ "move HOST/", propose_move_of_host }, { "defaults", propose_defaults }, { "copy-groups", propose_groups },
	{ "fix", propose_fix }, { "reset", propose_reset },
	{ "split", propose_split }, { "audit", propose_repairs } };

static char *lines_in_order(const spn_directory *mock)
{
	/* values are a set: what was taken away and came back may stand elsewhere in its entry */
	char *text = strdup(spn_mock_ldif(mock)), *sorted = NULL;
	size_t size, n = 0;
	char *lines[400];
	FILE *file = open_memstream(&sorted, &size);
	const char *dn = "";
	assert_true(text && file);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (strncmp(line, "dn: ", 4) == 0)
			dn = line;
		assert_true(n < 400);
		assert_true(asprintf(&lines[n++], "%s|%s", dn, line) > 0);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (strcmp(lines[i], lines[j]) > 0) {
				char *swapped = lines[i];
				lines[i] = lines[j];
				lines[j] = swapped;
			}
	for (size_t i = 0; i < n; i++) {
		fprintf(file, "%s\n", lines[i]);
		free(lines[i]);
	}
	fclose(file);
	free(text);
	return sorted;
}

/* What came of one attempt. */
struct attempt {
	spn_status status, foreseen;
	bool changed, undone, wrote_ahead;
};

static spn_status undo(spn_directory *dir, const char *journal)
{
	spn_plan *plan = NULL;
	assert_int_equal(spn_plan_new(&plan, NULL), SPN_OK);
	spn_status status = spn_propose_undo(plan, dir, journal, 0, NULL, NULL, NULL);
	if (!status)
		status = spn_plan_apply(plan, dir, NULL, NULL, NULL, NULL);
	spn_plan_free(plan);
	return status;
}

static struct attempt attempt(size_t builder, enum kind kind, unsigned rights, unsigned allowed, const char *folder)
{
	static const char planted[] = "servicePrincipalName: http//\n", other_planted[] = "servicePrincipalName: http/\n";
	char path[128], text[sizeof sample + 200];
	struct attempt made = { .changed = false };
	struct delegate delegate = { .kind = kind, .rights = rights };
	spn_directory *dir = NULL;
	spn_journal *journal = NULL;
	spn_plan *plan = NULL;
	spn_error err = { .status = SPN_OK };
	const char *pool = strstr(sample, "servicePrincipalName: http/WEB\n"),
			*other = strstr(sample, "userPrincipalName: MSSQLSvc");
	snprintf(text, sizeof text, "%.*s%s%.*s%s%s", (int)(pool - sample), sample, planted, (int)(other - pool), pool,
			other_planted, other);
	snprintf(path, sizeof path, "%s/journal", folder);
	assert_int_equal(spn_mock_new(text, SPN_DIALECT_WINDOWS, &delegate.inner, NULL), SPN_OK);
	assert_int_equal(spn_directory_new(&backend, &delegate, "delegate:", false, &dir, NULL), SPN_OK);
	assert_int_equal(spn_plan_new(&plan, NULL), SPN_OK);
	assert_int_equal(builders[builder].propose(plan, dir), SPN_OK);
	assert_true(spn_plan_count(plan) > 0);
	assert_int_equal(spn_plan_allow(plan, allowed, NULL), SPN_OK);
	char *before = lines_in_order(delegate.inner);
	assert_int_equal(spn_journal_create(path, "attempt", &journal, NULL), SPN_OK);
	delegate.is_restricted = true;
	made.foreseen = spn_plan_preflight(plan, dir, &err);
	char *unchanged = lines_in_order(delegate.inner);
	made.wrote_ahead = strcmp(before, unchanged) != 0;
	free(unchanged);
	made.status = spn_plan_apply(plan, dir, journal, NULL, NULL, &err);
	spn_journal_free(journal);
	char *after = lines_in_order(delegate.inner);
	made.changed = strcmp(before, after) != 0;
	free(after);
	made.undone = !made.changed || undo(dir, path) == SPN_OK;
	after = lines_in_order(delegate.inner);
	made.undone &= strcmp(before, after) == 0;
	free(after);
	free(before);
	unlink(path);
	spn_plan_free(plan);
	spn_directory_free(dir);
	spn_directory_free(delegate.inner);
	return made;
}

/* One step that adds names to a computer (no server lists validated writes), or names that another account's HOST/
 * covers. */
static bool is_left_to_the_server(size_t builder)
{
	return builders[builder].propose == propose_defaults;
}

static void for_each_set_of_rights(enum kind kind, unsigned allowed)
{
	char folder[] = "/tmp/spnkit-test-XXXXXX";
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < sizeof builders / sizeof builders[0]; i++)
		for (unsigned rights = 0; rights < N_RIGHTS; rights++) {
			const struct attempt made = attempt(i, kind, rights, allowed, folder);
			if ((made.status != SPN_OK && made.changed) || !made.undone)
				fail_msg("%s with the rights 0x%x: %s, %s, %s", builders[i].name, rights, spn_status_name(made.status),
						made.changed ? "changed" : "unchanged", made.undone ? "undone" : "not to be undone");
			if (made.wrote_ahead ||
					(kind != TELLS_NEVER && made.foreseen != made.status &&
					!(made.status == SPN_ERR_DENIED && is_left_to_the_server(i))))
				fail_msg("%s with the rights 0x%x: %s was foreseen%s, and it was %s", builders[i].name, rights,
						spn_status_name(made.foreseen), made.wrote_ahead ? " by writing" : "", spn_status_name(made.status));
			if (rights == N_RIGHTS - 1 && kind != TELLS_NEVER && made.status)
				fail_msg("%s with all rights: %s", builders[i].name, spn_status_name(made.status));
		}
	rmdir(folder);
}

static void a_server_that_always_reveals_rights_is_changed_wholly_or_not_at_all(void **state)
{
	(void)state;
	for_each_set_of_rights(TELLS_ALWAYS, 0);
}

static void so_is_one_that_is_silent_about_what_may_not_be_written(void **state)
{
	(void)state;
	for_each_set_of_rights(TELLS_WHERE_WRITABLE, 0);
}

static void and_one_that_reveals_nothing(void **state)
{
	(void)state;
	for_each_set_of_rights(TELLS_NEVER, 0);
}

static spn_status join(const char *self, const char *member, spn_status *ret_foreseen)
{
	struct delegate delegate = { .kind = TELLS_ALWAYS, .is_restricted = true, .self = self };
	const spn_mod mod = { SPN_MOD_ADD, "member", { member, strlen(member) } };
	spn_directory *dir = NULL;
	spn_plan *plan = NULL;
	assert_int_equal(spn_mock_new(sample, SPN_DIALECT_WINDOWS, &delegate.inner, NULL), SPN_OK);
	assert_int_equal(spn_directory_new(&backend, &delegate, "delegate:", false, &dir, NULL), SPN_OK);
	assert_int_equal(spn_plan_new(&plan, NULL), SPN_OK);
	assert_int_equal(spn_plan_append(plan, &(spn_step){ .dn = READERS, .mods = &mod, .n_mods = 1 }, NULL), SPN_OK);
	*ret_foreseen = spn_plan_preflight(plan, dir, NULL);
	spn_status status = spn_plan_apply(plan, dir, NULL, NULL, NULL, NULL);
	spn_plan_free(plan);
	spn_directory_free(dir);
	spn_directory_free(delegate.inner);
	return status;
}

static void who_may_join_a_group_itself_is_not_refused_beforehand(void **state)
{
	spn_status foreseen;
	(void)state;
	assert_int_equal(join(OTHER, OTHER, &foreseen), SPN_OK);
	assert_int_equal(foreseen, SPN_OK);
	assert_int_equal(join(OTHER, DB, &foreseen), SPN_ERR_DENIED);
	assert_int_equal(foreseen, SPN_ERR_DENIED);
}

/* Which of the builders are carried out with all rights, or stop for want of certainty: one letter each. */
static void outcomes(enum kind kind, unsigned allowed, char ret[16])
{
	char folder[] = "/tmp/spnkit-test-XXXXXX";
	size_t n = sizeof builders / sizeof builders[0];
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < n; i++)
		switch (attempt(i, kind, N_RIGHTS - 1, allowed, folder).status) {
		case SPN_OK: ret[i] = '+'; break;
		case SPN_ERR_NO_WAY_BACK: ret[i] = 'n'; break;
		default: ret[i] = '?'; break;
		}
	ret[n] = '\0';
	rmdir(folder);
}

static void what_the_server_does_not_confirm_is_refused_unless_it_is_allowed(void **state)
{
	char told[16];
	(void)state;
	outcomes(TELLS_NEVER, 0, told);
	assert_string_equal(told, "++nn++nnnn");
	outcomes(TELLS_NEVER, SPN_UNSURE, told);
	assert_string_equal(told, "++++++++++");
}

static void a_name_that_could_not_be_put_back_goes_only_if_that_is_allowed(void **state)
{
	char folder[] = "/tmp/spnkit-test-XXXXXX";
	(void)state;
	assert_non_null(mkdtemp(folder));
	for (int kind = TELLS_ALWAYS; kind <= TELLS_WHERE_WRITABLE; kind++) {
		assert_int_equal(attempt(1, (enum kind)kind, 1, 0, folder).status, SPN_ERR_NO_WAY_BACK);
		const struct attempt made = attempt(1, (enum kind)kind, 1, SPN_NO_WAY_BACK, folder);
		assert_int_equal(made.status, SPN_OK);
		assert_true(made.changed && !made.undone);
	}
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_always_reveals_rights_is_changed_wholly_or_not_at_all),
		cmocka_unit_test(so_is_one_that_is_silent_about_what_may_not_be_written),
		cmocka_unit_test(and_one_that_reveals_nothing),
		cmocka_unit_test(who_may_join_a_group_itself_is_not_refused_beforehand),
		cmocka_unit_test(what_the_server_does_not_confirm_is_refused_unless_it_is_allowed),
		cmocka_unit_test(a_name_that_could_not_be_put_back_goes_only_if_that_is_allowed),
	};
	return cmocka_run_group_tests_name("rights", tests, NULL, NULL);
}
