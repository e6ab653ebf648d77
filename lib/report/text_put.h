/* SPDX-License-Identifier: MIT */
/* text_put.h - the parts that answers for people are made of */
#ifndef SPK_TEXT_PUT_H
#define SPK_TEXT_PUT_H

#include "form.h"

#define SPK_PLAIN "\033[0m"
#define SPK_BOLD "\033[1m"
#define SPK_RED "\033[31m"
#define SPK_GREEN "\033[32m"
#define SPK_YELLOW "\033[33m"

#define SPK_TAB 8

/* A text among the answers. */
void spk_put(const spn_report *report, const char *text);
/* The one place that colours: text in a colour, or as it is (messages always). */
void spk_put_in(const spn_report *report, const spk_lines *to, const char *colour, const char *text);
void spk_pieces_in(
		spk_pieces *pieces, const spn_report *report, const spk_lines *to, const char *colour, const char *text);
/* A line among the answers whose text is in one piece. */
void spk_put_line(const spn_report *report, const char *lead, const char *text, const char *after);
/* A line with the value of an attribute. */
void spk_put_value(const spn_report *report, const spn_bytes *value, bool bold);
/* A sentence that fits, each line behind a tab and so many blanks. */
void spk_put_wrapped(const spk_lines *to, const char *text, size_t blanks);
void spk_pieces_indented(spk_pieces *pieces, const spk_lines *to, const char *text, size_t blanks);
/* The command that repairs a finding; nothing if there is none. */
void spk_put_repair(spn_report *report, const spk_lines *to, const spn_finding *finding);
/* A line of its own among the answers. */
void spk_say(const spn_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
