/* SPDX-License-Identifier: MIT */
#include "switches.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "output.h"

/* A mode, what it takes, and which modifiers. */
static const struct mode {
	char letter;
	int least, most; /* operands */
	const char *operands;
	bool account; /* -C and -U say of which kind it is */
	bool targets; /* -T and -F say where to look */
} modes[] = {
	{ 'A', 2, INT_MAX, "SPN ACCOUNT", true, false },
	{ 'D', 2, INT_MAX, "SPN ACCOUNT", true, false },
	{ 'L', 1, 1, "ACCOUNT", true, false },
	{ 'Q', 1, INT_MAX, "SPN", false, true },
	{ 'R', 1, 1, "ACCOUNT", true, false },
	{ 'S', 2, INT_MAX, "SPN ACCOUNT", true, true },
	{ 'X', 0, 0, "no SPN and no account", false, true },
};

/* The letter of a switch in capitals; 0: it is none. */
static char letter_of(const char *word)
{
	bool is_switch = (*word == '-' || *word == '/') && word[1] && !word[2];
	return is_switch ? (char)toupper((unsigned char)word[1]) : '\0';
}

static const struct mode *mode_of(char letter)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (modes[i].letter == letter)
			return &modes[i];
	return NULL;
}

/* -T: "" and "*" stand for the domain that is asked without it. */
static spn_status add_target(struct cli *cli, const char *home, const char *domain, size_t *n, spn_error *err)
{
	if (!domain)
		return misused(cli, err, "-T requires a domain");
	if (*n == OPTIONS_MAX_LISTED)
		return misused(cli, err, "more than %d domains", OPTIONS_MAX_LISTED);
	cli->options.domains.at[(*n)++] = *domain && strcmp(domain, "*") != 0 ? domain : home;
	return SPN_OK;
}

static spn_status check(struct cli *cli, const struct mode *mode, spn_error *err)
{
	const struct options *options = &cli->options;
	if (options->computer && options->user)
		return misused(cli, err, "-C and -U exclude each other");
	if (cli->argc < mode->least || cli->argc > mode->most)
		return misused(cli, err, "-%c takes %s", mode->letter, mode->operands);
	if ((options->computer || options->user) && !mode->account)
		return misused(cli, err, "-C and -U do not go with -%c, which takes no account", mode->letter);
	if ((options->domains.n || options->forest) && !mode->targets)
		return misused(cli, err, "-T and -F go with -Q, -S and -X, not with -%c", mode->letter);
	return SPN_OK;
}

static spn_status take_mode(struct cli *cli, char letter, char *mode, spn_error *err)
{
	if (*mode && *mode != letter)
		return misused(cli, err, "-%c and -%c exclude each other", *mode, letter);
	*mode = letter;
	return SPN_OK;
}

spn_status switches_parse(struct cli *cli, char *ret_mode, spn_error *err)
{
	struct options *options = &cli->options;
	const char *home = options->domains.at[0];
	size_t n_targets = 0;
	int n_operands = 0;
	char mode = '\0';
	spn_status status = SPN_OK;
	for (int i = 0; !status && i < cli->argc; i++) {
		char *word = cli->argv[i];
		char letter = letter_of(word);
		if (letter == 'T' && ++i)
			status = add_target(cli, home, i < cli->argc ? cli->argv[i] : NULL, &n_targets, err);
		else if (letter == 'C' || letter == 'U')
			*(letter == 'C' ? &options->computer : &options->user) = true;
		else if (letter == 'F' || letter == 'P')
			*(letter == 'F' ? &options->forest : &options->quiet) = true;
		else if (letter == '?' || letter == 'H' || strcmp(word, "--help") == 0)
			return *ret_mode = '?', SPN_OK;
		else if (mode_of(letter))
			status = take_mode(cli, letter, &mode, err);
		else if (*word == '-' || letter)
			status = misused(cli, err, "setspn has no switch '%s'", word);
		else
			cli->argv[n_operands++] = word;
	}
	cli->argc = n_operands;
	*ret_mode = mode ? mode : n_operands || n_targets ? 'L' : '?';
	options->domains.n = n_targets;
	if (!status && *ret_mode != '?')
		status = check(cli, mode_of(*ret_mode), err);
	if (n_targets == 0)
		options->domains.at[0] = home;
	options->domains.n = n_targets ? n_targets : home ? 1 : 0;
	return status;
}
