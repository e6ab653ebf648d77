/* SPDX-License-Identifier: MIT */
/*
 * DirSync ([MS-ADTS] 3.1.1.3.4.1.3) with object security, which everybody may use for what he may read.
 *
 * Another controller than the one that gave it would take a cookie, too, but may lag behind: what was read of it then
 * could be older than what the cookie stands for, and would never be corrected.
 */
#include "changes.h"

#include <string.h>

#include "base/error.h"

#define MAX_BYTES (1 << 20)
/* So many answers in a row that promise more. */
#define MAX_ANSWERS 100000

/* The server's own cookie. */
struct place {
	spk_text cookie;
	bool has_more;
};

static bool put_control(const spk_text *cookie, struct berval **ret_value)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	const char *data = cookie->len ? cookie->data : "";
	bool ok = ber && ber_printf(ber, "{iio}", LDAP_CONTROL_X_DIRSYNC_OBJECT_SECURITY, MAX_BYTES, data,
					 (ber_len_t)cookie->len) >= 0 &&
			ber_flatten(ber, ret_value) == 0;
	ber_free(ber, 1);
	return ok;
}

static bool read_control(const LDAPControl *control, struct place *place)
{
	ber_int_t more = 0, unused = 0;
	struct berval cookie = { 0, NULL };
	struct berval value = control->ldctl_value;
	BerElement *ber = ber_init(&value);
	bool ok = ber && ber_scanf(ber, "{iim}", &more, &unused, &cookie) != LBER_ERROR && cookie.bv_len > 0;
	spk_text_clear(&place->cookie);
	if (ok)
		spk_text_add_bytes(&place->cookie, cookie.bv_val, cookie.bv_len);
	ber_free(ber, 1);
	place->has_more = more != 0;
	return ok;
}

static spn_status deliver(spk_changes_run *run, LDAPMessage *answer, spn_error *err)
{
	spn_status status = SPN_OK;
	for (LDAPMessage *entry = ldap_first_entry(run->link->ld, answer); !status && entry && run->fn;
			entry = ldap_next_entry(run->link->ld, entry))
		status = spk_changes_deliver(run, entry, err);
	return status;
}

static spn_status one_answer(spk_changes_run *run, const char *filter, struct place *place, spn_error *err)
{
	const spn_search search = { .base = run->base,
		.scope = SPN_SCOPE_SUBTREE,
		.attrs = (const char *const *)(uintptr_t)run->attrs };
	struct berval *value = NULL;
	LDAPMessage *answer = NULL;
	LDAPControl **controls = NULL;
	if (!put_control(&place->cookie, &value))
		return spk_nomem(err);
	LDAPControl dirsync = { (char *)(uintptr_t)LDAP_CONTROL_X_DIRSYNC, *value, 1 };
	LDAPControl *asked[] = { &dirsync, NULL };
	spn_status status = spk_changes_ask(run, &search, filter, asked, &answer, err);
	ber_bvfree(value);
	if (status)
		return status;
	status = spk_link_result(run->link, answer, &controls, run->context, err);
	LDAPControl *control = ldap_control_find(LDAP_CONTROL_X_DIRSYNC, controls, NULL);
	if (!status && (!control || !read_control(control, place)))
		status = spk_fail_win32(err, SPN_ERR_UNSUPPORTED, LDAP_DECODING_ERROR, 0,
				"%s: the server's answer has no cookie", run->context);
	ldap_controls_free(controls);
	if (!status && place->cookie.failed)
		status = spk_nomem(err);
	if (!status)
		status = deliver(run, answer, err);
	ldap_msgfree(answer);
	return status;
}

/* Takes the server's own cookie out of ours. */
static spn_status open_cookie(const spk_changes_run *run, spn_bytes since, struct place *place, spn_error *err)
{
	if (!spk_changes_is(since, run->link->service))
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s: the last look was at another controller", run->context);
	size_t len = strlen(run->link->service) + 1;
	spk_text_add_bytes(&place->cookie, since.data + len, since.len - len);
	return place->cookie.failed ? spk_nomem(err) : SPN_OK;
}

/* Without a cookie, one is got for which the server looks at everything and sends next to nothing; the kind of filter
 * does not matter to it. */
spn_status spk_changes_by_dirsync(spk_changes_run *run, spn_bytes since, spn_error *err)
{
	static const char everything[] = "(objectClass=*)", the_domain[] = "(objectClass=domainDNS)";
	struct place place = { .has_more = true };
	spn_status status = spk_changes_service(run, err);
	if (!status && since.len)
		status = open_cookie(run, since, &place, err);
	for (size_t i = 0; !status && place.has_more; i++)
		status = i < MAX_ANSWERS ?
				one_answer(run, since.len ? everything : the_domain, &place, err) :
				spn_fail(err, SPN_ERR_FAILED, 0, "%s: the server's answers do not end", run->context);
	if (!status) {
		spk_changes_put_word(run, run->link->service);
		spk_text_add_bytes(&run->cookie, place.cookie.data, place.cookie.len);
	}
	spk_text_free(&place.cookie);
	return status;
}
