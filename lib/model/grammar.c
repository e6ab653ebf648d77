/* SPDX-License-Identifier: MIT */
#include "meant.h"

#include <arpa/inet.h>
#include <string.h>

#include <utf8proc.h>

#include <spnkit/text.h>

#include "base/error.h"

static bool is_space(utf8proc_int32_t c)
{
	if (c < 0x80)
		return c == ' ';
	utf8proc_category_t category = utf8proc_category(c);
	return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

/* Control characters, and what comes along unseen when a name is copied from a web page or a document. */
static bool is_invisible(utf8proc_int32_t c)
{
	return spn_text_is_unsafe((uint32_t)c) && !is_space(c);
}

/* Whether a blank stands between two words of the class. */
static bool is_inside(const char *text, const char *at, const char *class_end)
{
	return *at == ' ' && at > text && at + 1 < class_end;
}

/* Within a class '*' may stand, as in NPRepository4(*); alone it is meant as a wildcard. */
static bool is_wildcard_class(const char *text, const char *class_end)
{
	return text + strspn(text, "*") >= class_end;
}

/* Quotes come along with a name that was pasted.  Only an apostrophe may stand in a name (O'BRIEN-PC$ is one), but not
 * begin it. */
static bool is_quote(utf8proc_int32_t c, bool is_first)
{
	if (c == '"' || (c >= 0x201c && c <= 0x201f))
		return true;
	return is_first && (c == '\'' || c == '`' || c == 0xab || (c >= 0x2018 && c <= 0x201b));
}

/* Where the third part of a name begins, if there is one and the second is a host: 'http/a,http/b' has none. */
static const char *third_part(const char *text)
{
	const char *slash = strchr(text, '/'), *second = slash ? strchr(slash + 1, '/') : NULL, *end = text + strlen(text);
	return second && !memchr(slash, ',', (size_t)(second - slash)) &&
					!memchr(slash, ';', (size_t)(second - slash)) ?
			second :
			end;
}

/* Refuses the first character that no name can have.  A class may be several words, with one blank or more between
 * them. */
static spn_status check_characters(const char *text, spn_error *err)
{
	const char *class_end = text + strcspn(text, "/"), *third = third_part(text);
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
	utf8proc_ssize_t left = (utf8proc_ssize_t)strlen(text);
	for (size_t i = 1; left > 0; i++) {
		utf8proc_int32_t c = *at;
		utf8proc_ssize_t n = c < 0x80 ? 1 : utf8proc_iterate(at, left, &c);
		const char *what = NULL;
		if (n <= 0)
			what = "a byte that is not UTF-8";
		else if (is_invisible(c))
			what = "a control character";
		else if (is_space(c) && !is_inside(text, (const char *)at, class_end))
			what = "a space";
		else if (c == '*' && ((const char *)at > class_end || is_wildcard_class(text, class_end)))
			what = "'*', which is a wildcard and no part of a name";
		else if (c == '\\')
			what = "'\\' (an SPN is written with '/')";
		else if ((const char *)at < third && is_quote(c, i == 1))
			what = "a quotation mark";
		else if ((c == ',' || c == ';') && (const char *)at > class_end && (const char *)at < third)
			what = c == ',' ? "',', which no host has (several names are each a value of their own)" :
					"';', which no host has (several names are each a value of their own)";
		if (what)
			return spn_fail(err, SPN_ERR_SYNTAX, 0, "malformed SPN '%s': character %zu is %s",
					text, i, what);
		at += n;
		left -= n;
	}
	return SPN_OK;
}

static size_t characters_before(const char *text, const char *at)
{
	size_t n = 0;
	for (; text < at; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static spn_status refuse(const char *text, const char *at, const char *why, spn_error *err)
{
	return spn_fail(err, SPN_ERR_SYNTAX, 0, "malformed SPN '%s': %s at character %zu", text, why,
			characters_before(text, at) + 1);
}

static spn_bytes span(const char *from, const char *to)
{
	return (spn_bytes){ from, (size_t)(to - from) };
}

/* The end of the address if the host is an IPv6 address, in brackets or not; NULL if it is none.  A link-local one may
 * have a zone, behind '%' (RFC 4007, section 11). */
static const char *end_of_ipv6(const char *host, const char *end)
{
	char copy[INET6_ADDRSTRLEN];
	struct in6_addr address;
	bool bracketed = host < end && *host == '[';
	const char *from = host + bracketed, *to = bracketed ? memchr(host, ']', (size_t)(end - host)) : end;
	const char *zone = to && to > from ? memchr(from, '%', (size_t)(to - from)) : NULL;
	size_t len = to ? (size_t)((zone && zone + 1 < to ? zone : to) - from) : sizeof copy;
	if (len >= sizeof copy || (bracketed && to + 1 < end && to[1] != ':'))
		return NULL;
	memcpy(copy, from, len);
	copy[len] = '\0';
	return inet_pton(AF_INET6, copy, &address) == 1 ? to + bracketed : NULL;
}

/* The colon before a port or instance, or NULL. */
static const char *find_colon(const char *host, const char *end)
{
	const char *address_end = end_of_ipv6(host, end);
	const char *from = address_end ? address_end : host;
	return memchr(from, ':', (size_t)(end - from));
}

spn_status spk_name_take_apart(const char *text, spn_name *ret_name, spn_error *err)
{
	const char *end = text + strlen(text), *slash = strchr(text, '/'), *mark = strstr(text, "://");
	spn_status status = SPN_OK;
	if (mark && mark > text && mark + 1 == slash && mark[3] && mark[3] != '/')
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"malformed SPN '%s': it is a URL, and does not tell which name its clients ask for "
				"(expected class/host, such as http/web)",
				text);
	if ((status = check_characters(text, err)))
		return status;
	if (!slash)
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"malformed SPN '%s': there is no '/' (expected class/host, such as http/web)", text);
	if (slash == text)
		return refuse(text, text, "the service class is missing", err);
	const char *host = slash + 1, *second = strchr(host, '/'), *host_end = second ? second : end;
	const char *colon = find_colon(host, host_end);
	if (host == (colon ? colon : host_end))
		return refuse(text, host, "the host is missing", err);
	if (colon && colon + 1 == host_end)
		return refuse(text, host_end, "the port or instance after ':' is missing", err);
	if (colon && memchr(colon + 1, ':', (size_t)(host_end - colon - 1)))
		return refuse(text, (const char *)memchr(colon + 1, ':', (size_t)(host_end - colon - 1)),
				"there is a second ':'", err);
	if (second && second + 1 == end)
		return refuse(text, end, "the service name after the second '/' is missing", err);
	if (second && strchr(second + 1, '/'))
		return refuse(text, strchr(second + 1, '/'), "there is a third '/'", err);
	*ret_name = (spn_name){
		.service_class = span(text, slash),
		.host = span(host, colon ? colon : host_end),
		.port = colon ? span(colon + 1, host_end) : (spn_bytes){ "", 0 },
		.service_name = second ? span(second + 1, end) : (spn_bytes){ "", 0 },
	};
	return SPN_OK;
}
