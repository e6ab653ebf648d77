/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

/* The vectors that wyhash's author gives for final version 4; each has its number for a seed. */
static void the_known_vectors_come_out(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t hash;
	} vectors[] = {
		{ "", 0x93228a4de0eec5a2u },
		{ "a", 0xc5bac3db178713c4u },
		{ "abc", 0xa97f2f7b1d9b3314u },
		{ "message digest", 0x786d1f1df3801df4u },
		{ "abcdefghijklmnopqrstuvwxyz", 0xdca5a8138ad37c87u },
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 0xb9e734f117cfaf70u },
		{ "12345678901234567890123456789012345678901234567890123456789012345678901234567890", 0x6cc5eab49a92d617u },
	};
	const uint16_t one = 1;
	if (!*(const unsigned char *)&one)
		return; /* the vectors are of machines that put the low byte first */
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
		assert_int_equal(spk_hash(vectors[i].text, strlen(vectors[i].text), i), vectors[i].hash);
}

static void every_byte_counts(void **state)
{
	(void)state;
	for (size_t len = 1; len < 120; len++) {
		char text[120];
		memset(text, 'x', sizeof text);
		uint64_t hash = spk_hash(text, len, 7);
		assert_int_not_equal(hash, spk_hash(text, len - 1, 7));
		assert_int_not_equal(hash, spk_hash(text, len, 8));
		for (size_t i = 0; i < len; i++) {
			text[i] = 'y';
			assert_int_not_equal(spk_hash(text, len, 7), hash);
			text[i] = 'x';
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_known_vectors_come_out),
		cmocka_unit_test(every_byte_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
