/* SPDX-License-Identifier: MIT */
/* Whom permissions let change names, of descriptors that are made here, byte by byte. */
#include "server_helper.h"
#include "unit.h"

#include "model/adtypes.h"
#include "plan/explain.h"
#include "rights/trustees.h"

#define SPN_ID "\x88\x47\xa6\xf3\x06\x53\xd1\x11\xa9\xc5\x00\x00\xf8\x03\x67\xc1"
#define PUBLIC_ID "\x54\x01\x8d\xe4\xf8\xbc\xd1\x11\x87\x02\x00\xc0\x4f\xb9\x60\x50"
#define USER_ID "\xba\x7a\x96\xbf\xe6\x0d\xd0\x11\xa2\x85\x00\xaa\x00\x30\x49\xe2"
#define OTHER_ID "0123456789abcdef"

enum { ALLOW = 0, DENY = 1, ALLOW_OBJECT = 5, DENY_OBJECT = 6, ALLOW_IF = 9, DENY_IF = 10 };
enum { INHERIT_ONLY = 8, INHERITED = 16 };
enum { SELF = 8, WRITE = 0x20, WRITE_DAC = 0x40000, WRITE_OWNER = 0x80000 };
enum { HELPDESK = 1201, NIGHT = 1202, ALL = 1203, ADMINS_RID = 512, OWN = 1301 };

/* A descriptor, as it grows. */
struct descriptor {
	char bytes[2048];
	size_t len;
	unsigned n_aces;
};

static void put(struct descriptor *to, uint32_t number, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to->bytes[to->len++] = (char)(number >> 8 * i & 0xff);
}

static void put_bytes(struct descriptor *to, const char *bytes, size_t n)
{
	memcpy(to->bytes + to->len, bytes, n);
	to->len += n;
}

/* A SID of the domain S-1-5-21-1-2-3; below 256, S-1-5-RID, but S-1-1-0 for 1, S-1-3-0 for 3 and S-1-3-4 for 4. */
static size_t make_sid(uint32_t rid, char sid[SPK_SID_MAX])
{
	struct descriptor to = { .len = 0 };
	unsigned authority = rid == 1 ? 1 : rid == 3 || rid == 4 ? 3 : 5;
	bool is_short = rid < 256;
	put(&to, is_short ? 0x101 : 0x501, 2);
	put_bytes(&to, "\0\0\0\0\0", 5);
	put(&to, authority, 1);
	for (uint32_t i = 0; i < 4 && !is_short; i++)
		put(&to, i ? i : 21, 4);
	put(&to, rid == 1 || rid == 3 ? 0 : rid, 4);
	memcpy(sid, to.bytes, to.len);
	return to.len;
}

static void put_sid(struct descriptor *to, uint32_t rid)
{
	char sid[SPK_SID_MAX];
	put_bytes(to, sid, make_sid(rid, sid));
}

enum { HEAD = 20, OWNER_LEN = 28 };

static struct descriptor begin(uint32_t owner)
{
	struct descriptor to = { .len = 0 };
	put(&to, 1, 2);
	put(&to, 0x8004, 2);
	put(&to, HEAD, 4);
	put(&to, 0, 4);
	put(&to, 0, 4);
	put(&to, HEAD + OWNER_LEN, 4);
	put_sid(&to, owner);
	assert_int_equal(to.len, HEAD + OWNER_LEN);
	put(&to, 4, 2);
	put(&to, 8, 2);
	put(&to, 0, 4);
	return to;
}

/* object: NULL: none. */
static void add_ace(struct descriptor *to, unsigned type, unsigned flags, uint32_t mask, const char *object,
		uint32_t rid)
{
	char sid[SPK_SID_MAX];
	size_t len = make_sid(rid, sid);
	bool is_object = type == ALLOW_OBJECT || type == DENY_OBJECT;
	put(to, type, 1);
	put(to, flags, 1);
	put(to, (uint32_t)(8 + len + (is_object ? 4 : 0) + (object ? 16 : 0)), 2);
	put(to, mask, 4);
	if (is_object)
		put(to, object != NULL, 4);
	if (object)
		put_bytes(to, object, 16);
	put_bytes(to, sid, len);
	to->n_aces++;
	to->bytes[HEAD + OWNER_LEN + 2] = (char)((to->len - HEAD - OWNER_LEN) & 0xff);
	to->bytes[HEAD + OWNER_LEN + 3] = (char)((to->len - HEAD - OWNER_LEN) >> 8);
	to->bytes[HEAD + OWNER_LEN + 4] = (char)to->n_aces;
}

static spn_entry *new_entry(const char *dn, const char *object_class, const char *name, uint32_t rid)
{
	char sid[SPK_SID_MAX];
	size_t len = make_sid(rid, sid);
	spn_entry *entry = NULL;
	assert_int_equal(spn_entry_new(dn, &entry, NULL), SPN_OK);
	assert_int_equal(spn_entry_add(entry, "objectClass", (spn_bytes){ object_class, strlen(object_class) }, NULL), SPN_OK);
	assert_int_equal(spn_entry_add(entry, "sAMAccountName", (spn_bytes){ name, strlen(name) }, NULL), SPN_OK);
	assert_int_equal(spn_entry_add(entry, "objectSid", (spn_bytes){ sid, len }, NULL), SPN_OK);
	return entry;
}

/* What somebody with these SIDs may do to the names of a user, or a computer; 99: the descriptor is not whole. */
static unsigned rights_of(const struct descriptor *descriptor, bool is_computer, const uint32_t *rids, size_t n,
		unsigned *ret_conditional)
{
	SPK_AUTOPERMISSIONS spk_permissions permissions = { .n = 0 };
	SPK_AUTOTOKEN spk_token token = { .is_administrator = false };
	SPK_AUTOGRANT spk_grant grant = { .rights = 0 };
	spn_entry *entry = new_entry("CN=target," BASE, is_computer ? "computer" : "user", "target", OWN);
	spn_account *account = NULL;
	bool is_whole;
	const spn_bytes bytes = { descriptor->bytes, descriptor->len };
	assert_int_equal(spn_entry_add(entry, SPK_DESCRIPTOR, bytes, NULL), SPN_OK);
	assert_int_equal(spk_account_new(entry, &account, NULL), SPN_OK);
	for (size_t i = 0; i < n; i++) {
		char sid[SPK_SID_MAX];
		assert_int_equal(spk_token_of_sid((spn_bytes){ sid, make_sid(rids[i], sid) },
						 &(spk_token){ .is_samba = false }, &token, NULL),
				SPN_OK);
	}
	assert_int_equal(spk_permissions_read(account, &permissions, &is_whole, NULL), SPN_OK);
	assert_int_equal(spk_permissions_evaluate(&permissions, &token, NULL, is_computer, &grant, NULL), SPN_OK);
	*ret_conditional = grant.conditional;
	spn_account_free(account);
	spn_entry_free(entry);
	return is_whole ? grant.rights : 99;
}

static unsigned rights_of_helpdesk(const struct descriptor *descriptor)
{
	static const uint32_t helpdesk[] = { HELPDESK };
	unsigned unused;
	return rights_of(descriptor, false, helpdesk, 1, &unused);
}

/* One entry for helpdesk. */
static unsigned by_one(unsigned type, unsigned flags, uint32_t mask, const char *object)
{
	struct descriptor descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, type, flags, mask, object, HELPDESK);
	return rights_of_helpdesk(&descriptor);
}

static void each_kind_of_entry_gives_what_it_says(void **state)
{
	(void)state;
	const unsigned all = SPN_RIGHT_WRITE | SPN_RIGHT_DACL | SPN_RIGHT_OWNER;
	assert_int_equal(by_one(ALLOW, 0, 0xf01ff, NULL), all);
	assert_int_equal(by_one(ALLOW, 0, 0x10000000, NULL), all);
	assert_int_equal(by_one(ALLOW, 0, 0x40000000, NULL), SPN_RIGHT_WRITE);
	assert_int_equal(by_one(ALLOW, 0, WRITE, NULL), SPN_RIGHT_WRITE);
	assert_int_equal(by_one(ALLOW, INHERITED, WRITE, NULL), SPN_RIGHT_WRITE);
	assert_int_equal(by_one(ALLOW, INHERIT_ONLY, WRITE, NULL), 0);
	assert_int_equal(by_one(ALLOW, 0, WRITE_DAC, NULL), SPN_RIGHT_DACL);
	assert_int_equal(by_one(ALLOW, 0, WRITE_OWNER, NULL), SPN_RIGHT_OWNER);
	assert_int_equal(by_one(ALLOW, 0, 0x10, NULL), 0);
	assert_int_equal(by_one(ALLOW_OBJECT, 0, WRITE, SPN_ID), SPN_RIGHT_WRITE);
	assert_int_equal(by_one(ALLOW_OBJECT, 0, WRITE, PUBLIC_ID), SPN_RIGHT_WRITE);
	assert_int_equal(by_one(ALLOW_OBJECT, 0, WRITE, USER_ID), SPN_RIGHT_WRITE);
	assert_int_equal(by_one(ALLOW_OBJECT, 0, WRITE, OTHER_ID), 0);
	assert_int_equal(by_one(ALLOW_OBJECT, 0, WRITE, NULL), SPN_RIGHT_WRITE);
	assert_int_equal(by_one(ALLOW_OBJECT, 0, WRITE_DAC | WRITE_OWNER, SPN_ID), 0);
}

static void the_validated_write_counts_for_computers(void **state)
{
	(void)state;
	static const uint32_t helpdesk[] = { HELPDESK };
	unsigned unused;
	struct descriptor descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, ALLOW_OBJECT, 0, SELF, SPN_ID, HELPDESK);
	assert_int_equal(rights_of(&descriptor, true, helpdesk, 1, &unused), SPN_RIGHT_VALIDATED);
	assert_int_equal(rights_of(&descriptor, false, helpdesk, 1, &unused), 0);
	descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, ALLOW_OBJECT, 0, SELF, PUBLIC_ID, HELPDESK);
	assert_int_equal(rights_of(&descriptor, true, helpdesk, 1, &unused), 0);
}

static void the_first_entry_that_fits_decides(void **state)
{
	(void)state;
	static const uint32_t both[] = { HELPDESK, NIGHT };
	unsigned unused;
	struct descriptor descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, DENY, 0, WRITE, NULL, NIGHT);
	add_ace(&descriptor, ALLOW, 0, WRITE | WRITE_DAC, NULL, HELPDESK);
	assert_int_equal(rights_of_helpdesk(&descriptor), SPN_RIGHT_WRITE | SPN_RIGHT_DACL);
	assert_int_equal(rights_of(&descriptor, false, both, 2, &unused), SPN_RIGHT_DACL);
	descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, HELPDESK);
	add_ace(&descriptor, DENY, 0, WRITE, NULL, HELPDESK);
	assert_int_equal(rights_of_helpdesk(&descriptor), SPN_RIGHT_WRITE);
	descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, DENY_OBJECT, 0, WRITE, SPN_ID, 1); /* Everyone */
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, HELPDESK);
	assert_int_equal(rights_of_helpdesk(&descriptor), 0);
	descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, DENY_OBJECT, 0, WRITE, OTHER_ID, HELPDESK);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, HELPDESK);
	assert_int_equal(rights_of_helpdesk(&descriptor), SPN_RIGHT_WRITE);
}

/* S-1-5-11, which is 1 1 0 0 0 0 0 5 11 0 0 0. */
static void whoever_has_logged_on_is_an_authenticated_user(void **state)
{
	(void)state;
	struct descriptor descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, 11);
	assert_int_equal(rights_of_helpdesk(&descriptor), SPN_RIGHT_WRITE);
	descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, 1);
	assert_int_equal(rights_of_helpdesk(&descriptor), SPN_RIGHT_WRITE);
	descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, 2);
	assert_int_equal(rights_of_helpdesk(&descriptor), SPN_RIGHT_WRITE);
	descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, 3); /* Creator Owner */
	assert_int_equal(rights_of_helpdesk(&descriptor), 0);
}

static void self_is_the_account_itself(void **state)
{
	(void)state;
	static const uint32_t own[] = { OWN };
	unsigned unused;
	struct descriptor descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, 10);
	assert_int_equal(rights_of(&descriptor, false, own, 1, &unused), SPN_RIGHT_WRITE);
	assert_int_equal(rights_of_helpdesk(&descriptor), 0);
}

static void an_owner_may_change_the_permissions_unless_they_say_what_an_owner_may(void **state)
{
	(void)state;
	struct descriptor descriptor = begin(HELPDESK);
	assert_int_equal(rights_of_helpdesk(&descriptor), SPN_RIGHT_DACL);
	add_ace(&descriptor, DENY, 0, WRITE_DAC, NULL, HELPDESK);
	assert_int_equal(rights_of_helpdesk(&descriptor), SPN_RIGHT_DACL);
	add_ace(&descriptor, ALLOW, 0, 0x10, NULL, 4); /* Owner Rights: to read */
	assert_int_equal(rights_of_helpdesk(&descriptor), 0);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, 4);
	assert_int_equal(rights_of_helpdesk(&descriptor), SPN_RIGHT_WRITE);
}

static void what_depends_on_a_condition_is_said_to(void **state)
{
	(void)state;
	static const uint32_t helpdesk[] = { HELPDESK };
	unsigned conditional;
	struct descriptor descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, ALLOW_IF, 0, WRITE, NULL, HELPDESK);
	assert_int_equal(rights_of(&descriptor, false, helpdesk, 1, &conditional), SPN_RIGHT_WRITE);
	assert_int_equal(conditional, SPN_RIGHT_WRITE);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, HELPDESK);
	assert_int_equal(rights_of(&descriptor, false, helpdesk, 1, &conditional), SPN_RIGHT_WRITE);
	assert_int_equal(conditional, 0);
	descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, DENY_IF, 0, WRITE, NULL, HELPDESK);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, HELPDESK);
	assert_int_equal(rights_of(&descriptor, false, helpdesk, 1, &conditional), SPN_RIGHT_WRITE);
	assert_int_equal(conditional, SPN_RIGHT_WRITE);
}

static void a_descriptor_that_is_cut_off_gives_no_answer(void **state)
{
	(void)state;
	struct descriptor whole = begin(ADMINS_RID);
	add_ace(&whole, ALLOW_OBJECT, 0, WRITE, SPN_ID, HELPDESK);
	assert_int_equal(rights_of_helpdesk(&whole), SPN_RIGHT_WRITE);
	for (size_t len = 1; len < whole.len; len++) {
		struct descriptor cut = whole;
		cut.len = len;
		assert_int_equal(rights_of_helpdesk(&cut), 99);
	}
}

/* ---- of a server ---- */

#define TARGET "CN=target," BASE
#define GROUP "CN=helpdesk," BASE

struct domain {
	struct server server;
	spn_directory *mock, *dir;
	spn_account *account;
};

/* Somebody without an account, 1999, may write all properties, and so may helpdesk, and a group in which everybody is
 * who has logged on; night may not.  A group in which helpdesk is has the name of one of administrators. */
static int open_domain(void **state)
{
	static struct domain domain;
	struct descriptor descriptor = begin(ADMINS_RID);
	add_ace(&descriptor, DENY, 0, WRITE, NULL, NIGHT);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, 1999);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, HELPDESK);
	add_ace(&descriptor, ALLOW, 0, WRITE, NULL, ALL);
	const spn_mod mod = { SPN_MOD_ADD, SPK_DESCRIPTOR, { descriptor.bytes, descriptor.len } };
	static const char ldif[] = "dn: " BASE "\nobjectClass: domainDNS\n\n"
		"dn: " TARGET "\nobjectClass: user\nsAMAccountName: target\nuserAccountControl: 512\n" SID("FQUAAA==") "\n"
		"dn: " GROUP "\nobjectClass: group\nsAMAccountName: helpdesk\n"
		"memberOf: CN=Domain Admins,OU=teams," BASE "\n" SID("sQQAAA==") "\n"
		"dn: CN=all," BASE "\nobjectClass: group\nsAMAccountName: all\n"
		"member: CN=S-1-5-11,CN=ForeignSecurityPrincipals," BASE "\n" SID("swQAAA==") "\n"
		"dn: CN=Domain Admins,OU=teams," BASE "\nobjectClass: group\nsAMAccountName: teamx\nmember: " GROUP "\n"
		SID("tAQAAA==") "\n"
		"dn: CN=carol," BASE "\nobjectClass: user\nsAMAccountName: carol\n" SID("FwUAAA==") "\n"
		"dn: CN=night," BASE "\nobjectClass: group\nsAMAccountName: night\nmember: CN=bob," BASE "\n" SID("sgQAAA==") "\n"
		"dn: CN=bob," BASE "\nobjectClass: user\nsAMAccountName: bob\nmemberOf: " GROUP "\n" SID("FgUAAA==");
	domain = (struct domain){ .mock = NULL };
	assert_int_equal(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &domain.mock, NULL), SPN_OK);
	assert_int_equal(spn_directory_modify(domain.mock, TARGET, &mod, 1, NULL), SPN_OK);
	domain.server.dir = domain.mock;
	domain.dir = open_server(&domain.server);
	assert_int_equal(spn_account_find(domain.mock, "target", SPN_WANT_ANY, &domain.account, NULL), SPN_OK);
	*state = &domain;
	return 0;
}

static int close_domain(void **state)
{
	struct domain *domain = *state;
	spn_account_free(domain->account);
	spn_directory_free(domain->dir);
	spn_directory_free(domain->mock);
	return 0;
}

struct told {
	char list[1024];
};

static spn_status note(const spn_finding *finding, void *data, spn_error *err)
{
	struct told *told = data;
	size_t len = strlen(told->list);
	(void)err;
	snprintf(told->list + len, sizeof told->list - len, "%s %s: %s;", finding->code, spn_severity_name(finding->severity),
			finding->text);
	return SPN_OK;
}

static void a_sid_that_a_server_has_no_account_for_is_nobody(void **state)
{
	struct domain *domain = *state;
	spn_error error, *err = &error;
	spn_rights *rights = NULL;
	struct told told = { "" };
	assert_ok(spn_account_rights(domain->dir, domain->account, NULL, &rights, err));
	assert_int_equal(rights->n_trustees, 4);
	assert_string_equal(rights->trustees[0].sid, "S-1-5-21-1-2-3-1999");
	assert_true(rights->trustees[0].is_nobody);
	assert_string_equal(rights->trustees[1].name, "helpdesk");
	assert_string_equal(rights->trustees[1].except, "'night'");
	assert_false(rights->trustees[1].is_administrator);
	assert_true(rights->trustees[3].is_administrator);
	assert_ok(spn_rights_find_faults(rights, note, &told, err));
	assert_null(strstr(told.list, "1999"));
	assert_non_null(strstr(told.list, "targeted-kerberoasting warning: "));
	spn_rights_free(rights);
}

static void who_is_asked_about_is_denied_what_a_group_is(void **state)
{
	struct domain *domain = *state;
	spn_error error, *err = &error;
	spn_rights *rights = NULL;
	assert_ok(spn_account_rights(domain->dir, domain->account, "bob", &rights, err));
	assert_int_equal(rights->who->rights, 0);
	assert_string_equal(rights->who->denied, "'night'");
	spn_rights_free(rights);
	rights = NULL;
	assert_ok(spn_account_rights(domain->dir, domain->account, "helpdesk", &rights, err));
	assert_int_equal(rights->who->rights, SPN_RIGHT_WRITE);
	spn_rights_free(rights);
	rights = NULL;
	/* she is in no group by herself */
	assert_ok(spn_account_rights(domain->dir, domain->account, "carol", &rights, err));
	assert_int_equal(rights->who->rights, SPN_RIGHT_WRITE);
	spn_rights_free(rights);
	rights = NULL;
	assert_fails(spn_account_rights(domain->dir, domain->account, "nobody", &rights, err), SPN_ERR_NOT_FOUND, "nobody");
	assert_null(rights);
}

static void what_cannot_be_read_is_said_to_be_unknown(void **state)
{
	struct domain *domain = *state;
	spn_error error, *err = &error;
	spn_rights *rights = NULL;
	struct told told = { "" };
	spn_account *group = NULL;
	spn_entry *entry = new_entry(GROUP, "group", "helpdesk", HELPDESK);
	assert_int_equal(spk_account_new(entry, &group, NULL), SPN_OK);
	assert_ok(spn_account_rights(domain->dir, group, NULL, &rights, err));
	assert_string_equal(rights->unknown, SPK_DESCRIPTOR " cannot be read with these credentials");
	assert_int_equal(rights->n_trustees, 0);
	assert_ok(spn_rights_find_faults(rights, note, &told, err));
	assert_non_null(strstr(told.list, "unknown-rights notice: "));
	spn_rights_free(rights);
	spn_account_free(group);
	spn_entry_free(entry);
}

static void a_refusal_names_who_has_the_right_that_is_missing(void **state)
{
	struct domain *domain = *state;
	spn_error error = { .status = SPN_OK };
	spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/new", 8 } };
	const spn_step step = { .dn = TARGET, .mods = &mod, .n_mods = 1 };
	assert_int_equal(spn_fail(&error, SPN_ERR_DENIED, 50, "refused"), SPN_ERR_DENIED);
	assert_int_equal(spk_explain(domain->dir, &step, SPN_ERR_DENIED, &error), SPN_ERR_DENIED);
	assert_string_equal(error.message,
			"refused; missing: the right to write servicePrincipalName, held by 'helpdesk', 'all'");
	assert_int_equal(error.native, 50);
	/* it says nothing of other attributes, nor of another failure */
	mod.attr = "member";
	assert_int_equal(spn_fail(&error, SPN_ERR_DENIED, 50, "refused"), SPN_ERR_DENIED);
	assert_int_equal(spk_explain(domain->dir, &step, SPN_ERR_DENIED, &error), SPN_ERR_DENIED);
	assert_string_equal(error.message, "refused");
	mod.attr = "servicePrincipalName";
	assert_int_equal(spn_fail(&error, SPN_ERR_REFUSED, 19, "refused"), SPN_ERR_REFUSED);
	assert_int_equal(spk_explain(domain->dir, &step, SPN_ERR_REFUSED, &error), SPN_ERR_REFUSED);
	assert_string_equal(error.message, "refused");
}

static void arguments_that_are_missing_are_errors(void **state)
{
	struct domain *domain = *state;
	spn_error error, *err = &error;
	spn_rights *rights = NULL;
	assert_fails(spn_account_rights(NULL, domain->account, NULL, &rights, err), SPN_ERR_INVALID, "NULL");
	assert_fails(spn_account_rights(domain->dir, NULL, NULL, &rights, err), SPN_ERR_INVALID, "NULL");
	assert_fails(spn_account_rights(domain->dir, domain->account, NULL, NULL, err), SPN_ERR_INVALID, "NULL");
	assert_fails(spn_rights_find_faults(NULL, note, NULL, err), SPN_ERR_INVALID, "NULL");
	assert_null(spn_rights_free(NULL));
	assert_null(spn_right_name(0));
	assert_null(spn_right_name(SPN_RIGHT_WRITE | SPN_RIGHT_DACL));
	assert_string_equal(spn_right_name(SPN_RIGHT_OWNER), "take-ownership");
}

#define in_domain(test) cmocka_unit_test_setup_teardown(test, open_domain, close_domain)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_entry_gives_what_it_says),
		cmocka_unit_test(the_validated_write_counts_for_computers),
		cmocka_unit_test(the_first_entry_that_fits_decides),
		cmocka_unit_test(whoever_has_logged_on_is_an_authenticated_user),
		cmocka_unit_test(self_is_the_account_itself),
		cmocka_unit_test(an_owner_may_change_the_permissions_unless_they_say_what_an_owner_may),
		cmocka_unit_test(what_depends_on_a_condition_is_said_to),
		cmocka_unit_test(a_descriptor_that_is_cut_off_gives_no_answer),
		in_domain(a_sid_that_a_server_has_no_account_for_is_nobody),
		in_domain(who_is_asked_about_is_denied_what_a_group_is),
		in_domain(what_cannot_be_read_is_said_to_be_unknown),
		in_domain(a_refusal_names_who_has_the_right_that_is_missing),
		in_domain(arguments_that_are_missing_are_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
