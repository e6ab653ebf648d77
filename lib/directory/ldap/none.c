/* SPDX-License-Identifier: MIT */
#include "directory/directory.h"

#include "base/error.h"

spn_status spk_ldap_open(spn_directory *from, const char *url, const spn_open_options *options, spn_directory **ret_dir,
		spn_error *err)
{
	(void)from;
	(void)options;
	(void)ret_dir;
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "'%s' cannot be opened: this build has no LDAP, only ldif:FILE",
			url ? url : "a domain controller");
}
