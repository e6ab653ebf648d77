/* SPDX-License-Identifier: MIT */
/* fold.h - when two values are equal for a directory */
#ifndef SPK_FOLD_H
#define SPK_FOLD_H

#include <stdint.h>

#include "base/keys.h"
#include "base/text.h"

typedef enum spk_folding {
	SPK_FOLD_WINDOWS, /* case, accents, width and kana type make no difference ([MS-ADTS] 3.1.1.2.2.4, [MS-UCODEREF]) */
	SPK_FOLD_CASE,    /* only case makes no difference */
	SPK_FOLD_SAMBA,   /* nor do blanks at the ends, repeated ones, or what follows a NUL */
	SPK_FOLD_EITHER   /* equal to one of the servers: where it does no harm to take two names for one */
} spk_folding;

/* < 0, 0, > 0.  Needs no memory. */
int spk_fold_compare(spn_bytes a, spn_bytes b, spk_folding folding);

static inline bool spk_fold_equal(spn_bytes a, spn_bytes b, spk_folding folding)
{
	return spk_fold_compare(a, b, folding) == 0;
}

/* Appends the folded text: values are equal if and only if their keys are. */
void spk_fold_key(spn_bytes value, spk_folding folding, spk_text *ret_key);

/* Of a set of keys: the number of a value, new or not; SIZE_MAX if memory runs out. */
size_t spk_folded_add(spk_keys *keys, spn_bytes value, spk_folding folding);
/* Its number; SIZE_MAX: it is not in the set.  False: memory ran out. */
bool spk_folded_find(const spk_keys *keys, spn_bytes value, spk_folding folding, size_t *ret_place);

/* A hash of the key, which needs no memory. */
uint64_t spk_fold_hash(spn_bytes value, spk_folding folding, uint64_t seed);

#endif
