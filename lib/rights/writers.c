/* SPDX-License-Identifier: MIT */
/* Who may write names, for the message of a refusal. */
#include "rights.h"

#include "base/error.h"
#include "directory/directory.h"

#define SHOWN 3

/* The place in the sentence decides what is shown. */
struct list {
	spk_text *text;
	size_t n;
};

static void put_writers(const spn_rights *rights, bool are_administrators, struct list *list)
{
	for (size_t i = 0; i < rights->n_trustees; i++) {
		const spn_trustee *trustee = &rights->trustees[i];
		if (!(trustee->rights & SPN_RIGHT_WRITE) || trustee->is_nobody || trustee->is_administrator != are_administrators)
			continue;
		if (list->n++ < SHOWN)
			spk_text_add(list->text, "%s'%s'", list->n > 1 ? ", " : "", *trustee->name ? trustee->name : trustee->sid);
	}
}

spn_status spk_rights_put_writers(spn_directory *dir, const char *dn, spk_text *text, spn_error *err)
{
	SPK_AUTO(spn_rights) *rights = NULL;
	struct list list = { text, 0 };
	spn_status status = spk_directory_is_local(dir) ? SPN_OK : spk_rights_read(dir, dn, NULL, &rights, NULL);
	if (status || !rights || rights->unknown)
		return status == SPN_ERR_NOMEM ? spk_nomem(err) : SPN_OK;
	put_writers(rights, false, &list);
	put_writers(rights, true, &list);
	if (list.n > SHOWN)
		spk_text_add(text, " and %zu more", list.n - SHOWN);
	return text->failed ? spk_nomem(err) : SPN_OK;
}
