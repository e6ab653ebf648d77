/* SPDX-License-Identifier: MIT */
#include "domain.h"

#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "directory/directory.h"
#include "model/dn.h"

/* Whoever wrote the name of an account could have written a domain of his own there, to be sent a password or a log-on:
 * the directory itself has to know that domain. */
static spn_status check_known(spn_directory *dir, const char *account, const char *domain, spn_error *err)
{
	bool known = false;
	spn_status status = spk_domain_is_known(dir, domain, &known, err);
	return status || known ? status : spn_fail(err, SPN_ERR_REFUSED, 0,
			"'%s' is in the domain '%s', which this directory does not know (it is not in its forest and does not trust it): "
			"nothing is sent there",
			account, domain);
}

/* What an account's text says of its domain; "" if nothing, or nothing that is known. */
static spn_status find_domain(spn_directory *dir, const char *account, spn_account_want want, bool forest,
		spk_text *ret_dns, spn_error *err)
{
	const char *backslash = strchr(account, '\\');
	SPK_AUTO(spn_account) *found = NULL;
	spn_error why = { .status = SPN_OK };
	if (strchr(account, '=')) {
		if (spk_dn_is_valid(account))
			spk_dn_domain(account, ret_dns);
		return ret_dns->failed ? spk_nomem(err) : SPN_OK;
	}
	if (backslash) {
		SPK_AUTOFREE char *domain = strndup(account, (size_t)(backslash - account));
		return !domain ? spk_nomem(err) : *domain ? spk_domain_named(dir, domain, ret_dns, err) : SPN_OK;
	}
	if (!forest)
		return SPN_OK;
	spn_status status = spn_account_find(dir, account, want, &found, &why);
	if (status == SPN_ERR_NOT_FOUND)
		status = spk_account_find_in_forest(dir, account, want, &found, &why);
	if (status && status != SPN_ERR_NOT_FOUND)
		return spk_fail_as(err, status, &why, "%s", why.message);
	if (found)
		spk_dn_domain(spn_account_dn(found), ret_dns);
	return ret_dns->failed ? spk_nomem(err) : SPN_OK;
}

bool spk_account_is_elsewhere(spn_directory *dir, const char *account, spk_text *ret_domain)
{
	SPK_AUTOTEXT spk_text own = { 0 };
	if (find_domain(dir, account, SPN_WANT_ANY, false, ret_domain, NULL) || spk_domain_own(dir, &own, NULL))
		return false;
	return ret_domain->len && !spk_ascii_equal(ret_domain->data, own.data);
}

/* "" for a server that is here, or that nobody knows. */
static spn_status find_domain_of_server(
		spn_directory *dir, const char *server, bool forest, const char *own, spk_text *ret_dns, spn_error *err)
{
	const char *dot = strchr(server, '.');
	bool names_another = dot && dot[1] && !spk_ascii_equal(dot + 1, own);
	SPK_AUTO(spn_account) *found = NULL;
	spn_error why = { .status = SPN_OK };
	if ((!forest && !names_another) || spk_computer_find(dir, server, false, &found, &why) != SPN_ERR_NOT_FOUND)
		return SPN_OK; /* what is wrong will be said by whoever looks for it here */
	if (!forest)
		return spk_known_in_forest(dir, dot + 1, ret_dns, err);
	spn_status status = spk_computer_find(dir, server, true, &found, &why);
	if (status && status != SPN_ERR_NOT_FOUND)
		return spk_fail_as(err, status, &why, "%s", why.message);
	if (found)
		spk_dn_domain(spn_account_dn(found), ret_dns);
	return ret_dns->failed ? spk_nomem(err) : SPN_OK;
}

/* DNS is not believed: whoever answers has to be of that domain. */
static spn_status open_domain(spn_directory *dir, const char *account, const char *domain,
		const spn_open_options *options, spn_directory **ret_dir, spn_error *err)
{
	SPK_AUTO(spn_directory) *opened = NULL;
	SPK_AUTOTEXT spk_text is = { 0 };
	spn_open_options other;
	spn_credentials credentials;
	spn_status status = spk_options_take(options, &other, &credentials, err);
	other.domain = domain;
	if (!status)
		status = spk_directory_open_from(dir, spk_directory_scheme(dir), &other, &opened, err);
	if (!status)
		status = spk_domain_own(opened, &is, err);
	if (status)
		return spk_prefix(err, status, "'%s' is in the domain '%s': ", account, domain);
	if (!spk_ascii_equal(is.data, domain))
		return spn_fail(err, SPN_ERR_FAILED, 0, "'%s' is in the domain '%s', but '%s' is of '%s'", account, domain,
				spn_directory_url(opened), is.data);
	spk_directory_choose(opened); /* commands that are printed name accounts that the user's own domain may have, too */
	*ret_dir = opened;
	opened = NULL;
	return SPN_OK;
}

/* Nothing if domain is "" or our own. */
static spn_status open_other(spn_directory *dir, const char *account, const char *domain, const char *own,
		const spn_open_options *options, spn_directory **ret_dir, spn_error *err)
{
	if (!domain || !*domain || !*own || spk_ascii_equal(domain, own))
		return SPN_OK;
	return open_domain(dir, account, domain, options, ret_dir, err);
}

spn_status spn_account_domain_open(spn_directory *dir, const char *account, spn_account_want want, bool forest,
		const spn_open_options *options, spn_directory **ret_dir, spn_error *err)
{
	if (!dir || !account || !options || !ret_dir || (unsigned)want > SPN_WANT_USER)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_account_domain_open: an argument is NULL or out of range");
	SPK_AUTOTEXT spk_text domain = { 0 }, own = { 0 };
	*ret_dir = NULL;
	if (!spk_directory_scheme(dir))
		return SPN_OK;
	spn_status status = spk_domain_own(dir, &own, err);
	if (!status)
		status = find_domain(dir, account, want, forest, &domain, err);
	if (!status && domain.len && !spk_ascii_equal(domain.data, own.data))
		status = check_known(dir, account, domain.data, err);
	return status ? status : open_other(dir, account, domain.data, own.data, options, ret_dir, err);
}

/* DNS knows no NetBIOS names, but our own domain knows those of the forest and of whom it trusts.  If it cannot be
 * asked, or knows none of that name, what DNS said stands. */
static spn_status open_from_home(
		const char *name, const spn_open_options *options, spn_directory **ret_dir, spn_error *err)
{
	SPK_AUTO(spn_directory) *home = NULL;
	spn_open_options taken;
	spn_credentials who;
	spn_error why = { .status = SPN_OK };
	spn_status status = spk_options_take(options, &taken, &who, err);
	taken.domain = name;
	if (!status)
		status = spn_directory_open(NULL, &taken, ret_dir, err);
	taken.domain = NULL;
	if (!status || strchr(name, '.') || spn_directory_open(NULL, &taken, &home, NULL))
		return status;
	taken.domain = name;
	spn_status known = spn_domain_open(home, name, &taken, ret_dir, &why);
	if (known)
		return spk_fail_as(err, known, &why, "%s", why.message);
	return *ret_dir ? SPN_OK : status;
}

spn_status spn_domain_open(spn_directory *dir, const char *name, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err)
{
	if (!name || !options || !ret_dir)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_domain_open: an argument is NULL");
	SPK_AUTOTEXT spk_text domain = { 0 };
	*ret_dir = NULL;
	if (!dir)
		return open_from_home(name, options, ret_dir, err);
	spn_status status = spk_directory_scheme(dir) ? spk_domain_named(dir, name, &domain, err) : SPN_OK;
	if (!status && domain.len)
		status = open_domain(dir, name, domain.data, options, ret_dir, err);
	return status;
}

spn_status spn_server_domain_open(spn_directory *dir, const char *server, bool forest, const spn_open_options *options,
		spn_directory **ret_dir, spn_error *err)
{
	if (!dir || !server || !options || !ret_dir)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_server_domain_open: an argument is NULL");
	SPK_AUTOTEXT spk_text domain = { 0 }, own = { 0 };
	*ret_dir = NULL;
	if (strchr(server, '\\')) /* DOMAIN\name: that of its account */
		return spn_account_domain_open(dir, server, SPN_WANT_ANY, forest, options, ret_dir, err);
	if (!spk_directory_scheme(dir) || (!forest && !strchr(server, '.'))) /* a short name says nothing of a domain */
		return SPN_OK;
	spn_status status = spk_domain_own(dir, &own, err);
	if (!status)
		status = find_domain_of_server(dir, server, forest, own.data, &domain, err);
	return status ? status : open_other(dir, server, domain.data, own.data, options, ret_dir, err);
}
