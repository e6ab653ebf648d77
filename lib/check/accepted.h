/* SPDX-License-Identifier: MIT */
/* accepted.h - lines of audit --json */
#ifndef SPK_ACCEPTED_H
#define SPK_ACCEPTED_H

#include <spnkit/check.h>

/* Receives what findings are about that somebody accepts; dns may be put in another order.  All of it is lent. */
typedef spn_status spk_accepted_fn(const char *code, const char *spn, const char **dns, size_t n, void *data,
		spn_error *err);

/*
 * Calls fn for each name that a line of audit --json is about.  A line about something else than a finding, such as the
 * summary, is skipped.
 *
 * Returns SPN_ERR_SYNTAX for anything but a JSON object; SPN_ERR_UNSUPPORTED without jansson.
 */
spn_status spk_accepted_read_json(const char *line, spk_accepted_fn *fn, void *data, spn_error *err);

#endif
