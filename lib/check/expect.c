/* SPDX-License-Identifier: MIT */
#include "expect_names.h"

#include <stdlib.h>
#include <string.h>

#include "posing.h"
#include "probe.h"
#include "account/creator.h"
#include "account/proof.h"
#include "base/error.h"
#include "base/options.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"

/* Work on one service. */
struct work {
	spn_directory *dir;
	spn_kdc *kdc;
	const spn_recipe *recipe;
	const spn_expect_options *options;
	spn_expectation_fn *fn;
	void *data;
	spk_expected names;
	spn_account *computer; /* of the host; NULL: there is none */
	spn_account *expected; /* who should answer; NULL: an account of its own, which nobody has named */
	bool is_inferred;      /* because it holds a name, or the computer for want of another */
	bool is_given;         /* names to the account by a repair */
	spn_severity worst;
	size_t n_wrong;
	spk_text first_wrong; /* the first name of the worst, and its code */
	const char *code;
};

/* A verdict in the making. */
struct verdict {
	const char *code;
	spn_severity severity;
	spk_text text;
	spk_repairs repairs;
};

static void free_verdict(struct verdict *v)
{
	spk_text_free(&v->text);
	spk_repairs_clear(&v->repairs);
}
#define AUTOVERDICT __attribute__((cleanup(free_verdict)))

/* As a spn_finding_fn: what concerns the service as a whole. */
static spn_status hand_on(const spn_finding *finding, void *data, spn_error *err)
{
	const struct work *work = data;
	const spn_expectation about = { .finding = finding, .need = SPN_NEED_MUST, .expected = work->expected };
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(work->fn(&about, work->data, err), before, err);
}

static const char *expected_label(const struct work *work)
{
	return work->expected ? spk_account_label(work->expected) : "an account of its own";
}

static const char *quote(const struct work *work)
{
	return work->expected ? "'" : "";
}

static bool is_expected(const struct work *work, const spn_account *account)
{
	return work->expected && spk_dn_equal(spn_account_dn(account), spn_account_dn(work->expected));
}

static spn_status resolve_all(struct work *work, spk_answer_fn *fn, spn_error *err)
{
	const spk_names *names = &work->names.names;
	return spk_resolve_many(work->dir, (const char *const *)names->list, names->n, fn, work, err);
}

/* ---- repairs ---- */

static bool is_of_machine(const struct work *work, const spn_account *machine, const char *spn)
{
	return machine && !is_expected(work, machine) && spk_name_is_of_machine(machine, spn);
}

/* Whether a repair may give the name to the account: it does not make of it what it is not, takes nothing from a
 * machine, and all that the account holds is known. */
static spn_status may_give(const struct work *work, const char *spn, bool *ret_may, spn_error *err)
{
	const char *pose = NULL;
	*ret_may = false;
	if (!work->expected || spk_entry_lacks_names(work->expected->entry) || is_of_machine(work, work->computer, spn))
		return SPN_OK;
	spn_status status = spk_account_pose(work->expected, spn, &pose, err);
	*ret_may = !status && !pose;
	return status;
}

/* What to call an account in a repair.  Failing to find out is an error. */
static spn_status name_account(const struct work *work, const spn_account *account, const char **ret_word,
		spn_error *err)
{
	spn_error why = { .status = SPN_OK };
	*ret_word = spk_account_operand(work->dir, account, &why);
	if (why.status && err)
		*err = why;
	return why.status;
}

static spn_status propose_add(struct work *work, const char *spn, spk_repairs *repairs, spn_error *err)
{
	bool may;
	const char *goal = NULL;
	spn_status status = may_give(work, spn, &may, err);
	if (!status && may)
		status = name_account(work, work->expected, &goal, err);
	if (status || !may)
		return status;
	spk_repairs_add_in(repairs, work->dir,
			(spn_repair){ .kind = SPN_REPAIR_ADD, .spns = &spn, .n_spns = 1, .account = goal });
	work->is_given = true;
	return SPN_OK;
}

static spn_status propose_move(struct work *work, const char *spn, const spn_account *from, spk_repairs *repairs,
		spn_error *err)
{
	bool may;
	const char *source = NULL, *goal = NULL;
	spn_status status = may_give(work, spn, &may, err);
	if (!status && may)
		status = name_account(work, from, &source, err);
	if (!status && may)
		status = name_account(work, work->expected, &goal, err);
	if (status || !may)
		return status;
	spk_repairs_add_in(repairs, work->dir, (spn_repair){ .kind = SPN_REPAIR_MOVE, .spns = &spn, .n_spns = 1,
			.account = source, .to = goal });
	work->is_given = true;
	return SPN_OK;
}

/* Of several holders, the first one that should not answer loses the name.  If none of them should, that is repeated
 * until one is left, from which the name can be moved. */
static spn_status propose_delete(const struct work *work, const spk_answer *r, spk_repairs *repairs, spn_error *err)
{
	const spn_account *other = NULL;
	const char *from = NULL;
	bool holds = false, may = true, is_machines = false;
	for (size_t i = r->n_accounts; i-- > 0;) {
		is_machines |= is_of_machine(work, r->accounts[i], r->via);
		if (is_expected(work, r->accounts[i]))
			holds = true;
		else if (i < r->n_accounts - r->n_by_cn)
			other = r->accounts[i];
	}
	if (!work->expected || !other || is_machines || spk_answer_is_upn_of_several(r))
		return SPN_OK; /* from what answers by its cn or its userPrincipalName, nothing can be deleted */
	spn_status status = holds ? SPN_OK : may_give(work, r->via, &may, err);
	if (!status && may)
		status = name_account(work, other, &from, err);
	if (status || !may)
		return status;
	spk_repairs_add_in(repairs, work->dir,
			(spn_repair){ .kind = SPN_REPAIR_DELETE, .spns = &r->via, .n_spns = 1, .account = from });
	return SPN_OK;
}

/* ---- verdicts ---- */

static spn_status judge_absent(struct work *work, const char *spn, spn_need need, struct verdict *v, spn_error *err)
{
	bool is_held = work->expected && spn_account_holds(work->expected, spn);
	if (need == SPN_NEED_TYPED) {
		v->code = "typed-only";
		v->severity = SPN_SEVERITY_NOTICE;
	} else {
		v->code = "missing";
		v->severity = SPN_SEVERITY_BROKEN;
	}
	if (is_held)
		spk_text_add(&v->text, "'%s' holds it, but the KDC does not serve it", expected_label(work));
	else
		spk_text_add(&v->text, "no account holds it: %s",
				need == SPN_NEED_TYPED ? "only clients that are configured to ask for it miss it" :
								"clients get no ticket");
	return need == SPN_NEED_TYPED || is_held ? SPN_OK : propose_add(work, spn, &v->repairs, err);
}

static spn_status judge_duplicate(const struct work *work, const spk_answer *r, struct verdict *v, spn_error *err)
{
	v->code = "duplicate";
	v->severity = SPN_SEVERITY_BROKEN;
	spk_text_add(&v->text, "'%s' is held by", r->via);
	for (size_t i = 0; i < r->n_accounts; i++)
		spk_text_add(&v->text, "%s '%s'", i ? " and" : "", spn_account_dn(r->accounts[i]));
	spk_text_add(&v->text, ": clients get no ticket");
	return propose_delete(work, r, &v->repairs, err);
}

/* A name of a machine, held by it or served through its HOST/, belongs to its services, too.  Nothing is taken from
 * them unasked. */
static spn_status judge_other(struct work *work, const char *spn, spn_need need, const spk_answer *r, struct verdict *v,
		spn_error *err)
{
	const spn_account *other = r->n_accounts ? r->accounts[0] : NULL;
	bool is_alias = r->match == SPN_MATCH_ALIAS || r->match == SPN_MATCH_CN;
	v->code = "wrong-account";
	v->severity = need == SPN_NEED_TYPED ? SPN_SEVERITY_WARNING : SPN_SEVERITY_BROKEN;
	spk_text_add(&v->text, "goes to '%s' (%s%s%s), should go to %s%s%s: 0x80090322, KRB_AP_ERR_MODIFIED",
			other ? spk_account_label(other) : r->via, spn_match_name(r->match), is_alias ? " of " : "",
			is_alias ? r->via : "", quote(work), expected_label(work), quote(work));
	bool is_machines = is_of_machine(work, other, spn);
	if (is_alias || is_machines)
		spk_text_add(&v->text, "; giving it to the service would take it from what runs as '%s'",
				other ? spk_account_label(other) : r->via);
	return r->match == SPN_MATCH_EXPLICIT && other && !is_machines ?
			propose_move(work, spn, other, &v->repairs, err) :
			SPN_OK;
}

static void judge_right(const struct work *work, const spk_answer *r, const spn_probe *probe, struct verdict *v)
{
	bool is_alias = r->match == SPN_MATCH_ALIAS || r->match == SPN_MATCH_CN;
	if (is_alias)
		v->code = "by-alias";
	if (!spn_account_enabled(work->expected)) {
		bool is_served = spk_account_is_served_disabled(work->expected);
		v->code = "disabled-account";
		v->severity = is_served ? SPN_SEVERITY_WARNING : SPN_SEVERITY_BROKEN;
		spk_text_add(&v->text, "goes to '%s', which is disabled%s", expected_label(work),
				is_served ? ": a KDC of Samba gives tickets for it all the same, one of Windows does not" : "");
	} else if (probe && !probe->ok) {
		v->code = "no-ticket";
		v->severity = SPN_SEVERITY_BROKEN;
		spk_text_add(&v->text, "%s", probe->text);
	} else {
		spk_text_add(&v->text, "goes to '%s' (%s%s%s)", expected_label(work), spn_match_name(r->match),
				is_alias ? " of " : "", is_alias ? r->via : "");
	}
}

static void put_ticket(const spn_probe *probe, spk_text *text)
{
	if (probe->ticket)
		spk_text_add(text, "; ticket: %s, key version %u", spn_enctype_name(probe->ticket->enctype),
				probe->ticket->kvno);
	else
		spk_text_add(text, "; no ticket%s%s", probe->cause && *probe->cause->name ? ": " : "",
				probe->cause ? probe->cause->name : "");
}

static void count(struct work *work, const struct verdict *v, const char *spn)
{
	if (v->severity < SPN_SEVERITY_WARNING)
		return;
	work->n_wrong++;
	if (v->severity <= work->worst)
		return;
	work->worst = v->severity;
	work->code = v->code;
	spk_text_clear(&work->first_wrong);
	spk_text_add(&work->first_wrong, "%s", spn);
}

static spn_status tell(const struct work *work, size_t i, const spk_answer *r, const spn_probe *probe,
		struct verdict *v, spn_error *err)
{
	SPK_AUTOFREE spn_account_ref *refs = calloc(r->n_accounts + 1, sizeof *refs);
	if (!refs || v->text.failed || v->repairs.failed || work->first_wrong.failed)
		return spk_nomem(err);
	for (size_t a = 0; a < r->n_accounts; a++)
		refs[a] = spk_account_ref(r->accounts[a]);
	spk_make_printable(v->text.data);
	const spn_finding finding = { .code = v->code,
		.severity = v->severity,
		.spn = work->names.names.list[i],
		.accounts = r->n_accounts ? refs : NULL,
		.n_accounts = r->n_accounts,
		.text = v->text.data,
		.repairs = v->repairs.list,
		.n_repairs = v->repairs.n };
	const spn_resolution resolution = { r->match, r->via, (const spn_account *const *)r->accounts, r->n_accounts };
	const spn_expectation expectation = { &finding, work->names.needs[i], work->expected, &resolution, probe };
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(work->fn(&expectation, work->data, err), before, err);
}

/* One name, of which the directory has said who gets it. */
struct name {
	struct work *work;
	size_t i;
	const spk_answer *answer;
};

/* probe: NULL if the directory alone is asked */
static spn_status judge(const struct name *name, const spn_probe *probe, spn_error *err)
{
	struct work *work = name->work;
	const spk_answer *r = name->answer;
	const char *spn = work->names.names.list[name->i];
	spn_need need = work->names.needs[name->i];
	AUTOVERDICT struct verdict v = { "ok", SPN_SEVERITY_OK, { 0 }, { 0 } };
	spn_status status = SPN_OK;
	if (r->match == SPN_MATCH_NONE)
		status = judge_absent(work, spn, need, &v, err);
	else if (r->match == SPN_MATCH_AMBIGUOUS)
		status = judge_duplicate(work, r, &v, err);
	else if (r->n_accounts != 1 || !is_expected(work, r->accounts[0]))
		status = judge_other(work, spn, need, r, &v, err);
	else
		judge_right(work, r, probe, &v);
	if (status)
		return status;
	if (probe && strcmp(v.code, "no-ticket") != 0)
		put_ticket(probe, &v.text);
	count(work, &v, spn);
	return tell(work, name->i, r, probe, &v, err);
}

static spn_status look_at(size_t i, const spk_answer *answer, void *data, spn_error *err)
{
	static const spn_probe_options options = SPN_PROBE_OPTIONS_INIT;
	struct work *work = data;
	struct name name = { work, i, answer };
	if (!work->kdc)
		return judge(&name, NULL, err);
	SPK_AUTO(spn_probe) *probe = NULL;
	const char *spn = work->names.names.list[i];
	spn_status status = spk_probe_answer(work->dir, work->kdc, spn, answer, &options, &probe, err);
	return status ? status : judge(&name, probe, err);
}

/* ---- who should answer ---- */

/* Whether an account has been given a name: itself, or HOST/, which only computers have without being asked. */
static bool is_given_to(const spk_answer *r)
{
	bool is_alias = r->match == SPN_MATCH_ALIAS && r->n_accounts == 1 && r->accounts[0]->kind != SPN_KIND_COMPUTER;
	return r->n_accounts == 1 && (is_alias || r->match == SPN_MATCH_EXPLICIT || r->match == SPN_MATCH_UPN);
}

/* The only account that holds a name which clients must find. */
static spn_status infer(size_t i, const spk_answer *r, void *data, spn_error *err)
{
	struct work *work = data;
	if (!is_given_to(r) || work->names.needs[i] != SPN_NEED_MUST || is_expected(work, r->accounts[0]))
		return SPN_OK;
	if (work->recipe->holder == SPN_HOLDER_ACCOUNT && r->accounts[0]->kind == SPN_KIND_COMPUTER)
		return SPN_OK;
	if (work->expected)
		return spn_fail(err, SPN_ERR_AMBIGUOUS, 0,
				"'%s' and '%s' hold names of '%s': name the account that runs it", expected_label(work),
				spk_account_label(r->accounts[0]), work->recipe->id);
	work->is_inferred = true;
	return spk_account_new(r->accounts[0]->entry, &work->expected, err);
}

static spn_status take_computer(struct work *work, spn_error *err)
{
	work->is_inferred = work->recipe->holder != SPN_HOLDER_COMPUTER;
	return spk_account_new(work->computer->entry, &work->expected, err);
}

static spn_status find_expected(struct work *work, spn_error *err)
{
	bool is_computers = work->recipe->holder == SPN_HOLDER_COMPUTER;
	if (work->options->account)
		return spk_account_find_only(work->dir, work->options->account, &work->expected, err);
	spn_status status = SPN_OK;
	if (!is_computers)
		status = resolve_all(work, infer, err);
	bool takes_computer = !work->expected && work->computer && work->recipe->holder != SPN_HOLDER_ACCOUNT;
	return !status && takes_computer ? take_computer(work, err) : status;
}

/* A farm or a virtual host has no computer; then somebody else must answer for it. */
static spn_status find_computer(struct work *work, spn_error *err)
{
	spn_error why = { .status = SPN_OK };
	bool may_lack = work->options->account || work->recipe->holder != SPN_HOLDER_COMPUTER;
	if (!work->options->host || !spk_recipe_needs_host(work->recipe))
		return SPN_OK;
	spn_status status = spk_computer_find(work->dir, work->options->host, false, &work->computer, &why);
	if (status && err && !(may_lack && status == SPN_ERR_NOT_FOUND))
		*err = why;
	return may_lack && status == SPN_ERR_NOT_FOUND ? SPN_OK : status;
}

static spn_status make_names(struct work *work, spn_error *err)
{
	const char *context = NULL;
	SPK_AUTOTEXT spk_text domain = { 0 };
	spn_status status = spk_directory_context(work->dir, "defaultNamingContext", &context, err);
	if (status)
		return status;
	spk_dn_domain(context ? context : "", &domain);
	if (domain.failed)
		return spk_nomem(err);
	return spk_expected_make(work->recipe, work->options,
			work->computer ? spn_account_dns_host(work->computer) : NULL, domain.len ? domain.data : "",
			&work->names, err);
}

/* ---- the service as a whole ---- */

static spn_status tell_not_checked(const spk_teller *to, const struct work *work, spn_error *err)
{
	if (!work->names.unfilled.len)
		return SPN_OK;
	return spk_tell(to, err, "not-checked", SPN_SEVERITY_NOTICE, NULL, NULL, NULL,
			"not checked, because what stands in braces was not given: %s", work->names.unfilled.data);
}

static spn_status tell_kind(const spk_teller *to, const struct work *work, spn_error *err)
{
	bool is_computer = work->expected && work->expected->kind == SPN_KIND_COMPUTER;
	if (!is_computer || work->recipe->holder != SPN_HOLDER_ACCOUNT)
		return SPN_OK;
	return spk_tell(to, err, "wrong-kind", SPN_SEVERITY_NOTICE, NULL, work->expected, NULL,
			"'%s' is a computer, and '%s' usually runs as a user or a group managed service account: only "
			"one machine knows a computer's key",
			expected_label(work), work->recipe->id);
}

static const char *why_expected(const struct work *work)
{
	bool is_computer = work->computer && is_expected(work, work->computer);
	if (!work->is_inferred)
		return "";
	return is_computer ? "; no account was named, so the computer's was expected" :
				"; no account was named, so the one that holds a name was expected";
}

static spn_status conclude(struct work *work, spn_error *err)
{
	const spk_teller to = { hand_on, work };
	const char *id = work->recipe->id, *pitfall = work->recipe->pitfall;
	spn_status status = tell_not_checked(&to, work, err);
	if (!status)
		status = tell_kind(&to, work, err);
	if (!status && work->is_given)
		status = spk_creator_tell(&to, work->expected, err);
	if (status)
		return status;
	if (work->worst < SPN_SEVERITY_WARNING)
		return spk_tell(&to, err, "ok", SPN_SEVERITY_OK, NULL, work->expected, NULL,
				"'%s' answers for every name that clients of '%s' must find%s", expected_label(work),
				id, why_expected(work));
	return spk_tell(&to, err, work->code, work->worst, NULL, work->expected, NULL,
			"%zu of %zu names of '%s' are not as they should be (%s first)%s%s%s", work->n_wrong,
			work->names.names.n, id, work->first_wrong.data, why_expected(work), pitfall ? ". " : "",
			pitfall ? pitfall : "");
}

static void clear(struct work *work)
{
	spk_expected_free(&work->names);
	spn_account_free(work->computer);
	spn_account_free(work->expected);
	spk_text_free(&work->first_wrong);
}

static spn_status check_arguments(const spn_directory *dir, const spn_recipe *recipe, const spn_expect_options *options,
		spn_expectation_fn *fn, spn_error *err)
{
	if (!dir || !fn || !recipe->id || !recipe->title || (recipe->n_names && !recipe->names) ||
			(options->n_aliases && !options->aliases))
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"spn_expect: an argument is NULL, or the recipe lacks an id, a title or its names");
	return options->host ? spk_expected_check_host(options->host, err) : SPN_OK;
}

spn_status spn_expect(spn_directory *dir, spn_kdc *kdc, const spn_recipe *recipe, const spn_expect_options *options,
		spn_expectation_fn *fn, void *data, spn_error *err)
{
	spn_expect_options taken;
	spn_recipe known;
	struct work work = { .dir = dir, .kdc = kdc, .recipe = &known, .options = &taken, .fn = fn, .data = data };
	if (!recipe || !options)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_expect: an argument is NULL");
	spn_status status = spk_take("spn_expect_options", options, SPK_ONLY(spn_expect_options), &taken, err);
	if (!status)
		status = spk_take("spn_recipe", recipe, SPK_ONLY(spn_recipe), &known, err);
	if (!status)
		status = check_arguments(dir, &known, &taken, fn, err);
	if (!status)
		status = find_computer(&work, err);
	if (!status)
		status = make_names(&work, err);
	if (!status)
		status = find_expected(&work, err);
	if (!status)
		status = resolve_all(&work, look_at, err);
	if (!status)
		status = conclude(&work, err);
	clear(&work);
	return status;
}
