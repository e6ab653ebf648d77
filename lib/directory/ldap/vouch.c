/* SPDX-License-Identifier: MIT */
/*
 * Who vouches for a domain that is not that of the credentials.  Our KDC sends us on to the KDC of any realm that it
 * has a key for, and a name of an account will do: whoever has "krbtgt/REALM" on an account, and answers for DNS, is
 * all of that domain for us.  So our own domain, which has to prove who it is, is asked whether it knows the other one.
 */
#include "private.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/known.h"

#define UF_INTERDOMAIN_TRUST_ACCOUNT 0x800ul

static spn_status ask_to_open(spk_open_home_fn *open_home, const spn_open_options *options, const char *domain,
		const char *realm, spn_directory **ret_home, spn_error *err)
{
	spn_error why = { .status = SPN_OK };
	spn_status status = open_home(options, ret_home, &why);
	return !status ? SPN_OK : spk_fail_win32(err, status, why.native, why.win32,
			"the domain of the credentials, '%s', cannot be asked whether it knows '%s', so name a controller of that yourself "
			"(ldap://HOST): %s", realm, domain, why.message);
}

/* Trusts have accounts too, whose name that may be. */
static spn_status note_holder(const spn_entry *entry, void *data, spn_error *err)
{
	const char *control = spn_entry_text(entry, "userAccountControl");
	(void)err;
	if (control && strtoul(control, NULL, 10) & UF_INTERDOMAIN_TRUST_ACCOUNT)
		return SPN_OK;
	spk_text_clear(data);
	spk_text_add(data, "%s", spn_entry_dn(entry));
	return SPN_OK;
}

/* A domain of the forest that ours has no trust of its own with is reached by that name as well. */
static spn_status check_holders(spn_directory *home, const char *domain, spn_error *err)
{
	static const char *const attrs[] = { "userAccountControl", NULL };
	SPK_AUTOTEXT spk_text holder = { 0 };
	SPK_AUTOFREE char *name = spk_printf("krbtgt/%s", domain);
	if (!name)
		return spk_nomem(err);
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = "servicePrincipalName", .value = spk_bytes(name) };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = attrs };
	spn_status status = spn_directory_search(home, &search, note_holder, &holder, err);
	if (!status && holder.failed)
		return spk_nomem(err);
	return status || !holder.len ? status :
				       spn_fail(err, SPN_ERR_REFUSED, 0,
						       "'%s' holds '%s', and so can pose as the domain '%s': nothing "
						       "is sent there until that name is gone",
						       holder.data, name, domain);
}

static spn_status ask(spn_directory *home, const char *domain, const char *realm, spn_error *err)
{
	bool known = false;
	spn_status status = spk_domain_is_known(home, domain, &known, err);
	if (status)
		return status;
	return known ? check_holders(home, domain, err) :
		       spn_fail(err, SPN_ERR_REFUSED, 0,
				       "the domain of the credentials, '%s', does not know '%s' (it is not in its "
				       "forest and does not trust it), so anyone could "
				       "answer for it: name a controller yourself (ldap://HOST)",
				       realm, domain);
}

/* Whether a directory that is open already is that of the credentials. */
static bool is_home(spn_directory *dir, const char *realm)
{
	SPK_AUTOTEXT spk_text own = { 0 };
	return dir && spk_domain_own(dir, &own, NULL) == SPN_OK && own.len && spk_ascii_equal(own.data, realm);
}

spn_status spk_ldap_vouch(const spk_ldap *ldap, spn_directory *dir, const spn_open_options *options,
		spk_open_home_fn *open_home, spn_error *err)
{
	SPK_AUTO(spn_directory) *opened = NULL;
	if (!ldap->credentials || ldap->trust_dns || spk_ascii_equal(ldap->domain, spk_credentials_realm(ldap->credentials)))
		return SPN_OK;
	const char *realm = spk_credentials_realm(ldap->credentials);
	bool at_home = is_home(dir, realm);
	spn_status status = at_home ? SPN_OK : ask_to_open(open_home, options, ldap->domain, realm, &opened, err);
	return status ? status : ask(at_home ? dir : opened, ldap->domain, realm, err);
}
