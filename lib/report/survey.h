/* SPDX-License-Identifier: MIT */
/* survey.h - what KDCs of a version make of all accounts, in sentences */
#ifndef SPK_SURVEY_H
#define SPK_SURVEY_H

#include <spnkit/check.h>

#define SPK_SURVEY_LINES 7
#define SPK_SURVEY_TEXT 256

typedef struct spk_survey_line {
	size_t n; /* accounts */
	spn_severity severity;
	char text[SPK_SURVEY_TEXT];
} spk_survey_line;

/* Fills lines with those that are about somebody, and returns how many. */
size_t spk_survey_lines(const spn_enctype_survey *survey, spk_survey_line lines[SPK_SURVEY_LINES]);

/* What all of that depends on: "" or a sentence. */
void spk_survey_condition(const spn_enctype_survey *survey, char *buffer, size_t size);

#endif
