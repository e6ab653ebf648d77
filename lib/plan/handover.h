/* SPDX-License-Identifier: MIT */
/* handover.h - the names that an undo takes from one account and gives to another, or that make way for each other, as
 * HOST/x does for http/x: one that stops between the two leaves one of them on nobody */
#ifndef SPK_HANDOVER_H
#define SPK_HANDOVER_H

#include <spnkit/plan.h>

/* Start from { 0 }. */
typedef struct spk_handovers {
	size_t n;
	size_t *numbers; /* of each change of the plan: that of its handover; SIZE_MAX: it belongs to none */
} spk_handovers;

/* Finds those of a plan, by the directory's sPNMappings. */
spn_status spk_handovers_find(spn_directory *dir, const spn_plan *plan, spk_handovers *ret_handovers, spn_error *err);
/* The part of the plan that is about those from first to before end. */
spn_status spk_handovers_select(const spk_handovers *handovers, const spn_plan *plan, size_t first, size_t end,
		spn_plan **ret_part, spn_error *err);
void spk_handovers_free(spk_handovers *handovers);
#define SPK_AUTOHANDOVERS __attribute__((cleanup(spk_handovers_free)))

#endif
