/* SPDX-License-Identifier: MIT */
#include "acl.h"

/* [MS-DTYP] 2.4.6 */
#define SELF_RELATIVE 0x8000u
#define DACL_PRESENT 0x0004u
#define DACL_PROTECTED 0x1000u
#define HEAD 20
#define AT_OWNER 4
#define AT_DACL 16
/* [MS-DTYP] 2.4.5, 2.4.4.1 */
#define ACL_HEAD 8
#define ACE_HEAD 8
#define INHERIT_ONLY 0x08u
#define INHERITED 0x10u
#define HAS_OBJECT 1u /* of its flags: a GUID each */
#define HAS_INHERITED_OBJECT 2u
#define GENERIC_ALL 0x10000000u
#define GENERIC_WRITE 0x40000000u
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

/* The SID of an entry, which is whole, and the GUIDs before it; behind it, there may be a condition. */
static bool find_sid(spn_bytes ace, spk_acl_entry *ret)
{
	size_t at = ACE_HEAD;
	if (is_object(byte_at(ace, 0))) {
		uint32_t flags = ace.len < at + 4 ? 0 : number_at(ace, at, 4);
		size_t n_guids = !!(flags & HAS_OBJECT) + !!(flags & HAS_INHERITED_OBJECT);
		if (ace.len < at + 4 + n_guids * SPK_GUID_SIZE)
			return false;
		at += 4;
		if (flags & HAS_OBJECT) {
			ret->object = ace.data + at;
			at += SPK_GUID_SIZE;
		}
		if (flags & HAS_INHERITED_OBJECT) {
			ret->heirs = ace.data + at;
			at += SPK_GUID_SIZE;
		}
	}
	if (ace.len < at + SID_HEAD)
		return false;
	size_t len = SID_HEAD + 4 * (size_t)byte_at(ace, at + 1);
	ret->sid = (spn_bytes){ ace.data + at, len };
	return byte_at(ace, at) == 1 && byte_at(ace, at + 1) <= 15 && len <= ace.len - at;
}

/* What generic rights stand for on an object of a directory ([MS-ADTS] 5.1.3.2). */
static uint32_t map_generic(uint32_t mask)
{
	return mask | (mask & GENERIC_ALL ? SPK_ACL_ALL : 0) |
			(mask & GENERIC_WRITE ? SPK_ACL_WRITE_PROPERTY | SPK_ACL_VALIDATED_WRITE : 0);
}

/* Other types are about auditing, and the like. */
static bool read_ace(spn_bytes ace, spk_acl_entry_fn *fn, void *data)
{
	unsigned type = byte_at(ace, 0);
	spk_acl_entry entry = {
		.allows = type == ALLOWED || type == ALLOWED_OBJECT || type == ALLOWED_IF || type == ALLOWED_OBJECT_IF,
		.is_conditional = type >= ALLOWED_IF,
	};
	bool denies = type == DENIED || type == DENIED_OBJECT || type == DENIED_IF || type == DENIED_OBJECT_IF;
	if (!entry.allows && !denies)
		return true;
	if (ace.len < ACE_HEAD || !find_sid(ace, &entry))
		return false;
	entry.mask = number_at(ace, 4, 4);
	entry.rights = map_generic(entry.mask);
	entry.is_inherited = byte_at(ace, 1) & INHERITED;
	if (!(byte_at(ace, 1) & INHERIT_ONLY))
		fn(&entry, data);
	return true;
}

static bool read_acl(spn_bytes acl, spk_acl_entry_fn *fn, void *data)
{
	size_t at = ACL_HEAD, end = acl.len < ACL_HEAD ? 0 : number_at(acl, 2, 2);
	if (end < at || end > acl.len)
		return false;
	for (uint32_t n = number_at(acl, 4, 2); n > 0; n--) {
		size_t size = end - at < 4 ? 0 : number_at(acl, at + 2, 2);
		if (size < 4 || size > end - at || !read_ace((spn_bytes){ acl.data + at, size }, fn, data))
			return false;
		at += size;
	}
	return true;
}

static bool is_descriptor(spn_bytes bytes)
{
	return bytes.len >= HEAD && byte_at(bytes, 0) == 1 && number_at(bytes, 2, 2) & SELF_RELATIVE;
}

bool spk_acl_walk(spn_bytes descriptor, spk_acl_entry_fn *fn, void *data)
{
	if (!is_descriptor(descriptor))
		return false;
	uint32_t control = number_at(descriptor, 2, 2), at = number_at(descriptor, AT_DACL, 4);
	if (!(control & DACL_PRESENT) || at == 0) {
		const spk_acl_entry all = { .sid = { everyone, sizeof everyone }, .mask = SPK_ACL_ALL,
			.rights = SPK_ACL_ALL, .allows = true };
		fn(&all, data);
		return true;
	}
	return at <= descriptor.len && read_acl((spn_bytes){ descriptor.data + at, descriptor.len - at }, fn, data);
}

/* What asks about some bits only. */
struct asked {
	uint32_t mask;
	spk_ace_fn *fn;
	void *data;
};

/* One for a property or a kind of child ([MS-DTYP] 2.4.4.8), under a condition, or by a generic right, may deny
 * nothing. */
static void tell_asked(const spk_acl_entry *entry, void *data)
{
	const struct asked *asked = data;
	bool is_plain = !entry->object && !entry->heirs && !entry->is_conditional;
	if (entry->mask & asked->mask & (entry->allows ? UINT32_MAX : SPECIFIC) && (entry->allows || is_plain))
		asked->fn(entry->sid, entry->allows, entry->is_conditional, asked->data);
}

bool spk_acl_read(spn_bytes descriptor, uint32_t mask, spk_ace_fn *fn, void *data)
{
	struct asked asked = { mask, fn, data };
	return spk_acl_walk(descriptor, tell_asked, &asked);
}

bool spk_acl_owner(spn_bytes descriptor, spn_bytes *ret_sid)
{
	size_t at = is_descriptor(descriptor) ? number_at(descriptor, AT_OWNER, 4) : 0;
	if (at < HEAD || at > descriptor.len || descriptor.len - at < SID_HEAD)
		return false;
	size_t len = SID_HEAD + 4 * (size_t)byte_at(descriptor, at + 1);
	*ret_sid = (spn_bytes){ descriptor.data + at, len };
	return byte_at(descriptor, at) == 1 && byte_at(descriptor, at + 1) <= 15 && len <= descriptor.len - at;
}

bool spk_acl_is_present(spn_bytes descriptor)
{
	return is_descriptor(descriptor) && number_at(descriptor, 2, 2) & DACL_PRESENT;
}

bool spk_acl_is_protected(spn_bytes descriptor)
{
	return is_descriptor(descriptor) && number_at(descriptor, 2, 2) & DACL_PROTECTED;
}
