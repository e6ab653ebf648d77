/* SPDX-License-Identifier: MIT */
/* page_assets.h - what embed.py makes of page.css and page.js */
#ifndef SPK_PAGE_ASSETS_H
#define SPK_PAGE_ASSETS_H

#include <stddef.h>

typedef struct spk_asset {
	const char *data;
	size_t len;
	const char *hash; /* by which a content security policy allows it */
} spk_asset;

extern const spk_asset spk_page_css, spk_page_js;

#endif
