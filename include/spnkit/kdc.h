/* SPDX-License-Identifier: MIT */
/* kdc.h - ask for service tickets, and find out what can be done with them */
#ifndef SPNKIT_KDC_H
#define SPNKIT_KDC_H

#include <time.h>

#include <spnkit/directory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whoever issues tickets: a real KDC, or one that a test made up.  One thread at a time. */
typedef struct spn_kdc spn_kdc;

/* What a service ticket says (RFC 4120, 5.3).  All of it is lent. */
typedef struct spn_ticket {
	const char *client;  /* principal with realm */
	const char *server;  /* principal with realm, as the KDC returned it */
	int enctype;         /* of the ticket, so of the service account's key (RFC 3961; 18: AES256, 23: RC4) */
	int session_enctype; /* of the session key */
	unsigned kvno;       /* of the service account's key, without the part of an RODC */
	unsigned rodc;       /* which RODC issued it ([MS-KILE] 3.1.5.8); 0: a writable domain controller */
	time_t starts, ends;
	spn_bytes der; /* the Ticket itself, for spn_keytab_try; empty if a test made it up */
} spn_ticket;

/* Receives a ticket, which lives only until the function returns. */
typedef spn_status spn_ticket_fn(const spn_ticket *ticket, void *data, spn_error *err);

#define SPN_KDC_OPS_VERSION 1u

/* What a KDC can do. */
typedef struct spn_kdc_ops {
	unsigned version; /* SPN_KDC_OPS_VERSION */
	const char *name; /* "krb5", "scripted" */
	/* Asks for a ticket to a name and calls fn once with it.  Never answers from a cache. */
	spn_status (*request)(void *self, const char *spn, spn_ticket_fn *fn, void *data, spn_error *err);
	void (*free)(void *self);
} spn_kdc_ops;

/* Makes a KDC of a table.  On success the KDC owns self; on failure the caller still does. */
spn_status spn_kdc_new(const spn_kdc_ops *ops, void *self, spn_kdc **ret_kdc, spn_error *err);

/*
 * Opens the KDC of the credentials' realm.  Of the options, principal, keytab, ccache, timeout and domain (a realm to
 * ask in the place of the credentials' own) count; with principal and password, and neither keytab nor bind_dn, a
 * ticket-granting ticket is got by password.  The user's cache is read, never changed; service tickets in it are not
 * looked at.  options may be NULL.
 *
 * Returns SPN_ERR_AUTH without usable credentials; SPN_ERR_UNSUPPORTED if the library was built without Kerberos.
 */
spn_status spn_kdc_open(const spn_open_options *options, spn_kdc **ret_kdc, spn_error *err);

/*
 * Asks for a ticket to class/host[:port][/name] (the realm of the credentials, or of the name's host by the
 * configuration), with canonicalize, as a client would.
 *
 * Returns SPN_ERR_NOT_FOUND for Kerberos error 7 or 8 (nobody, or several, hold the name: only the directory
 * can tell); SPN_ERR_AUTH; SPN_ERR_UNREACHABLE if no KDC answers within the time-out; SPN_ERR_FAILED.  err->native is
 * the krb5_error_code, or 0: spn_kerberos_explain says what it means.
 */
spn_status spn_kdc_request(spn_kdc *kdc, const char *spn, spn_ticket_fn *fn, void *data, spn_error *err);

/*
 * Puts a fresh ticket to a name into a credential cache (NULL: the default one), in the place of those under exactly
 * this spelling and beside all others: other programs find it by the spelling that they ask for, case included.  The
 * cache must belong to the same client principal; one that does not exist is made.
 *
 * Returns SPN_ERR_AUTH if the cache is somebody else's or cannot be written; SPN_ERR_UNSUPPORTED if this KDC is not a
 * real one.
 */
spn_status spn_kdc_store(spn_kdc *kdc, const char *spn, const char *ccache, spn_error *err);

/* Accepts NULL.  Always returns NULL. */
spn_kdc *spn_kdc_free(spn_kdc *kdc);

/* What a Kerberos error is called, here and on Windows (RFC 4120 7.5.9, [MS-ERREF] 2.2). */
typedef struct spn_kerberos_cause {
	int code;              /* 7, 41, ...; 0 for an error of the client library alone, such as no credentials */
	const char *name;      /* "KDC_ERR_S_PRINCIPAL_UNKNOWN"; "" if unknown */
	uint32_t windows_code; /* 0x80090322; 0 if none is known */
	const char *windows_name; /* "SEC_E_WRONG_PRINCIPAL"; "" if none is known */
	const char *text;      /* the usual cause, one sentence */
} spn_kerberos_cause;

/* Explains a krb5_error_code, or a bare protocol code (0 < native < 128).  Never NULL. */
const spn_kerberos_cause *spn_kerberos_explain(int native);

/* The name of an encryption type, such as "aes256-cts-hmac-sha1-96"; "" if it is not known. */
const char *spn_enctype_name(int enctype);

/* One entry of a keytab. */
typedef struct spn_keytab_entry {
	const char *principal;
	unsigned kvno;
	int enctype;
	time_t time;
} spn_keytab_entry;

typedef spn_status spn_keytab_fn(const spn_keytab_entry *entry, void *data, spn_error *err);

/* Calls fn for each entry of a keytab (NULL: the default one).  Returns SPN_ERR_AUTH if it cannot be read. */
spn_status spn_keytab_list(const char *keytab, spn_keytab_fn *fn, void *data, spn_error *err);

typedef enum spn_keytab_verdict {
	SPN_KEYTAB_FITS,      /* the entry decrypts the ticket */
	SPN_KEYTAB_WRONG_KEY, /* same enctype and kvno, another key: another account, or another salt */
	SPN_KEYTAB_OLD_KEY,   /* keys of the enctype, but of another kvno only, and none fits */
	SPN_KEYTAB_NO_ENCTYPE /* no key of the ticket's enctype */
} spn_keytab_verdict;

/*
 * Tries to decrypt a ticket with every key of a keytab, whatever its principal.
 *
 * fn (NULL: nobody) is called with the entry that fits, or else with the nearest one, if there is one.
 */
spn_status spn_keytab_try(const char *keytab, const spn_ticket *ticket, spn_keytab_verdict *ret_verdict,
		spn_keytab_fn *fn, void *data, spn_error *err);

typedef enum spn_handshake_outcome {
	SPN_HANDSHAKE_OK,           /* accepted, and the service proved who it is (mutual authentication) */
	SPN_HANDSHAKE_ANONYMOUS,    /* the service answers without asking who we are: nothing was proved */
	SPN_HANDSHAKE_NO_NEGOTIATE, /* it wants a log-on of another kind: NTLM alone, Basic, ... */
	SPN_HANDSHAKE_REFUSED,      /* it refused the ticket; krb5_code says why, if it said so (not: too large for it) */
	SPN_HANDSHAKE_UNPROVED,     /* it accepted, but did not prove that it holds the key */
	SPN_HANDSHAKE_REDIRECT,     /* it sends us elsewhere (location): no ticket is sent there */
	SPN_HANDSHAKE_PROXY,        /* a proxy answered instead */
	SPN_HANDSHAKE_FORBIDDEN,    /* authenticated (mutually), but not allowed (403) or the like */
	SPN_HANDSHAKE_SERVER_ERROR  /* 5xx, or an answer that is no HTTP */
} spn_handshake_outcome;

/* "ok", "anonymous", "no-negotiate", "refused", "unproved", "redirect", "proxy", "forbidden", "server-error". */
const char *spn_handshake_outcome_name(spn_handshake_outcome outcome);

typedef struct spn_handshake {
	spn_handshake_outcome outcome;
	int http_status;
	int krb5_code;        /* of the KRB-ERROR in the refusal: 41, 35, 37, ...; 0: none */
	const char *offered;  /* what WWW-Authenticate offers, by name: "Negotiate, NTLM"; "" */
	const char *location; /* of a redirect; "" */
	const char *text;     /* one sentence for a person */
} spn_handshake;

typedef spn_status spn_handshake_fn(const spn_handshake *handshake, void *data, spn_error *err);

/*
 * Does the HTTP Negotiate handshake (RFC 4559) with a service: gets a fresh ticket for spn (NULL: HTTP/host of the
 * url), asks that url for nothing (http:// or https://; POST without a body if it ends in /wsman, else GET), and if the
 * service wants Negotiate, asks once more with the ticket and checks its proof.  Nothing else is ever sent: no password,
 * no NTLM, no ticket after a redirect.  options as for spn_kdc_open, and cacert.  Proxies of the environment are not
 * used; channel bindings are not sent.
 *
 * libcurl is loaded by the first call, and stays.
 *
 * Returns SPN_ERR_SYNTAX for a malformed url or spn; what spn_kdc_request returns if there is no ticket, and then the
 * service is not asked; SPN_ERR_UNREACHABLE if no answer comes (the message says which step failed: name, connect, TLS,
 * time-out, hang-up; native is 0); SPN_ERR_UNSUPPORTED without libcurl; SPN_OK whatever the service answers.
 */
spn_status spn_negotiate(const char *url, const char *spn, const spn_open_options *options, spn_handshake_fn *fn,
		void *data, spn_error *err);

#ifdef __cplusplus
}
#endif
#endif
