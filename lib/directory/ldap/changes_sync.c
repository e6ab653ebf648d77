/* SPDX-License-Identifier: MIT */
/*
 * RFC 4533, as OpenLDAP has it (slapo-syncprov), in the mode that refreshes and ends.
 *
 * For an entry that was deleted or can no longer be read, the server sends the entryUUID at most: one without a session
 * log lists the entries that remain.  In either case everything is read again.  Other changes arrive with the
 * objectGUID; if that is missing, everything is read, too.
 */
#include "changes.h"

#include <string.h>

#include "base/error.h"

static bool put_control(spn_bytes cookie, struct berval **ret_value)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	int rc = !ber            ? -1 :
			cookie.len ? ber_printf(ber, "{eo}", LDAP_SYNC_REFRESH_ONLY, cookie.data, (ber_len_t)cookie.len) :
				     ber_printf(ber, "{e}", LDAP_SYNC_REFRESH_ONLY);
	bool ok = rc >= 0 && ber_flatten(ber, ret_value) == 0;
	ber_free(ber, 1);
	return ok;
}

/* How an answer ends: a cookie, if that is another one now, and whether all that has gone was told. */
struct end {
	spk_text cookie;
	bool are_deletions_told;
};

static bool read_end(const LDAPControl *control, struct end *end)
{
	struct berval value = control->ldctl_value, cookie;
	ber_int_t told = 0;
	ber_len_t len;
	BerElement *ber = ber_init(&value);
	bool ok = ber && ber_scanf(ber, "{") != LBER_ERROR;
	if (ok && ber_peek_tag(ber, &len) == LDAP_TAG_SYNC_COOKIE) {
		ok = ber_scanf(ber, "m", &cookie) != LBER_ERROR;
		if (ok)
			spk_text_add_bytes(&end->cookie, cookie.bv_val, cookie.bv_len);
	}
	if (ok && ber_peek_tag(ber, &len) == LDAP_TAG_REFRESHDELETES)
		ok = ber_scanf(ber, "b", &told) != LBER_ERROR;
	end->are_deletions_told = told != 0;
	ber_free(ber, 1);
	return ok;
}

/* How an entry comes: LDAP_SYNC_PRESENT and so on; less than 0 without the control. */
static int state_of(const spk_changes_run *run, LDAPMessage *entry)
{
	LDAPControl **controls = NULL;
	ber_int_t state = -1;
	if (ldap_get_entry_controls(run->link->ld, entry, &controls) != LDAP_SUCCESS)
		return -1;
	LDAPControl *control = ldap_control_find(LDAP_CONTROL_SYNC_STATE, controls, NULL);
	struct berval value = control ? control->ldctl_value : (struct berval){ 0, NULL };
	BerElement *ber = control ? ber_init(&value) : NULL;
	if (!ber || ber_scanf(ber, "{e", &state) == LBER_ERROR)
		state = -1;
	ber_free(ber, 1);
	ldap_controls_free(controls);
	return state;
}

static spn_status fail_useless(const spk_changes_run *run, spn_error *err)
{
	return spn_fail(err, SPN_ERR_INVALID, 0, "%s: the server does not tell what has gone", run->context);
}

static spn_status deliver(spk_changes_run *run, LDAPMessage *answer, spn_error *err)
{
	LDAP *ld = run->link->ld;
	spn_status status = SPN_OK;
	for (LDAPMessage *message = ldap_first_message(ld, answer); !status && message && run->fn;
			message = ldap_next_message(ld, message)) {
		int type = ldap_msgtype(message);
		if (type == LDAP_RES_INTERMEDIATE) {
			status = fail_useless(run, err); /* a set of those that are still there, or no longer */
		} else if (type == LDAP_RES_SEARCH_ENTRY) {
			int state = state_of(run, message);
			status = state == LDAP_SYNC_ADD || state == LDAP_SYNC_MODIFY ?
					spk_changes_deliver(run, message, err) :
					fail_useless(run, err);
		}
	}
	return status;
}

static spn_status read_answer(
		spk_changes_run *run, LDAPMessage *answer, spn_bytes cookie, struct end *end, spn_error *err)
{
	LDAPControl **controls = NULL;
	spn_status status = spk_link_result(run->link, answer, &controls, run->context, err);
	LDAPControl *control = ldap_control_find(LDAP_CONTROL_SYNC_DONE, controls, NULL);
	if (!status && control && !read_end(control, end))
		status = spk_fail_win32(err, SPN_ERR_FAILED, LDAP_DECODING_ERROR, 0,
				"%s: the server's cookie cannot be read", run->context);
	ldap_controls_free(controls);
	if (status)
		return status;
	if (end->cookie.len == 0)
		spk_text_add_bytes(&end->cookie, cookie.data, cookie.len);
	bool is_as_before = cookie.len && spk_bytes_equal((spn_bytes){ end->cookie.data, end->cookie.len }, cookie);
	if (run->fn && !is_as_before && !end->are_deletions_told)
		return fail_useless(run, err);
	return deliver(run, answer, err);
}

/* Without a cookie, one is got with a search that finds next to nothing: it stands for a state of the database,
 * whatever is searched for. */
spn_status spk_changes_by_sync(spk_changes_run *run, spn_bytes since, spn_error *err)
{
	static const char *const attrs[] = { "objectGUID", NULL };
	const spn_search search = { .base = run->base,
		.scope = since.len ? SPN_SCOPE_SUBTREE : SPN_SCOPE_BASE,
		.attrs = attrs };
	const size_t head = since.len ? sizeof SPK_CHANGES_SYNC : 0;
	const spn_bytes cookie = { since.len ? since.data + head : "", since.len - head };
	struct berval *value = NULL;
	LDAPMessage *answer = NULL;
	struct end end = { .are_deletions_told = false };
	if (!put_control(cookie, &value))
		return spk_nomem(err);
	LDAPControl sync = { (char *)(uintptr_t)LDAP_CONTROL_SYNC, *value, 1 };
	LDAPControl *controls[] = { &sync, NULL };
	spn_status status = spk_changes_ask(run, &search, "(objectClass=*)", controls, &answer, err);
	ber_bvfree(value);
	if (!status)
		status = read_answer(run, answer, cookie, &end, err);
	if (!status && end.cookie.len == 0)
		status = spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "%s: the server's answer has no cookie", run->context);
	if (!status) {
		spk_changes_put_word(run, SPK_CHANGES_SYNC);
		spk_text_add_bytes(&run->cookie, end.cookie.data, end.cookie.len);
	}
	ldap_msgfree(answer);
	spk_text_free(&end.cookie);
	return status;
}
