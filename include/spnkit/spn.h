/* SPDX-License-Identifier: MIT */
/* spn.h - the grammar of service principal names, and when two of them are equal */
#ifndef SPNKIT_SPN_H
#define SPNKIT_SPN_H

#include <spnkit/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed bytes.  Values that the library lends are also NUL-terminated, except in the mods that a back end
 * receives. */
typedef struct spn_bytes {
	const char *data;
	size_t len;
} spn_bytes;

/*
 * A name in its parts: class/host[:port or :instance][/servicename] ([MS-ADTS] 2.2.21, [MS-KILE]
 * 3.1.5.11).  The parts point into the parsed text; an absent part has len 0.
 */
typedef struct spn_name {
	spn_bytes service_class; /* "http", "MSSQLSvc", "Microsoft Virtual Console Service", ... */
	spn_bytes host;          /* short name, FQDN, or for some classes a domain or a GUID */
	spn_bytes port;          /* port number or instance name, without its colon */
	spn_bytes service_name;  /* third part, without its slash */
} spn_name;

/*
 * Parses a name.
 *
 * Rejects what Active Directory or a KDC would not serve: fewer than two or more than three parts, an empty
 * part, white space, control characters, '*' outside the service class, quotation marks, a comma or semicolon in
 * the host, as in several names that were joined, or bytes that are not UTF-8.  The third part may hold any of these
 * marks, and an apostrophe may stand anywhere but in front.  A service class may consist of several words, as those
 * of Hyper-V do.  A host may be an IPv6 address, in brackets if a port follows.  Names that Active Directory stores
 * but no client requests are rejected as well: see spn_name_understand.  The message says what is wrong, at which
 * character (counted from 1), and what clients request instead if that is known.
 *
 * Returns SPN_ERR_SYNTAX for such a text.
 */
spn_status spn_name_parse(const char *text, spn_name *ret_name, spn_error *err);

/*
 * Writes into buffer the name that clients request where a person wrote text: surrounding blanks and quotes, the
 * realm of a principal, a ':' after the class, and a trailing ':', '/' or dot are removed; a URL of a scheme whose
 * class is certain becomes that class and its host (https://web/path: HTTP/web; jdbc:sqlserver://db: MSSQLSvc/db:1433),
 * and the path of a share (//nas/share, or with backslashes) cifs/ and its host; '\\' becomes '/', and a comma in front
 * of a port ':'; https/ becomes HTTP/, and ldaps/ becomes ldap/.  Any other text is copied unchanged, as is one that
 * does not become a valid name.  The result is truncated to size and always terminated if size > 0.
 *
 * *ret_what says what the text is, such as "a URL"; NULL if nothing was changed.  Returns the length of the whole name.
 */
size_t spn_name_understand(const char *text, char *buffer, size_t size, const char **ret_what);

/* Where a person wrote a text, and so what a host without a class stands for. */
typedef enum spn_asked {
	SPN_ASKED_NAME = 0,   /* a name is expected: for nothing */
	SPN_ASKED_TICKET = 1, /* for the name that web clients of the host request: HTTP/host */
	SPN_ASKED_SEARCH = 2  /* for its names of every class: a pattern */
} spn_asked;

/*
 * What a person means who wrote almost a name (spn_name_understand), or a host (also DOMAIN\\host).  *ret_name is for
 * free(), as is *ret_why (which may be NULL), a sentence that says so: "'web' is a host without a class; its web
 * clients ask for 'HTTP/web'".  Both become NULL if the text means itself.
 *
 * Returns SPN_ERR_INVALID for wrong arguments; SPN_ERR_NOMEM.
 */
spn_status spn_name_guess(const char *text, spn_asked asked, char **ret_name, char **ret_why, spn_error *err);
/*
 * Which server a person means: without the blanks around it, and without the dot at its end that DNS writes; of a name,
 * or what spn_name_understand takes for one, its host.  *ret_class is then its class, else NULL, and *ret_port its
 * port, else 0; both may be NULL: a name is then no server.  The texts are for free().
 *
 * Returns SPN_ERR_SYNTAX for a malformed name.
 */
spn_status spn_server_guess(const char *text, char **ret_server, char **ret_class, unsigned *ret_port, spn_error *err);

/*
 * Writes a name into buffer, truncated to size and always terminated if size > 0 (like snprintf).
 *
 * Returns the length of the whole name, without its NUL.
 */
size_t spn_name_format(const spn_name *name, char *buffer, size_t size);

/*
 * Orders two names as Active Directory compares them: without regard to case, accents, width or kana
 * type.  The texts need not be well-formed.  Returns < 0, 0 or > 0.
 */
int spn_name_compare(const char *a, const char *b);

#ifdef __cplusplus
}
#endif
#endif
