/* SPDX-License-Identifier: MIT */
#include "text_put.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <spnkit/text.h>

#include "remedy.h"

#define LINE_SIZE 4096

void spk_put(const spn_report *report, const char *text)
{
	spn_text_print(report->out.file, text, strlen(text));
}

void spk_pieces_in(
		spk_pieces *pieces, const spn_report *report, const spk_lines *to, const char *colour, const char *text)
{
	bool coloured = report->colour && to == &report->out && *colour;
	if (coloured)
		spk_pieces_word(pieces, colour);
	spk_pieces_print(pieces, text, strlen(text));
	if (coloured)
		spk_pieces_word(pieces, SPK_PLAIN);
}

void spk_put_in(const spn_report *report, const spk_lines *to, const char *colour, const char *text)
{
	spk_pieces pieces;
	spk_pieces_begin(&pieces, to->file);
	spk_pieces_in(&pieces, report, to, colour, text);
	spk_pieces_end(&pieces);
}

void spk_put_line(const spn_report *report, const char *lead, const char *text, const char *after)
{
	spk_print_whole(&report->out, 0, lead, text, strlen(text), after);
}

void spk_put_value(const spn_report *report, const spn_bytes *value, bool bold)
{
	bool coloured = bold && report->colour;
	fputs(coloured ? SPK_BOLD : "", report->out.file);
	spk_print_whole(&report->out, 0, "\t", value->data, value->len, "");
	fputs(coloured ? SPK_PLAIN : "", report->out.file);
}

void spk_pieces_indented(spk_pieces *pieces, const spk_lines *to, const char *text, size_t blanks)
{
	char indent[16] = "\t";
	memset(indent + 1, ' ', blanks < sizeof indent - 2 ? blanks : sizeof indent - 2);
	spk_pieces_word(pieces, indent);
	spk_pieces_wrapped(pieces, to, text, SPK_TAB + blanks, indent);
}

void spk_put_wrapped(const spk_lines *to, const char *text, size_t blanks)
{
	spk_pieces pieces;
	spk_pieces_begin(&pieces, to->file);
	spk_pieces_indented(&pieces, to, text, blanks);
	spk_pieces_end(&pieces);
}

void spk_put_repair(spn_report *report, const spk_lines *to, const spn_finding *finding)
{
	char *remedy = spk_remedy_of(finding, &report->lost);
	if (remedy)
		spk_print_whole(to, 0, "\trepair: ", remedy, strlen(remedy), "");
	free(remedy);
}

void spk_say(const spn_report *report, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	spn_text_hide_passwords(line);
	spk_print_sentence(&report->out, line, 0, "  ");
}
