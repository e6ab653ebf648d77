/* SPDX-License-Identifier: MIT */
/* diff_page.h - the changes of a domain as one page of HTML that needs nothing else */
#ifndef CLI_DIFF_PAGE_H
#define CLI_DIFF_PAGE_H

#include <stdio.h>

#include "output.h"

/* Rows that wait for the head of their page.  Start from { 0 }. */
struct diff_page {
	FILE *rows;
	char *text;
	size_t len;
	size_t n[EVENT_KINDS];
};

/* Returns SPN_ERR_NOMEM. */
spn_status diff_page_add(struct diff_page *page, const spn_event *event, spn_error *err);
/* of: the DN of the domain; condition: as in struct report. */
spn_status diff_page_write(
		struct diff_page *page, const char *path, const char *of, const char *condition, spn_error *err);
void diff_page_free(struct diff_page *page);

#endif
