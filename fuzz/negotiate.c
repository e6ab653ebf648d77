/* SPDX-License-Identifier: MIT */
/* The value of WWW-Authenticate, and the bytes of a token. */
#include "fuzz.h"

#include "handshake/challenge.h"
#include "kerberos/der.h"
#include "kerberos/spnego.h"

static void check_inside(spn_bytes part, spn_bytes whole)
{
	MUST(part.len == 0 || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len));
}

static void check_token(spn_bytes token)
{
	spk_der_ticket ticket;
	spk_spnego_reply reply = spk_spnego_read(token);
	check_inside(reply.krb5_token, token);
	check_inside(reply.krb5_text, token);
	if (spk_der_read_ticket(token, &ticket))
		check_inside(ticket.cipher, token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	spk_challenges challenges = { .negotiate = false };
	spk_challenges_add(&challenges, text, size);
	check_token((spn_bytes){ challenges.token.data, challenges.token.len });
	check_token((spn_bytes){ text, size });
	spk_challenges_free(&challenges);
	free(text);
	return 0;
}
