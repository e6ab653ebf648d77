/* SPDX-License-Identifier: MIT */
#include "accepted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/keys.h"

struct spn_accepted {
	spk_keys keys;
	char **rules;
	size_t n_rules;
};

static int compare(const void *a, const void *b)
{
	return strcasecmp(*(char *const *)a, *(char *const *)b);
}

static bool put_key(spk_text *key, const char *code, const char *spn, const char **dns, size_t n)
{
	if (n)
		qsort(dns, n, sizeof *dns, compare);
	(void)spk_text_add_lower(key, code, strlen(code));
	spk_text_add_char(key, '\t');
	(void)spk_text_add_lower(key, spn ? spn : "", spn ? strlen(spn) : 0);
	for (size_t i = 0; i < n; i++) {
		spk_text_add_char(key, '\t');
		(void)spk_text_add_lower(key, dns[i], strlen(dns[i]));
	}
	return !key->failed;
}

/* Of a line of CODE<TAB>NAME: no name contains a line end, so it is not the same as a whole key. */
static bool put_short_key(spk_text *key, const char *code, const char *name)
{
	spk_text_clear(key);
	(void)spk_text_add_lower(key, code, strlen(code));
	spk_text_add(key, "\t\n");
	(void)spk_text_add_lower(key, name, strlen(name));
	return !key->failed;
}

static bool keep(spk_keys *keys, const spk_text *key)
{
	return spk_keys_add(keys, (spn_bytes){ key->data, key->len }) != SIZE_MAX;
}

static bool has(const spk_keys *keys, const spk_text *key)
{
	return spk_keys_find(keys, (spn_bytes){ key->data, key->len }) != SIZE_MAX;
}

static spn_status add(const char *code, const char *spn, const char **dns, size_t n, void *data, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	return put_key(&key, code, spn, dns, n) && keep(data, &key) ? SPN_OK : spk_nomem(err);
}

static spn_status add_line(spk_keys *keys, char *line, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	line[strcspn(line, "\r\n")] = '\0';
	char *tab = strchr(line, '\t');
	if (!*line || *line == '#')
		return SPN_OK;
	if (*line == '{')
		return spk_accepted_read_json(line, add, keys, err);
	if (!tab || tab == line || !tab[1])
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "expected a line of audit --json, or CODE, a tab and a name or an account");
	*tab = '\0';
	return put_short_key(&key, line, tab + 1) && keep(keys, &key) ? SPN_OK : spk_nomem(err);
}

/* A device or a pipe need not come to an end, and one that nobody writes into need not even begin. */
static spn_status open_regular(const char *path, FILE **ret_file, spn_error *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (!file || fstat(fd, &st) != 0) {
		int error = errno;
		if (file)
			fclose(file);
		else if (fd >= 0)
			close(fd);
		return spn_fail(err, SPN_ERR_FAILED, error, "cannot read '%s': %s", path, strerror(error));
	}
	if (!S_ISREG(st.st_mode)) {
		fclose(file);
		return spn_fail(err, SPN_ERR_FAILED, 0, "cannot read '%s': it is not a regular file", path);
	}
	*ret_file = file;
	return SPN_OK;
}

spn_status spn_accepted_read(const char *path, spn_accepted **ret_accepted, spn_error *err)
{
	if (!path || !ret_accepted)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_accepted_read: an argument is NULL");
	SPK_AUTOFREE char *line = NULL;
	size_t size = 0;
	FILE *file = NULL;
	spn_status status = open_regular(path, &file, err);
	if (status)
		return status;
	spn_accepted *accepted = calloc(1, sizeof *accepted);
	if (!accepted)
		status = spk_nomem(err);
	for (size_t number = 1; !status && getline(&line, &size, file) >= 0; number++) {
		status = add_line(&accepted->keys, line, err);
		if (status && status != SPN_ERR_NOMEM)
			spk_prefix(err, status, "'%s', line %zu: ", path, number);
	}
	if (!status && !feof(file)) /* an error, or a line that is too long for the memory */
		status = spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s': %s", path, strerror(errno));
	fclose(file);
	if (status)
		spn_accepted_free(accepted);
	else
		*ret_accepted = accepted;
	return status;
}

spn_accepted *spn_accepted_free(spn_accepted *accepted)
{
	if (!accepted)
		return NULL;
	spk_keys_free(&accepted->keys);
	while (accepted->n_rules > 0)
		free(accepted->rules[--accepted->n_rules]);
	free(accepted->rules);
	free(accepted);
	return NULL;
}

spn_status spn_accepted_add(spn_accepted **accepted, const char *rule, spn_error *err)
{
	if (!accepted || !rule)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_accepted_add: an argument is NULL");
	if (!*accepted)
		*accepted = calloc(1, sizeof **accepted);
	char *copy = *accepted ? strdup(rule) : NULL;
	char **rules = copy ? realloc((*accepted)->rules, ((*accepted)->n_rules + 1) * sizeof *rules) : NULL;
	if (!rules) {
		free(copy);
		return spk_nomem(err);
	}
	rules[(*accepted)->n_rules++] = copy;
	(*accepted)->rules = rules;
	return SPN_OK;
}

/* By code and name, or code and account. */
static spn_status has_short(const spk_keys *keys, const char *code, const char *name, bool *has_it, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	if (!put_short_key(&key, code, name))
		return spk_nomem(err);
	*has_it |= has(keys, &key);
	return SPN_OK;
}

spn_status spn_accepted_has(const spn_accepted *accepted, const spn_finding *finding, bool *ret_has, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	if (!accepted || !finding || !finding->code || !ret_has)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_accepted_has: an argument is NULL");
	*ret_has = false;
	for (size_t i = 0; !*ret_has && i < accepted->n_rules; i++)
		*ret_has = spn_finding_is_like(finding, accepted->rules[i]);
	if (*ret_has)
		return SPN_OK;
	SPK_AUTOFREE const char **dns = calloc(finding->n_accounts + 1, sizeof *dns);
	if (!dns)
		return spk_nomem(err);
	for (size_t i = 0; i < finding->n_accounts; i++)
		dns[i] = finding->accounts[i].dn;
	if (!put_key(&key, finding->code, finding->spn, dns, finding->n_accounts))
		return spk_nomem(err);
	const spk_keys *keys = &accepted->keys;
	bool has_it = has(keys, &key);
	spn_status status = finding->spn ? has_short(keys, finding->code, finding->spn, &has_it, err) : SPN_OK;
	for (size_t i = 0; !status && i < finding->n_accounts && !finding->spn; i++) {
		status = has_short(keys, finding->code, finding->accounts[i].account, &has_it, err);
		status = status ? status : has_short(keys, finding->code, finding->accounts[i].dn, &has_it, err);
	}
	*ret_has = has_it;
	return status;
}

/* What is before the first asterisk begins the text, what is behind the last one ends it, and each piece between is
 * taken where it comes first: strcasestr needs no more steps than both lengths together.  Without memory nothing is
 * like it. */
static bool is_like(const char *pattern, const char *text)
{
	size_t len = strcspn(pattern, "*");
	if (strncasecmp(pattern, text, len) != 0)
		return false;
	if (!pattern[len])
		return !text[len];
	char *pieces = strdup(pattern + len + 1), *piece = pieces, *star;
	const char *rest = pieces ? text + len : NULL;
	while (rest && (star = strchr(piece, '*'))) {
		*star = '\0';
		rest = strcasestr(rest, piece);
		rest = rest ? rest + strlen(piece) : NULL;
		piece = star + 1;
	}
	size_t left = rest ? strlen(rest) : 0, last = rest ? strlen(piece) : 0;
	bool ends_like_it = rest && left >= last && strcasecmp(rest + left - last, piece) == 0;
	free(pieces);
	return ends_like_it;
}

bool spn_finding_is_like(const spn_finding *finding, const char *rule)
{
	const char *colon = strchr(rule, ':');
	size_t len = colon ? (size_t)(colon - rule) : strlen(rule);
	if (strlen(finding->code) != len || strncmp(finding->code, rule, len) != 0)
		return false;
	if (!colon || (finding->spn && is_like(colon + 1, finding->spn)))
		return true;
	for (size_t i = 0; i < finding->n_accounts; i++)
		if (is_like(colon + 1, finding->accounts[i].account) || is_like(colon + 1, finding->accounts[i].dn))
			return true;
	return false;
}
