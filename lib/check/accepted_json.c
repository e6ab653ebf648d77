/* SPDX-License-Identifier: MIT */
#include "accepted.h"

#include <stdlib.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"

static spn_status read_record(const json_t *record, spk_accepted_fn *fn, void *data, spn_error *err)
{
	const char *code = json_string_value(json_object_get(record, "code"));
	const json_t *accounts = json_object_get(record, "accounts"), *also = json_object_get(record, "also");
	size_t n = json_array_size(accounts);
	if (!code)
		return SPN_OK; /* a note, or the summary */
	SPK_AUTOFREE const char **dns = calloc(n + 1, sizeof *dns);
	if (!dns)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const char *dn = json_string_value(json_object_get(json_array_get(accounts, i), "dn"));
		dns[i] = dn ? dn : "";
	}
	spn_status status = fn(code, json_string_value(json_object_get(record, "spn")), dns, n, data, err);
	for (size_t i = 0; !status && i < json_array_size(also); i++)
		status = fn(code, json_string_value(json_array_get(also, i)), dns, n, data, err);
	return status;
}

spn_status spk_accepted_read_json(const char *line, spk_accepted_fn *fn, void *data, spn_error *err)
{
	json_t *record = json_loads(line, 0, NULL);
	spn_status status = record ? read_record(record, fn, data, err) :
			spn_fail(err, SPN_ERR_SYNTAX, 0, "not a JSON object as printed by audit with --json");
	json_decref(record);
	return status;
}
