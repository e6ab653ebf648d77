/* SPDX-License-Identifier: MIT */
/* report_assets.h - what embed.py makes of report.css and report.js */
#ifndef CLI_REPORT_ASSETS_H
#define CLI_REPORT_ASSETS_H

#include <stddef.h>

struct asset {
	const char *data;
	size_t len;
	const char *hash; /* by which a content security policy allows it */
};

extern const struct asset report_css, report_js;

#endif
