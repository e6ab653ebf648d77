/* SPDX-License-Identifier: MIT */
#include "kdc_server.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>
#include <krb5_asn1.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kerberos/der.h"

enum kdc_mood kdc_mood;
int kdc_error;
unsigned kdc_kvno = SERVICE_KVNO;
unsigned long kdc_requests;
const char *kdc_service;
char kdc_asked[256];
long kdc_lifetime = 600;
kdc_enemy_fn *kdc_enemy;
enum kdc_lie kdc_lie;
krb5_data kdc_heard;
krb5_context kdc_krb5;

/* Heimdal 7.8 does not free the text of an error inside krb5_get_creds, nor an OID of a server.  Who is to blame is
 * seen with whole stacks only. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:krb5_get_cred\nleak:gss_accept_sec_context\n";
}

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

static char folder[] = "/tmp/spnkit-kdc-XXXXXX", tgs_keytab[100], service_keytab[100];
static int listener, unheard;
static pthread_t thread;

const char *kdc_path(const char *name)
{
	static char paths[4][100];
	static int next;
	char *path = paths[next++ % 4];
	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

/* What only goes wrong if the test itself is wrong. */
static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "kdc_server: %s\n", what);
		abort();
	}
}
#define MUST(call) must((call) == 0, #call)

#define ENCODE(type, value, to) do { \
	size_t size_; \
	int code_; \
	ASN1_MALLOC_ENCODE(type, (to)->data, (to)->length, value, &size_, code_); \
	must(code_ == 0 && size_ == (to)->length, "encode " #type); \
} while (0)

/* Not as passwords become keys, which is meant to be slow. */
static void make_key(krb5_context krb5, int enctype, const char *word, krb5_keyblock *key)
{
	size_t bits;
	char bytes[32] = { 0 };
	memcpy(bytes, word, strlen(word));
	MUST(krb5_enctype_keybits(krb5, enctype, &bits));
	MUST(krb5_random_to_key(krb5, enctype, bytes, bits / 8, key));
}

static EncryptedData encrypt(krb5_context krb5, const krb5_keyblock *key, int usage, unsigned kvno, krb5_data *plain)
{
	krb5_crypto crypto;
	EncryptedData data;
	MUST(krb5_crypto_init(krb5, key, ETYPE_NULL, &crypto));
	MUST(krb5_encrypt_EncryptedData(krb5, crypto, (unsigned)usage, plain->data, plain->length, (int)kvno, &data));
	krb5_crypto_destroy(krb5, crypto);
	krb5_data_free(plain);
	return data;
}

static Ticket make_ticket(krb5_context krb5, krb5_const_principal client, krb5_const_principal server, unsigned kvno,
		const char *word, const krb5_keyblock *session, time_t ends)
{
	EncTicketPart part = { .key = *session, .crealm = client->realm, .cname = client->name, .authtime = time(NULL),
		.endtime = ends };
	part.flags.initial = 1;
	part.flags.transited_policy_checked = 1;
	part.transited.tr_type = 1;
	Ticket ticket = { .tkt_vno = 5, .realm = server->realm, .sname = server->name };
	krb5_data plain;
	krb5_keyblock key;
	ENCODE(EncTicketPart, &part, &plain);
	make_key(krb5, ETYPE_AES256_CTS_HMAC_SHA1_96, word, &key);
	ticket.enc_part = encrypt(krb5, &key, KRB5_KU_TICKET, kvno, &plain);
	krb5_free_keyblock_contents(krb5, &key);
	return ticket;
}

void kdc_make_cache(const char *name, long seconds)
{
	krb5_context krb5 = kdc_krb5;
	krb5_ccache cache;
	krb5_creds tgt = { .times.endtime = time(NULL) + seconds };
	MUST(krb5_parse_name(krb5, ALICE, &tgt.client));
	MUST(krb5_make_principal(krb5, &tgt.server, REALM, KRB5_TGS_NAME, REALM, NULL));
	MUST(krb5_generate_random_keyblock(krb5, ETYPE_AES256_CTS_HMAC_SHA1_96, &tgt.session));
	Ticket ticket = make_ticket(krb5, tgt.client, tgt.server, 1, "krbtgt", &tgt.session, tgt.times.endtime);
	ENCODE(Ticket, &ticket, &tgt.ticket);
	free_EncryptedData(&ticket.enc_part);
	MUST(krb5_cc_resolve(krb5, name, &cache));
	MUST(krb5_cc_initialize(krb5, cache, tgt.client));
	MUST(krb5_cc_store_cred(krb5, cache, &tgt));
	krb5_cc_close(krb5, cache);
	krb5_free_cred_contents(krb5, &tgt);
}

void kdc_make_keytab(const char *name, const char *principal, unsigned kvno, int enctype, const char *word)
{
	krb5_context krb5 = kdc_krb5;
	krb5_keytab keytab;
	krb5_keytab_entry entry = { .vno = kvno };
	make_key(krb5, enctype, word, &entry.keyblock);
	MUST(krb5_kt_resolve(krb5, name, &keytab));
	MUST(krb5_parse_name(krb5, principal, &entry.principal));
	MUST(krb5_kt_add_entry(krb5, keytab, &entry));
	krb5_kt_free_entry(krb5, &entry);
	krb5_kt_close(krb5, keytab);
}

void kdc_name_service(const char *principal)
{
	kdc_make_keytab(service_keytab, principal, SERVICE_KVNO, ETYPE_AES256_CTS_HMAC_SHA1_96, "service");
}

/* ---- the KDC ---- */

static void answer_error(krb5_context krb5, int code, krb5_data *answer)
{
	krb5_principal server;
	MUST(krb5_make_principal(krb5, &server, REALM, KRB5_TGS_NAME, REALM, NULL));
	MUST(krb5_mk_error(krb5, KRB5KDC_ERR_NONE + code, NULL, NULL, NULL, server, NULL, NULL, answer));
	krb5_free_principal(krb5, server);
}

/* The client and the key for the answer, from the request's ticket-granting ticket and authenticator. */
static void read_tgt(krb5_context krb5, const TGS_REQ *request, krb5_principal *client, krb5_keyblock **subkey)
{
	krb5_auth_context auth = NULL;
	krb5_ticket *ticket;
	krb5_keyblock key;
	krb5_flags flags;
	krb5_ap_req ap_req;
	const krb5_data *encoded = NULL;
	for (unsigned i = 0; request->padata && i < request->padata->len; i++)
		if (request->padata->val[i].padata_type == KRB5_PADATA_TGS_REQ)
			encoded = &request->padata->val[i].padata_value;
	must(encoded != NULL, "no ticket-granting ticket");
	MUST(krb5_decode_ap_req(krb5, encoded, &ap_req));
	make_key(krb5, ETYPE_AES256_CTS_HMAC_SHA1_96, "krbtgt", &key);
	MUST(krb5_verify_ap_req2(krb5, &auth, &ap_req, NULL, &key, 0, &flags, &ticket, KRB5_KU_TGS_REQ_AUTH));
	MUST(krb5_ticket_get_client(krb5, ticket, client));
	MUST(krb5_auth_con_getremotesubkey(krb5, auth, subkey));
	must(*subkey != NULL, "no subkey");
	krb5_free_keyblock_contents(krb5, &key);
	free_AP_REQ(&ap_req);
	krb5_free_ticket(krb5, ticket);
	krb5_auth_con_free(krb5, auth);
}

static void note_asked(const PrincipalName *name)
{
	kdc_asked[0] = '\0';
	for (unsigned i = 0; i < name->name_string.len; i++)
		snprintf(kdc_asked + strlen(kdc_asked), sizeof kdc_asked - strlen(kdc_asked), "%s%s", i ? "/" : "",
				name->name_string.val[i]);
}

static void answer_ticket(krb5_context krb5, const krb5_data *request, krb5_data *answer)
{
	TGS_REQ asked;
	size_t size;
	krb5_principal client;
	krb5_keyblock *subkey, session;
	krb5_principal other = NULL;
	char other_realm[] = "OTHER.TEST";
	MUST(decode_TGS_REQ(request->data, request->length, &asked, &size));
	read_tgt(krb5, &asked, &client, &subkey);
	krb5_principal_data server = { .name = *asked.req_body.sname, .realm = asked.req_body.realm };
	if (kdc_service) {
		MUST(krb5_parse_name(krb5, kdc_service, &other));
		server.name = other->name;
	}
	note_asked(asked.req_body.sname);
	time_t ends = time(NULL) + kdc_lifetime;
	MUST(krb5_generate_random_keyblock(krb5, ETYPE_AES256_CTS_HMAC_SHA1_96, &session));
	PrincipalName mallory = { KRB5_NT_PRINCIPAL, { 1, &(heim_general_string){ (char[]){ "mallory" } } } };
	TGS_REP reply = { .pvno = 5, .msg_type = krb_tgs_rep, .crealm = client->realm,
		.cname = kdc_lie == KDC_LIES_CLIENT ? mallory : client->name };
	bool is_way = strcmp(server.name.name_string.val[0], KRB5_TGS_NAME) == 0; /* to another realm, which has our key */
	reply.ticket = make_ticket(krb5, client, &server, kdc_kvno, is_way ? "krbtgt" : "service", &session, ends);
	EncTGSRepPart part = { .key = session, .nonce = asked.req_body.nonce, .authtime = time(NULL), .endtime = ends,
		.srealm = server.realm, .sname = server.name };
	if (kdc_lie == KDC_LIES_NONCE)
		part.nonce ^= 1;
	if (kdc_lie == KDC_LIES_REALM)
		part.srealm = other_realm;
	if (kdc_lie == KDC_LIES_INSIDE)
		part.sname = mallory;
	if (kdc_lie == KDC_LIES_OUTSIDE)
		reply.ticket.sname = mallory;
	krb5_data plain;
	ENCODE(EncTGSRepPart, &part, &plain);
	reply.enc_part = encrypt(krb5, kdc_lie == KDC_LIES_KEY ? &session : subkey,
			KRB5_KU_TGS_REP_ENC_PART_SUB_KEY, 0, &plain);
	free(reply.enc_part.kvno);
	reply.enc_part.kvno = NULL;
	ENCODE(TGS_REP, &reply, answer);
	free_EncryptedData(&reply.enc_part);
	free_EncryptedData(&reply.ticket.enc_part);
	krb5_free_keyblock_contents(krb5, &session);
	krb5_free_keyblock(krb5, subkey);
	krb5_free_principal(krb5, client);
	krb5_free_principal(krb5, other);
	free_TGS_REQ(&asked);
}

void kdc_forget(void)
{
	krb5_data_free(&kdc_heard);
}

static void hear(const krb5_data *request)
{
	size_t before = kdc_heard.length;
	MUST(krb5_data_realloc(&kdc_heard, before + request->length));
	memcpy((char *)kdc_heard.data + before, request->data, request->length);
}

static bool receive(int fd, krb5_data *request)
{
	unsigned char head[4];
	if (recv(fd, head, 4, MSG_WAITALL) != 4)
		return false;
	size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	MUST(krb5_data_alloc(request, len));
	return recv(fd, request->data, len, MSG_WAITALL) == (ssize_t)len;
}

static void transmit(int fd, const krb5_data *answer)
{
	size_t n = kdc_mood == KDC_HUGE ? 0x7fffffff : answer->length;
	unsigned char head[4] = { (unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n };
	if (send(fd, head, 4, MSG_NOSIGNAL) == 4)
		(void)!send(fd, answer->data, answer->length, MSG_NOSIGNAL);
}

static void serve(krb5_context krb5, int fd)
{
	krb5_data request = { 0 }, answer = { 0 };
	if (receive(fd, &request) && kdc_mood != KDC_HANGS_UP) {
		kdc_requests++;
		hear(&request);
		if (kdc_mood == KDC_SILENT) {
			char c;
			(void)!recv(fd, &c, 1, 0); /* until the client gives up */
		} else if (kdc_mood == KDC_ENEMY) {
			if (request.length > 0 && ((unsigned char *)request.data)[0] == SPK_DER_APPLICATION(krb_tgs_req))
				answer_ticket(krb5, &request, &answer);
			kdc_enemy(fd, &answer);
		} else {
			if (kdc_mood == KDC_TICKETS)
				answer_ticket(krb5, &request, &answer);
			else if (kdc_mood == KDC_ERROR)
				answer_error(krb5, kdc_error, &answer);
			else
				MUST(krb5_data_copy(&answer, "\x7e\x80garbage", 9));
			transmit(fd, &answer);
		}
	}
	krb5_data_free(&request);
	krb5_data_free(&answer);
}

static void *run(void *data)
{
	krb5_context krb5;
	(void)data;
	MUST(krb5_init_context(&krb5));
	for (int fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd))
		serve(krb5, fd);
	krb5_free_context(krb5);
	return NULL;
}

static void write_config(unsigned port)
{
	FILE *file = fopen(kdc_path("krb5.conf"), "w");
	must(file != NULL, "krb5.conf");
	fprintf(file, "[libdefaults]\ndefault_realm = " REALM "\ndns_lookup_kdc = no\ndns_lookup_realm = no\n"
			"[realms]\n" REALM " = {\nkdc = 127.0.0.1:%u\n}\nOTHER.TEST = {\nkdc = 127.0.0.1:%u\n}\nEMPTY.TEST = {\n}\n"
			"[domain_realm]\n.empty.test = EMPTY.TEST\n.other.test = OTHER.TEST\n", port, port);
	fclose(file);
	setenv("KRB5_CONFIG", kdc_path("krb5.conf"), 1);
	setenv("KRB5_KTNAME", kdc_path("keytab"), 1);
}

/* Takes a port for both protocols: another test that runs now may have that of UDP. */
static in_port_t take_port(void)
{
	struct sockaddr_in name;
	socklen_t size = sizeof name;
	for (;;) {
		name = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		listener = socket(AF_INET, SOCK_STREAM, 0);
		unheard = socket(AF_INET, SOCK_DGRAM, 0); /* who asks by UDP waits for an answer */
		MUST(bind(listener, (struct sockaddr *)&name, size));
		MUST(getsockname(listener, (struct sockaddr *)&name, &size));
		if (bind(unheard, (struct sockaddr *)&name, size) == 0)
			break;
		must(errno == EADDRINUSE, "bind");
		close(listener);
		close(unheard);
	}
	MUST(listen(listener, 10));
	return name.sin_port;
}

int kdc_start(void **state)
{
	(void)state;
	must(mkdtemp(folder) != NULL, "mkdtemp");
	write_config(ntohs(take_port()));
	MUST(krb5_init_context(&kdc_krb5));
	snprintf(tgs_keytab, sizeof tgs_keytab, "FILE:%s", kdc_path("tgs"));
	snprintf(service_keytab, sizeof service_keytab, "FILE:%s", kdc_path("keytab"));
	kdc_make_keytab(tgs_keytab, "krbtgt/" REALM "@" REALM, 1, ETYPE_AES256_CTS_HMAC_SHA1_96, "krbtgt");
	kdc_name_service("HTTP/127.0.0.1@" REALM);
	kdc_make_cache(kdc_path("cache"), 3600);
	return pthread_create(&thread, NULL, run, NULL);
}

int kdc_stop(void **state)
{
	(void)state;
	shutdown(listener, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(listener);
	close(unheard);
	kdc_forget();
	krb5_free_context(kdc_krb5);
	char command[200];
	snprintf(command, sizeof command, "rm -r '%s'", folder);
	return system(command);
}
