/* SPDX-License-Identifier: MIT */
/* export.h - exports of accounts that are not LDIF: CSV and JSON, turned into LDIF once, when the file is opened */
#ifndef SPK_EXPORT_H
#define SPK_EXPORT_H

#include <stdint.h>

#include <spnkit/error.h>

#include "base/keys.h"
#include "base/text.h"

typedef enum spk_export_format {
	SPK_EXPORT_LDIF,
	SPK_EXPORT_CSV, /* csvde, Get-ADObject | Export-Csv, spreadsheets */
	SPK_EXPORT_JSON /* Get-ADObject | ConvertTo-Json, BloodHound collectors */
} spk_export_format;

/* What the text of an export is, by its first bytes. */
spk_export_format spk_export_recognize(spn_bytes head);

/* Recognizes from the first bytes of a text that it is not an export: returns what it is and what to do instead, and
 * the line that shows it; NULL if it may be an export. */
const char *spk_export_other(spn_bytes head, size_t *ret_line);

/* Whether a text begins with the byte order mark of UTF-8. */
#define SPK_MARK_LEN 3
bool spk_export_has_mark(spn_bytes text);

/* What an export lacks. */
typedef struct spk_export_losses {
	size_t words;   /* of flags and numbers, that are neither */
	size_t times;   /* that cannot be read, or in more than one way */
	size_t values;  /* lists that PowerShell cut off, or of which only the name of a .NET type is there */
	size_t unnamed; /* records without a distinguished name, which were skipped */
	size_t lost;    /* of those, the ones that hold service principal names */
	size_t passed;  /* records in a list of JSON that is not known to hold accounts */
	size_t passed_names; /* of those, the ones that hold service principal names */
	size_t aside;   /* accounts that have some in a part of JSON that is not read */
	size_t actors;  /* who may act as a user towards an account, in words that say it to people only */
	bool is_cut; /* the last row does not end: there may be more of it, and rows behind it */
	bool has_names; /* service principal names were exported, even if no account has any */
	bool has_only_flags; /* of userAccountControl, which an account has as single columns: the kind of account is
				not among them */
} spk_export_losses;

/*
 * Reads the export in one file and writes it to another as LDIF.  name stands for it in messages.
 *
 * Returns SPN_ERR_SYNTAX with the line or the byte, SPN_ERR_UNSUPPORTED for JSON in a build without jansson,
 * SPN_ERR_FAILED if a file cannot be read or written.
 */
spn_status spk_export_convert(spk_export_format format, const char *name, int from, int to,
		spk_export_losses *ret_losses, spn_error *err);

/* ---- what the two formats share ---- */

/* A window on the input: bytes at to len are unread. */
typedef struct spk_export_input {
	int fd;
	const char *name;
	char *data;
	size_t at, len, size;
	size_t passed; /* bytes of the input in front of data */
	size_t total;  /* of all of it, when it was opened */
	bool ended;
} spk_export_input;

/* Reads more behind len, keeping all from at on; ret_more is false at the end of the input. */
spn_status spk_export_more(spk_export_input *input, bool *ret_more, spn_error *err);

/* The first byte that is not a blank behind the one at hand, which is not gone over; 0 at the end of the input. */
spn_status spk_export_peek_behind(spk_export_input *input, char *ret_c, spn_error *err);

/* Goes over a byte order mark: Windows PowerShell and some collectors write one in front of UTF-8. */
spn_status spk_export_skip_mark(spk_export_input *input, spn_error *err);

/* How the values of a column or member become values of an attribute. */
typedef enum spk_export_kind {
	SPK_EXPORT_SKIP,
	SPK_EXPORT_TEXT,
	SPK_EXPORT_TIME,    /* of the last change of the password, for people perhaps */
	SPK_EXPORT_LIST,    /* perhaps several in one text */
	SPK_EXPORT_SPNS,    /* likewise, of an account, and no SPN is taken apart */
	SPK_EXPORT_TARGETS, /* likewise, of others */
	SPK_EXPORT_DNS,     /* likewise, of DNs */
	SPK_EXPORT_DN,      /* of the record itself */
	SPK_EXPORT_DN_AGAIN, /* likewise, unless SPK_EXPORT_DN says it */
	SPK_EXPORT_CLASS,   /* perhaps without the classes above it */
	SPK_EXPORT_SID,     /* bytes, or S-1-... */
	SPK_EXPORT_ACTORS,  /* a security descriptor: bytes, or what nobody can read */
	SPK_EXPORT_FLAG,    /* a bit of userAccountControl */
	SPK_EXPORT_CONTROL, /* userAccountControl itself */
	SPK_EXPORT_COUNT,   /* a number, of which collectors keep only whether it is more than 0 */
	SPK_EXPORT_ENCTYPES, /* the encryption types that an account allows, by name */
	SPK_EXPORT_PRIMARY, /* the primary group, by its SID or, if it is one of the well-known ones, by its DN */
	SPK_EXPORT_DELETED  /* isDeleted */
} spk_export_kind;

typedef struct spk_export_column {
	spk_export_kind kind;
	const char *attr; /* lent by the caller of spk_export_column_of, or a constant */
	size_t attr_len;
	unsigned flag;    /* the bit of FLAG */
	bool flag_is_off; /* the bit is set if the value is false */
} spk_export_column;

/* One whose values are those of an attribute. */
#define SPK_EXPORT_COLUMN(kind, attr) { kind, attr, sizeof attr - 1, 0, false }

/* What a column or member of this name means; with an option it is what it is without: "member;range=0-1499". */
spk_export_column spk_export_column_of(const char *name);

/* The name for which people take that of a column or member which is not read as such: by an option or a number in its
 * place, a number behind that of the names, a blank or an invisible character that only Unicode has, or a letter of
 * another alphabet that looks the same.  NULL: it is what it looks like. */
#define SPK_EXPORT_NAME_MAX 64
const char *spk_export_disguised(const char *name, char plain[SPK_EXPORT_NAME_MAX]);

/* Whether it is what PowerShell writes when it is not asked to join a list, or to go deep enough. */
bool spk_export_is_type(spn_bytes value);

/* Without blanks and line ends around it. */
spn_bytes spk_export_trim(spn_bytes value);

/* shown.c.  Without what Python puts around bytes that it shows as text, b'http/web'; any other value is itself.
 * scratch: where it is, if it has escapes. */
spn_bytes spk_export_unwrap(spn_bytes value, spk_text *scratch);
/* Without the braces or brackets around a list.  ret_cut: its last value was cut off, and is not there any more. */
spn_bytes spk_export_open(spn_bytes value, bool *ret_cut);
/* The next value of a list of values in quotes, which rest is then behind.  False: there is none, or it is another
 * list; at the end, nothing is left. */
bool spk_export_next_quoted(spn_bytes *rest, spn_bytes *ret_item);

/* joined.c.  Whether it is several names, joined by blanks: there is a slash in front of one and one behind it, or what
 * comes before the first slash only ends in a service class. */
bool spk_export_is_joined_by_blanks(spn_bytes piece);
/* Whether it is several, joined by what no host has, which stands between two slashes then. */
bool spk_export_is_joined_otherwise(spn_bytes piece);
/* The length of the first name of a list that is joined by blanks; 0 if it cannot be told from what follows. */
size_t spk_export_first_name(spn_bytes list);

/* The LDIF that is made. */
typedef struct spk_export_output {
	int fd;
	const char *name;
	spk_text text; /* not written yet */
	size_t total;
	spk_text dn, lines, lists; /* of the record at hand; lists: values of attributes that may have many */
	spk_text last_dn, scratch; /* last_dn: of the record before */
	spk_text shown; /* a value without what Python puts around it */
	unsigned flags;
	unsigned enctypes; /* allowed, by name; 0: none is named */
	uint32_t primary; /* primaryGroupID by another column; 0: none */
	size_t line; /* of the input, at which the record at hand begins; 0: lines are not counted */
	size_t n_hidden; /* columns of names in the record at hand of which only the name of a type is there */
	bool shows_names; /* there is another one, be it empty */
	size_t names_at, names_len; /* in lists: the names of the first column of them */
	spk_keys known;  /* lines of lists, once somebody has looked for one */
	size_t known_to; /* up to where they are */
	bool has_flags, knows_enabled, has_control, is_deleted, has_names, has_two_dns, is_dn_sure, has_odd_enctypes;
	bool is_padded; /* blanks around a value belong to the table */
	bool is_exact;  /* blanks around a value belong to it */
	bool is_element; /* the value is one of a list, and no list itself */
	bool is_printable; /* all values of the record at hand are (spk_is_printable), as far as is known */
	bool has_escapes; /* csvde writes "\\;" and "\\\\" inside a value of a list */
	spk_export_losses losses;
	/* of BloodHound's files, which say what they are at their end */
	bool has_accounts;   /* one of users or computers was there */
	char other_type[16]; /* one of something else: "groups" */
	long format;         /* the version of one */
} spk_export_output;

/* Whether a column holds the service principal names of an account. */
bool spk_export_holds_spns(const spk_export_column *column);
/* Whether one of this name does. */
bool spk_export_means_spns(const char *name);
/* Whether the record at hand has this name of it, or if it is none. */
bool spk_export_knows_spn(spk_export_output *output, spn_bytes spn);
/* The record at hand is another one, or has lost lines. */
static inline void spk_export_forget_lines(spk_export_output *output)
{
	spk_keys_free(&output->known);
	output->known_to = 0;
}
/* Notes that the value of a list is not here. */
void spk_export_lose(spk_export_output *output, const spk_export_column *column);
/* Says by an empty name that the record at hand has, or may have, names that are not here. */
void spk_export_hide_names(spk_export_output *output);
/* Adds a value to the record at hand. */
void spk_export_value(spk_export_output *output, const spk_export_column *column, spn_bytes value);
/* Loses the names of the record at hand of which only the name of a type is there, unless another column shows them:
 * scripts join them in one of its own. */
void spk_export_end_names(spk_export_output *output);
/* Ends a column, before which the lists were this long: PowerShell has the names of an account under two names, and the
 * second list adds what is not in the first. */
void spk_export_end_column(spk_export_output *output, const spk_export_column *column, size_t lists_len);
/* Writes a time as Active Directory counts it, if there is one way only to read it. */
void spk_export_put_time(spk_export_output *output, const spk_export_column *column, spn_bytes value);
/* Keeps the primary group, by its SID or its DN. */
void spk_export_keep_primary(spk_export_output *output, spn_bytes value);
/* Keeps an encryption type that the account allows, by its name. */
void spk_export_keep_enctype(spk_export_output *output, spn_bytes value);
/* Writes what is known of the account from single flags, its primary group and its encryption types, unless the
 * attributes are there. */
void spk_export_put_account(spk_export_output *output);
/* Ends the record at hand.  A record of the same DN as the one before adds its lists to that: scripts write a row for
 * each SPN. */
spn_status spk_export_record(spk_export_output *output, spn_error *err);
/* Writes what is not written yet. */
spn_status spk_export_flush(spk_export_output *output, spn_error *err);

spn_status spk_export_csv(spk_export_input *input, spk_export_output *output, spn_error *err);
spn_status spk_export_json(spk_export_input *input, spk_export_output *output, spn_error *err);

#endif
