/* SPDX-License-Identifier: MIT */
#include "proof.h"

#include <string.h>

#include <spnkit/expect.h>

#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

/* [MS-ADTS] 2.2.16 */
#define UF_KINDS 0x3a00u /* NORMAL, INTERDOMAIN_TRUST, WORKSTATION_TRUST, SERVER_TRUST: each account has one */
#define UF_SERVER_TRUST_ACCOUNT 0x2000u
#define UF_DONT_REQUIRE_PREAUTH 0x400000u
#define UF_PARTIAL_SECRETS_ACCOUNT 0x4000000u
/* What sAMAccountName keeps of a longer host name: the length of a NetBIOS name. */
#define NETBIOS_LENGTH 15

static bool begins_with(const char *text, const char *begin)
{
	bool differs = (unsigned char)*text < 0x80 && spk_ascii_lower(*text) != spk_ascii_lower(*begin); /* as mostly */
	return !differs && spk_fold_equal((spn_bytes){ text, strnlen(text, strlen(begin)) }, spk_bytes(begin), SPK_FOLD_CASE);
}

bool spk_account_has_host(const spn_account *account)
{
	return spn_account_get_kind(account) == SPN_KIND_COMPUTER &&
			(spn_account_dns_host(account) || spn_entry_text(account->entry, "operatingSystem"));
}

bool spk_account_is_windows(const spn_account *account)
{
	const char *system = spn_entry_text(account->entry, "operatingSystem");
	return system && begins_with(system, "Windows");
}

bool spk_account_is_no_windows(const spn_account *account)
{
	return spn_entry_text(account->entry, "operatingSystem") && !spk_account_is_windows(account);
}

bool spk_account_is_machine(const spn_account *account)
{
	const spn_bytes *names;
	if (spk_account_kind_is_told(account) || spk_account_is_windows(account))
		return true;
	bool has_host = false;
	for (size_t i = 0, n = spn_account_spns(account, &names); i < n; i++)
		has_host |= begins_with(names[i].data, "HOST/");
	return has_host && !strcasestr(spn_account_dn(account), ",CN=Managed Service Accounts,");
}

bool spk_account_is_cluster_name(const spn_account *account)
{
	const spn_bytes *names;
	size_t n = spn_account_spns(account, &names);
	for (size_t i = 0; i < n; i++)
		if (begins_with(names[i].data, "MSClusterVirtualServer/"))
			return true;
	return false;
}

/* The groups of controllers ([MS-ADTS] 6.1.1.6.5, 6.1.1.6.14). */
static bool is_in_their_group(const spn_account *account, bool *ret_known)
{
	enum { DOMAIN_CONTROLLERS = 516, READ_ONLY_CONTROLLERS = 521 };
	const char *group = spn_entry_text(account->entry, "primaryGroupID");
	long rid = group ? strtol(group, NULL, 10) : 0;
	*ret_known = group;
	return rid == DOMAIN_CONTROLLERS || rid == READ_ONLY_CONTROLLERS;
}

static bool is_in_their_unit(const spn_account *account)
{
	return strcasestr(spn_account_dn(account), ",OU=Domain Controllers,");
}

static bool has_names_of_theirs(const spn_account *account)
{
	static const char *const classes[] = { "ldap/", "GC/", "E3514235-4B06-11D1-AB04-00C04FC2DCD2/" };
	const spn_bytes *names;
	size_t n = spn_account_spns(account, &names);
	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < sizeof classes / sizeof *classes; c++)
			if (begins_with(names[i].data, classes[c]))
				return true;
	return n == 0 || spk_entry_lacks_names(account->entry);
}

bool spk_account_is_controller(const spn_account *account)
{
	unsigned long control;
	bool has_group;
	if (spk_account_control(account, &control) && control & (UF_KINDS | UF_PARTIAL_SECRETS_ACCOUNT))
		return control & (UF_SERVER_TRUST_ACCOUNT | UF_PARTIAL_SECRETS_ACCOUNT);
	return spn_account_get_kind(account) == SPN_KIND_COMPUTER && is_in_their_group(account, &has_group);
}

bool spk_account_is_no_controller(const spn_account *account)
{
	unsigned long control;
	bool has_group;
	spn_account_kind kind = spn_account_get_kind(account);
	if (spk_account_control(account, &control) && control & (UF_KINDS | UF_PARTIAL_SECRETS_ACCOUNT))
		return !spk_account_is_controller(account);
	if (kind != SPN_KIND_COMPUTER)
		return kind != SPN_KIND_OTHER;
	return !is_in_their_group(account, &has_group) && has_group && !is_in_their_unit(account);
}

bool spk_account_may_be_controller(const spn_account *account)
{
	return !spk_account_is_no_controller(account) &&
			(spk_account_is_controller(account) || is_in_their_unit(account) || has_names_of_theirs(account));
}

bool spk_account_needs_no_preauth(const spn_account *account)
{
	unsigned long control;
	return spk_account_control(account, &control) && control & UF_DONT_REQUIRE_PREAUTH;
}

bool spk_account_is_remnant(const spn_account *account)
{
	const char *dn = spn_account_dn(account);
	if (spk_dn_has_mark(dn, "CNF:") || spk_dn_has_mark(dn, "DEL:"))
		return true;
	return begins_with(spn_account_name(account), "$DUPLICATE-") || spn_entry_text(account->entry, "isDeleted");
}

static bool is_account_name(const char *name, spn_bytes host)
{
	size_t len = strlen(name);
	return len > 1 && name[len - 1] == '$' && spk_fold_equal((spn_bytes){ name, len - 1 }, host, SPK_FOLD_WINDOWS);
}

bool spk_account_is_host(const spn_account *account, spn_bytes host)
{
	const char *dns = spn_account_dns_host(account);
	if (spn_account_get_kind(account) != SPN_KIND_COMPUTER)
		return false;
	return (dns && spk_fold_equal(spk_bytes(dns), host, SPK_FOLD_WINDOWS)) ||
			is_account_name(spn_account_name(account), host);
}

bool spk_account_claims_host(const spn_account *account, spn_bytes host)
{
	const spn_bytes *values;
	const char *dns = spn_account_dns_host(account);
	bool claims = spk_account_is_host(account, host) ||
			(dns && spk_fold_equal((spn_bytes){ dns, strcspn(dns, ".") }, host, SPK_FOLD_WINDOWS));
	size_t n = spn_entry_values(account->entry, "msDS-AdditionalDnsHostName", &values);
	for (size_t i = 0; i < n; i++)
		claims |= spk_fold_equal(values[i], host, SPK_FOLD_WINDOWS) || is_account_name(values[i].data, host) ||
				spk_fold_equal((spn_bytes){ values[i].data, strcspn(values[i].data, ".") }, host, SPK_FOLD_WINDOWS);
	n = spn_entry_values(account->entry, "msDS-AdditionalSamAccountName", &values);
	for (size_t i = 0; i < n; i++)
		claims |= is_account_name(values[i].data, host);
	return claims;
}

static bool ends_with_realm(const spn_account *account, const char *name)
{
	SPK_AUTOTEXT spk_text domain = { 0 };
	const char *at = strrchr(name, '@');
	if (!at || !at[1])
		return false;
	spk_dn_domain(spn_account_dn(account), &domain);
	return !domain.failed && domain.len && spk_ascii_equal(at + 1, domain.data);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Several names in one value, or one in quotes: that no host and no class is called so is a matter of grammar. */
static bool has_marks(const char *name, const char *slash)
{
	return name[0] == '"' || slash[1 + strcspn(slash + 1, ",;/")] == ',' || slash[1 + strcspn(slash + 1, ",;/")] == ';';
}

/* By its parts alone. */
static bool has_no_sense(const char *name)
{
	size_t len = strlen(name), n_slashes = 0;
	const char *slash = strchr(name, '/');
	if (!slash || slash == name || slash[-1] == ':' || !slash[1] || slash[1] == '/' || name[len - 1] == '/')
		return true;
	for (size_t i = 0; i < len; i++)
		n_slashes += name[i] == '/';
	return n_slashes > 2 || is_blank(name[0]) || is_blank(name[len - 1]) || has_marks(name, slash);
}

/* Samba's KDC asks the directory for a principal as Heimdal writes it: behind '\\' stands every blank, and '@'.  So no
 * name in which these stand by themselves is found, and every other one is that has a '/', be there nothing before or
 * behind it. */
static bool is_served_by_samba(const char *folded)
{
	return strchr(folded, '/') && (strchr(folded, '\\') || !strpbrk(folded, " \t\n\b@"));
}

bool spk_name_is_served(const spn_account *account, spn_bytes name)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	if (spk_entry_folding(account->entry) != SPK_FOLD_SAMBA)
		return false;
	spk_fold_key(name, SPK_FOLD_SAMBA, &key);
	return key.failed || (key.len && is_served_by_samba(key.data));
}

spn_bytes spk_name_asked(spn_bytes name)
{
	name.len = strnlen(name.data, name.len);
	for (; name.len > 0 && *name.data == ' '; name.len--)
		name.data++;
	while (name.len > 0 && name.data[name.len - 1] == ' ')
		name.len--;
	return name;
}

/* Windows compares without what cannot be seen, so that a name which looks odd may be found all the same. */
bool spk_name_is_hopeless(const spn_account *account, spn_bytes name)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	if (spk_name_is_served(account, name) || spk_has_nul(name))
		return false;
	spk_fold_key(name, spk_entry_folding(account->entry), &key);
	return !key.failed && key.len &&
			((has_no_sense(name.data) && has_no_sense(key.data)) || ends_with_realm(account, name.data));
}

bool spk_is_machine_class(spn_bytes service_class)
{
	static const char *const classes[] = { "HOST", "RestrictedKrbHost", "WSMAN", "TERMSRV" };
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (spk_fold_equal(service_class, spk_bytes(classes[i]), SPK_FOLD_WINDOWS))
			return true;
	return false;
}

bool spk_name_is_of_machine(const spn_account *machine, const char *spn)
{
	spn_name name;
	return spn_account_get_kind(machine) == SPN_KIND_COMPUTER && !spn_name_parse(spn, &name, NULL) &&
			spk_account_claims_host(machine, name.host) &&
			(spk_is_machine_class(name.service_class) || spn_name_by_host(spn));
}

/* How many of the holders can answer, and how many of those are the machine that a name means. */
struct contest {
	const spn_account *able, *machine;
	size_t n_able, n_machines, n_claims;
	bool machine_is_unable; /* a disabled computer is what the name means */
	bool unknown;           /* whether an account is enabled */
};

static void enter(struct contest *contest, const spn_account *account, bool of_machine, spn_bytes host)
{
	unsigned long control;
	bool is_host = of_machine && spk_account_is_host(account, host);
	contest->unknown |= !spk_account_control(account, &control);
	bool is_off = !spn_account_enabled(account) &&
			!spn_account_is_kdc(account); /* which is disabled, and whose key the KDC uses */
	bool is_unable_machine = is_host && is_off && !spk_account_is_remnant(account);
	contest->machine_is_unable |= is_unable_machine;
	if ((is_off && !spk_account_is_served_disabled(account)) || spk_account_is_remnant(account))
		return;
	contest->able = account;
	contest->n_able++;
	contest->n_claims += of_machine && spk_account_claims_host(account, host);
	if (is_host && !is_unable_machine) {
		contest->machine = account;
		contest->n_machines++;
	}
}

static struct contest judge(const spk_accounts *holders, const char *name)
{
	spn_name parts;
	struct contest contest = { .n_able = 0 };
	SPK_AUTOTEXT spk_text key = { 0 };
	bool is_name = !spn_name_parse(name, &parts, NULL);
	if (!is_name) { /* what cannot be seen in it, a controller does not compare */
		spk_fold_key(spk_bytes(name), SPK_FOLD_WINDOWS, &key);
		is_name = !key.failed && key.len && !spn_name_parse(key.data, &parts, NULL);
	}
	bool of_machine = is_name && !parts.port.len && !parts.service_name.len && spk_is_machine_class(parts.service_class);
	for (size_t i = 0; i < holders->n; i++)
		enter(&contest, holders->list[i], of_machine, of_machine ? parts.host : (spn_bytes){ "", 0 });
	return contest;
}

static const spn_account *winner(const struct contest *contest)
{
	if (contest->n_machines == 1 && contest->n_claims == 1)
		return contest->machine;
	return contest->n_able == 1 && !contest->machine_is_unable ? contest->able : NULL;
}

const spn_account *spk_rightful_holder(const spk_accounts *holders, const char *name)
{
	struct contest contest = judge(holders, name);
	return contest.unknown ? NULL : winner(&contest);
}

const spn_account *spk_likely_holder(const spk_accounts *holders, const char *name)
{
	struct contest contest = judge(holders, name);
	return winner(&contest);
}

bool spk_defaults_are_due(const spn_account *account)
{
	unsigned long control;
	const char *dns = spn_account_dns_host(account), *name = spn_account_name(account);
	if (spn_account_get_kind(account) != SPN_KIND_COMPUTER || !dns || !spk_account_is_windows(account))
		return false;
	if (!spk_account_control(account, &control) || !spn_account_enabled(account))
		return false;
	size_t label = strcspn(dns, ".");
	spn_bytes kept = { dns, label < NETBIOS_LENGTH ? label : NETBIOS_LENGTH };
	return dns[label] && is_account_name(name, kept) && !spk_account_is_cluster_name(account) &&
			!spk_account_is_remnant(account);
}
