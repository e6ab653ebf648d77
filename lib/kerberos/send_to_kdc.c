/* SPDX-License-Identifier: MIT */
#include "send_to_kdc.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <krb5/send_to_kdc_plugin.h>

#include "prefer.h"
#include "base/error.h"

#define MAX_HOSTS 16
/* An answer with a large PAC is some 64 KiB; what is far beyond is no KDC. */
#define MAX_ANSWER (1u << 20)

static _Thread_local spk_deadline limit;
static _Thread_local char why[SPN_MESSAGE_SIZE];
static _Thread_local const char *preferred_realm, *preferred_host;
static _Thread_local krb5_data *only; /* the one answer, or NULL: there may be any number */

void spk_kdc_limit(spk_deadline deadline)
{
	limit = deadline;
	why[0] = '\0';
}

void spk_kdc_prefer(const char *realm, const char *host)
{
	preferred_realm = realm && host ? realm : NULL;
	preferred_host = host;
}

void spk_kdc_ask_once(krb5_data *ret_answer)
{
	only = ret_answer;
}

const char *spk_kdc_why(void)
{
	return why;
}

static int send_all(int fd, const void *data, size_t len, spk_deadline deadline)
{
	const char *at = data;
	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
		if (n >= 0) {
			at += n;
			len -= (size_t)n;
		} else if (errno != EINTR) {
			int error = errno == EAGAIN ? spk_wait(fd, POLLOUT, deadline) : errno;
			if (error)
				return error;
		}
	}
	return 0;
}

static int receive_all(int fd, void *data, size_t len, spk_deadline deadline)
{
	char *at = data;
	while (len > 0) {
		ssize_t n = recv(fd, at, len, 0);
		if (n == 0)
			return ECONNRESET;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		} else if (errno != EINTR) {
			int error = errno == EAGAIN ? spk_wait(fd, POLLIN, deadline) : errno;
			if (error)
				return error;
		}
	}
	return 0;
}

/* One request and its answer, each behind its length in four bytes (RFC 4120, section 7.2.2).  Returns 0 or
 * an errno. */
static int exchange(int fd, const krb5_data *request, krb5_data *ret_answer, spk_deadline deadline)
{
	size_t n = request->length;
	unsigned char head[4] = { (unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n };
	int error = send_all(fd, head, sizeof head, deadline);
	if (!error)
		error = send_all(fd, request->data, n, deadline);
	if (!error)
		error = receive_all(fd, head, sizeof head, deadline);
	if (error)
		return error;
	n = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (n == 0 || n > MAX_ANSWER)
		return EPROTO;
	krb5_data answer;
	if (krb5_data_alloc(&answer, n))
		return ENOMEM;
	error = receive_all(fd, answer.data, n, deadline);
	if (error)
		krb5_data_free(&answer);
	else
		*ret_answer = answer;
	return error;
}

/* The KDCs of a realm.  They belong to the handle. */
struct realm {
	const char *name;
	krb5_context krb5; /* that the handle is of */
	krb5_krbhst_handle handle;
	krb5_error_code code;
	int n;
	krb5_krbhst_info *kdcs[MAX_HOSTS];
};

static bool is_listed(const struct realm *realm, const krb5_krbhst_info *host)
{
	for (int i = 0; i < realm->n; i++)
		if (realm->kdcs[i]->port == host->port && strcmp(realm->kdcs[i]->hostname, host->hostname) == 0)
			return true;
	return false;
}

static void collect(struct realm *realm)
{
	krb5_krbhst_info *host;
	realm->code = krb5_krbhst_init_flags(
			realm->krb5, realm->name, KRB5_KRBHST_KDC, KRB5_KRBHST_FLAGS_LARGE_MSG, &realm->handle);
	while (!realm->code && realm->n < MAX_HOSTS && krb5_krbhst_next(realm->krb5, realm->handle, &host) == 0)
		if (host->proto != KRB5_KRBHST_HTTP && !is_listed(realm, host))
			realm->kdcs[realm->n++] = host;
}

static bool ask(const char *host, unsigned port, const krb5_data *request, krb5_data *ret_answer, spk_deadline deadline)
{
	spn_error err;
	int fd;
	if (spk_dial(host, port, deadline, &fd, &err)) {
		memcpy(why, err.message, sizeof why);
		return false;
	}
	int error = exchange(fd, request, ret_answer, deadline);
	close(fd);
	if (error)
		snprintf(why, sizeof why, "'%.200s', port %u: %s", host, port,
				error == ETIMEDOUT ? "no answer in time" : strerror(error));
	return error == 0;
}

/* Every KDC of the realm gets its share of the time that is left. */
static krb5_error_code ask_all(const struct realm *realm, const krb5_data *request, krb5_data *ret_answer)
{
	enum { PORT = 88 };
	bool is_preferred = preferred_realm && strcasecmp(preferred_realm, realm->name) == 0;
	if (is_preferred &&
			ask(preferred_host, PORT, request, ret_answer,
					spk_deadline_in((unsigned)spk_deadline_left(limit) / 2)))
		return 0;
	if (realm->code)
		return realm->code;
	if (realm->n == 0)
		snprintf(why, sizeof why, "neither DNS nor krb5.conf names one for '%.200s'", realm->name);
	for (int i = 0; i < realm->n; i++) {
		int share = spk_deadline_left(limit) / (realm->n - i);
		const krb5_krbhst_info *kdc = realm->kdcs[i];
		if (ask(kdc->hostname, kdc->port, request, ret_answer, spk_deadline_in((unsigned)share)))
			return 0;
	}
	return KRB5_KDC_UNREACH;
}

static void free_realm(void *arg)
{
	struct realm *realm = arg;
	if (realm->handle)
		krb5_krbhst_free(realm->krb5, realm->handle);
	if (realm->krb5)
		krb5_free_context(realm->krb5);
	free((char *)(uintptr_t)realm->name);
	free(realm);
}

/* In a thread, which may go on when nobody waits any more, with a context of its own. */
static void collect_alone(void *arg)
{
	struct realm *realm = arg;
	realm->code = krb5_init_context(&realm->krb5);
	if (!realm->code)
		collect(realm);
}

/* DNS may be silent for minutes. */
static krb5_error_code ask_by_dns(const char *name, const krb5_data *request, krb5_data *ret_answer)
{
	struct realm *realm = calloc(1, sizeof *realm);
	if (!realm || !(realm->name = strdup(name))) {
		free(realm);
		return ENOMEM;
	}
	int error = spk_call_in_time(collect_alone, realm, free_realm, limit);
	if (error == ETIMEDOUT) {
		snprintf(why, sizeof why, "DNS did not name one for '%.200s' in time", name);
		return KRB5_KDC_UNREACH;
	}
	krb5_error_code code = error ? error : ask_all(realm, request, ret_answer);
	free_realm(realm);
	return code;
}

static krb5_error_code send_in_time(
		krb5_context krb5, const char *name, const krb5_data *request, krb5_data *ret_answer)
{
	if (!krb5_config_get_string(krb5, NULL, "realms", name, "kdc", NULL))
		return ask_by_dns(name, request, ret_answer);
	struct realm realm = { .name = name, .krb5 = krb5 };
	collect(&realm);
	krb5_error_code code = ask_all(&realm, request, ret_answer);
	if (realm.handle)
		krb5_krbhst_free(krb5, realm.handle);
	return code;
}

static krb5_error_code send_to_realm(krb5_context krb5, void *data, krb5_const_realm name, time_t timeout,
		const krb5_data *request, krb5_data *ret_answer)
{
	(void)data;
	(void)timeout;
	if (limit == 0)
		return KRB5_PLUGIN_NO_HANDLE;
	if (only && only->length)
		return KRB5_KDC_UNREACH;
	krb5_error_code code = send_in_time(krb5, name, request, ret_answer);
	return !code && only ? krb5_data_copy(only, ret_answer->data, ret_answer->length) : code;
}

static krb5_error_code begin(krb5_context krb5, void **ret_data)
{
	(void)krb5;
	*ret_data = NULL;
	return 0;
}

static void end(void *data)
{
	(void)data;
}

krb5_error_code spk_kdc_io_init(krb5_context krb5)
{
	static krb5plugin_send_to_kdc_ftable table = { KRB5_PLUGIN_SEND_TO_KDC_VERSION_2, begin, end, NULL, send_to_realm };
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static bool done;
	krb5_error_code code = 0;
	/* Heimdal 7 keeps plug-ins for the whole process, whatever the context */
	pthread_mutex_lock(&lock);
	if (!done)
		code = krb5_plugin_register(krb5, PLUGIN_TYPE_DATA, KRB5_PLUGIN_SEND_TO_KDC, &table);
	done = done || code == 0;
	pthread_mutex_unlock(&lock);
	return code;
}
