/* SPDX-License-Identifier: MIT */
/* check.h - which account answers for a name, and what is wrong */
#ifndef SPNKIT_CHECK_H
#define SPNKIT_CHECK_H

#include <spnkit/account.h>
#include <spnkit/enctype.h>
#include <spnkit/kdc.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum spn_severity {
	SPN_SEVERITY_OK = 0,      /* checked, no problem */
	SPN_SEVERITY_NOTICE = 1,  /* worth knowing */
	SPN_SEVERITY_WARNING = 2, /* will cause a failure later */
	SPN_SEVERITY_BROKEN = 3   /* authentication fails because of it */
} spn_severity;

/* "ok", "notice", "warning" or "broken". */
const char *spn_severity_name(spn_severity severity);

typedef struct spn_account_ref {
	const char *dn;
	const char *account; /* sAMAccountName, "" if unknown */
} spn_account_ref;

/* What mends a finding: which call, where the names below are those of its arguments. */
typedef enum spn_repair_kind {
	SPN_REPAIR_NONE = 0,
	SPN_REPAIR_ADD = 1,          /* spn_propose_add: spns to account */
	SPN_REPAIR_DELETE = 2,       /* spn_propose_delete: spns from account */
	SPN_REPAIR_MOVE = 3,         /* spn_propose_move: spns from account to to */
	SPN_REPAIR_DEFAULTS = 4,     /* spn_propose_defaults: of account */
	SPN_REPAIR_FIX = 5,          /* spn_propose_fix: of server, for service */
	SPN_REPAIR_DECIDE = 6,       /* a person decides who keeps spns: spn_find_duplicates shows who holds them */
	SPN_REPAIR_CHECK_KEYTAB = 7, /* spn_check_keytab: of keytab */
	SPN_REPAIR_CHECK_KEYS = 8    /* spn_probe_keys: of account */
} spn_repair_kind;

/* A repair, as data: whoever shows it to people writes it in words, or as a command.  What a kind does not need is
 * NULL. */
typedef struct spn_repair {
	spn_repair_kind kind;
	const char *const *spns;
	size_t n_spns;
	const char *account; /* in a form that spn_account_find takes */
	const char *to;      /* likewise */
	const char *server;
	const char *service; /* a service class */
	const char *keytab;  /* a path */
	const char *domain;  /* the DNS name of the domain to open for it; NULL: the one that is opened without a name */
} spn_repair;

/* A command of a repair in several steps.  Of those with one number, one is needed: that of the tool at hand. */
typedef struct spn_repair_step {
	unsigned number;     /* from 1, in the order that keeps the service up */
	const char *purpose; /* half a sentence, the same for all of one number */
	const char *tool;    /* what the command belongs to, such as "adcli" or "PowerShell"; NULL: repair is the step */
	const char *command; /* one line, quoted for PowerShell if that is the tool, else for a POSIX shell */
	const spn_repair *repair; /* a call of this library; NULL: command is the step */
} spn_repair_step;

typedef struct spn_finding {
	const char *code; /* a constant of the library: "duplicate", "wrong-account", ...; spnkit(1) lists them */
	spn_severity severity;
	const char *spn; /* NULL if it concerns an account only */
	const spn_account_ref *accounts;
	size_t n_accounts;
	const char *text; /* one sentence for a person */
	const spn_repair *repairs; /* what repairs it, in this order; NULL: a person has to find out */
	size_t n_repairs;
	const spn_enctype_prediction
			*predicted; /* of the tickets for spn, or for the names of the account; NULL: not predicted */
	const spn_repair_step *steps; /* what repairs a keytab, or takes a name from a list of delegation */
	size_t n_steps;
} spn_finding;

/* Copies a finding with all that it points to but its code, so that it outlives the function that it was lent to. */
spn_status spn_finding_copy(const spn_finding *finding, spn_finding **ret_copy, spn_error *err);
/* Frees a copy.  Accepts NULL.  Always returns NULL. */
spn_finding *spn_finding_free(spn_finding *copy);

/* Receives one finding, which is valid only until the function returns. */
typedef spn_status spn_finding_fn(const spn_finding *finding, void *data, spn_error *err);

/* Findings that are kept for later, such as for spn_propose_repairs.  Start from a zeroed struct. */
typedef struct spn_findings {
	spn_finding **list; /* copies */
	size_t n, size;     /* size: for how many there is room */
} spn_findings;

/* Keeps a copy of a finding: a spn_finding_fn whose data is a spn_findings. */
spn_status spn_findings_keep(const spn_finding *finding, void *findings, spn_error *err);
/* Frees the copies; none is left.  Accepts NULL. */
void spn_findings_clear(spn_findings *findings);

/* How a KDC maps a name to an account ([MS-DRSR] 4.1.4.2.14, [MS-KILE] 3.3.5.1.1). */
typedef enum spn_match {
	SPN_MATCH_NONE = 0,     /* no account: the client gets Kerberos error 7 */
	SPN_MATCH_EXPLICIT = 1, /* one account holds the name itself */
	SPN_MATCH_ALIAS = 2,    /* one account holds a name of which it is an alias: HOST/ through sPNMappings */
	SPN_MATCH_UPN = 3,      /* one account has it as its userPrincipalName */
	SPN_MATCH_AMBIGUOUS = 4, /* several accounts hold it: no client gets a ticket */
	SPN_MATCH_CN = 5,       /* Samba only: HOST/x, or an alias of it: the computer whose cn is the first label of x */
	SPN_MATCH_KRBTGT = 6    /* the ticket-granting service of the domain itself, whether or not its account can be seen,
	                           or of a domain that trusts it: no account then, and its DNS name in via */
} spn_match;

/* "none", "explicit", "alias", "upn", "ambiguous", "cn" or "krbtgt". */
const char *spn_match_name(spn_match match);

typedef struct spn_resolution {
	spn_match match;
	const char *via; /* the stored name that matched, such as "HOST/LAX-CRM01", or the domain behind a trust; for an
	                    account that is found by its cn alone, its sAMAccountName; NULL: none */
	const spn_account *const
			*accounts; /* one; several if ambiguous; none for SPN_MATCH_NONE, a hidden krbtgt, or a trust */
	size_t n_accounts;
} spn_resolution;

/*
 * Determines from the directory alone which account the KDC picks for a name.
 *
 * Explicit names come before aliases ([MS-DRSR] 4.1.4.2.14 LookupSPN, 4.1.4.2.19 MapSPN), aliases before a
 * userPrincipalName that is the name, with or without "@" and the domain ([MS-KILE] 3.3.5.1.1).  sPNMappings
 * are the directory's own; where it has none, Active Directory's defaults.  krbtgt/DOMAIN is the domain's own.
 * A name whose third part is the domain's is reserved for domain controllers: held by any other account, it
 * gets no ticket.
 *
 * Samba's KDC (vendorName in the root DSE, or SPN_DIALECT_SAMBA) differs: HOST/x also means the computer whose cn
 * is the first label of x; an alias of three parts stands for HOST/ and the second; a name with a blank is
 * never found; and userPrincipalName is ignored.
 *
 * The caller frees the resolution.  Returns SPN_ERR_SYNTAX for a malformed name.
 */
spn_status spn_resolve(spn_directory *dir, const char *spn, spn_resolution **ret_resolution, spn_error *err);
/* Frees a resolution with its accounts.  Accepts NULL.  Always returns NULL. */
spn_resolution *spn_resolution_free(spn_resolution *resolution);

/*
 * Predicts the enctypes of tickets for an account (spn_enctype_predict), as the directory describes it.
 *
 * era: how the domain's KDCs choose; SPN_ERA_UNKNOWN: recognized from the root DSE, which only Samba's reveals.
 * The keys of an account cannot be read from a directory, so many answers have SPN_DOUBT_KEYS.
 *
 * Returns what spn_directory_search returns; SPN_ERR_INVALID for NULL or an era that is not listed.
 */
spn_status spn_account_enctype(spn_directory *dir, const spn_account *account, spn_era era, spn_enctype_prediction *ret,
		spn_error *err);

/* How certain the account is that a probe names. */
typedef enum spn_certainty {
	SPN_CERTAINTY_NONE = 0,   /* no account can be named */
	SPN_CERTAINTY_LIKELY = 1, /* the directory names the account, and nothing in the ticket contradicts it */
	SPN_CERTAINTY_PROVED = 2  /* a key decrypted the ticket, or the service proved that it could */
} spn_certainty;

/* "none", "likely" or "proved". */
const char *spn_certainty_name(spn_certainty certainty);

#define SPN_PROBE_OPTIONS_VERSION 1u

/* What a probe does in addition to requesting the ticket.  Start from SPN_PROBE_OPTIONS_INIT. */
typedef struct spn_probe_options {
	unsigned version;   /* SPN_PROBE_OPTIONS_VERSION */
	const char *keytab; /* decrypt the ticket with its keys; NULL: skip */
	const char *url;    /* perform the HTTP Negotiate handshake with this URL; NULL: skip */
	const spn_handshake_options *handshake; /* how; NULL: the defaults */
	spn_era era; /* how the KDC chooses enctypes; SPN_ERA_UNKNOWN: recognized, as by spn_account_enctype */
} spn_probe_options;

#define SPN_PROBE_OPTIONS_INIT SPN_INIT(SPN_PROBE_OPTIONS_VERSION)

/* What a probe found.  All of it belongs to the probe. */
typedef struct spn_probe {
	const char *spn;
	bool ok; /* a ticket was issued, and everything tried with it succeeded */
	const spn_ticket *ticket;          /* NULL: the KDC issued none */
	const spn_kerberos_cause *cause;   /* of the first failure; NULL: none, or not known */
	const spn_account *account;        /* whose key encrypts the ticket, or would; NULL: none, several, or unknown */
	spn_certainty certainty;           /* of account */
	const spn_enctype_prediction *predicted; /* for account, from the directory; NULL if account is */
	const spn_keytab_verdict *keytab;  /* NULL: not tried */
	const spn_handshake *handshake;    /* NULL: not tried */
	const char *text; /* one sentence for a person */
} spn_probe;

/*
 * Requests a ticket for a name, as a client would, and says what came back.
 *
 * kdc is required.  dir (NULL: none) is asked which account the name belongs to; then kvno and enctype of the ticket
 * are compared with msDS-KeyVersionNumber and msDS-SupportedEncryptionTypes of that account.  A refusal of the KDC
 * (unknown name, enctype, clock) is a result, not a failure.
 *
 * The caller frees the probe.  Returns SPN_ERR_AUTH or _UNREACHABLE if the KDC could not be asked or the service
 * could not be reached.
 */
spn_status spn_probe_ticket(spn_directory *dir, spn_kdc *kdc, const char *spn, const spn_probe_options *options,
		spn_probe **ret_probe, spn_error *err);
/* Frees a probe and what it holds.  Accepts NULL.  Always returns NULL. */
spn_probe *spn_probe_free(spn_probe *probe);

#define SPN_DIAGNOSE_OPTIONS_VERSION 1u

/* What a KDC tells anybody about the keys of an account. */
typedef struct spn_account_keys {
	unsigned keys;    /* those that it has: of SPN_ENC_AES256, SPN_ENC_AES128 and SPN_ENC_RC4 */
	const char *salt; /* of its AES keys: needed to make them from the password (RFC 3962, section 4); NULL: not shown */
} spn_account_keys;

/*
 * Asks the KDC of an account's domain which keys the account has: for each encryption type, a ticket-granting ticket is
 * requested without preauthentication, which the KDC refuses, naming the key that it expects
 * (PA-ETYPE-INFO2, RFC 4120 5.2.7.5).  No credentials are needed, and no wrong password is counted.  What the KDC says
 * is not authenticated; one whose policy excludes an encryption type does not show that key.  timeout: in seconds, for
 * each of three requests; 0: 15.
 *
 * The caller frees the answer.  Returns SPN_ERR_REFUSED if the account needs no preauthentication: its password could
 * be guessed from the answer, so it is not asked for, or discarded; SPN_ERR_NOT_FOUND: the KDC does not know it;
 * SPN_ERR_AUTH: it is disabled, expired or locked; SPN_ERR_UNREACHABLE; SPN_ERR_FAILED; SPN_ERR_UNSUPPORTED for a
 * directory in a file, or without Kerberos.
 */
spn_status spn_probe_keys(spn_directory *dir, const spn_account *account, unsigned timeout, spn_account_keys **ret_keys,
		spn_error *err);
/* An answer of a function of your own that takes the place of spn_probe_keys.  The salt (NULL: not shown) is copied. */
spn_status spn_account_keys_new(unsigned keys, const char *salt, spn_account_keys **ret_keys, spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spn_account_keys *spn_account_keys_free(spn_account_keys *keys);

/* What diagnose looks at.  Start from SPN_DIAGNOSE_OPTIONS_INIT. */
typedef struct spn_diagnose_options {
	unsigned version;    /* SPN_DIAGNOSE_OPTIONS_VERSION */
	const char *service; /* service class; NULL: "http" */
	unsigned port;       /* 0: 5985 for http, else none */
	const char *alias; /* another host name that clients use, such as a CNAME; in no repair, for DNS proves nothing;
			      NULL: none */
	const spn_probe_options *probe; /* NULL: the defaults */
} spn_diagnose_options;

#define SPN_DIAGNOSE_OPTIONS_INIT SPN_INIT(SPN_DIAGNOSE_OPTIONS_VERSION)

/*
 * Reports, for each name that a client of a server may request, which account the KDC picks, by which rule, and whether
 * that is the computer account, which should answer.  The last finding concerns the server as a whole (spn is
 * NULL), with what repairs it.
 *
 * kdc may be NULL: then only the directory is examined.  options may be NULL.
 *
 * Returns SPN_ERR_NOT_FOUND if the computer does not exist.
 */
spn_status spn_diagnose(spn_directory *dir, spn_kdc *kdc, const char *server, const spn_diagnose_options *options,
		spn_finding_fn *fn, void *data, spn_error *err);

/* Asks a KDC for the keys of an account: spn_probe_keys, or what takes its place. */
typedef spn_status spn_probe_keys_fn(spn_directory *dir, const spn_account *account, unsigned timeout,
		spn_account_keys **ret_keys, spn_error *err);

#define SPN_KEYTAB_OPTIONS_VERSION 1u

/* How the keys of a keytab are checked.  Start from SPN_KEYTAB_OPTIONS_INIT. */
typedef struct spn_keytab_options {
	unsigned version; /* SPN_KEYTAB_OPTIONS_VERSION */
	spn_era era;      /* predict what KDCs of this era use as well; SPN_ERA_UNKNOWN: only where no ticket shows it */
	/* asked once about each account, for its AES keys and their salt; spn_probe_keys: about at most five accounts a
	 * second; NULL: nobody */
	spn_probe_keys_fn *probe_keys;
	unsigned timeout; /* for that, in seconds; 0: 15 */
} spn_keytab_options;

#define SPN_KEYTAB_OPTIONS_INIT SPN_INIT(SPN_KEYTAB_OPTIONS_VERSION)

/*
 * Reports, for each entry of a keytab (NULL: the default one), whether it is still valid: the holder of the
 * name (or the account itself), realm, kvno and enctype, compared with the directory and, if kdc is not NULL,
 * whether its own key decrypts a fresh ticket for its principal.  Where no ticket shows the enctype that the
 * KDC uses, it is predicted (spn_account_enctype); with an era other than SPN_ERA_UNKNOWN, the enctype of a KDC
 * of that era is predicted as well.  options may be NULL.
 *
 * Findings: "ok", "wrong-account", "missing", "duplicate", "kvno-mismatch", "kvno-differs" (the key is right,
 * or may be, under another number: 0, the last 8 bits of it, or any), "other-realm", "weak-enctype", "no-key"
 * (the KDC uses, or is predicted to use, an enctype that the principal has no key of here), "no-ticket" (it is
 * predicted to refuse), both with the steps that repair it; with probe_keys, once for each account: "ok" (it has AES
 * keys), "salt" (made with another salt than its present name gives), "no-aes-keys", "unknown-keys" (the KDC does not
 * tell).
 *
 * Returns SPN_ERR_NOT_FOUND if the keytab is empty; SPN_ERR_AUTH if the keytab cannot be read.
 */
spn_status spn_check_keytab(spn_directory *dir, spn_kdc *kdc, const char *keytab, const spn_keytab_options *options,
		spn_finding_fn *fn, void *data, spn_error *err);

/* Progress of a long search: accounts and names read so far.  For an LDIF file only possible duplicates are
 * counted.  Any status but SPN_OK ends the search and becomes its result. */
typedef spn_status spn_progress_fn(size_t n_accounts, size_t n_names, void *data, spn_error *err);

#define SPN_DUPLICATES_OPTIONS_VERSION 1u

/* Where to look.  Start from SPN_DUPLICATES_OPTIONS_INIT. */
typedef struct spn_duplicates_options {
	unsigned version;    /* SPN_DUPLICATES_OPTIONS_VERSION */
	const char *pattern; /* only findings about a name that matches this ('*' stands for any text); NULL: all */
	bool forest;         /* ask the global catalog */
	spn_directory *const *others; /* more directories: a name held in two of them is a duplicate too */
	size_t n_others;
	spn_progress_fn *progress; /* NULL: none */
	void *progress_data;
} spn_duplicates_options;

#define SPN_DUPLICATES_OPTIONS_INIT SPN_INIT(SPN_DUPLICATES_OPTIONS_VERSION)

/*
 * Finds every name that more than one account could answer for, and calls fn for each:
 *
 * "duplicate": several accounts hold the name itself, in whatever spelling.  Within one domain, no client gets
 * a ticket for it, nor for its aliases (of HOST/x) that no account holds.  If each is in a forest of its own, a notice.
 *
 * "alias-conflict": one account holds the name (http/x), another the name it is an alias of (HOST/x): the first
 * has taken over a name that the second would answer for.  One finding per alias; accounts lists the holders of
 * the alias first.
 *
 * accounts lists every holder.  The directory is read once, page by page, keeping sixteen bytes per name;
 * possible clashes are then looked up by name, so that each finding is confirmed by the directory.  options may
 * be NULL.
 *
 * Returns what spn_directory_search returns.
 */
spn_status spn_find_duplicates(spn_directory *dir, const spn_duplicates_options *options, spn_finding_fn *fn,
		void *data, spn_error *err);

/*
 * Reports who may act as a user towards whom in a domain ([MS-SFU]): towards a name that msDS-AllowedToDelegateTo
 * lists, which is whichever account holds it; towards an account whose msDS-AllowedToActOnBehalfOfOtherIdentity allows
 * it; towards everybody; whose place a delegated managed service account takes; and whom an authentication policy lets
 * get tickets for an account ([MS-KILE] 3.3.5.5).
 *
 * what: a name, of which it reports who may delegate to it and to the account that it leads to; an account, of which
 * it reports both directions; NULL: everything.
 *
 * Findings: "delegation", with the account that acts first; "wide-delegation" (as any user); "ghost-delegation" (a
 * listed name that no account holds; in a file a notice, because the account may not have been exported);
 * "unconstrained"; "rbcd-open" (an account lets everybody act); "rbcd-dead" (an account lets a SID of its
 * domain act that no account has); "dmsa-link" (a delegated managed service account names a predecessor that does not
 * agree, or that is an administrator's); "authentication-policy" (who may get tickets for an account; a notice if that
 * cannot be seen or does not apply); "unknown-delegations" (what cannot be seen: of accounts without a
 * userAccountControl that can be read; of a file, about no account, the attributes that no entry has).
 *
 * Returns what spn_resolve or spn_account_find returns for what.
 */
spn_status spn_find_delegations(spn_directory *dir, const char *what, spn_finding_fn *fn, void *data, spn_error *err);

/* Finds out whether a host name has an address. */
typedef spn_status spn_host_fn(const char *host, bool *ret_known, void *data, spn_error *err);

/*
 * A spn_host_fn that asks the system's resolver, for at most five seconds; data is ignored.
 *
 * Returns SPN_ERR_UNREACHABLE if no answer arrives.
 */
spn_status spn_host_known(const char *host, bool *ret_known, void *data, spn_error *err);

/*
 * What DNS calls a host that was given by another of its names, such as a CNAME; for free().  *ret_name becomes NULL if
 * it has no other name, or is unknown.  Nobody vouches for the answer: see spn_diagnose_options.alias.
 *
 * Returns SPN_ERR_UNREACHABLE if no answer arrives within five seconds.
 */
spn_status spn_host_canonical(const char *host, char **ret_name, spn_error *err);

/* Finds out which keys an account has: a set of SPN_ENC_AES256, SPN_ENC_AES128 and SPN_ENC_RC4. */
typedef spn_status spn_keys_fn(
		spn_directory *dir, const spn_account *account, unsigned *ret_keys, void *data, spn_error *err);

/* A spn_keys_fn that asks the KDC (spn_probe_keys), for at most five accounts a second; data is ignored. */
spn_status spn_keys_known(
		spn_directory *dir, const spn_account *account, unsigned *ret_keys, void *data, spn_error *err);

/*
 * What KDCs of an era make of the enabled accounts that hold names, the KDC's own aside.  Each account is counted once,
 * but for undated.
 */
typedef struct spn_enctype_survey {
	spn_era era, other_era; /* the one that was chosen, and the one before or after it, which has another default */
	size_t n_accounts;     /* all of them */
	size_t n_refused;      /* no client gets a ticket */
	size_t n_without_aes;  /* likewise, because the account has no AES keys, as the KDC shows */
	size_t n_old;          /* perhaps likewise: its password is older than the domain's first AES keys */
	size_t n_changing; /* tickets are encrypted with AES, and by KDCs of the era before with RC4; or with RC4, and
			      by those of the next era with AES */
	size_t n_rc4;          /* RC4 */
	size_t n_aes;          /* AES */
	size_t n_undocumented; /* with a value of msDS-SupportedEncryptionTypes whose effect is not documented */
	size_t n_undated;      /* of those with AES: the date of its password is not known, nor whether it has such keys */
	unsigned doubts;       /* SPN_DOUBT_*: of what holds for all */
} spn_enctype_survey;

typedef spn_status spn_enctype_survey_fn(const spn_enctype_survey *survey, void *data, spn_error *err);

#define SPN_AUDIT_OPTIONS_VERSION 1u

/* What an audit looks at.  Start from SPN_AUDIT_OPTIONS_INIT. */
typedef struct spn_audit_options {
	unsigned version;    /* SPN_AUDIT_OPTIONS_VERSION */
	const char *pattern; /* only accounts with a name that matches this ('*' stands for any text); NULL: all */
	bool forest;         /* ask the global catalog */
	spn_directory *const *others; /* more directories, examined together with the first */
	size_t n_others;
	unsigned password_days; /* report service passwords older than this; 0: 365 */
	int64_t now;            /* seconds since 1970; 0: the clock's */
	/* called once for each host of a name; after SPN_ERR_UNREACHABLE for three hosts of a domain not for others of
	 * it, after 16 (or three, if there was no answer at all) for none; NULL: no host check */
	spn_host_fn *knows_host;
	void *host_data;
	spn_progress_fn *progress; /* NULL: nobody */
	void *progress_data;
	spn_era era; /* which KDCs the accounts must suit; SPN_ERA_UNKNOWN: the latest of the directory's kind */
	spn_enctype_survey_fn *survey; /* called once, before any finding; NULL: skip */
	void *survey_data;
	/* called for accounts that are refused without AES keys and may lack them: those with an old password, or one
	 * whose date is not known, those that came from another domain, and, with a pattern, all that it fits; never
	 * for one that needs no preauthentication; after SPN_ERR_UNREACHABLE for none; NULL: dates alone count */
	spn_keys_fn *knows_keys;
	void *keys_data;
} spn_audit_options;

#define SPN_AUDIT_OPTIONS_INIT SPN_INIT(SPN_AUDIT_OPTIONS_VERSION)

/*
 * Examines every account for what breaks, or will break, Kerberos, and calls fn for each finding.  In addition
 * to those of spn_find_duplicates:
 *
 * "malformed": a name that no client requests, or that has a NUL in it, or, as a notice without a repair, that a KDC of
 * Samba serves though it is odd; "impersonation": a name that makes an account look like a KDC or a
 * domain controller (spn_account_poses_as); "disabled-account": names on one, or, as one notice about all of
 * them, disabled computers with their own names only; "weak-enctype": a user with names whose
 * msDS-SupportedEncryptionTypes leaves out AES; "old-password": a user with names whose password is old;
 * "missing": a computer with a host but without the names that WinRM and the like are found by; "unchecked":
 * dSHeuristics switches off a check of the forest; "conflict-object": an account that lost a replication
 * conflict; "near-limit": nearly as many names as an account may hold; "upn": a userPrincipalName that makes
 * the account answer for a name it does not hold; "unknown-host": the host of a name has no address;
 * "roastable-admin": an administrator's account (adminCount) with names, whose password can be guessed from their
 * tickets; "roastable-no-preauth": one with names that needs no preauthentication; "protected-service": one with names
 * in Protected Users; "superseded": one with names that a delegated managed service account has replaced;
 * "no-aes-keys": one with names that KDCs of the era refuse for want of AES keys, by the date of its password or as the
 * KDC shows; "enctype-change", if an era is given: one with names whose tickets are encrypted with RC4 by KDCs of one
 * version, and with AES by those of the next; and of enabled accounts what spn_find_delegations tells, but for rights
 * that lead somewhere without going too far.
 *
 * spn_propose_repair turns findings that need no decision into steps.  options may be NULL.  Threads look at the
 * accounts of a large file (spn_directory_open): the child of a callback that forks has none of them, and must not
 * return from the callback.
 *
 * Returns what spn_directory_search returns.
 */
spn_status spn_audit(spn_directory *dir, const spn_audit_options *options, spn_finding_fn *fn, void *data,
		spn_error *err);

/* Findings that somebody has looked at and accepts, so that a program that looks every night tells what is new. */
typedef struct spn_accepted spn_accepted;

/*
 * Reads a file of them: lines that "spnkit audit --json" printed, each of which accepts that finding about those
 * accounts, or CODE<TAB>NAME, where NAME is a name or an account.  Empty lines, those that begin with '#', and the
 * other records of --json are skipped.
 *
 * Returns SPN_ERR_FAILED if it cannot be read, or is not a regular file; SPN_ERR_SYNTAX for any other line;
 * SPN_ERR_UNSUPPORTED for JSON in a build without jansson.
 */
spn_status spn_accepted_read(const char *path, spn_accepted **ret_accepted, spn_error *err);
/* Accepts the findings that match a rule (spn_finding_is_like), too.  If *accepted is NULL, it is created.  Returns
 * SPN_ERR_NOMEM. */
spn_status spn_accepted_add(spn_accepted **accepted, const char *rule, spn_error *err);
/* Whether a finding is one of them.  Names and DNs are compared without regard to the case of ASCII letters. */
spn_status spn_accepted_has(const spn_accepted *accepted, const spn_finding *finding, bool *ret_has, spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spn_accepted *spn_accepted_free(spn_accepted *accepted);

/* Whether a finding is one of CODE or CODE:PATTERN; '*' in the pattern, which is for a name, an account or a DN, stands
 * for any text.  False without memory. */
bool spn_finding_is_like(const spn_finding *finding, const char *rule);

#ifdef __cplusplus
}
#endif
#endif
