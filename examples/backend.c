/* SPDX-License-Identifier: MIT */
/* backend.c - a directory of one's own: accounts of an inventory, which spnkit looks at and changes like any other:  backend NAME */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <spnkit/backend.h>
#include <spnkit/spnkit.h>

#define BASE "DC=inventory,DC=test"
#define MOST 8

struct item {
	const char *dn, *account;
	char names[MOST][64];
	size_t n;
};

static struct item inventory[] = {
	{ "CN=web," BASE, "svc-web", { "http/shop", "http/shop.test" }, 2 },
	{ "CN=db," BASE, "svc-db", { "MSSQLSvc/db.test:1433" }, 1 },
};

static spn_bytes text(const char *s)
{
	return (spn_bytes){ s, strlen(s) };
}

/* An item as the entry that a directory would have; the library asks for no more than these attributes. */
static spn_status describe(const struct item *item, spn_entry **ret_entry, spn_error *err)
{
	spn_entry *entry = NULL;
	spn_status status = spn_entry_new(item->dn, &entry, err);
	if (!status)
		status = spn_entry_add(entry, "objectClass", text("user"), err);
	if (!status)
		status = spn_entry_add(entry, "sAMAccountName", text(item->account), err);
	for (size_t i = 0; !status && i < item->n; i++)
		status = spn_entry_add(entry, "servicePrincipalName", text(item->names[i]), err);
	if (status)
		entry = spn_entry_free(entry);
	*ret_entry = entry;
	return status;
}

static struct item *find(const char *dn)
{
	for (size_t i = 0; i < sizeof inventory / sizeof *inventory; i++)
		if (strcasecmp(inventory[i].dn, dn) == 0)
			return &inventory[i];
	return NULL;
}

/* Small enough to try every item: spn_filter_match knows how Active Directory compares. */
static spn_status search(void *self, const spn_search *s, spn_entry_fn *fn, void *data, spn_error *err)
{
	(void)self;
	spn_status status = SPN_OK;
	if (!s->forest && strcasecmp(s->base, BASE) != 0 && !find(s->base))
		return spn_fail(err, SPN_ERR_NOT_FOUND, 0, "there is no entry '%s'", s->base);
	for (size_t i = 0; !status && i < sizeof inventory / sizeof *inventory; i++) {
		const struct item *item = &inventory[i];
		spn_entry *entry = NULL;
		bool match = s->forest || strcasecmp(s->base, item->dn) == 0 ||
			(strcasecmp(s->base, BASE) == 0 && s->scope != SPN_SCOPE_BASE);
		if (!match)
			continue;
		status = describe(item, &entry, err);
		if (!status && s->filter)
			status = spn_filter_match(s->filter, entry, &match, err);
		if (!status && match)
			status = fn(entry, data, err);
		spn_entry_free(entry);
	}
	return status;
}

/* All of the changes or none: they are made on a copy. */
static spn_status modify(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	(void)self;
	struct item *item = find(dn);
	if (!item)
		return spn_fail(err, SPN_ERR_NOT_FOUND, 0, "there is no entry '%s'", dn);
	struct item changed = *item;
	for (size_t m = 0; m < n_mods; m++) {
		const char *name = mods[m].value.data;
		size_t at = 0;
		while (at < changed.n && spn_name_compare(changed.names[at], name) != 0)
			at++;
		if (strcasecmp(mods[m].attr, "servicePrincipalName") != 0)
			return spn_fail(err, SPN_ERR_REFUSED, 0, "'%s' is not ours to change", mods[m].attr);
		if (mods[m].op == SPN_MOD_DELETE && at == changed.n)
			return spn_fail(err, SPN_ERR_NOT_FOUND, 0, "'%s' is not there", name);
		if (mods[m].op == SPN_MOD_DELETE) {
			memmove(changed.names[at], changed.names[at + 1], (changed.n - at - 1) * sizeof *changed.names);
			changed.n--;
			continue;
		}
		if (at < changed.n)
			return spn_fail(err, SPN_ERR_EXISTS, 0, "'%s' is there already", name);
		if (changed.n == MOST || mods[m].value.len >= sizeof *changed.names)
			return spn_fail(err, SPN_ERR_REFUSED, 0, "there is no room for '%s'", name);
		memcpy(changed.names[changed.n++], name, mods[m].value.len + 1);
	}
	*item = changed;
	return SPN_OK;
}

static spn_status root(void *self, spn_entry **ret_root, spn_error *err)
{
	(void)self;
	spn_entry *entry = NULL;
	spn_status status = spn_entry_new("", &entry, err);
	if (!status)
		status = spn_entry_add(entry, "defaultNamingContext", text(BASE), err);
	if (status)
		entry = spn_entry_free(entry);
	*ret_root = entry;
	return status;
}

static void release(void *self)
{
	(void)self; /* a back end that owns something frees it here */
}

static spn_status print(const spn_account *account, const spn_bytes *matched, size_t n, void *data, spn_error *err)
{
	(void)data, (void)err;
	for (size_t i = 0; i < n; i++)
		printf("%s is held by %s\n", matched[i].data, spn_account_name(account));
	return SPN_OK;
}

int main(int argc, char **argv)
{
	static const spn_backend backend = {
		.version = SPN_BACKEND_VERSION, .name = "inventory",
		.search = search, .modify = modify, .root = root, .free = release,
	};
	spn_error err = { .status = SPN_OK };
	spn_change_options unrecorded = SPN_CHANGE_OPTIONS_INIT;
	spn_directory *dir = NULL;
	unrecorded.flags = SPN_NO_JOURNAL; /* what is in memory only is gone at the end: there is nothing to undo */
	if (argc != 2)
		return fprintf(stderr, "usage: backend NAME\n"), 2;
	const char *const names[] = { argv[1] };
	if (spn_directory_new(&backend, NULL, "inventory:", false, &dir, &err) || spn_add_unique(dir, "svc-db", names, 1, &unrecorded, &err) ||
			spn_query(dir, "*", false, print, NULL, &err))
		printf("%s\n", err.message);
	spn_directory_free(dir);
	return err.status ? 1 : 0;
}
