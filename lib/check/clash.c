/* SPDX-License-Identifier: MIT */
#include "clash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/keys.h"

/* Tables of fingerprints, by the first bits of the family: one grows at a time, so that growing costs little memory. */
#define TABLES 16
#define TABLE_BITS 4
/* A table of half this size or more is kept in pages of this size, if the kernel has them: to find the places of small
 * pages in the page tables takes longer than to find a print in them. */
#define HUGE_PAGE ((size_t)2 << 20)
/* Names wait here until the memory that they need is in the cache. */
#define WAITING 32
/* A family of more names is suspected at once: whoever takes a fingerprint goes over all those of its family. */
#define PRINTS_MAX 64

/* What is kept of a name. */
struct print {
	uint64_t family;
	uint32_t account; /* 0: free */
	uint32_t name; /* twice the number of its class, from 1, or 0 of a class that the mapping does not name; +1 if
			  it is a target */
};

struct table {
	struct print *prints;
	size_t n, size;
};

/* A service class that the mapping names. */
struct class {
	char *text; /* folded */
	uint64_t hash;
	const struct class *target; /* NULL: it is no alias */
	bool is_target;
};

/* A name whose fingerprint is about to be taken. */
struct waiting {
	struct print print;
	size_t at, len; /* its text, in texts */
};

struct spk_clash {
	uint64_t seed;
	spk_folding folding;
	struct class *classes;
	size_t n_classes;
	struct table tables[TABLES];
	struct waiting waiting[WAITING];
	size_t n_waiting;
	spk_text texts, folded;
	spk_suspect *suspects;
	size_t n_suspects, suspects_size;
	struct table families; /* of the suspects: account is the number of the family */
	spk_keys known;        /* the suspects, by the number of their family and their name in lower case */
};

static struct class *find_class(const spk_clash *clash, uint64_t hash)
{
	/* a power of two that keeps half of the places free; hash 0 is a free place */
	size_t mask = clash->n_classes - 1;
	for (size_t i = hash & mask;; i = (i + 1) & mask)
		if (clash->classes[i].hash == hash || !clash->classes[i].hash)
			return &clash->classes[i];
}

static uint64_t hash_class(const spk_clash *clash, const char *text, size_t len)
{
	return spk_hash(text, len, clash->seed) | 1; /* never 0 */
}

static spn_status add_class(spk_clash *clash, spn_bytes name, struct class **ret_class, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	spk_fold_key(name, SPK_FOLD_WINDOWS, &key);
	if (key.failed)
		return spk_nomem(err);
	struct class *class = find_class(clash, hash_class(clash, key.data, key.len));
	if (!class->hash) {
		class->hash = hash_class(clash, key.data, key.len);
		class->text = key.data;
		key = (spk_text){ 0 };
	}
	*ret_class = class;
	return SPN_OK;
}

struct maker {
	spk_clash *clash;
	struct class *target;
};

/* The first value that lists a class decides, as in spk_mapping_find. */
static spn_status add_alias(const char *alias, void *data, spn_error *err)
{
	const struct maker *maker = data;
	struct class *class = NULL;
	spn_status status = add_class(maker->clash, (spn_bytes){ alias, strlen(alias) - 1 }, &class, err);
	if (!status && !class->target && class != maker->target) {
		class->target = maker->target;
		maker->target->is_target = true;
	}
	return status;
}

static spn_status make_classes(spk_clash *clash, const spk_mapping *mapping, spn_error *err)
{
	size_t n = 2;
	for (size_t i = 0; i < mapping->n; i++) {
		n += 2;
		for (size_t j = 0; j < mapping->values[i].len; j++)
			n += mapping->values[i].data[j] == ',';
	}
	for (clash->n_classes = 1; clash->n_classes < 2 * n;)
		clash->n_classes *= 2;
	clash->classes = calloc(clash->n_classes, sizeof *clash->classes);
	if (!clash->classes)
		return spk_nomem(err);
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < mapping->n; i++) {
		const spk_mapping one = { .values = &mapping->values[i], .n = 1 };
		const char *equals = memchr(one.values->data, '=', one.values->len);
		if (!equals)
			continue;
		struct maker maker = { .clash = clash };
		/* spaces round a word are no part of it */
		const char *word = one.values->data;
		while (word < equals && *word == ' ')
			word++;
		while (equals > word && equals[-1] == ' ')
			equals--;
		SPK_AUTOFREE char *any = spk_printf("%.*s/", (int)(equals - word), word);
		if (!any)
			return spk_nomem(err);
		status = add_class(clash, (spn_bytes){ word, (size_t)(equals - word) }, &maker.target, err);
		if (!status)
			status = spk_mapping_aliases(&one, any, add_alias, &maker, err);
	}
	return status;
}

spn_status spk_clash_new(const spk_mapping *mapping, spk_folding folding, spk_clash **ret_clash, spn_error *err)
{
	spk_clash *clash = calloc(1, sizeof *clash);
	if (!clash)
		return spk_nomem(err);
	clash->seed = spk_hash_seed();
	clash->folding = folding;
	spn_status status = make_classes(clash, mapping, err);
	if (status) {
		spk_clash_free(clash);
		return status;
	}
	*ret_clash = clash;
	return SPN_OK;
}

spk_clash *spk_clash_free(spk_clash *clash)
{
	if (!clash)
		return NULL;
	for (size_t i = 0; clash->classes && i < clash->n_classes; i++)
		free(clash->classes[i].text);
	for (size_t i = 0; i < TABLES; i++)
		free(clash->tables[i].prints);
	for (size_t i = 0; i < clash->n_suspects; i++)
		free(clash->suspects[i].name);
	free(clash->families.prints);
	free(clash->classes);
	free(clash->suspects);
	spk_keys_free(&clash->known);
	spk_text_free(&clash->texts);
	spk_text_free(&clash->folded);
	free(clash);
	return NULL;
}

/* Where the search for a family begins; the bits that chose the table say nothing here. */
static size_t place_of(const struct table *table, uint64_t family)
{
	__extension__ typedef unsigned __int128 wide;
	return (size_t)((wide)(family << TABLE_BITS) * table->size >> 64);
}

static struct print *free_place(const struct table *table, uint64_t family)
{
	size_t i = place_of(table, family);
	while (table->prints[i].account)
		i = i + 1 < table->size ? i + 1 : 0;
	return &table->prints[i];
}

/* Room for at least so many. */
static bool make_prints(struct table *table, size_t size)
{
	size_t bytes = size * sizeof *table->prints;
	bool is_huge = bytes > HUGE_PAGE / 2;
	if (is_huge)
		bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	table->size = bytes / sizeof *table->prints;
	table->prints = is_huge ? aligned_alloc(HUGE_PAGE, bytes) : malloc(bytes);
	if (!table->prints)
		return false;
	if (is_huge)
		madvise(table->prints, bytes, MADV_HUGEPAGE);
	memset(table->prints, 0, bytes);
	return true;
}

/* At least an eighth is kept free. */
static bool make_room(struct table *table)
{
	if (table->n + 1 <= table->size - table->size / 8 && table->size > 0)
		return true;
	struct table grown = { .n = table->n };
	if (!make_prints(&grown, table->size + table->size / 2 + 16))
		return false;
	for (size_t i = 0; i < table->size; i++)
		if (table->prints[i].account)
			*free_place(&grown, table->prints[i].family) = table->prints[i];
	free(table->prints);
	*table = grown;
	return true;
}

static struct print *find_family(const spk_clash *clash, uint64_t family)
{
	const struct table *table = &clash->families;
	for (size_t i = table->size ? place_of(table, family) : 0; table->size && table->prints[i].account;
			i = i + 1 < table->size ? i + 1 : 0)
		if (table->prints[i].family == family)
			return &table->prints[i];
	return NULL;
}

static spn_status add_family(spk_clash *clash, uint64_t family, struct print **ret_family, spn_error *err)
{
	if (!make_room(&clash->families))
		return spk_nomem(err);
	*ret_family = free_place(&clash->families, family);
	**ret_family = (struct print){ .family = family, .account = (uint32_t)++clash->families.n };
	return SPN_OK;
}

/* Puts a folded copy of name into clash->folded. */
static bool fold(spk_clash *clash, spn_bytes name)
{
	spk_text_clear(&clash->folded);
	spk_fold_key(name, clash->folding, &clash->folded);
	return !clash->folded.failed;
}

/* The class of a name, as far as the mapping names it (else its hash is 0), and what hash and length it has in
 * clash->folded.  NULL: no memory. */
static const struct class *class_of(spk_clash *clash, spn_bytes name, uint64_t *ret_hash, size_t *ret_len)
{
	if (!fold(clash, name))
		return NULL;
	const char *folded = clash->folded.data, *slash = memchr(folded, '/', clash->folded.len);
	*ret_len = slash ? (size_t)(slash - folded) : clash->folded.len;
	*ret_hash = hash_class(clash, folded, *ret_len);
	return find_class(clash, *ret_hash);
}

/* Whether a family has no such suspect yet.  What differs in case only is the same name to every server. */
static spn_status note_suspect(spk_clash *clash, uint32_t family, const char *name, bool *ret_new, spn_error *err)
{
	size_t before = clash->known.n;
	spk_text_clear(&clash->folded);
	spk_text_add_bytes(&clash->folded, &family, sizeof family);
	spk_fold_key(spk_bytes(name), SPK_FOLD_CASE, &clash->folded);
	if (clash->folded.failed ||
			spk_keys_add(&clash->known, (spn_bytes){ clash->folded.data, clash->folded.len }) == SIZE_MAX)
		return spk_nomem(err);
	*ret_new = clash->known.n > before;
	return SPN_OK;
}

/* Keeps the text class/rest or, with an empty class, rest. */
static spn_status suspect(
		spk_clash *clash, const struct print *family, const char *class_name, spn_bytes rest, spn_error *err)
{
	bool is_new;
	size_t len;
	uint64_t hash;
	SPK_AUTOFREE char *name = spk_printf("%s%.*s", class_name, (int)rest.len, rest.data);
	if (!name)
		return spk_nomem(err);
	spn_status status = note_suspect(clash, family->account, name, &is_new, err);
	if (status || !is_new)
		return status;
	if (clash->n_suspects == clash->suspects_size) {
		size_t size = clash->suspects_size * 2 + 16;
		spk_suspect *grown = realloc(clash->suspects, size * sizeof *grown);
		if (!grown)
			return spk_nomem(err);
		clash->suspects = grown;
		clash->suspects_size = size;
	}
	const struct class *class = class_of(clash, spk_bytes(name), &hash, &len);
	if (!class)
		return spk_nomem(err);
	const char *target = class->hash && class->target ? class->target->text : NULL;
	clash->suspects[clash->n_suspects++] = (spk_suspect){ name, family->account, target, class->hash && class->is_target };
	name = NULL;
	return SPN_OK;
}

/* Keeps class and what follows the first slash of a text. */
static spn_status suspect_rest(
		spk_clash *clash, const struct print *family, const char *class, spn_bytes text, spn_error *err)
{
	const char *slash = memchr(text.data, '/', text.len);
	return slash ? suspect(clash, family, class, (spn_bytes){ slash, text.len - (size_t)(slash - text.data) },
				       err) :
		       SPN_OK;
}

/* A name of the family that went by before: its rest is this name's, and its class is one of the mapping's. */
static spn_status suspect_older(spk_clash *clash, const struct print *family, const struct waiting *name,
		uint32_t older, spn_error *err)
{
	spn_bytes text = { clash->texts.data + name->at, name->len };
	if (older == name->print.name || older < 2)
		return SPN_OK;
	const char *class = clash->classes[older / 2 - 1].text;
	SPK_AUTOTEXT spk_text folded = { 0 };
	spk_fold_key(text, clash->folding, &folded);
	if (folded.failed)
		return spk_nomem(err);
	spn_status status = suspect_rest(clash, family, class, text, err);
	return status ? status : suspect_rest(clash, family, class, (spn_bytes){ folded.data, folded.len }, err);
}

/* A family has become suspect: every name of it that is known is kept as text, and its fingerprints are of no more use.
 */
static spn_status suspect_family(
		spk_clash *clash, const struct table *table, const struct waiting *name, spn_error *err)
{
	struct print *family = NULL;
	spn_status status = add_family(clash, name->print.family, &family, err);
	for (size_t i = place_of(table, name->print.family); !status && table->prints[i].account;
			i = i + 1 < table->size ? i + 1 : 0)
		if (table->prints[i].family == name->print.family)
			status = suspect_older(clash, family, name, table->prints[i].name, err);
	return status ? status : suspect(clash, family, "", (spn_bytes){ clash->texts.data + name->at, name->len }, err);
}

static spn_status take(spk_clash *clash, const struct waiting *name, spn_error *err)
{
	struct table *table = &clash->tables[name->print.family >> (64 - TABLE_BITS)];
	const struct print *print = &name->print;
	size_t n_prints = 0;
	bool is_stored = false, clashes = false;
	if (!make_room(table))
		return spk_nomem(err);
	for (size_t i = place_of(table, print->family); table->prints[i].account; i = i + 1 < table->size ? i + 1 : 0) {
		const struct print *other = &table->prints[i];
		if (other->family != print->family)
			continue;
		bool is_same = other->name == print->name;
		n_prints++;
		is_stored |= is_same;
		clashes |= other->account != print->account && (is_same || ((other->name ^ print->name) & 1));
	}
	struct print *family = n_prints ? find_family(clash, print->family) : NULL;
	if (family)
		return suspect(clash, family, "", (spn_bytes){ clash->texts.data + name->at, name->len }, err);
	if (clashes || n_prints == PRINTS_MAX)
		return suspect_family(clash, table, name, err);
	if (!is_stored) {
		*free_place(table, print->family) = *print;
		table->n++;
	}
	return SPN_OK;
}

static spn_status take_all(spk_clash *clash, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < clash->n_waiting; i++)
		status = take(clash, &clash->waiting[i], err);
	clash->n_waiting = 0;
	spk_text_clear(&clash->texts);
	return status;
}

static void await(spk_clash *clash, const struct waiting *name)
{
	const struct table *table = &clash->tables[name->print.family >> (64 - TABLE_BITS)];
	if (table->size)
		__builtin_prefetch(&table->prints[place_of(table, name->print.family)]);
	clash->waiting[clash->n_waiting++] = *name;
}

spn_status spk_clash_add(spk_clash *clash, uint32_t account, spn_bytes text, spn_error *err)
{
	/* one name may need two places */
	spn_status status = clash->n_waiting + 2 > WAITING ? take_all(clash, err) : SPN_OK;
	if (status)
		return status;
	struct waiting name = { .at = clash->texts.len, .len = text.len };
	size_t len;
	uint64_t hash;
	spk_text_add_bytes(&clash->texts, text.data, text.len);
	const struct class *class = class_of(clash, text, &hash, &len);
	if (clash->texts.failed || !class)
		return spk_nomem(err);
	bool is_target = class->hash && class->is_target, is_alias = class->hash && class->target;
	uint64_t rest = spk_hash(clash->folded.data + len, clash->folded.len - len, ~clash->seed);
	uint32_t number = class->hash ? (uint32_t)(class - clash->classes + 1) : 0;
	name.print = (struct print){ spk_hash_mix(hash, rest), account, number << 1 | is_target };
	if (!is_alias || is_target) /* what is both is of two families */
		await(clash, &name);
	if (is_alias) {
		name.print.family = spk_hash_mix(class->target->hash, rest);
		name.print.name = number << 1;
		await(clash, &name);
	}
	return SPN_OK;
}

static int compare(const void *a, const void *b)
{
	const spk_suspect *sa = a, *sb = b;
	if (sa->family != sb->family)
		return sa->family < sb->family ? -1 : 1;
	return strcmp(sa->name, sb->name);
}

spn_status spk_clash_finish(spk_clash *clash, const spk_suspect **ret_suspects, size_t *ret_n, spn_error *err)
{
	spn_status status = take_all(clash, err);
	if (status)
		return status;
	if (clash->n_suspects)
		qsort(clash->suspects, clash->n_suspects, sizeof *clash->suspects, compare);
	for (size_t i = 0; i < TABLES; i++) { /* what comes now needs memory of its own */
		free(clash->tables[i].prints);
		clash->tables[i] = (struct table){ 0 };
	}
	*ret_suspects = clash->suspects;
	*ret_n = clash->n_suspects;
	return SPN_OK;
}
