/* SPDX-License-Identifier: MIT */
/* accepted.h - findings that somebody has looked at and accepts */
#ifndef CLI_ACCEPTED_H
#define CLI_ACCEPTED_H

#include "cli.h"

/* Keys of findings, sorted. */
struct accepted {
	char **keys;
	size_t n, size;
};

/*
 * Reads a file of them: lines that audit --json printed, which accept that finding about those accounts, or
 * CODE<TAB>NAME, where NAME is a name or an account.  Empty lines, those that begin with '#', and the other records of
 * --json are skipped.
 */
spn_status accepted_read(struct accepted *accepted, const char *path, spn_error *err);
/* Ret_known: whether a finding is in the file. */
spn_status accepted_find(const struct accepted *accepted, const spn_finding *finding, bool *ret_known, spn_error *err);
void accepted_free(struct accepted *accepted);

/* Whether a finding is one of CODE or CODE:PATTERN; '*' in the pattern, which is for a name, an account or a DN, stands
 * for any text. */
bool accepted_is_ignored(const char *rule, const spn_finding *finding);

#endif
