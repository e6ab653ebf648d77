/* SPDX-License-Identifier: MIT */
#include "text_recipe.h"

#include "base/wrap.h"

#define COLUMN 10
#define INDENT "          "
#define ID_COLUMN 16

static void print_about(const char *what, const char *text)
{
	if (!text)
		return;
	printf("%-*s", COLUMN, what);
	print_wrapped(stdout, text, COLUMN, INDENT);
}

static const char *account_of(spn_holder holder)
{
	switch (holder) {
	case SPN_HOLDER_COMPUTER: return "the computer, unless --account says otherwise";
	case SPN_HOLDER_ACCOUNT: return "a user or a group managed service account (--account)";
	case SPN_HOLDER_ANY: break;
	}
	return "the one that the service runs as, or whose keytab it has (--account)";
}

static void print_name(const spn_recipe_name *name)
{
	fputs("  ", stdout);
	print_wrapped(stdout, name->pattern, 2, "  ");
	printf(INDENT "%s%s%s\n", name->need == SPN_NEED_MUST ? "clients ask for it" : "only if typed or configured",
			name->default_only ? "; default instance" : "",
			spn_name_by_host(name->pattern) ? "; HOST/ stands for it" : "");
}

void recipe_print(const spn_recipe *recipe, bool whole)
{
	if (!whole) {
		printf("%-*s", ID_COLUMN, recipe->id);
		print_wrapped(stdout, recipe->title, ID_COLUMN, INDENT);
		return;
	}
	printf("%s: ", recipe->id);
	print_wrapped(stdout, recipe->title, 2, INDENT);
	for (size_t i = 0; i < recipe->n_names; i++)
		print_name(&recipe->names[i]);
	print_about("Account:", account_of(recipe->holder));
	if (recipe->port)
		printf("%-*s%u, unless --port or --instance says otherwise\n", COLUMN, "Port:", recipe->port);
	print_about("Clients:", recipe->clients);
	print_about("Pitfall:", recipe->pitfall);
	print_about("Source:", recipe->source);
}
