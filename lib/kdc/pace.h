/* SPDX-License-Identifier: MIT */
/* pace.h - how fast a KDC is asked about accounts */
#ifndef SPK_PACE_H
#define SPK_PACE_H

/* A pause behind a question about an account, so that no more than five are asked about in a second: what watches a KDC
 * for guessed names is not alarmed. */
void spk_kdc_pause(void);

#endif
