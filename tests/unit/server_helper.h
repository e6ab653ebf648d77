/* SPDX-License-Identifier: MIT */
/* server_helper.h - a directory that is no file: whatever it is asked costs a search */
#ifndef SERVER_HELPER_H
#define SERVER_HELPER_H

#include "ops.h"

#include <spnkit/backend.h>

struct server {
	spn_directory *dir;
	const char *config; /* what its root says of configurationNamingContext; NULL: nothing */
	size_t n_searches;
};

static inline spn_status search_server(void *self, const spn_search *search, spn_entry_fn *fn, void *data,
		spn_error *err)
{
	struct server *server = self;
	server->n_searches++;
	return spn_directory_search(server->dir, search, fn, data, err);
}

static inline spn_status modify_server(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	const struct server *server = self;
	return spn_directory_modify(server->dir, dn, mods, n_mods, err);
}

static inline spn_status root_of_server(void *self, spn_entry **ret_root, spn_error *err)
{
	const struct server *server = self;
	const char *config = server->config;
	spn_status status = spn_entry_new("", ret_root, err);
	if (!status)
		status = spn_entry_add(*ret_root, "defaultNamingContext", (spn_bytes){ BASE, strlen(BASE) }, err);
	if (!status && config)
		status = spn_entry_add(*ret_root, "configurationNamingContext", (spn_bytes){ config, strlen(config) }, err);
	if (status)
		*ret_root = spn_entry_free(*ret_root);
	return status;
}

/* It is the test's. */
static inline void free_server(void *self)
{
	(void)self;
}

#define SERVER_BACKEND(search_fn) { .version = SPN_BACKEND_VERSION, .name = "server", .search = (search_fn), \
	.modify = modify_server, .root = root_of_server, .free = free_server }

static inline spn_directory *open_server(struct server *server)
{
	static const spn_backend backend = SERVER_BACKEND(search_server);
	spn_directory *dir = NULL;
	assert_int_equal(spn_directory_new(&backend, server, "server:", true, &dir, NULL), SPN_OK);
	return dir;
}

#endif
