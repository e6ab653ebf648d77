/* SPDX-License-Identifier: MIT */
/*
 * Computers without the names that clients ask for.  Whether somebody else has the name or the host takes a search:
 * those that lack some are noted, and judged many at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "account/creator.h"
#include "account/hosts.h"
#include "account/proof.h"
#include "account/roll.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/fold.h"

static bool holds_for(const spn_account *account, const char *service, spn_bytes host, spk_text *name)
{
	spk_text_clear(name);
	spk_text_add_bytes(name, service, strlen(service));
	spk_text_add_char(name, '/');
	spk_text_add_bytes(name, host.data, host.len);
	return !name->failed && spn_account_holds(account, name->data);
}

static spn_status add_name(spk_names *names, const char *service, const char *host, spn_error *err)
{
	SPK_AUTOFREE char *name = spk_printf("%s/%s", service, host);
	return name ? spk_names_add(names, name, err) : spk_nomem(err);
}

/* A NetBIOS name that is cut off may be missing where the first label in DNS is there. */
static spn_status find_missing(
		const spn_account *account, const char *service, const spk_hosts *hosts, spk_names *ret, spn_error *err)
{
	SPK_AUTOTEXT spk_text name = { 0 };
	const spn_bytes label = { hosts->fqdn, strcspn(hosts->fqdn, ".") };
	bool lacks_short = hosts->has_short_default && !holds_for(account, service, spk_bytes(hosts->short_name), &name) &&
			!name.failed && !holds_for(account, service, label, &name);
	bool lacks_fqdn = !name.failed && hosts->fqdn != hosts->short_name && spn_account_dns_host(account) &&
			!holds_for(account, service, spk_bytes(hosts->fqdn), &name);
	spn_status status = name.failed ? spk_nomem(err) : SPN_OK;
	if (!status && lacks_short)
		status = add_name(ret, service, hosts->short_name, err);
	return status || !lacks_fqdn ? status : add_name(ret, service, hosts->fqdn, err);
}

static void put_list(spk_text *text, const spk_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		spk_text_add(text, "%s'%s'", i ? " and " : "", names->list[i]);
}

/* Whether a computer holds HOST/host, spelled in letters that are equal but for case. */
static bool holds_plainly(const spn_account *account, spn_bytes host)
{
	static const char class[] = "HOST/";
	const size_t n_class = sizeof class - 1;
	const spn_bytes *names;
	for (size_t i = 0, n = spn_account_spns(account, &names); i < n; i++)
		if (names[i].len == n_class + host.len &&
				spk_fold_equal((spn_bytes){ names[i].data, n_class }, (spn_bytes){ class, n_class }, SPK_FOLD_WINDOWS) &&
				spk_fold_equal((spn_bytes){ names[i].data + n_class, host.len }, host, SPK_FOLD_WINDOWS))
			return true;
	return false;
}

/* Whether find_missing finds nothing, as of most computers: then their hosts need not be put together. */
static bool has_both_names(const spn_account *account)
{
	const char *dns = spn_account_dns_host(account), *name = spn_account_name(account);
	size_t len = strlen(name);
	len -= len > 0 && name[len - 1] == '$';
	return dns && len > 0 && holds_plainly(account, (spn_bytes){ name, len }) && holds_plainly(account, spk_bytes(dns));
}

static bool is_windows_server(const spn_account *account)
{
	const char *system = spn_entry_text(account->entry, "operatingSystem");
	return system && strncmp(system, "Windows Server", 14) == 0;
}

/* Windows Server has WinRM enabled.  Not looked at: clusters, whose names no WinRM registers, and controllers, where
 * the event is usual (AdminSDHolder takes the right away) and HOST/ serves. */
static spn_status tell_no_wsman(const spk_audit *audit, const spk_rule *rule, const spn_account *account,
		const spk_hosts *hosts, spn_error *err)
{
	SPK_AUTONAMES spk_names missing = { 0 };
	SPK_AUTOTEXT spk_text list = { 0 };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	if (!is_windows_server(account) || spk_account_is_cluster_name(account) || spk_account_may_be_controller(account))
		return SPN_OK;
	spn_status status = find_missing(account, "WSMAN", hosts, &missing, err);
	if (status || !missing.n)
		return status;
	SPK_AUTOFREE char *by_short_name = spk_printf("WSMAN/%s", hosts->short_name);
	SPK_AUTOFREE char *by_fqdn = spk_printf("WSMAN/%s", hosts->fqdn);
	if (!by_short_name || !by_fqdn)
		return spk_nomem(err);
	const spn_bytes names[] = { spk_bytes(by_short_name), spk_bytes(by_fqdn) };
	put_list(&list, &missing);
	spk_scope_repair_names(&repairs, audit->scope, SPN_REPAIR_ADD, names,
			spn_account_dns_host(account) && hosts->fqdn != hosts->short_name ? 2 : 1, account);
	return list.failed ?
			spk_nomem(err) :
			spk_tell(audit->to, err, rule->code, SPN_SEVERITY_NOTICE, NULL, account, &repairs,
					"'%s' lacks %s: WinRM could not register %s (event 10154), and clients that "
					"ask for WSMAN/ do not find it",
					spk_account_label(account), list.data, missing.n > 1 ? "them" : "it");
}

/* Whether it has registered itself, or part of that is left: whoever makes an account beforehand, or for one service,
 * does not.  HOST/ for the FQDN without other names of its kind is what msktutil writes, which adds the short name to
 * services only that are named to it. */
static bool has_names_of_machine(const spn_account *account)
{
	const spn_bytes *names;
	const char *dns = spn_account_dns_host(account);
	spn_name name;
	bool has_host = false, has_fqdn = false;
	for (size_t i = 0, n = spn_account_spns(account, &names); i < n; i++) {
		if (spn_name_parse(names[i].data, &name, NULL) || !spk_is_machine_class(name.service_class))
			continue;
		if (!spk_fold_equal(name.service_class, spk_bytes("HOST"), SPK_FOLD_WINDOWS))
			return true;
		has_host = true;
		has_fqdn |= dns && spk_fold_equal(name.host, spk_bytes(dns), SPK_FOLD_WINDOWS);
	}
	return has_host && !has_fqdn;
}

/* A repair that gives names to a computer comes with who may know its password. */
static void put_creator(spk_text *text, const spn_account *account)
{
	SPK_AUTOTEXT spk_text creator = { 0 };
	spk_creator_put(&creator, account);
	if (creator.len)
		spk_text_add(text, "; %s", creator.data);
	text->failed |= creator.failed;
}

/* other: a computer with the same dNSHostName, or NULL.  One of the two has it by mistake, and so no right to the
 * names. */
static spn_status tell_missing(const spk_audit *audit, const spn_account *account, const char *missing,
		const spn_account *other, spn_error *err)
{
	SPK_AUTOTEXT spk_text creator = { 0 };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	bool has_fqdn = spn_account_dns_host(account),
	     is_sure = spk_account_is_windows(account) || has_names_of_machine(account);
	if (other)
		return spk_tell(audit->to, err, "missing", is_sure ? SPN_SEVERITY_WARNING : SPN_SEVERITY_NOTICE, NULL,
				account, NULL,
				"'%s' lacks %s, but its dNSHostName '%s' is that "
				"of '%s' too: correct it at the one that is not the machine",
				spk_account_label(account), missing, spn_account_dns_host(account),
				spk_account_label(other));
	if (spk_account_is_cluster_name(account)) /* whether anything is reached by this name, only the cluster knows */
		return spk_tell(audit->to, err, "missing", SPN_SEVERITY_NOTICE, NULL, account, NULL,
				"'%s' is the name of a cluster and lacks %s: if "
				"clients reach file shares or the like by it, take the network name offline and online "
				"again, and the cluster registers them",
				spk_account_label(account), missing);
	put_creator(&creator, account);
	if (creator.failed)
		return spk_nomem(err);
	if (!has_fqdn || !is_sure)
		return spk_tell(audit->to, err, "missing", SPN_SEVERITY_NOTICE, NULL, account, NULL,
				"'%s' lacks %s: if it is a machine with "
				"Windows, WinRM, file shares and what else runs as the computer is not found under %s",
				spk_account_label(account), missing,
				strstr(missing, " and ") ? "these names" : "this name");
	spk_scope_repair(&repairs, audit->scope, account, (spn_repair){ .kind = SPN_REPAIR_DEFAULTS });
	return spk_tell(audit->to, err, "missing", SPN_SEVERITY_WARNING, NULL, account, &repairs,
			"'%s' lacks %s: WinRM, file shares and "
			"what else runs as the computer is not found under %s%s",
			spk_account_label(account), missing, strstr(missing, " and ") ? "these names" : "this name",
			creator.len ? creator.data : "");
}

/* Who answers for some of the names that a computer lacks. */
struct other {
	const spn_account *account;
	bool is_holder;
	bool is_by_cn; /* Samba's KDC finds it by its cn, so that nobody else can take the names */
	const spn_account *second; /* where nobody holds them, another one that is found so; NULL: there is none */
	spk_names names;
};

static void clear_other(struct other *other)
{
	spk_names_free(&other->names);
}

/* What has to be done about the other one. */
static void put_advice(spk_text *text, const struct other *other, bool is_left)
{
	if (!is_left)
		spk_text_add(text, "; find out which of the two is the machine, and correct the other");
	else if (other->is_by_cn)
		spk_text_add(text, "; Samba's KDC finds '%s' by its cn: give it another, or delete it if nothing uses it",
				spk_account_label(other->account));
}

/* Some of the names that a computer lacks are on another account.  What was left on one that is switched off goes to
 * the machine. */
static spn_status tell_held(
		const spk_audit *audit, const spn_account *account, const struct other *on_other, spn_error *err)
{
	SPK_AUTOTEXT spk_text list = { 0 }, text = { 0 };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	const spn_account *holder = on_other->account;
	const spk_names *held = &on_other->names;
	bool is_left = !spn_account_enabled(holder) || spk_account_is_remnant(holder);
	const char *label = spk_account_label(account), *other = spk_account_label(holder);
	put_list(&list, held);
	spk_text_add(&text,
			"'%s' lacks %s, which '%s'%s %s: clients that ask for this host get tickets that '%s' "
			"cannot read (0x80090322)",
			label, list.data ? list.data : "", other, is_left ? ", which is not in use," : "",
			on_other->is_holder ? "holds" : "answers for by its cn", label);
	put_advice(&text, on_other, is_left);
	if (is_left && !on_other->is_by_cn) {
		put_creator(&text, account);
		spk_scope_repair(&repairs, audit->scope, account, (spn_repair){ .kind = SPN_REPAIR_MOVE,
				.spns = (const char *const *)held->list, .n_spns = held->n,
				.account = spn_account_dn(holder), .to = spn_account_dn(account) });
	}
	const spn_account_ref refs[] = { spk_account_ref(account), spk_account_ref(holder) };
	const spn_finding finding = { .code = "wrong-account",
		.severity = SPN_SEVERITY_WARNING,
		.spn = held->list[0],
		.accounts = refs,
		.n_accounts = 2,
		.text = text.data,
		.repairs = repairs.list,
		.n_repairs = repairs.n };
	return list.failed || text.failed || repairs.failed ? spk_nomem(err) : spk_tell_finding(audit->to, &finding, err);
}

/* Nobody holds some of the names, and Samba's KDC finds two computers for them: this one and another, or two others. */
static spn_status tell_twice(
		const spk_audit *audit, const spn_account *account, const struct other *found, spn_error *err)
{
	SPK_AUTOTEXT spk_text list = { 0 };
	put_list(&list, &found->names);
	if (list.failed)
		return spk_nomem(err);
	if (found->second)
		return spk_tell(audit->to, err, "missing", SPN_SEVERITY_WARNING, NULL, account, NULL,
				"'%s' lacks %s, for which Samba's KDC finds '%s' and '%s', by their cn: no client gets a "
				"ticket; give both of them another, or delete those that nothing uses",
				spk_account_label(account), list.data, spn_account_dn(found->account),
				spn_account_dn(found->second));
	return spk_tell(audit->to, err, "missing", SPN_SEVERITY_WARNING, NULL, account, NULL,
			"'%s' lacks %s, for which Samba's KDC finds '%s' as well, by its cn: no client gets a ticket; "
			"both have that cn: give one of them another",
			spk_account_label(account), list.data, spn_account_dn(found->account));
}

/* Without a host there is nothing to find. */
static bool is_machine_in_use(const spn_account *account)
{
	return spn_account_enabled(account) && spk_account_has_host(account) && spk_account_is_machine(account) &&
			!spk_account_is_remnant(account) && *spn_account_name(account) && !spk_entry_lacks_names(account->entry);
}

/* HOST/ is what WinRM's clients mean by http/; WSMAN/ is for those that were told to ask for it. */
spn_status spk_rule_missing(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err)
{
	SPK_AUTONAMES spk_names missing = { 0 };
	SPK_AUTOHOSTS spk_hosts hosts = { .list = NULL };
	if (!is_machine_in_use(account) || (has_both_names(account) && !is_windows_server(account)))
		return SPN_OK;
	spn_status status = spk_hosts_of(account, &hosts, err);
	if (!status)
		status = find_missing(account, "HOST", &hosts, &missing, err);
	if (status)
		return status;
	return missing.n ? spk_lacking_note(audit, account, err) : tell_no_wsman(audit, rule, account, &hosts, err);
}

/* Computers by dNSHostName: two of each are enough to know another one than either. */
struct namesakes {
	spk_accounts found;
	spk_keys hosts; /* folded */
	size_t (*of)[2]; /* of each host: places in found and one; 0: none */
};

static void clear(struct namesakes *namesakes)
{
	spk_accounts_free(&namesakes->found);
	spk_keys_free(&namesakes->hosts);
	free(namesakes->of);
}

/* ret_number: SIZE_MAX if it is not one of them. */
static spn_status find_host(const struct namesakes *namesakes, const char *host, size_t *ret_number, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	*ret_number = SIZE_MAX;
	if (!host)
		return SPN_OK;
	size_t len = strlen(host);
	spk_fold_key((spn_bytes){ host, len - (len && host[len - 1] == '.') }, SPK_FOLD_WINDOWS, &key);
	if (key.len)
		*ret_number = spk_keys_find(&namesakes->hosts, (spn_bytes){ key.data, key.len });
	return key.failed ? spk_nomem(err) : SPN_OK;
}

static spn_status take_namesake(const spn_entry *entry, void *data, spn_error *err)
{
	struct namesakes *namesakes = data;
	size_t number;
	spn_status status = find_host(namesakes, spn_entry_text(entry, "dNSHostName"), &number, err);
	if (status || number == SIZE_MAX || namesakes->of[number][1])
		return status;
	namesakes->of[number][namesakes->of[number][0] != 0] = namesakes->found.n + 1;
	return spk_accounts_add(&namesakes->found, entry, err);
}

static spn_status find_namesakes(
		const spk_audit *audit, const spk_accounts *noted, struct namesakes *ret, spn_error *err)
{
	static const char *const attrs[] = { "sAMAccountName", "dNSHostName", NULL };
	SPK_AUTONAMES spk_names hosts = { 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < noted->n; i++) {
		SPK_AUTOTEXT spk_text key = { 0 };
		const char *host = spn_account_dns_host(noted->list[i]);
		size_t n = ret->hosts.n;
		if (!host)
			continue;
		spk_fold_key(spk_bytes(host), SPK_FOLD_WINDOWS, &key);
		if (key.failed || spk_keys_add(&ret->hosts, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
			return spk_nomem(err);
		SPK_AUTOFREE char *with_dot = spk_printf("%s.", host); /* as some have it */
		status = ret->hosts.n == n ? SPN_OK : with_dot ? spk_names_add(&hosts, host, err) : spk_nomem(err);
		if (!status && ret->hosts.n > n)
			status = spk_names_add(&hosts, with_dot, err);
	}
	ret->of = calloc(ret->hosts.n + 1, sizeof *ret->of);
	if (!status && !ret->of)
		status = spk_nomem(err);
	return status ? status : spk_audit_search_values(audit, "dNSHostName", &hosts, attrs, take_namesake, ret, err);
}

static spn_status find_namesake(const struct namesakes *namesakes, const spn_account *account,
		const spn_account **ret_other, spn_error *err)
{
	size_t number;
	spn_status status = find_host(namesakes, spn_account_dns_host(account), &number, err);
	*ret_other = NULL;
	for (size_t i = 0; !status && number != SIZE_MAX && i < 2; i++) {
		size_t place = namesakes->of[number][i];
		if (place && !spk_dn_equal(spn_account_dn(namesakes->found.list[place - 1]), spn_account_dn(account)))
			*ret_other = namesakes->found.list[place - 1];
	}
	return status;
}

/* What a computer lacks of its first names, appended to a list. */
static spn_status add_missing(const spn_account *account, spk_names *ret, spn_error *err)
{
	SPK_AUTOHOSTS spk_hosts hosts = { .list = NULL };
	spn_status status = is_machine_in_use(account) ? spk_hosts_of(account, &hosts, err) : SPN_OK;
	return status || !hosts.n ? status : find_missing(account, "HOST", &hosts, ret, err);
}

/* Who holds what others lack, or is found for it by its cn. */
struct held {
	spk_accounts holders;
	spk_roll roll;
	spk_by_cn by_cn;
};

static void clear_held(struct held *held)
{
	spk_accounts_free(&held->holders);
	spk_roll_free(&held->roll);
	spk_by_cn_free(&held->by_cn);
}

static spn_status find_held(const spk_audit *audit, struct held *held, spn_error *err)
{
	SPK_AUTONAMES spk_names names = { 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < audit->lacking->n; i++)
		status = add_missing(audit->lacking->list[i], &names, err);
	if (!status)
		status = spk_audit_holders(audit, &names, &held->holders, err);
	if (!status)
		status = spk_audit_by_cn(audit, &names, &held->by_cn, err);
	return status ? status : spk_roll_of_accounts(&held->holders, &held->roll, err);
}

/* Who else answers for a name that a computer lacks.  ret_is_found: the computer itself is found for it by its cn. */
static struct other find_other(
		const struct held *held, const spn_account *account, const char *name, bool *ret_is_found)
{
	const char *dn = spn_account_dn(account);
	const spn_account *holder = spk_holder_on(&held->roll, &held->holders, name, dn, NULL);
	const spn_account *found = spk_by_cn_find(&held->by_cn, name, dn);
	*ret_is_found = spk_by_cn_finds(&held->by_cn, name, dn);
	bool may_be_two = found && !holder && !*ret_is_found;
	return (struct other){ .account = holder ? holder : found,
		.is_holder = holder,
		.is_by_cn = found,
		.second = may_be_two ? spk_by_cn_find(&held->by_cn, name, spn_account_dn(found)) : NULL };
}

/* Whether somebody holds a name for which Samba's KDC finds another computer: that is a duplicate, and reported as
 * such. */
static bool is_twice(const struct held *held, const struct other *other, const char *name)
{
	return other->is_holder && spk_by_cn_find(&held->by_cn, name, spn_account_dn(other->account));
}

/* What a computer lacks: what nobody else has, and what others answer for, of the first of those. */
struct lacks {
	spk_names missing;
	struct other other, twice;
};

static void clear_lacks(struct lacks *lacks)
{
	spk_names_free(&lacks->missing);
	clear_other(&lacks->other);
	clear_other(&lacks->twice);
}

static spn_status sort_out(const struct held *held, const spn_account *account, const spk_names *names,
		struct lacks *ret, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < names->n; i++) {
		bool is_found = false;
		struct other other = find_other(held, account, names->list[i], &is_found);
		if (is_twice(held, &other, names->list[i]))
			continue;
		bool has_answer = is_found || other.second;
		struct other *of = has_answer ? &ret->twice : &ret->other;
		bool is_same = other.account &&
				(!of->account || (of->account == other.account && of->second == other.second));
		if (is_same && !of->account)
			*of = other;
		if (is_same)
			status = spk_names_add(&of->names, names->list[i], err);
		if (!status && !has_answer) /* else Samba's KDC finds somebody */
			status = spk_names_add(&ret->missing, names->list[i], err);
	}
	return status;
}

static spn_status judge(const spk_audit *audit, const spn_account *account, const struct namesakes *namesakes,
		const struct held *held, spn_error *err)
{
	SPK_AUTOTEXT spk_text list = { 0 };
	SPK_AUTONAMES spk_names names = { 0 };
	__attribute__((cleanup(clear_lacks))) struct lacks lacks = { .missing = { .n = 0 } };
	const spn_account *other = NULL;
	spn_status status = add_missing(account, &names, err);
	if (!status)
		status = sort_out(held, account, &names, &lacks, err);
	if (!status && lacks.twice.account)
		status = tell_twice(audit, account, &lacks.twice, err);
	if (!status && lacks.missing.n)
		status = find_namesake(namesakes, account, &other, err);
	if (status || !lacks.missing.n)
		return status;
	if (lacks.other.account && !other)
		return tell_held(audit, account, &lacks.other, err);
	put_list(&list, &lacks.missing);
	return list.failed ? spk_nomem(err) : tell_missing(audit, account, list.data, other, err);
}

spn_status spk_missing_judge(const spk_audit *audit, spn_error *err)
{
	const spk_accounts *noted = audit->lacking;
	__attribute__((cleanup(clear))) struct namesakes namesakes = { .of = NULL };
	__attribute__((cleanup(clear_held))) struct held held = { .holders = { .n = 0 } };
	spn_status status = find_namesakes(audit, noted, &namesakes, err);
	if (!status)
		status = find_held(audit, &held, err);
	for (size_t i = 0; !status && i < noted->n; i++)
		status = judge(audit, noted->list[i], &namesakes, &held, err);
	return status;
}
