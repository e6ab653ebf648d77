/* SPDX-License-Identifier: MIT */
/* challenge.h - WWW-Authenticate (RFC 9110, section 11.6.1) */
#ifndef SPK_CHALLENGE_H
#define SPK_CHALLENGE_H

#include "base/text.h"

/* What the answers of one response offer, all its headers together. */
typedef struct spk_challenges {
	spk_text names;  /* "Negotiate, NTLM": each once, as spelled */
	spk_text token;  /* what came with Negotiate, decoded; len 0: nothing */
	bool negotiate;
} spk_challenges;

/* Adds one header's value, which may be anything. */
void spk_challenges_add(spk_challenges *challenges, const char *value, size_t len);
void spk_challenges_free(spk_challenges *challenges);

#endif
