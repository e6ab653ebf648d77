/* SPDX-License-Identifier: MIT */
#include "filter.h"

#include <stdlib.h>
#include <string.h>

#include "dn.h"
#include "entry.h"
#include "base/error.h"

static bool is_number(spn_bytes value)
{
	if (value.len == 0 || value.len > 10)
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] < '0' || value.data[i] > '9')
			return false;
	return true;
}

static spn_status check(const spn_filter *filter, int depth, spn_error *err)
{
	if (depth > SPK_FILTER_DEPTH)
		return spn_fail(err, SPN_ERR_INVALID, 0, "the filter is nested deeper than %d", SPK_FILTER_DEPTH);
	switch (filter->op) {
	case SPN_FILTER_NOT: case SPN_FILTER_AND: case SPN_FILTER_OR:
		if (!filter->parts || !filter->parts[0] || (filter->op == SPN_FILTER_NOT && filter->parts[1]))
			return spn_fail(err, SPN_ERR_INVALID, 0, "a part of the filter is missing, or NOT has two");
		for (const spn_filter *const *part = filter->parts; *part; part++) {
			spn_status status = check(*part, depth + 1, err);
			if (status)
				return status;
		}
		return SPN_OK;
	case SPN_FILTER_PRESENT: case SPN_FILTER_EQUAL: case SPN_FILTER_GLOB: case SPN_FILTER_BITS:
		if (!spk_attr_is_valid(filter->attr))
			return spn_fail(err, SPN_ERR_INVALID, 0, "'%s' in a filter is not an attribute name",
					filter->attr ? filter->attr : "");
		if (filter->op == SPN_FILTER_BITS && !is_number(filter->value))
			return spn_fail(err, SPN_ERR_INVALID, 0, "a filter requires a decimal number for '%s'", filter->attr);
		if (filter->op != SPN_FILTER_PRESENT && !filter->value.data)
			return spn_fail(err, SPN_ERR_INVALID, 0, "a filter has no value for '%s'", filter->attr);
		return SPN_OK;
	}
	return spn_fail(err, SPN_ERR_INVALID, 0, "unknown filter operation %d", (int)filter->op);
}

spn_status spk_filter_check(const spn_filter *filter, spn_error *err)
{
	return filter ? check(filter, 1, err) : SPN_OK;
}

static void render_value(spn_bytes value, bool glob, spk_text *text)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.data[i];
		if (c == '*' && glob)
			spk_text_add_char(text, '*');
		else if (c < 0x20 || c >= 0x7f || strchr("*()\\", c))
			spk_text_add(text, "\\%02x", c);
		else
			spk_text_add_char(text, (char)c);
	}
}

/* LDAP has no "(a=**)": neighbouring stars are one. */
static void render_glob(spn_bytes value, spk_text *text)
{
	for (size_t i = 0; i < value.len; i++)
		if (i == 0 || value.data[i] != '*' || value.data[i - 1] != '*')
			render_value((spn_bytes){ value.data + i, 1 }, true, text);
}

void spk_filter_render(const spn_filter *filter, spk_text *text)
{
	if (!filter) {
		spk_text_add(text, "(objectClass=*)");
		return;
	}
	spk_text_add_char(text, '(');
	switch (filter->op) {
	case SPN_FILTER_NOT: case SPN_FILTER_AND: case SPN_FILTER_OR:
		spk_text_add_char(text, filter->op == SPN_FILTER_NOT ? '!' : filter->op == SPN_FILTER_AND ? '&' : '|');
		for (const spn_filter *const *part = filter->parts; *part; part++)
			spk_filter_render(*part, text);
		break;
	case SPN_FILTER_PRESENT:
		spk_text_add(text, "%s=*", filter->attr);
		break;
	case SPN_FILTER_EQUAL:
		spk_text_add(text, "%s=", filter->attr);
		render_value(filter->value, false, text);
		break;
	case SPN_FILTER_GLOB:
		spk_text_add(text, "%s=", filter->attr);
		render_glob(filter->value, text);
		break;
	case SPN_FILTER_BITS: /* LDAP_MATCHING_RULE_BIT_AND, [MS-ADTS] 3.1.1.3.4.4.1 */
		spk_text_add(text, "%s:1.2.840.113556.1.4.803:=", filter->attr);
		render_value(filter->value, false, text);
		break;
	}
	spk_text_add_char(text, ')');
}

static bool is_ascii(spn_bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	return true;
}

/* Of ASCII, which folds as it is compared; on a mismatch behind a star, the star takes one more.  For short texts: the
 * lengths multiply. */
static bool glob_short(const char *p, const char *p_end, const char *s, const char *s_end)
{
	const char *star = NULL, *retry = NULL;
	while (s < s_end) {
		if (p < p_end && *p == '*') {
			star = ++p;
			retry = s;
		} else if (p < p_end && spk_ascii_lower(*p) == spk_ascii_lower(*s)) {
			p++;
			s++;
		} else if (star) {
			p = star;
			s = ++retry;
		} else {
			return false;
		}
	}
	while (p < p_end && *p == '*')
		p++;
	return p == p_end;
}

/* Of folded bytes.  What is before the first star begins the text, what is behind the last one ends it, and each piece
 * between is taken where it comes first; memmem needs no more than both lengths together. */
static bool glob_long(const char *p, const char *p_end, const char *s, const char *s_end)
{
	const char *star = memchr(p, '*', (size_t)(p_end - p));
	size_t len = (size_t)((star ? star : p_end) - p);
	if ((size_t)(s_end - s) < len || memcmp(p, s, len) != 0)
		return false;
	if (!star)
		return (size_t)(s_end - s) == len;
	s += len;
	for (p = star + 1; (star = memchr(p, '*', (size_t)(p_end - p))); p = star + 1) {
		len = (size_t)(star - p);
		s = len ? memmem(s, (size_t)(s_end - s), p, len) : s;
		if (!s)
			return false;
		s += len;
	}
	len = (size_t)(p_end - p);
	return (size_t)(s_end - s) >= len && memcmp(p, s_end - len, len) == 0;
}

bool spk_glob_match(spn_bytes pattern, spn_bytes text, spk_folding folding)
{
	enum { SHORT = 256 };
	if (text.len <= SHORT && is_ascii(pattern) && is_ascii(text))
		return glob_short(pattern.data, pattern.data + pattern.len, text.data, text.data + text.len);
	SPK_AUTOTEXT spk_text p = { 0 }, s = { 0 };
	spk_fold_key(pattern, folding, &p);
	spk_fold_key(text, folding, &s);
	return !p.failed && !s.failed && glob_long(p.data, p.data + p.len, s.data, s.data + s.len);
}

/* userAccountControl and groupType are signed 32-bit numbers ([MS-ADTS] 2.2.12, 2.2.16). */
static unsigned long number(const char *text)
{
	return (unsigned long)strtoll(text, NULL, 10) & 0xffffffffu;
}

static bool has_bits(spn_bytes wanted, const char *value)
{
	char text[16]; /* the filter has been checked: ten digits at most, but perhaps no NUL behind them */
	memcpy(text, wanted.data, wanted.len);
	text[wanted.len] = '\0';
	return (number(value) & number(text)) == number(text);
}

/* Of a name, Samba sees what precedes a NUL; in octet strings, a NUL is a byte as others. */
static spn_bytes as_seen(const char *attr, spn_bytes value, spk_folding folding)
{
	const char *nul = folding == SPK_FOLD_SAMBA && value.len > 0 ? memchr(value.data, '\0', value.len) : NULL;
	return nul && spk_ascii_equal(attr, "servicePrincipalName") ?
			(spn_bytes){ value.data, (size_t)(nul - value.data) } :
			value;
}

/* Octet strings, such as objectSid, are compared byte by byte; texts without case; a DN as a DN. */
static bool equal(spn_bytes wanted, spn_bytes value, spk_folding folding)
{
	if (wanted.len == value.len && memcmp(wanted.data, value.data, value.len) == 0)
		return true;
	if (memchr(wanted.data, '\0', wanted.len) || memchr(value.data, '\0', value.len))
		return false;
	if (spk_fold_equal(wanted, value, folding))
		return true;
	return memchr(wanted.data, '=', wanted.len) && memchr(value.data, '=', value.len) && spk_dn_equal_bytes(wanted, value);
}

static bool value_matches(const spn_filter *filter, spn_bytes value, spk_folding folding)
{
	switch (filter->op) {
	case SPN_FILTER_PRESENT: return true;
	case SPN_FILTER_EQUAL:
		return equal(as_seen(filter->attr, filter->value, folding), as_seen(filter->attr, value, folding), folding);
	case SPN_FILTER_GLOB: return spk_glob_match(filter->value, value, folding);
	case SPN_FILTER_BITS: return has_bits(filter->value, value.data);
	case SPN_FILTER_NOT: case SPN_FILTER_AND: case SPN_FILTER_OR: break;
	}
	return false;
}

bool spk_filter_match_values(const spn_filter *filter, spk_values_fn *values, void *of, spk_folding folding)
{
	if (!filter)
		return true;
	if (filter->op == SPN_FILTER_NOT)
		return !spk_filter_match_values(filter->parts[0], values, of, folding);
	if (filter->op == SPN_FILTER_AND || filter->op == SPN_FILTER_OR) {
		bool all = filter->op == SPN_FILTER_AND;
		for (const spn_filter *const *part = filter->parts; *part; part++)
			if (spk_filter_match_values(*part, values, of, folding) != all)
				return !all;
		return all;
	}
	const spn_bytes *list;
	size_t n = values(of, filter->attr, &list);
	for (size_t i = 0; i < n; i++)
		if (value_matches(filter, list[i], folding))
			return true;
	return false;
}

/* How many parts an OR of equals has whose keys are worth to be made; 0: it is none, or not worth it. */
static size_t count_equals(const spn_filter *filter)
{
	enum { FEW = 4 };
	size_t n = 0;
	if (!filter || filter->op != SPN_FILTER_OR)
		return 0;
	for (const spn_filter *const *part = filter->parts; *part; part++, n++)
		if ((*part)->op != SPN_FILTER_EQUAL)
			return 0;
	return n > FEW ? n : 0;
}

/* The number of an attribute among those of the filter; their number if it is not one of them. */
static size_t number_of(const spk_matcher *matcher, const char *attr)
{
	size_t a = 0;
	while (a < matcher->n_attrs && !spk_ascii_equal(matcher->attrs[a], attr))
		a++;
	return a;
}

/* The kinds of keys: the ways in which equal() compares. */
enum kind { BYTES, TEXT, DN, N_KINDS };

/* Makes the key of a value in scratch; false if there is none of that kind. */
static bool make_key(spk_matcher *matcher, size_t attr, spn_bytes value, enum kind kind)
{
	spk_text *key = &matcher->scratch;
	const char head[] = { (char)('0' + attr), (char)('0' + kind) };
	value = as_seen(matcher->attrs[attr], value, matcher->folding);
	bool is_binary = memchr(value.data, '\0', value.len);
	if (is_binary != (kind == BYTES) || (kind == DN && !memchr(value.data, '=', value.len)))
		return false;
	spk_text_clear(key);
	spk_text_add_bytes(key, head, sizeof head);
	if (kind == BYTES) {
		spk_text_add_bytes(key, value.data, value.len);
	} else if (kind == TEXT) {
		spk_fold_key(value, matcher->folding, key);
	} else {
		SPK_AUTOTEXT spk_text dn = { 0 }; /* with the NUL that a value of a filter need not have */
		spk_text_add_bytes(&dn, value.data, value.len);
		key->failed |= dn.failed || !spk_dn_key_or_text(dn.data, key);
	}
	matcher->failed |= key->failed;
	return !key->failed;
}

static bool add_part(spk_matcher *matcher, const spn_filter *part)
{
	size_t attr = number_of(matcher, part->attr);
	if (attr == SPK_MATCHER_ATTRS)
		return false;
	if (attr == matcher->n_attrs)
		matcher->attrs[matcher->n_attrs++] = part->attr;
	for (enum kind kind = BYTES; kind < N_KINDS; kind++) {
		if (!make_key(matcher, attr, part->value, kind))
			continue;
		size_t before = matcher->keys.n,
		       key = spk_keys_add(&matcher->keys, (spn_bytes){ matcher->scratch.data, matcher->scratch.len });
		matcher->failed |= key == SIZE_MAX;
		if (key == before)
			matcher->of_key[key] = part;
	}
	return !matcher->failed;
}

bool spk_matcher_make(spk_matcher *matcher, const spn_filter *filter, spk_folding folding)
{
	size_t n = count_equals(filter);
	*matcher = (spk_matcher){ .filter = filter, .folding = folding };
	if (n == 0)
		return true;
	matcher->of_key = calloc(n, 2 * sizeof *matcher->of_key); /* a DN has a key as a text, too */
	bool ok = matcher->of_key;
	for (size_t i = 0; ok && i < n; i++)
		ok = add_part(matcher, filter->parts[i]);
	if (ok || !matcher->of_key || matcher->failed)
		return ok;
	/* of more attributes than anybody asks for */
	spk_matcher_free(matcher);
	*matcher = (spk_matcher){ .filter = filter, .folding = folding };
	return true;
}

static bool match_value(spk_matcher *matcher, size_t attr, spn_bytes value)
{
	for (enum kind kind = BYTES; kind < N_KINDS; kind++) {
		if (!make_key(matcher, attr, value, kind))
			continue;
		size_t key = spk_keys_find(&matcher->keys, (spn_bytes){ matcher->scratch.data, matcher->scratch.len });
		if (key != SIZE_MAX && value_matches(matcher->of_key[key], value, matcher->folding))
			return true;
	}
	return false;
}

bool spk_matcher_match(spk_matcher *matcher, spk_values_fn *values, void *of)
{
	if (!matcher->of_key)
		return spk_filter_match_values(matcher->filter, values, of, matcher->folding);
	for (size_t a = 0; a < matcher->n_attrs; a++) {
		const spn_bytes *list;
		size_t n = values(of, matcher->attrs[a], &list);
		for (size_t i = 0; i < n; i++)
			if (match_value(matcher, a, list[i]))
				return true;
	}
	return false;
}

void spk_matcher_free(spk_matcher *matcher)
{
	spk_keys_free(&matcher->keys);
	free(matcher->of_key);
	spk_text_free(&matcher->scratch);
}

static size_t entry_values(void *of, const char *attr, const spn_bytes **ret_values)
{
	return spn_entry_values(of, attr, ret_values);
}

bool spk_filter_match(const spn_filter *filter, const spn_entry *entry, spk_folding folding)
{
	return spk_filter_match_values(filter, entry_values, (void *)(uintptr_t)entry, folding);
}

spn_status spn_filter_match(const spn_filter *filter, const spn_entry *entry, bool *ret_match,
		spn_error *err)
{
	if (!entry || !ret_match)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_filter_match: an argument is NULL");
	spn_status status = spk_filter_check(filter, err);
	if (!status)
		*ret_match = spk_filter_match(filter, entry, SPK_FOLD_WINDOWS);
	return status;
}
