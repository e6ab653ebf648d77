/* SPDX-License-Identifier: MIT */
#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "ldif_private.h"
#include "model/entry.h"

/* As much of the window is looked over for bytes that no line may hold, at a time. */
#define STRETCH ((size_t)64 << 10)
#define KNOWN 64
#define NAME_MAX_LEN 40

/* An attribute, with its colon. */
struct known {
	uint64_t head; /* its first eight bytes, as head_of makes them; 0: a free place */
	size_t len;
	bool wanted;
	char name[NAME_MAX_LEN];
};

struct spk_skimmer {
	const char *const *attrs;
	struct known known[KNOWN];
	size_t n_known;
	size_t plain_from, plain_to; /* offsets in the input between which there is no NUL and no CR */
};

spn_status spk_ldif_only(spk_ldif_reader *reader, const char *const *attrs, spn_error *err)
{
	struct spk_skimmer *skimmer = calloc(1, sizeof *skimmer);
	if (!skimmer)
		return spk_nomem(err);
	skimmer->attrs = attrs;
	free(reader->skimmer);
	reader->skimmer = skimmer;
	return SPN_OK;
}

/* Eight bytes of a line; those behind the first colon count for nothing. */
static uint64_t head_of(const char *at)
{
	uint64_t head;
	memcpy(&head, at, sizeof head);
	head = le64toh(head);
	uint64_t colons = head ^ UINT64_C(0x3a3a3a3a3a3a3a3a);
	colons = (colons - UINT64_C(0x0101010101010101)) & ~colons & UINT64_C(0x8080808080808080);
	return colons ? head & (colons ^ (colons - 1)) : head;
}

/* Where an attribute is, or could be. */
static size_t place_of(uint64_t head)
{
	return (size_t)(head * UINT64_C(0x9e3779b97f4a7c15) >> 58);
}

static bool is_wanted(const struct spk_skimmer *skimmer, const char *attr)
{
	size_t len = strcspn(attr, ";");
	for (const char *const *wanted = skimmer->attrs; *wanted; wanted++)
		if (spk_ascii_equal(*wanted, attr) || (strlen(*wanted) == len && strncasecmp(*wanted, attr, len) == 0))
			return true;
	return false;
}

bool spk_ldif_is_kept(spk_ldif_reader *reader, const char *attr)
{
	struct spk_skimmer *skimmer = reader->skimmer;
	size_t len = strlen(attr) + 1;
	char padded[NAME_MAX_LEN + 8] = "";
	/* "-" does not belong into a directory, and "result" tells whether the export is whole */
	if (strcmp(attr, "-") == 0 || spk_ascii_equal(attr, "result"))
		return true;
	bool wanted = is_wanted(skimmer, attr);
	if (len > NAME_MAX_LEN || skimmer->n_known == KNOWN / 2)
		return wanted;
	memcpy(padded, attr, len - 1);
	padded[len - 1] = ':';
	struct known known = { head_of(padded), len, wanted, "" };
	memcpy(known.name, padded, len);
	size_t i = place_of(known.head);
	while (skimmer->known[i].head && strcmp(skimmer->known[i].name, known.name) != 0)
		i = (i + 1) % KNOWN;
	skimmer->n_known += !skimmer->known[i].head;
	skimmer->known[i] = known;
	return wanted;
}

/* The attribute of a line; NULL: it has to be looked at. */
static const struct known *find_known(const struct spk_skimmer *skimmer, const char *at, size_t left)
{
	uint64_t head = head_of(at);
	for (size_t i = place_of(head); skimmer->known[i].head; i = (i + 1) % KNOWN) {
		const struct known *known = &skimmer->known[i];
		if (known->head == head && known->len < left &&
				(known->len <= sizeof head || memcmp(at + sizeof head, known->name + sizeof head, known->len - sizeof head) == 0))
			return known;
	}
	return NULL;
}

/* Whether what follows "attr::" is base64 beyond doubt. */
static bool is_plain_base64(const char *at, const char *end)
{
	while (at < end && *at == ' ')
		at++;
	const char *from = at;
	for (; at < end; at++) {
		char l = (char)(*at | 0x20);
		if (!((l >= 'a' && l <= 'z') || (*at >= '0' && *at <= '9') || *at == '+' || *at == '/'))
			break;
	}
	size_t padding = (size_t)(end - at);
	return (end - from) % 4 == 0 && (padding == 0 || (padding <= 2 && at > from && memcmp(at, "==", padding) == 0));
}

/* Looks over the bytes at pos, if that has not been done; returns where in the window they end. */
static const char *look_over(spk_ldif_reader *reader, bool *ret_plain)
{
	struct spk_skimmer *skimmer = reader->skimmer;
	size_t from = reader->base + reader->pos, left = reader->len - reader->pos;
	const char *at = reader->window + reader->pos;
	*ret_plain = true;
	if (from >= skimmer->plain_from && from < skimmer->plain_to && skimmer->plain_to - from <= left)
		return at + (skimmer->plain_to - from);
	left = left < STRETCH ? left : STRETCH;
	*ret_plain = !memchr(at, '\0', left) && !memchr(at, '\r', left);
	if (*ret_plain) {
		skimmer->plain_from = from;
		skimmer->plain_to = from + left;
	}
	return at + left;
}

/* Text of Windows: a CR before the line end, and nowhere else. */
static bool is_clean(const char *at, const char *newline)
{
	const char *bad = memchr(at, '\r', (size_t)(newline - at));
	return (!bad || bad + 1 == newline) && !memchr(at, '\0', (size_t)(newline - at));
}

void spk_ldif_skim(spk_ldif_reader *reader)
{
	bool plain;
	const char *end = look_over(reader, &plain), *at = reader->window + reader->pos, *begin = at;
	while (end - at > (ptrdiff_t)sizeof(uint64_t)) {
		const struct known *known = find_known(reader->skimmer, at, (size_t)(end - at));
		size_t name = known ? known->len : 0;
		const char *newline = name ? memchr(at + name, '\n', (size_t)(end - at) - name) : NULL;
		/* the line after it is in sight, and does not belong to it */
		if (!newline || newline + 1 == end || newline[1] == ' ' || at[name] == '<' || (!plain && !is_clean(at, newline)))
			break;
		const char *line_end = newline - (newline[-1] == '\r');
		if (at[name] == ':' && (known->wanted || !is_plain_base64(at + name + 1, line_end)))
			break;
		if (known->wanted && !spk_ldif_keep_plain(reader, (size_t)(at - reader->window), name - 1, (size_t)(line_end - at),
				(size_t)(newline + 1 - at)))
			break; /* and the line is read again, which tells that memory has run out */
		at = newline + 1;
		reader->line++;
	}
	if (at == begin)
		return;
	reader->pos += (size_t)(at - begin);
	reader->end = reader->base + reader->pos;
	reader->end_cut = false;
}
