/* SPDX-License-Identifier: MIT */
/* Each flag, in calls that it does not apply to. */
#include "fixture.h"

#include <string.h>

static spn_status ignore_group(const spn_group *group, void *data, spn_error *error)
{
	(void)group, (void)data, (void)error;
	return SPN_OK;
}

static const char *const names[] = { "http/new" };

static spn_status flags_of_step(unsigned flags)
{
	spn_step with = step;
	with.flags = flags;
	return spn_plan_append(plan, &with, err);
}

static spn_status flags_of_plan(unsigned flags)
{
	return spn_plan_allow(plan, flags, err);
}

static spn_change_options change_options(unsigned flags)
{
	spn_change_options options = SPN_CHANGE_OPTIONS_INIT;
	options.flags = flags | SPN_NO_JOURNAL;
	return options;
}

static spn_status flags_of_delete(unsigned flags)
{
	spn_change_options options = change_options(flags);
	spn_status status = spn_delete(dir, "pool", names, 1, &options, err);
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

static spn_status flags_of_add_unique(unsigned flags)
{
	spn_change_options options = change_options(flags);
	return spn_add_unique(dir, "pool", names, 1, &options, err);
}

static spn_status flags_of_copy_membership(unsigned flags)
{
	spn_change_options options = change_options(flags);
	return spn_copy_membership(dir, "pool", "WEB$", &options, ignore_group, NULL, err);
}

static spn_status flags_of_plan_run(unsigned flags)
{
	spn_change_options options = change_options(flags);
	spn_plan *empty = NULL;
	spn_status status = spn_plan_new(&empty, err);
	if (!status)
		status = spn_plan_run(empty, dir, &options, err);
	spn_plan_free(empty);
	return status;
}

static spn_status flags_of_undo(unsigned flags)
{
	spn_change_options options = change_options(flags);
	return of_version(spn_undo(dir, "/nonexistent", &options, NULL, err));
}

static spn_status flags_of_split_run(unsigned flags)
{
	spn_change_options options = change_options(flags);
	return of_version(spn_split(dir, "web", NULL, &options, NULL, err));
}

static spn_status flags_of_propose_add(unsigned flags)
{
	return spn_propose_add(plan, dir, "pool", names, 1, flags, NULL, NULL, err);
}

static spn_status flags_of_propose_membership(unsigned flags)
{
	return spn_propose_membership(plan, dir, "pool", "WEB$", flags, ignore_group, NULL, err);
}

static spn_status flags_of_propose_undo(unsigned flags)
{
	return of_version(spn_propose_undo(plan, dir, "/nonexistent", flags, NULL, NULL, err));
}

typedef spn_status propose_fn(spn_plan *, spn_directory *, const char *, const spn_repair_options *, spn_error *);

static spn_status flags_of_repair(propose_fn *propose, unsigned flags)
{
	spn_repair_options options = SPN_REPAIR_OPTIONS_INIT;
	options.flags = flags;
	return propose(plan, dir, "web", &options, err);
}

static spn_status flags_of_fix(unsigned flags)
{
	return flags_of_repair(spn_propose_fix, flags);
}

static spn_status flags_of_split(unsigned flags)
{
	return flags_of_repair(spn_propose_split, flags);
}

static spn_status flags_of_reset(unsigned flags)
{
	return flags_of_repair(spn_propose_reset, flags);
}

static spn_status flags_of_converge(unsigned flags)
{
	spn_directory *desired = NULL;
	spn_plan *empty = NULL;
	spn_status status = spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &desired, err);
	if (!status)
		status = spn_plan_new(&empty, err);
	if (!status)
		status = spn_propose_converge(empty, dir, desired, flags, NULL, NULL, err);
	spn_plan_free(empty);
	spn_directory_free(desired);
	return status;
}

static spn_status flags_of_backend(unsigned flags)
{
	spn_backend with = backend;
	spn_directory *own = NULL;
	with.version = SPN_BACKEND_VERSION;
	with.flags = flags;
	spn_status status = spn_directory_new(&with, NULL, "own:", false, &own, err);
	spn_directory_free(own);
	return status;
}

static spn_status bits_of_keys(unsigned keys)
{
	spn_enctype_case with = SPN_ENCTYPE_CASE_INIT;
	spn_enctype_prediction prediction;
	with.keys = keys;
	return spn_enctype_predict(&with, &prediction, err);
}

static const struct {
	const char *name;
	spn_status (*use)(unsigned flags);
	unsigned known;
} flagged[] = {
	{ "step", flags_of_step, SPN_OPTIONAL | SPN_TAKEOVER | SPN_GIVES_BACK | SPN_FOREST | SPN_DUPLICATE },
	{ "spn_plan_allow", flags_of_plan, SPN_UNSURE | SPN_NO_WAY_BACK | SPN_ANY_ATTRIBUTE },
	{ "spn_delete", flags_of_delete, SPN_UNSURE | SPN_NO_WAY_BACK | SPN_IF_PRESENT | SPN_NO_JOURNAL | SPN_DRY_RUN },
	{ "spn_add_unique", flags_of_add_unique,
		SPN_TAKEOVER | SPN_FOREST | SPN_UNSURE | SPN_NO_WAY_BACK | SPN_NO_JOURNAL | SPN_DRY_RUN },
	{ "spn_copy_membership", flags_of_copy_membership,
		SPN_PROTECTED | SPN_UNSURE | SPN_NO_WAY_BACK | SPN_NO_JOURNAL | SPN_DRY_RUN },
	{ "spn_plan_run", flags_of_plan_run, SPN_UNSURE | SPN_NO_WAY_BACK | SPN_NO_JOURNAL | SPN_DRY_RUN },
	{ "spn_undo", flags_of_undo, SPN_ELSEWHERE | SPN_UNSURE | SPN_NO_WAY_BACK | SPN_NO_JOURNAL | SPN_DRY_RUN },
	{ "spn_split", flags_of_split_run, SPN_UNSURE | SPN_NO_WAY_BACK | SPN_NO_JOURNAL | SPN_DRY_RUN },
	{ "spn_propose_add", flags_of_propose_add, SPN_TAKEOVER | SPN_FOREST },
	{ "spn_propose_membership", flags_of_propose_membership, SPN_PROTECTED },
	{ "spn_propose_undo", flags_of_propose_undo, SPN_ELSEWHERE },
	{ "spn_propose_fix", flags_of_fix, SPN_PROTECTED | SPN_FOREST },
	{ "spn_propose_split", flags_of_split, SPN_PROTECTED | SPN_FOREST },
	{ "spn_propose_reset", flags_of_reset, SPN_PROTECTED | SPN_FOREST },
	{ "spn_propose_converge", flags_of_converge, SPN_EXACT | SPN_TAKEOVER | SPN_FOREST },
	{ "spn_backend", flags_of_backend, SPN_BACKEND_LIVE | SPN_BACKEND_FILE },
	{ "spn_enctype_case", bits_of_keys, SPN_ENC_AES256 | SPN_ENC_AES128 | SPN_ENC_RC4 },
};

static void a_flag_that_does_not_apply_is_invalid_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof flagged / sizeof *flagged; i++)
		for (unsigned bit = 0; bit < 32; bit++) {
			unsigned flag = 1u << bit;
			spn_status status = flagged[i].use(flag);
			if (flagged[i].known & flag ? status != SPN_OK : status != SPN_ERR_INVALID)
				fail_msg("%s: 0x%x: %s, '%s'", flagged[i].name, flag, spn_status_name(status), status ? err->message : "");
		}
}

/* One set: no value means two things. */
static void each_flag_has_a_value_of_its_own(void **state)
{
	(void)state;
	static const unsigned all[] = { SPN_TAKEOVER, SPN_PROTECTED, SPN_FOREST, SPN_OPTIONAL, SPN_GIVES_BACK, SPN_UNSURE,
		SPN_NO_WAY_BACK, SPN_ELSEWHERE, SPN_ANY_ATTRIBUTE, SPN_NO_JOURNAL, SPN_DUPLICATE, SPN_EXACT,
		SPN_DRY_RUN, SPN_IF_PRESENT };
	unsigned seen = 0;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		assert_int_equal(all[i] & (all[i] - 1), 0);
		assert_int_equal(seen & all[i], 0);
		seen |= all[i];
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_flag_that_does_not_apply_is_invalid_everywhere),
		TEST(each_flag_has_a_value_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
