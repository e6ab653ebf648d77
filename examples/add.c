/* SPDX-License-Identifier: MIT */
/* add.c - give names to an account, uniquely, and explain a refusal:  add DIRECTORY ACCOUNT NAME... */
#include <stdio.h>
#include <spnkit/spnkit.h>

static const char *advice(spn_status status)
{
	switch (status) {
	case SPN_ERR_NOT_UNIQUE: return "take the name from its holder first (spn_delete), or use another name";
	case SPN_ERR_SYNTAX: return "write it as class/host";
	case SPN_ERR_NOT_FOUND: return "check the account's name";
	case SPN_ERR_DENIED: return "ask somebody who may write this account";
	case SPN_ERR_AUTH: return "get a ticket first (kinit)";
	case SPN_ERR_UNREACHABLE: return "try again when the directory answers";
	default: return "";
	}
}

int main(int argc, char **argv)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	if (argc < 4)
		return fprintf(stderr, "usage: add DIRECTORY ACCOUNT NAME...\n"), 2;
	const char *const *names = (const char *const *)argv + 3;
	if (spn_directory_open(argv[1], NULL, &dir, &err) || spn_add_unique(dir, argv[2], names, (size_t)argc - 3, NULL, &err))
		/* the message names the holder; the status is for the program */
		printf("%s: %s\n\t%s\n", spn_status_name(err.status), err.message, advice(err.status));
	else
		printf("'%s' holds them now\n", argv[2]);
	spn_directory_free(dir);
	return err.status ? 1 : 0;
}
