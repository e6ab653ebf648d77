/* SPDX-License-Identifier: MIT */
/* WWW-Authenticate, as servers write it and as nobody should. */
#include "unit.h"

#include "handshake/challenge.h"

/* Lines are headers. */
static void reads(const char *lines, const char *names, bool negotiate, const char *token)
{
	spk_challenges challenges = { 0 };
	for (const char *at = lines;; at++) {
		size_t len = strcspn(at, "\n");
		spk_challenges_add(&challenges, at, len);
		at += len;
		if (!*at)
			break;
	}
	assert_string_equal(challenges.names.len ? challenges.names.data : "", names);
	assert_int_equal(challenges.negotiate, negotiate);
	assert_string_equal(challenges.token.len ? challenges.token.data : "", token);
	spk_challenges_free(&challenges);
}

static void schemes_are_listed_once(void **state)
{
	(void)state;
	reads("Negotiate", "Negotiate", true, "");
	reads("Negotiate\nNTLM\nBasic realm=\"a, b\"", "Negotiate, NTLM, Basic", true, "");
	reads("Negotiate, NTLM,negotiate , ntlm", "Negotiate, NTLM", true, "");
	reads("NTLM", "NTLM", false, "");
	reads("Basic realm=\"x\", charset=\"UTF-8\", Digest realm=\"y\", nonce=abc==, Negotiate",
			"Basic, Digest, Negotiate", true, "");
	reads("Basic realm=\"a \\\", Negotiate\"", "Basic", false, "");
	reads("Kerberos", "Kerberos", false, "");
}

static void the_token_of_negotiate_is_decoded(void **state)
{
	(void)state;
	reads("Negotiate YWJj", "Negotiate", true, "abc");
	reads("negotiate   YWI=\t", "negotiate", true, "ab");
	reads("Negotiate YQ==, NTLM", "Negotiate, NTLM", true, "a");
	reads("NTLM YWJj", "NTLM", false, "");
	reads("Negotiate YWJj\nNegotiate ZGVm", "Negotiate", true, "abc");
	reads("Negotiate a\nNegotiate YWJj", "Negotiate", true, "abc");
	reads("Negotiate ****", "Negotiate", true, "");
}

static void nonsense_is_skipped(void **state)
{
	(void)state;
	reads("", "", false, "");
	reads(",,, ,", "", false, "");
	reads("=x, \"Negotiate\", realm=\"Negotiate", "", false, "");
	reads("Neg\x01otiate, \xff\xfe, Negotiate\x7f", "", false, "");
	reads("averyveryveryveryveryveryveryveryverylongscheme", "", false, "");
	char zero[] = { 'N', 0, 'T' };
	spk_challenges challenges = { 0 };
	spk_challenges_add(&challenges, zero, sizeof zero);
	assert_int_equal(challenges.names.len, 0);
	spk_challenges_free(&challenges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schemes_are_listed_once),
		cmocka_unit_test(the_token_of_negotiate_is_decoded),
		cmocka_unit_test(nonsense_is_skipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
