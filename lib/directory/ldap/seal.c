/* SPDX-License-Identifier: MIT */
/* The layer of Cyrus SASL below libldap: what is said from now on is encoded and decoded by the mechanism of the
 * log-on. */
#include "sasl.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"

#define READ_AT_ONCE 0x4000

static int setup(Sockbuf_IO_Desc *io, void *arg)
{
	io->sbiod_pvt = arg;
	return 0;
}

static int unset(Sockbuf_IO_Desc *io)
{
	io->sbiod_pvt = NULL;
	return 0;
}

static int hang_up(Sockbuf_IO_Desc *io)
{
	(void)io; /* the transport does */
	return 0;
}

static ber_slen_t broken(struct spk_sasl *sasl, int code)
{
	int error = code == SASL_NOMEM ? ENOMEM : EPROTO;
	if (!sasl->link->transport.error)
		sasl->link->transport.error = error;
	errno = error;
	return -1;
}

static int control(Sockbuf_IO_Desc *io, int option, void *arg)
{
	const struct spk_sasl *sasl = io->sbiod_pvt;
	if (option == LBER_SB_OPT_DATA_READY && sasl->left)
		return 1;
	return LBER_SBIOD_CTRL_NEXT(io, option, arg);
}

/* A token may come in many parts: until it is whole, nothing is decoded. */
static ber_slen_t receive(Sockbuf_IO_Desc *io, void *buffer, ber_len_t size)
{
	struct spk_sasl *sasl = io->sbiod_pvt;
	while (!sasl->left) {
		char sealed[READ_AT_ONCE];
		ber_slen_t n = LBER_SBIOD_READ_NEXT(io, sealed, sizeof sealed);
		if (n <= 0)
			return n;
		int code = sasl_decode(sasl->conn, sealed, (unsigned)n, &sasl->plain, &sasl->left);
		if (code != SASL_OK) {
			sasl->left = 0;
			return broken(sasl, code);
		}
	}
	unsigned n = sasl->left < size ? sasl->left : (unsigned)size;
	memcpy(buffer, sasl->plain, n);
	sasl->plain += n;
	sasl->left -= n;
	return n;
}

/* libldap asks again for what a part of its message leaves. */
static ber_slen_t transmit(Sockbuf_IO_Desc *io, void *buffer, ber_len_t size)
{
	struct spk_sasl *sasl = io->sbiod_pvt;
	unsigned n = size < sasl->limit ? (unsigned)size : sasl->limit, len = 0;
	const char *out = NULL;
	int code = sasl_encode(sasl->conn, buffer, n, &out, &len);
	if (code != SASL_OK)
		return broken(sasl, code);
	for (unsigned sent = 0; sent < len;) {
		ber_slen_t part = LBER_SBIOD_WRITE_NEXT(io, (void *)(uintptr_t)(out + sent), len - sent);
		if (part <= 0)
			return -1;
		sent += (unsigned)part;
	}
	return n;
}

spn_status spk_link_seal(spk_link *link, struct spk_sasl *sasl, spn_error *err)
{
	static Sockbuf_IO io = { setup, unset, control, receive, transmit, hang_up };
	Sockbuf *sockbuf = NULL;
	const void *limit = NULL;
	if (sasl_getprop(sasl->conn, SASL_MAXOUTBUF, &limit) == SASL_OK && limit)
		sasl->limit = *(const unsigned *)limit;
	if (sasl->limit == 0 || ldap_get_option(link->ld, LDAP_OPT_SOCKBUF, &sockbuf) ||
			ber_sockbuf_add_io(sockbuf, &io, LBER_SBIOD_LEVEL_APPLICATION, sasl))
		return spn_fail(err, SPN_ERR_FAILED, 0, "the connection cannot be sealed");
	return SPN_OK;
}
