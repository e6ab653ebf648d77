/* SPDX-License-Identifier: MIT */
/* page.h - an audit, or changes, as one page of HTML that needs nothing else */
#ifndef SPK_REPORT_PAGE_H
#define SPK_REPORT_PAGE_H

#include "form.h"

/* How many findings of a severity, or events of a kind, a page shows. */
#define SPK_PAGE_ROWS 5000

/* The parts of any page: up to its first sentence; from there to its body; its end. */
void spk_page_begin(FILE *to, const char *title, const char *of);
void spk_page_middle(FILE *to);
void spk_page_end(FILE *to);

/* Rows of its table that wait for what stands above them: where to write one, NULL without memory; and all of one
 * kind. */
FILE *spk_page_add_row(spn_report *report, size_t kind);
void spk_page_put_rows(spn_report *report, size_t kind);

/* Appends a text so that it is only text, wherever in the page it stands.  What is invisible, or turns a line round, is
 * shown as \xNN. */
void spk_page_put(FILE *to, const char *text);
/* An account, as an item of a list. */
void spk_page_put_account(FILE *to, const spn_account_ref *ref);
/* The same, with when and where its names were last changed. */
void spk_page_put_dated(FILE *to, const spn_account_ref *ref, const spn_last_change *change, bool is_youngest);
/* The command that repairs it, as a paragraph; nothing if there is none. */
void spk_page_put_remedy(spn_report *report, FILE *to, const spn_finding *finding);

/* page_picture.c: whether the picture shows a finding, and which account holds what where names collide; nothing if
 * none do. */
bool spk_page_pictures(const spn_finding *finding);
void spk_page_picture(FILE *to, const spn_findings *conflicts);

/* page_changes.c: an event waits for the head of its page. */
void spk_page_keep_event(spn_report *report, const spn_event *event);
void spk_page_put_differences(spn_report *report, const char *of);

#endif
