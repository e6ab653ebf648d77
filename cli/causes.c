/* SPDX-License-Identifier: MIT */
#include "causes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <spnkit/backend.h>

static spn_status no_memory(spn_error *err)
{
	return spn_fail(err, SPN_ERR_NOMEM, 0, "out of memory");
}

/* Names on accounts that they should not be on; everything else has one finding for an account already. */
static bool is_about_holders(const spn_finding *finding)
{
	return finding->spn && (strcmp(finding->code, "duplicate") == 0 || strcmp(finding->code, "alias-conflict") == 0);
}

/* The first label of a host, of which short name and FQDN differ in the rest; 0 for an address. */
static size_t label_len(spn_bytes host)
{
	size_t len = 0, digits = 0;
	for (; len < host.len && host.data[len] != '.'; len++)
		digits += host.data[len] >= '0' && host.data[len] <= '9';
	return len == digits || memchr(host.data, ':', host.len) ? 0 : len;
}

/* What findings of one cause have in common.  NULL in ret_key: it is like no other. */
static spn_status key_of(const spn_finding *finding, char **ret_key, spn_error *err)
{
	spn_name name;
	char *key = NULL;
	size_t size, label;
	*ret_key = NULL;
	if (!is_about_holders(finding) || spn_name_parse(finding->spn, &name, NULL) || !(label = label_len(name.host)))
		return SPN_OK;
	FILE *file = open_memstream(&key, &size);
	if (!file)
		return no_memory(err);
	fprintf(file, "%s %d %.*s/%.*s:%.*s/%.*s", finding->code, finding->repair != NULL, (int)name.service_class.len,
			name.service_class.data, (int)label, name.host.data, (int)name.port.len,
			name.port.data ? name.port.data : "", (int)name.service_name.len,
			name.service_name.data ? name.service_name.data : "");
	for (size_t i = 0; i < finding->n_accounts; i++)
		fprintf(file, "\n%s", finding->accounts[i].dn);
	if (fclose(file) != 0) {
		free(key);
		return no_memory(err);
	}
	*ret_key = key;
	return SPN_OK;
}

/* Ends a text that findings_add copied with another one. */
static spn_status append(const char **text, const char *before, const char *more, const char *after, spn_error *err)
{
	char *longer = NULL;
	size_t size;
	FILE *file = open_memstream(&longer, &size);
	if (!file)
		return no_memory(err);
	fprintf(file, "%s%s%s%s", *text, before, more, after);
	if (fclose(file) != 0) {
		free(longer);
		return no_memory(err);
	}
	free((void *)(uintptr_t)*text);
	*text = longer;
	return SPN_OK;
}

/* 'fix' of a server mends all its names; what deletes a name is needed for each. */
static spn_status join(struct causes *causes, size_t i, const spn_finding *finding, spn_error *err)
{
	spn_finding *first = &causes->waiting.list[i];
	struct cause *cause = &causes->of[i];
	char **grown = realloc(cause->also, (cause->n_also + 1) * sizeof *grown);
	if (!grown)
		return no_memory(err);
	cause->also = grown;
	if (!(grown[cause->n_also] = strdup(finding->spn)))
		return no_memory(err);
	cause->n_also++;
	spn_status status = append(&first->text, "; the same holds for '", finding->spn, "'", err);
	if (!status && finding->repair && strcmp(finding->code, "duplicate") == 0)
		status = append(&first->repair, " && ", finding->repair, "", err);
	return status;
}

spn_status causes_finish(struct causes *causes, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < causes->waiting.n; i++)
		status = causes->fn(&causes->waiting.list[i], (const char *const *)causes->of[i].also,
				causes->of[i].n_also, causes->data, err);
	causes_free(causes);
	return status;
}

spn_status causes_add(struct causes *causes, const spn_finding *finding, spn_error *err)
{
	char *key;
	spn_status status = key_of(finding, &key, err);
	for (size_t i = 0; !status && key && i < causes->waiting.n; i++)
		if (causes->of[i].key && strcasecmp(causes->of[i].key, key) == 0) {
			free(key);
			return join(causes, i, finding, err);
		}
	if (!status && causes->waiting.n == CAUSES_WAITING)
		status = causes_finish(causes, err);
	if (!status)
		status = findings_add(&causes->waiting, finding, err);
	if (status)
		free(key);
	else
		causes->of[causes->waiting.n - 1].key = key;
	return status;
}

void causes_free(struct causes *causes)
{
	for (size_t i = 0; i < causes->waiting.n; i++) {
		struct cause *cause = &causes->of[i];
		free(cause->key);
		for (size_t j = 0; j < cause->n_also; j++)
			free(cause->also[j]);
		free(cause->also);
		*cause = (struct cause){ .key = NULL };
	}
	findings_free(&causes->waiting);
}
