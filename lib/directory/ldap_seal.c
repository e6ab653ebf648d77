/* SPDX-License-Identifier: MIT */
#include "ldap_private.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"

/*
 * SASL's framing (RFC 4422, section 3.7): a length of four bytes, then a sealed token.  Nobody says how long a token may
 * be when a bind takes one round trip: this much every server reads, and of what servers send, no more than the protocol's
 * own maximum is believed (RFC 4752, section 3.1: three bytes).
 */
#define HEAD 4
#define MAX_SENT 0xffff
#define MAX_READ 0xffffff
#define READ_AT_ONCE 0x4000

struct spk_seal {
	spk_gss *gss;
	spk_transport *transport; /* to be told when the protocol is broken */
	size_t limit;             /* longest message in one token */
	spk_text sealed, plain;   /* what was read */
	size_t used;              /* of plain, that libldap has got */
};

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

static ber_slen_t broken(struct spk_seal *seal, int error)
{
	if (!seal->transport->error)
		seal->transport->error = error;
	errno = error;
	return -1;
}

static size_t token_size(const struct spk_seal *seal)
{
	const unsigned char *head = (const unsigned char *)seal->sealed.data;
	return (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
}

static bool has_token(const struct spk_seal *seal)
{
	return seal->sealed.len >= HEAD && seal->sealed.len - HEAD >= token_size(seal);
}

static int control(Sockbuf_IO_Desc *io, int option, void *arg)
{
	const struct spk_seal *seal = io->sbiod_pvt;
	if (option == LBER_SB_OPT_DATA_READY && (seal->used < seal->plain.len || has_token(seal)))
		return 1;
	return LBER_SBIOD_CTRL_NEXT(io, option, arg);
}

/* Opens the first token that was read. */
static bool open_token(struct spk_seal *seal)
{
	size_t size = HEAD + token_size(seal);
	spk_text_clear(&seal->plain);
	seal->used = 0;
	if (!spk_gss_unwrap(seal->gss, (spn_bytes){ seal->sealed.data + HEAD, size - HEAD }, &seal->plain))
		return false;
	memmove(seal->sealed.data, seal->sealed.data + size, seal->sealed.len - size);
	seal->sealed.len -= size;
	return true;
}

/* Reads what there is.  Returns as read(2) does. */
static ber_slen_t read_more(Sockbuf_IO_Desc *io, struct spk_seal *seal)
{
	char buffer[READ_AT_ONCE];
	ber_slen_t n = LBER_SBIOD_READ_NEXT(io, buffer, sizeof buffer);
	if (n <= 0)
		return n;
	spk_text_add_bytes(&seal->sealed, buffer, (size_t)n);
	if (seal->sealed.failed)
		return broken(seal, ENOMEM);
	if (seal->sealed.len >= HEAD && token_size(seal) > MAX_READ)
		return broken(seal, EPROTO);
	return n;
}

static ber_slen_t receive(Sockbuf_IO_Desc *io, void *buffer, ber_len_t size)
{
	struct spk_seal *seal = io->sbiod_pvt;
	while (seal->used == seal->plain.len) {
		if (has_token(seal)) {
			if (token_size(seal) > MAX_READ || !open_token(seal))
				return broken(seal, EPROTO);
			continue;
		}
		ber_slen_t n = read_more(io, seal);
		if (n <= 0)
			return n;
	}
	size_t n = seal->plain.len - seal->used;
	if (n > size)
		n = size;
	memcpy(buffer, seal->plain.data + seal->used, n);
	seal->used += n;
	return (ber_slen_t)n;
}

static ber_slen_t send_all(Sockbuf_IO_Desc *io, const spk_text *text)
{
	for (size_t sent = 0; sent < text->len;) {
		ber_slen_t n = LBER_SBIOD_WRITE_NEXT(io, text->data + sent, text->len - sent);
		if (n <= 0)
			return -1;
		sent += (size_t)n;
	}
	return (ber_slen_t)text->len;
}

/* libldap asks again for what a part of its message leaves. */
static ber_slen_t transmit(Sockbuf_IO_Desc *io, void *buffer, ber_len_t size)
{
	struct spk_seal *seal = io->sbiod_pvt;
	size_t n = size < seal->limit ? size : seal->limit;
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_text_add_bytes(&text, "\0\0\0", HEAD);
	if (!spk_gss_wrap(seal->gss, (spn_bytes){ buffer, n }, &text))
		return broken(seal, EPROTO);
	size_t len = text.len - HEAD;
	for (size_t i = 0; i < HEAD; i++)
		text.data[i] = (char)(len >> 8 * (HEAD - 1 - i) & 0xff);
	return send_all(io, &text) < 0 ? -1 : (ber_slen_t)n;
}

void spk_seal_free(struct spk_seal *seal)
{
	if (!seal)
		return;
	spk_gss_free(seal->gss);
	spk_text_free(&seal->sealed);
	spk_text_free(&seal->plain);
	free(seal);
}

spn_status spk_link_seal(spk_link *link, spk_gss **gss, spn_error *err)
{
	static Sockbuf_IO io = { setup, unset, control, receive, transmit, hang_up };
	Sockbuf *sockbuf = NULL;
	struct spk_seal *seal = calloc(1, sizeof *seal);
	if (!seal)
		return spk_nomem(err);
	seal->transport = &link->transport;
	seal->limit = spk_gss_limit(*gss, MAX_SENT);
	bool attached = seal->limit > 0 && ldap_get_option(link->ld, LDAP_OPT_SOCKBUF, &sockbuf) == 0 &&
			ber_sockbuf_add_io(sockbuf, &io, LBER_SBIOD_LEVEL_APPLICATION, seal) == 0;
	if (!attached) {
		free(seal);
		return spn_fail(err, SPN_ERR_FAILED, 0, "the connection cannot be sealed");
	}
	seal->gss = *gss;
	*gss = NULL;
	link->seal = seal;
	return SPN_OK;
}
