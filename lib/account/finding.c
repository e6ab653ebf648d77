/* SPDX-License-Identifier: MIT */
#include "finding.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

spn_status spk_tell(const spk_teller *to, spn_error *err, const char *code, spn_severity severity, const char *spn,
		const spn_account *account, const spk_repairs *repairs, const char *format, ...)
{
	if (repairs && repairs->failed)
		return spk_nomem(err);
	if (!to->fn)
		return SPN_OK;
	char usual[512], *text = usual;
	SPK_AUTOFREE char *longer = NULL;
	va_list args;
	va_start(args, format);
	int n = vsnprintf(usual, sizeof usual, format, args);
	va_end(args);
	if (n >= (int)sizeof usual) {
		va_start(args, format);
		n = vasprintf(&longer, format, args);
		va_end(args);
		text = longer;
	}
	if (n < 0) {
		longer = NULL;
		return spk_nomem(err);
	}
	spk_make_printable(text);
	const spn_account_ref ref = { account ? spn_account_dn(account) : NULL, account ? spn_account_name(account) : NULL };
	const spn_finding finding = { .code = code, .severity = severity, .spn = spn, .accounts = account ? &ref : NULL,
		.n_accounts = account != NULL, .text = text, .repairs = repairs ? repairs->list : NULL,
		.n_repairs = repairs ? repairs->n : 0 };
	return spk_tell_finding(to, &finding, err);
}

spn_status spk_tell_finding(const spk_teller *to, const spn_finding *finding, spn_error *err)
{
	if (!to->fn)
		return SPN_OK;
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(to->fn(finding, to->data, err), before, err);
}
