/* SPDX-License-Identifier: MIT */
#include "near.h"

#include <string.h>
#include <strings.h>

#include "account.h"
#include "domain.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/entry.h"

#define MOST 3           /* suggestions */
#define LOOKED_AT 1000   /* entries, however many a directory has */
#define LONGEST 64      /* as spn_text_distance has it */
#define SHORTEST 3       /* bytes of a name that can be near another */
#define LETTERS 2        /* that may differ */

struct near {
	const char *name;
	spn_account_want want;
	size_t looked_at;
	char *best[MOST]; /* the nearest first */
	size_t distance[MOST];
	size_t n;
};

/* People also name an account as a list shows it, or a computer as DNS does. */
static const char *const other_names[] = { "cn", "displayName", "dNSHostName" };
#define N_OTHERS (sizeof other_names / sizeof *other_names)

static bool has_other_name(const spn_entry *entry, const char *name)
{
	for (size_t i = 0; i < N_OTHERS; i++) {
		const char *value = spn_entry_text(entry, other_names[i]);
		if (value && spk_ascii_equal(value, name))
			return true;
	}
	return false;
}

static void keep(struct near *near, char *name, size_t far)
{
	size_t at = near->n;
	while (at > 0 && near->distance[at - 1] > far)
		at--;
	if (at == MOST) {
		free(name);
		return;
	}
	if (near->n == MOST)
		free(near->best[--near->n]);
	for (size_t i = near->n++; i > at; i--) {
		near->best[i] = near->best[i - 1];
		near->distance[i] = near->distance[i - 1];
	}
	near->best[at] = name;
	near->distance[at] = far;
}

static spn_status look(const spn_entry *entry, void *data, spn_error *err)
{
	struct near *near = data;
	const char *sam = spn_entry_text(entry, "sAMAccountName");
	if (near->looked_at++ == LOOKED_AT)
		return spn_fail(err, SPN_ERR_STOPPED, 0, "more than %d entries", LOOKED_AT);
	if (!sam || !spk_account_is_wanted(entry, near->want))
		return SPN_OK;
	size_t len = strlen(sam);
	bool of_computer = len > 0 && sam[len - 1] == '$' && !strchr(near->name, '$');
	char *name = strndup(sam, of_computer ? len - 1 : len);
	if (!name)
		return spk_nomem(err);
	size_t far = has_other_name(entry, near->name) ? 0 : spn_text_distance(name, near->name);
	if (far <= LETTERS && far < len / 2)
		keep(near, name, far);
	else
		free(name);
	return SPN_OK;
}

/*
 * Half a name is right, and its first letter: so that an index can be used, whatever the server; a file is read to its
 * end in any case. The end of a computer's name is taken with and without '$'.
 */
static spn_status search(spn_directory *dir, struct near *near)
{
	static const char *const attrs[] = { SPK_KIND_ATTRS, "userAccountControl", "cn", "displayName", "dNSHostName", NULL };
	const char *name = near->name;
	size_t half = strlen(name) / 2;
	while (half > 1 && ((unsigned char)name[half] & 0xc0) == 0x80)
		half--;
	const char *end = name + half + 1; /* two letters that changed places in the middle, too */
	while (((unsigned char)*end & 0xc0) == 0x80)
		end++;
	SPK_AUTOFREE char *begins = spk_printf("%.*s*", (int)half, name);
	int first = spk_directory_is_live(dir) ? 1 : 0;
	SPK_AUTOFREE char *ends = spk_printf("%.*s*%s", first, name, end);
	SPK_AUTOFREE char *computer = spk_printf("%.*s*%s$", first, name, end);
	if (!begins || !ends || !computer)
		return SPN_ERR_NOMEM;
	const char *const globs[] = { begins, ends, computer };
	spn_filter filters[3 + N_OTHERS];
	const spn_filter *parts[3 + N_OTHERS + 1] = { NULL };
	for (size_t i = 0; i < 3; i++)
		filters[i] = (spn_filter){ .op = SPN_FILTER_GLOB, .attr = "sAMAccountName", .value = spk_bytes(globs[i]) };
	for (size_t i = 0; i < N_OTHERS; i++)
		filters[3 + i] = (spn_filter){ .op = SPN_FILTER_EQUAL, .attr = other_names[i], .value = spk_bytes(name) };
	for (size_t i = 0; i < 3 + N_OTHERS; i++)
		parts[i] = &filters[i];
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = parts };
	const spn_search query = { .scope = SPN_SCOPE_SUBTREE, .filter = &any, .attrs = attrs };
	return spn_directory_search(dir, &query, look, near, NULL);
}

/* Frees the suggestions. */
static void put_question(struct near *near, spk_text *ret_question)
{
	for (size_t i = 0; i < near->n; i++) {
		spk_text_add(ret_question, "%s'%s'", i == 0 ? "; did you mean " : i + 1 < near->n ? ", " : " or ", near->best[i]);
		free(near->best[i]);
	}
	if (near->n)
		spk_text_add_char(ret_question, '?');
}

void spk_near_accounts(spn_directory *dir, const char *name, spn_account_want want, spk_text *ret_question)
{
	struct near near = { .name = name, .want = want };
	size_t len = strlen(name);
	if (len < SHORTEST || len > LONGEST || (unsigned char)*name >= 0x80 || strpbrk(name, "*()\\"))
		return;
	(void)search(dir, &near); /* what was found until then will do */
	put_question(&near, ret_question);
}

/* Whether a host without a class is that of a name, in full or by its first label. */
static bool is_host_of(const char *host, const char *spn)
{
	spn_name name;
	size_t len = strlen(host);
	return !strchr(host, '/') && !spn_name_parse(spn, &name, NULL) && name.host.len >= len &&
			strncasecmp(name.host.data, host, len) == 0 &&
			(name.host.len == len || name.host.data[len] == '.');
}

void spk_near_names(const spn_account *account, const char *name, spk_text *ret_question)
{
	struct near near = { .name = name };
	char meant[LONGEST + 1];
	const spn_bytes *spns;
	const char *what;
	if (spn_name_understand(name, meant, sizeof meant, &what) < sizeof meant)
		near.name = meant; /* the name itself, if there is nothing to understand */
	for (size_t i = 0, n = spn_account_spns(account, &spns); i < n; i++) {
		size_t far = is_host_of(near.name, spns[i].data) ? 0 : spn_text_distance(spns[i].data, near.name);
		char *spelled = far <= LETTERS && far < spns[i].len / 2 ? strdup(spns[i].data) : NULL;
		if (spelled)
			keep(&near, spelled, far);
	}
	put_question(&near, ret_question);
}
