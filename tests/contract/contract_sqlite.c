/* SPDX-License-Identifier: MIT */
/* The back end of examples/sqlite_backend.c: a new one, made of the LDIF file, for each test. */
#define SQLITE_DIRECTORY_ONLY
#include "../../examples/sqlite_backend.c"

#include "contract.h"

spn_status contract_open(const char *url, spn_dialect dialect, bool read_only, spn_directory **ret_dir, spn_error *err)
{
	spn_directory *ldif = NULL;
	(void)dialect;
	spn_status status = spn_directory_open(url, NULL, &ldif, err);
	if (!status)
		status = sqlite_directory_new(ldif, read_only, ret_dir, err);
	spn_directory_free(ldif);
	return status;
}
