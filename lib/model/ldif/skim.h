/* SPDX-License-Identifier: MIT */
/* skim.h - what is known of the attributes of an export, for the files that go over most of its lines */
#ifndef SPK_LDIF_SKIM_H
#define SPK_LDIF_SKIM_H

#include <stdint.h>

#include "private.h"
#include "base/lines.h"
#include "base/words.h"

#define SPK_CHARACTER_MAX 4 /* bytes of UTF-8 */
#define SPK_KNOWN 256
#define SPK_UNWANTED SIZE_MAX
/* The longest attribute that is known, its colon included, in words of eight bytes. */
#define SPK_NAME_WORDS 5
#define SPK_NAME_MAX (SPK_NAME_WORDS * sizeof(uint64_t))

/* An attribute, with its colon: eight bytes at a time, those behind the colon 0. */
struct spk_known {
	uint64_t words[SPK_NAME_WORDS];
	uint64_t masks[SPK_NAME_WORDS]; /* which bytes of a line are those of the attribute */
	size_t len; /* 0: a free place */
	size_t which; /* of the attributes that are wanted; SPK_UNWANTED */
	const spk_ldif_watch *watch; /* NULL: it is not watched */
	bool is_idle; /* it is not wanted, and if it is watched, then for values that begin with a letter */
	char watched; /* that letter, or NUL */
	struct spk_known *next[2]; /* attributes that were seen in the line behind it, as they may be again */
};

/* Lines that many records begin with, behind their DN, and of which nothing is to be done: object classes, mostly. */
struct spk_run {
	char text[256];
	size_t len, n_lines;
	struct spk_known *last; /* the attribute of the last line */
	size_t n_records; /* so far */
};

struct spk_skimmer {
	const char *const *attrs, *const *noticed;
	const spk_ldif_watch *watched;
	unsigned seen; /* one bit for each of noticed */
	struct spk_known known[SPK_KNOWN];
	struct spk_known none; /* what no line is of: the guess where none has been made */
	size_t n_known;
	size_t plain_from,
			plain_to; /* offsets in the input between which there is no NUL, and no CR but in a line end */
	size_t ends_from, ends_to; /* those between which lines is of; both 0: nowhere */
	bool is_plain; /* all of that, as far as is known */
	struct spk_known *first[2]; /* the same behind a DN */
	struct spk_run run;
	struct spk_known *last; /* what spk_ldif_skim saw last, or NULL */
	size_t taken, taken_lines; /* where spk_ldif_take goes on */
	spk_ldif_plain plain; /* of spk_ldif_peek */
	size_t peeked; /* where in the input that is, and one; 0: nowhere */
	spk_lines lines;
};

/* Whether a line is one of this attribute. */
static inline bool spk_ldif_is_known(const struct spk_known *known, const char *at)
{
	enum { USUAL = 3 }; /* most have no more words; so many are compared without asking for each whether it counts */
	uint64_t differs = 0;
	for (size_t i = 0; i < USUAL; i++)
		differs |= (spk_word_at(at + 8 * i) ^ known->words[i]) & known->masks[i];
	for (size_t i = USUAL; 8 * i < known->len; i++)
		differs |= (spk_word_at(at + 8 * i) ^ known->words[i]) & known->masks[i];
	return !differs;
}

/* The attribute of a line that is none of those guessed, or NULL: it has to be looked at.  Note is taken of it as the
 * best guess. */
struct spk_known *spk_ldif_look_up(struct spk_skimmer *skimmer, const char *at, struct spk_known *guesses[2]);
/* The attribute of a line; NULL: it has to be looked at.  As much as the longest name can be read.  guesses: those that
 * it may be. */
static inline struct spk_known *spk_ldif_find_attr(
		struct spk_skimmer *skimmer, const char *at, struct spk_known *guesses[2])
{
	for (size_t i = 0; i < 2; i++)
		if (spk_ldif_is_known(guesses[i], at))
			return guesses[i];
	return spk_ldif_look_up(skimmer, at, guesses);
}
/* Whether what stands at pos was looked over. */
bool spk_ldif_is_in_sight(const spk_ldif_reader *reader);
/* Whether what follows "attr::" is base64 beyond doubt. */
bool spk_ldif_is_base64(const char *at, const char *end);

#endif
