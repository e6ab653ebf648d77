/* SPDX-License-Identifier: MIT */
#include "identity.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "model/adtypes.h"
#include "model/dn.h"

static spn_status note_identity(const spn_entry *entry, void *data, spn_error *err)
{
	spk_text *text = data;
	const spn_bytes *value;
	char sid[SPK_SID_TEXT];
	if (spn_entry_values(entry, "objectSid", &value) && spk_sid_print(*value, sid)) {
		spk_text_add(text, "%s", sid);
	} else if (spn_entry_values(entry, "objectGUID", &value)) {
		spk_text_add(text, "objectGUID ");
		for (size_t i = 0; i < value->len; i++)
			spk_text_add(text, "%02x", (unsigned char)value->data[i]);
	}
	return text->failed ? spk_nomem(err) : SPN_OK;
}

spn_status spk_identity_read(spn_directory *dir, char **ret_identity, spn_error *err)
{
	static const char *const attrs[] = { "objectSid", "objectGUID", NULL };
	SPK_AUTOTEXT spk_text text = { 0 };
	const char *base;
	spn_status status = spk_directory_context(dir, "defaultNamingContext", &base, err);
	const spn_search search = { .base = base, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	if (!status && base)
		status = spn_directory_search(dir, &search, note_identity, &text, err);
	if (status && status != SPN_ERR_NOT_FOUND && status != SPN_ERR_DENIED) /* an export may lack the entry */
		return status;
	char *copy = strdup(text.data ? text.data : "");
	if (!copy)
		return spk_nomem(err);
	*ret_identity = copy;
	return SPN_OK;
}

spn_status spk_identity_check_base(const spn_journal_info *info, spn_directory *dir, spn_error *err)
{
	const char *here;
	spn_status status = spk_directory_context(dir, "defaultNamingContext", &here, err);
	if (!status && *info->base && here && !spk_dn_equal(info->base, here))
		status = spn_fail(err, SPN_ERR_REFUSED, 0, "the journal '%s' belongs to '%s', and '%s' is '%s'",
				info->path, info->base, spn_directory_url(dir), here);
	return status;
}

spn_status spk_identity_check(const struct spk_journal_file *file, spn_directory *dir, spn_error *err)
{
	SPK_AUTOFREE char *here = NULL;
	const spn_journal_info *info = &file->info;
	const char *url = spn_directory_url(dir);
	if (*info->url && !spk_directory_may_be_at(dir, info->url))
		return spn_fail(err, SPN_ERR_REFUSED, 0, "the journal '%s' belongs to '%s', not to '%s'", info->path, info->url, url);
	spn_dialect rules = file->rules;
	spn_status status = spk_identity_check_base(info, dir, err);
	if (!status && file->rules == SPN_DIALECT_SAMBA)
		status = spk_directory_rules(dir, &rules, err);
	if (!status && rules != file->rules)
		status = spn_fail(err, SPN_ERR_REFUSED, 0,
				"the journal '%s' was written with Samba's rules, and '%s' is open with those of "
				"Windows",
				info->path, url);
	if (status || !*info->identity)
		return status;
	status = spk_identity_read(dir, &here, err);
	if (!status && strcmp(here, info->identity) != 0)
		status = spn_fail(err, SPN_ERR_REFUSED, 0,
				"the journal '%s' belongs to the domain %s, and the one at '%s' is another: %s",
				info->path, info->identity, url, *here ? here : "it does not say which");
	return status;
}
