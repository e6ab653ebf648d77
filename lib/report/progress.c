/* SPDX-License-Identifier: MIT */
/* progress.c - where long work is: a line on a terminal that is written over */
#include "progress.h"

#include <stdarg.h>

#define INTERVAL 0.2 /* seconds between two lines */

static double seconds_since(const struct timespec *then, const struct timespec *now)
{
	return (double)(now->tv_sec - then->tv_sec) + (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

__attribute__((format(printf, 2, 3))) static void put_line(spn_report *report, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	spk_progress_hide(report);
	vfprintf(report->messages.file, format, args);
	fflush(report->messages.file);
	report->progress.is_on_line = true;
	va_end(args);
}

void spk_progress_hide(spn_report *report)
{
	if (report->progress.is_on_line) {
		fputs("\r\033[K", report->messages.file);
		fflush(report->messages.file);
	}
	report->progress.is_on_line = false;
}

void spk_progress_step(spn_report *report, size_t i, size_t n)
{
	if (report->progress.is_wanted && n > 1)
		put_line(report, "step %zu of %zu", i + 1, n);
}

void spn_report_begin_progress(spn_report *report, const spn_directory *dir)
{
	if (!spk_is_given(report, "spn_report_begin_progress", true))
		return;
	spk_progress *progress = &report->progress;
	progress->dir = dir;
	progress->n_accounts = progress->n_names = 0;
	clock_gettime(CLOCK_MONOTONIC, &progress->began);
	progress->last = progress->began;
}

/* Where the whole is known; else "".  The line stays within 80 columns. */
static void put_time_left(const spk_progress *progress, double elapsed, char *text, size_t size)
{
	size_t done, total;
	*text = '\0';
	if (!spn_directory_progress(progress->dir, &done, &total) || done == 0 || done >= total)
		return;
	double part = (double)done / (double)total, left = elapsed / part - elapsed;
	bool in_minutes = left >= 100;
	snprintf(text, size, ", %.0f%%, %.0f %s left", 100 * part, in_minutes ? left / 60 : left,
			in_minutes ? "min" : "s");
}

spn_status spn_report_on_progress(size_t n_accounts, size_t n_names, void *report, spn_error *err)
{
	(void)err;
	spk_progress *progress = &((spn_report *)report)->progress;
	struct timespec now;
	char left[64];
	progress->n_accounts = n_accounts;
	progress->n_names = n_names;
	if (!progress->is_wanted)
		return SPN_OK;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double elapsed = seconds_since(&progress->began, &now);
	if (seconds_since(&progress->last, &now) < INTERVAL)
		return SPN_OK;
	progress->last = now;
	put_time_left(progress, elapsed, left, sizeof left);
	put_line(report, "%zu accounts, %zu names, %.0f accounts/s%s", n_accounts, n_names,
			(double)n_accounts / elapsed, left);
	return SPN_OK;
}

size_t spn_report_progress(const spn_report *report, size_t *ret_n_names)
{
	if (ret_n_names)
		*ret_n_names = report ? report->progress.n_names : 0;
	return report ? report->progress.n_accounts : 0;
}
