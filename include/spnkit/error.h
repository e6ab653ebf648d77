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

/*
 * What a struct of options starts from: "spn_probe_options options = SPN_PROBE_OPTIONS_INIT;" sets version, and all
 * else to 0, which means the default.  The library accepts every version up to its own, so a program that was built
 * with an older header passes its own, shorter, structs.  SPN_ERR_INVALID for version 0, and for one that is newer.
 */
#ifdef __cplusplus
extern "C++" {
struct spn_init {
	unsigned version;
	template <class T> operator T() const
	{
		T zeroed = T();
		zeroed.version = version;
		return zeroed;
	}
};
}
#define SPN_INIT(number) (spn_init{ number })
#else
#define SPN_INIT(number) { .version = number }
#endif

#define SPN_MESSAGE_SIZE 500

/* Where a native code comes from. */
typedef enum spn_native {
	SPN_NATIVE_NONE = 0,  /* no code is known */
	SPN_NATIVE_ERRNO = 1, /* errno of the system */
	SPN_NATIVE_LDAP = 2,  /* an LDAP result code (RFC 4511), or a negative one of libldap */
	SPN_NATIVE_KRB5 = 3,  /* a krb5_error_code: spn_kerberos_explain says what it means */
	SPN_NATIVE_DNS = 4    /* of getaddrinfo(3) */
} spn_native;

/* What can be done about a failure, if a program can say it better than the message: it knows its own options. */
typedef enum spn_remedy {
	SPN_REMEDY_NONE = 0,
	SPN_REMEDY_DOMAIN = 1, /* open the domain remedy_at: spn_open_options.domain */
	SPN_REMEDY_SERVER = 2, /* open a server by its URL; remedy_at: its host, "" if none is known */
	SPN_REMEDY_LIVE = 3,   /* open a domain, not a file */
	SPN_REMEDY_TLS = 4,    /* open ldaps://, or set spn_open_options.tls */
	SPN_REMEDY_CA = 5,     /* set spn_open_options.cacert */
	SPN_REMEDY_TAKEOVER = 6, /* pass SPN_TAKEOVER: the name is then taken from the account that serves it today */
	SPN_REMEDY_KIND = 7,   /* pass SPN_WANT_COMPUTER or SPN_WANT_USER: both kinds have an account of this name */
	SPN_REMEDY_JOURNAL = 8 /* name another file for the journal: spn_change_options.journal */
} spn_remedy;

/*
 * The cause of a failure.  The caller owns it; there is nothing to free.  Every call that takes one
 * accepts NULL, and leaves it alone on success.
 *
 * A callback and a function of a back end receive the same err, which may be NULL.  They may return a failure without
 * filling it: the library then writes a text that names the status.  A callback that returns SPN_ERR_STOPPED leaves err
 * as it was: test what the call returns, not err.status.
 */
typedef struct spn_error {
	spn_status status;
	spn_native family; /* what native is */
	int native;        /* 0 if none */
	uint32_t win32; /* Active Directory's own code, such as 8647 (0x21C7); 0 if none ([MS-ERREF] 2.2) */
	char message[SPN_MESSAGE_SIZE]; /* one line of UTF-8, without a newline or a final full stop;
	                                   a message that is too long ends with "..." */
	spn_remedy remedy;
	char remedy_at[256]; /* as the remedy says; else "" */
} spn_error;

/*
 * Records a failure and returns its status, for callbacks and back ends: return spn_fail(err, SPN_ERR_NOT_FOUND, 0,
 * "no entry '%s'", dn);  Control characters that a server put into the text become '?'.  native is 0, an errno or a
 * krb5_error_code; of another family, set err->family behind it, and err->win32, which becomes 0.
 */
spn_status spn_fail(spn_error *err, spn_status status, int native, const char *format, ...)
#ifdef __GNUC__
	__attribute__((format(printf, 4, 5)))
#endif
	;

/* Names a status for logs and machine output: "ok", "no-memory", "invalid", "syntax", "not-found", "ambiguous",
 * "exists", "not-unique", "refused", "credentials", "denied", "unreachable", "unsupported", "failed", "half-done",
 * "stopped" or "no-way-back", in the order above; "unknown" for any other number. */
const char *spn_status_name(spn_status status);

/* The library's version, such as "0.1.0". */
const char *spn_version(void);

#ifdef __cplusplus
}
#endif
#endif
