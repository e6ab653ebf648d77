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

/* Whether nothing else can be meant by a name: letters, digits, '-', '_' and inner dots on both sides of one slash, as
 * of nearly all.  A class that ends with an 's' may be "https". */
static bool is_plain(const char *text, spn_name *ret_name)
{
	size_t slash = 0, i;
	for (i = 0; text[i]; i++) {
		char c = spk_ascii_lower(text[i]);
		bool is_inner = c == '.' || c == '-' || c == '_';
		if (c == '/' && i > 0 && !slash)
			slash = i;
		else if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !is_inner)
			return false;
	}
	if (!slash || slash + 1 >= i || spk_ascii_lower(text[slash - 1]) == 's' || text[i - 1] == '.')
		return false;
	*ret_name = (spn_name){
		.service_class = { text, slash },
		.host = { text + slash + 1, i - slash - 1 },
		.port = { "", 0 },
		.service_name = { "", 0 },
	};
	return true;
}

spn_status spn_name_parse(const char *text, spn_name *ret_name, spn_error *err)
{
	if (!text || !ret_name)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_name_parse: an argument is NULL");
	char meant[SPK_NAME_MAX];
	const char *what;
	if (is_plain(text, ret_name))
		return SPN_OK;
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
