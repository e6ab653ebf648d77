/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "json_text.h"
#include "last_change.h"
#include "products.h"
#include "remedy.h"
#include "base/text.h"

/* What a verdict on names depends on, if not all of them are known. */
static void set_condition(spn_report *report, json_t *object)
{
	if (report->condition &&
			json_object_set_new(object, "condition", spk_json_text(report->condition + strlen(", "))) != 0)
		report->lost = true;
}

static json_t *time_of(time_t time)
{
	char text[32];
	struct tm tm;
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", spk_utc(time, &tm));
	return json_string(text);
}

static json_t *object_of_change(const spn_last_change *change, const bool *is_youngest)
{
	json_t *object = json_pack("{s:o, s:o, s:I}", "time", time_of((time_t)change->when), "server",
			*change->server ? spk_json_text(change->server) : json_null(), "version", (json_int_t)change->version);
	if (is_youngest && json_object_set_new(object, "latest", json_boolean(*is_youngest)) != 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static void json_account(spn_report *report, const spn_account *account, const spn_bytes *matched,
		size_t n_matched)
{
	const spn_bytes *spns;
	size_t n = spn_account_spns(account, &spns);
	json_t *object = json_pack("{s:o, s:o, s:s, s:b, s:o}",
			"dn", spk_json_text(spn_account_dn(account)),
			"account", spk_json_text(spn_account_name(account)),
			"kind", spn_account_kind_name(spn_account_get_kind(account)),
			"enabled", spn_account_enabled(account),
			"spns", spk_json_array(spns, n));
	if (object && matched && json_object_set_new(object, "matched", spk_json_array(matched, n_matched)) != 0)
		report->lost = true;
	spn_last_change change;
	if (spk_last_change_of(report, spn_account_dn(account), &change) &&
			json_object_set_new(object, "names_changed", object_of_change(&change, NULL)) != 0)
		report->lost = true;
	spk_json_emit(report, &report->out, object);
}

static json_t *ref_of(const char *dn, const char *account)
{
	return json_pack("{s:o, s:o}", "dn", spk_json_text(dn), "account", spk_json_text(account));
}

/* enctype and session_enctype: null for a refusal. */
static void set_prediction(json_t *object, const spn_enctype_prediction *predicted)
{
	char doubts[SPN_DOUBTS_SIZE];
	size_t len = spn_doubts_text(predicted->doubts, doubts, sizeof doubts);
	json_object_set_new(object, "enctype", predicted->ticket ? json_integer(predicted->ticket) : json_null());
	json_object_set_new(object, "session_enctype", predicted->session ? json_integer(predicted->session) : json_null());
	json_object_set_new(object, "sure", json_boolean(!len));
	json_object_set_new(object, "why", json_string(predicted->why));
	json_object_set_new(object, "unless", len ? json_string(doubts) : json_null());
}

static void json_resolution(spn_report *report, const char *spn, const spn_resolution *resolution,
		const spn_enctype_prediction *enctype)
{
	json_t *accounts = json_array();
	for (size_t i = 0; i < resolution->n_accounts; i++) {
		const spn_account *account = resolution->accounts[i];
		if (json_array_append_new(accounts, ref_of(spn_account_dn(account), spn_account_name(account))) != 0)
			report->lost = true;
	}
	json_t *object = json_pack("{s:o, s:s, s:o, s:o}",
			"spn", spk_json_text(spn),
			"rule", spn_match_name(resolution->match),
			"via", resolution->via ? spk_json_text(resolution->via) : json_null(),
			"accounts", accounts);
	if (object && enctype)
		set_prediction(object, enctype);
	if (resolution->match != SPN_MATCH_AMBIGUOUS && resolution->match != SPN_MATCH_KRBTGT)
		set_condition(report, object);
	spk_json_emit(report, &report->out, object);
}

static void set_ticket(json_t *object, const spn_ticket *ticket)
{
	json_object_set_new(object, "server", spk_json_text(ticket->server));
	json_object_set_new(object, "kvno", json_integer(ticket->kvno));
	json_object_set_new(object, "rodc", json_integer(ticket->rodc));
	json_object_set_new(object, "enctype", json_integer(ticket->enctype));
	json_object_set_new(object, "session_enctype", json_integer(ticket->session_enctype));
	json_object_set_new(object, "starts", time_of(ticket->starts));
	json_object_set_new(object, "ends", time_of(ticket->ends));
}

static void set_cause(json_t *object, const spn_kerberos_cause *cause)
{
	json_object_set_new(object, "krb5_code", json_integer(cause->code));
	json_object_set_new(object, "krb5_name", spk_json_text(cause->name));
	json_object_set_new(object, "windows_code", json_integer(cause->windows_code));
	json_object_set_new(object, "windows_name", spk_json_text(cause->windows_name));
}

static void json_keys(spn_report *report, const spn_account *account, const spn_account_keys *keys)
{
	static const int enctypes[] = { 18, 17, 23 };
	static const unsigned bits[] = { SPN_ENC_AES256, SPN_ENC_AES128, SPN_ENC_RC4 };
	json_t *list = json_array();
	for (size_t i = 0; i < 3; i++)
		if (keys->keys & bits[i] && json_array_append_new(list, json_integer(enctypes[i])) != 0)
			report->lost = true;
	spk_json_emit(report, &report->out,
			json_pack("{s:o, s:o, s:o, s:o}", "dn", spk_json_text(spn_account_dn(account)), "account",
					spk_json_text(spn_account_name(account)), "keys", list, "salt",
					keys->salt ? spk_json_text(keys->salt) : json_null()));
}

static void json_probe(spn_report *report, const spn_probe *probe)
{
	json_t *object = json_pack("{s:o, s:b, s:o, s:s, s:o}",
			"spn", spk_json_text(probe->spn),
			"ok", probe->ok,
			"account", probe->account ? spk_json_text(spn_account_name(probe->account)) : json_null(),
			"certainty", spn_certainty_name(probe->certainty),
			"text", spk_json_text(probe->text));
	if (object && probe->ticket)
		set_ticket(object, probe->ticket);
	if (object && probe->predicted) {
		json_t *predicted = json_object();
		set_prediction(predicted, probe->predicted);
		json_object_set_new(object, "predicted", predicted);
	}
	if (object && probe->cause)
		set_cause(object, probe->cause);
	if (object && probe->keytab)
		json_object_set_new(object, "keytab", json_string(spn_keytab_verdict_name(*probe->keytab)));
	if (object && probe->handshake) {
		json_object_set_new(object, "handshake", json_string(spn_handshake_outcome_name(probe->handshake->outcome)));
		json_object_set_new(object, "http_status", json_integer(probe->handshake->http_status));
	}
	spk_json_emit(report, &report->out, object);
}

static json_t *array_of_steps(spn_report *report, const spn_finding *finding)
{
	json_t *steps = json_array();
	for (size_t i = 0; i < finding->n_steps; i++) {
		const spn_repair_step *step = &finding->steps[i];
		const char *tool;
		char *command = spk_remedy_of_step(step, &tool, &report->lost);
		if (json_array_append_new(steps,
				    json_pack("{s:I, s:s, s:s, s:o}", "step", (json_int_t)step->number, "purpose",
						    step->purpose, "tool", tool, "command", spk_json_text(command))) != 0)
			report->lost = true;
		free(command);
	}
	return steps;
}

static json_t *object_of_finding(spn_report *report, const spn_finding *finding)
{
	json_t *accounts = json_array();
	char *remedy = spk_remedy_of(finding, &report->lost);
	for (size_t i = 0; i < finding->n_accounts; i++) {
		const spn_account_ref *ref = &finding->accounts[i];
		if (json_array_append_new(accounts, ref_of(ref->dn, ref->account)) != 0)
			report->lost = true;
	}
	json_t *object = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}",
			"code", finding->code,
			"severity", spn_severity_name(finding->severity),
			"spn", finding->spn ? spk_json_text(finding->spn) : json_null(),
			"accounts", accounts,
			"text", spk_json_text(finding->text),
			"repair", remedy ? spk_json_text(remedy) : json_null());
	free(remedy);
	if (object && finding->predicted)
		set_prediction(object, finding->predicted);
	if (object && finding->n_steps && json_object_set_new(object, "steps", array_of_steps(report, finding)) != 0)
		report->lost = true;
	return object;
}

static void json_finding(spn_report *report, const spk_lines *to, const spn_finding *finding)
{
	spk_json_emit(report, to, object_of_finding(report, finding));
}

static void json_registered(spn_report *report, const spn_finding *finding)
{
	json_finding(report, &report->out, finding);
}

static json_t *text_or_null(const char *text)
{
	return text ? spk_json_text(text) : json_null();
}

static void json_expectation(spn_report *report, const spn_expectation *expectation)
{
	json_t *object = object_of_finding(report, expectation->finding);
	const spn_account *expected = expectation->expected;
	const spn_resolution *resolution = expectation->resolution;
	json_t *ref = expected ? ref_of(spn_account_dn(expected), spn_account_name(expected)) : json_null();
	bool lost = json_object_set_new(object, "expected", ref) != 0;
	if (resolution) {
		lost |= json_object_set_new(object, "need", json_string(spn_need_name(expectation->need))) != 0;
		lost |= json_object_set_new(object, "rule", json_string(spn_match_name(resolution->match))) != 0;
		lost |= json_object_set_new(object, "via", text_or_null(resolution->via)) != 0;
	}
	if (expectation->probe && expectation->probe->ticket)
		set_ticket(object, expectation->probe->ticket);
	report->lost |= lost;
	spk_json_emit(report, &report->out, object);
}

static void json_recipe(spn_report *report, const spn_recipe *recipe, bool whole)
{
	json_t *names = json_array();
	(void)whole;
	for (size_t i = 0; i < recipe->n_names; i++) {
		const spn_recipe_name *name = &recipe->names[i];
		json_t *object = json_pack("{s:s, s:s, s:b, s:b}",
				"name", name->pattern,
				"need", spn_need_name(name->need),
				"default_instance", name->default_only,
				"by_host", spn_name_by_host(name->pattern));
		report->lost |= json_array_append_new(names, object) != 0;
	}
	spk_json_emit(report, &report->out, json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}",
			"service", spk_json_text(recipe->id),
			"title", spk_json_text(recipe->title),
			"account", spn_holder_name(recipe->holder),
			"port", recipe->port ? json_integer((json_int_t)recipe->port) : json_null(),
			"names", names,
			"clients", text_or_null(recipe->clients),
			"pitfall", text_or_null(recipe->pitfall),
			"source", text_or_null(recipe->source)));
}

static void set_changes(spn_report *report, const spn_finding *finding, json_t *object)
{
	spk_dated dated;
	if (!spk_last_changes(report, finding, &dated))
		return;
	for (size_t i = 0; i < finding->n_accounts; i++)
		if (dated.accounts[i].is_known &&
				json_object_set_new(json_array_get(json_object_get(object, "accounts"), i), "names_changed",
						object_of_change(&dated.accounts[i].change, &dated.accounts[i].is_youngest)) != 0)
			report->lost = true;
}

static void json_conflict(spn_report *report, const spn_finding *finding, const char *const *also, size_t n_also)
{
	json_t *object = object_of_finding(report, finding), *names = n_also ? json_array() : NULL;
	for (size_t i = 0; i < n_also; i++)
		if (json_array_append_new(names, spk_json_text(also[i])) != 0)
			report->lost = true;
	if (n_also && json_object_set_new(object, "also", names) != 0)
		report->lost = true;
	set_changes(report, finding, object);
	spk_json_emit(report, &report->out, object);
}

static void json_survey(spn_report *report, const spn_enctype_survey *survey)
{
	char doubts[SPN_DOUBTS_SIZE];
	size_t len = spn_doubts_text(survey->doubts, doubts, sizeof doubts);
	json_t *counts = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
			"era", spn_era_name(survey->era),
			"other_era", spn_era_name(survey->other_era),
			"accounts", (json_int_t)survey->n_accounts,
			"refused", (json_int_t)survey->n_refused,
			"without_aes", (json_int_t)survey->n_without_aes,
			"old", (json_int_t)survey->n_old,
			"changing", (json_int_t)survey->n_changing,
			"rc4", (json_int_t)survey->n_rc4,
			"aes", (json_int_t)survey->n_aes,
			"undocumented", (json_int_t)survey->n_undocumented,
			"undated", (json_int_t)survey->n_undated,
			"unless", len ? json_string(doubts) : json_null());
	spk_json_emit(report, &report->out, json_pack("{s:o}", "survey", counts));
}

static void json_product(spn_report *report, const spk_product *product)
{
	json_t *classes = json_array();
	for (size_t i = 0; i < product->n_classes; i++)
		if (json_array_append_new(classes, spk_json_text(product->classes[i])) != 0)
			report->lost = true;
	spk_json_emit(report, &report->out, json_pack("{s:o, s:o, s:I, s:I}",
			"product", text_or_null(product->name),
			"classes", classes,
			"names", (json_int_t)product->n_names,
			"accounts", (json_int_t)product->n_accounts));
}

static void json_summary(spn_report *report, const spn_report_totals *totals)
{
	const spk_tally *tally = &report->tally;
	json_t *codes = json_object();
	for (size_t i = 0; i < tally->n_rows; i++) {
		json_t *counts = json_object();
		for (int severity = SPN_SEVERITY_OK; severity <= SPN_SEVERITY_BROKEN; severity++)
			if (tally->rows[i].n[severity] && json_object_set_new(counts, spn_severity_name((spn_severity)severity),
					json_integer((json_int_t)tally->rows[i].n[severity])) != 0)
				report->lost = true;
		if (json_object_set_new(codes, tally->rows[i].code, counts) != 0)
			report->lost = true;
	}
	json_t *summary = json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}",
			"findings", (json_int_t)tally->total,
			"broken", (json_int_t)tally->n[SPN_SEVERITY_BROKEN],
			"warning", (json_int_t)tally->n[SPN_SEVERITY_WARNING],
			"notice", (json_int_t)tally->n[SPN_SEVERITY_NOTICE],
			"left_out", (json_int_t)totals->n_left_out,
			"codes", codes);
	set_condition(report, summary);
	spk_json_emit(report, &report->out, json_pack("{s:o}", "summary", summary));
}

static json_t *ref_or_null(const spn_account_ref *ref)
{
	return ref ? ref_of(ref->dn, ref->account) : json_null();
}

static json_t *answer_of(spn_report *report, const spn_answer *answer)
{
	json_t *accounts = answer ? json_array() : NULL;
	for (size_t i = 0; answer && i < answer->n_accounts; i++)
		if (json_array_append_new(accounts, ref_or_null(&answer->accounts[i])) != 0)
			report->lost = true;
	return answer ? json_pack("{s:s, s:o, s:o}", "rule", spn_match_name(answer->match), "via", text_or_null(answer->via),
					"accounts", accounts) :
			json_null();
}

static void json_event(spn_report *report, const spn_event *event)
{
	json_t *object = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
			"change", spn_event_kind_name(event->kind),
			"spn", text_or_null(event->spn),
			"from", ref_or_null(event->from),
			"to", ref_or_null(event->to),
			"before", answer_of(report, event->before),
			"after", answer_of(report, event->after),
			"text", spk_json_text(event->text));
	json_t *also = event->n_also ? json_array() : NULL;
	for (size_t i = 0; i < event->n_also; i++)
		report->lost |= json_array_append_new(also, spk_json_text(event->also[i])) != 0;
	if (also && json_object_set_new(object, "also", also) != 0)
		report->lost = true;
	if (event->finding && json_object_set_new(object, "finding", object_of_finding(report, event->finding)) != 0)
		report->lost = true;
	if (report->look.is_one && (json_object_set_new(object, "time", spk_json_text(report->look.time)) != 0 ||
			json_object_set_new(object, "directory", spk_json_text(report->look.where)) != 0))
		report->lost = true;
	spk_json_emit(report, &report->out, object);
}

static void json_differences(spn_report *report, const char *of)
{
	const size_t *n = report->n_events;
	(void)of;
	json_t *counts = json_object();
	for (size_t i = 0; i < SPK_EVENT_KINDS; i++)
		if (json_object_set_new(counts, spn_event_kind_name((spn_event_kind)i), json_integer((json_int_t)n[i])) != 0)
			report->lost = true;
	set_condition(report, counts);
	spk_json_emit(report, &report->out, json_pack("{s:o}", "differences", counts));
}

static void json_group(spn_report *report, const spk_lines *to, const spn_group *group)
{
	spk_json_emit(report, to, json_pack("{s:o, s:o, s:s, s:o}",
			"group", spk_json_text(group->name),
			"dn", spk_json_text(group->dn),
			"outcome", spn_group_outcome_name(group->outcome),
			"text", spk_json_text(group->text)));
}

static void json_membership(spn_report *report, const spn_group *group)
{
	json_group(report, &report->out, group);
}

static json_t *flags_of(spn_report *report, const spn_step *step)
{
	json_t *array = json_array();
	for (unsigned flag = 1; flag && flag <= step->flags; flag <<= 1) {
		const char *name = step->flags & flag ? spn_step_flag_name(flag, NULL) : NULL;
		if (name && json_array_append_new(array, json_string(name)) != 0)
			report->lost = true;
	}
	return array;
}

static void json_step(spn_report *report, const spk_shown_step *shown)
{
	const spn_step *step = shown->step;
	for (size_t i = 0; i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		json_t *object = json_pack("{s:I, s:o, s:s, s:o, s:o, s:o, s:s, s:I, s:I, s:o}",
				"step", (json_int_t)shown->i + 1,
				"dn", spk_json_text(step->dn),
				"op", mod->op == SPN_MOD_ADD ? "add" : "delete",
				"attr", spk_json_text(mod->attr),
				"value", spk_json_string(mod->value.data, mod->value.len),
				"reason", spk_json_text(step->reason),
				"state", spn_step_state_name(shown->state),
				"steps", (json_int_t)shown->n,
				"values", (json_int_t)step->n_mods,
				"flags", flags_of(report, step));
		if (object && shown->why
				&& json_object_set_new(object, "text", spk_json_text(shown->why->message)) != 0)
			report->lost = true;
		spk_json_emit(report, &report->out, object);
	}
}

static void json_journal(spn_report *report, const spn_journal_info *info)
{
	spk_json_emit(report, &report->out, json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:o, s:o}",
			"journal", spk_json_text(info->path),
			"title", spk_json_text(info->title),
			"url", spk_json_text(info->url),
			"base", spk_json_text(info->base),
			"time", spk_json_text(info->time),
			"state", spn_journal_state_name(info->state),
			"undo", info->is_undo,
			"author", spk_json_text(info->author),
			"problem", info->problem ? spk_json_text(info->problem) : json_null()));
}

static void json_outcome(spn_report *report, bool changed, size_t n_steps, const char *journal)
{
	spk_json_emit(report, &report->out, json_pack("{s:b, s:I, s:o}",
			"changed", changed,
			"steps", (json_int_t)n_steps,
			"journal", text_or_null(journal)));
}

static void json_version(spn_report *report, const char *version)
{
	spk_json_emit(report, &report->out, json_pack("{s:s}", "version", version));
}

/* native is an LDAP result code where the directory judged; elsewhere it may be an errno. */
static int ldap_code(const spn_error *err)
{
	switch (err->status) {
	case SPN_ERR_NOT_FOUND:
	case SPN_ERR_EXISTS:
	case SPN_ERR_NOT_UNIQUE:
	case SPN_ERR_REFUSED:
	case SPN_ERR_DENIED:
		return err->native;
	default:
		return err->win32 ? err->native : 0;
	}
}

static void json_error(spn_report *report, const spn_error *err, const char *journal)
{
	json_t *object = json_pack("{s:s, s:o, s:i, s:I}",
			"status", spn_status_name(err->status),
			"message", spk_json_text(err->message),
			"ldap", ldap_code(err),
			"win32", (json_int_t)err->win32);
	if (object && journal && json_object_set_new(object, "journal", spk_json_text(journal)) != 0)
		report->lost = true;
	spk_json_emit(report, &report->messages, json_pack("{s:o}", "error", object));
}

static void json_note(spn_report *report, const char *text)
{
	spk_json_emit(report, &report->messages, json_pack("{s:o}", "note", spk_json_text(text)));
}

static void json_gap(spn_report *report, const spn_note *note)
{
	json_t *object = json_pack("{s:o, s:s, s:I}", "note", spk_json_text(note->text), "code", note->code, "count",
			(json_int_t)note->count);
	if (note->condition && json_object_set_new(object, "condition", spk_json_text(note->condition)) != 0)
		report->lost = true;
	spk_json_emit(report, &report->messages, object);
}

static const spk_form form_json = {
	.has_remarks = true,
	.account = json_account,
	.resolution = json_resolution,
	.probe = json_probe,
	.keys = json_keys,
	.rights = spk_json_rights,
	.recipe = json_recipe,
	.product = json_product,
	.finding = json_finding,
	.expectation = json_expectation,
	.conflict = json_conflict,
	.registered = json_registered,
	.survey = json_survey,
	.summary = json_summary,
	.event = json_event,
	.differences = json_differences,
	.step = json_step,
	.group = json_group,
	.membership = json_membership,
	.journal = json_journal,
	.outcome = json_outcome,
	.version = json_version,
	.note = json_note,
	.gap = json_gap,
	.error = json_error,
};

spn_status spk_form_json(const spk_form **ret_form, spn_error *err)
{
	(void)err;
	*ret_form = &form_json;
	return SPN_OK;
}
