/* SPDX-License-Identifier: MIT */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <ldap.h>

#include "base/error.h"
#include "base/text.h"

#define ANY (-10000)

struct meaning {
	int code;         /* LDAP's, or ANY */
	uint32_t win32;   /* [MS-ERREF] 2.2; 0: any */
	const char *hint; /* what the server's text must contain; NULL: anything */
	spn_status status;
	const char *text; /* what it means, and what to do about it */
};

/* The first that fits counts: what is particular stands before what is general. */
static const struct meaning meanings[] = {
	/* names and values ([MS-ADTS] 3.1.1.5.1.3; Samba: source4/dsdb/samdb/ldb_modules/samldb.c) */
	{ ANY, 0x21c7, NULL, SPN_ERR_NOT_UNIQUE,
			"another account in the forest holds the name, itself or through an alias such as HOST/" },
	{ ANY, 0x21c8, NULL, SPN_ERR_NOT_UNIQUE, "another account in the forest has this userPrincipalName" },
	{ LDAP_CONSTRAINT_VIOLATION, 0, "would cause a conflict", SPN_ERR_NOT_UNIQUE,
			"another account holds the name" },
	{ LDAP_INSUFFICIENT_ACCESS, 0, "would cause a conflict", SPN_ERR_NOT_UNIQUE,
			"another account serves the name through an alias such as HOST/, and you have no permission to "
			"change it" },
	{ LDAP_CONSTRAINT_VIOLATION, 0, "spn validation failed", SPN_ERR_DENIED,
			"an account may write only names of its own host (validated write), without a port: others "
			"take the right to "
			"write servicePrincipalName" },
	/* Samba says no more than this when HOST/x is named in a change while another account holds an alias of it:
	 * the name is served by two */
	{ LDAP_CONSTRAINT_VIOLATION, 0, "Constraint violation during LDB_MODIFY", SPN_ERR_NOT_UNIQUE,
			"another account holds an alias of the name, such as HTTP/ for HOST/" },
	{ LDAP_CONSTRAINT_VIOLATION, 0, "components", SPN_ERR_REFUSED,
			"the server takes names of two or three parts only" },
	{ LDAP_CONSTRAINT_VIOLATION, 0x2081, NULL, SPN_ERR_REFUSED, "the attribute takes a single value" },
	{ LDAP_CONSTRAINT_VIOLATION, 0x2082, NULL, SPN_ERR_REFUSED, "the value is out of the attribute's range" },
	{ LDAP_CONSTRAINT_VIOLATION, 0, NULL, SPN_ERR_REFUSED, "the value breaks a rule of the server" },
	/* groups */
	{ ANY, 0x0562, NULL, SPN_ERR_EXISTS, "it is a member already" },
	{ ANY, 0x0561, NULL, SPN_ERR_NOT_FOUND, "it is not a member" },
	{ LDAP_UNWILLING_TO_PERFORM, 0, "for target GUID", SPN_ERR_NOT_FOUND, "it is not a member" },
	{ LDAP_UNWILLING_TO_PERFORM, 0x2035, "Unable to find GUID", SPN_ERR_NOT_FOUND, "there is no such entry" },
	{ LDAP_ALREADY_EXISTS, 0, NULL, SPN_ERR_EXISTS, "it already exists" },

	{ LDAP_TYPE_OR_VALUE_EXISTS, 0, "SINGLE-VALUE", SPN_ERR_REFUSED, "the attribute takes a single value" },
	{ LDAP_TYPE_OR_VALUE_EXISTS, 0, NULL, SPN_ERR_EXISTS, "the value is already there, or twice in one change" },
	{ LDAP_NO_SUCH_ATTRIBUTE, 0, NULL, SPN_ERR_NOT_FOUND, "the value is not there" },
	{ LDAP_NO_SUCH_OBJECT, 0, NULL, SPN_ERR_NOT_FOUND, "there is no such entry" },
	{ LDAP_REFERRAL, 0, NULL, SPN_ERR_NOT_FOUND, "the entry is in another domain: open that one" },
	{ LDAP_INVALID_DN_SYNTAX, 0, NULL, SPN_ERR_SYNTAX, "the server rejects it as a DN" },
	{ LDAP_INVALID_SYNTAX, 0, NULL, SPN_ERR_REFUSED, "the value does not have the attribute's syntax" },
	{ LDAP_UNDEFINED_TYPE, 0, NULL, SPN_ERR_REFUSED, "the server does not know the attribute" },
	{ LDAP_OBJECT_CLASS_VIOLATION, 0, NULL, SPN_ERR_REFUSED, "an entry of this kind cannot have the attribute" },
	{ LDAP_INSUFFICIENT_ACCESS, 0, "authorization failure", SPN_ERR_AUTH,
			"the server does not allow the user to act as another user" },
	{ LDAP_INSUFFICIENT_ACCESS, 0, NULL, SPN_ERR_DENIED,
			"permission denied: ask someone who can write this entry" },
	{ LDAP_UNWILLING_TO_PERFORM, 0x2035, NULL, SPN_ERR_REFUSED,
			"refused: the server is read-only, or only the system may change the value" },

	/* who we are; "data" codes of a failed bind are below */
	{ LDAP_UNWILLING_TO_PERFORM, 0, "Sign or Seal are not allowed", SPN_ERR_AUTH,
			"the server does not accept Kerberos sealing inside TLS" },
	{ LDAP_STRONG_AUTH_REQUIRED, 0, "Sign or Seal", SPN_ERR_AUTH,
			"the server requires Kerberos sealing, which is not available inside TLS: use ldap:// without "
			"StartTLS, or a simple bind" },
	{ LDAP_STRONG_AUTH_REQUIRED, 0, NULL, SPN_ERR_AUTH,
			"the server requires the connection to be sealed or encrypted" },
	{ ANY, 0x80090346, NULL, SPN_ERR_AUTH,
			"the server requires a channel binding that it did not get: use ldap:// with Kerberos "
			"sealing" },
	{ LDAP_INVALID_CREDENTIALS, 0, NULL, SPN_ERR_AUTH, "the server does not accept the credentials" },
	{ LDAP_OTHER, 0, "unable to canonify user", SPN_ERR_AUTH,
			"the server does not know the user" }, /* OpenLDAP with Cyrus SASL */
	{ LDAP_INAPPROPRIATE_AUTH, 0, NULL, SPN_ERR_AUTH, "the server does not accept this kind of credentials" },
	{ LDAP_AUTH_METHOD_NOT_SUPPORTED, 0, NULL, SPN_ERR_AUTH, "the server does not know this kind of credentials" },
	{ LDAP_AUTH_UNKNOWN, 0, NULL, SPN_ERR_AUTH, "no sufficiently secure authentication method is left" },
	{ LDAP_CONFIDENTIALITY_REQUIRED, 0, NULL, SPN_ERR_AUTH, "the server requires the connection to be encrypted" },
	{ LDAP_LOCAL_ERROR, 0, NULL, SPN_ERR_AUTH, "the authentication failed on our side" },
	{ LDAP_OPERATIONS_ERROR, 0x04dc, NULL, SPN_ERR_AUTH, "the server requires credentials first" },
	{ LDAP_OPERATIONS_ERROR, 0x2020, NULL, SPN_ERR_AUTH, "the server requires credentials first" },

	/* whether it can be done at all */
	{ LDAP_BUSY, 0, NULL, SPN_ERR_UNREACHABLE, "the server is busy: try again" },
	{ LDAP_UNAVAILABLE, 0, NULL, SPN_ERR_UNREACHABLE, "the server is not available: try again" },
	{ LDAP_SERVER_DOWN, 0, NULL, SPN_ERR_UNREACHABLE, "the connection was lost" },
	{ LDAP_CONNECT_ERROR, 0, NULL, SPN_ERR_UNREACHABLE, "the connection failed" },
	{ LDAP_TIMEOUT, 0, NULL, SPN_ERR_UNREACHABLE, "no answer in time" },
	{ 81, 0, NULL, SPN_ERR_UNREACHABLE, "the connection was lost" }, /* RFC 1823's number for it */
	{ 85, 0, NULL, SPN_ERR_UNREACHABLE, "no answer in time" },
	{ LDAP_UNAVAILABLE_CRITICAL_EXTENSION, 0, NULL, SPN_ERR_UNSUPPORTED, "the server cannot do it" },
	{ LDAP_ADMINLIMIT_EXCEEDED, 0, NULL, SPN_ERR_REFUSED,
			"a limit of the server is exceeded (one entry, for instance, has room for about 1,200 "
			"values)" },
	{ LDAP_SIZELIMIT_EXCEEDED, 0, NULL, SPN_ERR_FAILED, "there are more results than the server returns" },
	{ LDAP_TIMELIMIT_EXCEEDED, 0, NULL, SPN_ERR_FAILED, "it takes more time than the server allows" },
	{ LDAP_NO_MEMORY, 0, NULL, SPN_ERR_NOMEM, "out of memory" },
	{ LDAP_UNWILLING_TO_PERFORM, 0, NULL, SPN_ERR_REFUSED, "the server will not do it" },
};

/* What "data" says in the text of a failed bind (winerror.h, as hex). */
static const struct {
	const char *data, *text;
} bind_errors[] = {
	{ "data 525", "there is no such user" },
	{ "data 52e", "wrong user or password" },
	{ "data 530", "the user may not log on at this time" },
	{ "data 531", "the user may not log on from here" },
	{ "data 532", "the password has expired" },
	{ "data 533", "the account is disabled" },
	{ "data 701", "the account has expired" },
	{ "data 773", "the password must be changed first" },
	{ "data 775", "the account is locked" },
};

/* Active Directory's own code: eight hex digits and a colon at the start; Samba writes zeros at times. */
static uint32_t win32_code(const char *diagnostic)
{
	uint32_t code = 0;
	for (int i = 0; i < 8; i++) {
		char c = spk_ascii_lower(diagnostic[i]);
		if (c >= '0' && c <= '9')
			code = code << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			code = code << 4 | (uint32_t)(c - 'a' + 10);
		else
			return 0;
	}
	return diagnostic[8] == ':' ? code : 0;
}

static const struct meaning *find(int code, uint32_t win32, const char *diagnostic)
{
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
		const struct meaning *m = &meanings[i];
		if ((m->code == ANY || m->code == code) && (m->win32 == 0 || m->win32 == win32) &&
				(!m->hint || strstr(diagnostic, m->hint)))
			return m;
	}
	return NULL;
}

static const char *bind_text(const char *diagnostic)
{
	for (size_t i = 0; i < sizeof bind_errors / sizeof *bind_errors; i++) {
		const char *at = strstr(diagnostic, bind_errors[i].data);
		if (at && strchr(", ", at[strlen(bind_errors[i].data)]))
			return bind_errors[i].text;
	}
	return NULL;
}

/* The name that Samba complains of: "samldb: spn[http/x] would cause a conflict". */
static void add_name(spk_text *message, const char *diagnostic)
{
	const char *from = strstr(diagnostic, "spn["), *to = from ? strchr(from, ']') : NULL;
	if (to)
		spk_text_add(message, " ('%.*s')", (int)(to - from - 4), from + 4);
}

/* Servers end their texts with a newline or a NUL at times, and some with a full stop. */
static int trimmed_length(const char *diagnostic)
{
	size_t len = strlen(diagnostic);
	while (len > 0 && strchr(" \r\n.", diagnostic[len - 1]))
		len--;
	return len > 300 ? 300 : (int)len;
}

spn_status spk_ldap_fail_ticket(spn_error *err, const char *principal, const char *diagnostic, const char *context)
{
	static const char wrong_password[] = "data 52e"; /* which has no part in a log-on by ticket */
	if (!diagnostic)
		diagnostic = "";
	if (bind_text(diagnostic) && !strstr(diagnostic, wrong_password))
		return spk_ldap_fail(err, LDAP_INVALID_CREDENTIALS, diagnostic, "%s", context);
	return spk_fail_win32(err, SPN_ERR_AUTH, LDAP_INVALID_CREDENTIALS, win32_code(diagnostic),
			"%s: the server does not accept the ticket for '%.*s', which it cannot decrypt if another "
			"account holds that name%s%.*s%s",
			context, (int)strcspn(principal, "@"), principal, *diagnostic ? " (LDAP 49: '" : "",
			trimmed_length(diagnostic), diagnostic, *diagnostic ? "')" : "");
}

spn_status spk_ldap_fail(spn_error *err, int code, const char *diagnostic, const char *format, ...)
{
	char context[SPN_MESSAGE_SIZE];
	va_list args;
	va_start(args, format);
	vsnprintf(context, sizeof context, format, args);
	va_end(args);
	if (!diagnostic)
		diagnostic = "";
	uint32_t win32 = win32_code(diagnostic);
	const struct meaning *meaning = find(code, win32, diagnostic);
	const char *text = meaning ? meaning->text : ldap_err2string(code);
	const char *particular = code == LDAP_INVALID_CREDENTIALS ? bind_text(diagnostic) : NULL;
	SPK_AUTOTEXT spk_text message = { 0 };
	spk_text_add(&message, "%s: %s", context, particular ? particular : text);
	add_name(&message, diagnostic);
	/* what is not understood in full is shown as it came */
	if ((!meaning || (!meaning->win32 && !meaning->hint)) && !particular && *diagnostic)
		spk_text_add(&message, " (LDAP %d: '%.*s')", code, trimmed_length(diagnostic), diagnostic);
	if (message.failed)
		return spk_nomem(err);
	return spk_fail_win32(err, meaning ? meaning->status : SPN_ERR_FAILED, code, win32, "%s", message.data);
}
