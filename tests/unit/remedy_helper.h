/* SPDX-License-Identifier: MIT */
/* remedy_helper.h - repairs as the command writes them down, which is how a test reads best */
#ifndef REMEDY_HELPER_H
#define REMEDY_HELPER_H

#include <spnkit/report.h>

/* "" if there is none; lives until the next call. */
static inline const char *remedy_text(const spn_finding *finding)
{
	static char text[2000];
	char *remedy = NULL;
	spn_status status = spn_finding_command(finding, &remedy, NULL);
	snprintf(text, sizeof text, "%s", status ? "no memory" : remedy ? remedy : "");
	free(remedy);
	return text;
}

static inline void remedy_keep(const spn_finding *finding, char *kept, size_t size)
{
	const char *text = remedy_text(finding);
	size_t len = strlen(text);
	assert_true(len < size);
	memcpy(kept, text, len + 1);
}

/* Likewise of a step, with what it belongs to. */
static inline const char *step_text(const spn_repair_step *step)
{
	static char text[2000];
	const char *tool = "";
	char *command = NULL;
	spn_status status = spn_repair_step_command(step, &command, &tool, NULL);
	snprintf(text, sizeof text, "%u %s: %s\n", step->number, tool, status ? "no memory" : command);
	free(command);
	return text;
}

#endif
