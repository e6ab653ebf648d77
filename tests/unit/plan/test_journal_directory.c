/* SPDX-License-Identifier: MIT */
/* The directory that a journal belongs to. */
#include "journal_helper.h"

/* A file of two domains, of which the second one is changed with Samba's rules. */
static void change_second_domain(struct fixture *f, const char *url)
{
	static const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/b", 6 } };
	static const spn_step step = { .dn = "CN=b,DC=b", .account = "b", .mods = &mod, .n_mods = 1, .reason = "" };
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.domain = "DC=b";
	options.dialect = SPN_DIALECT_SAMBA;
	spn_directory_free(f->dir);
	assert_int_equal(spn_directory_open(url, &options, &f->dir, &f->err), SPN_OK);
	assert_int_equal(spn_plan_append(f->plan, &step, &f->err), SPN_OK);
}

static void the_directory_of_a_journal_is_opened_as_it_was(void **state)
{
	struct fixture *f = *state;
	char url[100], moved[100];
	const char *base;
	snprintf(url, sizeof url, "ldif:%s/two.ldif", folder);
	snprintf(moved, sizeof moved, "ldif:%s/moved.ldif", folder);
	FILE *file = fopen(url + 5, "w");
	assert_non_null(file);
	fputs("dn: DC=a\nobjectClass: domainDNS\n\ndn: DC=b\nobjectClass: domainDNS\n\n"
	      "dn: CN=b,DC=b\nobjectClass: user\nsAMAccountName: b\n", file);
	fclose(file);
	change_second_domain(f, url);
	const char *path = apply(f, "add", SPN_OK);
	spn_journal_info *info = NULL;
	spn_directory *dir = NULL;
	assert_int_equal(spn_journal_read(path, &info, &f->err), SPN_OK);
	assert_int_equal(spn_journal_directory_open(info, NULL, NULL, &dir, &f->err), SPN_OK);
	assert_int_equal(spn_directory_base(dir, &base, &f->err), SPN_OK);
	assert_string_equal(base, "DC=b");
	assert_int_equal(spn_propose_undo(f->plan, dir, path, 0, NULL, NULL, &f->err), SPN_OK); /* the rules are the same */
	dir = spn_directory_free(dir);
	assert_int_equal(rename(url + 5, moved + 5), 0);
	assert_int_equal(spn_journal_directory_open(info, NULL, NULL, &dir, &f->err), SPN_ERR_FAILED);
	assert_int_equal(spn_journal_directory_open(info, moved, NULL, &dir, &f->err), SPN_OK);
	spn_directory_free(dir);
	assert_int_equal(spn_journal_directory_open(NULL, moved, NULL, &dir, &f->err), SPN_ERR_INVALID);
	spn_journal_info_free(info);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(the_directory_of_a_journal_is_opened_as_it_was),
	};
	return cmocka_run_group_tests_name("journal_directory", tests, NULL, NULL);
}
