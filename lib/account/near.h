/* SPDX-License-Identifier: MIT */
/* near.h - what somebody may have meant */
#ifndef SPK_NEAR_H
#define SPK_NEAR_H

#include <spnkit/account.h>

#include "base/text.h"

/* Of an account that is not there: adds "; did you mean 'a', 'b' or 'c'?", or nothing.  One search.  If that fails,
 * nothing is added: the caller reports its own error in any case. */
void spk_near_accounts(spn_directory *dir, const char *name, spn_account_want want, spk_text *ret_question);

/* Of a name that an account does not hold: the same about names that it holds. */
void spk_near_names(const spn_account *account, const char *name, spk_text *ret_question);

#endif
