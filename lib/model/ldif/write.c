/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "ldif.h"
#include "base/cleanup.h"
#include "model/entry.h"

/* SAFE-STRING of RFC 2849, of text that is printable. */
static bool is_safe(spn_bytes value)
{
	if (value.len == 0)
		return true;
	char first = value.data[0];
	return first != ' ' && first != ':' && first != '<' && value.data[value.len - 1] != ' ';
}

void spk_ldif_put_unfolded(spk_text *out, spn_bytes attr, spn_bytes value, bool is_printable)
{
	size_t n_colon = 1 + (value.len > 0);
	bool safe = is_safe(value) && (is_printable || spk_is_printable(value));
	char *room = spk_text_room(out, attr.len + (safe ? n_colon + value.len + 1 : 3));
	if (!room)
		return;
	memcpy(room, attr.data, attr.len);
	room += attr.len;
	room[0] = ':';
	room[1] = safe ? ' ' : ':';
	if (safe) {
		memcpy(room + n_colon, value.data, value.len);
		room[n_colon + value.len] = '\n';
	} else {
		room[2] = ' ';
		spk_base64_encode(out, value.data, value.len);
		spk_text_add_char(out, '\n');
	}
}

void spk_ldif_put_with(spk_text *out, const char *attr, spn_bytes value, const char *line_end)
{
	enum { COLUMNS = 76 };
	SPK_AUTOTEXT spk_text line = { 0 };
	assert(spk_attr_is_valid(attr));
	spk_ldif_put_unfolded(&line, spk_bytes(attr), value, false);
	size_t len = line.len > 0 ? line.len - 1 : 0; /* without its line end */
	for (size_t at = 0; at < len;) {
		size_t room = at == 0 ? COLUMNS : COLUMNS - 1;
		size_t n = len - at < room ? len - at : room;
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
