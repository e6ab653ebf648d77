/* SPDX-License-Identifier: MIT */
#include "command.h"

#include "directory/directory.h"
#include "model/dn.h"

void spk_shell_operands(spk_text *text, const char *const *words, size_t n)
{
	bool looks_like_option = false;
	for (size_t i = 0; i < n; i++)
		looks_like_option |= words[i][0] == '-';
	spk_text_add(text, looks_like_option ? " --" : "");
	for (size_t i = 0; i < n; i++) {
		spk_text_add_char(text, ' ');
		spk_shell_word(text, words[i]);
	}
}

void spk_command_domain(spn_directory *dir, spk_text *ret_domain)
{
	const char *context = NULL;
	spk_text_add(ret_domain, "%s", "");
	if (spk_directory_context(dir, "defaultNamingContext", &context, NULL) || !context)
		return;
	spk_dn_domain(context, ret_domain);
	if (!ret_domain->failed && !spk_directory_is_chosen(dir, ret_domain->data))
		spk_text_clear(ret_domain);
}

void spk_shell_home(spk_text *text, spn_directory *dir)
{
	SPK_AUTOTEXT spk_text domain = { 0 };
	spk_command_domain(dir, &domain);
	text->failed |= domain.failed;
	if (domain.failed || !domain.len)
		return;
	spk_text_add(text, " -T ");
	spk_shell_word(text, domain.data);
}

void spk_shell_delete(spk_text *text, spn_directory *dir, const char *name, const char *from)
{
	const char *const words[] = { name, from };
	spk_text_add(text, "spnkit delete");
	spk_shell_home(text, dir);
	spk_shell_operands(text, words, 2);
}

void spk_shell_move(spk_text *text, spn_directory *dir, const char *name, const char *from, const char *to)
{
	spk_text_add(text, "spnkit move --from ");
	spk_shell_word(text, from);
	spk_text_add(text, " --to ");
	spk_shell_word(text, to);
	spk_shell_home(text, dir);
	spk_shell_operands(text, &name, 1);
}

bool spk_shell_fix(spk_text *text, const char *host, const char *service)
{
	if (*host == '-' || *service == '-')
		return false;
	spk_text_add(text, "spnkit fix ");
	spk_shell_word(text, host);
	if (!spk_ascii_equal(service, "http")) {
		spk_text_add(text, " --service ");
		spk_shell_word(text, service);
	}
	return true;
}
