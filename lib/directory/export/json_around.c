/* SPDX-License-Identifier: MIT */
#include "json_around.h"

#include <string.h>
#include <strings.h>

#include "export.h"
#include "model/ldif/ldif.h"

bool spk_json_is_around(const char *key)
{
	static const char *const names[] = { "data", "users", "computers", "value", "entries" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (spk_ascii_equal(key, names[i]))
			return true;
	return false;
}

bool spk_json_is_account(json_t *others)
{
	const char *key;
	json_t *member;
	size_t n = 0;
	bool is_known = false, has_names = false, is_base = false;
	json_object_foreach(others, key, member) {
		const spk_export_column column = spk_export_column_of(key);
		const char *first = json_string_value(json_is_array(member) ? json_array_get(member, 0) : member);
		bool is_judged = column.attr && (column.kind != SPK_EXPORT_TEXT || spk_ldif_is_needed(column.attr));
		bool has_attributes = (!strcmp(key, "attributes") || !strcmp(key, "Properties")) && json_is_object(member);
		bool is_dn = column.kind == SPK_EXPORT_DN || column.kind == SPK_EXPORT_DN_AGAIN;
		bool holds = spk_export_holds_spns(&column) && !(first && strchr(first, '*'));
		if (holds && json_array_size(member) + json_object_size(member) > 0)
			return true;
		n += (is_judged && column.kind != SPK_EXPORT_SKIP) || has_attributes;
		is_known |= is_dn || spk_ascii_equal(key, "sAMAccountName");
		has_names |= (holds && json_string_length(member) > 0) || has_attributes;
		is_base |= is_dn && json_is_string(member) && strncasecmp(json_string_value(member), "CN=", 3) != 0;
	}
	return !is_base && (n > 2) + is_known + has_names > 1;
}
