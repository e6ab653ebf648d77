/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/password.h"
#include "base/text.h"

#define DEFAULT_TIMEOUT 15u

spk_deadline spk_service_deadline(unsigned timeout)
{
	unsigned seconds = timeout ? timeout : DEFAULT_TIMEOUT;
	return spk_deadline_in(seconds < UINT32_MAX / 1000 ? seconds * 1000 : UINT32_MAX);
}

static spn_status open_by_password(
		const spn_credentials *who, unsigned timeout, spk_credentials **ret_credentials, spn_error *err)
{
	char password[SPK_PASSWORD_SIZE + 1];
	size_t len;
	spk_asked asked = { who->password, who->password_data, who->principal };
	spn_status status = spk_password_ask(asked, password, &len, err);
	if (!status)
		status = spk_credentials_open_password(
				who->principal, password, spk_service_deadline(timeout), ret_credentials, err);
	explicit_bzero(password, sizeof password);
	return status;
}

spn_status spk_service_open(
		const spn_credentials *who, unsigned timeout, spk_credentials **ret_credentials, spn_error *err)
{
	const char *other = who->keytab ? "a keytab" : who->ccache ? "a credential cache" : who->bind_dn ? "a bind_dn" : NULL;
	if (who->password && (other || !who->principal))
		return spn_fail(err, SPN_ERR_INVALID, 0, "the password would be ignored: %s%s",
				other ? "leave it out, or leave out " : "no principal is given", other ? other : "");
	if (who->password)
		return open_by_password(who, timeout, ret_credentials, err);
	return spk_credentials_open(who->principal, who->keytab, who->ccache, ret_credentials, err);
}
