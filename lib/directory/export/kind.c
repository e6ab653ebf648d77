/* SPDX-License-Identifier: MIT */
/* Recognizes by its first bytes which kind of export a file is, or that it is output for people to read (Format-List,
 * setspn), which lacks what is needed. */
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include "export.h"
#include "model/ldif/ldif.h"

bool spk_export_has_mark(spn_bytes text)
{
	return text.len >= SPK_MARK_LEN && memcmp(text.data, "\xef\xbb\xbf", SPK_MARK_LEN) == 0;
}

/* The line that text begins with, without its end; text then begins behind it. */
static spn_bytes next_line(spn_bytes *text)
{
	const char *newline = memchr(text->data, '\n', text->len);
	size_t len = newline ? (size_t)(newline - text->data) : text->len, all = len + (newline != NULL);
	spn_bytes line = { text->data, len - (len > 0 && text->data[len - 1] == '\r') };
	*text = (spn_bytes){ text->data + all, text->len - all };
	return line;
}

/* The first line that is neither empty nor a comment; ret_line is its number. */
static spn_bytes first_line(spn_bytes *text, size_t *ret_line)
{
	spn_bytes line = { "", 0 };
	bool in_comment = false;
	if (spk_export_has_mark(*text))
		*text = (spn_bytes){ text->data + SPK_MARK_LEN, text->len - SPK_MARK_LEN };
	for (*ret_line = 0; text->len > 0 && (line.len == 0 || in_comment);) {
		line = next_line(text);
		++*ret_line;
		in_comment = line.len > 0 && (line.data[0] == '#' || (in_comment && line.data[0] == ' '));
	}
	if (in_comment)
		line = (spn_bytes){ "", 0 };
	return line;
}

/* Whether the bytes at hand begin with a row of column names rather than "attr: value". */
static bool is_header(spn_bytes head)
{
	size_t number;
	spn_bytes line = first_line(&head, &number);
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] && strchr(",;|\t\":", line.data[i]))
			return line.data[i] != ':';
	return false;
}

spk_export_format spk_export_recognize(spn_bytes head)
{
	size_t i = 0;
	if (spk_export_has_mark(head))
		head = (spn_bytes){ head.data + SPK_MARK_LEN, head.len - SPK_MARK_LEN };
	while (i < head.len && head.data[i] && strchr(" \t\r\n", head.data[i]))
		i++;
	if (i < head.len && (head.data[i] == '{' || head.data[i] == '['))
		return SPK_EXPORT_JSON;
	return is_header(head) ? SPK_EXPORT_CSV : SPK_EXPORT_LDIF;
}

#define AGAIN "export with Export-Csv, ConvertTo-Json, csvde or ldifde"
#define SETSPN \
	"this is what setspn prints, which says nothing about the accounts: export them with ldifde or Export-Csv"

#define LOG "this is what ldifde and csvde say while they work: read the file that they wrote, which is named behind -f"
#define LDP "this is what ldp shows to people: " AGAIN

/* By the beginning of the first line. */
static const struct {
	const char *start, *what;
} others[] = {
	{ "<", "this is XML or HTML: " AGAIN },
	{ "AdFind V", "this is what AdFind shows to people: have it write CSV (adfind -csv), or " AGAIN },
	{ "Checking domain ", SETSPN },
	{ "Registered ServicePrincipalNames for ", SETSPN },
	{ "Processing entry ", SETSPN },
	{ "Existing SPN found!", SETSPN },
	{ "No such SPN found.", SETSPN },
	{ "Connecting to \"", LOG },
	{ "***Searching...", LDP },
	{ "ldap_search_s(ld, ", LDP },
	{ "ldap_search_ext_s(ld, ", LDP },
	{ "ld = ldap_", LDP },
	{ "Expanding base '", LDP },
	{ ">> Dn: ", LDP },
};

static bool begins(spn_bytes line, const char *word)
{
	size_t n = strlen(word);
	return line.len >= n && strncasecmp(line.data, word, n) == 0;
}

/* How many bytes of a line are among some characters, from a place on. */
static size_t span(spn_bytes line, size_t from, const char *accepted)
{
	size_t n = from;
	while (n < line.len && line.data[n] && strchr(accepted, line.data[n]))
		n++;
	return n - from;
}

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

/* "SamAccountName    : svc": LDIF has no blank before the colon. */
static bool is_of_format_list(spn_bytes line)
{
	size_t name = span(line, 0, NAME_CHARACTERS), blanks = span(line, name, " ");
	return name > 0 && blanks > 0 && name + blanks < line.len && line.data[name + blanks] == ':';
}

/* "-----  ----" below the names of the columns. */
static bool is_ruler(spn_bytes line)
{
	return begins(line, "--") && span(line, 0, "- ") == line.len;
}

/* The names of columns, with something between them that is not known. */
static bool is_odd_header(spn_bytes line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] == ':' || line.data[i] == '=')
			return false;
	bool is_dn = begins(line, "dn") && line.len > 2 && span(line, 2, "^~!#/*+_ ") > 0;
	return is_dn || begins(line, "DistinguishedName") || begins(line, "SamAccountName");
}

/* "DN:cn:servicePrincipalName": in LDIF, a DN or Base64 follows the first colon. */
static bool is_colon_header(spn_bytes line)
{
	static const char *const first[] = { "DN:", "DistinguishedName:", "SamAccountName:" };
	for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
		size_t n = strlen(first[i]);
		if (begins(line, first[i]) && n < line.len && span(line, n, NAME_CHARACTERS ":") == line.len - n)
			return line.data[n] != ':';
	}
	return false;
}

/* Lines end with CR as on a Macintosh of old, so that there seems to be one only. */
static bool has_cr_for_line_ends(spn_bytes head)
{
	const char *cr = memchr(head.data, '\r', head.len);
	return cr && cr + 1 < head.data + head.len && !memchr(head.data, '\n', head.len);
}

/* UTF-32, also where it was taken for UTF-16. */
static bool is_utf32(spn_bytes head)
{
	return head.len > 1 && (!head.data[0] || !head.data[1]);
}

static bool has(spn_bytes line, const char *word)
{
	return memmem(line.data, line.len, word, strlen(word));
}

/* "$ ldapsearch ...", "PS C:\> Get-ADObject ...", "C:\>ldifde ...", "root@dc:~# ldbsearch ...", "[root@dc ~]# ldbsearch
 * ...". */
static bool is_prompt(spn_bytes line)
{
	bool is_drive = line.len > 3 && span(line, 0, NAME_CHARACTERS) == 1 && line.data[1] == ':' && line.data[2] == '\\';
	size_t user = span(line, 0, "[" NAME_CHARACTERS "._");
	bool is_user = user > 0 && user < line.len && line.data[user] == '@' &&
			user < span(line, 0, "[@~]/:. _" NAME_CHARACTERS);
	return begins(line, "$ ") || ((begins(line, "PS ") || is_drive) && has(line, ">")) ||
			(is_user && (has(line, "$ ") || has(line, "# ")));
}

/* What is no text, by its first bytes. */
static const char *binary_kind(spn_bytes head)
{
	static const struct {
		const char *start, *what;
		size_t at, len;
	} kinds[] = {
		{ "PK\3\4",
				"this is a ZIP archive, as BloodHound's collectors write it (then: unzip it, and read "
				"the files that end with "
				"users.json and computers.json), or an Excel workbook (then: save it as CSV UTF-8)",
				0, 4 },
		{ "\x1f\x8b", "this is compressed with gzip: gunzip it first", 0, 2 },
		{ "BZh", "this is compressed with bzip2: bunzip2 it first", 0, 3 },
		{ "\xfd"
		  "7zXZ",
				"this is compressed with xz: unxz it first", 0, 5 },
		{ "7z\xbc\xaf", "this is a 7-Zip archive: unpack it first", 0, 4 },
		{ "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
				"this is an Excel workbook or another document of Office: save it as CSV", 0, 8 },
		{ "win-ad-ob",
				"this is a snapshot of AD Explorer: turn it into files of BloodHound with "
				"ADExplorerSnapshot, or export the accounts with "
				"ldifde",
				0, 10 },
		{ "ElfFile", "this is a Windows event log, which says nothing about the accounts: " AGAIN, 0, 8 },
		{ "\xef\xcd\xab\x89",
				"this is a database such as ntds.dit, not an export of it: on a domain "
				"controller, " AGAIN,
				4, 4 },
		{ "TDB file\n", "this is a database such as Samba's sam.ldb: write its entries with ldbsearch -H FILE",
				0, 9 },
		{ "%PDF-", "this is a PDF document: " AGAIN, 0, 5 },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (head.len >= kinds[i].at + kinds[i].len && memcmp(head.data + kinds[i].at, kinds[i].start, kinds[i].len) == 0)
			return kinds[i].what;
	return NULL;
}

const char *spk_export_other(spn_bytes head, size_t *ret_line)
{
	*ret_line = 1;
	const char *binary = binary_kind(head);
	if (binary)
		return binary;
	if (is_utf32(head))
		return "this is UTF-32, or no text: export it as UTF-8, or convert it first: iconv -f UTF-32 -t UTF-8";
	if (has_cr_for_line_ends(head))
		return "the lines end with CR alone: convert them first: tr '\\r' '\\n'";
	bool may_be_ldif = spk_export_recognize(head) == SPK_EXPORT_LDIF;
	spn_bytes line = first_line(&head, ret_line);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (begins(line, others[i].start))
			return others[i].what;
	if (is_prompt(line))
		return "this line is a command that was typed, with the prompt of a shell in front of it: take it away first";
	if (begins(line, " ") && begins(spk_export_trim(line), "dn:"))
		return "the lines begin with blanks, as of a text that was pasted: take them away first, which leaves "
		       "one to lines that go on";
	if (begins(line, "  ") && may_be_ldif && spk_export_trim(line).len > 0)
		return "this is a table for people, as dsquery prints it: " AGAIN;
	if (is_of_format_list(line))
		return "this is what Format-List shows to people, in which lists may be cut off: " AGAIN;
	if (is_ruler(next_line(&head)))
		return "this is a table for people, as Format-Table shows it: " AGAIN;
	if ((is_odd_header(line) || is_colon_header(line)) && may_be_ldif)
		return "the columns are separated by something else than ',', ';', '|' or a tab: export with one of "
		       "these as the delimiter";
	return NULL;
}

/* ---- names of columns that are not what they look like ---- */

/* Letters of other alphabets that look like one of A to Z, as in Unicode's confusables.txt, and what Turkish makes of
 * an I. */
static const struct {
	uint32_t c;
	char looks_like;
} letters[] = {
	{ 0x130, 'i' }, { 0x131, 'i' }, { 0x17f, 's' }, { 0x251, 'a' }, { 0x261, 'g' }, { 0x269, 'i' },
	{ 0x28b, 'u' }, { 0x391, 'a' }, { 0x392, 'b' }, { 0x395, 'e' }, { 0x396, 'z' }, { 0x397, 'h' },
	{ 0x399, 'i' }, { 0x39a, 'k' }, { 0x39c, 'm' }, { 0x39d, 'n' }, { 0x39f, 'o' }, { 0x3a1, 'p' },
	{ 0x3a4, 't' }, { 0x3a5, 'y' }, { 0x3a7, 'x' }, { 0x3b1, 'a' }, { 0x3b3, 'y' }, { 0x3b5, 'e' },
	{ 0x3b9, 'i' }, { 0x3ba, 'k' }, { 0x3bd, 'v' }, { 0x3bf, 'o' }, { 0x3c1, 'p' }, { 0x3c4, 't' },
	{ 0x3c5, 'u' }, { 0x3c7, 'x' }, { 0x3c9, 'w' }, { 0x405, 's' }, { 0x406, 'i' }, { 0x408, 'j' },
	{ 0x410, 'a' }, { 0x412, 'b' }, { 0x415, 'e' }, { 0x41a, 'k' }, { 0x41c, 'm' }, { 0x41d, 'h' },
	{ 0x41e, 'o' }, { 0x420, 'p' }, { 0x421, 'c' }, { 0x422, 't' }, { 0x423, 'y' }, { 0x425, 'x' },
	{ 0x430, 'a' }, { 0x432, 'b' }, { 0x435, 'e' }, { 0x43a, 'k' }, { 0x43c, 'm' }, { 0x43d, 'h' },
	{ 0x43e, 'o' }, { 0x440, 'p' }, { 0x441, 'c' }, { 0x442, 't' }, { 0x443, 'y' }, { 0x445, 'x' },
	{ 0x455, 's' }, { 0x456, 'i' }, { 0x458, 'j' }, { 0x4bb, 'h' }, { 0x4c0, 'l' }, { 0x4cf, 'l' },
	{ 0x500, 'd' }, { 0x501, 'd' }, { 0x51a, 'q' }, { 0x51b, 'q' }, { 0x51c, 'w' }, { 0x51d, 'w' }
};

/* What a reader takes a character for; '\0' if he sees nothing, or a blank. */
static char seen_as(uint32_t c)
{
	if (c < 0x80)
		return (char)c;
	if (c >= 0xff01 && c <= 0xff5e) /* the wide forms */
		return (char)(c - 0xff01 + '!');
	for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
		if (letters[i].c == c)
			return letters[i].looks_like;
	return spn_text_is_unsafe(c) || utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ZS ? '\0' : '?';
}

/* "servicePrincipalName.1" or "SPN[1]", as programs call the second of two columns of one name, or of two values. */
static bool is_numbered(const char *name, char plain[SPK_EXPORT_NAME_MAX])
{
	size_t end = strlen(name);
	if (end > 0 && strchr("])}", name[end - 1]))
		end--;
	size_t len = end;
	while (len > 0 && name[len - 1] >= '0' && name[len - 1] <= '9')
		len--;
	if (len == end || strchr(name, ';')) /* ";range=0-1499" ends in a number, but is an option */
		return false;
	while (len > 0 && strchr("._-/#[({ ", name[len - 1]))
		len--;
	if (len >= SPK_EXPORT_NAME_MAX)
		return false;
	memcpy(plain, name, len);
	plain[len] = '\0';
	return spk_export_means_spns(plain);
}

const char *spk_export_disguised(const char *name, char plain[SPK_EXPORT_NAME_MAX])
{
	const char *meant = spk_ldif_disguised(name);
	if (!meant && is_numbered(name, plain))
		return plain;
	size_t n = 0, n_ascii = 0, len;
	uint32_t c;
	for (const char *at = name; !meant && (len = spn_text_next(at, strlen(at), &c)) > 0; at += len) {
		char letter = seen_as(c);
		if (n == SPK_EXPORT_NAME_MAX - 1)
			return NULL;
		plain[n] = letter;
		n += letter != '\0';
		n_ascii += c < 0x80;
	}
	plain[n] = '\0';
	if (meant || n_ascii == strlen(name))
		return meant;
	spk_export_column column = spk_export_column_of(plain);
	bool counts = column.kind != SPK_EXPORT_SKIP && (column.kind != SPK_EXPORT_TEXT || spk_ldif_is_needed(column.attr));
	return counts ? plain : NULL;
}
