/* SPDX-License-Identifier: MIT */
/* ldif.h - LDIF, read record by record and written value by value (RFC 2849) */
#ifndef SPK_LDIF_H
#define SPK_LDIF_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <spnkit/error.h>

#include "base/text.h"

/* The longest line, its continuation lines included, and the largest record.  More is refused unread. */
#define SPK_LDIF_LINE_MAX ((size_t)16 << 20)
#define SPK_LDIF_RECORD_MAX ((size_t)256 << 20)

/* One "attr: value"; or "-", which ends one change of a change record: its attr is "-". */
typedef struct spk_ldif_line {
	const char *attr;
	spn_bytes value;    /* decoded; a NUL follows it */
	size_t line;        /* number in the file, from 1 */
	size_t offset, len; /* where its bytes are in the file, line ends and continuation lines included */
	size_t which;       /* of the attributes of spk_ldif_only: its number from 0 */
} spk_ldif_line;

/* One "# text", without the '#' and one space. */
typedef struct spk_ldif_comment {
	const char *text;
	size_t line;
	size_t before; /* the comment stands before lines[before]; 0 for those before the dn, too */
} spk_ldif_comment;

typedef struct spk_ldif_record {
	const char *dn;
	const char *changetype; /* "modify", "add", ...; NULL: a content record */
	size_t line;            /* of its dn */
	size_t offset, len;     /* from the dn to the last line with its line end */
	bool crlf;              /* its dn line ends with CR LF */
	bool cut;               /* its last line is the last of the input and has no line end */
	const spk_ldif_line *lines; /* what follows dn and changetype */
	size_t n_lines;
	const spk_ldif_comment *comments; /* those since the record before */
	size_t n_comments;
	bool is_ordinary; /* as spk_ldif_glance has it; none of its values is empty or a part of a range */
} spk_ldif_record;

typedef struct spk_ldif_reader spk_ldif_reader;

/* Reads at most size bytes at an offset: how many; 0 at the end; -1 with errno.  Offsets only grow between two
 * calls of spk_ldif_seek, so a pipe may ignore them. */
typedef ssize_t spk_ldif_read_fn(void *data, size_t offset, char *buffer, size_t size);

/* name stands for the input in messages and is copied; text and data must outlive the reader. */
spn_status spk_ldif_read_from(const char *name, spk_ldif_read_fn *read, void *data,
		spk_ldif_reader **ret_reader, spn_error *err);
spn_status spk_ldif_read_text(const char *name, spn_bytes text, spk_ldif_reader **ret_reader, spn_error *err);
spn_status spk_ldif_read_file(const char *name, FILE *file, spk_ldif_reader **ret_reader, spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spk_ldif_reader *spk_ldif_reader_free(spk_ldif_reader *reader);

/*
 * Reads the next record, which lives until the next call; NULL at the end.  "version:" lines, byte order marks and what
 * ldapsearch adds (ref:, search:, result:) are skipped; "dn:" begins a record even without an empty line before it.
 * Files are never read for "attr:< URL".  An export of a search that ended early is read and counted.
 *
 * Returns SPN_ERR_SYNTAX with file, line and column; SPN_ERR_FAILED if the input cannot be read.
 */
spn_status spk_ldif_next(spk_ldif_reader *reader, const spk_ldif_record **ret_record, spn_error *err);

/* From now on the input is an export, which is read as people have them: values in other files ("attr:< URL") are left
 * out unless they are needed, and counted; text that is not UTF-8 is refused. */
void spk_ldif_of_export(spk_ldif_reader *reader);
/* What was skipped of an export. */
typedef struct spk_ldif_skipped {
	size_t urls; /* values that are in other files */
	size_t refs; /* search references: other naming contexts, of which nothing is here */
	size_t cuts; /* searches that ended early, at a limit of time (3), size (4) or the administrator's (11): RFC
			4511, appendix A.2 */
} spk_ldif_skipped;
spk_ldif_skipped spk_ldif_get_skipped(const spk_ldif_reader *reader);

/* Whether a record is an entry: without changetype, or with "add", as ldifde writes it. */
bool spk_ldif_is_entry(const spk_ldif_record *record);
/* Adds to the record that was read last the values of the change record at an offset, and goes on reading behind the
 * former.  Once all are there, spk_ldif_appended makes one record of them. */
spn_status spk_ldif_append(spk_ldif_reader *reader, size_t offset, spn_error *err);
spn_status spk_ldif_appended(spk_ldif_reader *reader, spn_error *err);

/* The comments since the last record: of use at the end, for those that no record follows. */
size_t spk_ldif_comments(const spk_ldif_reader *reader, const spk_ldif_comment **ret_comments);

/* From now on a record has the lines of these attributes only (NULL-terminated, to outlive the reader), and no
 * comments; the others are checked all the same, only faster. */
spn_status spk_ldif_only(spk_ldif_reader *reader, const char *const *attrs, spn_error *err);

/* After spk_ldif_only: looks whether any record has these attributes (NULL-terminated), too.  One bit for each of them.
 */
void spk_ldif_notice(spk_ldif_reader *reader, const char *const *attrs);
unsigned spk_ldif_noticed(const spk_ldif_reader *reader);

/* An ordinary record, as nearly all of an export are: an entry with a plain DN, whose lines are well-formed beyond
 * doubt. */
enum { SPK_GLANCE_MAX = 254 };
typedef struct spk_ldif_glimpse {
	spn_bytes value; /* as it is written: without a NUL behind it, and perhaps with characters that are not ASCII */
	size_t which; /* of the attributes of spk_ldif_only */
	const char *at; /* the line, in memory */
	uint32_t name_len, len; /* of its attribute, and of all of it with the line end */
	uint32_t line; /* its number, from 0 for the one at which the reader is */
	bool is_folded; /* the value goes on in lines that begin with a blank, none of which is empty */
	/* the value is still to be decoded, once it is unfolded, and the record not ordinary if that fails */
	bool is_base64;
} spk_ldif_glimpse;
typedef struct spk_ldif_plain {
	const char *at, *end; /* where it is in memory, with the empty line behind it */
	spn_bytes dn;
	size_t offset;
	uint32_t line; /* of the DN */
	spk_ldif_glimpse lines[SPK_GLANCE_MAX];
	size_t n;
	bool is_watched; /* spk_ldif_watch_for */
	bool has_base64, has_odd; /* values that are; values that are folded, or perhaps empty */
} spk_ldif_plain;

/* What ordinary records are watched for: values of an attribute that is none of those wanted.  A record that has one is
 * told, and perhaps others. */
typedef struct spk_ldif_watch {
	const char *attr; /* NULL ends a list */
	char first; /* the letter that the values begin with, in any case; NUL: with anything */
	/* Whether a line may be one, by what is behind its "attr:"; NULL: it is. */
	bool (*may_be)(const char *at, const char *end);
} spk_ldif_watch;
/* After spk_ldif_only. */
void spk_ldif_watch_for(spk_ldif_reader *reader, const spk_ldif_watch *list);

/* After spk_ldif_only, of an export: looks at the next record.  True: it is ordinary, and lives until the next call;
 * spk_ldif_take goes on behind it.  False: only spk_ldif_next can tell.  After either, spk_ldif_next reads the record.
 */
bool spk_ldif_glance(spk_ldif_reader *reader, spk_ldif_plain *ret_plain);
void spk_ldif_take(spk_ldif_reader *reader);
/* The same in memory of the reader, for who goes on with spk_ldif_next, which then need not look again; NULL: the
 * record is not ordinary. */
const spk_ldif_plain *spk_ldif_peek(spk_ldif_reader *reader);

/*
 * An ordinary record, as others are like it: with the same lines in the same order, but for the beginning of the DN and
 * the values of attributes that may differ, of which there may be any number in a row, and of those that nobody asks
 * for.
 */
enum { SPK_MOULD_SLOTS = 64, SPK_MOULD_TEXT = 4096 };
#define SPK_NOBODY SIZE_MAX
typedef struct spk_ldif_slot {
	size_t from, len; /* the text in front of the first value */
	size_t name_len;  /* how much of that is "attr: ", in front of each value; 0: behind this there are no more */
	size_t n_lines;   /* in front of that */
	size_t which;     /* of the attributes of spk_ldif_only; SPK_NOBODY */
	bool is_base64;
} spk_ldif_slot;
typedef struct spk_ldif_mould {
	char text[SPK_MOULD_TEXT];
	spk_ldif_slot slots[SPK_MOULD_SLOTS];
	size_t n;      /* 0: no record is like it */
	size_t n_dn;   /* how much of the DN is in front of the lines, and the same: its end */
	size_t n_same; /* lines that are asked for, and are the same */
} spk_ldif_mould;

/* Makes a mould of a record that was looked at, whose reader watches for nothing.  may_differ: by the numbers of the
 * attributes. */
void spk_ldif_make_mould(spk_ldif_mould *mould, const spk_ldif_plain *plain, size_t n_dn, const bool *may_differ);

typedef struct spk_ldif_value {
	spn_bytes bytes;
	bool is_base64; /* still to be decoded */
} spk_ldif_value;

/* What a record has where its mould has slots.  It lives as long as what was seen at a glance. */
typedef struct spk_ldif_fit {
	size_t offset, len, n_lines; /* of the record, with the empty line behind it */
	spn_bytes dn;
	spk_ldif_value values[SPK_GLANCE_MAX]; /* of attributes that are asked for */
	size_t n, first[SPK_MOULD_SLOTS]; /* first: of each slot; behind its values are those of the next one */
} spk_ldif_fit;

/* Whether the next record is ordinary, and like the one that the mould was made of: spk_ldif_pass goes on behind it.
 * False: that is not known. */
bool spk_ldif_fits(const spk_ldif_reader *reader, const spk_ldif_mould *mould, spk_ldif_fit *ret_fit);
void spk_ldif_pass(spk_ldif_reader *reader, const spk_ldif_fit *fit);

/* How many of the bytes are whole characters of UTF-8, up to the first that is not. */
size_t spk_utf8_len(const char *text, size_t len);

/* What to say of text that goes on otherwise. */
#define SPK_LDIF_NOT_UTF8 \
	"not UTF-8; convert the file first, from the code page of the Windows that wrote it: " \
	"iconv -f WINDOWS-1252 -t UTF-8 (Western Europe; Central Europe: WINDOWS-1250, Cyrillic: WINDOWS-1251, " \
	"Japanese: CP932)"

/* Where ";range=" is in what stands before ':', in any letter case; NULL: nowhere. */
const char *spk_ldif_range(const char *text);

/* Whether what stands before ':' means an attribute: "member;range=0-1499" holds some of "member". */
bool spk_ldif_is_of(const char *text, const char *attr);

/* Whether that means an attribute of which the values must not be missing: names, and what tells an account and its
 * names. */
bool spk_ldif_is_needed(const char *text);
/* Such an attribute that is named by its OID, or with other options than ";range=", so that no search would find its
 * values; NULL: the text is none of that. */
const char *spk_ldif_disguised(const char *text);

/* Goes to the start of a record that was read before, or to what follows an empty line; line is its number. */
void spk_ldif_seek(spk_ldif_reader *reader, size_t offset, size_t line);
/* Reads no further than to an offset, as if the input ended there; not for a reader of text. */
void spk_ldif_until(spk_ldif_reader *reader, size_t offset);
/* The number of the line that is read next. */
size_t spk_ldif_line_number(const spk_ldif_reader *reader);

/* Records a failure about a line of the input: "'FILE', line 12: ...".  column 0: none. */
spn_status spk_ldif_fail(const spk_ldif_reader *reader, size_t line, size_t column, spn_error *err,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Of use to the reader only.  Whether a text may stand before ':': an attribute name; in an export of Active Directory,
 * perhaps with ";range=0-1499" or ";range=1500-*". */
bool spk_ldif_is_attr(const char *text);
/* A modify record is "add: attr", values, "-", and so on.  The last "-" matters: without it the file may be cut off. */
spn_status spk_ldif_check_modify(const spk_ldif_reader *reader, const spk_ldif_record *record, spn_error *err);

/* Appends "attr: value", in base64 if it must be, folded at column 76.  attr must be an attribute name. */
void spk_ldif_put(spk_text *out, const char *attr, spn_bytes value);

/* As spk_ldif_put, with line ends of the caller's choice. */
void spk_ldif_put_with(spk_text *out, const char *attr, spn_bytes value, const char *line_end);

/* The same as one line, however long it is.  is_printable: the caller knows that spk_is_printable is true of the
 * value. */
void spk_ldif_put_unfolded(spk_text *out, spn_bytes attr, spn_bytes value, bool is_printable);

/* Appends one line, "# ...".  Whatever is in the arguments, it stays one line of printable text. */
void spk_ldif_put_comment(spk_text *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends "# name: value", or "# name:: " and base64 if not all of the value can be displayed: what is read again is
 * what was written. */
void spk_ldif_put_comment_value(spk_text *out, const char *name, spn_bytes value);

static inline void spk_cleanup_ldif_reader(spk_ldif_reader **where)
{
	spk_ldif_reader_free(*where);
}
/* SPK_AUTOLDIF spk_ldif_reader *reader = NULL; */
#define SPK_AUTOLDIF __attribute__((cleanup(spk_cleanup_ldif_reader)))

#endif
