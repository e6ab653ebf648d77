/* SPDX-License-Identifier: MIT */
/*
 * The algorithm is wyhash, final version 4, by Wang Yi (public domain): good distribution in all bits, eight bytes a
 * step, and short enough to be here.  Debian's libxxhash is as good and as fast, but a library to link for forty lines.
 */
#include "hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

static const uint64_t secret[4] = { 0x2d358dccaa6c78a5u, 0x8bb84b93962eacc9u, 0x4b33a62ed433d4a3u,
	0x4d5a2da51de1aa47u };

static uint64_t eight(const unsigned char *at)
{
	uint64_t value;
	memcpy(&value, at, sizeof value);
	return value;
}

static uint64_t four(const unsigned char *at)
{
	uint32_t value;
	memcpy(&value, at, sizeof value);
	return value;
}

static uint64_t up_to_three(const unsigned char *at, size_t len)
{
	return (uint64_t)at[0] << 16 | (uint64_t)at[len >> 1] << 8 | at[len - 1];
}

uint64_t spk_hash(const void *data, size_t len, uint64_t seed)
{
	const unsigned char *at = data;
	uint64_t a = 0, b = 0;
	seed ^= spk_hash_mix(seed ^ secret[0], secret[1]);
	if (len > 16) {
		size_t left = len;
		if (left >= 48) {
			uint64_t second = seed, third = seed;
			for (; left >= 48; at += 48, left -= 48) {
				seed = spk_hash_mix(eight(at) ^ secret[1], eight(at + 8) ^ seed);
				second = spk_hash_mix(eight(at + 16) ^ secret[2], eight(at + 24) ^ second);
				third = spk_hash_mix(eight(at + 32) ^ secret[3], eight(at + 40) ^ third);
			}
			seed ^= second ^ third;
		}
		for (; left > 16; at += 16, left -= 16)
			seed = spk_hash_mix(eight(at) ^ secret[1], eight(at + 8) ^ seed);
		a = eight(at + left - 16); /* the last sixteen bytes: some of them perhaps again */
		b = eight(at + left - 8);
	} else if (len >= 4) {
		size_t middle = len >> 3 << 2;
		a = four(at) << 32 | four(at + middle);
		b = four(at + len - 4) << 32 | four(at + len - 4 - middle);
	} else if (len > 0) {
		a = up_to_three(at, len);
	}
	a ^= secret[1];
	b ^= seed;
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;
	return spk_hash_mix((uint64_t)product ^ secret[0] ^ len, (uint64_t)(product >> 64) ^ secret[1]);
}

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
