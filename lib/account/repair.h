/* SPDX-License-Identifier: MIT */
/* repair.h - what mends a finding, put together */
#ifndef SPK_REPAIR_H
#define SPK_REPAIR_H

#include <stdbool.h>

#include <spnkit/check.h>

#include "base/text.h"

typedef struct spk_repairs {
	spn_repair *list;
	size_t n;
	bool failed; /* memory ran out: spk_tell returns SPN_ERR_NOMEM */
} spk_repairs;

/* Adds a copy of a repair, with all that it points to. */
void spk_repairs_add(spk_repairs *repairs, const spn_repair *repair);
/* Likewise, in the domain of a directory: it is named if somebody has chosen it.  Without the name, the repair would
 * change another domain, where others may have the same names. */
void spk_repairs_add_in(spk_repairs *repairs, spn_directory *dir, spn_repair repair);
/* That name, for repairs by other programs; "": none. */
void spk_repair_domain(spn_directory *dir, spk_text *ret_domain);
/* Drops all of them: no repair is offered. */
void spk_repairs_clear(spk_repairs *repairs);
/* A copy of one; NULL of NULL.  False without memory. */
bool spk_repair_copy(const spn_repair *repair, const spn_repair **ret_copy);
/* Accepts NULL. */
void spk_repair_free(const spn_repair *copy);
#define SPK_AUTOREPAIRS __attribute__((cleanup(spk_repairs_clear)))

#endif
