/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "ldif.h"
#include "model/entry.h"

bool spk_ldif_is_attr(const char *text)
{
	bool in_option = false;
	if (*text == '\0' || *text == ';')
		return false;
	for (; *text; text++) {
		char c = spk_ascii_lower(*text);
		in_option |= c == ';';
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ';' ||
				(in_option && (c == '=' || c == '*'))))
			return false;
	}
	return true;
}

/* What is read of accounts and judged; their OIDs are in [MS-ADSC] and [MS-ADA1] to [MS-ADA3]. */
static const struct {
	const char *attr, *oid;
	bool may_be_elsewhere; /* in another file, where ldapsearch -t puts what is bytes */
} needed[] = {
	{ "dn", "", false },
	{ "changetype", "", false },
	{ "objectClass", "2.5.4.0", false },
	{ "isDeleted", "1.2.840.113556.1.2.48", false },
	{ "servicePrincipalName", "1.2.840.113556.1.4.771", false },
	{ "sAMAccountName", "1.2.840.113556.1.4.221", false },
	{ "userPrincipalName", "1.2.840.113556.1.4.656", false },
	{ "userAccountControl", "1.2.840.113556.1.4.8", false },
	{ "dNSHostName", "1.2.840.113556.1.4.619", false },
	{ "msDS-AdditionalDnsHostName", "1.2.840.113556.1.4.1717", false },
	{ "msDS-AdditionalSamAccountName", "1.2.840.113556.1.4.1718", false },
	{ "msDS-SecondaryKrbTgtNumber", "1.2.840.113556.1.4.1929", false },
	{ "member", "2.5.4.31", false },
	{ "sPNMappings", "1.2.840.113556.1.4.1347", false },
	{ "msDS-AllowedToDelegateTo", "1.2.840.113556.1.4.1787", true },
	{ "msDS-AllowedToActOnBehalfOfOtherIdentity", "1.2.840.113556.1.4.2182", true },
};

bool spk_ldif_is_needed(const char *text)
{
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!needed[i].may_be_elsewhere && spk_ldif_is_of(text, needed[i].attr))
			return true;
	return false;
}

/* RFC 4512 1.4 and 2.5; "oid." in front is from RFC 2253. */
const char *spk_ldif_disguised(const char *text)
{
	const char *base = strncasecmp(text, "oid.", 4) == 0 ? text + 4 : text;
	size_t len = strcspn(base, ";");
	bool is_oid = *base >= '0' && *base <= '9';
	if (!is_oid && !text[len])
		return NULL;
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		const char *name = is_oid ? needed[i].oid : needed[i].attr;
		if (strlen(name) == len && strncasecmp(base, name, len) == 0)
			return spk_ldif_is_of(text, needed[i].attr) ? NULL : needed[i].attr;
	}
	return NULL;
}

const char *spk_ldif_range(const char *text)
{
	const char *option = strchr(text, ';');
	return option ? strcasestr(option, ";range=") : NULL;
}

bool spk_ldif_is_of(const char *text, const char *attr)
{
	while (*attr && spk_ascii_lower(*text) == spk_ascii_lower(*attr)) {
		text++;
		attr++;
	}
	return !*attr && (!*text || strncasecmp(text, ";range=", 7) == 0);
}

spn_status spk_ldif_check_modify(const spk_ldif_reader *reader, const spk_ldif_record *record, spn_error *err)
{
	const char *attr = NULL;
	size_t last = record->line;
	for (size_t i = 0; i < record->n_lines; i++) {
		const spk_ldif_line *line = &record->lines[i];
		last = line->line;
		if (strcmp(line->attr, "-") == 0) {
			if (!attr)
				return spk_ldif_fail(reader, line->line, 1, err, "'-', but no change before it");
			attr = NULL;
		} else if (attr) {
			if (!spk_ascii_equal(line->attr, attr))
				return spk_ldif_fail(reader, line->line, 1, err, "'%s:' inside a change of '%s'", line->attr, attr);
		} else if (spk_ascii_equal(line->attr, "add") || spk_ascii_equal(line->attr, "delete") ||
				spk_ascii_equal(line->attr, "replace")) {
			attr = line->value.data;
			if (strlen(attr) != line->value.len)
				return spk_ldif_fail(reader, line->line, 1, err, "'%s' is not an attribute name: a NUL character follows", attr);
			if (!spk_attr_is_valid(attr))
				return spk_ldif_fail(reader, line->line, 1, err, "'%s' is not an attribute name", attr);
		} else {
			return spk_ldif_fail(reader, line->line, 1, err, "expected 'add:' or 'delete:', got '%s:'", line->attr);
		}
	}
	if (attr || record->n_lines == 0)
		return spk_ldif_fail(reader, last, 0, err, "the record ends inside a change: %s is missing (is the file cut off?)",
				attr ? "'-'" : "'add:' or 'delete:'");
	return SPN_OK;
}
