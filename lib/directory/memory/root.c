/* SPDX-License-Identifier: MIT */
#include "memory.h"
#include "model/dn.h"

spn_status spk_memory_root(void *self, spn_entry **ret_root, spn_error *err)
{
	spk_memory *memory = self;
	SPK_AUTO(spn_entry) *root = NULL;
	spn_status status = spk_memory_refresh(memory, err);
	if (!status)
		status = spn_entry_new("", &root, err);
	if (!status && memory->domain)
		status = spn_entry_add(root, "defaultNamingContext", spk_bytes(memory->domain), err);
	if (!status && memory->config)
		status = spn_entry_add(root, "configurationNamingContext", spk_bytes(memory->config), err);
	/* the configuration hangs below the root of the forest */
	const char *forest = memory->config ? spk_dn_parent(memory->config) : memory->domain;
	if (!status && forest)
		status = spn_entry_add(root, "rootDomainNamingContext", spk_bytes(forest), err);
	if (!status && memory->rules == SPN_DIALECT_SAMBA)
		status = spn_entry_add(root, "vendorName", spk_bytes("Samba Team (https://www.samba.org)"), err);
	if (status)
		return status;
	*ret_root = root;
	root = NULL;
	return SPN_OK;
}
