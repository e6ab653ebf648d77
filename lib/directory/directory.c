/* SPDX-License-Identifier: MIT */
#include "handle.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/filter.h"

static spn_status check_backend(const spn_backend *backend, spn_error *err)
{
	const char *name = backend->name ? backend->name : "";
	unsigned unknown = backend->flags & ~(SPN_BACKEND_LIVE | SPN_BACKEND_FILE);
	const char *missing = !backend->search ? "search" :
			      !backend->modify ? "modify" :
			      !backend->root   ? "root" :
			      !backend->free   ? "free" :
						 NULL;
	if (missing)
		return spn_fail(err, SPN_ERR_INVALID, 0, "the back end '%s' has no function '%s'", name, missing);
	if (unknown)
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"the back end '%s' has the unknown flag 0x%x: use SPN_BACKEND_LIVE or SPN_BACKEND_FILE", name,
				unknown);
	return SPN_OK;
}

spn_status spn_directory_new(const spn_backend *backend, void *self, const char *url, bool read_only,
		spn_directory **ret_dir, spn_error *err)
{
	if (!backend || !ret_dir || !url)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_directory_new: an argument is NULL");
	static const size_t sizes[] = { offsetof(spn_backend, flags), offsetof(spn_backend, search_many),
		sizeof(spn_backend) };
	spn_backend taken;
	spn_status status = spk_take("spn_backend", backend, sizes, SPN_BACKEND_VERSION, &taken, err);
	if (status)
		return status;
	status = check_backend(&taken, err);
	if (status)
		return status;
	spn_directory *dir = calloc(1, sizeof *dir);
	if (dir)
		dir->url = strdup(url);
	if (!dir || !dir->url) {
		free(dir);
		return spk_nomem(err);
	}
	dir->backend = taken;
	dir->table = backend;
	dir->self = self;
	dir->read_only = read_only;
	*ret_dir = dir;
	return SPN_OK;
}

#define BACK_END "the back end"

/* who: BACK_END, or also who it has called. */
static void explain_silence(const spn_directory *dir, const char *who, spn_status status, spn_error *err)
{
	spn_fail(err, status, 0, "%s '%s' failed (%s) without giving a reason", who,
			dir->backend.name ? dir->backend.name : "", spn_status_name(status));
}

/* Behind an operation: whoever failed without giving a reason leaves a text all the same.  before is of
 * spk_callback_begin. */
static spn_status answered(
		const spn_directory *dir, const char *who, spn_status status, spn_status before, spn_error *err)
{
	if (err && status && status != SPN_ERR_STOPPED && !err->status)
		explain_silence(dir, who, status, err);
	return spk_callback_end(status, before, err);
}

spn_directory *spn_directory_free(spn_directory *dir)
{
	if (!dir)
		return NULL;
	dir->backend.free(dir->self);
	spk_ahead_free(&dir->ahead);
	spn_entry_free(dir->root);
	spn_entry_free(dir->settings);
	spn_entry_free(dir->controllers);
	free(dir->url);
	free(dir);
	return NULL;
}

spn_status spk_directory_context(spn_directory *dir, const char *attr, const char **ret_dn, spn_error *err)
{
	const spn_entry *root;
	spn_status status = spn_directory_root(dir, &root, err);
	if (!status)
		*ret_dn = spn_entry_text(root, attr);
	return status;
}

spn_status spn_directory_base(spn_directory *dir, const char **ret_dn, spn_error *err)
{
	if (!dir || !ret_dn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_directory_base: an argument is NULL");
	const char *dn = NULL;
	spn_status status = spk_directory_context(dir, "defaultNamingContext", &dn, err);
	if (!status && !dn)
		status = spn_fail(err, SPN_ERR_UNSUPPORTED, 0,
				"the server at '%s' names no defaultNamingContext: it is not Active Directory",
				spn_directory_url(dir));
	if (!status)
		*ret_dn = dn;
	return status;
}

/* Checks a search, and says where it begins. */
static spn_status complete(spn_directory *dir, const spn_search *search, spn_search *ret_full, spn_error *err)
{
	if ((unsigned)search->scope > SPN_SCOPE_SUBTREE)
		return spn_fail(err, SPN_ERR_INVALID, 0, "unknown scope %d", (int)search->scope);
	spn_status status = spk_version_check("spn_search", search->version, SPN_SEARCH_VERSION, err);
	if (!status)
		status = spk_filter_check(search->filter, err);
	if (status)
		return status;
	*ret_full = *search;
	ret_full->version = SPN_SEARCH_VERSION;
	if (search->forest) {
		ret_full->base = NULL;
	} else if (!search->base) {
		status = spn_directory_base(dir, &ret_full->base, err);
	}
	return status;
}

spn_status spk_directory_rules(spn_directory *dir, spn_dialect *ret_dialect, spn_error *err)
{
	const char *vendor = NULL;
	spn_status status = spk_directory_context(dir, "vendorName", &vendor, err);
	if (!status)
		*ret_dialect = vendor && strstr(vendor, "Samba") ? SPN_DIALECT_SAMBA : SPN_DIALECT_WINDOWS;
	return status;
}

spn_status spk_directory_folding(spn_directory *dir, spk_folding *ret_folding, spn_error *err)
{
	spn_dialect rules;
	spn_status status = spk_directory_rules(dir, &rules, err);
	if (!status)
		*ret_folding = rules == SPN_DIALECT_SAMBA ? SPK_FOLD_SAMBA : SPK_FOLD_WINDOWS;
	return status;
}

static spn_status note_single(const spn_entry *entry, void *data, spn_error *err)
{
	const char *text = spn_entry_text(entry, "isSingleValued");
	*(bool *)data = text && spk_ascii_equal(text, "TRUE");
	(void)err;
	return SPN_OK;
}

spn_status spk_directory_is_single_valued(spn_directory *dir, const char *attr, bool *ret_single, spn_error *err)
{
	const char *schema = NULL;
	spn_status status = spk_directory_is_local(dir) ?
			SPN_OK :
			spk_directory_context(dir, "schemaNamingContext", &schema, err);
	*ret_single = spk_is_single_valued(attr);
	if (status || !schema)
		return status;
	static const char *const attrs[] = { "isSingleValued", NULL };
	const spn_filter filter = { .op = SPN_FILTER_EQUAL, .attr = "lDAPDisplayName", .value = { attr, strlen(attr) } };
	const spn_search search = { .base = schema, .scope = SPN_SCOPE_ONE, .filter = &filter, .attrs = attrs };
	return spn_directory_search(dir, &search, note_single, ret_single, err);
}

/* Hands on entries that know how their values compare. */
spn_status spk_mark_entry(const spn_entry *entry, void *data, spn_error *err)
{
	const spk_marked *marked = data;
	spk_entry_set_folding((spn_entry *)(uintptr_t)entry, marked->folding); /* it was made for this one call */
	return marked->fn(entry, marked->data, err);
}

static spn_status search_with(spn_directory *dir,
		spn_status (*search)(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err),
		const spn_search *full, spn_entry_fn *fn, void *data, spn_error *err)
{
	spk_marked marked = { fn, data, SPK_FOLD_WINDOWS };
	bool is_known = false;
	/* whoever depends on it has asked for the rules before */
	spn_status status = dir->root ? spk_directory_folding(dir, &marked.folding, err) : SPN_OK;
	if (status)
		return status;
	spn_status before = spk_callback_begin(err);
	status = spk_ahead_answer(&dir->ahead, full, marked.folding, fn, data, &is_known, err);
	if (is_known)
		return answered(dir, "a callback or the back end", status, before, err);
	if (dir->ahead.is_looking)
		return spk_callback_end(SPN_ERR_STOPPED, before, err);
	if (dir->trace)
		spk_trace_search(dir, full);
	status = marked.folding == SPK_FOLD_WINDOWS ? search(dir->self, full, fn, data, err) :
						      search(dir->self, full, spk_mark_entry, &marked, err);
	spk_trace_move(dir);
	return answered(dir, "a callback or the back end", status, before, err);
}

static spn_status see_nothing(const spn_entry *entry, void *data, spn_error *err)
{
	(void)entry, (void)data, (void)err;
	return SPN_OK;
}

static void look_for_one(spn_directory *dir, void *data)
{
	(void)spn_directory_search(dir, data, see_nothing, NULL, NULL);
}

spn_status spn_directory_search(spn_directory *dir, const spn_search *search, spn_entry_fn *fn,
		void *data, spn_error *err)
{
	spn_search full;
	if (!dir || !search || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_directory_search: an argument is NULL");
	bool is_alone = spk_presume(dir, search, look_for_one);
	spn_status status = complete(dir, search, &full, err);
	if (!status)
		status = search_with(dir, dir->backend.search, &full, fn, data, err);
	if (is_alone)
		spk_ahead_forget(&dir->ahead);
	return status;
}

spn_status spk_directory_search_shared(
		spn_directory *dir, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	spn_search full;
	spn_status status = complete(dir, search, &full, err);
	if (status)
		return status;
	return search_with(dir, dir->backend.search_shared ? dir->backend.search_shared : dir->backend.search, &full, fn,
			data, err);
}

spn_status spk_directory_changes(spn_directory *dir, const char *const *attrs, spn_bytes cookie, spn_entry_fn *fn,
		void *data, spn_bytes *ret_cookie, spn_error *err)
{
	const char *base = NULL;
	SPK_AUTOTEXT spk_text line = { 0 };
	if (!dir->backend.changes)
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "'%s' does not tell what has changed",
				spn_directory_url(dir));
	spn_status status = spn_directory_base(dir, &base, err);
	if (status)
		return status;
	if (dir->trace) {
		spk_text_add(&line, "changes base='%s' since=%s", base, cookie.len ? "the last look" : "now");
		spk_trace(dir, &line);
	}
	spn_status before = spk_callback_begin(err);
	status = dir->backend.changes(dir->self, base, attrs, cookie, fn, data, ret_cookie, err);
	spk_trace_move(dir);
	return answered(dir, BACK_END, status, before, err);
}

bool spk_directory_may_lack(const spn_directory *dir)
{
	return spk_directory_is_local(dir) && !dir->is_whole;
}

void spk_directory_set_whole(spn_directory *dir)
{
	dir->is_whole = true;
}

bool spk_directory_is_local(const spn_directory *dir)
{
	return dir->backend.flags & SPN_BACKEND_FILE;
}

bool spk_directory_is_live(const spn_directory *dir)
{
	return dir->backend.flags & SPN_BACKEND_LIVE;
}

const char *spk_directory_scheme(const spn_directory *dir)
{
	return dir->backend.scheme ? dir->backend.scheme(dir->self) : NULL;
}

bool spk_directory_may_be_at(const spn_directory *dir, const char *url)
{
	const char *own = spn_directory_url(dir);
	size_t len = strcspn(own, ":");
	if (dir->backend.is_same)
		return dir->backend.is_same(own, url);
	if (!spk_directory_is_live(dir)) /* no objectSid tells one file from another */
		return strcmp(own, url) == 0;
	return len == strcspn(url, ":") && strncmp(own, url, len) == 0;
}

bool spn_directory_progress(const spn_directory *dir, size_t *ret_done, size_t *ret_total)
{
	return dir && dir->backend.progress && dir->backend.progress(dir->self, ret_done, ret_total);
}

void spn_directory_notes(const spn_directory *dir, spn_note_fn *fn, void *data)
{
	if (dir && fn && dir->backend.notes)
		dir->backend.notes(dir->self, fn, data);
}

/* What must not reach a back end. */
static spn_status check_change(const spn_change *change, spn_error *err)
{
	const char *dn = change->dn;
	for (size_t i = 0; i < change->n_mods; i++) {
		const spn_mod *mod = &change->mods[i];
		if (!mod->attr || !spk_attr_is_valid(mod->attr) || !mod->value.data ||
				(mod->op != SPN_MOD_ADD && mod->op != SPN_MOD_DELETE))
			return spn_fail(err, SPN_ERR_INVALID, 0, "change %zu of '%s' has no attribute, value or operation", i + 1, dn);
	}
	if (!*dn || !spk_dn_is_valid(dn))
		return spn_fail(err, SPN_ERR_INVALID, 0, "'%s' is not a DN", dn);
	return SPN_OK;
}

static spn_status check_request(const spn_directory *dir, const spn_change *change, spn_error *err)
{
	spn_status status = check_change(change, err);
	if (!status && dir->read_only)
		status = spn_fail(err, SPN_ERR_REFUSED, 0, "the directory '%s' is open for reading only",
				spn_directory_url(dir));
	return status;
}

spn_status spn_directory_modify(spn_directory *dir, const char *dn, const spn_mod *mods, size_t n_mods,
		spn_error *err)
{
	if (!dir || !dn || !mods || n_mods == 0)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_directory_modify: an argument is NULL, or there is no change");
	spn_status status = check_request(dir, &(spn_change){ dn, mods, n_mods }, err);
	if (status)
		return status;
	if (dir->trace)
		spk_trace_modify(dir, dn, mods, n_mods);
	if (dir->settings && spk_dn_equal(spn_entry_dn(dir->settings), dn))
		dir->settings = spn_entry_free(dir->settings);
	spn_status before = spk_callback_begin(err);
	dir->enctypes = SPK_NOT_LOOKED;
	spk_ahead_forget(&dir->ahead);
	status = dir->backend.modify(dir->self, dn, mods, n_mods, err);
	spk_trace_move(dir);
	return answered(dir, BACK_END, status, before, err);
}

bool spk_directory_has_several_domains(const spn_directory *dir)
{
	bool is_chosen;
	return dir->backend.domains && dir->backend.domains(dir->self, &is_chosen) > 1;
}

bool spk_directory_is_chosen(const spn_directory *dir, const char *own)
{
	bool is_chosen = false;
	const char *home = dir->backend.home ? dir->backend.home(dir->self) : NULL;
	if (dir->backend.domains)
		(void)dir->backend.domains(dir->self, &is_chosen);
	return dir->is_chosen || is_chosen || (home && !spk_ascii_equal(home, own));
}

void spk_directory_choose(spn_directory *dir)
{
	dir->is_chosen = true;
}

spn_status spk_directory_try(spn_directory *dir, const spn_change *changes, size_t n, spn_error *err)
{
	spn_status status = check_change(&changes[n - 1], err); /* even if it is open for reading only */
	if (status || !dir->backend.foresee)
		return status;
	spn_status before = spk_callback_begin(err);
	return answered(dir, BACK_END, dir->backend.foresee(dir->self, changes, n, err), before, err);
}

void spk_directory_modify_many(spn_directory *dir, const spn_change *changes, size_t n, spn_error *ret_outcomes)
{
	bool sound = dir->backend.modify_many != NULL;
	dir->enctypes = SPK_NOT_LOOKED;
	for (size_t i = 0; sound && i < n; i++)
		sound = check_request(dir, &changes[i], NULL) == SPN_OK;
	for (size_t i = 0; i < n; i++) {
		ret_outcomes[i] = (spn_error){ .status = SPN_OK };
		if (!sound) /* one of them is wrong: which, and how, is told where it is */
			spn_directory_modify(dir, changes[i].dn, changes[i].mods, changes[i].n_mods, &ret_outcomes[i]);
		else if (dir->trace)
			spk_trace_modify(dir, changes[i].dn, changes[i].mods, changes[i].n_mods);
	}
	spk_ahead_forget(&dir->ahead);
	if (sound)
		dir->backend.modify_many(dir->self, changes, n, ret_outcomes);
	for (size_t i = 0; sound && i < n; i++)
		if (ret_outcomes[i].status && !ret_outcomes[i].message[0])
			explain_silence(dir, BACK_END, ret_outcomes[i].status, &ret_outcomes[i]);
	spk_trace_move(dir);
}

spn_entry **spk_directory_settings(spn_directory *dir)
{
	return &dir->settings;
}

spn_entry **spk_directory_controllers(spn_directory *dir)
{
	return &dir->controllers;
}

spk_seen *spk_directory_enctypes(spn_directory *dir)
{
	return &dir->enctypes;
}

static spn_status read_root(spn_directory *dir, spn_error *err)
{
	bool is_known = false;
	spn_status before = spk_callback_begin(err);
	spn_status status = spk_ahead_answer(
			&dir->ahead, &spk_root_search, SPK_FOLD_WINDOWS, spk_keep_root, &dir->root, &is_known, err);
	if (dir->root || status)
		return status;
	if (dir->ahead.is_looking)
		return spk_callback_end(SPN_ERR_STOPPED, before, err);
	if (dir->trace)
		dir->trace("root DSE", dir->trace_data);
	status = answered(dir, BACK_END, dir->backend.root(dir->self, &dir->root, err), before, err);
	spk_trace_move(dir);
	return status;
}

spn_status spn_directory_root(spn_directory *dir, const spn_entry **ret_root, spn_error *err)
{
	if (!dir || !ret_root)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_directory_root: an argument is NULL");
	if (!dir->root && dir->ahead.is_looking && dir->ahead.presumed_root) {
		*ret_root = dir->ahead.presumed_root;
		return SPN_OK;
	}
	spn_status status = dir->root ? SPN_OK : read_root(dir, err);
	if (!status)
		*ret_root = dir->root;
	return status;
}

void spk_directory_stay(spn_directory *dir)
{
	if (dir->backend.stay)
		dir->backend.stay(dir->self);
}

const char *spn_directory_url(const spn_directory *dir)
{
	return spk_handle_url(dir);
}

void spn_directory_trace(spn_directory *dir, spn_trace_fn *fn, void *data)
{
	dir->trace = fn;
	dir->trace_data = data;
}

void *spk_directory_self(const spn_directory *dir, const spn_backend *backend)
{
	return dir && dir->table == backend ? dir->self : NULL;
}
