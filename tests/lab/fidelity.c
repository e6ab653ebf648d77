/* SPDX-License-Identifier: MIT */
/*
 * fidelity - (inside a lab) does resolve name the account that the KDC picks?
 *
 * usage: fidelity SEED POPULATIONS PLANT
 *
 * Each population is a random distribution of names and aliases over computers and users, from the seed.  For random
 * names, the account that resolve names must be the one whose key decrypts the ticket that the KDC gave; where the KDC
 * refuses, resolve must say none or ambiguous.  Hosts are made up, or those of the lab's computers, or
 * have letters beyond ASCII; classes are all that sPNMappings has, and one that it gets; some names are of the
 * ticket-granting service, of the domain's controllers or of no service; accounts get userPrincipalNames that look like
 * names, some are disabled, and some are read-only controllers.  PLANT is a command that puts a name on an account past
 * every check.
 *
 * Of the mutants of resolve.c (tests/mutants) it notices all that change which account is named of a domain of Samba;
 * but nobody can see in a ticket by which rule, whether nobody or several are in the way, and what this Kerberos
 * library does not ask for (krbtgt/NETBIOS) or the lab does not have (a trust, Windows).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnkit/spnkit.h>
#include "../unit/returned.h"

#define NAMES "servicePrincipalName"
#define MAX_NAMES 24
#define UAC "userAccountControl"
enum { DISABLED = 2, READ_ONLY = 0x4000000 }; /* ADS_UF_ACCOUNTDISABLE, ADS_UF_PARTIAL_SECRETS_ACCOUNT */
enum { FIRST_USER = 2, N_USERS = 3 };          /* among accounts */

static const char names_attr[] = NAMES;
/* What the lab's sPNMappings gets in addition. */
#define MAPPINGS "sPNMappings"
#define OWN_CLASS "fidclass"
#define OWN_TARGET "MSSQLSvc"
#define WITH_BLANK "fidblank" /* whose target has one */

static const struct {
	const char *name; /* of its keytab, or NULL */
	const char *rdns;
} accounts[] = {
	{ "LAX-CRM01", "CN=LAX-CRM01,OU=CRM" },
	{ "DYNAMICS-CRM", "CN=DYNAMICS-CRM,OU=CRM" },
	{ "CrmIisPoolServiceAccount", "CN=CrmIisPoolServiceAccount,OU=CRM" },
	{ "crmIisPoolSvc2", "CN=crmIisPoolServiceAccount,OU=CRM Security Groups" },
	{ "CrmAsyncService", "CN=CrmAsyncService,OU=CRM" },
	{ NULL, "CN=DC1,OU=Domain Controllers" }, /* whose key is not here: "another" */
};
#define N_ACCOUNTS (sizeof accounts / sizeof accounts[0])

/* What a population put where, to be taken away before the next one. */
struct given {
	size_t account;
	const char *attr;
	char name[80], was[80]; /* was: what the attribute had before, if it can have one value only */
};

struct lab {
	spn_directory *dir;
	spn_kdc *kdc;
	const char *base, *keytabs, *plant;
	struct given given[MAX_NAMES];
	bool disabled[N_ACCOUNTS];
	size_t n_given, n_asked, n_tickets, n_ambiguous, n_disabled, n_differ;
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
	static const char *const usual[] = { "HOST", "http", "HTTP", "cifs", "host", "dns", "MSSQLSvc", "WSMAN", "www",
		"rpc", "Two words" };
	static const char *const mapped[] = { "alerter", "appmgmt", "cisvc", "clipsrv", "browser", "dhcp", "dnscache",
		"replicator", "eventlog", "eventsystem", "policyagent", "oakley", "dmserver", "dns", "mcsvc", "fax",
		"msiserver", "ias", "messenger", "netlogon", "netman", "netdde", "netddedsm", "nmagent", "plugplay",
		"protectedstorage", "rasman", "rpclocator", "rpc", "rpcss", "remoteaccess", "rsvp", "samss", "scardsvr",
		"scesrv", "seclogon", "scm", "dcom", "cifs", "spooler", "snmp", "schedule", "tapisrv",
		"trksvr", "trkwks", "ups", "time", "wins", "www", "http", "w3svc", "iisadmin", "msdtc" };
	static const char *const hosts[] = { "fid0", "FID0", "fid1", "fid0.kimconnect.com", "Fid1.Kimconnect.com",
		/* those of the lab's computers, by cn and by dNSHostName */
		"LAX-CRM01", "dynamics-crm", "lax-crm01.kimconnect.com", "DYNAMICS-CRM.kimconnect.com", "lax-crm01.elsewhere.test",
		/* an accent, in two cases; a letter of full width */
		"fid\xc3\xa9", "FID\xc3\x89", "\xef\xbd\x86xid0" };
	static const char *const tails[] = { "", "", "", "", ":5985", ":inst", "/fid0.kimconnect.com",
		"/kimconnect.com", "/KIMCONNECT" };
	/* of the ticket-granting service, and of what is like it; a class that Kerberos writes with a backslash; a
	 * class of the lab's own sPNMappings; computers, users and groups by their cn */
	static const char *const special[] = { "krbtgt/KIMCONNECT.COM", "krbtgt/KIMCONNECT.COM:88", "krbtgt/ELSEWHERE.TEST",
		"krbtgt/KIMCONNECT.COM/kimconnect.com", "http/KIMCONNECT.COM", "odd@class/fid0", "odd@class/fid1",
		WITH_BLANK "/fid0", WITH_BLANK "/FID1", "Two words/fid0", OWN_CLASS "/fid0", OWN_CLASS "/FID1",
		OWN_CLASS "/fid0/fid1", OWN_TARGET "/fid0", OWN_TARGET "/fid1", "HOST/CrmAsyncService",
		"http/CrmIisPoolServiceAccount", "HOST/ReportingGroup", "http/SQLAccessGroup", "HOST/DC1",
		"ldap/dc1/kimconnect.com", "http/dc1:88", "HOST/LAX-CRM01:88",
		"HOST/dynamics-crm/x", "http/lax-crm01/x", "HOST/lax-crm01/kimconnect.com" };
	if (below(6) == 0) {
		snprintf(buffer, size, "%s", special[below(sizeof special / sizeof *special)]);
		return buffer;
	}
	bool is_mapped = below(3) == 0;
	const char *class = is_mapped ? mapped[below(sizeof mapped / sizeof *mapped)] :
			usual[below(sizeof usual / sizeof *usual)];
	/* mostly the made-up ones, so that names meet */
	const char *host = hosts[below(2) ? below(5) : below(sizeof hosts / sizeof *hosts)];
	snprintf(buffer, size, "%s/%s%s", class, host, tails[below(sizeof tails / sizeof *tails)]);
	return buffer;
}

static spn_status change(struct lab *lab, size_t account, spn_mod_op op, const char *name)
{
	char dn[200];
	snprintf(dn, sizeof dn, "%s,%s", accounts[account].rdns, lab->base);
	const spn_mod mod = { op, NAMES, { name, strlen(name) } };
	return spn_directory_modify(lab->dir, dn, &mod, 1, NULL);
}

static spn_status read_value(const spn_entry *entry, void *data, spn_error *err)
{
	struct given *given = data;
	(void)err;
	snprintf(given->was, sizeof given->was, "%s", spn_entry_text(entry, given->attr) ? spn_entry_text(entry,
			given->attr) : "");
	return SPN_OK;
}

/* One value in the place of another; "": of none, by none. */
static bool exchange(struct lab *lab, const struct given *given, const char *from, const char *to)
{
	char dn[200];
	spn_mod mods[2];
	size_t n = 0;
	snprintf(dn, sizeof dn, "%s,%s", accounts[given->account].rdns, lab->base);
	if (*from)
		mods[n++] = (spn_mod){ SPN_MOD_DELETE, given->attr, { from, strlen(from) } };
	if (*to)
		mods[n++] = (spn_mod){ SPN_MOD_ADD, given->attr, { to, strlen(to) } };
	return spn_directory_modify(lab->dir, dn, mods, n, NULL) == SPN_OK;
}

/* Gives an attribute another value until the next population; flags: those that userAccountControl gets. */
static bool set(struct lab *lab, struct given *given, size_t account, const char *attr, unsigned long flags)
{
	char dn[200];
	const char *const attrs[] = { attr, NULL };
	snprintf(dn, sizeof dn, "%s,%s", accounts[account].rdns, lab->base);
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	given->account = account;
	given->attr = attr;
	if (spn_directory_search(lab->dir, &search, read_value, given, NULL))
		return false;
	if (strcmp(attr, UAC) == 0)
		snprintf(given->name, sizeof given->name, "%lu", strtoul(given->was, NULL, 10) | flags);
	return exchange(lab, given, given->was, given->name);
}

/* By the library's own delete, which gets past what Samba does not let go: names that two accounts hold. */
static bool take_away(struct lab *lab, struct given *given)
{
	char dn[200];
	const char *name = given->name;
	if (given->attr != names_attr)
		return exchange(lab, given, given->name, given->was);
	const spn_change_options unrecorded = { .version = SPN_CHANGE_OPTIONS_VERSION, .flags = SPN_NO_JOURNAL };
	snprintf(dn, sizeof dn, "%s,%s", accounts[given->account].rdns, lab->base);
	spn_status status = spn_delete(lab->dir, dn, &name, 1, &unrecorded, NULL);
	return !status || status == SPN_ERR_NOT_FOUND;
}

static void clear(struct lab *lab)
{
	for (size_t i = lab->n_given; i-- > 0;)
		if (!take_away(lab, &lab->given[i]))
			fprintf(stderr, "%s stays on %s\n", lab->given[i].name, accounts[lab->given[i].account].rdns);
	lab->n_given = 0;
	memset(lab->disabled, 0, sizeof lab->disabled);
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
		given->attr = names_attr;
		random_name(given->name, sizeof given->name);
		if (change(lab, given->account, SPN_MOD_ADD, given->name) == SPN_OK)
			lab->n_given++;
	}
	if (below(3) == 0) { /* a UPN that looks like a name, with its realm or without */
		struct given *given = &lab->given[lab->n_given];
		char name[60];
		snprintf(given->name, sizeof given->name, "%.50s%s", random_name(name, sizeof name),
				below(2) ? "@kimconnect.com" : "");
		lab->n_given += set(lab, given, FIRST_USER + below(N_USERS), "userPrincipalName", 0);
	}
	if (below(4) == 0) {
		struct given *given = &lab->given[lab->n_given];
		size_t account = below(FIRST_USER + N_USERS);
		lab->disabled[account] = set(lab, given, account, UAC, DISABLED);
		lab->n_given += lab->disabled[account];
	}
	if (below(4) == 0) { /* a computer is a read-only controller */
		struct given *given = &lab->given[lab->n_given];
		lab->n_given += set(lab, given, below(FIRST_USER), UAC, READ_ONLY);
	}
	if (twice && lab->n_given > 0 && lab->given[0].attr == names_attr) {
		struct given *given = &lab->given[lab->n_given];
		const struct given *held = &lab->given[0];
		given->account = (held->account + 1) % N_ACCOUNTS;
		given->attr = names_attr;
		memcpy(given->name, held->name, sizeof given->name);
		if (plant(lab, given->account, given->name))
			lab->n_given++;
	}
}

/* Which account resolve names: its number; -1 none, -2 ambiguous, -3 another, -4 one that it does not name. */
static spn_status by_directory(const spn_resolution *resolution, void *data, spn_error *err)
{
	int *answer = data;
	(void)err;
	*answer = resolution->match == SPN_MATCH_NONE ? -1 : resolution->match == SPN_MATCH_AMBIGUOUS ? -2 :
			resolution->n_accounts > 0 ? -3 : -4;
	for (size_t i = 0; *answer == -3 && i < N_ACCOUNTS; i++)
		if (accounts[i].name && strncmp(spn_account_dn(resolution->accounts[0]), accounts[i].rdns,
				strlen(accounts[i].rdns)) == 0)
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
	for (size_t i = 0; i < N_ACCOUNTS && accounts[i].name; i++) {
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
	static const char *const others[] = { "nobody", "several", "another", "no account" };
	return account >= 0 ? accounts[account].name : others[-account - 1];
}

static bool agree(int resolved, int opened)
{
	return resolved == opened || (resolved == -2 && opened == -1);
}

static bool ask(struct lab *lab, const char *name)
{
	spn_error err = { .status = SPN_OK };
	int resolved = -1;
	struct opened opened = { lab, -1 };
	if (resolve_name(lab->dir, name, by_directory, &resolved, &err)) {
		fprintf(stderr, "resolve %s: %s\n", name, err.message);
		return false;
	}
	spn_status status = request_ticket(lab->kdc, name, by_ticket, &opened, &err);
	if (status && status != SPN_ERR_NOT_FOUND) {
		fprintf(stderr, "%s: %s\n", name, err.message);
		return false;
	}
	lab->n_asked++;
	lab->n_tickets += status == SPN_OK;
	lab->n_ambiguous += resolved == -2;
	lab->n_disabled += resolved >= 0 && lab->disabled[resolved]; /* Samba gives tickets for these all the same */
	if (agree(resolved, opened.account))
		return true;
	lab->n_differ++;
	printf("population %lu, %s: resolve says %s, the KDC %s\n", lab->population, name, label(resolved),
			label(opened.account));
	for (size_t i = 0; i < lab->n_given; i++)
		printf("  %s %s on %s\n", lab->given[i].attr, lab->given[i].name, accounts[lab->given[i].account].rdns);
	return true;
}

/* A UPN is asked for without its realm. */
static bool ask_given(struct lab *lab, const struct given *given)
{
	char name[80];
	const char *realm = strstr(given->name, "@kimconnect.com");
	snprintf(name, sizeof name, "%.*s", (int)(realm ? (size_t)(realm - given->name) : strlen(given->name)), given->name);
	return strcmp(given->attr, UAC) == 0 || ask(lab, name);
}

/* Values of sPNMappings that no domain has by itself. */
static bool map(struct lab *lab, spn_mod_op op)
{
	static const char one[] = OWN_TARGET "=" OWN_CLASS ",another", two[] = "Two words=" WITH_BLANK;
	char dn[200];
	const spn_mod mods[] = { { op, MAPPINGS, { one, strlen(one) } }, { op, MAPPINGS, { two, strlen(two) } } };
	spn_error err = { .status = SPN_OK };
	snprintf(dn, sizeof dn, "CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,%s", lab->base);
	if (spn_directory_modify(lab->dir, dn, mods, 2, &err))
		fprintf(stderr, MAPPINGS ": %s\n", err.message);
	return !err.status;
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
	bool well = map(&lab, SPN_MOD_ADD);
	for (; well && lab.population < strtoul(argv[2], NULL, 10); lab.population++) {
		char name[80];
		state = strtoull(argv[1], NULL, 10) * 1000003 + lab.population;
		populate(&lab);
		for (size_t i = 0; well && i < lab.n_given; i++)
			well = ask_given(&lab, &lab.given[i]);
		for (int i = 0; well && i < 10; i++)
			well = ask(&lab, random_name(name, sizeof name));
		clear(&lab);
	}
	well &= map(&lab, SPN_MOD_DELETE);
	printf("%lu populations, %zu names, %zu tickets, %zu held by several, %zu of disabled accounts, %zu differ\n",
			lab.population, lab.n_asked, lab.n_tickets, lab.n_ambiguous, lab.n_disabled, lab.n_differ);
	spn_kdc_free(lab.kdc);
	spn_directory_free(lab.dir);
	return well && lab.n_differ == 0 && lab.n_ambiguous > 0 && lab.n_disabled > 0 ? 0 : 1;
}
