/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "journal.h"

spn_status spk_journal_fail(spn_error *err, const char *what, const char *path)
{
	int cause = errno;
	bool missing = cause == ENOENT && strcmp(what, "read") == 0;
	return spn_fail(err, missing ? SPN_ERR_NOT_FOUND : SPN_ERR_FAILED, cause, "cannot %s the journal '%s': %s",
			what, path, cause == EEXIST ? "it exists already" : strerror(cause));
}

void spk_journal_head_free(struct spk_journal_head *head)
{
	for (size_t i = 0; i < head->n; i++)
		free(head->lines[i]);
}

static void set_field(spn_journal_info *info, const char *line)
{
	static const struct {
		const char *name;
		size_t offset;
	} fields[] = {
		{ "# title: ", offsetof(spn_journal_info, title) },
		{ "# time: ", offsetof(spn_journal_info, time) },
		{ "# directory: ", offsetof(spn_journal_info, url) },
		{ "# base: ", offsetof(spn_journal_info, base) },
	};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (strncmp(line, fields[i].name, strlen(fields[i].name)) == 0)
			*(const char **)((char *)info + fields[i].offset) = line + strlen(fields[i].name);
	for (int state = SPN_JOURNAL_OPEN; state <= SPN_JOURNAL_HALF; state++)
		if (strncmp(line, "# state: ", 9) == 0 && strcmp(line + 9, spn_journal_state_name((spn_journal_state)state)) == 0)
			info->state = (spn_journal_state)state;
}

spn_status spk_journal_head_read(FILE *file, const char *path, struct spk_journal_head *head, spn_error *err)
{
	head->info = (spn_journal_info){ .path = path, .title = "", .url = "", .base = "", .time = "" };
	SPK_AUTOFREE char *line = NULL;
	size_t size = 0;
	while (head->n < sizeof head->lines / sizeof head->lines[0] && getline(&line, &size, file) > 0 && *line == '#') {
		line[strcspn(line, "\r\n")] = '\0';
		if (!(head->lines[head->n] = strdup(line)))
			return spk_nomem(err);
		set_field(&head->info, head->lines[head->n++]);
	}
	if (ferror(file))
		return spk_journal_fail(err, "read", path);
	if (head->n == 0 || strcmp(head->lines[0], "# " SPK_JOURNAL_MAGIC) != 0)
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' is no journal of spnkit: its first line is not '# " SPK_JOURNAL_MAGIC "'", path);
	head->info.is_undo = strncmp(head->info.title, "undo", 4) == 0;
	return SPN_OK;
}

spn_status spn_journal_read(const char *path, spn_journal_fn *fn, void *data, spn_error *err)
{
	if (!path || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_read: an argument is NULL");
	SPK_AUTOFILE FILE *file = fopen(path, "re");
	SPK_AUTOHEAD struct spk_journal_head head = { .n = 0 };
	if (!file)
		return spk_journal_fail(err, "read", path);
	spn_status status = spk_journal_head_read(file, path, &head, err);
	return status ? status : fn(&head.info, data, err);
}

static int is_journal(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	return entry->d_name[0] != '.' && len > strlen(SPK_JOURNAL_SUFFIX) && strcmp(entry->d_name + len - strlen(SPK_JOURNAL_SUFFIX), SPK_JOURNAL_SUFFIX) == 0;
}

static int newest_first(const struct dirent **a, const struct dirent **b)
{
	return -strcmp((*a)->d_name, (*b)->d_name);
}

spn_status spn_journal_list(const char *folder, spn_journal_fn *fn, void *data, spn_error *err)
{
	if (!folder || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_list: an argument is NULL");
	struct dirent **names = NULL;
	int n = scandir(folder, &names, is_journal, newest_first);
	if (n < 0)
		return errno == ENOENT ? SPN_OK : spn_fail(err, SPN_ERR_FAILED, errno, "cannot read the folder '%s': %s", folder,
				strerror(errno));
	spn_status status = SPN_OK;
	for (int i = 0; i < n; i++) {
		SPK_AUTOFREE char *path = spk_printf("%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/",
				names[i]->d_name);
		if (!status && !path)
			status = spk_nomem(err);
		else if (!status)
			status = spn_journal_read(path, fn, data, err);
		if (status == SPN_ERR_SYNTAX) /* another file that somebody put there, or one that was reserved and not written */
			status = SPN_OK;
		free(names[i]);
	}
	free(names);
	return status;
}

spn_status spn_journal_mark_undone(const char *path, spn_error *err)
{
	if (!path)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_journal_mark_undone: there is no path");
	SPK_AUTOFILE FILE *file = fopen(path, "re");
	SPK_AUTOHEAD struct spk_journal_head head = { .n = 0 };
	SPK_AUTOTEXT spk_text text = { 0 };
	SPK_AUTOFREE char *line = NULL;
	size_t size = 0;
	ssize_t len;
	if (!file)
		return spk_journal_fail(err, "read", path);
	spn_status status = spk_journal_head_read(file, path, &head, err);
	if (status)
		return status;
	rewind(file);
	for (bool in_head = true; (len = getline(&line, &size, file)) > 0;) {
		in_head = in_head && *line == '#';
		if (in_head && strncmp(line, "# state: ", 9) == 0)
			spk_text_add(&text, "# state: %s\n", spn_journal_state_name(SPN_JOURNAL_UNDONE));
		else
			spk_text_add_bytes(&text, line, (size_t)len);
	}
	if (ferror(file))
		return spk_journal_fail(err, "read", path);
	return text.failed ? spk_nomem(err) : spk_file_replace(path, text.data, text.len, 0600, err);
}
