/* SPDX-License-Identifier: MIT */
#include "siblings.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/words.h"

/* Of as many parents as fit, each has a few places that may be its own. */
enum { PARENT_MAX = 256, FIRST_MAX = 128, PLACES = 256, FEW = 4 };

/* The text of a parent with the comma before it, and the hash of the key that spk_hash_dn would make of that. */
struct parent {
	uint64_t hash;
	size_t len;
	char text[PARENT_MAX];
};

struct spk_siblings {
	uint64_t seed;
	struct parent *last;
	size_t n_replaced;
	struct parent parents[PLACES + FEW];
};

spk_siblings *spk_siblings_new(uint64_t seed)
{
	spk_siblings *siblings = calloc(1, sizeof *siblings);
	if (siblings) {
		siblings->seed = seed;
		siblings->last = siblings->parents;
	}
	return siblings;
}

void spk_siblings_free(spk_siblings *siblings)
{
	free(siblings);
}

static bool is_parent(const struct parent *parent, const char *text, size_t len)
{
	return parent->len == len && memcmp(parent->text, text, len) == 0;
}

/* The first of the places that may be a parent's. */
static struct parent *places_of(spk_siblings *siblings, const char *text, size_t len)
{
	return &siblings->parents[spk_hash(text, len, siblings->seed) % PLACES];
}

/* NULL: it has not been noted. */
static struct parent *find_parent(spk_siblings *siblings, const char *text, size_t len)
{
	struct parent *places = places_of(siblings, text, len);
	for (size_t i = 0; i < FEW; i++)
		if (is_parent(&places[i], text, len))
			return &places[i];
	return NULL;
}

/* One that is free, or in turn one of the others. */
static struct parent *find_place(spk_siblings *siblings, const char *text, size_t len)
{
	struct parent *places = places_of(siblings, text, len);
	for (size_t i = 0; i < FEW; i++)
		if (places[i].len == 0 || is_parent(&places[i], text, len))
			return &places[i];
	return &places[siblings->n_replaced++ % FEW];
}

/* Copies a text, and a NUL behind it. */
static void lower(char *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = spk_ascii_lower(text[i]);
	to[len] = '\0';
}

void spk_siblings_note(spk_siblings *siblings, const char *dn)
{
	const char *text = strchr(dn, ',');
	size_t len = text ? strlen(text) : 0;
	char key[PARENT_MAX + 1];
	if (len < 2 || len > PARENT_MAX || strcasestr(text, ",CN=Configuration,"))
		return;
	lower(key, text, len);
	if (!spk_dn_make_plain_key(key + 1))
		return;
	struct parent *parent = find_place(siblings, text, len);
	key[0] = '\n';
	parent->len = len;
	memcpy(parent->text, text, len);
	parent->hash = spk_hash(key, len, siblings->seed);
	siblings->last = parent;
}

/* The highest bit of each byte from one to another, of bytes of ASCII. */
static uint64_t are_between(uint64_t word, char from, char to)
{
	return (word + SPK_EACH_BYTE(0x80 - from)) & ~(word + SPK_EACH_BYTE(0x7f - to)) & SPK_HIGH_BITS;
}

/* The same of those that are letters, digits, '-', '.', '/' or blanks. */
static uint64_t are_usual(uint64_t word)
{
	word &= ~SPK_HIGH_BITS; /* of other bytes whoever asks knows that they are there */
	return are_between(word | SPK_EACH_BYTE(0x20), 'a', 'z') | are_between(word, '-', '9') | are_between(word, ' ', ' ');
}

/* Whether the first part of a DN, in ASCII, is of a kind that most are of, and plain.  False: it may be plain all the
 * same. */
static bool is_usual(spn_bytes dn, size_t len)
{
	enum { TYPE = sizeof "CN=" - 1, WORD = sizeof(uint64_t) };
	if (len <= TYPE || dn.len - len < WORD || (memcmp(dn.data, "CN=", TYPE) != 0 && memcmp(dn.data, "OU=", TYPE) != 0))
		return false;
	const char *value = dn.data + TYPE, *end = dn.data + len;
	uint64_t usual = SPK_HIGH_BITS;
	for (; end - value >= WORD; value += WORD)
		usual &= are_usual(spk_word_at(value));
	if (value < end) /* what is behind it is the rest of the DN, which does not count */
		usual &= are_usual(spk_word_at(value)) | ~(UINT64_MAX >> 8 * (WORD - (end - value)));
	value = dn.data + TYPE;
	return (usual & SPK_HIGH_BITS) == SPK_HIGH_BITS && *value != ' ' && end[-1] != ' ' &&
			spk_lower_word(spk_word_at(value)) != spk_word_at("configur");
}

/* Whether the first part of a DN is as its key but for case, and says nothing of domains. */
static bool is_plain(const char *first, size_t len)
{
	char key[FIRST_MAX + 1];
	lower(key, first, len);
	return spk_dn_make_plain_key(key) && strncmp(key, "dc=", 3) != 0 && strncmp(key, "cn=configuration", 16) != 0;
}

bool spk_siblings_hash(spk_siblings *siblings, spn_bytes dn, uint32_t *ret_hash)
{
	const char *comma = memchr(dn.data, ',', dn.len);
	size_t first = comma ? (size_t)(comma - dn.data) : 0, len = dn.len - first;
	if (!comma || first > FIRST_MAX || len > PARENT_MAX)
		return false;
	struct parent *parent = siblings->last;
	if (!is_parent(parent, comma, len)) {
		parent = find_parent(siblings, comma, len);
		if (!parent)
			return false;
		siblings->last = parent;
	}
	bool is_ascii;
	*ret_hash = spk_hash_child(spk_hash_lower(dn.data, first, siblings->seed, &is_ascii), parent->hash);
	return is_ascii && (is_usual(dn, first) || is_plain(dn.data, first));
}
