/* SPDX-License-Identifier: MIT */
#include "domains.h"

#include <string.h>

#include "connect.h"
#include "output.h"

spn_status domains_open(struct cli *cli, spn_error *err)
{
	size_t wanted = cli->options.domains.n ? cli->options.domains.n : 1;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < wanted; i++) {
		status = connect_open(cli, cli->options.domains.at[i], &cli->dirs[i], err);
		cli->n_dirs += !status;
	}
	return status;
}

/* Without a slash, a pattern that begins a name may mean any class, and all accounts were looked at. */
static spn_status know(struct cli *cli, const char *pattern, bool *ret_known, spn_error *err)
{
	size_t n_accounts = spn_report_progress(cli->report, NULL);
	*ret_known = !pattern || (n_accounts > 0 && strchr(pattern, '/'));
	return *ret_known || n_accounts == 0 ? SPN_OK :
			spn_query_any(cli->dirs, cli->n_dirs, pattern, cli->options.forest, ret_known, err);
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
			status = know(cli, pattern, &is_known, err);
		if (status || n_found || is_known)
			return status;
		next = name ? pattern : meant(cli, pattern, SPN_ASKED_SEARCH, &name);
	} while (next != pattern);
	tell_unknown(cli, pattern);
	return SPN_OK;
}

spn_status domains_check_page(const struct cli *cli, spn_directory *const *dirs, size_t n, spn_error *err)
{
	bool is_over = spn_report_is_over(cli->page, cli->options.accepted);
	for (size_t i = 0; i < n; i++)
		is_over |= spn_report_is_over(cli->page, spn_directory_url(dirs[i]));
	return !is_over ? SPN_OK : spn_fail(err, SPN_ERR_INVALID, 0,
			"the page would take the place of what is read: '%s' is the same file; write it to another one",
			cli->options.html);
}
