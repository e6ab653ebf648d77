/* SPDX-License-Identifier: MIT */
/* served.c - which other account a KDC picks for a name that it does not hold itself */
#include "base/error.h"
#include "check/resolve.h"
#include "model/dn.h"
#include "propose.h"

/* Another account that the KDC picks, though it does not hold the name; NULL: there is none. */
static const spn_account *find_server(const spk_answer *answer, const spn_account *account)
{
	bool is_held = answer->match == SPN_MATCH_EXPLICIT || answer->match == SPN_MATCH_KRBTGT;
	const spn_account *server = !is_held && answer->n_accounts == 1 ? answer->accounts[0] : NULL;
	return server && !spk_dn_equal(spn_account_dn(server), spn_account_dn(account)) ? server : NULL;
}

/* Through what it is picked. */
static void put_way(spk_text *text, const spk_answer *answer)
{
	if (answer->match == SPN_MATCH_CN)
		spk_text_add(text, "its cn");
	else
		spk_text_add(text, "its %s'%s'", answer->match == SPN_MATCH_UPN ? "userPrincipalName " : "", answer->via);
}

struct served {
	const spn_account *account;
	const char *const *spns;
	const spk_teller *to;
};

static spn_status tell_served(size_t i, const spk_answer *answer, void *data, spn_error *err)
{
	const struct served *served = data;
	const spn_account *server = find_server(answer, served->account);
	SPK_AUTOTEXT spk_text way = { 0 };
	if (!server)
		return SPN_OK;
	put_way(&way, answer);
	if (way.failed)
		return spk_nomem(err);
	return spk_tell(served->to, err, "takeover", SPN_SEVERITY_WARNING, served->spns[i], server, NULL,
			"until now '%s' answered for this name, through %s", spn_account_dn(server), way.data);
}

static spn_status refuse_served(size_t i, const spk_answer *answer, void *data, spn_error *err)
{
	const struct served *served = data;
	const spn_account *server = find_server(answer, served->account);
	/* spk_check_unique refuses what an alias serves: it knows whether the plan leaves it there */
	SPK_AUTOTEXT spk_text way = { 0 };
	if (!server || answer->match == SPN_MATCH_ALIAS)
		return SPN_OK;
	put_way(&way, answer);
	if (way.failed)
		return spk_nomem(err);
	spn_fail(err, SPN_ERR_NOT_UNIQUE, 0,
			"'%s' is served by '%s' today, through %s: with the name on another account, what runs as '%s' "
			"gets tickets that it cannot read (0x80090322)",
			served->spns[i], spn_account_dn(server), way.data, spk_account_label(server));
	return spk_remedy(err, SPN_ERR_NOT_UNIQUE, SPN_REMEDY_TAKEOVER, NULL);
}

spn_status spk_refuse_served(
		spn_directory *dir, const spn_account *account, const char *const *spns, size_t n_spns, spn_error *err)
{
	struct served served = { account, spns, NULL };
	return spk_resolve_many(dir, spns, n_spns, refuse_served, &served, err);
}

spn_status spk_tell_served(spn_directory *dir, const spn_account *account, const char *const *spns, size_t n_spns,
		const spk_teller *to, spn_error *err)
{
	struct served served = { account, spns, to };
	return to->fn ? spk_resolve_many(dir, spns, n_spns, tell_served, &served, err) : SPN_OK;
}
