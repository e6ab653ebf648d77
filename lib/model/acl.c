/* SPDX-License-Identifier: MIT */
#include "acl.h"

/* [MS-DTYP] 2.4.6 */
#define SELF_RELATIVE 0x8000u
#define DACL_PRESENT 0x0004u
#define HEAD 20
#define AT_DACL 16
/* [MS-DTYP] 2.4.5, 2.4.4.1 */
#define ACL_HEAD 8
#define ACE_HEAD 8
#define INHERIT_ONLY 0x08u
#define SID_HEAD 8
#define SPECIFIC 0xffffu /* rights that are what they are; generic ones stand for others */

enum {
	ALLOWED = 0, DENIED = 1, ALLOWED_OBJECT = 5, DENIED_OBJECT = 6,
	ALLOWED_IF = 9, DENIED_IF = 10, ALLOWED_OBJECT_IF = 11, DENIED_OBJECT_IF = 12
};

static const char everyone[] = "\1\1\0\0\0\0\0\1\0\0\0";

static unsigned byte_at(spn_bytes bytes, size_t at)
{
	return (unsigned char)bytes.data[at];
}

static uint32_t number_at(spn_bytes bytes, size_t at, size_t n)
{
	uint32_t number = 0;
	while (n-- > 0)
		number = number << 8 | byte_at(bytes, at + n);
	return number;
}

static bool is_object(unsigned type)
{
	return type == ALLOWED_OBJECT || type == DENIED_OBJECT || type == ALLOWED_OBJECT_IF || type == DENIED_OBJECT_IF;
}

/* The SID of an entry, which is whole; behind it, there may be a condition. */
static bool find_sid(spn_bytes ace, spn_bytes *ret_sid)
{
	size_t at = ACE_HEAD;
	if (is_object(byte_at(ace, 0))) {
		if (ace.len < at + 4)
			return false;
		uint32_t flags = number_at(ace, at, 4);
		at += 4 + (flags & 1 ? 16u : 0u) + (flags & 2 ? 16u : 0u);
	}
	if (ace.len < at + SID_HEAD)
		return false;
	size_t len = SID_HEAD + 4 * (size_t)byte_at(ace, at + 1);
	*ret_sid = (spn_bytes){ ace.data + at, len };
	return byte_at(ace, at) == 1 && byte_at(ace, at + 1) <= 15 && len <= ace.len - at;
}

/* Whether it denies the object itself what it names, whoever asks: one for a property or a kind of child
 * ([MS-DTYP] 2.4.4.8), or under a condition, may not apply. */
static bool is_plain_denial(spn_bytes ace)
{
	unsigned type = byte_at(ace, 0);
	return type == DENIED || (type == DENIED_OBJECT && number_at(ace, ACE_HEAD, 4) == 0);
}

/* Other types are about auditing, and the like. */
static bool read_ace(spn_bytes ace, uint32_t mask, spk_ace_fn *fn, void *data)
{
	spn_bytes sid;
	unsigned type = byte_at(ace, 0);
	bool allows = type == ALLOWED || type == ALLOWED_OBJECT || type == ALLOWED_IF || type == ALLOWED_OBJECT_IF;
	bool denies = type == DENIED || type == DENIED_OBJECT || type == DENIED_IF || type == DENIED_OBJECT_IF;
	if (!allows && !denies)
		return true;
	if (ace.len < ACE_HEAD || !find_sid(ace, &sid))
		return false;
	uint32_t rights = number_at(ace, 4, 4) & mask;
	if (byte_at(ace, 1) & INHERIT_ONLY)
		return true;
	if (allows ? rights : is_plain_denial(ace) && rights & SPECIFIC)
		fn(sid, allows, type >= ALLOWED_IF, data);
	return true;
}

static bool read_acl(spn_bytes acl, uint32_t mask, spk_ace_fn *fn, void *data)
{
	size_t at = ACL_HEAD, end = acl.len < ACL_HEAD ? 0 : number_at(acl, 2, 2);
	if (end < at || end > acl.len)
		return false;
	for (uint32_t n = number_at(acl, 4, 2); n > 0; n--) {
		size_t size = end - at < 4 ? 0 : number_at(acl, at + 2, 2);
		if (size < 4 || size > end - at || !read_ace((spn_bytes){ acl.data + at, size }, mask, fn, data))
			return false;
		at += size;
	}
	return true;
}

bool spk_acl_read(spn_bytes descriptor, uint32_t mask, spk_ace_fn *fn, void *data)
{
	if (descriptor.len < HEAD || byte_at(descriptor, 0) != 1)
		return false;
	uint32_t control = number_at(descriptor, 2, 2), at = number_at(descriptor, AT_DACL, 4);
	if (!(control & SELF_RELATIVE))
		return false;
	if (!(control & DACL_PRESENT) || at == 0) {
		fn((spn_bytes){ everyone, sizeof everyone }, true, false, data);
		return true;
	}
	return at <= descriptor.len && read_acl((spn_bytes){ descriptor.data + at, descriptor.len - at }, mask, fn, data);
}
