/* SPDX-License-Identifier: MIT */
/* Whether an account that is not in a file is not in the domain.  An export may be of a subtree, or of some kinds of
 * accounts: it says nothing about others. */
#include "changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"

enum { KINDS = SPN_KIND_DMSA + 1 };

struct cover {
	const spk_side *side; /* of the accounts in question */
	char *base; /* all accounts of the other side so far are below it; NULL: none was seen */
	bool kinds[KINDS];
	size_t *asked; /* accounts that are not covered yet */
	size_t n_asked;
};

static void note_end(const spn_note *note, void *data)
{
	static const char *const codes[] = { "cut-off", "cut-line", "no-dn", "unread-list" };
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		*(bool *)data |= strcmp(note->code, codes[i]) == 0;
}

/* Most DNs are written alike, and then no key is needed. */
static bool is_under(const char *dn, const char *base)
{
	size_t len = strlen(dn), base_len = strlen(base);
	if (len > base_len + 1 && memcmp(dn + len - base_len, base, base_len) == 0 && dn[len - base_len - 1] == ',' &&
			dn[len - base_len - 2] != '\\')
		return true;
	return spk_dn_is_under(dn, base);
}

static bool is_covered(const struct cover *cover, const spn_account *account)
{
	return cover->kinds[spn_account_get_kind(account)] && is_under(spn_account_dn(account), cover->base);
}

/* The base only moves up, and no kind is forgotten: what is covered stays so. */
static void forget_covered(struct cover *cover)
{
	size_t n = 0;
	for (size_t i = 0; i < cover->n_asked; i++)
		if (!is_covered(cover, cover->side->accounts.list[cover->asked[i]]))
			cover->asked[n++] = cover->asked[i];
	cover->n_asked = n;
}

static spn_status take(const spn_entry *entry, void *data, spn_error *err)
{
	struct cover *cover = data;
	spn_account *account = NULL;
	spn_status status = spk_account_new(entry, &account, err);
	if (status)
		return status;
	const char *dn = spn_account_dn(account);
	spn_account_kind kind = spn_account_get_kind(account);
	bool has_grown = !cover->base || !cover->kinds[kind];
	cover->kinds[kind] = true;
	if (!cover->base && !(cover->base = strdup(spk_dn_parent(dn))))
		status = spk_nomem(err);
	while (!status && *cover->base && !is_under(dn, cover->base)) {
		const char *parent = spk_dn_parent(cover->base);
		memmove(cover->base, parent, strlen(parent) + 1);
		has_grown = true;
	}
	spn_account_free(account);
	if (!status && has_grown)
		forget_covered(cover);
	return status || cover->n_asked ? status : spn_fail(err, SPN_ERR_STOPPED, 0, "that is enough");
}

static spn_status look(struct cover *cover, spn_directory *other, spn_error *err)
{
	static const char *const attrs[] = { SPK_KIND_ATTRS, "userAccountControl", NULL };
	const spn_filter filter = { .op = SPN_FILTER_PRESENT, .attr = SPK_SPN };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &filter, .attrs = attrs };
	spn_error why = { .status = SPN_OK };
	spn_status status = spn_directory_search(other, &search, take, cover, &why);
	if (status == SPN_ERR_STOPPED)
		return SPN_OK;
	return status ? spk_fail_as(err, status, &why, "%s", why.message) : SPN_OK;
}

spn_status spk_sides_mark_unseen(spk_sides *sides, size_t side, spn_error *err)
{
	spk_side *own = &sides->side[side];
	spn_directory *other = sides->side[!side].dir;
	/* A look that shows less than the one before takes nothing away; one that shows more brings that. */
	bool is_known = sides->is_whole || (sides->is_of_one && side == SPK_NEW);
	struct cover cover = { .side = own, .asked = calloc(own->accounts.n + 1, sizeof *cover.asked) };
	own->unseen = calloc(own->accounts.n + 1, sizeof *own->unseen);
	if (!own->unseen || !cover.asked) {
		free(cover.asked);
		return spk_nomem(err);
	}
	for (size_t i = 0; !is_known && i < own->accounts.n; i++)
		if (own->partners[i] == SPK_NOBODY && spn_account_spns(own->accounts.list[i], NULL) > 0)
			cover.asked[cover.n_asked++] = i;
	bool is_cut = false;
	spn_directory_notes(other, note_end, &is_cut);
	spn_status status =
			spk_directory_is_local(other) && cover.n_asked && !is_cut ? look(&cover, other, err) : SPN_OK;
	for (size_t i = 0; spk_directory_is_local(other) && i < cover.n_asked; i++)
		own->unseen[cover.asked[i]] = true;
	free(cover.base);
	free(cover.asked);
	return status;
}
