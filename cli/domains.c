/* SPDX-License-Identifier: MIT */
#include "domains.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connect.h"
#include "output.h"

spn_status domains_open(struct cli *cli, spn_error *err)
{
	size_t wanted = cli->options.domains.n ? cli->options.domains.n : 1;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < wanted; i++) {
		status = connect_open(cli, cli->options.domains.at[i], NULL, &cli->dirs[i], err);
		cli->n_dirs += !status;
	}
	return status;
}

static spn_status note_match(const spn_account *account, const spn_bytes *matched, size_t n, void *data, spn_error *err)
{
	(void)account;
	(void)matched;
	(void)n;
	*(bool *)data = true;
	return spn_fail(err, SPN_ERR_STOPPED, 0, "one is enough");
}

/* Without a slash, a pattern that begins a name may mean any class, and all accounts were looked at. */
static spn_status know(struct cli *cli, const char *pattern, size_t n_accounts, bool *ret_known, spn_error *err)
{
	spn_status status = SPN_OK;
	bool matches = !pattern || (n_accounts > 0 && strchr(pattern, '/'));
	for (size_t i = 0; !status && !matches && n_accounts > 0 && i < cli->n_dirs; i++) {
		status = spn_query(cli->dirs[i], pattern, cli->options.forest, note_match, &matches, err);
		if (status == SPN_ERR_STOPPED)
			status = SPN_OK;
	}
	*ret_known = matches;
	return status;
}

static void tell_unknown(struct cli *cli, const char *pattern)
{
	if (!cli->options.json)
		note(cli, "no account has a name like '%s'%s", pattern,
				strchr(pattern, '/') ? "" : ": names are CLASS/HOST, and '*/HOST*' is any class");
}

spn_status domains_look(struct cli *cli, const char *pattern, domains_look_fn *fn, void *data, spn_error *err)
{
	AUTO(char) *name = NULL;
	const char *next = pattern;
	do {
		size_t n_found = 0;
		bool is_known = false;
		pattern = next;
		spn_report_begin_progress(cli->report, cli->n_dirs == 1 ? cli->dirs[0] : NULL);
		spn_status status = fn(pattern, &n_found, data, err);
		if (!status && !n_found)
			status = know(cli, pattern, spn_report_progress(cli->report, NULL), &is_known, err);
		if (status || n_found || is_known)
			return status;
		next = name ? pattern : meant(cli, pattern, SPN_ASKED_SEARCH, &name);
	} while (next != pattern);
	tell_unknown(cli, pattern);
	return SPN_OK;
}

/* Whether the page would be written over a file that is read, by whatever name or link: the path of one, "-" for
 * standard input, or the URL of a directory. */
static bool is_page_at(const struct cli *cli, const char *read)
{
	struct stat page, other;
	const char *path = connect_is_ldif(read) ? read + strlen("ldif:") : read;
	bool is_stdin = strcmp(path, "-") == 0;
	return cli->options.html && stat(cli->options.html, &page) == 0 &&
			(is_stdin ? fstat(STDIN_FILENO, &other) : stat(path, &other)) == 0 && S_ISREG(page.st_mode) &&
			page.st_dev == other.st_dev && page.st_ino == other.st_ino;
}

spn_status domains_check_page(const struct cli *cli, spn_directory *const *dirs, size_t n, spn_error *err)
{
	bool is_over = cli->options.accepted && is_page_at(cli, cli->options.accepted);
	for (size_t i = 0; i < n; i++)
		is_over |= is_page_at(cli, spn_directory_url(dirs[i]));
	return !is_over ? SPN_OK : spn_fail(err, SPN_ERR_INVALID, 0,
			"the page would take the place of what is read: '%s' is the same file; write it to another one",
			cli->options.html);
}
