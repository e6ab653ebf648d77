/* SPDX-License-Identifier: MIT */
/* sasl.h - one log-on by Cyrus SASL, and the layer that it leaves on a connection */
#ifndef SPK_LDAP_SASL_H
#define SPK_LDAP_SASL_H

#include <sasl/sasl.h>

#include "private.h"

/* What a mechanism takes to say who we are. */
typedef enum spk_mech_needs {
	SPK_NEEDS_TICKET,   /* Kerberos */
	SPK_NEEDS_PASSWORD, /* never sent: the server is given a proof that we know it */
	SPK_NEEDS_SOCKET    /* the server sees by a local socket who we are */
} spk_mech_needs;

/* A mechanism, by the name that goes to the server. */
typedef struct spk_mech {
	const char *name;
	const char *ours; /* its name within Cyrus SASL, if that differs: the mechanism is compiled into this library */
	spk_mech_needs needs;
	const char *module; /* of Cyrus SASL that has it: "libscram.so"; NULL: none is needed */
} spk_mech;

/* Lives as long as its connection, because Cyrus SASL keeps pointers to it. */
struct spk_sasl {
	sasl_conn_t *conn;
	const spk_mech *mech;
	const spk_ldap *ldap;
	spk_link *link;
	const char *principal;     /* in the ticket of the server */
	struct berval certificate; /* of the server, inside TLS */
	spn_status status;         /* why our own mechanism failed */
	spn_error *err;
	sasl_secret_t *secret;     /* the password; NULL: none, or it is wiped already */
	sasl_callback_t callbacks[6];
	const char *plain; /* what was decoded and is not read yet; Cyrus SASL owns it */
	unsigned left, limit; /* of plain; longest message that may be encoded at once */
};

/* mech.c: the id of a callback whose context is the struct spk_sasl, by which our mechanism finds it. */
#define SPK_SASL_CB_SELF 0x53504bul
#define SPK_SASL_GSS_SPNEGO "SPNKIT-GSS-SPNEGO"
/* Makes our mechanism known to Cyrus SASL: once for the process, and before any thread logs on. */
int spk_mech_add(void);

/* sasl.c */
/* A mechanism that we can use, in any case; NULL: there is none of that name. */
const spk_mech *spk_mech_find(const char *name);
#define SPK_MECH_NAMES "GSS-SPNEGO, EXTERNAL, SCRAM-SHA-256, SCRAM-SHA-512, DIGEST-MD5"
/* Logs on, and seals the connection if nothing else protects it.  principal: in the ticket for the server, if the
 * mechanism takes one.  context is for messages. */
spn_status spk_sasl_log_on(const spk_ldap *ldap, spk_link *link, const spk_mech *mech, const char *principal,
		const char *context, spn_error *err);

/* module.c */
/* Loads the module that a mechanism needs, unless the process has it. */
spn_status spk_mech_load(const spk_mech *mech, spn_error *err);
/* The list of mechanisms is the process's, and Cyrus SASL does not lock it: hold this while it is read, or (change)
 * added to. */
void spk_mech_lock(bool change);
void spk_mech_unlock(void);

/* seal.c: puts the layer that was negotiated on the connection. */
spn_status spk_link_seal(spk_link *link, struct spk_sasl *sasl, spn_error *err);

#endif
