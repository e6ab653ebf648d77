/* SPDX-License-Identifier: MIT */
#include "account.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "creator.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/adtypes.h"
#include "model/dn.h"
#include "model/entry.h"
#include "model/fold.h"

#define UF_ACCOUNTDISABLE 0x2u

const char *const spk_account_attrs[] = { SPK_KIND_ATTRS, "dNSHostName", SPK_SPN,
	"userAccountControl", "userPrincipalName", "objectSid", "primaryGroupID", "memberOf", "operatingSystem",
	"msDS-AdditionalDnsHostName", "msDS-AdditionalSamAccountName", SPK_KRBTGT_NUMBER, SPK_CREATOR,
	"adminCount", "pwdLastSet", NULL };

static bool has_class(const spn_bytes *classes, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (spk_ascii_equal(classes[i].data, name))
			return true;
	return false;
}

/* By objectCategory, of which each class has its own ([MS-ADSC], defaultObjectCategory); OTHER if that does not tell.
 */
static spn_account_kind kind_by_category(const spn_entry *entry)
{
	static const struct {
		const char *category;
		spn_account_kind kind;
	} kinds[] = {
		{ "Computer", SPN_KIND_COMPUTER },
		{ "Person", SPN_KIND_USER },
		{ "ms-DS-Group-Managed-Service-Account", SPN_KIND_GMSA },
		{ "ms-DS-Delegated-Managed-Service-Account", SPN_KIND_DMSA },
		{ "ms-DS-Managed-Service-Account", SPN_KIND_MSA },
	};
	const char *category = spn_entry_text(entry, "objectCategory");
	for (size_t i = 0; category && i < sizeof kinds / sizeof *kinds; i++)
		if (spk_dn_first_value_is(category, kinds[i].category))
			return kinds[i].kind;
	return SPN_KIND_OTHER;
}

bool spk_account_kind_is_told(const spn_account *account)
{
	const spn_bytes *classes;
	return spn_entry_values(account->entry, "objectClass", &classes) || kind_by_category(account->entry) != SPN_KIND_OTHER;
}

/* Without objectClass, by what else tells computers and users ([MS-SAMR] 2.2.1.9, 2.2.1.12). */
static spn_account_kind kind_without_class(const spn_entry *entry)
{
	enum { NORMAL = 0x200, TRUST = 0x1000 | 0x2000, TYPE_USER = 0x30000000, TYPE_MACHINE = 0x30000001 };
	const char *type = spn_entry_text(entry, "sAMAccountType"), *control = spn_entry_text(entry, "userAccountControl");
	const char *name = spn_entry_text(entry, "sAMAccountName");
	long long n = type ? strtoll(type, NULL, 10) : 0;
	if (type)
		return n == TYPE_MACHINE ? SPN_KIND_COMPUTER : n == TYPE_USER ? SPN_KIND_USER : SPN_KIND_OTHER;
	n = control ? strtoll(control, NULL, 10) : 0;
	if (n & (TRUST | NORMAL))
		return n & TRUST ? SPN_KIND_COMPUTER : SPN_KIND_USER;
	if (!name || !*name) /* people have no dNSHostName */
		return spn_entry_text(entry, "dNSHostName") ? SPN_KIND_COMPUTER : SPN_KIND_OTHER;
	return name[strlen(name) - 1] == '$' ? SPN_KIND_COMPUTER : SPN_KIND_USER;
}

/* Managed accounts are computers by class, so the special ones are looked at first. */
static spn_account_kind kind_of(const spn_entry *entry)
{
	static const struct {
		const char *object_class;
		spn_account_kind kind;
	} kinds[] = {
		{ "msDS-GroupManagedServiceAccount", SPN_KIND_GMSA },
		{ "msDS-DelegatedManagedServiceAccount", SPN_KIND_DMSA },
		{ "msDS-ManagedServiceAccount", SPN_KIND_MSA },
		{ "computer", SPN_KIND_COMPUTER },
		{ "user", SPN_KIND_USER },
	};
	const spn_bytes *classes;
	size_t n = spn_entry_values(entry, "objectClass", &classes), found = sizeof kinds / sizeof *kinds;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < found; k++)
			if (spk_ascii_lower(*classes[i].data) == *kinds[k].object_class &&
					spk_ascii_equal(classes[i].data, kinds[k].object_class))
				found = k;
	if (n > 0)
		return found < sizeof kinds / sizeof *kinds ? kinds[found].kind : SPN_KIND_OTHER;
	spn_account_kind kind = kind_by_category(entry);
	return kind == SPN_KIND_OTHER ? kind_without_class(entry) : kind;
}

const char *spn_account_kind_name(spn_account_kind kind)
{
	switch (kind) {
	case SPN_KIND_USER: return "user";
	case SPN_KIND_COMPUTER: return "computer";
	case SPN_KIND_GMSA: return "gmsa";
	case SPN_KIND_MSA: return "msa";
	case SPN_KIND_DMSA: return "dmsa";
	case SPN_KIND_OTHER: break;
	}
	return "other";
}

/* What a directory has once; a file that somebody has written may tell two things of an account. */
static spn_status check_single(const spn_entry *entry, spn_error *err)
{
	static const char *const attrs[] = { "sAMAccountName", "userAccountControl", "sAMAccountType", "primaryGroupID",
		"dNSHostName", NULL };
	bool any = false; /* one that has several values: mostly not of these */
	for (size_t i = 0, n = 0; !any; i++) {
		const spn_bytes *values;
		const char *name = spn_entry_attribute(entry, i, &values, &n);
		if (!name)
			return SPN_OK;
		for (const char *const *attr = attrs; n > 1 && !any && *attr; attr++)
			any = spk_ascii_lower(name[1]) == spk_ascii_lower((*attr)[1]) && spk_ascii_equal(name, *attr);
	}
	for (const char *const *attr = attrs; *attr; attr++) {
		const spn_bytes *values;
		size_t n = spn_entry_values(entry, *attr, &values);
		for (size_t i = 1; i < n; i++)
			if (!spk_fold_equal(values[i], values[0], SPK_FOLD_CASE))
				return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' has two values of '%s': '%s' and '%s'", spn_entry_dn(entry), *attr,
						values[0].data, values[i].data);
	}
	return SPN_OK;
}

void spk_account_look(spn_account *account)
{
	const char *name = spn_entry_text(account->entry, "sAMAccountName");
	const char *control = spn_entry_text(account->entry, "userAccountControl");
	account->name = name ? name : "";
	account->dns = account->plain_dns ? account->plain_dns : spn_entry_text(account->entry, "dNSHostName");
	account->n_spns = spn_entry_values(account->entry, SPK_SPN, &account->spns);
	account->has_control = control;
	account->control = control ? (unsigned long)strtoll(control, NULL, 10) : 0;
}

/* Takes over the entry, but for failures. */
static spn_status of_entry(spn_entry *entry, spn_account **ret_account, spn_error *err)
{
	spn_account *account = calloc(1, sizeof *account);
	const char *dns = spn_entry_text(entry, "dNSHostName");
	size_t len = dns ? strlen(dns) : 0;
	if (account && len > 1 && dns[len - 1] == '.' && !(account->plain_dns = strndup(dns, len - 1))) {
		free(account);
		account = NULL;
	}
	if (!account)
		return spk_nomem(err);
	account->entry = entry;
	account->kind = kind_of(entry);
	spk_account_look(account);
	*ret_account = account;
	return SPN_OK;
}

spn_status spk_account_new(const spn_entry *entry, spn_account **ret_account, spn_error *err)
{
	spn_status status = check_single(entry, err);
	if (status)
		return status;
	SPK_AUTO(spn_entry) *copy = NULL;
	status = spk_entry_copy(entry, &copy, err);
	if (!status)
		status = of_entry(copy, ret_account, err);
	if (!status)
		copy = NULL;
	return status;
}

spn_status spk_account_borrow(const spn_entry *entry, spn_account **ret_account, spn_error *err)
{
	spn_status status = check_single(entry, err);
	return status ? status : of_entry((spn_entry *)(uintptr_t)entry, ret_account, err);
}

void spk_account_give_back(spn_account *account)
{
	if (account)
		account->entry = NULL;
	spn_account_free(account);
}

spn_status spn_account_copy(const spn_account *account, spn_account **ret_copy, spn_error *err)
{
	if (!account || !ret_copy)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_account_copy: an argument is NULL");
	spn_account *copy = NULL;
	spn_status status = spk_account_new(account->entry, &copy, err);
	if (status)
		return status;
	copy->keys = account->keys;
	copy->has_keys = account->has_keys;
	*ret_copy = copy;
	return SPN_OK;
}

spn_account *spn_account_free(spn_account *account)
{
	if (account) {
		spn_entry_free(account->entry);
		free(account->plain_dns);
		free(account);
	}
	return NULL;
}

const char *spn_account_dn(const spn_account *account)
{
	return spn_entry_dn(account->entry);
}

const char *spn_account_name(const spn_account *account)
{
	return account->name;
}

spn_account_kind spn_account_get_kind(const spn_account *account)
{
	return account->kind;
}

bool spn_account_enabled(const spn_account *account)
{
	return !(account->control & UF_ACCOUNTDISABLE);
}

const char *spn_account_dns_host(const spn_account *account)
{
	return account->dns;
}

size_t spn_account_spns(const spn_account *account, const spn_bytes **ret_spns)
{
	if (ret_spns)
		*ret_spns = account->spns;
	return account->n_spns;
}

const char *spk_account_label(const spn_account *account)
{
	const char *name = spn_account_name(account);
	return *name ? name : spn_account_dn(account);
}

spn_account_ref spk_account_ref(const spn_account *account)
{
	return (spn_account_ref){ spn_account_dn(account), spn_account_name(account) };
}

const char *spn_account_holds(const spn_account *account, const char *name)
{
	const spn_bytes *spns;
	size_t n = account && name ? spn_account_spns(account, &spns) : 0;
	for (size_t i = 0; i < n; i++)
		if (spk_fold_equal(spns[i], spk_bytes(name), spk_entry_folding(account->entry)))
			return spns[i].data;
	return NULL;
}

bool spk_account_is_served_disabled(const spn_account *account)
{
	return spk_entry_folding(account->entry) == SPK_FOLD_SAMBA;
}

bool spk_account_control(const spn_account *account, unsigned long *ret_control)
{
	*ret_control = account->control;
	return account->has_control;
}

static const char krbtgt[] = "krbtgt";
#define IN_ITS_PLACE "CN=krbtgt,CN=Users,DC="

static bool begins_as_of_rodc(const char *name)
{
	return spk_ascii_lower(*name) == *krbtgt && strncasecmp(name, krbtgt, sizeof krbtgt - 1) == 0 &&
			name[sizeof krbtgt - 1] == '_';
}

static bool has_name_of_rodc(const spn_account *account)
{
	const char *name = spn_account_name(account), *dn = spn_account_dn(account);
	if (!*name)
		return strncasecmp(dn, "CN=", 3) == 0 && begins_as_of_rodc(dn + 3);
	return begins_as_of_rodc(name);
}

/* In an export without sAMAccountName: where each domain has it, and no other object can be, or by its SID
 * ([MS-ADTS] 6.1.1.6.3). */
static bool is_in_place_of_kdc(const spn_account *account)
{
	enum { RID_OF_KRBTGT = 502 };
	const spn_bytes *sid;
	uint32_t rid;
	if (*spn_account_name(account))
		return false;
	if (spn_entry_values(account->entry, "objectSid", &sid))
		return spk_sid_rid(sid[0], &rid) && rid == RID_OF_KRBTGT;
	return strncasecmp(spn_account_dn(account), IN_ITS_PLACE, sizeof IN_ITS_PLACE - 1) == 0;
}

bool spn_account_is_kdc(const spn_account *account)
{
	return spk_ascii_equal(spn_account_name(account), krbtgt) || is_in_place_of_kdc(account) ||
			(has_name_of_rodc(account) && spn_entry_text(account->entry, SPK_KRBTGT_NUMBER));
}

bool spk_account_may_be_kdc(const spn_account *account)
{
	unsigned long control;
	return spn_account_is_kdc(account) || (has_name_of_rodc(account) &&
			(!spk_account_control(account, &control) || control & UF_ACCOUNTDISABLE));
}

int64_t spk_password_date(const spn_account *account)
{
	const spn_bytes *values;
	int64_t ticks = 0;
	for (size_t i = 0, n = spn_entry_values(account->entry, "pwdLastSet", &values); ticks <= 0 && i < n; i++)
		ticks = spk_time_parse(values[i]);
	return ticks;
}

spn_status spk_accounts_add(spk_accounts *accounts, const spn_entry *entry, spn_error *err)
{
	spn_account **grown = realloc(accounts->list, (accounts->n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	accounts->list = grown;
	spn_status status = spk_account_new(entry, &grown[accounts->n], err);
	if (!status)
		accounts->n++;
	return status;
}

void spk_accounts_free(spk_accounts *accounts)
{
	for (size_t i = 0; i < accounts->n; i++)
		spn_account_free(accounts->list[i]);
	free(accounts->list);
	*accounts = (spk_accounts){ 0 };
}

bool spk_account_is_wanted(const spn_entry *entry, spn_account_want want)
{
	const spn_bytes *classes;
	size_t n = spn_entry_values(entry, "objectClass", &classes);
	if (has_class(classes, n, "group"))
		return false;
	return want == SPN_WANT_ANY || (kind_of(entry) == SPN_KIND_COMPUTER) == (want == SPN_WANT_COMPUTER);
}
