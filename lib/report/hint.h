/* SPDX-License-Identifier: MIT */
/* hint.h - the options that do something about a failure */
#ifndef CLI_HINT_H
#define CLI_HINT_H

#include <spnkit/error.h>

/* Ends the message of an error with the option that is its remedy. */
void hint_add(spn_error *err);

#endif
