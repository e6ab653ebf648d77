/* SPDX-License-Identifier: MIT */
#include "fold.h"

#include <string.h>

#include <utf8proc.h>

#include "base/hash.h"
#include "base/words.h"

#define NO_BREAK_SPACE 0xa0

/* Yields the folded characters of a text, one at a time. */
struct folder {
	const unsigned char *start, *at, *end;
	spk_folding folding;
	utf8proc_int32_t ready[16]; /* what one character became; KELVIN SIGN is one, U+FDFA is eighteen */
	int n_ready, next;
};

/* Windows takes these for their base letters; Unicode does not decompose them. */
static utf8proc_int32_t base_letter(utf8proc_int32_t c)
{
	switch (c) {
	case 0xf8: return 'o';    /* o with stroke */
	case 0x111: return 'd';   /* d with stroke */
	case 0x127: return 'h';   /* h with stroke */
	case 0x142: return 'l';   /* l with stroke */
	case 0x167: return 't';   /* t with stroke */
	case 0x131: return 'i';   /* dotless i */
	default: break;
	}
	return c >= 0x30a1 && c <= 0x30f6 ? c - 0x60 : c; /* katakana as hiragana */
}

static int fold_character(struct folder *f, utf8proc_int32_t c)
{
	if (f->folding == SPK_FOLD_CASE || f->folding == SPK_FOLD_SAMBA) {
		f->ready[0] = utf8proc_tolower(utf8proc_toupper(c));
		return 1;
	}
	if (c == NO_BREAK_SPACE) { /* Unicode decomposes it to a blank, Windows and Samba do not */
		f->ready[0] = c;
		return 1;
	}
	int boundary = 0;
	utf8proc_ssize_t n = utf8proc_decompose_char(c, f->ready, sizeof f->ready / sizeof f->ready[0],
			UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK |
					UTF8PROC_IGNORE, &boundary);
	if (n < 0 || n > (utf8proc_ssize_t)(sizeof f->ready / sizeof f->ready[0])) {
		f->ready[0] = c; /* longer than any name needs: itself */
		return 1;
	}
	for (int i = 0; i < n; i++)
		f->ready[i] = base_letter(f->ready[i]);
	return (int)n;
}

static bool is_as_samba(spk_folding folding)
{
	return folding == SPK_FOLD_SAMBA || folding == SPK_FOLD_EITHER;
}

/* For Samba (ldb), blanks at both ends count for nothing, and several for one; true if none is left that counts. */
static bool skip_blanks(struct folder *f)
{
	const unsigned char *after = f->at;
	while (after < f->end && *after == ' ')
		after++;
	bool counts = f->at > f->start && after < f->end;
	f->at = counts ? after - 1 : after;
	return !counts;
}

/* The next folded character, or -1 at the end. */
static utf8proc_int32_t next(struct folder *f)
{
	while (f->next >= f->n_ready) {
		if (f->at == f->end)
			return -1;
		if (*f->at == ' ' && is_as_samba(f->folding) && skip_blanks(f))
			continue;
		if (*f->at < 0x80) {
			unsigned char c = *f->at++;
			return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
		}
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate(f->at, f->end - f->at, &c);
		if (n <= 0)
			return 0x110000 + *f->at++; /* not UTF-8: equal to nothing but itself */
		f->at += n;
		f->next = 0;
		f->n_ready = fold_character(f, c);
	}
	return f->ready[f->next++];
}

static struct folder start(spn_bytes text, spk_folding folding)
{
	const unsigned char *data = (const unsigned char *)text.data, *end = data ? data + text.len : data;
	const unsigned char *nul = is_as_samba(folding) && data ? memchr(data, '\0', text.len) : NULL;
	return (struct folder){ .start = data, .at = data, .end = nul ? nul : end, .folding = folding };
}

/* Most names are ASCII and differ early: how many bytes at their start are equal, but for case.  No blank is among
 * them. */
static size_t equal_start(spn_bytes a, spn_bytes b)
{
	size_t n = a.len < b.len ? a.len : b.len, i = 0;
	for (; n - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
		uint64_t of_a = spk_word_at(a.data + i), of_b = spk_word_at(b.data + i);
		if (spk_lower_word(of_a) != spk_lower_word(of_b) || (of_a & SPK_HIGH_BITS) || spk_first_below(of_a, ' ' + 1) ||
				spk_first_below(of_b, ' ' + 1))
			break;
	}
	while (i < n && a.data[i] > ' ' && b.data[i] > ' ' && spk_ascii_lower(a.data[i]) == spk_ascii_lower(b.data[i]))
		i++;
	return i;
}

/* What comes as itself, and nothing but what is the same but for case is equal to it. */
static bool is_plain_at(spn_bytes text, size_t at)
{
	return text.data[at] > ' ' && (unsigned char)text.data[at] < 0x80;
}

int spk_fold_compare(spn_bytes a, spn_bytes b, spk_folding folding)
{
	size_t n = equal_start(a, b);
	if (n == a.len && n == b.len)
		return 0;
	if (n < a.len && n < b.len && is_plain_at(a, n) && is_plain_at(b, n)) /* as mostly */
		return spk_ascii_lower(a.data[n]) < spk_ascii_lower(b.data[n]) ? -1 : 1;
	struct folder fa = start(a, folding), fb = start(b, folding);
	fa.at += n;
	fb.at += n;
	for (;;) {
		utf8proc_int32_t ca = next(&fa), cb = next(&fb);
		if (ca != cb)
			return ca < cb ? -1 : 1;
		if (ca < 0)
			return 0;
	}
}

/* What is not UTF-8 is written with 0xff, as no UTF-8 text is: otherwise two such bytes might become one character. */
static size_t encode(utf8proc_int32_t c, utf8proc_uint8_t bytes[4])
{
	if (c >= 0x80 && c < 0x110000)
		return (size_t)utf8proc_encode_char(c, bytes);
	bytes[0] = c < 0x80 ? (utf8proc_uint8_t)c : 0xff;
	bytes[1] = (utf8proc_uint8_t)(c - 0x110000);
	return c < 0x80 ? 1 : 2;
}

void spk_fold_key(spn_bytes value, spk_folding folding, spk_text *ret_key)
{
	size_t before = ret_key->len;
	/* ASCII folds to lower case in every folding, but for Samba's blanks and its NUL: no need to go by character */
	bool is_special = is_as_samba(folding) && value.len > 0 &&
			(memchr(value.data, ' ', value.len) || memchr(value.data, '\0', value.len));
	if (!is_special && spk_text_add_lower(ret_key, value.data, value.len))
		return;
	struct folder f = start(value, folding);
	ret_key->len = before;
	spk_text_add_bytes(ret_key, "", 0);
	for (utf8proc_int32_t c; (c = next(&f)) >= 0;) {
		utf8proc_uint8_t bytes[4];
		size_t n = encode(c, bytes);
		spk_text_add_bytes(ret_key, bytes, n);
	}
}

size_t spk_folded_add(spk_keys *keys, spn_bytes value, spk_folding folding)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	spk_fold_key(value, folding, &key);
	return key.failed ? SIZE_MAX : spk_keys_add(keys, (spn_bytes){ key.data, key.len });
}

bool spk_folded_find(const spk_keys *keys, spn_bytes value, spk_folding folding, size_t *ret_place)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	spk_fold_key(value, folding, &key);
	*ret_place = key.failed ? SIZE_MAX : spk_keys_find(keys, (spn_bytes){ key.data, key.len });
	return !key.failed;
}

uint64_t spk_fold_hash(spn_bytes value, spk_folding folding, uint64_t seed)
{
	struct folder f = start(value, folding);
	utf8proc_uint8_t piece[256];
	size_t n = 0;
	for (utf8proc_int32_t c; (c = next(&f)) >= 0;) {
		if (n + 4 > sizeof piece) {
			seed = spk_hash(piece, n, seed);
			n = 0;
		}
		n += encode(c, piece + n);
	}
	return spk_hash(piece, n, seed);
}
