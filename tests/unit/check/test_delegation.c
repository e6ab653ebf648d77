/* SPDX-License-Identifier: MIT */
#include "server_helper.h"

#include "model/filter.h"

#define CONFIG "CN=Configuration," BASE
#define POLICIES "CN=AuthN Policies,CN=AuthN Policy Configuration,CN=Services," CONFIG
#define ACCOUNT(class, name, more) "dn: CN=" name "," BASE "\nobjectClass: " class "\n" \
	"sAMAccountName: " name "\n" more "\n"
#define CONTROL(number) "userAccountControl: " number "\n"
#define CONTROLLER ACCOUNT("computer", "DC1$", CONTROL("532480") "primaryGroupID: 516\n")
#define FRONT "objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAATAQAAA==\n"
#define LETS_FRONT ":: AQAEgAAAAAAAAAAAAAAAABQAAAAEACwAAQAAAAAAJAAAAQAAAQUAAAAAAAUVAAAAAQAAAAIAAAADAAAATAQAAA==\n"

/* What it hides it neither shows nor searches. */
struct hiding {
	struct server server; /* first: a pointer to it is one to both */
	const char *hidden;
	const spn_search *search;
	spn_entry_fn *fn;
	void *data;
};

static spn_status show(const spn_entry *entry, void *data, spn_error *err)
{
	const struct hiding *hiding = data;
	const spn_search *search = hiding->search;
	spn_entry *shown = NULL;
	assert_int_equal(spn_entry_new(spn_entry_dn(entry), &shown, err), SPN_OK);
	for (const char *const *attr = search->attrs; *attr; attr++) {
		const spn_bytes *values;
		size_t n = hiding->hidden && strcmp(*attr, hiding->hidden) == 0 ? 0 : spn_entry_values(entry, *attr, &values);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(spn_entry_add(shown, *attr, values[i], err), SPN_OK);
	}
	bool is_found = !hiding->hidden || spk_filter_match(search->filter, shown, SPK_FOLD_WINDOWS);
	spn_status status = is_found ? hiding->fn(shown, hiding->data, err) : SPN_OK;
	spn_entry_free(shown);
	return status;
}

static spn_status search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	struct hiding *hiding = self;
	hiding->search = search;
	hiding->fn = fn;
	hiding->data = data;
	return search_server(&hiding->server, search, show, hiding, err);
}

struct told {
	char list[2048];
	char unknown[SPN_MESSAGE_SIZE];
};

/* "code severity account;" of each finding. */
static spn_status note(const spn_finding *finding, void *data, spn_error *err)
{
	struct told *told = data;
	size_t len = strlen(told->list);
	(void)err;
	snprintf(told->list + len, sizeof told->list - len, "%s %s %s;", finding->code, spn_severity_name(finding->severity),
			finding->n_accounts ? finding->accounts[0].account : "-");
	if (strcmp(finding->code, "unknown-delegations") == 0)
		snprintf(told->unknown, sizeof told->unknown, "%s", finding->text);
	return SPN_OK;
}

/* Returns how many searches that took. */
static size_t ask(const char *accounts, const char *hidden, const char *what, struct told *ret_told)
{
	spn_error err = { .status = SPN_OK };
	static const spn_backend backend = SERVER_BACKEND(search);
	struct hiding hiding = { .server.config = CONFIG, .hidden = hidden };
	spn_directory *dir = NULL;
	char ldif[16384];
	*ret_told = (struct told){ .list = "" };
	snprintf(ldif, sizeof ldif, "dn: " BASE "\nobjectClass: domainDNS\n\n%s", accounts);
	assert_int_equal(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &hiding.server.dir, &err), SPN_OK);
	assert_int_equal(spn_directory_new(&backend, &hiding, "server:", true, &dir, &err), SPN_OK);
	if (spn_find_delegations(dir, what, note, ret_told, &err))
		fail_msg("%s", err.message);
	spn_directory_free(dir);
	spn_directory_free(hiding.server.dir);
	return hiding.server.n_searches;
}

static void one_search_each_does_for_a_whole_domain(void **state)
{
	struct told told;
	(void)state;
	/* those who say anything of it; policies; the names, SIDs and predecessors that all of them refer to */
	size_t n = ask(CONTROLLER ACCOUNT("user", "a", CONTROL("512") FRONT "msDS-AllowedToDelegateTo: http/x\n"
			"msDS-AllowedToDelegateTo: http/y\n")
			ACCOUNT("user", "b", CONTROL("512") "msDS-AllowedToDelegateTo: http/z\n")
			ACCOUNT("user", "c", CONTROL("512") "msDS-AllowedToActOnBehalfOfOtherIdentity" LETS_FRONT)
			ACCOUNT("user", "d", CONTROL("512") "msDS-AllowedToActOnBehalfOfOtherIdentity" LETS_FRONT)
			ACCOUNT("user", "e", CONTROL("512") "msDS-AssignedAuthNPolicy: CN=P," POLICIES "\n")
			ACCOUNT("user", "f", CONTROL("512") "msDS-AssignedAuthNPolicy: CN=P," POLICIES "\n")
			ACCOUNT("user", "old1", CONTROL("512")) ACCOUNT("user", "old2", CONTROL("512"))
			ACCOUNT("user", "old3", CONTROL("512") "msDS-SupersededManagedAccountLink: CN=new3," BASE "\n")
			ACCOUNT("msDS-DelegatedManagedServiceAccount", "new1", CONTROL("4096")
			"msDS-ManagedAccountPrecededByLink: CN=old1," BASE "\n")
			ACCOUNT("msDS-DelegatedManagedServiceAccount", "new2", CONTROL("4096")
			"msDS-ManagedAccountPrecededByLink: CN=old2," BASE "\n")
			ACCOUNT("msDS-DelegatedManagedServiceAccount", "new3", CONTROL("4096")
			"msDS-ManagedAccountPrecededByLink: CN=old3," BASE "\n")
			"dn: CN=P," POLICIES "\nobjectClass: msDS-AuthNPolicy\nmsDS-AuthNPolicyEnforced: TRUE\n"
			"msDS-UserAllowedToAuthenticateTo" LETS_FRONT "\n", NULL, NULL, &told);
	assert_string_equal(told.list,
			"dmsa-link broken new1;dmsa-link broken new2;delegation ok new3;ghost-delegation warning a;"
			"ghost-delegation warning a;ghost-delegation warning b;delegation ok a;delegation ok a;"
			"authentication-policy ok e;authentication-policy ok f;");
	assert_int_equal(n, 4); /* and sPNMappings */
}

/* The KDC lets in whoever is in a group that is let in. */
static void who_is_in_a_group_that_may_act_is_told(void **state)
{
	const char accounts[] = CONTROLLER ACCOUNT("group", "g", FRONT)
			ACCOUNT("user", "a", CONTROL("512") "memberOf: CN=g," BASE "\n") ACCOUNT("user", "b", CONTROL("512"))
			ACCOUNT("user", "c", CONTROL("512") "msDS-AllowedToActOnBehalfOfOtherIdentity" LETS_FRONT);
	struct told told;
	(void)state;
	ask(accounts, NULL, "a", &told);
	assert_string_equal(told.list, "delegation ok g;");
	ask(accounts, NULL, "b", &told);
	assert_string_equal(told.list, "");
}

static void nothing_costs_one_search(void **state)
{
	struct told told;
	(void)state;
	assert_int_equal(ask(CONTROLLER, NULL, NULL, &told), 1);
	assert_string_equal(told.list, "");
}

/* Who may read no userAccountControl sees no right that it gives, and no controller's either. */
static void what_may_not_be_read_is_said(void **state)
{
	struct told told;
	(void)state;
	ask(CONTROLLER ACCOUNT("user", "a", CONTROL("528384")), "userAccountControl", NULL, &told);
	assert_string_equal(told.list, "unknown-delegations notice DC1$;");
	assert_string_equal(told.unknown,
			"the userAccountControl of 'DC1$' cannot be read: whether it is trusted for "
			"delegation, or may act as any user, or lets others act towards it, is not known");
	ask(CONTROLLER ACCOUNT("user", "a", CONTROL("528384")), NULL, NULL, &told);
	assert_string_equal(told.list, "unconstrained warning a;");
}

/* Whether it may do so as any user is in userAccountControl. */
static void who_acts_as_whom_is_not_known_without_it(void **state)
{
	struct told told;
	(void)state;
	ask(CONTROLLER ACCOUNT("user", "a", CONTROL("16777728") "msDS-AllowedToDelegateTo: http/b\n")
			ACCOUNT("user", "b", CONTROL("512") "servicePrincipalName: http/b\n"), "userAccountControl", "a", &told);
	assert_string_equal(told.list, "delegation notice a;unknown-delegations notice a;");
	ask(CONTROLLER ACCOUNT("user", "a", CONTROL("16777728") "msDS-AllowedToDelegateTo: http/b\n")
			ACCOUNT("user", "b", CONTROL("512") "servicePrincipalName: http/b\n"), NULL, "a", &told);
	assert_string_equal(told.list, "wide-delegation warning a;");
}

static void a_policy_that_may_not_be_read_is_said(void **state)
{
	struct told told;
	(void)state;
	ask(CONTROLLER ACCOUNT("user", "e", CONTROL("512") "msDS-AssignedAuthNPolicy: CN=P," POLICIES "\n"),
			NULL, NULL, &told);
	assert_string_equal(told.list, "authentication-policy notice e;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_search_each_does_for_a_whole_domain), cmocka_unit_test(nothing_costs_one_search),
		cmocka_unit_test(who_is_in_a_group_that_may_act_is_told),
		cmocka_unit_test(what_may_not_be_read_is_said), cmocka_unit_test(who_acts_as_whom_is_not_known_without_it),
		cmocka_unit_test(a_policy_that_may_not_be_read_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
