/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "probe.h"
#include "account/proof.h"
#include "base/error.h"
#include "model/adtypes.h"
#include "model/dn.h"
#include "model/entry.h"

/* Seconds from 1601, where Active Directory's time begins, to 1970 ([MS-DTYP] 2.3.3). */
#define EPOCH_1601 INT64_C(11644473600)
#define TICKS_A_SECOND 10000000
#define DAY 86400
#define DEFAULT_DAYS 365

#define ENCTYPE_RC4 23
/* msDS-SupersededServiceAccountState: the delegated managed service account answers ([MS-ADTS] 3.1.1.4.5) */
#define SUPERSEDED 2

/* Whether tickets are encrypted with RC4 although the account has other keys. */
static spn_status gets_rc4(const spk_audit *audit, const spn_account *account, bool *ret_gets, spn_error *err)
{
	spn_enctype_case what = spk_account_case(account);
	spn_enctype_prediction predicted;
	spn_status status = spk_audit_predict(audit, &what, &predicted, err);
	*ret_gets = !status && predicted.ticket == ENCTYPE_RC4;
	return status;
}

/* Whoever is in the domain may ask for a ticket and try passwords on it.  adminCount outlives the membership that set
 * it. */
spn_status spk_rule_admin(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	const char *count = spn_entry_text(account->entry, "adminCount");
	SPK_AUTOTEXT spk_text worse = { 0 };
	int64_t days;
	unsigned limit;
	bool rc4 = false;
	if (!spk_is_person(account) || !count || strtol(count, NULL, 10) < 1)
		return SPN_OK;
	spn_status status = gets_rc4(audit, account, &rc4, err);
	if (status)
		return status;
	bool is_old = spk_password_is_old(audit, account, &days, &limit);
	if (is_old)
		spk_text_add(&worse, ", which is %" PRId64 " days old", days);
	if (rc4)
		spk_text_add(&worse, "%s from tickets encrypted with RC4", is_old ? "," : "");
	return worse.failed ?
			spk_nomem(err) :
			spk_tell(audit->to, err, rule->code, is_old || rc4 ? SPN_SEVERITY_BROKEN : SPN_SEVERITY_WARNING,
					NULL, account, NULL,
					"'%s' is, or was, the account of an administrator (adminCount %s) and holds "
					"names: everybody in the "
					"domain can ask for tickets for it and try to guess its password%s; move the "
					"names to an account without such rights, "
					"best of all a group managed service account",
					spk_account_label(account), count, worse.len ? worse.data : "");
}

spn_status spk_rule_no_preauth(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	if (!spk_is_person(account) || !spk_account_needs_no_preauth(account))
		return SPN_OK;
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_BROKEN, NULL, account, NULL,
			"'%s' holds names and needs no "
			"preauthentication (DONT_REQ_PREAUTH in userAccountControl): whoever reaches a domain "
			"controller, without an account, "
			"can guess its password, and in its name those of other services; clear that flag",
			spk_account_label(account));
}

spn_status spk_rule_protected(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	bool is_protected;
	if (!spn_account_enabled(account))
		return SPN_OK;
	spn_status status = spk_audit_is_protected(audit, account, &is_protected, err);
	if (status || !is_protected)
		return status;
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL,
			"'%s' is in Protected Users and holds names: "
			"a service that runs as it may not be able to log on, and tickets for its names are no safer "
			"for it; take it out of that "
			"group, or move the names to another account",
			spk_account_label(account));
}

bool spk_is_superseded(const spn_account *account)
{
	const char *state = spn_entry_text(account->entry, "msDS-SupersededServiceAccountState");
	return state && strtol(state, NULL, 10) == SUPERSEDED;
}

/* The end of the migration took all names away. */
spn_status spk_rule_superseded(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	return !spk_is_superseded(account) ?
			SPN_OK :
			spk_tell(audit->to, err, rule->code, SPN_SEVERITY_WARNING, NULL, account, NULL,
					"'%s' was superseded by a delegated managed service account, which got its "
					"names, and yet holds names: the service does "
					"not run as '%s' any more; move them to its successor",
					spk_account_label(account), spk_account_label(account));
}

bool spk_is_person(const spn_account *account)
{
	return spn_account_get_kind(account) == SPN_KIND_USER && spn_account_enabled(account);
}

bool spk_password_is_old(const spk_audit *audit, const spn_account *account, int64_t *ret_days, unsigned *ret_limit)
{
	return spk_date_is_old(audit, spk_password_date(account), ret_days, ret_limit);
}

bool spk_date_is_old(const spk_audit *audit, int64_t ticks, int64_t *ret_days, unsigned *ret_limit)
{
	*ret_limit = audit->options->password_days ? audit->options->password_days : DEFAULT_DAYS;
	*ret_days = (audit->now - (ticks / TICKS_A_SECOND - EPOCH_1601)) / DAY;
	return ticks > 0 && *ret_days > (int64_t)*ret_limit;
}
