/* SPDX-License-Identifier: MIT */
#include "recipe.h"

static const struct {
	const char *word;
	size_t where;
} words[] = {
	{ "{fqdn}", offsetof(spk_recipe_values, fqdn) },
	{ "{host}", offsetof(spk_recipe_values, host) },
	{ "{port}", offsetof(spk_recipe_values, port) },
	{ "{instance}", offsetof(spk_recipe_values, instance) },
	{ "{listener}", offsetof(spk_recipe_values, listener) },
};
#define N_WORDS (sizeof words / sizeof *words)

static size_t find(const char *text)
{
	size_t i = 0;
	while (i < N_WORDS && strncmp(text, words[i].word, strlen(words[i].word)) != 0)
		i++;
	return i;
}

bool spk_recipe_fill(const char *pattern, const spk_recipe_values *values, spk_text *ret_name, const char **ret_lacks)
{
	for (const char *at = pattern; *at;) {
		size_t i = find(at);
		if (i == N_WORDS) {
			spk_text_add_char(ret_name, *at++);
			continue;
		}
		const char *value = *(const char *const *)(const void *)((const char *)values + words[i].where);
		if (!value) {
			*ret_lacks = words[i].word;
			return false;
		}
		spk_text_add(ret_name, "%s", value);
		at += strlen(words[i].word);
	}
	return true;
}
