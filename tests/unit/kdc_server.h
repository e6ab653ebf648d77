/* SPDX-License-Identifier: MIT */
/* kdc_server.h - a realm for tests: a KDC in a thread that gives real tickets, a credential cache, a keytab */
#ifndef KDC_SERVER_H
#define KDC_SERVER_H

#include <krb5.h>

#define REALM "EXAMPLE.COM"
#define ALICE "alice@" REALM
#define SERVICE_KVNO 3

/* What the KDC does, from now on. */
enum kdc_mood {
	KDC_TICKETS,   /* a ticket to whatever name, with the service's key */
	KDC_ERROR,     /* the Kerberos error kdc_error */
	KDC_GARBAGE,   /* an answer that is none */
	KDC_HUGE,      /* an answer of two gigabytes, it says */
	KDC_HANGS_UP,
	KDC_SILENT,
	KDC_ENEMY      /* what kdc_enemy makes of it */
};
extern enum kdc_mood kdc_mood;
extern int kdc_error;
extern unsigned kdc_kvno;        /* that it puts into tickets, over an RODC's number */
extern unsigned long kdc_requests;
/* NULL, or the only name that it gives tickets to, whatever is asked for: "krbtgt/OTHER.TEST" */
extern const char *kdc_service;
extern char kdc_asked[256];      /* the name of the last ticket that was asked for: "ldap/dc1/example.com" */
extern long kdc_lifetime;        /* of tickets, in seconds */

/* What is wrong with each ticket. */
enum kdc_lie {
	KDC_HONEST,
	KDC_LIES_KEY,     /* the answer is encrypted with another key than the one agreed on */
	KDC_LIES_NONCE,   /* it answers another question */
	KDC_LIES_CLIENT,  /* it is for another user */
	KDC_LIES_REALM,   /* its sealed part is of another realm */
	KDC_LIES_INSIDE,  /* its sealed part is of another service */
	KDC_LIES_OUTSIDE  /* the ticket itself is for another service than the answer says */
};
extern enum kdc_lie kdc_lie;

/* All that was sent to it since kdc_forget. */
extern krb5_data kdc_heard;
void kdc_forget(void);

/* Answers in the place of a KDC; right is a ticket, or empty if another thing was asked for. */
typedef void kdc_enemy_fn(int fd, const krb5_data *right);
extern kdc_enemy_fn *kdc_enemy;

/* For cmocka: makes a folder, its krb5.conf (KRB5_CONFIG), the cache "cache" with alice's ticket-granting ticket, the
 * keytab "keytab" (KRB5_KTNAME) with the service's keys, and the KDC.  The second ends all that. */
int kdc_start(void **state);
int kdc_stop(void **state);

/* A file in the folder. */
const char *kdc_path(const char *name);

/* A ticket-granting ticket of alice that ends so many seconds from now, alone in the cache. */
void kdc_make_cache(const char *name, long seconds);

/* A keytab with one key; a word makes it. */
void kdc_make_keytab(const char *name, const char *principal, unsigned kvno, int enctype, const char *word);

/* The service has one more name: its key is in the keytab under that, too. */
void kdc_name_service(const char *principal);

extern krb5_context kdc_krb5; /* of the test's own thread */

#endif
