/* SPDX-License-Identifier: MIT */
/* Names with characters that cannot be seen, as they come along when one is pasted.  Windows compares without them, so
 * that such a name answers for the one that it looks like.  If that makes it a duplicate, or an obstacle for a
 * computer, another finding has reported it. */
#include <stdlib.h>
#include <string.h>

#include <spnkit/text.h>

#include "audit.h"
#include "base/error.h"
#include "model/entry.h"
#include "model/fold.h"

struct unseen {
	size_t account; /* in accounts */
	char *spn, *plain;
	char *why; /* what is wrong with it */
};

struct spk_unseen {
	struct unseen *list;
	size_t n;
	spk_accounts accounts;
	const spk_teller *to;
	spk_keys told; /* names of which other findings speak, each behind the DN of a holder */
};

spn_status spk_unseen_new(const spk_teller *to, struct spk_unseen **ret_unseen, spn_error *err)
{
	*ret_unseen = calloc(1, sizeof **ret_unseen);
	if (!*ret_unseen)
		return spk_nomem(err);
	(*ret_unseen)->to = to;
	return SPN_OK;
}

void spk_unseen_free(struct spk_unseen *unseen)
{
	for (size_t i = 0; unseen && i < unseen->n; i++) {
		free(unseen->list[i].spn);
		free(unseen->list[i].plain);
		free(unseen->list[i].why);
	}
	if (unseen) {
		free(unseen->list);
		spk_accounts_free(&unseen->accounts);
		spk_keys_free(&unseen->told);
	}
	free(unseen);
}

/* The name without what Windows does not compare. */
static void put_plain(const char *spn, spk_text *plain)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	uint32_t c;
	size_t len;
	for (const char *at = spn, *end = spn + strlen(spn); (len = spn_text_next(at, (size_t)(end - at), &c)) > 0;
			at += len) {
		if (len == 1 && (unsigned char)*at < 0x80) { /* compared by all */
			spk_text_add_char(plain, *at);
			continue;
		}
		spk_text_clear(&key);
		spk_fold_key((spn_bytes){ at, len }, SPK_FOLD_WINDOWS, &key);
		if (key.len > 0)
			spk_text_add_bytes(plain, at, len);
	}
	plain->failed |= key.failed;
}

spn_status spk_unseen_note(const spk_audit *audit, const spn_account *account, const char *spn, const char *why,
		bool *ret_noted, spn_error *err)
{
	struct spk_unseen *unseen = audit->unseen;
	SPK_AUTOTEXT spk_text plain = { 0 };
	spn_name name;
	*ret_noted = false;
	if (spk_entry_folding(account->entry) != SPK_FOLD_WINDOWS)
		return SPN_OK;
	put_plain(spn, &plain);
	if (plain.failed)
		return spk_nomem(err);
	if (!plain.len || strcmp(plain.data, spn) == 0 || spn_name_parse(plain.data, &name, NULL))
		return SPN_OK;
	spk_audit_noted(audit);
	struct unseen *grown = realloc(unseen->list, (unseen->n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	unseen->list = grown;
	const spk_accounts *accounts = &unseen->accounts; /* the names of one come together */
	bool is_last = accounts->n && strcmp(spn_account_dn(accounts->list[accounts->n - 1]), spn_account_dn(account)) == 0;
	grown[unseen->n] = (struct unseen){ accounts->n - is_last, strdup(spn), strdup(plain.data), strdup(why) };
	const struct unseen *one = &grown[unseen->n++];
	*ret_noted = true;
	if (!one->spn || !one->plain || !one->why)
		return spk_nomem(err);
	return is_last ? SPN_OK : spk_accounts_add(&unseen->accounts, account->entry, err);
}

static spn_status put_key(const char *dn, const char *spn, spk_text *key, spn_error *err)
{
	spk_fold_key(spk_bytes(dn), SPK_FOLD_CASE, key);
	spk_text_add_char(key, '\n');
	spk_fold_key(spk_bytes(spn), SPK_FOLD_WINDOWS, key);
	return key->failed ? spk_nomem(err) : SPN_OK;
}

spn_status spk_unseen_watch(const spn_finding *finding, void *data, spn_error *err)
{
	struct spk_unseen *unseen = data;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && unseen->n > 0 && finding->spn && i < finding->n_accounts; i++) {
		SPK_AUTOTEXT spk_text key = { 0 };
		status = put_key(finding->accounts[i].dn, finding->spn, &key, err);
		if (!status && spk_keys_add(&unseen->told, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
			status = spk_nomem(err);
	}
	return status ? status : spk_tell_finding(unseen->to, finding, err);
}

static spn_status tell(const spk_audit *audit, const struct unseen *one, spn_error *err)
{
	const spn_account *account = audit->unseen->accounts.list[one->account];
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	spk_scope_repair_name(&repairs, audit->scope, SPN_REPAIR_DELETE, one->spn, account);
	spk_scope_repair_name(&repairs, audit->scope, SPN_REPAIR_ADD, one->plain, account);
	return spk_tell(audit->to, err, "malformed", SPN_SEVERITY_WARNING, one->spn, account, &repairs,
			"%s; controllers with Windows compare without it, so that this name answers for '%s', and other "
			"programs do not find it: register that one in its place",
			one->why, one->plain);
}

spn_status spk_unseen_judge(const spk_audit *audit, spn_error *err)
{
	const struct spk_unseen *unseen = audit->unseen;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < unseen->n; i++) {
		SPK_AUTOTEXT spk_text key = { 0 };
		status = put_key(spn_account_dn(unseen->accounts.list[unseen->list[i].account]), unseen->list[i].spn, &key, err);
		if (!status && spk_keys_find(&unseen->told, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
			status = tell(audit, &unseen->list[i], err);
	}
	return status;
}
