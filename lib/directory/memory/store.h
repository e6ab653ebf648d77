/* SPDX-License-Identifier: MIT */
/* store.h - the text behind a directory in memory: a file, or bytes; changed as a whole or not at all */
#ifndef SPK_MEMORY_STORE_H
#define SPK_MEMORY_STORE_H

#include "directory/export/export.h"
#include "model/ldif/ldif.h"

typedef struct spk_store spk_store;

/* What the export behind a store lacks, if it is not LDIF; else nothing. */
const spk_export_losses *spk_store_losses(const spk_store *store);
/* Whether an empty service principal name of it stands for names that are not here. */
bool spk_store_hides_names(const spk_store *store);

/* One state of the text.  It stays readable for whoever holds it, whatever becomes of the file. */
typedef struct spk_content spk_content;

/* Bytes that take the place of others. */
typedef struct spk_edit {
	size_t offset, len;
	spn_bytes text;
} spk_edit;

/* Copies text. */
spn_status spk_store_new_text(const char *name, spn_bytes text, spk_store **ret_store, spn_error *err);
/* Opens a file, in UTF-8 or UTF-16.  Its text is UTF-8 all the same; what is written back is encoded as it was.  "-",
 * pipes and the like are read to their end and are read-only.  timeout: how many seconds to wait for another writer. */
spn_status spk_store_new_file(const char *path, unsigned timeout, spk_store **ret_store, spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spk_store *spk_store_free(spk_store *store);

bool spk_store_is_empty(const spk_store *store);
/* Whether the text is that of the file: not if it was another kind of export. */
bool spk_store_is_ldif(const spk_store *store);
const char *spk_store_name(const spk_store *store);
/* The bytes of a store that was made of text. */
const char *spk_store_text(const spk_store *store);

/* Looks whether the file has been changed by somebody else, and then takes the new one.  ret_shorter: it is the same
 * file, of which there is less than before. */
spn_status spk_store_refresh(spk_store *store, bool *ret_changed, bool *ret_shorter, spn_error *err);

/* Returns SPN_ERR_REFUSED if this store cannot be written. */
spn_status spk_store_check_writable(const spk_store *store, spn_error *err);

/* Keeps other writers away until spk_store_unlock.  Returns SPN_ERR_REFUSED if this store cannot be written. */
spn_status spk_store_lock(spk_store *store, bool *ret_changed, bool *ret_shorter, spn_error *err);
void spk_store_unlock(spk_store *store);

/* Applies edits, sorted by their offsets, to a locked store: on disk all of them or none. */
spn_status spk_store_apply(spk_store *store, const spk_edit *edits, size_t n_edits, spn_error *err);

/* How many names the file has; 0 if it cannot be written. */
size_t spk_store_links(const spk_store *store);

/* The present state, for spk_content_release. */
spk_content *spk_store_content(spk_store *store);
void spk_content_release(spk_content *content);
/* Whether it is a file, of which alone spk_content_read may be asked; that returns as read does. */
bool spk_content_is_file(const spk_content *content);
ssize_t spk_content_read(const spk_content *content, size_t offset, char *buffer, size_t size);
/* How long the line end in front of an offset is: 1, 2, or 0 if there is none. */
size_t spk_content_line_end(const spk_content *content, size_t offset);
size_t spk_content_size(const spk_content *content);
/* The reader must be freed before the content is released. */
spn_status spk_content_reader(spk_content *content, const char *name, spk_ldif_reader **ret_reader, spn_error *err);

#endif
