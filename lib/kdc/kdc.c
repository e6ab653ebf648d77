/* SPDX-License-Identifier: MIT */
#include "kdc.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"

struct spn_kdc {
	spn_kdc_ops ops;
	const spn_kdc_ops *table; /* where they came from */
	void *self;
};

spn_status spn_kdc_new(const spn_kdc_ops *ops, void *self, spn_kdc **ret_kdc, spn_error *err)
{
	static const size_t sizes[] = { offsetof(spn_kdc_ops, store), sizeof(spn_kdc_ops) };
	spn_kdc_ops taken;
	if (!ops || !ret_kdc)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_kdc_new: an argument is NULL");
	spn_status status = spk_take("spn_kdc_ops", ops, sizes, SPN_KDC_OPS_VERSION, &taken, err);
	if (!status && (!taken.name || !taken.request || !taken.free))
		status = spn_fail(err, SPN_ERR_INVALID, 0, "spn_kdc_new: the table lacks a name or a function");
	if (status)
		return status;
	spn_kdc *kdc = malloc(sizeof *kdc);
	if (!kdc)
		return spk_nomem(err);
	*kdc = (spn_kdc){ taken, ops, self };
	*ret_kdc = kdc;
	return SPN_OK;
}

void *spk_kdc_self(const spn_kdc *kdc, const spn_kdc_ops *ops)
{
	return kdc && kdc->table == ops ? kdc->self : NULL;
}

/* What a caller gets, and what it points to. */
struct ticket {
	spn_ticket shown; /* first: the caller has its address */
	char *client, *server, *der;
};

spn_ticket *spn_ticket_free(spn_ticket *ticket)
{
	struct ticket *whole = (struct ticket *)ticket;
	if (!whole)
		return NULL;
	free(whole->client);
	free(whole->server);
	free(whole->der);
	free(whole);
	return NULL;
}

static spn_status keep_ticket(const spn_ticket *given, void *data, spn_error *err)
{
	spn_ticket **kept = data;
	spn_status status = spk_version_check("spn_ticket", given->version, SPN_TICKET_VERSION, err);
	if (status)
		return status;
	struct ticket *ticket = calloc(1, sizeof *ticket);
	if (!ticket)
		return spk_nomem(err);
	ticket->client = strdup(given->client ? given->client : "");
	ticket->server = strdup(given->server ? given->server : "");
	ticket->der = malloc(given->der.len + 1);
	if (!ticket->client || !ticket->server || !ticket->der) {
		spn_ticket_free(&ticket->shown);
		return spk_nomem(err);
	}
	if (given->der.len)
		memcpy(ticket->der, given->der.data, given->der.len);
	ticket->der[given->der.len] = '\0';
	ticket->shown = *given;
	ticket->shown.version = SPN_TICKET_VERSION;
	ticket->shown.client = ticket->client;
	ticket->shown.server = ticket->server;
	ticket->shown.der.data = ticket->der;
	spn_ticket_free(*kept); /* of a KDC that hands over two */
	*kept = &ticket->shown;
	return SPN_OK;
}

spn_status spn_kdc_request(spn_kdc *kdc, const char *spn, spn_ticket **ret_ticket, spn_error *err)
{
	if (!kdc || !spn || !ret_ticket)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_kdc_request: an argument is NULL");
	spn_name name;
	spn_ticket *ticket = NULL;
	spn_status status = spn_name_parse(spn, &name, err);
	if (!status)
		status = kdc->ops.request(kdc->self, spn, keep_ticket, &ticket, err);
	if (!status && !ticket)
		status = spn_fail(err, SPN_ERR_FAILED, 0, "the %s KDC handed over no ticket for '%s'", kdc->ops.name, spn);
	if (status)
		spn_ticket_free(ticket);
	else
		*ret_ticket = ticket;
	return status;
}

spn_status spn_kdc_store(spn_kdc *kdc, const char *spn, const char *ccache, spn_error *err)
{
	if (!kdc || !spn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_kdc_store: an argument is NULL");
	if (!kdc->ops.store)
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "a ticket of a %s KDC cannot be put into a credential cache",
				kdc->ops.name);
	spn_name name;
	spn_status status = spn_name_parse(spn, &name, err);
	return status ? status : kdc->ops.store(kdc->self, spn, ccache, err);
}

spn_kdc *spn_kdc_free(spn_kdc *kdc)
{
	if (kdc) {
		kdc->ops.free(kdc->self);
		free(kdc);
	}
	return NULL;
}

const char *spn_enctype_name(int enctype)
{
	switch (enctype) { /* the Kerberos parameters that IANA lists */
	case 1: return "des-cbc-crc";
	case 3: return "des-cbc-md5";
	case 16: return "des3-cbc-sha1";
	case 17: return "aes128-cts-hmac-sha1-96";
	case 18: return "aes256-cts-hmac-sha1-96";
	case 19: return "aes128-cts-hmac-sha256-128";
	case 20: return "aes256-cts-hmac-sha384-192";
	case 23: return "arcfour-hmac";
	case 24: return "arcfour-hmac-exp";
	}
	return "";
}

const char *spn_keytab_verdict_name(spn_keytab_verdict verdict)
{
	switch (verdict) {
	case SPN_KEYTAB_FITS: return "fits";
	case SPN_KEYTAB_WRONG_KEY: return "wrong-key";
	case SPN_KEYTAB_OLD_KEY: return "old-key";
	case SPN_KEYTAB_NO_ENCTYPE: return "no-enctype";
	}
	return "unknown";
}

const char *spn_handshake_outcome_name(spn_handshake_outcome outcome)
{
	switch (outcome) {
	case SPN_HANDSHAKE_OK: return "ok";
	case SPN_HANDSHAKE_ANONYMOUS: return "anonymous";
	case SPN_HANDSHAKE_NO_NEGOTIATE: return "no-negotiate";
	case SPN_HANDSHAKE_REFUSED: return "refused";
	case SPN_HANDSHAKE_UNPROVED: return "unproved";
	case SPN_HANDSHAKE_REDIRECT: return "redirect";
	case SPN_HANDSHAKE_PROXY: return "proxy";
	case SPN_HANDSHAKE_FORBIDDEN: return "forbidden";
	case SPN_HANDSHAKE_SERVER_ERROR: return "server-error";
	case SPN_HANDSHAKE_DECRYPTED: return "decrypted";
	}
	return "unknown";
}
