/* SPDX-License-Identifier: MIT */
#include "private.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/entry.h"

/* Steps of one attribute.  Servers send 1,000 values and more a step: who needs as many as this plays tricks. */
#define MAX_STEPS 2000u

/* A part of an attribute's values: name;range=first-last, or name;range=first-* for the end
 * ([MS-ADTS] 3.1.1.3.1.3.3). */
struct range {
	char *name;
	unsigned long first, last;
	bool is_last;
};

static bool parse_number(const char **at, unsigned long *ret_number)
{
	unsigned long number = 0;
	const char *p = *at;
	while (*p >= '0' && *p <= '9' && number < 100000000)
		number = number * 10 + (unsigned long)(*p++ - '0');
	if (p == *at)
		return false;
	*at = p;
	*ret_number = number;
	return true;
}

/* Returns whether the attribute is one part of several; ret_range->name is to be freed then. */
static bool parse_range(const char *attr, struct range *ret_range)
{
	const char *option = strchr(attr, ';') ? strcasestr(attr, ";range=") : NULL;
	if (!option)
		return false;
	const char *at = option + strlen(";range=");
	struct range range = { 0 };
	if (!parse_number(&at, &range.first) || *at++ != '-')
		return false;
	range.is_last = *at == '*';
	if (range.is_last)
		at++;
	else if (!parse_number(&at, &range.last) || range.last < range.first)
		return false;
	if (*at)
		return false;
	range.name = strndup(attr, (size_t)(option - attr));
	*ret_range = range;
	return true;
}

static spn_status add_values(
		spn_entry *entry, const struct berval *values, const char *name, size_t *ret_n, spn_error *err)
{
	spn_status status = SPN_OK;
	size_t n = 0;
	for (; values && values[n].bv_val && !status; n++)
		status = spn_entry_add(entry, name, (spn_bytes){ values[n].bv_val, values[n].bv_len }, err);
	*ret_n = n;
	return status;
}

/* The next attribute, name and values as they are in the message: only the array of values is ours.  ret_name is empty
 * behind the last one. */
static bool next_attribute(spk_link *link, LDAPMessage *message, BerElement *cursor, spk_text *ret_name,
		struct berval **ret_values)
{
	struct berval name = { 0, NULL };
	*ret_values = NULL;
	spk_text_clear(ret_name);
	if (ldap_get_attribute_ber(link->ld, message, cursor, &name, ret_values)) {
		*ret_values = NULL;
		return false;
	}
	if (name.bv_val)
		spk_text_add_bytes(ret_name, name.bv_val, name.bv_len);
	return true;
}

/* Asks for the values of an attribute from one on, and takes the part that comes. */
static spn_status next_step(spk_link *link, spn_entry *entry, struct range *range, const char *context, spn_error *err)
{
	unsigned long from = range->last + 1;
	SPK_AUTOFREE char *attr = spk_printf("%s;range=%lu-*", range->name, from);
	if (!attr)
		return spk_nomem(err);
	char *attrs[] = { attr, NULL };
	spn_status status = spk_link_begin(link, context, err);
	if (status)
		return status;
	int id = 0, rc = ldap_search_ext(link->ld, spn_entry_dn(entry), LDAP_SCOPE_BASE, NULL, attrs, 0, NULL, NULL, NULL,
			LDAP_NO_LIMIT, &id);
	LDAPMessage *answer;
	status = spk_link_await(link, rc, id, LDAP_RES_SEARCH_RESULT, &answer, context, err);
	if (status)
		return status;
	LDAPMessage *message = ldap_first_entry(link->ld, answer);
	BerElement *cursor = NULL;
	struct berval dn, *values = NULL;
	SPK_AUTOTEXT spk_text got = { 0 };
	bool has_one = message && !ldap_get_dn_ber(link->ld, message, &cursor, &dn) &&
			next_attribute(link, message, cursor, &got, &values) && got.len;
	struct range step = { 0 };
	size_t n = 0;
	bool is_part = has_one && parse_range(got.data, &step);
	bool sound = is_part && step.name && strcasecmp(step.name, range->name) == 0 && step.first == from;
	if (got.failed || (is_part && !step.name))
		status = spk_nomem(err);
	else if (sound)
		status = add_values(entry, values, range->name, &n, err);
	if (!status && (!sound || (n == 0 && !step.is_last)))
		status = spn_fail(err, SPN_ERR_FAILED, 0, "%s: the values of '%s' end at number %lu of more", context, range->name,
				from);
	free(step.name);
	range->last = step.last;
	range->is_last = step.is_last;
	ber_memfree(values);
	ber_free(cursor, 0);
	ldap_msgfree(answer);
	return status;
}

static spn_status complete(spk_link *link, spn_entry *entry, struct range *range, spn_error *err)
{
	SPK_AUTOFREE char *context = spk_printf("cannot read '%s'", spn_entry_dn(entry));
	if (!context)
		return spk_nomem(err);
	spn_status status = SPN_OK;
	for (unsigned step = 0; !range->is_last && !status; step++) {
		if (step == MAX_STEPS)
			return spn_fail(err, SPN_ERR_FAILED, 0, "%s: the values of '%s' do not end", context, range->name);
		status = next_step(link, entry, range, context, err);
	}
	return status;
}

static spn_status add_attribute(
		spk_link *link, const struct berval *values, const char *attr, spn_entry *entry, spn_error *err)
{
	struct range range;
	size_t n;
	if (!parse_range(attr, &range))
		return add_values(entry, values, attr, &n, err);
	if (!range.name)
		return spk_nomem(err);
	spn_status status = add_values(entry, values, range.name, &n, err);
	if (!status)
		status = complete(link, entry, &range, err);
	free(range.name);
	return status;
}

static spn_status add_all(spk_link *link, LDAPMessage *message, BerElement *cursor, spn_entry *entry, spn_error *err)
{
	SPK_AUTOTEXT spk_text name = { 0 };
	for (spn_status status = SPN_OK;;) {
		struct berval *values;
		if (!next_attribute(link, message, cursor, &name, &values))
			return spk_fail_win32(err, SPN_ERR_FAILED, LDAP_DECODING_ERROR, 0,
					"the entry '%s' that the server sent cannot be read",
					spn_entry_dn(entry));
		if (name.failed)
			status = spk_nomem(err);
		else if (name.len)
			status = add_attribute(link, values, name.data, entry, err);
		ber_memfree(values);
		if (status || !name.len)
			return status;
	}
}

spn_status spk_ldap_entry(spk_link *link, LDAPMessage *message, spn_entry **ret_entry, spn_error *err)
{
	BerElement *cursor = NULL;
	struct berval dn = { 0, NULL };
	if (ldap_get_dn_ber(link->ld, message, &cursor, &dn) || !dn.bv_val) {
		ber_free(cursor, 0);
		return spk_fail_win32(err, SPN_ERR_FAILED, LDAP_DECODING_ERROR, 0,
				"the server sent an entry that cannot be read");
	}
	SPK_AUTO(spn_entry) *entry = NULL;
	SPK_AUTOFREE char *copy = strndup(dn.bv_val, dn.bv_len);
	spn_status status = copy ? spn_entry_new(copy, &entry, err) : spk_nomem(err);
	if (!status)
		status = add_all(link, message, cursor, entry, err);
	ber_free(cursor, 0);
	if (status)
		return status;
	*ret_entry = entry;
	entry = NULL;
	return SPN_OK;
}

char **spk_ldap_attrs(const spn_search *search)
{
	static char none[] = LDAP_NO_ATTRS, *no_attrs[] = { none, NULL };
	return search->attrs && !search->attrs[0] ? no_attrs : (char **)(uintptr_t)search->attrs;
}

LDAPControl *spk_ldap_descriptor_control(char *const *attrs)
{
	/* SEQUENCE { INTEGER }: OWNER, GROUP and DACL */
	static char value[] = "\x30\x03\x02\x01\x07", oid[] = "1.2.840.113556.1.4.801";
	static LDAPControl control = { oid, { sizeof value - 1, value }, 0 };
	for (size_t i = 0; attrs && attrs[i]; i++)
		if (spk_ascii_equal(attrs[i], "nTSecurityDescriptor"))
			return &control;
	return NULL;
}
