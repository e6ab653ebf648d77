/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export.h"
#include "base/error.h"
#include "base/file.h"
#include "model/ldif/ldif.h"

#define WINDOW ((size_t)256 << 10)

spn_status spk_export_more(spk_export_input *input, bool *ret_more, spn_error *err)
{
	if (input->at > 0) {
		memmove(input->data, input->data + input->at, input->len - input->at);
		input->passed += input->at;
		input->len -= input->at;
		input->at = 0;
	}
	if (input->size - input->len < WINDOW / 2) {
		size_t size = input->size < WINDOW ? WINDOW : 2 * input->size;
		char *data = size > SPK_LDIF_RECORD_MAX ? NULL : realloc(input->data, size);
		if (size > SPK_LDIF_RECORD_MAX)
			return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s': a record is longer than %zu MiB", input->name,
					SPK_LDIF_RECORD_MAX >> 21);
		if (!data)
			return spk_nomem(err);
		input->data = data;
		input->size = size;
	}
	ssize_t n;
	do
		n = spk_file_read_text(input->fd, input->data + input->len, input->size - input->len,
				(off_t)(input->passed + input->len));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s': %s", input->name, strerror(errno));
	if (n == 0 && input->passed + input->len + 1 < input->total) /* one byte may be a Ctrl-Z */
		return spn_fail(err, SPN_ERR_FAILED, 0, "cannot read '%s': it has been changed while it was read", input->name);
	input->len += (size_t)n;
	input->ended = n == 0;
	*ret_more = n > 0;
	return SPN_OK;
}

spn_status spk_export_peek_behind(spk_export_input *input, char *ret_c, spn_error *err)
{
	bool more = true;
	spn_status status = SPN_OK;
	size_t n = 0;
	do {
		n++;
		if (input->at + n == input->len)
			status = spk_export_more(input, &more, err);
		*ret_c = !status && more ? input->data[input->at + n] : '\0';
	} while (*ret_c && strchr(" \t\r\n", *ret_c));
	return status;
}

spn_status spk_export_skip_mark(spk_export_input *input, spn_error *err)
{
	bool more = true;
	spn_status status = SPN_OK;
	while (!status && more && input->len - input->at < SPK_MARK_LEN)
		status = spk_export_more(input, &more, err);
	if (!status && spk_export_has_mark((spn_bytes){ input->data + input->at, input->len - input->at }))
		input->at += SPK_MARK_LEN;
	return status;
}
