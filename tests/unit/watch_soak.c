/* SPDX-License-Identifier: MIT */
/*
 * watch_soak.c PASSES CHANGES ACCOUNTS - a domain in which names come and go, and one that watches it
 *
 * Behind each pass, what was reported as new and not yet as cleared is what there is: every name on several accounts.
 * The memory in use behind the last pass is about that behind the first ones.  A day of ten changes a second, looked at
 * every minute: 1440 600 5000.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <spnkit/backend.h>
#include <spnkit/spnkit.h>

#define BASE "DC=example,DC=com"
#define NAMES_MAX 8
#define WARM 5 /* passes */

/* Account i holds names by number: number n is http/hN. */
struct domain {
	size_t n_accounts, n_changes;
	struct {
		unsigned names[NAMES_MAX];
		size_t n;
	} * accounts;
	unsigned *changed; /* accounts, in the order of the changes */
	unsigned char *holders; /* of each name */
	unsigned char *reported; /* as a duplicate, by the events */
	uint64_t random;
	size_t n_events, faults;
};

static uint64_t next(struct domain *domain)
{
	domain->random ^= domain->random << 13;
	domain->random ^= domain->random >> 7;
	domain->random ^= domain->random << 17;
	return domain->random;
}

static void make_guid(unsigned i, char guid[16])
{
	memset(guid, 'g', 16);
	memcpy(guid, &i, sizeof i);
}

static spn_status make_entry(const struct domain *domain, unsigned i, spn_entry **ret_entry, spn_error *err)
{
	char text[64], guid[16];
	snprintf(text, sizeof text, "CN=a%u," BASE, i);
	spn_status status = spn_entry_new(text, ret_entry, err);
	make_guid(i, guid);
	if (!status)
		status = spn_entry_add(*ret_entry, "objectGUID", (spn_bytes){ guid, sizeof guid }, err);
	if (!status)
		status = spn_entry_add(*ret_entry, "objectClass", (spn_bytes){ "user", 4 }, err);
	int len = snprintf(text, sizeof text, "a%u", i);
	if (!status)
		status = spn_entry_add(*ret_entry, "sAMAccountName", (spn_bytes){ text, (size_t)len }, err);
	for (size_t k = 0; !status && k < domain->accounts[i].n; k++) {
		len = snprintf(text, sizeof text, "http/h%u", domain->accounts[i].names[k]);
		status = spn_entry_add(*ret_entry, "servicePrincipalName", (spn_bytes){ text, (size_t)len }, err);
	}
	return status;
}

static spn_status hand_over(struct domain *domain, unsigned i, spn_entry_fn *fn, void *data, spn_error *err)
{
	spn_entry *entry = NULL;
	spn_status status = i < domain->n_accounts ? make_entry(domain, i, &entry, err) : SPN_OK;
	if (!status && entry)
		status = fn(entry, data, err);
	spn_entry_free(entry);
	return status;
}

/* All of them, or those with the objectGUIDs that were asked for. */
static spn_status search(void *self, const spn_search *what, spn_entry_fn *fn, void *data, spn_error *err)
{
	struct domain *domain = self;
	const spn_filter *filter = what->filter;
	spn_status status = SPN_OK;
	if (strcmp(what->base, BASE) != 0)
		return spn_fail(err, SPN_ERR_NOT_FOUND, 0, "there is no '%s'", what->base);
	if (filter && filter->op == SPN_FILTER_OR && strcmp(filter->parts[0]->attr, "objectGUID") == 0) {
		for (size_t k = 0; !status && filter->parts[k]; k++) {
			unsigned i;
			memcpy(&i, filter->parts[k]->value.data, sizeof i);
			status = hand_over(domain, i, fn, data, err);
		}
		return status;
	}
	for (unsigned i = 0; !status && i < domain->n_accounts; i++)
		status = hand_over(domain, i, fn, data, err);
	return status;
}

static spn_status modify(void *self, const char *dn, const spn_mod *mods, size_t n, spn_error *err)
{
	(void)self;
	(void)mods;
	(void)n;
	return spn_fail(err, SPN_ERR_REFUSED, 0, "'%s' is not changed like this", dn);
}

static spn_status root(void *self, spn_entry **ret_root, spn_error *err)
{
	(void)self;
	spn_status status = spn_entry_new("", ret_root, err);
	return status ? status :
			spn_entry_add(*ret_root, "defaultNamingContext", (spn_bytes){ BASE, strlen(BASE) }, err);
}

static void leave(void *self)
{
	(void)self;
}

static spn_status changes(void *self, const char *base, const char *const *attrs, spn_bytes cookie, spn_entry_fn *fn,
		void *data, spn_bytes *ret_cookie, spn_error *err)
{
	struct domain *domain = self;
	char *text = malloc(32);
	(void)base;
	(void)attrs;
	spn_status status = text ? SPN_OK : spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
	for (size_t i = cookie.len ? strtoul(cookie.data, NULL, 10) : domain->n_changes;
			!status && i < domain->n_changes; i++)
		status = hand_over(domain, domain->changed[i], fn, data, err);
	if (status)
		free(text);
	else
		*ret_cookie = (spn_bytes){ text, (size_t)snprintf(text, 32, "%zu", domain->n_changes) };
	return status;
}

/* Most accounts have names of their own; one change in fifty gives an account the name of another one, for a while. */
static void change(struct domain *domain)
{
	unsigned i = (unsigned)(next(domain) % domain->n_accounts);
	unsigned whose = next(domain) % 50 ? i : (unsigned)(next(domain) % domain->n_accounts);
	unsigned name = whose * 4 + (unsigned)(next(domain) % 4);
	size_t k = 0;
	while (k < domain->accounts[i].n && domain->accounts[i].names[k] != name)
		k++;
	if (k < domain->accounts[i].n) {
		domain->accounts[i].names[k] = domain->accounts[i].names[--domain->accounts[i].n];
		domain->holders[name]--;
	} else if (k < NAMES_MAX) {
		domain->accounts[i].names[domain->accounts[i].n++] = name;
		domain->holders[name]++;
	}
	domain->changed[domain->n_changes++] = i;
}

static spn_status note(const spn_event *event, void *data, spn_error *err)
{
	struct domain *domain = data;
	(void)err;
	domain->n_events++;
	bool is_new = event->kind == SPN_EVENT_NEW;
	if (!is_new && event->kind != SPN_EVENT_CLEARED)
		return SPN_OK;
	unsigned long name = strtoul(event->spn + strlen("http/h"), NULL, 10);
	domain->faults += domain->reported[name] == is_new; /* twice */
	domain->reported[name] = is_new;
	return SPN_OK;
}

static void compare(struct domain *domain, size_t pass)
{
	size_t before = domain->faults;
	for (size_t i = 0; i < domain->n_accounts * 4; i++)
		domain->faults += domain->reported[i] != (domain->holders[i] > 1);
	if (domain->faults > before)
		fprintf(stderr, "pass %zu: %zu duplicates are not as reported\n", pass, domain->faults - before);
}

static size_t memory_in_use(void)
{
	struct mallinfo2 now = mallinfo2();
	return now.uordblks + now.hblkhd;
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int soak(struct domain *domain, size_t n_passes, size_t n_changes)
{
	static const spn_backend backend = { .version = SPN_BACKEND_VERSION,
		.name = "soak",
		.search = search,
		.modify = modify,
		.root = root,
		.free = leave,
		.changes = changes };
	spn_directory *dir = NULL;
	spn_watch *watch = NULL;
	spn_error err = { .status = SPN_OK };
	size_t warm = 0, most = 0;
	double began = seconds(), longest = 0;
	spn_status status = spn_directory_new(&backend, domain, "soak", true, &dir, &err);
	if (!status)
		status = spn_watch_new(NULL, &watch, &err);
	for (size_t pass = 0; !status && pass < n_passes; pass++) {
		for (size_t i = 0; pass && i < n_changes; i++)
			change(domain);
		double at = seconds();
		status = spn_watch_look(watch, dir, note, domain, &err);
		longest = seconds() - at > longest ? seconds() - at : longest;
		compare(domain, pass);
		size_t used = memory_in_use();
		warm = pass < WARM ? (used > warm ? used : warm) : warm;
		most = used > most ? used : most;
	}
	spn_watch_free(watch);
	spn_directory_free(dir);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	printf("%zu accounts, %zu passes, %zu changes, %zu events: %.1f s, the longest pass %.2f s; memory %zu KiB at "
	       "first, "
	       "%zu KiB at most; peak %ld KiB; %zu faults\n",
			domain->n_accounts, n_passes, domain->n_changes, domain->n_events, seconds() - began, longest,
			warm / 1024, most / 1024, usage.ru_maxrss, domain->faults);
	if (status)
		fprintf(stderr, "%s\n", err.message);
	/* accounts gain a name or two on average */
	return status || domain->faults || domain->n_events == 0 || most > warm + warm / 2 ? 1 : 0;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	size_t n_passes = strtoul(argv[1], NULL, 10), n_changes = strtoul(argv[2], NULL, 10);
	struct domain domain = { .n_accounts = strtoul(argv[3], NULL, 10), .random = 20261130 };
	domain.accounts = calloc(domain.n_accounts, sizeof *domain.accounts);
	domain.changed = calloc(n_passes * n_changes + 1, sizeof *domain.changed);
	domain.holders = calloc(domain.n_accounts * 4, 1);
	domain.reported = calloc(domain.n_accounts * 4, 1);
	if (!domain.accounts || !domain.changed || !domain.holders || !domain.reported)
		return 2;
	for (unsigned i = 0; i < domain.n_accounts; i++) {
		domain.accounts[i].names[domain.accounts[i].n++] = i * 4;
		domain.holders[i * 4]++;
	}
	int code = soak(&domain, n_passes, n_changes);
	free(domain.accounts);
	free(domain.changed);
	free(domain.holders);
	free(domain.reported);
	return code;
}
