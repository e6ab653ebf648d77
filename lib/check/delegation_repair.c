/* SPDX-License-Identifier: MIT */
#include "delegation_repair.h"

#include <stdlib.h>
#include <string.h>

#include "account/repair.h"
#include "delegation.h"
#include "base/error.h"

/* Takes the command over. */
static bool add_step(spk_repair_steps *steps, unsigned number, const char *purpose, const char *tool, spk_text *command)
{
	spn_repair_step *grown = command->failed ? NULL : realloc(steps->list, (steps->n + 1) * sizeof *grown);
	if (!grown) {
		spk_text_free(command);
		return false;
	}
	steps->list = grown;
	grown[steps->n++] = (spn_repair_step){ number, purpose, tool, command->data, NULL };
	return true;
}

/* samba-tool looks for a sAMAccountName in the domain of its own controller, and takes what is on the other side of an
 * '@' or a '\\' for a domain, and the rest for another account. */
static bool add_samba_tool(spk_repair_steps *steps, unsigned number, const char *purpose, const spn_account *front,
		const char *name)
{
	spk_text command = { 0 };
	if (!*spn_account_name(front) || strpbrk(spn_account_name(front), "@\\"))
		return true;
	bool is_like_option = *spn_account_name(front) == '-' || *name == '-';
	spk_text_add(&command, "samba-tool delegation del-service %s", is_like_option ? "-- " : "");
	spk_shell_word(&command, spn_account_name(front));
	spk_text_add_char(&command, ' ');
	spk_shell_word(&command, name);
	return add_step(steps, number, purpose, "samba-tool, on a Samba controller", &command);
}

static bool add_powershell(spk_repair_steps *steps, unsigned number, const char *purpose, const spn_account *front,
		const char *name)
{
	spk_text command = { 0 };
	if (!spk_is_utf8(spk_bytes(spn_account_dn(front))) || !spk_is_utf8(spk_bytes(name)))
		return true;
	spk_text_add(&command, "Set-ADObject -Identity ");
	spk_powershell_text(&command, spk_bytes(spn_account_dn(front)));
	spk_text_add(&command, " -Remove @{'" SPK_DELEGATES_TO "'=");
	spk_powershell_text(&command, spk_bytes(name));
	spk_text_add_char(&command, '}');
	return add_step(steps, number, purpose, "PowerShell", &command);
}

spn_status spk_delegation_steps_add(spk_repair_steps *steps, unsigned number, const char *purpose,
		const spn_account *front, spn_bytes listed, spn_directory *dir, spn_error *err)
{
	SPK_AUTOTEXT spk_text domain = { 0 };
	if (spk_has_nul(listed)) /* no command line holds it */
		return SPN_OK;
	spk_repair_domain(dir, &domain);
	bool ok = !domain.failed && add_powershell(steps, number, purpose, front, listed.data);
	if (ok && !domain.len)
		ok = add_samba_tool(steps, number, purpose, front, listed.data);
	return ok ? SPN_OK : spk_nomem(err);
}
