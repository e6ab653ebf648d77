/* SPDX-License-Identifier: MIT */
/* probe.h - what a ticket and the directory say of each other */
#ifndef SPK_PROBE_H
#define SPK_PROBE_H

#include "resolve.h"
#include "account/account.h"

SPK_DEFINE_AUTO(spn_probe, spn_probe_free)

/* As spn_probe_ticket, once the directory has answered; with options.  The account of the probe is the answer's. */
spn_status spk_probe_answer(spn_directory *dir, spn_kdc *kdc, const char *spn, const spk_answer *answer,
		const spn_probe_options *options, spn_probe **ret_probe, spn_error *err);

/* Reads what the directory says of an account's keys into it: their version, and what spk_account_predict looks at. */
spn_status spk_account_add_keys(spn_directory *dir, spn_account *account, spn_error *err);

/* What the entry of an account, whose keys were added, says for a prediction. */
spn_enctype_case spk_account_case(const spn_account *account);

/* As spn_account_enctype, of an account whose keys were added. */
spn_status spk_account_predict(spn_directory *dir, const spn_account *account, spn_era era, spn_enctype_prediction *ret,
		spn_error *err);

/* Whether an export may lack msDS-SupportedEncryptionTypes of every account, as those with few columns do, and of this
 * one.  A server that shows the account shows it. */
spn_status spk_enctypes_left_out(spn_directory *dir, const spn_enctype_case *what, bool *ret_is, spn_error *err);

/* Whether any KDC makes a ticket for the account, whose keys were added, with that enctype, whichever keys it has. */
bool spk_account_may_use(const spn_account *account, int enctype);

/* What in a ticket speaks against its being for an account: a half sentence in buffer, or NULL. */
const char *spk_ticket_contradicts(const spn_ticket *ticket, const spn_account *account, char buffer[160]);

#endif
