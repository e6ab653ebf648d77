/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <krb5.h>

#include <spnkit/kdc.h>

#include "der.h"
#include "keytab.h"
#include "keytab_check.h"
#include "krb5_error.h"
#include "base/cleanup.h"
#include "base/error.h"

/* What the key of a ticket is used for (RFC 4120, section 7.5.1). */
#define KEY_USAGE_TICKET 2

struct keytab {
	krb5_context krb5;
	krb5_keytab file;
	char *name; /* for messages */
};

static void close_keytab(struct keytab *keytab)
{
	if (keytab->file)
		krb5_kt_close(keytab->krb5, keytab->file);
	if (keytab->krb5)
		krb5_free_context(keytab->krb5);
	free(keytab->name);
}

static spn_status open_keytab(struct keytab *keytab, const char *name, spn_error *err)
{
	spn_status status = spk_krb5_start(&keytab->krb5, err);
	if (status)
		return status;
	krb5_error_code code = name ? krb5_kt_resolve(keytab->krb5, name, &keytab->file) :
				      krb5_kt_default(keytab->krb5, &keytab->file);
	if (code) {
		keytab->file = NULL;
		return spk_krb5_fail(err, keytab->krb5, code, "the keytab '%s'", name ? name : "(default)");
	}
	if (krb5_kt_get_full_name(keytab->krb5, keytab->file, &keytab->name))
		return spk_nomem(err);
	return spk_keytab_check(keytab->name, err);
}

/* The keytab's own entry, with the key. */
typedef spn_status entry_fn(krb5_context krb5, krb5_keytab_entry *entry, void *data, spn_error *err);

static spn_status walk(struct keytab *keytab, entry_fn *fn, void *data, spn_error *err)
{
	krb5_context krb5 = keytab->krb5;
	krb5_kt_cursor cursor;
	krb5_error_code code = krb5_kt_start_seq_get(krb5, keytab->file, &cursor);
	if (code)
		return spk_krb5_fail(err, krb5, code, "the keytab '%s' cannot be read", keytab->name);
	krb5_keytab_entry entry = { 0 }; /* or Heimdal frees what is in it when the file is damaged */
	spn_status status = SPN_OK;
	while (!status && (code = krb5_kt_next_entry(krb5, keytab->file, &entry, &cursor)) == 0) {
		status = fn(krb5, &entry, data, err);
		krb5_kt_free_entry(krb5, &entry);
	}
	krb5_kt_end_seq_get(krb5, keytab->file, &cursor);
	if (!status && code != KRB5_KT_END)
		status = spk_krb5_fail(err, krb5, code, "the keytab '%s' is damaged", keytab->name);
	return status;
}

struct listing {
	spn_keytab_fn *fn;
	void *data;
};

static spn_status tell(krb5_context krb5, krb5_keytab_entry *entry, void *data, spn_error *err)
{
	const struct listing *listing = data;
	char *principal;
	krb5_error_code code = krb5_unparse_name(krb5, entry->principal, &principal);
	if (code)
		return spk_krb5_fail(err, krb5, code, "a principal of the keytab");
	spn_keytab_entry shown = { principal, (unsigned)entry->vno, (int)entry->keyblock.keytype, (time_t)entry->timestamp };
	spn_status before = spk_callback_begin(err);
	spn_status status = spk_callback_end(listing->fn(&shown, listing->data, err), before, err);
	free(principal);
	return status;
}

spn_status spn_keytab_list(const char *keytab, spn_keytab_fn *fn, void *data, spn_error *err)
{
	if (!fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_keytab_list: an argument is NULL");
	struct keytab opened = { 0 };
	struct listing listing = { fn, data };
	spn_status status = open_keytab(&opened, keytab, err);
	if (!status)
		status = walk(&opened, tell, &listing, err);
	close_keytab(&opened);
	return status;
}

/* Decrypting needs no look at the ticket's times, as krb5_decrypt_ticket takes: a ticket that has expired tells as
 * much. */
static krb5_error_code decrypt(krb5_context krb5, const krb5_keyblock *key, const spk_der_ticket *ticket)
{
	krb5_crypto crypto;
	krb5_error_code code = krb5_crypto_init(krb5, key, ETYPE_NULL, &crypto);
	if (code)
		return code;
	SPK_AUTOFREE char *cipher = malloc(ticket->cipher.len + 1); /* the call writes over what it decrypts */
	if (!cipher) {
		krb5_crypto_destroy(krb5, crypto);
		return ENOMEM;
	}
	memcpy(cipher, ticket->cipher.data, ticket->cipher.len);
	krb5_data plain = { 0 };
	code = krb5_decrypt(krb5, crypto, KEY_USAGE_TICKET, cipher, ticket->cipher.len, &plain);
	if (!code) {
		explicit_bzero(plain.data, plain.length); /* the session key is in it */
		krb5_data_free(&plain);
	}
	krb5_crypto_destroy(krb5, crypto);
	return code;
}

struct trial {
	spk_der_ticket ticket;
	spk_key_fn *fn;
	void *data;
};

static spn_status try_entry(krb5_context krb5, krb5_keytab_entry *entry, void *data, spn_error *err)
{
	const struct trial *trial = data;
	spk_key_trial result = SPK_KEY_OTHER_ENCTYPE;
	if (entry->keyblock.keytype == trial->ticket.enctype) {
		krb5_error_code code = decrypt(krb5, &entry->keyblock, &trial->ticket);
		if (code == ENOMEM)
			return spk_nomem(err);
		result = code == 0 ? SPK_KEY_DECRYPTS : code == KRB5_PROG_ETYPE_NOSUPP ? SPK_KEY_UNSUPPORTED : SPK_KEY_DOES_NOT;
	}
	char *principal;
	krb5_error_code code = krb5_unparse_name(krb5, entry->principal, &principal);
	if (code)
		return spk_krb5_fail(err, krb5, code, "a principal of the keytab");
	spn_keytab_entry shown = { principal, (unsigned)entry->vno, (int)entry->keyblock.keytype, (time_t)entry->timestamp };
	spn_status status = trial->fn(&shown, result, trial->data, err);
	free(principal);
	return status;
}

spn_status spk_keytab_try_each(const char *keytab, const spn_ticket *ticket, spk_key_fn *fn, void *data, spn_error *err)
{
	struct trial trial = { .fn = fn, .data = data };
	if (!spk_der_read_ticket(ticket->der, &trial.ticket))
		return spn_fail(err, SPN_ERR_INVALID, 0, "the ticket is malformed, or a test made it up");
	struct keytab opened = { 0 };
	spn_status status = open_keytab(&opened, keytab, err);
	if (!status)
		status = walk(&opened, try_entry, &trial, err);
	close_keytab(&opened);
	return status;
}

/* How near an entry comes to decrypting a ticket; more is nearer. */
enum nearness {
	NOT_SEEN,
	OTHER_ENCTYPE,
	SAME_ENCTYPE,
	SAME_KVNO, /* and enctype */
	DECRYPTS
};

struct nearest {
	unsigned kvno; /* of the ticket */
	enum nearness best;
	spn_keytab_entry entry; /* the best one; its principal is ours */
	char *principal;
};

static spn_status compare(const spn_keytab_entry *entry, spk_key_trial trial, void *data, spn_error *err)
{
	struct nearest *nearest = data;
	enum nearness nearness = OTHER_ENCTYPE;
	if (trial == SPK_KEY_UNSUPPORTED)
		return spn_fail(err, SPN_ERR_FAILED, 0, "a key of the enctype %d cannot be tried: this Kerberos does not support it",
				entry->enctype);
	if (trial == SPK_KEY_DECRYPTS)
		nearness = DECRYPTS;
	else if (trial == SPK_KEY_DOES_NOT)
		nearness = entry->kvno == nearest->kvno ? SAME_KVNO : SAME_ENCTYPE;
	if (nearness <= nearest->best)
		return SPN_OK;
	char *principal = strdup(entry->principal);
	if (!principal)
		return spk_nomem(err);
	free(nearest->principal);
	nearest->principal = principal;
	nearest->entry = *entry;
	nearest->entry.principal = principal;
	nearest->best = nearness;
	return SPN_OK;
}

static spn_keytab_verdict verdict_of(enum nearness best)
{
	switch (best) {
	case DECRYPTS: return SPN_KEYTAB_FITS;
	case SAME_KVNO: return SPN_KEYTAB_WRONG_KEY;
	case SAME_ENCTYPE: return SPN_KEYTAB_OLD_KEY;
	default: return SPN_KEYTAB_NO_ENCTYPE;
	}
}

spn_status spn_keytab_try(const char *keytab, const spn_ticket *ticket, spn_keytab_verdict *ret_verdict,
		spn_keytab_fn *fn, void *data, spn_error *err)
{
	struct nearest nearest = { .best = NOT_SEEN };
	spk_der_ticket inside;
	if (!ticket || !ret_verdict || !spk_der_read_ticket(ticket->der, &inside))
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_keytab_try: an argument is NULL, or the ticket is not a real one");
	nearest.kvno = inside.kvno & 0xffff; /* the KDC of an RODC puts its own number above the 16 bits of the key's */
	spn_status status = spk_keytab_try_each(keytab, ticket, compare, &nearest, err);
	spn_keytab_verdict verdict = verdict_of(nearest.best);
	if (!status && fn && nearest.principal)
		status = fn(&nearest.entry, data, err);
	if (!status)
		*ret_verdict = verdict;
	free(nearest.principal);
	return status;
}
