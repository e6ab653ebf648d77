/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"

/* Enterprise Admins and Domain Admins ([MS-DTYP] 2.4.2.4) */
enum { ENTERPRISE_ADMINS = 519, DOMAIN_ADMINS = 512 };

#define FULL (SPN_RIGHT_WRITE | SPN_RIGHT_DACL | SPN_RIGHT_OWNER)

static spn_status take_domain(const spn_entry *entry, void *data, spn_error *err)
{
	const spn_bytes *sid;
	(void)err;
	if (spn_entry_values(entry, "objectSid", &sid))
		spk_domain_id_set(data, *sid);
	return SPN_OK;
}

/* Of a domain, by its DN: of another one, the global catalog has it. */
static spn_status read_sid(spn_directory *dir, const char *dn, bool forest, spk_domain_id *ret_id, spn_error *err)
{
	static const char *const attrs[] = { "objectSid", NULL };
	const spn_filter itself = { .op = SPN_FILTER_EQUAL, .attr = "distinguishedName", .value = spk_bytes(dn) };
	const spn_search here = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs },
			 there = { .scope = SPN_SCOPE_SUBTREE, .filter = &itself, .attrs = attrs, .forest = true };
	spn_status status = spn_directory_search(dir, forest ? &there : &here, take_domain, ret_id, err);
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

static spn_status take_trust(const spn_entry *entry, void *data, spn_error *err)
{
	const spn_bytes *sid;
	(void)err;
	if (spn_entry_values(entry, "securityIdentifier", &sid))
		spk_domain_id_set(data, *sid);
	return SPN_OK;
}

/* Of the root, if our domain is directly below it, or heads a tree of the forest: it has a trust with it then, of which
 * only its administrators can write the SID ([MS-ADTS] 6.1.6.7.8). */
static spn_status read_trust(spn_directory *dir, const spk_place *place, spk_domain_id *ret_id, spn_error *err)
{
	static const char *const attrs[] = { "securityIdentifier", NULL };
	SPK_AUTOTEXT spk_text root = { 0 };
	SPK_AUTOFREE char *system = spk_printf("CN=System,%s", place->own);
	spk_dn_domain(place->root, &root);
	if (!system || root.failed)
		return spk_nomem(err);
	const spn_filter partner = {
		.op = SPN_FILTER_EQUAL, .attr = "trustPartner", .value = { root.data ? root.data : "", root.len }
	};
	const spn_search search = { .base = system, .scope = SPN_SCOPE_ONE, .filter = &partner, .attrs = attrs };
	spn_status status = spn_directory_search(dir, &search, take_trust, ret_id, err);
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

static bool has_rid(spn_bytes sid, uint32_t wanted)
{
	uint32_t rid;
	return spk_sid_rid(sid, &rid) && rid == wanted;
}

/* The one domain whose group of this RID is given so much, except ours; not known if several are. */
static void find_only(const spk_permissions *permissions, uint32_t rid, unsigned rights, const spk_domain_id *but,
		spk_domain_id *ret_id)
{
	bool are_several = false;
	for (size_t i = 0; i < permissions->n; i++) {
		const spk_permission *one = &permissions->list[i];
		if (!one->entry.allows || !has_rid(one->entry.sid, rid) || (one->rights & rights) != rights ||
				spk_domain_id_is_of(but, one->entry.sid))
			continue;
		are_several |= spk_sid_is_elsewhere(one->entry.sid, ret_id);
		spk_domain_id_set(ret_id, one->entry.sid);
	}
	ret_id->is_known &= !are_several;
}

static bool mentions(const spk_permissions *permissions, uint32_t rid, const spk_domain_id *of)
{
	for (size_t i = 0; i < permissions->n; i++)
		if (has_rid(permissions->list[i].entry.sid, rid) && spk_domain_id_is_of(of, permissions->list[i].entry.sid))
			return true;
	return false;
}

static bool may_be_of_root(spn_bytes sid, const spk_domain_id *own)
{
	return spk_sid_may_rule_forest(sid) && spk_sid_is_elsewhere(sid, own);
}

/* Whether it matters which domain is the root. */
static bool is_asked_for(const spk_permissions *permissions, const spk_domain_id *own)
{
	bool is = may_be_of_root(permissions->owner, own);
	for (size_t i = 0; !is && i < permissions->n; i++)
		is = may_be_of_root(permissions->list[i].entry.sid, own);
	return is;
}

/* An export may lack the SIDs of its accounts, but not those of whom permissions name. */
static spn_status find_own(spn_directory *dir, const spk_permissions *permissions, spk_place *place, spn_error *err)
{
	static const spk_domain_id nothing = { .is_known = false };
	spk_domain_id *own = &place->home.own;
	spk_domain_id_set(own, permissions->self);
	spn_status status = own->is_known || !place->own ? SPN_OK : read_sid(dir, place->own, false, own, err);
	if (!status && !own->is_known)
		find_only(permissions, DOMAIN_ADMINS, 0, &nothing, own);
	return status;
}

static spn_status find_root(spn_directory *dir, const spk_permissions *permissions, spk_place *place, spn_error *err)
{
	spk_home *home = &place->home;
	spn_error why = { .status = SPN_OK };
	spn_status status = SPN_OK;
	if (place->root && place->own && spk_dn_equal(place->root, place->own))
		home->root = home->own;
	if (home->root.is_known || !is_asked_for(permissions, &home->own))
		return SPN_OK;
	if (place->root && place->own)
		status = read_trust(dir, place, &home->root, err);
	if (status)
		return status;
	if (place->root && !home->root.is_known)
		status = read_sid(dir, place->root, true, &home->root, &why);
	if (status == SPN_ERR_NOMEM)
		return spk_nomem(err);
	if (status)
		spk_place_is_silent(place, &why);
	if (!home->root.is_known && mentions(permissions, ENTERPRISE_ADMINS, &home->own))
		home->root = home->own;
	else if (!home->root.is_known)
		find_only(permissions, ENTERPRISE_ADMINS, FULL, &home->own, &home->root);
	return SPN_OK;
}

spn_status spk_place_read(spn_directory *dir, const spk_permissions *permissions, spk_place *place, spn_error *err)
{
	spn_status status = spk_place_open(dir, place, err);
	if (!status)
		status = find_own(dir, permissions, place, err);
	return status ? status : find_root(dir, permissions, place, err);
}
