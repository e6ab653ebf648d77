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
	const char *block, *limit; /* of what was looked over: the 64 bytes at hand, and where it ends */
	const uint64_t *ends; /* of the block behind that */
	uint64_t left; /* of the ends in the block */
};

enum outcome { ORDINARY, OTHER, UNFINISHED };

static inline const char *line_end(const char *newline)
{
	return newline - (newline[-1] == '\r');
}

static inline const char *next_end(struct walk *walk)
{
	while (!walk->left) {
		walk->block += 64;
		if (walk->block >= walk->limit)
			return NULL;
		walk->left = *walk->ends++;
	}
	const char *end = walk->block + (unsigned)__builtin_ctzll(walk->left);
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

/* Goes on from a place in sight, of the block at hand or behind it. */
static void go_to(struct walk *walk, const char *at)
{
	size_t skip = (size_t)(at - walk->block), blocks = skip / 64;
	if (blocks > 0) {
		walk->block += 64 * blocks;
		walk->ends += blocks;
		walk->left = walk->ends[-1];
	}
	walk->left &= UINT64_MAX << skip % 64;
}

/* From pos on, which is in sight. */
static struct walk start(const spk_ldif_reader *reader)
{
	const struct spk_skimmer *skimmer = reader->skimmer;
	size_t skip = reader->base + reader->pos - skimmer->ends_from;
	const char *from = reader->window + reader->pos - skip;
	struct walk walk = { .block = from + skip / 64 * 64, .limit = from + (skimmer->ends_to - skimmer->ends_from) };
	walk.ends = &skimmer->lines.ends[skip / 64];
	walk.left = walk.block < walk.limit ? *walk.ends++ & (UINT64_MAX << skip % 64) : 0;
	return walk;
}

bool spk_ldif_is_in_sight(const spk_ldif_reader *reader)
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

static inline spk_ldif_glimpse *note(spk_ldif_plain *plain, const struct spk_known *known, const char *line,
		size_t number, const char *value, const char *newline, bool is_base64)
{
	spk_ldif_glimpse *glimpse = &plain->lines[plain->n++];
	glimpse->value = (spn_bytes){ value, (size_t)(line_end(newline) - value) };
	glimpse->which = known->which;
	glimpse->at = line;
	glimpse->name_len = (uint32_t)known->len - 1;
	glimpse->len = (uint32_t)(newline + 1 - line);
	glimpse->line = (uint32_t)number;
	glimpse->is_folded = false;
	glimpse->is_base64 = is_base64;
	plain->has_base64 |= is_base64;
	return glimpse;
}

/* The same of a line as most are: a blank, and then a value that does not go on.  What comes after it is in sight. */
static inline bool keep_usual(spk_ldif_plain *plain, const struct spk_known *known, const char *line, size_t number,
		const char *newline)
{
	bool is_base64 = line[known->len] == ':';
	const char *blank = line + known->len + is_base64;
	if (*blank != ' ' || (unsigned char)blank[1] <= ' ' || blank[1] == '<' || newline[1] == ' ' ||
			plain->n == SPK_GLANCE_MAX || known->watch || known->which == SPK_UNWANTED)
		return false;
	note(plain, known, line, number, blank + 1, newline, is_base64);
	return true;
}

/* A line of an attribute that was asked for. */
static bool keep(spk_ldif_plain *plain, struct value *value, const struct spk_known *known, const char *line,
		size_t number, const char *newline)
{
	const char *at = line + known->len, *end = line_end(newline);
	bool is_base64 = at < end && *at == ':';
	if (at == end || *at == '<' || plain->n == SPK_GLANCE_MAX)
		return false;
	at += is_base64;
	while (at < end && *at == ' ')
		at++;
	if (!is_base64 && at < end && *at == '<')
		return false;
	value->kept = note(plain, known, line, number, at, newline, is_base64);
	value->may_go_on = at < end;
	plain->has_odd |= at == end || newline[1] == ' ';
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

/* Whether nothing is to be done about a line: nobody asks for its attribute, and it is plain text that does not go on.
 * What comes after it is in sight. */
static inline bool is_idle(const struct spk_known *known, const char *at, const char *newline)
{
	const char *value = at + known->len;
	if (!known->is_idle || *value == ':' || *value == '<' || newline[1] == ' ')
		return false;
	char letter = spk_ascii_lower(value[*value == ' ']);
	return !known->watched || (letter != known->watched && letter >= 'a' && letter <= 'z');
}

/* Any other line of a known attribute. */
static bool look_at(spk_ldif_plain *plain, struct value *value, const struct spk_known *known, const char *at,
		size_t number, const char *newline)
{
	const char *end = line_end(newline);
	*value = (struct value){ .may_go_on = false };
	if (!(known->which == SPK_UNWANTED ? pass(value, at + known->len, end) :
					     keep(plain, value, known, at, number, newline)))
		return false;
	if (known->watch) {
		value->is_watched = true;
		plain->is_watched |= may_be_watched(known->watch, at + known->len, end);
	}
	return true;
}

/* A line that begins with a blank or as a comment does, or is empty. */
static enum outcome look_at_other(spk_ldif_plain *plain, struct value *value, const char *at, const char *newline)
{
	if (*at == ' ') {
		plain->is_watched |= value->is_watched;
		return go_on(value, at, line_end(newline), newline) ? UNFINISHED : OTHER;
	}
	if (!is_whole(value))
		return OTHER;
	*value = (struct value){ .may_go_on = true };
	return *at == '#' ? UNFINISHED : ORDINARY;
}

/* An entry, as ldifde writes it. */
static bool is_add(const char *at)
{
	return memcmp(at, ADD, sizeof ADD - 1) == 0 && (at[sizeof ADD - 1] == '\n' || at[sizeof ADD - 1] == '\r');
}

/* Whether the line behind this end is so far from the limit that any known attribute can be compared with it. */
static inline bool is_far(const struct walk *walk, const char *newline)
{
	return walk->limit - newline > (ptrdiff_t)SPK_NAME_MAX;
}

/* Takes as a run the idle lines at the beginning of a record.  What does not fit is left out. */
static void learn_run(struct spk_skimmer *skimmer, const struct walk *walk, const char *at)
{
	struct spk_run *run = &skimmer->run;
	struct spk_known *guesses[2] = { &skimmer->none, &skimmer->none };
	run->len = run->n_lines = 0;
	for (const char *line = at, *newline; is_far(walk, line); line = newline + 1, run->n_lines++) {
		newline = memchr(line, '\n', (size_t)(walk->limit - line));
		bool is_in_sight = newline && is_far(walk, newline);
		struct spk_known *known = is_in_sight ? spk_ldif_find_attr(skimmer, line, guesses) : NULL;
		size_t len = known ? (size_t)(newline + 1 - at) : 0;
		if (!known || len > sizeof run->text || !is_idle(known, line, newline))
			break;
		memcpy(run->text + run->len, line, len - run->len);
		run->len = len;
		run->last = known;
	}
}

/* Leaves the first lines of the run that a record begins with, too. */
static void shorten_run(struct spk_skimmer *skimmer, const char *at)
{
	struct spk_run *run = &skimmer->run;
	struct spk_known *guesses[2] = { &skimmer->none, &skimmer->none };
	size_t len = run->len, last = 0;
	run->len = run->n_lines = 0;
	for (size_t i = 0; i < len && run->text[i] == at[i]; i++)
		if (run->text[i] == '\n') {
			last = run->len;
			run->len = i + 1;
			run->n_lines++;
		}
	if (run->len > 0)
		run->last = spk_ldif_find_attr(skimmer, at + last, guesses);
}

/* Goes over the lines that records before this one began with.  Now and then they are learnt anew: few records may have
 * begun in another way. */
static struct spk_known **pass_run(struct spk_skimmer *skimmer, struct walk *walk, const char **at, size_t *n_lines)
{
	enum { MANY = 1024 };
	struct spk_run *run = &skimmer->run;
	size_t n = run->n_records++;
	if ((n & (n - 1)) == 0 || n % MANY == 0)
		learn_run(skimmer, walk, *at);
	if (walk->limit - *at <= (ptrdiff_t)(sizeof run->text + SPK_NAME_MAX))
		return skimmer->first;
	if (run->len > 0 && memcmp(*at, run->text, run->len) != 0)
		shorten_run(skimmer, *at);
	if (run->len == 0)
		return skimmer->first;
	*at += run->len;
	*n_lines += run->n_lines;
	go_to(walk, *at);
	return run->last->next;
}

static enum outcome walk_record(spk_ldif_reader *reader, spk_ldif_plain *plain)
{
	struct spk_skimmer *skimmer = reader->skimmer;
	struct walk walk = start(reader);
	struct value value = { .may_go_on = false };
	const char *at = reader->window + reader->pos, *newline;
	size_t n_lines = 0;
	plain->n = 0;
	plain->is_watched = plain->has_base64 = plain->has_odd = false;
	enum outcome outcome = find_dn(&walk, &n_lines, &at, plain);
	if (outcome != ORDINARY || !is_far(&walk, at - 1))
		return outcome == ORDINARY ? UNFINISHED : outcome;
	if (is_add(at) && (newline = next_end(&walk))) {
		at = newline + 1;
		n_lines++;
	}
	struct spk_known **guesses = pass_run(skimmer, &walk, &at, &n_lines);
	for (outcome = UNFINISHED; outcome == UNFINISHED; at = newline + 1, n_lines++) {
		if (!is_far(&walk, at - 1) || !(newline = next_end(&walk)))
			return UNFINISHED;
		if ((unsigned char)*at <= '#' && (*at == ' ' || *at == '#' || *at == '\n' || *at == '\r')) {
			outcome = look_at_other(plain, &value, at, newline);
			continue;
		}
		if (!is_whole(&value))
			return OTHER;
		struct spk_known *known = spk_ldif_find_attr(skimmer, at, guesses);
		if (!known)
			return OTHER;
		guesses = known->next;
		if (!is_far(&walk, newline))
			return UNFINISHED;
		if (!is_idle(known, at, newline) && !keep_usual(plain, known, at, n_lines, newline) &&
				!look_at(plain, &value, known, at, n_lines, newline))
			return OTHER;
	}
	plain->end = at;
	skimmer->taken = (size_t)(at - reader->window);
	skimmer->taken_lines = n_lines;
	return outcome;
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
		if (!spk_ldif_is_in_sight(reader))
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
