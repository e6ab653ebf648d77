/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/password.h"
#include "base/text.h"

#define DEFAULT_TIMEOUT 15u

spk_deadline spk_service_deadline(const spn_open_options *options)
{
	unsigned seconds = options->timeout ? options->timeout : DEFAULT_TIMEOUT;
	return spk_deadline_in(seconds < UINT32_MAX / 1000 ? seconds * 1000 : UINT32_MAX);
}

static spn_status open_by_password(const spn_open_options *options, spk_credentials **ret_credentials, spn_error *err)
{
	char password[SPK_PASSWORD_SIZE + 1];
	size_t len;
	spk_asked asked = { options->password, options->password_data, options->principal };
	spn_status status = spk_password_ask(asked, password, &len, err);
	if (!status)
		status = spk_credentials_open_password(options->principal, password, spk_service_deadline(options),
				ret_credentials, err);
	explicit_bzero(password, sizeof password);
	return status;
}

spn_status spk_service_open(const spn_open_options *options, spk_credentials **ret_credentials, spn_error *err)
{
	/* with bind_dn the password is that of the directory */
	if (options->principal && options->password && !options->keytab && !options->bind_dn)
		return open_by_password(options, ret_credentials, err);
	return spk_credentials_open(options->principal, options->keytab, options->ccache, ret_credentials, err);
}
