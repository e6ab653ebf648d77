/* SPDX-License-Identifier: MIT */
#include "products.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"

struct products {
	spk_product *list;
	size_t n;
};

static void clear_products(struct products *products)
{
	for (size_t i = 0; i < products->n; i++) {
		for (size_t j = 0; j < products->list[i].n_classes; j++)
			free(products->list[i].classes[j]);
		free(products->list[i].classes);
	}
	free(products->list);
}

/* There are some forty: names of the library, each of which is one constant. */
static spk_product *find_product(struct products *products, const char *name)
{
	for (size_t i = 0; i < products->n; i++)
		if (products->list[i].name == name)
			return &products->list[i];
	spk_product *grown = realloc(products->list, (products->n + 1) * sizeof *grown);
	if (!grown)
		return NULL;
	products->list = grown;
	grown[products->n] = (spk_product){ .name = name };
	return &grown[products->n++];
}

/* Of classes that are not known, some are listed. */
static bool note_class(spk_product *product, const char *spn)
{
	enum { MOST = 100 };
	size_t len = strcspn(spn, "/");
	for (size_t i = 0; i < product->n_classes; i++)
		if (strncasecmp(product->classes[i], spn, len) == 0 && !product->classes[i][len])
			return true;
	if (product->n_classes == MOST)
		return true;
	char **grown = realloc(product->classes, (product->n_classes + 1) * sizeof *grown);
	if (!grown)
		return false;
	product->classes = grown;
	grown[product->n_classes] = strndup(spn, len);
	return grown[product->n_classes] && ++product->n_classes;
}

static spn_status count_names(const spn_account *account, const spn_bytes *matched, size_t n_matched, void *data,
		spn_error *err)
{
	struct products *products = data;
	(void)account;
	for (size_t i = 0; i < products->n; i++)
		products->list[i].is_counted = false;
	for (size_t i = 0; i < n_matched; i++) {
		spk_product *product = find_product(products, spn_class_product(matched[i].data));
		if (!product || !note_class(product, matched[i].data))
			return spk_nomem(err);
		product->n_names++;
		product->n_accounts += !product->is_counted;
		product->is_counted = true;
	}
	return SPN_OK;
}

/* By name; what is not known comes last. */
static int compare_products(const void *a, const void *b)
{
	const spk_product *left = a, *right = b;
	if (!left->name || !right->name)
		return !left->name - !right->name;
	return strcasecmp(left->name, right->name);
}

spn_status spn_report_products(spn_report *report, spn_directory *const *dirs, size_t n, bool forest, spn_error *err)
{
	if (!report || (n && !dirs))
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_report_products: an argument is NULL");
	struct products products = { .n = 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		status = spn_query(dirs[i], "*", forest, count_names, &products, err);
	if (!status && products.n)
		qsort(products.list, products.n, sizeof *products.list, compare_products);
	for (size_t i = 0; !status && report->form->product && i < products.n; i++)
		report->form->product(report, &products.list[i]);
	clear_products(&products);
	return status;
}
