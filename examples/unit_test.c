/* SPDX-License-Identifier: MIT */
/* unit_test.c - test a program that uses spnkit without a domain: a mock directory, in which somebody else writes meanwhile */
#include <assert.h>
#include <stdio.h>
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

/* The second writer: comes between our look at the directory and our write, on another controller. */
static void write_first(spn_directory *mock, void *data)
{
	*(int *)data += 1;
	assert(spn_directory_modify(mock, "CN=rival,DC=example,DC=com", &add_it, 1, NULL) == SPN_OK);
}

int main(void)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	int n_hooks = 0;
	assert(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, &err) == SPN_OK);

	/* the directory goes away: nothing was changed */
	const spn_fault gone = { .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .nth = 1, .status = SPN_ERR_UNREACHABLE };
	assert(spn_mock_fault(dir, &gone, &err) == SPN_OK);
	assert(make_ready(dir, &err) == SPN_ERR_UNREACHABLE);
	assert(strcmp(spn_mock_ldif(dir), ldif) == 0);
	spn_mock_clear(dir);

	/* somebody else is faster, and both controllers accept it: ours is taken back */
	const spn_fault rival = { .kind = SPN_FAULT_CALL, .on = SPN_FAULT_ON_MODIFY, .nth = 1, .hook = write_first, .hook_data = &n_hooks };
	assert(spn_mock_allow_duplicates(dir, true, &err) == SPN_OK && spn_mock_fault(dir, &rival, &err) == SPN_OK);
	assert(make_ready(dir, &err) == SPN_ERR_NOT_UNIQUE);
	assert(n_hooks == 1 && strstr(err.message, "CN=rival") && !strstr(spn_mock_ldif(dir), spns[0]));

	spn_directory_free(dir);
	puts("passed");
	return 0;
}
