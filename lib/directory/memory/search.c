/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "memory.h"
#include "team.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/filter.h"

#define LDAP_NO_SUCH_OBJECT 32
#define ERROR_DS_NO_SUCH_OBJECT 0x2030u
#define ERROR_DS_OBJ_NOT_FOUND 0x208du

struct scan {
	spk_memory *memory;
	const spn_search *search;
	spn_entry_fn *fn;
	void *data;
	bool is_top;      /* the base is empty: everything is below it */
	bool of_domain;   /* the base is one of several domains: what is in a domain below it is in another naming context */
	bool base_exists; /* an entry at or below it is known */
	bool only_shared; /* spk_memory_search_shared */
	spk_index *only;  /* spk_memory_search_records; or NULL */
	const char **needed; /* what records are read with (spk_ldif_only); or NULL */
	size_t n_first;      /* the first of them are those that the search asks for; 0: that is not known */
	const char *looked_for; /* the attribute whose number is looked_which */
	size_t looked_which;
	spn_entry *entry; /* the one at hand */
	spk_matcher matcher;
	/* the values of one attribute of the record at hand */
	const spk_ldif_record *record;
	spn_bytes *values;
	size_t size;
	bool failed;
	spk_text found; /* by the passer, of the record at hand */
};

static bool grow(struct scan *scan)
{
	size_t size = scan->size * 2 + 16;
	spn_bytes *grown = realloc(scan->values, size * sizeof *grown);
	scan->failed |= !grown;
	if (!grown)
		return false;
	scan->values = grown;
	scan->size = size;
	return true;
}

/* The number of an attribute of the filter among those that records are read with, where the first of its name counts.
 */
static size_t number_of(struct scan *scan, const char *attr)
{
	if (attr != scan->looked_for) {
		scan->looked_for = attr;
		for (scan->looked_which = 0; !spk_ascii_equal(scan->needed[scan->looked_which], attr);)
			scan->looked_which++;
	}
	return scan->looked_which;
}

static size_t values_of(void *of, const char *attr, const spn_bytes **ret_values)
{
	struct scan *scan = of;
	const spk_ldif_record *record = scan->record;
	size_t n = 0, which = record->is_ordinary ? number_of(scan, attr) : 0;
	for (size_t i = 0; i < record->n_lines; i++) {
		const spk_ldif_line *line = &record->lines[i];
		if (record->is_ordinary ? line->which != which : !spk_line_is(line, attr) || spk_line_is_unknown(line))
			continue;
		if (n == scan->size && !grow(scan))
			break;
		scan->values[n++] = line->value;
	}
	if (n == 0 && spk_ascii_equal(attr, "distinguishedName") && (scan->size > 0 || grow(scan)))
		scan->values[n++] = spk_bytes(scan->record->dn);
	*ret_values = scan->values;
	return n;
}

/* Whether a DN is the base or below it.  Most are written alike, and then no key is needed. */
static bool is_under(struct scan *scan, const char *dn)
{
	const char *base = scan->search->base;
	if (scan->is_top)
		return true;
	size_t len = strlen(dn), base_len = strlen(base);
	if (len > base_len + 1 && spk_ascii_equal(dn + len - base_len, base) && dn[len - base_len - 1] == ',' &&
			dn[len - base_len - 2] != '\\')
		return true;
	return spk_dn_is_under(dn, base);
}

static bool in_scope(struct scan *scan, const char *dn)
{
	if (scan->search->forest)
		return !scan->memory->domain || !spk_domains_are_apart(&scan->memory->domains, dn, scan->memory->domain);
	switch (scan->search->scope) {
	case SPN_SCOPE_BASE: return spk_dn_equal(dn, scan->search->base);
	case SPN_SCOPE_ONE: return spk_dn_equal(spk_dn_parent(dn), scan->search->base);
	case SPN_SCOPE_SUBTREE: break;
	}
	return is_under(scan, dn) && (!scan->of_domain || spk_dn_same_domain(dn, scan->search->base));
}

/* Hands a record on that matches. */
static spn_status deliver(struct scan *scan, const spk_ldif_record *record, spn_error *err)
{
	spn_status status = scan->entry ? SPN_OK : spn_entry_new(record->dn, &scan->entry, err);
	if (!status)
		status = spk_record_lend(record, scan->search->attrs, scan->n_first, scan->entry, err);
	bool hides_names = spk_store_hides_names(scan->memory->store) && spk_record_has_unknown(record);
	if (!status && (!spk_memory_has_names(scan->memory) || hides_names || record->cut))
		spk_entry_set_lacks_names(scan->entry);
	if (!status && !spk_memory_has_hosts(scan->memory))
		spk_entry_set_lacks_host(scan->entry);
	return status ? status : scan->fn(scan->entry, scan->data, err);
}

/* whole: where to read the rest of a record that matches; NULL: it is all here. */
static spn_status visit(struct scan *scan, const spk_ldif_record *record, spk_view *whole, spn_error *err)
{
	scan->memory->done = record->offset;
	if (!*record->dn || spk_record_is_deleted(record) || spk_memory_is_double(scan->memory, record->offset))
		return SPN_OK;
	if (!scan->base_exists)
		scan->base_exists = is_under(scan, record->dn);
	scan->record = record;
	bool matches = spk_matcher_match(&scan->matcher, values_of, scan);
	if (scan->failed || scan->matcher.failed)
		return spk_nomem(err);
	if (!matches || !in_scope(scan, record->dn))
		return SPN_OK;
	spn_status status = whole ? spk_view_at(whole, record->offset, &record, err) : SPN_OK;
	return status ? status : deliver(scan, record, err);
}

/* Finds what the records have in the indexes that may match a filter.  False in ret_known: any record may. */
static spn_status list_wanted(
		spk_memory *memory, const spn_filter *filter, spk_index *wanted, bool *ret_known, spn_error *err)
{
	spn_status status = SPN_OK;
	*ret_known = false;
	if (!filter)
		return SPN_OK;
	if (filter->op == SPN_FILTER_AND || filter->op == SPN_FILTER_OR) {
		bool all = filter->op == SPN_FILTER_OR; /* all parts must be known, or any one of them */
		bool known = all;
		for (const spn_filter *const *part = filter->parts; !status && *part && known == all; part++)
			status = list_wanted(memory, *part, wanted, &known, err);
		*ret_known = known;
		return status;
	}
	if (!spk_memory_want_groups(memory, filter, wanted, ret_known))
		return spk_nomem(err);
	return filter->op == SPN_FILTER_EQUAL && !*ret_known ?
			spk_memory_want(memory, filter->attr, filter->value, wanted, ret_known, err) :
			SPN_OK;
}

static spn_status find_candidates(
		spk_memory *memory, const spn_filter *filter, spk_index *found, bool *ret_known, spn_error *err)
{
	SPK_AUTOINDEX spk_index wanted = { 0 };
	spn_status status = list_wanted(memory, filter, &wanted, ret_known, err);
	return status || !*ret_known ? status : spk_memory_find(memory, &wanted, found, err);
}

static size_t count_attrs(const spn_filter *filter)
{
	size_t n = 0;
	if (!filter || filter->op < SPN_FILTER_NOT)
		return filter != NULL;
	for (const spn_filter *const *part = filter->parts; *part; part++)
		n += count_attrs(*part);
	return n;
}

static spn_status visit_candidates(struct scan *scan, spk_view *view, spk_index *found, spn_error *err)
{
	spn_status status = SPN_OK;
	spk_index_sort(found);
	/* a callback may change the text: then the records are elsewhere in it, but not in this view */
	for (size_t i = 0; i < found->n; i++)
		found->places[i] = scan->memory->outline.records.offsets[spk_place_record(found->places[i])];
	for (size_t i = 0; !status && i < found->n; i++) {
		const spk_ldif_record *record = NULL;
		if (i > 0 && found->places[i] == found->places[i - 1])
			continue;
		status = spk_view_at(view, found->places[i], &record, err);
		if (!status)
			status = visit(scan, record, NULL, err);
	}
	return status;
}

static void list_attrs(const spn_filter *filter, const char **list, size_t *n)
{
	if (!filter)
		return;
	if (filter->op < SPN_FILTER_NOT)
		list[(*n)++] = filter->attr;
	for (const spn_filter *const *part = filter->parts; filter->op >= SPN_FILTER_NOT && *part; part++)
		list_attrs(*part, list, n);
}

/* Whether few entries match, so that it is enough to read what the filter is about, and the rest of those. */
static bool is_selective(const spn_filter *filter)
{
	if (filter->op == SPN_FILTER_OR || filter->op == SPN_FILTER_AND) {
		bool all = filter->op == SPN_FILTER_OR, selective = all;
		for (const spn_filter *const *part = filter->parts; *part && selective == all; part++)
			selective = is_selective(*part);
		return selective;
	}
	bool has_text = filter->op == SPN_FILTER_EQUAL || filter->op == SPN_FILTER_GLOB;
	return has_text && !spk_ascii_equal(filter->attr, "objectClass") && !spk_ascii_equal(filter->attr, "objectCategory");
}

/* The attributes that matter to a search: those of its filter and, unless only of few entries, those that it asks for.
 * NULL in needed: all of them. */
static spn_status find_needed(struct scan *scan, bool selective, spn_error *err)
{
	const spn_search *search = scan->search;
	bool has_dn = false;
	size_t n = 0;
	if (!selective) {
		for (const char *const *attr = search->attrs; attr && *attr; attr++, n++) {
			has_dn |= spk_ascii_equal(*attr, "distinguishedName");
			if (strcmp(*attr, "*") == 0)
				return SPN_OK;
		}
		if (!search->attrs)
			return SPN_OK;
	}
	const char **list = calloc(n + count_attrs(search->filter) + 2, sizeof *list);
	if (!list)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++)
		list[i] = search->attrs[i];
	scan->n_first = has_dn ? 0 : n;
	scan->needed = list;
	list_attrs(search->filter, list, &n);
	list[n] = "isDeleted";
	return SPN_OK;
}

/* Of an export that may lack names the entries have to say so, each for itself. */
static const spk_passer *find_passer(const struct scan *scan)
{
	const spk_memory *memory = scan->memory;
	bool is_meant = memory->passer && memory->passed_filter == scan->search->filter && scan->n_first > 0;
	return is_meant && spk_memory_has_names(memory) && !spk_store_hides_names(memory->store) ? memory->passer : NULL;
}

/* Whether a passer may be asked about the record at an offset: not if there is more to it than its lines. */
static bool may_pass(const struct scan *scan, const spk_view *view, size_t offset)
{
	return !spk_memory_is_double(scan->memory, offset) && spk_sequels_of(&view->sequels, offset) == view->sequels.n;
}

static spn_status ask(const struct scan *scan, const spk_passer *passer, size_t offset, spn_bytes found,
		bool *ret_passes, spn_error *err)
{
	scan->memory->done = offset;
	return passer->passes(found, ret_passes, passer->data, err);
}

/* Asks the passer about the record at hand.  ret_asked: whether it may be asked; the record is passed by, if so. */
static spn_status look_and_ask(struct scan *scan, spk_view *view, const spk_passer *passer, size_t to, bool *ret_asked,
		bool *ret_passes, spn_error *err)
{
	spk_ldif_fit fit;
	spk_text *found = &scan->found;
	spk_text_clear(found);
	bool fits = passer->fits(passer->data, view->reader, &fit, found);
	const spk_ldif_plain *plain = fits ? NULL : spk_ldif_peek(view->reader);
	size_t offset = fits ? fit.offset : plain ? plain->offset : to;
	*ret_asked = offset < to && may_pass(scan, view, offset);
	*ret_passes = false;
	if (!*ret_asked)
		return SPN_OK;
	if (plain)
		passer->look(passer->data, plain, found);
	spn_bytes known = { found->data, found->failed ? 0 : found->len };
	spn_status status = ask(scan, passer, offset, known, ret_passes, err);
	if (*ret_passes && fits)
		spk_ldif_pass(view->reader, &fit);
	else if (*ret_passes)
		spk_ldif_take(view->reader);
	return status;
}

/* Goes over the records in a stretch, from one of them on.  whole: see visit. */
static spn_status visit_each(struct scan *scan, spk_view *view, spk_view *whole, const spk_passer *passer, size_t from,
		size_t to, spn_error *err)
{
	spn_status status = SPN_OK;
	spk_ldif_seek(view->reader, from, 1);
	while (!status) {
		const spk_ldif_record *record = NULL;
		bool is_asked = false, passes = false;
		if (passer)
			status = look_and_ask(scan, view, passer, to, &is_asked, &passes, err);
		if (passes)
			continue;
		if (!status && from == 0)
			status = spk_ldif_next(view->reader, &record, err);
		else if (!status && (status = spk_ldif_next(view->reader, &record, NULL)))
			return spk_view_fail(status, err);
		if (!status && !record && to != SIZE_MAX) /* there was one */
			return spk_view_fail(SPN_ERR_SYNTAX, err);
		if (status || !record || record->offset >= to)
			return status;
		if (!spk_ldif_is_entry(record))
			continue;
		status = spk_view_complete(view, record, err);
		if (!status)
			status = visit(scan, record, whole, err);
		if (!status && is_asked)
			passer->searched(passer->data);
	}
	return status;
}

/* What a team has found in a stretch is asked about, record by record; of what it could not look at, nothing. */
static spn_status visit_found(struct scan *scan, spk_view *view, spk_view *whole, const spk_passer *passer,
		const spk_stretch *stretch, spn_error *err)
{
	const char *at = stretch->found.data, *end = at + stretch->found.len;
	spn_status status = SPN_OK;
	if (!stretch->is_known)
		return visit_each(scan, view, whole, passer, stretch->from, stretch->to, err);
	while (!status && at < end) {
		spk_found found, next = { .offset = stretch->to };
		bool passes = false;
		memcpy(&found, at, sizeof found);
		at += sizeof found + found.len;
		if (at < end)
			memcpy(&next, at, sizeof next);
		if (found.len > 0 && may_pass(scan, view, found.offset))
			status = ask(scan, passer, found.offset, (spn_bytes){ at - found.len, found.len }, &passes, err);
		if (!status && !passes)
			status = visit_each(scan, view, whole, passer, found.offset, next.offset, err);
	}
	return status;
}

static spn_status visit_in_team(struct scan *scan, spk_view *view, spk_view *whole, spn_error *err)
{
	const spk_passer *passer = find_passer(scan);
	const spk_stretch *stretch = NULL;
	SPK_AUTOTEAM spk_team *team = NULL;
	spn_status status = passer ? spk_team_new(scan->memory, view->content, passer, scan->needed, &team, err) : SPN_OK;
	if (!status && !team)
		return visit_each(scan, view, whole, passer, 0, SIZE_MAX, err);
	for (size_t i = 0; !status && (stretch = spk_team_next(team)); i++) {
		/* while others look ahead; what it sorts is not theirs, and is asked for later on */
		if (i == 1 && !spk_memory_sort(scan->memory))
			return spk_nomem(err);
		status = visit_found(scan, view, whole, passer, stretch, err);
	}
	return status;
}

static spn_status visit_all(struct scan *scan, spk_view *view, spn_error *err)
{
	SPK_AUTOVIEW spk_view whole = { 0 };
	bool selective = scan->search->filter && is_selective(scan->search->filter);
	spn_status status = find_needed(scan, selective, err);
	if (!status && selective)
		status = spk_view_open(scan->memory, &whole, err);
	if (!status && scan->needed)
		status = spk_ldif_only(view->reader, scan->needed, err);
	if (!status)
		status = visit_in_team(scan, view, selective ? &whole : NULL, err);
	return status;
}

static spn_status no_such_base(const spk_memory *memory, const char *base, spn_error *err)
{
	return spk_fail_win32(err, SPN_ERR_NOT_FOUND, LDAP_NO_SUCH_OBJECT,
			memory->rules == SPN_DIALECT_SAMBA ? ERROR_DS_NO_SUCH_OBJECT : ERROR_DS_OBJ_NOT_FOUND,
			"there is no entry '%s'", base);
}

static spn_status search_base(struct scan *scan, spk_view *view, spn_error *err)
{
	const spk_ldif_record *record = NULL;
	spn_status status = spk_view_find(view, scan->memory, scan->search->base, &record, err);
	if (status)
		return status;
	return record ? visit(scan, record, NULL, err) : no_such_base(scan->memory, scan->search->base, err);
}

static spn_status search_below(struct scan *scan, spk_view *view, spn_error *err)
{
	const spk_memory *memory = scan->memory;
	const spn_search *search = scan->search;
	SPK_AUTOINDEX spk_index found = { 0 };
	bool known = false;
	spn_status status = SPN_OK;
	if (!search->forest) {
		const spk_ldif_record *record = NULL;
		status = spk_view_find(view, scan->memory, search->base, &record, err);
		/* an export need not hold the tops of its naming contexts */
		scan->base_exists = !status && (record || (memory->domain && spk_dn_is_under(memory->domain, search->base)) ||
				(memory->config && spk_dn_is_under(memory->config, search->base)));
	}
	/* the candidates alone cannot tell whether there is anything below the base */
	if (!status && scan->only) {
		found = *scan->only;
		*scan->only = (spk_index){ 0 };
		known = scan->base_exists = true;
	} else if (!status && scan->base_exists && scan->only_shared) {
		status = spk_memory_find_shared(scan->memory, &found, err);
		known = true;
	} else if (!status && scan->base_exists) {
		status = find_candidates(scan->memory, search->filter, &found, &known, err);
	}
	if (!status)
		status = known ? visit_candidates(scan, view, &found, err) : visit_all(scan, view, err);
	return !status && !scan->base_exists ? no_such_base(memory, search->base, err) : status;
}

/* As on a server, "" is the root DSE and nothing else. */
static spn_status search_root(struct scan *scan, spn_error *err)
{
	if (scan->search->scope != SPN_SCOPE_BASE)
		return no_such_base(scan->memory, "", err);
	SPK_AUTO(spn_entry) *root = NULL;
	spn_status status = spk_memory_root(scan->memory, &root, err);
	if (status || !spk_filter_match(scan->search->filter, root, scan->memory->hasher.folding))
		return status;
	return scan->fn(root, scan->data, err);
}

static spn_status run(struct scan *scan, spn_error *err)
{
	const spn_search *search = scan->search;
	SPK_AUTOVIEW spk_view view = { 0 };
	spn_status status = spk_memory_refresh(scan->memory, err);
	if (!status && !search->forest && !spk_dn_is_valid(search->base))
		status = spn_fail(err, SPN_ERR_INVALID, 0, "'%s' is not a DN", search->base);
	if (!status)
		status = spk_view_open(scan->memory, &view, err);
	if (!status)
		scan->memory->total = spk_content_size(view.content);
	scan->base_exists = search->forest;
	scan->is_top = search->forest || !search->base[strspn(search->base, " ")];
	scan->of_domain = !search->forest && scan->memory->other_domain && spk_dn_domain_part(search->base) == search->base;
	if (!status && !spk_matcher_make(&scan->matcher, search->filter, scan->memory->hasher.folding))
		status = spk_nomem(err);
	if (!status) {
		if (!search->forest && scan->is_top)
			status = search_root(scan, err);
		else if (!search->forest && search->scope == SPN_SCOPE_BASE)
			status = search_base(scan, &view, err);
		else
			status = search_below(scan, &view, err);
	}
	scan->memory->done = scan->memory->total;
	spk_matcher_free(&scan->matcher);
	spn_entry_free(scan->entry);
	free(scan->needed);
	free(scan->values);
	spk_text_free(&scan->found);
	return status;
}

spn_status spk_memory_search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	struct scan scan = { .memory = self, .search = search, .fn = fn, .data = data };
	return run(&scan, err);
}

spn_status spk_memory_search_records(
		spk_memory *memory, const spn_search *search, spk_index *found, spn_entry_fn *fn, void *data, spn_error *err)
{
	struct scan scan = { .memory = memory, .search = search, .fn = fn, .data = data, .only = found };
	return run(&scan, err);
}

spn_status spk_memory_search_shared(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	struct scan scan = { .memory = self, .search = search, .fn = fn, .data = data, .only_shared = true };
	return run(&scan, err);
}
