/* SPDX-License-Identifier: MIT */
/* memory_save.h - a file that gets new contents at once or not at all */
#ifndef SPK_MEMORY_SAVE_H
#define SPK_MEMORY_SAVE_H

#include "directory/memory_store.h"

/*
 * Writes what is in from, with the edits, to a temporary file beside path, with the mode, owner and ACL of from,
 * and renames it to path once it is on disk.  Symbolic links are followed.  On success ret_fd is open on the new file.
 */
spn_status spk_save(const char *path, int from, const spk_edit *edits, size_t n_edits, int *ret_fd, spn_error *err);

/* For free(); NULL if memory ran out, or the current folder is gone. */
char *spk_absolute_path(const char *path);

#endif
