/* SPDX-License-Identifier: MIT */
/* spnkit.h - everything that a program needs; add backend.h or mock.h to extend or to test */
#ifndef SPNKIT_SPNKIT_H
#define SPNKIT_SPNKIT_H

#include <spnkit/account.h>
#include <spnkit/changes.h>
#include <spnkit/check.h>
#include <spnkit/credentials.h>
#include <spnkit/directory.h>
#include <spnkit/enctype.h>
#include <spnkit/error.h>
#include <spnkit/expect.h>
#include <spnkit/kdc.h>
#include <spnkit/plan.h>
#include <spnkit/repair.h>
#include <spnkit/report.h>
#include <spnkit/rights.h>
#include <spnkit/spn.h>
#include <spnkit/text.h>

#endif
