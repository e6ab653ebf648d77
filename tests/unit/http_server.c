/* SPDX-License-Identifier: MIT */
#include "http_server.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <gssapi/gssapi.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

static const http_step *step;
static int listener;
static pthread_t thread;
static char requests[200000];
static size_t n_requests;
unsigned http_connections;
bool http_accepted;

static bool transmit(int fd, const char *text, size_t len)
{
	return send(fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* A request has no body here.  Returns where it begins, or NULL. */
static char *receive(int fd)
{
	char *start = requests + n_requests;
	while (!strstr(start, "\r\n\r\n")) {
		ssize_t n = recv(fd, requests + n_requests, sizeof requests - 1 - n_requests, 0);
		if (n <= 0)
			return NULL;
		n_requests += (size_t)n;
		requests[n_requests] = '\0';
	}
	return start;
}

/* Heimdal itself takes the token apart, and proves the key or says what is wrong. */
static void add_answer(const char *request, spk_text *reply)
{
	spk_text token = { 0 };
	const char *at = strstr(request, "Authorization: Negotiate ");
	OM_uint32 minor;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	if (at) {
		at += strlen("Authorization: Negotiate ");
		spk_base64_decode(at, strcspn(at, "\r"), &token);
		gss_buffer_desc input = { token.len, token.data };
		http_accepted = gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &input,
				GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &output, NULL, NULL, NULL) == GSS_S_COMPLETE;
	}
	if (output.length) {
		spk_text_add(reply, "WWW-Authenticate: Negotiate ");
		spk_base64_encode(reply, output.value, output.length);
		spk_text_add(reply, "\r\n");
	}
	gss_release_buffer(&minor, &output);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	spk_text_free(&token);
}

static bool carry_out(int fd, const char *request)
{
	const http_step *now = step;
	char c;
	if (now->kind != HTTP_END)
		step++;
	switch (now->kind) {
	case HTTP_SEND:
		return transmit(fd, now->text, strlen(now->text));
	case HTTP_CLOSE:
		if (now->text)
			transmit(fd, now->text, strlen(now->text));
		return false;
	case HTTP_ACCEPT: {
		spk_text reply = { 0 };
		spk_text_add(&reply, "%s", now->text);
		add_answer(request, &reply);
		spk_text_add(&reply, "\r\n");
		bool ok = transmit(fd, reply.data, reply.len);
		spk_text_free(&reply);
		return ok;
	}
	case HTTP_SILENT:
		while (recv(fd, &c, 1, 0) > 0)
			;
		return false;
	case HTTP_FLOOD:
		while (transmit(fd, now->text, strlen(now->text)))
			;
		return false;
	case HTTP_DRIP:
		for (const char *at = now->text; *at && transmit(fd, at, 1); at++)
			usleep(100000);
		return false;
	default:
		return false;
	}
}

static void *run(void *data)
{
	(void)data;
	for (int fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd), http_connections++)
		for (const char *request; (request = receive(fd)) && carry_out(fd, request);)
			;
	return NULL;
}

unsigned http_start(const http_step *script)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof name;
	step = script;
	n_requests = http_connections = 0;
	requests[0] = '\0';
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&name, size) || listen(listener, 10) ||
			getsockname(listener, (struct sockaddr *)&name, &size) || pthread_create(&thread, NULL, run, NULL)) {
		perror("http_start");
		abort();
	}
	return ntohs(name.sin_port);
}

const char *http_stop(void)
{
	shutdown(listener, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(listener);
	return requests;
}
