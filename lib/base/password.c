/* SPDX-License-Identifier: MIT */
#include "password.h"

#include <string.h>

#include "error.h"

spn_status spk_password_ask(spk_asked asked, char buffer[SPK_PASSWORD_SIZE + 1], size_t *ret_len, spn_error *err)
{
	size_t len = 0;
	memset(buffer, '\0', SPK_PASSWORD_SIZE + 1);
	spn_status before = spk_callback_begin(err);
	spn_status status = spk_callback_end(asked.fn(buffer, SPK_PASSWORD_SIZE, &len, asked.data, err), before, err);
	if (status)
		return status;
	if (len > SPK_PASSWORD_SIZE)
		return spn_fail(err, SPN_ERR_INVALID, 0, "the password of '%s' is longer than the buffer for it", asked.whose);
	/* a server takes an empty one for an anonymous bind, and grants it (RFC 4513, section 5.1.2) */
	if (len == 0 || memchr(buffer, '\0', len))
		return spn_fail(err, SPN_ERR_INVALID, 0, "the password of '%s' is empty or has a NUL in it", asked.whose);
	buffer[len] = '\0';
	*ret_len = len;
	return SPN_OK;
}
