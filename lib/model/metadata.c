/* SPDX-License-Identifier: MIT */
#include "metadata.h"

/* version, padding, count, padding; then of each attribute its number, version, time in seconds since 1601,
 * invocationId, and the update sequence numbers there and here. */
#define HEAD 16
#define AT_COUNT 8
#define EACH 48
#define AT_VERSION 4
#define AT_TIME 8
#define AT_INVOKED 16
#define FROM_1601 INT64_C(11644473600)
/* The year 9999: nothing that is later is a time. */
#define LAST INT64_C(253402300799)

static uint64_t number_at(const char *at, size_t n)
{
	uint64_t number = 0;
	while (n-- > 0)
		number = number << 8 | (unsigned char)at[n];
	return number;
}

bool spk_metadata_find(spn_bytes vector, uint32_t attid, spk_metadata *ret_found)
{
	if (vector.len < HEAD || number_at(vector.data, 4) != 1)
		return false;
	uint64_t n = number_at(vector.data + AT_COUNT, 4);
	if (n > (vector.len - HEAD) / EACH)
		return false;
	for (const char *at = vector.data + HEAD; n > 0; n--, at += EACH) {
		uint64_t time = number_at(at + AT_TIME, 8);
		if (number_at(at, 4) != attid)
			continue;
		*ret_found = (spk_metadata){ (uint32_t)number_at(at + AT_VERSION, 4), (int64_t)time - FROM_1601,
			at + AT_INVOKED };
		return time >= (uint64_t)FROM_1601 && time <= (uint64_t)(LAST + FROM_1601);
	}
	return false;
}
