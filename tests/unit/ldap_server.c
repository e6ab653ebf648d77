/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "ldap_server.h"

static void reply(int fd, BerElement *ber)
{
	struct berval bytes;
	assert_int_equal(ber_flatten2(ber, &bytes, 0), 0);
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

void reply_entry(int fd, int id, const char *dn, const char *attr, const char *prefix, unsigned from, unsigned to)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	ber_printf(ber, "{it{s{{s[", id, LDAP_RES_SEARCH_ENTRY, dn, attr);
	for (unsigned i = from; i <= to; i++) {
		char value[80];
		snprintf(value, sizeof value, "%s-%u", prefix, i);
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
	ber_printf(ber, "{it{ess}t{{sO}}}", id, LDAP_RES_SEARCH_RESULT, 0, "", "", LDAP_TAG_CONTROLS, LDAP_CONTROL_PAGEDRESULTS,
			&bytes);
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

/* Notes "add attr=value,value; delete attr=value". */
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
		char *at = server->seen + strlen(server->seen);
		at += sprintf(at, "%s %s=", op == LDAP_MOD_ADD ? "add" : op == LDAP_MOD_DELETE ? "delete" : "replace", attr);
		for (char **value = values; *value; value++)
			at += sprintf(at, "%s%s", value == values ? "" : ",", *value);
		strcpy(at, "; ");
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
	bool open = ber_get_next(sockbuf, &len, ber) == LDAP_TAG_MESSAGE && ber_scanf(ber, "i", &id) != LBER_ERROR;
	request.id = id;
	request.kind = open ? ber_peek_tag(ber, &len) : LBER_ERROR;
	if (request.kind == LDAP_REQ_BIND && server->bind)
		server->bind(server, fd, &request);
	else if (request.kind == LDAP_REQ_BIND && !server->silent)
		reply_result(fd, request.id, LDAP_RES_BIND, 0, "");
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
	free(request.cookie.bv_val);
	ber_free(ber, 1);
	return open && request.kind != LDAP_REQ_UNBIND;
}

static void *run(void *data)
{
	struct server *server = data;
	struct pollfd fds[MAX_CONNECTIONS + 2] = { { .fd = server->listener, .events = POLLIN },
		{ .fd = server->stop[0], .events = POLLIN } };
	Sockbuf *sockbufs[MAX_CONNECTIONS + 2] = { NULL };
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
			sockbufs[n] = ber_sockbuf_alloc();
			ber_sockbuf_add_io(sockbufs[n], &ber_sockbuf_io_fd, LBER_SBIOD_LEVEL_PROVIDER, &fds[n].fd);
			server->n_connections++;
			n++;
		}
	}
	for (nfds_t i = 2; i < n; i++)
		if (sockbufs[i])
			ber_sockbuf_free(sockbufs[i]);
	return NULL;
}

void server_start(struct server *server, answer_fn *answer)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	*server = (struct server){ .answer = answer };
	strcpy(server->folder, "/tmp/spnkit-test-XXXXXX");
	assert_non_null(mkdtemp(server->folder));
	snprintf(server->path, sizeof server->path, "%s/ldapi", server->folder);
	snprintf(server->url, sizeof server->url, "ldapi://%%2Ftmp%%2F%s%%2Fldapi", server->folder + strlen("/tmp/"));
	strcpy(name.sun_path, server->path);
	server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&name, sizeof name), 0);
	assert_int_equal(listen(server->listener, 10), 0);
	assert_int_equal(pipe(server->stop), 0);
	assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
}

void server_stop(struct server *server)
{
	assert_int_equal(write(server->stop[1], "x", 1), 1);
	pthread_join(server->thread, NULL);
	close(server->stop[0]);
	close(server->stop[1]);
	close(server->listener);
	unlink(server->path);
	rmdir(server->folder);
}
