/* SPDX-License-Identifier: MIT */
/* creator.h - computers that ordinary users have created */
#ifndef SPK_CREATOR_H
#define SPK_CREATOR_H

#include "account.h"
#include "finding.h"

/* Set by the controller if whoever created a computer may not create accounts, but has used the quota that everybody
 * has (ms-DS-MachineAccountQuota, ten by default; [MS-ADTS] 3.1.1.5.2). */
#define SPK_CREATOR "mS-DS-CreatorSID"

/* Appends what that means for names that such a computer would get; nothing of others. */
void spk_creator_put(spk_text *text, const spn_account *computer);
/* The same as a finding. */
spn_status spk_creator_tell(const spk_teller *to, const spn_account *computer, spn_error *err);

#endif
