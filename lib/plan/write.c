/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "ldif.h"
#include "base/error.h"
#include "model/dn.h"

#define CMD_WORD_MAX 2000  /* two of them, quoted, are below the 8191 characters of a line of cmd.exe */
#define REMARK_MAX 1000

/* A comment of a script: one line of ASCII, whatever is in the text, so that every code page reads it alike.  cmd.exe
 * looks into its own: "%~" ends the script, "^" at the end of a line takes the next one in, "&" may begin another
 * command.  PowerShell, where lines of setspn are pasted too, knows no "rem": it would carry out what stands in $()
 * behind it, but not behind '#'. */
static void put_remark(spk_text *out, spn_plan_format format, const char *text)
{
	bool is_cmd = format == SPN_PLAN_SETSPN;
	spk_text_add(out, is_cmd ? "rem # " : "# ");
	uint32_t c;
	size_t left = strlen(text);
	for (size_t n, shown = 0; left > 0 && shown < REMARK_MAX; text += n, left -= n, shown++) {
		n = spn_text_next(text, left, &c);
		bool fits = n == 1 && !spn_text_is_unsafe(c) && !(is_cmd && strchr("&|<>^%!", *text));
		spk_text_add_char(out, fits ? *text : '?');
		n += n == 0;
	}
	spk_text_add(out, left ? "...\n" : "\n");
}

/* Whether a word means the same in cmd.exe and in PowerShell.  Even in quotes, cmd.exe expands '%' (and '!'),
 * PowerShell '$' and '`'.  Neither knows an escape for a quote that every program reads alike, nor, at the end, for a
 * backslash; what is not ASCII depends on the code page. setspn and dsmod take a word that begins so for a switch. */
static bool fits_cmd(const char *text)
{
	size_t len = strlen(text);
	if (len == 0 || *text == '-' || *text == '/' || text[len - 1] == '\\' || len > CMD_WORD_MAX)
		return false;
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e || strchr("\"%!$`", *text))
			return false;
	return true;
}

static void put_cmd_word(spk_text *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:\\";
	bool quote = word[strspn(word, plain)] != '\0';
	spk_text_add(out, quote ? " \"%s\"" : " %s", word);
}

/* A value that has no place in the script. */
static void put_unsaid(spk_text *out, spn_plan_format format, const spn_step *step, const spn_mod *mod)
{
	SPK_AUTOFREE char *text = spk_printf("this format cannot express the following change safely; use the LDIF of "
					     "the plan: %s %s '%s' of '%s'",
			mod->op == SPN_MOD_ADD ? "add" : "delete", mod->attr, mod->value.data, step->dn);
	put_remark(out, format, text ? text : "");
	out->failed |= !text;
}

/* sAMAccountName is unique, and -C appends the '$' that those of computers, and of managed service accounts, end with.
 */
static bool is_computer(const spn_step *step)
{
	size_t len = strlen(step->account);
	return len > 1 && step->account[len - 1] == '$';
}

/* "DOMAIN\\name", since a name alone means whoever has it in the domain of the computer that the script is run on. */
static void put_setspn_account(const spn_step *step, spk_text *ret_account)
{
	spk_dn_domain(step->dn, ret_account);
	spk_text_add(ret_account, "%s%.*s", ret_account->len ? "\\" : "",
			(int)(strlen(step->account) - is_computer(step)), step->account);
}

/* "setspn -U -S NAME ACCOUNT": without -U or -C, setspn takes the computer of two accounts that are called alike. */
static void put_setspn_line(spk_text *out, const spn_step *step, const char *account, const spn_mod *mod)
{
	spk_text_add(out, "setspn %s %s", is_computer(step) ? "-C" : "-U", mod->op == SPN_MOD_ADD ? "-S" : "-D");
	put_cmd_word(out, mod->value.data);
	put_cmd_word(out, account);
}

/* One line for one value, or a remark that it cannot be written. */
static void put_cmd_line(spk_text *out, const spn_step *step, const spn_mod *mod)
{
	bool is_spn = spk_ascii_equal(mod->attr, SPK_SPN), adds = mod->op == SPN_MOD_ADD;
	bool is_known = is_spn ? *step->account : *step->dn && spk_ascii_equal(mod->attr, "member");
	SPK_AUTOTEXT spk_text entry = { 0 };
	if (is_spn)
		put_setspn_account(step, &entry);
	else
		spk_text_add(&entry, "%s", step->dn);
	out->failed |= entry.failed;
	if (entry.failed || !is_known || !fits_cmd(entry.data) || !fits_cmd(mod->value.data) ||
			strlen(mod->value.data) != mod->value.len) {
		put_unsaid(out, SPN_PLAN_SETSPN, step, mod);
		return;
	}
	if (is_spn) {
		put_setspn_line(out, step, entry.data, mod);
	} else {
		spk_text_add(out, "dsmod group");
		put_cmd_word(out, entry.data);
		spk_text_add(out, adds ? " -addmbr" : " -rmmbr");
		put_cmd_word(out, mod->value.data);
	}
	spk_text_add(out, "\n");
}

/* What a script does not carry out is said at least: where the step stands in the plan, why it is there, and its flags.
 */
static void put_step_remarks(const spn_plan *plan, size_t i, spn_plan_format format, spk_text *out)
{
	const spn_step *step = spn_plan_step(plan, i);
	SPK_AUTOFREE char *head = spk_printf("step %zu of %zu, %zu value%s%s%s", i + 1, spn_plan_count(plan), step->n_mods,
			step->n_mods == 1 ? "" : "s", *step->reason ? ": " : "", step->reason);
	out->failed |= !head;
	put_remark(out, format, head ? head : "");
	for (unsigned flag = 1; flag && flag <= step->flags; flag <<= 1) {
		const char *meaning, *name = step->flags & flag ? spn_step_flag_name(flag, &meaning) : NULL;
		SPK_AUTOFREE char *text = name ? spk_printf("%s: %s", name, meaning) : NULL;
		out->failed |= name && !text;
		if (text)
			put_remark(out, format, text);
	}
}

/* Where the programs find the accounts by themselves, and whoever runs them may have the rights. */
static void put_domain_remark(const spn_plan *plan, spk_text *out)
{
	SPK_AUTOTEXT spk_text domain = { 0 };
	if (spn_plan_count(plan) > 0)
		spk_dn_domain(spn_plan_step(plan, 0)->dn, &domain);
	SPK_AUTOFREE char *text = domain.len ?
			spk_printf("run this in the domain %s, whose accounts are meant", domain.data) :
			NULL;
	out->failed |= domain.failed || (domain.len && !text);
	if (text)
		put_remark(out, SPN_PLAN_SETSPN, text);
}

static void put_setspn(const spn_step *step, spk_text *out)
{
	for (size_t i = 0; i < step->n_mods; i++)
		put_cmd_line(out, step, &step->mods[i]);
}

static void put_powershell(const spn_step *step, spk_text *out)
{
	for (size_t i = 0; i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		if (!spk_is_utf8(mod->value) || !spk_is_utf8(spk_bytes(step->dn))) {
			put_unsaid(out, SPN_PLAN_POWERSHELL, step, mod);
			continue;
		}
		spk_text_add(out, "Set-ADObject -Identity ");
		spk_powershell_text(out, spk_bytes(step->dn));
		spk_text_add(out, " -%s @{", mod->op == SPN_MOD_ADD ? "Add" : "Remove");
		spk_powershell_text(out, spk_bytes(mod->attr));
		spk_text_add(out, "=");
		spk_powershell_text(out, mod->value);
		spk_text_add(out, "}\n");
	}
}

spn_status spn_plan_write(const spn_plan *plan, spn_plan_format format, FILE *file, spn_error *err)
{
	if (!plan || !file || (unsigned)format > SPN_PLAN_POWERSHELL)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_plan_write: an argument is NULL or out of range");
	SPK_AUTOTEXT spk_text out = { 0 };
	if (format == SPN_PLAN_SETSPN)
		spk_text_add(&out, "@echo off\n");
	put_remark(&out, format, SPK_PLAN_HEAD);
	if (format == SPN_PLAN_SETSPN)
		put_domain_remark(plan, &out);
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		if (format != SPN_PLAN_LDIF)
			put_step_remarks(plan, i, format, &out);
		switch (format) {
		case SPN_PLAN_LDIF: spk_step_put(step, &out); break;
		case SPN_PLAN_SETSPN: put_setspn(step, &out); break;
		case SPN_PLAN_POWERSHELL: put_powershell(step, &out); break;
		}
	}
	put_remark(&out, format, SPK_PLAN_END);
	if (out.failed)
		return spk_nomem(err);
	if (fwrite(out.data, 1, out.len, file) != out.len || fflush(file) != 0)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot write the plan: %s", strerror(errno));
	return SPN_OK;
}
