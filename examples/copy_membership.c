/* SPDX-License-Identifier: MIT */
/* copy_membership.c - make one account a member of the groups of another:  copy_membership DIRECTORY FROM TO */
#include <stdio.h>
#include <stdlib.h>
#include <spnkit/spnkit.h>

static spn_status print(const spn_group *group, void *data, spn_error *err)
{
	char *name = spn_text_shell_word(group->name); /* what a terminal would obey is escaped in it */
	printf("%s: %s %s\n", name, spn_group_outcome_name(group->outcome), group->text);
	return (void)data, (void)err, free(name), SPN_OK;
}

int main(int argc, char **argv)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	if (argc != 4)
		return fprintf(stderr, "usage: copy_membership DIRECTORY FROM TO\n"), 2;
	/* NULL: what is done is recorded in the default folder, and "spnkit undo" takes it back */
	int failed = spn_directory_open(argv[1], NULL, &dir, &err) ||
			spn_copy_membership(dir, argv[2], argv[3], NULL, print, NULL, &err);
	if (failed)
		fprintf(stderr, "%s: %s\n", spn_status_name(err.status), err.message);
	spn_directory_free(dir);
	return failed;
}
