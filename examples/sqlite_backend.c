/* SPDX-License-Identifier: MIT */
/* sqlite_backend.c - a directory of one's own: what an LDIF file holds, in SQLite, changed and asked like any other; it
 * passes the contract suite (tests/contract):
 * cc sqlite_backend.c -lsqlite3 $(pkg-config --cflags --libs spnkit); sqlite_backend ldif:FILE NAME */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <spnkit/backend.h>
#include <spnkit/spnkit.h>

enum { DN_MAX = 2000, NO_SUCH_VALUE = 16, VALUE_EXISTS = 20, NO_SUCH_ENTRY = 32 }; /* result codes of LDAP */

static const char schema[] = "CREATE TABLE entry(id INTEGER PRIMARY KEY, dn TEXT, norm TEXT UNIQUE);"
	"CREATE TABLE value(entry INTEGER, attr TEXT COLLATE NOCASE, value BLOB, norm TEXT);"
	"CREATE INDEX by_entry ON value(entry, attr); CREATE INDEX by_norm ON value(norm)";

static spn_status failed(sqlite3 *db, spn_error *err)
{
	return spn_fail(err, SPN_ERR_FAILED, 0, "SQLite: %s", sqlite3_errmsg(db));
}

/* A statement with an entry's number, an attribute and a text; each of them may be absent. */
static sqlite3_stmt *prepare(sqlite3 *db, const char *sql, sqlite3_int64 id, const char *attr, const char *text)
{
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_int64(statement, 1, id);
	sqlite3_bind_text(statement, 2, attr, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(statement, 3, text, -1, SQLITE_TRANSIENT);
	return statement;
}

static spn_bytes bytes_of(sqlite3_stmt *statement, int column)
{
	const void *data = sqlite3_column_blob(statement, column);
	return (spn_bytes){ data ? data : "", (size_t)sqlite3_column_bytes(statement, column) };
}

/* The number of an entry; 0: there is none. */
static sqlite3_int64 find(sqlite3 *db, const char *dn)
{
	char norm[DN_MAX];
	spn_dn_normalize(dn, norm, sizeof norm);
	sqlite3_stmt *statement =
			prepare(db, "SELECT id FROM entry WHERE norm = ?3 AND ?1 = ?1 AND ?2 IS NULL", 0, NULL, norm);
	sqlite3_int64 id = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_finalize(statement);
	return id;
}

/* ---- reading ---- */

static bool is_wanted(const char *const *attrs, const char *attr)
{
	for (size_t i = 0; attrs && attrs[i]; i++)
		if (strcasecmp(attrs[i], attr) == 0)
			return true;
	return !attrs;
}

/* memberOf is what the groups say in member. */
static spn_status load(
		sqlite3 *db, sqlite3_int64 id, const char *dn, const char *const *attrs, spn_entry **ret_entry, spn_error *err)
{
	char norm[DN_MAX];
	spn_entry *entry = NULL;
	spn_dn_normalize(dn, norm, sizeof norm);
	sqlite3_stmt *statement = prepare(db, "SELECT attr, value FROM value WHERE entry = ?1 AND ?2 IS NULL UNION ALL "
			"SELECT 'memberOf', dn FROM entry, value WHERE value.norm = ?3 AND value.entry = entry.id", id, NULL, norm);
	spn_status status = statement ? spn_entry_new(dn, &entry, err) : failed(db, err);
	while (!status && sqlite3_step(statement) == SQLITE_ROW) {
		const char *attr = (const char *)sqlite3_column_text(statement, 0);
		if (is_wanted(attrs, attr))
			status = spn_entry_add(entry, attr, bytes_of(statement, 1), err);
	}
	sqlite3_finalize(statement);
	*ret_entry = status ? spn_entry_free(entry) : entry;
	return status;
}

static bool is_in_scope(const char *norm, const char *base, spn_scope scope)
{
	size_t len = strlen(norm), base_len = strlen(base);
	if (len == base_len || len < base_len || strcmp(norm + len - base_len, base) != 0)
		return scope != SPN_SCOPE_ONE && strcmp(norm, base) == 0;
	if (base_len && (norm[len - base_len - 1] != ',' || norm[len - base_len - 2] == '\\'))
		return false;
	size_t first = 0; /* where the first RDN ends */
	while (first < len && norm[first] != ',')
		first += norm[first] == '\\' ? 2 : 1;
	return scope == SPN_SCOPE_SUBTREE || (scope == SPN_SCOPE_ONE && first + 1 + base_len == len);
}

/* Of an entry in scope: the filter sees all of it, fn what it asked for. */
static spn_status visit(
		sqlite3 *db, const spn_search *search, sqlite3_stmt *at, spn_entry_fn *fn, void *data, spn_error *err)
{
	sqlite3_int64 id = sqlite3_column_int64(at, 0);
	const char *dn = (const char *)sqlite3_column_text(at, 1);
	spn_entry *entry = NULL;
	bool matches = true;
	spn_status status = load(db, id, dn, NULL, &entry, err);
	if (!status && search->filter)
		status = spn_filter_match(search->filter, entry, &matches, err);
	if (!status && matches && search->attrs) {
		entry = spn_entry_free(entry);
		status = load(db, id, dn, search->attrs, &entry, err);
	}
	if (!status && matches)
		status = fn(entry, data, err);
	spn_entry_free(entry);
	return status;
}

static spn_status search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	sqlite3 *db = self;
	char base[DN_MAX] = "";
	if (!search->forest)
		spn_dn_normalize(search->base, base, sizeof base);
	if (!search->forest && !find(db, search->base)) {
		spn_fail(err, SPN_ERR_NOT_FOUND, NO_SUCH_ENTRY, "there is no entry '%s'", search->base);
		if (err)
			err->family = SPN_NATIVE_LDAP;
		return SPN_ERR_NOT_FOUND;
	}
	sqlite3_stmt *at = prepare(db, "SELECT id, dn, norm FROM entry WHERE norm != '' OR ?1 = 1 OR ?2 IS ?3", 0, "", NULL);
	spn_status status = at ? SPN_OK : failed(db, err);
	while (!status && sqlite3_step(at) == SQLITE_ROW)
		if (is_in_scope((const char *)sqlite3_column_text(at, 2), base, search->forest ? SPN_SCOPE_SUBTREE : search->scope))
			status = visit(db, search, at, fn, data, err);
	sqlite3_finalize(at);
	return status;
}

static spn_status root(void *self, spn_entry **ret_root, spn_error *err)
{
	return load(self, find(self, ""), "", NULL, ret_root, err);
}

/* ---- writing ---- */

static spn_status store_value(sqlite3 *db, sqlite3_int64 id, const char *attr, spn_bytes value, spn_error *err)
{
	char norm[DN_MAX] = "";
	bool is_member = strcasecmp(attr, "member") == 0;
	if (is_member)
		spn_dn_normalize(value.data, norm, sizeof norm);
	sqlite3_stmt *statement = prepare(db, "INSERT INTO value VALUES(?1, ?2, ?4, ?3)", id, attr, is_member ? norm : NULL);
	sqlite3_bind_blob(statement, 4, value.data, (int)value.len, SQLITE_TRANSIENT);
	bool is_done = sqlite3_step(statement) == SQLITE_DONE;
	sqlite3_finalize(statement);
	return is_done ? SPN_OK : failed(db, err);
}

static bool is_same(const char *attr, spn_bytes a, spn_bytes b)
{
	char one[DN_MAX], other[DN_MAX];
	snprintf(one, sizeof one, "%.*s", (int)a.len, a.data);
	snprintf(other, sizeof other, "%.*s", (int)b.len, b.data);
	return (strcasecmp(attr, "member") == 0 ? spn_dn_compare : spn_name_compare)(one, other) == 0;
}

/* Where a value is; 0: nowhere. */
static sqlite3_int64 find_value(sqlite3 *db, sqlite3_int64 id, const spn_mod *mod)
{
	sqlite3_int64 row = 0;
	sqlite3_stmt *at = prepare(db, "SELECT rowid, value FROM value WHERE entry = ?1 AND attr = ?2 AND ?3 IS NULL",
			id, mod->attr, NULL);
	while (!row && sqlite3_step(at) == SQLITE_ROW)
		if (is_same(mod->attr, bytes_of(at, 1), mod->value))
			row = sqlite3_column_int64(at, 0);
	sqlite3_finalize(at);
	return row;
}

static spn_status change(sqlite3 *db, sqlite3_int64 id, const spn_mod *mod, spn_error *err)
{
	sqlite3_int64 row = find_value(db, id, mod);
	if (mod->op == SPN_MOD_ADD)
		return row ? spn_fail(err, SPN_ERR_EXISTS, VALUE_EXISTS, "'%s' has this value already", mod->attr) :
			     store_value(db, id, mod->attr, mod->value, err);
	if (!row)
		return spn_fail(err, SPN_ERR_NOT_FOUND, NO_SUCH_VALUE, "'%s' does not have this value", mod->attr);
	sqlite3_stmt *statement = prepare(db, "DELETE FROM value WHERE rowid = ?1 AND ?2 IS ?3", row, NULL, NULL);
	bool is_done = sqlite3_step(statement) == SQLITE_DONE;
	sqlite3_finalize(statement);
	return is_done ? SPN_OK : failed(db, err);
}

/* All of the changes, or none. */
static spn_status modify(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	sqlite3 *db = self;
	sqlite3_int64 id = find(db, dn);
	spn_status status = id ? SPN_OK : spn_fail(err, SPN_ERR_NOT_FOUND, NO_SUCH_ENTRY, "there is no entry '%s'", dn);
	sqlite3_exec(db, "SAVEPOINT change", NULL, NULL, NULL);
	for (size_t i = 0; !status && i < n_mods; i++)
		status = change(db, id, &mods[i], err);
	if (status && err && err->native)
		err->family = SPN_NATIVE_LDAP;
	sqlite3_exec(db, status ? "ROLLBACK TO change; RELEASE change" : "RELEASE change", NULL, NULL, NULL);
	return status;
}

static void close_db(void *self)
{
	sqlite3_close(self);
}

/* ---- opening ---- */

static spn_status import(const spn_entry *entry, void *data, spn_error *err)
{
	sqlite3 *db = data;
	char norm[DN_MAX];
	spn_dn_normalize(spn_entry_dn(entry), norm, sizeof norm);
	sqlite3_stmt *statement = prepare(
			db, "INSERT INTO entry(dn, norm) SELECT ?2, ?3 WHERE ?1 = 0", 0, spn_entry_dn(entry), norm);
	spn_status status = sqlite3_step(statement) == SQLITE_DONE ? SPN_OK : failed(db, err);
	sqlite3_finalize(statement);
	sqlite3_int64 id = sqlite3_last_insert_rowid(db);
	for (size_t i = 0; !status && i < spn_entry_count(entry); i++) {
		const spn_bytes *values;
		size_t n;
		const char *attr = spn_entry_attribute(entry, i, &values, &n);
		for (size_t v = 0; !status && v < n && strcasecmp(attr, "memberOf") != 0; v++)
			status = store_value(db, id, attr, values[v], err);
	}
	return status;
}

/* A directory in memory with all that another one holds. */
spn_status sqlite_directory_new(spn_directory *from, bool read_only, spn_directory **ret_dir, spn_error *err);
spn_status sqlite_directory_new(spn_directory *from, bool read_only, spn_directory **ret_dir, spn_error *err)
{
	static const spn_backend backend = { .version = SPN_BACKEND_VERSION,
		.name = "sqlite",
		.search = search,
		.modify = modify,
		.root = root,
		.free = close_db };
	const spn_search all = { .scope = SPN_SCOPE_SUBTREE };
	const spn_entry *root_dse = NULL;
	sqlite3 *db = NULL;
	spn_status status = spn_directory_root(from, &root_dse, err);
	if (!status && (sqlite3_open(":memory:", &db) || sqlite3_exec(db, schema, NULL, NULL, NULL)))
		status = failed(db, err);
	if (!status)
		status = import(root_dse, db, err);
	if (!status)
		status = spn_directory_search(from, &all, import, db, err);
	if (!status)
		status = spn_directory_new(&backend, db, "sqlite:", read_only, ret_dir, err);
	if (status)
		sqlite3_close(db);
	return status;
}

#ifndef SQLITE_DIRECTORY_ONLY
static spn_status print(const spn_account *account, const spn_bytes *spns, size_t n, void *data, spn_error *err)
{
	char *spn, *dn = spn_text_shell_word(spn_account_dn(account)); /* what a terminal would obey is escaped in it */
	for (size_t i = 0; i < n; i++, free(spn))
		printf("%s is held by %s\n", spn = spn_text_shell_word(spns[i].data), dn);
	return (void)data, (void)err, free(dn), SPN_OK;
}

int main(int argc, char **argv)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *ldif = NULL, *dir = NULL;
	if (argc != 3 || spn_directory_open(argv[1], NULL, &ldif, &err) || sqlite_directory_new(ldif, false, &dir, &err) ||
			spn_query(dir, argv[2], false, print, NULL, &err))
		fprintf(stderr, "sqlite_backend ldif:FILE NAME: %s\n", err.message);
	spn_directory_free(dir);
	spn_directory_free(ldif);
	return err.status != SPN_OK;
}
#endif
