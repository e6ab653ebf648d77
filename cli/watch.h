/* SPDX-License-Identifier: MIT */
/* watch.h - a line on the terminal that says how far long work is */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <time.h>

#include "cli.h"

struct watch {
	bool shown; /* there is a terminal, and nobody wants quiet */
	bool on_screen;
	size_t n_accounts; /* so far */
	const spn_directory *dir;
	struct timespec began, last;
};

/* dir: the one that is gone through; NULL: several. */
void watch_begin(struct watch *watch, const struct cli *cli, const spn_directory *dir);
/* A spn_watch_fn; data is the struct watch. */
spn_status watch_show(size_t n_accounts, size_t n_names, void *data, spn_error *err);
/* Takes the line away, before something else is printed or at the end. */
void watch_hide(struct watch *watch);

#endif
