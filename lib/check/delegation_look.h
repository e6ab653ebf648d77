/* SPDX-License-Identifier: MIT */
/* delegation_look.h - one look at the delegations of a domain: what it is about, what it reads and how it reports */
#ifndef SPK_DELEGATION_LOOK_H
#define SPK_DELEGATION_LOOK_H

#include "delegation.h"
#include "base/keys.h"
#include "model/adtypes.h"
#include "rights/token.h"

typedef struct spk_look {
	spn_directory *dir;
	const char *name; /* that the question is about, or NULL */
	spk_accounts about; /* the accounts that it is about: those that the name leads to, or the one that was named */
	bool is_about_all;
	bool is_brief; /* for an audit, which reports elsewhere what is unknown: names of one account that lead to the
			  same one are one finding */
	spk_accounts accounts; /* that delegate, or are delegated to, or under a policy, or superseded */
	spk_accounts policies; /* and silos: whatever is where those are kept */
	spk_keys policy_dns;
	/* what the accounts refer to by a SID or a DN: looked up together with the names */
	spn_filter *wanted;
	spk_keys wanted_keys;
	spk_accounts referred;
	spk_keys sids; /* of these, and which of them has each */
	const spn_account **by_sid;
	spk_keys dns; /* of about */
	spk_keys groups; /* that these are members of: DNs */
	spk_place place; /* once somebody asks for it */
	spk_token wide; /* groups that everybody of a domain is in, or all of its computers */
	spk_keys wide_of; /* of these domains, by their SPK_DOMAIN_ID */
	spk_teller to;
} spk_look;

void spk_look_clear(spk_look *look);
#define SPK_AUTOLOOK __attribute__((cleanup(spk_look_clear)))

bool spk_look_is_about(const spk_look *look, const spn_account *account);
/* The same of a group: it is about one of its members. */
bool spk_look_is_about_member(const spk_look *look, const spn_account *group);

/* front and target may be NULL. */
spn_status spk_look_tell(const spk_look *look, const char *code, spn_severity severity, const char *spn,
		const spn_account *front, const spn_account *target, spn_error *err, const char *format, ...)
		__attribute__((format(printf, 8, 9)));

/* Whom a list lets in, or not, in its order.  Lends the SIDs. */
typedef struct spk_ace {
	spn_bytes sid;
	bool allows, is_conditional;
} spk_ace;

typedef struct spk_aces {
	spk_ace *list;
	size_t n;
	bool failed;
} spk_aces;

/* Adds those of a security descriptor, the only value of an attribute; ret_unclear: it cannot be read, and none was
 * added. */
spn_status spk_aces_add(
		spk_aces *aces, const spn_account *account, const char *attr, bool *ret_unclear, spn_error *err);
/* Whether it lets that one in: no earlier entry of the list denies it. */
bool spk_aces_let_in(const spk_aces *aces, size_t i);
void spk_aces_free(spk_aces *aces);
#define SPK_AUTOACES __attribute__((cleanup(spk_aces_free)))

/* Entries with this value of the attribute are to be looked up; the value is lent. */
spn_status spk_look_want(spk_look *look, const char *attr, spn_bytes value, spn_error *err);
spn_status spk_look_want_trustees(spk_look *look, const spk_aces *aces, spn_error *err);
/* Once they have been looked up: the account or group of a SID; NULL: it was not found. */
spn_status spk_look_list_sids(spk_look *look, spn_error *err);
const spn_account *spk_look_trustee(const spk_look *look, spn_bytes sid);
/* What to call it towards an account: by its sAMAccountName, or its DN if it is of another domain, else its usual name,
 * behind its domain's SID if that is not the account's, else its SID.  The room is for these. */
const char *spk_look_trustee_label(
		const spk_look *look, spn_bytes sid, const spn_account *account, char text[SPK_SID_NAME]);

/* delegation_names.c: towards which names the accounts may act, and whom those lead to. */
struct spk_leads;
spn_status spk_leads_new(spk_look *look, struct spk_leads **ret_leads, spn_error *err);
/* Looks them up, and what spk_look_want was called for, in one search. */
spn_status spk_leads_find(struct spk_leads *leads, spn_error *err);
spn_status spk_leads_tell(const struct spk_leads *leads, spn_error *err);
void spk_leads_free(struct spk_leads *leads);

/* delegation_acting.c: whom the accounts let act as any user towards them. */
spn_status spk_look_add_acting(const spk_look *look, spk_aces *aces, spn_error *err);
/* Looks up those of other domains, in a file of several or the global catalog. */
spn_status spk_look_find_foreign(spk_look *look, spn_error *err);
spn_status spk_look_tell_acting(spk_look *look, spn_error *err);

/* delegation_policy.c: who may get tickets for the accounts ([MS-KILE] 3.3.5.4, 3.3.5.5). */
spn_status spk_look_read_policies(spk_look *look, spn_error *err);
spn_status spk_look_add_policies(const spk_look *look, spk_aces *aces, spn_error *err);
spn_status spk_look_tell_policies(const spk_look *look, spn_error *err);

/* succession.c: whose place delegated managed service accounts take. */
spn_status spk_look_want_predecessors(spk_look *look, spn_error *err);
spn_status spk_look_tell_successions(const spk_look *look, spn_error *err);

#endif
