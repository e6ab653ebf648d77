/* SPDX-License-Identifier: MIT */
/* prefer.h - which KDC of a realm is asked first */
#ifndef SPK_PREFER_H
#define SPK_PREFER_H

/* From now on, this thread asks the KDC on that host first for tickets of the realm, and the others only if it does not
 * answer: of what was changed there, they may not have heard.  Both are lent.  NULL: no longer. */
void spk_kdc_prefer(const char *realm, const char *host);

#endif
