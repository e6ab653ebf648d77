/* SPDX-License-Identifier: MIT */
/* error.h - recording failures */
#ifndef SPK_ERROR_H
#define SPK_ERROR_H

#include <stdarg.h>

#include <spnkit/backend.h>

/* As spn_fail, with an LDAP result code and Active Directory's own. */
spn_status spk_fail_win32(spn_error *err, spn_status status, int native, uint32_t win32,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

#ifdef __clang_analyzer__ /* which does not look into it, and must know that it never returns SPN_OK */
#define spn_fail(err, status, ...) (spn_fail(err, status, __VA_ARGS__), status)
#endif

/* Records that memory ran out, and returns SPN_ERR_NOMEM. */
static inline spn_status spk_nomem(spn_error *err)
{
	spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	return SPN_ERR_NOMEM;
}

/*
 * Around a call of a function that the caller gave: what fails there without filling err gets its status and a default
 * text.  SPN_ERR_STOPPED is not a failure and has none.
 */
spn_status spk_callback_begin(spn_error *err);
spn_status spk_callback_end(spn_status status, spn_status before, spn_error *err);

/* As spn_fail, with the native and the Windows code of what caused it. */
spn_status spk_fail_as(spn_error *err, spn_status status, const spn_error *cause, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds what can be done about an error that is already set; at may be NULL.  Returns its status. */
spn_status spk_remedy(spn_error *err, spn_status status, spn_remedy remedy, const char *at);

/* Puts text before the message of an error that is already set, and returns its status. */
spn_status spk_prefix(spn_error *err, spn_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
