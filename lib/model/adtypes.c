/* SPDX-License-Identifier: MIT */
#include "adtypes.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool is_sid(spn_bytes sid)
{
	return sid.data && sid.len >= 12 && sid.data[0] == 1 && (unsigned char)sid.data[1] <= 15 &&
			sid.len == 8 + 4 * (size_t)(unsigned char)sid.data[1];
}

static uint32_t sub_authority(spn_bytes sid, size_t i)
{
	const unsigned char *at = (const unsigned char *)sid.data + 8 + 4 * i;
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static size_t count(spn_bytes sid)
{
	return (unsigned char)sid.data[1];
}

/* Reads a decimal number below 2^48, which has 15 digits at most; false if there is none. */
static bool read_number(const char **at, const char *end, uint64_t *ret)
{
	const char *from = *at, *to = from;
	uint64_t number = 0;
	for (; to < end && *to >= '0' && *to <= '9' && to - from < 16; to++)
		number = number * 10 + (uint64_t)(*to - '0');
	*at = to;
	*ret = number;
	return to > from && number >> 48 == 0;
}

size_t spk_sid_parse(spn_bytes text, char buffer[SPK_SID_MAX])
{
	const char *at = text.data + 4, *end = text.data + text.len;
	uint64_t number;
	size_t n = 8;
	if (text.len < 6 || memcmp(text.data, "S-1-", 4) != 0 || !read_number(&at, end, &number))
		return 0;
	number = htobe64(number);
	memcpy(buffer, &number, 8); /* the upper two bytes are set below */
	while (at < end && n < SPK_SID_MAX) {
		if (*at++ != '-' || !read_number(&at, end, &number) || number > UINT32_MAX)
			return 0;
		uint32_t part = htole32((uint32_t)number);
		memcpy(buffer + n, &part, sizeof part);
		n += sizeof part;
	}
	buffer[0] = 1;
	buffer[1] = (char)((n - 8) / 4);
	return at == end && n > 8 ? n : 0;
}

bool spk_sid_rid(spn_bytes sid, uint32_t *ret_rid)
{
	if (!is_sid(sid))
		return false;
	*ret_rid = sub_authority(sid, count(sid) - 1);
	return true;
}

bool spk_sid_print(spn_bytes sid, char text[SPK_SID_TEXT])
{
	uint64_t authority = 0;
	if (!is_sid(sid))
		return false;
	for (size_t i = 2; i < 8; i++)
		authority = authority << 8 | (unsigned char)sid.data[i];
	int len = snprintf(text, SPK_SID_TEXT, "S-1-%" PRIu64, authority);
	for (size_t i = 0; i < count(sid); i++)
		len += snprintf(text + len, SPK_SID_TEXT - (size_t)len, "-%" PRIu32, sub_authority(sid, i));
	return true;
}

bool spk_sid_with_rid(spn_bytes sid, uint32_t rid, char buffer[SPK_SID_MAX])
{
	if (!is_sid(sid))
		return false;
	memcpy(buffer, sid.data, sid.len);
	for (size_t i = 0; i < 4; i++)
		buffer[sid.len - 4 + i] = (char)(rid >> 8 * i & 0xff);
	return true;
}

bool spk_sid_is_protected_group(spn_bytes sid)
{
	/* S-1-5-32-...: Administrators, Account, Server, Print, Backup Operators, Replicator */
	static const uint32_t builtin[] = { 544, 548, 549, 550, 551, 552 };
	/* S-1-5-21-...: Domain Admins, Domain Controllers, Schema, Enterprise Admins, RODCs, Key, Enterprise Key Admins */
	static const uint32_t domain[] = { 512, 516, 518, 519, 521, 526, 527 };
	uint32_t rid;
	if (!spk_sid_rid(sid, &rid) || memcmp(sid.data + 2, "\0\0\0\0\0\5", 6) != 0)
		return false;
	bool is_builtin = count(sid) == 2 && sub_authority(sid, 0) == 32;
	bool is_domain = count(sid) == 5 && sub_authority(sid, 0) == 21;
	const uint32_t *list = is_builtin ? builtin : domain;
	size_t n = is_builtin ? sizeof builtin / sizeof *builtin : is_domain ? sizeof domain / sizeof *domain : 0;
	for (size_t i = 0; i < n; i++)
		if (list[i] == rid)
			return true;
	return false;
}

/* Seconds from 1601 to 1970. */
#define EPOCH_1601 INT64_C(11644473600)
#define TICKS_A_SECOND INT64_C(10000000)

static int64_t from_seconds(int64_t seconds)
{
	bool fits = seconds >= -EPOCH_1601 && seconds < INT64_MAX / TICKS_A_SECOND - EPOCH_1601;
	return fits ? (seconds + EPOCH_1601) * TICKS_A_SECOND : -1;
}

/* Goes over a number of so many digits at most, with one of these bytes behind it ("": none); false if it is not there.
 */
static bool take(const char **at, size_t max, const char *behind, int *ret)
{
	size_t n = 0;
	for (*ret = 0; n < max && (*at)[n] >= '0' && (*at)[n] <= '9'; n++)
		*ret = *ret * 10 + (*at)[n] - '0';
	*at += n;
	if (n == 0 || (*behind && (!**at || !strchr(behind, **at))))
		return false;
	*at += *behind != '\0';
	return true;
}

/* "Z", "+01:00", "+0100", "+01"; false if the text is none of these. */
static bool read_zone(const char *text, int *ret_minutes)
{
	int hours = 0, minutes = 0;
	const char *at = text + 1;
	*ret_minutes = 0;
	if (strcmp(text, "Z") == 0)
		return true;
	if ((*text != '+' && *text != '-') || !take(&at, 2, "", &hours))
		return false;
	at += *at == ':';
	if ((*at || at[-1] == ':') && !take(&at, 2, "", &minutes))
		return false;
	*ret_minutes = (*text == '-' ? -1 : 1) * (hours * 60 + minutes);
	return !*at && hours <= 14 && minutes <= 59;
}

/* "2023-11-14T22:13:20.1234567Z", and so on. */
static int64_t parse_iso(const char *text)
{
	struct tm tm = { 0 };
	int zone, unused;
	const char *at = text;
	bool is_date = take(&at, 4, "-", &tm.tm_year) && take(&at, 2, "-", &tm.tm_mon) && take(&at, 2, "T ", &tm.tm_mday) &&
			take(&at, 2, ":", &tm.tm_hour) && take(&at, 2, ":", &tm.tm_min) && take(&at, 2, "", &tm.tm_sec);
	if (!is_date || tm.tm_year < 1601 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31)
		return -1;
	if (*at == '.' && (++at, !take(&at, 9, "", &unused)))
		return -1;
	if (!read_zone(at, &zone))
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return from_seconds((int64_t)timegm(&tm) - INT64_C(60) * zone);
}

int64_t spk_time_generalized(const char *text)
{
	enum { ALL = 14 };
	struct tm tm = { 0 };
	if (strspn(text, "0123456789") != ALL || (strcmp(text + ALL, ".0Z") != 0 && strcmp(text + ALL, "Z") != 0) ||
			!strptime(text, "%Y%m%d%H%M%S", &tm))
		return -1;
	return from_seconds((int64_t)timegm(&tm));
}

int64_t spk_time_parse(spn_bytes text)
{
	enum { LONGEST = 40 };
	char copy[LONGEST + 1], *end;
	int zone;
	int64_t ticks = 0;
	size_t n = 0;
	for (; n < text.len && n < 18 && text.data[n] >= '0' && text.data[n] <= '9'; n++) /* as mostly */
		ticks = ticks * 10 + (text.data[n] - '0');
	if (n > 0 && n == text.len)
		return ticks;
	if (text.len == 0 || text.len > LONGEST)
		return -1;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	if (strspn(copy, "0123456789") == text.len)
		return text.len < 20 ? (int64_t)strtoll(copy, NULL, 10) : -1;
	if (strncmp(copy, "/Date(", 6) != 0)
		return parse_iso(copy);
	long long number = strtoll(copy + 6, &end, 10);
	if (end == copy + 6 || strcmp(copy + text.len - 2, ")/") != 0)
		return -1;
	copy[text.len - 2] = '\0'; /* the zone is that of the display */
	return !*end || read_zone(end, &zone) ? from_seconds(number / 1000) : -1;
}
