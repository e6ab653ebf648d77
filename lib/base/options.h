/* SPDX-License-Identifier: MIT */
/* options.h - options of a caller that may be older than the library */
#ifndef SPK_OPTIONS_H
#define SPK_OPTIONS_H

#include <spnkit/directory.h>

/* Copies the options (NULL: the defaults) of any version up to ours; what an older one lacks has its default.
 * SPN_ERR_INVALID for another version. */
spn_status spk_options_take(const spn_open_options *given, spn_open_options *ret_options, spn_error *err);

#endif
