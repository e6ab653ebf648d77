/* SPDX-License-Identifier: MIT */
/* What becomes of all accounts with names at KDCs of an era, counted before the findings, which are too many to keep,
 * are reported. */
#include "audit.h"
#include "probe.h"
#include "account/proof.h"
#include "base/error.h"

/* With a pattern, the names too; else that they are there is enough. */
static const char *const attrs[] = { SPK_SPN, SPK_KIND_ATTRS, "userAccountControl", "msDS-SupportedEncryptionTypes",
	"operatingSystemVersion", "operatingSystem", "dNSHostName", "primaryGroupID", "pwdLastSet", "objectSid",
	"sIDHistory", SPK_KRBTGT_NUMBER, NULL };

struct survey {
	const spk_audit *audit;
	spn_enctype_survey counts;
	uint32_t seen; /* in msDS-SupportedEncryptionTypes of any */
};

static size_t *count_of(spn_enctype_survey *counts, spk_outcome outcome)
{
	switch (outcome) {
	case SPK_REFUSED: return &counts->n_refused;
	case SPK_WITHOUT_AES: return &counts->n_without_aes;
	case SPK_OLD: return &counts->n_old;
	case SPK_CHANGING: return &counts->n_changing;
	case SPK_RC4: return &counts->n_rc4;
	case SPK_UNDOCUMENTED: return &counts->n_undocumented;
	default: return &counts->n_aes;
	}
}

static spn_status count(const spn_entry *entry, void *data, spn_error *err)
{
	struct survey *survey = data;
	spn_enctype_survey *counts = &survey->counts;
	SPK_AUTO(spn_account) *account = NULL;
	spk_forecast forecast;
	spn_status status = spk_account_new(entry, &account, err);
	if (status || !spn_account_enabled(account) || spk_account_may_be_kdc(account) ||
			!spk_audit_wants(survey->audit, account))
		return status;
	status = spk_audit_forecast(survey->audit, account, &forecast, err);
	if (status)
		return status;
	counts->era = forecast.what.era;
	counts->other_era = forecast.other_era;
	counts->n_accounts++;
	++*count_of(counts, forecast.outcome);
	counts->n_undated += forecast.is_undated;
	survey->seen |= forecast.what.supported;
	if (!forecast.what.supported)
		counts->doubts |= forecast.predicted.doubts & SPN_DOUBT_DEFAULT;
	return SPN_OK;
}

spn_status spk_audit_survey(const spk_audit *audit, spn_error *err)
{
	const spn_audit_options *options = audit->options;
	const spn_filter holders = { .op = SPN_FILTER_PRESENT, .attr = SPK_SPN };
	struct survey survey = { .audit = audit, .counts = { .era = options->era } };
	spn_enctype_case any = SPN_ENCTYPE_CASE_INIT;
	bool left_out = false;
	if (!options->survey)
		return SPN_OK;
	spn_status status = options->pattern ? spk_scope_search_names(audit->scope, audit->mapping, options->pattern,
							       attrs, count, &survey, err) :
					       spk_scope_search(audit->scope, &holders, attrs + 1, count, &survey, err);
	any.supported = survey.seen;
	if (!status && survey.counts.n_changing + survey.counts.n_old)
		status = spk_enctypes_left_out(audit->scope->dirs[0], &any, &left_out, err);
	survey.counts.doubts |= left_out ? SPN_DOUBT_EXPORT : 0;
	if (status)
		return status;
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(options->survey(&survey.counts, options->survey_data, err), before, err);
}
