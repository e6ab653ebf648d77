/* SPDX-License-Identifier: MIT */
#include "expect_names.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "account/hosts.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "model/recipe.h"

void spk_expected_free(spk_expected *expected)
{
	spk_names_free(&expected->names);
	free(expected->needs);
	spk_text_free(&expected->unfilled);
}

/* Names at work. */
struct work {
	const spn_recipe *recipe;
	const spn_expect_options *options;
	const char *domain;
	const char *lacks; /* the first word that would have made a name that clients must find */
	spk_expected *ret;
};

static bool is_about_host(const char *pattern)
{
	return strstr(pattern, "{fqdn}") || strstr(pattern, "{host}");
}

bool spk_recipe_needs_host(const spn_recipe *recipe)
{
	bool needs = false;
	for (size_t i = 0; i < recipe->n_names; i++)
		needs |= is_about_host(recipe->names[i].pattern);
	return needs;
}

static bool is_address(const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, text, address) == 1 || strchr(text, ':');
}

/* The part of a name that the text would be, and nothing else. */
static spn_status check(const char *what, const char *before, const char *text, bool is_host, spn_error *err)
{
	spn_name name;
	SPK_AUTOFREE char *spn = spk_printf("%s%s", before, text);
	if (!spn)
		return spk_nomem(err);
	if (is_host && is_address(text))
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' is an address: clients ask for the name of the %s", text,
				what);
	bool is_sound = *text && !spn_name_parse(spn, &name, NULL) &&
			(is_host ? name.host : name.port).len == strlen(text);
	if (is_sound)
		return SPN_OK;
	return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' is not the name of %s %s", text,
			*what == 'i' || *what == 'a' ? "an" : "a", what);
}

spn_status spk_expected_check_host(const char *host, spn_error *err)
{
	SPK_AUTOFREE char *plain = spk_plain_server(host);
	return plain ? check("server", "x/", plain, true, err) : spk_nomem(err);
}

/* The long and the short form of a host. */
struct forms {
	char *plain, *fqdn, *host;
};

static void free_forms(struct forms *forms)
{
	free(forms->plain);
	free(forms->fqdn);
	free(forms->host);
}
#define AUTOFORMS __attribute__((cleanup(free_forms)))

static spn_status make_forms(const struct work *work, const char *what, const char *given, const char *dns,
		struct forms *ret, spn_error *err)
{
	ret->plain = spk_plain_server(given);
	if (!ret->plain)
		return spk_nomem(err);
	spn_status status = check(what, "x/", ret->plain, true, err);
	if (status)
		return status;
	size_t label = strcspn(ret->plain, ".");
	ret->host = strndup(ret->plain, label);
	if (ret->plain[label] || dns)
		ret->fqdn = strdup(ret->plain[label] ? ret->plain : dns);
	else
		ret->fqdn = spk_printf("%s%s%s", ret->plain, *work->domain ? "." : "", work->domain);
	return ret->host && ret->fqdn ? SPN_OK : spk_nomem(err);
}

static spn_status add(const struct work *work, const char *name, spn_need need, spn_error *err)
{
	spk_expected *ret = work->ret;
	if (spk_names_contain(&ret->names, name, SPK_FOLD_CASE))
		return SPN_OK;
	spn_need *grown = realloc(ret->needs, (ret->names.n + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	ret->needs = grown;
	grown[ret->names.n] = need;
	return spk_names_add(&ret->names, name, err);
}

/* A recipe with names of the default instance has no need of another. */
static bool may_lack(const spn_recipe *recipe, const char *word)
{
	bool may = false;
	for (size_t i = 0; i < recipe->n_names; i++)
		may |= recipe->names[i].default_only && strcmp(word, "{instance}") == 0;
	return may;
}

static void note_lacking(struct work *work, const char *pattern, const char *word)
{
	if (may_lack(work->recipe, word))
		return;
	if (!work->lacks)
		work->lacks = word;
	spk_text_add(&work->ret->unfilled, "%s%s", work->ret->unfilled.len ? ", " : "", pattern);
}

/* One row of the recipe, for one host. */
static spn_status add_row(
		struct work *work, const spn_recipe_name *row, const spk_recipe_values *values, spn_error *err)
{
	SPK_AUTOTEXT spk_text name = { 0 };
	spn_name parsed;
	const char *lacks = NULL;
	if (row->default_only && values->instance)
		return SPN_OK;
	bool is_filled = spk_recipe_fill(row->pattern, values, &name, &lacks);
	if (name.failed)
		return spk_nomem(err);
	if (!is_filled) {
		if (row->need == SPN_NEED_MUST)
			note_lacking(work, row->pattern, lacks);
		return SPN_OK;
	}
	const char *spn = name.len ? name.data : "";
	spn_status status = spn_name_parse(spn, &parsed, err);
	return status ? status : add(work, spn, row->need, err);
}

static spn_status add_rows(struct work *work, const spk_recipe_values *values, bool is_alias, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < work->recipe->n_names; i++) {
		const spn_recipe_name *row = &work->recipe->names[i];
		if (!is_alias || is_about_host(row->pattern))
			status = add_row(work, row, values, err);
	}
	return status;
}

static spn_status add_alias(struct work *work, const char *alias, const spk_recipe_values *values, spn_error *err)
{
	AUTOFORMS struct forms forms = { .plain = NULL };
	spn_status status = make_forms(work, "alias", alias, NULL, &forms, err);
	spk_recipe_values own = *values;
	own.fqdn = forms.fqdn;
	own.host = forms.host;
	return status ? status : add_rows(work, &own, true, err);
}

/* What would make a name of which nothing is left, as people call it. */
static const char *value_of(const char *word)
{
	return strcmp(word, "{port}") == 0              ? "a port" :
			strcmp(word, "{instance}") == 0 ? "an instance" :
			strcmp(word, "{listener}") == 0 ? "a listener" :
								"a host";
}

static spn_status check_any(const struct work *work, spn_error *err)
{
	bool any = false;
	for (size_t i = 0; i < work->ret->names.n; i++)
		any |= work->ret->needs[i] == SPN_NEED_MUST;
	if (work->ret->unfilled.failed)
		return spk_nomem(err);
	if (any)
		return SPN_OK;
	return spn_fail(err, SPN_ERR_INVALID, 0, "the names of '%s' cannot be made without %s", work->recipe->id,
			work->lacks ? value_of(work->lacks) : "a template that clients must find");
}

static spn_status make(struct work *work, const char *dns, spn_error *err)
{
	const spn_expect_options *options = work->options;
	unsigned number = options->port ? options->port : options->instance ? 0 : work->recipe->port;
	char port[16];
	AUTOFORMS struct forms own = { .plain = NULL }, listener = { .plain = NULL };
	snprintf(port, sizeof port, "%u", number);
	spn_status status = options->host ? make_forms(work, "server", options->host, dns, &own, err) : SPN_OK;
	if (!status && options->listener)
		status = make_forms(work, "listener", options->listener, NULL, &listener, err);
	if (!status && options->instance)
		status = check("instance", "x/h:", options->instance, false, err);
	const spk_recipe_values values = { own.fqdn, own.host, number ? port : NULL, options->instance, listener.fqdn };
	if (!status)
		status = add_rows(work, &values, false, err);
	for (size_t i = 0; !status && i < options->n_aliases; i++)
		status = add_alias(work, options->aliases[i], &values, err);
	return status ? status : check_any(work, err);
}

spn_status spk_expected_make(const spn_recipe *recipe, const spn_expect_options *options, const char *dns,
		const char *domain, spk_expected *ret, spn_error *err)
{
	SPK_AUTOEXPECTED spk_expected expected = { .needs = NULL };
	struct work work = { .recipe = recipe, .options = options, .domain = domain, .ret = &expected };
	spn_status status = make(&work, dns, err);
	if (status)
		return status;
	*ret = expected;
	expected = (spk_expected){ .needs = NULL };
	return SPN_OK;
}
