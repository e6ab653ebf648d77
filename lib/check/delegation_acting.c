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

/* Only the SIDs of the target's own domain can be looked up. */
static bool is_of_domain_of(spn_bytes sid, const spn_account *account)
{
	const spn_bytes *own;
	spk_domain_id domain = { .is_known = false };
	if (spn_entry_values(account->entry, "objectSid", &own))
		spk_domain_id_set(&domain, *own);
	return spk_domain_id_is_of(&domain, sid);
}

/* What Authenticated Users are in, or Domain Users, is only of interest if a group is let in. */
static spn_status read_wide(spk_look *look, const spk_aces *aces, const spn_account *target, spn_error *err)
{
	const spn_bytes *own;
	bool has_group = false;
	for (size_t i = 0; i < aces->n; i++) {
		const spn_account *front = spk_look_trustee(look, aces->list[i].sid);
		has_group |= front && is_of_domain_of(aces->list[i].sid, target) &&
				!spk_account_is_wanted(front->entry, SPN_WANT_ANY);
	}
	if (!has_group || look->has_wide || !spn_entry_values(target->entry, "objectSid", &own))
		return SPN_OK;
	look->has_wide = true;
	return spk_token_of_domain(look->dir, *own, &look->wide, err);
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
				spk_sid_is_of_many(sid) ? "" : ", a group that all users or all computers are in");
	if (spk_account_is_controller(target) || spn_account_is_kdc(target))
		return spk_look_tell(look, "wide-delegation", SPN_SEVERITY_BROKEN, NULL, target, NULL, err,
				"'%s' lets '%s' act as any user towards it: whoever can log on as that account rules "
				"the domain; clear " SPK_LETS_ACT,
				label, who);
	if (front)
		return spk_look_tell(look, "delegation", SPN_SEVERITY_OK, NULL, front, target, err,
				"'%s' may act as any user towards '%s', which allows it", who, label);
	if (!is_of_domain_of(sid, target))
		return spk_look_tell(look, "delegation", SPN_SEVERITY_OK, NULL, target, NULL, err,
				"'%s' may act as any user towards '%s', which allows it", who, label);
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
