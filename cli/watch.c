/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <stdio.h>
#include <unistd.h>

static double seconds_since(const struct timespec *then, const struct timespec *now)
{
	return (double)(now->tv_sec - then->tv_sec) + (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

void watch_begin(struct watch *watch, const struct cli *cli, const spn_directory *dir)
{
	*watch = (struct watch){ .dir = dir, .shown = !cli->options.quiet && !cli->options.json && isatty(STDERR_FILENO) };
	clock_gettime(CLOCK_MONOTONIC, &watch->began);
	watch->last = watch->began;
}

/* Where the whole is known.  The line stays within 80 columns. */
static void show_time_left(const struct watch *watch, double elapsed)
{
	size_t done, total;
	if (!spn_directory_progress(watch->dir, &done, &total) || done == 0 || done >= total)
		return;
	double part = (double)done / (double)total, left = elapsed / part - elapsed;
	bool in_minutes = left >= 100;
	fprintf(stderr, ", %.0f%%, %.0f %s left", 100 * part, in_minutes ? left / 60 : left, in_minutes ? "min" : "s");
}

spn_status watch_show(size_t n_accounts, size_t n_names, void *data, spn_error *err)
{
	(void)err;
	struct watch *watch = data;
	struct timespec now;
	watch->n_accounts = n_accounts;
	if (!watch->shown)
		return SPN_OK;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double elapsed = seconds_since(&watch->began, &now);
	if (seconds_since(&watch->last, &now) < 0.2)
		return SPN_OK;
	watch->last = now;
	watch->on_screen = true;
	fprintf(stderr, "\r\033[K%zu accounts, %zu names, %.0f accounts/s", n_accounts, n_names, (double)n_accounts / elapsed);
	show_time_left(watch, elapsed);
	fflush(stderr);
	return SPN_OK;
}

void watch_hide(struct watch *watch)
{
	if (!watch->on_screen)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr); /* what follows may go to standard output */
	watch->on_screen = false;
}
