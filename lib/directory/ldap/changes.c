/* SPDX-License-Identifier: MIT */
/*
 * What has changed since an earlier call: DirSync ([MS-ADTS] 3.1.1.3.4.1.3) with object security, which everybody may
 * use for what he may read.
 *
 * Our cookie is the name of the server's settings (dsServiceName), a NUL, and the server's own cookie.  Another
 * controller would take that, too, but may lag behind: what was read of it then could be older than what the cookie
 * stands for, and would never be corrected.
 */
#include "private.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/entry.h"

#define CONTROL_DIRSYNC "1.2.840.113556.1.4.841"
#define OBJECT_SECURITY 1
#define MAX_BYTES (1 << 20)
/* So many answers in a row that promise more. */
#define MAX_ANSWERS 100000

struct run {
	spk_link *link;
	const char *base, *context;
	char **attrs;
	spk_text cookie; /* the server's */
	bool has_more;
	spn_entry_fn *fn;
	void *data;
	bool delivered;
};

static bool put_control(const spk_text *cookie, struct berval **ret_value)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	const char *data = cookie->len ? cookie->data : "";
	bool ok = ber && ber_printf(ber, "{iio}", OBJECT_SECURITY, MAX_BYTES, data, (ber_len_t)cookie->len) >= 0 &&
			ber_flatten(ber, ret_value) == 0;
	ber_free(ber, 1);
	return ok;
}

static bool read_control(const LDAPControl *control, struct run *run)
{
	ber_int_t more = 0, unused = 0;
	struct berval cookie = { 0, NULL };
	struct berval value = control->ldctl_value;
	BerElement *ber = ber_init(&value);
	bool ok = ber && ber_scanf(ber, "{iim}", &more, &unused, &cookie) != LBER_ERROR && cookie.bv_len > 0;
	spk_text_clear(&run->cookie);
	if (ok)
		spk_text_add_bytes(&run->cookie, cookie.bv_val, cookie.bv_len);
	ber_free(ber, 1);
	run->has_more = more != 0;
	return ok;
}

static spn_status ask(struct run *run, const char *filter, LDAPMessage **ret_answer, spn_error *err)
{
	struct berval *value = NULL;
	int id = 0;
	spn_status status = spk_link_begin(run->link, run->context, err);
	if (status)
		return status;
	if (!put_control(&run->cookie, &value))
		return spk_nomem(err);
	LDAPControl dirsync = { (char *)(uintptr_t)CONTROL_DIRSYNC, *value, 1 };
	LDAPControl *controls[] = { &dirsync, NULL };
	int rc = ldap_search_ext(run->link->ld, run->base, LDAP_SCOPE_SUBTREE, filter, run->attrs, 0, controls, NULL,
			NULL, LDAP_NO_LIMIT, &id);
	ber_bvfree(value);
	return spk_link_await(run->link, rc, id, LDAP_RES_SEARCH_RESULT, ret_answer, run->context, err);
}

static spn_status deliver(struct run *run, LDAPMessage *answer, spn_error *err)
{
	for (LDAPMessage *message = ldap_first_entry(run->link->ld, answer); message && run->fn;
			message = ldap_next_entry(run->link->ld, message)) {
		SPK_AUTO(spn_entry) *entry = NULL;
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

static spn_status one_answer(struct run *run, const char *filter, spn_error *err)
{
	LDAPMessage *answer = NULL;
	LDAPControl **controls = NULL;
	spn_status status = ask(run, filter, &answer, err);
	if (status)
		return status;
	status = spk_link_result(run->link, answer, &controls, run->context, err);
	LDAPControl *control = ldap_control_find(CONTROL_DIRSYNC, controls, NULL);
	if (!status && (!control || !read_control(control, run)))
		status = spk_fail_win32(err, SPN_ERR_UNSUPPORTED, LDAP_DECODING_ERROR, 0,
				"%s: the server's answer has no cookie", run->context);
	ldap_controls_free(controls);
	if (!status && run->cookie.failed)
		status = spk_nomem(err);
	if (!status)
		status = deliver(run, answer, err);
	ldap_msgfree(answer);
	return status;
}

/* The server on the connection, asked for once. */
static spn_status learn_service(spk_link *link, const char *context, spn_error *err)
{
	char attr[] = "dsServiceName", *attrs[] = { attr, NULL };
	LDAPMessage *answer = NULL;
	int id = 0;
	if (link->service)
		return SPN_OK;
	spn_status status = spk_link_begin(link, context, err);
	if (status)
		return status;
	int rc = ldap_search_ext(link->ld, "", LDAP_SCOPE_BASE, "(objectClass=*)", attrs, 0, NULL, NULL, NULL, 1, &id);
	status = spk_link_await(link, rc, id, LDAP_RES_SEARCH_RESULT, &answer, context, err);
	if (status)
		return status;
	status = spk_link_result(link, answer, NULL, context, err);
	LDAPMessage *entry = status ? NULL : ldap_first_entry(link->ld, answer);
	struct berval **values = entry ? ldap_get_values_len(link->ld, entry, attr) : NULL;
	if (!status && (!values || !values[0] || memchr(values[0]->bv_val, '\0', values[0]->bv_len)))
		status = spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "%s: the server has no dsServiceName", context);
	if (!status && !(link->service = strndup(values[0]->bv_val, values[0]->bv_len)))
		status = spk_nomem(err);
	ldap_value_free_len(values);
	ldap_msgfree(answer);
	return status;
}

/* Takes the server's own cookie out of ours. */
static spn_status open_cookie(struct run *run, spn_bytes cookie, spn_error *err)
{
	size_t len = strlen(run->link->service);
	if (cookie.len <= len + 1 || memcmp(cookie.data, run->link->service, len + 1) != 0)
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s: the last look was at another controller", run->context);
	spk_text_add_bytes(&run->cookie, cookie.data + len + 1, cookie.len - len - 1);
	return run->cookie.failed ? spk_nomem(err) : SPN_OK;
}

static spn_status close_cookie(const struct run *run, spn_bytes *ret_cookie, spn_error *err)
{
	SPK_AUTOTEXT spk_text cookie = { 0 };
	spk_text_add_bytes(&cookie, run->link->service, strlen(run->link->service) + 1);
	spk_text_add_bytes(&cookie, run->cookie.data, run->cookie.len);
	if (cookie.failed)
		return spk_nomem(err);
	*ret_cookie = (spn_bytes){ cookie.data, cookie.len };
	cookie = (spk_text){ 0 };
	return SPN_OK;
}

/* Without a cookie, one is got for which the server looks at everything and sends next to nothing; the kind of filter
 * does not matter to it. */
static spn_status all_answers(struct run *run, spn_bytes cookie, spn_bytes *ret_cookie, spn_error *err)
{
	static const char everything[] = "(objectClass=*)", the_domain[] = "(objectClass=domainDNS)";
	spn_status status = learn_service(run->link, run->context, err);
	if (!status && cookie.len)
		status = open_cookie(run, cookie, err);
	run->fn = cookie.len ? run->fn : NULL;
	run->has_more = true;
	for (size_t i = 0; !status && run->has_more; i++)
		status = i < MAX_ANSWERS ?
				one_answer(run, cookie.len ? everything : the_domain, err) :
				spn_fail(err, SPN_ERR_FAILED, 0, "%s: the server's answers do not end", run->context);
	return status ? status : close_cookie(run, ret_cookie, err);
}

/* ret_again: the connection had been idle, and the server had hung up. */
static spn_status look(spk_ldap *ldap, struct run *run, spn_bytes cookie, spn_bytes *ret_cookie, bool *ret_again,
		spn_error *err)
{
	bool fresh = false;
	spn_status status = spk_link_get(ldap, false, false, &run->link, &fresh, err);
	if (status)
		return status;
	status = all_answers(run, cookie, ret_cookie, err);
	*ret_again = status && !fresh && !run->delivered && spk_link_is_broken(run->link) &&
			run->link->transport.error != ETIMEDOUT;
	spk_text_free(&run->cookie);
	spk_link_release(ldap, run->link);
	return status;
}

/* Whatever the server has against a cookie: it is of no use here. */
static spn_status judge(spn_status status, bool has_cookie, const spn_error *why, spn_error *err)
{
	switch (status) {
	case SPN_ERR_DENIED:
	case SPN_ERR_FAILED:
	case SPN_ERR_REFUSED:
	case SPN_ERR_NOT_FOUND:
	case SPN_ERR_UNSUPPORTED:
		return spk_fail_as(err, has_cookie ? SPN_ERR_INVALID : SPN_ERR_UNSUPPORTED, why, "%s", why->message);
	default:
		if (status && err)
			*err = *why;
		return status;
	}
}

spn_status spk_ldap_changes(void *self, const char *base, const char *const *attrs, spn_bytes cookie, spn_entry_fn *fn,
		void *data, spn_bytes *ret_cookie, spn_error *err)
{
	spk_ldap *ldap = self;
	SPK_AUTOFREE char *context = spk_printf("cannot ask '%s' what has changed below '%s'", ldap->url, base);
	if (!context)
		return spk_nomem(err);
	bool again = true;
	spn_status status = SPN_ERR_UNREACHABLE;
	spn_error why = { .status = SPN_OK };
	for (int i = 0; i < 2 && again; i++) {
		struct run run = {
			.base = base, .context = context, .attrs = (char **)(uintptr_t)attrs, .fn = fn, .data = data
		};
		again = false;
		status = look(ldap, &run, cookie, ret_cookie, &again, &why);
	}
	return judge(status, cookie.len > 0, &why, err);
}
