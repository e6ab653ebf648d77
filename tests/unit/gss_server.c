/* SPDX-License-Identifier: MIT */
#include "gss_server.h"

#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi.h>
#include <sys/socket.h>
#include <unistd.h>

enum gss_trick gss_trick;
size_t gss_longest;
void (*gss_relay)(struct berval *token, bool from_server);

#define MAX_FD 256

/* What there is of a connection, by its descriptor. */
static struct log_on {
	gss_ctx_id_t context;
	bool layer;
	char *plain;
	size_t at, len;
} log_ons[MAX_FD];

void gss_accept_bind(struct server *server, int fd, const struct request *request)
{
	OM_uint32 minor, major;
	struct berval token = request->cred;
	(void)server;
	if (gss_relay)
		gss_relay(&token, false);
	gss_buffer_desc in = { token.bv_len, token.bv_val }, out = GSS_C_EMPTY_BUFFER;
	gss_delete_sec_context(&minor, &log_ons[fd].context, GSS_C_NO_BUFFER);
	major = gss_accept_sec_context(&minor, &log_ons[fd].context, GSS_C_NO_CREDENTIAL, &in,
			GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &out, NULL, NULL, NULL);
	struct berval proof = { out.length, out.value };
	bool good = major == GSS_S_COMPLETE && request->mech && strcmp(request->mech, "GSS-SPNEGO") == 0;
	if (gss_relay)
		gss_relay(&proof, true);
	reply_bind(fd, request->id, good ? LDAP_SUCCESS : LDAP_INVALID_CREDENTIALS, proof);
	gss_release_buffer(&minor, &out);
	log_ons[fd].layer = good;
}

void gss_accept_unproved(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_result(fd, request->id, LDAP_RES_BIND, LDAP_SUCCESS, "");
}

void gss_refuse_mechanism(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_result(fd, request->id, LDAP_RES_BIND, LDAP_AUTH_METHOD_NOT_SUPPORTED, "");
}

void gss_ask_for_more(struct server *server, int fd, const struct request *request)
{
	(void)server;
	reply_bind(fd, request->id, LDAP_SASL_BIND_IN_PROGRESS, (struct berval){ 1, (char[]){ "x" } });
}

/* ---- the layer ---- */

static bool open_line(int fd)
{
	if (fd < 0 || fd >= MAX_FD)
		return false;
	log_ons[fd] = (struct log_on){ .context = GSS_C_NO_CONTEXT };
	return true;
}

static void close_line(int fd)
{
	OM_uint32 minor;
	gss_delete_sec_context(&minor, &log_ons[fd].context, GSS_C_NO_BUFFER);
	free(log_ons[fd].plain);
	log_ons[fd] = (struct log_on){ .context = GSS_C_NO_CONTEXT };
}

/* A token, whole. */
static bool read_token(int fd)
{
	unsigned char head[4];
	OM_uint32 minor;
	int sealed = 0;
	if (recv(fd, head, 4, MSG_WAITALL) != 4)
		return false;
	gss_buffer_desc in = { (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3], NULL }, out;
	if (in.length > gss_longest)
		gss_longest = in.length;
	in.value = in.length < 0x1000000 ? malloc(in.length) : NULL;
	bool good = in.value && recv(fd, in.value, in.length, MSG_WAITALL) == (ssize_t)in.length &&
			gss_unwrap(&minor, log_ons[fd].context, &in, &out, &sealed, NULL) == GSS_S_COMPLETE;
	free(in.value);
	if (!good)
		return false;
	struct log_on *log_on = &log_ons[fd];
	free(log_on->plain);
	log_on->plain = malloc(out.length + 1);
	memcpy(log_on->plain, out.value, out.length);
	log_on->at = 0;
	log_on->len = sealed ? out.length : 0;
	gss_release_buffer(&minor, &out);
	return log_on->len > 0;
}

static ssize_t receive(int fd, void *buffer, size_t size)
{
	struct log_on *log_on = &log_ons[fd];
	if (!log_on->layer)
		return read(fd, buffer, size);
	if (log_on->at == log_on->len && !read_token(fd))
		return 0;
	size_t n = log_on->len - log_on->at < size ? log_on->len - log_on->at : size;
	memcpy(buffer, log_on->plain + log_on->at, n);
	log_on->at += n;
	return (ssize_t)n;
}

static void put(int fd, const unsigned char *bytes, size_t n)
{
	for (size_t sent = 0, part = 1; sent < n; sent += part, part = part % 7 + 1) {
		if (gss_trick != GSS_SPLIT || n > 4000)
			part = n - sent;
		else if (part > n - sent)
			part = n - sent;
		if (send(fd, bytes + sent, part, MSG_NOSIGNAL) != (ssize_t)part)
			return;
	}
}

static void put_token(int fd, const void *bytes, size_t n)
{
	OM_uint32 minor;
	gss_buffer_desc in = { n, (void *)(uintptr_t)bytes }, out = GSS_C_EMPTY_BUFFER;
	gss_wrap(&minor, log_ons[fd].context, gss_trick != GSS_SIGNED, GSS_C_QOP_DEFAULT, &in, NULL, &out);
	size_t claimed = gss_trick == GSS_LONG ? 0x1000000 : out.length;
	unsigned char *token = malloc(out.length + 4);
	for (int i = 0; i < 4; i++)
		token[i] = (unsigned char)(claimed >> 8 * (3 - i));
	memcpy(token + 4, out.value, out.length);
	if (gss_trick == GSS_FLIP)
		token[4 + out.length / 2] ^= 1;
	for (int i = 0; i < (gss_trick == GSS_TWICE ? 2 : 1); i++)
		put(fd, token, out.length + 4);
	free(token);
	gss_release_buffer(&minor, &out);
}

static ssize_t transmit(int fd, const void *bytes, size_t n)
{
	if (!log_ons[fd].layer || gss_trick == GSS_CLEAR) {
		put(fd, bytes, n);
		return (ssize_t)n;
	}
	for (size_t sent = 0, part; sent < n; sent += part) {
		part = gss_trick == GSS_SPLIT ? 1 + sent % 97 : n;
		if (part > n - sent)
			part = n - sent;
		put_token(fd, (const char *)bytes + sent, part);
	}
	return (ssize_t)n;
}

const struct server_line gss_line = { open_line, receive, transmit, close_line };
