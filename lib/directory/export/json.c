/* SPDX-License-Identifier: MIT */
/* JSON: arrays of objects, one object, or { "data": [...], "meta": {...} } as BloodHound's collectors write them;
 * several such documents may follow one another.  One account at a time is in memory. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "export.h"
#include "json_around.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "model/ldif/ldif.h"

static inline void free_json(json_t **where)
{
	json_decref(*where);
}
#define AUTOJSON __attribute__((cleanup(free_json))) json_t

/* Seconds between 1601 and 1970. */
#define EPOCH_1601 11644473600LL

struct feed {
	spk_export_input *input;
	size_t given; /* bytes behind input->at */
	spn_status status;
	spn_error *err;
};

/* What jansson reads from; it may read further than the value goes. */
static size_t feed_bytes(void *buffer, size_t size, void *data)
{
	struct feed *feed = data;
	spk_export_input *input = feed->input;
	bool more = !input->ended;
	if (input->at + feed->given == input->len && more)
		feed->status = spk_export_more(input, &more, feed->err);
	if (feed->status)
		return (size_t)-1;
	size_t left = input->len - input->at - feed->given, n = left < size ? left : size;
	memcpy(buffer, input->data + input->at + feed->given, n);
	feed->given += n;
	return n;
}

static spn_status fail(const spk_export_input *input, size_t offset, spn_error *err, const char *what)
{
	return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s', byte %zu: %s", input->name, input->passed + input->at + offset, what);
}

/* The next byte that is not a blank, without going over it; 0 at the end of the input. */
static spn_status peek(spk_export_input *input, char *ret_c, spn_error *err)
{
	for (;; input->at++) {
		if (input->at == input->len) {
			bool more = false;
			spn_status status = input->ended ? SPN_OK : spk_export_more(input, &more, err);
			*ret_c = '\0';
			if (status || !more)
				return status;
		}
		*ret_c = input->data[input->at];
		if (!strchr(" \t\r\n", *ret_c) || !*ret_c)
			return *ret_c ? SPN_OK : fail(input, 0, err, "a NUL");
	}
}

/* Readers of JSON take one of the two, and not all of them the same one. */
static spn_status fail_twice(const spk_export_input *input, size_t offset, spn_error *err)
{
	return fail(input, offset, err, "a member stands twice in one object, so its value is not known: export it again");
}

#define CUT_OFF "the file is cut off: export or copy it again"

/* What is wrong, in words that say what to do about it; those of the parser quote the file. */
static const char *fault_of(enum json_error_code code)
{
	switch ((int)code) {
	case json_error_premature_end_of_input: return CUT_OFF;
	case json_error_invalid_utf8: return SPK_LDIF_NOT_UTF8;
	case json_error_stack_overflow: return "values are nested too deeply here for an export of accounts: export it again";
	case json_error_numeric_overflow: return "a number is too large here: export it again";
	}
	return "this is not JSON here: a comma, a quotation mark or a bracket is missing or one too many; export it again";
}

static spn_status read_value(spk_export_input *input, json_t **ret_value, spn_error *err)
{
	struct feed feed = { .input = input, .err = err };
	json_error_t error;
	json_t *value = json_load_callback(
			feed_bytes, &feed, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
	if (feed.status)
		return feed.status;
	if (!value && json_error_code(&error) == json_error_out_of_memory)
		return spk_nomem(err);
	if (!value && json_error_code(&error) == json_error_duplicate_key)
		return fail_twice(input, error.position > 0 ? (size_t)error.position : 0, err);
	if (!value) {
		return fail(input, error.position > 0 ? (size_t)error.position : 0, err, fault_of(json_error_code(&error)));
	}
	input->at += (size_t)error.position;
	*ret_value = value;
	return SPN_OK;
}

/* ---- one account ---- */

/* Whether it is a value; null is none, and nothing is missing. */
static bool take_value(spk_export_output *output, const spk_export_column *column, const json_t *value)
{
	char number[32];
	if (json_is_string(value)) {
		spk_export_value(output, column, (spn_bytes){ json_string_value(value), json_string_length(value) });
	} else if (json_is_integer(value)) {
		int n = snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		spk_export_value(output, column, (spn_bytes){ number, (size_t)n });
	} else if (json_is_boolean(value)) {
		spk_export_value(output, column, json_is_true(value) ? spk_bytes("TRUE") : spk_bytes("FALSE"));
	} else {
		return json_is_null(value);
	}
	return true;
}

static bool is_list(spk_export_kind kind)
{
	return kind == SPK_EXPORT_LIST || kind == SPK_EXPORT_SPNS || kind == SPK_EXPORT_TARGETS || kind == SPK_EXPORT_DNS;
}

/* The values of a member: one, a list, or { "value": [...], "Count": 2 } of Windows PowerShell 5; { "Value": "S-1-..."
 * } is a SID.  A list may hold any of these, as of scripts that join lists. */
static void take_values(spk_export_output *output, const spk_export_column *column, const json_t *value)
{
	if (!value || (json_is_object(value) && json_object_size(value) == 0))
		return;
	if (json_is_object(value)) {
		const json_t *inner = json_object_get(value, "value");
		value = inner ? inner : json_object_get(value, "Value");
	}
	if (!json_is_array(value)) {
		bool is_taken = value && take_value(output, column, value); /* an object may say what a collection is
									       like, but not what is in it */
		bool counts = column->attr && (column->kind != SPK_EXPORT_TEXT || spk_ldif_is_needed(column->attr));
		if (!is_taken && counts)
			spk_export_lose(output, column);
		return;
	}
	/* an element of a list is one value, whatever is in it */
	spk_export_column one = *column;
	if (one.kind == SPK_EXPORT_CLASS)
		one.kind = SPK_EXPORT_LIST;
	bool was_element = output->is_element;
	output->is_element = is_list(one.kind);
	for (size_t i = 0; i < json_array_size(value); i++)
		take_values(output, &one, json_array_get(value, i));
	output->is_element = was_element;
}

/* BloodHound counts seconds since 1970, Active Directory tenths of microseconds since 1601; 0 and -1 mean never. */
static void take_time(spk_export_output *output, const spk_export_column *column, const json_t *value)
{
	json_int_t seconds = json_is_integer(value) ? json_integer_value(value) : (json_int_t)json_number_value(value);
	char number[32];
	if (seconds < 0 || seconds > INT64_MAX / 10000000 - EPOCH_1601)
		return;
	int n = snprintf(number, sizeof number, "%lld", seconds == 0 ? 0LL : ((long long)seconds + EPOCH_1601) * 10000000);
	spk_export_value(output, column, (spn_bytes){ number, (size_t)n });
}

static spn_status take_member(
		spk_export_output *output, const char *key, const json_t *value, bool is_bloodhound, spn_error *err)
{
	char plain[SPK_EXPORT_NAME_MAX];
	const spk_export_column column = spk_export_column_of(key);
	output->losses.has_names |= spk_export_holds_spns(&column);
	const char *meant = spk_export_disguised(key, plain);
	if (meant)
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s': a member '%s' stands for '%s' but is not read as such: export its "
				"values under that name, in one list with those that are there",
				output->name, key, meant);
	bool is_time = is_bloodhound &&
			(!strcmp(key, "pwdlastset") || !strcmp(key, "lastlogon") || !strcmp(key, "lastlogontimestamp"));
	size_t lists_len = output->lists.len;
	bool is_foreign = is_bloodhound && (!strcmp(key, "domain") || !strcmp(key, "name") || !strcmp(key, "whencreated"));
	if (is_time)
		take_time(output, &column, value);
	else if (!is_foreign && column.kind != SPK_EXPORT_SKIP)
		take_values(output, &column, value);
	spk_export_end_column(output, &column, lists_len);
	return SPN_OK;
}

/* Blanks around the name of a member are no part of it, as of a column of CSV. */
static spn_status take_members(spk_export_output *output, json_t *object, bool is_bloodhound, spn_error *err)
{
	const char *key;
	json_t *value;
	spn_status status = SPN_OK;
	json_object_foreach(object, key, value) {
		spn_bytes name = spk_export_trim(spk_bytes(key));
		SPK_AUTOFREE char *trimmed = name.len < strlen(key) ? strndup(name.data, name.len) : NULL;
		if (!trimmed && name.len < strlen(key))
			status = spk_nomem(err);
		if (!status)
			status = take_member(output, trimmed ? trimmed : key, value, is_bloodhound, err);
		if (status)
			break;
	}
	return status;
}

/* By what only computers, or only users, have: the type of the file comes after its data.  Managed service accounts are
 * among the users, and only newer collectors mark them; then a name of theirs is all there is.  NULL: unknown. */
static const char *class_of(const json_t *account, const json_t *properties)
{
	const char *name = json_string_value(json_object_get(properties, "samaccountname"));
	size_t len = name ? strlen(name) : 0;
	if (json_is_true(json_object_get(properties, "gmsa")))
		return "msDS-GroupManagedServiceAccount";
	if (json_is_true(json_object_get(properties, "msa")))
		return "msDS-ManagedServiceAccount";
	if (json_object_get(properties, "operatingsystem") || json_object_get(account, "Sessions"))
		return "computer";
	return json_object_get(properties, "hasspn") && !(len > 0 && name[len - 1] == '$') ? "user" : NULL;
}

/* An account of BloodHound: "Properties" has what LDAP said, with names of its own for some of it. */
static spn_status take_bloodhound(spk_export_output *output, const json_t *account, json_t *properties, spn_error *err)
{
	static const spk_export_column class = SPK_EXPORT_COLUMN(SPK_EXPORT_CLASS, "objectClass");
	static const spk_export_column host = SPK_EXPORT_COLUMN(SPK_EXPORT_TEXT, "dNSHostName");
	static const spk_export_column sid = SPK_EXPORT_COLUMN(SPK_EXPORT_SID, "objectSid");
	static const spk_export_column deleted = SPK_EXPORT_COLUMN(SPK_EXPORT_DELETED, "isDeleted");
	const spk_export_column actors = spk_export_column_of("AllowedToAct"),
				primary = spk_export_column_of("PrimaryGroupSID");
	const spk_export_column controller = spk_export_column_of("IsDC");
	const char *name = json_string_value(json_object_get(properties, "name"));
	const char *system = json_string_value(json_object_get(properties, "operatingsystem"));
	bool is_computer = json_object_get(properties, "operatingsystem") || json_object_get(account, "Sessions");
	const char *class_name = class_of(account, properties);
	if (class_name)
		spk_export_value(output, &class, spk_bytes(class_name));
	/* the collector makes up a name for a computer without a dNSHostName: it is used only if an operating system is
	 * known */
	if (is_computer && name && system && *system && strchr(name, '.'))
		spk_export_value(output, &host, spk_bytes(name));
	spn_status status = take_members(output, properties, true, err);
	take_values(output, &sid, json_object_get(account, "ObjectIdentifier"));
	take_values(output, &deleted, json_object_get(account, "IsDeleted"));
	take_values(output, &actors, json_object_get(account, "AllowedToAct"));
	take_values(output, &primary, json_object_get(account, "PrimaryGroupSID"));
	take_values(output, &controller, json_object_get(account, "IsDC"));
	return status;
}

static spn_status fail_cut(const char *name, spn_error *err)
{
	return spn_fail(err, SPN_ERR_SYNTAX, 0,
			"'%s': accounts are cut off to a text such as '@{...}': write the file again with more depth "
			"(ConvertTo-Json -Depth 5)",
			name);
}

/* What PowerShell makes of an object that is deeper than it was asked to go. */
static bool is_cut(const json_t *value)
{
	return json_is_string(value) && strncmp(json_string_value(value), "@{", 2) == 0;
}

/* Whether a member of names has one that the record at hand lacks.  What cannot be read may be one. */
static bool has_new_name(spk_export_output *output, const json_t *value)
{
	if (json_is_string(value)) {
		spn_bytes text = { json_string_value(value), json_string_length(value) };
		return !spk_export_knows_spn(output, spk_export_unwrap(text, &output->shown));
	}
	for (size_t i = 0; i < json_array_size(value); i++)
		if (has_new_name(output, json_array_get(value, i)))
			return true;
	const json_t *inner = json_object_get(value, "value");
	return inner ? has_new_name(output, inner) : json_object_size(value) > 0;
}

/* How many objects, at any depth, have names that the record at hand lacks.  In read, the members of it were read; in
 * objects below them, they were not. */
static size_t count_holders(spk_export_output *output, json_t *value, const json_t *const read[2])
{
	const char *key;
	json_t *member;
	size_t n = 0;
	bool is_holder = false, is_read = value == read[0] || value == read[1];
	for (size_t i = 0; i < json_array_size(value); i++)
		n += count_holders(output, json_array_get(value, i), read);
	json_object_foreach(value, key, member) {
		if (!spk_export_means_spns(key))
			n += count_holders(output, member, read);
		else if (!is_read)
			is_holder |= has_new_name(output, member);
	}
	return n + is_holder;
}

/* Names that an account has elsewhere than in itself, and accounts within something that is none. */
static void lose_inner(spk_export_output *output, json_t *account, const json_t *const read[2])
{
	size_t n = count_holders(output, account, read);
	if (output->dn.len > 0 && n > 0) {
		output->losses.aside++;
		spk_export_hide_names(output);
	}
	if (output->dn.len > 0)
		return;
	output->losses.passed += n;
	output->losses.passed_names += n;
}

static spn_status take_account(spk_export_output *output, json_t *account, spn_error *err)
{
	json_t *properties = json_object_get(account, "Properties"), *attributes = json_object_get(account, "attributes");
	if (json_is_string(properties) && json_string_value(properties)[0] == '@')
		return fail_cut(output->name, err);
	bool is_bloodhound = json_is_object(properties);
	spn_status status = is_bloodhound ? take_bloodhound(output, account, properties, err) :
			take_members(output, account, false, err);
	if (!status && !is_bloodhound && json_is_object(attributes)) /* ldapdomaindump, ldap3: beside "dn" */
		status = take_members(output, attributes, false, err);
	const json_t *const read[] = { is_bloodhound ? properties : account, is_bloodhound ? NULL : attributes };
	if (!status)
		lose_inner(output, account, read);
	return status ? status : spk_export_record(output, err);
}

/* ---- documents ---- */

static spn_status expect(spk_export_input *input, const char *wanted, char *ret_c, spn_error *err)
{
	spn_status status = peek(input, ret_c, err);
	if (!status && !*ret_c)
		return fail(input, 0, err, CUT_OFF);
	if (!status && !strchr(wanted, *ret_c))
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s', byte %zu: this is not JSON of accounts here (expected one of %s): export it "
				"again",
				input->name, input->passed + input->at, wanted);
	return status;
}

static spn_status read_array(spk_export_input *input, spk_export_output *output, spn_error *err)
{
	char c;
	input->at++; /* '[' */
	spn_status status = peek(input, &c, err);
	if (!status && c == '"')
		return fail_cut(input->name, err);
	if (!status)
		status = expect(input, "{]", &c, err);
	while (!status && c != ']') {
		AUTOJSON *account = NULL;
		status = read_value(input, &account, err);
		if (!status)
			status = take_account(output, account, err);
		if (!status)
			status = expect(input, ",]", &c, err);
		if (!status && c == ',') {
			input->at++;
			status = expect(input, "{", &c, err);
		}
	}
	input->at += !status;
	return status;
}

/* An object at hand that is no element of a list. */
struct object {
	struct object *outer; /* NULL: none */
	json_t *others;       /* its members, but for lists of accounts */
	bool is_wrapper;      /* it has such lists */
	bool has_texts;       /* of its lists that are called as those of accounts, some hold texts */
};

static spn_status read_object(
		spk_export_input *input, spk_export_output *output, struct object *outer, spn_error *err);

static bool holds_any(const json_t *list, json_type type)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_typeof(json_array_get(list, i)) == type)
			return true;
	return false;
}

/* Takes a member that is not read as a list of accounts.  Whether it is one that was cut off depends on what is around
 * it. */
static spn_status keep_member(spk_export_input *input, struct object *object, const char *key, spn_error *err)
{
	AUTOJSON *value = NULL;
	size_t from = input->passed + input->at;
	if (json_object_get(object->others, key))
		return fail_twice(input, 0, err);
	spn_status status = read_value(input, &value, err);
	if (status)
		return status;
	if (spk_json_is_around(key) && holds_any(value, JSON_OBJECT))
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s', byte %zu: a list of accounts begins with something else, such as null: export "
				"it again without",
				input->name, from);
	const char *text = json_string_value(value);
	object->has_texts |= spk_json_is_around(key) &&
			(holds_any(value, JSON_STRING) || (text && spk_export_is_type(spk_bytes(text))));
	return json_object_set(object->others, key, value) != 0 ? spk_nomem(err) : SPN_OK;
}

/* PowerShell writes an array of one as that one, and some as an object around the array: { "value": [...], "Count": 2
 * }. */
static spn_status read_member(spk_export_input *input, spk_export_output *output, struct object *object, spn_error *err)
{
	char c, first = '"';
	AUTOJSON *key = NULL;
	spn_status status = read_value(input, &key, err);
	if (!status)
		status = expect(input, ":", &c, err);
	if (status)
		return status;
	input->at++;
	status = peek(input, &c, err);
	bool is_list = spk_json_is_around(json_string_value(key));
	if (!status && c == '[' && is_list)
		status = spk_export_peek_behind(input, &first, err);
	if (status)
		return status;
	if (strchr("{[]", first)) { /* or nothing */
		object->is_wrapper = true;
		return read_array(input, output, err);
	}
	if (c == '{' && !object->outer && is_list) {
		object->is_wrapper = true;
		return read_object(input, output, object, err);
	}
	return keep_member(input, object, json_string_value(key), err);
}

/* What a file of BloodHound says of itself: { "type": "users", "count": 2, "version": 5 }. */
static void note_meta(spk_export_output *output, const json_t *meta)
{
	const char *type = json_string_value(json_object_get(meta, "type"));
	if (!type)
		return;
	output->format = (long)json_integer_value(json_object_get(meta, "version"));
	if (!strcmp(type, "users") || !strcmp(type, "computers"))
		output->has_accounts = true;
	else
		snprintf(output->other_type, sizeof output->other_type, "%.15s", type);
}

static bool is_record(json_t *value)
{
	const char *key;
	json_t *member;
	json_object_foreach(value, key, member)
		if (spk_ascii_equal(key, "distinguishedName") || spk_ascii_equal(key, "dn"))
			return true;
	return false;
}

/* Counts the accounts, as it seems, in a list around which is_around knows nothing, be it of one or deeper. */
static void lose_list(spk_export_output *output, json_t *list)
{
	static const json_t *const nothing[2];
	size_t n_records = is_record(list) + is_cut(list), n_cut = is_cut(list);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *record = json_array_get(list, i);
		n_records += json_is_object(record) + is_cut(record);
		n_cut += is_cut(record);
	}
	size_t n_names = n_cut + count_holders(output, list, nothing);
	output->losses.passed += n_records > n_names ? n_records : n_names;
	output->losses.passed_names += n_names;
}

/* What was there before an object. */
struct before {
	size_t unnamed, lost, written;
};

static struct before look_back(const spk_export_output *output)
{
	return (struct before){ output->losses.unnamed, output->losses.lost, output->total + output->text.len };
}

/* What an object has besides lists of accounts.  Texts in one that is called so are accounts that PowerShell cut off,
 * unless what is around them is an account, and around no other. */
static spn_status take_rest(
		spk_export_output *output, struct object *object, const struct before *before, spn_error *err)
{
	const char *key;
	json_t *list;
	const struct before now = look_back(output);
	size_t n = now.unnamed - before->unnamed, n_lost = now.lost - before->lost;
	bool is_one = (object->is_wrapper || object->has_texts) && spk_json_is_account(object->others);
	bool is_cut_off = object->has_texts && !(is_one && now.written == before->written);
	if (is_cut_off && !object->outer)
		return fail_cut(output->name, err);
	if (is_cut_off)
		object->outer->has_texts = true;
	if (is_one) /* what is in a member of an account and has neither a DN nor names is no account */
		output->losses.unnamed -= n > n_lost ? n - n_lost : 0;
	if (!object->is_wrapper || is_one)
		return take_account(output, object->others, err);
	json_object_foreach(object->others, key, list) {
		lose_list(output, list);
	}
	return SPN_OK;
}

/* Explains why a file of BloodHound is of no use, if it is. */
static spn_status check_hound(const spk_export_output *output, spn_error *err)
{
	enum { HAS_DNS = 4 };
	bool is_empty = output->dn.len + output->last_dn.len == 0;
	if (*output->other_type && !output->has_accounts)
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s' is what BloodHound's collectors know of %s: accounts are in the files whose "
				"names "
				"end with users.json and computers.json",
				output->name, output->other_type);
	if (is_empty && output->losses.unnamed > 0 && output->format > 0 && output->format < HAS_DNS)
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s' is in version %ld of the format of BloodHound's collectors, in which accounts "
				"have no "
				"distinguished name: versions from %d on are read; collect again with a newer "
				"collector",
				output->name, output->format, HAS_DNS);
	return SPN_OK;
}

/* One account, or an object around an array of them, or around such objects. */
static spn_status read_object(
		spk_export_input *input, spk_export_output *output, struct object *outer, spn_error *err)
{
	char c;
	const struct before before = look_back(output);
	AUTOJSON *others = json_object();
	struct object object = { .outer = outer, .others = others };
	if (!others)
		return spk_nomem(err);
	input->at++; /* '{' */
	spn_status status = expect(input, "\"}", &c, err);
	while (!status && c != '}') {
		status = read_member(input, output, &object, err);
		if (!status)
			status = expect(input, ",}", &c, err);
		if (!status && c == ',') {
			input->at++;
			status = expect(input, "\"", &c, err);
		}
	}
	input->at += !status;
	if (!status)
		note_meta(output, json_object_get(others, "meta"));
	return status ? status : take_rest(output, &object, &before, err);
}

spn_status spk_export_json(spk_export_input *input, spk_export_output *output, spn_error *err)
{
	char c = '{';
	spn_status status = SPN_OK;
	output->is_exact = true;
	while (!status && c) {
		status = peek(input, &c, err);
		if (!status)
			status = spk_export_skip_mark(input, err);
		if (!status && c)
			status = expect(input, "[{", &c, err);
		if (!status && c)
			status = c == '[' ? read_array(input, output, err) : read_object(input, output, NULL, err);
	}
	return status ? status : check_hound(output, err);
}
