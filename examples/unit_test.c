/* SPDX-License-Identifier: MIT */
/* unit_test.c - test a program that uses spnkit without a domain: a mock directory, in which somebody else writes
 * meanwhile */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <spnkit/mock.h>
#include <spnkit/spnkit.h>

static const char *const spns[] = { "http/www.example.com" };
static const spn_mod add_it = { SPN_MOD_ADD, "servicePrincipalName", { "HTTP/www.example.com", 20 } };
static const char ldif[] = "dn: DC=example,DC=com\nobjectClass: domainDNS\n\n"
	"dn: CN=web,DC=example,DC=com\nobjectClass: user\nsAMAccountName: web\n\n"
	"dn: CN=rival,DC=example,DC=com\nobjectClass: user\nsAMAccountName: rival\n";

/* What is to be tested: the step of a deployment that makes a web site ready for Kerberos. */
static spn_status make_ready(spn_directory *dir, spn_error *err)
{
	spn_change_options how = SPN_CHANGE_OPTIONS_INIT;
	how.flags = SPN_NO_JOURNAL; /* nobody will undo what was done to a mock */
	return spn_add_unique(dir, "web", spns, 1, &how, err);
}

static void check(bool is_so, const char *what)
{
	if (!is_so)
		exit(printf("not so: %s\n", what));
}

/* The second writer: comes between our look at the directory and our write, on another controller. */
static void write_first(spn_directory *mock, void *data)
{
	*(int *)data += 1;
	check(!spn_directory_modify(mock, "CN=rival,DC=example,DC=com", &add_it, 1, NULL), "the rival writes");
}

int main(void)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	int n_hooks = 0;
	check(!spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, &err), "there is a mock");

	/* the directory goes away: nothing was changed */
	const spn_fault gone = { .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .nth = 1, .status = SPN_ERR_UNREACHABLE };
	check(!spn_mock_fault(dir, &gone, &err), "it fails on demand");
	check(make_ready(dir, &err) == SPN_ERR_UNREACHABLE, "the failure is reported");
	check(strcmp(spn_mock_ldif(dir), ldif) == 0, "nothing was changed");
	spn_mock_clear(dir);

	/* somebody else is faster, and both controllers accept it: ours is taken back */
	const spn_fault rival = {
		.kind = SPN_FAULT_CALL, .on = SPN_FAULT_ON_MODIFY, .nth = 1, .hook = write_first, .hook_data = &n_hooks
	};
	check(!spn_mock_allow_duplicates(dir, true, &err) && !spn_mock_fault(dir, &rival, &err), "a rival is there");
	check(make_ready(dir, &err) == SPN_ERR_NOT_UNIQUE && strstr(err.message, "CN=rival"), "the rival is named");
	check(n_hooks == 1 && !strstr(spn_mock_ldif(dir), spns[0]), "ours was taken back");

	spn_directory_free(dir);
	puts("passed");
	return 0;
}
