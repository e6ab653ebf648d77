/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "model/acl.h"
#include "model/adtypes.h"

#define MASK 0x10000100u

/* A descriptor with one owner and a DACL of these entries. */
#define HEAD "\1\0\4\200" "\24\0\0\0" "\0\0\0\0" "\0\0\0\0" "\40\0\0\0"
#define OWNER "\1\1\0\0\0\0\0\5\22\0\0\0"
#define ACL(size, n) "\4\0" size n "\0\0\0"
#define SID_A "\1\2\0\0\0\0\0\5\40\0\0\0\1\0\0\0"
#define SID_B "\1\2\0\0\0\0\0\5\40\0\0\0\2\0\0\0"
#define ACE(type, flags, mask, sid) type flags "\30\0" mask sid
#define ALL "\377\1\17\0"
#define BYTES(text) ((spn_bytes){ text, sizeof text - 1 })

struct seen {
	char text[256];
};

static void see(spn_bytes sid, bool allows, bool is_conditional, void *data)
{
	struct seen *seen = data;
	char name[SPK_SID_TEXT];
	assert_true(spk_sid_print(sid, name));
	snprintf(seen->text + strlen(seen->text), sizeof seen->text - strlen(seen->text), "%c%s%s ", allows ? '+' : '-', name,
			is_conditional ? "?" : "");
}

static const char *read(spn_bytes descriptor)
{
	static struct seen seen;
	seen.text[0] = '\0';
	return spk_acl_read(descriptor, MASK, see, &seen) ? seen.text : "refused";
}

static void entries_are_told_in_their_order(void **state)
{
	(void)state;
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\70\0", "\2") ACE("\1", "\0", ALL, SID_A) ACE("\0", "\0", ALL, SID_B))),
			"-S-1-5-32-1 +S-1-5-32-2 ");
}

static void entries_about_other_rights_or_children_are_passed_over(void **state)
{
	(void)state;
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\40\0", "\1") ACE("\0", "\0", "\20\0\0\0", SID_A))), "");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\40\0", "\1") ACE("\0", "\10", ALL, SID_A))), "");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\40\0", "\1") ACE("\2", "\0", ALL, SID_A))), "");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\40\0", "\1") ACE("\0", "\0", "\0\0\0\20", SID_A))), "+S-1-5-32-1 ");
}

static void entries_for_objects_have_their_sid_behind_the_guids(void **state)
{
	(void)state;
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\64\0", "\1") "\5\0\54\0" ALL "\1\0\0\0" "0123456789abcdef" SID_A)),
			"+S-1-5-32-1 ");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\44\0", "\1") "\6\0\34\0" ALL "\0\0\0\0" SID_A)), "-S-1-5-32-1 ");
}

/* For a property, for a kind of child, under a condition, by a generic right that nobody has mapped. */
static void what_may_deny_nothing_is_passed_over(void **state)
{
	(void)state;
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\64\0", "\1") "\6\0\54\0" ALL "\1\0\0\0"
			"0123456789abcdef" SID_A)), "");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\64\0", "\1") "\6\0\54\0" ALL "\2\0\0\0"
			"0123456789abcdef" SID_A)), "");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\40\0", "\1") ACE("\12", "\0", ALL, SID_A))), "");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\40\0", "\1") ACE("\1", "\0", "\0\0\0\20", SID_A))), "");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\40\0", "\1") ACE("\1", "\0", "\0\1\0\0", SID_A))), "-S-1-5-32-1 ");
}

static void without_a_list_everybody_is_let_in(void **state)
{
	(void)state;
	assert_string_equal(read(BYTES("\1\0\0\200" "\24\0\0\0" "\0\0\0\0" "\0\0\0\0" "\40\0\0\0" OWNER)), "+S-1-1-0 ");
	assert_string_equal(read(BYTES("\1\0\4\200" "\24\0\0\0" "\0\0\0\0" "\0\0\0\0" "\0\0\0\0" OWNER)), "+S-1-1-0 ");
}

static void an_empty_list_lets_nobody_in(void **state)
{
	(void)state;
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\10\0", "\0"))), "");
}

static void what_is_cut_off_anywhere_is_refused(void **state)
{
	(void)state;
	const spn_bytes whole = BYTES(HEAD OWNER ACL("\40\0", "\1") ACE("\0", "\0", ALL, SID_A));
	for (size_t len = 0; len < whole.len; len++) {
		char *exact = malloc(len + 1); /* so that valgrind and the sanitizers see what is read beyond it */
		memcpy(exact + 1, whole.data, len);
		assert_string_equal(read((spn_bytes){ exact + 1, len }), "refused");
		free(exact);
	}
	assert_string_equal(read(whole), "+S-1-5-32-1 ");
}

static void what_does_not_fit_together_is_refused(void **state)
{
	(void)state;
	/* not self-relative; an entry longer than the list, or shorter than its head; a SID longer than its entry; more
	 * entries than there are; a list shorter than its head */
	assert_string_equal(read(BYTES("\1\0\4\0" "\24\0\0\0" "\0\0\0\0" "\0\0\0\0" "\40\0\0\0" OWNER
			ACL("\10\0", "\0"))), "refused");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\40\0", "\1") "\0\0\31\0" ALL SID_A)), "refused");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\40\0", "\1") "\0\0\3\0" ALL SID_A)), "refused");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\40\0", "\1") "\0\0\30\0" ALL
			"\1\3\0\0\0\0\0\5\40\0\0\0\1\0\0\0")), "refused");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\40\0", "\2") ACE("\0", "\0", ALL, SID_A))), "refused");
	assert_string_equal(read(BYTES(HEAD OWNER ACL("\4\0", "\0"))), "refused");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_told_in_their_order),
		cmocka_unit_test(entries_about_other_rights_or_children_are_passed_over),
		cmocka_unit_test(entries_for_objects_have_their_sid_behind_the_guids),
		cmocka_unit_test(what_may_deny_nothing_is_passed_over),
		cmocka_unit_test(without_a_list_everybody_is_let_in),
		cmocka_unit_test(an_empty_list_lets_nobody_in),
		cmocka_unit_test(what_is_cut_off_anywhere_is_refused),
		cmocka_unit_test(what_does_not_fit_together_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
