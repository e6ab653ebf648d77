/* SPDX-License-Identifier: MIT */
#include "json_text.h"

/* The names of a set of rights. */
static json_t *array_of_rights(spn_report *report, unsigned rights)
{
	json_t *array = json_array();
	for (unsigned right = 1; right && right <= rights; right <<= 1)
		if (rights & right && json_array_append_new(array, json_string(spn_right_name(right))) != 0)
			report->lost = true;
	return array;
}

static json_t *trustee_of(spn_report *report, const spn_account *account, const spn_trustee *trustee, bool is_asked)
{
	return json_pack("{s:{s:o, s:o}, s:{s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:b, s:b, s:b}",
			"account", "dn", spk_json_text(spn_account_dn(account)), "account",
			spk_json_text(spn_account_name(account)), "trustee", "sid", spk_json_text(trustee->sid), "name",
			spk_json_text(trustee->name), "dn", *trustee->dn ? spk_json_text(trustee->dn) : json_null(), "rights",
			array_of_rights(report, trustee->rights), "inherited", array_of_rights(report, trustee->inherited),
			"conditional", array_of_rights(report, trustee->conditional), "granted", spk_json_text(trustee->granted),
			"except", *trustee->except ? spk_json_text(trustee->except) : json_null(), "denied",
			*trustee->denied ? spk_json_text(trustee->denied) : json_null(), "itself", trustee->is_itself,
			"administrator", trustee->is_administrator, "everybody", trustee->is_everybody, "deleted",
			trustee->is_nobody, "idle", trustee->is_idle, "asked", is_asked);
}

void spk_json_rights(spn_report *report, const spn_rights *rights)
{
	for (size_t i = 0; !rights->who && i < rights->n_trustees; i++)
		spk_json_emit(report, &report->out, trustee_of(report, rights->account, &rights->trustees[i], false));
	if (!rights->who)
		return;
	json_t *object = trustee_of(report, rights->account, rights->who, true);
	if (object && rights->condition)
		report->lost |= json_object_set_new(object, "condition", spk_json_text(rights->condition)) != 0;
	spk_json_emit(report, &report->out, object);
}
