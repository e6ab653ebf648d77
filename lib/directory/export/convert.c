/* SPDX-License-Identifier: MIT */
#include "export.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/error.h"

spn_status spk_export_convert(spk_export_format format, const char *name, int from, int to,
		spk_export_losses *ret_losses, spn_error *err)
{
	struct stat st;
	spk_export_input input = { .fd = from, .name = name, .total = fstat(from, &st) == 0 ? (size_t)st.st_size : 0 };
	spk_export_output output = { .fd = to, .name = name };
	spn_status status = (format == SPK_EXPORT_CSV ? spk_export_csv : spk_export_json)(&input, &output, err);
	if (!status)
		status = spk_export_flush(&output, err);
	*ret_losses = output.losses;
	free(input.data);
	spk_text_free(&output.text);
	spk_text_free(&output.dn);
	spk_text_free(&output.last_dn);
	spk_text_free(&output.lines);
	spk_text_free(&output.lists);
	spk_keys_free(&output.known);
	spk_text_free(&output.scratch);
	spk_text_free(&output.shown);
	return status;
}
