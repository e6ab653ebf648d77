/* SPDX-License-Identifier: MIT */
/* When and where the names of an account were changed last. */
#include <spnkit/changes.h>

#include <stdio.h>
#include <string.h>

#include "account/account.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/metadata.h"

#define METADATA "replPropertyMetaData"
#define INVOKED "invocationId"
/* Of the entry that lists the controllers: each value is an invocationId, and the name of the controller. */
#define KNOWN "controller"

/* The name of a controller is that of its server object, above its settings ([MS-ADTS] 6.1.1.2.2.1.2.1). */
static spn_status note_controller(const spn_entry *entry, void *data, spn_error *err)
{
	const spn_bytes *invoked;
	SPK_AUTOTEXT spk_text value = { 0 };
	if (!spn_entry_values(entry, INVOKED, &invoked) || invoked[0].len != SPK_GUID_SIZE)
		return SPN_OK;
	spk_text_add_bytes(&value, invoked[0].data, invoked[0].len);
	spk_dn_first_value(spk_dn_parent(spn_entry_dn(entry)), &value);
	return value.failed ? spk_nomem(err) : spn_entry_add(data, KNOWN, (spn_bytes){ value.data, value.len }, err);
}

/* Those of the forest, read once for a directory. */
static spn_status read_controllers(spn_directory *dir, const spn_entry **ret_known, spn_error *err)
{
	static const char *const attrs[] = { INVOKED, NULL };
	const char *configuration = NULL;
	spn_entry **known = spk_directory_controllers(dir);
	spn_status status =
			*known ? SPN_OK : spk_directory_context(dir, "configurationNamingContext", &configuration, err);
	*ret_known = *known;
	if (status || *known)
		return status;
	SPK_AUTO(spn_entry) *read = NULL;
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = spk_bytes("nTDSDSA") };
	const spn_search search = {
		.base = configuration, .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = attrs
	};
	status = spn_entry_new("", &read, err);
	spn_error why = { .status = SPN_OK };
	if (!status && configuration) /* without the right to read them, only the time is known */
		status = spn_directory_search(dir, &search, note_controller, read, &why) == SPN_ERR_NOMEM ?
				spk_nomem(err) :
				SPN_OK;
	if (status)
		return status;
	*ret_known = *known = read;
	read = NULL;
	return SPN_OK;
}

static spn_status name_controller(spn_directory *dir, const char *invoked, char *name, size_t size, spn_error *err)
{
	const spn_entry *known = NULL;
	const spn_bytes *values = NULL;
	spn_status status = read_controllers(dir, &known, err);
	size_t n = status ? 0 : spn_entry_values(known, KNOWN, &values);
	*name = '\0';
	for (size_t i = 0; i < n; i++)
		if (memcmp(values[i].data, invoked, SPK_GUID_SIZE) == 0)
			snprintf(name, size, "%s", values[i].data + SPK_GUID_SIZE);
	spk_make_printable(name);
	return status;
}

struct found {
	bool is_found;
	uint32_t version;
	int64_t when;
	char invoked[SPK_GUID_SIZE];
};

static spn_status read_stamp(const spn_entry *entry, void *data, spn_error *err)
{
	struct found *found = data;
	const spn_bytes *values;
	spk_metadata names;
	(void)err;
	found->is_found = spn_entry_values(entry, METADATA, &values) > 0 &&
			spk_metadata_find(values[0], SPK_ATTID_SPN, &names);
	if (!found->is_found)
		return SPN_OK;
	found->version = names.version;
	found->when = names.when;
	memcpy(found->invoked, names.invoked, sizeof found->invoked);
	return SPN_OK;
}

spn_status spn_names_last_change(spn_directory *dir, const char *dn, spn_last_change *ret_change, spn_error *err)
{
	static const char *const attrs[] = { METADATA, NULL };
	struct found found = { .is_found = false };
	if (!dir || !dn || !ret_change)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_names_last_change: an argument is NULL");
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_status status = spn_directory_search(dir, &search, read_stamp, &found, err);
	if (!status && !found.is_found)
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0,
				"nothing tells when servicePrincipalName of '%s' was changed", dn);
	if (status)
		return status;
	ret_change->when = found.when;
	ret_change->version = found.version;
	return name_controller(dir, found.invoked, ret_change->server, sizeof ret_change->server, err);
}
