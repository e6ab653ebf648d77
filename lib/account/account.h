/* SPDX-License-Identifier: MIT */
/* account.h - accounts, for the operations on them */
#ifndef SPK_ACCOUNT_H
#define SPK_ACCOUNT_H

#include <spnkit/check.h>

#include "base/cleanup.h"
#include "base/text.h"

#define SPK_SPN "servicePrincipalName"

SPK_DEFINE_AUTO(spn_account, spn_account_free)

struct spn_account {
	spn_entry *entry;
	spn_account_kind kind;
	/* what every look at it asks for, as spk_account_look found it */
	const char *name; /* sAMAccountName, or "" */
	const char *dns;  /* spn_account_dns_host */
	const spn_bytes *spns;
	size_t n_spns;
	unsigned long control; /* userAccountControl */
	bool has_control;
	char *plain_dns; /* dNSHostName without the dot at its end; NULL: it has none there */
	unsigned keys; /* those that a KDC has shown: of SPN_ENC_AES256, SPN_ENC_AES128, SPN_ENC_RC4; 0: not known */
	bool has_keys; /* spk_account_add_keys has read what the directory says of them */
};

/* What tells the kind of an account. */
#define SPK_KIND_ATTRS "objectClass", "sAMAccountName", "sAMAccountType", "objectCategory"

/* Whether its kind is told by objectClass or objectCategory: else managed service accounts are taken for computers. */
bool spk_account_kind_is_told(const spn_account *account);

/* What a search must ask for so that an account can be made of its entries. */
extern const char *const spk_account_attrs[];

/* Makes an account of a copy of an entry. */
spn_status spk_account_new(const spn_entry *entry, spn_account **ret_account, spn_error *err);
/* Makes an account of an entry itself, which it does not change; give it back before the entry ends. */
spn_status spk_account_borrow(const spn_entry *entry, spn_account **ret_account, spn_error *err);
/* Who changes the entry of an account has it looked at again. */
void spk_account_look(spn_account *account);
/* Accepts NULL. */
void spk_account_give_back(spn_account *account);

/* What to call an account in a sentence: its sAMAccountName, else its DN. */
const char *spk_account_label(const spn_account *account);
/* An account as a finding names it.  Lends its texts. */
spn_account_ref spk_account_ref(const spn_account *account);

/* Whether a KDC gives tickets for the names of a disabled account: Samba's does, Windows' does not. */
bool spk_account_is_served_disabled(const spn_account *account);

/* userAccountControl; false if the account does not tell. */
bool spk_account_control(const spn_account *account, unsigned long *ret_control);

/* When its password was set, as Active Directory counts time; not above 0: it is not known. */
int64_t spk_password_date(const spn_account *account);

/* Only a controller gives it to an account ([MS-ADA2]: systemOnly), and only to that of a read-only controller's
 * KDC; the catalog lacks it. */
#define SPK_KRBTGT_NUMBER "msDS-SecondaryKrbTgtNumber"

/* Whether it may be a KDC's own account (spn_account_is_kdc) as well: its name is like that of a read-only
 * controller's, which anybody may choose, and it is disabled, as a controller leaves it ([MS-ADTS] 3.1.1.3.4.1.23), or
 * nothing is known of that. */
bool spk_account_may_be_kdc(const spn_account *account);

/* Whether an entry is an account of a kind; a group is none. */
bool spk_account_is_wanted(const spn_entry *entry, spn_account_want want);

/* As spn_account_find with SPN_WANT_ANY, for who changes something: a text that fits a computer and another account as
 * well is ambiguous. */
spn_status spk_account_find_only(spn_directory *dir, const char *text, spn_account **ret_account, spn_error *err);

/* What to call an account of the directory's own domain in a command, so that every version of it finds this one and no
 * other: its sAMAccountName, but its DN if that name is another account's too in some way.  Searches only for names
 * without the '$' of computers. What kept it from finding out, so that it is the DN, is put into ret_why (NULL:
 * nowhere). */
const char *spk_account_operand(spn_directory *dir, const spn_account *account, spn_error *ret_why);

/* A growing list of accounts. */
typedef struct spk_accounts {
	spn_account **list;
	size_t n;
} spk_accounts;

spn_status spk_accounts_add(spk_accounts *accounts, const spn_entry *entry, spn_error *err);
void spk_accounts_free(spk_accounts *accounts);
#define SPK_AUTOACCOUNTS __attribute__((cleanup(spk_accounts_free)))

/* Collects every account that a filter finds, in the domain or in the forest. */
spn_status spk_accounts_search(spn_directory *dir, const spn_filter *filter, bool forest,
		spk_accounts *accounts, spn_error *err);

/* The computer that a server name means, in any case: any of its host names (hosts.h), the better known ones first; in
 * the domain, or in the forest. */
spn_status spk_computer_find(
		spn_directory *dir, const char *server, bool forest, spn_account **ret_account, spn_error *err);

#endif
