/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <spnkit/text.h>

#include "last_change.h"
#include "remedy.h"
#include "page_assets.h"
#include "base/text.h"

void spk_page_put(FILE *to, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "&<>\"'");
		spn_text_print(to, text, n);
		text += n;
		if (*text)
			fputs(*text == '&'                           ? "&amp;" :
							*text == '<' ? "&lt;" :
							*text == '>' ? "&gt;" :
							*text == '"' ? "&quot;" :
								       "&#39;",
					to);
		text += *text != '\0';
	}
}

static void put_ref(FILE *to, const spn_account_ref *ref)
{
	fputs("<li>", to);
	if (*ref->account) {
		fputs("<b>", to);
		spk_page_put(to, ref->account);
		fputs("</b> ", to);
	}
	fputs("<small>", to);
	spk_page_put(to, ref->dn);
	fputs("</small>", to);
}

void spk_page_put_account(FILE *to, const spn_account_ref *ref)
{
	put_ref(to, ref);
	fputs("</li>", to);
}

void spk_page_put_dated(FILE *to, const spn_account_ref *ref, const spn_last_change *change, bool is_youngest)
{
	char text[SPK_LAST_CHANGE_TEXT];
	spk_last_change_text(change, text);
	put_ref(to, ref);
	fputs("<small>", to);
	spk_page_put(to, text);
	fputs(is_youngest ? " <strong>(the latest)</strong></small></li>" : "</small></li>", to);
}

FILE *spk_page_add_row(spn_report *report, size_t kind)
{
	struct spk_rows *rows = &report->page.rows[kind];
	if (!rows->file && !rows->text)
		rows->file = open_memstream(&rows->text, &rows->len);
	report->lost |= !rows->file;
	report->page.n_rows++;
	return rows->file;
}

void spk_page_put_rows(spn_report *report, size_t kind)
{
	struct spk_rows *rows = &report->page.rows[kind];
	if (!rows->file)
		return;
	report->lost |= fclose(rows->file) != 0;
	rows->file = NULL;
	if (rows->text)
		fwrite(rows->text, 1, rows->len, report->out.file);
}

void spk_page_put_remedy(spn_report *report, FILE *to, const spn_finding *finding)
{
	char *remedy = spk_remedy_of(finding, &report->lost);
	if (!remedy)
		return;
	fputs("<p class=\"repair\">Repair: <code>", to);
	spk_page_put(to, remedy);
	fputs("</code></p>", to);
	free(remedy);
}

void spk_page_begin(FILE *to, const char *title, const char *of)
{
	fprintf(to, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '%s'; script-src '%s'; "
			"base-uri 'none'; form-action 'none'\">\n", spk_page_css.hash, spk_page_js.hash);
	fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>", to);
	spk_page_put(to, title);
	spk_page_put(to, of);
	fputs("</title>\n<style>", to);
	fwrite(spk_page_css.data, 1, spk_page_css.len, to);
	fputs("</style>\n</head>\n<body>\n<header>\n<h1>", to);
	spk_page_put(to, title);
	spk_page_put(to, of);
	fputs("</h1>\n<p>", to);
}

void spk_page_middle(FILE *to)
{
	char when[32];
	struct tm tm;
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", spk_utc(time(NULL), &tm));
	fprintf(to, ", looked at by spnkit %s at <time datetime=\"%s\">%s</time>.</p>\n</header>\n<main>\n",
			spn_version(), when, when);
}

void spk_page_end(FILE *to)
{
	fputs("</main>\n<script>", to);
	fwrite(spk_page_js.data, 1, spk_page_js.len, to);
	fputs("</script>\n</body>\n</html>\n", to);
}
