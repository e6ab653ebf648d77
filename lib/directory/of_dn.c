/* SPDX-License-Identifier: MIT */
/* of_dn.c - which of several directories is that of an account */
#include <strings.h>

#include <spnkit/directory.h>

#define DOMAIN_SIZE 300 /* no DNS name is longer than 255 */

spn_directory *spn_directory_of_dn(spn_directory *const *dirs, size_t n, const char *dn)
{
	char own[DOMAIN_SIZE], its[DOMAIN_SIZE];
	const char *base;
	if (!dirs || !dn)
		return NULL;
	spn_dn_domain(dn, own, sizeof own);
	for (size_t i = 0; i < n; i++) {
		if (spn_directory_base(dirs[i], &base, NULL) != SPN_OK)
			continue;
		spn_dn_domain(base, its, sizeof its);
		if (strcasecmp(its, own) == 0)
			return dirs[i];
	}
	return NULL;
}
