/* SPDX-License-Identifier: MIT */
/* query.c - who holds a name?  cc query.c $(pkg-config --cflags --libs spnkit) */
#include <stdio.h>
#include <stdlib.h>
#include <spnkit/spnkit.h>

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
	spn_directory *dir = NULL;
	if (argc != 3)
		return fprintf(stderr, "usage: query DIRECTORY NAME\n"), 2;
	int failed = spn_directory_open(argv[1], NULL, &dir, &err) || spn_query(dir, argv[2], false, print, NULL, &err);
	if (failed)
		fprintf(stderr, "%s\n", err.message);
	spn_directory_free(dir);
	return failed;
}
