/* SPDX-License-Identifier: MIT */
#include "encoding.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <utf8proc.h>

#include "base/error.h"
#include "base/file.h"

#define PIECE ((size_t)16 << 10)
#define MARK 0xfeffu

spk_encoding spk_encoding_of(const char *start, size_t len)
{
	static const spk_encoding utf8 = { SPK_UTF8, false };
	if (len < 2)
		return utf8;
	unsigned char a = (unsigned char)start[0], b = (unsigned char)start[1];
	if (a == 0xff && b == 0xfe)
		return (spk_encoding){ SPK_UTF16LE, true };
	if (a == 0xfe && b == 0xff)
		return (spk_encoding){ SPK_UTF16BE, true };
	if (a && a < 0x80 && !b)
		return (spk_encoding){ SPK_UTF16LE, false };
	if (!a && b && b < 0x80)
		return (spk_encoding){ SPK_UTF16BE, false };
	return utf8;
}

/* Text on its way from UTF-16. */
struct decoder {
	spk_encoding encoding;
	uint32_t high; /* the first half of a pair; 0: none */
	size_t line;
	bool started;
};

/* Takes one unit; returns how many bytes of UTF-8 it made, SIZE_MAX if it has no place here. */
static size_t decode_unit(struct decoder *decoder, const char *at, char *to)
{
	uint32_t a = (unsigned char)at[0], b = (unsigned char)at[1];
	uint32_t unit = decoder->encoding.form == SPK_UTF16LE ? a | b << 8 : a << 8 | b;
	bool is_first = !decoder->started, is_high = unit >= 0xd800 && unit < 0xdc00, is_low = unit >= 0xdc00 && unit < 0xe000;
	decoder->started = true;
	if (is_first && unit == MARK)
		return 0;
	if (is_low != (decoder->high != 0))
		return SIZE_MAX;
	if (is_high) {
		decoder->high = unit;
		return 0;
	}
	if (is_low)
		unit = 0x10000 + ((decoder->high - 0xd800) << 10) + (unit - 0xdc00);
	decoder->high = 0;
	decoder->line += unit == '\n';
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)unit, (utf8proc_uint8_t *)to);
}

static spn_status fail_read(const char *name, const char *what, spn_error *err)
{
	int code = errno;
	return spn_fail(err, SPN_ERR_FAILED, code, "cannot %s '%s': %s", what, name, strerror(code));
}

static spn_status decode_piece(struct decoder *decoder, const char *from, size_t len, int to, size_t *total,
		const char *name, spn_error *err)
{
	char text[PIECE / 2 * 4];
	size_t used = 0;
	for (size_t i = 0; i + 1 < len; i += 2) {
		size_t n = decode_unit(decoder, from + i, text + used);
		if (n == SIZE_MAX)
			return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s', line %zu: not UTF-16: half of a surrogate pair", name, decoder->line);
		used += n;
	}
	*total += used;
	return used == 0 || spk_file_write(to, text, used) ? SPN_OK : fail_read(name, "keep", err);
}

spn_status spk_decode_file(int from, spk_encoding encoding, int to, size_t max, const char *name, spn_error *err)
{
	struct decoder decoder = { .encoding = encoding, .line = 1 };
	char piece[PIECE];
	size_t have = 0, total = 0;
	off_t offset = 0;
	for (;;) {
		ssize_t n = pread(from, piece + have, sizeof piece - have, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_read(name, "read", err);
		offset += n;
		have += (size_t)n;
		if (n == 0)
			break;
		spn_status status = decode_piece(&decoder, piece, have, to, &total, name, err);
		if (status)
			return status;
		if (total > max)
			return spn_fail(err, SPN_ERR_FAILED, 0,
					"'%s' is UTF-16 and longer than %zu GiB: convert it first: iconv -f UTF-16 -t "
					"UTF-8",
					name, max >> 30);
		piece[0] = piece[have - 1];
		have %= 2;
	}
	if (have > 0 || decoder.high)
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s', line %zu: the file is cut off inside a character of UTF-16", name, decoder.line);
	return SPN_OK;
}

static size_t put_unit(const spk_sink *sink, uint32_t unit, char *to)
{
	bool is_little = sink->encoding.form == SPK_UTF16LE;
	to[!is_little] = (char)(unit & 255);
	to[is_little] = (char)(unit >> 8);
	return 2;
}

bool spk_sink_begin(spk_sink *sink)
{
	char mark[2] = "";
	return !sink->encoding.has_mark || spk_file_write(sink->fd, mark, put_unit(sink, MARK, mark));
}

static size_t put_character(const spk_sink *sink, uint32_t c, char *to)
{
	if (c < 0x10000)
		return put_unit(sink, c, to);
	put_unit(sink, 0xd800 + ((c - 0x10000) >> 10), to);
	return 2 + put_unit(sink, 0xdc00 + ((c - 0x10000) & 0x3ff), to + 2);
}

/* How many bytes a character has that begins with this one. */
static size_t length_of(char first)
{
	unsigned char c = (unsigned char)first;
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static bool write_utf16(spk_sink *sink, const char *data, size_t len)
{
	char units[PIECE * 2];
	size_t used = 0;
	while (len > 0) {
		utf8proc_int32_t c;
		sink->part[sink->part_len++] = *data++;
		len--;
		if (sink->part_len < length_of(sink->part[0]))
			continue;
		if (utf8proc_iterate((const utf8proc_uint8_t *)sink->part, (utf8proc_ssize_t)sink->part_len, &c) <= 0) {
			errno = EILSEQ;
			return false;
		}
		sink->part_len = 0;
		used += put_character(sink, (uint32_t)c, units + used);
		if (used + 4 > sizeof units || len == 0) {
			if (!spk_file_write(sink->fd, units, used))
				return false;
			used = 0;
		}
	}
	return used == 0 || spk_file_write(sink->fd, units, used);
}

bool spk_sink_write(spk_sink *sink, const char *data, size_t len)
{
	return sink->encoding.form == SPK_UTF8 ? spk_file_write(sink->fd, data, len) : write_utf16(sink, data, len);
}
