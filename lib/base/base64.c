/* SPDX-License-Identifier: MIT */
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "text.h"

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void spk_base64_encode(spk_text *text, const void *data, size_t len)
{
	const unsigned char *in = data;
	char *out = len > SIZE_MAX / 2 ? NULL : spk_text_room(text, (len + 2) / 3 * 4);
	if (!out) {
		text->failed = true;
		return;
	}
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		unsigned v = (unsigned)in[i] << 16 | (n > 1 ? (unsigned)in[i + 1] << 8 : 0) |
				(n > 2 ? (unsigned)in[i + 2] : 0);
		*out++ = base64_digits[v >> 18];
		*out++ = base64_digits[v >> 12 & 63];
		*out++ = n > 1 ? base64_digits[v >> 6 & 63] : '=';
		*out++ = n > 2 ? base64_digits[v & 63] : '=';
	}
}

/* -1: no digit. */
static int base64_value(char c)
{
	/* one more than each is worth */
	static const unsigned char values[256] = {
		['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
		['N'] = 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
		['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
		['n'] = 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
		['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
		['+'] = 63,
		['/'] = 64,
	};
	return values[(unsigned char)c] - 1;
}

/* The value of four digits, of which the last pad stand for nothing; -1: not all are digits. */
static int decode_four(const char *at, int pad)
{
	int value = 0, bad = 0;
	for (int i = 0; i < 4; i++) {
		int digit = i < 4 - pad ? base64_value(at[i]) : 0;
		bad |= digit;
		value = value << 6 | (digit & 63);
	}
	return bad < 0 ? -1 : value;
}

enum { BLOCK = 16 };

#ifdef __x86_64__

/* What the table has for each of sixteen bytes, which are below sixteen. */
#define LOOK_UP(index, ...) _mm_shuffle_epi8(_mm_setr_epi8(__VA_ARGS__), index)

/* Decodes sixteen digits; writes as many bytes, of which the last four stand for nothing.  What has to be added to a
 * digit so that it is what it is worth depends on its upper four bits, but for '/', which has those of '+'.  Whether it
 * is one: each upper half has a bit of its own, and so have the lower halves that do not go with it (Mula and Lemire,
 * Faster Base64 Encoding and Decoding Using AVX2 Instructions, 2018). */
__attribute__((target("avx2"))) static inline bool decode_block(__m128i digits, char *to)
{
	const __m128i low = _mm_and_si128(digits, _mm_set1_epi8(15));
	const __m128i high = _mm_and_si128(_mm_srli_epi32(digits, 4), _mm_set1_epi8(15));
	__m128i bad_low = LOOK_UP(low, 21, 17, 17, 17, 17, 17, 17, 17, 17, 17, 19, 26, 27, 27, 27, 26);
	__m128i bad_high = LOOK_UP(high, 16, 16, 1, 2, 4, 8, 4, 8, 16, 16, 16, 16, 16, 16, 16, 16);
	__m128i slash = _mm_cmpeq_epi8(digits, _mm_set1_epi8('/')); /* one less is the place of its own step */
	__m128i step = LOOK_UP(_mm_add_epi8(high, slash), 0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
	/* six bits each; then twelve in each two bytes, and 24 in each four, the highest first */
	__m128i twelves = _mm_maddubs_epi16(_mm_add_epi8(digits, step), _mm_set1_epi16(1 << 8 | 1 << 6));
	__m128i values = _mm_madd_epi16(twelves, _mm_set1_epi32(1 << 16 | 1 << 12));
	const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
	_mm_storeu_si128((__m128i *)(void *)to, _mm_shuffle_epi8(values, order));
	return _mm_testz_si128(bad_low, bad_high);
}

__attribute__((target("avx2"))) static inline __m128i block_at(const char *at)
{
	return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* Decodes a block and more of digits, of which the last pad are '=' and stand for nothing; false: there are others. */
__attribute__((target("avx2"))) static bool decode_wide(const char *text, size_t len, size_t pad, char *to)
{
	static const char zeros[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0||"; /* '=' with these bits is 'A' */
	bool are_digits = true;
	for (size_t i = 0; i + BLOCK < len; i += BLOCK)
		are_digits &= decode_block(block_at(text + i), to + i / 4 * 3);
	/* the last block: some of it perhaps again */
	__m128i last = _mm_xor_si128(block_at(text + len - BLOCK), block_at(zeros + pad));
	return decode_block(last, to + (len - BLOCK) / 4 * 3) && are_digits;
}

static bool is_wide(void)
{
	return __builtin_cpu_supports("avx2");
}

#else

static bool decode_wide(const char *text, size_t len, size_t pad, char *to)
{
	(void)text, (void)len, (void)pad, (void)to;
	return false;
}

static bool is_wide(void)
{
	return false;
}

#endif

static bool decode_simply(const char *text, size_t len, size_t pad, char *to)
{
	for (size_t i = 0; i < len; i += 4) {
		int value = decode_four(text + i, i + 4 < len ? 0 : (int)pad);
		if (value < 0)
			return false;
		*to++ = (char)(value >> 16);
		*to++ = (char)(value >> 8);
		*to++ = (char)value;
	}
	return true;
}

static bool decode(const char *text, size_t len, bool is_simple, spk_text *ret_bytes)
{
	if (len % 4 != 0)
		return false;
	size_t before = ret_bytes->len, pad = len > 0 && text[len - 1] == '=' ? 1 + (text[len - 2] == '=') : 0;
	char *start = spk_text_room(ret_bytes, len); /* the last block needs as much for its bytes */
	if (!start)
		return false;
	bool is = !is_simple && len >= BLOCK && is_wide() ? decode_wide(text, len, pad, start) :
							     decode_simply(text, len, pad, start);
	ret_bytes->len = before + (is ? len / 4 * 3 - pad : 0);
	ret_bytes->data[ret_bytes->len] = '\0';
	return is;
}

bool spk_base64_decode(const char *text, size_t len, spk_text *ret_bytes)
{
	return decode(text, len, false, ret_bytes);
}

bool spk_base64_decode_simply(const char *text, size_t len, spk_text *ret_bytes)
{
	return decode(text, len, true, ret_bytes);
}
