/* SPDX-License-Identifier: MIT */
#include "domain.h"

#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"

spn_status spk_domain_named(spn_directory *dir, const char *name, spk_text *ret_dns, spn_error *err)
{
	const char *base = NULL;
	SPK_AUTOTEXT spk_text own = { 0 }, first = { 0 };
	spn_status status = spk_domain_own(dir, &own, err);
	if (!status)
		status = spk_directory_context(dir, "defaultNamingContext", &base, err);
	if (status)
		return status;
	spk_dn_first_value(base ? base : "", &first);
	if (first.failed)
		return spk_nomem(err);
	bool is_own = spk_ascii_equal(name, own.data) || (first.len && spk_ascii_equal(name, first.data));
	if (is_own)
		spk_text_add(ret_dns, "%s", own.data);
	else if (strchr(name, '.'))
		spk_text_add(ret_dns, "%s", name);
	else
		status = spk_known_partition(dir, "nETBIOSName", name, ret_dns, err);
	if (!status && !ret_dns->len)
		status = spk_known_trust(dir, "flatName", name, ret_dns, err);
	return !status && ret_dns->failed ? spk_nomem(err) : status;
}

spn_status spk_fail_elsewhere(const char *account, const char *domain, const char *own, spn_error *err)
{
	spn_status status = spn_fail(err, SPN_ERR_NOT_FOUND, 0, "'%s' is in the domain '%s', and this is '%s'", account,
			domain, own);
	return spk_remedy(err, status, SPN_REMEDY_DOMAIN, domain);
}

