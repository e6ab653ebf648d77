/* SPDX-License-Identifier: MIT */
/* token.h - as whom somebody is known to a controller: all SIDs that they have */
#ifndef SPK_TOKEN_H
#define SPK_TOKEN_H

#include "account/account.h"
#include "base/keys.h"
#include "model/adtypes.h"

/* Where tokens are made.  Start from { 0 }. */
typedef struct spk_place {
	spk_home home;
	const char *own, *root; /* the domain, and the root of its forest; NULL: not known */
	bool is_file, has_others; /* a file; one of several domains, all of which can be searched */
	bool is_partial; /* a server that is not a global catalog: memberOf leaves out the groups of other domains */
	bool is_silent;  /* the global catalog did not answer: it is not asked again */
	const struct spk_token *users; /* what all users of the domain, or all of its computers, are in: that makes nobody an
	                                * administrator; NULL: nobody has looked */
	char why[SPN_MESSAGE_SIZE]; /* why it did not */
} spk_place;

/* What a directory says of itself; home stays as it is. */
spn_status spk_place_open(spn_directory *dir, spk_place *place, spn_error *err);
void spk_place_is_silent(spk_place *place, const spn_error *why);

/* Start from { 0 }. */
typedef struct spk_token {
	spk_keys sids;
	spk_keys dns;        /* of the account and its groups */
	spk_accounts groups; /* those that can be read */
	bool is_administrator;
	bool is_samba; /* of everybody: as a controller of Samba knows them */
	spk_place *place; /* lent, of everybody: others take it from there; NULL: nobody of a domain is an administrator */
} spk_token;

/* The groups that Everyone and Authenticated Users are in, directly or through others.  Its place may be set. */
spn_status spk_token_of_everybody(spn_directory *dir, spk_token *token, spn_error *err);
/* The same, and those that the users and computers of a domain are in, of which sid is one. */
spn_status spk_token_of_domain(spn_directory *dir, spn_bytes sid, spk_token *token, spn_error *err);
/* Adds those that the users and computers of another domain are in, as far as a file or the global catalog tells. */
spn_status spk_token_add_domain(spn_directory *dir, spn_bytes sid, spk_token *token, spn_error *err);
/* The account or group itself, the groups that it is in, directly or through others, Everyone, Authenticated Users, and
 * what these are in (everybody).  Groups of other domains are looked up if somebody says to be in one (memberOf): in a
 * file, or the global catalog.  Of another domain, domain local groups do not count. */
spn_status spk_token_read(spn_directory *dir, const spn_account *who, const spk_token *everybody, spk_token *token,
		spn_error *err);
/* For a server that is_partial: asks the global catalog for further groups. */
spn_status spk_token_widen(spn_directory *dir, const spn_account *who, spk_token *token, spn_error *err);
/* Appends which groups could not be looked up that somebody is in, "'CN=a', 'CN=b' and 3 more"; nothing: all were. */
spn_status spk_token_put_unseen(const spk_token *token, const spn_account *who, spk_text *text, spn_error *err);
/* Of somebody of whom the SID is all that is known. */
spn_status spk_token_of_sid(spn_bytes sid, const spk_token *everybody, spk_token *token, spn_error *err);
bool spk_token_has(const spk_token *token, spn_bytes sid);
spn_status spk_token_add(spk_token *token, spn_bytes sid, spn_error *err);
void spk_token_free(spk_token *token);
#define SPK_AUTOTOKEN __attribute__((cleanup(spk_token_free)))

#endif
