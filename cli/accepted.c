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

#include <jansson.h>

#include <spnkit/backend.h>

static spn_status no_memory(spn_error *err)
{
	return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
}

static int compare(const void *a, const void *b)
{
	return strcasecmp(*(char *const *)a, *(char *const *)b);
}

/* Takes the key over. */
static spn_status add(struct accepted *accepted, char *key, spn_error *err)
{
	if (key && accepted->n == accepted->size) {
		size_t size = accepted->size * 2 + 64;
		char **grown = realloc(accepted->keys, size * sizeof *grown);
		if (grown) {
			accepted->keys = grown;
			accepted->size = size;
		}
	}
	if (!key || accepted->n == accepted->size) {
		free(key);
		return no_memory(err);
	}
	accepted->keys[accepted->n++] = key;
	return SPN_OK;
}

/* code, name and accounts in the order of their DNs, each behind a tab; NULL: no memory. */
static char *key_of(const char *code, const char *spn, const char **dns, size_t n)
{
	char *key = NULL;
	size_t size;
	FILE *file = open_memstream(&key, &size);
	if (!file)
		return NULL;
	if (n)
		qsort(dns, n, sizeof *dns, compare);
	fprintf(file, "%s\t%s", code, spn ? spn : "");
	for (size_t i = 0; i < n; i++)
		fprintf(file, "\t%s", dns[i]);
	if (fclose(file) == 0)
		return key;
	free(key);
	return NULL;
}

/* A line of CODE<TAB>NAME. */
static char *short_key(const char *code, const char *name)
{
	size_t size = strlen(code) + strlen(name) + 3;
	char *key = malloc(size);
	if (key)
		snprintf(key, size, "%s\t\n%s", code, name); /* no name contains a line end: not the same as a whole key */
	return key;
}

static spn_status add_record(struct accepted *accepted, json_t *record, spn_error *err)
{
	const char *code = json_string_value(json_object_get(record, "code"));
	json_t *accounts = json_object_get(record, "accounts");
	size_t n = json_array_size(accounts);
	if (!code)
		return SPN_OK; /* a note, or the summary */
	const char **dns = calloc(n ? n : 1, sizeof *dns);
	if (!dns)
		return no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const char *dn = json_string_value(json_object_get(json_array_get(accounts, i), "dn"));
		dns[i] = dn ? dn : "";
	}
	spn_status status = add(accepted, key_of(code, json_string_value(json_object_get(record, "spn")), dns, n), err);
	const json_t *also = json_object_get(record, "also");
	for (size_t i = 0; !status && i < json_array_size(also); i++)
		status = add(accepted, key_of(code, json_string_value(json_array_get(also, i)), dns, n), err);
	free(dns);
	return status;
}

static spn_status add_line(struct accepted *accepted, char *line, const char *path, size_t number, spn_error *err)
{
	line[strcspn(line, "\r\n")] = '\0';
	char *tab = strchr(line, '\t');
	if (!*line || *line == '#')
		return SPN_OK;
	if (*line == '{') {
		json_t *record = json_loads(line, 0, NULL);
		spn_status status = record ? add_record(accepted, record, err) : spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s', line %zu: not a JSON object as printed by audit with --json", path, number);
		json_decref(record);
		return status;
	}
	if (!tab || tab == line || !tab[1])
		return spn_fail(err, SPN_ERR_SYNTAX, 0,
				"'%s', line %zu: expected a line of audit --json, or CODE, a tab and a name or an "
				"account",
				path, number);
	*tab = '\0';
	return add(accepted, short_key(line, tab + 1), err);
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

spn_status accepted_read(struct accepted *accepted, const char *path, spn_error *err)
{
	char *line = NULL;
	size_t size = 0, number = 0;
	FILE *file = NULL;
	spn_status status = open_regular(path, &file, err);
	if (status)
		return status;
	while (!status && getline(&line, &size, file) >= 0)
		status = add_line(accepted, line, path, ++number, err);
	if (!status && !feof(file)) /* an error, or a line that is too long for the memory */
		status = spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s': %s", path, strerror(errno));
	free(line);
	fclose(file);
	if (!status && accepted->n)
		qsort(accepted->keys, accepted->n, sizeof *accepted->keys, compare);
	return status;
}

/* Whether the file has a key, which is freed. */
static bool has(const struct accepted *accepted, char *key)
{
	bool found = key && bsearch(&key, accepted->keys, accepted->n, sizeof *accepted->keys, compare);
	free(key);
	return found;
}

spn_status accepted_find(const struct accepted *accepted, const spn_finding *finding, bool *ret_known, spn_error *err)
{
	*ret_known = false;
	if (accepted->n == 0)
		return SPN_OK;
	const char **dns = calloc(finding->n_accounts ? finding->n_accounts : 1, sizeof *dns);
	if (!dns)
		return no_memory(err);
	for (size_t i = 0; i < finding->n_accounts; i++)
		dns[i] = finding->accounts[i].dn;
	*ret_known = has(accepted, key_of(finding->code, finding->spn, dns, finding->n_accounts));
	free(dns);
	if (finding->spn)
		*ret_known |= has(accepted, short_key(finding->code, finding->spn));
	for (size_t i = 0; i < finding->n_accounts && !finding->spn; i++)
		*ret_known |= has(accepted, short_key(finding->code, finding->accounts[i].account)) ||
				has(accepted, short_key(finding->code, finding->accounts[i].dn));
	return SPN_OK;
}

void accepted_free(struct accepted *accepted)
{
	for (size_t i = 0; i < accepted->n; i++)
		free(accepted->keys[i]);
	free(accepted->keys);
	*accepted = (struct accepted){ .n = 0 };
}

/* What is before the first asterisk begins the text, what is behind the last one ends it, and each piece between is
 * taken where it comes first: strcasestr needs no more steps than both lengths together.  Without memory nothing is
 * left out. */
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

bool accepted_is_ignored(const char *rule, const spn_finding *finding)
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
