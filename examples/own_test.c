/* SPDX-License-Identifier: MIT */
/* own_test.c - how a program that uses spnkit is tested without a domain: a mock directory that fails on demand, a mock KDC */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <spnkit/mock.h>
#include <spnkit/spnkit.h>

/* What is to be tested: the step of a deployment that makes a web site ready for Kerberos. */
static spn_status make_ready(spn_directory *dir, spn_kdc *kdc, const char *account, const char *host, const spn_change_options *how,
		spn_error *err)
{
	char name[300];
	snprintf(name, sizeof name, "http/%s", host);
	const char *const names[] = { name };
	spn_ticket *ticket = NULL;
	spn_status status = spn_add_unique(dir, account, names, 1, how, err);
	if (!status)
		status = spn_kdc_request(kdc, name, &ticket, err);
	spn_ticket_free(ticket);
	return status;
}

static const char ldif[] =
	"dn: DC=example,DC=com\nobjectClass: domainDNS\n\n"
	"dn: CN=svc-web,DC=example,DC=com\nobjectClass: user\nsAMAccountName: svc-web\n\n"
	"dn: CN=svc-old,DC=example,DC=com\nobjectClass: user\nsAMAccountName: svc-old\nservicePrincipalName: HTTP/OLD.example.com\n";

int main(void)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	spn_kdc *kdc = NULL;
	spn_change_options how = SPN_CHANGE_OPTIONS_INIT;
	how.flags = SPN_NO_JOURNAL; /* nobody will want to take back what was done to a mock */
	assert(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, &err) == SPN_OK && spn_mock_kdc_new(&kdc, &err) == SPN_OK);

	/* a name that another account holds is left there, whatever its case */
	assert(make_ready(dir, kdc, "svc-web", "old.example.com", &how, &err) == SPN_ERR_NOT_UNIQUE);
	assert(strstr(err.message, "CN=svc-old"));
	assert(spn_mock_kdc_calls(kdc) == 0);

	/* the directory goes away in the middle: nothing was changed */
	const spn_fault gone = { .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_MODIFY, .nth = 1, .status = SPN_ERR_UNREACHABLE };
	assert(spn_mock_fault(dir, &gone, &err) == SPN_OK);
	assert(make_ready(dir, kdc, "svc-web", "www.example.com", &how, &err) == SPN_ERR_UNREACHABLE);
	assert(strcmp(spn_mock_ldif(dir), ldif) == 0);
	spn_mock_clear(dir);

	/* all is well, but another domain controller issues the tickets and does not know the name yet */
	assert(make_ready(dir, kdc, "svc-web", "www.example.com", &how, &err) == SPN_ERR_NOT_FOUND);
	assert(strstr(spn_mock_ldif(dir), "http/www.example.com"));

	/* and then it does */
	const spn_mock_answer ticket = { .spn = "http/www.example.com" };
	assert(spn_mock_kdc_answer(kdc, &ticket, &err) == SPN_OK);
	assert(make_ready(dir, kdc, "svc-web", "www.example.com", &how, &err) == SPN_OK);

	spn_kdc_free(kdc);
	spn_directory_free(dir);
	puts("passed");
	return 0;
}
