/* SPDX-License-Identifier: MIT */
/* What is copied outlives what it was copied from. */
#include "ops.h"

static spn_status copy_account(const spn_account *account, const spn_bytes *matched, size_t n, void *data,
		spn_error *err)
{
	(void)matched;
	(void)n;
	return spn_account_copy(account, data, err);
}

static void an_account_outlives_its_query(void **state)
{
	struct fixture *f = *state;
	spn_account *copy = NULL;
	const spn_bytes *spns;
	assert_int_equal(spn_query(f->dir, "http/WEB", false, copy_account, &copy, &f->err), SPN_OK);
	f->dir = spn_directory_free(f->dir);
	assert_string_equal(spn_account_dn(copy), POOL);
	assert_string_equal(spn_account_name(copy), "pool");
	assert_int_equal(spn_account_get_kind(copy), SPN_KIND_USER);
	assert_int_equal(spn_account_spns(copy, &spns), 2);
	assert_string_equal(spns[0].data, "http/WEB");
	spn_account_free(copy);
	assert_int_equal(spn_account_copy(NULL, &copy, &f->err), SPN_ERR_INVALID);
}

static void a_finding_outlives_its_callback(void **state)
{
	struct fixture *f = *state;
	spn_finding *copy = NULL;
	{
		char spn[] = "http/x", text[] = "a text", server[] = "x", dn[] = "CN=x", name[] = "x",
			command[] = "adcli update";
		const spn_account_ref refs[] = { { dn, name }, { "CN=y", NULL } };
		const spn_repair_step step = { 2, "purpose", "adcli", command, NULL };
		const spn_repair repair = { .kind = SPN_REPAIR_FIX, .server = server, .service = "http" };
		const spn_enctype_prediction predicted = { .ticket = 18, .why = "why" };
		const spn_finding finding = { "no-key", SPN_SEVERITY_BROKEN, spn, refs, 2, text, &repair, 1,
			&predicted, &step, 1 };
		assert_int_equal(spn_finding_copy(&finding, &copy, &f->err), SPN_OK);
		spn[0] = text[0] = server[0] = dn[0] = name[0] = command[0] = '?';
	}
	assert_string_equal(copy->code, "no-key");
	assert_int_equal(copy->severity, SPN_SEVERITY_BROKEN);
	assert_string_equal(copy->spn, "http/x");
	assert_string_equal(copy->text, "a text");
	assert_int_equal(copy->n_repairs, 1);
	assert_int_equal(copy->repairs[0].kind, SPN_REPAIR_FIX);
	assert_string_equal(copy->repairs[0].server, "x");
	assert_string_equal(copy->repairs[0].service, "http");
	assert_null(copy->repairs[0].domain);
	assert_int_equal(copy->n_accounts, 2);
	assert_string_equal(copy->accounts[0].dn, "CN=x");
	assert_string_equal(copy->accounts[0].account, "x");
	assert_null(copy->accounts[1].account);
	assert_int_equal(copy->predicted->ticket, 18);
	assert_int_equal(copy->n_steps, 1);
	assert_int_equal(copy->steps[0].number, 2);
	assert_string_equal(copy->steps[0].command, "adcli update");
	spn_finding *again = NULL;
	assert_int_equal(spn_finding_copy(copy, &again, &f->err), SPN_OK);
	assert_null(spn_finding_free(copy));
	assert_string_equal(again->steps[0].tool, "adcli");
	assert_null(spn_finding_free(again));
	const spn_finding least = { .code = "ok", .text = "" };
	assert_int_equal(spn_finding_copy(&least, &copy, &f->err), SPN_OK);
	assert_null(copy->accounts);
	assert_null(copy->steps);
	assert_null(copy->spn);
	spn_finding_free(copy);
	assert_null(spn_finding_free(NULL));
}

static void the_base_is_where_the_domain_begins(void **state)
{
	struct fixture *f = *state;
	const char *dn = NULL;
	assert_int_equal(spn_directory_base(f->dir, &dn, &f->err), SPN_OK);
	assert_int_equal(spn_dn_compare(dn, BASE), 0);
	assert_int_equal(spn_directory_base(NULL, &dn, &f->err), SPN_ERR_INVALID);
}

/* As two controllers do before they have replicated. */
static void a_mock_accepts_duplicates_if_it_may(void **state)
{
	struct fixture *f = *state;
	static const spn_dialect dialects[] = { SPN_DIALECT_WINDOWS, SPN_DIALECT_SAMBA };
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/WEB", 8 } };
	for (size_t i = 0; i < 2; i++) {
		spn_directory *mock = NULL;
		assert_int_equal(spn_mock_new(sample, dialects[i], &mock, NULL), SPN_OK);
		assert_int_equal(spn_directory_modify(mock, OTHER, &mod, 1, &f->err), SPN_ERR_NOT_UNIQUE);
		assert_int_equal(spn_mock_allow_duplicates(mock, true, &f->err), SPN_OK);
		assert_int_equal(spn_directory_modify(mock, OTHER, &mod, 1, &f->err), SPN_OK);
		assert_int_equal(spn_mock_allow_duplicates(mock, false, &f->err), SPN_OK);
		assert_int_equal(spn_directory_modify(mock, DB, &mod, 1, &f->err), SPN_ERR_NOT_UNIQUE);
		spn_directory_free(mock);
	}
	assert_int_equal(spn_mock_allow_duplicates(NULL, true, &f->err), SPN_ERR_INVALID);
}

static void a_native_code_says_where_it_is_from(void **state)
{
	struct fixture *f = *state;
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	spn_kdc *kdc = NULL;
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/WEB", 8 } };
	assert_int_equal(spn_directory_modify(f->dir, OTHER, &mod, 1, &err), SPN_ERR_NOT_UNIQUE);
	assert_int_equal(err.family, SPN_NATIVE_LDAP);
	assert_int_equal(err.native, 19);
	assert_int_equal(spn_directory_open("ldif:/nonexistent", NULL, &dir, &err), SPN_ERR_FAILED);
	assert_int_equal(err.family, SPN_NATIVE_ERRNO);
	assert_int_equal(spn_directory_open("nonsense", NULL, &dir, &err), SPN_ERR_SYNTAX);
	assert_int_equal(err.family, SPN_NATIVE_NONE);
	assert_int_equal(spn_mock_kdc_new(&kdc, NULL), SPN_OK);
	spn_ticket *ticket = NULL;
	assert_int_equal(spn_kdc_request(kdc, "http/x", &ticket, &err), SPN_ERR_NOT_FOUND);
	assert_int_equal(err.family, SPN_NATIVE_KRB5);
	spn_kdc_free(kdc);
}

static void findings_are_kept_until_they_are_cleared(void **state)
{
	(void)state;
	spn_findings kept = { .n = 0 };
	spn_error err = { .status = SPN_OK };
	for (unsigned i = 0; i < 40; i++) {
		char spn[20];
		snprintf(spn, sizeof spn, "http/%u", i);
		const spn_finding finding = { .code = "missing", .spn = spn, .text = "" };
		assert_int_equal(spn_findings_keep(&finding, &kept, &err), SPN_OK);
	}
	assert_int_equal(kept.n, 40);
	assert_string_equal(kept.list[0]->spn, "http/0");
	assert_string_equal(kept.list[39]->spn, "http/39");
	assert_int_equal(spn_findings_keep(NULL, &kept, &err), SPN_ERR_INVALID);
	spn_findings_clear(&kept);
	assert_int_equal(kept.n, 0);
	spn_findings_clear(&kept);
	spn_findings_clear(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(an_account_outlives_its_query),
		with_sample(a_finding_outlives_its_callback),
		with_sample(findings_are_kept_until_they_are_cleared),
		with_sample(the_base_is_where_the_domain_begins),
		with_sample(a_mock_accepts_duplicates_if_it_may),
		with_sample(a_native_code_says_where_it_is_from),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
