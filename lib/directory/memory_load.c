/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/error.h"
#include "directory/memory.h"
#include "model/dn.h"

static const char *const indexed[SPK_MEMORY_INDEXED] = { "servicePrincipalName", "sAMAccountName", "userPrincipalName" };

static void forget(spk_memory *memory)
{
	memory->is_loaded = false;
	memory->n_readings = 0;
	spk_index_free(&memory->by_dn);
	for (size_t i = 0; i < SPK_MEMORY_INDEXED; i++) {
		spk_index_free(&memory->by_value[i].index);
		memory->by_value[i].is_built = false;
	}
	free(memory->domain);
	free(memory->config);
	memory->domain = memory->config = NULL;
}

spn_status spk_memory_new(spk_store *store, spn_rules rules, spk_memory **ret_memory, spn_error *err)
{
	spk_memory *memory = calloc(1, sizeof *memory);
	if (!memory) {
		spk_store_free(store);
		return spk_nomem(err);
	}
	memory->store = store;
	memory->rules = rules;
	memory->folding = rules == SPN_RULES_SAMBA ? SPK_FOLD_CASE : SPK_FOLD_WINDOWS;
	spn_status status = spk_memory_load(memory, err);
	if (status) {
		spk_memory_free(memory);
		return status;
	}
	*ret_memory = memory;
	return SPN_OK;
}

void spk_memory_free(void *self)
{
	spk_memory *memory = self;
	if (!memory)
		return;
	forget(memory);
	spk_store_free(memory->store);
	spk_text_free(&memory->scratch);
	free(memory);
}

spn_status spk_view_open(spk_memory *memory, spk_view *ret_view, spn_error *err)
{
	spk_view view = { .content = spk_store_content(memory->store) };
	spn_status status = spk_content_reader(view.content, spk_store_name(memory->store), &view.reader, err);
	if (status) {
		spk_content_release(view.content);
		return status;
	}
	*ret_view = view;
	return SPN_OK;
}

void spk_view_close(spk_view *view)
{
	spk_ldif_reader_free(view->reader);
	spk_content_release(view->content);
	*view = (spk_view){ 0 };
}

spn_status spk_view_at(spk_view *view, size_t offset, const spk_ldif_record **ret_record, spn_error *err)
{
	const spk_ldif_record *record = NULL;
	spk_ldif_seek(view->reader, offset, 1);
	spn_status status = spk_ldif_next(view->reader, &record, NULL);
	/* it was there and well-formed when the file was read: somebody writes into the file without replacing it */
	if (status == SPN_ERR_SYNTAX || (!status && !record))
		return spn_fail(err, SPN_ERR_FAILED, 0, "the LDIF file has been changed while it was read");
	if (status)
		return spn_fail(err, status, 0, status == SPN_ERR_NOMEM ? "out of memory" : "the LDIF file cannot be read");
	*ret_record = record;
	return SPN_OK;
}

spn_status spk_view_find(spk_view *view, spk_memory *memory, const char *dn, const spk_ldif_record **ret_record,
		spn_error *err)
{
	uint64_t hash;
	const spk_place *places;
	bool is_dn = spk_hash_dn(dn, &memory->scratch, &hash);
	if (!is_dn && memory->scratch.failed)
		return spk_nomem(err);
	size_t n = is_dn ? spk_index_find(&memory->by_dn, hash, &places) : 0;
	for (size_t i = 0; i < n; i++) {
		const spk_ldif_record *record = NULL;
		spn_status status = spk_view_at(view, places[i].offset, &record, err);
		if (status)
			return status;
		if (spk_dn_equal(record->dn, dn)) {
			*ret_record = record;
			return SPN_OK;
		}
	}
	*ret_record = NULL;
	return SPN_OK;
}

bool spk_line_is(const spk_ldif_line *line, const char *attr)
{
	const char *at = line->attr;
	while (*attr && spk_ascii_lower(*at) == spk_ascii_lower(*attr)) {
		at++;
		attr++;
	}
	return !*attr && (!*at || strncmp(at, ";range=", 7) == 0);
}

bool spk_record_has(const spk_ldif_record *record, const char *attr, const char *word)
{
	for (size_t i = 0; i < record->n_lines; i++)
		if (spk_line_is(&record->lines[i], attr) && spk_ascii_equal(record->lines[i].value.data, word))
			return true;
	return false;
}

spn_status spk_record_entry(const spk_ldif_record *record, const char *const *attrs, spn_entry **ret_entry,
		spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	spn_status status = spn_entry_new(record->dn, &entry, err);
	bool has_name = false;
	for (size_t i = 0; !status && i < record->n_lines; i++) {
		const spk_ldif_line *line = &record->lines[i];
		const char *range = strchr(line->attr, ';');
		SPK_AUTOFREE char *base = NULL;
		if (range && strncmp(range, ";range=", 7) == 0 && !(base = strndup(line->attr, (size_t)(range - line->attr))))
			return spk_nomem(err);
		const char *attr = base ? base : line->attr;
		has_name |= spk_ascii_equal(attr, "distinguishedName");
		if (spk_attr_wanted(attrs, attr))
			status = spn_entry_add(entry, attr, line->value, err);
	}
	if (!status && !has_name && spk_attr_wanted(attrs, "distinguishedName"))
		status = spn_entry_add(entry, "distinguishedName", spk_bytes(record->dn), err);
	if (status)
		return status;
	*ret_entry = entry;
	entry = NULL;
	return SPN_OK;
}

/* Where in a DN the run of DC= parts at its end begins; NULL if there is none. */
static const char *domain_part(const char *dn)
{
	const char *start = NULL;
	for (const char *at = dn; *at; at = spk_dn_parent(at)) {
		bool is_dc = spk_ascii_lower(at[0]) == 'd' && spk_ascii_lower(at[1]) == 'c' && at[2] == '=';
		start = !is_dc ? NULL : start ? start : at;
	}
	return start;
}

static const char *last_part(const char *dn)
{
	while (*spk_dn_parent(dn))
		dn = spk_dn_parent(dn);
	return dn;
}

/* The partitions that Active Directory keeps DNS in are domains by their object class only. */
static bool is_dns_partition(const char *domain)
{
	return spk_dn_first_value_is(domain, "DomainDnsZones") || spk_dn_first_value_is(domain, "ForestDnsZones");
}

/* What the records say about naming contexts; an export need not hold the top of anything. */
struct contexts {
	char *domain, *guess, *config;
	bool is_sure; /* domain is an entry with the class of a domain */
};

static bool set(char **where, const char *value)
{
	free(*where);
	*where = strdup(value);
	return *where;
}

static bool learn_contexts(struct contexts *contexts, const spk_ldif_record *record)
{
	if (contexts->is_sure && contexts->config)
		return true;
	/* most records say nothing new; a million of them must not be taken apart */
	if (contexts->domain && strncasecmp(record->dn, "DC=", 3) != 0 &&
			(contexts->config || !strcasestr(record->dn, "CN=Configuration,")))
		return true;
	const char *domain = domain_part(record->dn);
	const char *config = domain && domain != record->dn ? domain : NULL;
	for (const char *at = record->dn; config && at < domain; at = spk_dn_parent(at))
		if (strncasecmp(at, "CN=Configuration,", 17) == 0 && spk_dn_parent(at) == domain) {
			bool kept = contexts->config || set(&contexts->config, at);
			return kept && (contexts->guess || set(&contexts->guess, domain));
		}
	if (!domain)
		return contexts->guess || set(&contexts->guess, last_part(record->dn));
	if (is_dns_partition(domain))
		return true;
	bool is_domain = domain == record->dn &&
			(spk_record_has(record, "objectClass", "domainDNS") || spk_record_has(record, "objectClass", "domain"));
	if (contexts->domain && (contexts->is_sure || !is_domain))
		return true;
	contexts->is_sure = is_domain;
	return set(&contexts->domain, domain);
}

/* What a record says about naming contexts; the few that may be the top of a domain are read again, with their classes. */
static spn_status learn(struct contexts *contexts, const spk_ldif_record *record, spk_view *whole, spn_error *err)
{
	if (strncasecmp(record->dn, "DC=", 3) == 0 && !(contexts->is_sure && contexts->config)) {
		spn_status status = spk_view_at(whole, record->offset, &record, err);
		if (status)
			return status;
	}
	return learn_contexts(contexts, record) ? SPN_OK : spk_nomem(err);
}

/* Reads every record. */
static spn_status read_all(spk_memory *memory, spk_view *view, spk_view *whole, struct contexts *contexts, spn_error *err)
{
	static const char *const none[] = { NULL };
	spn_status status = spk_ldif_only(view->reader, none, err);
	while (!status) {
		const spk_ldif_record *record = NULL;
		uint64_t hash;
		status = spk_ldif_next(view->reader, &record, err);
		if (status || !record)
			return status;
		if (record->changetype)
			return spk_ldif_fail(view->reader, record->line, 0, err,
					"a change record: this is a plan to be applied to a directory, not a directory");
		if (!*record->dn)
			continue; /* the root DSE, if somebody exported it too */
		if (!spk_hash_dn(record->dn, &memory->scratch, &hash))
			return memory->scratch.failed ? spk_nomem(err) : spk_ldif_fail(view->reader, record->line, 0, err, "'%s' is no DN", record->dn);
		for (size_t i = 0; i < record->n_lines; i++)
			if (strcmp(record->lines[i].attr, "-") == 0)
				return spk_ldif_fail(view->reader, record->lines[i].line, 1, err,
						"'-' belongs to changes, but 'changetype: modify' is missing");
		if (!spk_index_add(&memory->by_dn, hash, record->offset))
			return spk_nomem(err);
		status = learn(contexts, record, whole, err);
	}
	return status;
}

/* The same entry twice, from two exports put together, would look like two accounts that hold the same names. */
static spn_status refuse_doubles(spk_memory *memory, spk_view *view, spn_error *err)
{
	const spk_index *index = &memory->by_dn;
	for (size_t i = 1; i < index->n; i++) {
		const spk_ldif_record *record = NULL;
		if (index->places[i].hash != index->places[i - 1].hash)
			continue;
		spn_status status = spk_view_at(view, index->places[i - 1].offset, &record, err);
		if (status)
			return status;
		SPK_AUTOFREE char *dn = strdup(record->dn);
		if (!dn)
			return spk_nomem(err);
		status = spk_view_at(view, index->places[i].offset, &record, err);
		if (status)
			return status;
		if (spk_dn_equal(record->dn, dn))
			return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' holds the entry '%s' twice",
					spk_store_name(memory->store), dn);
	}
	return SPN_OK;
}

spn_status spk_memory_load(spk_memory *memory, spn_error *err)
{
	struct contexts contexts = { 0 };
	SPK_AUTOVIEW spk_view view = { 0 }, whole = { 0 };
	forget(memory);
	spn_status status = spk_view_open(memory, &view, err);
	if (!status)
		status = spk_view_open(memory, &whole, err);
	if (!status)
		status = read_all(memory, &view, &whole, &contexts, err);
	if (!status && memory->by_dn.n == 0)
		status = spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' holds no entry", spk_store_name(memory->store));
	if (!status) {
		spk_index_sort(&memory->by_dn);
		status = refuse_doubles(memory, &whole, err);
	}
	if (status) {
		free(contexts.domain);
		free(contexts.guess);
		free(contexts.config);
		return status;
	}
	memory->domain = contexts.domain ? contexts.domain : contexts.guess;
	if (contexts.domain)
		free(contexts.guess);
	memory->config = contexts.config;
	memory->is_loaded = true;
	return SPN_OK;
}

spn_status spk_memory_refresh(spk_memory *memory, spn_error *err)
{
	bool changed;
	spn_status status = spk_store_refresh(memory->store, &changed, err);
	return !status && (changed || !memory->is_loaded) ? spk_memory_load(memory, err) : status;
}

static int find_indexed(const char *attr)
{
	for (int i = 0; i < SPK_MEMORY_INDEXED; i++)
		if (spk_ascii_equal(attr, indexed[i]))
			return i;
	return -1;
}

static spn_status build(spk_memory *memory, const char *attr, spk_index *index, spn_error *err)
{
	SPK_AUTOVIEW spk_view view = { 0 };
	const char *const only[] = { attr, NULL };
	spn_status status = spk_view_open(memory, &view, err);
	if (!status)
		status = spk_ldif_only(view.reader, only, err);
	while (!status) {
		const spk_ldif_record *record = NULL;
		status = spk_ldif_next(view.reader, &record, err);
		if (status || !record)
			break;
		for (size_t i = 0; !status && *record->dn && i < record->n_lines; i++)
			if (spk_line_is(&record->lines[i], attr) && !spk_index_add(index,
					spk_hash_value(record->lines[i].value, memory->folding), record->offset))
				status = spk_nomem(err);
	}
	spk_index_sort(index);
	return status;
}

spn_status spk_memory_index(spk_memory *memory, const char *attr, const spk_index **ret_index, spn_error *err)
{
	int i = find_indexed(attr);
	*ret_index = NULL;
	if (i < 0)
		return SPN_OK;
	spk_index *index = &memory->by_value[i].index;
	if (!memory->by_value[i].is_built) {
		spn_status status = build(memory, attr, index, err);
		if (status) {
			spk_index_free(index);
			return status;
		}
		memory->by_value[i].is_built = true;
	}
	*ret_index = index;
	return SPN_OK;
}

void spk_memory_moved(spk_memory *memory, const spk_edit *edits, size_t n_edits)
{
	spk_index_shift(&memory->by_dn, edits, n_edits);
	for (size_t i = 0; i < SPK_MEMORY_INDEXED; i++)
		spk_index_shift(&memory->by_value[i].index, edits, n_edits);
}

void spk_memory_added(spk_memory *memory, const char *attr, spn_bytes value, size_t offset)
{
	int i = find_indexed(attr);
	if (i < 0 || !memory->by_value[i].is_built)
		return;
	/* the change stands: without memory for the index it is built again when it is needed */
	if (!spk_index_insert(&memory->by_value[i].index, spk_hash_value(value, memory->folding), offset)) {
		spk_index_free(&memory->by_value[i].index);
		memory->by_value[i].is_built = false;
	}
}
