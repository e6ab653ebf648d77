/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include "base/error.h"
#include "base/words.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* Makes room for n of something.  array is the address of the pointer to it. */
bool spk_ldif_grow(void *array, size_t n, size_t *size, size_t width)
{
	if (n <= *size)
		return true;
	size_t wanted = n + n / 2 + 32;
	void *old;
	memcpy(&old, array, sizeof old); /* not void **: the pointer is of another type */
	void *grown = realloc(old, wanted * width);
	if (!grown)
		return false;
	memcpy(array, &grown, sizeof grown);
	*size = wanted;
	return true;
}

/* How much is read after a jump: mostly one record is needed there. */
#define BEHIND_JUMP ((size_t)4 << 10)

spn_status spk_ldif_fill(spk_ldif_reader *reader, spn_error *err)
{
	if (reader->pos > 0) {
		reader->len -= reader->pos;
		memmove(reader->buffer, reader->buffer + reader->pos, reader->len);
		reader->base += reader->pos;
		reader->pos = 0;
	}
	if (reader->len == reader->size) {
		char *grown = realloc(reader->buffer, reader->size * 2);
		if (!grown)
			return spk_nomem(err);
		reader->window = reader->buffer = grown;
		reader->size *= 2;
	}
	size_t from = reader->base + reader->len, room = reader->size - reader->len;
	room = room < reader->until - from ? room : reader->until - from;
	room = reader->has_jumped && room > BEHIND_JUMP ? BEHIND_JUMP : room;
	reader->has_jumped = false;
	ssize_t n;
	do
		n = room ? reader->read(reader->data, from, reader->buffer + reader->len, room) : 0;
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s': %s", reader->name,
				errno == ESTALE ? "it has been changed while it was read" : strerror(errno));
	reader->ended = n == 0;
	reader->len += (size_t)n;
	return SPN_OK;
}

/* Finds the line at pos, so that the byte behind its line end is in the window as well, if there is one.
 * Sets its length with and without the line end; the latter is 0 at the end of the input. */
static spn_status find_line(spk_ldif_reader *reader, size_t *ret_len, size_t *ret_raw, spn_error *err)
{
	size_t seen = 0;
	for (;;) {
		size_t left = reader->len - reader->pos;
		size_t limit = left < SPK_LDIF_LINE_MAX + 2 ? left : SPK_LDIF_LINE_MAX + 2;
		const char *at = reader->window + reader->pos;
		const char *newline = limit > seen ? memchr(at + seen, '\n', limit - seen) : NULL;
		size_t raw = newline ? (size_t)(newline - at) + 1 : left;
		if (!newline && limit > SPK_LDIF_LINE_MAX)
			return spk_ldif_fail(reader, reader->line, 0, err, "the line is longer than %zu MiB",
					SPK_LDIF_LINE_MAX >> 20);
		if (reader->ended || (newline && raw < left)) {
			*ret_raw = raw;
			*ret_len = newline ? raw - 1 : raw;
			return SPN_OK;
		}
		seen = newline ? raw - 1 : left;
		spn_status status = spk_ldif_fill(reader, err);
		if (status)
			return status;
	}
}

static bool is_continued(const spk_ldif_reader *reader)
{
	return reader->pos < reader->len && reader->window[reader->pos] == ' ';
}

/* Line and column of a place in the logical line. */
spn_status spk_ldif_fail_at(const spk_ldif_reader *reader, size_t at, spn_error *err, const char *what)
{
	size_t fold = 0;
	while (fold < reader->n_folds && reader->folds[fold] <= at)
		fold++;
	size_t column = fold ? at - reader->folds[fold - 1] + 2 : at + 1;
	return spk_ldif_fail(reader, reader->text_line + fold, column, err, "%s", what);
}

static bool is_blank(const char *text, size_t len)
{
	while (len > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	return len == 0;
}

/* Appends the continuation lines.  Blank ones at the end are no part of the value, but what some scripts write between
 * records. */
static spn_status unfold(spk_ldif_reader *reader, spn_error *err)
{
	size_t blank_from = 0, blank_len = 0,
	       blank_raw = 0; /* folds, text and bytes before the first of the last blank ones */
	bool ends_blank = false;
	spk_text_clear(&reader->unfolded);
	spk_text_add_bytes(&reader->unfolded, reader->text, reader->text_len);
	while (is_continued(reader)) {
		size_t len = 0, raw = 0;
		spn_status status = find_line(reader, &len, &raw, err);
		if (status)
			return status;
		const char *at = reader->window + reader->pos;
		if (len > 0 && at[len - 1] == '\r')
			len--;
		if (reader->unfolded.len + len > SPK_LDIF_LINE_MAX)
			return spk_ldif_fail(reader, reader->text_line, 0, err,
					"the line is longer than %zu MiB with its continuation lines", SPK_LDIF_LINE_MAX >> 20);
		bool was_blank = ends_blank;
		ends_blank = len > 0 && is_blank(at + 1, len - 1);
		if (ends_blank && !was_blank) {
			blank_from = reader->n_folds;
			blank_len = reader->unfolded.len;
			blank_raw = reader->text_raw;
		}
		if (!spk_ldif_grow(&reader->folds, reader->n_folds + 1, &reader->folds_size, sizeof *reader->folds))
			return spk_nomem(err);
		reader->folds[reader->n_folds++] = reader->unfolded.len;
		spk_text_add_bytes(&reader->unfolded, at + 1, len - 1);
		reader->text_cut = at[raw - 1] != '\n';
		reader->pos += raw;
		reader->text_raw += raw;
		reader->line++;
	}
	if (ends_blank && !reader->unfolded.failed) {
		reader->n_folds = blank_from;
		reader->unfolded.len = blank_len;
		reader->text_raw = blank_raw;
		reader->text_cut = false;
	}
	reader->text = reader->unfolded.data;
	reader->text_len = reader->unfolded.len;
	return reader->unfolded.failed ? spk_nomem(err) : SPN_OK;
}

size_t spk_utf8_len(const char *text, size_t len)
{
	size_t at = 0;
	while (at < len) {
		uint64_t word;
		utf8proc_int32_t c;
		if (len - at >= sizeof word) {
			memcpy(&word, text + at, sizeof word);
			if (!(word & SPK_HIGH_BITS)) {
				at += sizeof word;
				continue;
			}
		}
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(len - at), &c);
		if (n <= 0)
			return at;
		at += (size_t)n;
	}
	return len;
}

/* What no line of text may hold. */
static spn_status check_line(const spk_ldif_reader *reader, spn_error *err)
{
	const char *bad = memchr(reader->text, '\0', reader->text_len);
	if (bad)
		return spk_ldif_fail_at(reader, (size_t)(bad - reader->text), err,
				"a NUL byte: this is not text, or it is UTF-16 (then: iconv -f UTF-16LE -t UTF-8)");
	bad = memchr(reader->text, '\r', reader->text_len);
	if (bad)
		return spk_ldif_fail_at(reader, (size_t)(bad - reader->text), err,
				"a carriage return inside a line; if lines end with "
				"several, take them away first: tr -d '\\r'");
	if (!reader->is_export || reader->text_len == 0 || reader->text[0] == '#')
		return SPN_OK;
	size_t good = spk_utf8_len(reader->text, reader->text_len);
	if (good == reader->text_len)
		return SPN_OK;
	return spk_ldif_fail_at(reader, good, err, SPK_LDIF_NOT_UTF8);
}

/* A record begins, though no empty line ended the one before it: scripts forget it. */
static bool begins_record(const char *at, size_t len)
{
	return (len >= 3 && strncasecmp(at, "dn:", 3) == 0) || (len >= 7 && strncasecmp(at, "search:", 7) == 0);
}

spn_status spk_ldif_read_line(spk_ldif_reader *reader, bool *ret_more, spn_error *err)
{
	size_t len = 0, raw = 0;
	spn_status status = find_line(reader, &len, &raw, err);
	if (status)
		return status;
	const char *at = reader->window + reader->pos;
	if (len >= 3 && memcmp(at, BYTE_ORDER_MARK, 3) == 0) { /* of this file, or of one that was appended to it */
		reader->pos += 3;
		at += 3;
		len -= 3;
		raw -= 3;
	}
	*ret_more = raw > 0;
	if (raw == 0)
		return SPN_OK;
	if (reader->n_raw > reader->first && begins_record(at, len)) {
		reader->text_len = 0; /* as if a line were empty here */
		return SPN_OK;
	}
	reader->text_crlf = len > 0 && len < raw && at[len - 1] == '\r';
	reader->text_cut = len == raw;
	reader->text = at;
	reader->text_len = len - reader->text_crlf;
	reader->text_line = reader->line;
	reader->text_offset = reader->base + reader->pos;
	reader->text_raw = raw;
	reader->n_folds = 0;
	reader->pos += raw;
	reader->line++;
	if (is_blank(reader->text, reader->text_len))
		reader->text_len = 0;
	if (reader->text_len > 0 && is_continued(reader)) {
		status = unfold(reader, err);
		if (status)
			return status;
	}
	return check_line(reader, err);
}

spn_status spk_ldif_check_start(spk_ldif_reader *reader, spn_error *err)
{
	while (!reader->ended && reader->len < 3) {
		spn_status status = spk_ldif_fill(reader, err);
		if (status)
			return status;
	}
	if (reader->len >= 2 && (memcmp(reader->window, "\xff\xfe", 2) == 0 || memcmp(reader->window, "\xfe\xff", 2) == 0))
		return spk_ldif_fail(reader, 1, 1, err, "this is UTF-16, as ldifde -u writes it; convert it first: "
				"iconv -f UTF-16 -t UTF-8");
	return SPN_OK;
}
