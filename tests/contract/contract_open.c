/* SPDX-License-Identifier: MIT */
/* The library's own back ends, by their URL. */
#include "contract.h"

spn_status contract_open(const char *url, spn_dialect dialect, bool read_only, spn_directory **ret_dir, spn_error *err)
{
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.dialect = dialect;
	options.read_only = read_only;
	return spn_directory_open(url, &options, ret_dir, err);
}
