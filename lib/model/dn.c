/* SPDX-License-Identifier: MIT */
#include "dn.h"

#include <spnkit/directory.h>

#include <stddef.h>
#include <string.h>

#include "fold.h"

/* One attribute=value of a DN. */
struct rdn {
	const char *type, *type_end;
	const char *value, *value_end; /* escaped, trimmed */
	const char *next;              /* behind the separator */
	char separator;                /* ',' or '+' or, at the end, NUL */
};

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = spk_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *skip_spaces(const char *at)
{
	while (*at == ' ')
		at++;
	return at;
}

/* How many characters the escape at a backslash has (RFC 4514, section 2.4); 0: it is none. */
static size_t escape_len(const char *at)
{
	if (hex(at[1]) >= 0 && hex(at[2]) >= 0)
		return 3;
	return at[1] && strchr(" \"#+,;<=>\\", at[1]) ? 2 : 0;
}

/* The end of a value, or NULL if an escape in it is none. */
static const char *find_value_end(const char *at, bool quoted)
{
	while (*at) {
		if (quoted ? *at == '"' : (*at == ',' || *at == '+' || *at == ';'))
			return at;
		size_t len = *at == '\\' ? escape_len(at) : 1;
		if (len == 0)
			return NULL;
		at += len;
	}
	return quoted ? NULL : at;
}

/* A value without the spaces at its end; an escaped one is part of it. */
static const char *trim_end(const char *from, const char *end)
{
	const char *kept = from;
	while (from < end) {
		bool is_space = *from == ' ';
		from += *from == '\\' ? escape_len(from) : 1;
		if (!is_space)
			kept = from;
	}
	return kept;
}

static bool read_rdn(const char *at, struct rdn *ret)
{
	ret->type = skip_spaces(at);
	for (at = ret->type; *at && *at != '=' && *at != ',' && *at != '+'; at++)
		;
	if (*at != '=' || at == ret->type)
		return false;
	ret->type_end = at;
	while (ret->type_end > ret->type && ret->type_end[-1] == ' ')
		ret->type_end--;
	for (const char *c = ret->type; c < ret->type_end; c++) {
		char l = spk_ascii_lower(*c);
		if (!((l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '-' || l == '.'))
			return false;
	}
	at = skip_spaces(at + 1);
	bool quoted = *at == '"';
	ret->value = at += quoted;
	at = find_value_end(at, quoted);
	if (!at)
		return false;
	ret->value_end = at;
	if (quoted)
		at = skip_spaces(at + 1);
	else
		ret->value_end = trim_end(ret->value, at);
	if (*at && *at != ',' && *at != '+' && *at != ';')
		return false;
	ret->separator = *at == ';' ? ',' : *at;
	ret->next = *at ? at + 1 : at;
	return true;
}

static void unescape(const struct rdn *rdn, spk_text *text)
{
	spk_text_add_bytes(text, "", 0);
	for (const char *at = rdn->value; at < rdn->value_end; at++) {
		if (*at != '\\') {
			spk_text_add_char(text, *at);
		} else if (hex(at[1]) >= 0 && hex(at[2]) >= 0) {
			spk_text_add_char(text, (char)(hex(at[1]) << 4 | hex(at[2])));
			at += 2;
		} else {
			spk_text_add_char(text, *++at);
		}
	}
}

/* A newline, a tab and a NUL mean something in a key: those of a value are written with 0xff, as no UTF-8 text is. */
static void add_to_key(spk_text *key, char c)
{
	bool special = c == '\n' || c == '\t' || c == '\0' || c == '\xff';
	if (special)
		spk_text_add_char(key, '\xff');
	spk_text_add_char(key, c == '\0' ? '0' : c == '\n' ? 'n' : c == '\t' ? 't' : c);
}

bool spk_dn_key(const char *dn, spk_text *ret_key)
{
	SPK_AUTOTEXT spk_text value = { 0 };
	spk_text_add_bytes(ret_key, "", 0);
	if (!*skip_spaces(dn))
		return true;
	struct rdn rdn = { .separator = ',', .next = dn };
	while (rdn.separator) {
		if (!read_rdn(rdn.next, &rdn))
			return false;
		for (const char *c = rdn.type; c < rdn.type_end; c++)
			spk_text_add_char(ret_key, spk_ascii_lower(*c));
		spk_text_add_char(ret_key, '=');
		spk_text_clear(&value);
		unescape(&rdn, &value);
		SPK_AUTOTEXT spk_text folded = { 0 };
		spk_fold_key((spn_bytes){ value.data, value.len }, SPK_FOLD_CASE, &folded);
		for (size_t i = 0; i < folded.len; i++)
			add_to_key(ret_key, folded.data[i]);
		ret_key->failed |= value.failed || folded.failed;
		if (rdn.separator)
			spk_text_add_char(ret_key, rdn.separator == '+' ? '\t' : '\n');
	}
	return !ret_key->failed;
}

/* How many RDNs a text has, or -1 if it is no DN. */
static long count_rdns(const char *dn)
{
	if (!*skip_spaces(dn))
		return 0;
	long n = 1;
	for (struct rdn rdn = { .separator = ',', .next = dn }; rdn.separator;) {
		if (!read_rdn(rdn.next, &rdn))
			return -1;
		n += rdn.separator == ',';
	}
	return n;
}

bool spk_dn_is_valid(const char *dn)
{
	return count_rdns(dn) >= 0;
}

/* Takes the next byte of an escaped value.  False at its end. */
static bool take_byte(const char **at, const char *end, char *ret)
{
	if (*at == end)
		return false;
	size_t len = **at == '\\' ? escape_len(*at) : 1;
	*ret = len == 3 ? (char)(hex((*at)[1]) << 4 | hex((*at)[2])) : (*at)[len - 1];
	*at += len;
	return true;
}

/* Takes the bytes of one character, 0 at the end.  What is not UTF-8 is taken apart in the same way on both sides. */
static size_t take_character(const char **at, const char *end, char ret[4])
{
	if (!take_byte(at, end, ret))
		return 0;
	unsigned char first = (unsigned char)ret[0];
	size_t wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1, n = 1;
	for (const char *ahead = *at;
			n < wanted && take_byte(&ahead, end, &ret[n]) && ((unsigned char)ret[n] & 0xc0) == 0x80; n++)
		*at = ahead;
	return n;
}

/* Needs no memory: whoever asks could not tell "not equal" from "no memory". */
static bool values_equal(const struct rdn *a, const struct rdn *b)
{
	const char *at_a = a->value, *at_b = b->value;
	char ca[4] = "", cb[4] = "";
	for (;;) {
		spn_bytes one = { ca, take_character(&at_a, a->value_end, ca) },
			  other = { cb, take_character(&at_b, b->value_end, cb) };
		if (one.len == 0 || other.len == 0)
			return one.len == other.len;
		if (!spk_fold_equal(one, other, SPK_FOLD_CASE))
			return false;
	}
}

static bool rdns_equal(const struct rdn *a, const struct rdn *b)
{
	if (a->separator != b->separator || a->type_end - a->type != b->type_end - b->type)
		return false;
	for (ptrdiff_t i = 0; i < a->type_end - a->type; i++)
		if (spk_ascii_lower(a->type[i]) != spk_ascii_lower(b->type[i]))
			return false;
	return values_equal(a, b);
}

bool spk_dn_equal(const char *a, const char *b)
{
	if (strcmp(a, b) == 0)
		return true;
	if (!*skip_spaces(a) || !*skip_spaces(b))
		return !*skip_spaces(a) && !*skip_spaces(b);
	struct rdn ra = { .separator = ',', .next = a }, rb = { .separator = ',', .next = b };
	while (ra.separator)
		if (!read_rdn(ra.next, &ra) || !read_rdn(rb.next, &rb) || !rdns_equal(&ra, &rb))
			return false;
	return true;
}

bool spk_dn_equal_bytes(spn_bytes a, spn_bytes b)
{
	char ca[SPK_DN_MAX + 1], cb[SPK_DN_MAX + 1];
	if (a.len > SPK_DN_MAX || b.len > SPK_DN_MAX)
		return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
	memcpy(ca, a.data, a.len);
	memcpy(cb, b.data, b.len);
	ca[a.len] = cb[b.len] = '\0';
	return spk_dn_equal(ca, cb);
}

spn_bytes spk_dn_without_ids(spn_bytes text)
{
	static const char *const ids[] = { "<GUID=", "<SID=" };
	const char *at = text.data, *end = text.data + text.len;
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		size_t n = strlen(ids[i]);
		const char *close = (size_t)(end - at) > n && strncasecmp(at, ids[i], n) == 0 ?
				memchr(at, '>', (size_t)(end - at)) :
				NULL;
		if (close && close + 1 < end && close[1] == ';')
			at = close + 2;
	}
	return at < end ? (spn_bytes){ at, (size_t)(end - at) } : text;
}

/* The next byte, an escaped one as what it stands for; '\0' at the end. */
static char next_plain(const char **at, const char *end)
{
	while (*at < end && **at == '\\') {
		bool is_hex = end - *at > 2 && hex((*at)[1]) >= 0 && hex((*at)[2]) >= 0;
		const char *digits = *at + 1;
		*at += is_hex ? 3 : 1;
		if (is_hex)
			return spk_ascii_lower((char)(hex(digits[0]) << 4 | hex(digits[1])));
	}
	return *at < end ? spk_ascii_lower(*(*at)++) : '\0';
}

bool spk_dn_equal_but_for_escapes(spn_bytes a, spn_bytes b)
{
	const char *at_a = a.data, *at_b = b.data, *end_a = at_a + a.len, *end_b = at_b + b.len;
	char ca, cb;
	if (spk_dn_equal_bytes(a, b))
		return true;
	do {
		ca = next_plain(&at_a, end_a);
		cb = next_plain(&at_b, end_b);
	} while (ca && ca == cb);
	return ca == cb && at_a == end_a && at_b == end_b;
}

bool spk_dn_is_under(const char *dn, const char *base)
{
	long above = count_rdns(base), n = count_rdns(dn);
	if (above < 0 || n < above)
		return false;
	for (; n > above; n--)
		dn = spk_dn_parent(dn);
	return above == 0 || spk_dn_equal(dn, base);
}

bool spk_dn_first_value_is(const char *dn, const char *text)
{
	struct rdn rdn;
	const char *equals = strchr(dn, '=');
	char first = equals ? spk_ascii_lower(*skip_spaces(equals + 1)) : '\0';
	if (first >= 'a' && first <= 'z' && first != spk_ascii_lower(*text)) /* as mostly */
		return false;
	if (!read_rdn(dn, &rdn))
		return false;
	const char *at = rdn.value;
	char c;
	while (take_byte(&at, rdn.value_end, &c))
		if (!*text || spk_ascii_lower(c) != spk_ascii_lower(*text++))
			return false;
	return !*text;
}

const char *spk_dn_parent(const char *dn)
{
	struct rdn rdn;
	do {
		if (!read_rdn(dn, &rdn))
			return "";
		dn = rdn.next;
	} while (rdn.separator == '+');
	return skip_spaces(rdn.next);
}

void spk_dn_first_value(const char *dn, spk_text *ret_value)
{
	struct rdn rdn;
	if (read_rdn(dn, &rdn))
		unescape(&rdn, ret_value);
	else
		spk_text_add_bytes(ret_value, "", 0);
}

bool spk_dn_has_mark(const char *dn, const char *mark)
{
	if (!strchr(dn, ':')) /* as nearly always; each mark ends with it */
		return false;
	for (const char *at = dn; (at = strstr(at, mark)); at++)
		if (at > dn && (at[-1] == '\n' || (at - dn > 3 && strncasecmp(at - 3, "\\0A", 3) == 0)))
			return strlen(at) > strlen(spk_dn_parent(dn));
	return false;
}

void spk_dn_domain(const char *dn, spk_text *ret_domain)
{
	size_t start = ret_domain->len;
	spk_text_add_bytes(ret_domain, "", 0);
	struct rdn rdn = { .separator = ',', .next = dn };
	while (rdn.separator && read_rdn(rdn.next, &rdn)) {
		if (rdn.type_end - rdn.type != 2 || spk_ascii_lower(rdn.type[0]) != 'd' ||
				spk_ascii_lower(rdn.type[1]) != 'c') {
			ret_domain->len = start; /* a DC= above was that of a DNS node */
			continue;
		}
		if (ret_domain->len > start)
			spk_text_add_char(ret_domain, '.');
		unescape(&rdn, ret_domain);
	}
	spk_text_add_bytes(ret_domain, "", 0); /* ends the text where it was cut */
}

const char *spk_dn_domain_part(const char *dn)
{
	const char *start = NULL;
	for (const char *at = dn; *at; at = spk_dn_parent(at))
		start = strncasecmp(at, "DC=", 3) != 0 ? NULL : start ? start : at;
	return start;
}

bool spk_dn_same_domain(const char *a, const char *b)
{
	const char *one = spk_dn_domain_part(a), *other = spk_dn_domain_part(b);
	return one && other ? spk_dn_equal(one, other) : one == other;
}

bool spk_dn_key_or_text(const char *dn, spk_text *ret_key)
{
	if (!spk_dn_key(dn, ret_key) && !ret_key->failed)
		spk_text_add(ret_key, "%s", dn);
	return !ret_key->failed;
}

/* The RDNs from the top, so that an ancestor is the beginning of what is below it. */
static bool from_the_top(const char *dn, spk_text *ret_key)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	if (!spk_dn_key(dn, &key))
		return false;
	for (size_t end = key.len, at; end > 0; end = at) {
		at = end;
		while (at > 0 && key.data[at - 1] != '\n')
			at--;
		spk_text_add_bytes(ret_key, key.data + at, end - at);
		spk_text_add_char(ret_key, '\n');
		at -= at > 0;
	}
	spk_text_add_bytes(ret_key, "", 0);
	return !ret_key->failed;
}

int spn_dn_compare(const char *a, const char *b)
{
	SPK_AUTOTEXT spk_text one = { 0 }, other = { 0 };
	bool is_one = from_the_top(a, &one), is_other = from_the_top(b, &other);
	if (is_one != is_other)
		return is_one ? -1 : 1;
	return is_one ? strcmp(one.data, other.data) : strcmp(a, b);
}

/* What has to be escaped in a value (RFC 4514, section 2.4). */
static bool needs_escape(const char *value, size_t len, size_t i)
{
	bool is_first = i == 0, is_last = i + 1 == len;
	return strchr("\"+,;<>\\", value[i]) || (is_first && value[i] == '#') || (value[i] == ' ' && (is_first || is_last));
}

static void add_value(spk_text *text, const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (value[i] == '\0') {
			spk_text_add(text, "\\00");
			continue;
		}
		if (needs_escape(value, len, i))
			spk_text_add_char(text, '\\');
		spk_text_add_char(text, value[i]);
	}
}

/* As snprintf. */
static size_t copy_out(const spk_text *text, char *buffer, size_t size)
{
	size_t n = text->len < size ? text->len : size ? size - 1 : 0;
	if (size > 0) {
		memcpy(buffer, text->data ? text->data : "", n);
		buffer[n] = '\0';
	}
	return text->len;
}

size_t spn_dn_domain(const char *dn, char *buffer, size_t size)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_dn_domain(dn, &text);
	if (text.failed)
		spk_text_clear(&text);
	return copy_out(&text, buffer, size);
}

size_t spn_dn_normalize(const char *dn, char *buffer, size_t size)
{
	SPK_AUTOTEXT spk_text text = { 0 }, value = { 0 };
	struct rdn rdn = { .separator = ',', .next = dn };
	if (size > 0)
		*buffer = '\0';
	if (!*skip_spaces(dn))
		return 0;
	while (rdn.separator) {
		if (!read_rdn(rdn.next, &rdn))
			return 0;
		for (const char *c = rdn.type; c < rdn.type_end; c++)
			spk_text_add_char(&text, spk_ascii_lower(*c));
		spk_text_add_char(&text, '=');
		spk_text_clear(&value);
		unescape(&rdn, &value);
		SPK_AUTOTEXT spk_text folded = { 0 };
		spk_fold_key((spn_bytes){ value.data, value.len }, SPK_FOLD_CASE, &folded);
		add_value(&text, folded.data ? folded.data : "", folded.len);
		text.failed |= value.failed || folded.failed;
		if (rdn.separator)
			spk_text_add_char(&text, rdn.separator);
	}
	if (text.failed)
		return 0;
	return copy_out(&text, buffer, size);
}
