/* SPDX-License-Identifier: MIT */
/* meant.h - what a person means who writes almost a name */
#ifndef SPK_MEANT_H
#define SPK_MEANT_H

#include <stdbool.h>
#include <stddef.h>

#include <spnkit/spn.h>

/* Longer names than this are taken as they are. */
#define SPK_NAME_MAX 512

/* spn.c: class/host[:port][/third], as it stands. */
spn_status spk_name_take_apart(const char *text, spn_name *ret_name, spn_error *err);

/* spn.c: how many letters, digits, '-', '_' and dots a text begins with.  Another byte follows the last of it. */
size_t spk_plain_len(const char *text);
/* spn.c: whether all of a text is a name as nearly all are, well-formed beyond doubt.  A byte follows it that is none
 * of the above, nor '/' or ':'. */
bool spk_name_is_plain(spn_bytes text, spn_name *ret_name);

/* spn.c: how many parts its slashes separate; a backslash hides none of them.  A directory accepts two or three. */
unsigned spk_spn_parts(spn_bytes name);

#endif
