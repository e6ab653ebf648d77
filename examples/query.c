/* SPDX-License-Identifier: MIT */
/* query.c - who holds a name?  cc query.c $(pkg-config --cflags --libs spnkit) */
#include <stdio.h>
#include <spnkit/spnkit.h>

int main(int argc, char **argv)
{
	spn_error err = { .message = "usage: query DIRECTORY NAME" };
	spn_directory *dir = NULL;
	spn_report *report = NULL;
	int failed = argc != 3 || spn_directory_open(argv[1], NULL, &dir, &err) || spn_report_new(NULL, &report, &err) ||
			spn_query(dir, argv[2], false, spn_report_on_account, report, &err) || spn_report_flush(report, &err);
	if (failed)
		fprintf(stderr, "%s\n", err.message);
	spn_report_free(report);
	spn_directory_free(dir);
	return failed;
}
