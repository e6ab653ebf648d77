/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include "account.h"
#include "domain.h"
#include "hosts.h"
#include "near.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

static spn_status collect(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

spn_status spk_accounts_search(spn_directory *dir, const spn_filter *filter, bool forest,
		spk_accounts *accounts, spn_error *err)
{
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = filter, .attrs = spk_account_attrs,
		.forest = forest };
	return spn_directory_search(dir, &search, collect, accounts, err);
}

/* What to look for, and how. */
struct lookup {
	spn_directory *dir;
	const char *text; /* as it was given */
	spn_account_want want;
	bool forest;
	bool is_strict; /* of several accounts that it fits none is chosen, not even a computer */
};

/* Whether a name is that of the account without the '$' of computers. */
static bool lacks_sign_of(const char *name, const spn_account *account)
{
	const char *full = spn_account_name(account);
	size_t len = strlen(full);
	return len > 1 && full[len - 1] == '$' &&
			spk_fold_equal((spn_bytes){ full, len - 1 }, spk_bytes(name), spk_entry_folding(account->entry));
}

/* name, DOMAIN\name or name@domain. */
static char *name_in(const char *text)
{
	const char *backslash = strchr(text, '\\'), *name = backslash ? backslash + 1 : text, *at = strrchr(name, '@');
	return at ? strndup(name, (size_t)(at - name)) : strdup(name);
}

static spn_status fail_ambiguous(const char *text, const spk_accounts *found, spn_error *err)
{
	SPK_AUTOTEXT spk_text list = { 0 };
	SPK_AUTOFREE char *name = name_in(text);
	const spn_account *computer = NULL;
	for (size_t i = 0; i < found->n; i++) {
		spk_text_add(&list, "%s'%s'", i ? ", " : "", spn_account_dn(found->list[i]));
		if (name && lacks_sign_of(name, found->list[i]))
			computer = found->list[i];
	}
	spn_fail(err, SPN_ERR_AMBIGUOUS, 0, "'%s' fits several accounts: %s; name one by its DN%s%s%s", text,
			list.failed ? "" : list.data, computer ? ", or the one with the '$' as '" : "",
			computer ? spn_account_name(computer) : "", computer ? "'" : "");
	return spk_remedy(err, SPN_ERR_AMBIGUOUS, computer ? SPN_REMEDY_KIND : SPN_REMEDY_NONE, NULL);
}

static void keep(spk_accounts *accounts, spn_account_want want)
{
	size_t kept = 0;
	for (size_t i = 0; i < accounts->n; i++) {
		if (spk_account_is_wanted(accounts->list[i]->entry, want))
			accounts->list[kept++] = accounts->list[i];
		else
			spn_account_free(accounts->list[i]);
	}
	accounts->n = kept;
}

static bool has_computer(const spk_accounts *accounts)
{
	for (size_t i = 0; i < accounts->n; i++)
		if (accounts->list[i]->kind == SPN_KIND_COMPUTER)
			return true;
	return false;
}

/* name: what to look for others like, or NULL. */
static spn_status fail_missing(
		spn_directory *dir, const char *text, const char *name, spn_account_want want, spn_error *err)
{
	static const char *const what[] = { "account", "computer account", "user account" };
	SPK_AUTOTEXT spk_text question = { 0 };
	if (name)
		spk_near_accounts(dir, name, want, &question);
	return spn_fail(err, SPN_ERR_NOT_FOUND, 0, "there is no %s '%s'%s", what[want], text,
			question.data && !question.failed ? question.data : "");
}

static bool are_in_one_domain(const spk_accounts *accounts)
{
	for (size_t i = 1; i < accounts->n; i++)
		if (!spk_dn_same_domain(spn_account_dn(accounts->list[i]), spn_account_dn(accounts->list[0])))
			return false;
	return true;
}

/* Takes the one account out of a list; none or several is an error.  name: what to look for others like, or NULL. */
static spn_status take_one(const struct lookup *look, const char *name, spk_accounts *found, spn_account **ret_account,
		spn_error *err)
{
	keep(found, look->want);
	bool may_choose = !look->is_strict && look->want == SPN_WANT_ANY && (!look->forest || are_in_one_domain(found));
	if (may_choose && found->n > 1 && has_computer(found))
		keep(found, SPN_WANT_COMPUTER);
	if (found->n == 0)
		return fail_missing(look->dir, look->text, name, look->want, err);
	if (found->n > 1)
		return fail_ambiguous(look->text, found, err);
	*ret_account = found->list[0];
	found->n = 0;
	return SPN_OK;
}

static spn_filter equal(const char *attr, const char *value)
{
	return (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = attr, .value = spk_bytes(value) };
}

static spn_status find_by_dn(const struct lookup *look, spn_account **ret_account, spn_error *err)
{
	spn_directory *dir = look->dir;
	const char *dn = look->text;
	if (!spk_dn_is_valid(dn))
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' is neither an account name nor a well-formed DN", dn);
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = spk_account_attrs };
	spn_dialect rules;
	spn_status status = spk_directory_rules(dir, &rules, err);
	if (!status)
		status = spn_directory_search(dir, &search, collect, &found, err);
	if (status && status != SPN_ERR_NOT_FOUND)
		return status;
	SPK_AUTOTEXT spk_text domain = { 0 }, own = { 0 };
	if (found.n == 0 && (status = spk_domain_own(dir, &own, err)))
		return status;
	spk_dn_domain(dn, &domain);
	SPK_AUTOTEXT spk_text name = { 0 };
	spk_dn_first_value(dn, &name);
	if (domain.failed || name.failed)
		return spk_nomem(err);
	if (found.n == 0 && domain.len && !spk_ascii_equal(domain.data, own.data))
		return spk_fail_elsewhere(dn, domain.data, own.data, err);
	return take_one(look, name.data, &found, ret_account, err);
}

/* Nobody here is called so: the other domains of a file are at hand. */
static bool may_be_in_another_domain(const spn_directory *dir, const spk_accounts *found, bool forest)
{
	return found->n == 0 && !forest && spk_directory_is_local(dir);
}

static spn_status fail_if_found(spn_directory *dir, const char *text, const spk_accounts *found, spn_error *err)
{
	SPK_AUTOTEXT spk_text own = { 0 }, domain = { 0 };
	if (found->n == 0)
		return SPN_OK;
	spn_status status = spk_domain_own(dir, &own, err);
	spk_dn_domain(spn_account_dn(found->list[0]), &domain);
	if (domain.failed)
		return spk_nomem(err);
	return status || !domain.len ? status : spk_fail_elsewhere(text, domain.data, own.data, err);
}

/* name, or the computer name$; a name that ends so already is the whole. */
static spn_status find_by_name(const struct lookup *look, const char *name, spn_account **ret_account, spn_error *err)
{
	SPK_AUTOFREE char *computer = spk_printf("%s$", name);
	if (!computer)
		return spk_nomem(err);
	const spn_filter as_it_is = equal("sAMAccountName", name), as_computer = equal("sAMAccountName", computer);
	bool is_whole = *name && name[strlen(name) - 1] == '$';
	const spn_filter *const parts[] = { &as_it_is, is_whole ? NULL : &as_computer, NULL };
	const spn_filter either = { .op = SPN_FILTER_OR, .parts = parts };
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	spn_status status = spk_accounts_search(look->dir, &either, look->forest, &found, err);
	if (!status && may_be_in_another_domain(look->dir, &found, look->forest)) {
		SPK_AUTOACCOUNTS spk_accounts elsewhere = { 0 };
		status = spk_accounts_search(look->dir, &either, true, &elsewhere, err);
		keep(&elsewhere, look->want);
		if (!status)
			status = fail_if_found(look->dir, look->text, &elsewhere, err);
	}
	return status ? status : take_one(look, name, &found, ret_account, err);
}

/* The explicit userPrincipalName, else the implicit one: sAMAccountName@domain ([MS-ADTS] 5.1.1.1.1).  Where none may
 * be chosen, all of these at once, and who is called just so.  name: of the implicit one, or NULL. */
static spn_status search_upn(const struct lookup *look, const char *name, spk_accounts *found, spn_error *err)
{
	SPK_AUTOFREE char *computer = spk_printf("%s$", name ? name : "");
	if (!computer)
		return spk_nomem(err);
	const spn_filter upn = equal("userPrincipalName", look->text), as_it_is = equal("sAMAccountName", look->text),
		by_name = equal("sAMAccountName", name ? name : ""), as_computer = equal("sAMAccountName", computer);
	const spn_filter *const parts[] = { &upn, &as_it_is, name ? &by_name : NULL, &as_computer, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	spn_status status = spk_accounts_search(look->dir, look->is_strict ? &any : &upn, look->forest, found, err);
	if (!status)
		keep(found, look->want);
	return status;
}

static spn_status find_by_upn(const struct lookup *look, spn_account **ret_account, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	const char *at = strrchr(look->text, '@');
	SPK_AUTOTEXT spk_text own = { 0 }, named = { 0 };
	SPK_AUTOFREE char *name = strndup(look->text, (size_t)(at - look->text));
	spn_status status = name ? spk_domain_own(look->dir, &own, err) : spk_nomem(err);
	if (!status && !look->forest && at[1]) /* by its NetBIOS name, too: svc@KIMCONNECT is KIMCONNECT\svc */
		status = spk_domain_named(look->dir, at + 1, &named, err);
	bool is_own = !status && named.len && spk_ascii_equal(named.data, own.data);
	if (!status)
		status = search_upn(look, is_own ? name : NULL, &found, err);
	if (status)
		return status;
	if (found.n > 0 || !is_own)
		return take_one(look, look->forest ? NULL : name, &found, ret_account, err);
	return find_by_name(look, name, ret_account, err);
}

/* DOMAIN\name is for the directory's own domain only. */
static spn_status check_domain(spn_directory *dir, const char *domain, const char *text, spn_error *err)
{
	SPK_AUTOTEXT spk_text named = { 0 }, own = { 0 };
	spn_status status = spk_domain_own(dir, &own, err);
	if (!status)
		status = spk_domain_named(dir, domain, &named, err);
	if (status || (named.len && spk_ascii_equal(named.data, own.data)))
		return status;
	return named.len ? spk_fail_elsewhere(text, named.data, own.data, err) : spn_fail(err, SPN_ERR_NOT_FOUND, 0,
			"there is no account '%s': the directory is that of '%s'", text, own.data);
}

spn_status spk_account_find_in_forest(
		spn_directory *dir, const char *text, spn_account_want want, spn_account **ret_account, spn_error *err)
{
	const struct lookup look = { dir, text, want, true, false };
	return strchr(text, '@') ? find_by_upn(&look, ret_account, err) : find_by_name(&look, text, ret_account, err);
}

static spn_status find(const struct lookup *look, spn_account **ret_account, spn_error *err)
{
	const char *text = look->text, *backslash = strchr(text, '\\');
	if (strchr(text, '='))
		return find_by_dn(look, ret_account, err);
	if (backslash == text || !*text || (backslash && !backslash[1]) || text[0] == '@')
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' is not an account name", text);
	if (strchr(text, '/'))
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "expected an account name, got an SPN: '%s'", text);
	if (backslash) {
		SPK_AUTOFREE char *domain = strndup(text, (size_t)(backslash - text));
		spn_status status = domain ? check_domain(look->dir, domain, text, err) : spk_nomem(err);
		return status ? status : find_by_name(look, backslash + 1, ret_account, err);
	}
	return strchr(text, '@') ? find_by_upn(look, ret_account, err) : find_by_name(look, text, ret_account, err);
}

spn_status spn_account_find(spn_directory *dir, const char *text, spn_account_want want,
		spn_account **ret_account, spn_error *err)
{
	if (!dir || !text || !ret_account || (unsigned)want > SPN_WANT_USER)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_account_find: an argument is NULL or out of range");
	return find(&(struct lookup){ dir, text, want, false, want != SPN_WANT_ANY }, ret_account, err);
}

spn_status spk_account_find_only(spn_directory *dir, const char *text, spn_account **ret_account, spn_error *err)
{
	return find(&(struct lookup){ dir, text, SPN_WANT_ANY, false, true }, ret_account, err);
}

spn_status spn_account_namesake(spn_directory *dir, const char *text, const spn_account *account,
		spn_account **ret_other, spn_error *err)
{
	if (!dir || !text || !account || !ret_other)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_account_namesake: an argument is NULL");
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	SPK_AUTOFREE char *name = name_in(text);
	*ret_other = NULL;
	if (!name)
		return spk_nomem(err);
	if (account->kind != SPN_KIND_COMPUTER || strchr(text, '=') || !lacks_sign_of(name, account))
		return SPN_OK;
	const spn_filter as_it_is = equal("sAMAccountName", name);
	spn_status status = spk_accounts_search(dir, &as_it_is, false, &found, err);
	keep(&found, SPN_WANT_ANY);
	if (!status && found.n) {
		*ret_other = found.list[0];
		found.list[0] = found.list[--found.n];
	}
	return status;
}

const char *spk_account_operand(spn_directory *dir, const spn_account *account, spn_error *ret_why)
{
	const char *name = spn_account_name(account), *dn = spn_account_dn(account);
	size_t len = strlen(name);
	if (len == 0 || strpbrk(name, "@=\\/")) /* what begins to mean something else */
		return dn;
	if (name[len - 1] == '$')
		return name;
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	SPK_AUTOFREE char *computer = spk_printf("%s$", name);
	const spn_filter as_computer = equal("sAMAccountName", computer ? computer : "");
	spn_status status = computer ? spk_accounts_search(dir, &as_computer, false, &found, ret_why) : spk_nomem(ret_why);
	return !status && found.n == 0 ? name : dn; /* a DN is right in any case */
}

/* Of the computers found, those that the name fits best.  Returns SPN_ERR_AMBIGUOUS if another one is in use under the
 * dNSHostName of that one. */
static spn_status keep_best(spk_accounts *found, const char *server, bool is_account, spn_error *err)
{
	unsigned best = UINT_MAX;
	const spn_account *one = NULL; /* that it fits best; several are ambiguous anyway */
	keep(found, SPN_WANT_COMPUTER);
	for (size_t i = 0; i < found->n; i++) {
		unsigned rank = spk_host_rank(found->list[i], server, is_account);
		one = rank < best ? found->list[i] : one;
		best = rank < best ? rank : best;
	}
	for (size_t i = 0; one && i < found->n; i++)
		if (spk_is_same_host(one, found->list[i]))
			return spk_fail_same_host(one, found->list[i], err);
	for (size_t i = 0; one && !is_account && i < found->n; i++)
		if (spk_has_host_of_unused(found->list[i], one)) {
			one = found->list[i];
			best = spk_host_rank(one, server, is_account);
		}
	size_t kept = 0;
	for (size_t i = 0; i < found->n; i++) {
		if (best != UINT_MAX && spk_host_rank(found->list[i], server, is_account) == best)
			found->list[kept++] = found->list[i];
		else
			spn_account_free(found->list[i]);
	}
	found->n = kept;
	return SPN_OK;
}

/* Every computer that may have the name: by its account, by DNS, or by what it holds. */
static spn_status search_computers(
		spn_directory *dir, const char *server, bool forest, spk_accounts *found, spn_error *err)
{
	size_t label = strcspn(server, ".");
	SPK_AUTOFREE char *sam = spk_printf("%.*s$", (int)label, server);
	SPK_AUTOFREE char *host = spk_printf("HOST/%s", server);
	SPK_AUTOFREE char *glob = spk_printf("%s.*", server);
	if (!sam || !host || !glob)
		return spk_nomem(err);
	const spn_filter by_sam = equal("sAMAccountName", sam), by_dns = equal("dNSHostName", server),
			 by_other_dns = equal("msDS-AdditionalDnsHostName", server),
			 by_other_sam = equal("msDS-AdditionalSamAccountName", sam),
			 by_other_short = equal("msDS-AdditionalDnsHostName", sam), by_name = equal(SPK_SPN, host);
	const spn_filter by_label = { .op = SPN_FILTER_GLOB, .attr = "dNSHostName", .value = spk_bytes(glob) };
	const spn_filter by_other_label = {
		.op = SPN_FILTER_GLOB, .attr = "msDS-AdditionalDnsHostName", .value = spk_bytes(glob)
	};
	/* the first label of an FQDN alone must not decide: web.other.example is another server */
	const spn_filter *const parts[] = { &by_sam, &by_dns, &by_other_dns, &by_other_sam, &by_other_short, &by_name,
		server[label] ? NULL : &by_label, &by_other_label, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return spk_accounts_search(dir, &any, forest, found, err);
}

static spn_status find_server(spn_directory *dir, const char *server, bool is_account, bool forest,
		spn_account **ret_account, spn_error *err)
{
	int label = (int)strcspn(server, ".");
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	SPK_AUTOFREE char *short_name = spk_printf("%.*s", label, server);
	SPK_AUTOFREE char *asked = spk_printf("%.*s%s%s", label, server, is_account ? "$" : "", server + label);
	if (!short_name || !asked)
		return spk_nomem(err);
	spn_status status = search_computers(dir, server, forest, &found, err);
	if (!status)
		status = keep_best(&found, server, is_account, err);
	if (!status && may_be_in_another_domain(dir, &found, forest)) {
		SPK_AUTOACCOUNTS spk_accounts elsewhere = { 0 };
		status = search_computers(dir, server, true, &elsewhere, err);
		if (!status)
			status = keep_best(&elsewhere, server, is_account, err);
		if (!status)
			status = fail_if_found(dir, asked, &elsewhere, err);
	}
	const struct lookup look = { dir, asked, SPN_WANT_COMPUTER, forest, true };
	return status ? status : take_one(&look, short_name, &found, ret_account, err);
}

spn_status spk_computer_find(
		spn_directory *dir, const char *server, bool forest, spn_account **ret_account, spn_error *err)
{
	const char *backslash = strchr(server, '\\');
	SPK_AUTOFREE char *plain = spk_plain_server(server);
	SPK_AUTOFREE char *domain = strndup(server, backslash ? (size_t)(backslash - server) : 0);
	if (!plain || !domain)
		return spk_nomem(err);
	const char *name = backslash ? backslash + 1 : server + strspn(server, " \t\r\n");
	bool is_account = name[strcspn(plain, ".")] == '$'; /* which is not in plain */
	if (!*plain || strpbrk(plain, "/\\:=@*") || (backslash && !*domain) || strpbrk(domain, "/:=@*"))
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s' is not a server name: expected a short name or an FQDN, such as web or web.example.com", server);
	spn_status status = backslash && !forest ? check_domain(dir, domain, server, err) : SPN_OK;
	return status ? status : find_server(dir, plain, is_account, forest, ret_account, err);
}
