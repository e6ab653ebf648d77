/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <stdio.h>
#include <unistd.h>

#include "output.h"

static double seconds_since(const struct timespec *then, const struct timespec *now)
{
	return (double)(now->tv_sec - then->tv_sec) + (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

void watch_begin(struct watch *watch, struct cli *cli, const spn_directory *dir)
{
	*watch = (struct watch){
		.cli = cli, .dir = dir, .shown = !cli->options.quiet && !cli->options.json && isatty(STDERR_FILENO)
	};
	clock_gettime(CLOCK_MONOTONIC, &watch->began);
	watch->last = watch->began;
}

/* Where the whole is known; else "".  The line stays within 80 columns. */
static void put_time_left(const struct watch *watch, double elapsed, char *text, size_t size)
{
	size_t done, total;
	*text = '\0';
	if (!spn_directory_progress(watch->dir, &done, &total) || done == 0 || done >= total)
		return;
	double part = (double)done / (double)total, left = elapsed / part - elapsed;
	bool in_minutes = left >= 100;
	snprintf(text, size, ", %.0f%%, %.0f %s left", 100 * part, in_minutes ? left / 60 : left, in_minutes ? "min" : "s");
}

spn_status watch_show(size_t n_accounts, size_t n_names, void *data, spn_error *err)
{
	(void)err;
	struct watch *watch = data;
	struct timespec now;
	char left[64];
	watch->n_accounts = n_accounts;
	if (!watch->shown)
		return SPN_OK;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double elapsed = seconds_since(&watch->began, &now);
	if (seconds_since(&watch->last, &now) < 0.2)
		return SPN_OK;
	watch->last = now;
	put_time_left(watch, elapsed, left, sizeof left);
	place_show(watch->cli, "%zu accounts, %zu names, %.0f accounts/s%s", n_accounts, n_names,
			(double)n_accounts / elapsed, left);
	return SPN_OK;
}
