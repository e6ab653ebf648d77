/* SPDX-License-Identifier: MIT */
/* Values as programs show them to people: PowerShell's {a, b...}, Python's b'a' and ['a', 'b'], JSON's ["a","b"]. */
#include <string.h>

#include "export.h"

static bool is_quote(char c)
{
	return c == '\'' || c == '"';
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Goes over an escape of Python's behind its backslash; false: it is none that bytes are shown with. */
static bool take_escape(const char **at, const char *end, spk_text *to)
{
	static const char plain[] = "\\'\"ntr", meant[] = "\\'\"\n\t\r";
	const char *found = *at < end && **at ? strchr(plain, **at) : NULL;
	if (found) {
		spk_text_add_char(to, meant[found - plain]);
		++*at;
		return true;
	}
	if (end - *at < 3 || **at != 'x' || hex_digit((*at)[1]) < 0 || hex_digit((*at)[2]) < 0)
		return false;
	spk_text_add_char(to, (char)(hex_digit((*at)[1]) << 4 | hex_digit((*at)[2])));
	*at += 3;
	return true;
}

spn_bytes spk_export_unwrap(spn_bytes value, spk_text *scratch)
{
	bool is_wrapped = value.len > 3 && value.data[0] == 'b' && is_quote(value.data[1]) &&
			value.data[value.len - 1] == value.data[1];
	if (!is_wrapped)
		return value;
	const char *at = value.data + 2, *end = value.data + value.len - 1;
	if (!memchr(at, '\\', (size_t)(end - at)))
		return (spn_bytes){ at, (size_t)(end - at) };
	spk_text_clear(scratch);
	while (at < end)
		if (*at != '\\')
			spk_text_add_char(scratch, *at++);
		else if (at++, !take_escape(&at, end, scratch))
			return value;
	return scratch->failed ? value : (spn_bytes){ scratch->data, scratch->len };
}

/* Whether the brace at the beginning is closed at the end, or was cut off with what stands before that: a name may
 * begin or end with a GUID in braces of its own. */
static bool is_in_braces(spn_bytes value)
{
	size_t depth = 0;
	if (value.len < 2 || value.data[0] != '{' || value.data[value.len - 1] != '}')
		return false;
	for (size_t i = 0; i < value.len; i++) {
		depth += value.data[i] == '{';
		depth -= value.data[i] == '}';
		if (depth == 0)
			return i == value.len - 1;
	}
	return true;
}

static bool ends_with(spn_bytes value, const char *end)
{
	size_t len = strlen(end);
	return value.len >= len && memcmp(value.data + value.len - len, end, len) == 0;
}

spn_bytes spk_export_open(spn_bytes value, bool *ret_cut)
{
	*ret_cut = false;
	bool has_brackets = value.len >= 2 && ((value.data[0] == '[' && value.data[value.len - 1] == ']') ||
			(value.data[0] == '(' && value.data[value.len - 1] == ')'));
	if (!has_brackets && !is_in_braces(value))
		return value;
	value = (spn_bytes){ value.data + 1, value.len - 2 };
	*ret_cut = !has_brackets && (ends_with(value, "...") || ends_with(value, "\u2026"));
	while (*ret_cut && value.len > 0 && value.data[value.len - 1] != ',')
		value.len--;
	return value;
}

bool spk_export_next_quoted(spn_bytes *rest, spn_bytes *ret_item)
{
	const char *at = rest->data, *end = at + rest->len, *last;
	at += at < end && (*at == 'b' || *at == 'u');
	if (at == end || !is_quote(*at) || !(last = memchr(at + 1, *at, (size_t)(end - at - 1))) ||
			memchr(at, '\\', (size_t)(last - at)))
		return false;
	*ret_item = (spn_bytes){ at + 1, (size_t)(last - at - 1) };
	const char *next = last + 1;
	while (next < end && *next && strchr(" \t\r\n,;|", *next))
		next++;
	*rest = (spn_bytes){ next, (size_t)(end - next) };
	return next == end || next > last + 1;
}
