/* SPDX-License-Identifier: MIT */
#include "kdc_io.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <krb5/send_to_kdc_plugin.h>

#include "base/error.h"

#define MAX_HOSTS 16
/* An answer with a large PAC is some 64 KiB; what is far beyond is no KDC. */
#define MAX_ANSWER (1u << 20)

static _Thread_local spk_deadline limit;
static _Thread_local char why[SPN_MESSAGE_SIZE];

void spk_kdc_limit(spk_deadline deadline)
{
	limit = deadline;
	why[0] = '\0';
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

/* The KDCs of a realm. */
struct realm {
	char *name;
	int n;
	struct {
		char *host;
		unsigned short port;
	} kdcs[MAX_HOSTS];
};

static void free_realm(void *arg)
{
	struct realm *realm = arg;
	for (int i = 0; i < realm->n; i++)
		free(realm->kdcs[i].host);
	free(realm->name);
	free(realm);
}

static bool is_listed(const struct realm *realm, const krb5_krbhst_info *host)
{
	for (int i = 0; i < realm->n; i++)
		if (realm->kdcs[i].port == host->port && strcmp(realm->kdcs[i].host, host->hostname) == 0)
			return true;
	return false;
}

static void collect(krb5_context krb5, struct realm *realm)
{
	krb5_krbhst_handle handle;
	krb5_krbhst_info *host;
	if (krb5_krbhst_init_flags(krb5, realm->name, KRB5_KRBHST_KDC, KRB5_KRBHST_FLAGS_LARGE_MSG, &handle))
		return;
	while (realm->n < MAX_HOSTS && krb5_krbhst_next(krb5, handle, &host) == 0) {
		if (host->proto == KRB5_KRBHST_HTTP || is_listed(realm, host))
			continue;
		realm->kdcs[realm->n].port = host->port;
		if ((realm->kdcs[realm->n].host = strdup(host->hostname)))
			realm->n++;
	}
	krb5_krbhst_free(krb5, handle);
}

static void collect_by_dns(void *arg)
{
	krb5_context krb5; /* of this thread alone, which may go on when nobody waits any more */
	if (krb5_init_context(&krb5))
		return;
	collect(krb5, arg);
	krb5_free_context(krb5);
}

/* Where krb5.conf names no KDC, DNS is asked, which may be silent for minutes. */
static krb5_error_code find_kdcs(krb5_context krb5, const char *name, struct realm **ret_realm)
{
	struct realm *realm = calloc(1, sizeof *realm);
	if (!realm || !(realm->name = strdup(name))) {
		free(realm);
		return ENOMEM;
	}
	char **configured = krb5_config_get_strings(krb5, NULL, "realms", name, "kdc", NULL);
	int error = 0;
	if (configured)
		collect(krb5, realm);
	else
		error = spk_call_in_time(collect_by_dns, realm, free_realm, limit);
	krb5_config_free_strings(configured);
	if (error == ETIMEDOUT) {
		snprintf(why, sizeof why, "DNS did not name one for '%.200s' in time", name);
		return KRB5_KDC_UNREACH;
	}
	*ret_realm = realm;
	return 0;
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
		snprintf(why, sizeof why, "'%.200s', port %u: %s", host, port, error == ETIMEDOUT ? "no answer in time" : strerror(error));
	return error == 0;
}

/* Every KDC of the realm gets its share of the time that is left. */
static krb5_error_code send_to_realm(krb5_context krb5, void *data, krb5_const_realm name, time_t timeout,
		const krb5_data *request, krb5_data *ret_answer)
{
	(void)data;
	(void)timeout;
	if (limit == 0)
		return KRB5_PLUGIN_NO_HANDLE;
	struct realm *realm;
	krb5_error_code code = find_kdcs(krb5, name, &realm);
	if (code)
		return code;
	code = KRB5_KDC_UNREACH;
	if (realm->n == 0)
		snprintf(why, sizeof why, "neither DNS nor krb5.conf names one for '%.200s'", name);
	for (int i = 0; i < realm->n && code; i++) {
		int share = spk_deadline_left(limit) / (realm->n - i);
		if (ask(realm->kdcs[i].host, realm->kdcs[i].port, request, ret_answer, spk_deadline_in((unsigned)share)))
			code = 0;
	}
	free_realm(realm);
	return code;
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
