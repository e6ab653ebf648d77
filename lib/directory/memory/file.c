/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "memory.h"
#include "save.h"
#include "base/error.h"
#include "directory/directory.h"

/* A journal names the directory, and is read from another working directory, after links have been changed: the file
 * itself is named. */
static char *url_of(const char *path)
{
	if (strcmp(path, "-") == 0)
		return strdup("ldif:-");
	SPK_AUTOFREE char *real = realpath(path, NULL); /* a pipe has none */
	SPK_AUTOFREE char *absolute = real ? NULL : spk_absolute_path(path);
	return real || absolute ? spk_printf("ldif:%s", real ? real : absolute) : NULL;
}

spn_status spk_ldif_open(const char *path, const spn_open_options *options, spn_directory **ret_dir, spn_error *err)
{
	if (!*path)
		return spn_fail(err, SPN_ERR_INVALID, 0, "'ldif:' lacks a file: expected ldif:FILE, or ldif:- for standard input");
	if (options->dialect != SPN_DIALECT_WINDOWS && options->dialect != SPN_DIALECT_SAMBA)
		return spn_fail(err, SPN_ERR_INVALID, 0, "unknown dialect %d", (int)options->dialect);
	if (options->credentials->password)
		return spn_fail(err, SPN_ERR_INVALID, 0, "the password would be ignored: 'ldif:%s' asks for none", path);
	spk_store *store;
	spn_status status = spk_store_new_file(path, options->timeout, &store, err);
	if (status)
		return status;
	spk_memory *memory;
	status = spk_memory_new(store, options->dialect, options->domain, &memory, err);
	if (status)
		return status;
	bool read_only = options->read_only || strcmp(path, "-") == 0;
	memory->read_only = read_only;
	SPK_AUTOFREE char *url = url_of(path);
	status = url ? spn_directory_new(&spk_memory_backend, memory, url, read_only, ret_dir, err) : spk_nomem(err);
	if (status)
		spk_memory_free(memory);
	return status;
}

spn_status spk_text_open(const char *name, spn_bytes text, spn_dialect dialect, const char *domain,
		spn_directory **ret_dir, spn_error *err)
{
	spk_store *store;
	spk_memory *memory;
	spn_status status = spk_store_new_text(name, text, &store, err);
	if (!status)
		status = spk_memory_new(store, dialect, domain, &memory, err);
	if (status)
		return status;
	memory->read_only = true;
	status = spn_directory_new(&spk_memory_backend, memory, name, true, ret_dir, err);
	if (status)
		spk_memory_free(memory);
	return status;
}
