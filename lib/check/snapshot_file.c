/* SPDX-License-Identifier: MIT */
/*
 * The file in which a snapshot is kept: LDIF, so that it is an export of the domain as well.
 *
 *   # spnkit watch 1
 *   # rules: windows
 *   # whole: yes
 *   # judged: yes                    missing: by a version that read less of each account
 *   # settings: yes                  whether the second entry is the settings
 *   # written: 1796000000             when; likewise, when all of the domain was read last
 *   # read: 1796000000
 *   # cookie: ...                     from which the server tells what has changed since
 *
 *   dn: DC=example,DC=com
 *   objectClass: domainDNS
 *
 *   dn: CN=Directory Service,...      if its settings can be read
 *   sPNMappings: ...
 *
 *   ...                               the accounts
 *   # end 1234                        how many
 */
#include "snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account/account.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/ldif/ldif.h"

#define FIRST_LINE "spnkit watch 1"

/* ---- writing ---- */

spn_status spk_snapshot_save(const char *path, const spk_snapshot *snapshot, int64_t now, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_text_add(&text, "# " FIRST_LINE "\n# rules: %s\n# whole: %s\n",
			snapshot->dialect == SPN_DIALECT_SAMBA ? "samba" : "windows",
			snapshot->is_whole ? "yes" : "no");
	if (snapshot->is_judged)
		spk_text_add(&text, "# judged: yes\n");
	if (snapshot->settings.len)
		spk_text_add(&text, "# settings: yes\n");
	spk_text_add(&text, "# written: %lld\n", (long long)now);
	if (snapshot->cookie.len) {
		spk_text_add(&text, "# read: %lld\n# cookie: ", (long long)snapshot->read_at);
		spk_base64_encode(&text, snapshot->cookie.data, snapshot->cookie.len);
		spk_text_add_char(&text, '\n');
	}
	spk_text_add_char(&text, '\n');
	spk_snapshot_put_head(snapshot, &text);
	for (size_t i = 0; i < snapshot->n; i++)
		spk_text_add_bytes(&text, spk_record_text(snapshot->list[i]).data, snapshot->list[i]->len);
	spk_text_add(&text, "# end %zu\n", snapshot->n);
	return text.failed ? spk_nomem(err) : spk_file_replace(path, text.data, text.len, 0600, err);
}

/* ---- reading ---- */

static spn_status fail_foreign(const char *path, const char *why, spn_error *err)
{
	return spn_fail(err, SPN_ERR_SYNTAX, 0,
			"'%s' is not what a look at a domain left behind (%s): nothing was changed in it; name another "
			"file, "
			"or remove this one to begin anew",
			path, why);
}

static const char *value_of(const char *comment, const char *name)
{
	size_t len = strlen(name);
	return strncmp(comment, name, len) == 0 ? comment + len : NULL;
}

static spn_status take_comments(const spk_ldif_record *record, const char *path, spk_snapshot *snapshot,
		bool *ret_has_settings, spn_error *err)
{
	const char *value;
	if (record->n_comments == 0 || strcmp(record->comments[0].text, FIRST_LINE) != 0)
		return fail_foreign(path, "its first line is not '# " FIRST_LINE "'", err);
	for (size_t i = 1; i < record->n_comments; i++) {
		const char *text = record->comments[i].text;
		if ((value = value_of(text, "rules: ")))
			snapshot->dialect = strcmp(value, "samba") == 0 ? SPN_DIALECT_SAMBA : SPN_DIALECT_WINDOWS;
		else if ((value = value_of(text, "whole: ")))
			snapshot->is_whole = strcmp(value, "yes") == 0;
		else if ((value = value_of(text, "judged: ")))
			snapshot->is_judged = strcmp(value, "yes") == 0;
		else if ((value = value_of(text, "settings: ")))
			*ret_has_settings = strcmp(value, "yes") == 0;
		else if ((value = value_of(text, "written: ")))
			snapshot->written_at = strtoll(value, NULL, 10);
		else if ((value = value_of(text, "read: ")))
			snapshot->read_at = strtoll(value, NULL, 10);
		else if ((value = value_of(text, "cookie: ")) &&
				!spk_base64_decode(value, strlen(value), &snapshot->cookie))
			return fail_foreign(path, "its cookie is damaged", err);
	}
	snapshot->domain = strdup(record->dn);
	return snapshot->domain && !snapshot->cookie.failed ? SPN_OK : spk_nomem(err);
}

static spn_status make_entry(const spk_ldif_record *record, spn_entry **ret_entry, spn_error *err)
{
	spn_status status = spn_entry_new(record->dn, ret_entry, err);
	for (size_t i = 0; !status && i < record->n_lines; i++) {
		const spk_ldif_line *line = &record->lines[i];
		bool is_part = spk_ldif_range(line->attr) != NULL;
		bool is_unknown = line->value.len == 0 && spk_ascii_equal(line->attr, SPK_SPN); /* by an older version */
		if (is_part || is_unknown)
			spk_entry_set_lacks_names(*ret_entry);
		if (!is_unknown)
			status = spn_entry_add(*ret_entry, is_part ? SPK_SPN : line->attr, line->value, err);
	}
	return status;
}

static spn_status take_account(const spk_ldif_record *record, spk_snapshot *snapshot, spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	spk_record *made = NULL;
	spn_status status = make_entry(record, &entry, err);
	if (!status)
		status = spk_record_new(entry, snapshot->dialect, &made, err);
	return status ? status : spk_snapshot_add(snapshot, made, err);
}

static spn_status take_settings(const spk_ldif_record *record, spk_snapshot *snapshot, spn_error *err)
{
	spk_ldif_put(&snapshot->settings, "dn", spk_bytes(record->dn));
	for (size_t i = 0; i < record->n_lines; i++)
		spk_ldif_put(&snapshot->settings, record->lines[i].attr, record->lines[i].value);
	spk_text_add_char(&snapshot->settings, '\n');
	return snapshot->settings.failed ? spk_nomem(err) : SPN_OK;
}

/* Without its last line a file was cut off. */
static spn_status check_end(
		const spk_ldif_reader *reader, const char *path, const spk_snapshot *snapshot, spn_error *err)
{
	const spk_ldif_comment *comments;
	char end[64];
	size_t n = spk_ldif_comments(reader, &comments);
	snprintf(end, sizeof end, "end %zu", snapshot->n);
	return n == 1 && strcmp(comments[0].text, end) == 0 ? SPN_OK : fail_foreign(path, "its end is missing", err);
}

static spn_status read_records(spk_ldif_reader *reader, const char *path, spk_snapshot *snapshot, spn_error *err)
{
	const spk_ldif_record *record = NULL;
	bool is_settings = false; /* the next one */
	spn_status status = spk_ldif_next(reader, &record, err);
	if (!status)
		status = record ? take_comments(record, path, snapshot, &is_settings, err) :
				  fail_foreign(path, "it holds no entry", err);
	if (!status)
		status = spk_ldif_next(reader, &record, err);
	for (; !status && record; status = status ? status : spk_ldif_next(reader, &record, err)) {
		status = is_settings ? take_settings(record, snapshot, err) : take_account(record, snapshot, err);
		is_settings = false;
	}
	return status ? status : check_end(reader, path, snapshot, err);
}

/* Who may write a state decides what is not reported. */
static spn_status open_own(const char *path, FILE **ret_file, spn_error *err)
{
	struct stat is;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO has no writer, perhaps for ever */
	if (fd < 0 || fstat(fd, &is) != 0 || !(*ret_file = fdopen(fd, "r"))) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		return spn_fail(err, why == ENOENT ? SPN_ERR_NOT_FOUND : SPN_ERR_FAILED, why, "cannot read '%s': %s", path,
				strerror(why));
	}
	const char *fault = !S_ISREG(is.st_mode)           ? "is not a regular file" :
			is.st_uid && is.st_uid != geteuid() ? "belongs to somebody else" :
			is.st_mode & (S_IWGRP | S_IWOTH)    ? "may be written by others" :
							      NULL;
	if (fault)
		fclose(*ret_file);
	return fault ? spn_fail(err, SPN_ERR_REFUSED, 0,
				       "'%s' %s: a state of watch is read from a file of your own only", path, fault) :
		       SPN_OK;
}

spn_status spk_snapshot_load(const char *path, spk_snapshot *ret_snapshot, spn_error *err)
{
	FILE *file = NULL;
	spn_status opened = open_own(path, &file, err);
	if (opened)
		return opened;
	SPK_AUTOLDIF spk_ldif_reader *reader = NULL;
	spk_snapshot snapshot = { .n = 0 };
	spn_status status = spk_ldif_read_file(path, file, &reader, err);
	if (!status)
		status = read_records(reader, path, &snapshot, err);
	fclose(file);
	if (status) {
		spk_snapshot_free(&snapshot, NULL);
		return status;
	}
	spk_snapshot_sort(&snapshot);
	*ret_snapshot = snapshot;
	return SPN_OK;
}
