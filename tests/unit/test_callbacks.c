/* SPDX-License-Identifier: MIT */
/* What a caller of the library gets to read if its own function fails without saying why. */
#include "ops.h"

static int calls;

static spn_status refuse(void)
{
	calls++;
	return SPN_ERR_DENIED;
}

#define FAIL(name, ...) \
	static spn_status name(__VA_ARGS__, void *data, spn_error *err) \
	{ \
		(void)data; \
		(void)err; \
		return refuse(); \
	}

#pragma GCC diagnostic ignored "-Wunused-parameter"
FAIL(on_entry, const spn_entry *entry)
FAIL(on_account, const spn_account *account, const spn_bytes *matched, size_t n)
FAIL(on_query, size_t i, const spn_account *account, const spn_bytes *matched, size_t n)
FAIL(on_finding, const spn_finding *finding)
FAIL(on_group, const spn_group *group)
FAIL(on_step, size_t i, const spn_step *step, spn_step_state state, const spn_error *why)
FAIL(on_expectation, const spn_expectation *expectation)
FAIL(on_progress, size_t n_accounts, size_t n_names)
FAIL(on_survey, const spn_enctype_survey *survey)
FAIL(on_probe, const spn_probe *probe)

static spn_status search(struct fixture *f, spn_error *err)
{
	return spn_directory_search(f->dir, &(spn_search){ .scope = SPN_SCOPE_SUBTREE }, on_entry, NULL, err);
}

static spn_status query(struct fixture *f, spn_error *err)
{
	return spn_query(f->dir, "*", false, on_account, NULL, err);
}

static spn_status query_many(struct fixture *f, spn_error *err)
{
	static const char *const patterns[] = { "*" };
	return spn_query_many(f->dir, patterns, 1, false, on_query, NULL, err);
}

static spn_status diagnose(struct fixture *f, spn_error *err)
{
	return spn_diagnose(f->dir, NULL, "web", NULL, on_finding, NULL, err);
}

static spn_status audit(struct fixture *f, spn_error *err)
{
	return spn_audit(f->dir, NULL, on_finding, NULL, err);
}

static spn_status count_accounts(struct fixture *f, spn_error *err)
{
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.survey = on_survey;
	return spn_audit(f->dir, &options, on_finding, NULL, err);
}

static spn_status see_progress(struct fixture *f, spn_error *err)
{
	spn_duplicates_options options = SPN_DUPLICATES_OPTIONS_INIT;
	options.progress = on_progress;
	return spn_find_duplicates(f->dir, &options, on_finding, NULL, err);
}

static spn_status expect(struct fixture *f, spn_error *err)
{
	const spn_recipe *recipe;
	spn_expect_options options = SPN_EXPECT_OPTIONS_INIT;
	options.host = "web";
	spn_status status = spn_recipe_find("iis", &recipe, err);
	return status ? status : spn_expect(f->dir, NULL, recipe, &options, on_expectation, NULL, err);
}

static spn_status list_groups(struct fixture *f, spn_error *err)
{
	return spn_list_groups(f->dir, "pool", on_group, NULL, err);
}

static spn_status propose_groups(struct fixture *f, spn_error *err)
{
	return spn_propose_membership(f->plan, f->dir, "pool", "WEB$", 0, on_group, NULL, err);
}

static spn_status apply(struct fixture *f, spn_error *err)
{
	static const char *const names[] = { "http/new" };
	spn_status status = spn_propose_add(f->plan, f->dir, "pool", names, 1, 0, NULL, NULL, err);
	return status ? status : spn_plan_apply(f->plan, f->dir, NULL, on_step, NULL, err);
}

static spn_status verify(struct fixture *f, spn_error *err)
{
	static const char *const names[] = { "http/web.example.com" };
	spn_verify_options options = SPN_VERIFY_OPTIONS_INIT;
	spn_kdc *kdc = NULL;
	spn_health health;
	options.fn = on_probe;
	options.port = 80;
	spn_status status = spn_mock_kdc_new(&kdc, err);
	if (!status)
		status = spn_verify(f->dir, kdc, names, 1, &options, &health, err);
	spn_kdc_free(kdc);
	return status;
}

typedef spn_status call_fn(struct fixture *f, spn_error *err);

static const struct {
	const char *name;
	call_fn *call;
} streams[] = {
	{ "search", search }, { "query", query }, { "query_many", query_many }, { "diagnose", diagnose }, { "audit", audit },
	{ "survey", count_accounts }, { "progress", see_progress }, { "expect", expect }, { "list_groups", list_groups },
	{ "propose_groups", propose_groups }, { "apply", apply }, { "verify", verify },
};

static void a_callback_that_fails_without_a_word_gets_one(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		/* as an earlier failure has left it, of the same kind even */
		spn_error err = { .status = SPN_ERR_DENIED, .native = 50, .message = "long ago" };
		calls = 0;
		spn_status status = streams[i].call(f, &err);
		if (status != SPN_ERR_DENIED || err.status != status || calls == 0 || !strstr(err.message, "a callback") ||
				!strstr(err.message, "denied") || err.native != 0)
			fail_msg("%s: %s, '%s', after %d calls", streams[i].name, spn_status_name(err.status), err.message, calls);
		assert_int_equal(streams[i].call(f, NULL), SPN_ERR_DENIED);
	}
}

static spn_status say_why(const spn_account *account, const spn_bytes *matched, size_t n, void *data, spn_error *err)
{
	(void)account;
	(void)matched;
	(void)n;
	return spn_fail(err, *(spn_status *)data, 7, "the disk is full");
}

static spn_status just_stop(const spn_account *account, const spn_bytes *matched, size_t n, void *data, spn_error *err)
{
	(void)account;
	(void)matched;
	(void)n;
	(void)err;
	(void)data;
	return SPN_ERR_STOPPED;
}

static void what_a_callback_says_stays(void **state)
{
	struct fixture *f = *state;
	spn_status status = SPN_ERR_FAILED;
	spn_error err = { .status = SPN_OK };
	assert_int_equal(spn_query(f->dir, "*", false, say_why, &status, &err), SPN_ERR_FAILED);
	assert_string_equal(err.message, "the disk is full");
	assert_int_equal(err.native, 7);
}

/* Who has found what was looked for has not failed. */
static void stopping_is_not_a_failure(void **state)
{
	struct fixture *f = *state;
	spn_error err = { .status = SPN_ERR_AUTH, .message = "long ago" };
	assert_int_equal(spn_query(f->dir, "*", false, just_stop, NULL, &err), SPN_ERR_STOPPED);
	assert_int_equal(err.status, SPN_ERR_AUTH);
	assert_string_equal(err.message, "long ago");
}

/* Refuses the first step when it is about to be sent. */
static spn_status refuse_first(size_t i, const spn_step *step, spn_step_state state, const spn_error *why, void *data,
		spn_error *err)
{
	(void)step, (void)why, (void)err;
	return i == 0 && state == SPN_STEP_PLANNED ? *(spn_status *)data : SPN_OK;
}

/* At once or, with names, one after the other. */
static void an_optional_step_that_is_refused_is_left_out_and_stopping_ends_the_work(void **state)
{
	struct fixture *f = *state;
	static const spn_status all[] = { SPN_ERR_DENIED, SPN_ERR_REFUSED, SPN_ERR_STOPPED, SPN_ERR_NOMEM,
		SPN_ERR_UNREACHABLE };
	for (size_t i = 0; i < 2 * sizeof all / sizeof *all; i++) {
		spn_status refusal = all[i / 2];
		bool goes_on = i / 2 < 2;
		const char *attr = i % 2 ? "servicePrincipalName" : "member";
		const spn_bytes value = i % 2 ? (spn_bytes){ "http/one", 8 } : (spn_bytes){ OTHER, sizeof OTHER - 1 };
		const spn_bytes second = i % 2 ? (spn_bytes){ "http/two", 8 } : value;
		const spn_mod first = { SPN_MOD_ADD, attr, value }, then = { SPN_MOD_ADD, attr, second };
		const spn_step steps[] = { { 0, i % 2 ? POOL : READERS, "", &first, 1, "", SPN_OPTIONAL },
			{ 0, i % 2 ? DB : WRITERS, "", &then, 1, "", SPN_OPTIONAL } };
		close_sample(state);
		open_sample(state);
		f = *state;
		assert_int_equal(spn_plan_append(f->plan, &steps[0], NULL), SPN_OK);
		assert_int_equal(spn_plan_append(f->plan, &steps[1], NULL), SPN_OK);
		spn_status status = spn_plan_apply(f->plan, f->dir, NULL, refuse_first, &refusal, &f->err);
		assert_int_equal(status, goes_on ? SPN_OK : refusal);
		assert_int_equal(spn_mock_calls(f->dir, SPN_FAULT_ON_MODIFY), goes_on ? 1 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(a_callback_that_fails_without_a_word_gets_one),
		with_sample(what_a_callback_says_stays),
		with_sample(stopping_is_not_a_failure),
		with_sample(an_optional_step_that_is_refused_is_left_out_and_stopping_ends_the_work),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
