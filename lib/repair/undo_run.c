/* SPDX-License-Identifier: MIT */
/* undo_run.c - one journal, undone and marked */
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "plan/journal.h"
#include "plan/plan.h"
#include "run.h"

SPK_DEFINE_AUTO(spn_journal_info, spn_journal_info_free)

/* What the builder remarks, on its way to the caller. */
struct remarks {
	const spn_change_options *options;
	bool is_kept;   /* something cannot be given back */
	bool is_partly; /* something is as before already */
};

static spn_status see_remark(const spn_finding *finding, void *data, spn_error *err)
{
	struct remarks *remarks = data;
	const spk_teller to = { remarks->options->finding_fn, remarks->options->data };
	remarks->is_kept |= strcmp(finding->code, "kept") == 0;
	remarks->is_partly |= strcmp(finding->code, "present") == 0;
	return spk_tell_finding(&to, finding, err);
}

/* Elsewhere, what the journal records still stands where it was done. */
static spn_status mark(const spn_journal_info *info, spn_directory *dir, const struct remarks *remarks,
		spn_undo_end *ret_end, spn_error *err)
{
	bool may_arrive = remarks->is_partly && strncmp(info->url, "ldif:", 5) != 0;
	spn_error why = { .status = SPN_OK };
	spn_status status = spn_journal_mark_undone(info->path, dir, !may_arrive, &why);
	*ret_end = status ? SPN_UNDO_ELSEWHERE : may_arrive ? SPN_UNDO_MAY_ARRIVE : SPN_UNDO_WHOLE;
	if (status == SPN_ERR_REFUSED && remarks->options->flags & SPN_ELSEWHERE)
		return SPN_OK;
	return status ? spk_fail_as(err, status, &why, "%s", why.message) : SPN_OK;
}

spn_status spn_undo(spn_directory *dir, const char *path, const spn_change_options *options, spn_undo_end *ret_end,
		spn_error *err)
{
	spn_change_options taken;
	SPK_AUTO(spn_journal_info) *info = NULL;
	SPK_AUTO(spn_plan) *plan = NULL;
	spn_undo_end end = SPN_UNDO_WHOLE;
	if (!dir || !path)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_undo: an argument is NULL");
	spn_status status = spk_change_options_take(
			"spn_undo", options, SPN_ELSEWHERE | SPN_UNSURE | SPN_NO_WAY_BACK, &taken, err);
	struct remarks remarks = { .options = &taken };
	if (!status)
		status = spn_journal_read(path, &info, err);
	if (!status)
		status = spn_plan_new(&plan, err);
	if (!status)
		status = spn_propose_undo(plan, dir, path, taken.flags & SPN_ELSEWHERE, see_remark, &remarks, err);
	if (status)
		return status;
	taken.title = NULL; /* it tells an undo from other work */
	SPK_AUTOFREE char *title = spk_printf("undo %s", info->title);
	size_t n_left = 0;
	status = title ? spk_undo_run(plan, dir, &taken, title, &n_left, err) : spk_nomem(err);
	if (remarks.is_kept || n_left)
		end = SPN_UNDO_PARTLY;
	else if (!status && !(taken.flags & SPN_DRY_RUN))
		status = mark(info, dir, &remarks, &end, err);
	if (ret_end && (!status || status == SPN_ERR_STOPPED))
		*ret_end = end;
	return status;
}
