/* SPDX-License-Identifier: MIT */
/* journal_directory.c - opening what a journal has changed */
#include <string.h>

#include <spnkit/backend.h>
#include <spnkit/plan.h>

#include "base/options.h"

spn_status spn_journal_directory_open(const spn_journal_info *info, const char *url, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err)
{
	spn_open_options open;
	spn_credentials credentials;
	spn_dialect dialect = SPN_DIALECT_WINDOWS;
	if (!info || !ret_dir)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_directory_open: an argument is NULL");
	spn_status status = spk_options_take(options, &open, &credentials, err);
	if (!status)
		status = spn_journal_dialect(info->path, &dialect, err);
	if (status)
		return status;
	if (dialect == SPN_DIALECT_SAMBA)
		open.dialect = dialect;
	bool is_its_file = !url && strncmp(info->url, "ldif:", strlen("ldif:")) == 0;
	bool is_in_base = is_its_file && !open.domain && *info->base; /* a file may hold several domains */
	if (is_in_base)
		open.domain = info->base;
	status = spn_directory_open(url ? url : info->url, &open, ret_dir, err);
	if (status == SPN_ERR_INVALID && is_in_base) { /* it has gone from there: the refusal to undo says so */
		open.domain = NULL;
		status = spn_directory_open(info->url, &open, ret_dir, err);
	}
	return status;
}
