/* SPDX-License-Identifier: MIT */
/*
 * contract.c - how a directory behaves: contract KIND URL
 *
 * KIND is windows or samba, for a directory that refuses what such a domain controller refuses, or slapd, for one that
 * refuses next to nothing.  The directory holds examples/incident.ldif.  ldif: is copied first; a live one is left as
 * it was found: every test puts back what it changed, and that is checked.
 *
 * For a back end of your own, link this file with a contract_open (contract.h) that opens it:
 *
 *   cc contract.c open.c backend.c $(pkg-config --cflags --libs spnkit cmocka) -o contract && ./contract slapd URL
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* mkstemp, strcasecmp */
#endif
#include "contract.h"
#include "memory_helper.h"

#include <ctype.h>
#include <strings.h>
#include <unistd.h>

#define BASE "DC=kimconnect,DC=com"
#define CRM "OU=CRM," BASE
#define COMPUTER "CN=LAX-CRM01," CRM
#define OTHER "CN=DYNAMICS-CRM," CRM
#define POOL "CN=CrmIisPoolServiceAccount," CRM
#define ASYNC "CN=CrmAsyncService," CRM
#define GROUP "CN=PrivReportingGroup,OU=CRM Security Groups," BASE

enum kind { WINDOWS, SAMBA, SLAPD };

static enum kind kind;
static const char *url;
static char copy_url[100];
static spn_error error, *const err = &error;
static spn_directory *dir;
static struct found found;

static void copy_file(const char *from)
{
	char buffer[4096];
	snprintf(copy_url, sizeof copy_url, "ldif:/tmp/spnkit-contract-XXXXXX");
	FILE *in = fopen(from, "r"), *out = fdopen(mkstemp(copy_url + 5), "w");
	assert_non_null(in);
	assert_non_null(out);
	for (size_t n; (n = fread(buffer, 1, sizeof buffer, in)) > 0;)
		assert_int_equal(fwrite(buffer, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
	url = copy_url;
}

static spn_status open_dir(bool read_only, spn_directory **ret_dir)
{
	return contract_open(url, kind == SAMBA ? SPN_DIALECT_SAMBA : SPN_DIALECT_WINDOWS, read_only, ret_dir, err);
}

/*
 * What the tests change: names and members.  Values of one entry are sorted, for servers do not keep their order, and
 * without case: Samba, to see whether we may add an alias of HOST/x, writes the holder's HOST/x anew as host/x.
 */
struct image {
	char text[20000];
};

static int order(const void *a, const void *b)
{
	return strcasecmp(((const spn_bytes *)a)->data, ((const spn_bytes *)b)->data);
}

static spn_status draw(const spn_entry *entry, void *data, spn_error *unused)
{
	(void)unused;
	static const char *const attrs[] = { SPN, "member", "memberOf", "dNSHostName" };
	struct image *image = data;
	for (size_t i = 0; i < 4; i++) {
		const spn_bytes *values;
		spn_bytes sorted[64];
		size_t n = spn_entry_values(entry, attrs[i], &values);
		assert_in_range(n, 0, 63);
		for (size_t j = 0; j < n; j++)
			sorted[j] = values[j];
		qsort(sorted, n, sizeof *sorted, order);
		for (size_t j = 0; j < n; j++) {
			size_t len = strlen(image->text);
			snprintf(image->text + len, sizeof image->text - len, "%s %s %s\n", spn_entry_dn(entry), attrs[i], sorted[j].data);
		}
	}
	return SPN_OK;
}

static void take_image(struct image *ret)
{
	static const char *const dns[] = { COMPUTER, OTHER, POOL, ASYNC, GROUP };
	ret->text[0] = '\0';
	for (size_t i = 0; i < sizeof dns / sizeof dns[0]; i++) {
		const spn_search search = { .base = dns[i], .scope = SPN_SCOPE_BASE };
		assert_ok(spn_directory_search(dir, &search, draw, ret, err));
	}
	for (char *c = ret->text; *c; c++)
		*c = (char)tolower((unsigned char)*c);
}

static struct image before;

static int setup(void **state)
{
	(void)state;
	assert_ok(open_dir(false, &dir));
	take_image(&before);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	struct image after;
	take_image(&after);
	dir = spn_directory_free(dir);
	assert_string_equal(after.text, before.text);
	return 0;
}

/* The call is refused, and nothing has changed. */
#define assert_refused(call, wanted) do { \
	struct image was, is; \
	take_image(&was); \
	assert_fails((call), (wanted), ""); \
	assert_int_not_equal(error.message[0], '\0'); \
	take_image(&is); \
	assert_string_equal(is.text, was.text); \
} while (0)

/* The error names the LDAP code behind it. */
static void assert_ldap_code(int code)
{
	assert_int_equal(error.family, SPN_NATIVE_LDAP);
	assert_int_equal(error.native, code);
}

/* The DNs that a search gave; slapd writes cn= where others write CN=. */
static void found_is(const char *wanted)
{
	if (strcasecmp(found.dns, wanted) != 0)
		fail_msg("found %s, wanted %s", found.dns, wanted);
}

static void holders_are(const char *name, const char *wanted)
{
	assert_ok(find_value(dir, SPN_FILTER_EQUAL, SPN, name, &found, err));
	found_is(wanted);
}

static void the_root_dse_names_the_domain(void **state)
{
	(void)state;
	const spn_entry *root;
	assert_ok(spn_directory_root(dir, &root, err));
	assert_string_equal(spn_entry_text(root, "defaultNamingContext"), BASE);
	assert_string_equal(spn_entry_text(root, "configurationNamingContext"), "CN=Configuration," BASE);
}

static void a_name_is_found_in_any_case(void **state)
{
	(void)state;
	holders_are("http/LAX-CRM01", "[" POOL "]");
	holders_are("HTTP/lax-crm01", "[" POOL "]");
	holders_are("http/lax-crm01:5985", "[" COMPUTER "]");
	holders_are("http/lax-crm0", "");
}

static void a_value_is_taken_literally(void **state)
{
	(void)state;
	holders_are("http/*", "");
	holders_are("*)(objectClass=*", "");
	holders_are("\\2a", "");
	holders_are("", "");
}

static void a_star_stands_for_any_text(void **state)
{
	(void)state;
	assert_ok(find_value(dir, SPN_FILTER_GLOB, SPN, "http/lax*5985", &found, err));
	found_is("[" COMPUTER "]");
	assert_ok(find_value(dir, SPN_FILTER_GLOB, SPN, "*/dynamics-CRM", &found, err));
	assert_int_equal(found.n, 2);
	assert_ok(find_value(dir, SPN_FILTER_GLOB, SPN, "no/*", &found, err));
	assert_int_equal(found.n, 0);
}

static void filters_are_put_together(void **state)
{
	(void)state;
	const spn_filter is_user = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = bytes("user") };
	const spn_filter is_computer = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = bytes("computer") };
	const spn_filter has_name = { .op = SPN_FILTER_PRESENT, .attr = SPN };
	const spn_filter bits = { .op = SPN_FILTER_BITS, .attr = "userAccountControl", .value = bytes("66048") };
	const spn_filter *const computer_only[] = { &is_computer, NULL }, *const either[] = { &is_computer, &bits, NULL };
	const spn_filter no_computer = { .op = SPN_FILTER_NOT, .parts = computer_only };
	const spn_filter *const all[] = { &is_user, &no_computer, &has_name, NULL };
	const spn_filter service = { .op = SPN_FILTER_AND, .parts = all }, any = { .op = SPN_FILTER_OR, .parts = either };
	assert_ok(find(dir, CRM, SPN_SCOPE_SUBTREE, &service, &found, err));
	found_is("[" POOL "]");
	assert_ok(find(dir, CRM, SPN_SCOPE_SUBTREE, &any, &found, err));
	assert_int_equal(found.n, 4);
}

static void a_dn_is_found_however_it_is_written(void **state)
{
	(void)state;
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = "member",
		.value = bytes("cn=lax-crm01,ou=crm,dc=kimconnect,dc=com") };
	assert_ok(find(dir, BASE, SPN_SCOPE_SUBTREE, &filter, &found, err));
	found_is("[CN=ReportingGroup,OU=CRM Security Groups," BASE "]");
	assert_ok(find(dir, "ou=crm, dc=KIMCONNECT,dc=com", SPN_SCOPE_BASE, NULL, &found, err));
	found_is("[" CRM "]");
}

static void a_dn_may_be_written_with_escapes(void **state)
{
	(void)state;
	assert_ok(find(dir, "CN=LAX\\2DCRM01," CRM, SPN_SCOPE_BASE, NULL, &found, err));
	found_is("[" COMPUTER "]");
	assert_ok(add(dir, "CN=Crm\\41syncService," CRM, SPN, "contract/escaped"));
	assert_ok(delete(dir, ASYNC, SPN, "contract/escaped"));
	/* an escaped comma separates nothing */
	assert_fails(find(dir, "CN=LAX-CRM01\\,OU\\3DCRM," BASE, SPN_SCOPE_BASE, NULL, &found, err), SPN_ERR_NOT_FOUND, "");
	assert_ldap_code(32);
}

static void scopes_are_kept_to(void **state)
{
	(void)state;
	assert_ok(find(dir, CRM, SPN_SCOPE_BASE, NULL, &found, err));
	assert_int_equal(found.n, 1);
	assert_ok(find(dir, CRM, SPN_SCOPE_ONE, NULL, &found, err));
	assert_int_equal(found.n, 4);
	assert_ok(find(dir, CRM, SPN_SCOPE_SUBTREE, NULL, &found, err));
	assert_int_equal(found.n, 5);
}

static void a_base_that_is_missing_is_not_found(void **state)
{
	(void)state;
	for (int scope = SPN_SCOPE_BASE; scope <= SPN_SCOPE_SUBTREE; scope++) {
		assert_fails(find(dir, "OU=nope," BASE, (spn_scope)scope, NULL, &found, err), SPN_ERR_NOT_FOUND, "");
		assert_ldap_code(32);
	}
}

static void the_forest_has_the_domain_in_it(void **state)
{
	(void)state;
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = SPN, .value = bytes("HTTP/lax-crm01") };
	const spn_search search = { .forest = true, .scope = SPN_SCOPE_SUBTREE, .filter = &filter };
	if (kind == SLAPD)
		return; /* it has no global catalog */
	found = (struct found){ .n = 0 };
	assert_ok(spn_directory_search(dir, &search, add_dn, &found, err));
	found_is("[" POOL "]");
}

static spn_status look_and_stop(const spn_entry *entry, void *data, spn_error *unused)
{
	(void)unused;
	const spn_bytes *values;
	*(int *)data += 1;
	assert_int_equal(spn_entry_values(entry, "SERVICEPRINCIPALNAME", NULL), 10);
	assert_int_equal(spn_entry_values(entry, "objectSid", &values), 1);
	assert_int_equal(values[0].len, 28);
	assert_string_equal(spn_entry_text(entry, "sAMAccountName"), "LAX-CRM01$");
	assert_null(spn_entry_text(entry, "cn"));
	return SPN_ERR_STOPPED;
}

static void only_what_was_asked_for_comes_until_the_caller_stops(void **state)
{
	(void)state;
	static const char *const attrs[] = { SPN, "objectSid", "samaccountname", NULL };
	const spn_filter filter = { .op = SPN_FILTER_GLOB, .attr = "cn", .value = bytes("LAX-*") };
	const spn_search search = { .base = CRM, .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = attrs };
	int calls = 0;
	assert_int_equal(spn_directory_search(dir, &search, look_and_stop, &calls, err), SPN_ERR_STOPPED);
	assert_int_equal(calls, 1);
}

static spn_status has_nothing(const spn_entry *entry, void *data, spn_error *unused)
{
	(void)unused;
	*(int *)data += 1;
	assert_int_equal(spn_entry_count(entry), 0);
	return SPN_OK;
}

static void an_empty_list_asks_for_no_attribute(void **state)
{
	(void)state;
	static const char *const none[] = { NULL };
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = "cn", .value = bytes("LAX-CRM01") };
	const spn_search search = { .base = CRM, .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = none };
	int calls = 0;
	assert_ok(spn_directory_search(dir, &search, has_nothing, &calls, err));
	assert_int_equal(calls, 1);
}

static void a_value_ends_where_its_length_says(void **state)
{
	(void)state;
	static const char text[] = "contract/lengthXYZ"; /* none of the values ends with a NUL */
	const spn_mod shorter = { SPN_MOD_ADD, SPN, { text, 15 } }, longer = { SPN_MOD_ADD, SPN, { text, 17 } };
	const spn_mod back[] = { { SPN_MOD_DELETE, SPN, shorter.value }, { SPN_MOD_DELETE, SPN, longer.value } };
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = SPN, .value = shorter.value };
	assert_ok(spn_directory_modify(dir, ASYNC, &shorter, 1, err));
	assert_ok(spn_directory_modify(dir, ASYNC, &longer, 1, err));
	holders_are("contract/length", "[" ASYNC "]");
	holders_are("contract/lengthXY", "[" ASYNC "]");
	assert_ok(find(dir, BASE, SPN_SCOPE_SUBTREE, &filter, &found, err));
	found_is("[" ASYNC "]");
	assert_ok(spn_directory_modify(dir, ASYNC, back, 2, err));
}

static void a_member_ends_where_its_length_says(void **state)
{
	(void)state;
	static const char text[] = COMPUTER ",DC=more";
	const spn_bytes value = { text, sizeof COMPUTER - 1 };
	const spn_mod add_it = { SPN_MOD_ADD, "member", value }, delete_it = { SPN_MOD_DELETE, "member", value };
	assert_ok(spn_directory_modify(dir, GROUP, &add_it, 1, err));
	assert_refused(add(dir, GROUP, "member", COMPUTER), SPN_ERR_EXISTS);
	assert_ok(spn_directory_modify(dir, GROUP, &delete_it, 1, err));
}

static void a_name_is_added_and_deleted_in_any_case(void **state)
{
	(void)state;
	assert_ok(add(dir, ASYNC, SPN, "contract/One"));
	holders_are("CONTRACT/one", "[" ASYNC "]");
	assert_ok(delete(dir, "cn=crmasyncservice, " CRM, SPN, "Contract/ONE"));
	holders_are("contract/One", "");
}

static void a_name_of_another_account_is_refused(void **state)
{
	(void)state;
	if (kind == SLAPD) {
		assert_ok(add(dir, ASYNC, SPN, "HTTP/lax-crm01"));
		assert_ok(delete(dir, ASYNC, SPN, "HTTP/lax-crm01"));
		return;
	}
	assert_refused(add(dir, ASYNC, SPN, "HTTP/lax-crm01"), SPN_ERR_NOT_UNIQUE);
	assert_ldap_code(19);
	assert_int_equal(error.win32, kind == SAMBA ? 0x202f : 0x21c7);
}

static void an_administrator_may_add_an_alias_of_anothers_host(void **state)
{
	(void)state;
	assert_ok(add(dir, ASYNC, SPN, "cifs/LAX-CRM01"));
	assert_ok(delete(dir, ASYNC, SPN, "cifs/LAX-CRM01"));
}

static void host_beside_an_alias_elsewhere_is_refused_by_samba(void **state)
{
	(void)state;
	assert_ok(add(dir, ASYNC, SPN, "http/contract"));
	if (kind == SAMBA) {
		assert_refused(add(dir, OTHER, SPN, "HOST/contract"), SPN_ERR_NOT_UNIQUE);
	} else {
		assert_ok(add(dir, OTHER, SPN, "HOST/contract"));
		assert_ok(delete(dir, OTHER, SPN, "HOST/contract"));
	}
	assert_ok(delete(dir, ASYNC, SPN, "http/contract"));
}

static void host_can_be_deleted_beside_an_alias_elsewhere(void **state)
{
	(void)state;
	assert_ok(add(dir, OTHER, SPN, "HOST/contract"));
	assert_ok(add(dir, ASYNC, SPN, "http/contract"));
	assert_ok(delete(dir, OTHER, SPN, "HOST/contract"));
	assert_ok(delete(dir, ASYNC, SPN, "http/contract"));
}

static void a_value_that_is_there_is_refused(void **state)
{
	(void)state;
	assert_refused(add(dir, POOL, SPN, "http/LAX-CRM01"), SPN_ERR_EXISTS);
	assert_ldap_code(20);
	if (kind == SAMBA) { /* it stores both, and deletes in any case, the first that fits */
		assert_ok(add(dir, POOL, SPN, "HTTP/LAX-crm01"));
		assert_ok(delete(dir, POOL, SPN, "http/lax-crm01"));
		assert_ok(delete(dir, POOL, SPN, "http/lax-crm01"));
		assert_ok(add(dir, POOL, SPN, "http/LAX-CRM01"));
	} else {
		assert_refused(add(dir, POOL, SPN, "HTTP/LAX-crm01"), SPN_ERR_EXISTS);
	}
}

static void a_value_twice_in_one_request_is_refused(void **state)
{
	(void)state;
	const spn_mod twice[] = { { SPN_MOD_ADD, SPN, bytes("contract/x") }, { SPN_MOD_ADD, SPN, bytes("contract/x") } };
	/* of an account without names, Samba stores both */
	assert_refused(spn_directory_modify(dir, POOL, twice, 2, err), SPN_ERR_EXISTS);
}

static void a_value_that_is_missing_cannot_be_deleted(void **state)
{
	(void)state;
	assert_refused(delete(dir, ASYNC, SPN, "contract/absent"), SPN_ERR_NOT_FOUND);
	assert_ldap_code(16);
	/* Samba looks for other holders of what is to be deleted, too */
	assert_refused(delete(dir, ASYNC, SPN, "TERMSRV/LAX-CRM01"), kind == SAMBA ? SPN_ERR_NOT_UNIQUE : SPN_ERR_NOT_FOUND);
}

static void all_changes_of_a_request_are_made_or_none(void **state)
{
	(void)state;
	const spn_mod mods[] = { { SPN_MOD_ADD, SPN, bytes("contract/x") },
		{ SPN_MOD_DELETE, SPN, bytes("contract/absent") } };
	assert_refused(spn_directory_modify(dir, ASYNC, mods, 2, err), SPN_ERR_NOT_FOUND);
}

static void a_value_is_exchanged_if_the_old_one_is_there(void **state)
{
	(void)state;
	const spn_mod there[] = { { SPN_MOD_DELETE, SPN, bytes("contract/old") },
		{ SPN_MOD_ADD, SPN, bytes("contract/new") } };
	assert_ok(add(dir, ASYNC, SPN, "contract/old"));
	assert_ok(spn_directory_modify(dir, ASYNC, there, 2, err));
	holders_are("contract/old", "");
	holders_are("contract/new", "[" ASYNC "]");
	assert_refused(spn_directory_modify(dir, ASYNC, there, 2, err), SPN_ERR_NOT_FOUND);
	assert_ok(delete(dir, ASYNC, SPN, "contract/new"));
}

static void an_entry_that_is_missing_is_not_found(void **state)
{
	(void)state;
	assert_refused(add(dir, "CN=nope," CRM, SPN, "contract/x"), SPN_ERR_NOT_FOUND);
	assert_ldap_code(32);
}

static void names_have_two_or_three_parts(void **state)
{
	(void)state;
	if (kind == SLAPD)
		return;
	assert_refused(add(dir, ASYNC, SPN, "contract"), SPN_ERR_REFUSED);
	assert_refused(add(dir, ASYNC, SPN, "contract/b/c/d"), SPN_ERR_REFUSED);
	assert_ok(add(dir, ASYNC, SPN, "contract/b/c"));
	assert_ok(delete(dir, ASYNC, SPN, "contract/b/c"));
}

static void only_accounts_have_names(void **state)
{
	(void)state;
	if (kind == SLAPD)
		return;
	assert_refused(add(dir, GROUP, SPN, "contract/x"), SPN_ERR_REFUSED);
	assert_ldap_code(65);
	assert_refused(add(dir, CRM, SPN, "contract/x"), SPN_ERR_REFUSED);
}

static void some_attributes_have_one_value(void **state)
{
	(void)state;
	if (kind == SLAPD)
		return;
	assert_refused(add(dir, COMPUTER, "dNSHostName", "two.kimconnect.com"), SPN_ERR_REFUSED);
}

static void memberof_follows_member(void **state)
{
	(void)state;
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = "memberOf", .value = bytes(GROUP) };
	const spn_filter name = { .op = SPN_FILTER_EQUAL, .attr = "cn", .value = bytes("LAX-CRM01") };
	const spn_filter *const parts[] = { &filter, &name, NULL };
	const spn_filter both = { .op = SPN_FILTER_AND, .parts = parts };
	assert_ok(add(dir, GROUP, "member", COMPUTER));
	assert_ok(find(dir, CRM, SPN_SCOPE_SUBTREE, &both, &found, err));
	found_is("[" COMPUTER "]");
	assert_refused(add(dir, GROUP, "member", "cn=lax-crm01," CRM), SPN_ERR_EXISTS);
	assert_ok(delete(dir, GROUP, "member", "cn=lax-crm01," CRM));
	assert_ok(find(dir, CRM, SPN_SCOPE_SUBTREE, &both, &found, err));
	assert_int_equal(found.n, 0);
	assert_refused(delete(dir, GROUP, "member", COMPUTER), SPN_ERR_NOT_FOUND);
}

static void members_are_entries(void **state)
{
	(void)state;
	if (kind == SLAPD)
		return;
	assert_refused(add(dir, GROUP, "member", "CN=nope," CRM), SPN_ERR_NOT_FOUND);
	assert_refused(delete(dir, GROUP, "member", "CN=nope," CRM), SPN_ERR_NOT_FOUND);
	assert_refused(add(dir, ASYNC, "member", COMPUTER), SPN_ERR_REFUSED);
	assert_refused(add(dir, ASYNC, "memberOf", GROUP), SPN_ERR_REFUSED);
}

static void the_primary_group_has_its_member_already(void **state)
{
	(void)state;
	if (kind == SLAPD)
		return;
	assert_refused(add(dir, "CN=Domain Computers,CN=Users," BASE, "member", COMPUTER), SPN_ERR_EXISTS);
	assert_refused(delete(dir, "CN=Domain Computers,CN=Users," BASE, "member", COMPUTER), SPN_ERR_NOT_FOUND);
}

static void samba_checks_the_first_change_of_names_only(void **state)
{
	(void)state;
	const spn_mod mods[] = { { SPN_MOD_ADD, SPN, bytes("contract/x") }, { SPN_MOD_DELETE, SPN, bytes("contract/x") },
		{ SPN_MOD_ADD, SPN, bytes("http/LAX-CRM01") } };
	const spn_mod back[] = { { SPN_MOD_ADD, SPN, bytes("contract/x") }, { SPN_MOD_DELETE, SPN, bytes("contract/x") },
		{ SPN_MOD_DELETE, SPN, bytes("http/LAX-CRM01") } };
	if (kind == WINDOWS) {
		assert_refused(spn_directory_modify(dir, ASYNC, mods, 3, err), SPN_ERR_NOT_UNIQUE);
		return;
	}
	assert_ok(spn_directory_modify(dir, ASYNC, mods, 3, err));
	if (kind == SAMBA) /* held twice now, it can be deleted in this way only */
		assert_refused(delete(dir, ASYNC, SPN, "http/LAX-CRM01"), SPN_ERR_NOT_UNIQUE);
	assert_ok(spn_directory_modify(dir, ASYNC, back, 3, err));
}

static void a_directory_open_for_reading_is_not_changed(void **state)
{
	(void)state;
	spn_directory *mine;
	assert_ok(open_dir(true, &mine));
	*err = (spn_error){ 0 };
	spn_status status = add(mine, ASYNC, SPN, "contract/x");
	spn_directory_free(mine);
	assert_int_equal(status, SPN_ERR_REFUSED);
	holders_are("contract/x", "");
}

/* The events of a look: "came NAME ACCOUNT;". */
struct events {
	char list[2000];
};

static spn_status note_event(const spn_event *event, void *data, spn_error *unused)
{
	(void)unused;
	struct events *events = data;
	size_t len = strlen(events->list);
	const spn_account_ref *who = event->to ? event->to : event->from;
	if (event->kind <= SPN_EVENT_MOVED)
		snprintf(events->list + len, sizeof events->list - len, "%s %s %s;", spn_event_kind_name(event->kind), event->spn,
				who ? who->account : "");
	return SPN_OK;
}

static void a_look_tells(spn_watch *watch, const char *wanted)
{
	struct events events = { "" };
	assert_ok(spn_watch_look(watch, dir, note_event, &events, err));
	assert_string_equal(events.list, wanted);
}

/* Whether it says what has changed (changes of its table), or all of it is compared. */
static void a_watch_sees_each_change_once(void **state)
{
	(void)state;
	spn_watch *watch = NULL;
	assert_ok(spn_watch_new(NULL, &watch, err));
	a_look_tells(watch, "");
	a_look_tells(watch, "");
	assert_ok(change(dir, ASYNC, SPN_MOD_ADD, SPN, "x/contract", err));
	assert_ok(change(dir, POOL, SPN_MOD_ADD, SPN, "x/contract2", err));
	assert_ok(change(dir, POOL, SPN_MOD_DELETE, SPN, "x/contract2", err));
	a_look_tells(watch, "came x/contract CrmAsyncService;");
	a_look_tells(watch, "");
	assert_ok(change(dir, ASYNC, SPN_MOD_DELETE, SPN, "x/contract", err));
	assert_ok(change(dir, POOL, SPN_MOD_ADD, SPN, "x/contract", err));
	a_look_tells(watch, "moved x/contract CrmIisPoolServiceAccount;");
	assert_ok(change(dir, POOL, SPN_MOD_DELETE, SPN, "x/contract", err));
	a_look_tells(watch, "went x/contract CrmIisPoolServiceAccount;");
	a_look_tells(watch, "");
	spn_watch_free(watch);
}

static int run(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_root_dse_names_the_domain),
		TEST(a_name_is_found_in_any_case),
		TEST(a_value_is_taken_literally),
		TEST(a_star_stands_for_any_text),
		TEST(filters_are_put_together),
		TEST(a_dn_is_found_however_it_is_written),
		TEST(a_dn_may_be_written_with_escapes),
		TEST(scopes_are_kept_to),
		TEST(a_base_that_is_missing_is_not_found),
		TEST(the_forest_has_the_domain_in_it),
		TEST(only_what_was_asked_for_comes_until_the_caller_stops),
		TEST(an_empty_list_asks_for_no_attribute),
		TEST(a_value_ends_where_its_length_says),
		TEST(a_member_ends_where_its_length_says),
		TEST(a_name_is_added_and_deleted_in_any_case),
		TEST(a_name_of_another_account_is_refused),
		TEST(an_administrator_may_add_an_alias_of_anothers_host),
		TEST(host_beside_an_alias_elsewhere_is_refused_by_samba),
		TEST(host_can_be_deleted_beside_an_alias_elsewhere),
		TEST(a_value_that_is_there_is_refused),
		TEST(a_value_twice_in_one_request_is_refused),
		TEST(a_value_that_is_missing_cannot_be_deleted),
		TEST(all_changes_of_a_request_are_made_or_none),
		TEST(a_value_is_exchanged_if_the_old_one_is_there),
		TEST(an_entry_that_is_missing_is_not_found),
		TEST(names_have_two_or_three_parts),
		TEST(only_accounts_have_names),
		TEST(some_attributes_have_one_value),
		TEST(memberof_follows_member),
		TEST(members_are_entries),
		TEST(the_primary_group_has_its_member_already),
		TEST(samba_checks_the_first_change_of_names_only),
		TEST(a_directory_open_for_reading_is_not_changed),
		TEST(a_watch_sees_each_change_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = { "windows", "samba", "slapd" };
	for (kind = WINDOWS; kind <= SLAPD; kind++)
		if (argc == 3 && strcmp(argv[1], kinds[kind]) == 0)
			break;
	if (kind > SLAPD) {
		fprintf(stderr, "usage: contract windows|samba|slapd URL\n");
		return 2;
	}
	url = argv[2];
	if (strncmp(url, "ldif:", 5) == 0)
		copy_file(url + 5);
	int failed = run();
	if (url == copy_url)
		unlink(copy_url + 5);
	return failed;
}
