/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "keytab_repair.h"
#include "probe.h"
#include "account/domain.h"
#include "account/finding.h"
#include "base/error.h"
#include "base/options.h"
#include "base/keys.h"
#include "base/text.h"
#include "kdc/kdc.h"
#include "kdc/pace.h"
#include "kerberos/keytab.h"
#include "model/dn.h"

/* One entry, kept. */
struct entry {
	char *principal;
	char *name; /* without its realm */
	unsigned kvno;
	int enctype;
	spk_key_trial trial; /* what its own key made of a ticket, if there was one */
};

struct work {
	spn_directory *dir;
	spn_kdc *kdc;
	const char *keytab;
	const spn_keytab_options *options;
	spn_era era;
	spk_keys asked; /* DNs of accounts that the KDC was asked about */
	spn_account_keys **shown; /* of each of them; NULL: nothing */
	spk_teller to;
	struct entry *entries;
	size_t n;
	spk_text realm; /* of the directory; "" if it does not say */
	spk_text domain; /* that commands have to name; "": none */
};

static void clear(struct work *work)
{
	for (size_t i = 0; i < work->n; i++) {
		free(work->entries[i].principal);
		free(work->entries[i].name);
	}
	free(work->entries);
	for (size_t i = 0; work->shown && i < work->asked.n; i++)
		spn_account_keys_free(work->shown[i]);
	free(work->shown);
	spk_keys_free(&work->asked);
	spk_text_free(&work->realm);
	spk_text_free(&work->domain);
}

static spn_status keep(const spn_keytab_entry *entry, void *data, spn_error *err)
{
	struct work *work = data;
	struct entry *grown = realloc(work->entries, (work->n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	work->entries = grown;
	const char *at = strrchr(entry->principal, '@');
	size_t len = at ? (size_t)(at - entry->principal) : strlen(entry->principal);
	grown[work->n] = (struct entry){ .principal = strdup(entry->principal), .name = strndup(entry->principal, len),
		.kvno = entry->kvno, .enctype = entry->enctype };
	work->n++;
	return grown[work->n - 1].principal && grown[work->n - 1].name ? SPN_OK : spk_nomem(err);
}

/* The newest key version that the keytab has of a principal. */
static unsigned newest(const struct work *work, const char *principal)
{
	unsigned kvno = 0;
	for (size_t i = 0; i < work->n; i++)
		if (strcmp(work->entries[i].principal, principal) == 0 && work->entries[i].kvno > kvno)
			kvno = work->entries[i].kvno;
	return kvno;
}

static bool has_enctype(const struct work *work, const char *principal, int enctype)
{
	for (size_t i = 0; i < work->n; i++)
		if (strcmp(work->entries[i].principal, principal) == 0 && work->entries[i].enctype == enctype)
			return true;
	return false;
}

/* What a fresh ticket says of the entries of a principal. */
struct proof {
	struct work *work;
	const char *principal;
	size_t n;       /* entries that were tried */
	bool tried;
	bool fits;      /* one of the principal's keys does */
	bool is_refuted; /* none does, and one of them should */
	unsigned kvno;  /* of the ticket; 0: it does not say */
	int enctype;
};

static spn_status keep_trial(const spn_keytab_entry *entry, spk_key_trial trial, void *data, spn_error *err)
{
	(void)err;
	struct proof *proof = data;
	struct entry *kept = proof->n < proof->work->n ? &proof->work->entries[proof->n++] : NULL;
	/* another program may have written the keytab since it was listed */
	bool is_same = kept && strcmp(kept->principal, entry->principal) == 0 && kept->kvno == entry->kvno &&
			kept->enctype == entry->enctype;
	if (is_same && strcmp(kept->principal, proof->principal) == 0) {
		kept->trial = trial;
		proof->fits |= trial == SPK_KEY_DECRYPTS;
	}
	return SPN_OK;
}

static spn_status try_ticket(struct proof *proof, const spn_ticket *ticket, spn_error *err)
{
	proof->kvno = ticket->kvno;
	proof->enctype = ticket->enctype;
	proof->tried = ticket->der.len > 0;
	return proof->tried ? spk_keytab_try_each(proof->work->keytab, ticket, keep_trial, proof, err) : SPN_OK;
}

/* A KDC that gives no ticket proves nothing about a key; one that cannot be asked is an error. */
static spn_status prove(struct work *work, const spn_account *account, const struct entry *entry, struct proof *proof,
		spn_error *err)
{
	const spn_bytes *spns;
	const char *name = entry->name;
	*proof = (struct proof){ .work = work, .principal = entry->principal };
	if (!work->kdc)
		return SPN_OK;
	if (!strchr(name, '/')) /* an account is asked for by one of its names */
		name = spn_account_spns(account, &spns) ? spns[0].data : NULL;
	spn_error cause = { .status = SPN_OK };
	SPK_AUTO(spn_ticket) *ticket = NULL;
	spn_status status = name ? spn_kdc_request(work->kdc, name, &ticket, &cause) : SPN_OK;
	if (ticket)
		status = try_ticket(proof, ticket, &cause);
	if (status == SPN_ERR_NOT_FOUND || status == SPN_ERR_FAILED)
		return SPN_OK;
	if (status && err)
		*err = cause;
	return status;
}

static spn_status tell(const struct work *work, const struct entry *entry, const spn_account *account, const char *code,
		spn_severity severity, const char *text, spn_error *err)
{
	return spk_tell(&work->to, err, code, severity, entry->principal, account, NULL, "key version %u, %s: %s", entry->kvno,
			*spn_enctype_name(entry->enctype) ? spn_enctype_name(entry->enctype) : "unknown enctype", text);
}

static bool is_weak(int enctype)
{
	return enctype == 23 || enctype == 3 || enctype == 1;
}

/* Whether a keytab writes a key version so: whole, in the 8 bits that old programs have for it, or not at all (ktpass).
 */
static bool may_be_version(unsigned in_keytab, unsigned kvno)
{
	return in_keytab == kvno || in_keytab == 0 || (in_keytab < 256 && in_keytab == (kvno & 0xff));
}

/* A verdict on an entry; the text, with the name of the account and its key version. */
struct verdict {
	const char *code;
	spn_severity severity;
	spk_text text;
};

static void say(struct verdict *verdict, const char *code, spn_severity severity)
{
	verdict->code = code;
	verdict->severity = severity;
}

/* The key is right, or nothing speaks against it; its number may still not be the one that a service looks for. */
static void judge_number(struct verdict *verdict, const struct entry *entry, bool is_proved, bool has_number,
		unsigned kvno, const char *account)
{
	bool differs = has_number && entry->kvno != kvno;
	const char *fits = is_proved ? "decrypts the tickets of" : differs || !has_number ? "is not tried: it may be of" :
			"is not tried, and has the key version of";
	if (differs)
		say(verdict, "kvno-differs", SPN_SEVERITY_NOTICE);
	else if (is_weak(entry->enctype))
		say(verdict, "weak-enctype", SPN_SEVERITY_NOTICE);
	spk_text_add(&verdict->text, "%s '%s'", fits, account);
	if (differs && entry->kvno == 0)
		spk_text_add(&verdict->text,
				", whose key version is %u: the keytab gives none, and some services accept no such "
				"entry",
				kvno);
	else if (differs && may_be_version(entry->kvno, kvno))
		spk_text_add(&verdict->text, ", whose key version is %u: the keytab has the last 8 bits of it", kvno);
	else if (differs)
		spk_text_add(&verdict->text,
				", but under another number than their key version %u: a service that looks for that "
				"does not find it",
				kvno);
	if (is_weak(entry->enctype))
		spk_text_add(&verdict->text, ", but a weak enctype");
}

static spn_status judge(const struct work *work, const struct entry *entry, const spn_account *account,
		struct proof *proof, spn_error *err)
{
	const char *number = spn_entry_text(account->entry, "msDS-KeyVersionNumber"), *label = spk_account_label(account);
	bool has_number = number || proof->kvno;
	unsigned kvno = proof->kvno ? proof->kvno : number ? (unsigned)strtoul(number, NULL, 10) : 0;
	struct verdict verdict = { .code = "ok" };
	proof->is_refuted |= entry->trial == SPK_KEY_DOES_NOT && !proof->fits; /* whatever number somebody gave it */
	if (entry->trial == SPK_KEY_DECRYPTS) {
		judge_number(&verdict, entry, true, has_number, kvno, label);
	} else if (entry->trial == SPK_KEY_DOES_NOT && (!has_number || may_be_version(entry->kvno, kvno))) {
		say(&verdict, "wrong-account", SPN_SEVERITY_BROKEN);
		spk_text_add(&verdict.text,
				"does not decrypt the tickets of '%s' (0x80090322): another account's key, or another "
				"password",
				label);
	} else if (!has_number || may_be_version(entry->kvno, kvno)) {
		judge_number(&verdict, entry, false, has_number, kvno, label);
	} else if (entry->kvno < kvno && newest(work, entry->principal) < kvno && !proof->fits) {
		say(&verdict, "kvno-mismatch", SPN_SEVERITY_BROKEN);
		spk_text_add(&verdict.text, "the password of '%s' has changed since: its key version is %u", label, kvno);
	} else if (entry->kvno < kvno) {
		spk_text_add(&verdict.text, "an older key of '%s', kept in addition to the newer one", label);
	} else {
		say(&verdict, "kvno-mismatch", SPN_SEVERITY_WARNING);
		spk_text_add(&verdict.text,
				"newer than the key version %u of '%s': not replicated yet, or of another account",
				kvno, label);
	}
	spn_status status = verdict.text.failed ? spk_nomem(err)
			: tell(work, entry, account, verdict.code, verdict.severity, verdict.text.data, err);
	spk_text_free(&verdict.text);
	return status;
}

/* Tickets are for a principal of the directory's realm, and a service finds its key under exactly that.  Whether that
 * was told. */
static spn_status check_realm(const struct work *work, const struct entry *entry, bool *ret_is_other, spn_error *err)
{
	const char *realm = entry->principal + strlen(entry->name);
	SPK_AUTOTEXT spk_text text = { 0 };
	*ret_is_other = *realm == '@' && work->realm.len > 0 && strcmp(realm + 1, work->realm.data) != 0;
	if (!*ret_is_other)
		return SPN_OK;
	bool differs_by_case = spk_ascii_equal(realm + 1, work->realm.data);
	if (differs_by_case)
		spk_text_add(&text,
				"tickets are for the realm '%s', in capital letters: the service does not find this "
				"key",
				work->realm.data);
	else
		spk_text_add(&text, "is not checked: it is of another realm than the directory, '%s'", work->realm.data);
	return text.failed ? spk_nomem(err) : tell(work, entry, NULL, "other-realm",
			differs_by_case ? SPN_SEVERITY_BROKEN : SPN_SEVERITY_WARNING, text.data, err);
}

/* A KDC looks for the exact name first, and for the computer with the '$' then. */
static spn_status find_called(spn_directory *dir, const char *name, spn_account **ret_account, spn_error *err)
{
	SPK_AUTO(spn_account) *exact = NULL;
	spn_status status = spn_account_find(dir, name, SPN_WANT_ANY, ret_account, err);
	if (!status)
		status = spn_account_namesake(dir, name, *ret_account, &exact, err);
	if (!status && exact) {
		spn_account *computer = *ret_account;
		*ret_account = exact;
		exact = computer;
	}
	return status;
}

/* Whom the entries of a name belong to; SPN_OK with NULL if that was told already. */
static spn_status find_owner(
		const struct work *work, const struct entry *entry, spn_account **ret_account, spn_error *err)
{
	SPK_AUTO(spn_resolution) *resolution = NULL;
	spn_error cause = { .status = SPN_OK };
	spn_status status;
	if (!strchr(entry->name, '/')) {
		status = find_called(work->dir, entry->name, ret_account, &cause);
		if (status == SPN_ERR_NOT_FOUND)
			return tell(work, entry, NULL, "missing", SPN_SEVERITY_BROKEN, "there is no such account", err);
	} else {
		status = spn_resolve(work->dir, entry->name, &resolution, &cause);
		if (!status && resolution->n_accounts == 0)
			return tell(work, entry, NULL, "missing", SPN_SEVERITY_BROKEN, "no account holds the name", err);
		if (!status && resolution->n_accounts > 1)
			return tell(work, entry, NULL, "duplicate", SPN_SEVERITY_BROKEN, "several accounts hold the name", err);
		if (!status)
			status = spk_account_new(resolution->accounts[0]->entry, ret_account, &cause);
	}
	if (status == SPN_ERR_SYNTAX)
		return tell(work, entry, NULL, "malformed", SPN_SEVERITY_WARNING, cause.message, err);
	if (status && err)
		*err = cause;
	return status;
}

static bool is_first_of_its_name(const struct work *work, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(work->entries[j].principal, work->entries[i].principal) == 0)
			return false;
	return true;
}

/* ---- what the KDC shows of the account ---- */

static spn_status tell_shown(const struct work *work, const struct entry *entry, const spn_account *account,
		const spn_account_keys *shown, spn_error *err)
{
	SPK_AUTOTEXT spk_text expected = { 0 };
	const char *label = spk_account_label(account);
	bool has_256 = shown->keys & SPN_ENC_AES256, has_128 = shown->keys & SPN_ENC_AES128;
	if (!has_256 && !has_128)
		return spk_tell(&work->to, err, "no-aes-keys", SPN_SEVERITY_WARNING, entry->principal, account, NULL,
				"'%s' has no AES keys, as "
				"the KDC shows: only a new password makes them",
				label);
	spk_account_salt(account, work->realm.data, &expected);
	if (expected.failed)
		return spk_nomem(err);
	bool differs = shown->salt && strcmp(shown->salt, expected.data) != 0;
	const char *code = "ok";
	if (differs)
		code = "salt";
	return spk_tell(&work->to, err, code, differs ? SPN_SEVERITY_NOTICE : SPN_SEVERITY_OK, entry->principal,
			account, NULL, "'%s' has %s, as the KDC shows%s%s%s%s%s%s", label,
			has_256 && has_128      ? "AES256 and AES128 keys" :
					has_256 ? "an AES256 key" :
						  "an AES128 key",
			shown->salt ? ", made with the salt '" : "", shown->salt ? shown->salt : "",
			shown->salt ? "'" : "", differs ? ", where its present name gives '" : "",
			differs ? expected.data : "",
			differs ? "': it was renamed since its password "
				  "was set, and a keytab that is made of the password needs the old salt" :
				  "");
}

/* Once for each account, however many names the keytab has of it. */
static spn_status ask_keys(struct work *work, const struct entry *entry, spn_account *account, const char **ret_salt,
		spn_error *err)
{
	size_t before = work->asked.n, i;
	*ret_salt = NULL;
	if (!work->options->probe_keys || (i = spk_keys_add(&work->asked, spk_bytes(spn_account_dn(account)))) == SIZE_MAX)
		return work->options->probe_keys ? spk_nomem(err) : SPN_OK;
	if (i == before) {
		spn_account_keys **grown = realloc(work->shown, (i + 1) * sizeof *grown);
		spn_error why = { .status = SPN_OK };
		if (!grown)
			work->asked.n--; /* there is no room for what it shows */
		if (!grown)
			return spk_nomem(err);
		work->shown = grown;
		grown[i] = NULL;
		if (i > 0 && work->options->probe_keys == spn_probe_keys)
			spk_kdc_pause();
		spn_status status = work->options->probe_keys(
				work->dir, account, work->options->timeout, &grown[i], &why);
		if (status == SPN_ERR_NOMEM || status == SPN_ERR_UNSUPPORTED || status == SPN_ERR_UNREACHABLE)
			return spk_fail_as(err, status, &why, "%s", why.message);
		status = status ? spk_tell(&work->to, err, "unknown-keys", SPN_SEVERITY_NOTICE, entry->principal,
						  account, NULL,
						  "which AES keys "
						  "'%s' has is not known: %s",
						  spk_account_label(account), why.message) :
				  tell_shown(work, entry, account, grown[i], err);
		if (status)
			return status;
	}
	account->keys = work->shown[i] ? work->shown[i]->keys : 0;
	*ret_salt = work->shown[i] ? work->shown[i]->salt : NULL;
	return SPN_OK;
}

/* ---- which key will be needed ---- */

/* A finding about a key that is not there, with what repairs it. */
struct lack {
	const char *code;
	spn_severity severity;
	const char *text;
	const spn_enctype_prediction *predicted;
};

static spn_status tell_lack(const struct work *work, const struct entry *entry, const spn_account *account,
		const struct lack *lack, const spk_keytab_fault *fault, spn_error *err)
{
	SPK_AUTOSTEPS spk_repair_steps steps = { .n = 0 };
	const spn_account_ref ref = spk_account_ref(account);
	spn_finding finding = { .code = lack->code,
		.severity = lack->severity,
		.spn = entry->principal,
		.accounts = &ref,
		.n_accounts = 1,
		.text = lack->text,
		.predicted = lack->predicted };
	spn_status status = spk_keytab_repair(fault, &steps, err);
	finding.steps = steps.list;
	finding.n_steps = steps.n;
	return status ? status : spk_tell_finding(&work->to, &finding, err);
}

/* The newest version that is known of the account's key. */
static unsigned version_of(const struct work *work, const struct entry *entry, const spn_account *account,
		const struct proof *proof)
{
	const char *number = spn_entry_text(account->entry, "msDS-KeyVersionNumber");
	return proof->kvno ? proof->kvno : number ? (unsigned)strtoul(number, NULL, 10) : newest(work, entry->principal);
}

static spk_keytab_fault fault_of(const struct work *work, const struct entry *entry, const spn_account *account,
		const struct proof *proof, const char *salt)
{
	enum { AES256 = 18, AES128 = 17, AES_BITS = SPN_ENC_AES128 | SPN_ENC_AES256 };
	return (spk_keytab_fault){ .account = account, .domain = work->domain.data ? work->domain.data : "",
		.keytab = work->keytab, .name = entry->name,
		.realm = work->realm.len ? work->realm.data : entry->principal + strlen(entry->name) + 1, .salt = salt,
		.kvno = version_of(work, entry, account, proof), .is_proved = proof->fits, .is_refuted = proof->is_refuted,
		.keys_are_missing = !has_enctype(work, entry->principal, AES256),
		.account_has_none = account->keys && !(account->keys & AES_BITS),
		.is_not_allowed = !(spk_account_case(account).supported & AES_BITS) };
}

/* In the order that keeps the service up. */
static void put_remedy(const struct work *work, const struct entry *entry, const spk_keytab_fault *fault, int predicted,
		spk_text *text)
{
	enum { AES256 = 18, AES128 = 17, RC4 = 23 };
	bool has_aes = has_enctype(work, entry->principal, AES256) || has_enctype(work, entry->principal, AES128);
	if (fault->is_refuted)
		spk_text_add(text, ", and none of its keys here fits: the service needs another keytab");
	else if (fault->account_has_none || (predicted == RC4 && has_aes && !fault->is_not_allowed))
		spk_text_add(text, ": set a new password, so that the account gets AES keys, and renew the keytab");
	else if (predicted == RC4 && has_aes)
		spk_text_add(text, ": set msDS-SupportedEncryptionTypes to 24 (AES), if the account has AES keys");
	else
		spk_text_add(text, ": add the AES keys to the keytab%s", fault->is_not_allowed ?
				" first, then set msDS-SupportedEncryptionTypes to 24" : "");
}

/* What the KDC will do, where no ticket has shown it: there is none, or another version of KDC is asked about. */
static spn_status foresee(const struct work *work, const spn_account *account, const struct entry *entry,
		const struct proof *proof, const char *salt, spn_error *err)
{
	enum { RC4 = 23 };
	char doubts[SPN_DOUBTS_SIZE];
	spn_enctype_prediction predicted;
	SPK_AUTOTEXT spk_text text = { 0 };
	if ((proof->tried && work->era == SPN_ERA_UNKNOWN) || !spn_account_enabled(account))
		return SPN_OK;
	spn_status status = spk_account_predict(work->dir, account, work->era, &predicted, err);
	if (status || (predicted.ticket && has_enctype(work, entry->principal, predicted.ticket)))
		return status;
	spk_keytab_fault fault = fault_of(work, entry, account, proof, salt);
	bool maybe = predicted.doubts & SPN_DOUBT_EXPORT;
	const char *kdc = work->era == SPN_ERA_UNKNOWN ? "the KDC" : "a KDC of ";
	const char *version = work->era == SPN_ERA_UNKNOWN ? "" : spn_era_name(work->era);
	if (predicted.ticket)
		spk_text_add(&text, "%s%s encrypts with %s (%s)", kdc, version, spn_enctype_name(predicted.ticket), predicted.why);
	else
		spk_text_add(&text, "%s%s gives no ticket (%s)", kdc, version, predicted.why);
	if (spn_doubts_text(predicted.doubts, doubts, sizeof doubts))
		spk_text_add(&text, ", %s", doubts);
	if (predicted.ticket) {
		spk_text_add(&text, "; this principal has no such key here");
		put_remedy(work, entry, &fault, predicted.ticket, &text);
	}
	/* the key for RC4 is that of the password, whatever the account has besides: AES is the way out */
	fault.account_has_none |= predicted.ticket == RC4 && !fault.is_not_allowed && !fault.keys_are_missing;
	const struct lack lack = { predicted.ticket ? "no-key" : "no-ticket",
		maybe ? SPN_SEVERITY_NOTICE : SPN_SEVERITY_WARNING, text.data, &predicted };
	return text.failed ? spk_nomem(err) : tell_lack(work, entry, account, &lack, &fault, err);
}

/* The ticket has another enctype than all keys of the principal. */
static spn_status tell_no_key(const struct work *work, const spn_account *account, const struct entry *entry,
		const struct proof *proof, const char *salt, spn_error *err)
{
	spk_keytab_fault fault = fault_of(work, entry, account, proof, salt);
	SPK_AUTOFREE char *text = spk_printf("the KDC encrypts with %s, of which this principal has no key here",
			spn_enctype_name(proof->enctype));
	const struct lack lack = { .code = "no-key", .severity = SPN_SEVERITY_BROKEN, .text = text };
	return text ? tell_lack(work, entry, account, &lack, &fault, err) : spk_nomem(err);
}

/* All entries of one principal, so that it is looked up and asked for once. */
static spn_status check_principal(struct work *work, size_t first, spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	struct proof proof = { .tried = false };
	const struct entry *entry = &work->entries[first];
	const char *salt = NULL;
	bool is_other;
	spn_status status = check_realm(work, entry, &is_other, err);
	if (!status && !is_other)
		status = find_owner(work, entry, &account, err);
	if (status || !account)
		return status;
	status = spk_account_add_keys(work->dir, account, err);
	if (!status)
		status = prove(work, account, entry, &proof, err);
	for (size_t i = first; !status && i < work->n; i++)
		if (strcmp(work->entries[i].principal, entry->principal) == 0)
			status = judge(work, &work->entries[i], account, &proof, err);
	if (!status)
		status = ask_keys(work, entry, account, &salt, err);
	if (!status && proof.tried && !has_enctype(work, entry->principal, proof.enctype))
		status = tell_no_key(work, account, entry, &proof, salt, err);
	return status ? status : foresee(work, account, entry, &proof, salt, err);
}

static spn_status read_realm(struct work *work, spn_error *err)
{
	spn_status status = spk_domain_own(work->dir, &work->realm, err);
	if (!status)
		spk_repair_domain(work->dir, &work->domain);
	if (work->domain.failed)
		return spk_nomem(err);
	for (char *at = work->realm.data; at && *at; at++)
		*at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
	return status;
}

spn_status spn_check_keytab(spn_directory *dir, spn_kdc *kdc, const char *keytab, const spn_keytab_options *options,
		spn_finding_fn *fn, void *data, spn_error *err)
{
	spn_keytab_options taken;
	spn_status status = spk_take("spn_keytab_options", options, SPK_ONLY(spn_keytab_options), &taken, err);
	if (status)
		return status;
	if (!dir || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_check_keytab: an argument is NULL");
	struct work work = {
		.dir = dir, .kdc = kdc, .keytab = keytab, .options = &taken, .era = taken.era, .to = { fn, data }
	};
	status = spn_keytab_list(keytab, keep, &work, err);
	if (!status && work.n == 0)
		status = spn_fail(err, SPN_ERR_NOT_FOUND, 0, "the keytab '%s' is empty: it has no key in it",
				keytab ? keytab : "(default)");
	if (!status)
		status = read_realm(&work, err);
	for (size_t i = 0; !status && i < work.n; i++)
		if (is_first_of_its_name(&work, i))
			status = check_principal(&work, i, err);
	clear(&work);
	return status;
}
