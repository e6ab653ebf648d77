/* SPDX-License-Identifier: MIT */
/* Who answers for the names of a server, and whether that is as it should be. */
#include <string.h>

#include "account/hosts.h"
#include "account/proof.h"
#include "base/error.h"
#include "model/dn.h"
#include "model/entry.h"
#include "server.h"

static size_t count_holders(const struct server *server, const char *name)
{
	size_t n = 0;
	for (const spk_line *line = spk_roll_find(&server->roll, spk_bytes(name)); line; line = line->next)
		n++;
	return n;
}

/* A name on several accounts: the KDC gives nobody a ticket for it, nor for what it covers.  held: the name itself, or
 * what it is an alias of.  Where the computer is one of the holders, the name is the computer's own; else a person has
 * to look. */
static spn_status tell_twice(
		const struct server *server, const char *name, const char *held, bool is_planned, spn_error *err)
{
	SPK_AUTOTEXT spk_text who = { 0 };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	bool is_own = spk_roll_spelling(&server->own, held);
	size_t n = count_holders(server, held), shown = 0;
	for (const spk_line *line = spk_roll_find(&server->roll, spk_bytes(held)); line; line = line->next) {
		const spn_account *holder = server->holders.list[line->account];
		shown++;
		spk_text_add(&who, "%s'%s'", shown == 1 ? "" : shown == n ? " and " : ", ", spn_account_dn(holder));
		if (!is_own || spk_dn_equal(spn_account_dn(holder), spn_account_dn(server->computer)))
			continue;
		spk_repairs_add_in(&repairs, server->dir, (spn_repair){ .kind = SPN_REPAIR_DELETE, .spns = &held, .n_spns = 1,
				.account = spn_account_dn(holder) });
	}
	if (!is_own)
		spk_repairs_add_in(&repairs, server->dir,
				(spn_repair){ .kind = SPN_REPAIR_DECIDE, .spns = &held, .n_spns = 1 });
	bool covers = strcmp(name, held) != 0;
	return who.failed ?
			spk_nomem(err) :
			spk_tell(&server->teller, err, "duplicate", SPN_SEVERITY_BROKEN, name,
					spk_server_other_holder(server, held, NULL), is_planned ? NULL : &repairs,
					"'%s'%s%s%s is held by %s: clients get no ticket for it", held,
					covers ? ", which covers '" : "", covers ? name : "", covers ? "'," : "",
					who.data);
}

/* A name that one account holds, or nobody, and that Samba's KDC finds a computer for.  ret_told: there is nothing more
 * to say.  base: the name, or what it is an alias of.  holder: who holds that, or NULL. */
static spn_status tell_by_cn(const struct server *server, const char *name, const char *base, const spn_account *holder,
		bool *ret_told, spn_error *err)
{
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	const char *label = spk_account_label(server->computer), *own = spn_account_dn(server->computer);
	const spn_account *other = spk_by_cn_find(&server->by_cn, base, holder ? spn_account_dn(holder) : own);
	bool is_own = !holder && spk_by_cn_finds(&server->by_cn, base, own), covers = strcmp(name, base) != 0;
	*ret_told = is_own || (holder && other);
	if (!*ret_told)
		return SPN_OK;
	if (!other)
		return spk_tell(&server->teller, err, "ok", SPN_SEVERITY_OK, name, server->computer, NULL,
				"nobody holds '%s'; '%s' answers for it by its cn", name, label);
	if (!holder)
		return spk_tell(&server->teller, err, "duplicate", SPN_SEVERITY_BROKEN, name, other, NULL,
				"nobody holds '%s'; Samba's KDC finds both '%s' and '%s' for it, by their cn: clients get no "
				"ticket for it", name, own, spn_account_dn(other));
	bool is_clear = spk_by_cn_is_clear(other, holder, base, 0);
	spk_repairs_add_in(&repairs, server->dir, (spn_repair){ .kind = is_clear ? SPN_REPAIR_DELETE : SPN_REPAIR_DECIDE,
			.spns = &base, .n_spns = 1, .account = is_clear ? spn_account_dn(holder) : NULL });
	return spk_tell(&server->teller, err, "duplicate", SPN_SEVERITY_BROKEN, name, other, &repairs,
			"'%s'%s%s%s is held by '%s', and Samba's KDC finds '%s' for it as well, by its cn: clients get no "
			"ticket for it", base, covers ? ", which covers '" : "", covers ? name : "", covers ? "'," : "",
			spn_account_dn(holder), spn_account_dn(other));
}

/* Whether nobody is known to answer for a name by what accounts hold: it, or what it is an alias of. */
static bool is_open(const struct server *server, const char *name, bool *ret_failed)
{
	SPK_AUTOTEXT spk_text target = { 0 };
	if (spk_roll_spelling(&server->own, name) || spk_server_other_holder(server, name, NULL))
		return false;
	bool is_alias = spk_mapping_target(&server->live.mapping, name, &target);
	*ret_failed |= target.failed;
	return !is_alias || target.failed ||
			(!spk_roll_spelling(&server->own, target.data) && !spk_server_other_holder(server, target.data, NULL));
}

/* Who else answers for the names of a list, if any of them is open. */
static spn_status find_served(
		const struct server *server, const spk_names *names, spk_served_list *ret_served, spn_error *err)
{
	bool is_any = false, failed = false;
	for (size_t i = 0; !is_any && i < names->n; i++)
		is_any = is_open(server, names->list[i], &failed);
	if (failed)
		return spk_nomem(err);
	return is_any ? spk_served_list_new(server->dir, server->computer, names, ret_served, err) : SPN_OK;
}

/* Of a name for which another account answers: that may have to, where no machine is known to use the computer. */
static spn_severity severity_of_other(const struct server *server)
{
	return spk_why_unused(server->computer) ? SPN_SEVERITY_NOTICE : SPN_SEVERITY_BROKEN;
}

/* Whether a name is of a host that the computer may have or not: where dNSHostName was not exported, the FQDN is a
 * guess, and whether the computer goes by its FQDN only is unknown. */
static bool is_guess(const struct server *server, const char *name, bool *ret_failed)
{
	const char *slash = strchr(name, '/');
	if (!spk_entry_lacks_host(server->computer->entry) || !slash)
		return false;
	size_t i = spk_hosts_place(&server->hosts, (spn_bytes){ slash + 1, strcspn(slash + 1, ":") }, ret_failed);
	return i != SIZE_MAX && !server->hosts.list[i].is_default;
}

/* Who answers for a name that no account but the computer holds. */
static spn_status tell_unheld(
		const struct server *server, const char *name, const struct spk_served_by *served, spn_error *err)
{
	const char *stored = spk_roll_spelling(&server->own, name), *target_stored = NULL, *other_stored = NULL;
	SPK_AUTOTEXT spk_text target = { 0 };
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	bool is_told = false;
	spn_status status = stored ? tell_by_cn(server, name, name, server->computer, &is_told, err) : SPN_OK;
	if (status || is_told)
		return status;
	if (stored)
		return spk_tell(&server->teller, err, "ok", SPN_SEVERITY_OK, name, server->computer, NULL,
				"'%s' is on the computer account '%s'", stored, spk_account_label(server->computer));
	bool is_alias = spk_mapping_target(&server->live.mapping, name, &target);
	if (target.failed)
		return spk_nomem(err);
	target_stored = is_alias ? spk_roll_spelling(&server->own, target.data) : NULL;
	const spn_account *other = is_alias ? spk_server_other_holder(server, target.data, &other_stored) : NULL;
	if (is_alias && count_holders(server, target.data) > 1)
		return tell_twice(server, name, target.data, false, err);
	status = tell_by_cn(server, name, is_alias ? target.data : name, target_stored ? server->computer : other, &is_told,
			err);
	if (status || is_told)
		return status;
	if (target_stored)
		return spk_tell(&server->teller, err, "ok", SPN_SEVERITY_OK, name, server->computer, NULL,
				"nobody holds '%s'; '%s' answers for it through '%s'", name, spk_account_label(server->computer),
				target_stored);
	const char *unused = spk_why_unused(server->computer);
	if (other) {
		bool is_found = spk_is_found_by_cn(other, target.data);
		if (!unused && !is_found)
			spk_repairs_add_in(&repairs, server->dir, (spn_repair){ .kind = SPN_REPAIR_MOVE, .spns = &other_stored,
				.n_spns = 1, .account = spn_account_dn(other), .to = spn_account_dn(server->computer) });
		return spk_tell(&server->teller, err, "wrong-account", severity_of_other(server), name, other, &repairs,
				"nobody holds '%s'; '%s' answers for it through '%s', not the computer account '%s'%s",
				name, spk_account_label(other), other_stored, spk_account_label(server->computer), !unused && is_found ?
				"; Samba's KDC finds it by its cn as well: give it another, or delete it if nothing uses it" : "");
	}
	if (served && served->by)
		return spk_tell(&server->teller, err, "wrong-account", severity_of_other(server), name, served->by, NULL,
				"nobody holds '%s'; '%s' answers for it through %s, not the computer account '%s'", name,
				spk_account_label(served->by), served->way, spk_account_label(server->computer));
	if (unused)
		return spk_tell(&server->teller, err, "missing", SPN_SEVERITY_NOTICE, name, NULL, NULL,
				"no account holds '%s'; '%s' %s: no machine is known to use it, so it needs no names", name,
				spk_account_label(server->computer), unused);
	bool failed = false;
	if (is_guess(server, name, &failed))
		return spk_tell(&server->teller, err, "missing", SPN_SEVERITY_NOTICE, name, NULL, NULL,
				"no account holds '%s'; whether clients of '%s' ask for it is unknown: no entry has a dNSHostName here",
				name, spk_account_label(server->computer));
	if (failed)
		return spk_nomem(err);
	if (spk_is_without_host(server->computer))
		return spk_tell(&server->teller, err, "missing", SPN_SEVERITY_NOTICE, name, NULL, NULL,
				"no account holds '%s'; '%s' has neither "
				"dNSHostName nor operatingSystem: no machine is known to use it, so it needs no names",
				name, spk_account_label(server->computer));
	spk_repairs_add_in(&repairs, server->dir, (spn_repair){ .kind = SPN_REPAIR_ADD, .spns = &name, .n_spns = 1,
			.account = spk_account_operand(server->dir, server->computer, NULL) });
	return spk_tell(&server->teller, err, "missing", SPN_SEVERITY_BROKEN, name, NULL, &repairs,
			"no account holds '%s': clients get no ticket for it", name);
}

static spn_status tell_held(const struct server *server, const char *name, const char *stored,
		const spn_account *holder, const char *instead_of, spn_error *err)
{
	bool is_unused = spk_why_unused(server->computer);
	return spk_tell(&server->teller, err, "wrong-account", severity_of_other(server), name, holder, NULL,
			is_unused ? "'%s' is on '%s', which may need it: no machine is known to use '%s'" :
				    "'%s' is on '%s': the KDC makes tickets for that account, and what runs as '%s' cannot read them "
				    "(0x80090322)",
			stored, spk_account_label(holder), instead_of);
}

spn_status spk_server_tell_names(
		const struct server *server, const spk_names *names, const char *instead_of, spn_error *err)
{
	SPK_AUTOSERVED spk_served_list served = { .list = NULL };
	spn_status status = find_served(server, names, &served, err);
	for (size_t i = 0; !status && i < names->n; i++) {
		const char *stored;
		const spn_account *holder = spk_server_other_holder(server, names->list[i], &stored);
		status = holder && count_holders(server, names->list[i]) > 1 ?
				tell_twice(server, names->list[i], names->list[i], true, err) :
				holder ? tell_held(server, names->list[i], stored, holder, instead_of, err) :
					 tell_unheld(server, names->list[i], served.list ? &served.list[i] : NULL, err);
	}
	return status;
}

spn_status spk_server_tell_nameless(const struct server *server, spn_error *err)
{
	if (spn_account_spns(server->computer, NULL) > 0 || spk_why_unused(server->computer) ||
			!spk_account_has_host(server->computer)) /* which the export may lack: then it gets none */
		return SPN_OK;
	SPK_AUTOREPAIRS spk_repairs repairs = { .n = 0 };
	spk_repairs_add_in(&repairs, server->dir, (spn_repair){ .kind = SPN_REPAIR_DEFAULTS,
			.account = spk_account_operand(server->dir, server->computer, NULL) });
	return spk_tell(&server->teller, err, "missing", SPN_SEVERITY_BROKEN, NULL, server->computer, &repairs,
			"'%s' holds no name at all: WinRM and what else runs as the computer is not found",
			spk_account_label(server->computer));
}

spn_status spk_server_tell_split(const struct server *server, const spn_account *service, spn_error *err)
{
	SPK_AUTOROLL spk_roll held = { 0 };
	SPK_AUTOSERVED spk_served_list served = { .list = NULL };
	bool lacks = false;
	spn_status status = spk_server_tell_names(server, &server->ported.names, spk_account_label(server->computer), err);
	if (!status)
		status = spk_roll_of_account(service, &held, err);
	for (size_t i = 0; !status && !lacks && i < server->plain.names.n; i++)
		lacks = !spk_roll_spelling(&held, server->plain.names.list[i]);
	if (!status && lacks)
		status = spk_served_list_new(server->dir, server->computer, &server->plain.names, &served, err);
	for (size_t i = 0; !status && i < server->plain.names.n; i++) {
		const char *name = server->plain.names.list[i], *stored = spk_roll_spelling(&held, name);
		if (stored && count_holders(server, name) > 1)
			status = tell_twice(server, name, name, true, err);
		else if (stored)
			status = spk_tell(&server->teller, err, "ok", SPN_SEVERITY_OK, name, service, NULL,
					"'%s' is on the service account '%s'", stored, spk_account_label(service));
		else if (served.list && served.list[i].by &&
				!spk_dn_equal(spn_account_dn(served.list[i].by), spn_account_dn(service)))
			status = spk_tell(&server->teller, err, "wrong-account", SPN_SEVERITY_WARNING, name, served.list[i].by,
					NULL, "nobody holds '%s'; '%s' answers for it through %s, not the service account '%s'", name,
					spk_account_label(served.list[i].by), served.list[i].way, spk_account_label(service));
		else
			status = spk_tell(&server->teller, err, "missing", SPN_SEVERITY_WARNING, name, service, NULL,
					"'%s' is not on the service account '%s'", name, spk_account_label(service));
	}
	return status;
}

spn_status spk_server_tell_unshared(const struct server *server, size_t n_of_ported, spn_error *err)
{
	const char *label = spk_account_label(server->computer);
	spn_status status = spk_server_tell_names(server, &server->plain.names, label, err);
	return status || n_of_ported == 0 ? status : spk_server_tell_names(server, &server->ported.names, label, err);
}
