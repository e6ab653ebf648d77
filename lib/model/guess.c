/* SPDX-License-Identifier: MIT */
/* guess.c - what a person means who writes a host, or almost a name, where a name or a server is expected */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnkit/text.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "meant.h"

#define BLANKS " \t\r\n"
#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* A copy of a server without the blanks around it, and without the dot at its end that DNS writes. */
static char *copy_server(const char *text)
{
	text += strspn(text, BLANKS);
	size_t len = strlen(text);
	while (len > 0 && strchr(BLANKS, text[len - 1]))
		len--;
	len -= len > 1 && text[len - 1] == '.' && text[len - 2] != '.';
	return strndup(text, len);
}

static bool is_host(const char *text)
{
	return *text && strchr(ALNUM, *text) && text[strspn(text, ALNUM "-_.")] == '\0' &&
			strlen(text) < SPK_NAME_MAX - sizeof "HTTP/";
}

/* Text in quotes, what it is, and the name in quotes. */
static spn_status explain(const char *text, const char *what, const char *so, const char *name, char **ret_why,
		spn_error *err)
{
	if (!ret_why)
		return SPN_OK;
	if (asprintf(ret_why, "'%s' is %s%s '%s'", text, what, so, name) < 0) {
		*ret_why = NULL;
		return spk_nomem(err);
	}
	spn_text_hide_passwords(*ret_why);
	return SPN_OK;
}

/* Of DOMAIN\server, the server. */
static spn_status guess_host(const char *text, spn_asked asked, char **ret_name, char **ret_why, spn_error *err)
{
	const bool is_search = asked == SPN_ASKED_SEARCH;
	SPK_AUTOFREE char *server = copy_server(text);
	const char *backslash = server ? strchr(server, '\\') : NULL,
		   *host = backslash && backslash > server ? backslash + 1 : server;
	if (!server)
		return spk_nomem(err);
	if (!is_host(host))
		return SPN_OK;
	if (asprintf(ret_name, is_search ? "*/%s*" : "HTTP/%s", host) < 0) {
		*ret_name = NULL;
		return spk_nomem(err);
	}
	return explain(text, "a host without a class", is_search ? ": looking for" : "; its web clients ask for", *ret_name,
			ret_why, err);
}

spn_status spn_name_guess(const char *text, spn_asked asked, char **ret_name, char **ret_why, spn_error *err)
{
	if (!text || !ret_name || asked > SPN_ASKED_SEARCH)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_name_guess: an argument is NULL or out of range");
	char name[SPK_NAME_MAX];
	const char *what;
	*ret_name = NULL;
	if (ret_why)
		*ret_why = NULL;
	size_t len = spn_name_understand(text, name, sizeof name, &what);
	spn_status status = SPN_OK;
	if (what && len < sizeof name) {
		*ret_name = strdup(name);
		status = *ret_name ? explain(text, what, "; clients ask for", name, ret_why, err) : spk_nomem(err);
	} else if (asked != SPN_ASKED_NAME && strlen(text) < SPK_NAME_MAX)
		status = guess_host(text, asked, ret_name, ret_why, err);
	if (status) {
		free(*ret_name);
		*ret_name = NULL;
	}
	return status;
}

spn_status spn_server_guess(const char *text, char **ret_server, char **ret_class, unsigned *ret_port, spn_error *err)
{
	if (!text || !ret_server || !ret_class != !ret_port)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_server_guess: an argument is NULL");
	*ret_server = NULL;
	if (ret_class) {
		*ret_class = NULL;
		*ret_port = 0;
	}
	char understood[SPK_NAME_MAX];
	const char *what;
	size_t len = spn_name_understand(text, understood, sizeof understood, &what);
	const char *name = what && len < sizeof understood ? understood : text;
	spn_name parts;
	if (!ret_class || !strchr(name, '/')) {
		*ret_server = copy_server(text);
		return *ret_server ? SPN_OK : spk_nomem(err);
	}
	spn_status status = spn_name_parse(name, &parts, err);
	if (status)
		return status;
	unsigned long port = strtoul(parts.port.data ? parts.port.data : "", NULL, 10);
	*ret_port = port < 65536 ? (unsigned)port : 0;
	*ret_server = strndup(parts.host.data, parts.host.len);
	*ret_class = strndup(parts.service_class.data, parts.service_class.len);
	if (*ret_server && *ret_class)
		return SPN_OK;
	free(*ret_server);
	free(*ret_class);
	*ret_server = *ret_class = NULL;
	return spk_nomem(err);
}
