/* SPDX-License-Identifier: MIT */
/* LDIF as a directory, as a plan and as a journal.  A plan that is read and written is read again as the same. */
#include "fuzz.h"

#include "plan/journal.h"
#include "plan/journal_file.h"

static spn_status count(const spn_entry *entry, void *data, spn_error *err)
{
	(void)entry, (void)err;
	++*(unsigned *)data;
	return SPN_OK;
}

static void as_directory(const char *text)
{
	static const spn_search all = { .base = "DC=a", .scope = SPN_SCOPE_SUBTREE };
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	unsigned n = 0;
	spn_status status = spn_mock_new(text, SPN_DIALECT_SAMBA, &dir, &err);
	fuzz_check_message(status, &err);
	if (status)
		return;
	(void)spn_directory_search(dir, &all, count, &n, NULL);
	const spn_mod mod = { SPN_MOD_ADD, "servicePrincipalName", { "http/new", 8 } };
	if (!spn_directory_modify(dir, "CN=b,DC=a", &mod, 1, NULL)) {
		spn_directory *again = NULL;
		MUST(!spn_mock_new(spn_mock_ldif(dir), SPN_DIALECT_SAMBA, &again, NULL));
		spn_directory_free(again);
	}
	spn_directory_free(dir);
}

static void check_same(const spn_plan *a, const spn_plan *b)
{
	MUST(spn_plan_count(a) == spn_plan_count(b));
	for (size_t i = 0; i < spn_plan_count(a); i++) {
		const spn_step *x = spn_plan_step(a, i), *y = spn_plan_step(b, i);
		MUST(x->n_mods == y->n_mods && strcmp(x->dn, y->dn) == 0);
		for (size_t j = 0; j < x->n_mods; j++)
			MUST(x->mods[j].op == y->mods[j].op && x->mods[j].value.len == y->mods[j].value.len &&
					memcmp(x->mods[j].value.data, y->mods[j].value.data, x->mods[j].value.len) == 0);
	}
}

static char *write_plan(const spn_plan *plan, spn_plan_format format)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	MUST(file && !spn_plan_write(plan, format, file, NULL) && fclose(file) == 0);
	return text;
}

static spn_plan *read_plan(char *text, size_t len)
{
	spn_error err = { .status = SPN_OK };
	spn_plan *plan = NULL;
	FILE *file = fmemopen(text, len ? len : 1, "r");
	MUST(file);
	fuzz_check_message(spn_plan_read(file, "plan", &plan, &err), &err);
	fclose(file);
	return plan;
}

static void as_plan(char *text, size_t len)
{
	spn_plan *plan = read_plan(text, len);
	if (!plan)
		return;
	char *written = write_plan(plan, SPN_PLAN_LDIF);
	spn_plan *again = read_plan(written, strlen(written));
	MUST(again);
	check_same(plan, again);
	free(written);
	free(write_plan(plan, SPN_PLAN_SETSPN));
	free(write_plan(plan, SPN_PLAN_POWERSHELL));
	spn_plan_free(again);
	spn_plan_free(plan);
}

static void as_journal(char *text, size_t len)
{
	spn_error err = { .status = SPN_OK };
	SPK_AUTOJOURNAL struct spk_journal journal = { .inverses = NULL };
	SPK_AUTOJOURNALFILE struct spk_journal_file file = SPK_JOURNAL_FILE_INIT;
	spk_text_add_bytes(&file.text, text, len);
	MUST(!file.text.failed);
	spn_status status = spk_journal_head_read(&file, "journal", &err);
	fuzz_check_message(status, &err);
	if (!status)
		status = spk_journal_load(&file.text, "journal", &journal, &err);
	fuzz_check_message(status, &err);
	if (!status)
		(void)spk_notes_know(&journal.notes, (spn_bytes){ "http/web", 8 });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	as_directory(text);
	as_plan(text, size);
	as_journal(text, size);
	free(text);
	return 0;
}
