/* SPDX-License-Identifier: MIT */
/* error.h - what went wrong, and what the caller can do about it */
#ifndef SPNKIT_ERROR_H
#define SPNKIT_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum spn_status {
	SPN_OK = 0,
	SPN_ERR_NOMEM,       /* out of memory: free some, try again */
	SPN_ERR_INVALID,     /* an argument violates the contract of the call: fix the caller */
	SPN_ERR_SYNTAX,      /* a text (SPN, LDIF, ...) is malformed: correct the text */
	SPN_ERR_NOT_FOUND,   /* no such entry, account, attribute value */
	SPN_ERR_AMBIGUOUS,   /* a name matches more than one account: give the DN */
	SPN_ERR_EXISTS,      /* the entry already has the value */
	SPN_ERR_NOT_UNIQUE,  /* another account holds the SPN, literally or through an alias */
	SPN_ERR_REFUSED,     /* not allowed in the current state: read-only, changed since it was read, constraint */
	SPN_ERR_AUTH,        /* no usable credentials: get a ticket or correct the keytab */
	SPN_ERR_DENIED,      /* authenticated, but not permitted: ask someone who may write */
	SPN_ERR_UNREACHABLE, /* no server answered in time: try again later */
	SPN_ERR_UNSUPPORTED, /* this build or this server cannot do it */
	SPN_ERR_FAILED,      /* a server, a file or the system failed in a way not listed here */
	SPN_ERR_HALF_DONE,   /* some changes were made and could not be rolled back: use the journal */
	SPN_ERR_STOPPED,     /* for callbacks: stop; not an error */
	SPN_ERR_NO_WAY_BACK  /* nothing was changed, because the change could not be undone: allow it explicitly */
} spn_status;

#define SPN_MESSAGE_SIZE 500

/*
 * The cause of a failure.  The caller owns it; there is nothing to free.  Every call that takes one
 * accepts NULL, and leaves it alone on success.
 *
 * A function that a program passes to the library receives the same err.  It may return a failure without filling it:
 * the library then writes a text that names the status.
 */
typedef struct spn_error {
	spn_status status;
	int native;     /* LDAP result code, krb5_error_code or errno, depending on the cause; 0 if none */
	uint32_t win32; /* Active Directory's own code, such as 8647 (0x21C7); 0 if none ([MS-ERREF] 2.2) */
	char message[SPN_MESSAGE_SIZE]; /* one line of UTF-8, without a newline or a final full stop;
	                                   a message that is too long ends with "..." */
} spn_error;

/*
 * Records a failure and returns its status, for callbacks and back ends: return spn_fail(err, SPN_ERR_NOT_FOUND, 0,
 * "no entry '%s'", dn);  Control characters that a server put into the text become '?'.  win32 becomes 0: set it after.
 */
spn_status spn_fail(spn_error *err, spn_status status, int native, const char *format, ...)
#ifdef __GNUC__
	__attribute__((format(printf, 4, 5)))
#endif
	;

/* Names a status in lower case, for logs and machine output, such as "not-unique".  Never NULL. */
const char *spn_status_name(spn_status status);

/* The library's version, such as "0.1.0". */
const char *spn_version(void);

#ifdef __cplusplus
}
#endif
#endif
