/* SPDX-License-Identifier: MIT */
#include "ccache.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include "krb5_error.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

/* What MIT's krb5.conf(5) calls it; Heimdal reads only its own settings. */
static krb5_error_code read_default_name(krb5_context krb5)
{
	const char *name = krb5_config_get_string(krb5, NULL, "libdefaults", "default_ccache_name", NULL);
	const char *environment = secure_getenv("KRB5CCNAME");
	bool is_chosen = environment || krb5_config_get_string(krb5, NULL, "libdefaults", "default_cc_name", NULL) ||
			krb5_config_get_string(krb5, NULL, "libdefaults", "default_cc_type", NULL);
	return name && !is_chosen ? krb5_cc_set_default_name(krb5, name) : 0;
}

krb5_error_code spk_ccache_open(krb5_context krb5, const char *name, krb5_ccache *ret_cache)
{
	krb5_error_code code = name ? 0 : read_default_name(krb5);
	if (code)
		return code;
	if (!name)
		name = krb5_cc_default_name(krb5);
	if (!name)
		return ENOMEM;
	const krb5_cc_ops *ops = strcmp(name, "KCM:") == 0 ? krb5_cc_get_prefix_ops(krb5, name) : NULL;
	char *whole = NULL; /* Heimdal itself takes "KCM:" for a cache with an empty name */
	if (ops && ops->get_default_name && (code = ops->get_default_name(krb5, &whole)) != 0)
		return code;
	code = krb5_cc_resolve(krb5, whole ? whole : name, ret_cache);
	free(whole);
	return code;
}

static bool is_cache_of(krb5_context krb5, krb5_ccache cache, krb5_const_principal client)
{
	krb5_principal owner;
	if (krb5_cc_get_principal(krb5, cache, &owner) != 0)
		return false;
	bool same = krb5_principal_compare(krb5, owner, client);
	krb5_free_principal(krb5, owner);
	return same;
}

krb5_error_code spk_ccache_find(krb5_context krb5, krb5_const_principal client, krb5_ccache *ret_cache)
{
	krb5_cc_cache_cursor cursor;
	krb5_error_code code = spk_ccache_open(krb5, NULL, ret_cache);
	if (code || is_cache_of(krb5, *ret_cache, client))
		return code;
	const char *type = krb5_cc_get_type(krb5, *ret_cache);
	if (strcmp(type, "MEMORY") == 0 || krb5_cc_cache_get_first(krb5, type, &cursor) != 0)
		return 0;
	for (krb5_ccache cache; krb5_cc_cache_next(krb5, cursor, &cache) == 0; krb5_cc_close(krb5, cache)) {
		if (is_cache_of(krb5, cache, client)) {
			krb5_cc_close(krb5, *ret_cache);
			*ret_cache = cache;
			break;
		}
	}
	krb5_cc_cache_end_seq_get(krb5, cursor);
	return 0;
}

spn_status spk_ccache_fail(spn_error *err, krb5_context krb5, krb5_error_code code, const char *name)
{
	char use_file[100];
	if (!name)
		name = krb5_cc_default_name(krb5);
	if (!name)
		return spk_nomem(err);
	snprintf(use_file, sizeof use_file, "'export KRB5CCNAME=FILE:/tmp/krb5cc_%lu', then kinit", (unsigned long)getuid());
	if (code == KRB5_CC_NOSUPP && strncmp(name, "KCM:", 4) == 0)
		return spn_fail(err, SPN_ERR_AUTH, code, "no KCM service answers, which keeps the credential cache '%s': start it "
				"('systemctl start sssd-kcm.socket'), or use a file: %s", name, use_file);
	if (code == KRB5_CC_UNKNOWN_TYPE || code == KRB5_CC_NOSUPP)
		return spn_fail(err, SPN_ERR_AUTH, code,
				"the credential cache '%s' is of a type that Heimdal cannot read: use a file: %s", name,
				use_file);
	if (code == EINVAL)
		return spn_fail(err, SPN_ERR_AUTH, 0,
				"the name of the default credential cache in krb5.conf has a %%{...} that Heimdal does "
				"not know: use a file: %s",
				use_file);
	return spk_krb5_fail(err, krb5, code, "no Kerberos credentials in '%s', run kinit or use a keytab", name);
}

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
