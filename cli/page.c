/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spnkit/backend.h>

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

spn_status page_begin(struct page *page, const struct cli *cli, spn_error *err)
{
	spn_report_options options = SPN_REPORT_OPTIONS_INIT;
	if (!cli->options.html)
		return SPN_OK;
	page->file = open_memstream(&page->text, &page->size);
	if (!page->file)
		return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	options.format = SPN_REPORT_HTML;
	options.out = page->file;
	return spn_report_new(&options, &page->report, err);
}

static spn_status save(const char *path, const char *text, size_t size, spn_error *err)
{
	FILE *file = fopen(path, "w");
	bool is_written = file && fwrite(text, 1, size, file) == size;
	if (file)
		is_written &= fclose(file) == 0;
	return is_written ? SPN_OK : spn_fail(err, SPN_ERR_FAILED, errno, "cannot write '%s': %s", path, strerror(errno));
}

spn_status page_write(struct page *page, const struct cli *cli, spn_error *err)
{
	if (!page->report)
		return SPN_OK;
	spn_status status = spn_report_flush(page->report, err);
	return status ? status : save(cli->options.html, page->text, page->size, err);
}

void page_free(struct page *page)
{
	spn_report_free(page->report);
	if (page->file)
		fclose(page->file);
	free(page->text);
}
