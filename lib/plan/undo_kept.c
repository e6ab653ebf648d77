/* SPDX-License-Identifier: MIT */
#include "undo_kept.h"

#include <string.h>

#include "plan.h"
#include "rights.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
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

static spn_status add_denied(
		spk_kept *kept, const spn_step *step, const spn_mod *mod, const spn_error *why, spn_error *err)
{
	bool is_spn = spk_mod_is_spn(mod);
	SPK_AUTOFREE char *reason = spk_printf("'%s%s%s' %s: %s", is_spn ? "" : mod->attr, is_spn ? "" : ": ", mod->value.data,
			mod->op == SPN_MOD_ADD ? "is not given back" : "stays where it is", why->message);
	kept->n_denied++;
	return spk_kept_add(kept, step, mod, reason, err);
}

/* One value after the other: of some names, validated write is enough. */
spn_status spk_kept_add_denied(spk_kept *kept, spn_directory *dir, const spn_step *step, spn_error *err)
{
	spn_error why = { .status = SPN_OK };
	spn_status status = spk_directory_is_local(dir) ? SPN_OK : spk_rights_check_step(dir, step, &why);
	bool is_denied = status == SPN_ERR_DENIED;
	if (status && !is_denied)
		return spk_fail_as(err, status, &why, "%s", why.message);
	status = SPN_OK;
	for (size_t j = 0; is_denied && !status && j < step->n_mods; j++) {
		spn_step part = *step;
		part.mods += j;
		part.n_mods = 1;
		status = spk_rights_check_step(dir, &part, &why);
		if (status == SPN_ERR_DENIED)
			status = add_denied(kept, step, part.mods, &why, err);
		else if (status)
			spk_fail_as(err, status, &why, "%s", why.message);
	}
	return status;
}

void spk_kept_free(spk_kept *kept)
{
	spk_names_free(&kept->keys);
	spk_names_free(&kept->reasons);
}
