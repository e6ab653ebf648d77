/* SPDX-License-Identifier: MIT */
/* posing.h - names that make an account look like a KDC or a domain controller */
#ifndef SPK_POSING_H
#define SPK_POSING_H

#include "plan/explain.h"

/* As spn_account_poses_as: what a name makes of an account; NULL: nothing of the kind. */
spn_status spk_account_pose(const spn_account *account, const char *spn, const char **ret_as, spn_error *err);

/* Whether a name may do so, as its first byte tells. */
bool spk_may_pose(const char *spn);

/* Tells fn that an account holds, or is given, such a name; does nothing for other names. */
spn_status spk_posing_tell(const spk_teller *to, const spn_account *account, spn_bytes name, const spk_repairs *repairs,
		spn_error *err);

/* SPN_ERR_REFUSED if one of the names is of this kind, whatever the account is: for names that nobody asked for. */
spn_status spk_posing_refuse(const spn_account *account, const char *const *spns, size_t n_spns, spn_error *err);

#endif
