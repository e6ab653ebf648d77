/* SPDX-License-Identifier: MIT */
/* text.h - the members of the form for people that have a file of their own */
#ifndef SPK_REPORT_TEXT_H
#define SPK_REPORT_TEXT_H

#include "form.h"

void spk_text_step(spn_report *report, const spk_shown_step *shown);
void spk_text_rights(spn_report *report, const spn_rights *rights);
void spk_text_recipe(spn_report *report, const spn_recipe *recipe, bool whole);
void spk_text_event(spn_report *report, const spn_event *event);
void spk_text_differences(spn_report *report, const char *of);

#endif
