/* SPDX-License-Identifier: MIT */
/*
 * GSS-SPNEGO as a mechanism of Cyrus SASL that is compiled in, so that no installed one is needed: those of Heimdal and
 * MIT exclude each other, the latter logs on with the default credentials whatever the caller says, and both hide why
 * Kerberos failed.  It has a name of its own within the process and goes to the server as GSS-SPNEGO.
 */
#include "sasl.h"

#include <string.h>

#include <sasl/saslplug.h>
#include <sys/uio.h>

#include "base/text.h"

/*
 * The framing is SASL's (RFC 4422, section 3.7): a length of four bytes, then a sealed token.  The length of a token is
 * not negotiated when a bind takes one round trip: every server reads this much, and of what servers send, no more than
 * the protocol's own maximum is accepted (RFC 4752, section 3.1: three bytes).
 */
#define HEAD 4u
#define MAX_SENT 0xffffu
#define MAX_READ 0xffffffu
/* GSSAPI does not say how strong it seals; the weakest cipher that Kerberos has left is at least this. */
#define SSF 56u

struct mech {
	struct spk_sasl *sasl;
	spk_gss *gss;
	spk_text out, sealed, plain;
	bool broken; /* by a token that was not sealed for us, not in order, or not whole: nothing is read after it */
};

static int start(void *global, sasl_client_params_t *params, void **ret_mech)
{
	sasl_callback_ft proc;
	void *self = NULL;
	(void)global;
	if (params->utils->getcallback(params->utils->conn, SPK_SASL_CB_SELF, &proc, &self) != SASL_OK)
		return SASL_NOMECH; /* a connection of somebody else in this process */
	struct mech *mech = calloc(1, sizeof *mech);
	if (!mech)
		return SASL_NOMEM;
	mech->sasl = self;
	*ret_mech = mech;
	return SASL_OK;
}

static void dispose(void *self, const sasl_utils_t *utils)
{
	struct mech *mech = self;
	(void)utils;
	if (!mech)
		return;
	spk_gss_free(mech->gss);
	spk_text_free(&mech->out);
	spk_text_free(&mech->sealed);
	spk_text_free(&mech->plain);
	free(mech);
}

/* ---- the layer ---- */

static int encode(void *self, const struct iovec *parts, unsigned n, const char **ret_out, unsigned *ret_len)
{
	struct mech *mech = self;
	spk_text *out = &mech->out;
	spk_text_clear(out);
	for (unsigned i = 0; i < n; i++) {
		size_t at = out->len;
		spk_text_add_bytes(out, "\0\0\0", HEAD);
		if (!spk_gss_wrap(mech->gss, (spn_bytes){ parts[i].iov_base, parts[i].iov_len }, out))
			return out->failed ? SASL_NOMEM : SASL_FAIL;
		size_t size = out->len - at - HEAD;
		for (size_t j = 0; j < HEAD; j++)
			out->data[at + j] = (char)(size >> 8 * (HEAD - 1 - j) & 0xff);
	}
	*ret_out = out->data;
	*ret_len = (unsigned)out->len;
	return SASL_OK;
}

static size_t token_size(const char *at)
{
	const unsigned char *head = (const unsigned char *)at;
	return (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
}

/* Opens the tokens that are there; the rest of them may come in parts.  What precedes a wrong one is good. */
static int decode(void *self, const char *in, unsigned n, const char **ret_out, unsigned *ret_len)
{
	struct mech *mech = self;
	spk_text *sealed = &mech->sealed;
	size_t at = 0;
	spk_text_clear(&mech->plain);
	spk_text_add_bytes(sealed, in, n);
	while (!sealed->failed && !mech->broken && sealed->len - at >= HEAD) {
		size_t size = token_size(sealed->data + at);
		if (size <= MAX_READ && sealed->len - at - HEAD < size)
			break;
		mech->broken = size > MAX_READ ||
				!spk_gss_unwrap(mech->gss, (spn_bytes){ sealed->data + at + HEAD, size }, &mech->plain);
		at += HEAD + size;
	}
	if (sealed->failed || mech->plain.failed)
		return SASL_NOMEM;
	if (mech->broken && mech->plain.len == 0)
		return SASL_BADPROT;
	if (mech->broken)
		at = sealed->len;
	memmove(sealed->data, sealed->data + at, sealed->len - at);
	sealed->len -= at;
	*ret_out = mech->plain.data;
	*ret_len = (unsigned)mech->plain.len;
	return SASL_OK;
}

/* ---- the log-on: one request, one answer ([MS-ADTS] 5.1.1.1.2) ---- */

static int fail(struct spk_sasl *sasl, spn_status status)
{
	sasl->status = status;
	return SASL_FAIL;
}

static int begin(struct mech *mech, const char **ret_out, unsigned *ret_len)
{
	struct spk_sasl *sasl = mech->sasl;
	spn_bytes certificate = { sasl->certificate.bv_val, sasl->certificate.bv_len };
	spn_status status = spk_gss_open(sasl->ldap->credentials, sasl->principal, certificate, &mech->gss, sasl->err);
	if (!status)
		status = spk_gss_begin(mech->gss, sasl->link->transport.deadline, &mech->out, sasl->err);
	if (status)
		return fail(sasl, status);
	*ret_out = mech->out.data;
	*ret_len = (unsigned)mech->out.len;
	return SASL_CONTINUE;
}

static int end(struct mech *mech, sasl_client_params_t *params, spn_bytes answer, sasl_out_params_t *ret)
{
	struct spk_sasl *sasl = mech->sasl;
	spn_status status = spk_gss_end(mech->gss, answer, sasl->err);
	if (status)
		return fail(sasl, status);
	int code = params->canon_user(params->utils->conn, spk_credentials_principal(sasl->ldap->credentials), 0,
			SASL_CU_AUTHID | SASL_CU_AUTHZID, ret);
	if (code != SASL_OK)
		return code;
	ret->doneflag = 1;
	if (sasl->certificate.bv_len) /* Active Directory takes no sealing inside TLS */
		return SASL_OK;
	ret->mech_ssf = SSF;
	ret->maxoutbuf = (unsigned)spk_gss_limit(mech->gss, MAX_SENT);
	ret->encode_context = ret->decode_context = mech;
	ret->encode = encode;
	ret->decode = decode;
	return ret->maxoutbuf > 0 ? SASL_OK : SASL_FAIL;
}

static int step(void *self, sasl_client_params_t *params, const char *in, unsigned n, sasl_interact_t **prompt,
		const char **ret_out, unsigned *ret_len, sasl_out_params_t *ret)
{
	struct mech *mech = self;
	(void)prompt;
	*ret_out = NULL;
	*ret_len = 0;
	return mech->gss ? end(mech, params, (spn_bytes){ in, n }, ret) : begin(mech, ret_out, ret_len);
}

static int describe(const sasl_utils_t *utils, int version, int *ret_version, sasl_client_plug_t **ret_list, int *ret_n)
{
	static const unsigned long no_prompts[] = {
		SASL_CB_LIST_END
	}; /* Cyrus SASL reads this list without asking for NULL */
	static sasl_client_plug_t plug = {
		.mech_name = SPK_SASL_GSS_SPNEGO,
		.max_ssf = SSF,
		.security_flags = SASL_SEC_NOPLAINTEXT | SASL_SEC_NOACTIVE | SASL_SEC_NOANONYMOUS | SASL_SEC_MUTUAL_AUTH,
		.features = SASL_FEAT_NEEDSERVERFQDN | SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_CHANNEL_BINDING,
		.required_prompts = no_prompts,
		.mech_new = start,
		.mech_step = step,
		.mech_dispose = dispose,
	};
	(void)utils;
	if (version < SASL_CLIENT_PLUG_VERSION)
		return SASL_BADVERS;
	*ret_version = SASL_CLIENT_PLUG_VERSION;
	*ret_list = &plug;
	*ret_n = 1;
	return SASL_OK;
}

int spk_mech_add(void)
{
	int code = sasl_client_init(NULL); /* libldap has done it: this counts one user more */
	return code == SASL_OK ? sasl_client_add_plugin("spnkit", describe) : code;
}
