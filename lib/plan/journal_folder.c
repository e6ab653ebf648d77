/* SPDX-License-Identifier: MIT */
#include "journal_file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "base/error.h"

spn_status spk_journal_folder(char **ret_folder, spn_error *err)
{
	const char *state = secure_getenv("XDG_STATE_HOME"), *home = secure_getenv("HOME");
	bool given = state && *state == '/'; /* the XDG base directory specification ignores relative ones */
	if (!given && !(home && *home))
		return spn_fail(err, SPN_ERR_FAILED, 0, "no folder for journals: set HOME, or name a journal file");
	*ret_folder = given ? spk_printf("%s/spnkit/", state) : spk_printf("%s/.local/state/spnkit/", home);
	return *ret_folder ? SPN_OK : spk_nomem(err);
}

int spk_journal_is_named(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	return entry->d_name[0] != '.' && len > strlen(SPK_JOURNAL_SUFFIX) &&
			strcmp(entry->d_name + len - strlen(SPK_JOURNAL_SUFFIX), SPK_JOURNAL_SUFFIX) == 0;
}

bool spk_journal_is_named_by_time(const char *name)
{
	static const char digits[] = "0123456789";
	return strspn(name, digits) == 8 && name[8] == 'T' && strspn(name + 9, digits) == 6 && name[15] == '.';
}

char *spk_journal_newest(const char *folder)
{
	DIR *dir = opendir(folder);
	char *newest = NULL;
	for (const struct dirent *entry; dir && (entry = readdir(dir));) {
		if (!spk_journal_is_named(entry) || !spk_journal_is_named_by_time(entry->d_name) ||
				(newest && strcmp(entry->d_name, newest) <= 0))
			continue;
		free(newest);
		newest = strdup(entry->d_name);
	}
	if (dir)
		closedir(dir);
	return newest;
}
