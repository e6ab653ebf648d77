/* SPDX-License-Identifier: MIT */
/* Accounts whose records have the same lines as one that was looked at, but for what is the account's own: they are of
 * its cast, which need not be put together again. */
#include "audit_alike.h"

/* What a mould costs, in records that fit one; and what may be spent before any does. */
enum { PRICE = 4, FIRST_CREDIT = 64 };

void spk_moulds_begin(spk_moulds *moulds)
{
	moulds->credit = FIRST_CREDIT;
}

/* Once a cast is met again. */
void spk_moulds_learn(struct spk_alike *alike, const spk_ldif_plain *record, const spk_own *own, uint64_t cast)
{
	spk_moulds *moulds = &alike->moulds;
	bool is_new = true;
	for (size_t i = 0; i < SPK_MOULDS; i++)
		is_new &= moulds->met[i] != cast;
	moulds->met[moulds->n_met++ % SPK_MOULDS] = cast;
	if (is_new || moulds->credit < PRICE)
		return;
	spk_mould *mould = &moulds->list[moulds->n++ % SPK_MOULDS];
	moulds->credit -= PRICE;
	spk_ldif_make_mould(&mould->lines, record, own->container.len, alike->may_differ);
	mould->cast = cast;
	mould->own = *own;
}

/* Puts the values in their places.  False: there are several where one should be. */
static bool sort_out(const struct spk_alike *alike, const spk_mould *mould, const spk_ldif_fit *fit, spk_own *own)
{
	bool is_good = true;
	for (size_t i = 0; i + 1 < mould->lines.n; i++) { /* the last slot has no values */
		size_t which = mould->lines.slots[i].which, n = fit->first[i + 1] - fit->first[i];
		const spk_ldif_value *values = &fit->values[fit->first[i]];
		enum spk_part part = which == SPK_NOBODY ? SPK_CAST : alike->parts[which];
		if (part == SPK_NAME) {
			is_good &= own->n_names == 0;
			own->names = values;
			own->n_names = n;
		} else if (part != SPK_CAST) {
			is_good &= n == 1 && !own->of[part].data;
			own->of[part] = values->bytes;
		}
	}
	return is_good;
}

bool spk_moulds_fit(void *looker, const spk_ldif_reader *reader, spk_ldif_fit *ret_fit, spk_text *ret_found)
{
	struct spk_alike *alike = looker;
	spk_moulds *moulds = &alike->moulds;
	spk_mould *last = &moulds->list[moulds->last];
	size_t i = last->next, left = SPK_MOULDS;
	while (left > 0 && !spk_ldif_fits(reader, &moulds->list[i].lines, ret_fit)) {
		i = (i + 1) % SPK_MOULDS;
		left--;
	}
	const spk_mould *mould = &moulds->list[i];
	spk_own own = { .is_computer = mould->own.is_computer, .is_server = mould->own.is_server };
	if (left == 0 || !sort_out(alike, mould, ret_fit, &own) || !spk_own_is_good(alike, ret_fit->dn, &own) ||
			own.container.len != mould->own.container.len || own.has_dollar != mould->own.has_dollar ||
			own.is_old != mould->own.is_old)
		return false;
	spk_own_note(alike, ret_fit->dn, &own, mould->cast, ret_found);
	last->next = moulds->last = i;
	moulds->credit++;
	return !ret_found->failed;
}
