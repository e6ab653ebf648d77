/* SPDX-License-Identifier: MIT */
#include "known.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/options.h"

/* What was left out in front of a file or a host; "" if that cannot be guessed. */
static const char *forgotten_scheme(const char *url)
{
	if (access(url, R_OK) == 0)
		return "ldif:";
	return strchr(url, '.') && !strchr(url, ':') && !strchr(url, '/') ? "ldap://" : "";
}

/* Of a server that was named, there is one domain: whoever names another one must not work on it. */
static spn_status check_domain(spn_directory *dir, const char *domain, const char *url, spn_error *err)
{
	SPK_AUTOTEXT spk_text own = { 0 }, called = { 0 };
	spn_status status = spk_domain_own(dir, &own, err);
	if (!status && !strchr(domain, '.'))
		status = spk_known_partition(dir, "nETBIOSName", domain, &called, err);
	bool is_own = own.len && (spk_ascii_equal(domain, own.data) || (called.len && spk_ascii_equal(called.data, own.data)));
	return status || is_own ? status :
			spn_fail(err, SPN_ERR_INVALID, 0, "'%s' has no domain '%s'", url, domain);
}

spn_status spn_directory_open(const char *url, const spn_open_options *options, spn_directory **ret_dir, spn_error *err)
{
	return spk_directory_open_from(NULL, url, options, ret_dir, err);
}

spn_status spk_directory_open_from(spn_directory *from, const char *url, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err)
{
	spn_open_options taken;
	spn_credentials credentials;
	if (!ret_dir)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_directory_open: no place for the result");
	spn_status status = spk_options_take(options, &taken, &credentials, err);
	if (status)
		return status;
	if (url && strncmp(url, "ldif:", 5) == 0)
		return spk_ldif_open(url + 5, &taken, ret_dir, err);
	const char *meant = url ? forgotten_scheme(url) : "";
	if (url && strncmp(url, "ldap://", 7) != 0 && strncmp(url, "ldaps://", 8) != 0 &&
			strncmp(url, "ldapi://", 8) != 0)
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s' is not a directory: expected ldap://HOST, ldaps://HOST, ldapi://SOCKET or ldif:FILE%s%s%s",
				url, *meant ? "; write " : "",
				meant, *meant ? url : "");
	status = spk_ldap_open(from, url, &taken, ret_dir, err);
	bool is_located = !url || strcmp(url, "ldaps://") == 0; /* else the server that is named again has that domain */
	if (status || from || !taken.domain)
		return status;
	if (is_located) {
		spk_directory_choose(*ret_dir);
		return SPN_OK;
	}
	status = check_domain(*ret_dir, taken.domain, url, err);
	if (status)
		*ret_dir = spn_directory_free(*ret_dir);
	return status;
}
