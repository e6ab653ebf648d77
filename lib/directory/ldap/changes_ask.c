/* SPDX-License-Identifier: MIT */
/* What the ways of asking for changes have in common. */
#include "changes.h"

#include <string.h>

#include "base/error.h"
#include "model/entry.h"

bool spk_changes_is(spn_bytes cookie, const char *word)
{
	size_t len = strlen(word) + 1;
	return cookie.len > len && memcmp(cookie.data, word, len) == 0;
}

void spk_changes_put_word(spk_changes_run *run, const char *word)
{
	spk_text_add_bytes(&run->cookie, word, strlen(word) + 1);
}

spn_status spk_changes_ask(const spk_changes_run *run, const spn_search *search, const char *filter,
		LDAPControl **controls, LDAPMessage **ret_answer, spn_error *err)
{
	int id = 0, scope = search->scope == SPN_SCOPE_BASE ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE;
	spn_status status = spk_link_begin(run->link, run->context, err);
	if (status)
		return status;
	int rc = ldap_search_ext(run->link->ld, search->base, scope, filter, (char **)(uintptr_t)search->attrs, 0,
			controls, NULL, NULL, LDAP_NO_LIMIT, &id);
	return spk_link_await(run->link, rc, id, LDAP_RES_SEARCH_RESULT, ret_answer, run->context, err);
}

spn_status spk_changes_read(const spk_changes_run *run, const char *dn, const char *const *attrs, spn_entry **ret_entry,
		spn_error *err)
{
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	LDAPMessage *answer = NULL;
	spn_status status = spk_changes_ask(run, &search, "(objectClass=*)", NULL, &answer, err);
	if (status)
		return status;
	status = spk_link_result(run->link, answer, NULL, run->context, err);
	LDAPMessage *entry = status ? NULL : ldap_first_entry(run->link->ld, answer);
	if (entry)
		status = spk_ldap_entry(run->link, entry, ret_entry, err);
	else if (!status)
		status = spn_fail(err, SPN_ERR_NOT_FOUND, 0, "%s: '%s' cannot be seen", run->context, dn);
	ldap_msgfree(answer);
	return status;
}

spn_status spk_changes_deliver(spk_changes_run *run, LDAPMessage *message, spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	spn_status status = spk_ldap_entry(run->link, message, &entry, err);
	if (status)
		return status;
	run->delivered = true;
	return run->fn(entry, run->data, err);
}

spn_status spk_changes_keep_service(const spk_changes_run *run, const spn_entry *root, spn_error *err)
{
	const spn_bytes *values;
	if (run->link->service)
		return SPN_OK;
	if (!spn_entry_values(root, SPK_CHANGES_SERVICE, &values) || memchr(values[0].data, '\0', values[0].len))
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "%s: the server has no " SPK_CHANGES_SERVICE, run->context);
	run->link->service = strndup(values[0].data, values[0].len);
	return run->link->service ? SPN_OK : spk_nomem(err);
}

spn_status spk_changes_service(const spk_changes_run *run, spn_error *err)
{
	static const char *const attrs[] = { SPK_CHANGES_SERVICE, NULL };
	SPK_AUTO(spn_entry) *root = NULL;
	if (run->link->service)
		return SPN_OK;
	spn_status status = spk_changes_read(run, "", attrs, &root, err);
	return status ? status : spk_changes_keep_service(run, root, err);
}
