/* SPDX-License-Identifier: MIT */
/* Ordinary records: nearly all that an export consists of, and gone over in a fraction of the time that reading a
 * record in earnest takes.  Whatever is not ordinary beyond doubt is left to spk_ldif_next. */
#include <stdint.h>
#include <string.h>

#include "skim.h"
#include "base/words.h"

#define ADD "changetype: add"

/* Goes from one line end to the next. */
struct walk {
	const struct spk_skimmer *skimmer;
	const char *from, *limit; /* what was looked over */
	size_t word, n_words;
	uint64_t left; /* of the ends in that word */
};

enum outcome { ORDINARY, OTHER, UNFINISHED };

static const char *next_end(struct walk *walk)
{
	while (!walk->left) {
		if (++walk->word >= walk->n_words)
			return NULL;
		walk->left = walk->skimmer->lines.ends[walk->word];
	}
	const char *end = walk->from + 64 * walk->word + (size_t)__builtin_ctzll(walk->left);
	walk->left &= walk->left - 1;
	return end;
}

/* Looks over what is in the window from pos on. */
static void look_over(spk_ldif_reader *reader)
{
	struct spk_skimmer *skimmer = reader->skimmer;
	const char *at = reader->window + reader->pos;
	size_t left = reader->len - reader->pos;
	left = left < SPK_LINES_MAX ? left : SPK_LINES_MAX;
	left -= left > 0 && at[left - 1] == '\r'; /* what is behind it is not in sight */
	spk_lines_find(at, left, &skimmer->lines);
	skimmer->ends_from = reader->base + reader->pos;
	skimmer->ends_to = skimmer->ends_from + left;
	skimmer->is_plain = !skimmer->lines.has_nul && !skimmer->lines.has_lone_cr;
	if (skimmer->is_plain && skimmer->lines.has_high) {
		size_t good = spk_utf8_len(at, left);
		skimmer->is_plain = left - good < SPK_CHARACTER_MAX; /* perhaps cut off */
		skimmer->ends_to = skimmer->ends_from + good;
	}
}

void spk_ldif_forget_ends(struct spk_skimmer *skimmer)
{
	skimmer->ends_from = skimmer->ends_to = skimmer->peeked = 0;
}

static struct walk start(const spk_ldif_reader *reader)
{
	const struct spk_skimmer *skimmer = reader->skimmer;
	size_t skip = reader->base + reader->pos - skimmer->ends_from;
	struct walk walk = { .skimmer = skimmer, .word = skip / 64 };
	walk.from = reader->window + reader->pos - skip;
	walk.limit = walk.from + (skimmer->ends_to - skimmer->ends_from);
	walk.n_words = (skimmer->ends_to - skimmer->ends_from + 63) / 64;
	walk.left = walk.word < walk.n_words ? skimmer->lines.ends[walk.word] & (UINT64_MAX << skip % 64) : 0;
	return walk;
}

static bool is_in_sight(const spk_ldif_reader *reader)
{
	const struct spk_skimmer *skimmer = reader->skimmer;
	size_t at = reader->base + reader->pos;
	return at >= skimmer->ends_from && at < skimmer->ends_to && skimmer->ends_to <= reader->base + reader->len;
}

/* How many characters of base64 there are; SIZE_MAX: something else.  padding: how many '=' are behind them. */
static size_t count_base64(const char *at, const char *end, size_t *ret_padding)
{
	size_t n = (size_t)(end - at);
	*ret_padding = 0;
	while (*ret_padding < 2 && end > at && end[-1] == '=') {
		end--;
		++*ret_padding;
	}
	return spk_lines_is_base64(at, (size_t)(end - at)) ? n : SIZE_MAX;
}

/* What a line may go on with in the next one. */
struct value {
	spk_ldif_glimpse *kept; /* NULL: nobody asks for it */
	bool may_go_on, is_base64, is_watched;
	size_t n, padding; /* of base64, so far; else nobody asks */
};

static bool add_base64(struct value *value, const char *at, const char *end)
{
	size_t padding, n = count_base64(at, end, &padding);
	if (n == SIZE_MAX || (value->padding > 0 && n > 0))
		return false;
	value->n += n;
	value->padding += padding;
	return true;
}

static bool is_whole(const struct value *value)
{
	return !value->is_base64 || (value->n % 4 == 0 && (value->padding == 0 || value->n > value->padding));
}

/* A line of an attribute that is not wanted. */
static bool pass(struct value *value, const char *at, const char *end)
{
	value->may_go_on = true;
	value->is_base64 = at < end && *at == ':';
	if (!value->is_base64)
		return at == end || *at != '<';
	value->n = value->padding = 0;
	for (at++; at < end && *at == ' ';)
		at++;
	return add_base64(value, at, end);
}

/* A line of an attribute that was asked for. */
static bool keep(spk_ldif_plain *plain, struct value *value, const struct spk_known *known, const char *line,
		size_t number, const char *end)
{
	const char *at = line + known->len;
	bool is_base64 = at < end && *at == ':';
	if (at == end || *at == '<' || plain->n == SPK_GLANCE_MAX)
		return false;
	at += is_base64;
	while (at < end && *at == ' ')
		at++;
	if (!is_base64 && at < end && *at == '<')
		return false;
	spk_ldif_glimpse *glimpse = &plain->lines[plain->n++];
	value->kept = glimpse;
	value->may_go_on = at < end;
	glimpse->value = (spn_bytes){ at, (size_t)(end - at) };
	glimpse->which = known->which;
	glimpse->at = line;
	glimpse->name_len = (uint32_t)known->len - 1;
	glimpse->len = (uint32_t)(end - line) + 1 + (*end == '\r');
	glimpse->line = (uint32_t)number;
	glimpse->is_folded = false;
	glimpse->is_base64 = is_base64;
	return true;
}

/* A line that begins with a blank.  What may be an empty line between records is read in earnest. */
static bool go_on(struct value *value, const char *at, const char *end, const char *newline)
{
	spk_ldif_glimpse *kept = value->kept;
	if (!value->may_go_on || (value->is_base64 && !add_base64(value, at + 1, end)))
		return false;
	if (!kept)
		return true;
	kept->is_folded = true;
	kept->value.len = (size_t)(end - kept->value.data);
	kept->len = (uint32_t)(newline + 1 - kept->at);
	return end > at + 1 && end[-1] != ' ' && end[-1] != '\t';
}

static bool may_be_watched(const spk_ldif_watch *watch, const char *at, const char *end)
{
	char letter = spk_ascii_lower(at[at[0] == ' ']);
	if (watch->first && letter != watch->first && letter >= 'a' && letter <= 'z')
		return false;
	return !watch->may_be || watch->may_be(at, end);
}

static const char *line_end(const char *newline)
{
	return newline - (newline[-1] == '\r');
}

/* Goes over empty lines and comments to the DN. */
static enum outcome find_dn(struct walk *walk, size_t *n_lines, const char **at, spk_ldif_plain *plain)
{
	const char *newline;
	for (;; ++*n_lines, *at = newline + 1) {
		if (walk->limit - *at < (ptrdiff_t)SPK_NAME_MAX || !(newline = next_end(walk)))
			return UNFINISHED;
		bool is_empty = newline == *at || (**at == '\r' && newline == *at + 1);
		if (!is_empty && **at != '#')
			break;
		if (newline + 1 == walk->limit)
			return UNFINISHED;
		if (!is_empty && newline[1] == ' ')
			return OTHER;
	}
	if (memcmp(*at, "dn: ", 4) != 0)
		return OTHER;
	plain->at = *at;
	plain->line = (uint32_t)*n_lines;
	plain->dn = (spn_bytes){ *at + 4, (size_t)(line_end(newline) - *at) - 4 };
	*at = newline + 1;
	++*n_lines;
	return plain->dn.len > 0 ? ORDINARY : OTHER;
}

static enum outcome walk_record(spk_ldif_reader *reader, spk_ldif_plain *plain)
{
	struct spk_skimmer *skimmer = reader->skimmer;
	struct walk walk = start(reader);
	struct value value = { .may_go_on = false };
	const char *at = reader->window + reader->pos, *newline;
	size_t n_lines = 0, n_seen = 1;
	uint16_t *guesses = skimmer->first;
	plain->n = 0;
	plain->is_watched = false;
	enum outcome outcome = find_dn(&walk, &n_lines, &at, plain);
	if (outcome != ORDINARY)
		return outcome;
	for (;; at = newline + 1, n_lines++) {
		if (walk.limit - at < (ptrdiff_t)SPK_NAME_MAX || !(newline = next_end(&walk)))
			return UNFINISHED;
		const char *end = line_end(newline);
		if (*at == ' ') {
			if (!go_on(&value, at, end, newline))
				return OTHER;
			plain->is_watched |= value.is_watched;
			continue;
		}
		if (!is_whole(&value))
			return OTHER;
		if (at == end)
			break;
		value.may_go_on = *at == '#';
		value.is_base64 = value.is_watched = false;
		value.kept = NULL;
		if (*at == '#')
			continue;
		const struct spk_known *known = spk_ldif_find_attr(skimmer, at, guesses);
		if (known) {
			if (!(known->which == SPK_UNWANTED ? pass(&value, at + known->len, end) :
							     keep(plain, &value, known, at, n_lines, end)))
				return OTHER;
			if (known->watch) {
				value.is_watched = true;
				plain->is_watched |= may_be_watched(known->watch, at + known->len, end);
			}
			guesses = skimmer->known[known - skimmer->known].next;
		} else if (n_seen != 1 || end - at != sizeof ADD - 1 || memcmp(at, ADD, sizeof ADD - 1) != 0) {
			return OTHER;
		}
		n_seen++;
	}
	skimmer->taken = (size_t)(newline + 1 - reader->window);
	skimmer->taken_lines = n_lines + 1;
	return ORDINARY;
}

/* Reads more input after pos.  Returns false at the end of the input, or if the window is full. */
static bool fill(spk_ldif_reader *reader)
{
	bool is_full = reader->pos == 0 && reader->len == reader->size;
	return !is_full && !reader->ended && reader->read && !spk_ldif_fill(reader, NULL);
}

bool spk_ldif_glance(spk_ldif_reader *reader, spk_ldif_plain *plain)
{
	struct spk_skimmer *skimmer = reader->skimmer;
	bool is_filled = false;
	if (!skimmer || !reader->is_export)
		return false;
	for (;;) {
		if (!is_in_sight(reader))
			look_over(reader);
		if (!skimmer->is_plain)
			return false;
		enum outcome outcome = walk_record(reader, plain);
		if (outcome != UNFINISHED) {
			plain->offset = reader->base + (size_t)(plain->at - reader->window);
			return outcome == ORDINARY;
		}
		/* what was looked over begins with this record: only more of the input helps, and that once */
		if (skimmer->ends_from == reader->base + reader->pos) {
			if (is_filled || skimmer->ends_to - skimmer->ends_from == SPK_LINES_MAX || !fill(reader))
				return false;
			is_filled = true;
		}
		spk_ldif_forget_ends(skimmer);
	}
}

void spk_ldif_take(spk_ldif_reader *reader)
{
	reader->pos = reader->skimmer->taken;
	reader->line += reader->skimmer->taken_lines;
}
