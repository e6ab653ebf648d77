/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

enum { BLOCK = 64 };

/* The CRs so far without an LF behind them; and whether the last byte so far is a CR. */
struct returns {
	uint64_t lone, last;
};

static void add_returns(struct returns *returns, uint64_t bits, uint64_t ends)
{
	returns->lone |= (bits << 1 | returns->last) & ~ends;
	returns->last = bits >> (BLOCK - 1);
}

static void look_at_bytes(const char *at, size_t len, uint64_t *ends, struct returns *returns, spk_lines *lines)
{
	uint64_t bits = 0;
	*ends = 0;
	for (size_t i = 0; i < len; i++) {
		*ends |= (uint64_t)(at[i] == '\n') << i;
		bits |= (uint64_t)(at[i] == '\r') << i;
		lines->has_high |= (unsigned char)at[i] >= 0x80;
		lines->has_nul |= at[i] == '\0';
	}
	add_returns(returns, bits, *ends);
}

/* From a block on. */
static void look_at_rest(const char *text, size_t len, size_t from, struct returns *returns, spk_lines *lines)
{
	for (size_t at = from * BLOCK; at < len; at += BLOCK)
		look_at_bytes(text + at, len - at < BLOCK ? len - at : BLOCK, &lines->ends[at / BLOCK], returns, lines);
	lines->has_lone_cr = returns->lone || returns->last;
}

void spk_lines_find_simply(const char *text, size_t len, spk_lines *ret_lines)
{
	struct returns returns = { 0, 0 };
	ret_lines->has_high = ret_lines->has_nul = false;
	look_at_rest(text, len, 0, &returns, ret_lines);
}

bool spk_lines_is_base64_simply(const char *text, size_t len)
{
	bool all = true;
	for (size_t i = 0; i < len; i++) {
		char letter = (char)(text[i] | 0x20);
		all &= (letter >= 'a' && letter <= 'z') || (text[i] >= '/' && text[i] <= '9') || text[i] == '+';
	}
	return all;
}

#ifdef __x86_64__

#define EACH(c) _mm256_set1_epi8(c)

__attribute__((target("avx2"))) static uint64_t find_byte(__m256i a, __m256i b, char c)
{
	const __m256i each = EACH(c);
	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, each)) |
			(uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, each)) << 32;
}

__attribute__((target("avx2"))) static void find_wide(const char *text, size_t len, spk_lines *ret_lines)
{
	struct returns returns = { 0, 0 };
	__m256i high = EACH(0), least = EACH(-1);
	size_t n = 0;
	for (; (n + 1) * BLOCK <= len; n++) {
		__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(text + n * BLOCK));
		__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(text + n * BLOCK + sizeof a));
		uint64_t ends = find_byte(a, b, '\n');
		high = _mm256_or_si256(high, _mm256_or_si256(a, b));
		least = _mm256_min_epu8(least, _mm256_min_epu8(a, b));
		ret_lines->ends[n] = ends;
		add_returns(&returns, find_byte(a, b, '\r'), ends);
	}
	ret_lines->has_high = _mm256_movemask_epi8(high) != 0;
	ret_lines->has_nul = find_byte(least, least, '\0') != 0;
	_mm256_zeroupper(); /* gcc 12 does not, if it knows what is called: then all that follows is slow */
	look_at_rest(text, len, n, &returns, ret_lines);
}

void spk_lines_find(const char *text, size_t len, spk_lines *ret_lines)
{
	if (__builtin_cpu_supports("avx2"))
		find_wide(text, len, ret_lines);
	else
		spk_lines_find_simply(text, len, ret_lines);
}

/* Of bytes from one to another, all ones. */
__attribute__((target("avx2"))) static __m256i is_between(__m256i bytes, char from, char to)
{
	__m256i above = _mm256_sub_epi8(bytes, EACH(from));
	return _mm256_cmpeq_epi8(_mm256_min_epu8(above, EACH((char)(to - from))), above);
}

__attribute__((target("avx2"))) static bool is_base64_block(const char *at)
{
	__m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)at);
	__m256i is = is_between(_mm256_or_si256(bytes, EACH(0x20)), 'a', 'z');
	is = _mm256_or_si256(is, is_between(bytes, '/', '9')); /* '/' is right before '0' */
	return _mm256_movemask_epi8(_mm256_or_si256(is, _mm256_cmpeq_epi8(bytes, EACH('+')))) == -1;
}

__attribute__((target("avx2"))) static bool is_base64_wide(const char *text, size_t len)
{
	enum { HALF = BLOCK / 2 };
	bool is = true;
	if (len < HALF)
		return spk_lines_is_base64_simply(text, len);
	for (size_t i = 0; i + HALF <= len; i += HALF)
		is &= is_base64_block(text + i);
	return is && is_base64_block(text + len - HALF);
}

bool spk_lines_is_base64(const char *text, size_t len)
{
	return __builtin_cpu_supports("avx2") ? is_base64_wide(text, len) : spk_lines_is_base64_simply(text, len);
}

#else

bool spk_lines_is_base64(const char *text, size_t len)
{
	return spk_lines_is_base64_simply(text, len);
}

void spk_lines_find(const char *text, size_t len, spk_lines *ret_lines)
{
	spk_lines_find_simply(text, len, ret_lines);
}

#endif
