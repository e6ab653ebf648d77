/* SPDX-License-Identifier: MIT */
/* check.h - which account answers for a name, and what is wrong */
#ifndef SPNKIT_CHECK_H
#define SPNKIT_CHECK_H

#include <spnkit/account.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum spn_severity {
	SPN_SEVERITY_OK,      /* checked, and in order */
	SPN_SEVERITY_NOTICE,  /* worth knowing */
	SPN_SEVERITY_WARNING, /* will hurt some day */
	SPN_SEVERITY_BROKEN   /* authentication fails because of it */
} spn_severity;

/* "ok", "notice", "warning" or "broken". */
const char *spn_severity_name(spn_severity severity);

typedef struct spn_account_ref {
	const char *dn;
	const char *account; /* sAMAccountName, "" if unknown */
} spn_account_ref;

typedef struct spn_finding {
	const char *code; /* stable: "duplicate", "wrong-account", "missing", "ok", ... */
	spn_severity severity;
	const char *spn; /* NULL if it is about an account alone */
	const spn_account_ref *accounts;
	size_t n_accounts;
	const char *text;   /* one sentence for a person */
	const char *repair; /* a command that mends it, or NULL */
} spn_finding;

/* Receives one finding, which lives only until the function returns. */
typedef spn_status spn_finding_fn(const spn_finding *finding, void *data, spn_error *err);

/* How a KDC comes from a name to an account ([MS-DRSR] 4.1.4.2.14, [MS-KILE] 3.3.5.1.1). */
typedef enum spn_rule {
	SPN_RULE_NONE,     /* nobody: the client gets Kerberos error 7 */
	SPN_RULE_EXPLICIT, /* one account holds the name itself */
	SPN_RULE_ALIAS,    /* one account holds a name of which it is an alias: HOST/ through sPNMappings */
	SPN_RULE_UPN,      /* one account has it as its userPrincipalName */
	SPN_RULE_AMBIGUOUS /* several accounts hold it: nobody gets a ticket */
} spn_rule;

/* "none", "explicit", "alias", "upn" or "ambiguous". */
const char *spn_rule_name(spn_rule rule);

typedef struct spn_resolution {
	spn_rule rule;
	const char *via; /* the stored name that matched, such as "HOST/LAX-CRM01"; NULL for none */
	const spn_account *const *accounts; /* one; several for ambiguous; none */
	size_t n_accounts;
} spn_resolution;

/* Receives the answer, which lives only until the function returns. */
typedef spn_status spn_resolution_fn(const spn_resolution *resolution, void *data, spn_error *err);

/*
 * Says which account the KDC picks for a name, judged by the directory alone, and calls fn once.
 *
 * Explicit names come before aliases, aliases before UPNs.  sPNMappings are the directory's own; where
 * it has none, Active Directory's defaults.
 *
 * Returns SPN_ERR_SYNTAX for a malformed name.
 */
spn_status spn_resolve(spn_directory *dir, const char *spn, spn_resolution_fn *fn, void *data,
		spn_error *err);

#ifdef __cplusplus
}
#endif
#endif
