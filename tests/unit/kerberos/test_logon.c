/* SPDX-License-Identifier: MIT */
/* Logging on by GSSAPI at a service that is Heimdal's own acceptor: what it is told of the TLS channel, and what is
 * sealed. */
#include "unit.h"

#include <gssapi/gssapi.h>

#include "kdc_server.h"
#include "patience.h"
#include "base/text.h"
#include "kerberos/gss.h"

static spn_error err[1];

/* As much of a certificate as is looked at, and one that differs in a bit of what was signed. */
#define CERTIFICATE { "\x30\x10\x30\x03\x02\x01\x01\x30\x07\x06\x05\x2b\x0e\x03\x02\x1d\x03\x00", 18 }
#define ANOTHER { "\x30\x10\x30\x03\x02\x01\x02\x30\x07\x06\x05\x2b\x0e\x03\x02\x1d\x03\x00", 18 }
#define NONE { NULL, 0 }

struct logon {
	spk_credentials *credentials;
	spk_gss *gss;
	gss_ctx_id_t service;
	OM_uint32 flags; /* what the service was asked for */
	spk_text reply;
};

static void begin(struct logon *logon, spn_bytes certificate, spk_text *token)
{
	*logon = (struct logon){ .service = GSS_C_NO_CONTEXT };
	SPK_AUTOFREE char *name = NULL;
	spk_deadline deadline = spk_deadline_in(1000 * PATIENCE);
	kdc_mood = KDC_TICKETS;
	assert_ok(spk_credentials_open(NULL, NULL, kdc_path("cache"), &logon->credentials, err));
	assert_ok(spk_credentials_ticket(logon->credentials, NULL, "ldap/dc1.example.com", false, deadline, &name, err));
	assert_ok(spk_gss_open(logon->credentials, name, certificate, &logon->gss, err));
	assert_ok(spk_gss_begin(logon->gss, deadline, token, err));
}

/* The service wants the logon to be bound to a channel with that certificate; NULL: it does not care. */
static OM_uint32 accept_token(struct logon *logon, const spk_text *token, const spn_bytes *certificate)
{
	SPK_AUTOTEXT spk_text binding = { 0 };
	struct gss_channel_bindings_struct bindings = { .initiator_addrtype = 0 };
	OM_uint32 minor, major;
	gss_buffer_desc in = { token->len, token->data }, out = GSS_C_EMPTY_BUFFER;
	if (certificate) {
		assert_ok(spk_gss_channel(*certificate, &binding, err));
		bindings.application_data = (gss_buffer_desc){ binding.len, binding.data };
	}
	major = gss_accept_sec_context(&minor, &logon->service, GSS_C_NO_CREDENTIAL, &in,
			certificate ? &bindings : GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &out, &logon->flags, NULL, NULL);
	spk_text_add_bytes(&logon->reply, out.value, out.length);
	gss_release_buffer(&minor, &out);
	return major;
}

static void end(struct logon *logon)
{
	OM_uint32 minor;
	gss_delete_sec_context(&minor, &logon->service, GSS_C_NO_BUFFER);
	spk_gss_free(logon->gss);
	spk_credentials_free(logon->credentials);
	spk_text_free(&logon->reply);
}

static void a_logon_inside_tls_is_bound_to_the_certificate(void **state)
{
	(void)state;
	static const spn_bytes certificate = CERTIFICATE, another = ANOTHER;
	static const struct {
		const char *name;
		const spn_bytes *ours, *theirs;
		bool good;
	} cases[] = {
		{ "the same channel", &certificate, &certificate, true },
		{ "a service that does not care", &certificate, NULL, true },
		{ "a man in the middle with another certificate", &another, &certificate, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct logon logon;
		SPK_AUTOTEXT spk_text token = { 0 };
		begin(&logon, *cases[i].ours, &token);
		OM_uint32 major = accept_token(&logon, &token, cases[i].theirs);
		if ((major == GSS_S_COMPLETE) != cases[i].good || (!cases[i].good && GSS_ROUTINE_ERROR(major) != GSS_S_BAD_BINDINGS))
			fail_msg("%s: %x", cases[i].name, (unsigned)major);
		if (cases[i].good) {
			assert_ok(spk_gss_end(logon.gss, (spn_bytes){ logon.reply.data, logon.reply.len }, err));
			assert_int_equal(logon.flags & (GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG), 0); /* which a controller refuses inside TLS */
		}
		end(&logon);
	}
}

static void a_logon_outside_tls_seals_both_ways(void **state)
{
	(void)state;
	struct logon logon;
	SPK_AUTOTEXT spk_text token = { 0 }, sealed = { 0 }, plain = { 0 };
	begin(&logon, (spn_bytes)NONE, &token);
	assert_int_equal(accept_token(&logon, &token, NULL), GSS_S_COMPLETE);
	assert_ok(spk_gss_end(logon.gss, (spn_bytes){ logon.reply.data, logon.reply.len }, err));
	const OM_uint32 wanted = GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG |
			GSS_C_SEQUENCE_FLAG;
	assert_int_equal(logon.flags & wanted, wanted);
	assert_true(spk_gss_wrap(logon.gss, spk_bytes("a secret name"), &sealed));
	assert_null(memmem(sealed.data, sealed.len, "secret", 6));
	OM_uint32 minor;
	int is_sealed = 0;
	gss_buffer_desc in = { sealed.len, sealed.data }, out = GSS_C_EMPTY_BUFFER;
	assert_int_equal(gss_unwrap(&minor, logon.service, &in, &out, &is_sealed, NULL), GSS_S_COMPLETE);
	assert_true(is_sealed && out.length == 13);
	gss_release_buffer(&minor, &out);
	/* signed only, replayed, changed */
	in = (gss_buffer_desc){ 5, (char[]){ "plain" } };
	assert_int_equal(gss_wrap(&minor, logon.service, 0, GSS_C_QOP_DEFAULT, &in, NULL, &out), GSS_S_COMPLETE);
	assert_false(spk_gss_unwrap(logon.gss, (spn_bytes){ out.value, out.length }, &plain));
	gss_release_buffer(&minor, &out);
	assert_int_equal(gss_wrap(&minor, logon.service, 1, GSS_C_QOP_DEFAULT, &in, NULL, &out), GSS_S_COMPLETE);
	assert_true(spk_gss_unwrap(logon.gss, (spn_bytes){ out.value, out.length }, &plain));
	assert_false(spk_gss_unwrap(logon.gss, (spn_bytes){ out.value, out.length }, &plain));
	gss_release_buffer(&minor, &out);
	assert_int_equal(gss_wrap(&minor, logon.service, 1, GSS_C_QOP_DEFAULT, &in, NULL, &out), GSS_S_COMPLETE);
	((char *)out.value)[out.length - 1] ^= 1;
	assert_false(spk_gss_unwrap(logon.gss, (spn_bytes){ out.value, out.length }, &plain));
	gss_release_buffer(&minor, &out);
	assert_string_equal(plain.data, "plain");
	end(&logon);
}

static void an_answer_that_proves_nothing_is_refused(void **state)
{
	(void)state;
	static const spn_bytes answers[] = { { "", 0 }, { "x", 1 },
		{ "\xa1\x07\x30\x05\xa0\x03\x0a\x01\x00", 9 } /* accept-completed */,
		/* in Kerberos' wrapping, and cut off */
		{ "\x60\x0d\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x02\x00", 15 } };
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct logon logon;
		SPK_AUTOTEXT spk_text token = { 0 };
		begin(&logon, (spn_bytes)NONE, &token);
		assert_int_not_equal(spk_gss_end(logon.gss, answers[i], err), SPN_OK);
		assert_true(err->message[0]);
		end(&logon);
	}
	/* that of another logon */
	struct logon first, second;
	SPK_AUTOTEXT spk_text one = { 0 }, two = { 0 };
	begin(&first, (spn_bytes)NONE, &one);
	begin(&second, (spn_bytes)NONE, &two);
	assert_int_equal(accept_token(&first, &one, NULL), GSS_S_COMPLETE);
	assert_int_not_equal(spk_gss_end(second.gss, (spn_bytes){ first.reply.data, first.reply.len }, err), SPN_OK);
	end(&first);
	end(&second);
}

/* What the mechanism is said not to have granted. */
static OM_uint32 withheld;

OM_uint32 __real_gss_init_sec_context(OM_uint32 *minor, gss_const_cred_id_t cred, gss_ctx_id_t *context,
		gss_const_name_t name, const gss_OID mech, OM_uint32 flags, OM_uint32 time,
		const gss_channel_bindings_t bindings, const gss_buffer_t in,
		gss_OID *actual, gss_buffer_t out, OM_uint32 *granted, OM_uint32 *ret_time);
OM_uint32 __wrap_gss_init_sec_context(OM_uint32 *minor, gss_const_cred_id_t cred, gss_ctx_id_t *context,
		gss_const_name_t name, const gss_OID mech, OM_uint32 flags, OM_uint32 time,
		const gss_channel_bindings_t bindings, const gss_buffer_t in,
		gss_OID *actual, gss_buffer_t out, OM_uint32 *granted, OM_uint32 *ret_time);
OM_uint32 __wrap_gss_init_sec_context(OM_uint32 *minor, gss_const_cred_id_t cred, gss_ctx_id_t *context,
		gss_const_name_t name, const gss_OID mech, OM_uint32 flags, OM_uint32 time,
		const gss_channel_bindings_t bindings, const gss_buffer_t in,
		gss_OID *actual, gss_buffer_t out, OM_uint32 *granted, OM_uint32 *ret_time)
{
	OM_uint32 major = __real_gss_init_sec_context(minor, cred, context, name, mech, flags, time, bindings, in,
			actual, out, granted, ret_time);
	if (granted)
		*granted &= ~withheld;
	return major;
}

static void a_logon_to_which_not_all_is_granted_is_refused(void **state)
{
	(void)state;
	static const OM_uint32 flags[] = { 0, GSS_C_CONF_FLAG, GSS_C_INTEG_FLAG, GSS_C_SEQUENCE_FLAG, GSS_C_REPLAY_FLAG,
		GSS_C_MUTUAL_FLAG };
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		struct logon logon;
		SPK_AUTOTEXT spk_text token = { 0 };
		begin(&logon, (spn_bytes)NONE, &token);
		assert_int_equal(accept_token(&logon, &token, NULL), GSS_S_COMPLETE);
		withheld = flags[i];
		spn_status status = spk_gss_end(logon.gss, (spn_bytes){ logon.reply.data, logon.reply.len }, err);
		withheld = 0;
		if (status != (i ? SPN_ERR_AUTH : SPN_OK))
			fail_msg("without %x: %s", (unsigned)flags[i], spn_status_name(status));
		end(&logon);
	}
}

static int start(void **state)
{
	int failed = kdc_start(state);
	kdc_name_service("ldap/dc1.example.com@" REALM);
	return failed;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_logon_inside_tls_is_bound_to_the_certificate),
		cmocka_unit_test(a_logon_outside_tls_seals_both_ways),
		cmocka_unit_test(a_logon_to_which_not_all_is_granted_is_refused),
		cmocka_unit_test(an_answer_that_proves_nothing_is_refused),
	};
	return cmocka_run_group_tests_name("logon", tests, start, kdc_stop);
}
