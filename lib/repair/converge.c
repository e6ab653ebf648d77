/* SPDX-License-Identifier: MIT */
/* converge.c - from the names that accounts hold to those that are declared for them */
#include "propose.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "account/proof.h"
#include "base/error.h"
#include "base/keys.h"
#include "check/posing.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/ldif/ldif.h"
#include "model/registered.h"
#include "plan/holders.h"

/* What happens to names of an account. */
enum change {
	DOUBLED,  /* they leave it: the account that they are declared for holds them, too */
	UNLISTED, /* they are deleted */
	LEAVING,  /* they are moved away */
	ARRIVING, /* they are moved here */
	MISSING,  /* nobody holds them: they are added */
	N_CHANGES
};

/* An account and the names that it shall hold. */
struct declared {
	char *dn;
	char *name;  /* sAMAccountName in the file, or NULL */
	bool lacks;  /* the file may not list all of its names */
	spk_names spns;
	spn_account *account; /* as it is; lent by work.found, or NULL */
	spk_names changes[N_CHANGES];
};

struct work {
	spn_plan *plan;
	spn_directory *dir, *desired;
	unsigned flags;
	spk_teller to;
	spk_text last_disabled; /* the DN of the disabled account that was reported last */
	struct declared *list;
	size_t n, size;
	spk_keys dns;     /* of the list, in its order */
	spk_roll listed;  /* the names of the list */
	spk_folding folding;
	spk_accounts found; /* accounts of the list, and other holders of its names */
	spk_keys found_dns;
	size_t n_absent, n_held, n_of_machines;
};

static void clear(struct work *work)
{
	for (size_t i = 0; i < work->n; i++) {
		struct declared *one = &work->list[i];
		spk_names_free(&one->spns);
		for (size_t j = 0; j < N_CHANGES; j++)
			spk_names_free(&one->changes[j]);
		free(one->dn);
		free(one->name);
	}
	free(work->list);
	spk_text_free(&work->last_disabled);
	spk_keys_free(&work->dns);
	spk_roll_free(&work->listed);
	spk_accounts_free(&work->found);
	spk_keys_free(&work->found_dns);
}
#define AUTOWORK __attribute__((cleanup(clear)))

/* ---- what is declared ---- */

static bool grow(struct work *work)
{
	size_t size = work->size * 2 + 16;
	struct declared *grown = realloc(work->list, size * sizeof *grown);
	if (!grown)
		return false;
	work->list = grown;
	work->size = size;
	return true;
}

static spn_status take_names(struct declared *one, const spn_entry *entry, spn_error *err)
{
	const spn_bytes *values;
	size_t n = spn_entry_values(entry, SPK_SPN, &values);
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++) {
		if (memchr(values[i].data, '\0', values[i].len))
			return spn_fail(err, SPN_ERR_SYNTAX, 0, "value %zu of servicePrincipalName of '%s' has a NUL in it", i + 1,
					one->dn);
		status = spk_names_add(&one->spns, values[i].data, err);
	}
	return status;
}

static spn_status take(const spn_entry *entry, void *data, spn_error *err)
{
	struct work *work = data;
	if (work->n == work->size && !grow(work))
		return spk_nomem(err);
	size_t at = spk_dns_add(&work->dns, spn_entry_dn(entry));
	if (at == SIZE_MAX)
		return spk_nomem(err);
	if (at < work->n)
		return spn_fail(err, SPN_ERR_INVALID, 0, "'%s' is there twice", spn_entry_dn(entry));
	const char *name = spn_entry_text(entry, "sAMAccountName");
	struct declared *one = &work->list[work->n++];
	*one = (struct declared){ .dn = strdup(spn_entry_dn(entry)), .name = name ? strdup(name) : NULL,
		.lacks = spk_entry_lacks_names(entry) };
	return one->dn && (one->name || !name) ? take_names(one, entry, err) : spk_nomem(err);
}

/* A name belongs to one account. */
static spn_status check_listed(struct work *work, spn_error *err)
{
	spn_status status = SPN_OK;
	work->listed.folding = work->folding;
	for (size_t i = 0; !status && i < work->n; i++)
		for (size_t j = 0; !status && j < work->list[i].spns.n; j++) {
			const spn_bytes name = spk_bytes(work->list[i].spns.list[j]);
			const spk_line *other = spk_roll_find(&work->listed, name);
			if (other && other->account != i)
				return spn_fail(err, SPN_ERR_INVALID, 0,
						"'%s' is listed for both '%s' and '%s': a name belongs to one account", name.data,
						work->list[other->account].dn, work->list[i].dn);
			status = other ? SPN_OK : spk_roll_add(&work->listed, i, name, err);
		}
	return status;
}

/* Of a file with several domains, all of it: names in a domain that is not the directory's are an error. */
static spn_status read_declared(struct work *work, spn_error *err)
{
	static const char *const attrs[] = { SPK_SPN, "sAMAccountName", NULL };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .attrs = attrs,
		.forest = spk_directory_has_several_domains(work->desired) };
	spn_status status = spk_directory_folding(work->dir, &work->folding, err);
	if (!status)
		status = spn_directory_search(work->desired, &search, take, work, err);
	return status ? status : check_listed(work, err);
}

/* What is not in the file because it was cut off, or is not read, would be deleted. */
static spn_status check_is_all_there(const struct work *work, spn_error *err)
{
	SPK_AUTOTEXT spk_text lack = { 0 };
	bool lists_any = false;
	for (size_t i = 0; !lists_any && i < work->n; i++)
		lists_any = work->list[i].spns.n > 0; /* who has none listed loses none */
	if (lists_any && work->flags & SPN_EXACT)
		spk_directory_lack(work->desired, &lack);
	if (lack.failed)
		return spk_nomem(err);
	return !lack.len ? SPN_OK : spn_fail(err, SPN_ERR_INVALID, 0,
			"'%s' does not show all names, so those that it does not list cannot be deleted: %s; nothing was changed: "
			"complete the file, or let the names that it does not list stay",
			spn_directory_url(work->desired), lack.data);
}

static spn_status check_domain(struct work *work, spn_error *err)
{
	const char *own = NULL;
	spn_status status = spk_directory_context(work->dir, "defaultNamingContext", &own, err);
	for (size_t i = 0; !status && own && i < work->n; i++)
		if (work->list[i].spns.n && !spk_dn_same_domain(work->list[i].dn, own))
			return spn_fail(err, SPN_ERR_REFUSED, 0, "'%s' is not in '%s': a plan is for one domain", work->list[i].dn, own);
	return status;
}

/* ---- what is there ---- */

static spn_status add_found(struct work *work, const spn_account *account, spn_error *err)
{
	size_t n = work->found_dns.n;
	if (spk_dns_add(&work->found_dns, spn_account_dn(account)) == SIZE_MAX)
		return spk_nomem(err);
	return work->found_dns.n > n ? spk_accounts_add(&work->found, account->entry, err) : SPN_OK;
}

static spn_status find_holders_of(struct work *work, const char *const *names, size_t n, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	spn_status status = spk_holders(work->dir, NULL, names, n, work->flags & SPN_FOREST, &holders, err);
	for (size_t i = 0; !status && i < holders.n; i++)
		status = add_found(work, holders.list[i], err);
	return status;
}

/* Those who hold a name of the list: most accounts of the list are among them. */
static spn_status find_holders(struct work *work, spn_error *err)
{
	enum { TOGETHER = 10000 };
	SPK_AUTOFREE const char **names = calloc(TOGETHER, sizeof *names);
	spn_status status = names ? SPN_OK : spk_nomem(err);
	size_t n = 0;
	for (size_t i = 0; !status && i < work->n; i++)
		for (size_t j = 0; !status && j < work->list[i].spns.n; j++) {
			names[n++] = work->list[i].spns.list[j];
			if (n < TOGETHER)
				continue;
			status = find_holders_of(work, names, n, err);
			n = 0;
		}
	return status || n == 0 ? status : find_holders_of(work, names, n, err);
}

/* The account has been renamed, moved or deleted since, or belongs to another directory. */
static spn_status tell_absent(struct work *work, const struct declared *one, spn_error *err)
{
	SPK_AUTO(spn_account) *namesake = NULL;
	work->n_absent++;
	if (one->name && *one->name && spk_account_find_only(work->dir, one->name, &namesake, NULL) == SPN_OK)
		return spk_tell(&work->to, err, "no-account", SPN_SEVERITY_BROKEN, NULL, namesake, NULL,
				"there is no '%s', but '%s' is '%s'", one->dn, one->name, spn_account_dn(namesake));
	return spk_tell(&work->to, err, "no-account", SPN_SEVERITY_BROKEN, NULL, NULL, NULL, "there is no account '%s'",
			one->dn);
}

/* The place of a DN in a set, or SIZE_MAX. */
static spn_status place_of(const spk_keys *dns, const char *dn, size_t *ret_at, spn_error *err)
{
	return spk_dns_find(dns, dn, ret_at) ? SPN_OK : spk_nomem(err);
}

/* An account for which nothing is listed is needed only if it holds what is listed elsewhere. */
static spn_status find_account(struct work *work, const struct declared *one, spn_error *err)
{
	SPK_AUTO(spn_account) *account = NULL;
	size_t at;
	spn_status status = place_of(&work->found_dns, one->dn, &at, err);
	if (status || at != SIZE_MAX || one->spns.n == 0)
		return status;
	spn_error why = { .status = SPN_OK };
	status = spk_account_find_only(work->dir, one->dn, &account, &why);
	if (status == SPN_ERR_NOT_FOUND)
		return tell_absent(work, one, err);
	return status ? spk_fail_as(err, status, &why, "%s", why.message) : add_found(work, account, err);
}

static spn_status look(struct work *work, spn_error *err)
{
	spn_status status = find_holders(work, err);
	for (size_t i = 0; !status && i < work->n; i++)
		status = find_account(work, &work->list[i], err);
	if (!status && work->n_absent)
		status = spn_fail(err, SPN_ERR_NOT_FOUND, 0, "%zu declared account%s not exist: nothing was changed", work->n_absent,
				work->n_absent == 1 ? " does" : "s do");
	for (size_t i = 0; !status && i < work->n; i++) {
		size_t at;
		status = place_of(&work->found_dns, work->list[i].dn, &at, err);
		if (!status && at != SIZE_MAX)
			work->list[i].account = work->found.list[at];
	}
	return status;
}

/* ---- what is different ---- */

/* A command is for one domain: of another one, it names the account by its DN, and nothing is moved from there. */
static void add_repair_of_held(struct work *work, const struct declared *one, const char *spn,
		const spn_account *holder, bool is_deleted, spk_repairs *repairs)
{
	SPK_AUTOTEXT spk_text domain = { 0 };
	bool is_here = spk_dn_same_domain(spn_account_dn(holder), one->dn);
	if (is_deleted && is_here)
		spk_repairs_add_in(repairs, work->dir, (spn_repair){ .kind = SPN_REPAIR_DELETE, .spns = &spn, .n_spns = 1,
				.account = spk_account_operand(work->dir, holder, NULL) });
	else if (is_here)
		spk_repairs_add_in(repairs, work->dir, (spn_repair){ .kind = SPN_REPAIR_MOVE, .spns = &spn, .n_spns = 1,
				.account = spk_account_operand(work->dir, holder, NULL),
				.to = spk_account_operand(work->dir, one->account, NULL) });
	if (is_here)
		return;
	spk_dn_domain(spn_account_dn(holder), &domain);
	repairs->failed |= domain.failed;
	if (is_deleted && domain.len)
		spk_repairs_add(repairs, &(spn_repair){ .kind = SPN_REPAIR_DELETE, .spns = &spn, .n_spns = 1,
				.account = spn_account_dn(holder), .domain = domain.data });
}

/* An account that is not declared holds the name.  Only a person may take it away. */
static spn_status tell_held(struct work *work, const struct declared *one, const char *spn, const spn_account *holder,
		bool is_deleted, spn_error *err)
{
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	bool is_machines = spk_name_is_of_machine(holder, spn);
	const char *pose = NULL;
	spn_status status = spk_account_pose(one->account, spn, &pose, err);
	if (status)
		return status;
	if (!is_machines && (is_deleted || !pose))
		add_repair_of_held(work, one, spn, holder, is_deleted, &repairs);
	return spk_tell(&work->to, err, "held-elsewhere", SPN_SEVERITY_BROKEN, spn, holder, &repairs,
			"'%s' is held by '%s', which is not one of the declared accounts%s", spn, spn_account_dn(holder),
			is_machines ? ": it is a name of that machine itself, whose own services need it" : "");
}

/* Who holds a name that is declared for an account. */
struct rivals {
	bool has_it;          /* the account itself */
	bool is_elsewhere;    /* another one of the list */
	const spk_line *last; /* the last one that is not in the list, or NULL */
};

static spn_status find_rivals(const struct work *work, const struct declared *one, const spk_line *first,
		struct rivals *ret, spn_error *err)
{
	spn_status status = SPN_OK;
	for (const spk_line *line = first; !status && line; line = line->next) {
		const spn_account *holder = work->found.list[line->account];
		size_t at = 0;
		if (holder != one->account)
			status = place_of(&work->dns, spn_account_dn(holder), &at, err);
		ret->has_it |= holder == one->account;
		ret->is_elsewhere |= holder != one->account && at != SIZE_MAX;
		ret->last = at == SIZE_MAX ? line : ret->last;
	}
	return status;
}

/* If only undeclared accounts hold the name, it is moved from the last one, after it was deleted from the others. */
static spn_status refuse_foreign(struct work *work, const struct declared *one, const char *spn, const spk_line *first,
		const struct rivals *rivals, spn_error *err)
{
	spn_status status = SPN_OK;
	work->n_held++;
	for (const spk_line *line = first; !status && line; line = line->next) {
		const spn_account *holder = work->found.list[line->account];
		size_t at = 0;
		bool is_moved = !rivals->has_it && !rivals->is_elsewhere && line == rivals->last;
		if (holder != one->account)
			status = place_of(&work->dns, spn_account_dn(holder), &at, err);
		if (!status && at == SIZE_MAX)
			status = tell_held(work, one, spn, holder, !is_moved, err);
	}
	return status;
}

/* Clients could no longer reach what runs as the machine. */
static spn_status refuse_of_machine(struct work *work, const struct declared *one, const char *spn,
		const spn_account *machine, spn_error *err)
{
	work->n_of_machines++;
	return spk_tell(&work->to, err, "held-elsewhere", SPN_SEVERITY_BROKEN, spn, machine, NULL,
			"'%s' is declared for '%s', but it is a name of the machine '%s' itself, whose own services need it", spn,
			spk_account_label(one->account), spk_account_label(machine));
}

/* Other accounts of the list lose the name. */
static spn_status compare_name(struct work *work, const spk_roll *held, struct declared *one, const char *spn,
		spn_error *err)
{
	struct rivals rivals = { .last = NULL };
	const spk_line *first = spk_roll_find(held, spk_bytes(spn));
	spn_status status = find_rivals(work, one, first, &rivals, err);
	if (status || rivals.last)
		return status ? status : refuse_foreign(work, one, spn, first, &rivals, err);
	for (const spk_line *line = first; !status && line; line = line->next) {
		const spn_account *holder = work->found.list[line->account];
		size_t at;
		if (holder == one->account)
			continue;
		if (spk_name_is_of_machine(holder, spn) && !(work->flags & SPN_TAKEOVER))
			return refuse_of_machine(work, one, spn, holder, err);
		status = place_of(&work->dns, spn_account_dn(holder), &at, err);
		if (!status)
			status = spk_names_add(&work->list[at].changes[rivals.has_it ? DOUBLED : LEAVING], spn, err);
	}
	if (status || rivals.has_it)
		return status;
	spn_error why = { .status = SPN_OK };
	if (spn_name_parse(spn, &(spn_name){ .port = { NULL, 0 } }, &why))
		return spn_fail(err, why.status, 0, "of '%s': %s", one->dn, why.message);
	return spk_names_add(&one->changes[rivals.is_elsewhere ? ARRIVING : MISSING], spn, err);
}

static spn_status tell_kept(struct work *work, const struct declared *one, const spk_names *kept, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	for (size_t i = 0; i < kept->n; i++)
		spk_text_add(&text, "%s'%s'", i ? ", " : "", kept->list[i]);
	if (text.failed)
		return spk_nomem(err);
	return kept->n == 0 ? SPN_OK : spk_tell(&work->to, err, "self-registered", SPN_SEVERITY_NOTICE, NULL, one->account,
			NULL, "'%s' keeps names that services register themselves: %s", spk_account_label(one->account), text.data);
}

/* The names of an account that are declared for nobody. */
static spn_status collect_unlisted(struct work *work, struct declared *one, spn_error *err)
{
	SPK_AUTONAMES spk_names kept = { 0 };
	const spn_bytes *values;
	size_t n = spn_account_spns(one->account, &values);
	bool is_computer = spn_account_get_kind(one->account) == SPN_KIND_COMPUTER;
	bool keeps_all = spk_account_may_be_controller(one->account) || one->lacks;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++) {
		if (spk_roll_find(&work->listed, values[i]) || memchr(values[i].data, '\0', values[i].len))
			continue;
		bool stays = keeps_all || spk_name_registers_itself(values[i], is_computer);
		status = spk_names_add(stays ? &kept : &one->changes[UNLISTED], values[i].data, err);
	}
	if (status || !one->lacks)
		return status ? status : tell_kept(work, one, &kept, err);
	return kept.n == 0 ? SPN_OK : spk_tell(&work->to, err, "incomplete", SPN_SEVERITY_NOTICE, NULL, one->account, NULL,
			"the list of names of '%s' is incomplete: it keeps the others",
			spk_account_label(one->account));
}

static spn_status compare(struct work *work, spn_error *err)
{
	SPK_AUTOROLL spk_roll held = { 0 };
	spn_status status = spk_roll_of_accounts(&work->found, &held, err);
	for (size_t i = 0; !status && i < work->n; i++) {
		struct declared *one = &work->list[i];
		for (size_t j = 0; !status && j < one->spns.n; j++) {
			const spk_line *first = spk_roll_find(&work->listed, spk_bytes(one->spns.list[j]));
			if (first->value.data == one->spns.list[j]) /* and not another spelling of the same */
				status = compare_name(work, &held, one, one->spns.list[j], err);
		}
		/* where no name is declared at all, the file may just lack them */
		if (!status && work->flags & SPN_EXACT && one->spns.n)
			status = collect_unlisted(work, one, err);
	}
	if (!status && !work->n_held && work->n_of_machines) {
		spn_fail(err, SPN_ERR_NOT_UNIQUE, 0, "%zu name%s of a machine itself would leave it: nothing was changed",
				work->n_of_machines, work->n_of_machines == 1 ? "" : "s");
		return spk_remedy(err, SPN_ERR_NOT_UNIQUE, SPN_REMEDY_TAKEOVER, NULL);
	}
	if (status || !work->n_held)
		return status;
	return spn_fail(err, SPN_ERR_NOT_UNIQUE, 0,
			"%zu name%s held by accounts that are not declared: nothing was changed", work->n_held,
			work->n_held == 1 ? " is" : "s are");
}

/* ---- the plan ---- */

/* Moving names to an account and adding names are two steps: that it is disabled is reported once. */
static spn_status tell_once(const spn_finding *finding, void *data, spn_error *err)
{
	struct work *work = data;
	if (strcmp(finding->code, "disabled-account") == 0 && finding->n_accounts) {
		if (work->last_disabled.len && strcmp(work->last_disabled.data, finding->accounts[0].dn) == 0)
			return SPN_OK;
		spk_text_clear(&work->last_disabled);
		spk_text_add(&work->last_disabled, "%s", finding->accounts[0].dn);
		if (work->last_disabled.failed)
			return spk_nomem(err);
	}
	return work->to.fn ? work->to.fn(finding, work->to.data, err) : SPN_OK;
}

static spn_status give_up(struct work *work, enum change change, const char *reason, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < work->n; i++) {
		const spk_names *names = &work->list[i].changes[change];
		if (names->n)
			status = spk_propose_delete_from(work->plan, work->dir, work->list[i].account, (const char *const *)names->list,
					names->n, reason, &work->to, err);
	}
	return status;
}

static spn_status get(struct work *work, const struct declared *one, enum change change, unsigned flags,
		const char *reason, spn_error *err)
{
	const spk_names *names = &one->changes[change];
	const spk_teller once = { tell_once, work };
	const char *const *list = (const char *const *)names->list;
	if (names->n == 0)
		return SPN_OK;
	spn_status status = flags & SPN_TAKEOVER ? SPN_OK : spk_refuse_served(work->dir, one->account, list, names->n, err);
	return status ? status :
			spk_propose_add_to(work->plan, work->dir, one->account, list, names->n, flags, reason, &once, err);
}

/* A name that is moved is held, so nobody is served by it through HOST/: that needs no permission. */
static spn_status get_all(struct work *work, spn_error *err)
{
	const unsigned flags = work->flags & (SPN_TAKEOVER | SPN_FOREST);
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < work->n; i++) {
		const struct declared *one = &work->list[i];
		status = get(work, one, ARRIVING, flags | SPN_TAKEOVER, "moves names here, as declared", err);
		if (!status)
			status = get(work, one, MISSING, flags, "registers declared names", err);
	}
	return status;
}

static spn_status propose(struct work *work, spn_error *err)
{
	spn_status status = give_up(work, DOUBLED, "leaves names to the account that they are declared for", err);
	if (!status)
		status = spk_plan_keep_names(work->plan, 0, err);
	if (!status)
		status = give_up(work, UNLISTED, "deletes undeclared names", err);
	if (!status)
		status = give_up(work, LEAVING, "moves names to the account that they are declared for", err);
	return status ? status : get_all(work, err);
}

spn_status spn_propose_converge(spn_plan *plan, spn_directory *dir, spn_directory *desired, unsigned flags,
		spn_finding_fn *fn, void *data, spn_error *err)
{
	if (!plan || !dir || !desired)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_converge: an argument is NULL");
	if (spn_plan_count(plan))
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_propose_converge: the plan has steps already");
	AUTOWORK struct work work = { .plan = plan, .dir = dir, .desired = desired, .flags = flags, .to = { fn, data } };
	spn_status status = spk_flags_check("spn_propose_converge", flags, SPN_EXACT | SPN_TAKEOVER | SPN_FOREST, err);
	if (!status)
		status = read_declared(&work, err);
	if (!status)
		status = check_is_all_there(&work, err);
	if (!status)
		status = check_domain(&work, err);
	if (!status)
		status = look(&work, err);
	if (!status)
		status = compare(&work, err);
	if (!status)
		status = propose(&work, err);
	if (status)
		spk_plan_truncate(plan, 0);
	return status;
}

static int compare_spns(const void *a, const void *b)
{
	const spn_bytes *left = a, *right = b;
	size_t n = left->len < right->len ? left->len : right->len;
	int order = strncasecmp(left->data, right->data, n);
	if (order == 0)
		order = memcmp(left->data, right->data, n);
	return order ? order : (left->len > right->len) - (left->len < right->len);
}

spn_status spn_desired_write(const char *dn, const char *account, const spn_bytes *spns, size_t n_spns, FILE *file,
		spn_error *err)
{
	if (!dn || !file || (n_spns && !spns))
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_desired_write: an argument is NULL");
	SPK_AUTOTEXT spk_text out = { 0 };
	SPK_AUTOFREE spn_bytes *sorted = calloc(n_spns + 1, sizeof *sorted);
	if (!sorted)
		return spk_nomem(err);
	if (n_spns)
		memcpy(sorted, spns, n_spns * sizeof *sorted);
	qsort(sorted, n_spns, sizeof *sorted, compare_spns);
	spk_ldif_put(&out, "dn", spk_bytes(dn));
	if (account && *account)
		spk_ldif_put(&out, "sAMAccountName", spk_bytes(account));
	for (size_t i = 0; i < n_spns; i++)
		spk_ldif_put(&out, SPK_SPN, sorted[i]);
	spk_text_add_char(&out, '\n');
	if (out.failed)
		return spk_nomem(err);
	if (fwrite(out.data, 1, out.len, file) != out.len)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot write the names of '%s': %s", dn, strerror(errno));
	return SPN_OK;
}
