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

#include "base/cleanup.h"

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
	add(*ret_root, "configurationNamingContext", "CN=Configuration," BASE, strlen("CN=Configuration," BASE));
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

/* A step of one name. */
static void also(struct fixture *f, const char *dn, spn_mod_op op, const char *name)
{
	const spn_mod mod = { op, "servicePrincipalName", { name, strlen(name) } };
	const spn_step step = { .dn = dn, .mods = &mod, .n_mods = 1, .flags = SPN_TAKEOVER };
	assert_int_equal(spn_plan_append(f->plan, &step, NULL), SPN_OK);
}

static void plan(struct fixture *f, spn_mod_op op, const char *name)
{
	also(f, WEB, op, name);
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

/* Which names of such an account come back is for the server to say. */
static void of_a_managed_account_nothing_is_taken_for_granted(void **state)
{
	struct fixture *f = *state;
	plant(WEB, "objectClass", "msDS-GroupManagedServiceAccount");
	plant(POOL, "servicePrincipalName", "http/zeta");
	plant(WEB, "servicePrincipalName", "HOST/zeta");
	plan(f, SPN_MOD_DELETE, "HOST/WEB");
	assert_string_equal(one_way(f), "kept HOST/WEB;");
	assert_int_equal(foresee(f), SPN_OK);
	plan_anew(f);
	also(f, POOL, SPN_MOD_DELETE, "http/zeta");
	assert_int_equal(foresee(f), SPN_ERR_NO_WAY_BACK);
	also(f, OTHER, SPN_MOD_ADD, "http/zeta");
	assert_int_equal(foresee(f), SPN_ERR_DENIED);
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

/* ---- HOST/x of an account that we may not write, and http/x of another ---- */

static void expect_of_alias(struct fixture *f, spn_status wanted)
{
	plan_anew(f);
	also(f, POOL, SPN_MOD_ADD, "cifs/WEB");
	assert_int_equal(foresee(f), wanted);
}

static void who_may_not_write_the_host_gives_no_other_account_its_alias(void **state)
{
	struct fixture *f = *state;
	server.permissions = granted_to_another;
	expect_of_alias(f, SPN_ERR_DENIED);
	expect_message(f, "'" WEB "' holds 'HOST/WEB', which covers it, and only who may write servicePrincipalName there");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_ERR_DENIED);
	assert_int_equal(server.n_sent, 0);
	assert_int_equal(foresee_one(f, SPN_MOD_ADD, "cifs/elsewhere"), SPN_ERR_DENIED); /* of the computer: another reason */
	assert_null(strstr(f->err.message, "covers"));
	plan_anew(f);
	also(f, POOL, SPN_MOD_ADD, "cifs/elsewhere");
	assert_int_equal(foresee(f), SPN_OK);
}

static void who_may_or_may_perhaps_does(void **state)
{
	struct fixture *f = *state;
	expect_of_alias(f, SPN_OK);
	server.permissions = NULL;
	expect_of_alias(f, SPN_OK);
	server.is_writer = true;
	expect_of_alias(f, SPN_OK);
}

static void so_does_everybody_where_controllers_do_not_look(void **state)
{
	struct fixture *f = *state;
	SPK_AUTOFREE char *text = NULL;
	assert_true(asprintf(&text, "%s\ndn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration," BASE
			"\nobjectClass: nTDSService\ndSHeuristics: 000000000100000000024\n", sample) > 0);
	spn_directory_free(server.inner);
	assert_int_equal(spn_mock_new(text, SPN_DIALECT_WINDOWS, &server.inner, NULL), SPN_OK);
	server.permissions = granted_to_another;
	expect_of_alias(f, SPN_OK);
}

/* HOST/zeta is not of the computer's own host: whoever has validated write there could not write that. */
static void hold_foreign_host(void)
{
	plant(WEB, "servicePrincipalName", "HOST/zeta");
	plant(POOL, "servicePrincipalName", "http/zeta");
}

static void validated_write_of_the_host_is_enough_for_its_own_names_only(void **state)
{
	struct fixture *f = *state;
	hold_foreign_host();
	also(f, POOL, SPN_MOD_ADD, "cifs/zeta");
	assert_int_equal(foresee(f), SPN_ERR_DENIED);
	plan_anew(f);
	also(f, POOL, SPN_MOD_DELETE, "http/zeta");
	assert_int_equal(foresee(f), SPN_ERR_NO_WAY_BACK);
	also(f, OTHER, SPN_MOD_ADD, "http/zeta");
	assert_int_equal(foresee(f), SPN_ERR_DENIED);
	plan_anew(f);
	also(f, POOL, SPN_MOD_DELETE, "http/WEB");
	also(f, OTHER, SPN_MOD_ADD, "http/WEB");
	assert_int_equal(foresee(f), SPN_OK);
}

static void unless_the_plan_takes_that_away(void **state)
{
	struct fixture *f = *state;
	hold_foreign_host();
	server.permissions = granted_to_another;
	also(f, POOL, SPN_MOD_ADD, "cifs/zeta");
	assert_int_equal(foresee(f), SPN_ERR_DENIED);
	server.permissions = granted;
	plan_anew(f);
	also(f, WEB, SPN_MOD_DELETE, "HOST/zeta");
	also(f, POOL, SPN_MOD_ADD, "cifs/zeta");
	(void)foresee(f); /* HOST/zeta could not be put back: that is another reason */
	assert_null(strstr(f->err.message, "covers it"));
}

/* ---- undo ---- */

static char folder[32], journal_path[64];

/* Carries out the plan and writes its journal. */
static void carry_out(struct fixture *f)
{
	spn_journal *journal = NULL;
	strcpy(folder, "/tmp/spnkit-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(journal_path, sizeof journal_path, "%s/journal", folder);
	assert_int_equal(spn_plan_allow(f->plan, SPN_NO_WAY_BACK, NULL), SPN_OK);
	assert_int_equal(spn_journal_create(journal_path, "test", &journal, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, journal, NULL, NULL, &f->err), SPN_OK);
	spn_journal_free(journal);
	server.n_sent = 0;
}

/* Proposes to undo that. */
static spn_status undo(struct fixture *f)
{
	f->told[0] = '\0';
	plan_anew(f);
	spn_status status = spn_propose_undo(f->plan, f->dir, journal_path, 0, note_finding, f, &f->err);
	assert_int_equal(server.n_sent, 0);
	unlink(journal_path);
	rmdir(folder);
	return status;
}

/* The undo is what is left of it, as text, and is carried out. */
static void expect_undo(struct fixture *f, const char *told, const char *wanted)
{
	char text[512] = "";
	assert_int_equal(undo(f), SPN_OK);
	assert_string_equal(f->told, told);
	for (size_t i = 0; i < spn_plan_count(f->plan); i++) {
		const spn_step *step = spn_plan_step(f->plan, i);
		for (size_t j = 0, len = strlen(text); j < step->n_mods; j++, len = strlen(text))
			snprintf(text + len, sizeof text - len, "%s%s %s;", step->mods[j].op == SPN_MOD_ADD ? "+" : "-",
					step->mods[j].value.data, step->account);
	}
	assert_string_equal(text, wanted);
	assert_int_equal(foresee(f), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
}

static void an_undo_gives_back_the_rest(void **state)
{
	static const spn_mod mods[] = { { SPN_MOD_DELETE, "servicePrincipalName", { "http/WEB:5985", 13 } },
		{ SPN_MOD_DELETE, "servicePrincipalName", { "HOST/WEB", 8 } } };
	struct fixture *f = *state;
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = WEB, .mods = mods, .n_mods = 2 }, NULL), SPN_OK);
	carry_out(f);
	expect_undo(f, "kept -;", "+HOST/WEB WEB$;");
	plan_anew(f);
	plan(f, SPN_MOD_DELETE, "http/web.example.COM:5985");
	carry_out(f);
	assert_int_equal(undo(f), SPN_ERR_DENIED);
}

/* The right to the computer is lost between the change and its undo. */
static void an_undo_leaves_the_account_that_may_not_be_written_any_more(void **state)
{
	struct fixture *f = *state;
	plant(POOL, "servicePrincipalName", "app/one");
	also(f, WEB, SPN_MOD_DELETE, "HOST/WEB");
	also(f, POOL, SPN_MOD_DELETE, "app/one");
	carry_out(f);
	server.permissions = granted_to_another;
	expect_undo(f, "kept -;", "+app/one pool;");
}

/* Neither the permissions of the computer nor whether its names may be written are told any more: what another account
 * lost in the same change comes back, and the computer's name is tried. */
static void an_undo_tries_the_account_of_which_nothing_is_told(void **state)
{
	struct fixture *f = *state;
	plant(POOL, "servicePrincipalName", "app/one");
	server.is_writer = true;
	also(f, WEB, SPN_MOD_DELETE, "HOST/WEB");
	also(f, POOL, SPN_MOD_DELETE, "app/one");
	also(f, OTHER, SPN_MOD_ADD, "app/one");
	carry_out(f);
	server.is_writer = false;
	server.permissions = NULL;
	expect_undo(f, "", "-app/one other;+app/one pool;+HOST/WEB WEB$;");
}

/* A change that gave the computer a name of the pool, and took one from another user: whoever may write the computer's
 * own names only could not put the first back there. */
static void move_to_the_computer(struct fixture *f, const char *name)
{
	plant(POOL, "servicePrincipalName", name);
	plant(OTHER, "servicePrincipalName", "app/two");
	server.is_writer = true;
	also(f, POOL, SPN_MOD_DELETE, name);
	also(f, WEB, SPN_MOD_ADD, name);
	also(f, OTHER, SPN_MOD_DELETE, "app/two");
	carry_out(f);
	server.is_writer = false;
}

static void an_undo_leaves_what_could_not_be_put_back_and_gives_back_the_rest(void **state)
{
	struct fixture *f = *state;
	move_to_the_computer(f, "app/one");
	expect_undo(f, "kept -;", "+app/two other;");
	assert_true(holds(f, WEB, "app/one"));
}

static void whether_the_permissions_are_told_or_not(void **state)
{
	struct fixture *f = *state;
	move_to_the_computer(f, "app/one");
	server.permissions = NULL;
	expect_undo(f, "kept -;", "+app/two other;");
}

static void of_a_controller_too_where_only_it_can_judge(void **state)
{
	struct fixture *f = *state;
	plant(WEB, "userAccountControl", "532480");
	move_to_the_computer(f, "app/WEB/example");
	expect_undo(f, "kept -;", "+app/two other;");
}

static void an_undo_moves_what_could_be_put_back(void **state)
{
	struct fixture *f = *state;
	move_to_the_computer(f, "app/WEB");
	expect_undo(f, "", "+app/two other;-app/WEB WEB$;+app/WEB pool;");
}

static void it_tries_to_if_nothing_is_told(void **state)
{
	struct fixture *f = *state;
	move_to_the_computer(f, "app/WEB");
	server.permissions = NULL;
	expect_undo(f, "", "+app/two other;-app/WEB WEB$;+app/WEB pool;");
}

/* HOST/elsewhere of the computer served http/elsewhere: where neither comes back, nobody has a name for it. */
static void an_undo_leaves_the_name_that_was_to_make_way_for_another(void **state)
{
	struct fixture *f = *state;
	plant(POOL, "servicePrincipalName", "http/elsewhere");
	plant(OTHER, "servicePrincipalName", "app/two");
	server.is_writer = true;
	also(f, POOL, SPN_MOD_DELETE, "http/elsewhere");
	also(f, WEB, SPN_MOD_ADD, "HOST/elsewhere");
	also(f, OTHER, SPN_MOD_DELETE, "app/two");
	carry_out(f);
	server.is_writer = false;
	expect_undo(f, "kept -;kept -;", "+app/two other;");
	assert_true(holds(f, WEB, "HOST/elsewhere"));
}

/* What an undo only takes away need not be put back. */
static void an_undo_takes_away_what_does_not_come_back(void **state)
{
	struct fixture *f = *state;
	plant(OTHER, "servicePrincipalName", "app/two");
	server.is_writer = true;
	also(f, WEB, SPN_MOD_ADD, "app/one");
	also(f, OTHER, SPN_MOD_DELETE, "app/two");
	carry_out(f);
	server.is_writer = false;
	expect_undo(f, "", "+app/two other;-app/one WEB$;");
}

/* Only who may write the account with HOST/x adds http/x to another: back where it was, too. */
static void move_beside_the_computer(struct fixture *f, const char *permissions)
{
	plant(POOL, "servicePrincipalName", "app/one");
	server.is_writer = true;
	also(f, POOL, SPN_MOD_DELETE, "http/WEB");
	also(f, OTHER, SPN_MOD_ADD, "http/WEB");
	also(f, WEB, SPN_MOD_DELETE, "HOST/web.example.com");
	also(f, POOL, SPN_MOD_DELETE, "app/one");
	carry_out(f);
	server.is_writer = false;
	server.permissions = permissions;
}

static void an_undo_leaves_a_name_whose_host_may_not_be_written(void **state)
{
	struct fixture *f = *state;
	move_beside_the_computer(f, granted_to_another);
	expect_undo(f, "kept -;kept -;", "+app/one pool;");
	assert_true(holds(f, OTHER, "http/WEB"));
}

static void nor_one_of_whose_host_nothing_is_told(void **state)
{
	struct fixture *f = *state;
	move_beside_the_computer(f, NULL);
	expect_undo(f, "kept -;", "+app/one pool;+HOST/web.example.com WEB$;");
	assert_true(holds(f, OTHER, "http/WEB"));
}

static void not_even_if_that_is_where_names_are_taken_from_first(void **state)
{
	struct fixture *f = *state;
	plant(POOL, "servicePrincipalName", "app/WEB");
	server.is_writer = true;
	also(f, POOL, SPN_MOD_DELETE, "http/WEB");
	also(f, OTHER, SPN_MOD_ADD, "http/WEB");
	also(f, POOL, SPN_MOD_DELETE, "app/WEB");
	also(f, WEB, SPN_MOD_ADD, "app/WEB");
	carry_out(f);
	server.is_writer = false;
	server.permissions = NULL;
	expect_undo(f, "kept -;", "-app/WEB WEB$;+app/WEB pool;");
	assert_true(holds(f, OTHER, "http/WEB"));
}

static void an_undo_does_not_try_what_the_host_keeps_from_coming_back(void **state)
{
	struct fixture *f = *state;
	plant(POOL, "servicePrincipalName", "app/one");
	server.is_writer = true;
	also(f, POOL, SPN_MOD_DELETE, "http/WEB");
	also(f, POOL, SPN_MOD_DELETE, "app/one");
	carry_out(f);
	server.is_writer = false;
	server.permissions = granted_to_another;
	expect_undo(f, "kept -;", "+app/one pool;");
}

static void an_undo_leaves_a_name_whose_host_holds_a_foreign_one(void **state)
{
	struct fixture *f = *state;
	hold_foreign_host();
	plant(POOL, "servicePrincipalName", "app/one");
	server.is_writer = true;
	also(f, POOL, SPN_MOD_DELETE, "http/zeta");
	also(f, OTHER, SPN_MOD_ADD, "http/zeta");
	also(f, POOL, SPN_MOD_DELETE, "app/one");
	carry_out(f);
	server.is_writer = false;
	expect_undo(f, "kept -;", "+app/one pool;");
	assert_true(holds(f, OTHER, "http/zeta"));
}

/* Within one step, too, which is sent in parts if it is refused. */
static void an_undo_leaves_a_spelling_that_could_not_be_put_back(void **state)
{
	static const spn_mod mods[] = { { SPN_MOD_DELETE, "servicePrincipalName", { "app/WEB/example", 15 } },
		{ SPN_MOD_ADD, "servicePrincipalName", { "APP/WEB/example", 15 } } };
	struct fixture *f = *state;
	plant(WEB, "userAccountControl", "532480");
	plant(WEB, "servicePrincipalName", "app/WEB/example");
	plant(POOL, "servicePrincipalName", "app/one");
	server.is_writer = true;
	assert_int_equal(spn_plan_append(f->plan, &(spn_step){ .dn = WEB, .mods = mods, .n_mods = 2 }, NULL), SPN_OK);
	also(f, POOL, SPN_MOD_DELETE, "app/one");
	also(f, OTHER, SPN_MOD_ADD, "app/one");
	carry_out(f);
	server.is_writer = false;
	expect_undo(f, "kept -;", "-app/one other;+app/one pool;");
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
		TEST(of_a_managed_account_nothing_is_taken_for_granted),
		TEST(whoever_has_neither_right_changes_nothing),
		TEST(where_permissions_are_hidden_the_server_has_the_word),
		TEST(what_does_not_come_back_is_said),
		TEST(samba_lets_pass_what_is_behind_an_own_name),
		TEST(nor_is_it_taken_away_with_more_to_do),
		TEST(who_may_not_write_the_host_gives_no_other_account_its_alias),
		TEST(who_may_or_may_perhaps_does),
		TEST(so_does_everybody_where_controllers_do_not_look),
		TEST(validated_write_of_the_host_is_enough_for_its_own_names_only),
		TEST(unless_the_plan_takes_that_away),
		TEST(an_undo_gives_back_the_rest),
		TEST(an_undo_tries_the_account_of_which_nothing_is_told),
		TEST(an_undo_leaves_the_account_that_may_not_be_written_any_more),
		TEST(an_undo_leaves_what_could_not_be_put_back_and_gives_back_the_rest),
		TEST(whether_the_permissions_are_told_or_not),
		TEST(of_a_controller_too_where_only_it_can_judge),
		TEST(an_undo_moves_what_could_be_put_back),
		TEST(an_undo_takes_away_what_does_not_come_back),
		TEST(it_tries_to_if_nothing_is_told),
		TEST(an_undo_leaves_the_name_that_was_to_make_way_for_another),
		TEST(an_undo_leaves_a_name_whose_host_may_not_be_written),
		TEST(nor_one_of_whose_host_nothing_is_told),
		TEST(not_even_if_that_is_where_names_are_taken_from_first),
		TEST(an_undo_does_not_try_what_the_host_keeps_from_coming_back),
		TEST(an_undo_leaves_a_name_whose_host_holds_a_foreign_one),
		TEST(an_undo_leaves_a_spelling_that_could_not_be_put_back),
	};
	return cmocka_run_group_tests_name("reach", tests, NULL, NULL);
}
