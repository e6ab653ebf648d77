/* SPDX-License-Identifier: MIT */
/* identity.h - which directory a journal belongs to */
#ifndef SPK_IDENTITY_H
#define SPK_IDENTITY_H

#include "journal_file.h"

/*
 * What tells a domain from another one of the same name: its SID, else the objectGUID of the entry at the top; "" if we
 * can read neither.  Free it.
 */
spn_status spk_identity_read(spn_directory *dir, char **ret_identity, spn_error *err);

/*
 * Whether dir is the directory that a journal was written for: both live or both the same file, and the same domain.
 *
 * Returns SPN_ERR_REFUSED if it is another one.
 */
spn_status spk_identity_check(const struct spk_journal_file *file, spn_directory *dir, spn_error *err);

/* As spk_identity_check, but of the naming context alone: elsewhere there is none of the entries. */
spn_status spk_identity_check_base(const spn_journal_info *info, spn_directory *dir, spn_error *err);

#endif
