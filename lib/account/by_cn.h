/* SPDX-License-Identifier: MIT */
/* by_cn.h - the computers that Samba's KDC finds by their cn: for HOST/x, beside whoever holds that, the one whose cn
 * is the first label of x; so also for an alias of HOST/x that nobody holds */
#ifndef SPK_BY_CN_H
#define SPK_BY_CN_H

#include "account.h"
#include "names.h"
#include "roll.h"
#include "base/keys.h"

/* Whether a name is HOST/x. */
bool spk_name_is_of_host(const spn_name *name);
/* The first label of its host; lent. */
spn_bytes spk_name_label(const spn_name *name);

/* Appends the cn of an account, if it is one that can be found by that. */
void spk_account_put_cn(const spn_account *account, spk_text *text);

/* Lists the accounts that can be found by their cn: in the roll by that, which names keeps. */
spn_status spk_list_cns(const spk_accounts *accounts, spk_names *names, spk_roll *roll, spn_error *err);

/* Computers that are looked for together.  Start from { 0 }. */
typedef struct spk_by_cn {
	spk_names wanted; /* cns, each once */
	spk_keys keys;    /* the same, folded */
	spk_accounts found;
	spk_names cns;    /* of two of those found, in each domain and of each cn */
	spk_roll roll;    /* of the same */
} spk_by_cn;

/* Asks for the computers of a name; of another one than HOST/x, there are none. */
spn_status spk_by_cn_want(spk_by_cn *by_cn, const char *name, spn_error *err);
/* Searches for those that are asked for, unless the rules of the directory are not Samba's; in one directory after the
 * other. */
spn_status spk_by_cn_search(spk_by_cn *by_cn, spn_directory *dir, spn_error *err);
/* A computer that is found by a name, in the domain of the account at dn, but not that one; NULL: there is none. */
const spn_account *spk_by_cn_find(const spk_by_cn *by_cn, const char *name, const char *dn);
/* Whether the computer at dn is one of them. */
bool spk_by_cn_finds(const spk_by_cn *by_cn, const char *name, const char *dn);
/* Whether an account is found by its cn for HOST/x, so that no other one can take that. */
bool spk_is_found_by_cn(const spn_account *account, const char *name);
/* Whether HOST/x, which another account holds, is clearly a name of the computer: then it has to go from there.  It is
 * not where the holder is found by its cn as well; nor where the holder has other names of the computer, or the
 * computer an old password: then the holder may be that machine by now.  now: seconds since 1970; 0: the clock's. */
bool spk_by_cn_is_clear(const spn_account *computer, const spn_account *holder, const char *name, int64_t now);
void spk_by_cn_free(spk_by_cn *by_cn);
#define SPK_AUTOBYCN __attribute__((cleanup(spk_by_cn_free)))

#endif
