/* SPDX-License-Identifier: MIT */
/* changes.h - two states of a domain side by side */
#ifndef SPK_CHANGES_H
#define SPK_CHANGES_H

#include <spnkit/changes.h>

#include "account/account.h"
#include "base/keys.h"
#include "account/mapping.h"
#include "model/fold.h"

/* The old state and the new one. */
enum { SPK_OLD, SPK_NEW, SPK_SIDES };
#define SPK_NOBODY SIZE_MAX

/* A state: the accounts in it that may differ from the other one's. */
typedef struct spk_side {
	spn_directory *dir;
	spk_accounts accounts;
	size_t *partners; /* of each account, its number on the other side; SPK_NOBODY: it is on this side only */
	bool *unseen; /* of those: the other side may just not show it */
} spk_side;

typedef struct spk_sides {
	spk_side side[SPK_SIDES];
	bool is_whole; /* what a side does not show is not there, or is as on the other side */
	bool is_of_one; /* both are looks at one export: what the older one did not show has come */
	spk_folding folding;
	bool *lost; /* set if memory ran out in a function that cannot return it */
	spk_keys renamed; /* pairs of DNs, of the old and of the new state, that are one account */
	spk_keys apart; /* DNs of the old state that are, or may be, of other accounts now */
} spk_sides;

/* changes_accounts.c: finds the accounts, and which one of one side is which of the other. */
spn_status spk_sides_read(spk_sides *sides, spn_error *err);
void spk_sides_free(spk_sides *sides);
/* Whether an account of the old state and one of the new state are the same one. */
bool spk_sides_same(const spk_sides *sides, const spn_account_ref *old, const spn_account_ref *now);

/* changes_cover.c: marks the accounts of one side that the other side may just not show. */
spn_status spk_sides_mark_unseen(spk_sides *sides, size_t side, spn_error *err);

/* A name that an account of one side holds, and its counterpart does not. */
typedef struct spk_move {
	spn_event_kind kind;
	char *spn; /* as it is shown */
	char *asked; /* as clients ask for it, if they do that with another text (Samba's KDC); else NULL */
	size_t from, to; /* accounts of the old and of the new side, or SPK_NOBODY */
	bool is_servable; /* a client can request it */
	bool is_odd; /* so can clients of Samba's KDC, though it is malformed: who answers is not known */
} spk_move;

typedef struct spk_moves {
	spk_move *list;
	size_t n, size;
	spk_keys unseen; /* the names of SPN_EVENT_UNSEEN, folded */
} spk_moves;

/* The name that clients ask for. */
static inline const char *spk_move_asked(const spk_move *move)
{
	return move->asked ? move->asked : move->spn;
}

/* changes_names.c: what came, went and moved, in the order of the accounts. */
spn_status spk_moves_find(const spk_sides *sides, spk_moves *ret_moves, spn_error *err);
void spk_moves_free(spk_moves *moves);
/* Whether an account that one side does not show may hold a name, or what the name is an alias of: then who answers for
 * it is known on one side only. */
spn_status spk_moves_unsure(const spk_sides *sides, const spk_moves *moves, const spk_mapping *mapping,
		const char *name, bool *ret_unsure, spn_error *err);

/* changes_answers.c: calls fn for each move, with who answered and who answers, and for the aliases that lead
 * elsewhere. mapping: that of the new state. */
spn_status spk_moves_tell(const spk_sides *sides, const spk_moves *moves, const spk_mapping *mapping, spn_event_fn *fn,
		void *data, spn_error *err);

/* changes.c: two exports, of which each may show accounts that the other one does not; two looks at one, as in
 * spk_sides; two looks at a domain, which are whole, as there, and need not have any names. */
typedef enum spk_pair { SPK_TWO_EXPORTS, SPK_LOOKS_AT_EXPORT, SPK_LOOKS_AT_DOMAIN } spk_pair;
/* As spn_changes.  with_findings: for names that changed hands, also reports what spn_find_duplicates finds. */
spn_status spk_changes(spn_directory *old, spn_directory *now, spk_pair pair, bool with_findings, spn_event_fn *fn,
		void *data, spn_error *err);

/* changes_rules.c: calls fn for each duplicate and alias conflict that a watch tells: it tells no notices. */
spn_status spk_names_find(spn_directory *dir, spn_finding_fn *fn, void *data, spn_error *err);
/* Calls fn for each finding of an audit that a watch tells in addition. */
spn_status spk_rules_find(spn_directory *dir, spn_finding_fn *fn, void *data, spn_error *err);
/* Calls fn for each of both kinds that only one of two states has; both have to be whole. */
spn_status spk_rules_changes(spn_directory *old, spn_directory *now, spn_event_fn *fn, void *data, spn_error *err);
/* Calls fn for one. */
spn_status spk_rules_tell(const spn_finding *finding, bool is_cleared, spn_event_fn *fn, void *data, spn_error *err);

#endif
