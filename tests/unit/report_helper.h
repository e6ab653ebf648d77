/* SPDX-License-Identifier: MIT */
/* report_helper.h - a report that is written into memory */
#ifndef REPORT_HELPER_H
#define REPORT_HELPER_H

#include "unit.h"

static spn_error err[1];
static char *out, *messages; /* what was written */
static size_t n_out, n_messages;
static FILE *to, *to_messages;

static void close_files(void)
{
	if (to)
		fclose(to);
	if (to_messages)
		fclose(to_messages);
	free(out);
	free(messages);
	to = to_messages = NULL;
	out = messages = NULL;
}

static spn_report *report_of(spn_report_options options)
{
	spn_report *report = NULL;
	close_files();
	to = open_memstream(&out, &n_out);
	to_messages = open_memstream(&messages, &n_messages);
	assert_non_null(to);
	assert_non_null(to_messages);
	options.out = to;
	options.messages = to_messages;
	assert_ok(spn_report_new(&options, &report, err));
	return report;
}

/* Ends a report: what it has written is this. */
static void expect(spn_report *report, const char *text, const char *more)
{
	assert_ok(spn_report_flush(report, err));
	fflush(to_messages);
	assert_string_equal(out, text);
	assert_string_equal(messages, more);
	spn_report_free(report);
}

#endif
