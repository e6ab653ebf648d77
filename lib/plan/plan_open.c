/* SPDX-License-Identifier: MIT */
/* plan_open.c - a plan by the name of its file */
#include <errno.h>
#include <string.h>

#include <spnkit/plan.h>

spn_status spn_plan_open(const char *path, spn_plan **ret_plan, spn_error *err)
{
	if (!path || !ret_plan)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_open: an argument is NULL");
	if (strcmp(path, "-") == 0)
		return spn_plan_read(stdin, "standard input", ret_plan, err);
	FILE *file = fopen(path, "re");
	if (!file)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s': %s", path, strerror(errno));
	spn_status status = spn_plan_read(file, path, ret_plan, err);
	fclose(file);
	return status;
}
