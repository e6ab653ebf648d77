/* SPDX-License-Identifier: MIT */
#include "undo_kept.h"

#include <string.h>

#include "plan.h"
#include "reach.h"
#include "base/error.h"
#include "base/text.h"
#include "model/ldif/ldif.h"

static char *key_of(const spn_step *step, const spn_mod *mod)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	if (spk_mod_is_spn(mod))
		return strdup(mod->value.data);
	spk_text_add(&key, "%s of %s: ", mod->attr, step->dn);
	spk_base64_encode(&key, mod->value.data, mod->value.len);
	return key.failed ? NULL : strdup(key.data);
}

spn_status spk_kept_has(const spk_kept *kept, spk_folding folding, const spn_step *step, const spn_mod *mod,
		bool *ret_has, spn_error *err)
{
	SPK_AUTOFREE char *key = key_of(step, mod);
	if (!key)
		return spk_nomem(err);
	*ret_has = spk_names_contain(&kept->keys, key, folding);
	return SPN_OK;
}

spn_status spk_kept_add_key(spk_kept *kept, const char *key, const char *reason, spn_error *err)
{
	spn_status status = key && reason ? spk_names_add(&kept->keys, key, err) : spk_nomem(err);
	return status ? status : spk_names_add(&kept->reasons, reason, err);
}

spn_status spk_kept_add(spk_kept *kept, const spn_step *step, const spn_mod *mod, const char *reason, spn_error *err)
{
	SPK_AUTOFREE char *key = key_of(step, mod);
	return spk_kept_add_key(kept, key, reason, err);
}

static spn_status add_denied(spk_kept *kept, spn_directory *dir, const spn_account *limited, const spn_step *step,
		const spn_mod *mod, spn_error *err)
{
	SPK_AUTOFREE char *why = NULL;
	spn_status status = spk_reach_objection(dir, limited->entry, mod->value, &why, err);
	if (status || !why)
		return status;
	SPK_AUTOFREE char *reason = spk_printf("'%s' is not given back to '%s': %s", mod->value.data, step->dn, why);
	kept->n_denied++;
	return spk_kept_add(kept, step, mod, reason, err);
}

static bool adds_name(const spn_step *step, size_t j)
{
	return step->mods[j].op == SPN_MOD_ADD && spk_mod_is_spn(&step->mods[j]);
}

spn_status spk_kept_add_denied(spk_kept *kept, spn_directory *dir, const spn_step *step, spn_error *err)
{
	SPK_AUTO(spn_account) *limited = NULL;
	size_t first = 0;
	while (first < step->n_mods && !adds_name(step, first))
		first++;
	spn_status status = first < step->n_mods ? spk_reach_read_limited(dir, step->dn, &limited, err) : SPN_OK;
	for (size_t j = first; !status && limited && j < step->n_mods; j++)
		if (adds_name(step, j))
			status = add_denied(kept, dir, limited, step, &step->mods[j], err);
	return status;
}

void spk_kept_free(spk_kept *kept)
{
	spk_names_free(&kept->keys);
	spk_names_free(&kept->reasons);
}
