/* SPDX-License-Identifier: MIT */
/* kdc.h - what is behind the KDC port */
#ifndef SPK_KDC_H
#define SPK_KDC_H

#include <spnkit/kdc.h>

#include "base/cleanup.h"

SPK_DEFINE_AUTO(spn_kdc, spn_kdc_free)
SPK_DEFINE_AUTO(spn_ticket, spn_ticket_free)

/* As spn_kdc_store; the one thing that only a real KDC can do. */
typedef spn_status spk_kdc_store_fn(void *self, const char *spn, const char *ccache, spn_error *err);

/* As spn_kdc_new; store may be NULL. */
spn_status spk_kdc_new(const spn_kdc_ops *ops, void *self, spk_kdc_store_fn *store, spn_kdc **ret_kdc, spn_error *err);

/* The object behind a KDC if it was made with this table, or NULL. */
void *spk_kdc_self(const spn_kdc *kdc, const spn_kdc_ops *ops);

#endif
