/* SPDX-License-Identifier: MIT */
#include "audit.h"

#include <string.h>
#include <time.h>

#include "delegation.h"
#include "same_cn.h"
#include "account/proof.h"
#include "base/error.h"
#include "base/options.h"
#include "directory/directory.h"
#include "model/filter.h"

static const char *const attrs[] = { SPK_PROOF_ATTRS, "userPrincipalName", "msDS-SupportedEncryptionTypes",
	"operatingSystemVersion", "pwdLastSet", "sIDHistory", "adminCount", "memberOf",
	"msDS-SupersededServiceAccountState", "objectSid", SPK_DELEGATES_TO, SPK_LETS_ACT, SPK_PRECEDED_BY, NULL };

struct pass {
	const spk_audit *audit;
	spk_clash *clash;
	spk_same_cn *same_cn;
	bool clashes_later; /* names that several accounts hold are looked for at the end, without all the others */
	bool counts; /* the accounts, for the survey */
	size_t n_accounts, n_names;
};

/* Of a file each search goes over all of it, so that many are judged together; but not so many that they fill the
 * memory. */
#define LACKING_MAX 4096

static spn_status judge_lacking(const spk_audit *audit, spn_error *err)
{
	spn_status status = spk_missing_judge(audit, err);
	if (!status)
		status = spk_additional_judge(audit, err);
	spk_accounts_free(audit->lacking);
	return status;
}

static spn_status look_at(const spn_entry *entry, void *data, spn_error *err)
{
	struct pass *pass = data;
	const spn_audit_options *options = pass->audit->options;
	const spn_bytes *names;
	spn_account *account = NULL;
	if (++pass->n_accounts == UINT32_MAX) /* which are numbers to spk_clash_add */
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "there are more accounts than can be counted");
	spn_status status = spk_account_borrow(entry, &account, err); /* who keeps it copies it */
	size_t n = status ? 0 : spn_account_spns(account, &names);
	for (size_t i = 0; !status && !pass->clashes_later && i < n; i++)
		status = spk_clash_add(pass->clash, (uint32_t)pass->n_accounts, names[i], err);
	pass->n_names += n;
	if (!status)
		status = spk_same_cn_note(pass->same_cn, account, err);
	if (!status && pass->counts)
		status = spk_survey_count(pass->audit, account, err);
	if (!status && spk_audit_wants(pass->audit, account))
		status = spk_rules_look(pass->audit, account, err);
	if (!status && pass->audit->lacking->n >= LACKING_MAX)
		status = judge_lacking(pass->audit, err);
	if (!status && options->progress && pass->n_accounts % SPK_PROGRESS_EACH == 0)
		status = options->progress(pass->n_accounts, pass->n_names, options->progress_data, err);
	spk_account_give_back(account);
	return status;
}

/* In one file, where nobody else is asked about accounts, nor are all of them counted. */
static spn_status search_past(const spk_audit *audit, struct pass *pass, const spn_filter *filter, spn_error *err)
{
	const spk_scope *scope = audit->scope;
	const spn_search whole = { .scope = SPN_SCOPE_SUBTREE, .filter = filter, .attrs = attrs, .forest = scope->forest };
	struct spk_alike *alike = NULL;
	spn_status status = spk_alike_new(
			audit, attrs, pass->same_cn, &pass->n_accounts, &pass->n_names, &alike, err);
	spk_passer passer = spk_alike_passer;
	passer.data = alike;
	if (!status)
		status = spk_directory_search_past(scope->dirs[0], &whole, &passer, look_at, pass, err);
	spk_alike_free(alike);
	return status;
}

static bool may_pass(const spk_audit *audit, const struct pass *pass)
{
	const spn_audit_options *options = audit->options;
	return pass->clashes_later && !pass->counts && !options->knows_host && !options->knows_keys &&
			options->era == SPN_ERA_UNKNOWN;
}

static spn_status search(const spk_audit *audit, struct pass *pass, spn_error *err)
{
	const char *pattern = audit->options->pattern;
	if (pattern)
		return spk_scope_search_names(audit->scope, audit->mapping, pattern, attrs, look_at, pass, err);
	/* computers are looked at because of the names that they lack */
	const spn_filter holders = { .op = SPN_FILTER_PRESENT, .attr = SPK_SPN };
	const spn_filter computers = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = spk_bytes("computer") };
	const spn_filter upns = { .op = SPN_FILTER_GLOB, .attr = "userPrincipalName", .value = spk_bytes("*/*") };
	const spn_filter delegating = { .op = SPN_FILTER_PRESENT, .attr = SPK_DELEGATES_TO };
	const spn_filter successors = { .op = SPN_FILTER_PRESENT, .attr = SPK_PRECEDED_BY };
	const spn_filter *const parts[] = { &holders, &computers, &upns, &delegating, &successors, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return may_pass(audit, pass) ? search_past(audit, pass, &any, err) :
				       spk_scope_search(audit->scope, &any, attrs, look_at, pass, err);
}

static spn_status add_shared(const spn_entry *entry, void *data, spn_error *err)
{
	struct pass *pass = data;
	const spn_bytes *names;
	spn_status status = SPN_OK;
	pass->n_accounts++;
	for (size_t i = 0, n = spn_entry_values(entry, SPK_SPN, &names); !status && i < n; i++)
		status = spk_clash_add(pass->clash, (uint32_t)pass->n_accounts, names[i], err);
	return status;
}

/* A file knows which names several accounts hold. */
static spn_status search_shared(const spk_audit *audit, spk_clash *clash, spn_error *err)
{
	static const char *const only_names[] = { SPK_SPN, NULL };
	struct pass pass = { .clash = clash };
	return spk_scope_search_shared(audit->scope, only_names, add_shared, &pass, err);
}

static spn_status look_at_all(const spk_audit *audit, spk_later *later, spk_same_cn *same_cn, spn_error *err)
{
	SPK_AUTOCLASH spk_clash *clash = NULL;
	const spn_audit_options *options = audit->options;
	const spk_suspect *suspects = NULL;
	const spk_teller watched = { spk_unseen_watch, audit->unseen };
	size_t n;
	spk_folding folding;
	bool exact;
	spn_status status = spk_scope_folding(audit->scope, &folding, &exact, err);
	if (!status)
		status = spk_clash_new(audit->mapping, folding, &clash, err);
	if (!status)
		status = spk_same_cn_begin(same_cn, audit->scope, err);
	same_cn->is_of_some = options->pattern;
	same_cn->now = audit->now;
	struct pass pass = { .audit = audit, .clash = clash, .same_cn = same_cn, .counts = later->is_waiting };
	pass.clashes_later = !options->pattern && audit->scope->n == 1 && spk_audit_is_local(audit);
	if (!status)
		status = search(audit, &pass, err);
	if (!status && later->is_waiting)
		status = spk_survey_tell(audit, err);
	if (!status)
		status = spk_later_tell(later, err);
	if (!status)
		status = judge_lacking(audit, err);
	if (!status)
		status = spk_disabled_judge(audit, err);
	if (!status && pass.clashes_later)
		status = search_shared(audit, clash, err);
	if (!status)
		status = spk_clash_finish(clash, &suspects, &n, err);
	if (!status && options->progress) {
		spn_status before = spk_callback_begin(err);
		status = spk_callback_end(options->progress(pass.n_accounts, pass.n_names, options->progress_data, err), before, err);
	}
	if (!status)
		status = spk_duplicates_confirm(audit->scope, suspects, n, options->pattern, &watched, err);
	if (!status)
		status = spk_same_cn_tell(same_cn, audit->scope, options->pattern, &watched, err);
	if (!status)
		status = spk_unseen_judge(audit, err);
	if (!status)
		status = spk_upns_judge(audit, err);
	if (!status)
		status = spk_delegating_judge(audit, err);
	if (!status)
		status = spk_key_facts_tell(audit, err);
	if (!status)
		status = spk_odd_classes_tell(audit, err);
	return status ? status : spk_retired_tell(audit, err);
}

static spn_status run(spk_audit *audit, spn_error *err)
{
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	SPK_AUTOACCOUNTS spk_accounts delegating = { 0 }, lacking = { 0 };
	struct spk_retired retired = { .n = 0 };
	spk_predicted predicted = { .n = 0 };
	spk_same_cn same_cn = { .is_samba = false };
	size_t n_noted = 0, n_old_passwords = 0;
	spk_later later = {
		.n_noted = &n_noted, .to = audit->to, .is_waiting = audit->options->survey && !spk_audit_is_local(audit)
	};
	const spk_teller through = { spk_later_take, &later };
	spn_status status = spk_mapping_load(audit->scope->dirs[0], &live, err);
	audit->to = &through;
	audit->mapping = &live.mapping;
	audit->retired = &retired;
	audit->delegating = &delegating;
	audit->lacking = &lacking;
	audit->predicted = &predicted;
	audit->n_noted = &n_noted;
	audit->n_old_passwords = &n_old_passwords;
	if (!status)
		status = spk_asked_hosts_new(&audit->asked, err);
	if (!status)
		status = spk_upns_new(&audit->upns, err);
	if (!status)
		status = spk_audit_domains_new(&audit->domains, err);
	if (!status)
		status = spk_odd_classes_new(&audit->odd_classes, err);
	if (!status)
		status = spk_disabled_new(&audit->disabled, err);
	if (!status)
		status = spk_unseen_new(audit->to, &audit->unseen, err);
	if (!status)
		status = spk_key_facts_new(&audit->facts, err);
	if (!status && audit->options->survey)
		status = spk_survey_new(audit, &audit->survey, err);
	if (!status && audit->survey && !later.is_waiting)
		status = spk_survey_search(audit, err);
	if (!status && audit->survey && !later.is_waiting)
		status = spk_survey_tell(audit, err);
	if (!status && !audit->options->pattern)
		status = spk_rule_unchecked(audit, live.unchecked, err);
	if (!status)
		status = look_at_all(audit, &later, &same_cn, err);
	spk_same_cn_free(&same_cn);
	spk_later_free(&later);
	spk_survey_free(audit->survey);
	spk_key_facts_free(audit->facts);
	spk_upns_free(audit->upns);
	spk_audit_domains_free(audit->domains);
	spk_odd_classes_free(audit->odd_classes);
	spk_disabled_free(audit->disabled);
	spk_unseen_free(audit->unseen);
	spk_asked_hosts_free(audit->asked);
	spk_accounts_free(&retired.some);
	audit->mapping = NULL; /* these end here */
	audit->to = later.to;
	audit->retired = NULL;
	audit->predicted = NULL;
	audit->n_noted = audit->n_old_passwords = NULL;
	audit->delegating = audit->lacking = NULL;
	return status;
}

spn_status spn_audit(
		spn_directory *dir, const spn_audit_options *options, spn_finding_fn *fn, void *data, spn_error *err)
{
	spn_audit_options taken;
	spn_status status = spk_take("spn_audit_options", options, SPK_ONLY(spn_audit_options), &taken, err);
	if (status)
		return status;
	options = &taken;
	if (!dir || !fn || (options->n_others && !options->others))
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_audit: an argument is NULL");
	if (options->pattern && !*options->pattern)
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "the name to look for is empty");
	spk_scope scope;
	const spk_teller to = { fn, data };
	status = spk_scope_new(dir, options->others, options->n_others, options->forest, &scope, err);
	if (status)
		return status;
	spk_audit audit = {
		.options = options, .scope = &scope, .to = &to, .now = options->now ? options->now : (int64_t)time(NULL)
	};
	status = spk_scope_trouble(&scope, run(&audit, err), err);
	spk_scope_free(&scope);
	return status;
}
