/* SPDX-License-Identifier: MIT */
#include "ahead.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/entry.h"
#include "model/filter.h"

/* So many searches are noted, and so many entries kept of each: whatever is more is read when it is needed. */
#define MAX_WANTS 1024
#define MAX_ENTRIES 1000

struct spk_want {
	char *key;         /* two searches with the same are the same */
	spn_search search; /* what it points to is the want's own */
	spn_entry **entries;
	size_t n;
	spn_error outcome;
	bool is_known;
	unsigned users;    /* callbacks that see its entries now */
	bool is_forgotten; /* whoever uses it last frees it */
};

/* ---- copies ---- */

static void free_filter(const spn_filter *given)
{
	spn_filter *filter = (spn_filter *)(uintptr_t)given;
	if (!filter)
		return;
	for (size_t i = 0; filter->parts && filter->parts[i]; i++)
		free_filter(filter->parts[i]);
	free((void *)(uintptr_t)filter->parts);
	free((void *)(uintptr_t)filter->attr);
	free((void *)(uintptr_t)filter->value.data);
	free(filter);
}

static const spn_filter *copy_filter(const spn_filter *filter, bool *failed);

static const spn_filter *const *copy_parts(const spn_filter *const *parts, bool *failed)
{
	size_t n = 0;
	while (parts[n])
		n++;
	const spn_filter **copies = calloc(n + 1, sizeof *copies);
	*failed |= !copies;
	for (size_t i = 0; i < n && !*failed; i++)
		copies[i] = copy_filter(parts[i], failed);
	return copies;
}

/* A filter that failed is freed as one that did not. */
static const spn_filter *copy_filter(const spn_filter *filter, bool *failed)
{
	spn_filter *copy = calloc(1, sizeof *copy);
	*failed |= !copy;
	if (*failed)
		return copy;
	copy->op = filter->op;
	copy->attr = filter->attr ? strdup(filter->attr) : NULL;
	if (filter->value.data) {
		char *value = malloc(filter->value.len + 1);
		*failed |= !value;
		if (value) {
			memcpy(value, filter->value.data, filter->value.len);
			value[filter->value.len] = '\0';
		}
		copy->value = (spn_bytes){ value, filter->value.len };
	}
	if (filter->parts)
		copy->parts = copy_parts(filter->parts, failed);
	*failed |= filter->attr && !copy->attr;
	return copy;
}

static const char *const *copy_attrs(const char *const *attrs, bool *failed)
{
	size_t n = 0;
	while (attrs[n])
		n++;
	char **copies = calloc(n + 1, sizeof *copies);
	*failed |= !copies;
	for (size_t i = 0; i < n && !*failed; i++)
		*failed |= !(copies[i] = strdup(attrs[i]));
	return (const char *const *)copies;
}

static void drop_entries(spk_want *want)
{
	for (size_t i = 0; i < want->n; i++)
		spn_entry_free(want->entries[i]);
	free(want->entries);
	want->entries = NULL;
	want->n = 0;
	want->is_known = false;
}

static void free_want(spk_want *want)
{
	if (!want)
		return;
	drop_entries(want);
	for (size_t i = 0; want->search.attrs && want->search.attrs[i]; i++)
		free((void *)(uintptr_t)want->search.attrs[i]);
	free((void *)(uintptr_t)want->search.attrs);
	free((void *)(uintptr_t)want->search.base);
	free_filter(want->search.filter);
	free(want->key);
	free(want);
}

/* The base without regard to case: DNs that differ in nothing else are the same. */
static char *key_of(const spn_search *search)
{
	spk_text key = { 0 };
	const char *base = search->base ? search->base : "";
	spk_text_add_char(&key, "bos"[search->scope]);
	(void)spk_text_add_lower(&key, base, strlen(base));
	spk_text_add_char(&key, '\n');
	spk_filter_render(search->filter, &key);
	for (size_t i = 0; search->attrs && search->attrs[i]; i++) {
		spk_text_add_char(&key, ' ');
		spk_text_add_bytes(&key, search->attrs[i], strlen(search->attrs[i]));
	}
	spk_text_add_bytes(&key, " *", search->attrs ? 0 : 2);
	if (!key.failed)
		return key.data;
	spk_text_free(&key);
	return NULL;
}

/* Takes over the key. */
static spk_want *new_want(const spn_search *search, char *key)
{
	bool failed = false;
	spk_want *want = calloc(1, sizeof *want);
	if (!want) {
		free(key);
		return NULL;
	}
	want->key = key;
	want->search = (spn_search){ .version = SPN_SEARCH_VERSION, .scope = search->scope };
	want->search.base = search->base ? strdup(search->base) : NULL;
	failed = search->base && !want->search.base;
	if (search->filter)
		want->search.filter = copy_filter(search->filter, &failed);
	if (search->attrs)
		want->search.attrs = copy_attrs(search->attrs, &failed);
	if (!failed)
		return want;
	free_want(want);
	return NULL;
}

/* ---- what is noted ---- */

static spk_want *find(const spk_ahead *ahead, const char *key)
{
	for (size_t i = 0; i < ahead->n; i++)
		if (strcmp(ahead->list[i]->key, key) == 0)
			return ahead->list[i];
	return NULL;
}

static bool append(spk_ahead *ahead, spk_want *want)
{
	spk_want **grown = realloc(ahead->list, (ahead->n + 1) * sizeof *grown);
	if (!grown)
		return false;
	ahead->list = grown;
	grown[ahead->n++] = want;
	return true;
}

/* Takes over the key.  Without memory, it is not noted: then it is made when it is needed. */
static void note(spk_ahead *ahead, const spn_search *search, char *key)
{
	if (ahead->n == MAX_WANTS) {
		free(key);
		return;
	}
	spk_want *want = new_want(search, key);
	if (want && !append(ahead, want))
		free_want(want);
}

void spk_ahead_note(spk_ahead *ahead, const spn_search *search)
{
	char *key = key_of(search);
	if (key && !find(ahead, key))
		note(ahead, search, key);
	else
		free(key);
}

const spn_search *spk_ahead_search(const spk_ahead *ahead, size_t i)
{
	return &ahead->list[i]->search;
}

static void free_old(spk_ahead *ahead)
{
	for (size_t i = 0; i < ahead->n_old; i++)
		free_want(ahead->old[i]);
	free(ahead->old);
	free(ahead->old_subject);
	ahead->old = NULL;
	ahead->n_old = 0;
	ahead->old_subject = NULL;
}

void spk_ahead_begin(spk_ahead *ahead, const char *subject)
{
	spk_ahead_forget(ahead);
	ahead->is_open = true;
	ahead->subject = subject ? strdup(subject) : NULL;
	for (size_t i = 0; subject && ahead->old_subject && strcmp(subject, ahead->old_subject) == 0 && i < ahead->n_old; i++)
		spk_ahead_note(ahead, &ahead->old[i]->search);
}

/* What was found by a name is looked for again; what was read by its DN is mostly kept by those who read it. */
static void keep_old(spk_ahead *ahead)
{
	free_old(ahead);
	ahead->old = calloc(ahead->n + 1, sizeof *ahead->old);
	for (size_t i = 0; ahead->old && i < ahead->n; i++) {
		spk_want *want = ahead->list[i];
		if (want->search.scope == SPN_SCOPE_BASE || want->users)
			continue;
		drop_entries(want);
		ahead->old[ahead->n_old++] = want;
		ahead->list[i] = NULL;
	}
	ahead->old_subject = ahead->subject;
	ahead->subject = NULL;
}

void spk_ahead_forget(spk_ahead *ahead)
{
	if (ahead->subject)
		keep_old(ahead);
	for (size_t i = 0; i < ahead->n; i++) {
		if (ahead->list[i] && ahead->list[i]->users)
			ahead->list[i]->is_forgotten = true;
		else
			free_want(ahead->list[i]);
	}
	free(ahead->list);
	ahead->list = NULL;
	ahead->n = 0;
	ahead->is_open = ahead->is_single = false;
}

void spk_ahead_free(spk_ahead *ahead)
{
	spk_ahead_forget(ahead);
	free_old(ahead);
	spn_entry_free(ahead->presumed_root);
}

/* ---- answers ---- */

static spn_status keep(const spn_entry *entry, void *data, spn_error *err)
{
	spk_want *want = data;
	spn_entry *copy = NULL;
	if (want->n == MAX_ENTRIES)
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "more is found than is kept");
	spn_entry **grown = realloc(want->entries, (want->n + 1) * sizeof *grown);
	spn_status status = grown ? spk_entry_copy(entry, &copy, err) : spk_nomem(err);
	if (grown)
		want->entries = grown;
	if (!status)
		want->entries[want->n++] = copy;
	return status;
}

/* A server that does not answer in time is not waited for again. */
static bool is_answer(const spn_error *outcome)
{
	enum { TIMEOUT = -5 }; /* libldap's */
	return !outcome->status || (outcome->status == SPN_ERR_UNREACHABLE && outcome->native == TIMEOUT);
}

void spk_ahead_ask(spk_ahead *ahead, size_t first, const spn_backend *backend, void *self)
{
	size_t n = ahead->n - first;
	SPK_AUTOFREE spn_search *searches = calloc(n + 1, sizeof *searches);
	SPK_AUTOFREE void **data = calloc(n + 1, sizeof *data);
	SPK_AUTOFREE spn_error *outcomes = calloc(n + 1, sizeof *outcomes);
	if (!searches || !data || !outcomes)
		return;
	for (size_t i = 0; i < n; i++) {
		searches[i] = ahead->list[first + i]->search;
		data[i] = ahead->list[first + i];
	}
	backend->search_many(self, searches, n, keep, data, outcomes);
	for (size_t i = 0; i < n; i++) {
		spk_want *want = ahead->list[first + i];
		want->is_known = is_answer(&outcomes[i]);
		want->outcome = outcomes[i];
		if (!want->is_known || outcomes[i].status) {
			bool is_known = want->is_known;
			drop_entries(want);
			want->is_known = is_known;
		}
	}
}

static spn_status hand_on(
		spk_ahead *ahead, spk_want *want, spk_folding folding, spn_entry_fn *fn, void *data, spn_error *err)
{
	spn_status status = want->outcome.status;
	if (status && err)
		*err = want->outcome;
	want->users++;
	if (ahead->is_single)
		spk_ahead_forget(ahead);
	for (size_t i = 0; !status && i < want->n; i++) {
		spk_entry_set_folding(want->entries[i], folding);
		status = fn(want->entries[i], data, err);
	}
	if (--want->users == 0 && want->is_forgotten)
		free_want(want);
	return status;
}

spn_status spk_ahead_answer(spk_ahead *ahead, const spn_search *search, spk_folding folding, spn_entry_fn *fn,
		void *data, bool *ret_known, spn_error *err)
{
	bool is_of_use = (ahead->n || ahead->is_looking) && !search->forest; /* the catalog is another connection's */
	char *key = is_of_use ? key_of(search) : NULL;
	spk_want *want = key ? find(ahead, key) : NULL;
	*ret_known = want && want->is_known;
	if (key && !want && ahead->is_looking)
		note(ahead, search, key);
	else
		free(key);
	return *ret_known ? hand_on(ahead, want, folding, fn, data, err) : SPN_OK;
}

/* ---- what is presumed ---- */

static spn_status add(spn_entry *root, const char *attr, const char *before, const char *base)
{
	SPK_AUTOFREE char *dn = spk_printf("%s%s", before, base);
	return dn ? spn_entry_add(root, attr, spk_bytes(dn), NULL) : SPN_ERR_NOMEM;
}

spn_entry *spk_presumed_root(const char *domain)
{
	SPK_AUTOTEXT spk_text base = { 0 };
	SPK_AUTO(spn_entry) *root = NULL;
	spk_text_add(&base, "DC=");
	for (const char *c = domain; *c; c++) {
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '.' && *c != '_')
			return NULL;
		if (*c == '.')
			spk_text_add(&base, ",DC=");
		else
			spk_text_add_char(&base, spk_ascii_lower(*c));
	}
	if (base.failed || spn_entry_new("", &root, NULL) || add(root, "defaultNamingContext", "", base.data) ||
			add(root, "rootDomainNamingContext", "", base.data) ||
			add(root, "configurationNamingContext", "CN=Configuration,", base.data) ||
			add(root, "schemaNamingContext", "CN=Schema,CN=Configuration,", base.data))
		return NULL;
	spn_entry *taken = root;
	root = NULL;
	return taken;
}
