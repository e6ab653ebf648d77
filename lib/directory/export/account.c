/* SPDX-License-Identifier: MIT */
/* What an export says of an account in other words than the directory: single flags, the primary group, encryption
 * types, times. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <spnkit/enctype.h>

#include "export.h"
#include "model/adtypes.h"
#include "model/entry.h"
#include "model/ldif/ldif.h"

/* Seconds from 1601 to 1970. */
#define EPOCH_1601 INT64_C(11644473600)
#define TICKS_A_SECOND INT64_C(10000000)

static bool begins(spn_bytes value, const char *word)
{
	size_t n = strlen(word);
	return value.len >= n && strncasecmp(value.data, word, n) == 0;
}

static bool is(spn_bytes value, const char *word)
{
	return value.len == strlen(word) && begins(value, word);
}

/* A group is known by its number; by its name only as long as nobody translated it. */
void spk_export_keep_primary(spk_export_output *output, spn_bytes value)
{
	static const struct {
		const char *name;
		uint32_t rid;
	} groups[] = { { "CN=Domain Users,", 513 }, { "CN=Domain Computers,", 515 }, { "CN=Domain Controllers,", 516 },
		{ "CN=Read-only Domain Controllers,", 521 } };
	char sid[SPK_SID_MAX];
	uint32_t rid;
	size_t n = spk_sid_parse(value, sid);
	if (n > 0 && spk_sid_rid((spn_bytes){ sid, n }, &rid))
		output->primary = rid;
	for (size_t i = 0; n == 0 && i < sizeof groups / sizeof *groups; i++)
		if (begins(value, groups[i].name))
			output->primary = groups[i].rid;
}

/* As SharpHound writes them, the upper bits of msDS-SupportedEncryptionTypes aside. */
void spk_export_keep_enctype(spk_export_output *output, spn_bytes value)
{
	static const struct {
		const char *name;
		unsigned flag;
	} types[] = { { "DES-CBC-CRC", 0x1 }, { "DES-CBC-MD5", 0x2 }, { "RC4-HMAC-MD5", SPN_ENC_RC4 },
		{ "AES128-CTS-HMAC-SHA1-96", SPN_ENC_AES128 }, { "AES256-CTS-HMAC-SHA1-96", SPN_ENC_AES256 } };
	bool is_known = is(value, "Not defined"); /* there is no such attribute, or it is 0 */
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (is(value, types[i].name)) {
			output->enctypes |= types[i].flag;
			is_known = true;
		}
	}
	output->losses.words += !is_known;
	output->has_odd_enctypes |= !is_known;
}

/* Whether the record has an attribute already. */
static bool has_line(const spk_export_output *output, const char *attr)
{
	const char *at = output->lines.data, *end = at ? at + output->lines.len : at;
	while (at && at < end && !begins((spn_bytes){ at, (size_t)(end - at) }, attr)) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : end;
	}
	return at && at < end;
}

/* What single columns say.  No column tells the kind of account that userAccountControl has (a user's, a computer's, a
 * controller's), and a value without any is that of no account: whoever asks for it looks at objectClass and
 * primaryGroupID instead. */
void spk_export_put_account(spk_export_output *output)
{
	if (output->knows_enabled && !output->has_control) {
		spk_text_add(&output->text, "userAccountControl: %u\n", output->flags);
		output->losses.has_only_flags = true;
	}
	if (output->primary && !has_line(output, "primaryGroupID:"))
		spk_text_add(&output->text, "primaryGroupID: %" PRIu32 "\n", output->primary);
	if (output->enctypes && !output->has_odd_enctypes && !has_line(output, "msDS-SupportedEncryptionTypes:"))
		spk_text_add(&output->text, "msDS-SupportedEncryptionTypes: %u\n", output->enctypes);
}

/* ---- times ---- */

/* A date and a time as a program of some country wrote it. */
struct local_time {
	int parts[3]; /* of the date, in their order */
	char separator;
	bool has_long_first; /* the year stands in front */
	int hour, minute, second;
};

static int take_number(const char **at)
{
	int n = 0, digits = 0;
	for (; **at >= '0' && **at <= '9' && digits < 4; digits++)
		n = 10 * n + *(*at)++ - '0';
	return digits ? n : -1;
}

/* Blanks, also those that do not break, as newer versions of .NET have in front of AM and PM. */
static const char *skip_blanks(const char *at)
{
	for (;;) {
		if (*at == ' ')
			at++;
		else if (!strncmp(at, "\xc2\xa0", 2))
			at += 2;
		else if (!strncmp(at, "\xe2\x80\xaf", 3))
			at += 3;
		else
			return at;
	}
}

static bool read_date(const char **at, struct local_time *local)
{
	for (size_t i = 0; i < 3; i++) {
		const char *from = *at;
		local->parts[i] = take_number(at);
		local->has_long_first |= i == 0 && *at - from == 4;
		if (local->parts[i] < 0 || (i == 0 && (!**at || !strchr("/.-", **at))) || (i == 1 && **at != local->separator))
			return false;
		local->separator = i == 0 ? **at : local->separator;
		*at += i < 2;
	}
	return local->parts[local->has_long_first ? 0 : 2] >= 1000;
}

/* "12:00:00 AM", "00:00:00", "0:00". */
static bool read_clock(const char *at, struct local_time *local)
{
	if (!*at)
		return true;
	local->hour = take_number(&at);
	if (local->hour < 0 || *at++ != ':')
		return false;
	local->minute = take_number(&at);
	if (*at == ':') {
		at++;
		local->second = take_number(&at);
		at += *at == '.' ? 1 + strspn(at + 1, "0123456789") : 0;
	}
	at = skip_blanks(at);
	bool is_am = strcasecmp(at, "AM") == 0, is_pm = strcasecmp(at, "PM") == 0;
	if ((is_am || is_pm) && (local->hour < 1 || local->hour > 12))
		return false;
	if (is_am || is_pm)
		local->hour = local->hour % 12 + 12 * is_pm;
	return (is_am || is_pm || !*at) && local->hour < 24 && local->minute >= 0 && local->minute < 60 &&
			local->second >= 0 && local->second < 60;
}

/* The day and the month of "1/2/2015" are known only if one is above 12, or both are the same; with dots, days stand in
 * front of months. */
static bool order(struct local_time *local, struct tm *tm)
{
	const int *parts = local->parts;
	int day = parts[local->has_long_first ? 2 : 0], month = parts[1];
	bool may_be_swapped = !local->has_long_first && local->separator != '.';
	if (may_be_swapped && day <= 12 && month <= 12 && day != month)
		return false;
	if (may_be_swapped && month > 12) {
		month = day;
		day = parts[1];
	}
	*tm = (struct tm){ .tm_year = parts[local->has_long_first ? 0 : 2] - 1900, .tm_mon = month - 1, .tm_mday = day,
		.tm_hour = local->hour, .tm_min = local->minute, .tm_sec = local->second };
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* In the zone of whoever exported it, which is not known: half a day does not matter to the age of a password. */
static int64_t read_local(const char *at)
{
	struct local_time local = { .separator = '\0' };
	struct tm tm;
	bool is_known = false;
	int64_t ticks = spk_time_generalized(at);
	if (ticks >= 0)
		return ticks < EPOCH_1601 * TICKS_A_SECOND ? 0 : ticks; /* 1601 means never */
	if (read_date(&at, &local)) {
		at += *at == 'T';
		is_known = read_clock(skip_blanks(at), &local) && order(&local, &tm);
	}
	if (!is_known)
		return -1;
	int64_t seconds = (int64_t)timegm(&tm);
	return seconds < 0 ? 0 : (seconds + EPOCH_1601) * TICKS_A_SECOND;
}

void spk_export_put_time(spk_export_output *output, const spk_export_column *column, spn_bytes value)
{
	enum { LONGEST = 40 };
	char copy[LONGEST + 1], number[24];
	if (spk_time_parse(value) < 0 && value.len <= LONGEST) {
		memcpy(copy, value.data, value.len);
		copy[value.len] = '\0';
		int64_t ticks = read_local(copy);
		int n = snprintf(number, sizeof number, "%" PRId64, ticks);
		value = (spn_bytes){ number, ticks < 0 ? 0 : (size_t)n };
	}
	if (value.len == 0 || spk_time_parse(value) < 0)
		output->losses.times++;
	else
		spk_ldif_put_unfolded(&output->lines, spk_bytes(column->attr), value, false);
}
