/* SPDX-License-Identifier: MIT */
#include "export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/words.h"
#include "model/adtypes.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/ldif/ldif.h"

#define FLUSH ((size_t)64 << 10)
#define TOTAL_MAX ((size_t)2 << 30)
/* userAccountControl ([MS-ADTS] 2.2.16) */
#define UAC_DISABLED 0x2u

/* ---- values ---- */

static void put(spk_text *out, const char *attr, spn_bytes value)
{
	spk_ldif_put_unfolded(out, spk_bytes(attr), value, false);
}

static spn_bytes attr_of(const spk_export_column *column)
{
	return (spn_bytes){ column->attr, column->attr_len };
}

static bool is(spn_bytes value, const char *word)
{
	size_t n = strlen(word);
	return value.len == n && strncasecmp(value.data, word, n) == 0;
}

static bool starts(spn_bytes value, const char *word)
{
	size_t n = strlen(word);
	return value.len >= n && memcmp(value.data, word, n) == 0;
}

bool spk_export_is_type(spn_bytes value)
{
	return starts(value, "Microsoft.ActiveDirectory.Management.") || starts(value, "System.") || starts(value, "@{");
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

spn_bytes spk_export_trim(spn_bytes value)
{
	if (value.len > 0 && ((value.data[0] > ' ') & (value.data[value.len - 1] > ' '))) /* as most are */
		return value;
	while (value.len > 0 && is_blank(value.data[0]))
		value = (spn_bytes){ value.data + 1, value.len - 1 };
	while (value.len > 0 && is_blank(value.data[value.len - 1]))
		value.len--;
	return value;
}

/* What may stand between the values of a list: csvde writes semicolons, scripts what came to their author's mind. */
typedef enum separators {
	SURE = 1,     /* ; | tabs and line ends */
	OR_COMMA = 2,
	OR_BLANK = 4  /* or a comma */
} separators;

#define ESCAPE 8 /* in front of what would separate */

/* What each byte may be in a list. */
static const unsigned char in_list[256] = {
	[';'] = SURE | OR_COMMA | OR_BLANK,
	['|'] = SURE | OR_COMMA | OR_BLANK,
	['\n'] = SURE | OR_COMMA | OR_BLANK,
	['\r'] = SURE | OR_COMMA | OR_BLANK,
	['\t'] = SURE | OR_COMMA | OR_BLANK,
	[','] = OR_COMMA | OR_BLANK,
	[' '] = OR_BLANK,
	['\\'] = ESCAPE,
};

static bool is_one_of(unsigned which, char c)
{
	return in_list[(unsigned char)c] & which;
}

/* Where a list goes on with one of these, at or behind a place; its length if it does not. */
static inline size_t find_one_of(unsigned which, spn_bytes list, size_t at)
{
	for (size_t left; left = list.len - at, at < list.len; at++) {
		if (list.len >= 8) { /* all of in_list, and what may be taken for it */
			uint64_t word = left >= 8 ? spk_word_at(list.data + at) :
						    spk_word_at(list.data + list.len - 8) >> 8 * (8 - left);
			uint64_t folded = word | SPK_EACH_BYTE('|' - '\\'), found = spk_first_below(word, ',' + 1) |
					spk_first_same(folded, SPK_EACH_BYTE(';')) | spk_first_same(folded, SPK_EACH_BYTE('|'));
			at += found ? spk_first_byte(found) : 7;
			if (at >= list.len)
				return list.len;
		}
		if (is_one_of(which, list.data[at]))
			return at;
	}
	return at;
}

/* Whether every piece between separators is like an SPN: then they separate.  Between commas, one may lack the slash,
 * unless it is like a part of a DN, as a name may have it at its end. */
static bool all_are_spns(spn_bytes value, separators which)
{
	size_t n = 0;
	for (size_t from = 0, to; from < value.len; from = to + 1) {
		to = find_one_of(which, value, from);
		bool is_spn = to > from && memchr(value.data + from + 1, '/', to - from - 1);
		n += is_spn;
		if (to > from && !is_spn && (which & OR_BLANK || memchr(value.data + from, '=', to - from)))
			return false;
	}
	return n > 0;
}

static bool lists_spns(const spk_export_column *column)
{
	return column->kind == SPK_EXPORT_SPNS || column->kind == SPK_EXPORT_TARGETS;
}

/* Whether a blank stands between two names, and not beside what separates them. */
static bool has_blank_between(spn_bytes value)
{
	for (const char *at = memchr(value.data, ' ', value.len), *end = value.data + value.len; at;) {
		const char *next = at;
		while (next < end && is_blank(*next))
			next++;
		if (at > value.data && next < end && !is_one_of(SURE, at[-1]) && !is_one_of(SURE, *next))
			return true;
		at = next < end ? memchr(next, ' ', (size_t)(end - next)) : NULL;
	}
	return false;
}

static separators find_separators(const spk_export_column *column, spn_bytes value)
{
	if (!lists_spns(column))
		return column->kind == SPK_EXPORT_CLASS ? OR_BLANK : SURE; /* a class is one word */
	if (has_blank_between(value) && all_are_spns(value, OR_BLANK))
		return OR_BLANK;
	return memchr(value.data, ',', value.len) && all_are_spns(value, OR_COMMA) ? OR_COMMA : SURE;
}

/* Whether "CN=" or the like begins here, behind blanks. */
static bool begins_dn(spn_bytes value)
{
	size_t i = 0;
	value = spk_export_trim(value);
	while (i < value.len && ((value.data[i] | 0x20) >= 'a' && (value.data[i] | 0x20) <= 'z'))
		i++;
	return i > 0 && i < value.len && value.data[i] == '=';
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* csvde writes bytes, and text that is not ASCII, as X'0105...'. */
static bool unhex(spn_bytes value, spk_text *ret_bytes)
{
	bool has_quotes = value.len >= 4 && value.data[1] == '\'' && value.data[value.len - 1] == '\'';
	if (!has_quotes || value.data[0] != 'X' || value.len % 2 == 0)
		return false;
	spk_text_clear(ret_bytes);
	char *room = spk_text_room(ret_bytes, (value.len - 3) / 2);
	for (size_t i = 2; room && i + 2 < value.len; i += 2) {
		int high = hex_digit(value.data[i]), low = hex_digit(value.data[i + 1]);
		if (high < 0 || low < 0)
			return false;
		*room++ = (char)(high << 4 | low);
	}
	return room;
}

static bool is_text(spn_bytes value)
{
	return spk_utf8_len(value.data, value.len) == value.len && !memchr(value.data, '\0', value.len);
}

/* Likewise, of what must be text. */
static bool unhex_text(spn_bytes value, spk_text *ret_text)
{
	return unhex(value, ret_text) && is_text((spn_bytes){ ret_text->data, ret_text->len });
}

/* Whether a backslash here is csvde's own, in front of what would otherwise mean something to it. */
static bool is_escape(spn_bytes value, size_t i)
{
	return i + 1 < value.len && value.data[i] == '\\' && (value.data[i + 1] == ';' || value.data[i + 1] == '\\');
}

/* One value of a list.  A ';' of a DN keeps the backslash that it has there in any case. */
static void put_piece(spk_export_output *output, const spk_export_column *column, spn_bytes piece, bool has_escapes,
		spk_text *to)
{
	spk_text *plain = &output->scratch;
	bool is_hex = piece.data[0] == 'X' && unhex_text(piece, plain);
	if (!is_hex && !has_escapes) {
		spk_ldif_put_unfolded(to, attr_of(column), piece, output->is_printable);
		return;
	}
	if (!is_hex) {
		spk_text_clear(plain);
		for (size_t i = 0; i < piece.len; i++) {
			bool is_needed = column->kind == SPK_EXPORT_DNS && !(plain->len > 0 && plain->data[plain->len - 1] == '\\');
			if (is_escape(piece, i) && !(piece.data[i + 1] == ';' && is_needed))
				i++;
			spk_text_add_char(plain, piece.data[i]);
		}
	}
	put(to, column->attr, (spn_bytes){ plain->data, plain->len });
}

/* A list without what programs put around it. */
static spn_bytes open_list(spk_export_output *output, const spk_export_column *column, spn_bytes value)
{
	bool is_cut;
	spn_bytes trimmed = spk_export_trim(value), opened = spk_export_open(trimmed, &is_cut);
	if (is_cut)
		spk_export_lose(output, column);
	return opened.data == trimmed.data ? value : spk_export_trim(opened);
}

/* Whether a value may be a list with something around it, by its first byte. */
static bool may_be_shown(spn_bytes value)
{
	char first = value.data[0];
	return first <= '(' || first == '[' || first == '{' || first == 'b' || first == 'u';
}

/* Whether it is a list of values in quotes.  One alone may be a name that somebody has registered with them. */
static bool is_quoted(spn_bytes list, bool had_brackets)
{
	spn_bytes item;
	size_t n = 0;
	while (list.len > 0 && spk_export_next_quoted(&list, &item))
		n++;
	return list.len == 0 && n > !had_brackets;
}

/* Names of which one has a blank in its class, joined by blanks: all of them, or none if it is not clear where each
 * ends. */
static void put_joined(spk_export_output *output, const spk_export_column *column, spn_bytes list, bool has_escapes,
		spk_text *to)
{
	size_t before = to->len;
	while (list.len > 0) {
		size_t len = spk_export_first_name(list);
		if (len == 0) {
			to->len = before;
			spk_export_lose(output, column);
			return;
		}
		put_piece(output, column, (spn_bytes){ list.data, len }, has_escapes, to);
		list = spk_export_trim((spn_bytes){ list.data + len, list.len - len });
	}
}

/* Whether the blanks behind the names are the names' own: there is none behind a separator. */
static bool has_own_blanks(separators which, spn_bytes value)
{
	bool is_own = !(which & OR_BLANK);
	for (size_t i = find_one_of(which, value, 0); is_own && i < value.len; i = find_one_of(which, value, i + 1))
		is_own = i + 1 == value.len || !is_blank(value.data[i + 1]);
	return is_own;
}

/* Without the blanks around it that are not its own. */
static spn_bytes piece_of(const spk_export_output *output, spn_bytes text, bool has_own)
{
	spn_bytes piece = spk_export_trim(text);
	if (piece.len > 0 && has_own && output->is_exact)
		return text;
	const char *end = text.data + text.len;
	while (has_own && !output->is_padded && piece.len > 0 && piece.data + piece.len < end && piece.data[piece.len] == ' ')
		piece.len++;
	return piece;
}

static void put_list(spk_export_output *output, const spk_export_column *column, spn_bytes value)
{
	if (output->is_element) {
		put(&output->lists, column->attr, value);
		return;
	}
	spk_text *to = column->kind == SPK_EXPORT_CLASS ? &output->lines : &output->lists;
	bool has_escapes = output->has_escapes && memchr(value.data, '\\', value.len);
	if (lists_spns(column) && may_be_shown(value)) {
		const char *before = value.data;
		value = open_list(output, column, value);
		spn_bytes rest = spk_export_trim(value), item;
		if (is_quoted(rest, value.data != before)) {
			while (spk_export_next_quoted(&rest, &item))
				put_piece(output, column, item, has_escapes, to);
			return;
		}
	}
	separators which = find_separators(column, spk_export_trim(value));
	bool has_own = lists_spns(column) && has_own_blanks(which, value);
	for (size_t from = 0, i = 0; i <= value.len; i++) {
		i = find_one_of(which | (has_escapes ? ESCAPE : 0), value, i);
		if (i < value.len && !is_one_of(which, value.data[i])) {
			i += is_escape(value, i);
			continue;
		}
		/* a DN may hold these, too */
		if (i < value.len && column->kind == SPK_EXPORT_DNS && ((i > 0 && value.data[i - 1] == '\\') ||
				!begins_dn((spn_bytes){ value.data + i + 1, value.len - i - 1 }))) {
			while (i + 1 < value.len && is_blank(value.data[i + 1]))
				i++; /* what follows the blanks was looked at just now */
			continue;
		}
		spn_bytes piece = piece_of(output, (spn_bytes){ value.data + from, i - from }, has_own);
		if (piece.len > 0 && lists_spns(column) && spk_export_is_joined_otherwise(piece))
			spk_export_lose(output, column);
		else if (piece.len > 0 && lists_spns(column) && !(which & OR_BLANK) && spk_export_is_joined_by_blanks(piece))
			put_joined(output, column, piece, has_escapes, to);
		else if (piece.len > 0)
			put_piece(output, column, piece, has_escapes, to);
		from = i + 1;
	}
}

#define ORGANIZATIONAL_PERSON "objectClass: top\nobjectClass: person\nobjectClass: organizationalPerson\n"
#define USER ORGANIZATIONAL_PERSON "objectClass: user\n"
#define COMPUTER USER "objectClass: computer\n"

/* Of classes that stand alone, those above them ([MS-ADSC]); a list is complete. */
static const struct {
	const char *name, *above;
} classes[] = {
	{ "computer", USER },
	{ "user", ORGANIZATIONAL_PERSON },
	{ "inetOrgPerson", USER },
	{ "msDS-ManagedServiceAccount", COMPUTER },
	{ "msDS-GroupManagedServiceAccount", COMPUTER },
	{ "msDS-DelegatedManagedServiceAccount", COMPUTER },
};

static void put_class(spk_export_output *output, const spk_export_column *column, spn_bytes value)
{
	size_t i = 0;
	while (i < sizeof classes / sizeof *classes && !is(value, classes[i].name))
		i++;
	bool is_alone = i < sizeof classes / sizeof *classes;
	if (is_alone)
		spk_text_add_bytes(&output->lines, classes[i].above, strlen(classes[i].above));
	if (is_alone && !output->is_element)
		spk_ldif_put_unfolded(&output->lines, attr_of(column), value, output->is_printable);
	else
		put_list(output, column, value);
}

static void put_sid(spk_export_output *output, const spk_export_column *column, spn_bytes value)
{
	char sid[SPK_SID_MAX];
	size_t n = spk_sid_parse(value, sid);
	if (n > 0)
		put(&output->lines, column->attr, (spn_bytes){ sid, n });
}

/* A spreadsheet writes these words in the language of its user: then nothing is known. */
static void put_flag(spk_export_output *output, const spk_export_column *column, spn_bytes value)
{
	bool is_true = is(value, "true") || is(value, "1");
	if (!is_true && !is(value, "false") && !is(value, "0")) {
		output->losses.words++;
		return;
	}
	output->has_flags = true;
	output->knows_enabled |= column->flag == UAC_DISABLED;
	if (is_true != column->flag_is_off)
		output->flags |= column->flag;
}

static bool is_number(spn_bytes value)
{
	size_t i = value.len > 1 && value.data[0] == '-';
	while (i < value.len && value.data[i] >= '0' && value.data[i] <= '9')
		i++;
	return i == value.len;
}

static void put_count(spk_export_output *output, const spk_export_column *column, spn_bytes value)
{
	if (is(value, "true") || is(value, "false"))
		value = spk_bytes(is(value, "true") ? "1" : "0");
	if (is_number(value))
		put(&output->lines, column->attr, value);
	else
		output->losses.words++;
}

/* Whether a value of text may be something else, by its first byte. */
static bool is_special(char first)
{
	return first >= '@' && first <= 'b' &&
			(first == 'M' || first == 'S' || first == '@' || first == 'X' || first == 'b');
}

/* The column "DN" decides; csvde and scripts write the attribute distinguishedName beside it, and not always with the
 * same escapes. */
static void put_dn(spk_export_output *output, bool is_sure, spn_bytes dn)
{
	output->has_two_dns |= output->dn.len > 0 &&
			!spk_dn_equal_but_for_escapes((spn_bytes){ output->dn.data, output->dn.len }, dn);
	if (output->dn.len > 0 && output->is_dn_sure && !output->has_two_dns)
		return;
	spk_text_clear(&output->dn);
	spk_text_add_bytes(&output->dn, dn.data, dn.len);
	output->is_dn_sure = is_sure;
}

/* Not in line: what it needs on the stack would cost most values, which do not need it. */
__attribute__((noinline))
static void put_value(spk_export_output *output, const spk_export_column *column, spn_bytes value)
{
	spn_bytes trimmed = spk_export_trim(value);
	value = column->kind == SPK_EXPORT_TEXT || lists_spns(column) || output->is_element ? value : trimmed;
	output->shows_names |= spk_export_holds_spns(column) && !spk_export_is_type(value);
	if (trimmed.len == 0 || column->kind == SPK_EXPORT_SKIP)
		return;
	if (spk_export_is_type(value)) {
		if (spk_export_holds_spns(column) && !output->is_element)
			output->n_hidden++;
		else if (column->kind != SPK_EXPORT_TEXT)
			spk_export_lose(output, column);
		return;
	}
	bool is_bytes = column->kind == SPK_EXPORT_TEXT || column->kind == SPK_EXPORT_SID || column->kind == SPK_EXPORT_ACTORS;
	bool is_dn = column->kind == SPK_EXPORT_DN || column->kind == SPK_EXPORT_DN_AGAIN;
	bool was_hex = is_bytes ? unhex(value, &output->scratch) : is_dn && unhex_text(value, &output->scratch);
	if (was_hex)
		value = (spn_bytes){ output->scratch.data, output->scratch.len };
	spn_bytes shown = value.data[0] == 'b' ? spk_export_unwrap(value, &output->shown) : value;
	bool was_shown = shown.data != value.data && (is_bytes || is_text(shown));
	if (was_shown)
		value = shown;
	switch (column->kind) {
	case SPK_EXPORT_DN:
	case SPK_EXPORT_DN_AGAIN:
		put_dn(output, column->kind == SPK_EXPORT_DN, spk_dn_without_ids(value));
		break;
	case SPK_EXPORT_CLASS:
		put_class(output, column, value);
		break;
	case SPK_EXPORT_SID:
		if (was_hex || value.data == output->shown.data)
			put(&output->lines, column->attr, value);
		else
			put_sid(output, column, value);
		break;
	case SPK_EXPORT_ACTORS:
		if (was_hex)
			put(&output->lines, column->attr, value);
		else
			spk_export_lose(output, column);
		break;
	case SPK_EXPORT_FLAG:
		put_flag(output, column, value);
		break;
	case SPK_EXPORT_PRIMARY:
		spk_export_keep_primary(output, value);
		break;
	case SPK_EXPORT_DELETED:
		output->is_deleted = is(value, "true");
		break;
	case SPK_EXPORT_CONTROL:
		if (!is_number(value)) {
			output->losses.words++;
			return;
		}
		output->has_control = true;
		put(&output->lines, column->attr, value);
		break;
	case SPK_EXPORT_COUNT:
		put_count(output, column, value);
		break;
	case SPK_EXPORT_ENCTYPES:
		spk_export_keep_enctype(output, value);
		break;
	case SPK_EXPORT_TIME:
		spk_export_put_time(output, column, value);
		break;
	case SPK_EXPORT_TEXT:
		spk_ldif_put_unfolded(&output->lines, attr_of(column), value, output->is_printable && !was_hex && !was_shown);
		break;
	default:
		output->has_names |= spk_export_holds_spns(column);
		put_list(output, column, value);
	}
}

void spk_export_value(spk_export_output *output, const spk_export_column *column, spn_bytes value)
{
	if (column->kind == SPK_EXPORT_TEXT && value.len > 0 && !is_special(value.data[0])) /* as most are */
		spk_ldif_put_unfolded(&output->lines, attr_of(column), value, output->is_printable);
	else
		put_value(output, column, value);
}

spn_status spk_export_flush(spk_export_output *output, spn_error *err)
{
	if (output->text.failed || output->dn.failed || output->lines.failed || output->lists.failed ||
			output->scratch.failed || output->shown.failed || output->last_dn.failed)
		return spk_nomem(err);
	output->total += output->text.len;
	if (output->total > TOTAL_MAX)
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "'%s' is larger than %zu GiB as LDIF", output->name, TOTAL_MAX >> 30);
	if (output->text.len > 0 && !spk_file_write(output->fd, output->text.data, output->text.len))
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot keep '%s': %s", output->name, strerror(errno));
	spk_text_clear(&output->text);
	return SPN_OK;
}

static void swap(spk_text *a, spk_text *b)
{
	spk_text c = *a;
	*a = *b;
	*b = c;
}

static spn_status fail_no_dn(const spk_export_output *output, spn_error *err)
{
	static const char what[] = "is not a distinguished name: export it again; if files were joined, remove all "
				   "header lines except the "
				   "first";
	return output->line ?
			spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s', line %zu: '%s' %s", output->name, output->line,
					output->dn.data, what) :
			spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s': '%s' is not a distinguished name: export it again",
					output->name, output->dn.data);
}

spn_status spk_export_record(spk_export_output *output, spn_error *err)
{
	if (output->has_two_dns)
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s': a record has two different distinguished names, the last of them '%.*s': whose "
				"values "
				"they are is not known; export it again",
				output->name, (int)output->dn.len, output->dn.data);
	/* what is not known at once as the beginning of a DN; the rest of it is checked when the LDIF is read */
	spn_bytes dn = { output->dn.data, output->dn.len };
	if (dn.len > 0 && !output->dn.failed && !begins_dn(dn) && !spk_dn_is_valid(dn.data))
		return fail_no_dn(output, err);
	spk_export_end_names(output);
	bool is_empty = output->lines.len == 0 && output->lists.len == 0 && !output->has_flags;
	if (output->dn.len == 0) {
		output->losses.unnamed += !is_empty;
		output->losses.lost += output->has_names;
	} else {
		bool goes_on = output->dn.len == output->last_dn.len &&
				memcmp(output->dn.data, output->last_dn.data, output->dn.len) == 0;
		if (!goes_on) {
			spk_text_add_char(&output->text, '\n');
			put(&output->text, "dn", (spn_bytes){ output->dn.data, output->dn.len });
			if (output->is_deleted)
				put(&output->text, "isDeleted", spk_bytes("TRUE"));
			spk_export_put_account(output);
			spk_text_add_bytes(&output->text, output->lines.data, output->lines.len);
		}
		spk_text_add_bytes(&output->text, output->lists.data, output->lists.len);
		swap(&output->dn, &output->last_dn);
	}
	spk_text_clear(&output->dn);
	spk_text_clear(&output->lines);
	spk_text_clear(&output->lists);
	spk_export_forget_lines(output);
	output->flags = output->enctypes = 0;
	output->primary = 0;
	output->names_len = output->n_hidden = 0;
	output->has_flags = output->knows_enabled = output->has_control = output->is_deleted = output->has_names =
			output->is_dn_sure = output->shows_names = false;
	output->has_odd_enctypes = false;
	return output->text.len < FLUSH ? SPN_OK : spk_export_flush(output, err);
}
