/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <unistd.h>

#include "output.h"

static double seconds_since(const struct timespec *then, const struct timespec *now)
{
	return (double)(now->tv_sec - then->tv_sec) + (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

void watch_begin(struct watch *watch, struct cli *cli)
{
	*watch = (struct watch){ .cli = cli, .shown = !cli->options.quiet && !cli->options.json && isatty(STDERR_FILENO) };
	clock_gettime(CLOCK_MONOTONIC, &watch->began);
	watch->last = watch->began;
}

spn_status watch_show(size_t n_accounts, size_t n_names, void *data, spn_error *err)
{
	(void)err;
	struct watch *watch = data;
	struct timespec now;
	if (!watch->shown)
		return SPN_OK;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double elapsed = seconds_since(&watch->began, &now);
	if (seconds_since(&watch->last, &now) < 0.2)
		return SPN_OK;
	watch->last = now;
	place_show(watch->cli, "%zu accounts, %zu names, %.0f accounts/s", n_accounts, n_names, (double)n_accounts / elapsed);
	return SPN_OK;
}
