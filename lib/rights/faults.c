/* SPDX-License-Identifier: MIT */
/* What is dangerous in the permissions of an account, or not as it looks. */
#include <stdlib.h>
#include <string.h>

#include "rights.h"
#include "trustees.h"
#include "account/finding.h"
#include "base/error.h"
#include "model/adtypes.h"
#include "model/dn.h"

/* userAccountControl ([MS-ADTS] 2.2.16) */
#define UF_INTERDOMAIN_TRUST_ACCOUNT 0x800ul
#define UF_SMARTCARD_REQUIRED 0x40000ul

#define GIVES_NAMES (SPN_RIGHT_WRITE | SPN_RIGHT_DACL | SPN_RIGHT_OWNER)
#define SHOWN 4

static const char *label_of(const spn_trustee *trustee)
{
	return *trustee->name ? trustee->name : trustee->sid;
}

/* "'a', 'b' and 3 more". */
static void put_labels(spk_text *text, const spn_trustee *const *list, size_t n)
{
	for (size_t i = 0; i < n && i < SHOWN; i++)
		spk_text_add(text, "%s'%s'", i ? ", " : "", label_of(list[i]));
	if (n > SHOWN)
		spk_text_add(text, " and %zu more", n - SHOWN);
}

/* The groups that Exchange makes, in an OU below the head of a domain, which only an administrator can make. */
static bool is_of_exchange(const spn_trustee *trustee)
{
	const char *ou = *trustee->dn ? spk_dn_parent(trustee->dn) : NULL, *domain = spk_dn_domain_part(trustee->dn);
	return ou && domain && spk_dn_first_value_is(ou, "Microsoft Exchange Security Groups") &&
			spk_dn_parent(ou) == domain;
}

/* Whether the password is one that a person may have chosen, tickets are given for it, and a name is what is missing:
 * who has one can be guessed already. */
static bool can_be_roasted(const spn_account *account)
{
	unsigned long control = 0;
	bool is_unguessable = spk_account_control(account, &control) &&
			control & (UF_INTERDOMAIN_TRUST_ACCOUNT | UF_SMARTCARD_REQUIRED);
	return spn_account_get_kind(account) == SPN_KIND_USER && !is_unguessable && !spk_account_may_be_kdc(account) &&
			spn_account_spns(account, NULL) == 0 &&
			(spn_account_enabled(account) || spk_account_is_served_disabled(account));
}

static bool may_give_names(const spn_trustee *trustee)
{
	return trustee->rights & GIVES_NAMES && !trustee->is_administrator && !trustee->is_itself && !trustee->is_nobody;
}

/* Deleted, most likely; but a group that is hidden from us looks the same. */
static bool might_give_names(const spn_trustee *trustee)
{
	return trustee->rights & GIVES_NAMES && trustee->is_nobody;
}

/* Whether it is known who that is, and that nothing else has to be so for it. */
static bool is_sure(const spn_trustee *trustee)
{
	return (*trustee->dn || *trustee->name) && !is_of_exchange(trustee) &&
			trustee->rights & GIVES_NAMES & ~trustee->conditional;
}

/* One finding, about the account and some of its trustees. */
struct report {
	const spn_rights *rights;
	const spk_teller *to;
	const spn_trustee **list;
	size_t n;
};

static spn_status tell(const struct report *report, const char *code, spn_severity severity, spk_text *text,
		spn_error *err)
{
	const spn_account *account = report->rights->account;
	SPK_AUTOFREE spn_account_ref *refs = calloc(report->n + 1, sizeof *refs);
	size_t n = 0;
	if (!refs || text->failed)
		return spk_nomem(err);
	spk_make_printable(text->data);
	refs[n++] = (spn_account_ref){ spn_account_dn(account), spn_account_name(account) };
	for (size_t i = 0; i < report->n; i++)
		if (*report->list[i]->dn)
			refs[n++] = (spn_account_ref){ report->list[i]->dn, report->list[i]->name };
	const spn_finding finding = {
		.code = code, .severity = severity, .accounts = refs, .n_accounts = n, .text = text->data
	};
	return spk_tell_finding(report->to, &finding, err);
}

static void list_those(struct report *report, bool (*are)(const spn_trustee *trustee))
{
	report->n = 0;
	for (size_t i = 0; i < report->rights->n_trustees; i++)
		if (are(&report->rights->trustees[i]))
			report->list[report->n++] = &report->rights->trustees[i];
}

/* Of the first: there is hardly ever another. */
static const char *why_unsure(const struct report *report)
{
	const spn_trustee *first = report->list[0];
	return first->is_nobody ? "; no account that can be read here has that SID: it was deleted, or is hidden" :
			is_of_exchange(first) ? "; Exchange has that right by design: who rules its servers has it, too" :
			!*first->dn && !*first->name ?
				       "; whether that is an administrator cannot be seen here" :
				       "; that depends on a condition, which is not evaluated here";
}

static bool is_of_domain(const spn_trustee *trustee)
{
	return strncmp(trustee->sid, "S-1-5-21-", strlen("S-1-5-21-")) == 0;
}

static bool is_domain_computers(const spn_trustee *trustee)
{
	return is_of_domain(trustee) && strcmp(strrchr(trustee->sid, '-'), "-515") == 0;
}

static bool stands_for_many(const spn_trustee *trustee)
{
	char sid[SPK_SID_MAX];
	size_t n = spk_sid_parse(spk_bytes(trustee->sid), sid);
	return n && spk_sid_is_of_many((spn_bytes){ sid, n });
}

/* A group may need its right, such as one of administrators, but not all those members. */
static void put_remedy(spk_text *text, const struct report *report, const char *unless)
{
	for (size_t i = 0; i < report->n; i++)
		if (report->list[i]->is_everybody && !stands_for_many(report->list[i])) {
			spk_text_add(text, "; all users or all computers are in '%s': take them out of it, or take away the right%s",
					label_of(report->list[i]), unless);
			return;
		}
	spk_text_add(text, "; take away the right%s", unless);
}

static spn_status tell_roasting(struct report *report, bool *ret_told, spn_error *err)
{
	const char *label = spk_account_label(report->rights->account);
	bool sure = false;
	SPK_AUTOTEXT spk_text text = { 0 };
	if (!can_be_roasted(report->rights->account))
		return SPN_OK;
	list_those(report, may_give_names);
	if (report->n == 0)
		list_those(report, might_give_names);
	for (size_t i = 0; i < report->n; i++)
		sure |= is_sure(report->list[i]);
	*ret_told = report->n > 0;
	if (report->n == 0)
		return SPN_OK;
	put_labels(&text, report->list, report->n);
	spk_text_add(&text,
			" may give '%s' a name: every user of the domain can then request a ticket for it, and guess the "
			"password of '%s' offline (targeted kerberoasting)",
			label, label);
	if (sure)
		put_remedy(&text, report, ", unless it is needed");
	else
		spk_text_add(&text, "%s", why_unsure(report));
	return tell(report, "targeted-kerberoasting", sure ? SPN_SEVERITY_WARNING : SPN_SEVERITY_NOTICE, &text, err);
}

static bool is_wide(const spn_trustee *trustee)
{
	return trustee->is_everybody && trustee->rights & ~trustee->conditional;
}

/* What every account of another domain is in, or many who are not all users, such as guests. */
static bool is_wide_otherwise(const spn_trustee *trustee)
{
	return !trustee->is_everybody && stands_for_many(trustee) && trustee->rights & ~trustee->conditional;
}

/* Who they are: of a group, it is not known here which of the two are in it. */
static const char *who_are(const struct report *report)
{
	bool are_computers = true;
	for (size_t i = 0; i < report->n; i++) {
		const spn_trustee *one = report->list[i];
		if (!one->is_everybody)
			return is_of_domain(one) ? "every account of that domain" : "whoever is let in as such";
		are_computers &= is_domain_computers(one);
		if (stands_for_many(one) && !is_domain_computers(one))
			return "every user";
	}
	return are_computers ? "every computer" : "every user or every computer";
}

static spn_status tell_wide(struct report *report, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	list_those(report, is_wide);
	if (report->n == 0)
		list_those(report, is_wide_otherwise);
	if (report->n == 0)
		return SPN_OK;
	put_labels(&text, report->list, report->n);
	spk_text_add(&text, " may change the names of '%s': %s can break what its clients use, or take names of others for it",
			spk_account_label(report->rights->account), who_are(report));
	put_remedy(&text, report, "");
	return tell(report, "wide-rights", SPN_SEVERITY_WARNING, &text, err);
}

static bool is_idle(const spn_trustee *trustee)
{
	return trustee->is_idle && !trustee->is_administrator && !trustee->is_nobody;
}

static spn_status tell_idle(struct report *report, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	list_those(report, is_idle);
	if (report->n == 0)
		return SPN_OK;
	put_labels(&text, report->list, report->n);
	spk_text_add(&text,
			" may not change the names of '%s': a \"validated write to service principal name\" counts for "
			"computers only; what is needed here is the right to write the property servicePrincipalName",
			spk_account_label(report->rights->account));
	return tell(report, "idle-right", SPN_SEVERITY_NOTICE, &text, err);
}

/* adminCount outlives the membership; that nothing is inherited says that it is still so, or was never mended. */
static spn_status tell_protected(struct report *report, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	const spn_bytes *descriptor;
	const spn_account *account = report->rights->account;
	const char *count = spn_entry_text(account->entry, "adminCount");
	report->n = 0;
	if (!count || strtol(count, NULL, 10) <= 0 || !spn_entry_values(account->entry, SPK_DESCRIPTOR, &descriptor) ||
			!spk_acl_is_protected(*descriptor))
		return SPN_OK;
	spk_text_add(&text,
			"'%s' is, or was, in a protected group such as Domain Admins: its permissions are those of "
			"AdminSDHolder, and it inherits nothing from its OU; as long as it is in one, what is granted here is "
			"taken back within the hour",
			spk_account_label(account));
	return tell(report, "protected-account", SPN_SEVERITY_NOTICE, &text, err);
}

static spn_status tell_unknown(struct report *report, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	report->n = 0;
	spk_text_add(&text, "who may change the names of '%s' is not known: %s", spk_account_label(report->rights->account),
			report->rights->unknown);
	return tell(report, "unknown-rights", SPN_SEVERITY_NOTICE, &text, err);
}

spn_status spn_rights_find_faults(const spn_rights *rights, spn_finding_fn *fn, void *data, spn_error *err)
{
	bool is_told = false;
	if (!rights || !fn)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_rights_find_faults: an argument is NULL");
	const spk_teller to = { fn, data };
	SPK_AUTOFREE const spn_trustee **list = calloc(rights->n_trustees + 1, sizeof *list);
	struct report report = { .rights = rights, .to = &to, .list = list };
	if (!list)
		return spk_nomem(err);
	if (rights->unknown)
		return tell_unknown(&report, err);
	spn_status status = tell_roasting(&report, &is_told, err);
	if (!status && !is_told)
		status = tell_wide(&report, err);
	if (!status)
		status = tell_idle(&report, err);
	return status ? status : tell_protected(&report, err);
}
