/* SPDX-License-Identifier: MIT */
/* filter.h - filters as data: matched here, rendered for LDAP here, escaped nowhere else */
#ifndef SPK_FILTER_H
#define SPK_FILTER_H

#include <spnkit/backend.h>

#include "model/fold.h"

/* Deepest nesting that is accepted. */
#define SPK_FILTER_DEPTH 16

/* Refuses a tree that no back end should have to look at: NULLs, no parts, bad names, too deep. */
spn_status spk_filter_check(const spn_filter *filter, spn_error *err);

/* RFC 4515 text of a checked filter; NULL is (objectClass=*). */
void spk_filter_render(const spn_filter *filter, spk_text *ret_text);

/* The evaluation of a checked filter. */
bool spk_filter_match(const spn_filter *filter, const spn_entry *entry, spk_folding folding);

/* The same for something that is no entry: values lends what it holds of an attribute, as spn_entry_values does,
 * until it is called again.  A NUL follows each value. */
typedef size_t spk_values_fn(void *of, const char *attr, const spn_bytes **ret_values);
bool spk_filter_match_values(const spn_filter *filter, spk_values_fn *values, void *of, spk_folding folding);

/* Whether text is like the pattern, in which '*' stands for any text. */
bool spk_glob_match(spn_bytes pattern, spn_bytes text, spk_folding folding);

#endif
