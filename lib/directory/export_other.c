/* SPDX-License-Identifier: MIT */
/* What people take for an export, and what it is: made to be looked at, it lacks what a directory consists of. */
#include <string.h>
#include <strings.h>

#include "export.h"

#define AGAIN "export with Export-Csv, ConvertTo-Json, csvde or ldifde"
#define SETSPN "this is what setspn prints, which says nothing about the accounts: export them with ldifde or Export-Csv"

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
};

static bool starts(spn_bytes line, const char *word)
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

/* "SamAccountName    : svc": in LDIF there is no blank in front of the colon. */
static bool is_of_format_list(spn_bytes line)
{
	size_t name = span(line, 0, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"), blanks = span(line, name, " ");
	return name > 0 && blanks > 0 && name + blanks < line.len && line.data[name + blanks] == ':';
}

/* "-----  ----" below the names of the columns. */
static bool is_ruler(spn_bytes line)
{
	return starts(line, "--") && span(line, 0, "- ") == line.len;
}

/* The names of columns, with something between them that is not known. */
static bool is_header(spn_bytes line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] == ':' || line.data[i] == '=')
			return false;
	bool is_dn = starts(line, "dn") && line.len > 2 && span(line, 2, "^~!#/*+_ ") > 0;
	return is_dn || starts(line, "DistinguishedName") || starts(line, "SamAccountName");
}

const char *spk_export_other(spn_bytes head, size_t *ret_line)
{
	bool may_be_ldif = spk_export_recognize(head) == SPK_EXPORT_LDIF;
	spn_bytes line = spk_export_first_line(&head, ret_line);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (starts(line, others[i].start))
			return others[i].what;
	if (starts(line, "  ") && may_be_ldif && spk_export_trim(line).len > 0)
		return "this is a table for people, as dsquery prints it: " AGAIN;
	if (is_of_format_list(line))
		return "this is what Format-List shows to people, in which lists may be cut off: " AGAIN;
	if (is_ruler(spk_export_next_line(&head)))
		return "this is a table for people, as Format-Table shows it: " AGAIN;
	if (is_header(line) && may_be_ldif)
		return "the columns are separated by something else than ',', ';', '|' or a tab: export with one of these as the delimiter";
	return NULL;
}
