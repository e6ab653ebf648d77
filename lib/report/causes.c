/* SPDX-License-Identifier: MIT */
#include "causes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"

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
		return spk_nomem(err);
	fprintf(file, "%s %d %.*s/%.*s:%.*s/%.*s", finding->code, finding->n_repairs > 0, (int)name.service_class.len,
			name.service_class.data, (int)label, name.host.data, (int)name.port.len,
			name.port.data ? name.port.data : "", (int)name.service_name.len,
			name.service_name.data ? name.service_name.data : "");
	for (size_t i = 0; i < finding->n_accounts; i++)
		fprintf(file, "\n%s", finding->accounts[i].dn);
	if (fclose(file) != 0) {
		free(key);
		return spk_nomem(err);
	}
	*ret_key = key;
	return SPN_OK;
}

/* What the first finding says, and of which names it holds as well. */
static char *text_of(const spn_findings *findings)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	if (!file)
		return NULL;
	fputs(findings->list[0]->text, file);
	for (size_t i = 1; i < findings->n; i++)
		fprintf(file, "; the same holds for '%s'", findings->list[i]->spn);
	if (fclose(file) == 0)
		return text;
	free(text);
	return NULL;
}

/* 'fix' of a server mends all its names; what deletes a name is needed for each. */
static spn_repair *repairs_of(const spn_findings *findings, size_t *ret_n)
{
	bool one_for_all = strcmp(findings->list[0]->code, "duplicate") != 0;
	size_t n = 0, n_findings = one_for_all ? 1 : findings->n;
	for (size_t i = 0; i < n_findings; i++)
		n += findings->list[i]->n_repairs;
	spn_repair *repairs = calloc(n + 1, sizeof *repairs);
	*ret_n = n;
	n = 0;
	for (size_t i = 0; repairs && i < n_findings; i++)
		for (size_t j = 0; j < findings->list[i]->n_repairs; j++)
			repairs[n++] = findings->list[i]->repairs[j];
	return repairs;
}

static spn_status tell(const spk_causes *causes, const spn_findings *findings, spn_error *err)
{
	spn_finding finding = *findings->list[0];
	if (findings->n == 1) /* nothing is to be put together */
		return causes->fn(&finding, NULL, 0, causes->data, err);
	const char **also = calloc(findings->n, sizeof *also);
	char *text = text_of(findings);
	spn_repair *repairs = repairs_of(findings, &finding.n_repairs);
	for (size_t i = 1; also && i < findings->n; i++)
		also[i - 1] = findings->list[i]->spn;
	finding.text = text;
	finding.repairs = repairs;
	spn_status status = also && text && repairs ?
			causes->fn(&finding, also, findings->n - 1, causes->data, err) :
			spk_nomem(err);
	free(also);
	free(text);
	free(repairs);
	return status;
}

spn_status spk_causes_finish(spk_causes *causes, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < causes->n; i++)
		status = tell(causes, &causes->waiting[i].findings, err);
	spk_causes_free(causes);
	return status;
}

spn_status spk_causes_add(spk_causes *causes, const spn_finding *finding, spn_error *err)
{
	char *key;
	spn_status status = key_of(finding, &key, err);
	size_t at = 0;
	if (!status && !key && causes->n == 0) /* what is like no other, and behind none that waits */
		return causes->fn(finding, NULL, 0, causes->data, err);
	while (at < causes->n && !(key && causes->waiting[at].key && strcasecmp(causes->waiting[at].key, key) == 0))
		at++;
	if (!status && at == SPK_CAUSES_WAITING) {
		status = spk_causes_finish(causes, err);
		at = 0;
	}
	if (!status)
		status = spn_findings_keep(finding, &causes->waiting[at].findings, err);
	if (status || at < causes->n) {
		free(key);
		return status;
	}
	causes->waiting[causes->n++].key = key;
	return SPN_OK;
}

void spk_causes_free(spk_causes *causes)
{
	for (size_t i = 0; i < SPK_CAUSES_WAITING; i++) {
		free(causes->waiting[i].key);
		spn_findings_clear(&causes->waiting[i].findings);
		causes->waiting[i].key = NULL;
	}
	causes->n = 0;
}
