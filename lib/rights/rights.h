/* SPDX-License-Identifier: MIT */
/* rights.h - the permissions of an account, for those who explain a refusal */
#ifndef SPK_RIGHTS_ANSWER_H
#define SPK_RIGHTS_ANSWER_H

#include <spnkit/rights.h>

#include "base/cleanup.h"
#include "base/text.h"

SPK_DEFINE_AUTO(spn_rights, spn_rights_free)

/* As spn_account_rights, of the account at a DN. */
spn_status spk_rights_read(
		spn_directory *dir, const char *dn, const char *who, spn_rights **ret_rights, spn_error *err);

/* For somebody who may not write the names of an account: appends who may, "'helpdesk', 'Domain Admins' and 2 more",
 * administrators last; nothing of a file, or if that cannot be found out, or nobody may.  Fails without memory only. */
spn_status spk_rights_put_writers(spn_directory *dir, const char *dn, spk_text *text, spn_error *err);

#endif
