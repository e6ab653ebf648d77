/* SPDX-License-Identifier: MIT */
/* fixture.h - a small domain, a KDC and a plan, with the public headers alone */
#ifndef API_FIXTURE_H
#define API_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <spnkit/backend.h>
#include <spnkit/mock.h>
#include <spnkit/spnkit.h>

static const char ldif[] = "dn: DC=example,DC=com\nobjectClass: domainDNS\n\n"
	"dn: CN=WEB,DC=example,DC=com\nobjectClass: user\nobjectClass: computer\nsAMAccountName: WEB$\n"
	"dNSHostName: web.example.com\n"
	"servicePrincipalName: HOST/web.example.com\n\n"
	"dn: CN=pool,DC=example,DC=com\nobjectClass: user\nsAMAccountName: pool\nservicePrincipalName: http/web.example.com\n";

static spn_directory *dir;
static spn_kdc *kdc;
static spn_plan *plan;
static spn_error err[1];

static int begin(void **state)
{
	(void)state;
	return spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, err) || spn_mock_kdc_new(&kdc, err) ||
			spn_mock_kdc_answer(kdc, &(spn_mock_answer){ .spn = NULL }, err) || spn_plan_new(&plan, err);
}

static int end(void **state)
{
	(void)state;
	dir = spn_directory_free(dir);
	kdc = spn_kdc_free(kdc);
	plan = spn_plan_free(plan);
	return 0;
}

/* What there is no server or KDC for: only whether the version was accepted counts. */
static spn_status of_version(spn_status status)
{
	return status == SPN_ERR_INVALID ? status : SPN_OK;
}

static spn_status search_nothing(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *error)
{
	(void)self, (void)search, (void)fn, (void)data, (void)error;
	return SPN_OK;
}

static spn_status modify_nothing(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *error)
{
	(void)self, (void)dn, (void)mods, (void)n_mods, (void)error;
	return SPN_OK;
}

static spn_status make_root(void *self, spn_entry **ret_root, spn_error *error)
{
	(void)self;
	spn_status status = spn_entry_new("", ret_root, error);
	return status ? status : spn_entry_add(*ret_root, "defaultNamingContext", (spn_bytes){ "DC=x", 4 }, error);
}

static void free_nothing(void *self)
{
	(void)self;
}

static const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/x", 6 } };
static const spn_step step = { .dn = "CN=pool,DC=example,DC=com", .mods = &mod, .n_mods = 1 };
static const spn_backend backend = { .name = "own", .search = search_nothing, .modify = modify_nothing,
	.root = make_root,
	.free = free_nothing };

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

#endif
