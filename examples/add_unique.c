/* SPDX-License-Identifier: MIT */
/* add_unique.c - give names to an account, if no other account holds them, with a journal to undo it:
 * add_unique DIRECTORY JOURNAL ACCOUNT NAME... */
#include <stdio.h>
#include <spnkit/spnkit.h>

int main(int argc, char **argv)
{
	spn_error err = { .message = "usage: add_unique DIRECTORY JOURNAL ACCOUNT NAME..." };
	spn_change_options how = SPN_CHANGE_OPTIONS_INIT;
	spn_directory *dir = NULL;
	how.journal = argc > 2 ? argv[2] : NULL;
	int failed = argc < 5 || spn_directory_open(argv[1], NULL, &dir, &err) ||
			spn_add_unique(dir, argv[3], (const char *const *)argv + 4, (size_t)argc - 4, &how, &err);
	if (failed)
		fprintf(stderr, "%s\n", err.message); /* it names the holder */
	spn_directory_free(dir);
	return failed;
}
