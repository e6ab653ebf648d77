/* SPDX-License-Identifier: MIT */
#include "meant.h"

#include <stdio.h>
#include <string.h>

#include "output.h"

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* The name that a text is almost; NULL: none. */
static const char *understand(struct cli *cli, const char *text, char buffer[MEANT_SIZE])
{
	const char *what;
	size_t len = spn_name_understand(text, buffer, MEANT_SIZE, &what);
	if (!what || len >= MEANT_SIZE)
		return NULL;
	note(cli, "'%s' is %s; clients ask for '%s'", text, what, buffer);
	return buffer;
}

static bool is_host(const char *text)
{
	return *text && strchr(ALNUM, *text) && text[strspn(text, ALNUM "-_.")] == '\0' && strlen(text) < MEANT_SIZE - sizeof "HTTP/";
}

const char *meant_name(struct cli *cli, const char *text, char buffer[MEANT_SIZE])
{
	const char *name = understand(cli, text, buffer);
	return name ? name : text;
}

const char *meant_request(struct cli *cli, const char *text, char buffer[MEANT_SIZE])
{
	const char *name = understand(cli, text, buffer);
	if (name || !is_host(text))
		return name ? name : text;
	snprintf(buffer, MEANT_SIZE, "HTTP/%s", text);
	note(cli, "'%s' is a host without a class; its web clients ask for '%s'", text, buffer);
	return buffer;
}

const char *meant_pattern(struct cli *cli, const char *text, char buffer[MEANT_SIZE])
{
	const char *name = understand(cli, text, buffer);
	if (name || !is_host(text))
		return name ? name : text;
	snprintf(buffer, MEANT_SIZE, "*/%s*", text);
	note(cli, "'%s' is a host without a class: looking for '%s'", text, buffer);
	return buffer;
}
