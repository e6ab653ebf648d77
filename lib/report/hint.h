/* SPDX-License-Identifier: MIT */
/* hint.h - the options that do something about a failure */
#ifndef SPK_HINT_H
#define SPK_HINT_H

#include <spnkit/error.h>

/* Ends the message of an error with the option that is its remedy. */
void spk_hint_add(spn_error *err);

#endif
