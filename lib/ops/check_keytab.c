/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/error.h"
#include "model/dn.h"
#include "probe.h"
#include "propose.h"

/* One entry, kept. */
struct entry {
	char *principal;
	char *name; /* without its realm */
	unsigned kvno;
	int enctype;
};

struct work {
	spn_directory *dir;
	spn_kdc *kdc;
	const char *keytab;
	spk_teller to;
	struct entry *entries;
	size_t n;
};

static void clear(struct work *work)
{
	for (size_t i = 0; i < work->n; i++) {
		free(work->entries[i].principal);
		free(work->entries[i].name);
	}
	free(work->entries);
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

/* What a fresh ticket says of all entries of a principal at once. */
struct proof {
	const struct work *work;
	spn_keytab_verdict verdict;
	bool tried;
	unsigned kvno;  /* of the ticket, and of the entry that fits */
	int enctype;
};

static spn_status try_ticket(const spn_ticket *ticket, void *data, spn_error *err)
{
	struct proof *proof = data;
	proof->kvno = ticket->kvno;
	proof->enctype = ticket->enctype;
	proof->tried = ticket->der.len > 0;
	return proof->tried ? spn_keytab_try(proof->work->keytab, ticket, &proof->verdict, NULL, NULL, err) : SPN_OK;
}

/* A KDC that gives no ticket proves nothing about a key; one that cannot be asked is an error. */
static spn_status prove(const struct work *work, const spn_account *account, const char *name, struct proof *proof,
		spn_error *err)
{
	const spn_bytes *spns;
	*proof = (struct proof){ .work = work };
	if (!work->kdc)
		return SPN_OK;
	if (!strchr(name, '/')) /* an account is asked for by one of its names */
		name = spn_account_spns(account, &spns) ? spns[0].data : NULL;
	spn_error cause = { .status = SPN_OK };
	spn_status status = name ? spn_kdc_request(work->kdc, name, try_ticket, proof, &cause) : SPN_OK;
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

static spn_status judge(const struct work *work, const struct entry *entry, const spn_account *account, const struct proof *proof,
		spn_error *err)
{
	const char *number = spn_entry_text(account->entry, "msDS-KeyVersionNumber");
	unsigned kvno = number ? (unsigned)strtoul(number, NULL, 10) : 0;
	bool is_the_one = proof->tried && proof->kvno == entry->kvno && proof->enctype == entry->enctype;
	const char *fits = is_the_one ? "decrypts the tickets of" : "is not tried, and has the key version of";
	SPK_AUTOTEXT spk_text text = { 0 };
	const char *code = "ok";
	spn_severity severity = SPN_SEVERITY_OK;
	if (is_the_one && proof->verdict != SPN_KEYTAB_FITS) {
		code = "wrong-account";
		severity = SPN_SEVERITY_BROKEN;
		spk_text_add(&text, "does not decrypt the tickets of '%s' (0x80090322): another account's key, or another password",
				spk_account_label(account));
	} else if (number && entry->kvno < kvno && newest(work, entry->principal) < kvno) {
		code = "kvno-mismatch";
		severity = SPN_SEVERITY_BROKEN;
		spk_text_add(&text, "the password of '%s' has changed since: its key version is %u", spk_account_label(account), kvno);
	} else if (number && entry->kvno < kvno) {
		spk_text_add(&text, "an older key of '%s', kept beside the newer one", spk_account_label(account));
	} else if (number && entry->kvno > kvno) {
		code = "kvno-mismatch";
		severity = SPN_SEVERITY_WARNING;
		spk_text_add(&text, "newer than the key version %u of '%s': not replicated yet, or of another account", kvno,
				spk_account_label(account));
	} else if (entry->enctype == 23 || entry->enctype == 3 || entry->enctype == 1) {
		code = "weak-enctype";
		severity = SPN_SEVERITY_NOTICE;
		spk_text_add(&text, "%s '%s', but a weak enctype", fits, spk_account_label(account));
	} else {
		spk_text_add(&text, "%s '%s'", fits, spk_account_label(account));
	}
	return text.failed ? spk_nomem(err) : tell(work, entry, account, code, severity, text.data, err);
}

/* Whom the entries of a name belong to; SPN_OK with NULL if that was told already. */
static spn_status find_owner(const struct work *work, const struct entry *entry, spn_account **ret_account, spn_error *err)
{
	SPK_AUTORESOLVED struct spk_resolved resolved = { .via = NULL };
	spn_error cause = { .status = SPN_OK };
	spn_status status;
	if (!strchr(entry->name, '/')) {
		status = spn_account_find(work->dir, entry->name, SPN_WANT_ANY, ret_account, &cause);
		if (status == SPN_ERR_NOT_FOUND)
			return tell(work, entry, NULL, "missing", SPN_SEVERITY_BROKEN, "there is no such account", err);
	} else {
		status = spk_resolve_copy(work->dir, entry->name, &resolved, &cause);
		if (!status && resolved.accounts.n == 0)
			return tell(work, entry, NULL, "missing", SPN_SEVERITY_BROKEN, "no account holds the name", err);
		if (!status && resolved.accounts.n > 1)
			return tell(work, entry, NULL, "duplicate", SPN_SEVERITY_BROKEN, "several accounts hold the name", err);
		if (!status)
			status = spk_account_new(resolved.accounts.list[0]->entry, ret_account, &cause);
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

/* All entries of one principal, so that it is looked up and asked for once. */
static spn_status check_principal(const struct work *work, size_t first, spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	struct proof proof = { .tried = false };
	const struct entry *entry = &work->entries[first];
	spn_status status = find_owner(work, entry, &account, err);
	if (status || !account)
		return status;
	status = spk_account_add_keys(work->dir, account, err);
	if (!status)
		status = prove(work, account, entry->name, &proof, err);
	for (size_t i = first; !status && i < work->n; i++)
		if (strcmp(work->entries[i].principal, entry->principal) == 0)
			status = judge(work, &work->entries[i], account, &proof, err);
	if (!status && proof.tried && proof.verdict != SPN_KEYTAB_FITS && !has_enctype(work, entry->principal, proof.enctype))
		status = spk_tell(&work->to, err, "no-key", SPN_SEVERITY_BROKEN, entry->principal, account, NULL,
				"the KDC encrypts with %s, of which this principal has no key here", spn_enctype_name(proof.enctype));
	return status;
}

spn_status spn_check_keytab(spn_directory *dir, spn_kdc *kdc, const char *keytab, spn_finding_fn *fn, void *data,
		spn_error *err)
{
	if (!dir || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_check_keytab: an argument is NULL");
	struct work work = { .dir = dir, .kdc = kdc, .keytab = keytab, .to = { fn, data } };
	spn_status status = spn_keytab_list(keytab, keep, &work, err);
	for (size_t i = 0; !status && i < work.n; i++)
		if (is_first_of_its_name(&work, i))
			status = check_principal(&work, i, err);
	clear(&work);
	return status;
}
