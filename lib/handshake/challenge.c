/* SPDX-License-Identifier: MIT */
#include "challenge.h"

#include <string.h>

/* What a scheme's name may be made of (tchar of RFC 9110, section 5.6.2). */
static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			(c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The length up to the next comma outside quotes. */
static size_t part_length(const char *value, size_t len)
{
	bool quoted = false;
	size_t i = 0;
	for (; i < len && (quoted || value[i] != ','); i++) {
		if (value[i] == '"')
			quoted = !quoted;
		else if (quoted && value[i] == '\\' && i + 1 < len)
			i++;
	}
	return i;
}

static bool is_listed(const spk_text *names, const char *name, size_t len)
{
	const char *at = names->data, *end = at ? at + names->len : NULL;
	while (at && at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		size_t n = (size_t)((comma ? comma : end) - at);
		if (n == len && strncasecmp(at, name, n) == 0)
			return true;
		at = comma ? comma + 2 : end;
	}
	return false;
}

/* "Scheme", "Scheme token68" or "Scheme param=value"; "param=value" belongs to the scheme before. */
static void add_part(spk_challenges *challenges, const char *part, size_t len)
{
	while (len > 0 && is_blank(*part)) {
		part++;
		len--;
	}
	while (len > 0 && is_blank(part[len - 1]))
		len--;
	size_t name = 0;
	while (name < len && is_token_char(part[name]))
		name++;
	if (name == 0 || name > 40 || (name < len && !is_blank(part[name])))
		return;
	if (!is_listed(&challenges->names, part, name))
		spk_text_add(&challenges->names, "%s%.*s", challenges->names.len ? ", " : "", (int)name, part);
	if (name != strlen("Negotiate") || strncasecmp(part, "Negotiate", name) != 0)
		return;
	challenges->negotiate = true;
	while (name < len && is_blank(part[name]))
		name++;
	if (name < len && challenges->token.len == 0 && !spk_base64_decode(part + name, len - name, &challenges->token))
		spk_text_clear(&challenges->token);
}

void spk_challenges_add(spk_challenges *challenges, const char *value, size_t len)
{
	for (;;) {
		size_t n = part_length(value, len);
		add_part(challenges, value, n);
		if (n == len)
			return;
		value += n + 1;
		len -= n + 1;
	}
}

void spk_challenges_free(spk_challenges *challenges)
{
	spk_text_free(&challenges->names);
	spk_text_free(&challenges->token);
}
