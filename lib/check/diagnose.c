/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "diagnose.h"
#include "probe.h"
#include "account/by_cn.h"
#include "base/error.h"
#include "base/options.h"
#include "model/dn.h"
#include "model/fold.h"
#include "model/recipe.h"

/* Whether a name's host is one that only DNS knows. */
static bool is_hearsay(const spk_diagnosis *work, const char *spn)
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
	const spk_diagnosis *work = data;
	spn_finding more = *finding;
	more.predicted = work->predicted;
	return spk_tell_finding(&work->out, &more, err);
}

static spn_status count(spk_diagnosis *work, const char *code, const char *spn, spn_error *err)
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
	work->n_keyless += strcmp(code, "no-key") == 0;
	return SPN_OK;
}

static spn_status tell(spk_diagnosis *work, const char *code, spn_severity severity, const char *spn,
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
	spk_diagnosis *work;
	const char *spn;
	bool is_default; /* its host is one for which the computer should have names */
	const spk_answer *resolved;
};

static bool is_computer(const spk_diagnosis *work, const spn_account *account)
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
static spn_status note_wrong(spk_diagnosis *work, const char *spn, const spk_answer *r, spn_error *err)
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
	if (r->match == SPN_MATCH_CN || spk_is_found_by_cn(r->accounts[0], r->via)) { /* no command takes that away */
		if (!work->by_cn.len)
			spk_text_add(&work->by_cn, "%s", spk_account_label(r->accounts[0]));
		return SPN_OK;
	}
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
static bool may_be_meant(const spk_diagnosis *work, const spk_answer *r)
{
	return r->match == SPN_MATCH_EXPLICIT && spn_account_enabled(r->accounts[0]) &&
			(spk_account_is_no_windows(work->computer) || work->is_of_accounts);
}

/* The computer keeps its own names; the others lose them.  What is found by its cn has nothing to lose. */
static spn_status note_duplicate(spk_diagnosis *work, const spk_answer *r, spn_error *err)
{
	bool is_holder = false;
	if (work->n_duplicate == 0) {
		work->is_twice_by_upn = spk_answer_is_upn_of_several(r);
		work->is_twice_by_cn = r->n_by_cn;
	}
	bool is_clear = !r->n_by_cn || (r->n_by_cn == 1 && spk_by_cn_is_clear(r->accounts[1], r->accounts[0], r->via, 0));
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
	spk_diagnosis *work = v->work;
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
		severity = work->is_retired ? SPN_SEVERITY_NOTICE : is_served ? SPN_SEVERITY_WARNING : SPN_SEVERITY_BROKEN;
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
	spk_diagnosis *work = v->work;
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
	spn_status status = !right || probe->ok || work->is_retired ? judge_directory(v, more.data, err)
			: tell(work, code_of(probe->cause), SPN_SEVERITY_BROKEN, v->spn, r->accounts[0], probe->text, err);
	work->predicted = NULL;
	return status;
}

/* The names to look at, and what is to be known of each. */
struct names {
	spk_diagnosis *work;
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
static spn_status predict(spk_diagnosis *work, const spn_account *account, spn_error *err)
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

/* Whether two names may be one host's, in its long form or its short one. */
static bool is_same_host(const char *a, const char *b)
{
	size_t n = strcspn(a, ".");
	bool is_label = strcspn(b, ".") == n && strncasecmp(a, b, n) == 0;
	return spk_ascii_equal(a, b) || (is_label && (!a[n] || !b[n]));
}

/* Whether a host is what the computer itself is called, or was asked for.  A further one may be of a service that has
 * had an account of its own all along: that says nothing about the machine. */
static bool is_its_own(const spk_diagnosis *work, const spk_host *host)
{
	const char *fqdn = work->hosts.fqdn;
	size_t n_label = strcspn(fqdn, "."), i = 0;
	while (i < work->hosts.n && host != &work->hosts.list[i])
		i++;
	bool is_label = strlen(host->name) == n_label && strncasecmp(host->name, fqdn, n_label) == 0;
	return i < work->hosts.n_first || is_label || is_same_host(host->name, work->server);
}

/* What a computer that is switched off still holds, nobody needs if another account answers for a host of its own,
 * whichever of them that is. */
static spn_status note_retired(size_t i, const spk_answer *resolved, void *data, spn_error *err)
{
	const struct names *names = data;
	spk_diagnosis *work = names->work;
	(void)err;
	work->is_retired |= resolved->n_accounts == 1 && !is_computer(work, resolved->accounts[0]) &&
			is_its_own(work, names->about[i].host);
	return SPN_OK;
}

static spn_status look_at(size_t i, const spk_answer *resolved, void *data, spn_error *err)
{
	const struct names *names = data;
	spk_diagnosis *work = names->work;
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

static bool is_http(const spk_diagnosis *work)
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
	const spk_diagnosis *work = names->work;
	spn_status status = add_name(names, service, host, 0, err);
	if (!status && service == work->service && work->port)
		status = add_name(names, service, host, work->port, err);
	return status;
}

static spn_status look_at_all(spk_diagnosis *work, spn_error *err)
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
	const char *const *list = (const char *const *)names.list.list;
	if (!status && !spn_account_enabled(work->computer))
		status = spk_resolve_many(work->dir, list, names.list.n, note_retired, &names, err);
	return status ? status : spk_resolve_many(work->dir, list, names.list.n, look_at, &names, err);
}

static spn_status conclude(spk_diagnosis *work, spn_error *err)
{
	spn_status status = spk_diagnosis_is_well(work) ? predict(work, work->computer, err) : SPN_OK;
	return status ? status : spk_diagnosis_conclude(work, err);
}

static void clear(spk_diagnosis *work)
{
	spn_account_free(work->foreseen);
	spn_account_free(work->computer);
	spk_hosts_clear(&work->hosts);
	spk_names_free(&work->missing);
	spk_names_free(&work->covering);
	spk_keys_free(&work->covered);
	spk_text_free(&work->coverer);
	spk_text_free(&work->by_cn);
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
	spk_diagnosis work = { .dir = dir,
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
