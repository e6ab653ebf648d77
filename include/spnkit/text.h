/* SPDX-License-Identifier: MIT */
/* text.h - show what a directory says without being fooled by it */
#ifndef SPNKIT_TEXT_H
#define SPNKIT_TEXT_H

#include <stdio.h>

#include <spnkit/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reads the first character of a text in UTF-8 (RFC 3629: shortest form, no surrogates).
 *
 * Returns its length in bytes, and the character in ret_c; 0 if the text is empty or does not begin with a character.
 */
size_t spn_text_next(const char *text, size_t len, uint32_t *ret_c);

/*
 * Whether a character must not be shown as it is: a terminal would obey it, or a reader would see another text
 * than is there.  These are the control and format characters, line and paragraph separators, surrogates
 * (Unicode's general categories Cc, Cf, Zl, Zp and Cs) and everything else that Unicode lists as
 * Default_Ignorable_Code_Point: bidirectional controls, and characters without width; and U+2800, a symbol that nobody
 * sees.  Messages of the library contain none.
 */
bool spn_text_is_unsafe(uint32_t c);

/*
 * Replaces the password of each "scheme://user:password@host" in a text (RFC 3986, 3.2.1) with "***".  Messages
 * of the library contain none.
 */
void spn_text_hide_passwords(char *text);

/*
 * A word as a POSIX shell reads it back: quoted if need be.  For hints that people copy.
 *
 * Returns a text for free(), or NULL without memory.
 */
char *spn_text_shell_word(const char *word);

/*
 * The same of a file, as an operand of a command: "./" comes before a '-'.
 *
 * Returns a text for free(), or NULL without memory.
 */
char *spn_text_shell_path(const char *path);

/* Writes text; characters that are not safe, and bytes that are not UTF-8, become \xNN, byte for byte. */
void spn_text_print(FILE *to, const char *text, size_t len);

/*
 * The same of a paragraph, which ends the line: broken between words so that it fits into so many columns (0: 80).  The
 * cursor is in this column already; what does not fit goes on behind indent, which is tabs and blanks.  A quoted text,
 * such as a DN, stays in one piece for those who copy it; one too wide to stand behind indent stands further left.
 */
void spn_text_print_wrapped(FILE *to, const char *text, size_t column, const char *indent, unsigned columns);

/* How many letters to add, take away or change to make one word of another (Levenshtein), whatever the case of A to Z;
 * 64 if one of them is longer than that. */
size_t spn_text_distance(const char *a, const char *b);

#ifdef __cplusplus
}
#endif
#endif
