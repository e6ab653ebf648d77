/* SPDX-License-Identifier: MIT */
/* proof.h - what the directory itself proves, so that a repair needs no decision */
#ifndef SPK_PROOF_H
#define SPK_PROOF_H

#include "creator.h"

/* What must be read of an account so that the functions below can judge it. */
#define SPK_PROOF_ATTRS SPK_KIND_ATTRS, "dNSHostName", SPK_SPN, "userAccountControl", "operatingSystem", \
	"primaryGroupID", "msDS-AdditionalDnsHostName", "msDS-AdditionalSamAccountName", SPK_KRBTGT_NUMBER, SPK_CREATOR

/* HOST, RestrictedKrbHost, WSMAN, TERMSRV: what a machine registers for itself. */
bool spk_is_machine_class(spn_bytes service_class);

/* Whether a name is one that a machine's own services are found by, WinRM first: HOST/ of its host, or what HOST/
 * stands for.  A service with another account needs a host name of its own. */
bool spk_name_is_of_machine(const spn_account *machine, const char *spn);

/* Whether a computer is known to run Windows; whether it is known to run something else. */
bool spk_account_is_windows(const spn_account *account);
bool spk_account_is_no_windows(const spn_account *account);

/* Whether a computer account stands for a machine: it has a dNSHostName or an operatingSystem.  Those of AZUREADSSOACC,
 * AzureADKerberos, Azure Files, Exchange's ASA, and prestaged ones have neither. */
bool spk_account_has_host(const spn_account *account);

/* Whether such an account is a machine's and not a managed service account, which looks alike in an export without
 * objectClass and objectCategory: there it must have an operatingSystem of Windows or a HOST/ name, and not be where
 * managed accounts are. */
bool spk_account_is_machine(const spn_account *account);

/* Whether it is a cluster name: nodes of the cluster answer for it, and WinRM does not register names for it. */
bool spk_account_is_cluster_name(const spn_account *account);

/* Whether it is a domain controller, writable or read-only: by userAccountControl, of which an export may have single
 * bits only, none of them for a kind of account; then by its kind and primaryGroupID.  All three are false for one of
 * which too little was exported, but the last if it holds names as controllers do, none at all, or is in their OU. */
bool spk_account_is_controller(const spn_account *account);
bool spk_account_is_no_controller(const spn_account *account);
bool spk_account_may_be_controller(const spn_account *account);

/* Whether the KDC gives anybody an answer that is encrypted with the account's key (DONT_REQ_PREAUTH). */
bool spk_account_needs_no_preauth(const spn_account *account);

/* Whether it lost a replication conflict (CNF: in its DN, $DUPLICATE- in its name), so that nothing logs on as it; or
 * was deleted. */
bool spk_account_is_remnant(const spn_account *account);

/* Whether a host is this computer, by its dNSHostName or its sAMAccountName. */
bool spk_account_is_host(const spn_account *account, spn_bytes host);

/* The same, or the first label of its dNSHostName, or one of its msDS-Additional names (netdom computername /add). */
bool spk_account_claims_host(const spn_account *account, spn_bytes host);

/*
 * Whether no request can ever match a name of an account, however the directory compares: it lacks a class or a host,
 * has an empty part or too many, blanks at an end, a colon behind its class, or the realm of its domain at the end; and
 * spk_name_is_served says no.
 */
bool spk_name_is_hopeless(const spn_account *account, spn_bytes name);

/*
 * Whether the KDC of an account's domain is Samba's, and gives tickets to whoever asks for a name of the account,
 * however odd it is: it has a '/' (up to a NUL), and no blank but at its ends, no tab, end of line or '@', or has a
 * backslash, by which those can be asked for.
 */
bool spk_name_is_served(const spn_account *account, spn_bytes name);
/* How clients ask for a name that is served so: up to a NUL, and without blanks at its ends.  Lends from the name. */
spn_bytes spk_name_asked(spn_bytes name);

/*
 * The one of the holders who must keep a name; NULL: a person has to decide.  It is enabled and no remnant, all holders
 * tell their userAccountControl, and one of these holds:
 * - every other holder is disabled or a remnant, and none of them is the host that a name of a machine (HOST/x,
 * WSMAN/x, ...) means;
 * - the name is one of a machine, this is the only enabled holder that is its host, and no other enabled holder claims
 * the host.
 */
const spn_account *spk_rightful_holder(const spk_accounts *holders, const char *name);

/* The same without knowing that all are enabled: the one who probably runs the service. */
const spn_account *spk_likely_holder(const spk_accounts *holders, const char *name);

/*
 * Whether a computer must have the default names: it is enabled, has an operatingSystem, and a dNSHostName whose first
 * label is its sAMAccountName (of which 15 characters are kept); it is neither a cluster name nor a remnant.
 */
bool spk_defaults_are_due(const spn_account *account);

#endif
