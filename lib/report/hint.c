/* SPDX-License-Identifier: MIT */
#include "hint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnkit/text.h>

static void append(spn_error *err, const char *hint, const char *more)
{
	size_t len = strlen(err->message);
	snprintf(err->message + len, sizeof err->message - len, "%s%s", hint, more);
}

void spk_hint_add(spn_error *err)
{
	char *word = spn_text_shell_word(err->remedy_at);
	const char *at = word ? word : "";
	switch (err->remedy) {
	case SPN_REMEDY_DOMAIN: append(err, ": -T ", at); break;
	case SPN_REMEDY_SERVER:
		append(err, *err->remedy_at ? ": -H ldap://" : ": name one: -H ldap://HOST", *err->remedy_at ? at : "");
		break;
	case SPN_REMEDY_LIVE: append(err, ": ask with -H ldap://SERVER or -T DOMAIN", ""); break;
	case SPN_REMEDY_TLS: append(err, " (-ZZ)", ""); break;
	case SPN_REMEDY_CA: append(err, " (--cacert FILE trusts others)", ""); break;
	case SPN_REMEDY_TAKEOVER: /* of a command that may lack the option, or in a plan: offered in a line of its own */
	case SPN_REMEDY_KIND:
	case SPN_REMEDY_JOURNAL: /* a line of its own */
	case SPN_REMEDY_NONE: break;
	}
	free(word);
}
