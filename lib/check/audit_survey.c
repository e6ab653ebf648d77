/* SPDX-License-Identifier: MIT */
/* What becomes of all accounts with names at KDCs of an era, counted before the findings are reported: of a file with a
 * search of its own, since its findings are too many to keep; of a server with the search for the findings, which are
 * kept meanwhile. */
#include <stdint.h>
#include <stdlib.h>

#include "audit.h"
#include "probe.h"
#include "account/proof.h"
#include "base/error.h"

static const char *const attrs[] = { SPK_SPN, SPK_KIND_ATTRS, "userAccountControl", "msDS-SupportedEncryptionTypes",
	"operatingSystemVersion", "operatingSystem", "dNSHostName", "primaryGroupID", "pwdLastSet", "objectSid",
	"sIDHistory", SPK_KRBTGT_NUMBER, NULL };

struct spk_survey {
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

spn_status spk_survey_new(const spk_audit *audit, struct spk_survey **ret_survey, spn_error *err)
{
	struct spk_survey *survey = calloc(1, sizeof *survey);
	if (!survey)
		return spk_nomem(err);
	survey->counts.era = audit->options->era;
	*ret_survey = survey;
	return SPN_OK;
}

void spk_survey_free(struct spk_survey *survey)
{
	free(survey);
}

spn_status spk_survey_count(const spk_audit *audit, const spn_account *account, spn_error *err)
{
	struct spk_survey *survey = audit->survey;
	spn_enctype_survey *counts = &survey->counts;
	spk_forecast forecast;
	if (!spn_account_spns(account, NULL) || !spn_account_enabled(account) || spk_account_may_be_kdc(account) ||
			!spk_audit_wants(audit, account))
		return SPN_OK;
	spn_status status = spk_audit_forecast(audit, account, &forecast, err);
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

static spn_status count(const spn_entry *entry, void *data, spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	spn_status status = spk_account_new(entry, &account, err);
	return status ? status : spk_survey_count(data, account, err);
}

spn_status spk_survey_search(const spk_audit *audit, spn_error *err)
{
	const char *pattern = audit->options->pattern;
	const spn_filter holders = { .op = SPN_FILTER_PRESENT, .attr = SPK_SPN };
	void *data = (void *)(uintptr_t)audit;
	return pattern ? spk_scope_search_names(audit->scope, audit->mapping, pattern, attrs, count, data, err) :
			 spk_scope_search(audit->scope, &holders, attrs, count, data, err);
}

spn_status spk_survey_tell(const spk_audit *audit, spn_error *err)
{
	const spn_audit_options *options = audit->options;
	struct spk_survey *survey = audit->survey;
	spn_enctype_case any = SPN_ENCTYPE_CASE_INIT;
	bool left_out = false;
	any.supported = survey->seen;
	spn_status status = survey->counts.n_changing + survey->counts.n_old ?
			spk_enctypes_left_out(audit->scope->dirs[0], &any, &left_out, err) :
			SPN_OK;
	survey->counts.doubts |= left_out ? SPN_DOUBT_EXPORT : 0;
	if (status)
		return status;
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(options->survey(&survey->counts, options->survey_data, err), before, err);
}
