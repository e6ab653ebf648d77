/* SPDX-License-Identifier: MIT */
/* private.h - the reader, for the files that it is made of */
#ifndef SPK_LDIF_PRIVATE_H
#define SPK_LDIF_PRIVATE_H

#include "ldif.h"

/* Lines and comments while a record is read: attr and value are offsets, for the memory moves while it grows. */
struct line {
	size_t attr, value, value_len;
	size_t line, offset, len, which;
	bool crlf;
};

struct note {
	size_t text, line, before;
};

struct spk_ldif_reader {
	char *name;
	spk_ldif_read_fn *read; /* NULL: the window is all there is */
	void *data;
	char *buffer; /* the window, if it is ours */
	size_t size;
	const char *window;
	size_t pos, len, base; /* base: offset of the window in the input */
	size_t line;           /* number of the line at pos */
	size_t until;          /* offset in the input behind which nothing is read */
	bool ended;            /* nothing follows the window */
	bool has_jumped;       /* it is elsewhere, and perhaps only one record is wanted there */
	bool is_export;        /* of a directory: spk_ldif_of_export */
	spk_ldif_skipped skipped;

	/* the logical line that was read last */
	const char *text; /* in the window, or unfolded if it was folded */
	size_t text_len;
	spk_text unfolded;
	size_t *folds; /* where in text its continuation lines begin */
	size_t n_folds, folds_size;
	size_t text_line, text_offset, text_raw;
	bool text_crlf, text_cut; /* cut: the input ends without a line end */

	/* the record that was read last */
	spk_text memory;
	struct line *raw;
	size_t n_raw, raw_size;
	size_t first;  /* where in raw the record that is being read begins: behind the one that it is appended to */
	size_t n_head; /* its lines before the attributes: dn and perhaps changetype */
	size_t n_seen; /* lines of the record so far, be they kept or not */
	size_t second; /* where in raw its second line is; 0: it is not there, or of no interest */
	spk_ldif_line *lines;
	size_t lines_size;
	struct note *notes;
	size_t n_notes, notes_size;
	spk_ldif_comment *comments;
	size_t comments_size;
	size_t end; /* where its last line ends */
	bool end_cut;
	spk_ldif_record record;

	struct spk_skimmer *skimmer; /* NULL: every line is kept */
};

/* ldif_input.c: makes room for n of something; array is the address of the pointer to it. */
bool spk_ldif_grow(void *array, size_t n, size_t *size, size_t width);
/* Gets more bytes behind those from pos on.  What is before pos is given up. */
spn_status spk_ldif_fill(spk_ldif_reader *reader, spn_error *err);
/* Line and column of a place in the logical line. */
spn_status spk_ldif_fail_at(const spk_ldif_reader *reader, size_t at, spn_error *err, const char *what);
/* Reads the next line with its continuation lines.  False in ret_more at the end of the input.  A line of blanks is
 * empty; where a record begins without an empty line before it, there seems to be one. */
spn_status spk_ldif_read_line(spk_ldif_reader *reader, bool *ret_more, spn_error *err);
/* Looks at the first bytes of the input. */
spn_status spk_ldif_check_start(spk_ldif_reader *reader, spn_error *err);

/* ldif_skim.c: goes over lines of attributes that are known, keeping those that are wanted.  True: it came to the end
 * of the record; false: to a line that has to be looked at in earnest. */
bool spk_ldif_skim(spk_ldif_reader *reader);
/* The window is elsewhere: glance.c has to look it over. */
void spk_ldif_forget_ends(struct spk_skimmer *skimmer);
/* Whether a line of this attribute, behind the first line, is to be kept, and which of those wanted it is; the
 * attribute is known from now on. */
bool spk_ldif_is_kept(spk_ldif_reader *reader, const char *attr, size_t *ret_which);

/* ordinary.c: reads an ordinary record, as far as finish() makes it one.  False: it has to be read in earnest. */
bool spk_ldif_read_ordinary(spk_ldif_reader *reader);

/* ldif.c: adds the plain line at pos to the record.  False if memory runs out. */
bool spk_ldif_keep_plain(
		spk_ldif_reader *reader, size_t pos, size_t name_len, size_t len, size_t raw_len, size_t which);

#endif
