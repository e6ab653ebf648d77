/* SPDX-License-Identifier: MIT */
#include "entry.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

struct attribute {
	const char *name;
	uint64_t mark; /* of the name */
	spn_bytes *values;
	size_t n, size;
};

/* Memory for many small texts, which goes with the entry. */
struct chunk {
	struct chunk *next;
	size_t used, size;
	char bytes[];
};

enum { PLACE_BITS = 6, PLACES = 1 << PLACE_BITS };

struct spn_entry {
	const char *dn;
	struct chunk *chunks; /* the one that is filled first */
	struct attribute *attrs; /* those behind the first n are kept for their memory */
	size_t n, size;
	uint8_t places[PLACES]; /* of a mark: the first attribute that has it, from 1; 0: none has */
	spk_folding folding;
	bool lacks_names, lacks_host;
};

/* Copies a text, and a NUL behind it; NULL: out of memory. */
static char *keep(spn_entry *entry, const char *text, size_t len)
{
	enum { CHUNK = 512 };
	struct chunk *chunk = entry->chunks;
	if (!chunk || chunk->size - chunk->used <= len) {
		size_t size = chunk ? 2 * chunk->size : CHUNK;
		size = size > len ? size : len + 1;
		chunk = malloc(sizeof *chunk + size);
		if (!chunk)
			return NULL;
		*chunk = (struct chunk){ .next = entry->chunks, .size = size };
		entry->chunks = chunk;
	}
	char *copy = chunk->bytes + chunk->used;
	chunk->used += len + 1;
	if (len)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

spn_status spn_entry_new(const char *dn, spn_entry **ret_entry, spn_error *err)
{
	if (!dn || !ret_entry)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_entry_new: an argument is NULL");
	spn_entry *entry = calloc(1, sizeof *entry);
	if (entry)
		entry->dn = keep(entry, dn, strlen(dn));
	if (!entry || !entry->dn) {
		spn_entry_free(entry);
		return spk_nomem(err);
	}
	*ret_entry = entry;
	return SPN_OK;
}

static void free_chunks(spn_entry *entry)
{
	for (struct chunk *chunk = entry->chunks, *next; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	entry->chunks = NULL;
}

spn_entry *spn_entry_free(spn_entry *entry)
{
	if (!entry)
		return NULL;
	for (size_t i = 0; i < entry->size; i++)
		free(entry->attrs[i].values);
	free(entry->attrs);
	free_chunks(entry);
	free(entry);
	return NULL;
}

/* Differs for most names that differ otherwise than in case: their length, and their first and last letters. */
static uint64_t mark_of(const char *name, size_t len)
{
	const uint64_t lower = 'a' ^ 'A';
	uint64_t first = (unsigned char)name[0], last = (unsigned char)name[len - (len > 0)];
	return (uint64_t)len << 16 | (first | lower) << 8 | (last | lower);
}

static size_t place_of(uint64_t mark)
{
	return (size_t)(mark * UINT64_C(0x9e3779b97f4a7c15) >> (64 - PLACE_BITS));
}

/* An attribute that many others are before has no place of its own: it is found behind the last that has. */
static void take_place(spn_entry *entry, size_t i)
{
	uint8_t *place = &entry->places[place_of(entry->attrs[i].mark)];
	if (!*place)
		*place = (uint8_t)(i < UINT8_MAX ? i + 1 : UINT8_MAX);
}

static struct attribute *find_marked(const spn_entry *entry, const char *attr, size_t len, uint64_t mark)
{
	size_t place = entry->places[place_of(mark)];
	for (size_t i = place ? place - 1 : entry->n; i < entry->n; i++) {
		struct attribute *one = &entry->attrs[i];
		if (one->mark == mark && (memcmp(one->name, attr, len) == 0 || spk_ascii_equal(one->name, attr)))
			return one;
	}
	return NULL;
}

static struct attribute *find(const spn_entry *entry, const char *attr)
{
	size_t len = strlen(attr);
	return find_marked(entry, attr, len, mark_of(attr, len));
}

/* is_lent: the name itself is used, not a copy. */
static struct attribute *find_or_add(spn_entry *entry, const char *attr, bool is_lent)
{
	const size_t len = strlen(attr);
	const uint64_t mark = mark_of(attr, len);
	struct attribute *found = find_marked(entry, attr, len, mark);
	if (found)
		return found;
	if (entry->n == entry->size) {
		size_t size = entry->size ? 2 * entry->size : 8;
		struct attribute *grown = realloc(entry->attrs, size * sizeof *grown);
		if (!grown)
			return NULL;
		memset(grown + entry->size, 0, (size - entry->size) * sizeof *grown);
		entry->attrs = grown;
		entry->size = size;
	}
	struct attribute *added = &entry->attrs[entry->n];
	added->name = is_lent ? attr : keep(entry, attr, len);
	added->mark = mark;
	added->n = 0;
	if (!added->name)
		return NULL;
	take_place(entry, entry->n++);
	return added;
}

/* An attribute to which no value could be added must not be seen. */
static void drop_if_empty(spn_entry *entry, struct attribute *attribute)
{
	if (attribute->n > 0)
		return;
	struct attribute dropped = *attribute;
	size_t behind = entry->n - 1 - (size_t)(attribute - entry->attrs);
	memmove(attribute, attribute + 1, behind * sizeof *attribute);
	attribute[behind] = dropped;
	entry->n--;
	memset(entry->places, 0, sizeof entry->places);
	for (size_t i = 0; entry->attrs && i < entry->n; i++)
		take_place(entry, i);
}

/* A value, the text itself. */
static bool add_value(struct attribute *attribute, const char *text, size_t len)
{
	if (attribute->n == attribute->size) {
		size_t size = attribute->size ? attribute->size * 2 : 1;
		spn_bytes *grown = realloc(attribute->values, size * sizeof *grown);
		if (!grown)
			return false;
		attribute->values = grown;
		attribute->size = size;
	}
	attribute->values[attribute->n++] = (spn_bytes){ text, len };
	return true;
}

spn_status spn_entry_add(spn_entry *entry, const char *attr, spn_bytes value, spn_error *err)
{
	if (!entry || !attr || (!value.data && value.len))
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_entry_add: an argument is NULL");
	struct attribute *attribute = find_or_add(entry, attr, false);
	if (!attribute)
		return spk_nomem(err);
	const char *copy = keep(entry, value.data, value.len);
	if (!copy || !add_value(attribute, copy, value.len)) {
		drop_if_empty(entry, attribute);
		return spk_nomem(err);
	}
	return SPN_OK;
}

void spk_entry_lend(spn_entry *entry, const char *dn)
{
	free_chunks(entry); /* mostly there are none */
	*entry = (spn_entry){ .dn = dn, .attrs = entry->attrs, .size = entry->size };
}

spn_status spk_entry_lend_value(spn_entry *entry, const char *attr, spn_bytes value, spn_error *err)
{
	/* values of one attribute mostly come together, and with the same name */
	struct attribute *last = entry->n > 0 ? &entry->attrs[entry->n - 1] : NULL,
			 *attribute = last && last->name == attr ? last : find_or_add(entry, attr, true);
	if (attribute && add_value(attribute, value.data, value.len))
		return SPN_OK;
	if (attribute)
		drop_if_empty(entry, attribute);
	return spk_nomem(err);
}

void spk_entry_drop(spn_entry *entry, const char *attr, const bool *marked)
{
	struct attribute *attribute = find(entry, attr);
	size_t kept = 0;
	for (size_t i = 0; attribute && i < attribute->n; i++) {
		if (!marked[i])
			attribute->values[kept++] = attribute->values[i];
	}
	if (attribute) {
		attribute->n = kept;
		drop_if_empty(entry, attribute);
	}
}

spn_status spk_entry_copy(const spn_entry *entry, spn_entry **ret_copy, spn_error *err)
{
	SPK_AUTO(spn_entry) *copy = NULL;
	spn_status status = spn_entry_new(entry->dn, &copy, err);
	for (size_t i = 0; !status && i < entry->n; i++)
		for (size_t j = 0; !status && j < entry->attrs[i].n; j++)
			status = spn_entry_add(copy, entry->attrs[i].name, entry->attrs[i].values[j], err);
	if (status)
		return status;
	copy->folding = entry->folding;
	copy->lacks_names = entry->lacks_names;
	copy->lacks_host = entry->lacks_host;
	*ret_copy = copy;
	copy = NULL;
	return SPN_OK;
}

spk_folding spk_entry_folding(const spn_entry *entry)
{
	return entry->folding;
}

void spk_entry_set_folding(spn_entry *entry, spk_folding folding)
{
	entry->folding = folding;
}

bool spk_entry_lacks_names(const spn_entry *entry)
{
	return entry->lacks_names;
}

void spk_entry_set_lacks_names(spn_entry *entry)
{
	entry->lacks_names = true;
}

bool spk_entry_lacks_host(const spn_entry *entry)
{
	return entry->lacks_host;
}

void spk_entry_set_lacks_host(spn_entry *entry)
{
	entry->lacks_host = true;
}

const char *spn_entry_dn(const spn_entry *entry)
{
	return entry->dn;
}

size_t spn_entry_values(const spn_entry *entry, const char *attr, const spn_bytes **ret_values)
{
	const struct attribute *attribute = find(entry, attr);
	if (ret_values)
		*ret_values = attribute ? attribute->values : NULL;
	return attribute ? attribute->n : 0;
}

const char *spn_entry_text(const spn_entry *entry, const char *attr)
{
	const struct attribute *attribute = find(entry, attr);
	return attribute ? attribute->values[0].data : NULL;
}

size_t spn_entry_count(const spn_entry *entry)
{
	return entry->n;
}

const char *spn_entry_attribute(const spn_entry *entry, size_t i, const spn_bytes **ret_values, size_t *ret_n)
{
	bool is_there = i < entry->n;
	*ret_values = is_there ? entry->attrs[i].values : NULL;
	*ret_n = is_there ? entry->attrs[i].n : 0;
	return is_there ? entry->attrs[i].name : NULL;
}

bool spk_attr_is_valid(const char *attr)
{
	if (!attr || !*attr)
		return false;
	for (; *attr; attr++) {
		char c = spk_ascii_lower(*attr);
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ';'))
			return false;
	}
	return true;
}

bool spk_attr_wanted(const char *const *attrs, const char *attr)
{
	if (!attrs)
		return true;
	for (; *attrs; attrs++)
		if (strcmp(*attrs, "*") == 0 || spk_ascii_equal(*attrs, attr))
			return true;
	return false;
}

bool spk_is_single_valued(const char *attr)
{
	static const char *const names[] = { "accountExpires", "cn", "description", "displayName", "dNSHostName", "groupType",
		"mail", "managedBy", "msDS-SupportedEncryptionTypes", "name", "objectGUID", "objectSid", "primaryGroupID",
		"pwdLastSet", "sAMAccountName", "sAMAccountType", "userAccountControl", "userPrincipalName" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (spk_ascii_equal(attr, names[i]))
			return true;
	return false;
}
