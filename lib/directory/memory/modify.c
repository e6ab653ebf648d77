/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "rules.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/fold.h"

/* Edits while they are collected: their texts are offsets into one memory, which moves while it grows. */
struct edits {
	spk_edit *list;
	size_t n, size;
	spk_text text;
	bool is_mended; /* a line end that the file lacked has been supplied */
	size_t cut_end; /* where the file ends, without a line end, if a record that is changed ends there; 0: elsewhere */
};

static bool add_edit(struct edits *edits, size_t offset, size_t len, size_t text_len)
{
	if (edits->n == edits->size) {
		size_t size = edits->size * 2 + 8;
		spk_edit *grown = realloc(edits->list, size * sizeof *grown);
		if (!grown)
			return false;
		edits->list = grown;
		edits->size = size;
	}
	edits->list[edits->n++] = (spk_edit){ offset, len, { NULL, text_len } };
	return true;
}

/* Where a record ends. */
static size_t note_end(struct edits *edits, const spk_ldif_record *record)
{
	size_t end = record->offset + record->len;
	edits->cut_end = record->cut ? end : edits->cut_end;
	return end;
}

/* New lines behind the last one of their attribute, or at the end of the record.  is_last_gone: the record's last
 * line is about to be deleted. */
static bool insert(struct edits *edits, const spk_ldif_record *record, bool is_last_gone, const char *attr,
		spn_bytes value)
{
	const spk_ldif_line *anchor = NULL;
	for (size_t i = 0; i < record->n_lines; i++)
		if (spk_line_is(&record->lines[i], attr))
			anchor = &record->lines[i];
	size_t end = note_end(edits, record);
	size_t at = anchor ? anchor->offset + anchor->len : end;
	size_t start = edits->text.len;
	const char *line_end = record->crlf ? "\r\n" : "\n";
	if (record->cut && at == end && !is_last_gone && !edits->is_mended) {
		spk_text_add(&edits->text, "%s", line_end);
		edits->is_mended = true;
	}
	/* spelled as the file spells it */
	spk_ldif_put_with(&edits->text, anchor && spk_ascii_equal(anchor->attr, attr) ? anchor->attr : attr, value, line_end);
	return !edits->text.failed && add_edit(edits, at, 0, edits->text.len - start);
}

static bool drop(struct edits *edits, const spk_ldif_record *record, const spk_ldif_line *line)
{
	(void)note_end(edits, record);
	return add_edit(edits, line->offset, line->len, 0);
}

/* A text without the line end at its end. */
static void drop_line_end(spn_bytes *text)
{
	text->len -= text->len > 1 && text->data[text->len - 2] == '\r' ? 2 : 1;
}

/* A file whose last line has no line end stays one, so that an undo gives back every byte.  The edits are sorted. */
static void keep_cut(const struct edits *edits, const spk_content *content)
{
	size_t start = edits->cut_end, first = edits->n;
	for (size_t i = edits->n; start > 0 && i-- > 0;) {
		spk_edit *edit = &edits->list[i];
		if (edit->offset + edit->len != start)
			break;
		if (edit->text.len > 0) {
			drop_line_end(&edit->text);
			return;
		}
		start = edit->offset;
		first = i;
	}
	if (first == edits->n)
		return; /* nothing is changed at the end */
	size_t gone = spk_content_line_end(content, start);
	edits->list[first].offset -= gone;
	edits->list[first].len += gone;
}

/* In the order of the text; those of one place stay in their order, and what is new comes before what goes. */
static void sort_edits(struct edits *edits)
{
	size_t from = 0;
	for (size_t i = 0; i < edits->n; i++) { /* the texts do not move any more */
		edits->list[i].text.data = edits->text.data ? edits->text.data + from : "";
		from += edits->list[i].text.len;
	}
	for (size_t i = 1; i < edits->n; i++) { /* nearly sorted: they were collected in the order of the lines */
		spk_edit edit = edits->list[i];
		size_t j = i;
		for (; j > 0 && (edits->list[j - 1].offset > edit.offset ||
				(edits->list[j - 1].offset == edit.offset && edits->list[j - 1].len > edit.len)); j--)
			edits->list[j] = edits->list[j - 1];
		edits->list[j] = edit;
	}
}

static bool add_item(spk_work *work, spk_item item)
{
	if (work->n == work->size) {
		size_t size = work->size * 2 + 32;
		spk_item *grown = realloc(work->items, size * sizeof *grown);
		if (!grown)
			return false;
		work->items = grown;
		work->size = size;
	}
	item.hash = spk_fold_hash(item.value, work->memory->hasher.folding, work->memory->hasher.seed);
	work->items[work->n++] = item;
	*spk_work_hashed(work, item.hash) |= 1ull << item.hash % 64;
	return true;
}

/* Makes a change that has been checked. */
static spn_status apply_mod(spk_work *work, const spn_mod *mod, spn_error *err)
{
	spk_item *item = mod->op == SPN_MOD_DELETE ? spk_work_find(work, mod) : NULL;
	if (item)
		item->is_gone = true;
	else if (mod->op == SPN_MOD_ADD && !add_item(work, (spk_item){ .attr = mod->attr, .value = mod->value }))
		return spk_nomem(err);
	return SPN_OK;
}

static spn_status apply_mods(spk_work *work, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n_mods; i++) {
		status = spk_rules_check(work, &mods[i], err);
		if (!status)
			status = apply_mod(work, &mods[i], err);
	}
	return status;
}

static bool is_last_gone(const spk_work *work)
{
	const spk_ldif_record *record = work->record;
	if (record->n_lines == 0)
		return false;
	/* items of lines come first and in their order */
	return work->items[record->n_lines - 1].is_gone;
}

static spn_status edit_entry(const spk_work *work, struct edits *edits, spn_error *err)
{
	for (size_t i = 0; i < work->n; i++) {
		const spk_item *item = &work->items[i];
		bool ok = true;
		if (item->line && item->is_gone)
			ok = drop(edits, work->record, item->line);
		else if (!item->line && !item->is_gone)
			ok = insert(edits, work->record, is_last_gone(work), item->attr, item->value);
		if (!ok)
			return spk_nomem(err);
	}
	return SPN_OK;
}

/* Keeps the other end of a link in step: memberOf of the member. */
static spn_status edit_member(spk_work *work, const spk_item *item, struct edits *edits, spn_error *err)
{
	SPK_AUTOTEXT spk_text dn = { 0 };
	const spk_ldif_record *member = NULL;
	spk_text_add_bytes(&dn, item->value.data, item->value.len);
	if (dn.failed)
		return spk_nomem(err);
	spn_status status = spk_view_find(&work->others, work->memory, dn.data, &member, err);
	if (status || !member)
		return status;
	const spk_ldif_line *present = NULL;
	for (size_t i = 0; i < member->n_lines; i++)
		if (spk_line_is(&member->lines[i], "memberOf") && spk_dn_equal(member->lines[i].value.data, work->record->dn))
			present = &member->lines[i];
	bool ok = true;
	if (item->is_gone && present)
		ok = drop(edits, member, present);
	else if (!item->is_gone && !present)
		ok = insert(edits, member, member->offset == work->record->offset && is_last_gone(work), "memberOf",
				spk_bytes(work->record->dn));
	return ok ? SPN_OK : spk_nomem(err);
}

/* 1: the value comes; -1: it goes. */
static int change_of(const spk_item *item)
{
	return item->line ? (item->is_gone ? -1 : 0) : (item->is_gone ? 0 : 1);
}

static spn_status edit_members(spk_work *work, struct edits *edits, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < work->n; i++) {
		const spk_item *item = &work->items[i];
		int what = change_of(item);
		if (what == 0 || !spk_item_is(item, "member"))
			continue;
		/* deleted and added again in one request: nothing has changed for the member */
		bool is_undone = false;
		for (size_t j = 0; !is_undone && j < work->n; j++)
			is_undone = change_of(&work->items[j]) == -what && spk_item_is(&work->items[j], "member") &&
					spk_value_is_dn(work->items[j].value, item->value);
		if (!is_undone)
			status = edit_member(work, item, edits, err);
	}
	return status;
}

static spn_status save(spk_work *work, struct edits *edits, spn_error *err)
{
	spk_memory *memory = work->memory;
	bool is_sequel_gone = false;
	sort_edits(edits);
	spn_status status = spk_sequels_tidy(
			memory, &work->others, work->record->offset, edits->list, &edits->n, &is_sequel_gone, err);
	keep_cut(edits, work->others.content);
	if (!status)
		status = spk_store_apply(memory->store, edits->list, edits->n, err);
	if (status)
		return status;
	size_t offset = spk_edits_shift(edits->list, edits->n, work->record->offset);
	spk_records_shift(&memory->outline.records, edits->list, edits->n);
	spk_sequels_shift(&memory->outline.sequels, edits->list, edits->n);
	memory->is_changed = true;
	memory->is_loaded &= !is_sequel_gone;
	for (size_t i = 0; i < work->n; i++)
		if (!work->items[i].line && !work->items[i].is_gone)
			spk_memory_added(memory, work->items[i].attr, work->items[i].value, offset);
	return SPN_OK;
}

/* The values that the entry has. */
static spn_status take_values(spk_work *work, spn_error *err)
{
	for (size_t i = 0; i < work->record->n_lines; i++) {
		const spk_ldif_line *line = &work->record->lines[i];
		if (!add_item(work, (spk_item){ .attr = line->attr, .value = line->value, .line = line }))
			return spk_nomem(err);
	}
	return SPN_OK;
}

/* Does something with the last of several changes of one entry. */
typedef spn_status change_fn(spk_work *work, const spn_change *changes, size_t n, spn_error *err);

static spn_status change(spk_work *work, const spn_change *changes, size_t n, spn_error *err)
{
	struct edits edits = { 0 };
	const spn_change *change = &changes[n - 1];
	spn_status status = spk_rules_check_request(work, change->mods, change->n_mods, err);
	if (!status)
		status = take_values(work, err);
	if (!status)
		status = apply_mods(work, change->mods, change->n_mods, err);
	if (!status)
		status = spk_rules_check_names(work, err);
	if (!status)
		status = edit_entry(work, &edits, err);
	if (!status)
		status = edit_members(work, &edits, err);
	if (!status && edits.n > 0)
		status = save(work, &edits, err);
	free(edits.list);
	spk_text_free(&edits.text);
	return status;
}

/* Checks the last change as if the earlier ones had been made.  Does not look at the names of other entries. */
static spn_status try(spk_work *work, const spn_change *changes, size_t n, spn_error *err)
{
	spn_status status = take_values(work, err);
	for (size_t i = 0; i + 1 < n; i++)
		for (size_t j = 0; !status && j < changes[i].n_mods; j++)
			status = apply_mod(work, &changes[i].mods[j], err);
	return status ? status : apply_mods(work, changes[n - 1].mods, changes[n - 1].n_mods, err);
}

static spn_status on_entry(spk_memory *memory, change_fn *fn, const spn_change *changes, size_t n, spn_error *err)
{
	spk_work work = { .memory = memory };
	SPK_AUTOVIEW spk_view view = { 0 };
	spn_status status = spk_view_open(memory, &view, err);
	if (!status)
		status = spk_view_open(memory, &work.others, err);
	if (!status)
		status = spk_view_find(&view, memory, changes->dn, &work.record, err);
	if (!status && work.record)
		status = fn(&work, changes, n, err);
	else if (!status)
		status = spk_fail_win32(err, SPN_ERR_NOT_FOUND, SPK_LDAP_NO_SUCH_OBJECT, SPK_AD_NO_SUCH_OBJECT,
				"there is no entry '%s'", changes->dn);
	free(work.items);
	spk_view_close(&work.others);
	return status;
}

spn_status spk_memory_modify(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	spk_memory *memory = self;
	bool changed, shorter;
	spn_status status = spk_store_lock(memory->store, &changed, &shorter, err);
	if (status)
		return status;
	if (changed || !memory->is_loaded)
		status = shorter ? spk_memory_load_shorter(memory, err) : spk_memory_load(memory, err);
	if (!status)
		status = spk_memory_check_doubles(memory, err);
	if (!status)
		status = on_entry(memory, change, &(const spn_change){ dn, mods, n_mods }, 1, err);
	spk_store_unlock(memory->store);
	return status;
}

spn_status spk_memory_try(void *self, const spn_change *changes, size_t n, spn_error *err)
{
	spk_memory *memory = self;
	spn_status status = spk_store_check_writable(memory->store, err);
	if (!status)
		status = spk_memory_refresh(memory, err);
	if (!status)
		status = spk_memory_check_doubles(memory, err);
	return status ? status : on_entry(memory, try, changes, n, err);
}
