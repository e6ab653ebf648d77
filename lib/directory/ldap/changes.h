/* SPDX-License-Identifier: MIT */
/*
 * changes.h - the three ways in which a server tells what has changed, and the cookie of each
 *
 * A cookie of ours says which way it is of, and at which server: the name of the server's settings (dsServiceName), a
 * NUL, and the server's own cookie are DirSync's, and were all that there was once; "uSNChanged" or "sync", a NUL, and
 * what that way keeps are the others'.  No DN is called like that.
 */
#ifndef SPK_LDAP_CHANGES_H
#define SPK_LDAP_CHANGES_H

#include "private.h"

#include "base/text.h"

typedef struct spk_changes_run {
	spk_link *link;
	const char *base, *context;
	char **attrs;
	spn_entry_fn *fn; /* NULL: to get a cookie only */
	void *data;
	bool delivered; /* fn has seen an entry */
	spk_text cookie; /* the new one, all of it */
} spk_changes_run;

/* Each of these calls run->fn for the changes since a cookie, and puts the next cookie into run->cookie; without a
 * cookie (since.len 0) it only gets one.  They fail with SPN_ERR_INVALID if the server cannot use the cookie. */
spn_status spk_changes_by_dirsync(spk_changes_run *run, spn_bytes since, spn_error *err);
spn_status spk_changes_by_usn(spk_changes_run *run, spn_bytes since, spn_error *err);
spn_status spk_changes_by_sync(spk_changes_run *run, spn_bytes since, spn_error *err);

#define SPK_CHANGES_USN "uSNChanged"
#define SPK_CHANGES_SYNC "sync"

/* changes_ask.c: whether a cookie begins with a word and a NUL. */
bool spk_changes_is(spn_bytes cookie, const char *word);

/* One search on the connection of the run, and its answer. */
spn_status spk_changes_ask(const spk_changes_run *run, const spn_search *search, const char *filter,
		LDAPControl **controls, LDAPMessage **ret_answer, spn_error *err);
/* One entry by its DN ("": the root DSE).  SPN_ERR_NOT_FOUND if it cannot be seen. */
spn_status spk_changes_read(const spk_changes_run *run, const char *dn, const char *const *attrs, spn_entry **ret_entry,
		spn_error *err);
spn_status spk_changes_deliver(spk_changes_run *run, LDAPMessage *message, spn_error *err);
/* Appends a word, and a NUL, to the new cookie. */
void spk_changes_put_word(spk_changes_run *run, const char *word);
/* The server on the connection, asked for once, or taken from a root DSE. */
#define SPK_CHANGES_SERVICE "dsServiceName"
spn_status spk_changes_keep_service(const spk_changes_run *run, const spn_entry *root, spn_error *err);
spn_status spk_changes_service(const spk_changes_run *run, spn_error *err);

#endif
