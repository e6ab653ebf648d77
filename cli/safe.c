/* SPDX-License-Identifier: MIT */
#include "safe.h"

size_t utf8_next(const char *text, size_t len, uint32_t *ret_c)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (len == 0)
		return 0;
	const unsigned char *at = (const unsigned char *)text;
	size_t n = *at < 0x80 ? 1 : *at >> 5 == 0x06 ? 2 : *at >> 4 == 0x0e ? 3 : *at >> 3 == 0x1e ? 4 : 0;
	if (n == 0 || n > len)
		return 0;
	uint32_t c = n == 1 ? *at : *at & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (at[i] & 0x3f);
	}
	if (c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*ret_c = c;
	return n;
}

bool is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
		(c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* How many bytes may be shown as they are. */
static size_t count_safe(const char *text, size_t len)
{
	size_t n = 0;
	uint32_t c;
	for (size_t next; (next = utf8_next(text + n, len - n, &c)) > 0 && !is_unsafe(c);)
		n += next;
	return n;
}

void print_safe(FILE *to, const char *text, size_t len)
{
	for (const char *end = text + len; text < end;) {
		uint32_t c;
		size_t n = count_safe(text, (size_t)(end - text));
		fwrite(text, 1, n, to);
		text += n;
		n = utf8_next(text, (size_t)(end - text), &c);
		for (const char *unsafe_end = text < end ? text + (n ? n : 1) : end; text < unsafe_end; text++)
			fprintf(to, "\\x%02x", (unsigned char)*text);
	}
}
