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

/* What has to be added to the digits from one to another so that the first is worth so much; 0 elsewhere. */
__attribute__((target("avx2"))) static inline __m128i step_of(
		__m128i digits, char from, char to, int worth, __m128i *are)
{
	__m128i above = _mm_sub_epi8(digits, _mm_set1_epi8(from));
	__m128i is = _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8((char)(to - from))), above);
	*are = _mm_or_si128(*are, is);
	return _mm_and_si128(is, _mm_set1_epi8((char)(worth - from)));
}

/* Decodes sixteen digits; writes as many bytes, of which the last four stand for nothing. */
__attribute__((target("avx2"))) static inline bool decode_block(const char *at, char *to)
{
	__m128i digits = _mm_loadu_si128((const __m128i *)(const void *)at), are = _mm_setzero_si128();
	__m128i step = step_of(digits, 'A', 'Z', 0, &are);
	step = _mm_or_si128(step, step_of(digits, 'a', 'z', 26, &are));
	step = _mm_or_si128(step, step_of(digits, '0', '9', 52, &are));
	step = _mm_or_si128(step, step_of(digits, '+', '+', 62, &are));
	step = _mm_or_si128(step, step_of(digits, '/', '/', 63, &are));
	/* six bits each; then twelve in each two bytes, and 24 in each four, the highest first */
	__m128i twelves = _mm_maddubs_epi16(_mm_add_epi8(digits, step), _mm_set1_epi16(1 << 8 | 1 << 6));
	__m128i values = _mm_madd_epi16(twelves, _mm_set1_epi32(1 << 16 | 1 << 12));
	const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
	_mm_storeu_si128((__m128i *)(void *)to, _mm_shuffle_epi8(values, order));
	return _mm_movemask_epi8(are) == 0xffff;
}

/* Decodes a block and more of digits without padding; false: there are others. */
__attribute__((target("avx2"))) static bool decode_wide(const char *text, size_t len, char *to)
{
	bool are_digits = true;
	for (size_t i = 0; i + BLOCK < len; i += BLOCK)
		are_digits &= decode_block(text + i, to + i / 4 * 3);
	/* the last block: some of it perhaps again */
	return decode_block(text + len - BLOCK, to + (len - BLOCK) / 4 * 3) && are_digits;
}

static bool is_wide(void)
{
	return __builtin_cpu_supports("avx2");
}

#else

static bool decode_wide(const char *text, size_t len, char *to)
{
	(void)text, (void)len, (void)to;
	return false;
}

static bool is_wide(void)
{
	return false;
}

#endif

/* Decodes what is left from a place on; NULL: it is not base64. */
static char *decode_rest(const char *text, size_t len, size_t from, char *to)
{
	for (size_t i = from; i < len; i += 4) {
		int pad = i + 4 < len || text[i + 3] != '=' ? 0 : text[i + 2] == '=' ? 2 : 1;
		int value = decode_four(text + i, pad);
		if (value < 0)
			return NULL;
		*to++ = (char)(value >> 16);
		*to++ = (char)(value >> 8);
		*to++ = (char)value;
		to -= pad;
	}
	return to;
}

static bool decode(const char *text, size_t len, bool is_simple, spk_text *ret_bytes)
{
	if (len % 4 != 0)
		return false;
	size_t before = ret_bytes->len;
	char *start = spk_text_room(ret_bytes, len); /* the last block needs as much for its bytes */
	if (!start)
		return false;
	size_t plain = is_simple || len == 0 ? 0 : len - (text[len - 1] == '=' ? 4 : 0);
	bool is_done = plain >= BLOCK && is_wide(), is = !is_done || decode_wide(text, plain, start);
	plain = is_done ? plain : 0;
	const char *end = is ? decode_rest(text, len, plain, start + plain / 4 * 3) : NULL;
	ret_bytes->len = before + (end ? (size_t)(end - start) : 0);
	ret_bytes->data[ret_bytes->len] = '\0';
	return end;
}

bool spk_base64_decode(const char *text, size_t len, spk_text *ret_bytes)
{
	return decode(text, len, false, ret_bytes);
}

bool spk_base64_decode_simply(const char *text, size_t len, spk_text *ret_bytes)
{
	return decode(text, len, true, ret_bytes);
}
