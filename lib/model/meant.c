/* SPDX-License-Identifier: MIT */
#include "meant.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mapping.h"

/* A text while one thing after the other is taken off it.  what: the first of them. */
struct meant {
	char text[SPK_NAME_MAX];
	const char *what;
};

static void find(struct meant *meant, const char *what)
{
	if (!meant->what)
		meant->what = what;
}

static void cut_front(struct meant *meant, size_t n)
{
	memmove(meant->text, meant->text + n, strlen(meant->text + n) + 1);
}

static void take_blanks(struct meant *meant)
{
	size_t front = strspn(meant->text, " \t\r\n"), len;
	if (front > 0) {
		cut_front(meant, front);
		find(meant, "a name between blanks");
	}
	for (len = strlen(meant->text); len > 0 && strchr(" \t\r\n", meant->text[len - 1]); len--)
		find(meant, "a name between blanks");
	meant->text[len] = '\0';
}

/* The class that the clients of a scheme ask for; NULL: the scheme itself. */
static const char *class_of_scheme(const char *scheme, size_t len)
{
	static const char *const classes[][2] = { { "http", "HTTP" }, { "https", "HTTP" }, { "ws", "HTTP" }, { "wss", "HTTP" },
		{ "ldap", "ldap" }, { "ldaps", "ldap" }, { "smb", "cifs" }, { "imaps", "imap" } };
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (strlen(classes[i][0]) == len && strncasecmp(scheme, classes[i][0], len) == 0)
			return classes[i][1];
	return NULL;
}

static bool is_known_class(const char *text, size_t len)
{
	spn_bytes target;
	return class_of_scheme(text, len) || (len == 4 && strncasecmp(text, "HOST", len) == 0) ||
			spk_mapping_find(&spk_mapping_default, (spn_bytes){ text, len }, &target);
}

/* "scheme://user@host:port/path", also behind a class: browsers and the like ask without the port. */
static void take_url(struct meant *meant)
{
	char *mark = strstr(meant->text, "://");
	if (!mark || mark == meant->text)
		return;
	char *slash = memchr(meant->text, '/', (size_t)(mark - meant->text)), *scheme = slash ? slash + 1 : meant->text;
	char *host = mark + 3, *path = host + strcspn(host, "/?#"), name[SPK_NAME_MAX];
	char *user = memrchr(host, '@', (size_t)(path - host)); /* a password may hold another one */
	host = user ? user + 1 : host;
	size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
	const char *class = class_of_scheme(scheme, (size_t)(mark - scheme));
	if (scheme == mark || len == 0 || host + len > path)
		return;
	snprintf(name, sizeof name, "%.*s/%.*s", class ? (int)strlen(class) : (int)(mark - scheme), class ? class : scheme, (int)len, host);
	memcpy(meant->text, name, sizeof name);
	find(meant, "a URL");
}

/* A realm comes after the last '@'; a user before a host is none. */
static void take_realm(struct meant *meant)
{
	char *at = strrchr(meant->text, '@'), *slash = strchr(meant->text, '/');
	if (!at || !slash || at < slash || at == slash + 1 || !at[1] || strchr(at, '/'))
		return;
	*at = '\0';
	find(meant, "a principal with its realm");
}

/* HTTP\web, but not DOMAIN\account */
static void take_backslash(struct meant *meant)
{
	char *backslash = strchr(meant->text, '\\');
	if (!backslash || backslash == meant->text || !backslash[1] || strchr(meant->text, '/') || strchr(backslash + 1, '\\') ||
			!is_known_class(meant->text, (size_t)(backslash - meant->text)))
		return;
	*backslash = '/';
	find(meant, "written with '\\' instead of '/'");
}

/* HTTP:/web and http:web, but not web:80, which is a host. */
static void take_colon(struct meant *meant)
{
	char *colon = strchr(meant->text, ':'), *slash = strchr(meant->text, '/');
	if (!colon || colon == meant->text || !colon[1])
		return;
	if (slash == colon + 1 && slash[1] && slash[1] != '/')
		memmove(colon, slash, strlen(slash) + 1);
	else if (!slash && !strchr(colon + 1, ':') && is_known_class(meant->text, (size_t)(colon - meant->text)))
		*colon = '/';
	else
		return;
	find(meant, "a class with a ':'");
}

/* https/web */
static void take_secure_class(struct meant *meant)
{
	static const char *const secure[][2] = { { "https/", "HTTP/" }, { "ldaps/", "ldap/" } };
	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(secure[i][0]), to = strlen(secure[i][1]);
		if (strncasecmp(meant->text, secure[i][0], len) == 0 && meant->text[len]) {
			cut_front(meant, len - to);
			memcpy(meant->text, secure[i][1], to);
			find(meant, "a class that TLS does not change");
		}
	}
}

/* http/web/, http/web:, http/web.example.com. */
static void take_end(struct meant *meant)
{
	char *slash = strchr(meant->text, '/');
	size_t len = strlen(meant->text);
	if (slash && slash > meant->text && len > (size_t)(slash - meant->text) + 2 && strchr("/:.", meant->text[len - 1]) &&
			!strchr("/:.", meant->text[len - 2])) {
		find(meant, meant->text[len - 1] == '.' ? "a name with a dot at its end" :
				meant->text[len - 1] == '/' ? "a name with a '/' at its end" : "a name with a ':' at its end");
		meant->text[len - 1] = '\0';
	}
}

size_t spn_name_understand(const char *text, char *buffer, size_t size, const char **ret_what)
{
	struct meant meant = { .what = NULL };
	if (strlen(text) < sizeof meant.text) {
		memcpy(meant.text, text, strlen(text) + 1);
		take_blanks(&meant);
		take_url(&meant);
		take_realm(&meant);
		take_backslash(&meant);
		take_colon(&meant);
		take_secure_class(&meant);
		take_end(&meant);
	}
	spn_name name;
	*ret_what = NULL;
	if (meant.what && spk_name_take_apart(meant.text, &name, NULL) == SPN_OK) {
		*ret_what = meant.what;
		text = meant.text;
	}
	int n = snprintf(buffer, size, "%s", text);
	return n < 0 ? 0 : (size_t)n;
}
