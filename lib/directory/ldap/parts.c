/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <errno.h>
#include <search.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/entry.h"
#include "model/filter.h"

/*
 * Searches that are on their way together.  A long OR is taken apart, too: servers evaluate one of a thousand parts
 * slower than twenty of fifty.
 */
#define PARTS_A_SEARCH 50
#define MAX_IN_FLIGHT 16
#define MAX_ALTERNATIVES 100000

/* One search, as one piece or as several. */
struct job {
	const spn_search *search;
	char **attrs;
	spn_entry_fn *fn;
	void *data;
	void *seen; /* DNs: an entry that several pieces find is delivered once */
	bool is_split, delivered;
	spn_error outcome; /* once a piece has failed, the others are of no interest */
};

/* A piece of a search. */
struct piece {
	struct job *job;
	const spn_filter **parts; /* of the OR; ends with NULL.  NULL: all of the search's filter */
	int id, rc;
	bool sent;
};

struct work {
	spk_ldap *ldap;
	spk_link *link;
	const char *context;
	struct piece *pieces;
	size_t n;
	bool pages; /* a piece that finds more than fits one is asked for anew, in pages */
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static spn_status deliver(const spn_entry *entry, void *data, spn_error *err)
{
	struct job *job = data;
	if (job->is_split && tfind(spn_entry_dn(entry), &job->seen, compare))
		return SPN_OK;
	char *dn = job->is_split ? strdup(spn_entry_dn(entry)) : NULL;
	if (job->is_split && (!dn || !tsearch(dn, &job->seen, compare))) {
		free(dn);
		return spk_nomem(err);
	}
	job->delivered = true;
	return job->fn(entry, job->data, err);
}

static spn_filter filter_of(const struct piece *piece)
{
	return (spn_filter){ .op = SPN_FILTER_OR, .parts = piece->parts };
}

/* Without pages: a piece finds more than fits one only if something is odd. */
static spn_status send_piece(struct work *work, struct piece *piece, spn_error *err)
{
	static const int scopes[] = { LDAP_SCOPE_BASE, LDAP_SCOPE_ONELEVEL, LDAP_SCOPE_SUBTREE };
	const struct job *job = piece->job;
	LDAPControl scope = { (char *)(uintptr_t)SPK_CONTROL_DOMAIN_SCOPE, { 0, NULL }, 0 };
	LDAPControl *controls[] = { &scope, spk_ldap_descriptor_control(job->attrs), NULL };
	const spn_filter any = filter_of(piece);
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_filter_render(piece->parts ? &any : job->search->filter, &text);
	if (text.failed)
		return spk_nomem(err);
	spn_status status = spk_link_begin(work->link, work->context, err);
	if (status)
		return status;
	piece->rc = ldap_search_ext(work->link->ld, job->search->base ? job->search->base : "", scopes[job->search->scope],
			text.data, job->attrs, 0, controls, NULL, NULL, LDAP_NO_LIMIT, &piece->id);
	piece->sent = piece->rc == LDAP_SUCCESS;
	return SPN_OK;
}

static spn_status deliver_all(struct work *work, struct job *job, LDAPMessage *answer, spn_error *err)
{
	LDAP *ld = work->link->ld;
	spn_status status = SPN_OK;
	for (LDAPMessage *message = ldap_first_entry(ld, answer); !status && message; message = ldap_next_entry(ld, message)) {
		SPK_AUTO(spn_entry) *entry = NULL;
		status = spk_ldap_entry(work->link, message, &entry, err);
		if (!status)
			status = deliver(entry, job, err);
	}
	return status;
}

static spn_status take_piece(struct work *work, struct piece *piece, spn_error *err)
{
	LDAPMessage *answer = NULL;
	struct job *job = piece->job;
	if (!spk_link_is_broken(work->link))
		work->link->transport.deadline = spk_deadline_in(work->link->timeout);
	spn_status status = spk_link_await(
			work->link, piece->rc, piece->id, LDAP_RES_SEARCH_RESULT, &answer, work->context, err);
	piece->sent = false;
	if (status)
		return status;
	spn_error cause = { .status = SPN_OK };
	status = spk_link_result(work->link, answer, NULL, work->context, &cause);
	if (status && cause.native == LDAP_SIZELIMIT_EXCEEDED && work->pages) {
		const spn_filter filter = filter_of(piece);
		spn_search paged = *job->search;
		paged.filter = &filter;
		status = spk_ldap_search_pages(work->ldap, &paged, job->attrs, work->context, deliver, job, err);
	} else if (!status) {
		status = deliver_all(work, job, answer, err);
	} else if (err) {
		*err = cause;
	}
	ldap_msgfree(answer);
	return status;
}

/* What was asked for and is not wanted any more. */
static void abandon(const struct work *work, struct piece *piece)
{
	if (piece->sent && !spk_link_is_broken(work->link))
		ldap_abandon_ext(work->link->ld, piece->id, NULL, NULL);
	piece->sent = false;
}

static void run(struct work *work)
{
	for (size_t done = 0, next = 0; done < work->n; done++) {
		for (; next < work->n && next - done < MAX_IN_FLIGHT; next++) {
			struct job *job = work->pieces[next].job;
			if (!job->outcome.status)
				job->outcome.status = send_piece(work, &work->pieces[next], &job->outcome);
		}
		struct job *job = work->pieces[done].job;
		if (job->outcome.status)
			abandon(work, &work->pieces[done]);
		else
			job->outcome.status = take_piece(work, &work->pieces[done], &job->outcome);
	}
}

static size_t count(const spn_filter *filter)
{
	size_t n = 0;
	if (filter && filter->op == SPN_FILTER_OR)
		while (filter->parts[n])
			n++;
	return n;
}

bool spk_ldap_has_parts(const spn_search *search)
{
	return search->scope != SPN_SCOPE_BASE && count(search->filter) > PARTS_A_SEARCH;
}

/* The pieces of a job: one behind the other. */
struct cutter {
	struct piece *pieces;
	const spn_filter **parts;
	size_t n_pieces, n_parts;
};

static size_t pieces_of(const spn_search *search)
{
	return spk_ldap_has_parts(search) ? (count(search->filter) + PARTS_A_SEARCH - 1) / PARTS_A_SEARCH : 1;
}

static bool make_room(struct cutter *cutter, size_t n_pieces)
{
	cutter->pieces = calloc(n_pieces + 1, sizeof *cutter->pieces);
	cutter->parts = calloc((n_pieces + 1) * (PARTS_A_SEARCH + 1), sizeof *cutter->parts);
	return cutter->pieces && cutter->parts;
}

static void free_cutter(struct cutter *cutter)
{
	free(cutter->pieces);
	free((void *)(uintptr_t)cutter->parts);
}
#define AUTOCUTTER __attribute__((cleanup(free_cutter)))

static void cut(struct cutter *cutter, struct job *job)
{
	size_t n = pieces_of(job->search), n_parts = count(job->search->filter);
	job->is_split = spk_ldap_has_parts(job->search);
	for (size_t i = 0; i < n; i++) {
		struct piece *piece = &cutter->pieces[cutter->n_pieces++];
		*piece = (struct piece){ .job = job };
		if (!job->is_split)
			continue;
		piece->parts = cutter->parts + cutter->n_parts;
		cutter->n_parts += PARTS_A_SEARCH + 1;
		for (size_t j = 0; j < PARTS_A_SEARCH && i * PARTS_A_SEARCH + j < n_parts; j++)
			piece->parts[j] = job->search->filter->parts[i * PARTS_A_SEARCH + j];
	}
}

static spn_status on_one_connection(struct work *work, struct job *job, bool *ret_again)
{
	bool fresh;
	spn_status status = spk_link_get(work->ldap, job->search->forest, false, &work->link, &fresh, &job->outcome);
	if (status)
		return status;
	run(work);
	/* as for other searches: a server that has hung up is asked once more; one that is slow is not */
	*ret_again = job->outcome.status && !fresh && !job->delivered && spk_link_is_broken(work->link) &&
			work->link->transport.error != ETIMEDOUT;
	spk_link_release(work->ldap, work->link);
	return job->outcome.status;
}

spn_status spk_ldap_search_parts(spk_ldap *ldap, const spn_search *search, char **attrs, const char *context,
		spn_entry_fn *fn, void *data, spn_error *err)
{
	AUTOCUTTER struct cutter cutter = { .n_pieces = 0 };
	if (count(search->filter) > MAX_ALTERNATIVES)
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s: more than %d alternatives in one search", context, MAX_ALTERNATIVES);
	if (!make_room(&cutter, pieces_of(search)))
		return spk_nomem(err);
	struct job job = { .search = search, .attrs = attrs, .fn = fn, .data = data };
	cut(&cutter, &job);
	struct work work = { .ldap = ldap, .context = context, .pieces = cutter.pieces, .n = cutter.n_pieces, .pages = true };
	bool again = false;
	spn_status status = on_one_connection(&work, &job, &again);
	if (status && again) {
		job.outcome = (spn_error){ .status = SPN_OK };
		status = on_one_connection(&work, &job, &again);
	}
	tdestroy(job.seen, free);
	if (status && err)
		*err = job.outcome;
	return status;
}

static void fail_all(struct job *jobs, size_t n, const spn_error *why)
{
	for (size_t i = 0; i < n; i++)
		if (!jobs[i].outcome.status)
			jobs[i].outcome = *why;
}

/* Whoever asks for several at once asks again for each that fails: so nothing is tried twice here. */
static void search_jobs(spk_ldap *ldap, struct job *jobs, size_t n)
{
	AUTOCUTTER struct cutter cutter = { .n_pieces = 0 };
	spn_error why = { .status = SPN_OK };
	size_t n_pieces = 0;
	for (size_t i = 0; i < n; i++)
		n_pieces += pieces_of(jobs[i].search);
	struct work work = { .ldap = ldap, .context = "several searches at once" };
	spn_status status = make_room(&cutter, n_pieces) ? spk_link_get(ldap, false, false, &work.link, NULL, &why) :
							   spk_nomem(&why);
	if (status) {
		fail_all(jobs, n, &why);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (!jobs[i].outcome.status)
			cut(&cutter, &jobs[i]);
	work.pieces = cutter.pieces;
	work.n = cutter.n_pieces;
	run(&work);
	spk_link_release(ldap, work.link);
}

void spk_ldap_search_many(void *self, const spn_search *searches, size_t n, spn_entry_fn *fn, void *const *data,
		spn_error *ret_outcomes)
{
	SPK_AUTOFREE struct job *jobs = calloc(n + 1, sizeof *jobs);
	for (size_t i = 0; !jobs && i < n; i++)
		spk_nomem(&ret_outcomes[i]);
	if (!jobs)
		return;
	for (size_t i = 0; i < n; i++) {
		jobs[i] = (struct job){ .search = &searches[i], .attrs = spk_ldap_attrs(&searches[i]), .fn = fn, .data = data[i] };
		if (count(searches[i].filter) > MAX_ALTERNATIVES)
			spn_fail(&jobs[i].outcome, SPN_ERR_UNSUPPORTED, 0, "this is to be searched for alone");
	}
	search_jobs(self, jobs, n);
	for (size_t i = 0; i < n; i++) {
		tdestroy(jobs[i].seen, free);
		ret_outcomes[i] = jobs[i].outcome;
	}
}
