/* SPDX-License-Identifier: MIT */
#include <spnkit/check.h>

#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "account/domain.h"
#include "account/proof.h"
#include "base/error.h"
#include "directory/known.h"
#include "kdc/keys.h"
#include "kdc/pace.h"
#include "model/dn.h"

SPK_DEFINE_AUTO(spn_account_keys, spn_account_keys_free)

static void make_upper(spk_text *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] >= 'a' && text->data[i] <= 'z')
			text->data[i] = (char)(text->data[i] - 'a' + 'A');
}

/* What is lent out, and what it points to. */
struct kept_keys {
	spn_account_keys keys;
	char *salt;
};

spn_status spn_account_keys_new(unsigned keys, const char *salt, spn_account_keys **ret_keys, spn_error *err)
{
	if (!ret_keys)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_account_keys_new: an argument is NULL");
	struct kept_keys *kept = calloc(1, sizeof *kept);
	if (kept && salt)
		kept->salt = strdup(salt);
	if (!kept || (salt && !kept->salt)) {
		free(kept);
		return spk_nomem(err);
	}
	kept->keys = (spn_account_keys){ .keys = keys, .salt = kept->salt };
	*ret_keys = &kept->keys;
	return SPN_OK;
}

spn_account_keys *spn_account_keys_free(spn_account_keys *keys)
{
	struct kept_keys *kept = (struct kept_keys *)keys; /* its first member */
	if (kept)
		free(kept->salt);
	free(kept);
	return NULL;
}

spn_status spn_probe_keys(spn_directory *dir, const spn_account *account, unsigned timeout, spn_account_keys **ret_keys,
		spn_error *err)
{
	SPK_AUTOTEXT spk_text realm = { 0 };
	SPK_AUTOFREE char *salt = NULL;
	unsigned keys = 0;
	if (!dir || !account || !ret_keys)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_probe_keys: an argument is NULL");
	if (!spk_directory_is_live(dir))
		return spk_remedy(err, spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "a file has no KDC"), SPN_REMEDY_LIVE, NULL);
	if (spk_account_needs_no_preauth(account))
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"'%s' needs no preauthentication: its password could be guessed from the answer, so "
				"the "
				"KDC is not asked for its keys",
				spk_account_label(account));
	spk_dn_domain(spn_account_dn(account), &realm);
	if (realm.failed || !realm.len)
		return realm.failed ?
				spk_nomem(err) :
				spn_fail(err, SPN_ERR_INVALID, 0, "'%s' is in no domain", spn_account_dn(account));
	make_upper(&realm);
	spn_status status = spk_kdc_keys(realm.data, spn_account_name(account), timeout, &keys, &salt, err);
	return status ? status : spn_account_keys_new(keys, salt, ret_keys, err);
}

/* A pause behind each question, however it was answered. */
spn_status spn_keys_known(
		spn_directory *dir, const spn_account *account, unsigned *ret_keys, void *data, spn_error *err)
{
	(void)data;
	if (!ret_keys)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_keys_known: an argument is NULL");
	SPK_AUTO(spn_account_keys) *keys = NULL;
	spn_status status = spn_probe_keys(dir, account, 0, &keys, err);
	spk_kdc_pause();
	if (keys)
		*ret_keys = keys->keys;
	return status;
}
