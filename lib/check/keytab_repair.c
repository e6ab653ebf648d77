/* SPDX-License-Identifier: MIT */
#include "keytab_repair.h"

#include <stdlib.h>
#include <string.h>

#include "account/proof.h"
#include "account/repair.h"
#include "base/error.h"
#include "model/adtypes.h"

#define DEFAULT_KEYTAB "/etc/krb5.keytab"
#define AES256 "aes256-cts-hmac-sha1-96"

static void add_lower(spk_text *text, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		spk_text_add_char(text, spk_ascii_lower(word[i]));
}

void spk_account_salt(const spn_account *account, const char *realm, spk_text *text)
{
	const char *name = spn_account_name(account), *upn = spn_entry_text(account->entry, "userPrincipalName");
	size_t len = strlen(name);
	spk_text_add(text, "%s", realm);
	if (spn_account_get_kind(account) != SPN_KIND_USER) {
		spk_text_add(text, "host");
		add_lower(text, name, len > 0 && name[len - 1] == '$' ? len - 1 : len);
		spk_text_add(text, ".");
		add_lower(text, realm, strlen(realm));
		return;
	}
	for (const char *at = upn ? upn : name; *at && (!upn || *at != '@'); at++)
		if (!upn || *at != '/')
			spk_text_add_char(text, *at);
}

static void free_step(const spn_repair_step *step)
{
	free((void *)(uintptr_t)step->command);
	spk_repair_free(step->repair);
}

void spk_repair_steps_free(spk_repair_steps *steps)
{
	for (size_t i = 0; i < steps->n; i++)
		free_step(&steps->list[i]);
	free(steps->list);
	*steps = (spk_repair_steps){ .n = 0 };
}

/* A repair that is put together. */
struct work {
	const spk_keytab_fault *fault;
	const char *keytab; /* its path */
	spk_repair_steps *steps;
	unsigned number;     /* of the step at hand */
	const char *purpose;
	spk_text command;
	bool failed;
};

static void begin(struct work *work, const char *purpose)
{
	work->number++;
	work->purpose = purpose;
}

/* Takes over what a step points to, even if it fails. */
static void add_step(struct work *work, spn_repair_step step)
{
	spk_repair_steps *steps = work->steps;
	spn_repair_step *grown = realloc(steps->list, (steps->n + 1) * sizeof *grown);
	if (grown)
		steps->list = grown;
	work->failed |= !grown;
	if (grown)
		grown[steps->n++] = step;
	else
		free_step(&step);
}

/* The command that was put together is one of the step at hand. */
static void end(struct work *work, const char *tool)
{
	work->failed |= work->command.failed;
	if (work->failed)
		spk_text_free(&work->command);
	else
		add_step(work, (spn_repair_step){ work->number, work->purpose, tool, work->command.data, NULL });
	work->command = (spk_text){ 0 };
}

/* The account, and the domain. */
static void end_powershell(struct work *work)
{
	spn_bytes name = spk_bytes(spn_account_name(work->fault->account)), domain = spk_bytes(work->fault->domain);
	if (!spk_is_utf8(name) || !spk_is_utf8(domain)) {
		spk_text_clear(&work->command);
		return;
	}
	spk_powershell_text(&work->command, name);
	if (domain.len) {
		spk_text_add(&work->command, " -Server ");
		spk_powershell_text(&work->command, domain);
	}
	end(work, "PowerShell");
}

/* The step at hand is a call of this library, in the domain of the account. */
static void call(struct work *work, spn_repair repair)
{
	const spn_repair *copy;
	repair.domain = *work->fault->domain ? work->fault->domain : NULL;
	work->failed |= !spk_repair_copy(&repair, &copy);
	if (copy)
		add_step(work, (spn_repair_step){ work->number, work->purpose, NULL, NULL, copy });
}

static void put_word(struct work *work, const char *before, const char *word)
{
	spk_text_add(&work->command, "%s", before);
	spk_shell_word(&work->command, word);
}

static bool is_elsewhere(const struct work *work)
{
	return *work->fault->domain;
}

/* Of a program that would take a name with a '-' in front for an option. */
static void put_operand(struct work *work, const char *before, const char *word)
{
	spk_text_add(&work->command, "%s%s", before, *word == '-' ? "-- " : "");
	spk_shell_word(&work->command, word);
}

static bool is_computer(const struct work *work)
{
	return spn_account_get_kind(work->fault->account) == SPN_KIND_COMPUTER;
}

static bool is_user(const struct work *work)
{
	return spn_account_get_kind(work->fault->account) == SPN_KIND_USER;
}

/* "web" of web$.  "" if programs could take it for another machine: of web$x$, say. */
static char *host_of(const spn_account *account)
{
	const char *name = spn_account_name(account);
	size_t len = strcspn(name, "$");
	return strndup(name, strcmp(name + len, "$") == 0 ? len : 0);
}

/* Programs that set a new password by themselves, and write all of its keys. */
static void add_programs_of_machine(struct work *work)
{
	SPK_AUTOTEXT spk_text domain = { 0 };
	SPK_AUTOFREE char *host = host_of(work->fault->account);
	add_lower(&domain, work->fault->realm, strlen(work->fault->realm));
	work->failed |= !host || domain.failed;
	if (work->failed || !*host)
		return;
	put_word(work, "adcli update --computer-password-lifetime=0 --domain=", domain.data);
	put_word(work, " --computer-name=", host);
	put_word(work, " --host-keytab=", work->keytab);
	end(work, "adcli");
	if (*host == '-' || is_elsewhere(work))
		return; /* msktutil cannot be told that a name is not an option, or which domain is meant */
	put_word(work, "msktutil update --enctypes 0x18 --computer-name ", host);
	put_word(work, " --keytab ", work->keytab);
	end(work, "msktutil");
}

static void add_msktutil_of_user(struct work *work)
{
	const char *name = spn_account_name(work->fault->account);
	if (*name == '-' || is_elsewhere(work))
		return;
	put_word(work, "msktutil update --enctypes 0x18 --use-service-account --account-name ", name);
	put_word(work, " --keytab ", work->keytab);
	end(work, "msktutil");
}

/* Reads the keys that are there. */
static void add_samba_tool(struct work *work)
{
	if (is_elsewhere(work))
		return;
	put_word(work, "samba-tool domain exportkeytab ", work->keytab);
	put_word(work, " --principal=", work->fault->name);
	end(work, "samba-tool, on a Samba controller");
}

/* As MIT's ktutil reads a word: between double quotes, each of those that is in it twice. */
static void put_mit_word(spk_text *line, const char *before, const char *word)
{
	bool is_plain = *word && !word[strcspn(word, " \t\"")];
	spk_text_add(line, "%s%s", before, is_plain ? "" : "\"");
	for (; *word; word++)
		spk_text_add(line, *word == '"' ? "\"\"" : "%c", *word);
	spk_text_add(line, "%s", is_plain ? "" : "\"");
}

/* A line end in a name or a salt would begin another command of ktutil. */
static bool has_control(const char *text)
{
	while (*text && (unsigned char)*text >= ' ' && *text != 0x7f)
		text++;
	return *text;
}

/* MIT's ktutil reads commands, and the password between them.  They are words of one command of the shell: as lines of
 * their own they would be the shell's wherever ktutil is another one, or not there. */
static void add_mit(struct work *work, const char *salt, unsigned kvno)
{
	SPK_AUTOFREE char *principal = spk_printf("%s@%s", work->fault->name, work->fault->realm);
	SPK_AUTOTEXT spk_text add = { 0 }, write = { 0 };
	if (principal) {
		put_mit_word(&add, "addent -password -p ", principal);
		spk_text_add(&add, " -k %u -e " AES256, kvno);
		put_mit_word(&add, " -s ", salt);
		put_mit_word(&write, "wkt ", work->keytab);
	}
	work->failed |= !principal || add.failed || write.failed;
	if (work->failed)
		return;
	put_word(work, "printf 'Password: '; stty -echo; read -r password; stty echo; printf '%s\\n' ", add.data);
	put_word(work, " \"$password\" ", write.data);
	spk_text_add(&work->command, " quit | ktutil");
	end(work, "ktutil (MIT)");
}

/* The salt is what Heimdal makes of a principal, so that the key is made for one whose salt it is, in a file of its
 * own, and gets its name there. */
static void add_heimdal(struct work *work, const char *salt, unsigned kvno)
{
	const char *realm = work->fault->realm;
	size_t len = strlen(realm);
	/* what parts the names of a principal, or is read as an escape there, would make another salt of it */
	if (strncmp(salt, realm, len) != 0 || !salt[len] || strpbrk(salt + len, "/@\\"))
		return;
	SPK_AUTOFREE char *from = spk_printf("%s@%s", salt + len, realm);
	SPK_AUTOFREE char *to = spk_printf("%s@%s", work->fault->name, realm);
	SPK_AUTOFREE char *between = spk_printf("%s.new", work->keytab);
	work->failed |= !from || !to || !between;
	if (work->failed)
		return;
	put_word(work, "ktutil -k ", between);
	put_word(work, " add -p ", from);
	spk_text_add(&work->command, " -V %u -e " AES256, kvno);
	if (strcmp(from, to) != 0) {
		put_word(work, " && ktutil -k ", between);
		spk_text_add(&work->command, " rename%s", *from == '-' || *to == '-' ? " --" : "");
		put_word(work, " ", from);
		put_word(work, " ", to);
	}
	put_word(work, " && ktutil copy ", between);
	put_word(work, " ", work->keytab);
	put_word(work, " && rm ", between);
	end(work, "ktutil (Heimdal)");
}

/* With a password that somebody knows; kvno: the version that it has, or will have. */
static void add_ktutils(struct work *work, const char *salt, unsigned kvno)
{
	if (has_control(work->fault->name) || has_control(salt) || has_control(work->keytab))
		return;
	add_mit(work, salt, kvno);
	add_heimdal(work, salt, kvno);
}

static void add_keys(struct work *work, const char *salt)
{
	unsigned kvno = work->fault->kvno ? work->fault->kvno : 1;
	begin(work,
			work->fault->is_proved ? "add the AES keys to the keytab (adcli and msktutil set a new password)" :
						 "if the service runs with this keytab, add the AES keys to it (adcli and "
						 "msktutil set a new password)");
	if (is_computer(work))
		add_programs_of_machine(work);
	else if (is_user(work))
		add_msktutil_of_user(work);
	add_samba_tool(work);
	if (is_user(work))
		add_ktutils(work, salt, kvno);
}

/* The keytab first: the moment the password is set, tickets are encrypted with its keys. */
static void add_password(struct work *work, const char *next_salt)
{
	const spn_account *account = work->fault->account;
	if (is_computer(work)) {
		begin(work,
				work->fault->is_proved ?
						"set a new password, which has AES keys, and write them to the keytab" :
						"if the service runs with this keytab, set a new password, which has "
						"AES keys, and write them to it");
		add_programs_of_machine(work);
	}
	if (!is_user(work))
		return;
	begin(work,
			work->fault->is_proved ?
					"put the keys of the next password into the keytab (msktutil sets one by "
					"itself: go on behind the next step)" :
					"if the service runs with this keytab, put the keys of the next password "
					"into it (msktutil sets one by itself: go on behind the next step)");
	add_msktutil_of_user(work);
	add_ktutils(work, next_salt, work->fault->kvno + 1);
	begin(work, "set that password");
	if (!is_elsewhere(work)) {
		put_operand(work, "samba-tool user setpassword ", spn_account_name(account));
		end(work, "samba-tool, on a Samba controller");
	}
	spk_text_add(&work->command, "Set-ADAccountPassword -Reset -Identity ");
	end_powershell(work);
}

static void add_check(struct work *work)
{
	begin(work, "see that they fit");
	call(work, (spn_repair){ .kind = SPN_REPAIR_CHECK_KEYTAB, .keytab = work->keytab });
}

static const char *cmdlet(const spn_account *account)
{
	switch (spn_account_get_kind(account)) {
	case SPN_KIND_COMPUTER: return "Set-ADComputer";
	case SPN_KIND_USER: return "Set-ADUser";
	default: return "Set-ADServiceAccount";
	}
}

/* The keytab has AES keys; nothing says yet that the account has them. */
static void add_proof(struct work *work)
{
	begin(work, "see that the account has AES keys");
	call(work, (spn_repair){ .kind = SPN_REPAIR_CHECK_KEYS, .account = spn_account_name(work->fault->account) });
}

static void add_permission(struct work *work)
{
	const spn_account *account = work->fault->account;
	begin(work,
			work->fault->keys_are_missing || work->fault->account_has_none ?
					"only then let the KDC use AES "
					"(msDS-SupportedEncryptionTypes: 24; msktutil has set it)" :
					"only then let the KDC use AES (msDS-SupportedEncryptionTypes: 24)");
	spk_text_add(&work->command, "%s -KerberosEncryptionType AES128,AES256 -Identity ", cmdlet(account));
	end_powershell(work);
	if (is_elsewhere(work))
		return;
	put_operand(work, "net ads enctypes set ", spn_account_name(account));
	spk_text_add(&work->command, " 24");
	end(work, "net, of Samba");
}

static bool opens_a_domain(const spn_account *account)
{
	enum { RID_OF_ADMINISTRATOR = 500 };
	const spn_bytes *sid;
	uint32_t rid;
	const char *administers = spn_entry_text(account->entry, "adminCount");
	return spn_account_is_kdc(account) || spk_account_is_controller(account) ||
			(administers && strcmp(administers, "0") != 0) ||
			(spn_entry_values(account->entry, "objectSid", &sid) && spk_sid_rid(sid[0], &rid) &&
					rid == RID_OF_ADMINISTRATOR);
}

/* No program takes it for an option.  Free it. */
static char *path_of(const char *keytab)
{
	const char *name = keytab ? keytab : getenv("KRB5_KTNAME");
	const char *path = !name || !*name ? DEFAULT_KEYTAB : strncmp(name, "FILE:", 5) == 0 ? name + 5 : name;
	return spk_printf("%s%s", *path == '-' ? "./" : "", path);
}

spn_status spk_keytab_repair(const spk_keytab_fault *fault, spk_repair_steps *ret_steps, spn_error *err)
{
	SPK_AUTOFREE char *keytab = path_of(fault->keytab);
	struct work work = { .fault = fault, .keytab = keytab, .steps = ret_steps };
	SPK_AUTOTEXT spk_text next_salt = { 0 };
	if (fault->is_refuted || opens_a_domain(fault->account))
		return SPN_OK;
	spk_account_salt(fault->account, fault->realm, &next_salt);
	if (next_salt.failed || !keytab)
		return spk_nomem(err);
	if (fault->account_has_none)
		add_password(&work, next_salt.data);
	else if (fault->keys_are_missing)
		add_keys(&work, fault->salt ? fault->salt : next_salt.data);
	if (ret_steps->n && !work.failed)
		add_check(&work);
	if (fault->is_not_allowed && !ret_steps->n && !fault->account->keys && !work.failed)
		add_proof(&work);
	if (fault->is_not_allowed && !work.failed)
		add_permission(&work);
	spk_text_free(&work.command);
	return work.failed ? spk_nomem(err) : SPN_OK;
}
