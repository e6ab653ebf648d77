/* SPDX-License-Identifier: MIT */
#include "private.h"

#include "base/error.h"
#include "base/text.h"

/* Changes that are sent before the answer to the first of them has come: more gains nothing (a server works on one
 * after the other), and less memory is lost on either side when it goes wrong. */
#define MAX_IN_FLIGHT 64

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

/* Hands a change to the network. */
static int send_change(spk_link *link, const spn_change *change, int *ret_id, spn_error *err)
{
	struct request request = { 0 };
	int rc = build(change->mods, change->n_mods, &request, err) ? LDAP_NO_MEMORY
			: ldap_modify_ext(link->ld, change->dn, request.change_list, NULL, NULL, ret_id);
	free_request(&request);
	return rc;
}

/* Waits for the answer to a change that was sent with result code rc. */
static spn_status await_change(const spk_ldap *ldap, spk_link *link, const char *dn, int rc, int id, spn_error *err)
{
	SPK_AUTOFREE char *context = spk_printf("cannot change '%s'", dn);
	if (!context)
		return spk_nomem(err);
	spn_status status = spk_link_await_result(link, rc, id, LDAP_RES_MODIFY, context, err);
	/* it may have arrived, so it is not sent again */
	if (status == SPN_ERR_UNREACHABLE && spk_link_is_broken(link))
		return spk_fail_win32(err, status, rc ? rc : LDAP_SERVER_DOWN, 0,
				"no answer came from '%s' to the change of '%s' (%s): "
				"it may stand or not", ldap->url, dn, spk_transport_why(&link->transport));
	return status;
}

/* Starts the clock; a connection that is broken already has got nothing of the change. */
static spn_status begin_change(spk_link *link, const char *dn, spn_error *err)
{
	SPK_AUTOFREE char *context = spk_printf("cannot change '%s'", dn);
	return context ? spk_link_begin(link, context, err) : spk_nomem(err);
}

spn_status spk_ldap_modify(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	spk_ldap *ldap = self;
	spk_link *link = NULL;
	ldap->written = true; /* what was checked before was checked on this controller */
	spn_status status = spk_link_get(ldap, false, false, &link, NULL, err);
	if (status)
		return status;
	status = begin_change(link, dn, err);
	if (!status) {
		int id = 0, rc = send_change(link, &(spn_change){ dn, mods, n_mods }, &id, err);
		status = await_change(ldap, link, dn, rc, id, err);
	}
	spk_link_release(ldap, link);
	return status;
}

/* A change on its way. */
struct sent {
	int rc, id;
	bool is_sent;
};

static void run_many(const spk_ldap *ldap, spk_link *link, const spn_change *changes, size_t n, struct sent *sent,
		spn_error *ret_outcomes)
{
	for (size_t done = 0, next = 0; done < n; done++) {
		for (; next < n && next - done < MAX_IN_FLIGHT; next++) {
			if (begin_change(link, changes[next].dn, &ret_outcomes[next]))
				continue;
			sent[next].rc = send_change(link, &changes[next], &sent[next].id, NULL);
			sent[next].is_sent = true;
		}
		if (!sent[done].is_sent)
			continue;
		if (!spk_link_is_broken(link)) /* answers that are there already are read all the same */
			link->transport.deadline = spk_deadline_in(link->timeout);
		await_change(ldap, link, changes[done].dn, sent[done].rc, sent[done].id, &ret_outcomes[done]);
	}
}

void spk_ldap_modify_many(void *self, const spn_change *changes, size_t n, spn_error *ret_outcomes)
{
	spk_ldap *ldap = self;
	spn_error why = { .status = SPN_OK };
	spk_link *link = NULL;
	SPK_AUTOFREE struct sent *sent = calloc(n, sizeof *sent);
	ldap->written = true;
	if (!sent)
		spk_nomem(&why);
	else if (!spk_link_get(ldap, false, false, &link, NULL, &why)) {
		run_many(ldap, link, changes, n, sent, ret_outcomes);
		spk_link_release(ldap, link);
	}
	for (size_t i = 0; why.status && i < n; i++)
		ret_outcomes[i] = why;
}
