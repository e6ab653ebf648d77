/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "directory/directory.h"
#include "duplicates.h"
#include "model/dn.h"
#include "model/filter.h"
#include "proof.h"
#include "propose.h"

/* As many names a search as holders.c asks for; a family is not torn apart. */
#define NAMES_A_SEARCH 50

static const char *const attrs[] = { SPK_PROOF_ATTRS, NULL };

struct confirm {
	const spk_scope *scope;
	const spk_mapping *mapping;
	const char *pattern;
	const spk_teller *to;
};

/* A suspect and who holds it. */
struct held {
	const char *name;
	const char *stored; /* as the first holder spells it */
	spk_accounts holders; /* lent: only the list is its own */
};

static spn_status collect(const spn_entry *entry, void *data, spn_error *err)
{
	return spk_accounts_add(data, entry, err);
}

static spn_status search_names(const spk_scope *scope, const spk_suspect *suspects, size_t n, spk_accounts *ret_found,
		spn_error *err)
{
	SPK_AUTOFREE spn_filter *equals = calloc(n, sizeof *equals);
	SPK_AUTOFREE const spn_filter **parts = calloc(n + 1, sizeof *parts);
	if (!equals || !parts)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++) {
		equals[i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = SPK_SPN, .value = spk_bytes(suspects[i].name) };
		parts[i] = &equals[i];
	}
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	return spk_scope_search(scope, &any, attrs, collect, ret_found, err);
}

static bool is_among(const spk_accounts *accounts, const spn_account *account)
{
	for (size_t i = 0; i < accounts->n; i++)
		if (accounts->list[i] == account || spk_dn_equal(spn_account_dn(accounts->list[i]), spn_account_dn(account)))
			return true;
	return false;
}

static int compare_dns(const void *a, const void *b)
{
	const spn_account *const *one = a, *const *other = b;
	return strcmp(spn_account_dn(*one), spn_account_dn(*other));
}

/* Whether accents and the like are all that makes a stored name the one that is looked for. */
static bool is_loose(const char *stored, const char *name)
{
	return !spk_fold_equal(spk_bytes(stored), spk_bytes(name), SPK_FOLD_CASE);
}

/* Of what was found, the accounts that hold a suspect.  Where accents decide, the server does: Samba's are not Windows'. */
static spn_status find_holders(const struct confirm *confirm, const spk_accounts *found, const spk_suspect *suspect,
		struct held *ret_held, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts exact = { 0 };
	bool loose = false;
	ret_held->name = suspect->name;
	ret_held->holders.list = calloc(found->n + 1, sizeof *found->list);
	if (!ret_held->holders.list)
		return spk_nomem(err);
	spk_accounts *holders = &ret_held->holders;
	for (size_t i = 0; i < found->n; i++) {
		const char *stored = spk_account_holds(found->list[i], suspect->name);
		if (!stored)
			continue;
		loose |= is_loose(stored, suspect->name);
		holders->list[holders->n++] = found->list[i];
	}
	spn_status status = loose ? search_names(confirm->scope, suspect, 1, &exact, err) : SPN_OK;
	/* one server spells a DN always alike; a family of names that differ by accents may have thousands of holders */
	if (!status && exact.n)
		qsort(exact.list, exact.n, sizeof *exact.list, compare_dns);
	size_t kept = 0;
	for (size_t i = 0; !status && i < holders->n; i++)
		if (!loose || (exact.n && bsearch(&holders->list[i], exact.list, exact.n, sizeof *exact.list, compare_dns)))
			holders->list[kept++] = holders->list[i];
	holders->n = kept;
	if (kept)
		ret_held->stored = spk_account_holds(holders->list[0], suspect->name);
	return status;
}

bool spk_put_domain(spk_text *repair, const spk_scope *scope, const spn_account *account)
{
	const char *context = NULL;
	SPK_AUTOTEXT spk_text own = { 0 }, domain = { 0 };
	spk_dn_domain(spn_account_dn(account), &domain);
	if (scope->n == 1 && !spk_directory_context(scope->dirs[0], "defaultNamingContext", &context, NULL) && context)
		spk_dn_domain(context, &own);
	bool at_home = own.len && domain.len && spk_ascii_equal(own.data, domain.data);
	if (!at_home && domain.len) {
		spk_text_add(repair, " -T ");
		spk_shell_word(repair, domain.data);
	}
	repair->failed |= own.failed || domain.failed;
	return at_home;
}

/* An account's name in another domain means nobody here, or somebody else. */
void spk_put_names_of(spk_text *repair, const spk_scope *scope, const spn_bytes *names, size_t n, const spn_account *account)
{
	const char *label = spn_account_name(account);
	bool at_home = spk_put_domain(repair, scope, account);
	SPK_AUTOFREE const char **operands = calloc(n + 1, sizeof *operands);
	repair->failed |= !operands;
	if (!operands)
		return;
	for (size_t i = 0; i < n; i++)
		operands[i] = names[i].data;
	operands[n] = at_home && *label ? label : spn_account_dn(account);
	spk_shell_operands(repair, operands, n + 1);
}

void spk_put_operands(spk_text *repair, const spk_scope *scope, const char *name, const spn_account *account)
{
	spn_bytes one = name ? spk_bytes(name) : (spn_bytes){ NULL, 0 };
	spk_put_names_of(repair, scope, &one, name ? 1 : 0, account);
}

void spk_put_delete(spk_text *repair, const spk_scope *scope, const char *name, const spn_account *account)
{
	spk_text_add(repair, "spnkit delete");
	spk_put_operands(repair, scope, name, account);
}

/* Which of two accounts a KDC picks is sure only if one domain has both. */
static bool are_in_one_domain(const spk_accounts *some, const spk_accounts *others, spn_error *err, spn_status *ret_status)
{
	SPK_AUTOTEXT spk_text first = { 0 };
	bool are = true;
	spk_dn_domain(spn_account_dn(some->list[0]), &first);
	for (size_t i = 0; i < some->n + others->n && !first.failed; i++) {
		SPK_AUTOTEXT spk_text domain = { 0 };
		spk_dn_domain(spn_account_dn(i < some->n ? some->list[i] : others->list[i - some->n]), &domain);
		first.failed |= domain.failed;
		are &= domain.len == first.len && (!first.len || spk_ascii_equal(domain.data, first.data));
	}
	*ret_status = first.failed ? spk_nomem(err) : SPN_OK;
	return are;
}

/* Deletes the name everywhere else. */
static void put_duplicate_repair(const struct confirm *confirm, const struct held *held, const spn_account *keeper, spk_text *repair)
{
	for (size_t i = 0; keeper && i < held->holders.n; i++) {
		const spn_account *account = held->holders.list[i];
		if (account == keeper)
			continue;
		spk_text_add(repair, "%s", repair->len ? " && " : "");
		spk_put_delete(repair, confirm->scope, spk_account_holds(account, held->name), account);
	}
}

/* Who should keep a duplicate, and why.  NULL: the person who reads it has to find out. */
static const spn_account *choose_keeper(const struct held *held, spk_text *text)
{
	const char *other_name = NULL;
	const spn_account *keeper = spk_likely_holder(&held->holders, held->name, &other_name);
	if (other_name)
		spk_text_add(text, "; '%s' also holds '%s', so it probably runs the service", spk_account_label(keeper), other_name);
	else if (!keeper)
		spk_text_add(text, "; find out which account runs the service, and delete the name from the other%s",
				held->holders.n > 2 ? "s" : "");
	return keeper;
}

static void put_labels(spk_text *text, const spk_accounts *accounts)
{
	enum { SOME = 5 };
	size_t shown = accounts->n <= SOME ? accounts->n : SOME;
	for (size_t i = 0; i < shown; i++)
		spk_text_add(text, "%s'%s'%s", i == 0 ? "" : i + 1 == accounts->n ? " and " : ", ", spk_account_label(accounts->list[i]),
				spn_account_enabled(accounts->list[i]) ? "" : " (disabled)");
	if (shown < accounts->n)
		spk_text_add(text, " and %zu more", accounts->n - shown);
}

/* One finding about the holders of two names; second may be NULL. */
static spn_status tell(const struct confirm *confirm, const char *code, spn_severity severity, const struct held *first,
		const spk_accounts *second, const spk_text *text, const spk_text *repair, spn_error *err)
{
	SPK_AUTOFREE spn_account_ref *refs = calloc(first->holders.n + (second ? second->n : 0), sizeof *refs);
	if (!refs || text->failed || repair->failed)
		return spk_nomem(err);
	size_t n = 0;
	for (size_t i = 0; i < first->holders.n + (second ? second->n : 0); i++) {
		const spn_account *account = i < first->holders.n ? first->holders.list[i] : second->list[i - first->holders.n];
		refs[n++] = (spn_account_ref){ spn_account_dn(account), spn_account_name(account) };
	}
	spk_make_printable(text->data);
	const spn_finding finding = { .code = code, .severity = severity, .spn = first->stored, .accounts = refs, .n_accounts = n,
		.text = text->data, .repair = repair->len ? repair->data : NULL };
	return confirm->to->fn(&finding, confirm->to->data, err);
}

static spn_status note_alias(const char *alias, void *data, spn_error *err)
{
	(void)alias;
	(void)data;
	(void)err;
	return SPN_ERR_STOPPED;
}

/* kadmin/changepw is on the KDC's account of each domain, and meant so. */
static bool are_kdcs(const spk_accounts *holders)
{
	bool are = true;
	for (size_t i = 0; i < holders->n; i++)
		are &= spk_account_is_kdc(holders->list[i]);
	return are;
}

static spn_status tell_duplicate(const struct confirm *confirm, const struct held *held, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 }, repair = { 0 };
	bool has_aliases = spk_mapping_aliases(confirm->mapping, held->name, note_alias, NULL, NULL) == SPN_ERR_STOPPED;
	spn_status status;
	bool together = are_in_one_domain(&held->holders, &(spk_accounts){ NULL, 0 }, err, &status);
	if (status)
		return status;
	spk_text_add(&text, "'%s' is held by ", held->stored);
	put_labels(&text, &held->holders);
	spk_text_add(&text, "%s%s", together ? ": no client gets a ticket for it"
			: " of different domains: for whom a ticket is, if there is one, depends on the domain of the client",
			together && has_aliases ? ", nor for its aliases (http, cifs, ...)" : "");
	put_duplicate_repair(confirm, held, choose_keeper(held, &text), &repair);
	return tell(confirm, "duplicate", SPN_SEVERITY_BROKEN, held, NULL, &text, &repair, err);
}

/* What a person runs who wants the computer to answer: the same that diagnose says. */
static void put_alias_repair(const struct confirm *confirm, const struct held *alias, const struct held *target,
		const spk_accounts *owners, spk_text *repair)
{
	spn_name parts;
	const spn_account *owner = owners->n == 1 ? owners->list[0] : NULL;
	if (owners->n > 1) /* the machine is meant */
		owner = spk_rightful_holder(owners, target->stored);
	if (!owner || spn_name_parse(alias->stored, &parts, NULL) || parts.port.len || parts.service_name.len ||
			!spk_account_is_host(owner, parts.host))
		return;
	SPK_AUTOFREE char *host = strndup(parts.host.data, parts.host.len);
	SPK_AUTOFREE char *service = strndup(parts.service_class.data, parts.service_class.len);
	repair->failed |= !host || !service;
	if (repair->failed)
		return;
	spk_text_add(repair, "spnkit fix ");
	spk_shell_word(repair, host);
	if (!spk_ascii_equal(service, "http")) {
		spk_text_add(repair, " --service ");
		spk_shell_word(repair, service);
	}
	spk_put_domain(repair, confirm->scope, owner);
}

/* Who holds the alias has taken it over from who holds the target; who holds both has taken nothing. */
static spn_status tell_alias(const struct confirm *confirm, const struct held *alias, const struct held *target, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 }, repair = { 0 };
	spk_accounts owners = { .list = calloc(target->holders.n + 1, sizeof *owners.list) };
	if (!owners.list)
		return spk_nomem(err);
	bool taken = false;
	for (size_t i = 0; i < alias->holders.n; i++)
		taken |= !is_among(&target->holders, alias->holders.list[i]);
	for (size_t i = 0; i < target->holders.n; i++)
		if (!is_among(&alias->holders, target->holders.list[i]))
			owners.list[owners.n++] = target->holders.list[i];
	spn_status status = SPN_OK;
	bool together = !taken || !owners.n || are_in_one_domain(&alias->holders, &owners, err, &status);
	if (!status && taken && owners.n) {
		spk_text_add(&text, "'%s' is on ", alias->stored);
		put_labels(&text, &alias->holders);
		spk_text_add(&text, ", while ");
		put_labels(&text, &owners);
		spk_text_add(&text, "%s '%s', of which it is an alias: %s", owners.n > 1 ? " hold" : " holds", target->stored,
				together ? "what runs as " : "they are of different domains, and for whom a ticket is depends on that of the client");
		if (together) {
			put_labels(&text, &owners);
			spk_text_add(&text, " cannot read the tickets for it (0x80090322)");
			put_alias_repair(confirm, alias, target, &owners, &repair);
		}
		status = tell(confirm, "alias-conflict", SPN_SEVERITY_WARNING, alias, &owners, &text, &repair, err);
	}
	free(owners.list);
	return status;
}

static bool is_wanted(const struct confirm *confirm, const char *name)
{
	return !confirm->pattern || spk_glob_match(spk_bytes(confirm->pattern), spk_bytes(name), SPK_FOLD_WINDOWS);
}

static bool is_name(const struct held *held, const char *name)
{
	return spk_fold_equal(spk_bytes(held->name), spk_bytes(name), SPK_FOLD_WINDOWS);
}

/* Two spellings of a suspect that mean the same accounts to the server are one.  All holders are picked from one list, in its order. */
static bool was_before(const struct held *held, size_t i)
{
	const spk_accounts *holders = &held[i].holders;
	for (size_t j = 0; j < i; j++)
		if (held[j].holders.n == holders->n &&
				memcmp(held[j].holders.list, holders->list, holders->n * sizeof *holders->list) == 0 && is_name(&held[j], held[i].name))
			return true;
	return false;
}

static spn_status tell_family(const struct confirm *confirm, const struct held *held, size_t n, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++) {
		SPK_AUTOTEXT spk_text key = { 0 }, target = { 0 };
		if (held[i].holders.n == 0 || was_before(held, i))
			continue;
		spk_fold_key(spk_bytes(held[i].name), SPK_FOLD_WINDOWS, &key);
		bool is_alias = !key.failed && spk_mapping_target(confirm->mapping, key.data, &target);
		if (key.failed || target.failed)
			return spk_nomem(err);
		if (held[i].holders.n > 1 && !are_kdcs(&held[i].holders) && is_wanted(confirm, held[i].stored))
			status = tell_duplicate(confirm, &held[i], err);
		for (size_t j = 0; !status && is_alias && j < n; j++)
			if (held[j].holders.n && is_name(&held[j], target.data) && !was_before(held, j) &&
					(is_wanted(confirm, held[i].stored) || is_wanted(confirm, held[j].stored)))
				status = tell_alias(confirm, &held[i], &held[j], err);
	}
	return status;
}

static spn_status confirm_family(const struct confirm *confirm, const spk_accounts *found, const spk_suspect *suspects, size_t n,
		spn_error *err)
{
	SPK_AUTOFREE struct held *held = calloc(n, sizeof *held);
	if (!held)
		return spk_nomem(err);
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		status = find_holders(confirm, found, &suspects[i], &held[i], err);
	if (!status)
		status = tell_family(confirm, held, n, err);
	for (size_t i = 0; i < n; i++)
		free(held[i].holders.list);
	return status;
}

static size_t family_end(const spk_suspect *suspects, size_t from, size_t n)
{
	size_t i = from;
	while (i < n && suspects[i].family == suspects[from].family)
		i++;
	return i;
}

spn_status spk_duplicates_confirm(const spk_scope *scope, const spk_mapping *mapping, const spk_suspect *suspects,
		size_t n_suspects, const char *pattern, const spk_teller *to, spn_error *err)
{
	const struct confirm confirm = { scope, mapping, pattern, to };
	spn_status status = SPN_OK;
	for (size_t from = 0, to_here; !status && from < n_suspects; from = to_here) {
		SPK_AUTOACCOUNTS spk_accounts found = { 0 };
		for (to_here = from; to_here < n_suspects && to_here - from < NAMES_A_SEARCH;)
			to_here = family_end(suspects, to_here, n_suspects);
		status = search_names(scope, suspects + from, to_here - from, &found, err);
		for (size_t i = from, next; !status && i < to_here; i = next) {
			next = family_end(suspects, i, n_suspects);
			status = confirm_family(&confirm, &found, suspects + i, next - i, err);
		}
	}
	return status;
}
