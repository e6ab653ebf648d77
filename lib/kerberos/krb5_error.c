/* SPDX-License-Identifier: MIT */
#include "krb5_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cause.h"
#include "send_to_kdc.h"
#include "base/error.h"

struct meaning {
	krb5_error_code code, native; /* native: what callers are told, never an errno, which would look like a protocol
					 code */
	spn_status status;
	const char *text; /* what happened, and what to do about it */
};

/* What the table of causes has no place for, or says otherwise to whoever wants to log on to a server. */
static const struct meaning meanings[] = {
	{ KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, SPN_ERR_AUTH,
		"no account, or more than one, holds this service name: use the DNS name that the server has in the domain" },
	{ KRB5KDC_ERR_PRINCIPAL_NOT_UNIQUE, KRB5KDC_ERR_PRINCIPAL_NOT_UNIQUE, SPN_ERR_AUTH,
		"more than one account holds this service name" },
	{ ENOENT, KRB5_FCC_NOFILE, SPN_ERR_AUTH, "No such file or directory" },
	{ EACCES, KRB5_FCC_PERM, SPN_ERR_AUTH, "Permission denied" },
	{ EPERM, KRB5_FCC_PERM, SPN_ERR_AUTH, "others may read it too: set its mode to 0600" },
	{ ENOMEM, 0, SPN_ERR_NOMEM, "out of memory" },
};

static bool find_meaning(krb5_error_code code, struct meaning *ret_meaning)
{
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
		if (meanings[i].code == code) {
			*ret_meaning = meanings[i];
			return true;
		}
	}
	const spk_cause *cause = code < 0 ? spk_cause_find(code) : NULL;
	if (!cause)
		return false;
	*ret_meaning = (struct meaning){ code, code, cause->status, cause->shown.text };
	return true;
}

spn_status spk_krb5_fail(spn_error *err, krb5_context krb5, krb5_error_code code, const char *format, ...)
{
	char context[SPN_MESSAGE_SIZE];
	va_list args;
	va_start(args, format);
	vsnprintf(context, sizeof context, format, args);
	va_end(args);
	struct meaning meaning;
	if (find_meaning(code, &meaning)) {
		const char *why = code == KRB5_KDC_UNREACH ? spk_kdc_why() : "";
		return spn_fail(err, meaning.status, meaning.native, "%s: %s%s%s%s", context, meaning.text, *why ? " (" : "", why,
				*why ? ")" : "");
	}
	const char *text = krb5_get_error_message(krb5, code);
	spn_status status = spn_fail(
			err, SPN_ERR_FAILED, code < 0 ? code : 0, "%s: Kerberos says '%s'", context, text ? text : "");
	krb5_free_error_message(krb5, text);
	return status;
}

spn_status spk_krb5_start(krb5_context *ret_krb5, spn_error *err)
{
	krb5_error_code code = krb5_init_context(ret_krb5);
	if (!code)
		return SPN_OK;
	*ret_krb5 = NULL;
	if (code == ENOMEM)
		return spk_nomem(err);
	const char *files = secure_getenv("KRB5_CONFIG"), *text = krb5_get_error_message(NULL, code);
	spn_status status = spn_fail(err, SPN_ERR_FAILED, code < 0 ? code : 0,
			"Kerberos cannot read its configuration '%s': %s", files ? files : "/etc/krb5.conf",
			text ? text : "");
	krb5_free_error_message(NULL, text);
	return status;
}
