/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "findings.h"
#include "json_text.h"
#include "last_change.h"
#include "output.h"
#include "text_rights.h"
#include "products.h"
#include "remedy.h"

/* What a verdict on names depends on, if not all of them are known. */
static void set_condition(struct cli *cli, json_t *object)
{
	if (cli->condition && json_object_set_new(object, "condition", text_of(cli->condition + strlen(", "))) != 0)
		cli->lost = true;
}

static json_t *time_of(time_t time)
{
	char text[32];
	struct tm tm;
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &tm));
	return json_string(text);
}

static json_t *object_of_change(const spn_last_change *change, const bool *is_youngest)
{
	json_t *object = json_pack("{s:o, s:o, s:I}", "time", time_of((time_t)change->when), "server",
			*change->server ? text_of(change->server) : json_null(), "version", (json_int_t)change->version);
	if (is_youngest && json_object_set_new(object, "latest", json_boolean(*is_youngest)) != 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static void json_account(struct cli *cli, const spn_account *account, const spn_bytes *matched,
		size_t n_matched)
{
	const spn_bytes *spns;
	size_t n = spn_account_spns(account, &spns);
	json_t *object = json_pack("{s:o, s:o, s:s, s:b, s:o}",
			"dn", text_of(spn_account_dn(account)),
			"account", text_of(spn_account_name(account)),
			"kind", spn_account_kind_name(spn_account_get_kind(account)),
			"enabled", spn_account_enabled(account),
			"spns", array_of(spns, n));
	if (object && matched && json_object_set_new(object, "matched", array_of(matched, n_matched)) != 0)
		cli->lost = true;
	spn_last_change change;
	if (last_change_of(cli, spn_account_dn(account), &change) &&
			json_object_set_new(object, "names_changed", object_of_change(&change, NULL)) != 0)
		cli->lost = true;
	emit(cli, stdout, object);
}

static json_t *ref_of(const char *dn, const char *account)
{
	return json_pack("{s:o, s:o}", "dn", text_of(dn), "account", text_of(account));
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

static void json_resolution(struct cli *cli, const char *spn, const spn_resolution *resolution,
		const spn_enctype_prediction *enctype)
{
	json_t *accounts = json_array();
	for (size_t i = 0; i < resolution->n_accounts; i++) {
		const spn_account *account = resolution->accounts[i];
		if (json_array_append_new(accounts, ref_of(spn_account_dn(account), spn_account_name(account))) != 0)
			cli->lost = true;
	}
	json_t *object = json_pack("{s:o, s:s, s:o, s:o}",
			"spn", text_of(spn),
			"rule", spn_match_name(resolution->match),
			"via", resolution->via ? text_of(resolution->via) : json_null(),
			"accounts", accounts);
	if (object && enctype)
		set_prediction(object, enctype);
	if (resolution->match != SPN_MATCH_AMBIGUOUS && resolution->match != SPN_MATCH_KRBTGT)
		set_condition(cli, object);
	emit(cli, stdout, object);
}

static void set_ticket(json_t *object, const spn_ticket *ticket)
{
	json_object_set_new(object, "server", text_of(ticket->server));
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
	json_object_set_new(object, "krb5_name", text_of(cause->name));
	json_object_set_new(object, "windows_code", json_integer(cause->windows_code));
	json_object_set_new(object, "windows_name", text_of(cause->windows_name));
}

static void json_keys(struct cli *cli, const spn_account *account, const spn_account_keys *keys)
{
	static const int enctypes[] = { 18, 17, 23 };
	static const unsigned bits[] = { SPN_ENC_AES256, SPN_ENC_AES128, SPN_ENC_RC4 };
	json_t *list = json_array();
	for (size_t i = 0; i < 3; i++)
		if (keys->keys & bits[i] && json_array_append_new(list, json_integer(enctypes[i])) != 0)
			cli->lost = true;
	emit(cli, stdout, json_pack("{s:o, s:o, s:o, s:o}", "dn", text_of(spn_account_dn(account)), "account",
			text_of(spn_account_name(account)), "keys", list, "salt", keys->salt ? text_of(keys->salt) : json_null()));
}

static void json_probe(struct cli *cli, const spn_probe *probe)
{
	json_t *object = json_pack("{s:o, s:b, s:o, s:s, s:o}",
			"spn", text_of(probe->spn),
			"ok", probe->ok,
			"account", probe->account ? text_of(spn_account_name(probe->account)) : json_null(),
			"certainty", spn_certainty_name(probe->certainty),
			"text", text_of(probe->text));
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
	emit(cli, stdout, object);
}

static json_t *array_of_steps(struct cli *cli, const spn_finding *finding)
{
	json_t *steps = json_array();
	for (size_t i = 0; i < finding->n_steps; i++) {
		const spn_repair_step *step = &finding->steps[i];
		const char *tool;
		char *command = remedy_of_step(step, &tool, &cli->lost);
		if (json_array_append_new(steps,
				    json_pack("{s:I, s:s, s:s, s:o}", "step", (json_int_t)step->number, "purpose",
						    step->purpose, "tool", tool, "command", text_of(command))) != 0)
			cli->lost = true;
		free(command);
	}
	return steps;
}

static json_t *object_of_finding(struct cli *cli, const spn_finding *finding)
{
	json_t *accounts = json_array();
	char *remedy = remedy_of(finding, &cli->lost);
	for (size_t i = 0; i < finding->n_accounts; i++) {
		const spn_account_ref *ref = &finding->accounts[i];
		if (json_array_append_new(accounts, ref_of(ref->dn, ref->account)) != 0)
			cli->lost = true;
	}
	json_t *object = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}",
			"code", finding->code,
			"severity", spn_severity_name(finding->severity),
			"spn", finding->spn ? text_of(finding->spn) : json_null(),
			"accounts", accounts,
			"text", text_of(finding->text),
			"repair", remedy ? text_of(remedy) : json_null());
	free(remedy);
	if (object && finding->predicted)
		set_prediction(object, finding->predicted);
	if (object && finding->n_steps && json_object_set_new(object, "steps", array_of_steps(cli, finding)) != 0)
		cli->lost = true;
	return object;
}

static void json_finding(struct cli *cli, FILE *to, const spn_finding *finding)
{
	emit(cli, to, object_of_finding(cli, finding));
}

static void json_verdict(struct cli *cli, const spn_finding *finding)
{
	json_finding(cli, stdout, finding);
}

static json_t *text_or_null(const char *text)
{
	return text ? text_of(text) : json_null();
}

static void json_expectation(struct cli *cli, const spn_expectation *expectation)
{
	json_t *object = object_of_finding(cli, expectation->finding);
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
	cli->lost |= lost;
	emit(cli, stdout, object);
}

static void json_recipe(struct cli *cli, const spn_recipe *recipe, bool whole)
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
		cli->lost |= json_array_append_new(names, object) != 0;
	}
	emit(cli, stdout, json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}",
			"service", text_of(recipe->id),
			"title", text_of(recipe->title),
			"account", spn_holder_name(recipe->holder),
			"port", recipe->port ? json_integer((json_int_t)recipe->port) : json_null(),
			"names", names,
			"clients", text_or_null(recipe->clients),
			"pitfall", text_or_null(recipe->pitfall),
			"source", text_or_null(recipe->source)));
}

static void set_changes(struct cli *cli, const spn_finding *finding, json_t *object)
{
	struct dated dated;
	if (!last_changes(cli, finding, &dated))
		return;
	for (size_t i = 0; i < finding->n_accounts; i++)
		if (dated.accounts[i].is_known &&
				json_object_set_new(json_array_get(json_object_get(object, "accounts"), i), "names_changed",
						object_of_change(&dated.accounts[i].change, &dated.accounts[i].is_youngest)) != 0)
			cli->lost = true;
}

static void json_conflict(struct cli *cli, const spn_finding *finding, const char *const *also, size_t n_also)
{
	json_t *object = object_of_finding(cli, finding), *names = n_also ? json_array() : NULL;
	for (size_t i = 0; i < n_also; i++)
		if (json_array_append_new(names, text_of(also[i])) != 0)
			cli->lost = true;
	if (n_also && json_object_set_new(object, "also", names) != 0)
		cli->lost = true;
	set_changes(cli, finding, object);
	emit(cli, stdout, object);
}

static void json_survey(struct cli *cli, const spn_enctype_survey *survey)
{
	char doubts[SPN_DOUBTS_SIZE];
	size_t len = spn_doubts_text(survey->doubts, doubts, sizeof doubts);
	emit(cli, stdout, json_pack("{s:{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}}", "survey",
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
			"unless", len ? json_string(doubts) : json_null()));
}

static void json_product(struct cli *cli, const struct product *product)
{
	json_t *classes = json_array();
	for (size_t i = 0; i < product->n_classes; i++)
		if (json_array_append_new(classes, text_of(product->classes[i])) != 0)
			cli->lost = true;
	emit(cli, stdout, json_pack("{s:o, s:o, s:I, s:I}",
			"product", text_or_null(product->name),
			"classes", classes,
			"names", (json_int_t)product->n_names,
			"accounts", (json_int_t)product->n_accounts));
}

static void json_summary(struct cli *cli, const struct tally *tally, size_t left_out)
{
	json_t *codes = json_object();
	for (size_t i = 0; i < tally->n_rows; i++) {
		json_t *counts = json_object();
		for (int severity = SPN_SEVERITY_OK; severity <= SPN_SEVERITY_BROKEN; severity++)
			if (tally->rows[i].n[severity] && json_object_set_new(counts, spn_severity_name((spn_severity)severity),
					json_integer((json_int_t)tally->rows[i].n[severity])) != 0)
				cli->lost = true;
		if (json_object_set_new(codes, tally->rows[i].code, counts) != 0)
			cli->lost = true;
	}
	json_t *summary = json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}",
			"findings", (json_int_t)tally->total,
			"broken", (json_int_t)tally->n[SPN_SEVERITY_BROKEN],
			"warning", (json_int_t)tally->n[SPN_SEVERITY_WARNING],
			"notice", (json_int_t)tally->n[SPN_SEVERITY_NOTICE],
			"left_out", (json_int_t)left_out,
			"codes", codes);
	set_condition(cli, summary);
	emit(cli, stdout, json_pack("{s:o}", "summary", summary));
}

static json_t *ref_or_null(const spn_account_ref *ref)
{
	return ref ? ref_of(ref->dn, ref->account) : json_null();
}

static json_t *answer_of(struct cli *cli, const spn_answer *answer)
{
	json_t *accounts = answer ? json_array() : NULL;
	for (size_t i = 0; answer && i < answer->n_accounts; i++)
		if (json_array_append_new(accounts, ref_or_null(&answer->accounts[i])) != 0)
			cli->lost = true;
	return answer ? json_pack("{s:s, s:o, s:o}", "rule", spn_match_name(answer->match), "via", text_or_null(answer->via),
					"accounts", accounts) :
			json_null();
}

static void json_event(struct cli *cli, const spn_event *event)
{
	json_t *object = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
			"change", spn_event_kind_name(event->kind),
			"spn", text_or_null(event->spn),
			"from", ref_or_null(event->from),
			"to", ref_or_null(event->to),
			"before", answer_of(cli, event->before),
			"after", answer_of(cli, event->after),
			"text", text_of(event->text));
	json_t *also = event->n_also ? json_array() : NULL;
	for (size_t i = 0; i < event->n_also; i++)
		cli->lost |= json_array_append_new(also, text_of(event->also[i])) != 0;
	if (also && json_object_set_new(object, "also", also) != 0)
		cli->lost = true;
	if (event->finding && json_object_set_new(object, "finding", object_of_finding(cli, event->finding)) != 0)
		cli->lost = true;
	if (cli->look && (json_object_set_new(object, "time", text_of(cli->look->time)) != 0 ||
			json_object_set_new(object, "directory", text_of(cli->look->where)) != 0))
		cli->lost = true;
	emit(cli, stdout, object);
}

static void json_differences(struct cli *cli, const size_t n[EVENT_KINDS])
{
	json_t *counts = json_object();
	for (size_t i = 0; i < EVENT_KINDS; i++)
		if (json_object_set_new(counts, spn_event_kind_name((spn_event_kind)i), json_integer((json_int_t)n[i])) != 0)
			cli->lost = true;
	set_condition(cli, counts);
	emit(cli, stdout, json_pack("{s:o}", "differences", counts));
}

static void json_group(struct cli *cli, FILE *to, const spn_group *group)
{
	emit(cli, to, json_pack("{s:o, s:o, s:s, s:o}",
			"group", text_of(group->name),
			"dn", text_of(group->dn),
			"outcome", spn_group_outcome_name(group->outcome),
			"text", text_of(group->text)));
}

static void json_membership(struct cli *cli, const spn_group *group)
{
	json_group(cli, stdout, group);
}

static json_t *flags_of(struct cli *cli, const spn_step *step)
{
	json_t *array = json_array();
	for (unsigned flag = 1; flag && flag <= step->flags; flag <<= 1) {
		const char *name = step->flags & flag ? spn_step_flag_name(flag, NULL) : NULL;
		if (name && json_array_append_new(array, json_string(name)) != 0)
			cli->lost = true;
	}
	return array;
}

static void json_progress(struct cli *cli, const struct progress *progress)
{
	const spn_step *step = progress->step;
	for (size_t i = 0; i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		json_t *object = json_pack("{s:I, s:o, s:s, s:o, s:o, s:o, s:s, s:I, s:I, s:o}",
				"step", (json_int_t)progress->i + 1,
				"dn", text_of(step->dn),
				"op", mod->op == SPN_MOD_ADD ? "add" : "delete",
				"attr", text_of(mod->attr),
				"value", string_of(mod->value.data, mod->value.len),
				"reason", text_of(step->reason),
				"state", spn_step_state_name(progress->state),
				"steps", (json_int_t)progress->n,
				"values", (json_int_t)step->n_mods,
				"flags", flags_of(cli, step));
		if (object && progress->why
				&& json_object_set_new(object, "text", text_of(progress->why->message)) != 0)
			cli->lost = true;
		emit(cli, stdout, object);
	}
}

static void json_journal(struct cli *cli, const spn_journal_info *info)
{
	emit(cli, stdout, json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:o, s:o}",
			"journal", text_of(info->path),
			"title", text_of(info->title),
			"url", text_of(info->url),
			"base", text_of(info->base),
			"time", text_of(info->time),
			"state", spn_journal_state_name(info->state),
			"undo", info->is_undo,
			"author", text_of(info->author),
			"problem", info->problem ? text_of(info->problem) : json_null()));
}

static void json_outcome(struct cli *cli, const struct outcome *outcome)
{
	emit(cli, stdout, json_pack("{s:b, s:I, s:o}",
			"changed", outcome->changed,
			"steps", (json_int_t)outcome->n_steps,
			"journal", text_or_null(outcome->journal)));
}

static void json_version(struct cli *cli, const char *version)
{
	emit(cli, stdout, json_pack("{s:s}", "version", version));
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

static void json_error(struct cli *cli, const spn_error *err, const char *journal)
{
	json_t *object = json_pack("{s:s, s:o, s:i, s:I}",
			"status", spn_status_name(err->status),
			"message", text_of(err->message),
			"ldap", ldap_code(err),
			"win32", (json_int_t)err->win32);
	if (object && journal && json_object_set_new(object, "journal", text_of(journal)) != 0)
		cli->lost = true;
	emit(cli, stderr, json_pack("{s:o}", "error", object));
}

static void json_note(struct cli *cli, const char *text)
{
	emit(cli, stderr, json_pack("{s:o}", "note", text_of(text)));
}

static void json_gap(struct cli *cli, const spn_note *note)
{
	json_t *object = json_pack("{s:o, s:s, s:I}", "note", text_of(note->text), "code", note->code, "count",
			(json_int_t)note->count);
	if (note->condition && json_object_set_new(object, "condition", text_of(note->condition)) != 0)
		cli->lost = true;
	emit(cli, stderr, object);
}

const struct output output_json = {
	.account = json_account,
	.resolution = json_resolution,
	.probe = json_probe,
	.keys = json_keys,
	.verdict = json_verdict,
	.expectation = json_expectation,
	.recipe = json_recipe,
	.conflict = json_conflict,
	.registered = json_verdict,
	.survey = json_survey,
	.product = json_product,
	.summary = json_summary,
	.rights = json_rights,
	.event = json_event,
	.differences = json_differences,
	.finding = json_finding,
	.group = json_group,
	.membership = json_membership,
	.progress = json_progress,
	.journal = json_journal,
	.outcome = json_outcome,
	.version = json_version,
	.error = json_error,
	.note = json_note,
	.gap = json_gap,
};
