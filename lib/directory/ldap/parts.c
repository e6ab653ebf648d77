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
 * A long OR is taken apart: servers evaluate one of a thousand parts slower than twenty of fifty, and those are on
 * their way together.
 */
#define PARTS_A_SEARCH 50
#define MAX_IN_FLIGHT 16
#define MAX_ALTERNATIVES 100000

/* A piece of the OR, and the search for it. */
struct piece {
	const spn_filter **parts; /* ends with NULL */
	int id, rc;
	bool sent;
};

struct work {
	spk_ldap *ldap;
	spk_link *link;
	const spn_search *search;
	const char *context;
	char **attrs;
	struct piece *pieces;
	size_t n;
	void *seen; /* DNs: an entry that several pieces find is delivered once */
	spn_entry_fn *fn;
	void *data;
	bool delivered;
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static spn_status deliver(const spn_entry *entry, void *data, spn_error *err)
{
	struct work *work = data;
	if (tfind(spn_entry_dn(entry), &work->seen, compare))
		return SPN_OK;
	char *dn = strdup(spn_entry_dn(entry));
	if (!dn || !tsearch(dn, &work->seen, compare)) {
		free(dn);
		return spk_nomem(err);
	}
	work->delivered = true;
	return work->fn(entry, work->data, err);
}

static spn_filter filter_of(const struct piece *piece)
{
	return (spn_filter){ .op = SPN_FILTER_OR, .parts = piece->parts };
}

/* Without pages: a piece finds more than fits one only if something is odd, and then it is asked for anew. */
static spn_status send_piece(struct work *work, struct piece *piece, spn_error *err)
{
	static const int scopes[] = { LDAP_SCOPE_BASE, LDAP_SCOPE_ONELEVEL, LDAP_SCOPE_SUBTREE };
	LDAPControl scope = { (char *)(uintptr_t)SPK_CONTROL_DOMAIN_SCOPE, { 0, NULL }, 0 };
	LDAPControl *controls[] = { &scope, spk_ldap_descriptor_control(work->attrs), NULL };
	const spn_filter filter = filter_of(piece);
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_filter_render(&filter, &text);
	if (text.failed)
		return spk_nomem(err);
	spn_status status = spk_link_begin(work->link, work->context, err);
	if (status)
		return status;
	piece->rc = ldap_search_ext(work->link->ld, work->search->base ? work->search->base : "", scopes[work->search->scope],
			text.data, work->attrs, 0, controls, NULL, NULL, LDAP_NO_LIMIT, &piece->id);
	piece->sent = piece->rc == LDAP_SUCCESS;
	return SPN_OK;
}

static spn_status deliver_all(struct work *work, LDAPMessage *answer, spn_error *err)
{
	LDAP *ld = work->link->ld;
	spn_status status = SPN_OK;
	for (LDAPMessage *message = ldap_first_entry(ld, answer); !status && message; message = ldap_next_entry(ld, message)) {
		SPK_AUTO(spn_entry) *entry = NULL;
		status = spk_ldap_entry(work->link, message, &entry, err);
		if (!status)
			status = deliver(entry, work, err);
	}
	return status;
}

static spn_status take_piece(struct work *work, struct piece *piece, spn_error *err)
{
	LDAPMessage *answer = NULL;
	work->link->transport.deadline = spk_deadline_in(work->link->timeout);
	spn_status status = spk_link_await(
			work->link, piece->rc, piece->id, LDAP_RES_SEARCH_RESULT, &answer, work->context, err);
	piece->sent = false;
	if (status)
		return status;
	spn_error cause = { .status = SPN_OK };
	status = spk_link_result(work->link, answer, NULL, work->context, &cause);
	if (status && cause.native == LDAP_SIZELIMIT_EXCEEDED) {
		const spn_filter filter = filter_of(piece);
		spn_search paged = *work->search;
		paged.filter = &filter;
		status = spk_ldap_search_pages(work->ldap, &paged, work->attrs, work->context, deliver, work, err);
	} else if (!status) {
		status = deliver_all(work, answer, err);
	} else if (err) {
		*err = cause;
	}
	ldap_msgfree(answer);
	return status;
}

static spn_status run(struct work *work, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t done = 0, next = 0; !status && done < work->n; done++) {
		for (; !status && next < work->n && next - done < MAX_IN_FLIGHT; next++)
			status = send_piece(work, &work->pieces[next], err);
		if (!status)
			status = take_piece(work, &work->pieces[done], err);
	}
	/* what was asked for and is not wanted any more */
	for (size_t i = 0; i < work->n; i++)
		if (work->pieces[i].sent && !spk_link_is_broken(work->link))
			ldap_abandon_ext(work->link->ld, work->pieces[i].id, NULL, NULL);
	return status;
}

static spn_status on_one_connection(struct work *work, bool *ret_again, spn_error *err)
{
	bool fresh;
	for (size_t i = 0; i < work->n; i++)
		work->pieces[i].sent = false;
	spn_status status = spk_link_get(work->ldap, work->search->forest, false, &work->link, &fresh, err);
	if (status)
		return status;
	status = run(work, err);
	/* as for other searches: a server that has hung up is asked once more; one that is slow is not */
	*ret_again = status && !fresh && !work->delivered && spk_link_is_broken(work->link) &&
			work->link->transport.error != ETIMEDOUT;
	spk_link_release(work->ldap, work->link);
	return status;
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

spn_status spk_ldap_search_parts(spk_ldap *ldap, const spn_search *search, char **attrs, const char *context,
		spn_entry_fn *fn, void *data, spn_error *err)
{
	size_t n_parts = count(search->filter), n = (n_parts + PARTS_A_SEARCH - 1) / PARTS_A_SEARCH;
	if (n_parts > MAX_ALTERNATIVES)
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s: more than %d alternatives in one search", context, MAX_ALTERNATIVES);
	SPK_AUTOFREE struct piece *pieces = calloc(n, sizeof *pieces);
	SPK_AUTOFREE const spn_filter **parts = calloc(n * (PARTS_A_SEARCH + 1), sizeof *parts);
	if (!pieces || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++)
		pieces[i].parts = parts + i * (PARTS_A_SEARCH + 1);
	for (size_t i = 0; i < n_parts; i++)
		pieces[i / PARTS_A_SEARCH].parts[i % PARTS_A_SEARCH] = search->filter->parts[i];
	struct work work = { .ldap = ldap,
		.search = search,
		.context = context,
		.attrs = attrs,
		.pieces = pieces,
		.n = n,
		.fn = fn,
		.data = data };
	bool again = false;
	spn_error cause = err ? *err : (spn_error){ .status = SPN_OK };
	spn_status status = on_one_connection(&work, &again, &cause);
	if (status && again)
		status = on_one_connection(&work, &again, &cause);
	tdestroy(work.seen, free);
	if (status && err)
		*err = cause;
	return status;
}
