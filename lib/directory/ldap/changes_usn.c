/* SPDX-License-Identifier: MIT */
/*
 * uSNChanged ([MS-ADTS] 3.1.1.1.9): a controller numbers what it writes, and each entry has the number of its last
 * change there.  Numbers of two controllers have nothing to do with each other, nor have those of one before and after
 * it was restored, which gets another invocationId for that.  A controller that was put back by other means (a snapshot
 * of a virtual machine, on a host that does not tell it) keeps that: if its highest number is lower than it was, all is
 * read again; if it has grown beyond meanwhile, what changed in between is not told.
 *
 * The cookie: the invocationId, and the highest number that was given when it was made, in decimal.
 */
#include "changes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/entry.h"

#define CONTROL_SHOW_DELETED "1.2.840.113556.1.4.417"
#define ID_SIZE 16

struct place {
	char invocation[ID_SIZE];
	unsigned long long highest;
};

static bool read_number(spn_bytes text, unsigned long long *ret_number)
{
	char digits[24], *end;
	if (text.len == 0 || text.len >= sizeof digits || text.data[0] < '0' || text.data[0] > '9')
		return false;
	memcpy(digits, text.data, text.len);
	digits[text.len] = '\0';
	errno = 0;
	*ret_number = strtoull(digits, &end, 10);
	return !*end && !errno && *ret_number < INT64_MAX;
}

static spn_status read_highest(const spk_changes_run *run, struct place *place, spn_error *err)
{
	static const char *const attrs[] = { "highestCommittedUSN", SPK_CHANGES_SERVICE, NULL };
	SPK_AUTO(spn_entry) *root = NULL;
	const spn_bytes *values;
	spn_status status = spk_changes_read(run, "", attrs, &root, err);
	if (!status && (!spn_entry_values(root, attrs[0], &values) || !read_number(values[0], &place->highest)))
		status = spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "%s: the server does not number its changes", run->context);
	return status ? status : spk_changes_keep_service(run, root, err);
}

/* It stays what it is while a controller runs, and so on one connection. */
static spn_status read_invocation(const spk_changes_run *run, struct place *place, spn_error *err)
{
	static const char *const attrs[] = { "invocationId", NULL };
	SPK_AUTO(spn_entry) *settings = NULL;
	const spn_bytes *values;
	spn_status status = run->link->invocation ?
			SPN_OK :
			spk_changes_read(run, run->link->service, attrs, &settings, err);
	if (!status && settings && (!spn_entry_values(settings, attrs[0], &values) || values[0].len != ID_SIZE))
		status = spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "%s: the server has no invocationId", run->context);
	if (status)
		return status;
	if (settings) {
		run->link->invocation = malloc(ID_SIZE);
		if (!run->link->invocation)
			return spk_nomem(err);
		memcpy(run->link->invocation, values[0].data, ID_SIZE);
	}
	memcpy(place->invocation, run->link->invocation, ID_SIZE);
	return SPN_OK;
}

static bool open_cookie(spn_bytes since, struct place *place)
{
	const size_t head = sizeof SPK_CHANGES_USN + ID_SIZE;
	if (since.len <= head)
		return false;
	memcpy(place->invocation, since.data + sizeof SPK_CHANGES_USN, ID_SIZE);
	return read_number((spn_bytes){ since.data + head, since.len - head }, &place->highest);
}

static spn_status check(const spk_changes_run *run, spn_bytes since, const struct place *now, struct place *ret_last,
		spn_error *err)
{
	const char *why = NULL;
	if (!open_cookie(since, ret_last))
		why = "the cookie is damaged";
	else if (memcmp(ret_last->invocation, now->invocation, ID_SIZE) != 0)
		why = "the last look was at another controller, or at this one before it was restored";
	else if (ret_last->highest > now->highest)
		why = "this controller has been put back";
	return why ? spn_fail(err, SPN_ERR_INVALID, 0, "%s: %s", run->context, why) : SPN_OK;
}

/* More than one page of it is more than is worth it: a server that cuts off has said so, and all is read. */
static spn_status tell(spk_changes_run *run, unsigned long long last, spn_error *err)
{
	static const char *const attrs[] = { "objectGUID", NULL };
	const spn_search search = { .base = run->base, .scope = SPN_SCOPE_SUBTREE, .attrs = attrs };
	LDAPControl deleted = { (char *)(uintptr_t)CONTROL_SHOW_DELETED, { 0, NULL }, 0 };
	LDAPControl scope = { (char *)(uintptr_t)SPK_CONTROL_DOMAIN_SCOPE, { 0, NULL }, 0 };
	LDAPControl *controls[] = { &deleted, &scope, NULL };
	LDAPMessage *answer = NULL;
	char filter[48];
	snprintf(filter, sizeof filter, "(uSNChanged>=%llu)", last + 1);
	spn_status status = spk_changes_ask(run, &search, filter, controls, &answer, err);
	if (status)
		return status;
	status = spk_link_result(run->link, answer, NULL, run->context, err);
	for (LDAPMessage *entry = ldap_first_entry(run->link->ld, answer); !status && entry;
			entry = ldap_next_entry(run->link->ld, entry))
		status = spk_changes_deliver(run, entry, err);
	ldap_msgfree(answer);
	return status;
}

/* The highest number is read first: whatever is written during the search has a higher one, and is reported again. */
spn_status spk_changes_by_usn(spk_changes_run *run, spn_bytes since, spn_error *err)
{
	struct place now = { .highest = 0 }, last = { .highest = 0 };
	char number[24];
	spn_status status = read_highest(run, &now, err);
	if (!status)
		status = read_invocation(run, &now, err);
	if (!status && since.len)
		status = check(run, since, &now, &last, err);
	if (!status && since.len && now.highest > last.highest)
		status = tell(run, last.highest, err);
	if (status)
		return status;
	spk_changes_put_word(run, SPK_CHANGES_USN);
	spk_text_add_bytes(&run->cookie, now.invocation, ID_SIZE);
	spk_text_add_bytes(&run->cookie, number, (size_t)snprintf(number, sizeof number, "%llu", now.highest));
	return SPN_OK;
}
