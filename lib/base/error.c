/* SPDX-License-Identifier: MIT */
#include "error.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

/* The arguments may be the old message itself, so it is put together elsewhere. */
__attribute__((format(printf, 2, 0)))
static void set_message(spn_error *err, const char *format, va_list args)
{
	char message[SPN_MESSAGE_SIZE];
	int n = vsnprintf(message, sizeof message, format, args);
	if (n >= (int)sizeof message) {
		size_t len = sizeof message - sizeof "...";
		while (len > 0 && ((unsigned char)message[len] & 0xc0) == 0x80)
			len--; /* never cut a character in two */
		memcpy(message + len, "...", sizeof "...");
	}
	spk_make_printable(message);
	memcpy(err->message, message, sizeof message);
}

/* Kerberos has tables of codes far from 0, where no errno is. */
static spn_native family_of(int native)
{
	enum { NO_ERRNO = 1000000 };
	bool is_krb5 = native < -NO_ERRNO || native > NO_ERRNO;
	return native == 0 ? SPN_NATIVE_NONE : is_krb5 ? SPN_NATIVE_KRB5 : SPN_NATIVE_ERRNO;
}

spn_status spk_remedy(spn_error *err, spn_status status, spn_remedy remedy, const char *at)
{
	if (err) {
		err->remedy = remedy;
		snprintf(err->remedy_at, sizeof err->remedy_at, "%s", at ? at : "");
	}
	return status;
}

#undef spn_fail /* for analysers it is a macro */
spn_status spn_fail(spn_error *err, spn_status status, int native, const char *format, ...)
{
	if (err) {
		va_list args;
		va_start(args, format);
		err->status = status;
		err->family = family_of(native);
		err->native = native;
		err->win32 = 0;
		spk_remedy(err, status, SPN_REMEDY_NONE, NULL);
		set_message(err, format, args);
		va_end(args);
	}
	return status;
}

spn_status spk_fail_win32(spn_error *err, spn_status status, int native, uint32_t win32,
		const char *format, ...)
{
	if (err) {
		va_list args;
		va_start(args, format);
		err->status = status;
		err->family = native ? SPN_NATIVE_LDAP : SPN_NATIVE_NONE;
		err->native = native;
		err->win32 = win32;
		spk_remedy(err, status, SPN_REMEDY_NONE, NULL);
		set_message(err, format, args);
		va_end(args);
	}
	return status;
}

spn_status spk_fail_as(spn_error *err, spn_status status, const spn_error *cause, const char *format, ...)
{
	if (err) {
		const spn_error from = *cause; /* which may be err itself */
		char text[SPN_MESSAGE_SIZE];
		va_list args;
		va_start(args, format);
		vsnprintf(text, sizeof text, format, args);
		va_end(args);
		spk_fail_win32(err, status, from.native, from.win32, "%s", text);
		err->family = from.family;
		spk_remedy(err, status, from.remedy, from.remedy_at);
	}
	return status;
}

spn_status spk_prefix(spn_error *err, spn_status status, const char *format, ...)
{
	if (err) {
		spn_error cause = *err;
		char prefix[SPN_MESSAGE_SIZE];
		va_list args;
		va_start(args, format);
		vsnprintf(prefix, sizeof prefix, format, args);
		va_end(args);
		spk_fail_win32(err, cause.status, cause.native, cause.win32, "%s%s", prefix, cause.message);
		err->family = cause.family;
		spk_remedy(err, status, cause.remedy, cause.remedy_at);
	}
	return status;
}

spn_status spk_callback_begin(spn_error *err)
{
	spn_status before = err ? err->status : SPN_OK;
	if (err)
		err->status = SPN_OK; /* of an earlier call */
	return before;
}

spn_status spk_callback_end(spn_status status, spn_status before, spn_error *err)
{
	if (!err)
		return status;
	if (!status || (status == SPN_ERR_STOPPED && !err->status))
		err->status = before;
	else if (!err->status)
		spn_fail(err, status, 0, "a callback of the program failed (%s) without saying why", spn_status_name(status));
	else
		err->status = status;
	return status;
}

const char *spn_status_name(spn_status status)
{
	switch (status) {
	case SPN_OK: return "ok";
	case SPN_ERR_NOMEM: return "no-memory";
	case SPN_ERR_INVALID: return "invalid";
	case SPN_ERR_SYNTAX: return "syntax";
	case SPN_ERR_NOT_FOUND: return "not-found";
	case SPN_ERR_AMBIGUOUS: return "ambiguous";
	case SPN_ERR_EXISTS: return "exists";
	case SPN_ERR_NOT_UNIQUE: return "not-unique";
	case SPN_ERR_REFUSED: return "refused";
	case SPN_ERR_AUTH: return "credentials";
	case SPN_ERR_DENIED: return "denied";
	case SPN_ERR_UNREACHABLE: return "unreachable";
	case SPN_ERR_UNSUPPORTED: return "unsupported";
	case SPN_ERR_FAILED: return "failed";
	case SPN_ERR_HALF_DONE: return "half-done";
	case SPN_ERR_STOPPED: return "stopped";
	case SPN_ERR_NO_WAY_BACK: return "no-way-back";
	}
	return "unknown";
}

const char *spn_version(void)
{
	return SPNKIT_VERSION;
}
