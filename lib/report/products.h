/* SPDX-License-Identifier: MIT */
/* products.h - the names of a directory by the product that registers them */
#ifndef SPK_PRODUCTS_H
#define SPK_PRODUCTS_H

#include "form.h"

/* A product and its names. */
struct spk_product {
	const char *name; /* NULL: not known */
	char **classes;   /* as they are spelled first */
	size_t n_classes, n_names, n_accounts;
	bool is_counted; /* of the account at hand */
};

#endif
