/* SPDX-License-Identifier: MIT */
/* A repair that deletes a name because another account holds it, while another writer changes that account. */
#include "ops.h"

static const char text[] = "dn: " BASE "\nobjectClass: domainDNS\n\n"
	"dn: " WEB "\nobjectClass: user\nobjectClass: computer\nsAMAccountName: WEB$\ndNSHostName: web.example.com\n"
	"servicePrincipalName: http/WEB\nservicePrincipalName: HOST/WEB\nservicePrincipalName: HOST/web.example.com\n\n"
	"dn: " POOL "\nobjectClass: user\nsAMAccountName: pool\nservicePrincipalName: http/WEB\n";
static const spn_mod lost = { SPN_MOD_DELETE, "servicePrincipalName", { "http/WEB", 8 } };

/* The fix of web takes http/WEB from pool. */
static int open_with_fix(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	assert_int_equal(spn_mock_new(text, SPN_DIALECT_WINDOWS, &f->dir, NULL), SPN_OK);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	assert_int_equal(spn_propose_fix(f->plan, f->dir, "web", NULL, &f->err), SPN_OK);
	assert_true(spn_plan_step(f->plan, 0)->flags & SPN_DUPLICATE);
	*state = f;
	return 0;
}
#define with_fix(test) cmocka_unit_test_setup_teardown(test, open_with_fix, close_sample)

static void expect_refusal(struct fixture *f, spn_step_fn *fn, const char *words)
{
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, fn, f, &f->err), SPN_ERR_REFUSED);
	expect_message(f, words);
	assert_true(holds(f, "pool", "http/WEB"));
}

static void a_name_is_not_deleted_once_the_other_account_has_lost_it(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(spn_directory_modify(f->dir, WEB, &lost, 1, NULL), SPN_OK);
	expect_refusal(f, NULL, "leave it on no account");
}

static void take_it_away(spn_directory *dir, void *data)
{
	(void)data;
	assert_int_equal(spn_directory_modify(dir, WEB, &lost, 1, NULL), SPN_OK);
}

static void it_is_looked_up_again_right_before_it_is_deleted(void **state)
{
	struct fixture *f = *state;
	spn_plan *fix = f->plan;
	const spn_fault fault = { .kind = SPN_FAULT_CALL, .on = SPN_FAULT_ON_MODIFY, .nth = 1, .hook = take_it_away };
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "cifs/WEB", 8 } };
	const spn_step first = { .dn = WEB, .account = "WEB$", .mods = &mod, .n_mods = 1, .reason = "" };
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	assert_int_equal(spn_plan_append(f->plan, &first, NULL), SPN_OK);
	assert_int_equal(spn_plan_append(f->plan, spn_plan_step(fix, 0), NULL), SPN_OK);
	spn_plan_free(fix);
	assert_int_equal(spn_mock_fault(f->dir, &fault, NULL), SPN_OK);
	expect_refusal(f, NULL, "leave it on no account");
	assert_null(strstr(f->err.message, "in between")); /* nothing had to be taken back at pool */
}

static spn_status take_it_away_before_it_is_sent(size_t i, const spn_step *step, spn_step_state state,
		const spn_error *why, void *data, spn_error *err)
{
	(void)step, (void)why;
	struct fixture *f = data;
	return i == 0 && state == SPN_STEP_PLANNED ? spn_directory_modify(f->dir, WEB, &lost, 1, err) : SPN_OK;
}

static void it_comes_back_if_the_other_account_has_lost_it_meanwhile(void **state)
{
	expect_refusal(*state, take_it_away_before_it_is_sent, "another writer came in between");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_fix(a_name_is_not_deleted_once_the_other_account_has_lost_it),
		with_fix(it_is_looked_up_again_right_before_it_is_deleted),
		with_fix(it_comes_back_if_the_other_account_has_lost_it_meanwhile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
