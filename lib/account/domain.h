/* SPDX-License-Identifier: MIT */
/* domain.h - which domain of a forest something is in */
#ifndef SPK_DOMAIN_H
#define SPK_DOMAIN_H

#include "account.h"
#include "base/text.h"
#include "directory/known.h"

/* The DNS name of the domain that a NetBIOS or DNS name means: one of the forest, or one that trusts ours; "" if the
 * directory knows none of that NetBIOS name. */
spn_status spk_domain_named(spn_directory *dir, const char *name, spk_text *ret_dns, spn_error *err);

/* Says that an account is in another domain than the one that is open. */
spn_status spk_fail_elsewhere(const char *account, const char *domain, const char *own, spn_error *err);

/* Whether an account's text (a DN, DOMAIN\name) says that it is in another domain, and in which. */
bool spk_account_is_elsewhere(spn_directory *dir, const char *account, spk_text *ret_domain);

/* account.c: looks for a sAMAccountName or UPN in the global catalog. */
spn_status spk_account_find_in_forest(
		spn_directory *dir, const char *text, spn_account_want want, spn_account **ret_account, spn_error *err);

#endif
