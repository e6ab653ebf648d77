/* SPDX-License-Identifier: MIT */
/* resolve.c - which account answers for a name, with what a directory alone tells of its tickets */
#include <string.h>

#include <spnkit/backend.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "form.h"

SPK_DEFINE_AUTO(spn_resolution, spn_resolution_free)

static bool gets_tickets_for(const spn_account *account)
{
	return spn_account_enabled(account) || spn_account_is_kdc(account);
}

/* The account may hold the name all the same. */
static void note_words(spn_report *report, spn_directory *dir, const char *spn)
{
	const spn_entry *root = NULL;
	size_t len = strcspn(spn, "/");
	const char *vendor = memchr(spn, ' ', len) && !spn_directory_root(dir, &root, NULL) ?
			spn_entry_text(root, "vendorName") : NULL;
	if (vendor && strstr(vendor, "Samba"))
		spn_report_note(report,
				"a KDC of Samba gives no ticket for a name whose class is several words, whoever holds it");
}

spn_status spn_report_resolved(spn_report *report, spn_directory *dir, const char *spn, spn_era era, bool *ret_answered,
		spn_error *err)
{
	if (!report || !dir || !spn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_report_resolved: an argument is NULL");
	SPK_AUTO(spn_resolution) *resolution = NULL;
	spn_enctype_prediction enctype;
	spn_status status = spn_resolve(dir, spn, &resolution, err);
	if (status)
		return status;
	bool is_kdc = resolution->match == SPN_MATCH_KRBTGT, is_one = resolution->n_accounts == 1;
	bool gets_tickets = is_one && (is_kdc || gets_tickets_for(resolution->accounts[0]));
	if (gets_tickets)
		status = spn_account_enctype(dir, resolution->accounts[0], era, &enctype, err);
	if (status)
		return status;
	spn_report_resolution(report, spn, resolution, gets_tickets ? &enctype : NULL);
	if (resolution->match == SPN_MATCH_NONE)
		note_words(report, dir, spn);
	if (ret_answered)
		*ret_answered = is_one || is_kdc;
	return SPN_OK;
}
