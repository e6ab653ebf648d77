/* SPDX-License-Identifier: MIT */
/* Allocation n fails, call n on a file or to the directory fails, for n = 1, 2, ... until the scenario passes: each
 * time a clean answer, and a directory that is as it was or that undo brings back.  What leaks is told by the
 * sanitizers' build. */
#include "scenarios.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "wrap.h"

/* ---- the world ---- */

static void make_world(struct world *world, bool on_file)
{
	const spn_mock_answer answer = { .spn = "http/WEB" };
	memset(world, 0, sizeof *world);
	snprintf(world->folder, sizeof world->folder, "/tmp/spnkit-test-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	snprintf(world->ldif, sizeof world->ldif, "%s/in.ldif", world->folder);
	snprintf(world->journal, sizeof world->journal, "%s/journal.ldif", world->folder);
	snprintf(world->url, sizeof world->url, "ldif:%s", world->ldif);
	write_file(world->ldif, sample);
	if (!on_file)
		assert_int_equal(spn_mock_new(sample, SPN_DIALECT_WINDOWS, &world->dir, NULL), SPN_OK);
	assert_int_equal(spn_mock_kdc_new(&world->kdc, NULL), SPN_OK);
	assert_int_equal(spn_mock_kdc_answer(world->kdc, &answer, NULL), SPN_OK);
}

/* Returns how many files there were beside the directory and the journal. */
static unsigned remove_world(struct world *world)
{
	unsigned n = 0;
	spn_directory_free(world->dir);
	spn_kdc_free(world->kdc);
	unlink(world->ldif);
	unlink(world->journal);
	DIR *folder = opendir(world->folder);
	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_name[0] == '.' && (!entry->d_name[1] || entry->d_name[1] == '.'))
			continue;
		n++;
		unlinkat(dirfd(folder), entry->d_name, 0);
	}
	closedir(folder);
	assert_int_equal(rmdir(world->folder), 0);
	return n;
}

static spn_status see_value(const spn_entry *entry, void *data, spn_error *err)
{
	(void)err;
	static const char *const attrs[] = { "servicePrincipalName", "member" };
	unsigned long *sum = data;
	for (size_t a = 0; a < 2; a++) {
		const spn_bytes *values;
		size_t n = spn_entry_values(entry, attrs[a], &values);
		for (size_t i = 0; i < n; i++) { /* order does not matter, whose value it is does */
			unsigned long hash = 5381;
			for (const char *c = spn_entry_dn(entry); *c; c++)
				hash = hash * 33 + (unsigned char)*c;
			for (size_t j = 0; j < values[i].len; j++)
				hash = hash * 33 + (unsigned char)values[i].data[j];
			*sum += hash * hash;
		}
	}
	return SPN_OK;
}

/* A number that stands for every name and membership. */
static unsigned long fingerprint(struct world *world, spn_directory *dir)
{
	static const spn_search everything = { .base = BASE, .scope = SPN_SCOPE_SUBTREE };
	unsigned long sum = 0;
	spn_directory *opened = NULL;
	if (!dir)
		assert_int_equal(spn_directory_open(world->url, NULL, &opened, NULL), SPN_OK);
	assert_int_equal(spn_directory_search(dir ? dir : opened, &everything, see_value, &sum, NULL), SPN_OK);
	spn_directory_free(opened);
	return sum;
}

static void undo(struct world *world)
{
	spn_plan *plan = NULL;
	spn_directory *opened = NULL;
	spn_error err = { .status = SPN_OK };
	if (!world->dir)
		assert_int_equal(spn_directory_open(world->url, NULL, &opened, NULL), SPN_OK);
	spn_directory *dir = world->dir ? world->dir : opened;
	assert_int_equal(spn_plan_new(&plan, NULL), SPN_OK);
	if (spn_propose_undo(plan, dir, world->journal, 0, NULL, NULL, &err) ||
			spn_plan_apply(plan, dir, NULL, NULL, NULL, &err))
		fail_msg("undo: %s", err.message);
	spn_plan_free(plan);
	spn_directory_free(opened);
}

/* ---- the faults ---- */

struct outcome {
	spn_status status;
	spn_error err;
	unsigned long seen, failed;
	unsigned long after; /* fingerprint of the directory */
};

struct fault {
	enum wrap_kind kind;
	unsigned long nth;
	int code;
	bool lasting;
	spn_status answer; /* of the directory to call nth; SPN_OK: its own */
};

/* Runs a scenario with one fault, and sees to it that the directory is as before, or done, or can be brought back. */
static struct outcome run(const struct scenario *scenario, struct fault fault)
{
	const unsigned long nth = fault.nth;
	struct world world;
	struct outcome outcome = { .status = SPN_OK };
	make_world(&world, scenario->on_file);
	unsigned long before = fingerprint(&world, world.dir);
	unsigned long calls = world.dir ? spn_mock_calls(world.dir, SPN_FAULT_ON_ANY) : 0;
	if (fault.answer)
		assert_int_equal(spn_mock_fault(world.dir,
				&(spn_fault){ .kind = SPN_FAULT_FAIL, .nth = nth, .status = fault.answer }, NULL),
				SPN_OK);
	wrap_fail(fault.kind, nth, fault.code, fault.lasting);
	outcome.status = scenario->run(&world, &outcome.err);
	outcome.seen = wrap_end(&outcome.failed);
	if (fault.answer) {
		outcome.failed = spn_mock_calls(world.dir, SPN_FAULT_ON_ANY) - calls >= nth;
		spn_mock_clear(world.dir);
	}
	if (outcome.status && outcome.err.status != outcome.status)
		fail_msg("%s, call %lu: %d is returned and %d recorded", scenario->name, nth, outcome.status, outcome.err.status);
	if (outcome.status && !outcome.err.message[0])
		fail_msg("%s, call %lu: no message", scenario->name, nth);
	outcome.after = fingerprint(&world, world.dir);
	bool as_before = outcome.after == before;
	if (!as_before && !scenario->writes)
		fail_msg("%s, call %lu: the directory has changed", scenario->name, nth);
	if (!as_before && outcome.status) {
		undo(&world);
		if (fingerprint(&world, world.dir) != before)
			fail_msg("%s, call %lu: undo does not lead back (%s)", scenario->name, nth, outcome.err.message);
	}
	unsigned litter = remove_world(&world);
	if (litter)
		fail_msg("%s, call %lu (%s): %u files are left", scenario->name, nth, outcome.err.message, litter);
	return outcome;
}

static void whichever_allocation_fails_the_answer_is_clean(void **state)
{
	(void)state;
	unsigned long total = 0, n_wrong = 0;
	for (size_t s = 0; s < n_scenarios; s++) {
		unsigned long wanted = run(&scenarios[s], (struct fault){ .kind = WRAP_NOTHING }).after;
		for (int lasting = 0; lasting < 2; lasting++)
			for (unsigned long n = 1;; n++) {
				struct outcome outcome = run(&scenarios[s], (struct fault){ WRAP_MEMORY, n, ENOMEM, lasting, SPN_OK });
				if (outcome.failed == 0)
					break;
				total++;
				/* what was done without the memory, such as an index that is built later, must be done in full */
				bool done = outcome.status == SPN_OK && scenarios[s].writes && outcome.after == wanted;
				bool half = outcome.status == SPN_ERR_HALF_DONE && scenarios[s].writes;
				bool forgiven = outcome.status == SPN_OK && scenarios[s].forgives;
				bool clean = outcome.status == SPN_ERR_NOMEM || done || half || forgiven;
				if (!clean)
					print_error("%s, allocation %lu: %s: %s\n", scenarios[s].name, n, spn_status_name(outcome.status),
							outcome.err.message);
				n_wrong += !clean;
			}
	}
	print_message("%lu allocations failed\n", total);
	assert_int_equal(n_wrong, 0);
}

/* What is not there may be done without.  A change that is refused may be one that need not succeed, or be made in
 * another way; and when what was there a moment ago is not, another writer is to blame. */
static void whichever_call_to_the_directory_fails_it_is_said(void **state)
{
	(void)state;
	static const spn_status answers[] = { SPN_ERR_UNREACHABLE, SPN_ERR_DENIED, SPN_ERR_AUTH, SPN_ERR_FAILED, SPN_ERR_NOMEM,
		SPN_ERR_REFUSED, SPN_ERR_NOT_FOUND };
	unsigned long total = 0, n_wrong = 0;
	for (size_t s = 0; s < n_scenarios; s++) {
		if (scenarios[s].on_file || scenarios[s].reads_text)
			continue;
		for (size_t a = 0; a < sizeof answers / sizeof *answers; a++)
			for (unsigned long n = 1;; n++) {
				struct outcome outcome = run(&scenarios[s], (struct fault){ .kind = WRAP_NOTHING, .nth = n, .answer = answers[a] });
				if (outcome.failed == 0)
					break;
				total++;
				bool half = outcome.status == SPN_ERR_HALF_DONE && scenarios[s].writes;
				bool gone = answers[a] == SPN_ERR_NOT_FOUND;
				bool refused = answers[a] != SPN_ERR_UNREACHABLE && answers[a] != SPN_ERR_NOMEM;
				bool forgiven = outcome.status == SPN_OK && (scenarios[s].forgives || gone || (refused && scenarios[s].writes) ||
						(answers[a] == SPN_ERR_DENIED && scenarios[s].may_be_denied));
				bool raced = outcome.status == SPN_ERR_REFUSED && gone && scenarios[s].writes;
				if (outcome.status != answers[a] && !half && !forgiven && !raced) {
					print_error("%s, call %lu answered with %s: %s: %s\n", scenarios[s].name, n, spn_status_name(answers[a]),
							spn_status_name(outcome.status), outcome.err.message);
					n_wrong++;
				}
			}
	}
	print_message("%lu calls to the directory failed\n", total);
	assert_int_equal(n_wrong, 0);
}

static void whichever_call_on_a_file_fails_nothing_is_lost(void **state)
{
	(void)state;
	static const int codes[] = { EIO, ENOSPC };
	unsigned long total = 0;
	for (size_t s = 0; s < n_scenarios; s++)
		for (size_t c = 0; scenarios[s].writes && c < 2; c++)
			for (int lasting = 0; lasting < 2; lasting++)
				for (unsigned long n = 1; run(&scenarios[s],
						(struct fault){ WRAP_FILES, n, codes[c], lasting, SPN_OK }).failed; n++)
					total++;
	print_message("%lu calls on files failed\n", total);
}

static void what_comes_through_a_pipe_is_read_whole_or_not_at_all(void **state)
{
	(void)state;
	static const int codes[] = { EIO, ENOSPC, EINTR };
	unsigned long total = 0;
	for (size_t c = 0; c < sizeof codes / sizeof *codes; c++)
		for (unsigned long n = 1;; n++) {
			struct outcome outcome = run(&stream_scenario, (struct fault){ WRAP_FILES, n, codes[c], false, SPN_OK });
			if (outcome.failed == 0)
				break;
			total++;
			assert_true(outcome.status == SPN_OK || (outcome.status == SPN_ERR_FAILED && codes[c] != EINTR));
		}
	print_message("%lu calls on a stream failed\n", total);
	assert_true(total > 6);
	assert_int_equal(run(&stream_scenario, (struct fault){ WRAP_WRITES, 1, 0, false, SPN_OK }).status, SPN_OK);
}

static void an_interrupted_call_loses_nothing(void **state)
{
	(void)state;
	unsigned long total = 0;
	for (size_t s = 0; s < n_scenarios; s++)
		for (unsigned long n = 1; scenarios[s].writes &&
				run(&scenarios[s], (struct fault){ WRAP_FILES, n, EINTR, false, SPN_OK }).failed; n++)
			total++;
	print_message("%lu calls were interrupted\n", total);
}

static void what_is_written_in_pieces_is_whole(void **state)
{
	(void)state;
	for (size_t s = 0; s < n_scenarios; s++)
		for (unsigned long n = 1; scenarios[s].writes; n++) {
			struct outcome outcome = run(&scenarios[s], (struct fault){ WRAP_WRITES, n, 0, false, SPN_OK });
			assert_int_equal(outcome.status, SPN_OK);
			if (outcome.failed == 0)
				break;
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whichever_allocation_fails_the_answer_is_clean),
		cmocka_unit_test(whichever_call_to_the_directory_fails_it_is_said),
		cmocka_unit_test(whichever_call_on_a_file_fails_nothing_is_lost),
		cmocka_unit_test(what_comes_through_a_pipe_is_read_whole_or_not_at_all),
		cmocka_unit_test(an_interrupted_call_loses_nothing),
		cmocka_unit_test(what_is_written_in_pieces_is_whole),
	};
	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
