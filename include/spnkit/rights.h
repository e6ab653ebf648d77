/* SPDX-License-Identifier: MIT */
/* rights.h - who may change the names of an account */
#ifndef SPNKIT_RIGHTS_H
#define SPNKIT_RIGHTS_H

#include <spnkit/check.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What somebody may do to the names of an account: a set of these bits ([MS-ADTS] 5.1.3.2). */
#define SPN_RIGHT_WRITE 1u     /* write any name */
/* "validated write": add names of the computer's own host, without a port, and delete any */
#define SPN_RIGHT_VALIDATED 2u
#define SPN_RIGHT_DACL 4u      /* change the permissions, and so grant themselves the right */
#define SPN_RIGHT_OWNER 8u     /* take ownership, and then change the permissions */

/* "write", "validated-write", "change-permissions" or "take-ownership"; NULL for anything but one of the bits. */
const char *spn_right_name(unsigned right);

/* Somebody whom the permissions of an account mention.  All texts belong to the answer. */
typedef struct spn_trustee {
	const char *sid;      /* "S-1-5-21-..." */
	const char *name;     /* sAMAccountName, or the usual name of a well-known SID; "" if neither is known.  Of another
	                       * domain: "root.example\ops", or "S-1-5-21-...\Domain Admins" if only its SID is known */
	const char *dn;       /* "" if no entry with that SID can be found */
	unsigned rights;      /* SPN_RIGHT_*: of those that nothing denies; 0 if is_idle, or of who was asked about */
	unsigned inherited;   /* of these, those that come from an OU or domain above */
	unsigned conditional; /* of these, those that depend on a condition, which is not evaluated */
	const char *granted;  /* how, for a person: "full control", "write servicePrincipalName, inherited", "owner", ... */
	const char *except;   /* of a group: whose members are denied some of it; "" if nobody is */
	const char *denied;   /* of who was asked about: to whom the right to write is denied; "" if it is not */
	bool is_itself;        /* the account, which the permissions may call "Self" */
	/* the system, Administrator, a protected group such as Domain Admins, or a member, unless all users or all computers
	 * are in that group; those of another domain only if that is the root of the forest: Administrator, Domain,
	 * Enterprise, Schema and Enterprise Key Admins */
	bool is_administrator;
	bool is_everybody;     /* a group that every user or every computer of the domain is in, such as Authenticated Users:
	                        * directly, or through other groups */
	bool is_idle;          /* has the validated write only, and the account is not a computer: it counts for nothing */
	bool is_nobody;        /* a SID of the account's domain that a server shows no account for: deleted, or hidden */
} spn_trustee;

/* The permissions of an account, as far as they are about its names. */
typedef struct spn_rights {
	const spn_account *account;
	const char *unknown;         /* why they are not known; NULL: they are */
	const spn_trustee *trustees; /* who has one of the rights, in the order of the permissions */
	size_t n_trustees;
	const spn_trustee *who;      /* what the one who was asked about may do, with all their groups; NULL: nobody was */
	const char *condition;       /* what was not considered of that, such as groups of other domains that could not be
	                              * looked up, and why; NULL: it depends on nothing */
} spn_rights;

/*
 * Reads who may change the names of an account: from its security descriptor (nTSecurityDescriptor), which an export
 * has as base64, and ordinary users can usually read.  Entries count in their order, denials before what they deny; a
 * right may be about servicePrincipalName, its property set (Public-Information) or all properties.  Those that are
 * inherited only, or that name Creator Owner, give nobody anything here.  Privileges of the server are not considered:
 * members of Administrators may take ownership of everything.
 *
 * who: an account or a group (NULL: nobody) of the directory's domain; what it may do is evaluated with all groups that
 * it is in, directly or through others: also with those of other domains of the forest, which a file may hold and a
 * server's global catalog knows.  It is asked if memberOf names such a group, and if the server is not itself a global
 * catalog, whose memberOf would name them.  What cannot be found is named in condition.
 *
 * The caller frees the answer.  Returns what spn_account_find returns for who; SPN_ERR_NOT_FOUND if the account is
 * gone.
 */
spn_status spn_account_rights(spn_directory *dir, const spn_account *account, const char *who, spn_rights **ret_rights,
		spn_error *err);
/* Accepts NULL.  Always returns NULL. */
spn_rights *spn_rights_free(spn_rights *rights);

/*
 * Reports what is dangerous, or not as it looks, in the permissions of an account:
 *
 * "targeted-kerberoasting": a user without names, but with a password that a person may have chosen, to whom somebody
 * who is not an administrator may give one: every user of the domain can then guess the password offline; a notice if
 * whether that is an administrator cannot be seen, or it is a group of Exchange, which may do so by design;
 * "wide-rights": a group that everybody is in, or every user or computer of another domain, or
 * Guests, Anonymous and the like, may change the names, and so take over or break the service;
 * "idle-right": somebody has the validated write only, which counts for computers, on another kind of account;
 * "protected-account": the permissions come from AdminSDHolder: what is granted here is taken back within the hour;
 * "unknown-rights": the permissions cannot be read, or were not exported.
 */
spn_status spn_rights_find_faults(const spn_rights *rights, spn_finding_fn *fn, void *data, spn_error *err);

#ifdef __cplusplus
}
#endif
#endif
