/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <string.h>

#include "error.h"

spn_status spk_take(
		const char *what, const void *given, const size_t *sizes, unsigned n_versions, void *ret, spn_error *err)
{
	unsigned version = n_versions;
	if (given)
		memcpy(&version, given, sizeof version);
	if (version < 1 || version > n_versions)
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"%s: version %u, where 1 to %u were expected: start from its ..._INIT, and do not use a newer "
				"header than the library's",
				what, version, n_versions);
	memset(ret, 0, sizes[n_versions - 1]);
	if (given)
		memcpy(ret, given, sizes[version - 1]);
	memcpy(ret, &n_versions, sizeof n_versions);
	return SPN_OK;
}

spn_status spk_version_check(const char *what, unsigned version, unsigned newest, spn_error *err)
{
	return version <= newest ? SPN_OK :
				   spn_fail(err, SPN_ERR_INVALID, 0, "%s: version %u, where 1 to %u were expected", what,
						   version, newest);
}

spn_status spk_credentials_take(const spn_credentials *given, spn_credentials *ret_credentials, spn_error *err)
{
	return spk_take("spn_credentials", given, SPK_ONLY(spn_credentials), ret_credentials, err);
}

spn_status spk_options_take(const spn_open_options *given, spn_open_options *ret_options,
		spn_credentials *ret_credentials, spn_error *err)
{
	spn_status status = spk_take("spn_open_options", given, SPK_ONLY(spn_open_options), ret_options, err);
	if (!status)
		status = spk_credentials_take(ret_options->credentials, ret_credentials, err);
	ret_options->credentials = ret_credentials;
	return status;
}
