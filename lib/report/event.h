/* SPDX-License-Identifier: MIT */
/* event.h - what an event is about */
#ifndef SPK_EVENT_H
#define SPK_EVENT_H

#include <spnkit/changes.h>

/* A name, or an account. */
static inline const char *spk_event_subject(const spn_event *event)
{
	if (event->spn)
		return event->spn;
	return *event->from->account ? event->from->account : event->from->dn;
}

#endif
