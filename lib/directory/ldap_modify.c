/* SPDX-License-Identifier: MIT */
#include "ldap_private.h"

#include "base/error.h"
#include "base/text.h"

/* What libldap wants: an array of pointers to changes with arrays of pointers to values. */
struct request {
	LDAPMod *changes, **change_list;
	struct berval *values, **value_list;
};

static void free_request(struct request *request)
{
	free(request->changes);
	free(request->change_list);
	free(request->values);
	free(request->value_list);
}

static bool is_continued(const spn_mod *mod, const spn_mod *before)
{
	return mod->op == before->op && spk_ascii_equal(mod->attr, before->attr);
}

/* Neighbours of the same kind become one change with several values: the order is kept. */
static spn_status build(const spn_mod *mods, size_t n, struct request *request, spn_error *err)
{
	request->changes = calloc(n, sizeof *request->changes);
	request->change_list = calloc(n + 1, sizeof(LDAPMod *));
	request->values = calloc(n, sizeof *request->values);
	request->value_list = calloc(2 * n, sizeof(struct berval *)); /* with a NULL after each change */
	if (!request->changes || !request->change_list || !request->values || !request->value_list)
		return spk_nomem(err);
	size_t n_changes = 0, at = 0;
	for (size_t i = 0; i < n; i++) {
		request->values[i] = (struct berval){ mods[i].value.len, (char *)(uintptr_t)mods[i].value.data };
		if (i == 0 || !is_continued(&mods[i], &mods[i - 1])) {
			if (i > 0)
				at++;
			LDAPMod *change = &request->changes[n_changes];
			change->mod_op = LDAP_MOD_BVALUES | (mods[i].op == SPN_MOD_ADD ? LDAP_MOD_ADD : LDAP_MOD_DELETE);
			change->mod_type = (char *)(uintptr_t)mods[i].attr;
			change->mod_bvalues = request->value_list + at;
			request->change_list[n_changes++] = change;
		}
		request->value_list[at++] = &request->values[i];
	}
	return SPN_OK;
}

static spn_status send_and_wait(spk_ldap *ldap, spk_link *link, const char *dn, LDAPMod **changes, spn_error *err)
{
	SPK_AUTOFREE char *context = spk_printf("cannot change '%s'", dn);
	if (!context)
		return spk_nomem(err);
	spn_status status = spk_link_begin(link, context, err);
	if (status)
		return status;
	int id = 0, rc = ldap_modify_ext(link->ld, dn, changes, NULL, NULL, &id);
	status = spk_link_await_result(link, rc, id, LDAP_RES_MODIFY, context, err);
	/* it may have arrived, so it is not sent again */
	if (status == SPN_ERR_UNREACHABLE && spk_link_is_broken(link))
		return spn_fail(err, status, rc ? rc : LDAP_SERVER_DOWN, "no answer came from '%s' to the change of '%s' (%s): "
				"it may stand or not", ldap->url, dn, spk_transport_why(&link->transport));
	return status;
}

spn_status spk_ldap_modify(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	spk_ldap *ldap = self;
	struct request request = { 0 };
	spn_status status = build(mods, n_mods, &request, err);
	spk_link *link = NULL;
	if (!status)
		status = spk_link_get(ldap, false, false, &link, NULL, err);
	if (!status) {
		status = send_and_wait(ldap, link, dn, request.change_list, err);
		spk_link_release(ldap, link);
	}
	free_request(&request);
	return status;
}
