/* SPDX-License-Identifier: MIT */
/* setspn.c - what setspn says of a change, for scripts that look for its words */
#include <string.h>

#include <spnkit/text.h>

#include "form.h"
#include "progress.h"
#include "text_put.h"

#define ERROR_NO_SUCH_USER 0x525u

static bool has_its_words(const spn_report *report)
{
	return report->as_setspn && report->format == SPN_REPORT_TEXT && !report->plan_on_out;
}

void spn_report_assigning(spn_report *report, const char *dn, const char *const *spns, size_t n_spns, bool removes)
{
	if (!spk_is_given(report, "spn_report_assigning", dn && (spns || !n_spns)) || !has_its_words(report))
		return;
	spk_say(report, "%s ServicePrincipalNames for %s", removes ? "Unregistering" : "Registering", dn);
	for (size_t i = 0; i < n_spns; i++) {
		putc('\t', report->out.file);
		spk_say(report, "%s", spns[i]);
	}
}

void spn_report_assigning_defaults(spn_report *report, const spn_account *account)
{
	if (!spk_is_given(report, "spn_report_assigning_defaults", account))
		return;
	const char *name = spn_account_name(account), *host = spn_account_dns_host(account);
	size_t len = strlen(name);
	char label[256], fqdn[256];
	const char *const spns[] = { label, fqdn };
	snprintf(label, sizeof label, "HOST/%.*s", (int)(len > 0 && name[len - 1] == '$' ? len - 1 : len), name);
	snprintf(fqdn, sizeof fqdn, "HOST/%s", host ? host : "");
	spn_report_assigning(report, spn_account_dn(account), spns, host ? 2 : 1, false);
}

void spn_report_no_account(spn_report *report, const char *account)
{
	FILE *to = report ? report->messages.file : NULL;
	if (!spk_is_given(report, "spn_report_no_account", account) || !report->as_setspn ||
			report->format == SPN_REPORT_JSON)
		return;
	spk_progress_hide(report);
	fprintf(to, "FindDomainForAccount: Call to DsGetDcNameWithAccountW failed with return value 0x%08x\n"
		    "Could not find account ", ERROR_NO_SUCH_USER);
	spn_text_print(to, account, strlen(account));
	putc('\n', to);
}

void spn_report_refused(spn_report *report, const char *dn, spn_status status)
{
	if (!spk_is_given(report, "spn_report_refused", dn) || !has_its_words(report))
		return;
	if (status == SPN_ERR_NOT_UNIQUE)
		spk_say(report, "Failed to assign SPN on account '%s', error 0x21c7/8647 -> The operation failed because SPN value "
				"provided for addition/modification is not unique forest-wide.", dn);
	else if (status == SPN_ERR_DENIED)
		spk_say(report,
				"Failed to assign SPN on account '%s', error 0x2098/8344 -> Insufficient access rights "
				"to perform the operation.",
				dn);
}
