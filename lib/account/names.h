/* SPDX-License-Identifier: MIT */
/* names.h - a list of names that is put together */
#ifndef SPK_NAMES_H
#define SPK_NAMES_H

#include <spnkit/error.h>

#include "model/fold.h"

typedef struct spk_names {
	char **list;
	size_t n;
} spk_names;

/* As spk_names_add, for functions that hand names on; names is a list. */
spn_status spk_names_collect(const char *name, void *names, spn_error *err);
spn_status spk_names_add(spk_names *names, const char *name, spn_error *err);
bool spk_names_contain(const spk_names *names, const char *name, spk_folding folding);
void spk_names_free(spk_names *names);
#define SPK_AUTONAMES __attribute__((cleanup(spk_names_free)))

#endif
