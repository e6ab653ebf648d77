/* SPDX-License-Identifier: MIT */
/*
 * Validated write: somebody who may delete all names of a computer, and add those of its own host only.
 *
 * The directory is the mock behind a back end that says what a domain controller says: who asks (they are "pool"), what
 * may be written as a property, and the permissions, if they may be read.
 */
#include "ops.h"

#include <unistd.h>

#include <spnkit/backend.h>

#define NAMES_ID "\210\107\246\363\006\123\321\021\251\305\000\000\370\003\147\301"
#define DOMAIN_SID "\001\005\000\000\000\000\000\005\025\000\000\000\001\000\000\000\002\000\000\000\003\000\000\000"
#define SID_OF(rid) DOMAIN_SID rid "\000\000"
#define ZERO "\000\000\000\000"
#define HEAD "\001\000\004\200" ZERO ZERO ZERO "\024\000\000\000" "\004\000\100\000\001\000\000\000"
#define VALIDATED(rid) HEAD "\005\000\070\000\010\000\000\000\001\000\000\000" NAMES_ID SID_OF(rid)
#define POOLS "\353\003" /* 1003, as in ops.h */

static const char granted[] = VALIDATED(POOLS), granted_to_another[] = VALIDATED("\354\003");

/* What the controller lets us do to the computer's names. */
struct server {
	spn_directory *inner;
	const char *permissions; /* NULL: they may not be read */
	bool is_writer;
	bool is_samba;
	unsigned n_sent;
};

struct passing {
	const struct server *server;
	const spn_search *search;
	spn_entry_fn *fn;
	void *data;
};

static void add(spn_entry *entry, const char *attr, const char *value, size_t len)
{
	assert_int_equal(spn_entry_add(entry, attr, (spn_bytes){ value, len }, NULL), SPN_OK);
}

static bool is_asked_for(const spn_search *search, const char *attr)
{
	for (size_t i = 0; search->attrs && search->attrs[i]; i++)
		if (strcmp(search->attrs[i], attr) == 0)
			return true;
	return false;
}

static spn_status reveal(const spn_entry *entry, void *data, spn_error *err)
{
	const struct passing *passing = data;
	const struct server *server = passing->server;
	bool is_limited = strcmp(spn_entry_dn(entry), WEB) == 0 && !server->is_writer;
	spn_entry *copy = NULL;
	assert_int_equal(spn_entry_new(spn_entry_dn(entry), &copy, err), SPN_OK);
	for (size_t i = 0; passing->search->attrs && passing->search->attrs[i]; i++) {
		const spn_bytes *values;
		for (size_t j = 0, n = spn_entry_values(entry, passing->search->attrs[i], &values); j < n; j++)
			add(copy, passing->search->attrs[i], values[j].data, values[j].len);
	}
	add(copy, "sDRightsEffective", "0", 1);
	if (!is_limited)
		add(copy, "allowedAttributesEffective", "servicePrincipalName", 20);
	if (is_limited && server->permissions && is_asked_for(passing->search, "nTSecurityDescriptor"))
		add(copy, "nTSecurityDescriptor", server->permissions, sizeof granted - 1);
	spn_status status = passing->fn(copy, passing->data, err);
	spn_entry_free(copy);
	return status;
}

static spn_status search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	static const char sid[] = SID_OF(POOLS);
	struct server *server = self;
	struct passing passing = { server, search, fn, data };
	spn_entry *root = NULL;
	if (*search->base || !is_asked_for(search, "tokenGroups"))
		return spn_directory_search(server->inner, search, reveal, &passing, err);
	assert_int_equal(spn_entry_new("", &root, err), SPN_OK);
	add(root, "tokenGroups", sid, sizeof sid - 1);
	spn_status status = fn(root, data, err);
	spn_entry_free(root);
	return status;
}

static spn_status modify(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	struct server *server = self;
	const char *name = mods->value.data;
	server->n_sent++;
	if (server->is_samba && n_mods == 1 && mods->op == SPN_MOD_DELETE)
		return spn_fail(err, SPN_ERR_REFUSED, 19, "would cause a conflict");
	if (server->is_samba && strncmp(name, "spnkit", 6) == 0 && !strstr(name, "/WEB"))
		return spn_fail(err, SPN_ERR_DENIED, 19, "spn validation failed for spn[%s]", name);
	return spn_directory_modify(server->inner, dn, mods, n_mods, err);
}

static spn_status root(void *self, spn_entry **ret_root, spn_error *err)
{
	const struct server *server = self;
	assert_int_equal(spn_entry_new("", ret_root, err), SPN_OK);
	add(*ret_root, "defaultNamingContext", BASE, strlen(BASE));
	add(*ret_root, "supportedLDAPVersion", "3", 1);
	add(*ret_root, "domainControllerFunctionality", "7", 1);
	if (server->is_samba)
		add(*ret_root, "vendorName", "Samba Team (https://www.samba.org)", 34);
	return SPN_OK;
}

static void leave_inner(void *self)
{
	(void)self;
}

static const spn_backend backend = { .version = SPN_BACKEND_VERSION, .name = "controller", .search = search,
	.modify = modify, .root = root, .free = leave_inner };

/* ---- what we do there ---- */

static struct server server; /* behind the directory of the fixture */

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	server = (struct server){ .permissions = granted };
	assert_int_equal(spn_mock_new(sample, SPN_DIALECT_WINDOWS, &server.inner, NULL), SPN_OK);
	assert_int_equal(spn_directory_new(&backend, &server, "controller:", false, &f->dir, NULL), SPN_OK);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;
	spn_plan_free(f->plan);
	spn_directory_free(f->dir);
	spn_directory_free(server.inner);
	free(f);
	return 0;
}

/* A step of one change. */
static void plan(struct fixture *f, spn_mod_op op, const char *name)
{
	const spn_mod mod = { op, "servicePrincipalName", { name, strlen(name) } };
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = WEB, .mods = &mod, .n_mods = 1 }, NULL), SPN_OK);
}

static void plan_anew(struct fixture *f)
{
	spn_plan_free(f->plan);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
}

/* Before anything is sent. */
static spn_status foresee(struct fixture *f)
{
	f->err = (spn_error){ .status = SPN_OK };
	spn_status status = spn_plan_preflight(f->plan, f->dir, &f->err);
	assert_int_equal(server.n_sent, 0);
	return status;
}

static spn_status foresee_one(struct fixture *f, spn_mod_op op, const char *name)
{
	plan_anew(f);
	plan(f, op, name);
	return foresee(f);
}

static void expect_refusal(struct fixture *f)
{
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_ERR_DENIED);
	assert_int_equal(server.n_sent, 0);
	assert_non_null(strstr(f->err.message, "only names of the account's own host, without a port"));
}

static const char *one_way(struct fixture *f)
{
	f->told[0] = '\0';
	assert_int_equal(spn_plan_one_way(f->plan, f->dir, note_finding, f, NULL), SPN_OK);
	return f->told;
}

static void plant(const char *dn, const char *attr, const char *value)
{
	const spn_mod mod = { SPN_MOD_ADD, attr, { value, strlen(value) } };
	assert_int_equal(spn_directory_modify(server.inner, dn, &mod, 1, NULL), SPN_OK);
}

static void only_names_of_its_own_host_are_added(void **state)
{
	static const char *const refused[] = { "cifs/WEB:80", "cifs/elsewhere", "cifs/WEB/example.com", "cifs/web.example.co",
		"cifs/web.example", "cifs/WEB$", "cifs/second.example.com" };
	static const char *const accepted[] = { "cifs/WEB", "cifs/web", "cifs/WEB.example.com" };
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		assert_int_equal(foresee_one(f, SPN_MOD_ADD, refused[i]), SPN_ERR_DENIED);
		expect_refusal(f);
	}
	for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++)
		assert_int_equal(foresee_one(f, SPN_MOD_ADD, accepted[i]), SPN_OK);
	server.is_writer = true;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		assert_int_equal(foresee_one(f, SPN_MOD_ADD, refused[i]), SPN_OK);
}

static void windows_knows_further_names_of_a_host(void **state)
{
	struct fixture *f = *state;
	plant(WEB, "msDS-AdditionalDnsHostName", "second.example.com");
	plant(WEB, "msDS-AdditionalSamAccountName", "SECOND$");
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "cifs/second.example.com"), SPN_OK);
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "cifs/SECOND"), SPN_OK);
}

static void samba_does_not(void **state)
{
	struct fixture *f = *state;
	server.is_samba = true;
	plant(WEB, "msDS-AdditionalDnsHostName", "second.example.com");
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "cifs/second.example.com"), SPN_ERR_DENIED);
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "cifs/WEB"), SPN_OK);
}

static void a_controller_has_names_of_three_parts(void **state)
{
	struct fixture *f = *state;
	plant(WEB, "userAccountControl", "532480");
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "ldap/web.example.com/example.com"), SPN_OK);
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "ldap/f00._msdcs.example.com"), SPN_OK);
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "ldap/elsewhere/example.com"), SPN_ERR_DENIED);
}

/* Of the third part, the controller accepts some domains only. */
static void which_of_those_come_back_is_not_taken_for_granted(void **state)
{
	struct fixture *f = *state;
	plant(WEB, "userAccountControl", "532480");
	plant(WEB, "servicePrincipalName", "ldap/web.example.com/DomainDnsZones.example.com");
	plan(f, SPN_MOD_DELETE, "ldap/web.example.com/DomainDnsZones.example.com");
	assert_int_equal(spn_plan_one_way(f->plan, f->dir, note_finding, f, NULL), SPN_OK);
	assert_string_equal(f->told, "kept ldap/web.example.com/DomainDnsZones.example.com;");
	assert_int_equal(foresee(f), SPN_OK);
	plan(f, SPN_MOD_ADD, "cifs/WEB");
	assert_int_equal(foresee(f), SPN_ERR_DENIED);
}

static void of_a_managed_account_only_a_port_is_refused(void **state)
{
	struct fixture *f = *state;
	plant(WEB, "objectClass", "msDS-GroupManagedServiceAccount");
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "cifs/elsewhere"), SPN_OK);
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "cifs/WEB:80"), SPN_ERR_DENIED);
}

static void whoever_has_neither_right_changes_nothing(void **state)
{
	struct fixture *f = *state;
	server.permissions = granted_to_another;
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "cifs/WEB"), SPN_ERR_DENIED);
	assert_int_equal(foresee_one(f, SPN_MOD_DELETE, "http/WEB:5985"), SPN_ERR_DENIED);
}

static void where_permissions_are_hidden_the_server_has_the_word(void **state)
{
	struct fixture *f = *state;
	server.permissions = NULL;
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "cifs/WEB"), SPN_OK);
	assert_int_equal(foresee_one(f, SPN_MOD_DELETE, "http/WEB:5985"), SPN_OK);
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "cifs/WEB:80"), SPN_ERR_DENIED);
}

static void what_does_not_come_back_is_said(void **state)
{
	struct fixture *f = *state;
	plan(f, SPN_MOD_DELETE, "http/WEB:5985");
	assert_string_equal(one_way(f), "kept http/WEB:5985;");
	assert_int_equal(foresee(f), SPN_OK);
	plan_anew(f);
	plan(f, SPN_MOD_DELETE, "HOST/WEB");
	assert_string_equal(one_way(f), "");
	server.is_writer = true;
	plan(f, SPN_MOD_DELETE, "http/WEB:5985");
	assert_string_equal(one_way(f), "");
}

/* Of that host is the name behind which Samba does not look at the rest. */
static void samba_lets_pass_what_is_behind_an_own_name(void **state)
{
	struct fixture *f = *state;
	server.is_samba = true;
	plan(f, SPN_MOD_DELETE, "HOST/WEB");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(server.n_sent, 2);
}

static void nor_is_it_taken_away_with_more_to_do(void **state)
{
	struct fixture *f = *state;
	plan(f, SPN_MOD_DELETE, "http/WEB:5985");
	plan(f, SPN_MOD_ADD, "cifs/WEB");
	assert_int_equal(foresee(f), SPN_ERR_DENIED);
	expect_refusal(f);
	plan_anew(f);
	plan(f, SPN_MOD_DELETE, "http/WEB:5985");
	plan(f, SPN_MOD_DELETE, "HOST/WEB");
	assert_int_equal(foresee(f), SPN_ERR_NO_WAY_BACK);
	assert_int_equal(spn_plan_allow(f->plan, SPN_NO_WAY_BACK, NULL), SPN_OK);
	assert_int_equal(foresee(f), SPN_OK);
	plan_anew(f);
	plan(f, SPN_MOD_DELETE, "HOST/WEB");
	plan(f, SPN_MOD_ADD, "cifs/WEB");
	assert_int_equal(foresee(f), SPN_OK);
}

/* Deletes the names of the plan, and proposes to undo that. */
static spn_status undo(struct fixture *f, const char *path)
{
	spn_journal *journal = NULL;
	assert_int_equal(spn_journal_create(path, "test", &journal, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, journal, NULL, NULL, NULL), SPN_OK);
	spn_journal_free(journal);
	server.n_sent = 0;
	f->told[0] = '\0';
	plan_anew(f);
	return spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err);
}

static void an_undo_gives_back_the_rest(void **state)
{
	static const spn_mod mods[] = { { SPN_MOD_DELETE, "servicePrincipalName", { "http/WEB:5985", 13 } },
		{ SPN_MOD_DELETE, "servicePrincipalName", { "HOST/WEB", 8 } } };
	struct fixture *f = *state;
	char folder[] = "/tmp/spnkit-test-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/journal", folder);
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = WEB, .mods = mods, .n_mods = 2 }, NULL), SPN_OK);
	assert_int_equal(undo(f, path), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 1);
	assert_int_equal(spn_plan_step(f->plan, 0)->n_mods, 1);
	assert_string_equal(spn_plan_step(f->plan, 0)->mods->value.data, "HOST/WEB");
	assert_int_equal(foresee(f), SPN_OK);
	unlink(path);
	plan_anew(f);
	plan(f, SPN_MOD_DELETE, "http/web.example.COM:5985");
	assert_int_equal(undo(f, path), SPN_ERR_DENIED);
	unlink(path);
	rmdir(folder);
}

/* The right to the computer is lost between the change and its undo. */
static void an_undo_leaves_the_account_that_may_not_be_written_any_more(void **state)
{
	static const spn_mod of_pool = { SPN_MOD_DELETE, "servicePrincipalName", { "http/WEB", 8 } };
	struct fixture *f = *state;
	char folder[] = "/tmp/spnkit-test-XXXXXX", path[64];
	spn_journal *journal = NULL;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/journal", folder);
	plan(f, SPN_MOD_DELETE, "HOST/WEB");
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = POOL, .mods = &of_pool, .n_mods = 1 }, NULL), SPN_OK);
	assert_int_equal(spn_journal_create(path, "test", &journal, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, journal, NULL, NULL, NULL), SPN_OK);
	spn_journal_free(journal);
	server.n_sent = 0;
	server.permissions = granted_to_another;
	plan_anew(f);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, note_finding, f, &f->err), SPN_OK);
	assert_string_equal(f->told, "kept -;");
	assert_int_equal(spn_plan_count(f->plan), 1);
	assert_string_equal(spn_plan_step(f->plan, 0)->dn, POOL);
	assert_int_equal(foresee(f), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	unlink(path);
	rmdir(folder);
}

/* Neither the permissions of the computer nor whether its names may be written are told any more: what another account
 * lost in the same change comes back, and the computer's name is tried. */
static void an_undo_tries_the_account_of_which_nothing_is_told(void **state)
{
	static const spn_mod from_web = { SPN_MOD_DELETE, "servicePrincipalName", { "HOST/WEB", 8 } },
			from_pool = { SPN_MOD_DELETE, "servicePrincipalName", { "http/web.example.com", 20 } },
			to_other = { SPN_MOD_ADD, "servicePrincipalName", { "http/web.example.com", 20 } };
	struct fixture *f = *state;
	char folder[] = "/tmp/spnkit-test-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/journal", folder);
	server.is_writer = true;
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = WEB, .mods = &from_web, .n_mods = 1 }, NULL), SPN_OK);
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = POOL, .mods = &from_pool, .n_mods = 1 }, NULL), SPN_OK);
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = OTHER, .mods = &to_other, .n_mods = 1,
			.flags = SPN_TAKEOVER }, NULL), SPN_OK);
	assert_int_equal(spn_plan_allow(f->plan, SPN_NO_WAY_BACK, NULL), SPN_OK);
	spn_journal *journal = NULL;
	assert_int_equal(spn_journal_create(path, "test", &journal, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, journal, NULL, NULL, &f->err), SPN_OK);
	spn_journal_free(journal);
	server.is_writer = false;
	server.permissions = NULL;
	server.n_sent = 0;
	plan_anew(f);
	assert_int_equal(spn_propose_undo(f->plan, f->dir, path, 0, NULL, NULL, &f->err), SPN_OK);
	assert_int_equal(spn_plan_count(f->plan), 3);
	assert_int_equal(foresee(f), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	unlink(path);
	rmdir(folder);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_names_of_its_own_host_are_added),
		TEST(windows_knows_further_names_of_a_host),
		TEST(samba_does_not),
		TEST(a_controller_has_names_of_three_parts),
		TEST(which_of_those_come_back_is_not_taken_for_granted),
		TEST(of_a_managed_account_only_a_port_is_refused),
		TEST(whoever_has_neither_right_changes_nothing),
		TEST(where_permissions_are_hidden_the_server_has_the_word),
		TEST(what_does_not_come_back_is_said),
		TEST(samba_lets_pass_what_is_behind_an_own_name),
		TEST(nor_is_it_taken_away_with_more_to_do),
		TEST(an_undo_gives_back_the_rest),
		TEST(an_undo_tries_the_account_of_which_nothing_is_told),
		TEST(an_undo_leaves_the_account_that_may_not_be_written_any_more),
	};
	return cmocka_run_group_tests_name("reach", tests, NULL, NULL);
}
