/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "ldap_server.h"

static const struct server_line *line;

static void reply(int fd, BerElement *ber)
{
	struct berval bytes;
	assert_int_equal(ber_flatten2(ber, &bytes, 0), 0);
	if (line) {
		line->transmit(fd, bytes.bv_val, bytes.bv_len);
		ber_free(ber, 1);
		return;
	}
	for (size_t at = 0; at < bytes.bv_len;) {
		ssize_t n = send(fd, bytes.bv_val + at, bytes.bv_len - at, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	ber_free(ber, 1);
}

void reply_result(int fd, int id, ber_tag_t kind, int code, const char *diagnostic)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	ber_printf(ber, "{it{ess}}", id, kind, code, "", diagnostic);
	reply(fd, ber);
}

void reply_bind(int fd, int id, int code, struct berval cred)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	ber_printf(ber, "{it{esstO}}", id, LDAP_RES_BIND, code, "", "", LDAP_TAG_SASL_RES_CREDS, &cred);
	reply(fd, ber);
}

void reply_entry(int fd, int id, const char *dn, const char *attr, const char *prefix, unsigned from, unsigned to)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	ber_printf(ber, "{it{s{{s[", id, LDAP_RES_SEARCH_ENTRY, dn, attr);
	for (unsigned i = from; i <= to; i++) {
		char value[80];
		snprintf(value, sizeof value, to ? "%s-%u" : "%s", prefix, i); /* one value: as it is */
		ber_printf(ber, "s", value);
	}
	ber_printf(ber, "]}}}}");
	reply(fd, ber);
}

void reply_page_end(int fd, int id, const char *cookie)
{
	BerElement *value = ber_alloc_t(LBER_USE_DER), *ber = ber_alloc_t(LBER_USE_DER);
	struct berval bytes;
	ber_printf(value, "{is}", 0, cookie);
	ber_flatten2(value, &bytes, 0);
	ber_printf(ber, "{it{ess}t{{sO}}}", id, LDAP_RES_SEARCH_RESULT, 0, "", "", LDAP_TAG_CONTROLS,
			LDAP_CONTROL_PAGEDRESULTS, &bytes);
	reply(fd, ber);
	ber_free(value, 1);
}

void reply_referral(int fd, int id)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	ber_printf(ber, "{it{s}}", id, LDAP_RES_SEARCH_REFERENCE, "ldap://elsewhere.example/DC=x");
	reply(fd, ber);
}

void reply_elsewhere(int fd, int id, ber_tag_t kind, const char *url)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	ber_printf(ber, "{it{esst{s}}}", id, kind, LDAP_REFERRAL, "", "", LDAP_TAG_REFERRAL, url);
	reply(fd, ber);
}

static void read_controls(BerElement *ber, struct request *request)
{
	ber_len_t len;
	if (ber_peek_tag(ber, &len) != LDAP_TAG_CONTROLS)
		return;
	char *end;
	for (ber_tag_t tag = ber_first_element(ber, &len, &end); tag != LBER_DEFAULT;
			tag = ber_next_element(ber, &len, end)) {
		struct berval oid, value = { 0, NULL };
		ber_int_t critical;
		ber_scanf(ber, "{m", &oid);
		if (ber_peek_tag(ber, &len) == LBER_BOOLEAN)
			ber_scanf(ber, "b", &critical);
		if (ber_peek_tag(ber, &len) == LBER_OCTETSTRING)
			ber_scanf(ber, "m", &value);
		ber_scanf(ber, "}");
		if (strncmp(oid.bv_val, LDAP_CONTROL_PAGEDRESULTS, oid.bv_len) != 0)
			continue;
		BerElement *page = ber_init(&value);
		ber_int_t size;
		ber_scanf(page, "{io}", &size, &request->cookie);
		ber_free(page, 1);
		request->paged = true;
	}
}

static void read_search(BerElement *ber, struct request *request)
{
	ber_int_t scope, deref, size, limit, types;
	struct berval filter;
	char **attrs = NULL;
	ber_scanf(ber, "{aeeiib", &request->base, &scope, &deref, &size, &limit, &types);
	ber_skip_element(ber, &filter);
	ber_scanf(ber, "{v}}", &attrs);
	assert_int_equal(deref, LDAP_DEREF_NEVER);
	if (attrs && attrs[0])
		request->attr = strdup(attrs[0]);
	ber_memvfree((void **)attrs);
	read_controls(ber, request);
}

static void read_bind(BerElement *ber, struct request *request)
{
	ber_int_t version;
	ber_len_t len;
	ber_tag_t how = LBER_ERROR;
	if (ber_scanf(ber, "{iat", &version, &request->base, &how) == LBER_ERROR)
		return;
	if (how == LDAP_AUTH_SIMPLE)
		ber_scanf(ber, "o", &request->cred);
	else if (ber_scanf(ber, "{a", &request->mech) != LBER_ERROR && ber_peek_tag(ber, &len) == LBER_OCTETSTRING)
		ber_scanf(ber, "o", &request->cred);
}

/* Notes "add attr=value,value; delete attr=value". */
/* Adds to what was seen. */
__attribute__((format(printf, 2, 3))) static void note_seen(struct server *server, const char *format, ...)
{
	va_list args;
	size_t len = strlen(server->seen);
	va_start(args, format);
	vsnprintf(server->seen + len, sizeof server->seen - len, format, args);
	va_end(args);
}

static void read_modify(struct server *server, BerElement *ber, struct request *request)
{
	ber_len_t len;
	char *end;
	ber_scanf(ber, "{a", &request->base);
	for (ber_tag_t tag = ber_first_element(ber, &len, &end); tag != LBER_DEFAULT;
			tag = ber_next_element(ber, &len, end)) {
		ber_int_t op;
		char *attr, **values;
		ber_scanf(ber, "{e{a[v]}}", &op, &attr, &values);
		note_seen(server, "%s %s=", op == LDAP_MOD_ADD ? "add" : op == LDAP_MOD_DELETE ? "delete" : "replace", attr);
		for (char **value = values; *value; value++)
			note_seen(server, "%s%s", value == values ? "" : ",", *value);
		note_seen(server, "; ");
		ber_memfree(attr);
		ber_memvfree((void **)values);
	}
}

/* Returns false at the end of the connection. */
static bool serve(struct server *server, int fd, int connection, Sockbuf *sockbuf)
{
	BerElement *ber = ber_alloc_t(0);
	ber_len_t len;
	struct request request = { .connection = connection };
	ber_int_t id = 0;
	ber_tag_t tag;
	do { /* a long message comes in parts */
		errno = 0;
		tag = ber_get_next(sockbuf, &len, ber);
	} while (tag == LBER_DEFAULT && (errno == EAGAIN || errno == EWOULDBLOCK));
	bool open = tag == LDAP_TAG_MESSAGE && ber_scanf(ber, "i", &id) != LBER_ERROR;
	request.id = id;
	request.kind = open ? ber_peek_tag(ber, &len) : LBER_ERROR;
	if (request.kind == LDAP_REQ_BIND)
		read_bind(ber, &request);
	if (request.kind == LDAP_REQ_BIND && server->bind)
		server->bind(server, fd, &request);
	else if (request.kind == LDAP_REQ_BIND && !server->silent)
		reply_result(fd, request.id, LDAP_RES_BIND, 0, "");
	if (request.kind == LDAP_REQ_EXTENDED) /* StartTLS */
		reply_result(fd, request.id, LDAP_RES_EXTENDED, LDAP_UNAVAILABLE, "");
	if (request.kind == LDAP_REQ_SEARCH) {
		read_search(ber, &request);
		request.nth = ++server->n_searches;
	} else if (request.kind == LDAP_REQ_MODIFY) {
		read_modify(server, ber, &request);
		request.nth = ++server->n_modifies;
	}
	if (request.nth)
		server->answer(server, fd, &request);
	free(request.base);
	free(request.attr);
	ber_memfree(request.mech);
	ber_memfree(request.cred.bv_val);
	free(request.cookie.bv_val);
	ber_free(ber, 1);
	return open && request.kind != LDAP_REQ_UNBIND;
}

static int line_setup(Sockbuf_IO_Desc *io, void *arg)
{
	io->sbiod_pvt = arg;
	return 0;
}

static int line_remove(Sockbuf_IO_Desc *io)
{
	io->sbiod_pvt = NULL;
	return 0;
}

static int line_control(Sockbuf_IO_Desc *io, int option, void *arg)
{
	(void)io, (void)option, (void)arg;
	return 0;
}

static ber_slen_t line_read(Sockbuf_IO_Desc *io, void *buffer, ber_len_t size)
{
	return line->receive(*(int *)io->sbiod_pvt, buffer, size);
}

static ber_slen_t line_write(Sockbuf_IO_Desc *io, void *buffer, ber_len_t size)
{
	return line->transmit(*(int *)io->sbiod_pvt, buffer, size);
}

static int line_close(Sockbuf_IO_Desc *io)
{
	line->close(*(int *)io->sbiod_pvt);
	return close(*(int *)io->sbiod_pvt);
}

static Sockbuf_IO line_io = { line_setup, line_remove, line_control, line_read, line_write, line_close };

static void *run(void *data)
{
	struct server *server = data;
	struct pollfd fds[MAX_CONNECTIONS + 2] = { { .fd = server->listener, .events = POLLIN },
		{ .fd = server->stop[0], .events = POLLIN } };
	Sockbuf *sockbufs[MAX_CONNECTIONS + 2] = { NULL };
	int lines[MAX_CONNECTIONS + 2]; /* for as long as the Sockbufs */
	nfds_t n = 2;
	while (poll(fds, n, -1) > 0 && !fds[1].revents) {
		for (nfds_t i = 2; i < n; i++)
			if (fds[i].revents && !serve(server, fds[i].fd, (int)i - 2, sockbufs[i])) {
				ber_sockbuf_free(sockbufs[i]);
				sockbufs[i] = NULL;
				fds[i].fd = -1;
			}
		if (fds[0].revents && n < MAX_CONNECTIONS + 2) {
			fds[n] = (struct pollfd){ .fd = accept(server->listener, NULL, NULL), .events = POLLIN };
			server->n_connections++;
			if (line && !line->open(fds[n].fd)) {
				line->close(fds[n].fd);
				close(fds[n].fd);
				continue;
			}
			sockbufs[n] = ber_sockbuf_alloc();
			lines[n] = fds[n].fd;
			ber_sockbuf_add_io(sockbufs[n], line ? &line_io : &ber_sockbuf_io_fd, LBER_SBIOD_LEVEL_PROVIDER, &lines[n]);
			n++;
		}
	}
	for (nfds_t i = 2; i < n; i++)
		if (sockbufs[i])
			ber_sockbuf_free(sockbufs[i]);
	return NULL;
}

static void start(struct server *server)
{
	assert_int_equal(listen(server->listener, 10), 0);
	assert_int_equal(pipe(server->stop), 0);
	assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
}

void server_start(struct server *server, answer_fn *answer)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	*server = (struct server){ .answer = answer };
	line = NULL;
	snprintf(server->folder, sizeof server->folder, "/tmp/spnkit-test-XXXXXX");
	assert_non_null(mkdtemp(server->folder));
	snprintf(server->path, sizeof server->path, "%s/ldapi", server->folder);
	snprintf(server->url, sizeof server->url, "ldapi://%%2Ftmp%%2F%s%%2Fldapi", server->folder + strlen("/tmp/"));
	snprintf(name.sun_path, sizeof name.sun_path, "%s", server->path);
	server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&name, sizeof name), 0);
	start(server);
}

void server_start_at(struct server *server, const char *address, unsigned port, answer_fn *answer,
		const struct server_line *through)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	socklen_t size = sizeof name;
	assert_int_equal(inet_pton(AF_INET, address, &name.sin_addr), 1);
	*server = (struct server){ .answer = answer };
	line = through;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&name, size), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&name, &size), 0);
	server->port = ntohs(name.sin_port);
	start(server);
}

void server_start_tcp(struct server *server, answer_fn *answer, const struct server_line *through)
{
	server_start_at(server, "127.0.0.1", 0, answer, through);
}

void server_stop(struct server *server)
{
	assert_int_equal(write(server->stop[1], "x", 1), 1);
	pthread_join(server->thread, NULL);
	close(server->stop[0]);
	close(server->stop[1]);
	close(server->listener);
	if (server->port)
		return;
	unlink(server->path);
	rmdir(server->folder);
}
