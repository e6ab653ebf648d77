/* SPDX-License-Identifier: MIT */
/*
 * Which accounts have no AES keys.  A key is made when a password is set, so one that is older than the domain's first
 * controller that makes AES keys is a hint; what the KDC shows is proof.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "audit.h"
#include "probe.h"
#include "account/proof.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/adtypes.h"

#define TICKS_A_DAY INT64_C(864000000000)
#define EPOCH_1601 INT64_C(11644473600)

#define ALL_KEYS (SPN_ENC_RC4 | SPN_ENC_AES128 | SPN_ENC_AES256)
#define AES_KEYS (SPN_ENC_AES128 | SPN_ENC_AES256)
#define NOT_TOLD UINT32_MAX /* the KDC was asked, and did not tell */

struct spk_key_facts {
	spk_keys asked;   /* DNs */
	unsigned *keys;   /* of each, or NOT_TOLD */
	bool gave_up;     /* no KDC answers */
	spn_error why;
};

spn_status spk_key_facts_new(struct spk_key_facts **ret_facts, spn_error *err)
{
	*ret_facts = calloc(1, sizeof **ret_facts);
	return *ret_facts ? SPN_OK : spk_nomem(err);
}

void spk_key_facts_free(struct spk_key_facts *facts)
{
	if (!facts)
		return;
	spk_keys_free(&facts->asked);
	free(facts->keys);
	free(facts);
}

/* ---- what the KDC shows ---- */

static spn_status ask(const spk_audit *audit, const spn_account *account, unsigned *ret_keys, spn_error *err)
{
	struct spk_key_facts *facts = audit->facts;
	spn_error why = { .status = SPN_OK };
	*ret_keys = NOT_TOLD;
	spn_status status = audit->options->knows_keys(
			audit->scope->dirs[0], account, ret_keys, audit->options->keys_data, &why);
	if (status == SPN_ERR_UNREACHABLE) {
		facts->gave_up = true;
		facts->why = why;
	}
	/* one that is locked or expired shows nothing, and one of another domain may not be known here */
	bool is_answer = status == SPN_ERR_UNREACHABLE || status == SPN_ERR_REFUSED || status == SPN_ERR_AUTH ||
			status == SPN_ERR_NOT_FOUND || status == SPN_ERR_FAILED;
	if (status)
		*ret_keys = NOT_TOLD;
	if (status && !is_answer && err)
		*err = why;
	return is_answer ? SPN_OK : status;
}

/* Asks about each account once. */
static spn_status find_keys(const spk_audit *audit, const spn_account *account, unsigned *ret_keys, spn_error *err)
{
	struct spk_key_facts *facts = audit->facts;
	spn_bytes dn = spk_bytes(spn_account_dn(account));
	size_t i = spk_keys_find(&facts->asked, dn);
	*ret_keys = i == SIZE_MAX ? NOT_TOLD : facts->keys[i];
	if (i != SIZE_MAX || facts->gave_up || spk_account_needs_no_preauth(account))
		return SPN_OK;
	unsigned *grown = realloc(facts->keys, (facts->asked.n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	facts->keys = grown;
	spn_status status = ask(audit, account, ret_keys, err);
	if (status)
		return status;
	i = spk_keys_add(&facts->asked, dn);
	if (i == SIZE_MAX)
		return spk_nomem(err);
	facts->keys[i] = *ret_keys;
	return SPN_OK;
}

spn_status spk_key_facts_tell(const spk_audit *audit, spn_error *err)
{
	const struct spk_key_facts *facts = audit->facts;
	if (!facts->gave_up)
		return SPN_OK;
	return spk_tell(audit->to, err, "unreachable", SPN_SEVERITY_WARNING, NULL, NULL, NULL,
			"the KDC cannot be asked which keys accounts have, "
			"so that the dates of passwords alone are judged: %s",
			facts->why.message);
}

/* ---- both together ---- */

/* The versions of KDC between which the default changed. */
static spn_era sibling(spn_era era)
{
	switch (era) {
	case SPN_ERA_WINDOWS_2022_11: return SPN_ERA_WINDOWS_2026_07;
	case SPN_ERA_SAMBA_4_17: return SPN_ERA_SAMBA_4_24;
	case SPN_ERA_SAMBA_4_24: return SPN_ERA_SAMBA_4_17;
	default: return SPN_ERA_WINDOWS_2022_11;
	}
}

/* A machine that is known to have been used since sets its password by itself; of others the date says nothing. */
static bool has_known_age(const spn_account *account)
{
	return spn_account_get_kind(account) != SPN_KIND_COMPUTER || spk_account_has_host(account);
}

/* A day more: what was set while the domain was made is not older than its keys. */
bool spk_date_is_before_aes(int64_t set, const spk_audit_domain *domain)
{
	return set > 0 && set < spk_audit_since(domain) - TICKS_A_DAY;
}

struct dates {
	int64_t set, since; /* of the password; of the first that gave AES keys */
	bool is_old;
};

static spn_status read_dates(const spk_audit *audit, const spn_account *account, struct dates *ret, spn_error *err)
{
	spk_audit_domain *domain = NULL;
	spn_status status = spk_audit_domain_of(audit, account, &domain, err);
	ret->since = spk_audit_since(domain);
	ret->set = spk_password_date(account);
	ret->is_old = spk_date_is_before_aes(ret->set, domain) && has_known_age(account);
	return status;
}

/* What is to be said of an account that gets no ticket without AES keys. */
static spn_status weigh(const spk_audit *audit, const spn_account *account, spk_forecast *ret, spn_error *err)
{
	unsigned keys = NOT_TOLD;
	struct dates dates;
	spn_status status = read_dates(audit, account, &dates, err);
	if (status)
		return status;
	ret->is_undated = dates.set <= 0;
	ret->password = dates.set;
	ret->since = dates.since;
	bool came_from_elsewhere = spn_entry_values(account->entry, "sIDHistory", NULL) > 0;
	if (audit->options->knows_keys && (dates.is_old || ret->is_undated || came_from_elsewhere || audit->options->pattern))
		status = find_keys(audit, account, &keys, err);
	if (keys != NOT_TOLD) {
		ret->is_undated = false;
		ret->outcome = keys & AES_KEYS ? ret->outcome : SPK_WITHOUT_AES;
	} else if (dates.is_old) {
		ret->outcome = SPK_OLD;
	}
	return status;
}

spn_status spk_audit_forecast(const spk_audit *audit, const spn_account *account, spk_forecast *ret, spn_error *err)
{
	spn_enctype_case what = spk_account_case(account);
	spn_enctype_prediction other, weak;
	*ret = (spk_forecast){ .outcome = SPK_AES };
	spn_status status = spk_audit_predict(audit, &what, &ret->predicted, err);
	ret->what = what;
	ret->other_era = sibling(what.era);
	if (status)
		return status;
	if (ret->predicted.doubts & SPN_DOUBT_BITS) {
		ret->outcome = SPK_UNDOCUMENTED;
		return SPN_OK;
	}
	if (!ret->predicted.ticket) {
		ret->outcome = SPK_REFUSED;
		return SPN_OK;
	}
	what.era = ret->other_era;
	status = spn_enctype_predict(&what, &other, err);
	what.era = ret->what.era;
	what.keys = SPN_ENC_RC4;
	if (!status)
		status = spn_enctype_predict(&what, &weak, err);
	if (status)
		return status;
	ret->other = other.ticket;
	ret->outcome = other.ticket != ret->predicted.ticket  ? SPK_CHANGING :
			ret->predicted.ticket == SPK_RC4_HMAC ? SPK_RC4 :
								SPK_AES;
	return weak.ticket ? SPN_OK : weigh(audit, account, ret, err);
}

/* ---- telling ---- */

static void put_date(char buffer[16], int64_t ticks)
{
	struct tm tm;
	time_t when = (time_t)(ticks / 10000000 - EPOCH_1601);
	strftime(buffer, 16, "%Y-%m-%d", gmtime_r(&when, &tm));
}

/* Without an export's attribute the account may allow RC4, and get tickets with that. */
static spn_status conditions(const spk_audit *audit, const spk_forecast *forecast, unsigned *ret_doubts, spn_error *err)
{
	bool left_out = false;
	spn_status status = spk_enctypes_left_out(audit->scope->dirs[0], &forecast->what, &left_out, err);
	*ret_doubts = (forecast->predicted.doubts & SPN_DOUBT_DEFAULT) | (left_out ? SPN_DOUBT_EXPORT : 0);
	return status;
}

#define REMEDY "set a new password, and renew the keytabs of the service"

spn_status spk_rule_aes_keys(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	spk_forecast forecast;
	char set[16], since[16], doubts[SPN_DOUBTS_SIZE];
	unsigned unknown = 0;
	struct dates dates;
	if (!spn_account_enabled(account))
		return SPN_OK;
	spn_status status = read_dates(audit, account, &dates, err);
	if (status || (!dates.is_old && !audit->options->knows_keys))
		return status; /* as nearly always: nothing is predicted in vain */
	status = spk_audit_forecast(audit, account, &forecast, err);
	if (!status && (forecast.outcome == SPK_OLD || forecast.outcome == SPK_WITHOUT_AES))
		status = conditions(audit, &forecast, &unknown, err);
	if (status || (forecast.outcome != SPK_OLD && forecast.outcome != SPK_WITHOUT_AES))
		return status;
	const char *comma = spn_doubts_text(unknown, doubts, sizeof doubts) ? ", " : "",
		   *era = spn_era_name(forecast.what.era);
	bool maybe = unknown & SPN_DOUBT_EXPORT;
	if (forecast.outcome == SPK_WITHOUT_AES)
		return spk_tell(audit->to, err, rule->code, maybe ? SPN_SEVERITY_WARNING : SPN_SEVERITY_BROKEN, NULL,
				account, NULL,
				"'%s' has no "
				"AES keys, as the KDC shows: KDCs of %s give no ticket for its names (events 204 and "
				"209 there)%s%s; " REMEDY,
				spk_account_label(account), era, comma, doubts);
	put_date(set, forecast.password);
	put_date(since, forecast.since);
	return spk_tell(audit->to, err, rule->code, maybe ? SPN_SEVERITY_NOTICE : SPN_SEVERITY_WARNING, NULL, account,
			NULL,
			"'%s' may have no "
			"AES keys: its password was set on %s, before this domain made such keys (%s); without them, "
			"KDCs of %s give no ticket for "
			"its names (events 204 and 209 there)%s%s; " REMEDY,
			spk_account_label(account), set, since, era, comma, doubts);
}

/* What Windows itself keeps has every key of the password. */
static bool may_have_keytab(const spn_account *account)
{
	spn_account_kind kind = spn_account_get_kind(account);
	return kind == SPN_KIND_USER ||
			(kind == SPN_KIND_COMPUTER && spk_account_has_host(account) &&
					!spk_account_is_windows(account));
}

static const char *family(int enctype)
{
	return enctype == SPK_RC4_HMAC ? "RC4" : "AES";
}

/* Only for who asks about an era: until the controllers change, everything works. */
spn_status spk_rule_change(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	spk_forecast forecast;
	if (audit->options->era == SPN_ERA_UNKNOWN || !spn_account_enabled(account) || !may_have_keytab(account))
		return SPN_OK;
	spn_status status = spk_audit_forecast(audit, account, &forecast, err);
	if (status || forecast.outcome != SPK_CHANGING)
		return status;
	return spk_tell(audit->to, err, rule->code, SPN_SEVERITY_NOTICE, NULL, account, NULL,
			"tickets for the names of '%s' are encrypted with "
			"%s by KDCs of %s, and with %s by those of %s, because msDS-SupportedEncryptionTypes is %s: "
			"before the controllers change, "
			"its keytabs need keys of both",
			spk_account_label(account), family(forecast.predicted.ticket), spn_era_name(forecast.what.era),
			family(forecast.other), spn_era_name(forecast.other_era),
			forecast.what.supported ? "ignored for an operatingSystemVersion "
						  "below 6" :
						  "not set");
}
