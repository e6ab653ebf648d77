/* SPDX-License-Identifier: MIT */
/*
 * enctypes - (inside a lab) does the KDC choose the encryption types that are predicted?
 *
 * usage: enctypes LAB [FILTER]
 *
 * A user, one that may use DES only, and a computer get every interesting msDS-SupportedEncryptionTypes, with all their
 * keys and then with the RC4 key alone (LAB weaken); a domain controller and the KDC itself, with all of them.  Clients
 * with several lists of enctypes ask for tickets.  FILTER: what the KDC is restricted to, as of kdc_filter, by LAB
 * samba.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnkit/spnkit.h>
#include "../unit/returned.h"

#define SUPPORTED "msDS-SupportedEncryptionTypes"
#define ALL_KEYS (SPN_ENC_RC4 | SPN_ENC_AES128 | SPN_ENC_AES256)

/* The first one is asked for tickets of the client, whose own keys do not matter here. */
static const struct client {
	const char *conf; /* what krb5.conf says */
	int list[3];
	size_t n;
} clients[] = {
	{ "", { 18, 17, 23 }, 3 },
	{ "arcfour-hmac-md5", { 23 }, 1 },
	{ "aes256-cts-hmac-sha1-96", { 18 }, 1 },
	{ "aes128-cts-hmac-sha1-96", { 17 }, 1 },
	{ "arcfour-hmac-md5 aes256-cts-hmac-sha1-96", { 23, 18 }, 2 },
};
#define N_CLIENTS (sizeof clients / sizeof *clients)

static const char *const values[] = { NULL, "0", "1", "3", "4", "8", "16", "24", "28", "31", "36", "39", "56", "60",
	"32", "192", "65536", "2147483640", "-2147483624" };
#define N_VALUES (sizeof values / sizeof *values)

static const struct account {
	const char *rdns, *spn;
	uint32_t control; /* of userAccountControl */
	const char *old_control, *new_control; /* NULL: as it is */
	spn_enctype_owner owner;
	bool keeps_keys;
} accounts[] = {
	{ "CN=CrmAsyncService,OU=CRM", "enc/user.kimconnect.com", 0x200, NULL, NULL, SPN_ENCTYPE_ACCOUNT, false },
	{ "CN=LAX-CRM01,OU=CRM", "enc/computer.kimconnect.com", 0x1000, NULL, NULL, SPN_ENCTYPE_ACCOUNT, false },
	{ "CN=alice,CN=Users", "enc/des.kimconnect.com", 0x200200, "512", "2097664", SPN_ENCTYPE_ACCOUNT, false },
	{ "CN=DC1,OU=Domain Controllers", "enc/controller.kimconnect.com", 0x82000, NULL, NULL, SPN_ENCTYPE_ACCOUNT, true },
	{ "CN=krbtgt,CN=Users", "krbtgt/KIMCONNECT.COM", 0x202, NULL, NULL, SPN_ENCTYPE_KRBTGT, true },
};

struct lab {
	spn_directory *dir;
	spn_kdc *kdc[N_CLIENTS];
	spn_era era;
	unsigned filter;
	size_t n, n_refused, n_differ;
	spn_error err;
};

static spn_status set(struct lab *lab, const char *dn, const char *old, const char *new)
{
	spn_mod mods[2];
	size_t n = 0;
	if (old)
		mods[n++] = (spn_mod){ SPN_MOD_DELETE, SUPPORTED, { old, strlen(old) } };
	if (new)
		mods[n++] = (spn_mod){ SPN_MOD_ADD, SUPPORTED, { new, strlen(new) } };
	return n ? spn_directory_modify(lab->dir, dn, mods, n, &lab->err) : SPN_OK;
}

static spn_status keep_old(const spn_entry *entry, void *data, spn_error *err)
{
	const char *text = spn_entry_text(entry, SUPPORTED);
	(void)err;
	snprintf(data, 20, "%s", text ? text : "");
	return SPN_OK;
}

static spn_status keep_ticket(const spn_ticket *ticket, void *data, spn_error *err)
{
	(void)err;
	*(spn_enctype_prediction *)data = (spn_enctype_prediction){ .ticket = ticket->enctype,
			.session = ticket->session_enctype };
	return SPN_OK;
}

/* The KDC's own ticket comes with a log-on, and is in the cache then. */
static spn_status log_on(struct lab *lab, const char *spn, spn_enctype_prediction *ret_got)
{
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	spn_kdc *kdc = NULL;
	char ccache[200];
	snprintf(ccache, sizeof ccache, "FILE:%s/enctypes.tgt", getenv("LAB_DIR"));
	setenv("ENCTYPES_TGT", ccache, 1);
	if (system("kinit -c \"$ENCTYPES_TGT\" -k -t \"$LAB_KEYTABS/Administrator.keytab\" Administrator >&2") != 0)
		return spn_fail(&lab->err, SPN_ERR_FAILED, 0, "kinit failed");
	credentials.ccache = ccache;
	options.credentials = &credentials;
	spn_status status = spn_kdc_open(&options, &kdc, &lab->err);
	if (!status)
		status = request_ticket(kdc, spn, keep_ticket, ret_got, &lab->err);
	spn_kdc_free(kdc);
	return status;
}

static spn_status ask(struct lab *lab, size_t account, const char *value, unsigned keys, size_t client)
{
	enum { NOSUPP = 14 };
	spn_enctype_prediction predicted, got = { .ticket = 0 };
	spn_enctype_case what = SPN_ENCTYPE_CASE_INIT;
	what.era = lab->era;
	what.supported = value ? (uint32_t)strtoll(value, NULL, 10) : 0;
	what.user_account_control = accounts[account].control;
	what.keys = keys;
	what.client = clients[client].list;
	what.n_client = clients[client].n;
	what.owner = accounts[account].owner;
	what.kdc_filter = lab->filter;
	spn_status status = spn_enctype_predict(&what, &predicted, &lab->err);
	bool is_krbtgt = accounts[account].owner == SPN_ENCTYPE_KRBTGT;
	if (!status && is_krbtgt)
		status = log_on(lab, accounts[account].spn, &got);
	else if (!status)
		status = request_ticket(lab->kdc[client], accounts[account].spn, keep_ticket, &got, &lab->err);
	if (status && spn_kerberos_explain(lab->err.native)->code == NOSUPP)
		status = SPN_OK;
	if (status)
		return status;
	lab->n++;
	lab->n_refused += got.ticket == 0;
	if (got.ticket == predicted.ticket && (is_krbtgt || got.session == predicted.session))
		return SPN_OK;
	lab->n_differ++;
	printf("%s, %s %s, keys 0x%x, client '%s': ticket %d, session key %d; predicted %d, %d (%s)\n",
			accounts[account].spn, SUPPORTED,
			value ? value : "absent", keys, clients[client].conf, got.ticket, got.session, predicted.ticket, predicted.session,
			predicted.why);
	return SPN_OK;
}

static spn_status try_account(struct lab *lab, size_t account, const char *dn, unsigned keys)
{
	char before[20] = "";
	const char *const attrs[] = { SUPPORTED, NULL };
	const spn_search search = { .base = dn, .scope = SPN_SCOPE_BASE, .attrs = attrs };
	spn_status status = spn_directory_search(lab->dir, &search, keep_old, before, &lab->err);
	const char *now = *before ? before : NULL;
	for (size_t v = 0; !status && v < N_VALUES; v++) {
		status = set(lab, dn, now, values[v]);
		now = values[v];
		size_t n = accounts[account].owner == SPN_ENCTYPE_KRBTGT ? 1 : N_CLIENTS;
		for (size_t c = 0; !status && c < n; c++)
			status = ask(lab, account, values[v], keys, c);
	}
	return status ? status : set(lab, dn, now, *before ? before : NULL);
}

static spn_status set_control(struct lab *lab, const char *dn, const char *old, const char *new)
{
	const spn_mod mods[] = { { SPN_MOD_DELETE, "userAccountControl", { old, strlen(old) } },
		{ SPN_MOD_ADD, "userAccountControl", { new, strlen(new) } } };
	return spn_directory_modify(lab->dir, dn, mods, 2, &lab->err);
}

static spn_status weaken(const char *program, const char *dn)
{
	char command[500];
	snprintf(command, sizeof command, "%s weaken '%s' >&2", program, dn);
	return system(command) == 0 ? SPN_OK : (fprintf(stderr, "'%s' failed\n", command), SPN_ERR_FAILED);
}

static spn_status try_all(struct lab *lab, const char *program, const char *base)
{
	spn_status status = SPN_OK;
	for (size_t a = 0; !status && a < sizeof accounts / sizeof *accounts; a++) {
		const struct account *account = &accounts[a];
		char dn[200];
		snprintf(dn, sizeof dn, "%s,%s", account->rdns, base);
		if (account->owner == SPN_ENCTYPE_ACCOUNT)
			status = spn_add_unique(lab->dir, dn, &account->spn, 1, 0, &lab->err);
		if (!status && account->new_control)
			status = set_control(lab, dn, account->old_control, account->new_control);
		if (!status)
			status = try_account(lab, a, dn, ALL_KEYS);
		if (!status && !account->keeps_keys)
			status = weaken(program, dn);
		if (!status && !account->keeps_keys)
			status = try_account(lab, a, dn, SPN_ENC_RC4);
	}
	return status;
}

/* A KDC handle that asks for one client's enctypes: they are read from krb5.conf when it is opened. */
static spn_status open_client(struct lab *lab, size_t i)
{
	char path[200], conf[400];
	const char *usual = getenv("KRB5_CONFIG");
	snprintf(path, sizeof path, "%s/enctypes.conf", getenv("LAB_DIR"));
	FILE *file = fopen(path, "w");
	if (!file)
		return perror(path), SPN_ERR_FAILED;
	fprintf(file, "[libdefaults]\n\tallow_weak_crypto = true\n\tdefault_tgs_etypes = %s\n", clients[i].conf);
	fclose(file);
	snprintf(conf, sizeof conf, "%s:%s", path, usual);
	setenv("KRB5_CONFIG", *clients[i].conf ? conf : usual, 1);
	spn_status status = spn_kdc_open(NULL, &lab->kdc[i], &lab->err);
	setenv("KRB5_CONFIG", conf + strlen(path) + 1, 1);
	return status;
}

static spn_status open_lab(struct lab *lab, const char **ret_base)
{
	const spn_entry *root;
	unsigned major = 0, minor = 0;
	spn_status status = spn_directory_open(getenv("LAB_URL"), NULL, &lab->dir, &lab->err);
	for (size_t i = 0; !status && i < N_CLIENTS; i++)
		status = open_client(lab, i);
	if (!status)
		status = spn_directory_root(lab->dir, &root, &lab->err);
	if (status)
		return status;
	const char *version = spn_entry_text(root, "vendorVersion");
	if (!version || sscanf(version, "%u.%u", &major, &minor) != 2)
		return fprintf(stderr, "the controller does not say which version of Samba it is\n"), SPN_ERR_FAILED;
	lab->era = major > 4 || minor >= 24 ? SPN_ERA_SAMBA_4_24 : SPN_ERA_SAMBA_4_17;
	*ret_base = spn_entry_text(root, "defaultNamingContext");
	return SPN_OK;
}

int main(int argc, char **argv)
{
	const char *base = NULL;
	if (argc != 2 && argc != 3)
		return fprintf(stderr, "usage: enctypes LAB [FILTER]\n"), 2;
	struct lab lab = { .era = SPN_ERA_UNKNOWN, .filter = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 0) : 0 };
	spn_status status = open_lab(&lab, &base);
	if (!status)
		status = try_all(&lab, argv[1], base);
	if (status)
		fprintf(stderr, "enctypes: %s\n", lab.err.message);
	printf("%s, filter 0x%x: %zu cases, %zu of them refused, %zu differ\n", spn_era_name(lab.era), lab.filter,
			lab.n, lab.n_refused, lab.n_differ);
	for (size_t i = 0; i < N_CLIENTS; i++)
		spn_kdc_free(lab.kdc[i]);
	spn_directory_free(lab.dir);
	return !status && lab.n_differ == 0 && lab.n_refused > 0 && lab.n > lab.n_refused ? 0 : 1;
}
