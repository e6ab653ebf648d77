/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <utf8proc.h>

#include "base/error.h"
#include "plan_ldif.h"

/* A comment of a script: one line, whatever is in the text.  cmd.exe looks into its own: "%~" ends the script, and "^" at the end of
 * a line takes the next one in. */
static void put_remark(spk_text *out, const char *mark, const char *text)
{
	SPK_AUTOFREE char *safe = strdup(text);
	if (!safe) {
		out->failed = true;
		return;
	}
	spk_make_printable(safe);
	for (char *c = strcmp(mark, "rem") == 0 ? strpbrk(safe, "%^") : NULL; c; c = strpbrk(c, "%^"))
		*c = '?';
	spk_text_add(out, "%s %s\n", mark, safe);
}

/* cmd.exe expands '%' (and '!') even in quotes, and knows no escape for a quote that every program reads alike;
 * what is not ASCII depends on the code page.  setspn and dsmod take a word that begins so for a switch. */
static bool fits_cmd(const char *text)
{
	if (*text == '-' || *text == '/')
		return false;
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e || strchr("\"%!", *text))
			return false;
	return true;
}

static void put_cmd_word(spk_text *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:$@\\";
	bool quote = !*word || word[strspn(word, plain)] != '\0';
	size_t n = strlen(word), n_last = 0;
	while (quote && n_last < n && word[n - 1 - n_last] == '\\')
		n_last++; /* doubled, they do not take the quote behind them for a letter */
	spk_text_add(out, quote ? " \"%s%s\"" : " %s%s", word, word + n - n_last);
}

/* One line for one value, or a remark that it cannot be written. */
static void put_cmd_line(spk_text *out, const spn_step *step, const spn_mod *mod)
{
	bool is_spn = spk_ascii_equal(mod->attr, SPK_SPN), adds = mod->op == SPN_MOD_ADD;
	const char *entry = is_spn ? step->account : step->dn;
	if ((!is_spn && !spk_ascii_equal(mod->attr, "member")) || !*entry || !fits_cmd(entry) || !fits_cmd(mod->value.data) ||
			strlen(mod->value.data) != mod->value.len) {
		SPK_AUTOFREE char *text = spk_printf("no command line can say this safely; use the LDIF of the plan: %s %s '%s' of '%s'",
				adds ? "add" : "delete", mod->attr, mod->value.data, step->dn);
		put_remark(out, "rem", text ? text : "");
		out->failed |= !text;
		return;
	}
	if (is_spn) {
		spk_text_add(out, "setspn %s", adds ? "-S" : "-D");
		put_cmd_word(out, mod->value.data);
		put_cmd_word(out, entry);
	} else {
		spk_text_add(out, "dsmod group");
		put_cmd_word(out, entry);
		spk_text_add(out, adds ? " -addmbr" : " -rmmbr");
		put_cmd_word(out, mod->value.data);
	}
	spk_text_add(out, "\n");
}

static void put_setspn(const spn_step *step, spk_text *out)
{
	put_remark(out, "rem", step->reason);
	for (size_t i = 0; i < step->n_mods; i++)
		put_cmd_line(out, step, &step->mods[i]);
}

/* A PowerShell expression for any text.  In single quotes only the quotes are special, of which PowerShell knows
 * five; control characters and what is not UTF-8 are written as numbers. */
static void put_ps_text(spk_text *out, spn_bytes text)
{
	utf8proc_ssize_t left = (utf8proc_ssize_t)text.len;
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text.data;
	spk_text_add(out, "('");
	while (left > 0) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate(at, left, &c);
		bool shown = n > 0 && c >= 0x20 && utf8proc_category(c) != UTF8PROC_CATEGORY_CC &&
				utf8proc_category(c) != UTF8PROC_CATEGORY_CF && c != 0x2028 && c != 0x2029;
		if (n <= 0) {
			c = *at;
			n = 1;
		}
		if (shown) {
			if (c == '\'' || (c >= 0x2018 && c <= 0x201b))
				spk_text_add_bytes(out, at, (size_t)n);
			spk_text_add_bytes(out, at, (size_t)n);
		} else {
			spk_text_add(out, "'+[char]::ConvertFromUtf32(%d)+'", (int)c);
		}
		at += n;
		left -= n;
	}
	spk_text_add(out, "')");
}

static void put_powershell(const spn_step *step, spk_text *out)
{
	put_remark(out, "#", step->reason);
	for (size_t i = 0; i < step->n_mods; i++) {
		const spn_mod *mod = &step->mods[i];
		spk_text_add(out, "Set-ADObject -Identity ");
		put_ps_text(out, spk_bytes(step->dn));
		spk_text_add(out, " -%s @{", mod->op == SPN_MOD_ADD ? "Add" : "Remove");
		put_ps_text(out, spk_bytes(mod->attr));
		spk_text_add(out, "=");
		put_ps_text(out, mod->value);
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
	put_remark(&out, format == SPN_PLAN_SETSPN ? "rem" : "#", SPK_PLAN_HEAD);
	for (size_t i = 0; i < spn_plan_count(plan); i++) {
		const spn_step *step = spn_plan_step(plan, i);
		switch (format) {
		case SPN_PLAN_LDIF: spk_step_put(step, &out); break;
		case SPN_PLAN_SETSPN: put_setspn(step, &out); break;
		case SPN_PLAN_POWERSHELL: put_powershell(step, &out); break;
		}
	}
	put_remark(&out, format == SPN_PLAN_SETSPN ? "rem" : "#", SPK_PLAN_END);
	if (out.failed)
		return spk_nomem(err);
	if (fwrite(out.data, 1, out.len, file) != out.len || fflush(file) != 0)
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot write the plan: %s", strerror(errno));
	return SPN_OK;
}
