/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/entry.h"
#include "model/filter.h"

/* Active Directory's MaxPageSize. */
#define PAGE_SIZE 1000
/* A page may be empty, but not so many in a row. */
#define MAX_EMPTY_PAGES 50
/* How many entries go by between two looks at what the server has sent of the next page. */
#define RELIEVE_EACH 64

struct run {
	spk_ldap *ldap;
	spk_link *link;
	const char *base, *filter, *context;
	int scope;
	char **attrs;
	spn_entry_fn *fn;
	void *data;
	bool delivered;        /* fn has seen an entry, so that the search cannot begin again */
	struct berval cookie;  /* where the next page begins; empty: there is none */
	char *first_dn; /* of the last page whose number is a power of two: who goes round in circles comes by there
			   again */
	size_t n_pages;
	unsigned empty_pages;
	int id, rc;            /* of the page that was asked for last */
	bool awaited;          /* it has not come yet */
};

static void end_pages(struct run *run)
{
	ber_memfree(run->cookie.bv_val);
	run->cookie = (struct berval){ 0, NULL };
	ldap_memfree(run->first_dn);
	run->first_dn = NULL;
	run->n_pages = 0;
}

static spn_status ask_for_page(struct run *run, spn_error *err)
{
	LDAP *ld = run->link->ld;
	LDAPControl scope = { (char *)(uintptr_t)SPK_CONTROL_DOMAIN_SCOPE, { 0, NULL }, 0 }, *page = NULL;
	spn_status status = spk_link_begin(run->link, run->context, err);
	if (status)
		return status;
	if (run->scope != LDAP_SCOPE_BASE && ldap_create_page_control(ld, PAGE_SIZE, &run->cookie, 0, &page))
		return spk_nomem(err);
	LDAPControl *descriptor = spk_ldap_descriptor_control(run->attrs);
	LDAPControl *controls[] = { &scope, page ? page : descriptor, page ? descriptor : NULL, NULL };
	run->rc = ldap_search_ext(ld, run->base, run->scope, run->filter, run->attrs, 0, controls, NULL, NULL,
			LDAP_NO_LIMIT, &run->id);
	if (page)
		ldap_control_free(page);
	run->awaited = true;
	return SPN_OK;
}

static spn_status await_page(struct run *run, LDAPMessage **ret_answer, spn_error *err)
{
	if (!spk_link_is_broken(run->link)) /* what was done with the page before took its time */
		run->link->transport.deadline = spk_deadline_in(run->link->timeout);
	run->awaited = false;
	return spk_link_await(run->link, run->rc, run->id, LDAP_RES_SEARCH_RESULT, ret_answer, run->context, err);
}

/* Reads how a page ended, and the cookie of the next one. */
static spn_status read_result(struct run *run, LDAPMessage *answer, struct berval *ret_cookie, spn_error *err)
{
	LDAPControl **controls = NULL;
	spn_status status = spk_link_result(run->link, answer, &controls, run->context, err);
	LDAPControl *page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
	ber_int_t estimate;
	if (!status && page && ldap_parse_pageresponse_control(run->link->ld, page, &estimate, ret_cookie))
		status = spk_fail_win32(err, SPN_ERR_FAILED, LDAP_DECODING_ERROR, 0,
				"%s: the server's pages cannot be read", run->context);
	ldap_controls_free(controls);
	return status;
}

/* Takes note of the next page, and sees to it that the pages come to an end. */
static spn_status turn_page(struct run *run, LDAPMessage *answer, struct berval *cookie, spn_error *err)
{
	LDAPMessage *first = ldap_first_entry(run->link->ld, answer);
	char *first_dn = first ? ldap_get_dn(run->link->ld, first) : NULL;
	bool repeated = cookie->bv_len > 0 && first_dn && run->first_dn && strcmp(first_dn, run->first_dn) == 0;
	run->empty_pages = first ? 0 : run->empty_pages + 1;
	run->n_pages++;
	if (first_dn && (!run->first_dn || (run->n_pages & (run->n_pages - 1)) == 0)) {
		ldap_memfree(run->first_dn);
		run->first_dn = first_dn;
	} else {
		ldap_memfree(first_dn);
	}
	ber_memfree(run->cookie.bv_val);
	run->cookie = *cookie;
	if (repeated || run->empty_pages > MAX_EMPTY_PAGES)
		return spn_fail(err, SPN_ERR_FAILED, 0, "%s: the server's pages do not end", run->context);
	return SPN_OK;
}

static spn_status deliver(struct run *run, LDAPMessage *answer, spn_error *err)
{
	size_t n = 0;
	for (LDAPMessage *message = ldap_first_entry(run->link->ld, answer); message;
			message = ldap_next_entry(run->link->ld, message)) {
		SPK_AUTO(spn_entry) *entry = NULL;
		if (run->awaited && ++n % RELIEVE_EACH == 0)
			spk_transport_relieve(&run->link->transport);
		spn_status status = spk_ldap_entry(run->link, message, &entry, err);
		if (status)
			return status;
		run->delivered = true;
		status = run->fn(entry, run->data, err);
		if (status)
			return status;
	}
	return SPN_OK;
}

/* The server is asked for the next page before it is our turn to work on this one. */
static spn_status one_page(struct run *run, spn_error *err)
{
	LDAPMessage *answer = NULL;
	spn_status status = await_page(run, &answer, err);
	if (status)
		return status;
	struct berval cookie = { 0, NULL };
	status = read_result(run, answer, &cookie, err);
	if (!status)
		status = turn_page(run, answer, &cookie, err);
	run->link->paging = !status && run->cookie.bv_len > 0;
	if (run->link->paging)
		status = ask_for_page(run, err);
	if (!status)
		status = deliver(run, answer, err);
	ldap_msgfree(answer);
	return status;
}

/* All pages on one connection. */
static spn_status all_pages(struct run *run, bool catalog, bool *ret_again, spn_error *err)
{
	bool fresh;
	spn_status status = spk_link_get(run->ldap, catalog, run->scope != LDAP_SCOPE_BASE, &run->link, &fresh, err);
	if (status)
		return status;
	status = ask_for_page(run, err);
	while (!status && run->awaited)
		status = one_page(run, err);
	if (run->awaited && !run->rc && !spk_link_is_broken(run->link)) /* fn wants no more */
		ldap_abandon_ext(run->link->ld, run->id, NULL, NULL);
	run->awaited = false;
	run->link->paging = false;
	/* a server that has hung up is asked once more; one that is slow is not */
	*ret_again = status && !fresh && !run->delivered && spk_link_is_broken(run->link) &&
			run->link->transport.error != ETIMEDOUT;
	end_pages(run);
	spk_link_release(run->ldap, run->link);
	return status;
}

spn_status spk_ldap_search_pages(spk_ldap *ldap, const spn_search *search, char **attrs, const char *context,
		spn_entry_fn *fn, void *data, spn_error *err)
{
	static const int scopes[] = { LDAP_SCOPE_BASE, LDAP_SCOPE_ONELEVEL, LDAP_SCOPE_SUBTREE };
	SPK_AUTOTEXT spk_text filter = { 0 };
	spk_filter_render(search->filter, &filter);
	if (filter.failed)
		return spk_nomem(err);
	struct run run = { .ldap = ldap, .base = search->base ? search->base : "", .filter = filter.data, .context = context,
		.scope = scopes[search->scope], .attrs = attrs, .fn = fn, .data = data };
	bool again = false;
	/* a first failure that is mended is nobody's business; fn may fail without a cause */
	spn_error cause = err ? *err : (spn_error){ 0 };
	spn_status status = all_pages(&run, search->forest, &again, &cause);
	if (status && again)
		status = all_pages(&run, search->forest, &again, &cause);
	if (status == SPN_ERR_NOT_FOUND && search->forest && !run.delivered)
		return spk_fail_as(err, SPN_ERR_UNSUPPORTED, &cause, "there is no global catalog behind '%s': "
				"give a domain controller by ldap:// or ldaps:// and the usual port", ldap->url);
	if (status && err)
		*err = cause;
	return status;
}
