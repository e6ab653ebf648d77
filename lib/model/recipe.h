/* SPDX-License-Identifier: MIT */
/* recipe.h - from the templates of a recipe to names */
#ifndef SPK_RECIPE_H
#define SPK_RECIPE_H

#include <spnkit/expect.h>

#include "base/text.h"

/* What takes the place of the words in braces; NULL: no value. */
typedef struct spk_recipe_values {
	const char *fqdn, *host, *port, *instance, *listener;
} spk_recipe_values;

/* Whether names of a class are those of services that run as accounts of their own: a recipe says so, and none has them
 * for the computer account. */
bool spk_class_is_of_accounts(const char *service_class);

/* Appends the name that a template makes.  False, with the first word that has no value, if there is no such name. */
bool spk_recipe_fill(const char *pattern, const spk_recipe_values *values, spk_text *ret_name, const char **ret_lacks);

#endif
