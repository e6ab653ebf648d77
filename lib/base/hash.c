/* SPDX-License-Identifier: MIT */
/*
 * The algorithm is wyhash, final version 4, by Wang Yi (public domain): good distribution in all bits, eight bytes a
 * step, and short enough to be here.  Debian's libxxhash is as good and as fast, but a library to link for forty lines.
 */
#include "hash.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "words.h"

static const uint64_t secret[4] = { 0x2d358dccaa6c78a5u, 0x8bb84b93962eacc9u, 0x4b33a62ed433d4a3u,
	0x4d5a2da51de1aa47u };

typedef unsigned char bytes_16 __attribute__((vector_size(16)));
typedef uint64_t words_2 __attribute__((vector_size(16)));

/* What is done with two words of a text, which are next to each other there or not, before they are mixed in; any: of
 * all words, the bits that any of them has. */
struct look {
	words_2 (*at_two)(words_2 words, words_2 *any);
};

static inline uint64_t eight(const unsigned char *at)
{
	uint64_t value;
	memcpy(&value, at, sizeof value);
	return value;
}

static inline words_2 as_they_are(words_2 words, words_2 *any)
{
	(void)any;
	return words;
}

static inline words_2 lower(words_2 words)
{
	typedef signed char signed_16 __attribute__((vector_size(16)));
	bytes_16 bytes = (bytes_16)words;
	signed_16 from_a = (signed_16)(bytes + (SCHAR_MAX - 'Z')); /* Z is the greatest then, and only A-Y come near it */
	return (words_2)(bytes | ((bytes_16)(from_a > SCHAR_MAX - 'Z' + 'A' - 1) & 0x20));
}

static inline words_2 in_lower_case(words_2 words, words_2 *any)
{
	*any |= words;
	return lower(words);
}

static inline bool is_ascii(words_2 any)
{
	return !((any[0] | any[1]) & SPK_HIGH_BITS);
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

static inline words_2 sixteen(const unsigned char *at, struct look look, words_2 *any)
{
	return look.at_two((words_2){ eight(at), eight(at + 8) }, any);
}

static inline uint64_t mix_in(uint64_t hash, uint64_t key, words_2 words)
{
	return spk_hash_mix(words[0] ^ key, words[1] ^ hash);
}

/* The last words of a text, of which there may be less than sixteen bytes: then some count twice. */
static inline words_2 last_two(const unsigned char *at, size_t len, struct look look, words_2 *any)
{
	if (len >= 4) {
		size_t middle = len >> 3 << 2;
		const unsigned char *last = at + len - 4;
		return look.at_two((words_2){ four(at) << 32 | four(at + middle), four(last) << 32 | four(last - middle) }, any);
	}
	return look.at_two((words_2){ len > 0 ? up_to_three(at, len) : 0, 0 }, any);
}

/* Compiled once for each way to look at words. */
__attribute__((always_inline)) static inline uint64_t hash(
		const void *data, size_t len, uint64_t seed, struct look look, words_2 *any)
{
	const unsigned char *at = data;
	words_2 last;
	if (len > 16) {
		size_t left = len;
		if (left >= 48) {
			uint64_t second = seed, third = seed;
			for (; left >= 48; at += 48, left -= 48) {
				seed = mix_in(seed, secret[1], sixteen(at, look, any));
				second = mix_in(second, secret[2], sixteen(at + 16, look, any));
				third = mix_in(third, secret[3], sixteen(at + 32, look, any));
			}
			seed ^= second ^ third;
		}
		for (; left > 16; at += 16, left -= 16)
			seed = mix_in(seed, secret[1], sixteen(at, look, any));
		last = sixteen(at + left - 16, look, any); /* some of them perhaps again */
	} else {
		last = last_two(at, len, look, any);
	}
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)(last[0] ^ secret[1]) * (last[1] ^ seed);
	return spk_hash_mix((uint64_t)product ^ secret[0] ^ len, (uint64_t)(product >> 64) ^ secret[1]);
}

uint64_t spk_hash(const void *data, size_t len, uint64_t seed)
{
	return hash(data, len, mix_seed(seed), (struct look){ as_they_are }, NULL);
}

uint64_t spk_hash_lower(const void *data, size_t len, uint64_t seed, bool *ret_ascii)
{
	words_2 any = { 0, 0 };
	uint64_t value = hash(data, len, mix_seed(seed), (struct look){ in_lower_case }, &any);
	*ret_ascii = is_ascii(any);
	return value;
}

/* Less than eight bytes, the others 0. */
static inline uint64_t up_to_seven(const unsigned char *at, size_t n, size_t in_memory)
{
	uint64_t word = 0;
	if (in_memory >= sizeof word)
		return le64toh(eight(at)) & ~(UINT64_MAX << 8 * n);
	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)at[i] << 8 * i;
	return word;
}

static inline uint64_t mix_word(uint64_t hash, uint64_t word, uint64_t seed, words_2 *any)
{
	return spk_hash_mix(hash ^ in_lower_case((words_2){ word, 0 }, any)[0], seed);
}

/* Mixes a class, its slash included, into the hash of what follows it: nearly all have one to three words. */
static inline uint64_t mix_class(
		uint64_t hash, const unsigned char *at, size_t n, size_t in_memory, uint64_t seed, words_2 *any)
{
	enum { WORD = sizeof(uint64_t) };
	hash ^= n; /* the last word may have some of the one before it, too */
	if (n < WORD)
		return mix_word(hash, up_to_seven(at, n, in_memory), seed, any);
	for (size_t i = 0; i + WORD < n; i += WORD)
		hash = mix_word(hash, eight(at + i), seed, any);
	return mix_word(hash, eight(at + n - WORD), seed, any);
}

uint64_t spk_hash_lower_parts(const char *text, size_t len, uint64_t seed, uint64_t *ret_all, bool *ret_ascii)
{
	const char *end = text + len, *slash = spk_find_either(text, end, '/', '/');
	size_t class = slash < end ? (size_t)(slash + 1 - text) : 0;
	words_2 any = { 0, 0 };
	uint64_t behind = hash(text + class, len - class, seed, (struct look){ in_lower_case }, &any);
	*ret_all = class ? mix_class(behind, (const unsigned char *)text, class, len, seed, &any) : behind;
	*ret_ascii = is_ascii(any);
	return behind;
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
