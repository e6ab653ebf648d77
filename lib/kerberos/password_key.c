/* SPDX-License-Identifier: MIT */
#include "password_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local bool refused;

/* Four bytes of big-endian for AES, of which 0 means 2^32 (RFC 3962, section 4); other encryption types do not count
 * rounds. */
static bool is_refused(const krb5_data *params)
{
	const unsigned char *at = params->data;
	if (params->length != 4)
		return false;
	unsigned rounds = (unsigned)at[0] << 24 | (unsigned)at[1] << 16 | (unsigned)at[2] << 8 | at[3];
	return rounds < SPK_ROUNDS_MIN || rounds > SPK_ROUNDS_MAX;
}

krb5_error_code spk_password_key(krb5_context krb5, krb5_enctype enctype, krb5_const_pointer password, krb5_salt salt,
		krb5_data *params, krb5_keyblock **ret_key)
{
	krb5_data text = { strlen(password), (void *)(uintptr_t)password }, none = { 0, NULL };
	if (params && is_refused(params)) {
		refused = true;
		return KRB5KDC_ERR_PREAUTH_FAILED;
	}
	krb5_keyblock *key = calloc(1, sizeof *key);
	if (!key)
		return ENOMEM;
	krb5_error_code code = krb5_string_to_key_data_salt_opaque(krb5, enctype, text, salt, params ? *params : none, key);
	if (code)
		free(key);
	else
		*ret_key = key;
	return code;
}

bool spk_password_key_refused(void)
{
	bool was = refused;
	refused = false;
	return was;
}
