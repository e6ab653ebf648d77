/* SPDX-License-Identifier: MIT */
/* spn.h - the grammar of service principal names, and when two of them are the same */
#ifndef SPNKIT_SPN_H
#define SPNKIT_SPN_H

#include <spnkit/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that somebody else owns.  Values that the library lends are also NUL-terminated. */
typedef struct spn_bytes {
	const char *data;
	size_t len;
} spn_bytes;

/*
 * A name in its parts: class/host[:port or :instance][/servicename] ([MS-ADTS] 2.2.21, [MS-KILE]
 * 3.1.5.11).  The parts point into the text that was parsed; len 0 is an absent part.
 */
typedef struct spn_name {
	spn_bytes service_class; /* "http", "MSSQLSvc", "Microsoft Virtual Console Service", ... */
	spn_bytes host;          /* short name, FQDN, or for some classes a domain or a GUID */
	spn_bytes port;          /* port number or instance name, without its colon */
	spn_bytes service_name;  /* third part, without its slash */
} spn_name;

/*
 * Takes a name apart.
 *
 * Refuses what Active Directory or a KDC would not serve: fewer than two or more than three parts, an
 * empty part, white space, control characters, '*' in another place than a class, or bytes that are not UTF-8.  Between the words
 * of a service class there may be blanks, as in those of Hyper-V.  A host may be an IPv6 address, in brackets if a port
 * follows.  What no client asks for although Active Directory stores it is refused as well: see spn_name_understand.  The
 * message says what is wrong and at which character, counted from 1, and what clients ask for instead if that is known.
 *
 * Returns SPN_ERR_SYNTAX for such a text.
 */
spn_status spn_name_parse(const char *text, spn_name *ret_name, spn_error *err);

/*
 * Writes into buffer the name that clients ask for where a person wrote text: without blanks around it; of a URL its class and
 * host (https://web/path: HTTP/web); of a principal without its realm; without a ':' behind the class or at the end, a '/'
 * or a dot at the end; with '/' for '\\'; and with HTTP/ for https/, ldap/ for ldaps/.  What is none of these is written as it is, as is a
 * text that becomes no name by it.  It is cut to size and always terminated if size > 0.
 *
 * *ret_what says what the text is, such as "a URL"; NULL if nothing was changed.  Returns the length that the whole name has.
 */
size_t spn_name_understand(const char *text, char *buffer, size_t size, const char **ret_what);

/*
 * Writes a name into buffer, cut to size and always terminated if size > 0 (like snprintf).
 *
 * Returns the length that the whole name has, without its NUL.
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
