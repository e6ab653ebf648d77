/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "held.h"
#include "account/hosts.h"
#include "account/proof.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/filter.h"

/* As many names a search as holders.c asks for; a family is not torn apart. */
#define NAMES_A_SEARCH 50
/* A file is read for more and more at a time: whoever holds many names is read each time. */
#define LOCAL_NAMES_MAX 4096
#define LOCAL_ACCOUNTS_MAX 16384

struct confirm {
	const spk_scope *scope;
	const char *pattern;
	const spk_teller *to;
	spk_keys *alone; /* DNs of machines that are known to have their dNSHostName for themselves */
};

/* An account's name in another domain means nobody here, or somebody else. */
void spk_scope_repair(spk_repairs *repairs, const spk_scope *scope, const spn_account *account, spn_repair repair)
{
	const char *context = NULL;
	SPK_AUTOTEXT spk_text own = { 0 }, domain = { 0 };
	spk_dn_domain(spn_account_dn(account), &domain);
	if (scope->n == 1 && !spk_directory_context(scope->dirs[0], "defaultNamingContext", &context, NULL) && context)
		spk_dn_domain(context, &own);
	repairs->failed |= own.failed || domain.failed;
	bool at_home = own.len && domain.len && spk_ascii_equal(own.data, domain.data);
	if (!repair.account && !repair.server)
		repair.account = at_home ? spk_scope_operand(scope, account) : spn_account_dn(account);
	if (!at_home && domain.len)
		repair.domain = domain.data;
	if (at_home)
		spk_repairs_add_in(repairs, scope->dirs[0], repair);
	else
		spk_repairs_add(repairs, &repair);
}

void spk_scope_repair_names(spk_repairs *repairs, const spk_scope *scope, spn_repair_kind kind, const spn_bytes *names,
		size_t n, const spn_account *account)
{
	SPK_AUTOFREE const char **spns = calloc(n + 1, sizeof *spns);
	repairs->failed |= !spns;
	for (size_t i = 0; spns && i < n; i++) {
		if (spk_has_nul(names[i])) { /* whoever reads it would see another name */
			spk_repairs_clear(repairs);
			return;
		}
		spns[i] = names[i].data;
	}
	if (spns)
		spk_scope_repair(repairs, scope, account, (spn_repair){ .kind = kind, .spns = spns, .n_spns = n });
}

void spk_scope_repair_name(spk_repairs *repairs, const spk_scope *scope, spn_repair_kind kind, const char *name,
		const spn_account *account)
{
	const spn_bytes one = spk_bytes(name);
	spk_scope_repair_names(repairs, scope, kind, &one, 1, account);
}

/* Which of two accounts a KDC picks is sure only if one domain has both. */
static bool are_in_one_domain(
		const spk_accounts *some, const spk_accounts *others, spn_error *err, spn_status *ret_status)
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

/* The root domain of the forest that an account is in; NULL: not known, as in a file without the Configuration, which
 * hangs below it. */
static const char *forest_of(const struct confirm *confirm, const spn_account *account)
{
	const char *root = NULL, *config = NULL;
	spn_directory *dir = spn_directory_of_dn(confirm->scope->dirs, confirm->scope->n, spn_account_dn(account));
	if (!dir || spk_directory_context(dir, "configurationNamingContext", &config, NULL) || !config)
		return NULL;
	return spk_directory_context(dir, "rootDomainNamingContext", &root, NULL) ? NULL : root;
}

/* Whether each of them is in a forest of its own: no KDC looks for a name in another one that its own domain has. */
static bool are_in_forests_of_their_own(const struct confirm *confirm, const spk_accounts *accounts)
{
	bool are = accounts->n <= confirm->scope->n;
	for (size_t i = 1; are && i < accounts->n; i++)
		for (size_t j = 0; are && j < i; j++) {
			const char *a = forest_of(confirm, accounts->list[i]), *b = forest_of(confirm, accounts->list[j]);
			are = a && b && !spk_dn_equal(a, b);
		}
	return are;
}

/* Whether no forest has one of these and one of those. */
static bool have_no_forest_in_common(
		const struct confirm *confirm, const spk_accounts *some, const spk_accounts *others)
{
	bool have_none = confirm->scope->n > 1;
	for (size_t i = 0; have_none && i < some->n; i++)
		for (size_t j = 0; have_none && j < others->n; j++) {
			const char *a = forest_of(confirm, some->list[i]), *b = forest_of(confirm, others->list[j]);
			have_none = a && b && !spk_dn_equal(a, b);
		}
	return have_none;
}

/* Deletes the name everywhere else. */
static void put_duplicate_repair(
		const struct confirm *confirm, const spk_held *held, const spn_account *keeper, spk_repairs *repairs)
{
	for (size_t i = 0; keeper && i < held->holders.n; i++) {
		const spn_account *account = held->holders.list[i];
		if (account == keeper)
			continue;
		if (held->holdings[i].has_nul) { /* the repair would name another one */
			spk_repairs_clear(repairs);
			return;
		}
		spk_scope_repair_name(repairs, confirm->scope, SPN_REPAIR_DELETE, held->holdings[i].stored, account);
	}
}

/* What an account is called beside others: by its DN if one of them is called as it is, in another domain. */
static const char *label_among(const spn_account *account, const spk_accounts *some, const spk_accounts *others)
{
	const char *label = spk_account_label(account), *dn = spn_account_dn(account);
	for (size_t i = 0; i < some->n + others->n; i++) {
		const spn_account *other = i < some->n ? some->list[i] : others->list[i - some->n];
		if (spk_ascii_equal(spk_account_label(other), label) && !spk_dn_equal(spn_account_dn(other), dn))
			return dn;
	}
	return label;
}

static const spk_accounts no_others = { NULL, 0 };

/* The only holder that lost no replication conflict, be it disabled: nothing logs on as the others.  NULL: there are
 * none of them, or several others. */
static const spn_account *only_survivor(const spk_accounts *holders, const spn_account **ret_remnant)
{
	const spn_account *found = NULL;
	size_t n = 0;
	for (size_t i = 0; i < holders->n; i++) {
		if (spk_account_is_remnant(holders->list[i])) {
			*ret_remnant = holders->list[i];
			continue;
		}
		found = holders->list[i];
		n++;
	}
	return n == 1 && *ret_remnant ? found : NULL;
}

/* Who should keep a duplicate, and why.  NULL: the person who reads it has to find out. */
static spn_status choose_keeper(spk_held_names *names, const spk_held *held, spk_text *text,
		const spn_account **ret_keeper, spn_error *err)
{
	const char *other_name = NULL;
	const spn_account *remnant = NULL;
	*ret_keeper = spk_likely_holder(&held->holders, held->suspect->name);
	if (!*ret_keeper && (*ret_keeper = only_survivor(&held->holders, &remnant))) {
		spk_text_add(text, "; '%s' lost a replication conflict, so nothing logs on as it",
				label_among(remnant, &held->holders, &no_others));
		return SPN_OK;
	}
	spn_status status = *ret_keeper ? SPN_OK : spk_held_sibling(names, held, ret_keeper, &other_name, err);
	if (*ret_keeper && spk_account_is_remnant(*ret_keeper))
		*ret_keeper = NULL;
	if (*ret_keeper && other_name)
		spk_text_add(text, "; '%s' also holds '%s', so it probably runs the service",
				label_among(*ret_keeper, &held->holders, &no_others), other_name);
	else if (!*ret_keeper)
		spk_text_add(text, "; find out which account runs the service, and delete the name from the other%s",
				held->holders.n > 2 ? "s" : "");
	return status;
}

static void put_labels(spk_text *text, const spk_accounts *accounts, const spk_accounts *others)
{
	enum { SOME = 5 };
	size_t shown = accounts->n <= SOME ? accounts->n : SOME;
	for (size_t i = 0; i < shown; i++)
		spk_text_add(text, "%s'%s'%s", i == 0 ? "" : i + 1 == accounts->n ? " and " : ", ",
				label_among(accounts->list[i], accounts, others),
				spn_account_enabled(accounts->list[i]) ? "" : " (disabled)");
	if (shown < accounts->n)
		spk_text_add(text, " and %zu more", accounts->n - shown);
}

/* One finding about the holders of two names; second may be NULL. */
static spn_status tell(const struct confirm *confirm, const char *code, spn_severity severity, const spk_held *first,
		const spk_accounts *second, const spk_text *text, const spk_repairs *repairs, spn_error *err)
{
	SPK_AUTOFREE spn_account_ref *refs = calloc(first->holders.n + (second ? second->n : 0), sizeof *refs);
	if (!refs || text->failed || repairs->failed)
		return spk_nomem(err);
	size_t n = 0;
	for (size_t i = 0; i < first->holders.n + (second ? second->n : 0); i++) {
		const spn_account *account = i < first->holders.n ? first->holders.list[i] : second->list[i - first->holders.n];
		refs[n++] = spk_account_ref(account);
	}
	spk_make_printable(text->data);
	const spn_finding finding = { .code = code,
		.severity = severity,
		.spn = first->stored,
		.accounts = refs,
		.n_accounts = n,
		.text = text->data,
		.repairs = repairs->list,
		.n_repairs = repairs->n };
	return spk_tell_finding(confirm->to, &finding, err);
}

/* kadmin/changepw is on the KDC's account of each domain, and meant so. */
static bool are_kdcs(const spk_accounts *holders)
{
	bool are = true;
	for (size_t i = 0; i < holders->n; i++)
		are &= spn_account_is_kdc(holders->list[i]);
	return are;
}

static spn_status tell_duplicate(
		const struct confirm *confirm, spk_held_names *names, const spk_held *held, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	const spn_account *keeper = NULL;
	spn_status status;
	bool together = are_in_one_domain(&held->holders, &no_others, err, &status);
	if (status)
		return status;
	spk_text_add(&text, "'%s' is held by ", held->stored);
	put_labels(&text, &held->holders, &no_others);
	if (are_in_forests_of_their_own(confirm, &held->holders)) {
		spk_text_add(&text, " of different forests: each KDC gives tickets for the account of its own");
		return tell(confirm, "duplicate", SPN_SEVERITY_NOTICE, held, NULL, &text, &repairs, err);
	}
	spk_text_add(&text, "%s%s", together ? ": no client gets a ticket for it"
			: " of different domains: for whom a ticket is, if there is one, depends on the domain of the client",
			together && held->suspect->is_target ? ", nor for its aliases (http, cifs, ...)" : "");
	status = choose_keeper(names, held, &text, &keeper, err);
	if (status)
		return status;
	put_duplicate_repair(confirm, held, keeper, &repairs);
	return tell(confirm, "duplicate", SPN_SEVERITY_BROKEN, held, NULL, &text, &repairs, err);
}

#define MANY_HOSTS 20

/* Another machine in use that has the dNSHostName of this one. */
struct twin {
	const spn_account *account;
	size_t n_seen;
	bool is_there;
};

static spn_status note_twin(const spn_entry *entry, void *data, spn_error *err)
{
	struct twin *twin = data;
	SPK_AUTO(spn_account) *other = NULL;
	spn_status status = spk_account_new(entry, &other, err);
	if (status)
		return status;
	twin->is_there = spk_is_same_host(twin->account, other) || ++twin->n_seen > MANY_HOSTS;
	return twin->is_there ? spn_fail(err, SPN_ERR_STOPPED, 0, "that is enough") : SPN_OK;
}

/* Then fix refuses to choose.  So does this if it would take long. */
static spn_status find_twin(const struct confirm *confirm, const spn_account *owner, bool *ret_is_there, spn_error *err)
{
	static const char *const attrs[] = { SPK_PROOF_ATTRS, NULL };
	struct twin twin = { owner, 0, false };
	const char *dns = spn_account_dns_host(owner);
	const spn_bytes dn = spk_bytes(spn_account_dn(owner));
	if (!dns || spk_keys_find(confirm->alone, dn) != SIZE_MAX)
		return SPN_OK;
	SPK_AUTOFREE char *dotted = spk_printf("%s.", dns);
	const spn_filter equals[] = {
		{ .op = SPN_FILTER_EQUAL, .attr = "dNSHostName", .value = spk_bytes(dns) },
		{ .op = SPN_FILTER_EQUAL, .attr = "dNSHostName", .value = spk_bytes(dotted ? dotted : "") },
	};
	const spn_filter *const parts[] = { &equals[0], &equals[1], NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	if (!dotted)
		return spk_nomem(err);
	spn_error why = { .status = SPN_OK };
	spn_status status = spk_scope_search(confirm->scope, &any, attrs, note_twin, &twin, &why);
	*ret_is_there = twin.is_there;
	if (twin.is_there)
		return SPN_OK;
	if (status)
		return spk_fail_as(err, status, &why, "%s", why.message);
	return spk_keys_add(confirm->alone, dn) == SIZE_MAX ? spk_nomem(err) : SPN_OK;
}

/* Whether a command that names the host finds this computer: another one may have an additional name of it too. */
static bool is_found_by(const struct confirm *confirm, const spn_account *owner, const char *host)
{
	SPK_AUTO(spn_account) *found = NULL;
	spn_error why = { .status = SPN_OK };
	if (spk_account_is_host(owner, spk_bytes(host)))
		return true;
	/* of a machine with very many hosts, each look would go over all of them */
	const spn_bytes *values;
	if (spn_entry_values(owner->entry, "msDS-AdditionalDnsHostName", &values) > MANY_HOSTS ||
			spn_entry_values(owner->entry, "msDS-AdditionalSamAccountName", &values) > MANY_HOSTS)
		return false;
	return spk_account_claims_host(owner, spk_bytes(host)) && confirm->scope->n == 1 &&
			!spk_computer_find(confirm->scope->dirs[0], host, false, &found, &why) &&
			spk_dn_equal(spn_account_dn(found), spn_account_dn(owner));
}

/* What a person runs who wants the computer to answer: the same that diagnose says.  *ret_owner is set to that
 * computer only if there is a repair. */
static spn_status put_alias_repair(const struct confirm *confirm, const spk_held *alias, const spk_held *target,
		const spk_accounts *owners, spk_repairs *repairs, const spn_account **ret_owner, spn_error *err)
{
	spn_name parts;
	bool has_twin = false;
	const spn_account *owner = owners->n == 1 ? owners->list[0] : NULL;
	if (owners->n > 1) /* the machine is meant */
		owner = spk_rightful_holder(owners, target->stored);
	if (!owner || spn_name_parse(alias->stored, &parts, NULL) || parts.port.len || parts.service_name.len)
		return SPN_OK;
	SPK_AUTOFREE char *host = strndup(parts.host.data, parts.host.len);
	SPK_AUTOFREE char *service = strndup(parts.service_class.data, parts.service_class.len);
	if (!host || !service)
		return spk_nomem(err);
	if (!is_found_by(confirm, owner, host))
		return SPN_OK;
	spn_status status = find_twin(confirm, owner, &has_twin, err);
	if (status || has_twin)
		return status;
	spk_scope_repair(repairs, confirm->scope, owner,
			(spn_repair){ .kind = SPN_REPAIR_FIX, .server = host, .service = service });
	*ret_owner = owner;
	return SPN_OK;
}

static void mark(spk_held_names *names, const spk_held *held, bool marked)
{
	for (size_t i = 0; i < held->holders.n; i++)
		names->marked[names->same[held->holdings[i].account]] = marked;
}

/* Whether one of the holders of a name is not marked. */
static bool is_elsewhere(const spk_held_names *names, const spk_held *held)
{
	for (size_t i = 0; i < held->holders.n; i++)
		if (!names->marked[names->same[held->holdings[i].account]])
			return true;
	return false;
}

/* What no machine of Windows has: its services have keytabs of their own, for which the name is where it is by right.
 */
static bool is_of_other_system(const spk_accounts *owners)
{
	bool is = owners->n > 0;
	for (size_t i = 0; i < owners->n; i++)
		is &= spk_account_is_no_windows(owners->list[i]);
	return is;
}

static spn_status put_conflict(const struct confirm *confirm, const spk_held *alias, const spk_held *target,
		const spk_accounts *owners, bool apart, spk_text *text, spk_repairs *repairs, spn_error *err)
{
	spn_status status = SPN_OK;
	bool together = are_in_one_domain(&alias->holders, owners, err, &status);
	spk_text_add(text, "'%s' is on ", alias->stored);
	put_labels(text, &alias->holders, owners);
	spk_text_add(text, ", while ");
	put_labels(text, owners, &alias->holders);
	spk_text_add(text, "%s '%s', of which it is an alias: %s", owners->n > 1 ? " hold" : " holds", target->stored,
			together ? "what runs as " :
			apart    ? "they are of different forests, and each KDC gives tickets for the account of its own" :
				   "they are of different domains, and for whom a ticket is depends on that of the "
				   "client");
	if (together) {
		put_labels(text, owners, &alias->holders);
		spk_text_add(text, " cannot read the tickets for it (0x80090322)");
		const spn_account *owner = NULL;
		if (!status && !is_of_other_system(owners))
			status = put_alias_repair(confirm, alias, target, owners, repairs, &owner, err);
		/* nobody wrote on purpose what is malformed */
		if (!owner && alias->holders.n == 1 && spn_name_parse(alias->stored, &(spn_name){ .port = { NULL, 0 } }, NULL))
			spk_scope_repair_name(repairs, confirm->scope, SPN_REPAIR_DELETE, alias->holdings[0].stored,
					alias->holders.list[0]);
		if (is_of_other_system(owners))
			spk_text_add(text, "; a service with a keytab of its own may be meant to");
		if (owner && spn_entry_values(owner->entry, SPK_CREATOR, NULL)) {
			spk_text_add(text, "; ");
			spk_creator_put(text, owner);
		}
	}
	return status;
}

/* The account that Samba makes for BIND on each of its controllers: "dns-DC1" holds DNS/dc1.... */
static bool is_of_bind(const spk_held *alias, const spk_accounts *owners)
{
	static const char prefix[] = "dns-";
	spn_name parts;
	if (alias->holders.n != 1 || owners->n != 1 || !spk_account_is_controller(owners->list[0]) ||
			spn_name_parse(alias->stored, &parts, NULL) || !spk_fold_equal(parts.service_class, spk_bytes("DNS"), SPK_FOLD_CASE))
		return false;
	const char *holder = spn_account_name(alias->holders.list[0]), *machine = spn_account_name(owners->list[0]);
	size_t len = strlen(machine);
	return strncasecmp(holder, prefix, sizeof prefix - 1) == 0 && len > 0 &&
			spk_fold_equal(spk_bytes(holder + sizeof prefix - 1), (spn_bytes){ machine, len - 1 }, SPK_FOLD_CASE);
}

/* A machine that was retired as a rule keeps its names: nothing runs as it, and so nothing lacks the tickets. */
static bool is_retired(const spn_account *account)
{
	return spn_account_get_kind(account) == SPN_KIND_COMPUTER && spk_why_unused(account);
}

/* Who holds the alias has taken it over from who holds the target; who holds both has taken nothing. */
static spn_status tell_alias(const struct confirm *confirm, spk_held_names *names, const spk_held *alias,
		const spk_held *target, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	SPK_AUTOFREE spn_account **list = calloc(target->holders.n + 1, sizeof *list);
	spk_accounts owners = { .list = list };
	if (!list)
		return spk_nomem(err);
	mark(names, target, true);
	bool taken = is_elsewhere(names, alias);
	mark(names, target, false);
	mark(names, alias, true);
	for (size_t i = 0; i < target->holders.n; i++)
		if (!names->marked[names->same[target->holdings[i].account]] && !is_retired(target->holders.list[i]))
			owners.list[owners.n++] = target->holders.list[i];
	mark(names, alias, false);
	if (!taken || !owners.n)
		return SPN_OK;
	if (is_of_bind(alias, &owners))
		return SPN_OK;
	bool apart = have_no_forest_in_common(confirm, &alias->holders, &owners);
	spn_severity severity = apart || is_of_other_system(&owners) ? SPN_SEVERITY_NOTICE : SPN_SEVERITY_WARNING;
	spn_status status = put_conflict(confirm, alias, target, &owners, apart, &text, &repairs, err);
	return status ? status : tell(confirm, "alias-conflict", severity, alias, &owners, &text, &repairs, err);
}

static bool is_wanted(const struct confirm *confirm, const char *name)
{
	return !confirm->pattern || spk_glob_match(spk_bytes(confirm->pattern), spk_bytes(name), SPK_FOLD_WINDOWS);
}

static spn_status tell_aliases(
		const struct confirm *confirm, spk_held_names *names, const spk_held *alias, spn_error *err)
{
	const spk_held_group *group;
	spn_status status = spk_held_target(names, alias, &group, err);
	for (size_t i = 0; !status && group && i < group->n; i++) {
		const spk_held *target = &names->list[group->first + i];
		bool means = false;
		if (!is_wanted(confirm, alias->stored) && !is_wanted(confirm, target->stored))
			continue;
		status = spk_held_means(names, alias, target, &means, err);
		if (!status && means)
			status = tell_alias(confirm, names, alias, target, err);
	}
	return status;
}

static spn_status tell_all(const struct confirm *confirm, spk_held_names *names, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < names->n; i++) {
		const spk_held *held = &names->list[i];
		if (held->holders.n > 1 && !are_kdcs(&held->holders) && is_wanted(confirm, held->stored))
			status = tell_duplicate(confirm, names, held, err);
		if (!status)
			status = tell_aliases(confirm, names, held, err);
	}
	return status;
}

/* Some families; ret_n: how many accounts they are about. */
static spn_status confirm_some(
		const struct confirm *confirm, const spk_suspect *suspects, size_t n, size_t *ret_n, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts found = { 0 };
	spk_held_names names = { 0 };
	spn_status status = spk_suspects_search(confirm->scope, suspects, n, &found, err);
	if (!status)
		status = spk_held_find(confirm->scope, suspects, n, &found, &names, err);
	if (!status)
		status = tell_all(confirm, &names, err);
	spk_held_free(&names);
	*ret_n = found.n;
	return status;
}

static size_t family_end(const spk_suspect *suspects, size_t from, size_t n)
{
	size_t i = from;
	while (i < n && suspects[i].family == suspects[from].family)
		i++;
	return i;
}

static bool is_local(const spk_scope *scope)
{
	bool local = true;
	for (size_t i = 0; i < scope->n; i++)
		local &= spk_directory_is_local(scope->dirs[i]);
	return local;
}

/* How many names to ask for next: of a file twice as many, as long as memory allows. */
static size_t next_size(size_t size, size_t n_accounts)
{
	if (n_accounts > LOCAL_ACCOUNTS_MAX)
		return size / 2 > NAMES_A_SEARCH ? size / 2 : NAMES_A_SEARCH;
	return size < LOCAL_NAMES_MAX ? 2 * size : size;
}

spn_status spk_duplicates_confirm(const spk_scope *scope, const spk_suspect *suspects, size_t n_suspects,
		const char *pattern, const spk_teller *to, spn_error *err)
{
	SPK_AUTOKEYS spk_keys alone = { 0 };
	const struct confirm confirm = { scope, pattern, to, &alone };
	spn_status status = SPN_OK;
	bool grows = is_local(scope);
	size_t size = NAMES_A_SEARCH;
	for (size_t from = 0, to_here; !status && from < n_suspects; from = to_here) {
		size_t n_accounts = 0;
		for (to_here = from; to_here < n_suspects && to_here - from < size;)
			to_here = family_end(suspects, to_here, n_suspects);
		status = confirm_some(&confirm, suspects + from, to_here - from, &n_accounts, err);
		if (grows)
			size = next_size(size, n_accounts);
	}
	return status;
}
