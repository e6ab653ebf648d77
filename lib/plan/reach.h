/* SPDX-License-Identifier: MIT */
/* reach.h - which names of an account we may write */
#ifndef SPK_REACH_H
#define SPK_REACH_H

#include "account/account.h"

/* What a domain controller tells of us and the names of one account. */
typedef enum spk_reach {
	SPK_REACH_NONE,
	SPK_REACH_UNKNOWN, /* no more than SPK_REACH_OWN: what the permissions say is not shown */
	SPK_REACH_OWN,     /* validated write: we may delete all of them, and add those of its own host */
	SPK_REACH_ANY
} spk_reach;

/* What a controller says may be written, by property; and a number that every controller gives, if it gives such things
 * at all ([MS-ADTS] 3.1.1.4.5.7, 3.1.1.4.5.4). */
#define SPK_MAY_WRITE "allowedAttributesEffective"
#define SPK_TELLS_RIGHTS "sDRightsEffective"

/* What must be read of an entry so that the functions below can judge it. */
#define SPK_REACH_ATTRS \
	SPK_MAY_WRITE, SPK_TELLS_RIGHTS, "objectSid", SPK_KIND_ATTRS, "dNSHostName", "userAccountControl", \
			"primaryGroupID", "msDS-AdditionalDnsHostName", "msDS-AdditionalSamAccountName"
extern const char *const spk_reach_attrs[];

/* Searches further only where the names may not be written as a property: for who we are, and for the permissions. */
spn_status spk_reach_of(spn_directory *dir, const spn_entry *entry, spk_reach *ret_reach, spn_error *err);

/* Whether an entry is who we are. */
spn_status spk_reach_is_ourself(spn_directory *dir, const spn_entry *entry, bool *ret_is, spn_error *err);

/* Reads the account at dn if we may not write all of its names, but some; NULL: we may, or none, or nobody tells, as
 * for a file.  The caller frees it. */
spn_status spk_reach_read_limited(spn_directory *dir, const char *dn, spn_account **ret_limited, spn_error *err);

/* Of an account whose names we may write in part: why validated write is not enough to give it a name, with the right
 * that is; NULL: it is enough.  Of a managed account, only a port tells that.  for_certain: what is left to a
 * controller to judge of its own names counts as not enough.  The text stays. */
spn_status spk_reach_objection(spn_directory *dir, const spn_entry *limited, spn_bytes name, bool for_certain,
		const char **ret_why, spn_error *err);

/* Appends who has the right that we lack, for behind what says so; "" if that is not known. */
spn_status spk_reach_put_others(spn_directory *dir, const char *dn, spk_text *text, spn_error *err);

#endif
