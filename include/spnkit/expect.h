/* SPDX-License-Identifier: MIT */
/* expect.h - which names the clients of a service ask for, and whether the right account answers for them */
#ifndef SPNKIT_EXPECT_H
#define SPNKIT_EXPECT_H

#include <spnkit/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How sure it is that a client asks for a name. */
typedef enum spn_need {
	SPN_NEED_MUST = 0, /* clients ask for it as a rule */
	SPN_NEED_TYPED = 1 /* only if somebody types the short name, or configures a client to ask for this name */
} spn_need;

/* "must" or "typed". */
const char *spn_need_name(spn_need need);

/* Whose account has to answer. */
typedef enum spn_holder {
	SPN_HOLDER_COMPUTER = 0, /* the computer's: Local System, Network Service and virtual accounts use its key */
	SPN_HOLDER_ACCOUNT = 1,  /* a user or a group managed service account: a computer's key is one machine's */
	SPN_HOLDER_ANY = 2       /* any kind: the one that the service runs as, or whose keytab it has */
} spn_holder;

/* "computer", "account" or "any". */
const char *spn_holder_name(spn_holder holder);

/*
 * A name as a template, such as "MSSQLSvc/{fqdn}:{port}".  {fqdn} and {host} stand for the long and the short name of
 * the server, and once more for those of each alias; {listener} for the long name of a listener; {port} and {instance}
 * for these.  A template for which one of them has no value is left out.
 */
typedef struct spn_recipe_name {
	const char *pattern;
	spn_need need;
	bool default_only; /* not if there is an instance */
} spn_recipe_name;

#define SPN_RECIPE_VERSION 1u

/* What is known about the names of a service.  Start from SPN_RECIPE_INIT. */
typedef struct spn_recipe {
	unsigned version;  /* SPN_RECIPE_VERSION */
	const char *id;    /* a word, such as "mssql" */
	const char *title; /* for people, such as "SQL Server" */
	spn_holder holder;
	unsigned port; /* if the caller names neither a port nor an instance; 0: none */
	const spn_recipe_name *names;
	size_t n_names;
	const char *clients; /* how clients make up the names; these three are sentences for people, or NULL */
	const char *pitfall; /* what goes wrong */
	const char *source;  /* where it is written */
} spn_recipe;

#define SPN_RECIPE_INIT SPN_INIT(SPN_RECIPE_VERSION)

/* Lends recipe i of those that the library knows, counted from 0; NULL beyond the last.  All are constant. */
const spn_recipe *spn_recipe_at(size_t i);

/* Lends the recipe with that id, in any case.  Returns SPN_ERR_INVALID, with similar ones in the message, if there is
 * none. */
spn_status spn_recipe_find(const char *id, const spn_recipe **ret_recipe, spn_error *err);

/*
 * Reads a recipe from a file: lines of a word, a colon and a value, with the words of spnkit-recipes(7), of 64 KiB at
 * most.  name stands for the file in messages.  The caller frees it.
 *
 * Returns SPN_ERR_SYNTAX, with the line in the message.
 */
spn_status spn_recipe_read(FILE *file, const char *name, spn_recipe **ret_recipe, spn_error *err);
/*
 * As spn_recipe_read, from the file at path, or a pipe that a program writes into within timeout seconds (0: 15).
 *
 * Returns SPN_ERR_FAILED if it cannot be read, and for a device, which may never end.
 */
spn_status spn_recipe_open(const char *path, unsigned timeout, spn_recipe **ret_recipe, spn_error *err);
/* Frees what spn_recipe_read has made.  Accepts NULL.  Always returns NULL. */
spn_recipe *spn_recipe_free(spn_recipe *recipe);

/* Whether HOST/ of the same host stands for a name, or a template of one, by the defaults of Active Directory
 * (sPNMappings). */
bool spn_name_by_host(const char *name);

/*
 * The product, for people, whose names have the service class of a name: "SQL Server" for "MSSQLSvc/db".  What HOST/
 * stands for is "Windows", and a GUID "RPC interfaces".  NULL: none is known.  Constant.
 */
const char *spn_class_product(const char *spn);

#define SPN_EXPECT_OPTIONS_VERSION 1u

/* Which service it is.  Start from SPN_EXPECT_OPTIONS_INIT. */
typedef struct spn_expect_options {
	unsigned version; /* SPN_EXPECT_OPTIONS_VERSION */
	const char *host; /* the server, farm or virtual host: short name or FQDN; NULL if the recipe needs none */
	unsigned port;    /* 0: the recipe's */
	const char *instance;       /* NULL: the default one */
	const char *const *aliases; /* other hosts that clients use: each gives the same names once more */
	size_t n_aliases;
	const char *listener; /* NULL: none */
	/* the account that should answer, in any form that spn_account_find takes; NULL: the computer, if the recipe
	 * says so or nobody holds a name; else the only account that holds one */
	const char *account;
} spn_expect_options;

#define SPN_EXPECT_OPTIONS_INIT SPN_INIT(SPN_EXPECT_OPTIONS_VERSION)

/* A verdict on one name.  All of it is lent. */
typedef struct spn_expectation {
	const spn_finding *finding; /* accounts: those that the KDC picks; spn: NULL at the end, about the service */
	spn_need need;
	const spn_account *expected;      /* the account that should answer; NULL: one of its own, not known */
	const spn_resolution *resolution; /* which account the KDC picks; NULL at the end */
	const spn_probe *probe;           /* NULL: no KDC was asked */
} spn_expectation;

/* Receives one verdict, which is valid only until the function returns. */
typedef spn_status spn_expectation_fn(const spn_expectation *expectation, void *data, spn_error *err);

/*
 * Judges each name that clients of a service ask for, in the order of the recipe, and calls fn for each, then about the
 * service as a whole.
 *
 * Codes of findings: "ok"; "by-alias", ok as well: the right account answers because HOST/ stands for the name;
 * "typed-only", a notice: nobody holds the name, and only who types it misses it; "missing"; "wrong-account" (of a name
 * that must be typed, a warning); "duplicate"; "disabled-account"; "no-ticket": the directory is right, but kdc (NULL:
 * it is not asked) gives no ticket; of the service: "not-checked", a notice: a name needs a port, an instance or a
 * listener that was not given; "wrong-kind", a notice: a computer where a recipe has SPN_HOLDER_ACCOUNT;
 * "created-by-user"; at last the worst of all, or "ok".
 *
 * Returns SPN_ERR_INVALID for a recipe or options of another version, or without what the names are made of;
 * SPN_ERR_SYNTAX for a malformed host; SPN_ERR_NOT_FOUND if the computer or the account does not exist;
 * SPN_ERR_AMBIGUOUS if no account is given and several hold names of the service.
 */
spn_status spn_expect(spn_directory *dir, spn_kdc *kdc, const spn_recipe *recipe, const spn_expect_options *options,
		spn_expectation_fn *fn, void *data, spn_error *err);

/*
 * Proposes what repairs the names of a service: names that nobody holds are added to the account that should answer,
 * those of another account are moved to it, and of two holders the other one loses the name.  Names that another
 * account serves through HOST/ stay as they are, as does everything if the account is not known.  fn (may be NULL)
 * receives the verdicts of spn_expect, and remarks, with resolution NULL.  The directory is judged as it is: a plan
 * that has steps already must not be about the same names.
 *
 * Returns what spn_expect, spn_propose_add, spn_propose_move and spn_propose_delete return; the plan is then unchanged.
 */
spn_status spn_propose_expected(spn_plan *plan, spn_directory *dir, const spn_recipe *recipe,
		const spn_expect_options *options, spn_expectation_fn *fn, void *data, spn_error *err);

/*
 * Writes the names of a service that the account which should answer shall hold, those that it holds already included,
 * as LDIF that spn_propose_converge reads (spn_desired_write).  Names that HOST/ of the account stands for are left
 * out, and those that are asked for only if typed, unless it holds them.  fn (may be NULL) receives the verdicts of
 * spn_expect.
 *
 * *ret_n (may be NULL): how many were written; nothing is if there are none, or no account is known.  Returns what
 * spn_expect returns; SPN_ERR_FAILED if they cannot be written.
 */
spn_status spn_desired_write_expected(spn_directory *dir, const spn_recipe *recipe, const spn_expect_options *options,
		FILE *file, size_t *ret_n, spn_expectation_fn *fn, void *data, spn_error *err);

#ifdef __cplusplus
}
#endif
#endif
