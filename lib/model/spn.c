/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "fold.h"
#include "meant.h"
#include "base/error.h"

unsigned spk_spn_parts(spn_bytes name)
{
	unsigned n = 1;
	for (size_t i = 0; i < name.len; i++)
		n += name.data[i] == '/';
	return n;
}

/* How many letters, digits, '-', '_' and dots a text begins with. */
size_t spk_plain_len(const char *text)
{
	static const bool is_plain[256] = {
		['-'] = true, ['.'] = true, ['_'] = true,
		['0'] = true, true, true, true, true, true, true, true, true, true,
		['A'] = true, true, true, true, true, true, true, true, true, true, true, true, true,
		['N'] = true, true, true, true, true, true, true, true, true, true, true, true, true,
		['a'] = true, true, true, true, true, true, true, true, true, true, true, true, true,
		['n'] = true, true, true, true, true, true, true, true, true, true, true, true, true,
	};
	size_t len = 0;
	while (is_plain[(unsigned char)text[len]])
		len++;
	return len;
}

/* Where a name ends of which nothing else can be meant: letters, digits, '-', '_' and inner dots on both sides of one
 * slash, and perhaps of a colon behind it, as of nearly all.  A class that ends with an 's' may be "https".  NULL: it
 * is not known to be one. */
static const char *take_plain(const char *text, spn_name *ret_name)
{
	size_t class_len = spk_plain_len(text);
	if (class_len == 0 || text[class_len] != '/' || spk_ascii_lower(text[class_len - 1]) == 's')
		return NULL;
	const char *host = text + class_len + 1;
	size_t host_len = spk_plain_len(host), port_len = host[host_len] == ':' ? spk_plain_len(host + host_len + 1) : 0;
	const char *end = host + host_len + (port_len > 0) + port_len;
	if (host_len == 0 || end[-1] == '.')
		return NULL;
	*ret_name = (spn_name){
		.service_class = { text, class_len },
		.host = { host, host_len },
		.port = { port_len ? end - port_len : "", port_len },
		.service_name = { "", 0 },
	};
	return end;
}

bool spk_name_is_plain(spn_bytes text, spn_name *ret_name)
{
	return take_plain(text.data, ret_name) == text.data + text.len;
}

spn_status spn_name_parse(const char *text, spn_name *ret_name, spn_error *err)
{
	if (!text || !ret_name)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_name_parse: an argument is NULL");
	char meant[SPK_NAME_MAX];
	const char *what;
	spn_name plain;
	const char *end = take_plain(text, &plain);
	if (end && !*end) {
		*ret_name = plain;
		return SPN_OK;
	}
	size_t len = spn_name_understand(text, meant, sizeof meant, &what);
	if (what && len > 0 && len < sizeof meant)
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "malformed SPN '%s': it is %s; clients ask for '%s'", text, what, meant);
	return spk_name_take_apart(text, ret_name, err);
}

size_t spn_name_format(const spn_name *name, char *buffer, size_t size)
{
	int n = snprintf(buffer, size, "%.*s/%.*s%s%.*s%s%.*s", (int)name->service_class.len,
			name->service_class.data, (int)name->host.len, name->host.data, name->port.len ? ":" : "",
			(int)name->port.len, name->port.len ? name->port.data : "",
			name->service_name.len ? "/" : "", (int)name->service_name.len,
			name->service_name.len ? name->service_name.data : "");
	return n < 0 ? 0 : (size_t)n;
}

int spn_name_compare(const char *a, const char *b)
{
	return spk_fold_compare(spk_bytes(a), spk_bytes(b), SPK_FOLD_WINDOWS);
}
