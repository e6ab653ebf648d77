/* SPDX-License-Identifier: MIT */
/* send_to_kdc.h - talking to a KDC in time */
#ifndef SPK_KDC_IO_H
#define SPK_KDC_IO_H

#include <krb5.h>

#include "base/net.h"

/*
 * Heimdal waits half a minute and more for a KDC that is silent, and offers no setting.  So a plug-in does the
 * sending; it is registered once for the process, and leaves alone every thread that has set no deadline.
 */
krb5_error_code spk_kdc_io_init(krb5_context krb5);

/* Bounds what this thread asks of KDCs, through krb5_... or gss_..., from now on; 0: no longer. */
void spk_kdc_limit(spk_deadline deadline);

/* What this thread asks of KDCs is one question from now on, whose answer, as it comes, is put into *ret_answer, which
 * must be empty; further ones are not sent.  NULL: no longer. */
void spk_kdc_ask_once(krb5_data *ret_answer);

/* Why the last KDC that this thread tried did not answer, or "". */
const char *spk_kdc_why(void);

#endif
