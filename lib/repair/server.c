/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "propose.h"
#include "run.h"
#include "server.h"
#include "account/hosts.h"
#include "account/proof.h"
#include "base/error.h"
#include "base/options.h"
#include "check/posing.h"
#include "directory/directory.h"
#include "model/dn.h"

#define DEFAULT_SERVICE "http"
#define DEFAULT_PORT 5985u

static void clear_server(struct server *server)
{
	spn_account_free(server->computer);
	spk_hosts_clear(&server->hosts);
	spk_names_free(&server->plain.names);
	spk_names_free(&server->ported.names);
	spk_names_free(&server->contested);
	spk_roll_free(&server->plain.roll);
	spk_roll_free(&server->ported.roll);
	spk_mapping_free(&server->live);
	spk_accounts_free(&server->holders);
	spk_accounts_free(&server->beyond);
	spk_roll_free(&server->roll);
	spk_roll_free(&server->own);
	spk_by_cn_free(&server->by_cn);
}
#define AUTOSERVER __attribute__((cleanup(clear_server)))

static spn_status add_names(struct server *server, const char *service, unsigned port, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < server->hosts.n; i++) {
		const char *host = server->hosts.list[i].name;
		SPK_AUTOFREE char *plain = spk_printf("%s/%s", service, host);
		SPK_AUTOFREE char *ported = spk_printf("%s/%s:%u", service, host, port);
		if (!plain || !ported)
			return spk_nomem(err);
		status = spn_name_parse(ported, &(spn_name){ .port = { NULL, 0 } }, err);
		if (!status)
			status = spk_names_add(&server->plain.names, plain, err);
		if (!status)
			status = spk_names_add(&server->ported.names, ported, err);
	}
	return status;
}

static spn_status find_beyond(
		struct server *server, spn_directory *dir, const spn_plan *plan, const spk_names *names, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts all = { 0 };
	SPK_AUTOKEYS spk_keys here = { 0 };
	spn_status status = spk_holders(dir, plan, (const char *const *)names->list, names->n, true, &all, err);
	for (size_t i = 0; !status && i < server->holders.n; i++)
		status = spk_dns_add(&here, spn_account_dn(server->holders.list[i])) == SIZE_MAX ? spk_nomem(err) : SPN_OK;
	for (size_t i = 0; !status && i < all.n; i++) {
		size_t n = here.n, at = spk_dns_add(&here, spn_account_dn(all.list[i]));
		status = at == SIZE_MAX ? spk_nomem(err) : at < n ? SPN_OK : spk_accounts_add(&server->beyond, all.list[i]->entry,
				err);
	}
	return status;
}

/* One search for all names of both kinds and for what they are aliases of. */
static spn_status find_holders(
		struct server *server, spn_directory *dir, const spn_plan *plan, bool forest, spn_error *err)
{
	SPK_AUTONAMES spk_names all = { 0 };
	const spk_names *const lists[] = { &server->plain.names, &server->ported.names };
	spn_status status = spk_mapping_load(dir, &server->live, err);
	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; !status && i < lists[l]->n; i++) {
			SPK_AUTOTEXT spk_text target = { 0 };
			status = spk_names_add(&all, lists[l]->list[i], err);
			if (!status && spk_mapping_target(&server->live.mapping, lists[l]->list[i], &target))
				status = target.failed ? spk_nomem(err) : spk_names_add(&all, target.data, err);
		}
	for (size_t i = 0; !status && i < all.n; i++)
		status = spk_by_cn_want(&server->by_cn, all.list[i], err);
	if (!status)
		status = spk_holders(dir, plan, (const char *const *)all.list, all.n, false, &server->holders, err);
	if (!spk_directory_onwards(dir, status)) { /* a look asks for both at once */
		spn_status found = spk_by_cn_search(&server->by_cn, dir, err);
		status = status ? status : found;
	}
	if (!status)
		status = spk_roll_of_accounts(&server->holders, &server->roll, err);
	if (!status)
		status = spk_roll_of_account(server->computer, &server->own, err);
	return status || !forest ? status : find_beyond(server, dir, plan, &all, err);
}

/* Its FQDN, and its short name unless it goes by the first alone. */
static bool is_own_host(const spk_hosts *hosts, const spk_host *host)
{
	return host->name == hosts->fqdn ||
			(host->name == hosts->short_name && (hosts->has_short_default || !hosts->list[0].is_default));
}

/* Whether the computer answers for a name by one that another account holds, too, or that Samba's KDC finds another
 * computer for. */
static bool is_contested(const struct server *server, const char *name, bool *ret_failed)
{
	SPK_AUTOTEXT spk_text target = { 0 };
	const char *base = spk_mapping_target(&server->live.mapping, name, &target) ? target.data : name;
	*ret_failed |= target.failed;
	return !target.failed && spk_roll_spelling(&server->own, base) &&
			(spk_server_other_holder(server, base, NULL) ||
					spk_by_cn_find(&server->by_cn, base, spn_account_dn(server->computer)));
}

/* A host that Windows registers nothing for is of interest only where another account holds its name, or where nobody
 * gets a ticket for it: nothing is added for its sake. */
static spn_status drop_unused(struct server *server, spn_error *err)
{
	size_t kept = 0;
	bool failed = false;
	for (size_t i = 0; i < server->plain.names.n; i++) {
		bool is_pair = is_own_host(&server->hosts, &server->hosts.list[i]);
		char *plain = server->plain.names.list[i], *ported = server->ported.names.list[i];
		if (is_pair || server->hosts.list[i].is_default || spk_server_other_holder(server, plain, NULL) ||
				spk_server_other_holder(server, ported, NULL)) {
			server->plain.names.list[kept] = plain;
			server->ported.names.list[kept++] = ported;
		} else {
			failed |= is_contested(server, plain, &failed) && spk_names_add(&server->contested, plain, err);
			free(plain);
			free(ported);
		}
	}
	server->plain.names.n = server->ported.names.n = kept;
	return failed ? spk_nomem(err) : SPN_OK;
}

static spn_status list_asked(const struct server *server, struct asked *asked, spn_error *err)
{
	return spk_roll_of_names((const char *const *)asked->names.list, asked->names.n,
			spk_entry_folding(server->computer->entry),
			&asked->roll, err);
}

static spn_status look_at_server(const spn_plan *plan, spn_directory *dir, const char *name,
		const spn_repair_options *options, struct server *server, spn_error *err)
{
	const char *service = options->service ? options->service : DEFAULT_SERVICE;
	if (!*service || strpbrk(service, "/:"))
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' is not a service class (http, cifs, MSSQLSvc, ...)", service);
	if (options->port > 65535)
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "%u is not a port number (1 to 65535)", options->port);
	server->teller = (spk_teller){ options->finding_fn, options->data };
	spn_status status = spk_computer_find(dir, name, false, &server->computer, err);
	if (!status)
		status = spk_plan_project_account(plan, server->computer, err);
	if (!status)
		status = spk_hosts_found(dir, server->computer, &server->hosts, err);
	if (!status)
		status = add_names(server, service, options->port ? options->port : DEFAULT_PORT, err);
	if (!status)
		status = find_holders(server, dir, plan, options->flags & SPN_FOREST, err);
	if (status)
		return status;
	status = drop_unused(server, err);
	if (!status)
		status = list_asked(server, &server->plain, err);
	return status ? status : list_asked(server, &server->ported, err);
}

static int compare_places(const void *a, const void *b)
{
	const size_t *one = a, *other = b;
	return *one < *other ? -1 : *one > *other;
}

/* The names that an account holds, in the order of the list. */
static spn_status held_of(const spn_account *account, const struct asked *asked, spk_names *ret_held, spn_error *err)
{
	const spn_bytes *spns;
	size_t n_spns = spn_account_spns(account, &spns), n = 0;
	SPK_AUTOFREE size_t *places = calloc(n_spns + 1, sizeof *places);
	spn_status status = places ? SPN_OK : spk_nomem(err);
	for (size_t i = 0; !status && i < n_spns; i++) {
		const spk_line *line = spk_roll_find(&asked->roll, spns[i]);
		if (line)
			places[n++] = line->account;
	}
	if (!status)
		qsort(places, n, sizeof *places, compare_places);
	for (size_t i = 0; !status && i < n; i++)
		if (i == 0 || places[i] != places[i - 1])
			status = spk_names_add(ret_held, asked->names.list[places[i]], err);
	return status;
}

/* A plan is carried out in one domain: from an account of another it could take nothing. */
static spn_status refuse_beyond(const struct server *server, const struct asked *asked, spn_error *err)
{
	for (size_t i = 0; i < server->beyond.n; i++) {
		const char *dn = spn_account_dn(server->beyond.list[i]);
		SPK_AUTONAMES spk_names held = { 0 };
		SPK_AUTOTEXT spk_text domain = { 0 };
		spn_status status = held_of(server->beyond.list[i], asked, &held, err);
		if (!status && held.n == 0)
			continue;
		spk_dn_domain(dn, &domain);
		if (status || domain.failed)
			return status ? status : spk_nomem(err);
		spn_fail(err, SPN_ERR_REFUSED, 0,
				"'%s' is on '%s' in the domain '%s', and a plan is for one domain: delete it there first",
				held.list[0], dn, domain.data);
		return spk_remedy(err, SPN_ERR_REFUSED, SPN_REMEDY_DOMAIN, domain.data);
	}
	return SPN_OK;
}

static spn_status delete_held(spn_plan *plan, spn_directory *dir, const struct server *server,
		const spn_account *holder, const struct asked *asked, const char *reason, spn_error *err)
{
	SPK_AUTONAMES spk_names held = { 0 };
	spn_status status = held_of(holder, asked, &held, err);
	if (status || held.n == 0)
		return status;
	return spk_propose_delete_from(
			plan, dir, holder, (const char *const *)held.list, held.n, reason, &server->teller, err);
}

/* The accounts other than the computer that hold one of the names themselves. */
static spn_status collect_others(const struct server *server, const struct asked *asked, spk_accounts *ret_others,
		spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < server->holders.n; i++) {
		const spn_account *holder = server->holders.list[i];
		SPK_AUTONAMES spk_names held = { 0 };
		if (spk_dn_equal(spn_account_dn(holder), spn_account_dn(server->computer)))
			continue;
		status = held_of(holder, asked, &held, err);
		if (!status && held.n)
			status = spk_accounts_add(ret_others, holder->entry, err);
	}
	return status;
}

/* What runs elsewhere may need the names. */
static spn_status refuse_unused(const struct server *server, spn_error *err)
{
	const char *why = spk_why_unused(server->computer);
	return !why ? SPN_OK :
		      spn_fail(err, SPN_ERR_REFUSED, 0,
				      "'%s' %s: no machine is known to use it, and the account that holds the names today may need them",
				      spk_account_label(server->computer), why);
}

/* What is there already was told with the verdicts. */
static const spk_teller nobody = { NULL, NULL };

static spn_status build_fix(spn_plan *plan, spn_directory *dir, struct server *server,
		const spn_repair_options *options, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts others = { 0 };
	const char *label = spk_account_label(server->computer);
	spn_status status = spk_server_tell_names(server, &server->plain.names, label, err);
	if (!status)
		status = spk_server_tell_names(server, &server->contested, label, err);
	if (!status)
		status = refuse_beyond(server, &server->plain, err);
	if (!status)
		status = collect_others(server, &server->plain, &others, err);
	if (status || others.n == 0)
		return status;
	SPK_AUTOFREE char *reason = spk_printf("the service will run as the computer account '%s'", label);
	status = reason ? refuse_unused(server, err) : spk_nomem(err);
	for (size_t i = 0; !status && i < others.n; i++)
		status = delete_held(plan, dir, server, others.list[i], &server->plain, reason, err);
	if (!status)
		status = spk_propose_add_to(plan, dir, server->computer, (const char *const *)server->plain.names.list,
				server->plain.names.n, SPN_TAKEOVER | (options->flags & SPN_FOREST), reason, &nobody, err);
	status = spk_directory_onwards(dir, status);
	/* last: who loses the names to another writer has then no membership to take back, on which the winner may rely */
	return status ? status :
			spk_propose_groups_of(plan, dir, &others, server->computer, options->flags, options->group_fn,
					options->data, err);
}

typedef spn_status build_fn(spn_plan *plan, spn_directory *dir, struct server *server,
		const spn_repair_options *options, spn_error *err);

/* What a look ahead needs: it reports nothing, and builds into a copy of the plan. */
struct look {
	build_fn *build;
	const spn_plan *plan;
	const char *name;
	const struct server *server;
	spn_repair_options options;
};

static void look_for_server(spn_directory *dir, void *data)
{
	const struct look *look = data;
	AUTOSERVER struct server server = { .dir = dir };
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	(void)spk_mapping_load(dir, &live, NULL);
	(void)look_at_server(look->plan, dir, look->name, &look->options, &server, NULL);
}

static void look_at_build(spn_directory *dir, void *data)
{
	const struct look *look = data;
	struct server server = *look->server;
	SPK_AUTO(spn_plan) *plan = NULL;
	server.teller = nobody;
	spn_status status = spn_plan_new(&plan, NULL);
	for (size_t i = 0; !status && i < spn_plan_count(look->plan); i++)
		status = spn_plan_append(plan, spn_plan_step(look->plan, i), NULL);
	if (!status)
		(void)look->build(plan, dir, &server, &look->options, NULL);
}

/* Hears whether a repair that is recommended gives the computer names. */
struct listener {
	spk_teller to;
	bool gives;
};

static spn_status listen(const spn_finding *finding, void *data, spn_error *err)
{
	struct listener *listener = data;
	for (size_t i = 0; i < finding->n_repairs; i++) {
		spn_repair_kind kind = finding->repairs[i].kind;
		listener->gives |= kind == SPN_REPAIR_ADD || kind == SPN_REPAIR_MOVE || kind == SPN_REPAIR_DEFAULTS;
	}
	return spk_tell_finding(&listener->to, finding, err);
}

/* Names that the plan gives come with who may know the password; so does what is recommended beside it. */
static spn_status tell_creator(const struct server *server, const struct listener *listener, const spn_plan *plan,
		size_t from, spn_error *err)
{
	bool is_given = false;
	for (size_t i = from; i < spn_plan_count(plan); i++)
		is_given |= spk_dn_equal(spn_plan_step(plan, i)->dn, spn_account_dn(server->computer));
	return listener->gives && !is_given ? spk_creator_tell(&listener->to, server->computer, err) : SPN_OK;
}

static spn_status propose(build_fn *build, const char *call, spn_plan *plan, spn_directory *dir, const char *name,
		const spn_repair_options *options, spn_error *err)
{
	spn_repair_options taken;
	spn_status status = spk_repair_options_take(options, &taken, err);
	if (status)
		return status;
	options = &taken;
	if (!plan || !dir || !name)
		return spn_fail(err, SPN_ERR_INVALID, 0, "%s: an argument is NULL", call);
	AUTOSERVER struct server server = { .dir = dir };
	struct look look = { build, plan, name, &server, *options };
	look.options.finding_fn = NULL;
	look.options.group_fn = NULL;
	size_t before = spn_plan_count(plan);
	status = spk_flags_check(call, options->flags, SPN_PROTECTED | SPN_FOREST, err);
	if (!status) {
		/* a repair of this server that is to be validated was proposed before: then the same is searched for at once */
		SPK_AUTOFREE char *subject = spk_printf("server %s", name);
		spk_directory_look_ahead(dir, subject, look_for_server, &look);
		status = look_at_server(plan, dir, name, options, &server, err);
		spk_directory_forget(dir);
	}
	if (!status)
		status = spk_posing_refuse(server.computer, (const char *const *)server.plain.names.list, server.plain.names.n, err);
	struct listener listener = { .to = server.teller };
	server.teller = (spk_teller){ listen, &listener };
	if (!status) {
		spk_directory_look_ahead(dir, NULL, look_at_build, &look);
		status = build(plan, dir, &server, options, err);
		spk_directory_forget(dir);
	}
	if (!status)
		status = tell_creator(&server, &listener, plan, before, err);
	if (!status)
		status = spk_plan_keep_names(plan, before, err);
	if (status)
		spk_plan_truncate(plan, before);
	return status;
}

spn_status spn_propose_fix(spn_plan *plan, spn_directory *dir, const char *server, const spn_repair_options *options,
		spn_error *err)
{
	return propose(build_fix, "spn_propose_fix", plan, dir, server, options, err);
}

/* The one account other than the computer that holds a name without the port; none: there is no such service.  Who
 * holds one with the port only may be anybody: HOST/ of the computer does not protect it. */
static spn_status find_service_account(const struct server *server, spk_accounts *others, spn_error *err)
{
	spn_status status = collect_others(server, &server->plain, others, err);
	if (!status && others->n > 1)
		return spn_fail(err, SPN_ERR_AMBIGUOUS, 0, "'%s' and '%s' both hold names of '%s': take them from one of them first, "
				"so that it is clear which one is the service account", spn_account_dn(others->list[0]),
				spn_account_dn(others->list[1]), server->hosts.short_name);
	return status;
}

/* What is right already is not touched, so that the plain names work all the time. */
static spn_status build_split(spn_plan *plan, spn_directory *dir, struct server *server,
		const spn_repair_options *options, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts services = { 0 }, of_ported = { 0 };
	unsigned flags = SPN_TAKEOVER | (options->flags & SPN_FOREST);
	spn_status status = refuse_beyond(server, &server->plain, err);
	if (!status)
		status = refuse_beyond(server, &server->ported, err);
	if (!status)
		status = find_service_account(server, &services, err);
	if (!status)
		status = spk_server_tell_nameless(server, err);
	if (!status)
		status = collect_others(server, &server->ported, &of_ported, err);
	if (!status && services.n)
		status = spk_server_tell_split(server, services.list[0], err);
	else if (!status)
		status = spk_server_tell_unshared(server, of_ported.n, err);
	if (!status)
		status = spk_server_tell_names(server, &server->contested, spk_account_label(server->computer), err);
	if (status || services.n + of_ported.n == 0)
		return status;
	const char *away = "clients that ask with the port mean the computer";
	status = refuse_unused(server, err);
	if (!status && services.n)
		status = spk_propose_tell_disabled(&server->teller, services.list[0], err);
	for (size_t i = 0; !status && i < of_ported.n; i++)
		status = delete_held(plan, dir, server, of_ported.list[i], &server->ported, away, err);
	if (!status && services.n)
		status = delete_held(plan, dir, server, server->computer, &server->plain,
				"clients that ask without the port mean the service account", err);
	if (!status)
		status = spk_propose_add_to(plan, dir, server->computer, (const char *const *)server->ported.names.list,
				server->ported.names.n, flags, away, &nobody, err);
	if (!status && services.n)
		status = spk_propose_add_to(plan, dir, services.list[0], (const char *const *)server->plain.names.list,
				server->plain.names.n, flags, "clients that ask without the port mean the service account",
				&nobody, err);
	return status;
}

/* The names with the port come first, so that the plain ones are away as shortly as can be. */
static spn_status build_reset(spn_plan *plan, spn_directory *dir, struct server *server,
		const spn_repair_options *options, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts services = { 0 };
	spn_status status = build_split(plan, dir, server, options, err);
	if (!status)
		status = find_service_account(server, &services, err);
	if (status || services.n == 0)
		return status;
	/* as the split leaves it */
	SPK_AUTO(spn_account) *service = NULL;
	SPK_AUTO(spn_plan) *back = NULL;
	size_t before = spn_plan_count(plan);
	status = spk_account_after(plan, dir, spn_account_dn(services.list[0]), &service, err);
	if (!status)
		status = delete_held(plan, dir, server, service, &server->plain,
				"for a moment, so that a ticket to a plain name is one for the computer", err);
	if (status || spn_plan_count(plan) == before)
		return status;
	status = spn_plan_new(&back, err);
	if (!status)
		status = spk_step_invert(spn_plan_step(plan, before), back, err);
	if (status)
		return status;
	spn_step step = *spn_plan_step(back, 0);
	step.flags = SPN_TAKEOVER | SPN_GIVES_BACK;
	step.reason = "the service keeps its names";
	return spn_plan_append(plan, &step, err);
}

spn_status spn_propose_reset(spn_plan *plan, spn_directory *dir, const char *server, const spn_repair_options *options,
		spn_error *err)
{
	return propose(build_reset, "spn_propose_reset", plan, dir, server, options, err);
}

spn_status spn_propose_split(spn_plan *plan, spn_directory *dir, const char *server, const spn_repair_options *options,
		spn_error *err)
{
	return propose(build_split, "spn_propose_split", plan, dir, server, options, err);
}
