/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <spnkit/repair.h>

#include "base/error.h"
#include "base/net.h"
#include "directory/directory.h"
#include "model/dn.h"
#include "plan/holders.h"

/* How long to leave the controllers in peace, in milliseconds. */
#define PAUSE 500
#define UF_SERVER_TRUST_ACCOUNT "8192"

/* A domain controller, and whether it says what is wanted. */
struct replica {
	char *host;
	spn_directory *dir; /* NULL: cannot be reached yet */
	bool agrees;
	spn_error why; /* it does not */
};

struct replicas {
	struct replica *list;
	size_t n;
};

static void free_replicas(struct replicas *replicas)
{
	for (size_t i = 0; i < replicas->n; i++) {
		spn_directory_free(replicas->list[i].dir);
		free(replicas->list[i].host);
	}
	free(replicas->list);
}

/* What is to be seen everywhere. */
struct wanted {
	const char *dn;
	const char *const *names;
	size_t n;
};

static spn_status add(const spn_entry *entry, void *data, spn_error *err)
{
	struct replicas *replicas = data;
	const char *host = spn_entry_text(entry, "dNSHostName");
	if (!host)
		return spn_fail(err, SPN_ERR_FAILED, 0, "the domain controller '%s' has no dNSHostName: it cannot be asked",
				spn_entry_dn(entry));
	struct replica *grown = realloc(replicas->list, (replicas->n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	replicas->list = grown;
	grown[replicas->n] = (struct replica){ .host = strdup(host) };
	return grown[replicas->n].host ? (replicas->n++, SPN_OK) : spk_nomem(err);
}

/* By the directory, not by DNS, which may name those of a site only. */
static spn_status list_controllers(spn_directory *dir, struct replicas *replicas, spn_error *err)
{
	static const char *const attrs[] = { "dNSHostName", NULL };
	const spn_filter computer = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = spk_bytes("computer") };
	const spn_filter controller = { .op = SPN_FILTER_BITS, .attr = "userAccountControl",
		.value = spk_bytes(UF_SERVER_TRUST_ACCOUNT) };
	const spn_filter *const parts[] = { &computer, &controller, NULL };
	const spn_filter both = { .op = SPN_FILTER_AND, .parts = parts };
	const spn_search search = { .scope = SPN_SCOPE_SUBTREE, .filter = &both, .attrs = attrs };
	return spn_directory_search(dir, &search, add, replicas, err);
}

static spn_status look(
		spn_directory *dir, const char *host, const struct wanted *wanted, bool *ret_agrees, spn_error *err)
{
	SPK_AUTOACCOUNTS spk_accounts holders = { 0 };
	spn_status status = spk_holders(dir, NULL, wanted->names, wanted->n, false, &holders, err);
	bool agrees = true;
	for (size_t i = 0; !status && i < wanted->n; i++) {
		const spn_account *other = spk_holder_of(&holders, wanted->names[i], wanted->dn, NULL);
		if (other)
			return spn_fail(err, SPN_ERR_NOT_UNIQUE, 0, "'%s' was added to '%s' as well, on the domain controller '%s'",
					wanted->names[i], spn_account_dn(other), host);
		agrees &= spk_holder_of(&holders, wanted->names[i], NULL, NULL) != NULL;
	}
	if (!status)
		*ret_agrees = agrees;
	return status;
}

/* Asks one controller.  Only a conflict is a failure; whatever else is wrong may be better in a moment. */
static spn_status ask(struct replica *replica, const char *scheme, const spn_open_options *options,
		const struct wanted *wanted, spn_error *err)
{
	SPK_AUTOFREE char *url = spk_printf("%s%s", scheme, replica->host);
	if (!url)
		return spk_nomem(err);
	spn_status status = replica->dir ? SPN_OK : spn_directory_open(url, options, &replica->dir, &replica->why);
	if (status)
		return SPN_OK;
	status = look(replica->dir, replica->host, wanted, &replica->agrees, &replica->why);
	if (!status && !replica->agrees)
		spn_fail(&replica->why, SPN_ERR_NOT_FOUND, 0, "it does not have it yet");
	if (status == SPN_ERR_NOT_UNIQUE && err)
		*err = replica->why;
	return status == SPN_ERR_NOT_UNIQUE ? status : SPN_OK;
}

static spn_status tell_late(const struct replicas *replicas, unsigned seconds, spn_error *err)
{
	SPK_AUTOTEXT spk_text late = { 0 };
	for (size_t i = 0; i < replicas->n; i++)
		if (!replicas->list[i].agrees)
			spk_text_add(&late, "%s'%s' (%s)", late.len ? ", " : "", replicas->list[i].host, replicas->list[i].why.message);
	return late.failed ? spk_nomem(err) : spn_fail(err, SPN_ERR_UNREACHABLE, 0,
			"after %u seconds not every domain controller has the change: %s", seconds, late.data);
}

static spn_status ask_all(struct replicas *replicas, const char *scheme, const spn_open_options *options,
		const struct wanted *wanted, unsigned seconds, spn_error *err)
{
	const struct timespec pause = { 0, PAUSE * 1000000L };
	spk_deadline deadline = spk_deadline_in(seconds * 1000);
	for (;;) {
		size_t n_agree = 0;
		for (size_t i = 0; i < replicas->n; i++) {
			struct replica *replica = &replicas->list[i];
			spn_status status = replica->agrees ? SPN_OK : ask(replica, scheme, options, wanted, err);
			if (status)
				return status;
			n_agree += replica->agrees;
		}
		if (n_agree == replicas->n)
			return SPN_OK;
		if (spk_deadline_left(deadline) == 0)
			return tell_late(replicas, seconds, err);
		nanosleep(&pause, NULL);
	}
}

spn_status spn_replicas_wait(spn_directory *dir, const spn_open_options *options, const char *dn,
		const char *const *spns, size_t n_spns, unsigned seconds, spn_error *err)
{
	if (!dir || !dn || !spns || n_spns == 0 || seconds > 86400)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_replicas_wait: an argument is NULL or out of range");
	const char *scheme = spk_directory_scheme(dir);
	if (!scheme)
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "'%s' has no replicas to wait for", spn_directory_url(dir));
	__attribute__((cleanup(free_replicas))) struct replicas replicas = { 0 };
	const struct wanted wanted = { dn, spns, n_spns };
	spn_status status = list_controllers(dir, &replicas, err);
	if (!status)
		status = ask_all(&replicas, scheme, options, &wanted, seconds, err);
	return status;
}
