/* SPDX-License-Identifier: MIT */
#include "handle.h"

#include <string.h>

#include "base/text.h"
#include "model/filter.h"

void spk_trace(spn_directory *dir, spk_text *line)
{
	if (!line->failed && line->data) {
		spk_make_printable(line->data);
		dir->trace(line->data, dir->trace_data);
	}
}

void spk_trace_search(spn_directory *dir, const spn_search *search)
{
	static const char *const scopes[] = { "base", "one", "subtree" };
	SPK_AUTOTEXT spk_text line = { 0 };
	spk_text_add(&line, "search %s base='%s' scope=%s filter=", search->forest ? "forest" : "domain",
			search->base ? search->base : "", scopes[search->scope]);
	spk_filter_render(search->filter, &line);
	spk_trace(dir, &line);
}

void spk_trace_modify(spn_directory *dir, const char *dn, const spn_mod *mods, size_t n_mods)
{
	SPK_AUTOTEXT spk_text line = { 0 };
	spk_text_add(&line, "modify dn='%s'", dn);
	for (size_t i = 0; i < n_mods; i++)
		spk_text_add(&line, " %s %s='%.*s'", mods[i].op == SPN_MOD_ADD ? "add" : "delete", mods[i].attr,
				(int)mods[i].value.len, mods[i].value.data);
	spk_trace(dir, &line);
}

void spk_trace_move(spn_directory *dir)
{
	const char *url = dir->trace ? spk_handle_url(dir) : dir->url;
	if (!dir->trace || strcmp(url, dir->url) == 0)
		return;
	char *copy = strdup(url);
	if (!copy)
		return; /* told the next time */
	free(dir->url);
	dir->url = copy;
	SPK_AUTOTEXT spk_text line = { 0 };
	spk_text_add(&line, "directory %s", url);
	spk_trace(dir, &line);
}
