/* SPDX-License-Identifier: MIT */
/* survey.h - what KDCs of a version make of all accounts, in sentences */
#ifndef CLI_SURVEY_H
#define CLI_SURVEY_H

#include "cli.h"

#define SURVEY_LINES 7
#define SURVEY_TEXT 256

struct survey_line {
	size_t n; /* accounts */
	spn_severity severity;
	char text[SURVEY_TEXT];
};

/* Fills lines with those that are about somebody, and returns how many. */
size_t survey_lines(const spn_enctype_survey *survey, struct survey_line lines[SURVEY_LINES]);

/* What all of that depends on: "" or a sentence. */
void survey_condition(const spn_enctype_survey *survey, char *buffer, size_t size);

#endif
