/* SPDX-License-Identifier: MIT */
#include "gss.h"

#include <string.h>

#include <gssapi/gssapi_krb5.h>
#include <hcrypto/evp.h>

#include "credentials_private.h"
#include "der.h"
#include "krb5_error.h"
#include "send_to_kdc.h"
#include "spnego.h"
#include "base/error.h"

#define SEALING (GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG)

struct spk_gss {
	spk_credentials *credentials;
	char *service; /* "ldap/dc1.example.com@EXAMPLE.COM" */
	gss_name_t name;
	gss_ctx_id_t context;
	OM_uint32 flags; /* that are asked for, and have to be granted */
	spk_text binding;
};

spk_gss *spk_gss_free(spk_gss *gss)
{
	if (!gss)
		return NULL;
	OM_uint32 minor;
	if (gss->context) /* whatever has happened to it: nothing else may be done with one that has failed */
		gss_delete_sec_context(&minor, &gss->context, GSS_C_NO_BUFFER);
	if (gss->name)
		gss_release_name(&minor, &gss->name);
	spk_text_free(&gss->binding);
	free(gss->service);
	free(gss);
	return NULL;
}

/* The hash of the certificate's own signature, or SHA-256 where that is weaker or has none (RFC 5929, section 4.1). */
static const EVP_MD *hash_of(spn_bytes certificate)
{
	static const struct {
		const char *oid;
		size_t len;
		const EVP_MD *(*hash)(void);
	} hashes[] = {
		{ "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", 9, EVP_sha384 }, /* sha384WithRSAEncryption */
		{ "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", 9, EVP_sha512 }, /* sha512WithRSAEncryption */
		{ "\x2a\x86\x48\xce\x3d\x04\x03\x03", 8, EVP_sha384 },     /* ecdsa-with-SHA384 */
		{ "\x2a\x86\x48\xce\x3d\x04\x03\x04", 8, EVP_sha512 },     /* ecdsa-with-SHA512 */
	};
	spn_bytes whole = certificate, fields, part, oid;
	if (!spk_der_take(&whole, SPK_DER_SEQUENCE, &fields) || !spk_der_take(&fields, SPK_DER_SEQUENCE, &part) ||
			!spk_der_take(&fields, SPK_DER_SEQUENCE, &part) || !spk_der_take(&part, SPK_DER_OID, &oid))
		return NULL;
	for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++)
		if (oid.len == hashes[i].len && memcmp(oid.data, hashes[i].oid, oid.len) == 0)
			return hashes[i].hash();
	return EVP_sha256();
}

spn_status spk_gss_channel(spn_bytes certificate, spk_text *ret_binding, spn_error *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	const EVP_MD *hash = hash_of(certificate);
	if (!hash || !EVP_Digest(certificate.data, certificate.len, digest, &len, hash, NULL))
		return spn_fail(err, SPN_ERR_FAILED, 0,
				"the server's certificate cannot be read, so the logon cannot be bound to it");
	spk_text_add(ret_binding, "tls-server-end-point:");
	spk_text_add_bytes(ret_binding, digest, len);
	return ret_binding->failed ? spk_nomem(err) : SPN_OK;
}

static spn_status fail(const spk_gss *gss, OM_uint32 minor, spn_error *err)
{
	return spk_krb5_fail(err, gss->credentials->krb5, (krb5_error_code)minor, "GSSAPI cannot log on to '%s' as '%s'",
			gss->service, gss->credentials->name);
}

spn_status spk_gss_open(spk_credentials *credentials, const char *principal, spn_bytes certificate, spk_gss **ret_gss,
		spn_error *err)
{
	SPK_AUTO(spk_gss) *gss = calloc(1, sizeof *gss);
	if (!gss || !(gss->service = strdup(principal)))
		return spk_nomem(err);
	gss->credentials = credentials;
	gss->flags = certificate.len ? GSS_C_MUTUAL_FLAG : GSS_C_MUTUAL_FLAG | SEALING;
	spn_status status = certificate.len ? spk_gss_channel(certificate, &gss->binding, err) : SPN_OK;
	if (status)
		return status;
	OM_uint32 minor;
	gss_buffer_desc text = { strlen(gss->service), gss->service };
	if (GSS_ERROR(gss_import_name(&minor, &text, GSS_KRB5_NT_PRINCIPAL_NAME, &gss->name)))
		return fail(gss, minor, err);
	*ret_gss = gss;
	gss = NULL;
	return SPN_OK;
}

/* Heimdal offers to sign and seal, asked or not, unless it is told; and Active Directory refuses that inside TLS. */
static spn_status take_cred(const spk_gss *gss, void **ret_cred, spn_error *err)
{
	spn_status status = spk_credentials_gss(gss->credentials, ret_cred, err);
	gss_cred_id_t cred = *ret_cred;
	gss_buffer_desc empty = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	if (!status && gss->binding.len && GSS_ERROR(gss_set_cred_option(&minor, &cred, GSS_KRB5_CRED_NO_CI_FLAGS_X, &empty)))
		return fail(gss, minor, err);
	return status;
}

/* With the mechanism of Kerberos itself: that of SPNEGO takes no credentials of ours, and hides why it fails. */
static spn_status step(spk_gss *gss, spn_bytes in, spk_text *out, bool *ret_complete, spn_error *err)
{
	void *cred = NULL;
	spn_status status = take_cred(gss, &cred, err);
	if (status)
		return status;
	struct gss_channel_bindings_struct binding = { .application_data = { gss->binding.len, gss->binding.data } };
	gss_buffer_desc input = { in.len, (void *)(uintptr_t)in.data }, output = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor, ignored, granted = 0, major = gss_init_sec_context(&minor, cred, &gss->context, gss->name,
			GSS_KRB5_MECHANISM, gss->flags, 0, gss->binding.len ? &binding : GSS_C_NO_CHANNEL_BINDINGS,
			in.len ? &input : GSS_C_NO_BUFFER, NULL, &output, &granted, NULL);
	if (out)
		spk_text_add_bytes(out, output.value, output.length);
	gss_release_buffer(&ignored, &output);
	if (GSS_ERROR(major))
		return fail(gss, minor, err);
	*ret_complete = major == GSS_S_COMPLETE && (granted & gss->flags) == gss->flags;
	return SPN_OK;
}

spn_status spk_gss_begin(spk_gss *gss, spk_deadline deadline, spk_text *ret_token, spn_error *err)
{
	SPK_AUTOTEXT spk_text token = { 0 };
	bool complete;
	spk_kdc_limit(deadline);
	spn_status status = step(gss, (spn_bytes){ NULL, 0 }, &token, &complete, err);
	spk_kdc_limit(0);
	if (status)
		return status;
	spk_spnego_wrap(ret_token, (spn_bytes){ token.data, token.len });
	return token.failed || ret_token->failed ? spk_nomem(err) : SPN_OK;
}

spn_status spk_gss_end(spk_gss *gss, spn_bytes token, spn_error *err)
{
	/* one mechanism was offered, so there is nothing that a checksum over the offer would protect */
	spk_spnego_reply reply = spk_spnego_read(token);
	bool complete = false;
	if (reply.krb5_code)
		return fail(gss, (OM_uint32)(KRB5KDC_ERR_NONE + reply.krb5_code), err);
	if (reply.is_proof) {
		spn_status status = step(gss, reply.krb5_token, NULL, &complete, err);
		if (status)
			return status;
	}
	if (!complete || reply.state > 0)
		return spn_fail(err, SPN_ERR_AUTH, 0, "'%s' does not prove who it is, or does not want to %s", gss->service,
				gss->binding.len ? "be asked" : "sign and seal");
	return SPN_OK;
}

bool spk_gss_wrap(spk_gss *gss, spn_bytes message, spk_text *ret_token)
{
	OM_uint32 minor;
	int sealed = 0;
	gss_buffer_desc in = { message.len, (void *)(uintptr_t)message.data }, out = GSS_C_EMPTY_BUFFER;
	OM_uint32 major = gss_wrap(&minor, gss->context, 1, GSS_C_QOP_DEFAULT, &in, &sealed, &out);
	bool good = !GSS_ERROR(major) && sealed;
	if (good)
		spk_text_add_bytes(ret_token, out.value, out.length);
	gss_release_buffer(&minor, &out);
	return good && !ret_token->failed;
}

bool spk_gss_unwrap(spk_gss *gss, spn_bytes token, spk_text *ret_message)
{
	OM_uint32 minor;
	int sealed = 0;
	gss_buffer_desc in = { token.len, (void *)(uintptr_t)token.data }, out = GSS_C_EMPTY_BUFFER;
	/* anything but COMPLETE is a message that was replayed, lost or moved */
	bool good = gss_unwrap(&minor, gss->context, &in, &out, &sealed, NULL) == GSS_S_COMPLETE && sealed;
	if (good)
		spk_text_add_bytes(ret_message, out.value, out.length);
	gss_release_buffer(&minor, &out);
	return good && !ret_message->failed;
}

size_t spk_gss_limit(spk_gss *gss, size_t token_size)
{
	OM_uint32 minor, size = 0;
	OM_uint32 major = gss_wrap_size_limit(&minor, gss->context, 1, GSS_C_QOP_DEFAULT, (OM_uint32)token_size, &size);
	return GSS_ERROR(major) ? 0 : size;
}
