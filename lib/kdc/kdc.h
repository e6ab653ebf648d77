/* SPDX-License-Identifier: MIT */
/* kdc.h - what is behind the KDC port */
#ifndef SPK_KDC_H
#define SPK_KDC_H

#include <spnkit/kdc.h>

#include "base/cleanup.h"

SPK_DEFINE_AUTO(spn_kdc, spn_kdc_free)
SPK_DEFINE_AUTO(spn_ticket, spn_ticket_free)

/* The object behind a KDC if it was made with this table, or NULL. */
void *spk_kdc_self(const spn_kdc *kdc, const spn_kdc_ops *ops);

#endif
