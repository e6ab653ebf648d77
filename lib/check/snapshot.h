/* SPDX-License-Identifier: MIT */
/* snapshot.h - the accounts of a domain and their names, as they were at one look */
#ifndef SPK_SNAPSHOT_H
#define SPK_SNAPSHOT_H

#include <stdint.h>

#include <spnkit/backend.h>

#include "base/text.h"
#include "model/fold.h"

/* An account, as LDIF.  It does not change: a snapshot that follows another one shares those that are as they were. */
typedef struct spk_record {
	size_t key_len, len, n_hints;
	bool reaches; /* whom it has to do with depends on more than the names that it holds */
	uint64_t *hints; /* of the hosts in its names: two names that have to do with each other have one in common */
	char bytes[]; /* its key, what it is sorted by (objectGUID, else its DN), then len bytes of LDIF */
} spk_record;

/* Of a key that begins with 'g'. */
#define SPK_SNAPSHOT_GUID_SIZE 16

typedef struct spk_snapshot {
	char *domain; /* its DN; NULL: there has been no look yet */
	spn_dialect dialect;
	bool is_whole; /* of a server: what it does not show is not there */
	bool is_judged; /* it has what the rules of an audit look at; one that an older version saved has not */
	bool is_chosen; /* a repair has to name the domain; of no state: that depends on who looks */
	spk_text settings; /* the entry with the mappings, as LDIF, or empty */
	spk_text cookie; /* from which the server tells what has changed since; empty: it cannot */
	int64_t read_at; /* when all of it was read last: seconds since 1970 */
	int64_t written_at; /* of one that was loaded: when it was saved */
	bool is_read_anew; /* not from the one before and what has changed since */
	spk_record **list; /* sorted by their keys */
	size_t n, size;
} spk_snapshot;

/* What is read of an account; with what else tells that it was renamed or deleted.  Both end with NULL. */
extern const char *const spk_snapshot_attrs[], *const spk_snapshot_watched[];

/* snapshot.c.  Makes a record of an entry. */
spn_status spk_record_new(const spn_entry *entry, spn_dialect dialect, spk_record **ret_record, spn_error *err);
static inline spn_bytes spk_record_text(const spk_record *record)
{
	return (spn_bytes){ record->bytes + record->key_len, record->len };
}
static inline spn_bytes spk_record_key(const spk_record *record)
{
	return (spn_bytes){ record->bytes, record->key_len };
}
/* Adds a record, which the snapshot then owns, to the end of the list; it is freed if that fails. */
spn_status spk_snapshot_add(spk_snapshot *snapshot, spk_record *record, spn_error *err);
/* Behind the last one.  Of two with one key (an entry that moved while it was read), the later one stays. */
void spk_snapshot_sort(spk_snapshot *snapshot);
/* Those that are equal to one of another snapshot become that one. */
void spk_snapshot_share(spk_snapshot *snapshot, const spk_snapshot *with);
/* Frees what the other snapshot (NULL: none) does not share. */
void spk_snapshot_free(spk_snapshot *snapshot, const spk_snapshot *shared_with);
/* Whether two of them differ in any account. */
bool spk_snapshot_differs(const spk_snapshot *a, const spk_snapshot *b);

/* Appends the objectGUIDs of those accounts of the newer one that are the same in both, and whose names have to do with
 * one that is not. */
spn_status spk_snapshot_related(const spk_snapshot *old, const spk_snapshot *now, spk_text *ret_guids, spn_error *err);

/* Makes directories of two snapshots, in which whatever has to do with the difference is there; if they are whole, only
 * that.  NULL for old: all of the other one. */
spn_status spk_snapshot_open(const spk_snapshot *old, const spk_snapshot *now, spn_directory **ret_old,
		spn_directory **ret_now, spn_error *err);

/* The lines before the accounts: the domain, and the settings. */
void spk_snapshot_put_head(const spk_snapshot *snapshot, spk_text *text);

/* snapshot_file.c.  Returns SPN_ERR_SYNTAX if the file is something else or is not whole; SPN_ERR_NOT_FOUND if there is
 * none. */
spn_status spk_snapshot_load(const char *path, spk_snapshot *ret_snapshot, spn_error *err);
spn_status spk_snapshot_save(const char *path, const spk_snapshot *snapshot, int64_t now, spn_error *err);

/*
 * snapshot_read.c.  Reads a domain: what has changed since the last snapshot, which the new one then shares with it; or
 * all of it, if the server does not tell that, or not since then, or a quarter of an hour has gone by since all of it
 * was read (or none, by a clock that has jumped).
 */
spn_status spk_snapshot_read(
		spn_directory *dir, const spk_snapshot *last, int64_t now, spk_snapshot *ret_snapshot, spn_error *err);

#endif
