/* SPDX-License-Identifier: MIT */
/* rights.h - the permissions of an account, for those who explain a refusal */
#ifndef SPK_RIGHTS_ANSWER_H
#define SPK_RIGHTS_ANSWER_H

#include <spnkit/rights.h>

#include "base/cleanup.h"
#include "base/text.h"

SPK_DEFINE_AUTO(spn_rights, spn_rights_free)

/* Appends who may write the names of an account, as a clause: "that right have 'helpdesk' and 2 more"; nothing if that
 * cannot be read. */
spn_status spk_rights_put_writers(spn_directory *dir, const char *dn, spk_text *text, spn_error *err);

#endif
