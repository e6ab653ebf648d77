/* SPDX-License-Identifier: MIT */
/* hash.h - 64-bit hashes of short texts */
#ifndef SPK_HASH_H
#define SPK_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The 128-bit product of two numbers, folded to 64 bits: mixes two hashes into one. */
static inline uint64_t spk_hash_mix(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Another seed, another hash: with one that nobody can know, nobody can make up names that collide.  The value depends
 * on the byte order of the machine, and must not leave the process. */
uint64_t spk_hash(const void *data, size_t len, uint64_t seed);

/* The hash of a text with A-Z made a-z, without a copy of it.  False in ret_ascii: there are others than ASCII in it.
 */
uint64_t spk_hash_lower(const void *data, size_t len, uint64_t seed, bool *ret_ascii);

/* The same of what is behind the first slash of a text, or of all of it if there is none; and in ret_all a hash of all
 * of it, of its own kind. */
uint64_t spk_hash_lower_parts(const char *text, size_t len, uint64_t seed, uint64_t *ret_all, bool *ret_ascii);

/* A new seed. */
uint64_t spk_hash_seed(void);
/* One that is new in each process, and the same in all of it: for small tables, as the system takes its time over a
 * seed, and for directories that are compared by their hashes. */
uint64_t spk_hash_process_seed(void);

#endif
