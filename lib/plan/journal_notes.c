/* SPDX-License-Identifier: MIT */
#include "journal_notes.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"
#include "model/ldif/ldif.h"

#define BEFORE "before"
/* Stands before the attribute in a note of an entry. */
#define INDENT "  "
#define GUID "objectGUID"

/* ---- taking them ---- */

/* An attribute that is to be noted of an entry. */
struct mention {
	char *key; /* of the DN */
	const char *dn, *attr;
	size_t at;
};

struct mentions {
	struct mention *list;
	size_t n;
};

static int by_entry(const void *a, const void *b)
{
	const struct mention *x = a, *y = b;
	int order = strcmp(x->key, y->key);
	if (order)
		return order;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* A DN as a directory compares it. */
static char *key_of(const char *dn)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	return spk_dn_key_or_text(dn, &key) ? strdup(key.data ? key.data : "") : NULL;
}

/* There is room for it. */
static spn_status mention(struct mentions *mentions, const char *dn, const char *attr, spn_error *err)
{
	struct mention *new = &mentions->list[mentions->n];
	*new = (struct mention){ key_of(dn), dn, attr, mentions->n };
	mentions->n += new->key != NULL;
	return new->key ? SPN_OK : spk_nomem(err);
}

static spn_status mention_step(struct mentions *mentions, const spn_step *step, spn_error *err)
{
	bool of_names = false;
	spn_status status = SPN_OK;
	for (size_t j = 0; !status && j < step->n_mods; j++) {
		of_names |= spk_mod_is_spn(&step->mods[j]);
		if (spk_ascii_equal(step->mods[j].attr, "member"))
			status = mention(mentions, step->mods[j].value.data, "memberOf", err);
	}
	return status ? status : mention(mentions, step->dn, of_names ? SPK_SPN : GUID, err);
}

static void put_values(const spn_entry *entry, const char *attr, spk_text *out)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, attr, &values);
	SPK_AUTOFREE char *name = spk_printf(INDENT "%s", attr);
	out->failed |= !name;
	for (size_t i = 0; name && i < n; i++)
		spk_ldif_put_comment_value(out, name, values[i]);
}

struct note {
	spk_text *out;
	const char *const *attrs;
};

static spn_status put_entry(const spn_entry *entry, void *data, spn_error *err)
{
	const struct note *note = data;
	spk_ldif_put_comment_value(note->out, BEFORE, spk_bytes(spn_entry_dn(entry)));
	for (const char *const *attr = note->attrs; *attr; attr++)
		put_values(entry, *attr, note->out);
	return note->out->failed ? spk_nomem(err) : SPN_OK;
}

static bool is_listed(const char *const *attrs, const char *attr)
{
	while (*attrs && strcmp(*attrs, attr) != 0)
		attrs++;
	return *attrs;
}

/* Notes an entry that n mentions are of, the first of them in the order of the plan. */
static spn_status note_mentioned(spn_directory *dir, const struct mention *mentions, size_t n, spk_text *out,
		spn_error *err)
{
	const char *attrs[4] = { GUID };
	size_t n_attrs = 1;
	for (size_t i = 0; i < n; i++)
		if (!is_listed(attrs, mentions[i].attr))
			attrs[n_attrs++] = mentions[i].attr;
	struct note note = { out, attrs };
	const spn_search search = { .base = mentions->dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_status status = spn_directory_search(dir, &search, put_entry, &note, err);
	return status == SPN_ERR_NOT_FOUND ? SPN_OK : status; /* the step will say so */
}

static size_t count_mods(const spn_plan *plan)
{
	size_t n = 0;
	for (size_t i = 0; i < spn_plan_count(plan); i++)
		n += spn_plan_step(plan, i)->n_mods;
	return n;
}

spn_status spk_notes_take(const spn_plan *plan, spn_directory *dir, spk_text *out, spn_error *err)
{
	size_t of_one;
	SPK_AUTOFREE struct mention *list = calloc(count_mods(plan) + spn_plan_count(plan) + 1, sizeof *list);
	struct mentions mentions = { .list = list };
	spn_status status = list ? SPN_OK : spk_nomem(err);
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++)
		status = mention_step(&mentions, spn_plan_step(plan, i), err);
	if (!status)
		qsort(list, mentions.n, sizeof *list, by_entry);
	for (size_t i = 0; !status && i < mentions.n; i += of_one) {
		for (of_one = 1; i + of_one < mentions.n && strcmp(list[i].key, list[i + of_one].key) == 0;)
			of_one++;
		status = spk_directory_onwards(dir, note_mentioned(dir, &list[i], of_one, out, err));
	}
	for (size_t i = 0; i < mentions.n; i++)
		free(list[i].key);
	spk_text_add(out, "\n");
	return status;
}

/* ---- reading them ---- */

void spk_notes_free(spk_notes *notes)
{
	for (size_t i = 0; i < notes->keys.n; i++)
		spn_entry_free(notes->entries[i]);
	free(notes->entries);
	spk_keys_free(&notes->keys);
}

/* A comment "# name: value", or "# name:: " and base64. */
struct comment {
	char *name;
	spk_text value;
};

static void clear_comment(struct comment *comment)
{
	free(comment->name);
	spk_text_free(&comment->value);
}

/* Reads a line; name stays NULL if it is something else. */
static spn_status read_comment(const char *line, size_t len, struct comment *ret, spn_error *err)
{
	const char *colon = len > 2 && memcmp(line, "# ", 2) == 0 ? memchr(line, ':', len) : NULL;
	size_t skip = colon && colon + 2 < line + len && colon[1] == ':' ? 3 : 2;
	if (!colon || colon + skip > line + len || colon[skip - 1] != ' ')
		return SPN_OK;
	const char *value = colon + skip;
	size_t value_len = (size_t)(line + len - value);
	spk_text_add_bytes(&ret->value, "", 0);
	if (skip == 2)
		spk_text_add_bytes(&ret->value, value, value_len);
	else if (!spk_base64_decode(value, value_len, &ret->value))
		return ret->value.failed ? spk_nomem(err) : SPN_OK;
	ret->name = strndup(line + 2, (size_t)(colon - line - 2));
	return ret->name && !ret->value.failed ? SPN_OK : spk_nomem(err);
}

/* Begins the note of an entry; NULL: there is one of it already. */
static spn_status begin_entry(spk_notes *notes, const char *dn, spn_entry **ret_entry, spn_error *err)
{
	SPK_AUTOFREE char *key = key_of(dn);
	SPK_AUTO(spn_entry) *entry = NULL;
	*ret_entry = NULL;
	if (!key)
		return spk_nomem(err);
	if (spk_keys_find(&notes->keys, spk_bytes(key)) != SIZE_MAX)
		return SPN_OK;
	spn_entry **grown = realloc(notes->entries, (notes->keys.n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	notes->entries = grown;
	spn_status status = spn_entry_new(dn, &entry, err);
	size_t place = status ? SIZE_MAX : spk_keys_add(&notes->keys, spk_bytes(key));
	if (place == SIZE_MAX)
		return status ? status : spk_nomem(err);
	*ret_entry = grown[place] = entry;
	entry = NULL;
	return SPN_OK;
}

spn_status spk_notes_read(const char *text, spk_notes *ret_notes, spn_error *err)
{
	spk_notes notes = { .entries = NULL };
	spn_entry *entry = NULL; /* that the next lines are about */
	spn_status status = SPN_OK;
	for (const char *line = text, *end; !status && *line; line = *end ? end + 1 : end) {
		struct comment comment = { .name = NULL };
		end = line + strcspn(line, "\n");
		size_t len = (size_t)(end - line);
		status = read_comment(line, len > 0 && line[len - 1] == '\r' ? len - 1 : len, &comment, err);
		bool is_indented = comment.name && strncmp(comment.name, INDENT, strlen(INDENT)) == 0;
		spn_bytes value = { comment.value.data, comment.value.len };
		if (!status && comment.name && strcmp(comment.name, BEFORE) == 0)
			status = begin_entry(&notes, comment.value.data, &entry, err);
		else if (!status && is_indented && entry && spk_attr_is_valid(comment.name + strlen(INDENT)))
			status = spn_entry_add(entry, comment.name + strlen(INDENT), value, err);
		else
			entry = NULL;
		clear_comment(&comment);
	}
	if (status)
		spk_notes_free(&notes);
	else
		*ret_notes = notes;
	return status;
}

spn_status spk_notes_of(const spk_notes *notes, const char *dn, const spn_entry **ret_entry, spn_error *err)
{
	SPK_AUTOFREE char *key = key_of(dn);
	if (!key)
		return spk_nomem(err);
	size_t place = spk_keys_find(&notes->keys, spk_bytes(key));
	*ret_entry = place == SIZE_MAX ? NULL : notes->entries[place];
	return SPN_OK;
}

/* Journals of old have '?' for what a terminal would obey or hide. */
bool spk_notes_know(const spk_notes *notes, spn_bytes name)
{
	SPK_AUTOFREE char *printable = strndup(name.data, name.len);
	if (!printable)
		return true; /* which takes nothing away */
	spk_make_printable(printable);
	for (size_t i = 0; i < notes->keys.n; i++) {
		const spn_bytes *values;
		size_t n = spn_entry_values(notes->entries[i], SPK_SPN, &values);
		for (size_t j = 0; j < n; j++)
			if (spk_fold_equal(values[j], name, SPK_FOLD_WINDOWS) ||
					spk_fold_equal(values[j], spk_bytes(printable), SPK_FOLD_WINDOWS))
				return true;
	}
	return false;
}
