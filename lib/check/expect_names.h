/* SPDX-License-Identifier: MIT */
/* expect_names.h - the names that clients of one service ask for */
#ifndef SPK_EXPECT_NAMES_H
#define SPK_EXPECT_NAMES_H

#include <spnkit/expect.h>

#include "account/names.h"
#include "base/text.h"

/* The names of a service, each once, in the order of the recipe. */
typedef struct spk_expected {
	spk_names names;
	spn_need *needs;
	spk_text unfilled; /* templates of names that clients must find, and that lack a port, an instance or a listener
			    */
} spk_expected;

void spk_expected_free(spk_expected *expected);
#define SPK_AUTOEXPECTED __attribute__((cleanup(spk_expected_free)))

/* Whether a template stands for a name of the server itself, and so for one of each alias. */
bool spk_recipe_needs_host(const spn_recipe *recipe);

/* SPN_ERR_SYNTAX for a host that cannot be part of a name: an error before anything is looked up. */
spn_status spk_expected_check_host(const char *host, spn_error *err);

/*
 * Makes the names of a recipe.  dns: what the server itself is called in full, NULL: as the options say; domain: behind
 * a short name.
 *
 * SPN_ERR_INVALID if there is no name that clients must find, for want of a value; SPN_ERR_SYNTAX for a value that no
 * name can have.
 */
spn_status spk_expected_make(const spn_recipe *recipe, const spn_expect_options *options, const char *dns,
		const char *domain, spk_expected *ret, spn_error *err);

#endif
