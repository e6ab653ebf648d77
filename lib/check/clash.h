/* SPDX-License-Identifier: MIT */
/* clash.h - which of very many names may be on two accounts, told from fingerprints */
#ifndef SPK_CLASH_H
#define SPK_CLASH_H

#include <stdint.h>

#include "model/fold.h"
#include "model/mapping.h"

/*
 * Sixteen bytes a name: names go by, and only what may clash is kept as text.  Two names are of one family if they are
 * equal once each alias is taken for its target: HOST/x, http/x, cifs/x.  A family is suspect as soon as two accounts
 * hold the same name of it, or one holds a target and another an alias.
 */
typedef struct spk_clash spk_clash;

/* A name that may clash, as it is spelled somewhere.  Those of one family stand together. */
typedef struct spk_suspect {
	char *name;
	size_t family;      /* a number from 1, in the order in which families were suspected */
	const char *target; /* the folded class of which that of the name is an alias, or NULL; belongs to the clash */
	bool is_target;     /* whether others are aliases of its class */
} spk_suspect;

/* folding: how names compare; their classes always as on Windows. */
spn_status spk_clash_new(const spk_mapping *mapping, spk_folding folding, spk_clash **ret_clash, spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spk_clash *spk_clash_free(spk_clash *clash);

/* Takes note of a name of an account; accounts are numbers from 1, and the names of one come together. */
spn_status spk_clash_add(spk_clash *clash, uint32_t account, spn_bytes text, spn_error *err);

/* To be called once, after the last name: lends the suspects, families in the order in which they were suspected. */
spn_status spk_clash_finish(spk_clash *clash, const spk_suspect **ret_suspects, size_t *ret_n, spn_error *err);

static inline void spk_cleanup_clash(spk_clash **where)
{
	spk_clash_free(*where);
}
/* SPK_AUTOCLASH spk_clash *clash = NULL; */
#define SPK_AUTOCLASH __attribute__((cleanup(spk_cleanup_clash)))

#endif
