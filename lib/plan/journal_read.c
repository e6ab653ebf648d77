/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "identity.h"
#include "journal.h"
#include "journal_file.h"
#include "base/error.h"
#include "base/file.h"

enum { N_TEXTS = 8 };

/* Where the texts of a head are. */
static void find_texts(spn_journal_info *info, const char **ret_texts[N_TEXTS])
{
	const char **const texts[N_TEXTS] = { &info->path, &info->title, &info->url, &info->base, &info->time,
		&info->author, &info->identity, &info->problem };
	memcpy(ret_texts, texts, sizeof texts);
}

spn_journal_info *spn_journal_info_free(spn_journal_info *info)
{
	const char **texts[N_TEXTS];
	if (!info)
		return NULL;
	find_texts(info, texts);
	for (size_t i = 0; i < N_TEXTS; i++)
		free((void *)(uintptr_t)*texts[i]);
	free(info);
	return NULL;
}

spn_status spn_journal_info_copy(const spn_journal_info *info, spn_journal_info **ret_copy, spn_error *err)
{
	const char **texts[N_TEXTS];
	bool failed = false;
	if (!info || !ret_copy)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_info_copy: an argument is NULL");
	spn_journal_info *copy = malloc(sizeof *copy);
	if (!copy)
		return spk_nomem(err);
	*copy = *info;
	find_texts(copy, texts);
	for (size_t i = 0; i < N_TEXTS; i++) {
		const char *text = *texts[i];
		*texts[i] = text ? strdup(text) : NULL;
		failed |= text && !*texts[i];
	}
	if (failed) {
		spn_journal_info_free(copy);
		return spk_nomem(err);
	}
	*ret_copy = copy;
	return SPN_OK;
}

spn_status spn_journal_read(const char *path, spn_journal_info **ret_info, spn_error *err)
{
	if (!path || !ret_info)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_read: an argument is NULL");
	SPK_AUTOJOURNALFILE struct spk_journal_file file = SPK_JOURNAL_FILE_INIT;
	spn_status status = spk_journal_file_open(path, false, &file, err);
	return status ? status : spn_journal_info_copy(&file.info, ret_info, err);
}

spn_status spn_journal_dialect(const char *path, spn_dialect *ret_dialect, spn_error *err)
{
	if (!path || !ret_dialect)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_dialect: an argument is NULL");
	SPK_AUTOJOURNALFILE struct spk_journal_file file = SPK_JOURNAL_FILE_INIT;
	spn_status status = spk_journal_file_open(path, false, &file, err);
	if (!status)
		*ret_dialect = file.rules;
	return status;
}

/* A journal of a folder, and what it is sorted by. */
struct listed {
	char *path;
	char *key;
};

static int newest_first(const void *a, const void *b)
{
	return -strcmp(((const struct listed *)a)->key, ((const struct listed *)b)->key);
}

/* The time of a head, 2026-12-01T00:34:28Z, as names have it; so it sorts before those of the same second. */
static char *compact(const char *time)
{
	char *key = strdup(time), *to = key;
	for (const char *at = key; at && *at && *at != 'Z'; at++)
		if (*at != '-' && *at != ':')
			*to++ = *at;
	if (key)
		*to = '\0';
	return key;
}

/* By its name, if that is a time; else by the time of its head, if it can be read and has one. */
static spn_status key_of(const char *name, struct listed *listed, spn_error *err)
{
	SPK_AUTOJOURNALFILE struct spk_journal_file file = SPK_JOURNAL_FILE_INIT;
	bool has_time = !spk_journal_is_named_by_time(name) &&
			!spk_journal_file_open(listed->path, false, &file, NULL) && *file.info.time;
	listed->key = has_time ? compact(file.info.time) : strdup(name);
	return listed->key ? SPN_OK : spk_nomem(err);
}

static spn_status tell(const spn_journal_info *info, spn_journal_fn *fn, void *data, spn_error *err)
{
	spn_status before = spk_callback_begin(err);
	return spk_callback_end(fn(info, data, err), before, err);
}

/* Another file that somebody put there, or one that was reserved and not written, is passed over; one that cannot be
 * read is listed with the reason: it may be the work that is to be undone first. */
static spn_status list_one(const char *path, spn_journal_fn *fn, void *data, spn_error *err)
{
	SPK_AUTOJOURNALFILE struct spk_journal_file file = SPK_JOURNAL_FILE_INIT;
	spn_error why = { .status = SPN_OK };
	spn_status status = spk_journal_file_open(path, false, &file, &why);
	if (!status)
		return tell(&file.info, fn, data, err);
	if (status == SPN_ERR_NOT_FOUND ||
			(status == SPN_ERR_SYNTAX && !spk_journal_is_one(file.text.data ? file.text.data : "")))
		return SPN_OK;
	if (status == SPN_ERR_NOMEM)
		return spk_nomem(err);
	const spn_journal_info info = { .path = path,
		.title = "",
		.url = "",
		.base = "",
		.time = "",
		.author = "",
		.identity = "",
		.problem = why.message };
	return tell(&info, fn, data, err);
}

spn_status spn_journal_list(const char *folder, spn_journal_fn *fn, void *data, spn_error *err)
{
	if (!fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_list: an argument is NULL");
	SPK_AUTOFREE char *standard = NULL;
	struct dirent **names = NULL;
	spn_status status = folder ? SPN_OK : spk_journal_folder(&standard, err);
	if (status)
		return status;
	folder = folder ? folder : standard;
	int n = scandir(folder, &names, spk_journal_is_named, NULL);
	if (n < 0)
		return errno == ENOENT ? SPN_OK : spn_fail(err, SPN_ERR_FAILED, errno, "cannot read the folder '%s': %s", folder,
				strerror(errno));
	struct listed *listed = calloc((size_t)n + 1, sizeof *listed);
	status = listed ? SPN_OK : spk_nomem(err);
	for (int i = 0; i < n; i++) {
		if (!status) {
			listed[i].path = spk_printf("%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", names[i]->d_name);
			status = listed[i].path ? key_of(names[i]->d_name, &listed[i], err) : spk_nomem(err);
		}
		free(names[i]);
	}
	free(names);
	if (!status)
		qsort(listed, (size_t)n, sizeof *listed, newest_first);
	for (int i = 0; listed && i < n; i++) {
		if (!status)
			status = list_one(listed[i].path, fn, data, err);
		free(listed[i].path);
		free(listed[i].key);
	}
	free(listed);
	return status;
}

/* Writes the journal anew, with another state in its head, and whether some of it was not there to be undone.  What
 * somebody else wrote would become ours: it stays as it is. */
static spn_status set_state(const char *path, const struct spk_journal_file *file, spn_journal_state state, bool whole,
		spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	if (file->info.problem)
		return spn_fail(err, SPN_ERR_REFUSED, 0, "the journal '%s' stays as it is: %s", path, file->info.problem);
	bool in_head = true;
	const char *stop = file->text.data + file->text.len;
	for (const char *line = file->text.data, *end; line < stop; line = end) {
		end = memchr(line, '\n', (size_t)(stop - line));
		end = end ? end + 1 : stop;
		in_head = in_head && *line == '#';
		if (in_head && strncmp(line, "# state: ", 9) == 0)
			spk_text_add(&text, "# state: %s\n%s", spn_journal_state_name(state), whole ? "" : SPK_JOURNAL_PARTLY "\n");
		else if (!in_head || strncmp(line, SPK_JOURNAL_PARTLY, strlen(SPK_JOURNAL_PARTLY)) != 0)
			spk_text_add_bytes(&text, line, (size_t)(end - line));
	}
	return text.failed ? spk_nomem(err) : spk_file_replace(path, text.data, text.len, 0600, err);
}

spn_status spn_journal_mark_undone(const char *path, spn_directory *dir, bool whole, spn_error *err)
{
	if (!path || !dir)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_mark_undone: an argument is NULL");
	SPK_AUTOJOURNALFILE struct spk_journal_file file = SPK_JOURNAL_FILE_INIT;
	spn_status status = spk_journal_file_open(path, true, &file, err);
	if (!status)
		status = spk_identity_check(&file, dir, err);
	return status ? status : set_state(path, &file, SPN_JOURNAL_UNDONE, whole, err);
}

/* Whether who reads a head finds its state. */
static bool has_state(const char *head)
{
	const char *state = strstr(head, "\n# state: "), *end = strstr(head, "\n\n");
	return state && (!end || state < end);
}

spn_status spn_journal_forget(const char *path, spn_error *err)
{
	if (!path)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_forget: the path is NULL");
	SPK_AUTOJOURNALFILE struct spk_journal_file head = SPK_JOURNAL_FILE_INIT, file = SPK_JOURNAL_FILE_INIT;
	spn_status status = spk_journal_file_open(path, false, &head, err); /* as whoever lists it reads it */
	if (!status && !has_state(head.text.data))
		status = spn_fail(err, SPN_ERR_SYNTAX, 0,
				"the head of the journal '%s' is damaged, so it cannot be marked: move the file to another folder, "
				"and it is no longer offered",
				path);
	if (!status)
		status = spk_journal_file_open(path, true, &file, err);
	return status ? status : set_state(path, &file, SPN_JOURNAL_FORGOTTEN, !file.is_partly, err);
}
