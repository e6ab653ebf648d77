/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "model/entry.h"

spn_status spk_ldap_search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	spk_ldap *ldap = self;
	char **attrs = spk_ldap_attrs(search);
	SPK_AUTOFREE char *context = spk_printf("cannot search '%s' at '%s'",
			search->forest ? "the global catalog" : search->base ? search->base : "", ldap->url);
	if (!context)
		return spk_nomem(err);
	return spk_ldap_has_parts(search) ? spk_ldap_search_parts(ldap, search, attrs, context, fn, data, err) :
			spk_ldap_search_pages(ldap, search, attrs, context, fn, data, err);
}

static spn_status keep_root(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_entry_copy(entry, data, err);
}

spn_status spk_ldap_root(void *self, spn_entry **ret_root, spn_error *err)
{
	spn_search search = { .base = "", .scope = SPN_SCOPE_BASE, .attrs = spk_root_attrs };
	SPK_AUTO(spn_entry) *root = NULL;
	spn_status status = spk_ldap_search(self, &search, keep_root, &root, err);
	if (!status && !root)
		status = spn_fail(err, SPN_ERR_DENIED, 0, "the root DSE of '%s' cannot be read", ((spk_ldap *)self)->url);
	if (status)
		return status;
	*ret_root = root;
	root = NULL;
	return SPN_OK;
}
