/* SPDX-License-Identifier: MIT */
/* token.h - as whom somebody is known to a controller: all SIDs that they have */
#ifndef SPK_TOKEN_H
#define SPK_TOKEN_H

#include "account/account.h"
#include "base/keys.h"

/* Start from { 0 }. */
typedef struct spk_token {
	spk_keys sids;
	spk_keys dns;        /* of the account and its groups */
	spk_accounts groups; /* those that can be read */
	bool is_administrator;
	bool is_samba; /* of everybody: as a controller of Samba knows them */
} spk_token;

/* The groups that Everyone and Authenticated Users are in, directly or through others. */
spn_status spk_token_of_everybody(spn_directory *dir, spk_token *token, spn_error *err);
/* The account or group itself, the groups that it is in, directly or through others, Everyone, Authenticated Users, and
 * what these are in (everybody).  What groups of other domains it is in is not known. */
spn_status spk_token_read(spn_directory *dir, const spn_account *who, const spk_token *everybody, spk_token *token,
		spn_error *err);
/* Of somebody of whom the SID is all that is known. */
spn_status spk_token_of_sid(spn_bytes sid, const spk_token *everybody, spk_token *token, spn_error *err);
bool spk_token_has(const spk_token *token, spn_bytes sid);
spn_status spk_token_add(spk_token *token, spn_bytes sid, spn_error *err);
void spk_token_free(spk_token *token);
#define SPK_AUTOTOKEN __attribute__((cleanup(spk_token_free)))

#endif
