/* SPDX-License-Identifier: MIT */
#include "accepted.h"

#include "base/error.h"

spn_status spk_accepted_read_json(const char *line, spk_accepted_fn *fn, void *data, spn_error *err)
{
	(void)line;
	(void)fn;
	(void)data;
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "this build of libspnkit does not read JSON: it lacks jansson");
}
