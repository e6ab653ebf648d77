/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <krb5.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "kerberos/cause.h"
#include "kerberos/der.h"
#include "kerberos/krb5_error.h"
#include "kerberos/send_to_kdc.h"
#include "kerberos/service.h"

enum { AES128 = 17, AES256 = 18, RC4 = 23 };
/* RFC 4120: 5.9.1, 5.4.2, 7.5.2 */
#define KRB_ERROR SPK_DER_APPLICATION(30)
#define AS_REP SPK_DER_APPLICATION(11)
enum { ERROR_CODE = 6, E_DATA = 12 }; /* fields of a KRB-ERROR */
enum { PA_ETYPE_INFO2 = 19 };
enum { KDC_ERR_C_PRINCIPAL_UNKNOWN = 6, KDC_ERR_PREAUTH_REQUIRED = 25 };

/* A question at work. */
struct asking {
	krb5_context krb5;
	krb5_principal account;
	const char *name, *realm; /* as they were given */
	spk_deadline deadline;
	unsigned keys;
	char *salt;
};

static void clear(struct asking *asking)
{
	if (asking->account)
		krb5_free_principal(asking->krb5, asking->account);
	if (asking->krb5)
		krb5_free_context(asking->krb5);
	free(asking->salt);
}
#define AUTOASKING __attribute__((cleanup(clear)))

/* ---- the question ---- */

/* Requests a ticket-granting ticket, with one encryption type and nothing that proves who asks.  Heimdal takes a
 * refusal for the beginning of a conversation, which ends here. */
static krb5_error_code exchange(const struct asking *asking, krb5_enctype enctype, krb5_data *ret_answer)
{
	krb5_get_init_creds_opt *options = NULL;
	krb5_init_creds_context request = NULL;
	krb5_error_code code = krb5_get_init_creds_opt_alloc(asking->krb5, &options);
	if (code)
		return code;
	krb5_get_init_creds_opt_set_etype_list(options, &enctype, 1);
	code = krb5_init_creds_init(asking->krb5, asking->account, NULL, NULL, 0, options, &request);
	if (!code) {
		spk_kdc_limit(asking->deadline);
		spk_kdc_ask_once(ret_answer);
		code = krb5_init_creds_get(asking->krb5, request);
		spk_kdc_ask_once(NULL);
		spk_kdc_limit(0);
	}
	if (request)
		krb5_init_creds_free(asking->krb5, request);
	krb5_get_init_creds_opt_free(asking->krb5, options);
	return ret_answer->length ? 0 : code;
}

/* ---- the answer ---- */

/* The entry of a list of keys that has this encryption type, and its salt, which may be absent. */
static bool find_key(spn_bytes value, int enctype, spn_bytes *ret_salt)
{
	spn_bytes list, entry;
	int64_t number;
	if (!spk_der_take(&value, SPK_DER_SEQUENCE, &list))
		return false;
	while (spk_der_take(&list, SPK_DER_SEQUENCE, &entry)) {
		if (!spk_der_int_field(entry, 0, &number) || number != enctype)
			continue;
		if (!spk_der_field(entry, 1, SPK_DER_STRING, ret_salt))
			*ret_salt = (spn_bytes){ NULL, 0 };
		return true;
	}
	return false;
}

/* Of the hints that come with a refusal. */
static bool find_hint(spn_bytes error, int enctype, spn_bytes *ret_salt)
{
	spn_bytes hints, list, hint, value;
	int64_t type;
	if (!spk_der_field(error, E_DATA, SPK_DER_OCTETS, &hints) || !spk_der_take(&hints, SPK_DER_SEQUENCE, &list))
		return false;
	while (spk_der_take(&list, SPK_DER_SEQUENCE, &hint))
		if (spk_der_int_field(hint, 1, &type) && type == PA_ETYPE_INFO2 && spk_der_field(hint, 2, SPK_DER_OCTETS, &value) &&
				find_key(value, enctype, ret_salt))
			return true;
	return false;
}

static spn_status note_key(struct asking *asking, int enctype, spn_bytes salt, spn_error *err)
{
	asking->keys |= enctype == AES256 ? SPN_ENC_AES256 : enctype == AES128 ? SPN_ENC_AES128 : SPN_ENC_RC4;
	if (enctype == RC4 || asking->salt || !salt.data)
		return SPN_OK;
	asking->salt = spk_printf("%.*s", (int)salt.len, salt.data);
	return asking->salt ? SPN_OK : spk_nomem(err);
}

static spn_status take_answer(struct asking *asking, int enctype, spn_bytes answer, spn_error *err)
{
	spn_bytes error, salt = { NULL, 0 };
	int64_t code;
	int tag = 0;
	spn_bytes rest = answer;
	bool is_error = spk_der_next(&rest, &tag, &error) && tag == KRB_ERROR &&
			spk_der_take(&error, SPK_DER_SEQUENCE, &error) && spk_der_int_field(error, ERROR_CODE, &code) &&
			code > 0 && code < 128;
	if (is_error && code == SPK_ETYPE_NOSUPP)
		return SPN_OK;
	if (is_error && code == KDC_ERR_PREAUTH_REQUIRED)
		return find_hint(error, enctype, &salt) ? note_key(asking, enctype, salt, err) : SPN_OK;
	if (is_error && code == KDC_ERR_C_PRINCIPAL_UNKNOWN)
		return spn_fail(err, SPN_ERR_NOT_FOUND, KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN,
				"the KDC of '%s' knows no account '%s'", asking->realm, asking->name);
	if (is_error)
		return spk_krb5_fail(err, asking->krb5, (krb5_error_code)(KRB5KDC_ERR_NONE + code),
				"the KDC of '%s' does not tell the keys of '%s'", asking->realm, asking->name);
	if (tag == AS_REP)
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"'%s' needs no preauthentication: its password can be guessed from what the KDC gives "
				"anybody; that was discarded, and its keys are not known",
				asking->name);
	return spn_fail(err, SPN_ERR_FAILED, 0,
			"the KDC of '%s' gave no answer to be understood when asked for the keys of '%s'",
			asking->realm, asking->name);
}

static spn_status ask(struct asking *asking, int enctype, spn_error *err)
{
	krb5_data answer = { 0, NULL };
	krb5_error_code code = exchange(asking, enctype, &answer);
	if (code)
		return spk_krb5_fail(err, asking->krb5, code, "the KDC of '%s' cannot be asked for the keys of '%s'",
				asking->realm, asking->name);
	spn_status status = take_answer(asking, enctype, (spn_bytes){ answer.data, answer.length }, err);
	krb5_data_free(&answer);
	return status;
}

spn_status spk_kdc_keys(const char *realm, const char *account, unsigned timeout, unsigned *ret_keys, char **ret_salt,
		spn_error *err)
{
	static const int enctypes[] = { AES256, AES128, RC4 };
	AUTOASKING struct asking asking = { .name = account, .realm = realm };
	spn_status status = spk_krb5_start(&asking.krb5, err);
	if (status)
		return status;
	krb5_error_code code = spk_kdc_io_init(asking.krb5);
	if (!code)
		code = krb5_make_principal(asking.krb5, &asking.account, realm, account, NULL);
	if (code)
		return spk_krb5_fail(err, asking.krb5, code, "'%s' of '%s'", account, realm);
	for (size_t i = 0; !status && i < sizeof enctypes / sizeof *enctypes; i++) {
		asking.deadline = spk_service_deadline(timeout);
		status = ask(&asking, enctypes[i], err);
	}
	if (status)
		return status;
	*ret_keys = asking.keys;
	*ret_salt = asking.salt;
	asking.salt = NULL;
	return SPN_OK;
}
