/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connect.h"

bool page_is_at(const struct cli *cli, const char *read)
{
	struct stat page, other;
	const char *path = connect_is_ldif(read) ? read + strlen("ldif:") : read;
	bool is_stdin = strcmp(path, "-") == 0;
	return cli->options.html && stat(cli->options.html, &page) == 0 &&
			(is_stdin ? fstat(STDIN_FILENO, &other) : stat(path, &other)) == 0 && S_ISREG(page.st_mode) &&
			page.st_dev == other.st_dev && page.st_ino == other.st_ino;
}

spn_status page_fail_at(const struct cli *cli, spn_error *err)
{
	return spn_fail(err, SPN_ERR_INVALID, 0,
			"the page would take the place of what is read: '%s' is the same file; write it to another one",
			cli->options.html);
}

void page_begin(struct cli *cli)
{
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	options.format = SPN_REPORT_HTML;
	options.path = cli->options.html;
	cli->lost |= options.path && spn_report_new(&options, &cli->page, NULL) != SPN_OK;
	spn_report_also(cli->report, cli->page);
}
