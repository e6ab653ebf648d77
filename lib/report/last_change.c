/* SPDX-License-Identifier: MIT */
#include "last_change.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* After so many accounts in a row without a date, as in an export that lacks the attribute, no more are looked up. */
#define TRIES 8

bool spk_last_change_of(spn_report *report, const char *dn, spn_last_change *ret_change)
{
	spn_directory *dir = report->n_undated < TRIES ? spn_directory_of_dn(report->dirs, report->n_dirs, dn) : NULL;
	if (!dir)
		return false;
	bool is_known = spn_names_last_change(dir, dn, ret_change, NULL) == SPN_OK;
	report->n_undated = is_known ? 0 : report->n_undated + 1;
	return is_known;
}

bool spk_last_changes(spn_report *report, const spn_finding *finding, spk_dated *ret_dated)
{
	size_t n_known = 0, n_last = 0;
	bool is_conflict = strcmp(finding->code, "duplicate") == 0 || strcmp(finding->code, "alias-conflict") == 0;
	if (!is_conflict || finding->n_accounts > SPK_DATED_MAX)
		return false;
	*ret_dated = (spk_dated){ .youngest = SPK_DATED_MAX };
	for (size_t i = 0; i < finding->n_accounts; i++) {
		if (!spk_last_change_of(report, finding->accounts[i].dn, &ret_dated->accounts[i].change))
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
	strftime(text, 32, "%Y-%m-%d %H:%MZ", spk_utc(when, &tm));
}

void spk_last_change_text(const spn_last_change *change, char text[SPK_LAST_CHANGE_TEXT])
{
	char time[32];
	put_time(change->when, time);
	snprintf(text, SPK_LAST_CHANGE_TEXT, "names last changed %s at %s, version %u", time,
			*change->server ? change->server : "a controller that is not known", (unsigned)change->version);
}

void spk_last_change_next(const spk_dated *dated, char text[SPK_LAST_CHANGE_TEXT])
{
	char time[32];
	const spn_last_change *change = &dated->accounts[dated->youngest].change;
	put_time(change->when, time);
	snprintf(text, SPK_LAST_CHANGE_TEXT,
			"who did it: event 5136 of %s in the Security log of %s, if changes of the directory are audited", time,
			*change->server ? change->server : "the controller");
}
