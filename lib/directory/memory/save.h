/* SPDX-License-Identifier: MIT */
/* save.h - a file that gets new contents at once or not at all */
#ifndef SPK_MEMORY_SAVE_H
#define SPK_MEMORY_SAVE_H

#include "encoding.h"
#include "store.h"

/* What a file is written anew from. */
typedef struct spk_original {
	int file; /* whose mode, owner, ACL and other extended attributes the new one gets */
	int text; /* the same, or what it holds in UTF-8 */
	size_t size; /* of the text: if there is less when it is copied, that is an error and not the end */
	spk_encoding encoding;
} spk_original;

/*
 * Writes the text of the original, with the edits, to a temporary file next to path and renames it to path once it is
 * on disk. Symbolic links are followed.  On success ret_fd is open on the new file.
 */
spn_status spk_save(const char *path, const spk_original *original, const spk_edit *edits, size_t n_edits, int *ret_fd,
		spn_error *err);

/* For free(); NULL if memory ran out, or the current folder is gone. */
char *spk_absolute_path(const char *path);

#endif
