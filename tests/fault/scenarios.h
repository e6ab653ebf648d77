/* SPDX-License-Identifier: MIT */
/* scenarios.h - what is done while something fails */
#ifndef TEST_SCENARIOS_H
#define TEST_SCENARIOS_H

#include "unit/ops.h"

/* What a scenario works with, made anew for each of its runs. */
struct world {
	char folder[64], ldif[96], journal[96], url[112];
	spn_directory *dir;
	spn_kdc *kdc;
};

typedef spn_status scenario_fn(struct world *world, spn_error *err);

struct scenario {
	const char *name;
	scenario_fn *run;
	bool writes;
	bool on_file;    /* the directory is a file, not the mock */
	bool reads_text; /* the directory is not even asked */
	bool may_be_denied;
	bool forgives;   /* what is only said besides may be left out */
};

extern const struct scenario scenarios[];
extern const size_t n_scenarios;

/* The directory comes through standard input. */
extern const struct scenario stream_scenario;

static inline void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

#endif
