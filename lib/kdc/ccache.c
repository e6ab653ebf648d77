/* SPDX-License-Identifier: MIT */
#include "ccache.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

static krb5_boolean is_other(krb5_context krb5, void *data, const krb5_creds *creds)
{
	const krb5_creds *ours = data;
	return !krb5_principal_compare(krb5, creds->server, ours->server);
}

/* An empty file beside another, with its owner.  Returns its name for free(), or NULL and errno. */
static char *make_file(const char *path)
{
	char *name = spk_printf("FILE:%s.XXXXXX", path);
	int fd = name ? mkstemp(name + strlen("FILE:")) : -1;
	if (fd < 0) {
		free(name); /* which leaves errno as it is */
		return NULL;
	}
	struct stat info;
	if (stat(path, &info) == 0 && info.st_uid != geteuid())
		(void)!fchown(fd, info.st_uid, info.st_gid);
	close(fd);
	return name;
}

/* At no time is there half a cache under its name. */
static krb5_error_code replace_file(krb5_context krb5, krb5_ccache cache, krb5_ccache with)
{
	krb5_ccache file;
	char *name = make_file(krb5_cc_get_name(krb5, cache));
	if (!name)
		return errno;
	krb5_error_code code = krb5_cc_resolve(krb5, name, &file);
	if (!code) {
		code = krb5_cc_copy_cache(krb5, with, file);
		if (!code && rename(name + strlen("FILE:"), krb5_cc_get_name(krb5, cache)) != 0)
			code = errno;
		krb5_cc_close(krb5, file);
	}
	if (code)
		unlink(name + strlen("FILE:"));
	free(name);
	return code;
}

/* krb5_cc_remove_cred would do, were it not that Heimdal only marks a ticket in a file as expired; and it is that one
 * which is found then, not the new one behind it. */
static krb5_error_code replace(krb5_context krb5, krb5_ccache cache, krb5_creds *creds)
{
	krb5_ccache copy;
	krb5_error_code code = krb5_cc_new_unique(krb5, "MEMORY", NULL, &copy);
	if (code)
		return code;
	code = krb5_cc_copy_match_f(krb5, cache, copy, is_other, creds, NULL);
	if (!code)
		code = krb5_cc_store_cred(krb5, copy, creds);
	if (!code)
		code = strcmp(krb5_cc_get_type(krb5, cache), "FILE") == 0 ? replace_file(krb5, cache, copy)
				: krb5_cc_copy_cache(krb5, copy, cache);
	krb5_cc_destroy(krb5, copy);
	return code;
}

krb5_error_code spk_ccache_put(krb5_context krb5, krb5_ccache cache, krb5_creds *creds)
{
	krb5_creds same = { .client = creds->client, .server = creds->server }, old = { 0 };
	if (krb5_cc_retrieve_cred(krb5, cache, 0, &same, &old) != 0)
		return krb5_cc_store_cred(krb5, cache, creds);
	krb5_free_cred_contents(krb5, &old);
	return replace(krb5, cache, creds);
}
