/* SPDX-License-Identifier: MIT */
#include "reach.h"

#include <string.h>

#include "account/proof.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/fold.h"
#include "model/meant.h"
#include "rights/rights.h"
#include "rights/trustees.h"

#define OTHERS_TAKE ": others take the right to write servicePrincipalName"
#define ADDITIONAL_DNS "msDS-AdditionalDnsHostName"
#define ADDITIONAL_SAM "msDS-AdditionalSamAccountName"

const char *const spk_reach_attrs[] = { SPK_REACH_ATTRS, NULL };

static bool has_value(const spn_entry *entry, const char *attr, spn_bytes wanted)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, attr, &values);
	for (size_t i = 0; i < n; i++)
		if (spk_bytes_equal(values[i], wanted))
			return true;
	return false;
}

/* ---- who we are ---- */

static spn_status take_token(const spn_entry *entry, void *data, spn_error *err)
{
	const spn_bytes *sids;
	spn_status status = SPN_OK;
	for (size_t i = 0, n = spn_entry_values(entry, "tokenGroups", &sids); !status && i < n; i++)
		status = spk_token_add(data, sids[i], err);
	return status;
}

static spn_status read_token(spn_directory *dir, spk_token *token, spn_error *err)
{
	static const char *const groups[] = { "tokenGroups", NULL };
	const spn_search search = { .base = "", .scope = SPN_SCOPE_BASE, .attrs = groups };
	return spn_directory_search(dir, &search, take_token, token, err);
}

static bool is_of_token(const spk_token *token, const spn_entry *entry)
{
	const spn_bytes *sid;
	return spn_entry_values(entry, "objectSid", &sid) && spk_token_has(token, *sid);
}

spn_status spk_reach_is_ourself(spn_directory *dir, const spn_entry *entry, bool *ret_is, spn_error *err)
{
	SPK_AUTOTOKEN spk_token token = { .is_samba = false };
	spn_status status = spn_entry_values(entry, "objectSid", NULL) ? read_token(dir, &token, err) : SPN_OK;
	*ret_is = !status && is_of_token(&token, entry);
	return status;
}

/* ---- what we may ---- */

/* The permissions of an entry, and who asks. */
struct question {
	const spk_token *token;
	bool is_samba;
	bool is_answered, may; /* write names that are validated */
};

static spn_status evaluate(const spn_account *account, struct question *question, spn_error *err)
{
	SPK_AUTOPERMISSIONS spk_permissions permissions = { .is_samba = question->is_samba };
	SPK_AUTOGRANT spk_grant grant = { .rights = 0 };
	spn_status status = spk_permissions_read(account, &permissions, &question->is_answered, err);
	if (!status && question->is_answered)
		status = spk_permissions_evaluate(&permissions, question->token, NULL, true, &grant, err);
	question->may = grant.rights & SPN_RIGHT_VALIDATED;
	return status;
}

static spn_status take_permissions(const spn_entry *entry, void *data, spn_error *err)
{
	spn_account *account;
	spn_status status = spk_account_borrow(entry, &account, err);
	if (status)
		return status;
	status = evaluate(account, data, err);
	spk_account_give_back(account);
	return status;
}

/* Validated write is not in the list of what may be written. */
static spn_status reach_of_computer(spn_directory *dir, const spn_entry *entry, spk_reach *ret_reach, spn_error *err)
{
	static const char *const attrs[] = { SPK_DESCRIPTOR, SPK_KIND_ATTRS, "objectSid", NULL };
	const spn_search search = { .base = spn_entry_dn(entry), .scope = SPN_SCOPE_BASE, .attrs = attrs };
	SPK_AUTOTOKEN spk_token token = { .is_samba = false };
	struct question question = { .token = &token };
	spn_dialect rules = SPN_DIALECT_WINDOWS;
	spn_status status = read_token(dir, &token, err);
	if (!status)
		status = spk_directory_rules(dir, &rules, err);
	question.is_samba = rules == SPN_DIALECT_SAMBA;
	if (!status && token.sids.n)
		status = spn_directory_search(dir, &search, take_permissions, &question, err);
	if (question.is_answered)
		*ret_reach = question.may ? SPK_REACH_OWN : SPK_REACH_NONE;
	else
		*ret_reach = is_of_token(&token, entry) ? SPK_REACH_OWN : SPK_REACH_UNKNOWN;
	return status;
}

spn_status spk_reach_of(spn_directory *dir, const spn_entry *entry, spk_reach *ret_reach, spn_error *err)
{
	bool is_any = has_value(entry, SPK_MAY_WRITE, spk_bytes(SPK_SPN));
	*ret_reach = is_any ? SPK_REACH_ANY : SPK_REACH_NONE;
	/* of a user, validated write counts for nothing */
	bool is_computer = !is_any && has_value(entry, "objectClass", spk_bytes("computer"));
	return is_computer ? reach_of_computer(dir, entry, ret_reach, err) : SPN_OK;
}

/* ---- names of its own host ---- */

static bool is_host(spn_bytes value, bool is_account, spn_bytes host)
{
	size_t len = value.len - (is_account && value.len && value.data[value.len - 1] == '$');
	return len && spk_fold_equal((spn_bytes){ value.data, len }, host, SPK_FOLD_WINDOWS);
}

static bool has_host(const spn_entry *entry, const char *attr, bool is_account, spn_bytes host)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, attr, &values);
	for (size_t i = 0; i < n; i++)
		if (is_host(values[i], is_account, host))
			return true;
	return false;
}

/* Two parts, on a domain controller three too, of which the second is the whole dNSHostName, the sAMAccountName without
 * '$', or, but for Samba, one of the msDS-Additional names ([MS-ADTS] 3.1.1.5.3.1.1.4; Samba: measured). */
static bool is_own(const spn_account *account, spn_bytes name, bool is_samba)
{
	const spn_entry *entry = account->entry;
	const char *slash = memchr(name.data, '/', name.len);
	unsigned parts = spk_spn_parts(name);
	bool is_controller = spk_account_is_controller(account);
	if (!slash || (parts != 2 && !(parts == 3 && is_controller)))
		return false;
	const char *end = memchr(slash + 1, '/', name.len - (size_t)(slash + 1 - name.data));
	const spn_bytes host = { slash + 1, (size_t)((end ? end : name.data + name.len) - (slash + 1)) };
	/* what the names of a managed account may be is for the server to say; so is which of those by its objectGUID
	 * a controller has */
	if (spn_account_get_kind(account) != SPN_KIND_COMPUTER ||
			(is_controller && memmem(host.data, host.len, "._msdcs.", 8)))
		return !memchr(host.data, ':', host.len);
	return has_host(entry, "dNSHostName", false, host) || has_host(entry, "sAMAccountName", true, host) ||
			(!is_samba && (has_host(entry, ADDITIONAL_DNS, false, host) || has_host(entry, ADDITIONAL_SAM, true, host)));
}

/* Of a controller's names, the server also judges the third part, and the GUID in one; of a managed account's, all:
 * neither is known here. */
static bool is_for_server(const spn_account *account, spn_bytes name)
{
	bool is_known = spk_spn_parts(name) != 3 && !memmem(name.data, name.len, "._msdcs.", 8);
	return spn_account_get_kind(account) != SPN_KIND_COMPUTER || (spk_account_is_controller(account) && !is_known);
}

spn_status spk_reach_objection(spn_directory *dir, const spn_entry *limited, spn_bytes name, bool for_certain,
		const char **ret_why, spn_error *err)
{
	spn_account *account;
	spn_dialect rules = SPN_DIALECT_WINDOWS;
	spn_status status = spk_directory_rules(dir, &rules, err);
	*ret_why = NULL;
	if (!status)
		status = spk_account_borrow(limited, &account, err);
	if (status)
		return status;
	if (!is_own(account, name, rules == SPN_DIALECT_SAMBA))
		*ret_why = "only names of the account's own host, without a port, may be written there (validated write)"
			OTHERS_TAKE;
	else if (for_certain && is_for_server(account, name))
		*ret_why = "whether it may be written there by validated write is known to the controller only" OTHERS_TAKE;
	spk_account_give_back(account);
	return SPN_OK;
}

/* ---- one account ---- */

struct limits {
	spn_directory *dir;
	spn_account *account;
};

static spn_status take_limited(const spn_entry *entry, void *data, spn_error *err)
{
	struct limits *limits = data;
	spk_reach reach;
	spn_status status = spk_reach_of(limits->dir, entry, &reach, err);
	bool is_limited = !status && (reach == SPK_REACH_UNKNOWN || reach == SPK_REACH_OWN);
	return is_limited && !limits->account ? spk_account_new(entry, &limits->account, err) : status;
}

spn_status spk_reach_read_limited(spn_directory *dir, const char *dn, spn_account **ret_limited, spn_error *err)
{
	const spn_entry *root;
	struct limits limits = { .dir = dir };
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = spk_reach_attrs };
	*ret_limited = NULL;
	if (spk_directory_is_local(dir))
		return SPN_OK;
	spn_status status = spn_directory_root(dir, &root, err);
	if (status || !spn_entry_text(root, "domainControllerFunctionality"))
		return status;
	status = spn_directory_search(dir, &search, take_limited, &limits, err);
	if (status)
		spn_account_free(limits.account);
	else
		*ret_limited = limits.account;
	return status;
}

spn_status spk_reach_put_others(spn_directory *dir, const char *dn, spk_text *text, spn_error *err)
{
	SPK_AUTOTEXT spk_text who = { 0 };
	spn_status status = spk_rights_put_writers(dir, dn, &who, err);
	spk_text_add(text, "%s%s%s", who.len ? " (held by: " : "", who.len ? who.data : "", who.len ? ")" : "");
	return !status && text->failed ? spk_nomem(err) : status;
}
