/* SPDX-License-Identifier: MIT */
/* team.h - several threads that look at all records, for one that goes over what they found */
#ifndef SPK_MEMORY_TEAM_H
#define SPK_MEMORY_TEAM_H

#include <pthread.h>

#include "memory.h"

#define SPK_THREADS_MAX 8
/* How many threads, the calling one included, are worth while for reading a text. */
size_t spk_threads_for(const spk_content *content);
/* False: there is none. */
bool spk_thread_start(pthread_t *thread, void *(*run)(void *data), void *data);

/* What a passer has found in a record: so many bytes, which stand behind this; 0: who goes over the stretch has to read
 * it, and all records up to the next one that is told. */
typedef struct spk_found {
	size_t offset, len;
} spk_found;

/* Some of the text, from one record to another. */
typedef struct spk_stretch {
	size_t from, to;
	bool is_known;  /* else the caller has to read all of it */
	spk_text found; /* of its records, in their order */
	void *looker;
	bool is_prepared, is_done;
} spk_stretch;

typedef struct spk_team spk_team;

/* attrs: what records are read with (spk_ldif_only), which has to live as long as the team.  NULL in ret_team: it is
 * not worth while. */
spn_status spk_team_new(spk_memory *memory, const spk_content *content, const struct spk_passer *passer,
		const char *const *attrs, spk_team **ret_team, spn_error *err);
/* The next stretch of the text, which lives until the next call; NULL: that was all.  Until it is looked at, the caller
 * looks at others. */
const spk_stretch *spk_team_next(spk_team *team);
/* Accepts NULL. */
void spk_team_free(spk_team *team);

static inline void spk_cleanup_team(spk_team **where)
{
	spk_team_free(*where);
}
/* SPK_AUTOTEAM spk_team *team = NULL; */
#define SPK_AUTOTEAM __attribute__((cleanup(spk_cleanup_team)))

#endif
