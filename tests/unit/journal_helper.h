/* SPDX-License-Identifier: MIT */
/* journal_helper.h - a folder of journals, and plans that are recorded there */
#ifndef JOURNAL_HELPER_H
#define JOURNAL_HELPER_H

#include "ops.h"

/* A fixture with a folder for journals of its own. */
static char folder[64];

static inline int open_with_folder(void **state)
{
	snprintf(folder, sizeof folder, "/tmp/spnkit-test-XXXXXX");
	return mkdtemp(folder) ? open_sample(state) : -1;
}

static inline int remove_folder(void **state)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return close_sample(state) || system(command);
}
#define with_folder(test) cmocka_unit_test_setup_teardown(test, open_with_folder, remove_folder)

static inline char *read_whole(const char *path)
{
	static char text[20000];
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t n = fread(text, 1, sizeof text - 1, file);
	text[n] = '\0';
	fclose(file);
	return text;
}

/* Carries the plan out with a journal of the folder; its path stays valid until the next call. */
static inline const char *apply(struct fixture *f, const char *title, spn_status expected)
{
	static char path[256];
	char in[128];
	spn_journal *journal = NULL;
	snprintf(in, sizeof in, "%s/state/spnkit/", folder);
	assert_int_equal(spn_journal_create(in, title, &journal, &f->err), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, journal, NULL, NULL, &f->err), expected);
	snprintf(path, sizeof path, "%s", spn_journal_path(journal));
	spn_journal_free(journal);
	spn_plan_free(f->plan);
	assert_int_equal(spn_plan_new(&f->plan, NULL), SPN_OK);
	return path;
}

#endif
