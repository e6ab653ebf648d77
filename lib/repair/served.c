/* SPDX-License-Identifier: MIT */
/* served.c - which other account a KDC picks for a name that it does not hold itself */
#include <stdlib.h>
#include <string.h>

#include "account/by_cn.h"
#include "base/error.h"
#include "check/resolve.h"
#include "model/dn.h"
#include "model/fold.h"
#include "propose.h"

/* Another account that the KDC picks, though it does not hold the name; NULL: there is none.  Windows, which alone
 * looks at a userPrincipalName, gives no tickets for that of a disabled one. */
static const spn_account *find_server(const spk_answer *answer, const spn_account *account)
{
	bool is_held = answer->match == SPN_MATCH_EXPLICIT || answer->match == SPN_MATCH_KRBTGT;
	const spn_account *server = !is_held && answer->n_accounts == 1 ? answer->accounts[0] : NULL;
	if (!server || (answer->match == SPN_MATCH_UPN && !spn_account_enabled(server)))
		return NULL;
	return !account || !spk_dn_equal(spn_account_dn(server), spn_account_dn(account)) ? server : NULL;
}

/* Through what it is picked. */
static void put_way(spk_text *text, const spk_answer *answer)
{
	if (answer->match == SPN_MATCH_CN)
		spk_text_add(text, "its cn");
	else
		spk_text_add(text, "its %s'%s'", answer->match == SPN_MATCH_UPN ? "userPrincipalName " : "", answer->via);
}

static bool is_host_name(const char *spn)
{
	spn_name name;
	return !spn_name_parse(spn, &name, NULL) && spk_name_is_of_host(&name);
}

struct look {
	const spn_account *account;
	const char *const *spns;
	const size_t *covered_by; /* of aliases, the numbers of the names that cover them; NULL: these are the names */
	size_t first; /* of those that are looked up together */
	spk_served_fn *fn;
	void *data;
};

static spn_status take(size_t i, const spk_answer *answer, void *data, spn_error *err)
{
	const struct look *look = data;
	const spn_account *server = find_server(answer, look->account);
	SPK_AUTOTEXT spk_text way = { 0 };
	size_t at = look->first + i;
	bool is_alias = answer->match == SPN_MATCH_ALIAS, is_by_cn = answer->match == SPN_MATCH_CN;
	/* what Samba finds by the cn of a computer, it finds through the name itself, which is looked at */
	if (!server || (look->covered_by && (is_alias || is_by_cn)))
		return SPN_OK;
	put_way(&way, answer);
	if (way.failed)
		return spk_nomem(err);
	const spk_served served = { server, way.data, look->covered_by ? look->spns[at] : NULL, is_alias,
		is_by_cn && is_host_name(look->spns[at]) };
	return look->fn(look->covered_by ? look->covered_by[at] : at, &served, look->data, err);
}

static spn_status look_at(spn_directory *dir, size_t n, struct look *look, spn_error *err)
{
	enum { TOGETHER = 1000 };
	spn_status status = SPN_OK;
	for (look->first = 0; !status && look->first < n; look->first += TOGETHER)
		status = spk_resolve_many(dir, look->spns + look->first, n - look->first < TOGETHER ? n - look->first : TOGETHER,
				take, look, err);
	return status;
}

/* A KDC looks at aliases first, then at a userPrincipalName: who answers by that loses to who gets what it covers. */
static spn_status look_at_covered(spn_directory *dir, const char *const *spns, size_t n_spns, struct look *look,
		spn_error *err)
{
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	SPK_AUTONAMES spk_names aliases = { 0 };
	SPK_AUTOFREE size_t *ends = calloc(n_spns, sizeof *ends), *covered_by = NULL;
	spn_status status = ends ? spk_mapping_load(dir, &live, err) : spk_nomem(err);
	for (size_t i = 0; !status && i < n_spns; i++) {
		status = spk_mapping_aliases(&live.mapping, spns[i], spk_names_collect, &aliases, err);
		ends[i] = aliases.n;
	}
	if (status || aliases.n == 0)
		return status;
	covered_by = calloc(aliases.n, sizeof *covered_by);
	if (!covered_by)
		return spk_nomem(err);
	for (size_t i = 0, at = 0; i < n_spns; i++)
		while (at < ends[i])
			covered_by[at++] = i;
	look->spns = (const char *const *)aliases.list;
	look->covered_by = covered_by;
	return look_at(dir, aliases.n, look, err);
}

spn_status spk_find_served(spn_directory *dir, const spn_account *account, const char *const *spns, size_t n_spns,
		spk_served_fn *fn, void *data, spn_error *err)
{
	struct look look = { account, spns, NULL, 0, fn, data };
	if (n_spns == 0)
		return SPN_OK;
	spn_status status = look_at(dir, n_spns, &look, err);
	return status ? status : look_at_covered(dir, spns, n_spns, &look, err);
}

struct telling {
	const char *const *spns;
	const spk_teller *to; /* NULL: it is refused */
	spk_keys told;        /* names that were */
	const char *const *dns; /* of the account that is to get each of them, or NULL */
};

/* Whether a name was not told before: it may be given twice, or be covered by several. */
static spn_status note_told(struct telling *telling, const char *name, bool *ret_new, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	size_t n = telling->told.n;
	spk_fold_key(spk_bytes(name), SPK_FOLD_WINDOWS, &key);
	if (key.failed || spk_keys_add(&telling->told, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
		return spk_nomem(err);
	*ret_new = telling->told.n > n;
	return SPN_OK;
}

static spn_status refuse(size_t i, const spk_served *served, void *data, spn_error *err)
{
	const struct telling *telling = data;
	const char *name = telling->spns[i];
	/* spk_check_unique refuses that: it knows whether the plan leaves the name there; or spk_check_by_cn, always */
	if (served->is_alias || served->is_host_by_cn)
		return SPN_OK;
	spn_fail(err, SPN_ERR_NOT_UNIQUE, 0,
			"'%s'%s%s%s is served by '%s' today, through %s: with the name on another account, what runs as '%s' "
			"gets tickets that it cannot read (0x80090322)",
			served->covered ? served->covered : name, served->covered ? ", which '" : "",
			served->covered ? name : "", served->covered ? "' covers," : "", spn_account_dn(served->by),
			served->way, spk_account_label(served->by));
	return spk_remedy(err, SPN_ERR_NOT_UNIQUE, SPN_REMEDY_TAKEOVER, NULL);
}

spn_status spk_refuse_served(
		spn_directory *dir, const spn_account *account, const char *const *spns, size_t n_spns, spn_error *err)
{
	struct telling telling = { .spns = spns };
	return spk_find_served(dir, account, spns, n_spns, refuse, &telling, err);
}

static spn_status tell(size_t i, const spk_served *served, void *data, spn_error *err)
{
	struct telling *telling = data;
	const char *name = served->covered ? served->covered : telling->spns[i];
	bool is_new = false;
	spn_status status = note_told(telling, name, &is_new, err);
	return status || !is_new ? status :
			spk_tell(telling->to, err, "takeover", SPN_SEVERITY_WARNING, name, served->by, NULL,
					"until now '%s' answered for '%s'%s%s%s, through %s", spn_account_dn(served->by), name,
					served->covered ? ", which '" : "", served->covered ? telling->spns[i] : "",
					served->covered ? "' covers" : "", served->way);
}

spn_status spk_tell_served(spn_directory *dir, const spn_account *account, const char *const *spns, size_t n_spns,
		const spk_teller *to, spn_error *err)
{
	struct telling telling = { .spns = spns, .to = to };
	spn_status status = to->fn ? spk_find_served(dir, account, spns, n_spns, tell, &telling, err) : SPN_OK;
	spk_keys_free(&telling.told);
	return status;
}

/* What is held by an alias, the check of a plan refuses, unless the plan takes it away. */
static spn_status tell_of_plan(size_t i, const spk_served *served, void *data, spn_error *err)
{
	const struct telling *telling = data;
	bool is_own = spk_dn_equal(spn_account_dn(served->by), telling->dns[i]);
	return is_own || served->is_alias || served->is_host_by_cn ? SPN_OK : tell(i, served, data, err);
}

spn_status spk_tell_served_of_plan(spn_directory *dir, const char *const *dns, const char *const *spns, size_t n_spns,
		const spk_teller *to, spn_error *err)
{
	struct telling telling = { .spns = spns, .to = to, .dns = dns };
	spn_status status = spk_find_served(dir, NULL, spns, n_spns, tell_of_plan, &telling, err);
	spk_keys_free(&telling.told);
	return status;
}

void spk_served_list_free(spk_served_list *served)
{
	for (size_t i = 0; i < served->n; i++) {
		spn_account_free(served->list[i].by);
		free(served->list[i].way);
	}
	free(served->list);
}

static spn_status keep(size_t i, const spk_served *found, void *data, spn_error *err)
{
	struct spk_served_by *one = &((spk_served_list *)data)->list[i];
	if (found->covered)
		return SPN_OK;
	one->way = strdup(found->way);
	return one->way ? spn_account_copy(found->by, &one->by, err) : spk_nomem(err);
}

spn_status spk_served_list_new(
		spn_directory *dir, const spn_account *account, const spk_names *names, spk_served_list *ret_served, spn_error *err)
{
	ret_served->list = calloc(names->n + 1, sizeof *ret_served->list);
	if (!ret_served->list)
		return spk_nomem(err);
	ret_served->n = names->n;
	return spk_find_served(dir, account, (const char *const *)names->list, names->n, keep, ret_served, err);
}
