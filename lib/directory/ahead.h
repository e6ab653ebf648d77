/* SPDX-License-Identifier: MIT */
/*
 * ahead.h - searches that are sent together before their answers are needed
 *
 * Checks are written one after the other, each with the searches that it needs.  Over a distant line each of those is a
 * round trip.  So a look is run first: the same checks, of which nothing is done but to note which searches they would
 * make.  Those are sent together, the look is run again with the answers, which gets it further, and so on.  When the
 * checks are made in earnest, their searches are answered by what has come.  A search that nobody foresaw is made as
 * always: so the outcome never depends on a look, only the number of round trips does.
 */
#ifndef SPK_AHEAD_H
#define SPK_AHEAD_H

#include <spnkit/backend.h>

#include "model/fold.h"

/* A search, and what came of it. */
typedef struct spk_want spk_want;

/* What is known ahead of a directory.  Start from { 0 }. */
typedef struct spk_ahead {
	spk_want **list;
	size_t n;
	bool is_looking;   /* a look runs: searches are noted, not made */
	bool is_open;      /* answers are kept: nothing has been changed since, and nobody was waited for */
	bool is_single;    /* the first answer is the last one: whoever gets it may take his time */
	spn_entry *presumed_root; /* while a look runs before the root DSE is known */
	char *subject;     /* what the look is about; NULL: nothing in particular */
	spk_want **old;    /* the searches of the last one that had a subject, without answers */
	size_t n_old;
	char *old_subject;
} spk_ahead;

void spk_ahead_free(spk_ahead *ahead);

/* Notes a search, whose base is known, unless it is noted already. */
void spk_ahead_note(spk_ahead *ahead, const spn_search *search);
/* The searches of the last look at the same subject are noted again. */
void spk_ahead_begin(spk_ahead *ahead, const char *subject);
/* Makes those from number first on.  Entries are kept; a search that found too many, or failed, has no answer. */
void spk_ahead_ask(spk_ahead *ahead, size_t first, const spn_backend *backend, void *self);
/* No answer is good any more. */
void spk_ahead_forget(spk_ahead *ahead);

/* Answers a search, if that is known: *ret_known; if not, and a look runs, it is noted.  folding is set on its
 * entries. */
spn_status spk_ahead_answer(spk_ahead *ahead, const spn_search *search, spk_folding folding, spn_entry_fn *fn,
		void *data, bool *ret_known, spn_error *err);
/* Number i, as a search that can be shown. */
const spn_search *spk_ahead_search(const spk_ahead *ahead, size_t i);

/* What a root DSE would say of a domain.  NULL: no name of a domain, or no memory. */
spn_entry *spk_presumed_root(const char *domain);

#endif
