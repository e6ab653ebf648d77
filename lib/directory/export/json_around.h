/* SPDX-License-Identifier: MIT */
/* json_around.h - what is around lists of accounts in JSON */
#ifndef SPK_JSON_AROUND_H
#define SPK_JSON_AROUND_H

#include <jansson.h>
#include <stdbool.h>

/* Whether an array of this name, in an object around all, holds the accounts. */
bool spk_json_is_around(const char *key);

/* Whether what is around a list is an account that has such a member: it has a list of names, or two of these: a DN
 * or sAMAccountName, a name, and three things by which accounts are judged.  Less may say what was searched: {
 * "dn": "CN=Users,DC=corp,DC=example", "objectClass": "user", "entries": [...] }; so may patterns of names, and all
 * that there is besides the DN of a domain or an organizational unit. */
bool spk_json_is_account(json_t *others);

#endif
