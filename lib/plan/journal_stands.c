/* SPDX-License-Identifier: MIT */
/* journal_stands.c - which journals of a folder can be undone still */
#include "base/error.h"
#include "journal.h"

/* The journals of a folder, until the one that is looked for. */
struct search {
	size_t left; /* that stand, before it */
	spn_journal_info *found;
};

static spn_status take(const spn_journal_info *info, void *data, spn_error *err)
{
	struct search *search = data;
	if (info->is_undo || info->state == SPN_JOURNAL_UNDONE || info->state == SPN_JOURNAL_FORGOTTEN)
		return SPN_OK;
	if (search->left > 0) {
		search->left--;
		return SPN_OK;
	}
	spn_status status = spn_journal_info_copy(info, &search->found, err);
	return status ? status : SPN_ERR_STOPPED;
}

spn_status spn_journal_standing(const char *folder, size_t i, spn_journal_info **ret_info, spn_error *err)
{
	struct search search = { .left = i };
	if (!ret_info)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_standing: an argument is NULL");
	spn_status status = spn_journal_list(folder, take, &search, err);
	if (status && status != SPN_ERR_STOPPED)
		return status;
	if (!search.found)
		return spn_fail(err, SPN_ERR_NOT_FOUND, 0, "there is nothing to undo");
	*ret_info = search.found;
	return SPN_OK;
}
