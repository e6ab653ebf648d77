/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "posing.h"
#include "probe.h"
#include "account/by_cn.h"
#include "account/creator.h"
#include "account/hosts.h"
#include "base/error.h"
#include "base/options.h"
#include "base/keys.h"
#include "model/dn.h"
#include "model/fold.h"
#include "model/recipe.h"

/* Work on one server. */
struct work {
	spn_directory *dir;
	spn_kdc *kdc;
	const spn_diagnose_options *options;
	const char *service;
	unsigned port;
	bool by_fqdn; /* so was the server called, and so a command finds it from another domain, too */
	char *server; /* as given, reduced to the host */
	spn_account *computer;
	spk_hosts hosts;
	spk_teller to;
	spk_teller out;          /* behind to, which adds what is predicted */
	const spn_enctype_prediction *predicted; /* for the name reported next; NULL: no prediction */
	spn_account *foreseen;   /* the last account whose tickets were predicted: most names lead to one */
	spn_enctype_prediction prediction;
	size_t n_wrong, n_duplicate, n_other;
	size_t n_hearsay; /* broken under a name that only DNS gives the server: no command is shown for it */
	const char *hearsay_code; /* of the first */
	spk_names twice; /* the first name that several accounts hold, and the account that should lose it, if there is one */
	bool is_twice_by_upn; /* or, as nobody holds it, have as their userPrincipalName */
	bool is_twice_by_cn;  /* or are found by their cn, all of them or but one */
	/* what other accounts answer for: by names of the service, which fix moves; by other names, all of one account; by a
	 * userPrincipalName */
	bool is_of_service, is_by_upn;
	spk_names covering;  /* those other names, each once */
	spk_keys covered;    /* the same, folded */
	spk_text coverer;    /* the account's DN */
	bool is_of_accounts; /* the service has an account of its own, as a rule */
	size_t n_own_keytab; /* names that another account answers for, and perhaps has to */
	spk_text first_own_keytab;
	spk_names missing;
	spk_text first_wrong; /* the first broken name, for the conclusion */
	spk_text first_astray; /* the first that another account answers for */
	spk_text first_twice; /* the first that several accounts hold */
	spk_text first_hearsay;
};

/* Whether a name's host is one that only DNS knows. */
static bool is_hearsay(const struct work *work, const char *spn)
{
	spn_name name;
	const char *alias = work->options->alias;
	if (!alias || spn_name_parse(spn, &name, NULL) || name.host.len != strlen(alias) ||
			strncasecmp(name.host.data, alias, name.host.len) != 0)
		return false;
	for (size_t i = 0; i < work->hosts.n; i++)
		if (spk_ascii_equal(work->hosts.list[i].name, alias))
			return false;
	return true;
}

static spn_status add_prediction(const spn_finding *finding, void *data, spn_error *err)
{
	const struct work *work = data;
	spn_finding more = *finding;
	more.predicted = work->predicted;
	return spk_tell_finding(&work->out, &more, err);
}

static spn_status count(struct work *work, const char *code, const char *spn, spn_error *err)
{
	if (is_hearsay(work, spn)) {
		if (work->n_hearsay++ == 0) {
			work->hearsay_code = code;
			spk_text_add(&work->first_hearsay, "%s", spn);
		}
		return SPN_OK;
	}
	if (work->first_wrong.len == 0)
		spk_text_add(&work->first_wrong, "%s", spn);
	if (strcmp(code, "missing") == 0)
		return spk_names_add(&work->missing, spn, err);
	if (strcmp(code, "duplicate") == 0 && work->n_duplicate == 0)
		spk_text_add(&work->first_twice, "%s", spn);
	if (strcmp(code, "wrong-account") == 0 && work->n_wrong == 0)
		spk_text_add(&work->first_astray, "%s", spn);
	if (strcmp(code, "wrong-account") == 0)
		work->n_wrong++;
	else if (strcmp(code, "duplicate") == 0)
		work->n_duplicate++;
	else
		work->n_other++;
	return SPN_OK;
}

static spn_status tell(struct work *work, const char *code, spn_severity severity, const char *spn,
		const spn_account *account, const char *text, spn_error *err)
{
	spn_status status = severity == SPN_SEVERITY_BROKEN ? count(work, code, spn, err) : SPN_OK;
	return status ? status : spk_tell(&work->to, err, code, severity, spn, account, NULL, "%s", text);
}

/* What the KDC or the service answered, as a finding code. */
static const char *code_of(const spn_kerberos_cause *cause)
{
	switch (cause ? cause->code : 0) {
	case 7: case 8: return "missing";
	case 35: case 36: case 41: case 31: return "wrong-account";
	case 14: return "no-key";
	case 37: return "clock-skew";
	case 44: case 45: return "kvno-mismatch";
	case 6: case 18: case 23: case 24: return "bad-credentials";
	default: return "unreachable";
	}
}

/* One name: what the directory says, and where there is a KDC what it did. */
struct verdict {
	struct work *work;
	const char *spn;
	bool is_default; /* its host is one for which the computer should have names */
	const spk_answer *resolved;
};

static bool is_computer(const struct work *work, const spn_account *account)
{
	return spk_dn_equal(spn_account_dn(account), spn_account_dn(work->computer));
}

/* Names with a port, WSMAN/, and names of a host that Windows registers nothing for are asked for only by some clients;
 * so are further ones of a service that has an account of its own. */
static bool is_asked_for(const struct verdict *v)
{
	bool is_of_another = v->work->is_of_accounts && v->work->n_own_keytab;
	return v->is_default && !is_of_another && !strchr(v->spn, ':') && strncmp(v->spn, "WSMAN/", 6) != 0;
}

/* By which names another account answers for one of the computer's. */
static spn_status note_wrong(struct work *work, const char *spn, const spk_answer *r, spn_error *err)
{
	const char *dn = spn_account_dn(r->accounts[0]);
	size_t len = strlen(work->service);
	if (r->match == SPN_MATCH_EXPLICIT && strncasecmp(spn, work->service, len) == 0 && spn[len] == '/') {
		work->is_of_service = true;
		return SPN_OK;
	}
	if (r->match == SPN_MATCH_UPN) {
		work->is_by_upn = true;
		return spk_names_add(&work->missing, spn, err);
	}
	if (r->match == SPN_MATCH_CN) /* no command takes that away */
		return SPN_OK;
	if (!work->coverer.len)
		spk_text_add(&work->coverer, "%s", dn);
	if (work->coverer.failed || strcmp(work->coverer.data, dn) != 0)
		return work->coverer.failed ? spk_nomem(err) : SPN_OK;
	SPK_AUTOTEXT spk_text key = { 0 };
	spk_fold_key(spk_bytes(r->via), SPK_FOLD_WINDOWS, &key);
	size_t before = work->covered.n;
	if (key.failed || spk_keys_add(&work->covered, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
		return spk_nomem(err);
	return work->covered.n > before ? spk_names_add(&work->covering, r->via, err) : SPN_OK;
}

/* Other systems than Windows may run a service as another account: its keytab is then that account's, and the machine's
 * for the rest.  Some services do so everywhere. */
static bool may_be_meant(const struct work *work, const spk_answer *r)
{
	return r->match == SPN_MATCH_EXPLICIT && spn_account_enabled(r->accounts[0]) &&
			(spk_account_is_no_windows(work->computer) || work->is_of_accounts);
}

/* The computer keeps its own names; the others lose them.  What is found by its cn has nothing to lose. */
static spn_status note_duplicate(struct work *work, const spk_answer *r, spn_error *err)
{
	bool is_holder = false;
	if (work->n_duplicate == 0) {
		work->is_twice_by_upn = spk_answer_is_upn_of_several(r);
		work->is_twice_by_cn = r->n_by_cn;
	}
	bool is_clear = !r->n_by_cn || (r->n_by_cn == 1 && spk_by_cn_is_clear(r->accounts[1], r->accounts[0], r->via));
	if (spk_answer_is_upn_of_several(r) || !is_clear)
		return SPN_OK;
	for (size_t i = 0; i < r->n_accounts; i++)
		is_holder |= is_computer(work, r->accounts[i]);
	for (size_t i = 0; is_holder && r->n_accounts == 2 && work->twice.n == 0 && i < r->n_accounts; i++) {
		const spn_account *account = r->accounts[i];
		spn_status status = is_computer(work, account) ? SPN_OK : spk_names_add(&work->twice, r->via, err);
		if (!status && !is_computer(work, account))
			status = spk_names_add(&work->twice, spn_account_dn(account), err);
		if (status)
			return status;
	}
	return SPN_OK;
}

static spn_status judge_directory(const struct verdict *v, const char *more, spn_error *err)
{
	struct work *work = v->work;
	const spk_answer *r = v->resolved;
	const char *label = spk_account_label(work->computer), *unused = spk_why_unused(work->computer);
	SPK_AUTOTEXT spk_text text = { 0 };
	const char *code = "ok";
	spn_severity severity = SPN_SEVERITY_OK;
	const spn_account *account = r->n_accounts ? r->accounts[0] : NULL;
	if (r->match == SPN_MATCH_NONE) {
		code = "missing";
		severity = is_asked_for(v) && !unused ? SPN_SEVERITY_BROKEN : SPN_SEVERITY_NOTICE;
		spk_text_add(&text, "no account holds it");
	} else if (r->match == SPN_MATCH_AMBIGUOUS) {
		code = "duplicate";
		severity = SPN_SEVERITY_BROKEN;
		spk_answer_put_several(r, &text);
		spn_status status = is_hearsay(work, v->spn) ? SPN_OK : note_duplicate(work, r, err);
		if (status)
			return status;
	} else if (!is_computer(work, account) && may_be_meant(work, r)) {
		code = "wrong-account";
		severity = SPN_SEVERITY_NOTICE;
		spk_text_add(&text,
				"goes to '%s' (%s), not to '%s'; %s may be meant to", spk_account_label(account),
				spn_match_name(r->match), label,
				work->is_of_accounts ? "a service with an account of its own" :
						       "a service with a keytab of its own");
		if (work->n_own_keytab++ == 0)
			spk_text_add(&work->first_own_keytab, "%s", v->spn);
	} else if (!is_computer(work, account) && unused) {
		code = "wrong-account";
		severity = SPN_SEVERITY_NOTICE;
		spk_text_add(&text, "goes to '%s' (%s), which may need it: no machine is known to use '%s'",
				spk_account_label(account), spn_match_name(r->match), label);
		if (work->n_own_keytab++ == 0)
			spk_text_add(&work->first_own_keytab, "%s", v->spn);
	} else if (!is_computer(work, account)) {
		code = "wrong-account";
		severity = SPN_SEVERITY_BROKEN;
		spk_text_add(&text, "goes to '%s' (%s), should go to '%s': 0x80090322", spk_account_label(account),
				spn_match_name(r->match), label);
		spn_status status = is_hearsay(work, v->spn) ? SPN_OK : note_wrong(work, v->spn, r, err);
		if (status)
			return status;
	} else if (!spn_account_enabled(account)) {
		bool is_served = spk_account_is_served_disabled(account);
		code = "disabled-account";
		severity = is_served ? SPN_SEVERITY_WARNING : SPN_SEVERITY_BROKEN;
		spk_text_add(&text, "goes to '%s', which is disabled%s", label,
				is_served ? ": a KDC of Samba gives tickets for it all the same, one of Windows does not" : "");
	} else {
		bool is_alias = r->match == SPN_MATCH_ALIAS;
		spk_text_add(&text, "goes to '%s' (%s%s%s)", label, spn_match_name(r->match), is_alias ? " of " : "",
				is_alias ? r->via : "");
	}
	spk_text_add(&text, "%s%s", more ? "; " : "", more ? more : "");
	return text.failed ? spk_nomem(err) : tell(work, code, severity, v->spn, account, text.data, err);
}

static spn_status judge_probe(const struct verdict *v, const spn_probe *probe, spn_error *err)
{
	struct work *work = v->work;
	const spk_answer *r = v->resolved;
	SPK_AUTOTEXT spk_text more = { 0 };
	if (probe->ticket)
		spk_text_add(&more, "ticket: %s, key version %u", spn_enctype_name(probe->ticket->enctype), probe->ticket->kvno);
	else
		spk_text_add(&more, "no ticket%s%s", probe->cause && *probe->cause->name ? ": " : "",
				probe->cause ? probe->cause->name : "");
	if (probe->ticket && probe->predicted && probe->predicted->ticket != probe->ticket->enctype)
		spk_text_add(&more, ", where %s was predicted",
				probe->predicted->ticket ? spn_enctype_name(probe->predicted->ticket) : "a refusal");
	if (probe->handshake)
		spk_text_add(&more, "; %s", probe->handshake->text);
	if (more.failed)
		return spk_nomem(err);
	bool right = r->n_accounts == 1 && is_computer(work, r->accounts[0]);
	work->predicted = probe->predicted;
	/* what the directory finds wrong is the cause; a probe that fails where it finds nothing is a finding of its own */
	spn_status status = !right || probe->ok ? judge_directory(v, more.data, err)
			: tell(work, code_of(probe->cause), SPN_SEVERITY_BROKEN, v->spn, r->accounts[0], probe->text, err);
	work->predicted = NULL;
	return status;
}

/* The names to look at, and what is to be known of each. */
struct names {
	struct work *work;
	spk_names list;
	struct about {
		const spk_host *host;
		bool is_of_service; /* asked for as clients of the service do */
	} *about;
	size_t size;
};

static void clear_names(struct names *names)
{
	spk_names_free(&names->list);
	free(names->about);
}

/* The findings that follow are about names that lead to this account. */
static spn_status predict(struct work *work, const spn_account *account, spn_error *err)
{
	bool is_known = work->foreseen && strcmp(spn_account_dn(work->foreseen), spn_account_dn(account)) == 0;
	spn_status status = SPN_OK;
	work->predicted = &work->prediction;
	if (is_known)
		return SPN_OK;
	spn_account_free(work->foreseen);
	work->foreseen = NULL;
	status = spk_account_new(account->entry, &work->foreseen, err);
	if (!status)
		status = spk_account_add_keys(work->dir, work->foreseen, err);
	return status ? status :
			spk_account_predict(
					work->dir, work->foreseen, work->options->probe->era, &work->prediction, err);
}

static spn_status judge_alone(struct verdict *verdict, spn_error *err)
{
	const spk_answer *r = verdict->resolved;
	spn_status status = r->n_accounts == 1 ? predict(verdict->work, r->accounts[0], err) : SPN_OK;
	if (!status)
		status = judge_directory(verdict, NULL, err);
	verdict->work->predicted = NULL;
	return status;
}

static spn_status look_at(size_t i, const spk_answer *resolved, void *data, spn_error *err)
{
	const struct names *names = data;
	struct work *work = names->work;
	const spk_host *host = names->about[i].host;
	struct verdict verdict = { work, names->list.list[i], host->is_default, resolved };
	if (!host->is_default && resolved->match == SPN_MATCH_NONE && !spk_ascii_equal(host->name, work->server))
		return SPN_OK; /* a name that nobody is known to ask for, and that nobody holds */
	if (!work->kdc)
		return judge_alone(&verdict, err);
	spn_probe_options options = *work->options->probe;
	if (!names->about[i].is_of_service)
		options.url = NULL; /* the handshake is the one of the service, as its clients do it */
	SPK_AUTO(spn_probe) *probe = NULL;
	spn_status status = spk_probe_answer(work->dir, work->kdc, verdict.spn, resolved, &options, &probe, err);
	return status ? status : judge_probe(&verdict, probe, err);
}

static bool is_http(const struct work *work)
{
	return spk_ascii_equal(work->service, "http");
}

static spn_status add_name(
		struct names *names, const char *service, const spk_host *host, unsigned port, spn_error *err)
{
	SPK_AUTOFREE char *spn = port ? spk_printf("%s/%s:%u", service, host->name, port) :
					spk_printf("%s/%s", service, host->name);
	size_t n = names->list.n;
	if (!spn)
		return spk_nomem(err);
	if (n == names->size) {
		size_t size = names->size * 2 + 16;
		struct about *grown = realloc(names->about, size * sizeof *grown);
		if (!grown)
			return spk_nomem(err);
		names->about = grown;
		names->size = size;
	}
	names->about[n] = (struct about){ host, spk_ascii_equal(service, names->work->service) && !port };
	return spk_names_add(&names->list, spn, err);
}

static spn_status add_host(struct names *names, const char *service, const spk_host *host, spn_error *err)
{
	const struct work *work = names->work;
	spn_status status = add_name(names, service, host, 0, err);
	if (!status && service == work->service && work->port)
		status = add_name(names, service, host, work->port, err);
	return status;
}

static spn_status look_at_all(struct work *work, spn_error *err)
{
	const char *const classes[] = { work->service, "WSMAN", "HOST" };
	const spk_host alias = { (char *)(uintptr_t)work->options->alias, true };
	__attribute__((cleanup(clear_names))) struct names names = { .work = work };
	bool is_new = alias.name != NULL;
	for (size_t h = 0; is_new && h < work->hosts.n; h++)
		is_new = !spk_ascii_equal(work->hosts.list[h].name, alias.name);
	spn_status status = SPN_OK;
	for (size_t c = 0; !status && c < 3; c++) {
		if (c > 0 && !is_http(work))
			continue; /* a database does not use the names of WinRM */
		for (size_t h = 0; !status && h < work->hosts.n; h++)
			status = add_host(&names, classes[c], &work->hosts.list[h], err);
		if (!status && is_new)
			status = add_host(&names, classes[c], &alias, err);
	}
	if (!status)
		status = spk_resolve_many(work->dir, (const char *const *)names.list.list, names.list.n, look_at, &names, err);
	return status;
}

/* What HOST/ stands for comes back with the default names; the rest has to be added by name. */
static spn_status add_repair_of_missing(const struct work *work, spk_repairs *repairs, spn_error *err)
{
	SPK_AUTOTEXT spk_text target = { 0 };
	bool by_default = spk_account_has_host(work->computer) && (spk_ascii_equal(work->service, "HOST") ||
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
static bool is_wrong_to_be_repaired(const struct work *work)
{
	return work->is_of_service || work->covering.n || work->is_by_upn;
}

static spn_status add_repair_of_wrong(const struct work *work, spk_repairs *repairs, spn_error *err)
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
static void add_repair_of_duplicate(const struct work *work, spk_repairs *repairs)
{
	bool is_clear = work->twice.n == 2;
	const char *const name = is_clear ? work->twice.list[0] : work->first_twice.data;
	spk_repairs_add_in(repairs, work->dir, (spn_repair){ .kind = is_clear ? SPN_REPAIR_DELETE : SPN_REPAIR_DECIDE,
			.spns = &name, .n_spns = 1, .account = is_clear ? work->twice.list[1] : NULL });
}

/* Whoever answers for DNS could have names put on an account. */
static spn_status tell_hearsay(struct work *work, spn_error *err)
{
	const char *alias = work->options->alias;
	return spk_tell(&work->to, err, work->hearsay_code, SPN_SEVERITY_BROKEN, NULL, work->computer, NULL,
			"'%s' answers for its own names, but "
			"not for '%s' (%s first), of which only DNS says that it is '%s', and nobody vouches for that; "
			"if you know it to be right, "
			"move or add the names by hand",
			spk_account_label(work->computer), alias, work->first_hearsay.data, work->hosts.short_name);
}

static spn_status conclude(struct work *work, spn_error *err)
{
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	bool is_well = work->n_wrong + work->missing.n + work->n_duplicate + work->n_other + work->n_hearsay == 0;
	const char *unused = spk_why_unused(work->computer);
	if (!unused && !spk_account_has_host(work->computer))
		unused = "has neither dNSHostName nor operatingSystem";
	if (is_well && unused)
		return spk_tell(&work->to, err, spn_account_enabled(work->computer) ? "missing" : "disabled-account",
				SPN_SEVERITY_NOTICE, NULL, work->computer, NULL,
				"'%s' %s: no machine is known to use it, so it needs no names",
				spk_account_label(work->computer), unused);
	if (is_well) {
		spn_status status = predict(work, work->computer, err);
		if (status)
			return status;
	}
	if (is_well && work->n_own_keytab)
		return work->first_own_keytab.failed ?
				spk_nomem(err) :
				spk_tell(&work->to, err, "ok", SPN_SEVERITY_OK, NULL, work->computer, NULL,
						"'%s' answers for the names that its clients ask for, except those "
						"that another account holds (%s first)",
						spk_account_label(work->computer), work->first_own_keytab.data);
	if (is_well)
		return spk_tell(&work->to, err, "ok", SPN_SEVERITY_OK, NULL, work->computer, NULL,
				"'%s' answers for every name that its clients ask for", spk_account_label(work->computer));
	bool is_astray = work->n_wrong && (!work->n_duplicate || is_wrong_to_be_repaired(work));
	if (is_astray) {
		spn_status status = add_repair_of_wrong(work, &repairs, err);
		if (status)
			return status;
	} else if (work->n_duplicate) {
		if (work->twice.n || (!work->is_twice_by_upn && !work->is_twice_by_cn))
			add_repair_of_duplicate(work, &repairs);
	} else if (work->missing.n && !spk_entry_lacks_names(work->computer->entry)) {
		const char *pose;
		spn_status status = spk_account_pose(NULL, work->missing.list[0], &pose, err);
		if (!status && !pose)
			status = add_repair_of_missing(work, &repairs, err);
		if (status)
			return status;
	}
	if (work->first_wrong.failed || work->first_astray.failed || work->first_twice.failed || work->first_hearsay.failed)
		return spk_nomem(err);
	if (work->n_wrong + work->missing.n) {
		spn_status status = spk_creator_tell(&work->to, work->computer, err);
		if (status)
			return status;
	}
	if (is_astray)
		return spk_tell(&work->to, err, "wrong-account", SPN_SEVERITY_BROKEN, NULL, work->computer, &repairs,
				"clients of '%s' get tickets for another account (%s first): what runs as the computer cannot read them "
				"(0x80090322, KRB_AP_ERR_MODIFIED)", work->hosts.short_name, work->first_astray.data);
	if (work->n_duplicate && work->is_twice_by_upn)
		return spk_tell(&work->to, err, "duplicate", SPN_SEVERITY_BROKEN, NULL, work->computer, NULL,
				"several accounts have a name of '%s' (%s first) as their userPrincipalName: clients get no "
				"ticket for it; give all but the right one another", work->hosts.short_name, work->first_twice.data);
	if (work->n_duplicate && work->is_twice_by_cn)
		return spk_tell(&work->to, err, "duplicate", SPN_SEVERITY_BROKEN, NULL, work->computer, &repairs,
				"several accounts answer for a name of '%s' (%s first), one of them by its cn: clients get no "
				"ticket for it%s", work->hosts.short_name, work->first_twice.data, repairs.n ? "" :
				"; find out which is meant, and delete the name from the other, or give that another cn");
	if (work->n_duplicate)
		return spk_tell(&work->to, err, "duplicate", SPN_SEVERITY_BROKEN, NULL, work->computer, &repairs,
				"several accounts hold a name of '%s' (%s first): clients get no ticket for it", work->hosts.short_name,
				work->first_twice.data);
	if (work->missing.n)
		return spk_tell(&work->to, err, "missing", SPN_SEVERITY_BROKEN, NULL, work->computer, &repairs,
				"nobody answers for some names of '%s' (%s first): clients get no ticket", work->hosts.short_name,
				work->first_wrong.data);
	if (!work->n_other)
		return tell_hearsay(work, err);
	return spk_tell(&work->to, err, "unreachable", SPN_SEVERITY_BROKEN, NULL, work->computer, NULL,
			"the names of '%s' are on the right account, and yet %s fails: see above",
			work->hosts.short_name, work->first_wrong.data);
}

static void clear(struct work *work)
{
	spn_account_free(work->foreseen);
	spn_account_free(work->computer);
	spk_hosts_clear(&work->hosts);
	spk_names_free(&work->missing);
	spk_names_free(&work->covering);
	spk_keys_free(&work->covered);
	spk_text_free(&work->coverer);
	spk_text_free(&work->first_own_keytab);
	spk_names_free(&work->twice);
	spk_text_free(&work->first_wrong);
	spk_text_free(&work->first_astray);
	spk_text_free(&work->first_twice);
	spk_text_free(&work->first_hearsay);
	free(work->server);
}

spn_status spn_diagnose(spn_directory *dir, spn_kdc *kdc, const char *server, const spn_diagnose_options *options,
		spn_finding_fn *fn, void *data, spn_error *err)
{
	spn_diagnose_options taken;
	spn_probe_options probe;
	spn_status status = spk_take("spn_diagnose_options", options, SPK_ONLY(spn_diagnose_options), &taken, err);
	if (!status)
		status = spk_take("spn_probe_options", taken.probe, SPK_ONLY(spn_probe_options), &probe, err);
	if (status)
		return status;
	taken.probe = &probe;
	options = &taken;
	if (!dir || !server || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_diagnose: an argument is NULL");
	struct work work = { .dir = dir,
		.kdc = kdc,
		.options = options,
		.service = options->service ? options->service : "http",
		.is_of_accounts = options->service && spk_class_is_of_accounts(options->service),
		.port = options->port,
		.server = spk_plain_server(server),
		.to = { add_prediction, &work },
		.out = { fn, data } };
	if (!work.server)
		return spk_nomem(err);
	work.by_fqdn = strchr(work.server, '.');
	if (!work.port && is_http(&work))
		work.port = 5985;
	status = spk_computer_find(dir, server, false, &work.computer, err);
	if (!status)
		status = spk_hosts_found(work.dir, work.computer, &work.hosts, err);
	if (!status)
		status = look_at_all(&work, err);
	if (!status)
		status = conclude(&work, err);
	clear(&work);
	return status;
}
