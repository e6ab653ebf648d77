/* SPDX-License-Identifier: MIT */
/* connect.h - from the options to an open directory */
#ifndef CLI_CONNECT_H
#define CLI_CONNECT_H

#include "cli.h"

/* Once the options are known: who we are towards a KDC and services, and what calls of the library take. */
void connect_prepare(struct cli *cli);

/*
 * Opens the directory that -H names; else that of $SPNKIT_DIRECTORY; else the one that DNS names.  domain: NULL, or one
 * of the options' domains, which goes before $SPNKIT_DIRECTORY.
 *
 * Only a command that changes gets a directory that can be changed, and none with --dry-run.
 */
spn_status connect_open(struct cli *cli, const char *domain, spn_directory **ret_dir, spn_error *err);
/* Opens the one of a journal, unless -H names another, into cli->dir. */
spn_status connect_open_journal(struct cli *cli, const spn_journal_info *journal, spn_error *err);
/* The same into cli->dir: of --domain, or the usual one. */
spn_status connect_domain(struct cli *cli, spn_error *err);
/* Opens cli->kdc. */
spn_status connect_kdc(struct cli *cli, spn_error *err);

/* Whether a URL is of an LDIF file; NULL is not. */
bool connect_is_ldif(const char *url);

/* Whether there is a KDC to ask for something, as an option wants it. */
spn_status connect_check_kdc(const spn_directory *dir, const char *what, const char *option, spn_error *err);
/* Whether the KDC is to be asked too: not for an LDIF directory, nor with --no-probe. */
bool connect_asks_kdc(const struct cli *cli);

/*
 * Goes to the domain that an account is in: cli->dir, which must be open, is then that one.  With --forest the global
 * catalog is asked where an account is that is not here.
 */
spn_status connect_follow(struct cli *cli, const char *account, spn_error *err);
/* The same for the computer that a server name means. */
spn_status connect_follow_server(struct cli *cli, const char *server, spn_error *err);
/* The same for the entries of a plan. */
spn_status connect_follow_plan(struct cli *cli, const spn_plan *plan, spn_error *err);
/* As connect_follow, but into *ret_dir, which stays NULL if the account is in the domain of cli->dir. */
spn_status connect_account(struct cli *cli, const char *account, spn_directory **ret_dir, spn_error *err);

/* Which kind of account -C or -U means. */
spn_account_want connect_want(const struct cli *cli);

/* The DN of the domain or, with --forest, of the forest; "" if the directory names none. */
spn_status connect_base(struct cli *cli, spn_directory *dir, const char **ret_dn, spn_error *err);

/* Says in setspn's words which domain, or with --forest which forest, is searched. */
spn_status connect_say_where(struct cli *cli, spn_directory *dir, spn_error *err);

/* Says so if a computer was preferred to another account of the name that was given. */
void connect_note_namesake(struct cli *cli, spn_directory *dir, const char *text, const spn_account *account);
/* Looks at an account, in the directory of its domain. */
typedef spn_status connect_look_fn(struct cli *cli, spn_directory *dir, const spn_account *account, spn_error *err);
/* Finds an account, calls fn, and notes a namesake. */
spn_status connect_look(struct cli *cli, const char *text, connect_look_fn *fn, spn_error *err);

#endif
