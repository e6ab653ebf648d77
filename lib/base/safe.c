/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include <spnkit/text.h>

#include "text.h"

/* How many bytes may be shown as they are. */
static size_t count_safe(const char *text, size_t len)
{
	size_t n = 0;
	uint32_t c;
	for (size_t next; (next = spn_text_next(text + n, len - n, &c)) > 0 && !spn_text_is_unsafe(c);)
		n += next;
	return n;
}

void spn_text_print(FILE *to, const char *text, size_t len)
{
	if (spk_is_printable((spn_bytes){ text, len })) { /* as nearly all text is */
		fwrite(text, 1, len, to);
		return;
	}
	for (const char *end = text + len; text < end;) {
		uint32_t c;
		size_t n = count_safe(text, (size_t)(end - text));
		fwrite(text, 1, n, to);
		text += n;
		n = spn_text_next(text, (size_t)(end - text), &c);
		for (const char *unsafe_end = text < end ? text + (n ? n : 1) : end; text < unsafe_end; text++)
			fprintf(to, "\\x%02x", (unsigned char)*text);
	}
}

char *spn_text_shell_path(const char *path)
{
	char *local = NULL;
	if (*path != '-')
		return spn_text_shell_word(path);
	if (asprintf(&local, "./%s", path) < 0)
		return NULL;
	char *word = spn_text_shell_word(local);
	free(local);
	return word;
}
