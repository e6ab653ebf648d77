/* SPDX-License-Identifier: MIT */
/* journal_file.h - a journal on disk: whose it is, and what it says */
#ifndef SPK_JOURNAL_FILE_H
#define SPK_JOURNAL_FILE_H

#include <spnkit/plan.h>

#include "base/text.h"

/* A journal that was opened.  Start from SPK_JOURNAL_FILE_INIT. */
struct spk_journal_file {
	int fd;
	spk_text text;
	char *head;            /* its lines, which info points into */
	spn_journal_info info; /* with what keeps it from being undone, if something does */
	spn_dialect rules;       /* of the file that it belongs to */
	size_t n_values;       /* that it was written with; 0: it does not say so */
	bool is_partly;        /* when it was undone, some of it was as before already */
	char problem[120];
};
#define SPK_JOURNAL_FILE_INIT { .fd = -1 }

/* A line of the head of a journal that was undone: some of what it records was as before already. */
#define SPK_JOURNAL_PARTLY "# undone: partly"

/*
 * Opens a journal and reads it: all of it, or no more than its head.
 *
 * Returns SPN_ERR_NOT_FOUND, SPN_ERR_FAILED, SPN_ERR_SYNTAX if it is not a journal.  That it should not be undone is
 * not an error here.
 */
spn_status spk_journal_file_open(const char *path, bool whole, struct spk_journal_file *ret_file, spn_error *err);
/* Of text: sets head and info.  Returns SPN_ERR_SYNTAX if it is not a journal. */
spn_status spk_journal_head_read(struct spk_journal_file *file, const char *path, spn_error *err);
void spk_journal_file_close(struct spk_journal_file *file);
#define SPK_AUTOJOURNALFILE __attribute__((cleanup(spk_journal_file_close)))

/* Whether the first line of a journal's text is this one, after "# ". */
bool spk_journal_begins_with(const char *text, const char *magic);
/* Whether it is that of a journal, of either kind. */
bool spk_journal_is_one(const char *text);

/* Records errno as the reason why a journal cannot be created, read or written. */
spn_status spk_journal_fail(spn_error *err, const char *what, const char *path);

#endif
