/* SPDX-License-Identifier: MIT */
#include "samba.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "values.h"
#include "base/error.h"
#include "model/entry.h"

/* Whether it takes no name away; of other attributes, it may do anything. */
static bool only_adds_names(const spn_step *step)
{
	for (size_t i = 0; i < step->n_mods; i++)
		if (step->mods[i].op != SPN_MOD_ADD && spk_mod_is_spn(&step->mods[i]))
			return false;
	return true;
}

/* The first change of names; step->n_mods: there is none. */
static size_t first_of_names(const spn_step *step)
{
	size_t i = 0;
	while (i < step->n_mods && !spk_mod_is_spn(&step->mods[i]))
		i++;
	return i;
}

bool spk_samba_begins_by_deleting(const spn_step *step)
{
	size_t first = first_of_names(step);
	return first < step->n_mods && step->mods[first].op == SPN_MOD_DELETE;
}

bool spk_samba_is_to_be_passed(const spn_step *step, spn_status status, const spn_error *why)
{
	enum { INSUFFICIENT_ACCESS = 50, HELD = 0x202f };
	if (spk_samba_begins_by_deleting(step))
		return status == SPN_ERR_NOT_UNIQUE || status == SPN_ERR_REFUSED;
	return status == SPN_ERR_NOT_UNIQUE && why->native != INSUFFICIENT_ACCESS && why->win32 != HELD &&
			step->flags & SPN_TAKEOVER && only_adds_names(step);
}

spn_status spk_samba_make_fleeting(spn_directory *dir, const char *dn, char **ret_name, spn_error *err)
{
	static const char *const attrs[] = { "sAMAccountName", NULL };
	SPK_AUTO(spn_entry) *entry = NULL;
	spn_status status = spk_values_read(dir, dn, attrs, &entry, err);
	if (status)
		return status;
	const char *account = spn_entry_text(entry, "sAMAccountName");
	size_t len = account ? strlen(account) : 0;
	bool is_computer = len > 1 && account[len - 1] == '$';
	*ret_name = spk_printf("spnkit-%lx-%lx/%.*s", (unsigned long)time(NULL), (unsigned long)getpid(),
			is_computer ? (int)(len - 1) : 1, is_computer ? account : "x");
	return *ret_name ? SPN_OK : spk_nomem(err);
}

bool spk_samba_judges(const spn_step *step, size_t j)
{
	size_t first = first_of_names(step);
	for (size_t i = first; i <= j; i++)
		if (!spk_mod_is_spn(&step->mods[i]) || step->mods[i].op != step->mods[first].op)
			return false;
	return !(step->flags & SPN_TAKEOVER && only_adds_names(step));
}
