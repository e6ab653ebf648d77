/* SPDX-License-Identifier: MIT */
#include "ops.h"

#include "model/dn.h"
#include "plan/plan.h"

#define NAMES "servicePrincipalName"

static void append(struct fixture *f, const char *dn, const char *account, const char *reason,
		unsigned flags, spn_mod_op op, const char *attr, const char *value)
{
	const spn_mod mod = { op, attr, { value, strlen(value) } };
	const spn_step step = { .dn = dn, .account = account, .mods = &mod, .n_mods = 1, .reason = reason, .flags = flags };
	assert_int_equal(spn_plan_append(f->plan, &step, &f->err), SPN_OK);
}

static spn_status read_text(struct fixture *f, const char *text, spn_plan **ret_plan)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	assert_non_null(file);
	spn_status status = spn_plan_read(file, "plan.ldif", ret_plan, &f->err);
	fclose(file);
	return status;
}

static void a_written_plan_reads_back_the_same(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "pool", "because it must", 0, SPN_MOD_DELETE, NAMES, "http/WEB");
	append(f, "CN=J\xc3\xbcrgen\\, S," BASE, "odd", "", SPN_TAKEOVER, SPN_MOD_ADD, NAMES, "http/f\xc3\xbc\xc3\xbc");
	append(f, READERS, "readers", "x", SPN_OPTIONAL | SPN_TAKEOVER, SPN_MOD_ADD, "member", WEB);
	append(f, DB, "DB$", "long", 0, SPN_MOD_ADD, NAMES,
			"http/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	char *text = plan_text(f->plan, SPN_PLAN_LDIF);
	spn_plan *again = NULL;
	assert_int_equal(read_text(f, text, &again), SPN_OK);
	assert_int_equal(spn_plan_count(again), spn_plan_count(f->plan));
	for (size_t i = 0; i < spn_plan_count(again); i++) {
		const spn_step *a = spn_plan_step(f->plan, i), *b = spn_plan_step(again, i);
		assert_string_equal(a->dn, b->dn);
		assert_string_equal(a->account, b->account);
		assert_string_equal(a->reason, b->reason);
		assert_int_equal(a->flags, b->flags);
		assert_int_equal(a->n_mods, b->n_mods);
		assert_int_equal(a->mods[0].op, b->mods[0].op);
		assert_string_equal(a->mods[0].value.data, b->mods[0].value.data);
	}
	char *text_again = plan_text(again, SPN_PLAN_LDIF);
	assert_string_equal(text, text_again);
	free(text_again);
	free(text);
	spn_plan_free(again);
}

static void a_hostile_reason_cannot_leave_its_comment(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "po\nol", "x\ndn: CN=evil\nchangetype: modify\n\x1b[31m", 0, SPN_MOD_DELETE, NAMES,
			"http/x\n-\ndn: CN=evil");
	char *text = plan_text(f->plan, SPN_PLAN_LDIF);
	spn_plan *again = NULL;
	assert_null(strchr(text, '\x1b'));
	assert_int_equal(read_text(f, text, &again), SPN_OK);
	assert_int_equal(spn_plan_count(again), 1);
	assert_string_equal(spn_plan_step(again, 0)->mods[0].value.data, "http/x\n-\ndn: CN=evil");
	spn_plan_free(again);
	free(text);
}

#define EXPECT_REFUSED(text, part) \
	do { \
		spn_plan *plan = NULL; \
		assert_int_equal(read_text(f, text, &plan), SPN_ERR_SYNTAX); \
		assert_null(plan); \
		expect_message(f, "plan.ldif"); \
		expect_message(f, part); \
	} while (0)

static void what_a_plan_cannot_say_is_refused_with_its_line(void **state)
{
	struct fixture *f = *state;
	EXPECT_REFUSED("dn: CN=a\nchangetype: modify\nreplace: " NAMES "\n" NAMES ": http/x\n-\n", "line 3");
	EXPECT_REFUSED("dn: CN=a\nchangetype: delete\n", "delete");
	EXPECT_REFUSED("dn: CN=a\n" NAMES ": http/x\n", "entry");
	EXPECT_REFUSED("dn: CN=a\nchangetype: modify\ndelete: " NAMES "\n-\n", "no value");
	EXPECT_REFUSED("dn: CN=a\nchangetype: modify\nadd: " NAMES "\nmember: CN=b\n-\n", "member");
	EXPECT_REFUSED("dn: CN=a\nchangetype: modify\ndelete: " NAMES "\nmember: http/x\n-\n",
			"'member:' inside a change of '" NAMES "'");
	EXPECT_REFUSED("dn: CN=a\nchangetype: modify\n-\ndelete: " NAMES "\n" NAMES ": http/x\n-\n", "line 3");
	EXPECT_REFUSED("dn: CN=a\nchangetype: modify\n", "line 1");
	EXPECT_REFUSED("dn: CN=a\nchangetype: modify\nadd: " NAMES "\n" NAMES ": http/x\n", "cut off");
	EXPECT_REFUSED("dn: nonsense\nchangetype: modify\nadd: " NAMES "\n" NAMES ": http/x\n-\n", "nonsense");
	EXPECT_REFUSED("dn: CN=a\nchangetype: modify\nadd: " NAMES "\n" NAMES ":: ???\n", "base64");
}

static void a_plan_written_by_hand_is_read(void **state)
{
	struct fixture *f = *state;
	spn_plan *plan = NULL;
	assert_int_equal(read_text(f, "version: 1\r\n\r\ndn: CN=a\r\nchangetype: modify\r\ndelete: " NAMES "\r\n"
			NAMES ": http/x\r\n"
			"-\r\nadd: " NAMES "\r\n" NAMES ": http/y\r\n" NAMES ": http/z\r\n-", &plan), SPN_OK);
	assert_int_equal(spn_plan_count(plan), 1);
	assert_int_equal(spn_plan_step(plan, 0)->n_mods, 3);
	assert_int_equal(spn_plan_step(plan, 0)->mods[0].op, SPN_MOD_DELETE);
	assert_string_equal(spn_plan_step(plan, 0)->mods[2].value.data, "http/z");
	spn_plan_free(plan);
}

/* What begins like the name of a flag is not that flag. */
static void a_flag_has_its_whole_name(void **state)
{
	static const char *const words[] = { "takeover", "take", "t", "takeovers", "TAKEOVER" };
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		char text[200];
		spn_plan *plan = NULL;
		snprintf(text, sizeof text, "# flags: %s\ndn: CN=a\nchangetype: modify\nadd: " NAMES "\n" NAMES
				": http/x\n-\n", words[i]);
		assert_int_equal(read_text(f, text, &plan), SPN_OK);
		assert_int_equal(spn_plan_step(plan, 0)->flags, i == 0 ? SPN_TAKEOVER : 0);
		spn_plan_free(plan);
	}
}

static void a_plan_that_was_cut_off_between_two_steps_is_refused(void **state)
{
	struct fixture *f = *state;
	spn_plan *plan = NULL;
	append(f, POOL, "pool", "", 0, SPN_MOD_DELETE, NAMES, "http/WEB");
	append(f, DB, "DB$", "", 0, SPN_MOD_ADD, NAMES, "http/WEB");
	char *text = plan_text(f->plan, SPN_PLAN_LDIF);
	*strstr(text, "\n# account: DB$") = '\0';
	assert_int_equal(read_text(f, text, &plan), SPN_ERR_SYNTAX);
	expect_message(f, "cut off");
	free(text);
}

static void an_empty_plan_file_is_an_empty_plan(void **state)
{
	struct fixture *f = *state;
	spn_plan *plan = NULL;
	assert_int_equal(read_text(f, "# nothing\n", &plan), SPN_OK);
	assert_int_equal(spn_plan_count(plan), 0);
	spn_plan_free(plan);
}

static void setspn_lines_name_accounts_and_quote_what_needs_it(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "pool", "r", 0, SPN_MOD_DELETE, NAMES, "http/WEB");
	append(f, DB, "DB$", "r", 0, SPN_MOD_ADD, NAMES, "http/a&b");
	append(f, READERS, "readers", "r", 0, SPN_MOD_ADD, "member", WEB);
	char *text = plan_text(f->plan, SPN_PLAN_SETSPN);
	assert_non_null(strstr(text, "\nsetspn -U -D http/WEB example.com\\pool\n"));
	assert_non_null(strstr(text, "\nsetspn -C -S \"http/a&b\" example.com\\DB\n"));
	assert_non_null(strstr(text, "\ndsmod group \"" READERS "\" -addmbr \"" WEB "\"\n"));
	free(text);
}

static void setspn_lines_say_which_of_two_accounts_of_the_same_name_is_meant(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "DB", "", 0, SPN_MOD_DELETE, NAMES, "http/WEB");
	append(f, DB, "DB$", "", 0, SPN_MOD_ADD, NAMES, "http/WEB");
	char *text = plan_text(f->plan, SPN_PLAN_SETSPN);
	assert_non_null(strstr(text, "\nsetspn -U -D http/WEB example.com\\DB\n"));
	assert_non_null(strstr(text, "\nsetspn -C -S http/WEB example.com\\DB\n"));
	free(text);
}

/* Whoever runs the script in another domain, where somebody has that name too, must not change him. */
static void setspn_lines_name_the_domain_of_each_account(void **state)
{
	struct fixture *f = *state;
	append(f, "CN=svc,DC=ice,DC=example,DC=com", "svc", "", 0, SPN_MOD_DELETE, NAMES, "http/WEB");
	append(f, "CN=svc,DC=example,DC=com", "svc", "", 0, SPN_MOD_ADD, NAMES, "http/WEB");
	char *text = plan_text(f->plan, SPN_PLAN_SETSPN);
	assert_non_null(strstr(text, "\nsetspn -U -D http/WEB ice.example.com\\svc\n"));
	assert_non_null(strstr(text, "\nsetspn -U -S http/WEB example.com\\svc\n"));
	free(text);
}

/* Whatever of it does not: the account, the group, the attribute. */
static void what_no_command_can_say_is_a_remark(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "po\"ol", "", 0, SPN_MOD_ADD, NAMES, "http/WEB");
	append(f, POOL, "%path%", "", 0, SPN_MOD_DELETE, NAMES, "http/WEB");
	append(f, "CN=a%b,DC=x", "group", "", 0, SPN_MOD_ADD, "member", WEB);
	append(f, POOL, "pool", "", 0, SPN_MOD_ADD, "description", WEB);
	char *text = plan_text(f->plan, SPN_PLAN_SETSPN);
	size_t n_unsaid = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		assert_true(strncmp(line, "rem # ", 6) == 0 || strcmp(line, "@echo off") == 0);
		n_unsaid += strstr(line, "this format cannot express") != NULL;
	}
	assert_int_equal(n_unsaid, 4);
	free(text);
}

/* Lines of setspn are pasted there too: it expands '$' and '`' in quotes and out of them, and knows no "rem". */
static void no_line_of_setspn_means_something_else_to_powershell(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "http/$(calc)", "http/`n", "http/${x}", "http/x\\" };
	static const char *const accounts[] = { "a$(calc)b", "web$x", "a`b", "x\\", "$" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		append(f, POOL, "pool", "$(calc); calc", 0, SPN_MOD_DELETE, NAMES, names[i]);
	for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++)
		append(f, POOL, accounts[i], "", 0, SPN_MOD_DELETE, NAMES, "http/x");
	append(f, "CN=a$b,DC=x", "group", "", 0, SPN_MOD_ADD, "member", WEB);
	append(f, DB, "DB$", "", 0, SPN_MOD_ADD, NAMES, "http/@x");
	char *text = plan_text(f->plan, SPN_PLAN_SETSPN);
	size_t n = 0, n_lines = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		n += strstr(line, "this format cannot express") != NULL;
		n_lines += strcmp(line, "setspn -C -S \"http/@x\" example.com\\DB") == 0;
		assert_true(strncmp(line, "rem # ", 6) == 0 || !strpbrk(line, "$`"));
	}
	assert_int_equal(n, 10);
	assert_int_equal(n_lines, 1);
	free(text);
}

static void what_does_not_fit_a_line_of_cmd_is_not_written_as_one(void **state)
{
	struct fixture *f = *state;
	char name[9000];
	memset(name, 'a', sizeof name);
	memcpy(name, "http/", 5);
	name[sizeof name - 1] = '\0';
	append(f, POOL, "pool", name, 0, SPN_MOD_ADD, NAMES, name);
	char *text = plan_text(f->plan, SPN_PLAN_SETSPN);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) < 8191 && strncmp(line, "setspn", 6) != 0);
	free(text);
}

static void remarks_of_a_script_are_plain_text_for_whoever_reads_it(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "pool", "a & calc | b < c > d ^ %PATH% !x! \xd0\x92\xe2\x80\xae\n", 0, SPN_MOD_ADD, NAMES, "http/x");
	char *batch = plan_text(f->plan, SPN_PLAN_SETSPN), *script = plan_text(f->plan, SPN_PLAN_POWERSHELL);
	assert_non_null(strstr(batch, "\nrem # step 1 of 1, 1 value: a ? calc ? b ? c ? d ? ?PATH? ?x? ??\?\n"));
	assert_non_null(strstr(script, "\n# step 1 of 1, 1 value: a & calc | b < c > d ^ %PATH% !x! ??\?\n"));
	free(batch);
	free(script);
}

static void scripts_say_where_a_step_stands_and_what_its_flags_mean(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "pool", "first", SPN_OPTIONAL | SPN_TAKEOVER | SPN_GIVES_BACK | SPN_FOREST, SPN_MOD_ADD,
			NAMES, "http/x");
	append(f, POOL, "pool", "", 0, SPN_MOD_ADD, NAMES, "http/y");
	for (spn_plan_format format = SPN_PLAN_SETSPN; format <= SPN_PLAN_POWERSHELL; format++) {
		const char *lead = format == SPN_PLAN_SETSPN ? "rem #" : "#";
		char *text = plan_text(f->plan, format), line[200];
		snprintf(line, sizeof line, "\n%s step 1 of 2, 1 value: first\n", lead);
		assert_non_null(strstr(text, line));
		snprintf(line, sizeof line, "\n%s step 2 of 2, 1 value\n", lead);
		assert_non_null(strstr(text, line));
		static const unsigned flags[] = { SPN_OPTIONAL, SPN_TAKEOVER, SPN_GIVES_BACK, SPN_FOREST };
		for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
			const char *meaning = NULL, *name = spn_step_flag_name(flags[i], &meaning);
			assert_non_null(name);
			snprintf(line, sizeof line, "\n%s %s: %s\n", lead, name, meaning);
			assert_non_null(strstr(text, line));
		}
		free(text);
	}
}

/* PowerShell ignores what stands behind a line that begins so, and obeys one that begins with "#requires". */
static void no_text_of_a_plan_begins_a_comment(void **state)
{
	struct fixture *f = *state;
	static const char *const texts[] = { "SIG # Begin signature block", "requires -Modules x",
		"\nSIG # Begin signature block" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		append(f, POOL, texts[i], texts[i], 0, SPN_MOD_DELETE, NAMES, texts[i]);
		append(f, POOL, "pool", texts[i], 0, SPN_MOD_DELETE, NAMES, "http/\xff"); /* which becomes a comment */
	}
	char *text = plan_text(f->plan, SPN_PLAN_POWERSHELL);
	assert_non_null(strstr(text, "SIG # Begin signature block"));
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (*line == '#')
			assert_true(line[strspn(line, "# ")] != 'S' && line[strspn(line, "# ")] != 'r');
		else
			assert_true(!*line || strncmp(line, "Set-ADObject ", 13) == 0);
	}
	free(text);
}

static void powershell_leaves_out_what_is_no_text(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "pool", "", 0, SPN_MOD_ADD, NAMES, "http/\xff");
	append(f, "CN=\xff,DC=x", "pool", "", 0, SPN_MOD_ADD, NAMES, "http/x");
	char *text = plan_text(f->plan, SPN_PLAN_POWERSHELL);
	assert_null(strstr(text, "\nSet-ADObject"));
	const char *first = strstr(text, "\n# this format cannot express");
	assert_non_null(first);
	assert_non_null(strstr(first + 1, "\n# this format cannot express"));
	free(text);
}

static void what_cmd_would_expand_becomes_a_remark(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "pool", "r\nformat c:", 0, SPN_MOD_ADD, NAMES, "http/%PATH%");
	append(f, POOL, "pool", "", 0, SPN_MOD_ADD, NAMES, "http/x\" & del *");
	append(f, POOL, "pool", "", 0, SPN_MOD_ADD, NAMES, "http/x\r\ndel *");
	append(f, POOL, "", "", 0, SPN_MOD_ADD, NAMES, "http/no-account");
	char *text = plan_text(f->plan, SPN_PLAN_SETSPN);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strncmp(line, "rem ", 4) == 0 || strcmp(line, "@echo off") == 0 || strcmp(line, "rem") == 0);
	free(text);
}

static void powershell_text_cannot_leave_its_quotes(void **state)
{
	struct fixture *f = *state;
	append(f, "CN=O'Brien," BASE, "ob", "r\nRemove-Item", 0, SPN_MOD_ADD, NAMES,
			"http/\xe2\x80\x99; Remove-Item x; '\n$(y)");
	char *text = plan_text(f->plan, SPN_PLAN_POWERSHELL);
	assert_non_null(strstr(text, "Set-ADObject -Identity ('CN=O''Brien," BASE "') -Add @{('" NAMES "')="
			"('http/'+[char]0x2019+'; Remove-Item x; '''+[char]0xa+'$(y)')}\n"));
	assert_null(strstr(text, "\nRemove-Item"));
	free(text);
}

static void a_step_without_changes_or_with_a_bad_attribute_is_refused(void **state)
{
	struct fixture *f = *state;
	const spn_mod bad = { SPN_MOD_ADD, "a b", { "x", 1 } };
	const spn_step empty = { .dn = POOL, .mods = &bad, .n_mods = 0 }, odd = { .dn = POOL, .mods = &bad, .n_mods = 1 };
	assert_int_equal(spn_plan_append(f->plan, &empty, NULL), SPN_ERR_INVALID);
	assert_int_equal(spn_plan_append(f->plan, &odd, NULL), SPN_ERR_INVALID);
	const spn_mod good = { SPN_MOD_ADD, NAMES, { "http/x", 6 } };
	const spn_step unknown = { .dn = POOL, .mods = &good, .n_mods = 1, .flags = SPN_TAKEOVER | 1u << 30 };
	assert_int_equal(spn_plan_append(f->plan, &unknown, NULL), SPN_ERR_INVALID);
	assert_int_equal(spn_plan_count(f->plan), 0);
}

static spn_status read_change(struct fixture *f, const char *attr, const char *line)
{
	char text[400];
	spn_plan *plan = NULL;
	snprintf(text, sizeof text, "dn: " POOL "\nchangetype: modify\nadd: %s\n%s\n-\n", attr, line);
	spn_status status = read_text(f, text, &plan);
	spn_plan_free(plan);
	return status;
}

static void a_plan_carries_no_password_however_it_is_called(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(read_change(f, "unicodePwd", "unicodePwd: hunter2"), SPN_ERR_REFUSED);
	/* what logs on in the account's place */
	assert_int_equal(read_change(f, "msDS-KeyCredentialLink", "msDS-KeyCredentialLink: B:2:00:CN=a"), SPN_ERR_REFUSED);
	assert_null(strstr(f->err.message, "hunter2"));
	assert_int_equal(read_change(f, "USERPASSWORD;x-a", "USERPASSWORD;x-a: hunter2"), SPN_ERR_REFUSED);
	/* of Heimdal, MIT Kerberos and Samba in other servers */
	static const char *const others[] = { "krb5Key", "krbPrincipalKey", "sambaNTPassword", "SAMBALMPASSWORD",
		"krbPrincipalKey;x-a" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		char line[80];
		snprintf(line, sizeof line, "%s: hunter2", others[i]);
		assert_int_equal(read_change(f, others[i], line), SPN_ERR_REFUSED);
	}
	assert_int_equal(read_change(f, "1.2.840.113556.1.4.90", "1.2.840.113556.1.4.90: hunter2"), SPN_ERR_REFUSED);
	assert_int_equal(read_change(f, "description", "description: a pool"), SPN_OK);
}

static void another_attribute_is_changed_only_if_that_is_allowed(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "pool", "", 0, SPN_MOD_ADD, "description", "a pool");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "'description' of '" POOL "'");
	assert_null(strstr(spn_mock_ldif(f->dir), "a pool"));
	assert_int_equal(spn_plan_allow(f->plan, SPN_ANY_ATTRIBUTE, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_OK);
	assert_non_null(strstr(spn_mock_ldif(f->dir), "a pool"));
}

/* Some servers take it for the attribute without the option, and whoever looks for the name does not find it. */
static void an_attribute_with_an_option_is_never_changed(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "pool", "", 0, SPN_MOD_ADD, "servicePrincipalName;lang-en", "http/WEB");
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	expect_message(f, "an attribute with an option");
	assert_int_equal(spn_plan_allow(f->plan, SPN_ANY_ATTRIBUTE, NULL), SPN_OK);
	assert_int_equal(spn_plan_apply(f->plan, f->dir, NULL, NULL, NULL, &f->err), SPN_ERR_REFUSED);
	assert_null(strstr(spn_mock_ldif(f->dir), "lang-en"));
}

/* What is behind it would be seen by the directory only, or by nobody. */
static void neither_an_attribute_nor_a_member_contains_a_nul(void **state)
{
	struct fixture *f = *state;
#define MODIFY "dn: " POOL "\nchangetype: modify\n"
	EXPECT_REFUSED(MODIFY "add: member\nmember: CN=a\nmember:: Q049YQBi\n-\n",
			"line 5, column 1: the DN of a member contains a NUL");
	EXPECT_REFUSED(MODIFY "delete: MEMBER\nmember:: Q049YQBi\n-\n", "line 4, column 1: the DN of a member contains a NUL");
	EXPECT_REFUSED(MODIFY "add:: bWVtYmVyAHg=\nmember: CN=a\n-\n",
			"line 3, column 1: 'member' is not an attribute name: a NUL");
	EXPECT_REFUSED(MODIFY "delete:: c2VydmljZVByaW5jaXBhbE5hbWUA\nservicePrincipalName: http/x\n-\n",
			"line 3, column 1: 'servicePrincipalName' is not");
}

static void a_plan_adds_only_what_is_a_name(void **state)
{
	static const char *const lines[] = {
		"servicePrincipalName:: aHR0cC93ZWIAeA==", /* a NUL */
		"servicePrincipalName:: aHR0cC93G2Vi",     /* ESC */
		"servicePrincipalName:: aHR0cC934oCuZWI=", /* U+202E */
		"servicePrincipalName:: aHR0cC934oCLZWI=", /* U+200B */
		"servicePrincipalName: http"
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_int_equal(read_change(f, "servicePrincipalName", lines[i]), SPN_ERR_SYNTAX);
	assert_int_equal(read_change(f, "servicePrincipalName", "servicePrincipalName: http/new"), SPN_OK);
}

/* What spk_plan_first_of and spk_plan_next_of say, and what going over all steps says. */
static void expect_steps_of(const spn_plan *plan, const char *dn)
{
	size_t i;
	assert_true(spk_plan_first_of(plan, dn, &i));
	for (size_t k = 0; k < spn_plan_count(plan); k++)
		if (spk_dn_equal(spn_plan_step(plan, k)->dn, dn)) {
			assert_int_equal(i, k);
			i = spk_plan_next_of(plan, i);
		}
	assert_int_equal(i, SIZE_MAX);
}

static void the_steps_of_an_entry_are_found_whatever_was_removed(void **state)
{
	static const char *const dns[] = { POOL, DB, "cn=B, dc=x", "CN=b,DC=x", "no DN" };
	struct fixture *f = *state;
	unsigned seed = 1;
	for (size_t i = 0; i < 2000; i++) {
		size_t n = spn_plan_count(f->plan);
		seed = seed * 1103515245u + 12345u;
		unsigned what = seed >> 16;
		if (what % 4 == 0 && n > 0)
			spk_plan_remove(f->plan, what / 4 % n);
		else if (what % 37 == 1 && n > 3)
			spk_plan_truncate(f->plan, n - 1 - what / 37 % 3);
		else
			append(f, dns[what / 37 % 5], "", "", 0, SPN_MOD_ADD, NAMES, "http/x");
		for (size_t k = 0; k < 5; k++)
			expect_steps_of(f->plan, dns[k]);
	}
}

/* With a list of its names or without, also once steps are gone. */
static void the_step_that_brings_a_name_is_found(void **state)
{
	struct fixture *f = *state;
	append(f, POOL, "", "", 0, SPN_MOD_DELETE, NAMES, "http/x");
	append(f, DB, "", "", 0, SPN_MOD_ADD, NAMES, "http/X");
	append(f, POOL, "", "", 0, SPN_MOD_ADD, NAMES, "HTTP/x");
	for (size_t with = 0; with < 2; with++) {
		if (with)
			assert_int_equal(spk_plan_list_names(f->plan, SPK_FOLD_WINDOWS, NULL), SPN_OK);
		assert_ptr_equal(spk_plan_goal(f->plan, 0, spk_bytes("http/x")), spn_plan_step(f->plan, 1));
		assert_ptr_equal(spk_plan_goal(f->plan, 1, spk_bytes("http/x")), spn_plan_step(f->plan, 2));
		assert_null(spk_plan_goal(f->plan, 2, spk_bytes("http/x")));
		assert_null(spk_plan_goal(f->plan, 0, spk_bytes("http/y")));
	}
	spk_plan_remove(f->plan, 1);
	assert_ptr_equal(spk_plan_goal(f->plan, 0, spk_bytes("http/x")), spn_plan_step(f->plan, 1));
	spk_plan_truncate(f->plan, 1);
	assert_null(spk_plan_goal(f->plan, 0, spk_bytes("http/x")));
	assert_int_equal(spk_plan_list_names(f->plan, SPK_FOLD_WINDOWS, NULL), SPN_OK);
	append(f, POOL, "", "", 0, SPN_MOD_ADD, NAMES, "http/x");
	assert_ptr_equal(spk_plan_goal(f->plan, 0, spk_bytes("http/x")), spn_plan_step(f->plan, 1));
}

static void a_plan_is_opened_by_its_name(void **state)
{
	struct fixture *f = *state;
	char path[] = "/tmp/spnkit-plan-XXXXXX";
	spn_plan *plan = NULL;
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	assert_non_null(file);
	append(f, POOL, "pool", "", 0, SPN_MOD_DELETE, NAMES, "http/WEB");
	assert_int_equal(spn_plan_write(f->plan, SPN_PLAN_LDIF, file, &f->err), SPN_OK);
	fclose(file);
	assert_int_equal(spn_plan_open(path, &plan, &f->err), SPN_OK);
	assert_int_equal(spn_plan_count(plan), 1);
	spn_plan_free(plan);
	assert_int_equal(remove(path), 0);
	assert_int_equal(spn_plan_open(path, &plan, &f->err), SPN_ERR_FAILED);
	assert_non_null(strstr(f->err.message, path));
	assert_int_equal(spn_plan_open(NULL, &plan, &f->err), SPN_ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(a_written_plan_reads_back_the_same),
		with_sample(a_hostile_reason_cannot_leave_its_comment),
		with_sample(what_a_plan_cannot_say_is_refused_with_its_line),
		with_sample(a_plan_written_by_hand_is_read),
		with_sample(a_flag_has_its_whole_name),
		with_sample(a_plan_that_was_cut_off_between_two_steps_is_refused),
		with_sample(an_empty_plan_file_is_an_empty_plan),
		with_sample(setspn_lines_name_accounts_and_quote_what_needs_it),
		with_sample(what_no_command_can_say_is_a_remark),
		with_sample(no_line_of_setspn_means_something_else_to_powershell),
		with_sample(setspn_lines_name_the_domain_of_each_account),
		with_sample(setspn_lines_say_which_of_two_accounts_of_the_same_name_is_meant),
		with_sample(what_does_not_fit_a_line_of_cmd_is_not_written_as_one),
		with_sample(remarks_of_a_script_are_plain_text_for_whoever_reads_it),
		with_sample(scripts_say_where_a_step_stands_and_what_its_flags_mean),
		with_sample(no_text_of_a_plan_begins_a_comment),
		with_sample(powershell_leaves_out_what_is_no_text),
		with_sample(what_cmd_would_expand_becomes_a_remark),
		with_sample(powershell_text_cannot_leave_its_quotes),
		with_sample(a_plan_carries_no_password_however_it_is_called),
		with_sample(another_attribute_is_changed_only_if_that_is_allowed),
		with_sample(an_attribute_with_an_option_is_never_changed),
		with_sample(the_steps_of_an_entry_are_found_whatever_was_removed),
		with_sample(the_step_that_brings_a_name_is_found),
		with_sample(neither_an_attribute_nor_a_member_contains_a_nul),
		with_sample(a_plan_adds_only_what_is_a_name),
		with_sample(a_step_without_changes_or_with_a_bad_attribute_is_refused),
		with_sample(a_plan_is_opened_by_its_name),
	};
	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
