/* SPDX-License-Identifier: MIT */
/* kdc.h - request service tickets, and find out whether they work */
#ifndef SPNKIT_KDC_H
#define SPNKIT_KDC_H

#include <time.h>

#include <spnkit/directory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whoever issues tickets: a real KDC, or one that a test made up.  One thread at a time. */
typedef struct spn_kdc spn_kdc;

#define SPN_TICKET_VERSION 1u

/* The contents of a service ticket (RFC 4120, 5.3). */
typedef struct spn_ticket {
	unsigned version;    /* SPN_TICKET_VERSION; in one that a program fills, 0 means 1 */
	const char *client;  /* principal with realm */
	const char *server;  /* principal with realm, as the KDC returned it */
	int enctype;         /* of the ticket, and so of the service account's key (RFC 3961; 18: AES256, 23: RC4) */
	int session_enctype; /* of the session key */
	unsigned kvno;       /* of the service account's key, without the RODC's part */
	unsigned rodc;       /* which RODC issued it ([MS-KILE] 3.1.5.8); 0: a writable domain controller */
	time_t starts, ends;
	spn_bytes der; /* the Ticket itself, for spn_keytab_try; empty in an answer of a mock */
} spn_ticket;

/* How a KDC of spn_kdc_new hands over a ticket, which it may keep on the stack: it is copied. */
typedef spn_status spn_ticket_fn(const spn_ticket *ticket, void *data, spn_error *err);

#define SPN_KDC_OPS_VERSION 2u

/* What a KDC can do. */
typedef struct spn_kdc_ops {
	unsigned version; /* SPN_KDC_OPS_VERSION */
	const char *name; /* "krb5", "mock" */
	/* Requests a ticket for a name and calls fn once with it.  Never answers from a cache. */
	spn_status (*request)(void *self, const char *spn, spn_ticket_fn *fn, void *data, spn_error *err);
	void (*free)(void *self);
	/* Since version 2; may be NULL: SPN_ERR_UNSUPPORTED.  As spn_kdc_store. */
	spn_status (*store)(void *self, const char *spn, const char *ccache, spn_error *err);
} spn_kdc_ops;

/* Makes a KDC from a table, which is copied.  On success the KDC owns self; on failure the caller still does.  A table
 * of version 1, which ends before store, is accepted. */
spn_status spn_kdc_new(const spn_kdc_ops *ops, void *self, spn_kdc **ret_kdc, spn_error *err);

#define SPN_KDC_OPTIONS_VERSION 1u

/* Which KDC, and for whom.  Start from SPN_KDC_OPTIONS_INIT.  Strings are copied. */
typedef struct spn_kdc_options {
	unsigned version; /* SPN_KDC_OPTIONS_VERSION */
	const spn_credentials *credentials; /* NULL: the default credential cache */
	const char *realm; /* whose KDC to ask, a DNS name in any case; NULL: that of the credentials */
	unsigned timeout;  /* seconds for each request; 0: 15 */
} spn_kdc_options;

#define SPN_KDC_OPTIONS_INIT SPN_INIT(SPN_KDC_OPTIONS_VERSION)

/*
 * Opens a KDC.  The user's cache is read, never changed; service tickets in it are ignored.  options may be NULL.
 *
 * Returns SPN_ERR_AUTH without usable credentials; SPN_ERR_UNSUPPORTED if the library was built without Kerberos.
 */
spn_status spn_kdc_open(const spn_kdc_options *options, spn_kdc **ret_kdc, spn_error *err);

/*
 * Requests a ticket for class/host[:port][/name] (the realm of the credentials, or of the name's host by the
 * configuration), with canonicalize, as a client would.
 *
 * Returns SPN_ERR_NOT_FOUND for Kerberos error 7 or 8 (no account or several accounts hold the name: only the
 * directory can tell which); SPN_ERR_AUTH; SPN_ERR_UNREACHABLE if no KDC answers within the time-out;
 * SPN_ERR_FAILED, also for error 14 (the account that holds the name has no key of a suitable encryption type), unless
 * that is about the log-on or the way to the realm: then it is SPN_ERR_AUTH.  err->native is the krb5_error_code, or 0:
 * spn_kerberos_explain says what it means.  The caller frees the ticket.
 */
spn_status spn_kdc_request(spn_kdc *kdc, const char *spn, spn_ticket **ret_ticket, spn_error *err);
/* Frees a ticket and its texts.  Accepts NULL.  Always returns NULL. */
spn_ticket *spn_ticket_free(spn_ticket *ticket);

/*
 * Stores a fresh ticket for a name in a credential cache (NULL: the default one).  It replaces tickets with exactly
 * this spelling and leaves all others: programs look tickets up by the spelling that they request, including case.  The
 * cache must belong to the same client principal; one that does not exist is created.
 *
 * Returns SPN_ERR_AUTH if the cache belongs to another principal or cannot be written; SPN_ERR_UNSUPPORTED if
 * this KDC cannot store tickets.
 */
spn_status spn_kdc_store(spn_kdc *kdc, const char *spn, const char *ccache, spn_error *err);

/* Accepts NULL.  Always returns NULL. */
spn_kdc *spn_kdc_free(spn_kdc *kdc);

/* A Kerberos error, as it is called in the protocol and on Windows (RFC 4120 7.5.9, [MS-ERREF] 2.2). */
typedef struct spn_kerberos_cause {
	int code;              /* 7, 41, ...; 0 for an error of the client library alone, such as no credentials */
	const char *name;      /* "KDC_ERR_S_PRINCIPAL_UNKNOWN"; "" if unknown */
	uint32_t windows_code; /* 0x80090322; 0 if none is known */
	const char *windows_name; /* "SEC_E_WRONG_PRINCIPAL"; "" if none is known */
	const char *text;      /* the usual cause, in one sentence */
} spn_kerberos_cause;

/* Explains a krb5_error_code, or a bare protocol code (0 < native < 128).  Never NULL. */
const spn_kerberos_cause *spn_kerberos_explain(int native);

/* The name of an encryption type, such as "aes256-cts-hmac-sha1-96"; "" if unknown. */
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
	SPN_KEYTAB_FITS = 0,      /* the entry's key decrypts the ticket */
	SPN_KEYTAB_WRONG_KEY = 1, /* same enctype and kvno, but another key: another account, or another salt */
	SPN_KEYTAB_OLD_KEY = 2,   /* keys of the enctype with other kvnos only, none of which decrypts it */
	SPN_KEYTAB_NO_ENCTYPE = 3 /* no key of the ticket's enctype */
} spn_keytab_verdict;

/* "fits", "wrong-key", "old-key" or "no-enctype". */
const char *spn_keytab_verdict_name(spn_keytab_verdict verdict);

/*
 * Tries to decrypt a ticket with every key of a keytab, whatever its principal.
 *
 * fn (may be NULL) is called with the entry that decrypts it, else with the closest one, if any.
 */
spn_status spn_keytab_try(const char *keytab, const spn_ticket *ticket, spn_keytab_verdict *ret_verdict,
		spn_keytab_fn *fn, void *data, spn_error *err);

typedef enum spn_handshake_outcome {
	SPN_HANDSHAKE_OK = 0,           /* accepted, and the service proved who it is (mutual authentication) */
	SPN_HANDSHAKE_ANONYMOUS = 1,    /* the service answers without authentication: nothing was proved */
	SPN_HANDSHAKE_NO_NEGOTIATE = 2, /* it requires another scheme: only NTLM, Basic, ... */
	SPN_HANDSHAKE_REFUSED = 3,      /* it rejected the ticket; krb5_code says why, if it reported that */
	SPN_HANDSHAKE_UNPROVED = 4,     /* accepted without mutual authentication */
	SPN_HANDSHAKE_REDIRECT = 5,     /* redirected (location): no ticket is sent there */
	SPN_HANDSHAKE_PROXY = 6,        /* a proxy answered instead */
	SPN_HANDSHAKE_FORBIDDEN = 7,    /* authenticated (mutually), but not allowed (403) or the like */
	SPN_HANDSHAKE_SERVER_ERROR = 8, /* 5xx, or an answer that is not HTTP */
	SPN_HANDSHAKE_DECRYPTED = 9     /* it says that the log-on is stale: it can know only if it decrypted the ticket */
} spn_handshake_outcome;

/* "ok", "anonymous", "no-negotiate", "refused", "unproved", "redirect", "proxy", "forbidden", "server-error",
 * "decrypted". */
const char *spn_handshake_outcome_name(spn_handshake_outcome outcome);

typedef struct spn_handshake {
	spn_handshake_outcome outcome;
	int http_status;
	int krb5_code;        /* of the KRB-ERROR in the refusal: 41, 35, 37, ...; 0: none */
	const char *offered;  /* what WWW-Authenticate offers, by name: "Negotiate, NTLM"; "" */
	const char *location; /* of a redirect; "" */
	const char *text;     /* one sentence for a person */
} spn_handshake;

#define SPN_HANDSHAKE_OPTIONS_VERSION 1u

/* How to log on to a service.  Start from SPN_HANDSHAKE_OPTIONS_INIT. */
typedef struct spn_handshake_options {
	unsigned version; /* SPN_HANDSHAKE_OPTIONS_VERSION */
	const spn_credentials *credentials; /* NULL: the default credential cache */
	const char *realm;  /* as in spn_kdc_options */
	const char *cacert; /* PEM file of trusted CAs; NULL: the system's */
	unsigned timeout;   /* seconds for the KDC, and again for the service; 0: 15 */
	bool stale;         /* send a log-on that is of no use to anybody: see spn_negotiate */
} spn_handshake_options;

#define SPN_HANDSHAKE_OPTIONS_INIT SPN_INIT(SPN_HANDSHAKE_OPTIONS_VERSION)

/*
 * Performs the HTTP Negotiate handshake (RFC 4559) with a service: gets a fresh ticket for spn (NULL: HTTP/host
 * of the url), sends an empty request to url (http:// or https://; POST without a body if it ends in /wsman,
 * else GET), and if the service offers Negotiate, sends it again with the ticket and verifies the answer.
 * Nothing else is ever sent: no password, no NTLM, no ticket after a redirect.  Proxies of the environment are not
 * used; channel bindings are not sent.  options may be NULL.
 *
 * With stale, the log-on is dated two days ago, so that no service accepts it: neither the one that is asked nor any
 * other to which somebody between us and it passes it on.  A service that holds the key answers with KRB_AP_ERR_SKEW
 * (37; RFC 4120 3.2.3: the ticket is decrypted before the time is looked at), which is SPN_HANDSHAKE_DECRYPTED; another
 * error says why it could not.  Such an error is not authenticated: this finds faults and proves nothing.
 *
 * libcurl is loaded by the first call and stays loaded.
 *
 * Returns SPN_ERR_SYNTAX for a malformed url or spn; what spn_kdc_request returns if no ticket is issued, in
 * which case the service is not contacted; SPN_ERR_UNREACHABLE if no answer comes (the message says which step
 * failed: name, connect, TLS, time-out, hang-up; native is 0); SPN_ERR_UNSUPPORTED without libcurl; SPN_OK
 * whatever the service answers.  The caller frees the handshake.
 */
spn_status spn_negotiate(const char *url, const char *spn, const spn_handshake_options *options,
		spn_handshake **ret_handshake, spn_error *err);
/* Frees a handshake and its texts.  Accepts NULL.  Always returns NULL. */
spn_handshake *spn_handshake_free(spn_handshake *handshake);

#ifdef __cplusplus
}
#endif
#endif
