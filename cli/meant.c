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

#define BLANKS " \t\r\n"

char *meant_server(char *text)
{
	text += strspn(text, BLANKS);
	size_t len = strlen(text);
	while (len > 0 && strchr(BLANKS, text[len - 1]))
		len--;
	len -= len > 1 && text[len - 1] == '.' && text[len - 2] != '.';
	text[len] = '\0';
	return text;
}

static bool is_host(const char *text)
{
	return *text && strchr(ALNUM, *text) && text[strspn(text, ALNUM "-_.")] == '\0' &&
			strlen(text) < MEANT_SIZE - sizeof "HTTP/";
}

const char *meant_name(struct cli *cli, const char *text, char buffer[MEANT_SIZE])
{
	const char *name = understand(cli, text, buffer);
	return name ? name : text;
}

/* The server of DOMAIN\server, which commands about a server take as well. */
static const char *after_domain(const char *text)
{
	const char *backslash = strchr(text, '\\');
	return backslash && backslash > text ? backslash + 1 : text;
}

/* What is looked for where a text is understood, or is a host without a class: before and after the host. */
static const char *guess(struct cli *cli, const char *text, const char *before, const char *after, const char *so,
		char buffer[MEANT_SIZE])
{
	char copy[MEANT_SIZE];
	const char *name = understand(cli, text, buffer);
	snprintf(copy, sizeof copy, "%s", text);
	const char *host = after_domain(meant_server(copy));
	if (name || strlen(text) >= sizeof copy || !is_host(host))
		return name ? name : text;
	snprintf(buffer, MEANT_SIZE, "%s%s%s", before, host, after);
	note(cli, "'%s' is a host without a class%s '%s'", text, so, buffer);
	return buffer;
}

const char *meant_request(struct cli *cli, const char *text, char buffer[MEANT_SIZE])
{
	return guess(cli, text, "HTTP/", "", "; its web clients ask for", buffer);
}

const char *meant_pattern(struct cli *cli, const char *text, char buffer[MEANT_SIZE])
{
	return guess(cli, text, "*/", "*", ": looking for", buffer);
}
