/* SPDX-License-Identifier: MIT */
/* Values that are not there. */
#include "export.h"
#include "model/ldif/ldif.h"

bool spk_export_holds_spns(const spk_export_column *column)
{
	return column->kind == SPK_EXPORT_SPNS;
}

void spk_export_lose(spk_export_output *output, const spk_export_column *column)
{
	if (column->kind == SPK_EXPORT_ACTORS) {
		output->losses.actors++;
		return;
	}
	output->losses.values++;
	if (spk_export_holds_spns(column))
		spk_export_hide_names(output);
}

void spk_export_hide_names(spk_export_output *output)
{
	spk_ldif_put_unfolded(&output->lists, spk_bytes("servicePrincipalName"), spk_bytes(""), false);
}

void spk_export_end_names(spk_export_output *output)
{
	static const spk_export_column column = SPK_EXPORT_COLUMN(SPK_EXPORT_SPNS, "servicePrincipalName");
	for (size_t i = 0; i < output->n_hidden && !output->shows_names; i++)
		spk_export_lose(output, &column);
}
