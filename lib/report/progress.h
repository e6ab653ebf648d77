/* SPDX-License-Identifier: MIT */
/* progress.h - where long work is */
#ifndef SPK_PROGRESS_H
#define SPK_PROGRESS_H

#include "form.h"

/* Shows that step i of n is next. */
void spk_progress_step(spn_report *report, size_t i, size_t n);
/* Before something else is written: takes the line away. */
void spk_progress_hide(spn_report *report);

#endif
