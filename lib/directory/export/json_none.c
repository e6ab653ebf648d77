/* SPDX-License-Identifier: MIT */
#include "export.h"
#include "base/error.h"

spn_status spk_export_json(spk_export_input *input, spk_export_output *output, spn_error *err)
{
	(void)output;
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0,
			"'%s' is JSON, which this build of libspnkit does not read: it lacks jansson", input->name);
}
