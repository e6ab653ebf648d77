/* SPDX-License-Identifier: MIT */
/* delegation.h - what an account says of delegation, its own and to it */
#ifndef SPK_DELEGATION_H
#define SPK_DELEGATION_H

#include "account/account.h"
#include "plan/explain.h"

/* Names whose holders the account may delegate to, as a list; and a security descriptor of those who may act as any
 * user towards the account itself. */
#define SPK_DELEGATES_TO "msDS-AllowedToDelegateTo"
#define SPK_LETS_ACT "msDS-AllowedToActOnBehalfOfOtherIdentity"

/* Of a delegated managed service account, the DN of the account whose place it takes; and of that one, the DN of its
 * successor, and how far that is (2: done).  What limits who may get tickets for an account. */
#define SPK_PRECEDED_BY "msDS-ManagedAccountPrecededByLink"
#define SPK_SUCCEEDED_BY "msDS-SupersededManagedAccountLink"
#define SPK_SUPERSEDED_STATE "msDS-SupersededServiceAccountState"
#define SPK_POLICY "msDS-AssignedAuthNPolicy"
#define SPK_SILO "msDS-AssignedAuthNPolicySilo"

/* What must be read of an account so that the functions below can judge it. */
extern const char *const spk_delegation_attrs[];

/* Whether it may act as any user, without a log-on of that user (protocol transition, [MS-SFU] 3.2.5.1.2). */
bool spk_acts_as_any_user(const spn_account *account);

/* Whether it is trusted for delegation, so that clients forward their ticket-granting tickets to it.  Every domain
 * controller is; those do not count. */
bool spk_is_handed_tickets(const spn_account *account);

/* Tells, as spn_find_delegations, what the accounts may do to others of their domain, which is the directory's, and let
 * others do to them; but names that one of them lists and that lead to the same account are one finding. */
spn_status spk_delegations_tell(spn_directory *dir, const spk_accounts *accounts, const spk_teller *to, spn_error *err);

#endif
