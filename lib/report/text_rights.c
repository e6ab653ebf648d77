/* SPDX-License-Identifier: MIT */
#include "text_rights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "base/safe.h"
#include "base/wrap.h"

#define TAB 8

static const char *label_of(const spn_trustee *trustee)
{
	return *trustee->name ? trustee->name : trustee->sid;
}

/* What somebody may do, in a few words. */
static const char *effect_of(const spn_trustee *trustee)
{
	if (trustee->rights & SPN_RIGHT_WRITE)
		return "any name";
	if (trustee->rights & SPN_RIGHT_VALIDATED)
		return trustee->rights & (SPN_RIGHT_DACL | SPN_RIGHT_OWNER) ?
				"names of its own host, without a port; or any name, once they have granted it to "
				"themselves" :
				"names of its own host, without a port";
	if (trustee->rights)
		return "any name, once they have granted it to themselves";
	return "nothing";
}

/* The line takes as much room as it needs. */
static void put_sentence(const char *text)
{
	fputs("\t", stdout);
	print_wrapped(stdout, text, TAB, "\t  ");
}

static void put_trustee(struct cli *cli, const spn_trustee *trustee)
{
	char *text = NULL;
	if (asprintf(&text, "%s%s%s: %s (%s)%s%s", label_of(trustee), trustee->is_itself ? ", the account itself" : "",
			    trustee->is_nobody ? ", which no account has that can be read here: deleted, or hidden" :
						 "",
			    effect_of(trustee), trustee->granted, *trustee->except ? ", but not members of " : "",
			    trustee->except) < 0)
		text = NULL;
	if (text)
		put_sentence(text);
	cli->lost |= !text;
	free(text);
}

/* Those of whom nobody wonders, in one line. */
static void put_administrators(struct cli *cli, const spn_rights *rights)
{
	char *text = NULL;
	size_t size = 0, n = 0;
	FILE *to = open_memstream(&text, &size);
	for (size_t i = 0; to && i < rights->n_trustees; i++)
		if (rights->trustees[i].is_administrator && rights->trustees[i].rights)
			fprintf(to, "%s%s", n++ ? ", " : "administrators: ", label_of(&rights->trustees[i]));
	cli->lost |= !to || fclose(to) != 0;
	if (n)
		put_sentence(text);
	free(text);
}

static void put_asked(struct cli *cli, const spn_rights *rights)
{
	const spn_trustee *who = rights->who;
	bool may = who->rights & (SPN_RIGHT_WRITE | SPN_RIGHT_VALIDATED);
	char *text = NULL;
	int n = may ? asprintf(&text, "'%s' may write %s (%s)", label_of(who), effect_of(who), who->granted) :
			who->rights ?
		      asprintf(&text, "'%s' may not write names now, but grant the right to themselves (%s)",
				      label_of(who), who->granted) :
		      asprintf(&text, "'%s' may not change names: the right to write servicePrincipalName is %s%s",
				      label_of(who), *who->denied ? "denied to " : "missing", who->denied);
	if (n >= 0)
		put_sentence(text);
	cli->lost |= n < 0;
	free(n >= 0 ? text : NULL);
}

void text_rights(struct cli *cli, const spn_rights *rights)
{
	const char *dn = spn_account_dn(rights->account);
	size_t n = 0;
	print_whole(stdout, 0, "Who may change the names of ", dn, strlen(dn), ":");
	if (rights->who)
		put_asked(cli, rights);
	if (rights->who || rights->unknown)
		return;
	for (size_t i = 0; i < rights->n_trustees; i++) {
		n += rights->trustees[i].rights != 0;
		if (!rights->trustees[i].is_administrator && rights->trustees[i].rights)
			put_trustee(cli, &rights->trustees[i]);
	}
	put_administrators(cli, rights);
	if (!n)
		put_sentence("nobody");
}

/* The names of a set of rights. */
static json_t *array_of_rights(struct cli *cli, unsigned rights)
{
	json_t *array = json_array();
	for (unsigned right = 1; right && right <= rights; right <<= 1)
		if (rights & right && json_array_append_new(array, json_string(spn_right_name(right))) != 0)
			cli->lost = true;
	return array;
}

static void json_trustee(struct cli *cli, const spn_account *account, const spn_trustee *trustee, bool is_asked)
{
	emit(cli, stdout,
			json_pack("{s:{s:o, s:o}, s:{s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:b, s:b, s:b}",
					"account", "dn", text_of(spn_account_dn(account)), "account",
					text_of(spn_account_name(account)), "trustee", "sid", text_of(trustee->sid), "name",
					text_of(trustee->name), "dn", *trustee->dn ? text_of(trustee->dn) : json_null(), "rights",
					array_of_rights(cli, trustee->rights), "inherited",
					array_of_rights(cli, trustee->inherited), "conditional",
					array_of_rights(cli, trustee->conditional), "granted", text_of(trustee->granted),
					"except", *trustee->except ? text_of(trustee->except) : json_null(), "denied",
					*trustee->denied ? text_of(trustee->denied) : json_null(), "itself",
					trustee->is_itself, "administrator", trustee->is_administrator, "everybody",
					trustee->is_everybody, "deleted", trustee->is_nobody, "idle", trustee->is_idle, "asked", is_asked));
}

void json_rights(struct cli *cli, const spn_rights *rights)
{
	for (size_t i = 0; !rights->who && i < rights->n_trustees; i++)
		json_trustee(cli, rights->account, &rights->trustees[i], false);
	if (rights->who)
		json_trustee(cli, rights->account, rights->who, true);
}
