/* SPDX-License-Identifier: MIT */
/* known.h - the domains that a directory itself knows: its own, those of its forest, and those that trust it */
#ifndef SPK_KNOWN_H
#define SPK_KNOWN_H

#include "directory.h"
#include "base/text.h"

/* The DNS name of the directory's own domain; "" if its root DSE has none. */
spn_status spk_domain_own(spn_directory *dir, spk_text *ret_dns, spn_error *err);

/* The DNS name of the domain of the forest whose partition has this value (nCName, nETBIOSName; [MS-ADTS] 6.1.1.2.1.1);
 * "": none. */
spn_status spk_known_partition(
		spn_directory *dir, const char *attr, const char *value, spk_text *ret_dns, spn_error *err);

/* The DNS name of the domain that trusts ours, by trustPartner or flatName ([MS-ADTS] 6.1.6.7); "": none. */
spn_status spk_known_trust(spn_directory *dir, const char *attr, const char *name, spk_text *ret_dns, spn_error *err);

/* The same as domain, if the forest has a domain of that DNS name; "": it has none. */
spn_status spk_known_in_forest(spn_directory *dir, const char *domain, spk_text *ret_dns, spn_error *err);

/* Whether a domain, by its DNS name, is one of the forest, or trusts ours. */
spn_status spk_domain_is_known(spn_directory *dir, const char *domain, bool *ret_known, spn_error *err);

#endif
