/* SPDX-License-Identifier: MIT */
/* Resource-based delegation: which accounts may act as any user towards an account ([MS-SFU] 3.2.5.2.2). */
#include <stdlib.h>
#include <string.h>

#include "delegation_look.h"
#include "account/proof.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/adtypes.h"
#include "model/entry.h"

static spk_domain_id domain_of(const spn_account *account)
{
	const spn_bytes *own;
	spk_domain_id domain = { .is_known = false };
	if (spn_entry_values(account->entry, "objectSid", &own))
		spk_domain_id_set(&domain, *own);
	return domain;
}

static bool is_of_domain_of(spn_bytes sid, const spn_account *account)
{
	const spk_domain_id domain = domain_of(account);
	return spk_domain_id_is_of(&domain, sid);
}

static bool is_foreign(spn_bytes sid, const spn_account *account)
{
	const spk_domain_id domain = domain_of(account);
	return !spk_sid_is_of_many(sid) && spk_sid_is_elsewhere(sid, &domain);
}

static bool is_group(const spn_account *trustee)
{
	return trustee && !spk_account_is_wanted(trustee->entry, SPN_WANT_ANY);
}

/* ---- other domains ---- */

static spn_status open_place(spk_look *look, spn_error *err)
{
	if (look->wide.place)
		return SPN_OK;
	look->wide.place = &look->place;
	return spk_place_open(look->dir, &look->place, err);
}

static spn_status take_foreign(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

static spn_status find_alternatives(spk_look *look, const spk_aces *aces, spn_error *err)
{
	SPK_AUTOFREE spn_filter *list = calloc(aces->n, sizeof *list);
	SPK_AUTOFREE const spn_filter **parts = calloc(aces->n + 1, sizeof *parts);
	spn_error why = { .status = SPN_OK };
	if (!list || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < aces->n; i++) {
		list[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = "objectSid", .value = aces->list[i].sid };
		parts[i] = &list[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search search = {
		.scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = spk_delegation_attrs, .forest = true
	};
	spn_status status = open_place(look, err);
	if (status || look->place.is_silent || (look->place.is_file && !look->place.has_others))
		return status;
	status = spn_directory_search(look->dir, &search, take_foreign, &look->referred, &why);
	if (status == SPN_ERR_NOMEM)
		return spk_nomem(err);
	if (status) /* what it would have told is reported as not known */
		spk_place_is_silent(&look->place, &why);
	return SPN_OK;
}

spn_status spk_look_find_foreign(spk_look *look, spn_error *err)
{
	SPK_AUTOACES spk_aces all = { .n = 0 };
	spn_status status = SPN_OK;
	size_t n = 0;
	for (size_t i = 0; !status && i < look->accounts.n; i++) {
		bool unclear;
		size_t from = all.n;
		status = spk_aces_add(&all, look->accounts.list[i], SPK_LETS_ACT, &unclear, err);
		for (size_t j = from; j < all.n; j++)
			if (is_foreign(all.list[j].sid, look->accounts.list[i]))
				all.list[n++] = all.list[j];
		all.n = n;
	}
	return status || !n ? status : find_alternatives(look, &all, err);
}

/* ---- groups ---- */

/* What Authenticated Users are in, or the users and computers of the domain that this one is of. */
static spn_status add_wide(spk_look *look, spn_bytes sid, spn_error *err)
{
	spk_domain_id domain = { .is_known = false };
	size_t n = look->wide_of.n;
	spk_domain_id_set(&domain, sid);
	size_t place = spk_keys_add(&look->wide_of, (spn_bytes){ domain.bytes, domain.is_known ? SPK_DOMAIN_ID : 0 });
	if (place == SIZE_MAX)
		return spk_nomem(err);
	if (place < n)
		return SPN_OK;
	return n ? spk_token_add_domain(look->dir, sid, &look->wide, err) :
		   spk_token_of_domain(look->dir, sid, &look->wide, err);
}

/* That is only of interest if a group is let in. */
static spn_status read_wide(spk_look *look, const spk_aces *aces, const spn_account *target, spn_error *err)
{
	const spn_bytes *own;
	spn_status status = SPN_OK;
	if (!spn_entry_values(target->entry, "objectSid", &own))
		return SPN_OK;
	for (size_t i = 0; !status && i < aces->n; i++) {
		spn_bytes sid = aces->list[i].sid;
		bool is_of_own = is_of_domain_of(sid, target);
		if (!is_group(spk_look_trustee(look, sid)) || !(is_of_own || is_foreign(sid, target)))
			continue;
		status = open_place(look, err);
		if (!status)
			status = add_wide(look, *own, err);
		if (!status && !is_of_own)
			status = add_wide(look, sid, err);
	}
	return status;
}

/* ---- telling ---- */

/* Who is in a group of another domain, a file of both tells; the global catalog, only in part.  In one with a usual
 * name are its administrators and the like. */
static const char *what_is_unknown(
		const spk_look *look, const spn_account *trustee, spn_bytes sid, const spn_account *target)
{
	bool is_known = trustee ? look->place.is_file || !is_group(trustee) : spk_sid_usual_name(sid) != NULL;
	if (!is_foreign(sid, target) || is_known)
		return "";
	return trustee ? "; only the domain of that group knows whether all users of a domain are in it" :
			 "; only its own domain knows whether that is a group, and who is in it";
}

static spn_status tell_trustee(const spk_look *look, spn_bytes sid, const spn_account *target, spn_error *err)
{
	const spn_account *front = spk_look_trustee(look, sid);
	const char *label = spk_account_label(target);
	char text[SPK_SID_NAME] = "";
	bool is_in_wide = spk_token_has(&look->wide, sid);
	if (!spk_look_is_about(look, target) &&
			!(front && (spk_look_is_about(look, front) || spk_look_is_about_member(look, front))))
		return SPN_OK;
	const char *who = spk_look_trustee_label(look, sid, target, text);
	if (spk_sid_is_of_many(sid) || is_in_wide)
		return spk_look_tell(look, "rbcd-open", SPN_SEVERITY_BROKEN, NULL, target, NULL, err,
				"'%s' lets %s act as any user towards it%s: whoever has an account of that kind can take "
				"it over; "
				"clear " SPK_LETS_ACT,
				label, who,
				spk_sid_is_of_many(sid)     ? "" :
				is_of_domain_of(sid, target) ? ", a group that all users or all computers are in" :
							       ", a group that all users or all computers of a domain are in");
	if (spk_account_is_controller(target) || spn_account_is_kdc(target))
		return spk_look_tell(look, "wide-delegation", SPN_SEVERITY_BROKEN, NULL, target, NULL, err,
				"'%s' lets '%s' act as any user towards it: whoever can log on as that account rules "
				"the domain; clear " SPK_LETS_ACT,
				label, who);
	if (front)
		return spk_look_tell(look, "delegation", SPN_SEVERITY_OK, NULL, front, target, err,
				"'%s' may act as any user towards '%s', which allows it%s", who, label,
				what_is_unknown(look, front, sid, target));
	if (!is_of_domain_of(sid, target))
		return spk_look_tell(look, "delegation", SPN_SEVERITY_OK, NULL, target, NULL, err,
				"'%s' may act as any user towards '%s', which allows it%s", who, label,
				what_is_unknown(look, NULL, sid, target));
	char dead[SPK_SID_TEXT] = "";
	(void)spk_sid_print(sid, dead);
	return spk_look_tell(look, "rbcd-dead", SPN_SEVERITY_NOTICE, NULL, target, NULL, err,
			"'%s' lets '%s' act as any user towards it, which is the SID of no account%s: if the account "
			"was deleted, "
			"delete the SID from " SPK_LETS_ACT,
			label, dead, spk_directory_is_local(look->dir) ? " in this file" : " of the domain");
}

static spn_status tell_trustees(spk_look *look, const spn_account *target, spn_error *err)
{
	SPK_AUTOACES spk_aces aces = { .n = 0 };
	bool unclear;
	spn_status status = spk_aces_add(&aces, target, SPK_LETS_ACT, &unclear, err);
	if (!status && unclear && spk_look_is_about(look, target))
		status = spk_look_tell(look, "delegation", SPN_SEVERITY_NOTICE, NULL, target, NULL, err,
				"who may act as a user towards '%s' cannot be read: " SPK_LETS_ACT
				" is not a security descriptor",
				spk_account_label(target));
	if (!status)
		status = read_wide(look, &aces, target, err);
	for (size_t i = 0; !status && i < aces.n; i++)
		if (spk_aces_let_in(&aces, i))
			status = tell_trustee(look, aces.list[i].sid, target, err);
	return status;
}

spn_status spk_look_add_acting(const spk_look *look, spk_aces *aces, spn_error *err)
{
	spn_status status = SPN_OK;
	bool unclear;
	for (size_t i = 0; !status && i < look->accounts.n; i++)
		status = spk_aces_add(aces, look->accounts.list[i], SPK_LETS_ACT, &unclear, err);
	return status;
}

spn_status spk_look_tell_acting(spk_look *look, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < look->accounts.n; i++)
		status = tell_trustees(look, look->accounts.list[i], err);
	return status;
}
