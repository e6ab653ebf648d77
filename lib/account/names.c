/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

spn_status spk_names_add(spk_names *names, const char *name, spn_error *err)
{
	char **grown = realloc(names->list, (names->n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	names->list = grown;
	grown[names->n] = strdup(name);
	if (!grown[names->n])
		return spk_nomem(err);
	names->n++;
	return SPN_OK;
}

spn_status spk_names_collect(const char *name, void *names, spn_error *err)
{
	return spk_names_add(names, name, err);
}

bool spk_names_contain(const spk_names *names, const char *name, spk_folding folding)
{
	for (size_t i = 0; i < names->n; i++)
		if (spk_fold_equal(spk_bytes(names->list[i]), spk_bytes(name), folding))
			return true;
	return false;
}

void spk_names_free(spk_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->list[i]);
	free(names->list);
	*names = (spk_names){ 0 };
}
