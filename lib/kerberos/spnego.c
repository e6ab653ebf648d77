/* SPDX-License-Identifier: MIT */
#include "spnego.h"

#include <string.h>

#include "der.h"

/* 1.2.840.113554.1.2.2 */
static const char oid_krb5[] = { 0x2a, (char)0x86, 0x48, (char)0x86, (char)0xf7, 0x12, 0x01, 0x02, 0x02 };
/* 1.3.6.1.5.5.2 */
static const char oid_spnego[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02 };

/* TOK_ID of an AP-REQ, an AP-REP and of a KRB-ERROR (RFC 4121, section 4.1) */
#define TOKEN_REQUEST "\x01\x00"
#define TOKEN_PROOF "\x02\x00"
#define TOKEN_ERROR "\x03\x00"

static size_t head_size(size_t len)
{
	return len < 0x80 ? 2 : len < 0x100 ? 3 : len < 0x10000 ? 4 : len < 0x1000000 ? 5 : 6;
}

static void add_head(spk_text *text, int tag, size_t len)
{
	size_t n_bytes = head_size(len) - 2;
	spk_text_add_char(text, (char)tag);
	spk_text_add_char(text, (char)(n_bytes ? 0x80 | n_bytes : len));
	while (n_bytes-- > 0)
		spk_text_add_char(text, (char)(len >> 8 * n_bytes & 0xff));
}

/* With the head of what it is put in. */
static size_t element(size_t len)
{
	return head_size(len) + len;
}

void spk_spnego_wrap(spk_text *text, spn_bytes krb5_token)
{
	size_t oid = element(sizeof oid_krb5), types = element(element(oid)), token = element(element(krb5_token.len));
	size_t init = element(element(types + token));
	add_head(text, SPK_DER_APPLICATION(0), element(sizeof oid_spnego) + init);
	add_head(text, SPK_DER_OID, sizeof oid_spnego);
	spk_text_add_bytes(text, oid_spnego, sizeof oid_spnego);
	add_head(text, SPK_DER_CONTEXT(0), element(types + token));
	add_head(text, SPK_DER_SEQUENCE, types + token);
	add_head(text, SPK_DER_CONTEXT(0), element(oid)); /* mechTypes */
	add_head(text, SPK_DER_SEQUENCE, oid);
	add_head(text, SPK_DER_OID, sizeof oid_krb5);
	spk_text_add_bytes(text, oid_krb5, sizeof oid_krb5);
	add_head(text, SPK_DER_CONTEXT(2), element(krb5_token.len)); /* mechToken */
	add_head(text, SPK_DER_OCTETS, krb5_token.len);
	spk_text_add_bytes(text, krb5_token.data, krb5_token.len);
}

void spk_spnego_wrap_request(spk_text *text, spn_bytes request)
{
	SPK_AUTOTEXT spk_text token = { 0 };
	add_head(&token, SPK_DER_APPLICATION(0), element(sizeof oid_krb5) + 2 + request.len);
	add_head(&token, SPK_DER_OID, sizeof oid_krb5);
	spk_text_add_bytes(&token, oid_krb5, sizeof oid_krb5);
	spk_text_add_bytes(&token, TOKEN_REQUEST, 2);
	spk_text_add_bytes(&token, request.data, request.len);
	spk_spnego_wrap(text, (spn_bytes){ token.data, token.len });
	text->failed |= token.failed;
}

static bool is_oid(spn_bytes oid, const char *wanted, size_t len)
{
	return oid.len == len && memcmp(oid.data, wanted, len) == 0;
}

static void read_error(spn_bytes der, spk_spnego_reply *reply)
{
	spn_bytes fields;
	int64_t code;
	if (!spk_der_take(&der, SPK_DER_APPLICATION(30), &fields) || !spk_der_take(&fields, SPK_DER_SEQUENCE, &fields) ||
			!spk_der_int_field(fields, 6, &code) || code <= 0 || code > 0xffff)
		return;
	reply->krb5_code = (int)code;
	spk_der_field(fields, 11, 0x1b, &reply->krb5_text); /* GeneralString */
}

/* [APPLICATION 0] { mechanism, token id, message } (RFC 2743, section 3.1); a KRB-ERROR may also come bare. */
static void read_krb5(spn_bytes token, spk_spnego_reply *reply)
{
	spn_bytes whole = token, inside, oid;
	reply->krb5_token = token;
	read_error(token, reply);
	if (!spk_der_take(&whole, SPK_DER_APPLICATION(0), &inside) || !spk_der_take(&inside, SPK_DER_OID, &oid))
		return;
	if (inside.len < 2 || !is_oid(oid, oid_krb5, sizeof oid_krb5))
		return;
	spn_bytes message = { inside.data + 2, inside.len - 2 }, fields;
	if (memcmp(inside.data, TOKEN_ERROR, 2) == 0)
		read_error(message, reply);
	else if (memcmp(inside.data, TOKEN_PROOF, 2) == 0)
		reply->is_proof = whole.len == 0 && spk_der_take(&message, SPK_DER_APPLICATION(15), &fields) && message.len == 0;
}

static void read_response(spn_bytes response, spk_spnego_reply *reply)
{
	spn_bytes fields, part;
	if (!spk_der_take(&response, SPK_DER_SEQUENCE, &fields))
		return;
	if (spk_der_field(fields, 0, SPK_DER_ENUMERATED, &part) && part.len == 1)
		reply->state = (unsigned char)part.data[0];
	if (spk_der_field(fields, 2, SPK_DER_OCTETS, &part))
		read_krb5(part, reply);
}

spk_spnego_reply spk_spnego_read(spn_bytes token)
{
	static const char ntlm[] = "NTLMSSP"; /* with its NUL ([MS-NLMP] 2.2.1) */
	spk_spnego_reply reply = { .state = -1 };
	spn_bytes whole = token, inside, oid;
	if (token.len >= sizeof ntlm && memcmp(token.data, ntlm, sizeof ntlm) == 0)
		reply.is_ntlm = true;
	else if (spk_der_take(&whole, SPK_DER_CONTEXT(1), &inside))
		read_response(inside, &reply);
	else if (spk_der_take(&whole, SPK_DER_APPLICATION(0), &inside) && spk_der_take(&inside, SPK_DER_OID, &oid) &&
			is_oid(oid, oid_spnego, sizeof oid_spnego)) {
		if (spk_der_take(&inside, SPK_DER_CONTEXT(1), &inside))
			read_response(inside, &reply);
	} else if (token.len > 0)
		read_krb5(token, &reply);
	if (reply.krb5_token.len >= sizeof ntlm && memcmp(reply.krb5_token.data, ntlm, sizeof ntlm) == 0) {
		reply.is_ntlm = true;
		reply.krb5_token.len = 0;
	}
	return reply;
}
