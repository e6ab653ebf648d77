/* SPDX-License-Identifier: MIT */
/* handle.h - what a directory consists of, for the files of the port alone */
#ifndef SPK_HANDLE_H
#define SPK_HANDLE_H

#include "ahead.h"
#include "directory.h"
#include "base/text.h"

struct spn_directory {
	spn_backend backend;
	const spn_backend *table; /* where it came from */
	void *self;
	char *url;
	bool read_only;
	bool is_whole; /* of a file: see spk_directory_set_whole */
	bool is_chosen; /* of a server: its domain was asked for by name */
	spn_entry *root;     /* NULL until asked for */
	spn_entry *settings; /* likewise */
	spn_entry *controllers; /* likewise */
	spk_seen enctypes;
	spk_ahead ahead;
	spn_trace_fn *trace;
	void *trace_data;
};

/* look.c: what reads the root DSE, and takes it: data is where it goes. */
extern const spn_search spk_root_search;
spn_entry_fn spk_keep_root;

static inline const char *spk_handle_url(const spn_directory *dir)
{
	return dir->backend.url ? dir->backend.url(dir->self) : dir->url;
}

/* The first search of all goes along with the root DSE, which says whether it was made at the right place.  look makes
 * the search, its data.  True: then what is known ahead is to be forgotten behind it. */
bool spk_presume(spn_directory *dir, const spn_search *search, spk_look_fn *look);

/* trace.c: somebody sees what is done. */
void spk_trace(spn_directory *dir, spk_text *line);
void spk_trace_search(spn_directory *dir, const spn_search *search);
void spk_trace_modify(spn_directory *dir, const char *dn, const spn_mod *mods, size_t n_mods);
/* Behind an operation: whether another server has taken over in it. */
void spk_trace_move(spn_directory *dir);

#endif
