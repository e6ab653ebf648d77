/* SPDX-License-Identifier: MIT */
/* What has changed since an earlier call: which of the ways is taken. */
#include "changes.h"

#include <errno.h>

#include "base/error.h"
#include "model/entry.h"

#define CONTROLS "supportedControl"

static bool has_control(const spn_entry *root, const char *oid)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(root, CONTROLS, &values);
	for (size_t i = 0; i < n; i++)
		if (spk_bytes_equal(values[i], spk_bytes(oid)))
			return true;
	return false;
}

/* What a server may say to a request that it does not grant; not that it has gone. */
static bool is_refusal(spn_status status)
{
	return status == SPN_ERR_DENIED || status == SPN_ERR_FAILED || status == SPN_ERR_REFUSED ||
			status == SPN_ERR_NOT_FOUND || status == SPN_ERR_UNSUPPORTED;
}

/* The first cookie, of the best way that the server has. */
static spn_status begin(spk_changes_run *run, spn_error *err)
{
	static const char *const attrs[] = { CONTROLS, SPK_CHANGES_SERVICE, NULL };
	const spn_bytes nothing = { NULL, 0 };
	SPK_AUTO(spn_entry) *root = NULL;
	spn_status status = spk_changes_read(run, "", attrs, &root, err);
	if (status)
		return status;
	bool has_dirsync = has_control(root, LDAP_CONTROL_X_DIRSYNC);
	if (!has_dirsync && has_control(root, LDAP_CONTROL_SYNC))
		return spk_changes_by_sync(run, nothing, err);
	status = spk_changes_keep_service(run, root, err);
	if (status || !has_dirsync)
		return status ? status : spk_changes_by_usn(run, nothing, err);
	spn_error why = { .status = SPN_OK };
	status = spk_changes_by_dirsync(run, nothing, &why);
	if (is_refusal(status)) {
		spk_text_clear(&run->cookie);
		return spk_changes_by_usn(run, nothing, err);
	}
	return status ? spk_fail_as(err, status, &why, "%s", why.message) : SPN_OK;
}

static spn_status go_on(spk_changes_run *run, spn_bytes since, spn_error *err)
{
	if (spk_changes_is(since, SPK_CHANGES_USN))
		return spk_changes_by_usn(run, since, err);
	if (spk_changes_is(since, SPK_CHANGES_SYNC))
		return spk_changes_by_sync(run, since, err);
	return spk_changes_by_dirsync(run, since, err);
}

static spn_status ask(spk_changes_run *run, spn_bytes since, spn_bytes *ret_cookie, spn_error *err)
{
	run->fn = since.len ? run->fn : NULL;
	spn_status status = since.len ? go_on(run, since, err) : begin(run, err);
	if (!status && run->cookie.failed)
		status = spk_nomem(err);
	if (!status) {
		*ret_cookie = (spn_bytes){ run->cookie.data, run->cookie.len };
		run->cookie = (spk_text){ 0 };
	}
	spk_text_free(&run->cookie);
	return status;
}

/* ret_again: the connection had been idle, and the server had hung up. */
static spn_status look(spk_ldap *ldap, spk_changes_run *run, spn_bytes since, spn_bytes *ret_cookie, bool *ret_again,
		spn_error *err)
{
	bool fresh = false;
	spn_status status = spk_link_get(ldap, false, false, &run->link, &fresh, err);
	if (status)
		return status;
	status = ask(run, since, ret_cookie, err);
	*ret_again = status && !fresh && !run->delivered && spk_link_is_broken(run->link) &&
			run->link->transport.error != ETIMEDOUT;
	spk_link_release(ldap, run->link);
	return status;
}

/* Whatever the server has against a cookie: it is of no use here. */
static spn_status judge(spn_status status, bool has_cookie, const spn_error *why, spn_error *err)
{
	if (is_refusal(status))
		return spk_fail_as(err, has_cookie ? SPN_ERR_INVALID : SPN_ERR_UNSUPPORTED, why, "%s", why->message);
	if (status && err)
		*err = *why;
	return status;
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
		spk_changes_run run = {
			.base = base, .context = context, .attrs = (char **)(uintptr_t)attrs, .fn = fn, .data = data
		};
		again = false;
		status = look(ldap, &run, cookie, ret_cookie, &again, &why);
	}
	return judge(status, cookie.len > 0, &why, err);
}
