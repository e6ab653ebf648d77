/* SPDX-License-Identifier: MIT */
/* What SIDs and groups of other domains mean for the permissions of an account, at a server of one of a forest. */
#include "server_helper.h"
#include "unit.h"

#include "model/adtypes.h"
#include "rights/trustees.h"

#define ROOT "DC=root,DC=test"
#define OURS "S-1-5-21-1-2-3"
#define ROOTS "S-1-5-21-9-8-7"
#define THEIRS "S-1-5-21-6-6-6"

/* A server of BASE, which is in the forest of ROOT, if the root DSE says so; its catalog knows both. */
struct far {
	struct server server; /* first: a pointer to it is one to both */
	const char *root, *is_catalog;
	bool is_silent, has_trust; /* the catalog; with the root */
	size_t n_forest;
};

static spn_status search_far(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	struct far *far = self;
	far->n_forest += search->forest;
	if (search->forest && far->is_silent)
		return spn_fail(err, SPN_ERR_UNREACHABLE, 0, "no catalog today");
	return search_server(&far->server, search, fn, data, err);
}

static spn_status root_of_far(void *self, spn_entry **ret_root, spn_error *err)
{
	const struct far *far = self;
	spn_status status = root_of_server(self, ret_root, err);
	if (!status && far->root)
		status = spn_entry_add(*ret_root, "rootDomainNamingContext", (spn_bytes){ far->root, strlen(far->root) }, err);
	if (!status && far->is_catalog)
		status = spn_entry_add(
				*ret_root, "isGlobalCatalogReady", (spn_bytes){ far->is_catalog, strlen(far->is_catalog) }, err);
	return status;
}

static spn_bytes sid_of(const char *text, char sid[SPK_SID_MAX])
{
	size_t n = spk_sid_parse((spn_bytes){ text, strlen(text) }, sid);
	assert_int_not_equal(n, 0);
	return (spn_bytes){ sid, n };
}

static void add_value(spn_directory *dir, const char *dn, const char *attr, spn_bytes value)
{
	const spn_mod mod = { SPN_MOD_ADD, attr, value };
	spn_error error, *err = &error;
	assert_ok(spn_directory_modify(dir, dn, &mod, 1, err));
}

static void add_sid(spn_directory *dir, const char *dn, const char *text)
{
	char sid[SPK_SID_MAX];
	add_value(dir, dn, "objectSid", sid_of(text, sid));
}

/* An entry of the list: what somebody is allowed, or denied. */
struct ace {
	const char *sid;
	uint32_t mask;
	bool denies;
};

enum { WRITE = 0x20, FULL = 0xf01ff, MAX_ACES = 6 };

static void put_number(char *to, size_t *len, uint32_t number, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[(*len)++] = (char)(number >> 8 * i & 0xff);
}

/* Without an owner. */
static spn_bytes make_descriptor(const struct ace *aces, char bytes[1024])
{
	enum { HEAD = 20 };
	size_t len = 0, n = 0, size = 8;
	char sid[SPK_SID_MAX];
	for (; aces[n].sid; n++)
		size += 8 + sid_of(aces[n].sid, sid).len;
	put_number(bytes, &len, 1 | 0x8004u << 16, 4);
	put_number(bytes, &len, 0, 4);
	put_number(bytes, &len, 0, 4);
	put_number(bytes, &len, 0, 4);
	put_number(bytes, &len, HEAD, 4);
	put_number(bytes, &len, 4 | (uint32_t)size << 16, 4);
	put_number(bytes, &len, (uint32_t)n, 4);
	for (size_t i = 0; i < n; i++) {
		spn_bytes who = sid_of(aces[i].sid, sid);
		put_number(bytes, &len, aces[i].denies | (uint32_t)(8 + who.len) << 16, 4);
		put_number(bytes, &len, aces[i].mask, 4);
		memcpy(bytes + len, who.data, who.len);
		len += who.len;
	}
	return (spn_bytes){ bytes, len };
}

#define USER(name, more) "dn: CN=" name "," BASE "\nobjectClass: user\nsAMAccountName: " name \
	"\nuserAccountControl: 512\n" more "\n"
#define GROUP(name, base, more) "dn: CN=" name "," base "\nobjectClass: group\nsAMAccountName: " name "\n" more "\n"

/* nils is in a group of the root, which is in one of ours; mara in none. */
static const char forest[] = "dn: " BASE "\nobjectClass: domainDNS\n\n" USER("target", "")
		USER("nils", "memberOf: CN=ug," ROOT "\n") USER("mara", "") USER("una", "")
		GROUP("dl", BASE, "member: CN=ug," ROOT "\n")
		"dn: CN=System," BASE "\nobjectClass: container\n\n"
		"dn: CN=root.test,CN=System," BASE "\nobjectClass: trustedDomain\ntrustPartner: root.test\n\n"
		"dn: " ROOT "\nobjectClass: domainDNS\n\n"
		GROUP("ug", ROOT, "groupType: -2147483640\nmember: CN=nils," BASE "\nmemberOf: CN=rl," ROOT
				"\nmemberOf: CN=outer," ROOT "\n")
		GROUP("outer", ROOT, "groupType: -2147483640\nmember: CN=ug," ROOT "\n")
		GROUP("unseen", ROOT, "groupType: -2147483640\nmember: CN=una," BASE "\n")
		GROUP("rl", ROOT, "groupType: -2147483644\nmember: CN=ug," ROOT "\n")
		GROUP("Domain Users", ROOT, "memberOf: CN=wide," ROOT "\n")
		GROUP("wide", ROOT, "groupType: -2147483640\nmember: CN=Domain Users," ROOT "\n");

/* The two domains, and the target with a security descriptor in this attribute. */
static spn_directory *open_far(struct far *far, const char *attr, const struct ace *aces)
{
	static const spn_backend backend = { .version = SPN_BACKEND_VERSION, .name = "far", .search = search_far,
		.modify = modify_server, .root = root_of_far, .free = free_server };
	spn_error error, *err = &error;
	spn_directory *dir = NULL;
	char bytes[1024], sid[SPK_SID_MAX];
	assert_ok(spn_mock_new(forest, SPN_DIALECT_WINDOWS, &far->server.dir, err));
	add_sid(far->server.dir, BASE, OURS);
	add_sid(far->server.dir, ROOT, ROOTS);
	add_sid(far->server.dir, "CN=target," BASE, OURS "-1101");
	add_sid(far->server.dir, "CN=nils," BASE, OURS "-1102");
	add_sid(far->server.dir, "CN=mara," BASE, OURS "-1103");
	add_sid(far->server.dir, "CN=una," BASE, OURS "-1104");
	add_sid(far->server.dir, "CN=dl," BASE, OURS "-1300");
	add_sid(far->server.dir, "CN=ug," ROOT, ROOTS "-1400");
	add_sid(far->server.dir, "CN=outer," ROOT, ROOTS "-1401");
	add_sid(far->server.dir, "CN=unseen," ROOT, ROOTS "-1402");
	add_sid(far->server.dir, "CN=rl," ROOT, ROOTS "-1403");
	add_sid(far->server.dir, "CN=Domain Users," ROOT, ROOTS "-513");
	add_sid(far->server.dir, "CN=wide," ROOT, ROOTS "-1404");
	if (far->has_trust)
		add_value(far->server.dir, "CN=root.test,CN=System," BASE, "securityIdentifier", sid_of(ROOTS, sid));
	add_value(far->server.dir, "CN=target," BASE, attr, make_descriptor(aces, bytes));
	assert_ok(spn_directory_new(&backend, far, "far:", true, &dir, err));
	return dir;
}

/* The rights on the target; who: NULL: nobody.  Free them. */
static spn_rights *ask(struct far *far, const struct ace *aces, const char *who)
{
	spn_error error, *err = &error;
	spn_account *account = NULL;
	spn_rights *rights = NULL;
	spn_directory *dir = open_far(far, SPK_DESCRIPTOR, aces);
	assert_ok(spn_account_find(dir, "target", SPN_WANT_ANY, &account, err));
	far->server.n_searches = 0;
	assert_ok(spn_account_rights(dir, account, who, &rights, err));
	spn_account_free(account);
	spn_directory_free(dir);
	spn_directory_free(far->server.dir);
	return rights;
}

/* Whether who may write any name; ret_condition: on what that depends. */
static bool may(struct far *far, const char *to, const char *who, char ret_condition[SPN_MESSAGE_SIZE])
{
	const struct ace aces[MAX_ACES] = { { OURS "-512", FULL, false }, { to, WRITE, false } };
	spn_rights *rights = ask(far, aces, who);
	bool is = rights->who->rights & SPN_RIGHT_WRITE;
	snprintf(ret_condition, SPN_MESSAGE_SIZE, "%s", rights->condition ? rights->condition : "");
	spn_rights_free(rights);
	return is;
}

static void groups_of_other_domains_are_followed_and_only_they_cost_a_question(void **state)
{
	char condition[SPN_MESSAGE_SIZE];
	(void)state;
	struct far far = { .root = ROOT, .is_catalog = "TRUE" };
	assert_true(may(&far, ROOTS "-1400", "nils", condition)); /* itself */
	assert_true(may(&far, ROOTS "-1401", "nils", condition)); /* what it is in there */
	assert_true(may(&far, OURS "-1300", "nils", condition));  /* what it is in here */
	assert_string_equal(condition, "");
	far = (struct far){ .root = ROOT, .is_catalog = "TRUE" };
	assert_false(may(&far, ROOTS "-1400", "mara", condition));
	assert_string_equal(condition, "");
	assert_int_equal(far.n_forest, 0);
	size_t plain = far.server.n_searches;
	far = (struct far){ .root = BASE, .is_catalog = "TRUE" };
	assert_false(may(&far, ROOTS "-1400", "mara", condition));
	assert_int_equal(far.server.n_searches, plain);
}

static void domain_local_groups_of_other_domains_do_not_count(void **state)
{
	char condition[SPN_MESSAGE_SIZE];
	(void)state;
	struct far far = { .root = ROOT, .is_catalog = "TRUE" };
	assert_false(may(&far, ROOTS "-1403", "nils", condition));
	assert_string_equal(condition, ""); /* it was found */
}

static void a_catalog_that_does_not_answer_is_a_condition_of_the_answer(void **state)
{
	char condition[SPN_MESSAGE_SIZE];
	(void)state;
	struct far far = { .root = ROOT, .is_catalog = "TRUE", .is_silent = true };
	assert_false(may(&far, ROOTS "-1400", "nils", condition));
	assert_string_equal(condition,
			"not considered, because the global catalog did not answer (no catalog today): 'CN=ug," ROOT "'");
	assert_int_equal(far.n_forest, 1);
	assert_true(may(&far, OURS "-1300", "nils", condition)); /* no group could take that away */
	assert_string_equal(condition, "");
	const struct ace denied[MAX_ACES] = { { ROOTS "-1400", WRITE, true }, { "S-1-5-11", WRITE, false } };
	spn_rights *rights = ask(&far, denied, "nils");
	assert_int_equal(rights->who->rights, SPN_RIGHT_WRITE);
	assert_non_null(rights->condition);
	spn_rights_free(rights);
	far.is_silent = false;
	rights = ask(&far, denied, "nils");
	assert_int_equal(rights->who->rights, 0);
	assert_string_equal(rights->who->denied, "'root.test\\ug'");
	assert_null(rights->condition);
	spn_rights_free(rights);
}

/* memberOf of such a server leaves the groups of other domains out. */
static void a_server_that_is_no_catalog_is_not_believed_that_there_are_no_groups(void **state)
{
	char condition[SPN_MESSAGE_SIZE];
	(void)state;
	struct far far = { .root = ROOT, .is_catalog = "TRUE" };
	assert_false(may(&far, ROOTS "-1402", "una", condition));
	assert_int_equal(far.n_forest, 0);
	far.is_catalog = "FALSE";
	assert_true(may(&far, ROOTS "-1402", "una", condition));
	assert_int_equal(far.n_forest, 1);
	assert_true(may(&far, OURS "-1104", "una", condition));
	assert_int_equal(far.n_forest, 1); /* she may by herself */
	far.is_silent = true;
	assert_false(may(&far, ROOTS "-1402", "una", condition));
	assert_string_equal(condition,
			"not considered, because the global catalog did not answer (no catalog today): groups of other domains");
}

/* "sid name +administrator;" of each. */
static void list(struct far *far, const struct ace *aces, char told[1024])
{
	spn_rights *rights = ask(far, aces, NULL);
	told[0] = '\0';
	for (size_t i = 0; i < rights->n_trustees; i++)
		snprintf(told + strlen(told), 1024 - strlen(told), "%s%s;", rights->trustees[i].name,
				rights->trustees[i].is_administrator ? "+" : "-");
	spn_rights_free(rights);
}

static void administrators_are_those_of_the_domain_and_of_the_root_of_its_forest(void **state)
{
	char told[1024];
	(void)state;
	const struct ace aces[MAX_ACES] = { { OURS "-512", FULL, false }, { ROOTS "-519", WRITE, false },
		{ THEIRS "-519", FULL, false }, { THEIRS "-500", WRITE, false }, { ROOTS "-526", WRITE, false } };
#define REST THEIRS "\\Enterprise Admins-;" THEIRS "\\Administrator-;" ROOTS "\\Key Admins-;"
	struct far far = { .root = ROOT, .is_catalog = "TRUE" };
	list(&far, aces, told);
	assert_string_equal(told, "Domain Admins+;" ROOTS "\\Enterprise Admins+;" REST);
	assert_int_equal(far.n_forest, 1);
	/* our own trust with it tells the same */
	far = (struct far){ .root = ROOT, .is_catalog = "TRUE", .has_trust = true };
	list(&far, aces, told);
	assert_string_equal(told, "Domain Admins+;" ROOTS "\\Enterprise Admins+;" REST);
	assert_int_equal(far.n_forest, 0);
	/* where we are the root, nobody needs to be asked */
	far = (struct far){ .root = BASE, .is_catalog = "TRUE" };
	list(&far, aces, told);
	assert_string_equal(told, "Domain Admins+;" ROOTS "\\Enterprise Admins-;" REST);
	assert_int_equal(far.n_forest, 0);
	/* without an answer, full control tells which is the root */
	const struct ace usual[MAX_ACES] = { { ROOTS "-519", FULL, false }, { ROOTS "-512", WRITE, false },
		{ THEIRS "-512", FULL, false } };
	far = (struct far){ .root = ROOT, .is_silent = true };
	list(&far, usual, told);
	assert_string_equal(told, ROOTS "\\Enterprise Admins+;" ROOTS "\\Domain Admins+;" THEIRS "\\Domain Admins-;");
}

static void a_domain_of_which_nobody_is_mentioned_is_not_asked_about(void **state)
{
	char told[1024];
	(void)state;
	const struct ace aces[MAX_ACES] = { { OURS "-512", FULL, false }, { "S-1-5-32-544", FULL, false },
		{ THEIRS "-1105", WRITE, false } };
	struct far far = { .root = ROOT, .is_catalog = "TRUE" };
	list(&far, aces, told);
	assert_string_equal(told, "Domain Admins+;Administrators+;-;");
	assert_int_equal(far.n_forest, 0);
}

static void well_known_sids_are_judged_by_their_domain(void **state)
{
	static const struct {
		const char *sid;
		bool is_administrator, is_everybody, is_of_many;
		const char *name;
	} cases[] = {
		{ OURS "-500", true, false, false, "Administrator" },
		{ OURS "-512", true, false, false, "Domain Admins" },
		{ OURS "-513", false, true, true, "Domain Users" },
		{ OURS "-526", true, false, false, "Key Admins" },
		{ OURS "-1101", false, false, false, NULL },
		{ ROOTS "-500", true, false, false, ROOTS "\\Administrator" },
		{ ROOTS "-512", true, false, false, ROOTS "\\Domain Admins" },
		{ ROOTS "-516", false, false, false, ROOTS "\\Domain Controllers" },
		{ ROOTS "-518", true, false, false, ROOTS "\\Schema Admins" },
		{ ROOTS "-519", true, false, false, ROOTS "\\Enterprise Admins" },
		{ ROOTS "-526", false, false, false, ROOTS "\\Key Admins" },
		{ ROOTS "-527", true, false, false, ROOTS "\\Enterprise Key Admins" },
		{ THEIRS "-500", false, false, false, THEIRS "\\Administrator" },
		{ THEIRS "-512", false, false, false, THEIRS "\\Domain Admins" },
		{ THEIRS "-513", false, false, true, THEIRS "\\Domain Users" },
		{ THEIRS "-515", false, false, true, THEIRS "\\Domain Computers" },
		{ THEIRS "-519", false, false, false, THEIRS "\\Enterprise Admins" },
		{ "S-1-5-18", true, false, false, "SYSTEM" },
		{ "S-1-5-9", true, false, false, "Enterprise Domain Controllers" },
		{ "S-1-5-11", false, true, true, "Authenticated Users" },
		{ "S-1-5-32-544", true, false, false, "Administrators" },
		{ "S-1-5-32-545", false, true, true, "Users" },
		{ "S-1-5-32-500", false, false, false, NULL },
		{ "S-1-5-21-1-2-512", false, false, false, NULL },
	};
	(void)state;
	spk_home home = { .own.is_known = false };
	char sid[SPK_SID_MAX], name[SPK_SID_NAME];
	spk_domain_id_set(&home.own, sid_of(OURS "-1101", sid));
	spk_domain_id_set(&home.root, sid_of(ROOTS, sid));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		spn_bytes bytes = sid_of(cases[i].sid, sid);
		if (spk_sid_is_administrator(bytes, &home) != cases[i].is_administrator ||
				spk_sid_is_everybody(bytes, &home.own) != cases[i].is_everybody ||
				spk_sid_is_of_many(bytes) != cases[i].is_of_many)
			fail_msg("%s", cases[i].sid);
		assert_int_equal(spk_sid_put_name(bytes, &home.own, name), cases[i].name != NULL);
		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
		/* of a home that is not known, only what is the same everywhere is an administrator */
		assert_int_equal(spk_sid_is_administrator(bytes, NULL),
				cases[i].is_administrator && strncmp(cases[i].sid, "S-1-5-21-", 9) != 0);
	}
}

static spn_status keep_finding(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	if (strcmp(finding->code, "unknown-delegations") != 0)
		snprintf(data, SPN_MESSAGE_SIZE, "%s: %s", finding->code, finding->text);
	return SPN_OK;
}

/* Whom the target lets act as any user, by what is told of that. */
static void tell_acting(struct far *far, const char *sid, char ret_told[SPN_MESSAGE_SIZE])
{
	const struct ace aces[MAX_ACES] = { { sid, FULL, false } };
	spn_error error, *err = &error;
	spn_directory *dir = open_far(far, "msDS-AllowedToActOnBehalfOfOtherIdentity", aces);
	*ret_told = '\0';
	assert_ok(spn_find_delegations(dir, "target", keep_finding, ret_told, err));
	spn_directory_free(dir);
	spn_directory_free(far->server.dir);
}

static void a_group_of_another_domain_that_all_its_users_are_in_lets_everybody_act(void **state)
{
	char told[SPN_MESSAGE_SIZE];
	struct far far = { .root = ROOT, .is_catalog = "TRUE" };
	(void)state;
	tell_acting(&far, ROOTS "-1404", told);
	assert_non_null(strstr(told, "rbcd-open: 'target' lets CN=wide," ROOT " act"));
	far = (struct far){ .root = ROOT, .is_catalog = "TRUE" };
	tell_acting(&far, OURS "-1102", told);
	assert_string_equal(told, "delegation: 'nils' may act as any user towards 'target', which allows it");
	assert_int_equal(far.n_forest, 0); /* nothing of another domain: the catalog is not asked */
}

static void what_the_catalog_does_not_tell_of_who_may_act_is_a_condition_of_the_verdict(void **state)
{
	char told[SPN_MESSAGE_SIZE];
	struct far far = { .root = ROOT, .is_catalog = "TRUE" };
	(void)state;
	tell_acting(&far, ROOTS "-1400", told); /* a group, of which others may be members through one that it cannot see */
	assert_non_null(strstr(told, "delegation: 'CN=ug," ROOT "' may act"));
	assert_non_null(strstr(told, "only the domain of that group knows whether all users of a domain are in it"));
	far = (struct far){ .root = ROOT, .is_catalog = "TRUE" };
	tell_acting(&far, THEIRS "-1999", told);
	assert_non_null(strstr(told, "only its own domain knows whether that is a group, and who is in it"));
	far = (struct far){ .root = ROOT, .is_catalog = "TRUE", .is_silent = true };
	tell_acting(&far, ROOTS "-1404", told);
	assert_non_null(strstr(told, "delegation: '" ROOTS "-1404' may act"));
	assert_non_null(strstr(told, "only its own domain knows whether that is a group, and who is in it"));
	assert_int_equal(far.n_forest, 1); /* and asked once */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_of_other_domains_are_followed_and_only_they_cost_a_question),
		cmocka_unit_test(domain_local_groups_of_other_domains_do_not_count),
		cmocka_unit_test(a_catalog_that_does_not_answer_is_a_condition_of_the_answer),
		cmocka_unit_test(a_server_that_is_no_catalog_is_not_believed_that_there_are_no_groups),
		cmocka_unit_test(administrators_are_those_of_the_domain_and_of_the_root_of_its_forest),
		cmocka_unit_test(a_domain_of_which_nobody_is_mentioned_is_not_asked_about),
		cmocka_unit_test(well_known_sids_are_judged_by_their_domain),
		cmocka_unit_test(a_group_of_another_domain_that_all_its_users_are_in_lets_everybody_act),
		cmocka_unit_test(what_the_catalog_does_not_tell_of_who_may_act_is_a_condition_of_the_verdict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
