/* SPDX-License-Identifier: MIT */
/* Delegated managed service accounts, which take the place of other accounts ([MS-ADTS] 3.1.1.4.5). */
#include <stdlib.h>

#include "delegation.h"
#include "account/finding.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"

#define FIX "; find out who created it, and clear " SPK_PRECEDED_BY " unless that is meant"
#define BY_ATTACK "a controller without the update for CVE-2025-53779 gives it the rights of that account"

static spn_status take_one(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_account_new(entry, data, err);
}

spn_status spk_predecessor(spn_directory *dir, const spn_account *successor, spn_account **ret_old, spn_error *err)
{
	static const char *const attrs[] = { SPK_KIND_ATTRS, SPK_SUCCEEDED_BY, "adminCount", NULL };
	const char *dn = spn_entry_text(successor->entry, SPK_PRECEDED_BY);
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_error why = { .status = SPN_OK };
	spn_status status = dn ? spn_directory_search(dir, &search, take_one, ret_old, &why) : SPN_OK;
	if (status == SPN_ERR_NOT_FOUND)
		return SPN_OK;
	if (status && err)
		*err = why;
	return status;
}

/* What is wrong with a predecessor that can be read; NULL: nothing. */
static const char *fault_of(spn_directory *dir, const spn_account *successor, const spn_account *old,
		spn_severity *ret_severity)
{
	const char *back = spn_entry_text(old->entry, SPK_SUCCEEDED_BY), *count = spn_entry_text(old->entry, "adminCount");
	bool agrees = back && spk_dn_equal(back, spn_account_dn(successor)), is_admin = count && strtol(count, NULL, 10) > 0;
	/* an export may have the one link, and not the other */
	bool may_be_left_out = !back && !is_admin && spk_directory_is_local(dir);
	*ret_severity = may_be_left_out ? SPN_SEVERITY_NOTICE : SPN_SEVERITY_BROKEN;
	if (agrees && is_admin)
		return "is, or was, the account of an administrator: whoever may use it has the rights of that account" FIX;
	if (agrees)
		return NULL;
	return may_be_left_out ?
			"does not name it as its successor, as far as this file shows: if it was exported, " BY_ATTACK
					FIX :
			"does not name it as its successor: " BY_ATTACK FIX;
}

/* What a controller sets on both accounts is a migration; what is on one of them alone, whoever could create that one
 * has set. */
spn_status spk_succession_tell(const spk_teller *to, spn_directory *dir, const spn_account *successor,
		const spn_account *old, spn_error *err)
{
	const char *label = spk_account_label(successor), *fault = NULL;
	spn_severity severity;
	if (!old)
		return spk_tell(to, err, "delegation", SPN_SEVERITY_NOTICE, NULL, successor, NULL,
				"'%s' takes the place of '%s', which %s: whether that one agrees is not known", label,
				spn_entry_text(successor->entry, SPK_PRECEDED_BY),
				spk_directory_is_local(dir) ? "is not in this file" : "cannot be read");
	fault = fault_of(dir, successor, old, &severity);
	SPK_AUTOFREE char *text = spk_printf("'%s' takes the place of '%s'%s %s", label, spk_account_label(old),
			fault ? ", which" : ":", fault ? fault : "it gets the names and the delegations of that account");
	if (!text)
		return spk_nomem(err);
	spk_make_printable(text);
	const spn_account_ref refs[] = {
		{ spn_account_dn(successor), spn_account_name(successor) }, { spn_account_dn(old), spn_account_name(old) }
	};
	spn_finding finding = { .severity = SPN_SEVERITY_OK, .accounts = refs, .n_accounts = 2, .text = text };
	finding.code = "delegation";
	if (fault) {
		finding.code = "dmsa-link";
		finding.severity = severity;
	}
	return spk_tell_finding(to, &finding, err);
}
