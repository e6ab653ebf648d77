/* SPDX-License-Identifier: MIT */
/* Names that a script has joined by blanks, which a class may have as well, or by what no host has. */
#include <string.h>
#include <strings.h>

#include <spnkit/expect.h>

#include "export.h"

/* Service classes of several words, as Hyper-V registers them. */
static bool is_class_of_words(spn_bytes words)
{
	static const char *const known[] = { "Microsoft Virtual Console Service", "Microsoft Virtual System Migration Service",
		"Hyper-V Replica Service" };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (words.len == strlen(known[i]) && strncasecmp(words.data, known[i], words.len) == 0)
			return true;
	return false;
}

size_t spk_export_first_name(spn_bytes list)
{
	const char *slash = memchr(list.data, '/', list.len), *blank = memchr(list.data, ' ', list.len);
	if (!slash || slash == list.data)
		return 0;
	size_t class_len = (size_t)(slash - list.data), len = class_len;
	if (blank && blank < slash && !is_class_of_words((spn_bytes){ list.data, class_len }))
		return 0;
	while (len < list.len && list.data[len] != ' ')
		len++;
	return len > class_len + 1 ? len : 0;
}

/* Whether the last of several words in front of the slash is a service class by itself. */
static bool ends_in_class(spn_bytes words)
{
	const char *blank = memrchr(words.data, ' ', words.len);
	char name[32];
	size_t len = blank ? words.len - (size_t)(blank + 1 - words.data) : 0;
	if (len == 0 || len + sizeof "/x" > sizeof name || is_class_of_words(words))
		return false;
	memcpy(name, blank + 1, len);
	memcpy(name + len, "/x", sizeof "/x");
	return spn_class_product(name);
}

bool spk_export_is_joined_by_blanks(spn_bytes piece)
{
	const char *blank = memchr(piece.data, ' ', piece.len), *slash = memchr(piece.data, '/', piece.len);
	size_t n = 0;
	for (const char *at = blank; at && at < piece.data + piece.len; at++)
		n += *at == '/';
	return n > 1 || (n > 0 && (slash < blank || ends_in_class((spn_bytes){ piece.data, (size_t)(slash - piece.data) })));
}

bool spk_export_is_joined_otherwise(spn_bytes piece)
{
	const char *first = memchr(piece.data, '/', piece.len), *last = first ? memrchr(piece.data, '/', piece.len) : NULL;
	for (const char *at = first; at && at < last; at++)
		if (strchr("#^&~+<>`'\"", *at) && *at)
			return true;
	return false;
}
