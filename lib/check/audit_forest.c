/* SPDX-License-Identifier: MIT */
#include "audit.h"
#include "base/error.h"
#include "directory/directory.h"

/* Right whenever a check is switched off: Microsoft means it as a passing remedy (KB5008382).  Samba's controllers do
 * not look at the attribute. */
spn_status spk_rule_unchecked(const spk_audit *audit, unsigned unchecked, spn_error *err)
{
	static const struct {
		unsigned bit;
		const char *what, *then;
	} checks[] = {
		{ SPK_SPN_UNCHECKED, "names", "duplicates of a name can be written" },
		{ SPK_ALIAS_UNCHECKED, "aliases",
				"whoever may write the names of one account can take http/ and the like from any "
				"computer" },
		{ SPK_UPN_UNCHECKED, "userPrincipalNames", "two accounts can have one userPrincipalName" },
	};
	SPK_AUTOTEXT spk_text what = { 0 }, then = { 0 };
	spn_dialect rules = SPN_DIALECT_WINDOWS;
	spn_status status = unchecked ? spk_directory_rules(audit->scope->dirs[0], &rules, err) : SPN_OK;
	if (status || !unchecked || rules == SPN_DIALECT_SAMBA)
		return status;
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		if (!(unchecked & checks[i].bit))
			continue;
		spk_text_add(&what, "%s%s", what.len ? ", " : "", checks[i].what);
		spk_text_add(&then, "%s%s", then.len ? "; " : "", checks[i].then);
	}
	const spn_entry *settings = *spk_directory_settings(audit->scope->dirs[0]);
	SPK_AUTOFREE char *text = what.failed || then.failed ?
			NULL :
			spk_printf("controllers do not check that %s are unique (character 21 of "
				   "dSHeuristics is %u): %s; set it to 0 again (KB5008382)",
					what.data, unchecked, then.data);
	const spn_account_ref ref = { spn_entry_dn(settings), "dSHeuristics" };
	const spn_finding finding = {
		.code = "unchecked", .severity = SPN_SEVERITY_WARNING, .accounts = &ref, .n_accounts = 1, .text = text
	};
	return text ? spk_tell_finding(audit->to, &finding, err) : spk_nomem(err);
}
