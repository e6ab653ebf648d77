/* SPDX-License-Identifier: MIT */
/* words.h - looking at eight bytes of a text at a time */
#ifndef SPK_WORDS_H
#define SPK_WORDS_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SPK_EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (uint64_t)(c))
#define SPK_HIGH_BITS SPK_EACH_BYTE(0x80)

/* The first byte is the lowest one, whatever the machine. */
static inline uint64_t spk_word_at(const char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
	return le64toh(word);
}

/* The highest bit of each byte that is the same in both. */
static inline uint64_t spk_same_bytes(uint64_t a, uint64_t b)
{
	uint64_t differs = a ^ b;
	return ~(((differs & ~SPK_HIGH_BITS) + ~SPK_HIGH_BITS) | differs) & SPK_HIGH_BITS;
}

/* Quicker; but only the lowest bit that is set is certain. */
static inline uint64_t spk_first_same(uint64_t a, uint64_t b)
{
	uint64_t differs = a ^ b;
	return (differs - SPK_EACH_BYTE(1)) & ~differs & SPK_HIGH_BITS;
}

/* The highest bit of each byte that is below one of ASCII; as above, the lowest one is certain. */
static inline uint64_t spk_first_below(uint64_t word, char c)
{
	return (word - SPK_EACH_BYTE(c)) & ~word & SPK_HIGH_BITS;
}

/* A-Z made a-z; bytes beyond ASCII stay as they are. */
static inline uint64_t spk_lower_word(uint64_t word)
{
	uint64_t low = word & ~SPK_HIGH_BITS;
	uint64_t from_a = low + SPK_EACH_BYTE(0x80 - 'A'), beyond_z = low + SPK_EACH_BYTE(0x7f - 'Z');
	return word | ((from_a ^ beyond_z) & ~word & SPK_HIGH_BITS) >> 2;
}

/* The number of the first byte whose highest bit is set; there is one. */
static inline size_t spk_first_byte(uint64_t bits)
{
	return (size_t)__builtin_ctzll(bits) / 8;
}

/* The first of two bytes in a text, or its end. */
static inline const char *spk_find_either(const char *at, const char *end, char a, char b)
{
	const uint64_t as = SPK_EACH_BYTE((unsigned char)a), bs = SPK_EACH_BYTE((unsigned char)b);
	for (; end - at >= (ptrdiff_t)sizeof as; at += sizeof as) {
		uint64_t word = spk_word_at(at), found = spk_first_same(word, as) | spk_first_same(word, bs);
		if (found)
			return at + spk_first_byte(found);
	}
	while (at < end && *at != a && *at != b)
		at++;
	return at;
}

#endif
