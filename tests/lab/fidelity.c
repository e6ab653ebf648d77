/* SPDX-License-Identifier: MIT */
/*
 * fidelity - (inside a lab) does resolve name the account that the KDC picks?
 *
 * usage: fidelity SEED POPULATIONS PLANT
 *
 * Each population is a random distribution of names and aliases over computers and users, from the seed.  For random
 * names, the account that resolve names must be the one whose key decrypts the ticket that the KDC gave; where the KDC
 * refuses, resolve must say none or ambiguous.  PLANT is a command that puts a name on an account past every check.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnkit/spnkit.h>

#define NAMES "servicePrincipalName"
#define MAX_NAMES 24

static const struct {
	const char *name; /* of its keytab */
	const char *rdns;
} accounts[] = {
	{ "LAX-CRM01", "CN=LAX-CRM01,OU=CRM" },
	{ "DYNAMICS-CRM", "CN=DYNAMICS-CRM,OU=CRM" },
	{ "CrmIisPoolServiceAccount", "CN=CrmIisPoolServiceAccount,OU=CRM" },
	{ "crmIisPoolSvc2", "CN=crmIisPoolServiceAccount,OU=CRM Security Groups" },
	{ "CrmAsyncService", "CN=CrmAsyncService,OU=CRM" },
};
#define N_ACCOUNTS (sizeof accounts / sizeof accounts[0])

/* What a population put where, to be taken away before the next one. */
struct given {
	size_t account;
	char name[80];
};

struct lab {
	spn_directory *dir;
	spn_kdc *kdc;
	const char *base, *keytabs, *plant;
	struct given given[MAX_NAMES];
	size_t n_given, n_asked, n_tickets, n_ambiguous, n_samba, n_differ;
	unsigned long population;
};

static unsigned long long state;

/* SplitMix64: the same numbers on every machine. */
static unsigned below(unsigned n)
{
	unsigned long long z = (state += 0x9e3779b97f4a7c15ull);
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (unsigned)((z ^ z >> 31) % n);
}

static const char *random_name(char *buffer, size_t size)
{
	static const char *const classes[] = { "HOST", "http", "HTTP", "cifs", "host", "dns", "MSSQLSvc", "WSMAN", "www", "rpc" };
	static const char *const hosts[] = { "fid0", "FID0", "fid1", "fid0.kimconnect.com", "Fid1.Kimconnect.com" };
	static const char *const tails[] = { "", "", "", ":5985", ":inst", "/fid0.kimconnect.com" };
	snprintf(buffer, size, "%s/%s%s", classes[below(sizeof classes / sizeof *classes)],
			hosts[below(sizeof hosts / sizeof *hosts)], tails[below(sizeof tails / sizeof *tails)]);
	return buffer;
}

static spn_status change(struct lab *lab, size_t account, spn_mod_op op, const char *name)
{
	char dn[200];
	snprintf(dn, sizeof dn, "%s,%s", accounts[account].rdns, lab->base);
	const spn_mod mod = { op, NAMES, { name, strlen(name) } };
	return spn_directory_modify(lab->dir, dn, &mod, 1, NULL);
}

/* By the library's own delete, which gets past what Samba does not let go: names that two accounts hold. */
static bool take_away(struct lab *lab, struct given *given)
{
	char dn[200];
	const char *name = given->name;
	const spn_change_options unrecorded = { .version = SPN_CHANGE_OPTIONS_VERSION, .flags = SPN_NO_JOURNAL };
	snprintf(dn, sizeof dn, "%s,%s", accounts[given->account].rdns, lab->base);
	spn_status status = spn_delete(lab->dir, dn, &name, 1, &unrecorded, NULL);
	return !status || status == SPN_ERR_NOT_FOUND;
}

static void clear(struct lab *lab)
{
	for (size_t i = lab->n_given; i-- > 0;)
		if (!take_away(lab, &lab->given[i]))
			fprintf(stderr, "%s stays on %s\n", lab->given[i].name, accounts[lab->given[i].account].name);
	lab->n_given = 0;
}

static bool plant(struct lab *lab, size_t account, const char *name)
{
	char command[400];
	snprintf(command, sizeof command, "%s plant '%s,%s' '%s' >&2", lab->plant, accounts[account].rdns, lab->base, name);
	return system(command) == 0;
}

static void populate(struct lab *lab)
{
	unsigned n = 3 + below(MAX_NAMES - 8);
	bool twice = below(8) == 0;
	for (unsigned i = 0; i < n; i++) {
		struct given *given = &lab->given[lab->n_given];
		given->account = below(N_ACCOUNTS);
		random_name(given->name, sizeof given->name);
		if (change(lab, given->account, SPN_MOD_ADD, given->name) == SPN_OK)
			lab->n_given++;
	}
	if (twice && lab->n_given > 0) {
		struct given *given = &lab->given[lab->n_given];
		const struct given *held = &lab->given[below((unsigned)lab->n_given)];
		given->account = (held->account + 1) % N_ACCOUNTS;
		memcpy(given->name, held->name, sizeof given->name);
		if (plant(lab, given->account, given->name))
			lab->n_given++;
	}
}

/* Which account resolve names: its number; -1 none, -2 ambiguous, -3 another. */
static spn_status by_directory(const spn_resolution *resolution, void *data, spn_error *err)
{
	int *answer = data;
	(void)err;
	*answer = resolution->rule == SPN_RULE_NONE ? -1 : resolution->rule == SPN_RULE_AMBIGUOUS ? -2 : -3;
	for (size_t i = 0; *answer == -3 && i < N_ACCOUNTS; i++)
		if (strncmp(spn_account_dn(resolution->accounts[0]), accounts[i].rdns, strlen(accounts[i].rdns)) == 0)
			*answer = (int)i;
	return SPN_OK;
}

struct opened {
	const struct lab *lab;
	int account; /* whose keytab decrypts it; -3: none of them */
};

static spn_status by_ticket(const spn_ticket *ticket, void *data, spn_error *err)
{
	struct opened *opened = data;
	opened->account = -3;
	for (size_t i = 0; i < N_ACCOUNTS; i++) {
		char keytab[300];
		spn_keytab_verdict verdict;
		snprintf(keytab, sizeof keytab, "%s/%s.keytab", opened->lab->keytabs, accounts[i].name);
		spn_status status = spn_keytab_try(keytab, ticket, &verdict, NULL, NULL, err);
		if (status)
			return status;
		if (verdict == SPN_KEYTAB_FITS)
			opened->account = (int)i;
	}
	return SPN_OK;
}

static const char *label(int account)
{
	return account >= 0 ? accounts[account].name : account == -1 ? "nobody" : account == -2 ? "several" : "another";
}

static bool agree(int resolved, int opened)
{
	return resolved == opened || (resolved == -2 && opened == -1);
}

/* Samba's own difference from Windows ([MS-DRSR] 4.1.4.2.19): when it maps an alias of three parts, http/x/y, it asks for
 * HOST/x, not for HOST/x/y.  -3: not such a name. */
static int as_samba_maps(struct lab *lab, const char *name)
{
	char two_parts[90];
	int resolved = -3;
	const char *host = strchr(name, '/'), *third = host ? strchr(host + 1, '/') : NULL;
	if (third) {
		snprintf(two_parts, sizeof two_parts, "HOST%.*s", (int)(third - host), host);
		(void)spn_resolve(lab->dir, two_parts, by_directory, &resolved, NULL);
	}
	return resolved;
}

static bool ask(struct lab *lab, const char *name)
{
	spn_error err = { .status = SPN_OK };
	int resolved = -1;
	struct opened opened = { lab, -1 };
	if (spn_resolve(lab->dir, name, by_directory, &resolved, &err)) {
		fprintf(stderr, "resolve %s: %s\n", name, err.message);
		return false;
	}
	spn_status status = spn_kdc_request(lab->kdc, name, by_ticket, &opened, &err);
	if (status && status != SPN_ERR_NOT_FOUND) {
		fprintf(stderr, "%s: %s\n", name, err.message);
		return false;
	}
	lab->n_asked++;
	lab->n_tickets += status == SPN_OK;
	lab->n_ambiguous += resolved == -2;
	if (agree(resolved, opened.account))
		return true;
	if (agree(as_samba_maps(lab, name), opened.account)) {
		lab->n_samba++;
		return true;
	}
	lab->n_differ++;
	printf("population %lu, %s: resolve says %s, the KDC %s\n", lab->population, name, label(resolved), label(opened.account));
	for (size_t i = 0; i < lab->n_given; i++)
		printf("  %s on %s\n", lab->given[i].name, accounts[lab->given[i].account].name);
	return true;
}

int main(int argc, char **argv)
{
	spn_error err = { .status = SPN_OK };
	const spn_entry *root;
	if (argc != 4)
		return fprintf(stderr, "usage: fidelity SEED POPULATIONS PLANT\n"), 2;
	struct lab lab = { .keytabs = getenv("LAB_KEYTABS"), .plant = argv[3] };
	if (spn_directory_open(getenv("LAB_URL"), NULL, &lab.dir, &err) || spn_kdc_open(NULL, &lab.kdc, &err) ||
			spn_directory_root(lab.dir, &root, &err))
		return fprintf(stderr, "fidelity: %s\n", err.message), 1;
	lab.base = spn_entry_text(root, "defaultNamingContext");
	bool well = true;
	for (; well && lab.population < strtoul(argv[2], NULL, 10); lab.population++) {
		char name[80];
		state = strtoull(argv[1], NULL, 10) * 1000003 + lab.population;
		populate(&lab);
		for (size_t i = 0; well && i < lab.n_given; i++)
			well = ask(&lab, lab.given[i].name);
		for (int i = 0; well && i < 10; i++)
			well = ask(&lab, random_name(name, sizeof name));
		clear(&lab);
	}
	printf("%lu populations, %zu names, %zu tickets, %zu held by several, %zu as only Samba maps them, %zu differ\n",
			lab.population, lab.n_asked, lab.n_tickets, lab.n_ambiguous, lab.n_samba, lab.n_differ);
	spn_kdc_free(lab.kdc);
	spn_directory_free(lab.dir);
	return well && lab.n_differ == 0 && lab.n_ambiguous > 0 ? 0 : 1;
}
