/* SPDX-License-Identifier: MIT */
#include "der.h"

/* The length behind a tag: short, or long with at most four bytes; never indefinite, which DER forbids. */
static bool take_length(spn_bytes *from, size_t *ret_len)
{
	if (from->len == 0)
		return false;
	size_t len = (unsigned char)from->data[0], n_bytes = 0;
	if (len >= 0x80) {
		n_bytes = len & 0x7f;
		if (n_bytes == 0 || n_bytes > 4 || n_bytes > from->len - 1)
			return false;
		len = 0;
		for (size_t i = 1; i <= n_bytes; i++)
			len = len << 8 | (unsigned char)from->data[i];
	}
	*from = (spn_bytes){ from->data + 1 + n_bytes, from->len - 1 - n_bytes };
	*ret_len = len;
	return len <= from->len;
}

bool spk_der_next(spn_bytes *from, int *ret_tag, spn_bytes *ret_inside)
{
	if (from->len < 2)
		return false;
	int tag = (unsigned char)from->data[0];
	spn_bytes rest = { from->data + 1, from->len - 1 };
	size_t len;
	if ((tag & 0x1f) == 0x1f || !take_length(&rest, &len))
		return false;
	*ret_tag = tag;
	*ret_inside = (spn_bytes){ rest.data, len };
	*from = (spn_bytes){ rest.data + len, rest.len - len };
	return true;
}

bool spk_der_take(spn_bytes *from, int tag, spn_bytes *ret_inside)
{
	spn_bytes rest = *from, inside;
	int got;
	if (!spk_der_next(&rest, &got, &inside) || got != tag)
		return false;
	*from = rest;
	*ret_inside = inside;
	return true;
}

bool spk_der_find(spn_bytes inside, int tag, spn_bytes *ret_inside)
{
	spn_bytes found;
	int got;
	while (spk_der_next(&inside, &got, &found)) {
		if (got == tag) {
			*ret_inside = found;
			return true;
		}
	}
	return false;
}

bool spk_der_field(spn_bytes sequence, int n, int tag, spn_bytes *ret_inside)
{
	spn_bytes field;
	return spk_der_find(sequence, SPK_DER_CONTEXT(n), &field) && spk_der_take(&field, tag, ret_inside);
}

bool spk_der_int_field(spn_bytes sequence, int n, int64_t *ret_value)
{
	spn_bytes bytes;
	if (!spk_der_field(sequence, n, SPK_DER_INTEGER, &bytes) || bytes.len == 0 || bytes.len > 5)
		return false;
	int64_t value = bytes.data[0] & 0x80 ? -1 : 0;
	for (size_t i = 0; i < bytes.len; i++)
		value = value * 256 + (unsigned char)bytes.data[i];
	*ret_value = value;
	return true;
}

bool spk_der_read_ticket(spn_bytes der, spk_der_ticket *ret_ticket)
{
	spn_bytes ticket, part, cipher, name, names;
	int64_t enctype, kvno = 0;
	if (!spk_der_take(&der, SPK_DER_APPLICATION(1), &ticket) || !spk_der_take(&ticket, SPK_DER_SEQUENCE, &ticket) ||
			!spk_der_field(ticket, 3, SPK_DER_SEQUENCE, &part) || !spk_der_int_field(part, 0, &enctype) ||
			enctype < INT32_MIN || enctype > INT32_MAX || !spk_der_field(part, 2, SPK_DER_OCTETS, &cipher) ||
			!spk_der_field(ticket, 2, SPK_DER_SEQUENCE, &name) || !spk_der_field(name, 1, SPK_DER_SEQUENCE, &names))
		return false;
	spk_der_int_field(part, 1, &kvno); /* optional */
	*ret_ticket = (spk_der_ticket){ (int)enctype, (unsigned)(kvno & UINT32_MAX), cipher, names };
	return true;
}
