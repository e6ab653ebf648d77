/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <stdio.h>
#include <string.h>

#include "account/domain.h"
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "directory/directory.h"
#include "kerberos/cause.h"
#include "model/entry.h"

const char *spn_certainty_name(spn_certainty certainty)
{
	switch (certainty) {
	case SPN_CERTAINTY_NONE: return "none";
	case SPN_CERTAINTY_LIKELY: return "likely";
	case SPN_CERTAINTY_PROVED: return "proved";
	}
	return "unknown";
}


/* Work on one probe, and what a caller gets. */
struct work {
	spn_probe result; /* first: the caller has its address */
	spn_directory *dir;
	const spn_probe_options *options;
	const spk_answer *answer; /* of the directory */
	/* what the result points to */
	char *spn;
	spk_text text;
	spn_ticket *ticket;
	spn_account *account; /* of a probe that outlives the answer */
	spn_keytab_verdict verdict;
	spn_enctype_prediction predicted;
	spn_handshake *handshake;
};

spn_probe *spn_probe_free(spn_probe *probe)
{
	struct work *work = (struct work *)probe;
	if (!work)
		return NULL;
	free(work->spn);
	spk_text_free(&work->text);
	spn_ticket_free(work->ticket);
	spn_account_free(work->account);
	spn_handshake_free(work->handshake);
	free(work);
	return NULL;
}

static long number_of(const spn_account *account, const char *attr)
{
	const char *text = spn_entry_text(account->entry, attr);
	return text ? strtol(text, NULL, 10) : -1;
}

const char *spk_ticket_contradicts(const spn_ticket *ticket, const spn_account *account, char buffer[160])
{
	long kvno = number_of(account, "msDS-KeyVersionNumber");
	if (kvno >= 0 && !ticket->rodc && (unsigned)kvno != ticket->kvno) {
		snprintf(buffer, 160, "its key is version %u, and the account's is %ld: another account, or a password change "
				"that has not reached every controller", ticket->kvno, kvno);
		return buffer;
	}
	if (!spk_account_may_use(account, ticket->enctype)) {
		snprintf(buffer, 160, "it is encrypted with %s, which the account does not allow", spn_enctype_name(ticket->enctype));
		return buffer;
	}
	return NULL;
}

/* ret_realm: the realm of a ticket, if it is not the directory's own, which then says nothing of it; else NULL. */
static spn_status foreign_realm(
		const struct work *work, const spn_ticket *ticket, const char **ret_realm, spn_error *err)
{
	SPK_AUTOTEXT spk_text own = { 0 };
	const char *at = strrchr(ticket->server, '@');
	spn_status status = work->dir && at ? spk_domain_own(work->dir, &own, err) : SPN_OK;
	if (!status)
		*ret_realm = !own.len || spk_ascii_equal(at + 1, own.data) ? NULL : at + 1;
	return status;
}

/* A KDC that chooses otherwise than predicted is worth knowing: it is of another version, or has a setting that cannot
 * be seen. */
static void compare_enctype(struct work *work, const spn_ticket *ticket)
{
	const spn_enctype_prediction *predicted = &work->predicted;
	char doubts[SPN_DOUBTS_SIZE];
	work->result.predicted = predicted;
	if (predicted->ticket == ticket->enctype)
		return;
	size_t len = spn_doubts_text(predicted->doubts, doubts, sizeof doubts);
	spk_text_add(&work->text, "; it is encrypted with %s, where %s was expected (%s)%s%s",
			spn_enctype_name(ticket->enctype),
			predicted->ticket ? spn_enctype_name(predicted->ticket) : "a refusal", predicted->why,
			len ? ", " : "", doubts);
}

/* Says who ought to have the ticket, and how sure that is. */
static void weigh(struct work *work, const spn_ticket *ticket, const char *realm)
{
	char buffer[160];
	const spk_answer *r = work->answer;
	if (realm) {
		spk_text_add(&work->text, "the ticket is of the realm '%s', whose directory tells whose it is", realm);
		return;
	}
	if (r->n_accounts != 1) {
		spk_text_add(&work->text, "the KDC gave a ticket for '%s'%s", ticket->server,
				!work->dir    ? "; no directory was asked whose it is" :
				r->n_accounts ? ", though in the directory several accounts hold it" :
						", though in the directory no account holds it");
		return;
	}
	const spn_account *account = r->accounts[0];
	const char *contradiction = spk_ticket_contradicts(ticket, account, buffer);
	work->result.account = account;
	work->result.certainty = contradiction ? SPN_CERTAINTY_NONE : SPN_CERTAINTY_LIKELY;
	spk_text_add(&work->text, "the ticket is for '%s' (%s)%s%s", spk_account_label(account), spn_match_name(r->match),
			contradiction ? "; but " : "", contradiction ? contradiction : "");
	if (!contradiction)
		compare_enctype(work, ticket);
}

static spn_status try_keytab(struct work *work, const spn_ticket *ticket, spn_error *err)
{
	spn_status status = spn_keytab_try(work->options->keytab, ticket, &work->verdict, NULL, NULL, err);
	if (status)
		return status;
	work->result.keytab = &work->verdict;
	switch (work->verdict) {
	case SPN_KEYTAB_FITS:
		work->result.certainty = SPN_CERTAINTY_PROVED;
		spk_text_add(&work->text, "; a key of the keytab decrypts it");
		return SPN_OK;
	case SPN_KEYTAB_WRONG_KEY:
		spk_text_add(&work->text, "; the keytab has keys of its version and enctype, but of another account or password");
		break;
	case SPN_KEYTAB_OLD_KEY:
		spk_text_add(&work->text, "; the keytab has keys of other versions only, and the ticket's is %u", ticket->kvno);
		break;
	case SPN_KEYTAB_NO_ENCTYPE:
		spk_text_add(&work->text, "; the keytab has no key of the enctype %s", spn_enctype_name(ticket->enctype));
		break;
	}
	work->result.ok = false;
	/* what the service would answer: KRB_AP_ERR_MODIFIED, KRB_AP_ERR_BADKEYVER, KRB_AP_ERR_NOKEY */
	work->result.cause = spn_kerberos_explain(work->verdict == SPN_KEYTAB_WRONG_KEY ? 41 :
			work->verdict == SPN_KEYTAB_OLD_KEY ? 44 : 45);
	return SPN_OK;
}

static void weigh_handshake(struct work *work)
{
	const spn_handshake *handshake = work->handshake;
	work->result.handshake = handshake;
	spk_text_add(&work->text, "; %s", handshake->text);
	bool accepted = handshake->outcome == SPN_HANDSHAKE_OK || handshake->outcome == SPN_HANDSHAKE_FORBIDDEN;
	if (accepted)
		work->result.certainty = SPN_CERTAINTY_PROVED;
	work->result.ok &= handshake->outcome == SPN_HANDSHAKE_OK || handshake->outcome == SPN_HANDSHAKE_DECRYPTED;
	if (!accepted && handshake->outcome != SPN_HANDSHAKE_DECRYPTED && !work->result.cause && handshake->krb5_code)
		work->result.cause = spn_kerberos_explain(handshake->krb5_code);
}

static spn_status try_handshake(struct work *work, spn_error *err)
{
	const spn_probe_options *options = work->options;
	spn_status status = spn_negotiate(options->url, work->spn, options->handshake, &work->handshake, err);
	if (!status)
		weigh_handshake(work);
	return status;
}

static spn_status try_ticket(struct work *work, spn_error *err)
{
	const char *realm;
	spn_status status = foreign_realm(work, work->ticket, &realm, err);
	if (status)
		return status;
	work->result.ticket = work->ticket;
	work->result.ok = true;
	weigh(work, work->ticket, realm);
	if (work->options->keytab)
		status = try_keytab(work, work->ticket, err);
	return status || !work->options->url ? status : try_handshake(work, err);
}

/* Samba's KDC does not find a name with a blank inside. */
static bool is_unserved(const struct work *work)
{
	spn_dialect rules;
	spn_name name;
	return work->dir && !spn_name_parse(work->spn, &name, NULL) &&
			memchr(name.service_class.data, ' ', name.service_class.len) &&
			!spk_directory_rules(work->dir, &rules, NULL) && rules == SPN_DIALECT_SAMBA;
}

/* The KDC says the same of a name that is missing and of one that is held twice: only the directory can tell. */
static void explain_unknown(struct work *work)
{
	const spk_answer *r = work->answer;
	if (is_unserved(work)) {
		spk_text_add(&work->text, "Samba's KDC gives no ticket for a name whose class is several words, whoever holds it");
	} else if (!work->dir) {
		spk_text_add(&work->text, "the KDC knows no single account for '%s': nobody holds it, or several do", work->spn);
	} else if (r->n_accounts == 0) {
		spk_text_add(&work->text, "no account holds '%s', or a name that it is an alias of", work->spn);
	} else if (r->n_by_cn && r->n_accounts > 1) {
		spk_answer_put_several(r, &work->text);
		spk_text_add(&work->text, ", so nobody gets a ticket");
	} else if (r->n_accounts > 1) {
		spk_text_add(&work->text, "'%s' is held by several accounts, so nobody gets a ticket:", r->via);
		for (size_t i = 0; i < r->n_accounts; i++)
			spk_text_add(&work->text, "%s '%s'", i ? "," : "", spn_account_dn(r->accounts[i]));
	} else {
		work->result.account = r->accounts[0];
		spk_text_add(&work->text, "'%s' holds '%s', but the KDC gives no ticket for it: %s",
				spk_account_label(r->accounts[0]), r->via,
				spn_account_enabled(r->accounts[0]) || spn_account_is_kdc(r->accounts[0]) ?
						"a duplicate or a change that has not reached every controller" :
						"the account is disabled");
	}
}

/* Our own log-on is not what it is about: that has succeeded by then. */
static bool is_keyless(const struct work *work)
{
	return work->result.cause->code == SPK_ETYPE_NOSUPP && work->answer->n_accounts == 1;
}

static void explain_keyless(struct work *work)
{
	work->result.account = work->answer->accounts[0];
	spk_text_add(&work->text,
			"'%s' answers for '%s', but the KDC has no key of it with an encryption type that it may use for this "
			"client, so it gives no ticket: set the account's password (joining the machine to the domain does), or "
			"check its msDS-SupportedEncryptionTypes",
			spk_account_label(work->result.account), work->spn);
}

/* Whether the KDC answered, if with an error: that is a result. */
static bool is_an_answer(spn_status status, const spn_error *cause)
{
	enum { CLOCK_SKEW = 37 };
	int code = spn_kerberos_explain(cause->native)->code;
	return status == SPN_ERR_NOT_FOUND || (status == SPN_ERR_FAILED && code > 0) || code == CLOCK_SKEW;
}

static spn_status run(struct work *work, spn_kdc *kdc, spn_error *err)
{
	spn_error cause = { .status = SPN_OK };
	const spk_answer *r = work->answer;
	spn_status status = r->n_accounts == 1 ? spk_account_add_keys(work->dir, r->accounts[0], err) : SPN_OK;
	if (!status && r->n_accounts == 1)
		status = spk_account_predict(work->dir, r->accounts[0], work->options->era, &work->predicted, err);
	if (status)
		return status;
	status = spn_kdc_request(kdc, work->spn, &work->ticket, &cause);
	if (!status)
		return try_ticket(work, err);
	if (!is_an_answer(status, &cause)) {
		if (err)
			*err = cause;
		return status;
	}
	work->result.cause = spn_kerberos_explain(cause.native);
	if (status == SPN_ERR_NOT_FOUND)
		explain_unknown(work);
	else if (is_keyless(work))
		explain_keyless(work);
	else
		spk_text_add(&work->text, "%s", cause.message);
	return SPN_OK;
}

static spn_status finish(struct work *work, spn_error *err)
{
	if (work->text.failed)
		return spk_nomem(err);
	spk_make_printable(work->text.data);
	work->result.text = work->text.data;
	return SPN_OK;
}

spn_status spk_probe_answer(spn_directory *dir, spn_kdc *kdc, const char *spn, const spk_answer *answer,
		const spn_probe_options *options, spn_probe **ret_probe, spn_error *err)
{
	struct work *work = calloc(1, sizeof *work);
	if (!work)
		return spk_nomem(err);
	*work = (struct work){ .dir = dir, .options = options, .answer = answer, .spn = strdup(spn) };
	work->result.spn = work->spn;
	spn_status status = work->spn ? run(work, kdc, err) : spk_nomem(err);
	if (!status)
		status = finish(work, err);
	if (status)
		spn_probe_free(&work->result);
	else
		*ret_probe = &work->result;
	return status;
}

/* A probe that waits for what the directory says. */
struct waiting {
	spn_directory *dir;
	spn_kdc *kdc;
	const char *spn;
	const spn_probe_options *options;
	spn_probe *probe;
};

/* The account stays when the answer goes. */
static spn_status keep_account(spn_probe *probe, spn_error *err)
{
	struct work *work = (struct work *)probe;
	spn_status status = probe->account ? spn_account_copy(probe->account, &work->account, err) : SPN_OK;
	probe->account = work->account;
	return status;
}

static spn_status go_on(size_t i, const spk_answer *answer, void *data, spn_error *err)
{
	struct waiting *waiting = data;
	(void)i;
	spn_status status = spk_probe_answer(waiting->dir, waiting->kdc, waiting->spn, answer, waiting->options,
			&waiting->probe, err);
	return status ? status : keep_account(waiting->probe, err);
}

spn_status spn_probe_ticket(spn_directory *dir, spn_kdc *kdc, const char *spn, const spn_probe_options *options,
		spn_probe **ret_probe, spn_error *err)
{
	spn_probe_options taken;
	spn_name name;
	if (!kdc || !spn || !ret_probe)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_probe_ticket: an argument is NULL");
	spn_status status = spk_take("spn_probe_options", options, SPK_ONLY(spn_probe_options), &taken, err);
	if (!status)
		status = spn_name_parse(spn, &name, err);
	if (status)
		return status;
	struct waiting waiting = { dir, kdc, spn, &taken, NULL };
	status = dir ? spk_resolve_many(dir, &spn, 1, go_on, &waiting, err) :
		       go_on(0, &(spk_answer){ .match = SPN_MATCH_NONE }, &waiting, err);
	if (status)
		spn_probe_free(waiting.probe);
	else
		*ret_probe = waiting.probe;
	return status;
}
