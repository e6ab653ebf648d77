/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stddef.h>
#include <string.h>

#include "error.h"

spn_status spk_options_take(const spn_open_options *given, spn_open_options *ret_options, spn_error *err)
{
	*ret_options = (spn_open_options)SPN_OPEN_OPTIONS_INIT;
	if (!given)
		return SPN_OK;
	if (given->version < 1 || given->version > SPN_OPEN_OPTIONS_VERSION)
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"the options are of version %u, not 1 to %u: start from SPN_OPEN_OPTIONS_INIT",
				given->version, SPN_OPEN_OPTIONS_VERSION);
	memcpy(ret_options, given, given->version == 1 ? offsetof(spn_open_options, sasl_mech) : sizeof *given);
	ret_options->version = SPN_OPEN_OPTIONS_VERSION;
	return SPN_OK;
}
