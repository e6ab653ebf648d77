/* SPDX-License-Identifier: MIT */
#include "last_change.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "domains.h"
#include "base/wrap.h"

#define TAB 8

/* After so many accounts in a row without a date, as in an export that lacks the attribute, no more are looked up. */
#define TRIES 8

void last_change_look_in(struct cli *cli, spn_directory *const *dirs, size_t n)
{
	cli->dated_dirs = dirs;
	cli->n_dated_dirs = n;
	cli->n_undated = 0;
}

bool last_change_of(struct cli *cli, const char *dn, spn_last_change *ret_change)
{
	spn_directory *dir = cli->n_undated < TRIES ? domains_find(cli->dated_dirs, cli->n_dated_dirs, dn) : NULL;
	if (!dir)
		return false;
	bool is_known = spn_names_last_change(dir, dn, ret_change, NULL) == SPN_OK;
	cli->n_undated = is_known ? 0 : cli->n_undated + 1;
	return is_known;
}

bool last_changes(struct cli *cli, const spn_finding *finding, struct dated *ret_dated)
{
	size_t n_known = 0, n_last = 0;
	*ret_dated = (struct dated){ .youngest = DATED_MAX };
	bool is_conflict = strcmp(finding->code, "duplicate") == 0 || strcmp(finding->code, "alias-conflict") == 0;
	if (!is_conflict || finding->n_accounts > DATED_MAX)
		return false;
	for (size_t i = 0; i < finding->n_accounts; i++) {
		if (!last_change_of(cli, finding->accounts[i].dn, &ret_dated->accounts[i].change))
			continue;
		int64_t when = ret_dated->accounts[i].change.when;
		int64_t last = n_known ? ret_dated->accounts[ret_dated->youngest].change.when : when;
		ret_dated->accounts[i].is_known = true;
		n_last = !n_known || when > last ? 1 : n_last + (when == last);
		ret_dated->youngest = !n_known || when > last ? i : ret_dated->youngest;
		n_known++;
	}
	if (n_known > 1 && n_last == 1)
		ret_dated->accounts[ret_dated->youngest].is_youngest = true;
	return n_known > 0;
}

static void put_time(int64_t when, char text[32])
{
	struct tm tm;
	time_t time = (time_t)when;
	strftime(text, 32, "%Y-%m-%d %H:%MZ", gmtime_r(&time, &tm));
}

void last_change_text(const spn_last_change *change, char text[LAST_CHANGE_TEXT])
{
	char time[32];
	put_time(change->when, time);
	snprintf(text, LAST_CHANGE_TEXT, "names last changed %s at %s, version %u", time,
			*change->server ? change->server : "a controller that is not known", (unsigned)change->version);
}

void last_change_put_accounts(const spn_finding *finding, const struct dated *dated)
{
	for (size_t i = 0; i < finding->n_accounts; i++) {
		char text[LAST_CHANGE_TEXT];
		const char *dn = finding->accounts[i].dn;
		print_whole(stdout, 0, "\t", dn, strlen(dn), "");
		if (!dated->accounts[i].is_known)
			continue;
		last_change_text(&dated->accounts[i].change, text);
		print_whole(stdout, 0, "\t  ", text, strlen(text), dated->accounts[i].is_youngest ? " (the latest)" : "");
	}
}

void last_change_put_next(const struct dated *dated)
{
	char text[LAST_CHANGE_TEXT], time[32];
	const spn_last_change *change = &dated->accounts[dated->youngest].change;
	put_time(change->when, time);
	snprintf(text, sizeof text,
			"who did it: event 5136 of %s in the Security log of %s, if changes of the directory are audited", time,
			*change->server ? change->server : "the controller");
	putchar('\t');
	print_wrapped(stdout, text, TAB, "\t");
}
