/* SPDX-License-Identifier: MIT */
#include "handle.h"

#include <stdint.h>

#include "model/entry.h"
#include "model/filter.h"

/* Not all of it: what it lists of controls and capabilities would be most of what a look-up reads. */
const char *const spk_root_attrs[] = { "namingContexts", "defaultNamingContext", "configurationNamingContext",
	"schemaNamingContext", "rootDomainNamingContext", "dnsHostName", "serverName", "ldapServiceName",
	"isGlobalCatalogReady", "domainFunctionality", "forestFunctionality", "domainControllerFunctionality",
	"supportedLDAPVersion", "vendorName", "vendorVersion", NULL };
const spn_search spk_root_search = {
	.version = SPN_SEARCH_VERSION, .base = "", .scope = SPN_SCOPE_BASE, .attrs = spk_root_attrs
};

spn_status spk_keep_root(const spn_entry *entry, void *data, spn_error *err)
{
	return *(spn_entry **)data ? SPN_OK : spk_entry_copy(entry, data, err);
}

static void trace_asked(spn_directory *dir, size_t first, bool asks_root)
{
	if (dir->trace && asks_root)
		dir->trace("root DSE", dir->trace_data);
	for (size_t i = first + asks_root; dir->trace && i < dir->ahead.n; i++)
		spk_trace_search(dir, spk_ahead_search(&dir->ahead, i));
}

/* Makes the searches that were noted, and reads the root DSE along with them if that is not known. */
static void ask_ahead(spn_directory *dir, size_t first)
{
	bool asks_root = !dir->root && first == 0;
	if (dir->ahead.n == first)
		return;
	trace_asked(dir, first, asks_root);
	spk_ahead_ask(&dir->ahead, first, &dir->backend, dir->self);
	spk_trace_move(dir);
	if (asks_root) {
		bool is_known;
		(void)spk_ahead_answer(&dir->ahead, &spk_root_search, SPK_FOLD_WINDOWS, spk_keep_root, &dir->root, &is_known, NULL);
	}
	dir->ahead.presumed_root = spn_entry_free(dir->ahead.presumed_root);
}

static bool can_look(const spn_directory *dir)
{
	return dir->backend.search_many && !dir->ahead.is_looking;
}

/* Until the root DSE is known, which is the first search of all. */
static void presume_root(spn_directory *dir)
{
	const char *domain = dir->backend.presumed ? dir->backend.presumed(dir->self) : NULL;
	if (dir->root)
		return;
	spk_ahead_note(&dir->ahead, &spk_root_search);
	spn_entry_free(dir->ahead.presumed_root);
	dir->ahead.presumed_root = domain ? spk_presumed_root(domain) : NULL;
}

static void note_wants(spn_directory *dir, spk_look_fn *look, void *data)
{
	dir->ahead.is_looking = true;
	look(dir, data);
	dir->ahead.is_looking = false;
}

void spk_directory_look_ahead(spn_directory *dir, const char *subject, spk_look_fn *look, void *data)
{
	enum { MOST = 6 }; /* each round takes one answer further; nothing needs so many */
	if (!can_look(dir))
		return;
	spk_ahead_begin(&dir->ahead, subject);
	size_t first = 0;
	presume_root(dir);
	for (int i = 0; i < MOST; i++) {
		note_wants(dir, look, data);
		if (dir->ahead.n == first)
			return;
		ask_ahead(dir, first);
		first = dir->ahead.n;
	}
}

void spk_directory_forget(spn_directory *dir)
{
	if (!dir->ahead.is_looking)
		spk_ahead_forget(&dir->ahead);
}

spn_status spk_directory_onwards(const spn_directory *dir, spn_status status)
{
	return dir->ahead.is_looking ? SPN_OK : status;
}

bool spk_directory_is_ahead(const spn_directory *dir)
{
	return dir->ahead.is_open;
}

bool spk_directory_is_looking(const spn_directory *dir)
{
	return dir->ahead.is_looking;
}

/* All that has a value of an attribute may be all of the domain. */
static bool may_find_all(const spn_filter *filter)
{
	bool may = !filter || filter->op == SPN_FILTER_PRESENT || filter->op == SPN_FILTER_NOT;
	for (size_t i = 0; !may && filter->parts && filter->parts[i]; i++)
		may = may_find_all(filter->parts[i]);
	return may;
}

bool spk_presume(spn_directory *dir, const spn_search *search, spk_look_fn *look)
{
	if (dir->root || search->base || search->forest || dir->ahead.is_open || !can_look(dir) || !dir->backend.presumed ||
			!dir->backend.presumed(dir->self) || spk_filter_check(search->filter, NULL) || may_find_all(search->filter))
		return false;
	spk_ahead_begin(&dir->ahead, NULL);
	presume_root(dir);
	note_wants(dir, look, (void *)(uintptr_t)search);
	ask_ahead(dir, 0);
	dir->ahead.is_single = true;
	return true;
}
