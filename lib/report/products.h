/* SPDX-License-Identifier: MIT */
/* products.h - the names of a directory by the product that registers them */
#ifndef CLI_PRODUCTS_H
#define CLI_PRODUCTS_H

#include "cli.h"

/* A product and its names. */
struct product {
	const char *name; /* NULL: not known */
	char **classes;   /* as they are spelled first */
	size_t n_classes, n_names, n_accounts;
	bool is_counted; /* of the account at hand */
};

/* Counts the names of all accounts of the directories, and prints one record for each product. */
spn_status products_show(struct cli *cli, spn_directory *const *dirs, size_t n, spn_error *err);

#endif
