/* SPDX-License-Identifier: MIT */
/* recipe.h - what is known about the names of a service, for people */
#ifndef CLI_RECIPE_H
#define CLI_RECIPE_H

#include <spnkit/expect.h>

/* whole: all of it, not a line of a list. */
void recipe_print(const spn_recipe *recipe, bool whole);

#endif
