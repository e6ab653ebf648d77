/* SPDX-License-Identifier: MIT */
#include "private.h"

#include "base/error.h"

/* Callbacks that search inside callbacks that search: more than this is a mistake. */
#define MAX_LINKS 8

/* Lends one that is there; those that are broken go. */
static spk_link *find(spk_ldap *ldap, bool catalog, bool paged, unsigned *ret_n)
{
	unsigned n = 0;
	for (spk_link *link = ldap->links, *next; link; link = next, n++) {
		next = link->next;
		if (!spk_link_is_broken(link) && spk_transport_is_gone(&link->transport))
			link->transport.ended = true;
		if (spk_link_is_broken(link)) {
			if (link->users == 0)
				spk_link_drop(ldap, link);
		} else if (link->catalog == catalog && !(paged && link->paging)) {
			link->users++;
			return link;
		}
	}
	*ret_n = n;
	return NULL;
}

spn_status spk_link_get(spk_ldap *ldap, bool catalog, bool paged, spk_link **ret_link, bool *ret_fresh,
		spn_error *err)
{
	spk_deadline deadline = spk_deadline_in(ldap->timeout);
	catalog = catalog && spk_link_has_catalog(ldap);
	unsigned n = 0;
	spk_link *link = find(ldap, catalog, paged, &n);
	if (!link && n >= MAX_LINKS)
		return spn_fail(err, SPN_ERR_INVALID, 0, "searches inside searches are nested too deep");
	if (ret_fresh)
		*ret_fresh = !link;
	if (link) {
		*ret_link = link;
		return SPN_OK;
	}
	spn_error why;
	spn_status status = spk_link_add(ldap, catalog, deadline, deadline, &link, &why);
	if (status == SPN_ERR_UNREACHABLE && spk_ldap_move(ldap, NULL) == SPN_OK)
		status = catalog ? spk_link_add(ldap, catalog, deadline, deadline, &link, &why) : (link = ldap->links, SPN_OK);
	if (status) {
		if (err)
			*err = why;
		return status;
	}
	link->users++;
	*ret_link = link;
	return SPN_OK;
}

void spk_link_release(spk_ldap *ldap, spk_link *link)
{
	if (--link->users == 0 && spk_link_is_broken(link))
		spk_link_drop(ldap, link);
}
