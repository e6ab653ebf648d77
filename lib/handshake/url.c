/* SPDX-License-Identifier: MIT */
#include "url.h"

#include <string.h>

#include "base/error.h"

static spn_status refuse(const char *text, const char *why, spn_error *err)
{
	return spn_fail(err, SPN_ERR_SYNTAX, 0, "malformed URL '%s': %s", text, why);
}

static const char *after_scheme(const char *text, bool *ret_tls)
{
	*ret_tls = strncasecmp(text, "https://", strlen("https://")) == 0;
	if (*ret_tls)
		return text + strlen("https://");
	return strncasecmp(text, "http://", strlen("http://")) == 0 ? text + strlen("http://") : NULL;
}

static size_t host_length(const char *at)
{
	static const char digits[] = "0123456789", hex[] = "abcdefABCDEF:.";
	static const char letters[] = "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ-_";
	size_t n = 0;
	bool literal = *at == '[';
	for (at += literal; at[n]; n++)
		if (!strchr(digits, at[n]) && !(strchr(hex, at[n]) && (literal || at[n] != ':')) &&
				(literal || !strchr(letters, at[n])))
			break;
	return n;
}

/* Where the path begins, or NULL. */
static const char *read_port(const char *at, unsigned *port)
{
	if (*at != ':')
		return at;
	unsigned value = 0;
	const char *digit = at + 1;
	for (; *digit >= '0' && *digit <= '9' && value < 65536; digit++)
		value = value * 10 + (unsigned)(*digit - '0');
	if (digit == at + 1 || value == 0 || value > 65535)
		return NULL;
	*port = value;
	return digit;
}

static bool ends_in_wsman(const char *path)
{
	size_t len = strcspn(path, "?#"), n = strlen("/wsman");
	return len >= n && strncasecmp(path + len - n, "/wsman", n) == 0;
}

spn_status spk_url_parse(const char *text, spk_url *ret_url, spn_error *err)
{
	spk_url url = { .text = text };
	const char *at = after_scheme(text, &url.tls);
	if (!at)
		return refuse(text, "expected http:// or https://", err);
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
			return refuse(text, "it contains a space, a control character or a non-ASCII letter", err);
	if (memchr(at, '@', strcspn(at, "/?#")))
		return refuse(text, "it must not contain a user or password: only a ticket is ever sent", err);
	size_t len = host_length(at);
	if (len == 0 || len > SPK_HOST_MAX)
		return refuse(text, "the host is missing or too long", err);
	bool literal = *at == '[';
	memcpy(url.host, at + literal, len);
	url.host[len] = '\0';
	at += literal + len;
	if (literal && *at++ != ']')
		return refuse(text, "the address in brackets does not end", err);
	url.port = url.tls ? 443 : 80;
	at = read_port(at, &url.port);
	if (!at)
		return refuse(text, "the port is not a number from 1 to 65535", err);
	if (*at && *at != '/' && *at != '?')
		return refuse(text, "the host contains an invalid character", err);
	url.is_wsman = ends_in_wsman(at);
	*ret_url = url;
	return SPN_OK;
}
