/* SPDX-License-Identifier: MIT */
/* One look after the other, and what has changed in between. */
#include <spnkit/changes.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "changes.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "snapshot.h"

#define SECONDS_OF_HOUR 3600

struct spn_watch {
	char *path; /* NULL: nothing is kept */
	spk_snapshot last;
	bool is_behind; /* the file does not hold the latest look */
};

/* ---- what matters ---- */

static bool has_account(const spn_answer *answer, const spn_account_ref *account)
{
	for (size_t i = 0; i < answer->n_accounts; i++) {
		const spn_account_ref *other = &answer->accounts[i];
		if (strcmp(other->dn, account->dn) == 0 ||
				(*other->account && spk_ascii_equal(other->account, account->account)))
			return true;
	}
	return false;
}

/* An account that is called differently is the same one. */
static bool is_same_answer(const spn_answer *before, const spn_answer *after)
{
	if (before->n_accounts != after->n_accounts)
		return false;
	for (size_t i = 0; i < before->n_accounts; i++)
		if (!has_account(after, &before->accounts[i]))
			return false;
	return true;
}

bool spn_event_changes_verdict(const spn_event *event)
{
	if (!event)
		return false;
	switch (event->kind) {
	case SPN_EVENT_NEW:
	case SPN_EVENT_CLEARED:
	case SPN_EVENT_MOVED: return true;
	case SPN_EVENT_CAME:
	case SPN_EVENT_WENT:
	case SPN_EVENT_TICKET:
		return event->before && event->after && event->before->n_accounts > 0 &&
				!is_same_answer(event->before, event->after);
	case SPN_EVENT_UNSEEN:
	case SPN_EVENT_RENAMED: break;
	}
	return false;
}

/* ---- looks ---- */

spn_status spn_watch_new(const char *state, spn_watch **ret_watch, spn_error *err)
{
	if (!ret_watch || (state && !*state))
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"spn_watch_new: an argument is NULL, or the state has no name");
	spn_watch *watch = calloc(1, sizeof *watch);
	if (watch && state)
		watch->path = strdup(state);
	if (!watch || (state && !watch->path)) {
		free(watch);
		return spk_nomem(err);
	}
	spn_error why = { .status = SPN_OK };
	spn_status status = state ? spk_snapshot_load(state, &watch->last, &why) : SPN_OK;
	if (status && status != SPN_ERR_NOT_FOUND) {
		spn_watch_free(watch);
		return spk_fail_as(err, status, &why, "%s", why.message);
	}
	*ret_watch = watch;
	return SPN_OK;
}

struct events {
	spn_event_fn *fn;
	void *data;
};

/* A watch reports problems, not notices. */
static spn_status sift_event(const spn_event *event, void *data, spn_error *err)
{
	const struct events *to = data;
	bool is_notice = event->finding && event->finding->severity <= SPN_SEVERITY_NOTICE;
	return is_notice ? SPN_OK : to->fn(event, to->data, err);
}

/* At the first look each finding is an event. */
static spn_status tell_finding(const spn_finding *finding, void *data, spn_error *err)
{
	const struct events *to = data;
	return spk_rules_tell(finding, false, to->fn, to->data, err);
}

static spn_status tell_standing(
		const spk_snapshot *now, bool with_duplicates, spn_finding_fn *fn, void *data, spn_error *err)
{
	spn_directory *dir = NULL;
	spn_status status = spk_snapshot_open(NULL, now, NULL, &dir, err);
	if (!status && with_duplicates)
		status = spk_names_find(dir, fn, data, err);
	if (!status && now->is_whole)
		status = spk_rules_find(dir, fn, data, err);
	spn_directory_free(dir);
	return status;
}

static spn_status tell(const spk_snapshot *old, const spk_snapshot *now, spn_event_fn *fn, void *data, spn_error *err)
{
	spn_directory *before = NULL, *after = NULL;
	bool is_whole = old->is_whole && now->is_whole, is_judged = is_whole && old->is_judged;
	struct events to = { fn, data };
	spn_status status = spk_snapshot_open(old, now, &before, &after, err);
	if (!status)
		status = spk_changes(before, after, is_whole ? SPK_LOOKS_AT_DOMAIN : SPK_LOOKS_AT_EXPORT, !is_judged,
				sift_event, &to, err);
	if (!status && is_judged)
		status = spk_rules_changes(before, after, fn, data, err);
	spn_directory_free(before);
	spn_directory_free(after);
	return status;
}

static spn_status compare(
		const spk_snapshot *old, const spk_snapshot *now, spn_event_fn *fn, void *data, spn_error *err)
{
	struct events first = { fn, data };
	if (!old->domain)
		return tell_standing(now, true, tell_finding, &first, err);
	if (!spk_dn_equal(old->domain, now->domain))
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"the last look was at the domain '%s', and this one is at '%s': keep a state of its "
				"own for each",
				old->domain, now->domain);
	spn_status status = spk_snapshot_differs(old, now) ? tell(old, now, fn, data, err) : SPN_OK;
	return status || old->is_judged ? status : tell_standing(now, false, tell_finding, &first, err);
}

spn_status spn_watch_look(spn_watch *watch, spn_directory *dir, spn_event_fn *fn, void *data, spn_error *err)
{
	if (!watch || !dir || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_watch_look: an argument is NULL");
	spk_snapshot now = { .n = 0 };
	spn_status status = spk_snapshot_read(dir, &watch->last, time(NULL), &now, err);
	if (status)
		return status;
	spn_status before = spk_callback_begin(err);
	status = spk_callback_end(compare(&watch->last, &now, fn, data, err), before, err);
	if (status) {
		spk_snapshot_free(&now, &watch->last);
		return status;
	}
	bool is_new_cookie = now.cookie.len && now.is_read_anew;
	watch->is_behind |= !watch->last.domain || (now.is_judged && !watch->last.is_judged) || is_new_cookie ||
			spk_snapshot_differs(&watch->last, &now);
	now.written_at = watch->last.written_at;
	spk_snapshot_share(&now, &watch->last);
	spk_snapshot_free(&watch->last, &now);
	watch->last = now;
	return SPN_OK;
}

/* A file that is behind by its cookie only does no harm for a while: what has changed is looked at once more then. */
static bool is_due(const spn_watch *watch, int64_t now)
{
	int64_t written = watch->last.written_at;
	return watch->is_behind || written > now || now - written > SECONDS_OF_HOUR;
}

spn_status spn_watch_save(spn_watch *watch, spn_error *err)
{
	if (!watch)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_watch_save: the watch is NULL");
	int64_t now = time(NULL);
	if (!watch->path || !watch->last.domain || !is_due(watch, now))
		return SPN_OK;
	spn_status status = spk_snapshot_save(watch->path, &watch->last, now, err);
	if (status)
		return status;
	watch->last.written_at = now;
	watch->is_behind = false;
	return SPN_OK;
}

spn_status spn_watch_findings(spn_watch *watch, spn_finding_fn *fn, void *data, spn_error *err)
{
	if (!watch || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_watch_findings: an argument is NULL");
	return watch->last.domain ? tell_standing(&watch->last, true, fn, data, err) : SPN_OK;
}

size_t spn_watch_accounts(const spn_watch *watch)
{
	return watch ? watch->last.n : 0;
}

spn_watch *spn_watch_free(spn_watch *watch)
{
	if (!watch)
		return NULL;
	spk_snapshot_free(&watch->last, NULL);
	free(watch->path);
	free(watch);
	return NULL;
}
