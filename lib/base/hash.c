/* SPDX-License-Identifier: MIT */
/*
 * The algorithm is wyhash, final version 4, by Wang Yi (public domain): good distribution in all bits, eight bytes a
 * step, and short enough to be here.  Debian's libxxhash is as good and as fast, but a library to link for forty lines.
 */
#include "hash.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "words.h"

static const uint64_t secret[4] = { 0x2d358dccaa6c78a5u, 0x8bb84b93962eacc9u, 0x4b33a62ed433d4a3u,
	0x4d5a2da51de1aa47u };

/* What is done with each word of a text before it is mixed in; any: of all words, the bits that any of them has.  Two
 * words at a time, which stand together in the text. */
struct look {
	uint64_t (*word)(uint64_t word, uint64_t *any);
	void (*pair)(const unsigned char *at, uint64_t *ret_a, uint64_t *ret_b, uint64_t *any);
};

static inline uint64_t eight(const unsigned char *at)
{
	uint64_t value;
	memcpy(&value, at, sizeof value);
	return value;
}

static inline uint64_t as_it_is(uint64_t word, uint64_t *any)
{
	(void)any;
	return word;
}

static inline void pair_as_it_is(const unsigned char *at, uint64_t *ret_a, uint64_t *ret_b, uint64_t *any)
{
	(void)any;
	*ret_a = eight(at);
	*ret_b = eight(at + 8);
}

static inline uint64_t lower(uint64_t word, uint64_t *any)
{
	*any |= word;
	return spk_lower_word(word);
}

static inline void lower_pair(const unsigned char *at, uint64_t *ret_a, uint64_t *ret_b, uint64_t *any)
{
	typedef signed char bytes_16 __attribute__((vector_size(16)));
	bytes_16 bytes;
	uint64_t words[2];
	memcpy(&bytes, at, sizeof bytes);
	memcpy(words, at, sizeof words);
	*any |= words[0] | words[1];
	bytes_16 is_capital = (bytes > ('A' - 1)) & (bytes < ('Z' + 1));
	bytes |= is_capital & 0x20;
	memcpy(words, &bytes, sizeof words);
	*ret_a = words[0];
	*ret_b = words[1];
}

static inline uint64_t four(const unsigned char *at)
{
	uint32_t value;
	memcpy(&value, at, sizeof value);
	return value;
}

static inline uint64_t up_to_three(const unsigned char *at, size_t len)
{
	return (uint64_t)at[0] << 16 | (uint64_t)at[len >> 1] << 8 | at[len - 1];
}

static inline uint64_t mix_seed(uint64_t seed)
{
	return seed ^ spk_hash_mix(seed ^ secret[0], secret[1]);
}

/* Compiled once for each way to look at words. */
__attribute__((always_inline)) static inline uint64_t hash(
		const void *data, size_t len, uint64_t seed, struct look look, uint64_t *any)
{
	const unsigned char *at = data;
	uint64_t a = 0, b = 0;
	if (len > 16) {
		size_t left = len;
		if (left >= 48) {
			uint64_t second = seed, third = seed;
			for (; left >= 48; at += 48, left -= 48) {
				look.pair(at, &a, &b, any);
				seed = spk_hash_mix(a ^ secret[1], b ^ seed);
				look.pair(at + 16, &a, &b, any);
				second = spk_hash_mix(a ^ secret[2], b ^ second);
				look.pair(at + 32, &a, &b, any);
				third = spk_hash_mix(a ^ secret[3], b ^ third);
			}
			seed ^= second ^ third;
		}
		for (; left > 16; at += 16, left -= 16) {
			look.pair(at, &a, &b, any);
			seed = spk_hash_mix(a ^ secret[1], b ^ seed);
		}
		look.pair(at + left - 16, &a, &b, any); /* the last sixteen bytes: some of them perhaps again */
	} else if (len >= 4) {
		size_t middle = len >> 3 << 2;
		a = look.word(four(at) << 32 | four(at + middle), any);
		b = look.word(four(at + len - 4) << 32 | four(at + len - 4 - middle), any);
	} else if (len > 0) {
		a = look.word(up_to_three(at, len), any);
	}
	a ^= secret[1];
	b ^= seed;
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;
	return spk_hash_mix((uint64_t)product ^ secret[0] ^ len, (uint64_t)(product >> 64) ^ secret[1]);
}

uint64_t spk_hash(const void *data, size_t len, uint64_t seed)
{
	return hash(data, len, mix_seed(seed), (struct look){ as_it_is, pair_as_it_is }, NULL);
}

uint64_t spk_hash_lower(const void *data, size_t len, uint64_t seed, bool *ret_ascii)
{
	uint64_t any = 0, value = hash(data, len, mix_seed(seed), (struct look){ lower, lower_pair }, &any);
	*ret_ascii = !(any & SPK_HIGH_BITS);
	return value;
}

uint64_t spk_hash_lower_parts(
		const char *text, size_t first, size_t len, uint64_t seed, uint64_t *ret_first, bool *ret_ascii)
{
	const struct look look = { lower, lower_pair };
	uint64_t any = 0, mixed = mix_seed(seed);
	*ret_first = hash(text, first, mixed, look, &any);
	uint64_t rest = hash(text + first, len - first, mixed, look, &any);
	*ret_ascii = !(any & SPK_HIGH_BITS);
	return rest;
}

static pthread_once_t seeded = PTHREAD_ONCE_INIT;
static uint64_t process_seed;

uint64_t spk_hash_seed(void)
{
	uint64_t seed;
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed)
		return seed;
	/* early at boot: less than random, and good enough against chance */
	struct timespec now = { 0, 0 };
	clock_gettime(CLOCK_REALTIME, &now);
	return spk_hash(&now, sizeof now, (uintptr_t)&seed);
}

static void make_seed(void)
{
	process_seed = spk_hash_seed();
}

uint64_t spk_hash_process_seed(void)
{
	pthread_once(&seeded, make_seed);
	return process_seed;
}
