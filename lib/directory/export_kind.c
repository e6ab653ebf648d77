/* SPDX-License-Identifier: MIT */
/* Recognizes by its first bytes which kind of export a file is, or that it is output for people to read (Format-List,
 * setspn), which lacks what is needed. */
#include <string.h>
#include <strings.h>

#include "export.h"

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
#define SETSPN "this is what setspn prints, which says nothing about the accounts: export them with ldifde or Export-Csv"

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

/* "$ ldapsearch ...", "PS C:\> Get-ADObject ...", "C:\>ldifde ...", "root@dc:~# ldbsearch ...", "[root@dc ~]# ldbsearch ...". */
static bool is_prompt(spn_bytes line)
{
	bool is_drive = line.len > 3 && span(line, 0, NAME_CHARACTERS) == 1 && line.data[1] == ':' && line.data[2] == '\\';
	size_t user = span(line, 0, "[" NAME_CHARACTERS "._");
	bool is_user = user > 0 && user < line.len && line.data[user] == '@' && user < span(line, 0, "[@~]/:. _" NAME_CHARACTERS);
	return begins(line, "$ ") || ((begins(line, "PS ") || is_drive) && has(line, ">")) ||
			(is_user && (has(line, "$ ") || has(line, "# ")));
}

const char *spk_export_other(spn_bytes head, size_t *ret_line)
{
	*ret_line = 1;
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
		return "the lines begin with blanks, as of a text that was pasted: take them away first, which leaves one to lines that go on";
	if (begins(line, "  ") && may_be_ldif && spk_export_trim(line).len > 0)
		return "this is a table for people, as dsquery prints it: " AGAIN;
	if (is_of_format_list(line))
		return "this is what Format-List shows to people, in which lists may be cut off: " AGAIN;
	if (is_ruler(next_line(&head)))
		return "this is a table for people, as Format-Table shows it: " AGAIN;
	if ((is_odd_header(line) || is_colon_header(line)) && may_be_ldif)
		return "the columns are separated by something else than ',', ';', '|' or a tab: export with one of these as the delimiter";
	return NULL;
}
