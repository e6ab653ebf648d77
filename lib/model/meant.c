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
	for (size_t i = 0; i == 0 || meant->text[i - 1];
			i++) /* memmove() is one with memcpy() to valgrind, which then complains */
		meant->text[i] = meant->text[i + n];
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

/* Schemes whose clients ask for one class, whatever they connect to.  port: what they add to the name if the URL does
 * not tell; NULL: none. */
static const struct scheme {
	const char *name, *class, *port;
} schemes[] = {
	{ "http", "HTTP", NULL },
	{ "https", "HTTP", NULL },
	{ "ws", "HTTP", NULL },
	{ "wss", "HTTP", NULL },
	{ "ldap", "ldap", NULL },
	{ "ldaps", "ldap", NULL },
	{ "smb", "cifs", NULL },
	{ "cifs", "cifs", NULL },
	{ "file", "cifs", NULL },
	{ "imap", "imap", NULL },
	{ "imaps", "imap", NULL },
	{ "pop", "pop", NULL },
	{ "pop3s", "pop", NULL },
	{ "ftp", "ftp", NULL },
	{ "nfs", "nfs", NULL },
	{ "ssh", "host", NULL },
	{ "sftp", "host", NULL },
	{ "rdp", "TERMSRV", NULL },
	{ "jdbc:sqlserver", "MSSQLSvc", "1433" },
	{ "sqlserver", "MSSQLSvc", "1433" },
	{ "mssql", "MSSQLSvc", "1433" },
	{ "jdbc:postgresql", "postgres", NULL },
	{ "postgresql", "postgres", NULL },
	{ "postgres", "postgres", NULL },
	{ "mongodb", "mongodb", NULL },
};

static const struct scheme *find_scheme(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (strlen(schemes[i].name) == len && strncasecmp(text, schemes[i].name, len) == 0)
			return &schemes[i];
	return NULL;
}

/* A class, or what is taken for one: https, ldaps. */
static bool is_known_class(const char *text, size_t len)
{
	static const char *const further[] = { "HOST", "https", "ldaps" };
	spn_bytes target;
	for (size_t i = 0; i < sizeof further / sizeof *further; i++)
		if (strlen(further[i]) == len && strncasecmp(text, further[i], len) == 0)
			return true;
	const struct scheme *scheme = find_scheme(text, len);
	return (scheme && strcasecmp(scheme->name, scheme->class) == 0) ||
			spk_mapping_find(&spk_mapping_default, (spn_bytes){ text, len }, &target);
}

/* "scheme://user@host:port/path", also behind a class.  Clients ask without the port, but for those of SQL Server. */
static void take_url(struct meant *meant)
{
	char *mark = strstr(meant->text, "://");
	if (!mark || mark == meant->text)
		return;
	char *slash = memchr(meant->text, '/', (size_t)(mark - meant->text)), *start = slash ? slash + 1 : meant->text;
	char *host = mark + 3, *path = host + strcspn(host, "/?#;"), name[SPK_NAME_MAX];
	char *user = memrchr(host, '@', (size_t)(path - host)); /* a password may hold another one */
	host = user ? user + 1 : host;
	size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#;");
	const struct scheme *scheme = find_scheme(start, (size_t)(mark - start));
	if (!scheme || len == 0 || host + len > path)
		return;
	const char *port = host[len] == ':' ? host + len + 1 : "";
	size_t port_len = strspn(port, "0123456789");
	bool tells_port = port_len > 0 && port + port_len == path;
	snprintf(name, sizeof name, "%s/%.*s%s%.*s", scheme->class, (int)len, host, scheme->port ? ":" : "",
			!scheme->port              ? 0 :
					tells_port ? (int)port_len :
						     (int)strlen(scheme->port),
			tells_port || !scheme->port ? port : scheme->port);
	memcpy(meant->text, name, sizeof name);
	find(meant, "a URL");
}

/* \\server\share, and //server/share as smbclient takes it. */
static void take_unc(struct meant *meant)
{
	char mark = meant->text[0], ends[] = { mark, '@', '\0' }, name[SPK_NAME_MAX];
	if ((mark != '\\' && mark != '/') || meant->text[1] != mark)
		return;
	char *host = meant->text + 2;
	size_t len = strcspn(host, ends);
	if (len == 0 || host[len] == '@') /* of a WebDAV server */
		return;
	snprintf(name, sizeof name, "cifs/%.*s", (int)len, host);
	memcpy(meant->text, name, sizeof name);
	find(meant, "the path of a share");
}

/* The quotes around a name, those of a word processor too. */
static void take_quotes(struct meant *meant)
{
	static const char *const pairs[][2] = { { "\"", "\"" }, { "'", "'" }, { "`", "`" }, { "\xe2\x80\x9c", "\xe2\x80\x9d" },
		{ "\xe2\x80\x98", "\xe2\x80\x99" }, { "\xe2\x80\x9e", "\xe2\x80\x9c" }, { "\xc2\xab", "\xc2\xbb" } };
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		size_t len = strlen(meant->text), front = strlen(pairs[i][0]), back = strlen(pairs[i][1]);
		if (len <= front + back || strncmp(meant->text, pairs[i][0], front) != 0 ||
				strcmp(meant->text + len - back, pairs[i][1]) != 0)
			continue;
		meant->text[len - back] = '\0';
		cut_front(meant, front);
		find(meant, "a name in quotes");
		return;
	}
}

/* MSSQLSvc/db,1433, as connection strings have it. */
static void take_comma(struct meant *meant)
{
	char *comma = strchr(meant->text, ','), *slash = strchr(meant->text, '/');
	if (!comma || !slash || comma < slash || strchr(meant->text, ':') || !comma[1] ||
			comma[1 + strspn(comma + 1, "0123456789")])
		return;
	*comma = ':';
	find(meant, "written with ',' instead of ':'");
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
	if (!backslash || backslash == meant->text || !backslash[1] || strchr(meant->text, '/') ||
			strchr(backslash + 1, '\\') || !is_known_class(meant->text, (size_t)(backslash - meant->text)))
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
		take_quotes(&meant);
		take_unc(&meant);
		take_url(&meant);
		take_realm(&meant);
		take_backslash(&meant);
		take_colon(&meant);
		take_secure_class(&meant);
		take_comma(&meant);
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
