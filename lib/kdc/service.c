/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define DEFAULT_TIMEOUT 15u
#define PASSWORD_SIZE 1024

spn_status spk_service_check(const spn_open_options *options, spn_error *err)
{
	return options && options->version != SPN_OPEN_OPTIONS_VERSION
			? spn_fail(err, SPN_ERR_INVALID, 0, "the options are of version %u, not %u: start from SPN_OPEN_OPTIONS_INIT",
					options->version, SPN_OPEN_OPTIONS_VERSION)
			: SPN_OK;
}

spk_deadline spk_service_deadline(const spn_open_options *options)
{
	unsigned seconds = options && options->timeout ? options->timeout : DEFAULT_TIMEOUT;
	return spk_deadline_in(seconds < UINT32_MAX / 1000 ? seconds * 1000 : UINT32_MAX);
}

static spn_status open_by_password(const spn_open_options *options, spk_credentials **ret_credentials, spn_error *err)
{
	char password[PASSWORD_SIZE + 1];
	size_t len = 0;
	spn_status status = options->password(password, PASSWORD_SIZE, &len, options->password_data, err);
	if (!status && len > PASSWORD_SIZE)
		status = spn_fail(err, SPN_ERR_INVALID, 0, "the password of '%s' is longer than the buffer for it",
				options->principal);
	if (!status && (len == 0 || memchr(password, '\0', len)))
		status = spn_fail(err, SPN_ERR_INVALID, 0, "the password of '%s' is empty or has a NUL in it", options->principal);
	if (!status) {
		password[len] = '\0';
		status = spk_credentials_open_password(options->principal, password, spk_service_deadline(options),
				ret_credentials, err);
	}
	explicit_bzero(password, sizeof password);
	return status;
}

spn_status spk_service_open(const spn_open_options *options, spk_credentials **ret_credentials, spn_error *err)
{
	if (!options)
		return spk_credentials_open(NULL, NULL, NULL, ret_credentials, err);
	/* with bind_dn the password is that of the directory's simple bind */
	if (options->principal && options->password && !options->keytab && !options->bind_dn)
		return open_by_password(options, ret_credentials, err);
	return spk_credentials_open(options->principal, options->keytab, options->ccache, ret_credentials, err);
}
