/* SPDX-License-Identifier: MIT */
/* Groups that are nested in protected ones: in a file, and on a server, which has no other way than to be asked. */
#include "server_helper.h"

#define NESTED(member_of, member, count) \
	"dn: " BASE "\nobjectClass: domainDNS\n\n" \
	"dn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\n\n" \
	"dn: CN=b," BASE "\nobjectClass: user\nsAMAccountName: b\n\n" \
	"dn: CN=plain," BASE "\nobjectClass: group\nsAMAccountName: plain\nadminCount: 0\nmember: CN=a," BASE "\n\n" \
	"dn: CN=loop1," BASE "\nobjectClass: group\nsAMAccountName: loop1\nmember: CN=a," BASE "\n" \
	member("CN=loop2") member_of("CN=loop2") "\n" \
	"dn: CN=loop2," BASE "\nobjectClass: group\nsAMAccountName: loop2\n" member("CN=loop1") member_of("CN=loop1") "\n" \
	"dn: CN=deep," BASE "\nobjectClass: group\nsAMAccountName: deep\nmember: CN=a," BASE "\n" member_of("CN=middle") "\n" \
	"dn: CN=middle," BASE "\nobjectClass: group\nsAMAccountName: middle\n" member("CN=deep") member_of("CN=top") "\n" \
	"dn: CN=top," BASE "\nobjectClass: group\nsAMAccountName: top\n" member("CN=middle") count
#define DN_OF(attr, rdn) attr ": " rdn "," BASE "\n"
#define MEMBER_OF(rdn) DN_OF("memberOf", rdn)
#define MEMBER(rdn) DN_OF("member", rdn)
#define NOT_HERE(rdn) ""
#define ADMINS_SID "objectSid:: AQUAAAAAAAUVAAAA3PTcO4M9K0aCi6YoAAIAAA==\n"

/* Copies the groups of a to b; returns how many searches that took. */
static size_t copy_there(struct fixture *f, spn_directory *there)
{
	struct server server = { .dir = there };
	spn_directory *dir = open_server(&server);
	f->told[0] = '\0';
	assert_int_equal(spn_propose_membership(f->plan, dir, "a", "b", 0, note_group, f, &f->err), SPN_OK);
	spn_directory_free(dir);
	return server.n_searches;
}

static size_t copy(struct fixture *f, const char *ldif, bool on_server)
{
	char url[] = "ldif:/tmp/spnkit-protected-XXXXXX";
	size_t n_searches = 0;
	make_file(url, ldif);
	spn_directory_free(f->dir);
	f->dir = NULL;
	assert_int_equal(spn_directory_open(url, NULL, &f->dir, NULL), SPN_OK);
	f->told[0] = '\0';
	if (on_server)
		n_searches = copy_there(f, f->dir);
	else
		assert_int_equal(spn_propose_membership(f->plan, f->dir, "a", "b", 0, note_group, f, &f->err), SPN_OK);
	unlink(url + 5);
	return n_searches;
}

static const char nested_told[] = "plain added;loop1 added;deep skipped;";

static void a_group_in_a_protected_one_is_protected(void **state)
{
	copy(*state, NESTED(MEMBER_OF, MEMBER, ADMINS_SID), false);
	assert_string_equal(((struct fixture *)*state)->told, nested_told);
	copy(*state, NESTED(MEMBER_OF, MEMBER, ADMINS_SID), true);
	assert_string_equal(((struct fixture *)*state)->told, nested_told);
}

static void a_group_in_one_that_an_administrator_was_in_is_protected(void **state)
{
	copy(*state, NESTED(MEMBER_OF, MEMBER, "adminCount: 1\n"), false);
	assert_string_equal(((struct fixture *)*state)->told, nested_told);
	copy(*state, NESTED(MEMBER_OF, MEMBER, "adminCount: 1\n"), true);
	assert_string_equal(((struct fixture *)*state)->told, nested_told);
}

static void either_of_member_and_member_of_is_enough_in_a_file(void **state)
{
	copy(*state, NESTED(MEMBER_OF, NOT_HERE, ADMINS_SID), false);
	assert_string_equal(((struct fixture *)*state)->told, nested_told);
	copy(*state, NESTED(NOT_HERE, MEMBER, ADMINS_SID), false);
	assert_string_equal(((struct fixture *)*state)->told, nested_told);
}

static void a_group_that_is_in_none_is_not_protected(void **state)
{
	copy(*state, NESTED(MEMBER_OF, MEMBER, ""), false);
	assert_string_equal(((struct fixture *)*state)->told, "plain added;loop1 added;deep added;");
	copy(*state, NESTED(MEMBER_OF, MEMBER, ""), true);
	assert_string_equal(((struct fixture *)*state)->told, "plain added;loop1 added;deep added;");
}

static void a_server_is_asked_a_level_at_a_time_and_not_at_all_if_no_group_is_in_another(void **state)
{
	size_t flat = copy(*state, NESTED(NOT_HERE, NOT_HERE, ADMINS_SID), true);
	assert_int_equal(flat, 4); /* both accounts, the groups of each */
	assert_int_equal(copy(*state, NESTED(MEMBER_OF, MEMBER, ADMINS_SID), true), flat + 2);
}

/* Each group in the next. */
static void what_is_nested_without_end_is_not_copied(void **state)
{
	enum { DEPTH = 40 };
	char *ldif = NULL;
	size_t size;
	FILE *file = open_memstream(&ldif, &size);
	assert_non_null(file);
	fputs("dn: " BASE "\nobjectClass: domainDNS\n\ndn: CN=a," BASE "\nobjectClass: user\nsAMAccountName: a\n\n"
			"dn: CN=b," BASE "\nobjectClass: user\nsAMAccountName: b\n", file);
	for (unsigned i = 0; i < DEPTH; i++)
		fprintf(file, "\ndn: CN=g%u," BASE "\nobjectClass: group\nsAMAccountName: g%u\n"
				"member: CN=%s%.0u," BASE "\nmemberOf: CN=g%u," BASE "\n",
				i, i, i == 0 ? "a" : i == 1 ? "g0" : "g", i ? i - 1 : 0, i + 1);
	fclose(file);
	assert_in_range(copy(*state, ldif, true), 4, 4 + DEPTH - 1);
	assert_string_equal(((struct fixture *)*state)->told, "g0 skipped;");
	copy(*state, ldif, false);
	assert_string_equal(((struct fixture *)*state)->told, "g0 added;");
	free(ldif);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(a_group_in_a_protected_one_is_protected),
		with_sample(a_group_in_one_that_an_administrator_was_in_is_protected),
		with_sample(either_of_member_and_member_of_is_enough_in_a_file),
		with_sample(a_group_that_is_in_none_is_not_protected),
		with_sample(a_server_is_asked_a_level_at_a_time_and_not_at_all_if_no_group_is_in_another),
		with_sample(what_is_nested_without_end_is_not_copied),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
