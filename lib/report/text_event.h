/* SPDX-License-Identifier: MIT */
/* output_event.h - what has changed in a domain, as text */
#ifndef CLI_OUTPUT_EVENT_H
#define CLI_OUTPUT_EVENT_H

#include "output.h"

void text_event(struct cli *cli, const spn_event *event);
void text_differences(struct cli *cli, const size_t n[EVENT_KINDS]);
/* What an event is about: a name, or an account. */
const char *event_subject(const spn_event *event);

#endif
