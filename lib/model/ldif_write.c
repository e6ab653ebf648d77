/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/entry.h"
#include "model/ldif.h"

/* SAFE-STRING of RFC 2849, and nothing that a terminal would act on. */
static bool is_safe(spn_bytes value)
{
	char first = value.len > 0 ? value.data[0] : 'a';
	if (first == ' ' || first == ':' || first == '<' || (value.len > 0 && value.data[value.len - 1] == ' '))
		return false;
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.data[i];
		if (c < 0x20 || c >= 0x7f)
			return false;
	}
	return true;
}

void spk_ldif_put_unfolded(spk_text *out, const char *attr, spn_bytes value)
{
	bool safe = is_safe(value);
	spk_text_add_bytes(out, attr, strlen(attr));
	spk_text_add_bytes(out, safe ? ": " : ":: ", safe ? 1 + (value.len > 0) : 3);
	if (safe)
		spk_text_add_bytes(out, value.data, value.len);
	else
		spk_base64_encode(out, value.data, value.len);
}

void spk_ldif_put_with(spk_text *out, const char *attr, spn_bytes value, const char *line_end)
{
	enum { COLUMNS = 76 };
	SPK_AUTOTEXT spk_text line = { 0 };
	assert(spk_attr_is_valid(attr));
	spk_ldif_put_unfolded(&line, attr, value);
	for (size_t at = 0; at < line.len;) {
		size_t room = at == 0 ? COLUMNS : COLUMNS - 1;
		size_t n = line.len - at < room ? line.len - at : room;
		if (at > 0)
			spk_text_add_char(out, ' ');
		spk_text_add_bytes(out, line.data + at, n);
		spk_text_add(out, "%s", line_end);
		at += n;
	}
	out->failed |= line.failed;
}

void spk_ldif_put(spk_text *out, const char *attr, spn_bytes value)
{
	spk_ldif_put_with(out, attr, value, "\n");
}

void spk_ldif_put_comment(spk_text *out, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	SPK_AUTOFREE char *text = NULL;
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text) {
		spk_make_printable(text);
		spk_text_add(out, "# %s\n", text);
	} else {
		out->failed = true;
	}
}

void spk_ldif_put_comment_value(spk_text *out, const char *name, spn_bytes value)
{
	SPK_AUTOFREE char *printable = strndup(value.data, value.len);
	if (printable)
		spk_make_printable(printable);
	bool is_plain = printable && strlen(printable) == value.len && memcmp(printable, value.data, value.len) == 0;
	spk_text_add(out, "# %s:%s ", name, is_plain ? "" : ":");
	if (is_plain)
		spk_text_add_bytes(out, value.data, value.len);
	else
		spk_base64_encode(out, value.data, value.len);
	spk_text_add_char(out, '\n');
	out->failed |= !printable;
}
