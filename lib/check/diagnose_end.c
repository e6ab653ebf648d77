/* SPDX-License-Identifier: MIT */
/* What follows from the verdicts on the names of a server: one sentence, and the repairs. */
#include "diagnose.h"
#include "posing.h"
#include "account/creator.h"
#include "base/error.h"
#include "model/entry.h"

/* What HOST/ stands for comes back with the default names; the rest has to be added by name. */
static spn_status add_repair_of_missing(const spk_diagnosis *work, spk_repairs *repairs, spn_error *err)
{
	SPK_AUTOTEXT spk_text target = { 0 };
	bool by_default = !spk_is_without_host(work->computer) && (spk_ascii_equal(work->service, "HOST") ||
			spk_mapping_target(&spk_mapping_default, work->missing.list[0], &target));
	if (target.failed)
		return spk_nomem(err);
	spk_repairs_add_in(repairs, work->dir, (spn_repair){ .kind = by_default ? SPN_REPAIR_DEFAULTS : SPN_REPAIR_ADD,
			.spns = (const char *const *)work->missing.list, .n_spns = by_default ? 0 : work->missing.n,
			.account = work->by_fqdn ? spn_account_dn(work->computer) :
						   spk_account_operand(work->dir, work->computer, NULL) });
	return SPN_OK;
}

/* Who answers by its cn alone loses that to no command. */
static bool is_wrong_to_be_repaired(const spk_diagnosis *work)
{
	return work->is_of_service || work->covering.n || work->is_by_upn;
}

static spn_status add_repair_of_wrong(const spk_diagnosis *work, spk_repairs *repairs, spn_error *err)
{
	if (work->is_of_service)
		spk_repairs_add_in(repairs, work->dir, (spn_repair){ .kind = SPN_REPAIR_FIX, .service = work->service,
				.server = work->by_fqdn ? work->hosts.fqdn : work->hosts.short_name });
	else if (work->covering.n)
		spk_repairs_add_in(repairs, work->dir, (spn_repair){ .kind = SPN_REPAIR_MOVE,
				.spns = (const char *const *)work->covering.list, .n_spns = work->covering.n,
				.account = work->coverer.data, .to = spn_account_dn(work->computer) });
	else if (work->is_by_upn)
		return add_repair_of_missing(work, repairs, err);
	return SPN_OK;
}

/* Of two holders it is clear from whom the name has to go. */
static void add_repair_of_duplicate(const spk_diagnosis *work, spk_repairs *repairs)
{
	bool is_clear = work->twice.n == 2;
	const char *const name = is_clear ? work->twice.list[0] : work->first_twice.data;
	spk_repairs_add_in(repairs, work->dir, (spn_repair){ .kind = is_clear ? SPN_REPAIR_DELETE : SPN_REPAIR_DECIDE,
			.spns = &name, .n_spns = 1, .account = is_clear ? work->twice.list[1] : NULL });
}

/* Whoever answers for DNS could have names put on an account. */
static spn_status tell_hearsay(spk_diagnosis *work, spn_error *err)
{
	const char *alias = work->options->alias;
	return spk_tell(&work->to, err, work->hearsay_code, SPN_SEVERITY_BROKEN, NULL, work->computer, NULL,
			"'%s' answers for its own names, but not for '%s' (%s first), of which only DNS says that it is '%s', "
			"and nobody vouches for that; if you know it to be right, move or add the names by hand",
			spk_account_label(work->computer), alias, work->first_hearsay.data, work->hosts.short_name);
}

/* unused: why no machine is known to use the computer; NULL: one is. */
static spn_status tell_well(spk_diagnosis *work, const char *unused, spn_error *err)
{
	const char *label = spk_account_label(work->computer);
	if (unused)
		return spk_tell(&work->to, err, spn_account_enabled(work->computer) ? "missing" : "disabled-account",
				SPN_SEVERITY_NOTICE, NULL, work->computer, NULL,
				"'%s' %s: no machine is known to use it, so it needs no names", label, unused);
	if (work->first_own_keytab.failed)
		return spk_nomem(err);
	const char *but = work->n_own_keytab ? work->first_own_keytab.data : NULL;
	return spk_tell(&work->to, err, "ok", SPN_SEVERITY_OK, NULL, work->computer, NULL,
			"'%s' answers for %s that its clients ask for%s%s%s%s", label, but ? "the names" : "every name",
			but ? ", except those that another account holds (" : "", but ? but : "", but ? " first)" : "",
			spk_entry_lacks_host(work->computer->entry) ?
					", as far as is known without its dNSHostName, which no entry has here" : "");
}

/* is_astray: the repair is that of names for which another account answers. */
static spn_status add_repairs(const spk_diagnosis *work, bool is_astray, spk_repairs *repairs, spn_error *err)
{
	const char *pose;
	if (is_astray)
		return add_repair_of_wrong(work, repairs, err);
	if (work->n_duplicate) {
		if (work->twice.n || (!work->is_twice_by_upn && !work->is_twice_by_cn))
			add_repair_of_duplicate(work, repairs);
		return SPN_OK;
	}
	if (!work->missing.n || spk_entry_lacks_names(work->computer->entry))
		return SPN_OK;
	spn_status status = spk_account_pose(NULL, work->missing.list[0], &pose, err);
	return status || pose ? status : add_repair_of_missing(work, repairs, err);
}

static spn_status tell_duplicate(spk_diagnosis *work, const spk_repairs *repairs, spn_error *err)
{
	const char *server = work->hosts.short_name, *first = work->first_twice.data;
	if (work->is_twice_by_upn)
		return spk_tell(&work->to, err, "duplicate", SPN_SEVERITY_BROKEN, NULL, work->computer, NULL,
				"several accounts have a name of '%s' (%s first) as their userPrincipalName: clients get no "
				"ticket for it; give all but the right one another", server, first);
	if (work->is_twice_by_cn)
		return spk_tell(&work->to, err, "duplicate", SPN_SEVERITY_BROKEN, NULL, work->computer, repairs,
				"several accounts answer for a name of '%s' (%s first), one of them by its cn: clients get no "
				"ticket for it%s", server, first, repairs->n ? "" :
				"; find out which is meant, and delete the name from the other, or give that another cn");
	return spk_tell(&work->to, err, "duplicate", SPN_SEVERITY_BROKEN, NULL, work->computer, repairs,
			"several accounts hold a name of '%s' (%s first): clients get no ticket for it", server, first);
}

static spn_status tell_fault(spk_diagnosis *work, bool is_astray, const spk_repairs *repairs, spn_error *err)
{
	const char *server = work->hosts.short_name;
	if (is_astray) {
		const char *found = work->by_cn.len && !repairs->n ? work->by_cn.data : NULL;
		return spk_tell(&work->to, err, "wrong-account", SPN_SEVERITY_BROKEN, NULL, work->computer, repairs,
				"clients of '%s' get tickets for another account (%s first): what runs as the computer cannot read them "
				"(0x80090322, KRB_AP_ERR_MODIFIED)%s%s%s", server, work->first_astray.data, found ? "; Samba's KDC finds '" : "",
				found ? found : "", found ? "' by its cn: give it another, or delete it if nothing uses it" : "");
	}
	if (work->n_duplicate)
		return tell_duplicate(work, repairs, err);
	if (work->missing.n)
		return spk_tell(&work->to, err, "missing", SPN_SEVERITY_BROKEN, NULL, work->computer, repairs,
				"nobody answers for some names of '%s' (%s first): clients get no ticket", server,
				work->first_wrong.data);
	if (!work->n_other)
		return tell_hearsay(work, err);
	if (work->n_keyless == work->n_other)
		return spk_tell(&work->to, err, "no-key", SPN_SEVERITY_BROKEN, NULL, work->computer, NULL,
				"'%s' has no key that the KDC may use for its names (%s first): clients get no ticket; set its password "
				"(joining the machine to the domain does), or check its msDS-SupportedEncryptionTypes",
				spk_account_label(work->computer), work->first_wrong.data);
	return spk_tell(&work->to, err, "unreachable", SPN_SEVERITY_BROKEN, NULL, work->computer, NULL,
			"the names of '%s' are on the right account, and yet %s fails: see above", server,
			work->first_wrong.data);
}

/* Why no machine is known to use the computer; NULL: one is. */
static const char *why_unused(const spk_diagnosis *work)
{
	const char *why = spk_why_unused(work->computer);
	return why || !spk_is_without_host(work->computer) ? why : "has neither dNSHostName nor operatingSystem";
}

static bool is_whole(const spk_diagnosis *work)
{
	return work->n_wrong + work->missing.n + work->n_duplicate + work->n_other + work->n_hearsay == 0;
}

bool spk_diagnosis_is_well(const spk_diagnosis *work)
{
	return is_whole(work) && !why_unused(work);
}

spn_status spk_diagnosis_conclude(spk_diagnosis *work, spn_error *err)
{
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	if (is_whole(work))
		return tell_well(work, why_unused(work), err);
	bool is_astray = work->n_wrong && (!work->n_duplicate || is_wrong_to_be_repaired(work));
	spn_status status = add_repairs(work, is_astray, &repairs, err);
	if (!status && (work->first_wrong.failed || work->first_astray.failed || work->first_twice.failed ||
			work->first_hearsay.failed || work->by_cn.failed))
		status = spk_nomem(err);
	if (!status && work->n_wrong + work->missing.n)
		status = spk_creator_tell(&work->to, work->computer, err);
	return status ? status : tell_fault(work, is_astray, &repairs, err);
}
