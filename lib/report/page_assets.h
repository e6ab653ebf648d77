/* SPDX-License-Identifier: MIT */
/* page_assets.h - what embed.py makes of page.css and page.js */
#ifndef CLI_REPORT_ASSETS_H
#define CLI_REPORT_ASSETS_H

#include <stddef.h>

struct asset {
	const char *data;
	size_t len;
	const char *hash; /* by which a content security policy allows it */
};

extern const struct asset page_css, page_js;

#endif
