/* SPDX-License-Identifier: MIT */
/* server.h - a server that is to be repaired, the names that clients ask for, and what is told of them */
#ifndef SPK_SERVER_H
#define SPK_SERVER_H

#include "account/by_cn.h"
#include "account/hosts.h"
#include "propose.h"

/* Names that clients may ask for, and where each is in the list. */
struct asked {
	spk_names names;
	spk_roll roll;
};

/* A server, the names that clients may ask for, and who holds them. */
struct server {
	spn_directory *dir;
	spn_account *computer;
	spk_hosts hosts;
	struct asked plain; /* service/host for each of them; once the holders are known, for the defaults and where
			       others hold it */
	struct asked ported; /* the same with :port */
	spk_names contested; /* service/host that is not in plain, and of which Samba's KDC finds another computer, too */
	spk_live_mapping live;
	spk_accounts holders; /* of any of the names, and of what they are aliases of */
	spk_accounts beyond;  /* those of other domains, if the catalog is asked */
	spk_roll roll;        /* what the holders hold */
	spk_roll own;         /* what the computer holds */
	spk_by_cn by_cn;      /* computers that Samba's KDC finds for the names, or for what they are aliases of */
	spk_teller teller;
};

/* The first account other than the computer that holds a name. */
static inline const spn_account *spk_server_other_holder(
		const struct server *server, const char *name, const char **ret_stored)
{
	return spk_holder_on(&server->roll, &server->holders, name, spn_account_dn(server->computer), ret_stored);
}

/* server_tell.c: tell who answers for names.  instead_of: the account that should. */
spn_status spk_server_tell_names(
		const struct server *server, const spk_names *names, const char *instead_of, spn_error *err);
/* A computer that owns no name at all is not found by anybody, port or not. */
spn_status spk_server_tell_nameless(const struct server *server, spn_error *err);
/* The names with the port are the computer's, the others the service's. */
spn_status spk_server_tell_split(const struct server *server, const spn_account *service, spn_error *err);
/* No service has an account of its own here. */
spn_status spk_server_tell_unshared(const struct server *server, size_t n_of_ported, spn_error *err);

#endif
