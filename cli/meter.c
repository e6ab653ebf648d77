/* SPDX-License-Identifier: MIT */
#include "meter.h"

#include <stdio.h>
#include <unistd.h>

#include "output.h"

static double seconds_since(const struct timespec *then, const struct timespec *now)
{
	return (double)(now->tv_sec - then->tv_sec) + (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

void meter_begin(struct meter *meter, struct cli *cli, const spn_directory *dir)
{
	*meter = (struct meter){
		.cli = cli, .dir = dir, .shown = !cli->options.quiet && !cli->options.json && isatty(STDERR_FILENO)
	};
	clock_gettime(CLOCK_MONOTONIC, &meter->began);
	meter->last = meter->began;
}

/* Where the whole is known; else "".  The line stays within 80 columns. */
static void put_time_left(const struct meter *meter, double elapsed, char *text, size_t size)
{
	size_t done, total;
	*text = '\0';
	if (!spn_directory_progress(meter->dir, &done, &total) || done == 0 || done >= total)
		return;
	double part = (double)done / (double)total, left = elapsed / part - elapsed;
	bool in_minutes = left >= 100;
	snprintf(text, size, ", %.0f%%, %.0f %s left", 100 * part, in_minutes ? left / 60 : left, in_minutes ? "min" : "s");
}

spn_status meter_show(size_t n_accounts, size_t n_names, void *data, spn_error *err)
{
	(void)err;
	struct meter *meter = data;
	struct timespec now;
	char left[64];
	meter->n_accounts = n_accounts;
	meter->n_names = n_names;
	if (!meter->shown)
		return SPN_OK;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double elapsed = seconds_since(&meter->began, &now);
	if (seconds_since(&meter->last, &now) < 0.2)
		return SPN_OK;
	meter->last = now;
	put_time_left(meter, elapsed, left, sizeof left);
	place_show(meter->cli, "%zu accounts, %zu names, %.0f accounts/s%s", n_accounts, n_names,
			(double)n_accounts / elapsed, left);
	return SPN_OK;
}
