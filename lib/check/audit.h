/* SPDX-License-Identifier: MIT */
/* audit.h - what the rules of an audit know and how they tell */
#ifndef SPK_AUDIT_H
#define SPK_AUDIT_H

#include "duplicates.h"
#include "protected.h"
#include "account/by_cn.h"
#include "model/adtypes.h"

/* Disabled computers that hold only their own names: told in one finding. */
#define SPK_RETIRED_SHOWN 5
struct spk_retired {
	spk_accounts some; /* the first of them */
	size_t n;
};

/* An audit at work. */
typedef struct spk_audit {
	const spn_audit_options *options;
	const spk_scope *scope;
	const spk_mapping *mapping;
	const spk_teller *to;
	int64_t now;
	struct spk_asked_hosts *asked; /* hosts that DNS was asked for */
	struct spk_upns *upns;   /* that look like names: their holders are looked up at the end */
	struct spk_retired *retired;
	struct spk_unseen *unseen; /* names with characters that cannot be seen: told once it is known who else holds them */
	struct spk_odd_classes *odd_classes; /* that no product is known to register: told at the end */
	struct spk_disabled *disabled; /* holders of names: told once it is known who else holds them */
	struct spk_audit_domains *domains;
	struct spk_survey *survey; /* NULL: nobody asks for it */
	struct spk_key_facts *facts; /* which accounts may have no AES keys */
	struct spk_predicted *predicted; /* what spk_audit_predict has found last */
	size_t *n_noted;         /* how often something was reported, or kept to be judged later */
	size_t *n_old_passwords; /* how many of these reports were about an old password */
	spk_accounts *lacking;   /* computers that lack names: judged many at a time */
	spk_accounts *delegating; /* who delegate, or let others act as users towards them: judged at the end */
} spk_audit;

/*
 * A rule looks at accounts, or at each of their names; either function may be NULL.  To add one, write the function,
 * add a row to the table in audit_rules.c, and name the code in check.h and the man page.
 */
typedef struct spk_rule {
	const char *code;
	bool of_services; /* only accounts that hold names, krbtgt aside */
	spn_status (*account)(const spk_audit *audit, const struct spk_rule *rule, const spn_account *account, spn_error *err);
	spn_status (*name)(const spk_audit *audit, const struct spk_rule *rule, const spn_account *account, spn_bytes spn,
			spn_error *err);
} spk_rule;

/* A rule that keeps an account, or what it has seen of it, says so: accounts like it have to be looked at, too. */
static inline void spk_audit_noted(const spk_audit *audit)
{
	++*audit->n_noted;
}

/* Applies every rule to one account. */
spn_status spk_rules_look(const spk_audit *audit, const spn_account *account, spn_error *err);

/* audit_forest.c: checks of the whole forest that dSHeuristics switches off. */
spn_status spk_rule_unchecked(const spk_audit *audit, unsigned unchecked, spn_error *err);

/* audit_missing.c: a computer without HOST/ names; a server without WSMAN/ names. */
spn_status spk_rule_missing(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err);
/* Judges those that were noted: the accounts that say otherwise are looked up together. */
spn_status spk_missing_judge(const spk_audit *audit, spn_error *err);

/* audit_additional.c: an additional host name for which the computer has no HOST/, or another account has it. */
spn_status spk_rule_additional(
		const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err);
spn_status spk_additional_judge(const spk_audit *audit, spn_error *err);

/* audit_search.c: accounts of all directories that are audited which have one of the values, or hold one of the names.
 */
spn_status spk_audit_search_values(const spk_audit *audit, const char *attr, const spk_names *values,
		const char *const *attrs, spn_entry_fn *fn, void *data, spn_error *err);
spn_status spk_audit_holders(const spk_audit *audit, const spk_names *names, spk_accounts *ret_holders, spn_error *err);
/* Machines in use that are one of the hosts, by their dNSHostName or account. */
spn_status spk_audit_machines(
		const spk_audit *audit, const spk_names *hosts, spk_accounts *ret_machines, spn_error *err);
/* The computers that are found by the names through their cn. */
spn_status spk_audit_by_cn(const spk_audit *audit, const spk_names *names, spk_by_cn *ret_by_cn, spn_error *err);
/* Notes a computer that lacks names, once. */
spn_status spk_lacking_note(const spk_audit *audit, const spn_account *account, spn_error *err);

/* An enabled account whose password people choose. */
bool spk_is_person(const spn_account *account);

/* Whether a password is known to be older than it should be; how many days old, and how many it may be. */
bool spk_password_is_old(const spk_audit *audit, const spn_account *account, int64_t *ret_days, unsigned *ret_limit);
/* The same by its date. */
bool spk_date_is_old(const spk_audit *audit, int64_t ticks, int64_t *ret_days, unsigned *ret_limit);
/* Reports such a password. */
spn_status spk_old_password_tell(
		const spk_audit *audit, const spn_account_ref *whose, int64_t days, unsigned limit, spn_error *err);

/* audit_disabled.c: accounts that hold names and are disabled are noted, and told in one go with those who hold the
 * names as well. */
spn_status spk_rule_disabled(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err);
spn_status spk_disabled_judge(const spk_audit *audit, spn_error *err);
spn_status spk_disabled_new(struct spk_disabled **ret_disabled, spn_error *err);
void spk_disabled_free(struct spk_disabled *disabled);
/* Tells what was counted. */
spn_status spk_retired_tell(const spk_audit *audit, spn_error *err);

/* audit_unseen.c: a malformed name of which Windows does not compare what is wrong with it is noted, and told if no
 * finding about duplicates, which all pass by, tells of it. */
spn_status spk_unseen_new(const spk_teller *to, struct spk_unseen **ret_unseen, spn_error *err);
void spk_unseen_free(struct spk_unseen *unseen);
spn_status spk_unseen_note(const spk_audit *audit, const spn_account *account, const char *spn, const char *why,
		bool *ret_noted, spn_error *err);
spn_status spk_unseen_watch(const spn_finding *finding, void *data, spn_error *err);
spn_status spk_unseen_judge(const spk_audit *audit, spn_error *err);

/* audit_class.c: a name whose class no product is known to register, nor HOST/ stands for. */
spn_status spk_rule_class(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_bytes spn,
		spn_error *err);
/* Classes that were met last and of which nothing is to be reported, with the '/' behind them, as names have them:
 * nearly all names are of a few classes. */
enum { SPK_FAMILIAR = 8, SPK_FAMILIAR_MAX = 32 };
typedef struct spk_familiar_class {
	char text[SPK_FAMILIAR_MAX]; /* with its slash */
	size_t len;
	bool is_plain; /* nothing else can be meant (spk_name_is_plain), nor may it pose as a controller's */
} spk_familiar_class;
typedef struct spk_familiar {
	spk_familiar_class list[SPK_FAMILIAR];
	size_t n;
} spk_familiar;
const spk_familiar *spk_familiar_classes(const spk_audit *audit);
/* The one that a name is of: no need to look; NULL: none of them. */
const spk_familiar_class *spk_familiar_find(const spk_familiar *familiar, spn_bytes spn);
spn_status spk_odd_classes_new(struct spk_odd_classes **ret_odd, spn_error *err);
void spk_odd_classes_free(struct spk_odd_classes *odd);
spn_status spk_odd_classes_tell(const spk_audit *audit, spn_error *err);

/* audit_host.c: whether the host of a name has an address.  Asks each host once. */
spn_status spk_rule_unknown_host(const spk_audit *audit, const spk_rule *rule, const spn_account *account,
		spn_bytes stored, spn_error *err);
void spk_asked_hosts_free(struct spk_asked_hosts *asked);
spn_status spk_asked_hosts_new(struct spk_asked_hosts **ret_asked, spn_error *err);

/* Of accounts with the same flags, which most are, the same is predicted. */
enum { SPK_PREDICTED = 4 };
typedef struct spk_predicted {
	spn_enctype_case list[SPK_PREDICTED];
	spn_enctype_prediction of[SPK_PREDICTED];
	size_t n; /* the next one takes the place of n % SPK_PREDICTED */
} spk_predicted;

/* audit_enctype.c: what a KDC of today would encrypt a ticket with if the account had all keys; *what is filled in. */
spn_status spk_audit_predict(
		const spk_audit *audit, spn_enctype_case *what, spn_enctype_prediction *ret, spn_error *err);

/* An account whose tickets cannot be encrypted, or only in a way that can be broken. */
spn_status spk_rule_enctypes(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err);

#define SPK_RC4_HMAC 23

/* What becomes of an account with names at KDCs of the era. */
typedef enum spk_outcome {
	SPK_REFUSED,     /* no client gets a ticket */
	SPK_WITHOUT_AES, /* likewise, for want of AES keys, as the KDC shows */
	SPK_OLD,         /* perhaps likewise, by the date of its password */
	SPK_CHANGING,    /* another enctype than at KDCs of the era before, or after it */
	SPK_RC4,
	SPK_AES,
	SPK_UNDOCUMENTED
} spk_outcome;

typedef struct spk_forecast {
	spk_outcome outcome;
	spn_enctype_case what;
	spn_enctype_prediction predicted; /* if it has all keys */
	spn_era other_era;       /* before it, or after it: with another default */
	int other;        /* enctype of a ticket then */
	bool is_undated;  /* it needs AES keys, and the date of its password is not known */
	int64_t password, since; /* the dates, where it needs AES keys */
} spk_forecast;

/* audit_keys.c: which accounts have no AES keys, or may have none. */
spn_status spk_key_facts_new(struct spk_key_facts **ret_facts, spn_error *err);
void spk_key_facts_free(struct spk_key_facts *facts);
/* Says that no KDC could be asked, if so. */
spn_status spk_key_facts_tell(const spk_audit *audit, spn_error *err);
spn_status spk_audit_forecast(const spk_audit *audit, const spn_account *account, spk_forecast *ret, spn_error *err);
spn_status spk_rule_aes_keys(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err);
spn_status spk_rule_change(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err);

/* audit_survey.c: counts what becomes of all accounts, if the caller asks for that. */
spn_status spk_survey_new(const spk_audit *audit, struct spk_survey **ret_survey, spn_error *err);
void spk_survey_free(struct spk_survey *survey);
spn_status spk_survey_count(const spk_audit *audit, const spn_account *account, spn_error *err);
spn_status spk_survey_search(const spk_audit *audit, spn_error *err);
spn_status spk_survey_tell(const spk_audit *audit, spn_error *err);

/* audit_later.c: hands findings on, or keeps them until they are told. */
typedef struct spk_later {
	const spk_teller *to;
	size_t *n_noted; /* of the audit */
	bool is_waiting;
	struct spk_later_finding *first, *last;
} spk_later;
spn_finding_fn spk_later_take; /* its data is the above */
spn_status spk_later_tell(spk_later *later, spn_error *err);
void spk_later_free(spk_later *later);

/* audit_search.c: whether the pattern fits one of an account's names. */
bool spk_audit_wants(const spk_audit *audit, const spn_account *account);

/* audit_alike.c: accounts of a file that are like others of which nothing was reported, and need no look.  attrs: what
 * the search asks for.  same_cn: takes note of computers that are passed by.  n_accounts, n_names: those that the audit
 * has looked at, with those that were passed by.  It is the data of spk_alike_passer. */
struct spk_ldif_plain;
struct spk_alike;
struct spk_same_cn;
spn_status spk_alike_new(const spk_audit *audit, const char *const *attrs, struct spk_same_cn *same_cn,
		size_t *n_accounts, size_t *n_names, struct spk_alike **ret_alike, spn_error *err);
void spk_alike_free(struct spk_alike *alike);
extern const struct spk_passer spk_alike_passer;
/* Progress is reported once per this many accounts. */
#define SPK_PROGRESS_EACH 1024

/* audit_exposed.c: holders of names whose password can be guessed too easily for what they may do, or that should hold
 * none. */
spn_status spk_rule_admin(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err);
spn_status spk_rule_no_preauth(
		const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err);
spn_status spk_rule_protected(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err);
spn_status spk_rule_superseded(
		const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err);
/* Whether a delegated managed service account has taken its place. */
bool spk_is_superseded(const spn_account *account);

/* audit_domain.c: what is read of a domain, in one search, when an account of it is looked at. */
typedef struct spk_audit_domain {
	int64_t since; /* when it began to make AES keys */
	spk_accounts level; /* groups in Protected Users that nobody has looked through for further ones */
} spk_audit_domain;
typedef struct spk_audit_domains {
	spk_keys sids;
	spk_audit_domain **list;
	size_t n;
	spk_audit_domain *last; /* that was asked for, as the next one mostly is; NULL: none */
	char last_sid[SPK_SID_MAX]; /* in sids */
	size_t last_len;
	spk_protected protected_users; /* that group of every domain, and what is in it */
	bool is_read; /* all files were */
} spk_audit_domains;
spn_status spk_audit_domains_new(spk_audit_domains **ret_domains, spn_error *err);
void spk_audit_domains_free(spk_audit_domains *domains);
/* NULL: an account without a SID. */
spn_status spk_audit_domain_of(
		const spk_audit *audit, const spn_account *account, spk_audit_domain **ret_domain, spn_error *err);
/* When it began to make AES keys, at the earliest for NULL. */
int64_t spk_audit_since(const spk_audit_domain *domain);
/* Whether a password of that date has no AES keys, or may have none.  audit_keys.c */
bool spk_date_is_before_aes(int64_t set, const spk_audit_domain *domain);
/* A search of the domain that an entry is in. */
spn_status spk_audit_domain_search(const spk_audit *audit, const char *dn, const spn_filter *filter, spn_entry_fn *fn,
		void *data, spn_error *err);
/* Whether all that is audited are files. */
bool spk_audit_is_local(const spk_audit *audit);

/* audit_protected.c: whether an account is in Protected Users, or in a group that is. */
spn_status spk_audit_is_protected(const spk_audit *audit, const spn_account *account, bool *ret_is, spn_error *err);

/* audit_delegation.c: who delegate are noted, and judged once all accounts have been seen. */
spn_status spk_rule_delegation(
		const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err);
spn_status spk_delegating_judge(const spk_audit *audit, spn_error *err);

/* audit_upn.c: a userPrincipalName that looks like a name is noted, and judged once all accounts have been seen. */
spn_status spk_rule_upn(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_error *err);
spn_status spk_upns_new(struct spk_upns **ret_upns, spn_error *err);
spn_status spk_upns_judge(const spk_audit *audit, spn_error *err);
void spk_upns_free(struct spk_upns *upns);

#endif
