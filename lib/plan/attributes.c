/* SPDX-License-Identifier: MIT */
#include "attributes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "values.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/entry.h"

/* What the commands of spnkit change, or advise to change. */
static const char *const usual[] = { SPK_SPN, "member", "msDS-SupportedEncryptionTypes", NULL };

static bool is_usual(const char *attr)
{
	for (const char *const *at = usual; *at; at++)
		if (spk_ascii_equal(*at, attr))
			return true;
	return false;
}

/* A value as "#04...", which is the BER encoding of it.  at: behind the "=" of an RDN. */
static bool is_encoded(spn_bytes dn, size_t at)
{
	while (at < dn.len && dn.data[at] == ' ')
		at++;
	return at < dn.len && dn.data[at] == '#';
}

/* "<SID=...>" and "<GUID=...>" do not show whom they mean, nor does a DN with letters or digits as "\41" or
 * "\c3\a4", which need no escape, or with a value in hexadecimal ("CN=#0401..."). */
static bool is_hidden(spn_bytes dn)
{
	static const char hex[] = "0123456789abcdefABCDEF";
	bool is_type = true; /* else a value */
	for (size_t i = 0; i + 2 < dn.len; i++) {
		if (is_type && dn.data[i] == '=' && is_encoded(dn, i + 1))
			return true;
		is_type = strchr(",;+", dn.data[i]) || (is_type && dn.data[i] != '=');
		if (dn.data[i] != '\\')
			continue;
		char code[] = { dn.data[i + 1], dn.data[i + 2], '\0' };
		int c = strspn(code, hex) == 2 ? (int)strtoul(code, NULL, 16) : 0;
		if (isalnum(c) || c >= 0x80)
			return true;
		i++; /* what is escaped is no escape */
	}
	return dn.len > 0 && *dn.data == '<';
}

static spn_status check(const spn_plan *plan, size_t i, const spn_step *step, const spn_mod *mod, spn_error *err)
{
	const char *attr = mod->attr;
	bool is_member = spk_ascii_equal(attr, "member") && is_hidden(mod->value);
	if (is_member || is_hidden(spk_bytes(step->dn)))
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"step %zu names %s as '%s', which does not show who that is: use the DN. Nothing was "
				"changed",
				i + 1, is_member ? "a member" : "an entry", is_member ? mod->value.data : step->dn);
	/* nothing that looks for names would see the values, although some servers take them for names */
	if (strchr(attr, ';'))
		return spn_fail(err, SPN_ERR_REFUSED, 0,
				"step %zu changes '%s' of '%s': an attribute with an option (';') is not supported. "
				"Nothing was changed",
				i + 1, attr, step->dn);
	if (!spk_plan_allows(plan, SPN_ANY_ATTRIBUTE) && !is_usual(attr))
		return spn_fail(err, SPN_ERR_REFUSED, 0, "step %zu changes '%s' of '%s', which is neither a name, a member nor an "
				"encryption type. Nothing was changed", i + 1, attr, step->dn);
	return SPN_OK;
}

spn_status spk_attributes_check(const spn_plan *plan, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		for (size_t j = 0; !status && j < step->n_mods; j++)
			status = check(plan, i, step, &step->mods[j], err);
	}
	return status;
}

spn_status spk_single_value_check(
		spn_directory *dir, const spn_plan *done, const spn_step *step, size_t j, spn_error *err)
{
	SPK_AUTO(spn_entry) *entry = NULL;
	const spn_mod *mod = &step->mods[j];
	bool single = false;
	if (mod->op != SPN_MOD_ADD || spk_mod_is_spn(mod) || spk_ascii_equal(mod->attr, "member"))
		return SPN_OK;
	spn_status status = spk_directory_is_single_valued(dir, mod->attr, &single, err);
	if (status || !single)
		return status;
	status = spk_values_read(dir, step->dn, (const char *const[]){ mod->attr, NULL }, &entry, err);
	if (!status)
		status = spk_plan_project(done, entry, err);
	if (!status)
		status = spk_step_project(step, j, entry, err);
	const char *other = status ? NULL : spn_entry_text(entry, mod->attr);
	if (!other)
		return status;
	return spn_fail(err, SPN_ERR_REFUSED, 0, "'%s' of '%s' takes one value only, and has another one by now: %s",
			mod->attr, step->dn, other);
}
