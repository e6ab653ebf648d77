/* SPDX-License-Identifier: MIT */
#include "meant.h"

#include "output.h"

const char *meant_name(struct cli *cli, const char *text, char buffer[MEANT_SIZE])
{
	const char *what;
	size_t len = spn_name_understand(text, buffer, MEANT_SIZE, &what);
	if (!what || len >= MEANT_SIZE)
		return text;
	note(cli, "'%s' is %s; clients ask for '%s'", text, what, buffer);
	return buffer;
}
