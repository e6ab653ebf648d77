/* SPDX-License-Identifier: MIT */
/* entry.h - entries, for those who keep and change them */
#ifndef SPK_ENTRY_H
#define SPK_ENTRY_H

#include <spnkit/backend.h>

#include "fold.h"
#include "base/cleanup.h"

SPK_DEFINE_AUTO(spn_entry, spn_entry_free)

spn_status spk_entry_copy(const spn_entry *entry, spn_entry **ret_copy, spn_error *err);

/* Empties an entry, which keeps its memory, and calls it dn.  What is lent to an entry has to live as long as that is
 * used; a copy of the entry has copies of it.  A NUL follows each value. */
void spk_entry_lend(spn_entry *entry, const char *dn);
spn_status spk_entry_lend_value(spn_entry *entry, const char *attr, spn_bytes value, spn_error *err);

/* When two values of the entry are equal for the directory that it came from; of a copy, too.  Windows' unless it was
 * set. */
spk_folding spk_entry_folding(const spn_entry *entry);
void spk_entry_set_folding(spn_entry *entry, spk_folding folding);

/* Whether the account may hold service principal names that are not here, as in an export that ends within a list; of a
 * copy, too. */
bool spk_entry_lacks_names(const spn_entry *entry);
void spk_entry_set_lacks_names(spn_entry *entry);
/* The same of dNSHostName: the export has it of nobody. */
bool spk_entry_lacks_host(const spn_entry *entry);
void spk_entry_set_lacks_host(spn_entry *entry);

/* Removes those values of an attribute that are marked; an attribute without values is gone. */
void spk_entry_drop(spn_entry *entry, const char *attr, const bool *marked);

/* Whether a text is an attribute name: letters, digits, "-", "." and, for options, ";". */
bool spk_attr_is_valid(const char *attr);

/* Whether an attribute takes one value only: of those that we know.  A file has no schema. */
bool spk_is_single_valued(const char *attr);

/* Whether an attribute name is among those asked for: NULL or "*" asks for all. */
bool spk_attr_wanted(const char *const *attrs, const char *attr);

#endif
