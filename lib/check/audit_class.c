/* SPDX-License-Identifier: MIT */
/* Service classes that no known product asks for: an application of your own, or a typing error.  Each is reported
 * once, with the number of its names. */
#include <stdlib.h>
#include <string.h>

#include <spnkit/expect.h>

#include "audit.h"
#include "posing.h"
#include "base/error.h"
#include "model/fold.h"
#include "model/meant.h"

/* A class, and who holds names of it. */
struct odd {
	char *service_class;
	char *first; /* of its names */
	size_t n_names, n_accounts;
	char *last; /* the DN of the account that was counted last */
	char *dns[SPK_RETIRED_SHOWN], *accounts[SPK_RETIRED_SHOWN]; /* of the first accounts */
	size_t n_shown;
};

struct spk_odd_classes {
	spk_familiar familiar;
	struct odd *list;
	size_t n, size;
	spk_keys keys; /* of the list, in its order */
};

spn_status spk_odd_classes_new(struct spk_odd_classes **ret_odd, spn_error *err)
{
	*ret_odd = calloc(1, sizeof **ret_odd);
	return *ret_odd ? SPN_OK : spk_nomem(err);
}

void spk_odd_classes_free(struct spk_odd_classes *odd)
{
	for (size_t i = 0; odd && i < odd->n; i++) {
		free(odd->list[i].service_class);
		free(odd->list[i].first);
		free(odd->list[i].last);
		for (size_t j = 0; j < odd->list[i].n_shown; j++) {
			free(odd->list[i].dns[j]);
			free(odd->list[i].accounts[j]);
		}
	}
	if (odd) {
		free(odd->list);
		spk_keys_free(&odd->keys);
	}
	free(odd);
}

static bool grow(struct spk_odd_classes *odd)
{
	size_t size = odd->size * 2 + 8;
	struct odd *grown = realloc(odd->list, size * sizeof *grown);
	if (!grown)
		return false;
	odd->list = grown;
	odd->size = size;
	return true;
}

/* The class in the list.  Adds it if it is new. */
static spn_status find(struct spk_odd_classes *odd, spn_bytes service_class, const char *spn, struct odd **ret_one,
		spn_error *err)
{
	SPK_AUTOFREE char *key = strndup(service_class.data, service_class.len);
	for (char *c = key; c && *c; c++)
		*c = spk_ascii_lower(*c);
	size_t at = key ? spk_keys_add(&odd->keys, spk_bytes(key)) : SIZE_MAX;
	if (at == SIZE_MAX)
		return spk_nomem(err);
	if (at == odd->n) {
		if (odd->n == odd->size && !grow(odd))
			return spk_nomem(err);
		odd->list[odd->n++] = (struct odd){ .service_class = strndup(service_class.data, service_class.len),
			.first = strdup(spn) };
		if (!odd->list[at].service_class || !odd->list[at].first)
			return spk_nomem(err);
	}
	*ret_one = &odd->list[at];
	return SPN_OK;
}

const spk_familiar *spk_familiar_classes(const spk_audit *audit)
{
	return &audit->odd_classes->familiar;
}

const spk_familiar_class *spk_familiar_find(const spk_familiar *familiar, spn_bytes spn)
{
	for (size_t i = 0; i < SPK_FAMILIAR && i < familiar->n; i++) {
		const spk_familiar_class *one = &familiar->list[i];
		if (spn.len >= one->len && spn.data[0] == one->text[0] && memcmp(spn.data, one->text, one->len) == 0)
			return one;
	}
	return NULL;
}

static bool is_plain_class(const spk_familiar_class *one)
{
	char of_x[SPK_FAMILIAR_MAX + 2];
	spn_name name;
	memcpy(of_x, one->text, one->len);
	memcpy(of_x + one->len, "x", sizeof "x");
	return !spk_may_pose(of_x) && spk_name_is_plain((spn_bytes){ of_x, one->len + 1 }, &name);
}

/* Whether a product registers names of the class, which alone decides that. */
static bool has_product(const spk_audit *audit, spn_bytes spn)
{
	spk_familiar *familiar = &audit->odd_classes->familiar;
	if (spk_familiar_find(familiar, spn))
		return true;
	const char *slash = memchr(spn.data, '/', spn.len);
	size_t len = slash ? (size_t)(slash + 1 - spn.data) : 0;
	bool has = spn_class_product(spn.data);
	if (has && slash && len <= SPK_FAMILIAR_MAX) {
		spk_familiar_class *one = &familiar->list[familiar->n++ % SPK_FAMILIAR];
		memcpy(one->text, spn.data, len);
		one->len = len;
		one->is_plain = is_plain_class(one);
	}
	return has;
}

spn_status spk_rule_class(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_bytes spn,
		spn_error *err)
{
	spn_name name;
	spn_bytes target;
	struct odd *one = NULL;
	(void)rule;
	/* what people type, rightly or not, is one word; programs register several, with their versions */
	if (spk_has_nul(spn) || has_product(audit, spn) || spn_name_parse(spn.data, &name, NULL) ||
			memchr(name.service_class.data, ' ', name.service_class.len) ||
			spk_mapping_find(audit->mapping, name.service_class, &target))
		return SPN_OK;
	spk_audit_noted(audit);
	spn_status status = find(audit->odd_classes, name.service_class, spn.data, &one, err);
	if (status)
		return status;
	one->n_names++;
	if (one->last && strcmp(one->last, spn_account_dn(account)) == 0)
		return SPN_OK;
	free(one->last);
	one->last = strdup(spn_account_dn(account));
	if (!one->last)
		return spk_nomem(err);
	one->n_accounts++;
	if (one->n_shown == SPK_RETIRED_SHOWN)
		return SPN_OK;
	size_t at = one->n_shown++;
	one->dns[at] = strdup(spn_account_dn(account));
	one->accounts[at] = strdup(spn_account_name(account));
	return one->dns[at] && one->accounts[at] ? SPN_OK : spk_nomem(err);
}

spn_status spk_odd_classes_tell(const spk_audit *audit, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < audit->odd_classes->n; i++) {
		const struct odd *one = &audit->odd_classes->list[i];
		spn_account_ref refs[SPK_RETIRED_SHOWN];
		SPK_AUTOTEXT spk_text text = { 0 };
		for (size_t j = 0; j < one->n_shown; j++)
			refs[j] = (spn_account_ref){ one->dns[j], one->accounts[j] };
		spk_text_add(&text, "no product is known to register names of the class '%s' (%zu name%s on %zu account%s): "
				"an application of your own, or a typing error", one->service_class, one->n_names,
				one->n_names == 1 ? "" : "s", one->n_accounts, one->n_accounts == 1 ? "" : "s");
		if (text.failed)
			return spk_nomem(err);
		spk_make_printable(text.data);
		const spn_finding finding = { .code = "unknown-class", .severity = SPN_SEVERITY_NOTICE, .spn = one->first,
			.accounts = refs, .n_accounts = one->n_shown, .text = text.data };
		status = spk_tell_finding(audit->to, &finding, err);
	}
	return status;
}
