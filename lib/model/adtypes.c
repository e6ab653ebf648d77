/* SPDX-License-Identifier: MIT */
#include "adtypes.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
