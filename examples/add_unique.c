/* SPDX-License-Identifier: MIT */
/* add_unique.c - give names to an account, if no other account holds them, with a journal to undo it:
 * add_unique DIRECTORY JOURNAL ACCOUNT NAME... */
#include <stdio.h>
#include <spnkit/spnkit.h>

int main(int argc, char **argv)
{
	spn_error err = { .status = SPN_OK };
	spn_change_options how = SPN_CHANGE_OPTIONS_INIT;
	spn_directory *dir = NULL;
	if (argc < 5)
		return fprintf(stderr, "usage: add_unique DIRECTORY JOURNAL ACCOUNT NAME...\n"), 2;
	how.journal = argv[2];
	const char *const *spns = (const char *const *)argv + 4;
	int failed = spn_directory_open(argv[1], NULL, &dir, &err) ||
			spn_add_unique(dir, argv[3], spns, (size_t)argc - 4, &how, &err);
	if (failed)
		fprintf(stderr, "%s: %s\n", spn_status_name(err.status), err.message); /* it names the holder */
	spn_directory_free(dir);
	return failed;
}
