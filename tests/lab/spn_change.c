/* SPDX-License-Identifier: MIT */
/* spn_change windows|samba|URL - changes of servicePrincipalName, one a line of standard input: what the directory
 * says of each
 *
 *   open FILE              (windows and samba) the LDIF to start from
 *   add|delete DN HEX...   one request with these values; DN and values in hexadecimal digits
 *
 * Answers "ok", or the LDAP code, in a line each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spnkit/backend.h>
#include <spnkit/mock.h>
#include <spnkit/spnkit.h>

enum { VALUES_MAX = 64 };

static spn_directory *dir;

/* In place. */
static spn_bytes unhex(char *text)
{
	size_t n = 0;
	unsigned byte;
	for (; sscanf(text + 2 * n, "%2x", &byte) == 1; n++)
		text[n] = (char)byte;
	text[n] = '\0';
	return (spn_bytes){ text, n };
}

static spn_status open_file(const char *kind, const char *path, spn_error *err)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "re");
	if (!file || getdelim(&text, &size, '\0', file) < 0)
		return spn_fail(err, SPN_ERR_FAILED, 0, "cannot read '%s'", path);
	fclose(file);
	dir = spn_directory_free(dir);
	spn_status status = spn_mock_new(text, strcmp(kind, "samba") ? SPN_DIALECT_WINDOWS : SPN_DIALECT_SAMBA, &dir, err);
	free(text);
	return status;
}

static spn_status change(char *line, spn_error *err)
{
	spn_mod mods[VALUES_MAX];
	size_t n = 0;
	spn_mod_op op = strncmp(line, "add ", 4) == 0 ? SPN_MOD_ADD : SPN_MOD_DELETE;
	char *at = NULL, *word = strtok_r(strchr(line, ' '), " ", &at);
	spn_bytes dn = unhex(word);
	while (n < VALUES_MAX && (word = strtok_r(NULL, " ", &at)))
		mods[n++] = (spn_mod){ .op = op, .attr = "servicePrincipalName", .value = unhex(word) };
	return spn_directory_modify(dir, dn.data, mods, n, err);
}

int main(int argc, char **argv)
{
	spn_error err = { .status = SPN_OK };
	char *line = NULL;
	size_t size = 0;
	if (argc != 2)
		return 2;
	if (strchr(argv[1], ':') && spn_directory_open(argv[1], NULL, &dir, &err)) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	for (ssize_t len; (len = getline(&line, &size, stdin)) > 0;) {
		line[strcspn(line, "\n")] = '\0';
		spn_status status = strncmp(line, "open ", 5) == 0 ? open_file(argv[1], line + 5, &err) : change(line, &err);
		if (status)
			printf("%d\n", err.native);
		else
			puts("ok");
		fflush(stdout);
	}
	free(line);
	spn_directory_free(dir);
	return 0;
}
