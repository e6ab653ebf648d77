/* SPDX-License-Identifier: MIT */
/* A tree of filters, made of the bytes: whatever is in its values, the text has the brackets of the tree and no others.
 */
#include "fuzz.h"

#include "model/filter.h"

struct input {
	const uint8_t *data;
	size_t size, n_nodes;
};

static uint8_t take(struct input *in)
{
	return in->size ? (in->size--, *in->data++) : 0;
}

static spn_bytes take_value(struct input *in)
{
	size_t len = take(in) % 16;
	len = len < in->size ? len : in->size;
	spn_bytes value = { (const char *)in->data, len };
	in->data += len;
	in->size -= len;
	return value;
}

#define MAX_NODES 24
static spn_filter nodes[MAX_NODES];
static const spn_filter *parts[MAX_NODES][4];

static const spn_filter *build(struct input *in)
{
	static const char *const attrs[] = { "cn", "servicePrincipalName", "member", "userAccountControl" };
	if (in->n_nodes == MAX_NODES)
		return NULL;
	size_t i = in->n_nodes++;
	uint8_t kind = take(in);
	nodes[i] = (spn_filter){ .op = (spn_filter_op)(kind % 7), .attr = attrs[kind / 7 % 4], .parts = parts[i] };
	memset(parts[i], 0, sizeof parts[i]);
	if (nodes[i].op < SPN_FILTER_NOT) {
		nodes[i].value = take_value(in);
		return &nodes[i];
	}
	size_t n = nodes[i].op == SPN_FILTER_NOT ? 1 : kind / 28 % 4;
	for (size_t p = 0; p < n && (parts[i][p] = build(in)); p++)
		;
	return &nodes[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static spn_entry *entry;
	struct input in = { data, size, 0 };
	SPK_AUTOTEXT spk_text text = { 0 };
	spn_error err = { .status = SPN_OK };
	if (!entry)
		MUST(!spn_entry_new("CN=b,DC=a", &entry, NULL) && !spn_entry_add(entry, "cn", (spn_bytes){ "b*(\\", 4 }, NULL) &&
				!spn_entry_add(entry, "member", (spn_bytes){ "CN=\\41,DC=a", 11 }, NULL));
	const spn_filter *filter = build(&in);
	spn_status status = spk_filter_check(filter, &err);
	fuzz_check_message(status, &err);
	if (status)
		return 0;
	(void)spk_filter_match(filter, entry, SPK_FOLD_WINDOWS);
	(void)spk_filter_match(filter, entry, SPK_FOLD_CASE);
	spk_filter_render(filter, &text);
	size_t open = 0, close = 0;
	for (size_t i = 0; i < text.len; i++) {
		open += text.data[i] == '(';
		close += text.data[i] == ')';
		MUST((unsigned char)text.data[i] >= 0x20);
	}
	MUST(open == close && open == in.n_nodes);
	return 0;
}
