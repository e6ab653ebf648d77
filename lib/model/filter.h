/* SPDX-License-Identifier: MIT */
/* filter.h - filters as data: matched here, rendered for LDAP here, escaped nowhere else */
#ifndef SPK_FILTER_H
#define SPK_FILTER_H

#include <spnkit/backend.h>

#include "fold.h"
#include "base/keys.h"

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

/* A filter, made ready for many entries: one value of many is found by its key, not by trying each.  Start from { 0 }.
 */
#define SPK_MATCHER_ATTRS 8
typedef struct spk_matcher {
	const spn_filter *filter;
	spk_folding folding;
	const char *attrs[SPK_MATCHER_ATTRS]; /* of an OR of many equals */
	size_t n_attrs;
	spk_keys keys;               /* of its values */
	const spn_filter **of_key;   /* NULL: the filter is not such an OR */
	spk_text scratch;
	bool failed;                 /* the last match wanted for memory */
} spk_matcher;

/* Of a checked filter, or NULL; it must live as long.  False: no memory. */
bool spk_matcher_make(spk_matcher *matcher, const spn_filter *filter, spk_folding folding);
bool spk_matcher_match(spk_matcher *matcher, spk_values_fn *values, void *of);
void spk_matcher_free(spk_matcher *matcher);

/* Whether text is like the pattern, in which '*' stands for any text. */
bool spk_glob_match(spn_bytes pattern, spn_bytes text, spk_folding folding);

#endif
