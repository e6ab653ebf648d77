/* SPDX-License-Identifier: MIT */
#include "http.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define CURL_DISABLE_DEPRECATION
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/error.h"

/* What is beyond is no answer to a handshake. */
#define MAX_HEADERS (128u << 10)
#define MAX_BODY (256u << 10)

/* Loaded, not linked: libcurl brings MIT's Kerberos and a dozen libraries more, which nobody needs to query a name. */
static struct {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *init;
	__typeof__(curl_easy_setopt) *set;
	__typeof__(curl_easy_perform) *perform;
	__typeof__(curl_easy_cleanup) *cleanup;
	__typeof__(curl_easy_strerror) *text_of;
	__typeof__(curl_slist_append) *append;
	__typeof__(curl_slist_free_all) *free_all;
	bool loaded;
} curl;

struct spk_http {
	CURL *easy;
	const spk_url *url;
	const char *cacert;
	struct curl_slist *resolved;
	spk_deadline deadline;
	spn_error dial_error; /* status SPN_OK: a connection came about */
	char why[CURL_ERROR_SIZE];
	/* of the answer that is being received */
	spk_http_answer *answer;
	size_t n_headers, n_body;
	bool complete; /* its headers */
};

static bool find(void *library, const char *name, void *where)
{
	void *found = dlsym(library, name);
	memcpy(where, &found, sizeof found);
	return found != NULL;
}

static void load(void)
{
	/* GnuTLS first: libldap has brought it already */
	void *library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
	curl.loaded = library && find(library, "curl_global_init", &curl.global_init) &&
			find(library, "curl_easy_init", &curl.init) && find(library, "curl_easy_setopt", &curl.set) &&
			find(library, "curl_easy_perform", &curl.perform) && find(library, "curl_easy_cleanup", &curl.cleanup) &&
			find(library, "curl_easy_strerror", &curl.text_of) && find(library, "curl_slist_append", &curl.append) &&
			find(library, "curl_slist_free_all", &curl.free_all) && curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

void spk_http_answer_free(spk_http_answer *answer)
{
	spk_challenges_free(&answer->challenges);
	spk_text_free(&answer->location);
}

spk_http *spk_http_free(spk_http *http)
{
	if (!http)
		return NULL;
	if (http->easy)
		curl.cleanup(http->easy);
	curl.free_all(http->resolved);
	free(http);
	return NULL;
}

/* ---- what libcurl calls ---- */

/* We connect ourselves: in time, even if DNS is silent, and with an error that names the step. */
static curl_socket_t dial(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)purpose;
	(void)address;
	spk_http *http = data;
	int fd;
	http->dial_error.status = SPN_OK;
	return spk_dial(http->url->host, http->url->port, http->deadline, &fd, &http->dial_error) ? CURL_SOCKET_BAD : fd;
}

static int say_connected(void *data, curl_socket_t fd, curlsocktype purpose)
{
	(void)data;
	(void)fd;
	(void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

/* The value of a header if it is the one that is wanted. */
static bool is_header(const char *line, size_t len, const char *name, const char **ret_value, size_t *ret_len)
{
	size_t n = strlen(name);
	if (len <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
		return false;
	const char *value = line + n + 1, *end = line + len;
	while (value < end && strchr(" \t", *value))
		value++;
	while (end > value && strchr(" \t\r\n", end[-1]))
		end--;
	*ret_value = value;
	*ret_len = (size_t)(end - value);
	return true;
}

static int status_of(const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);
	size_t left = space ? (size_t)(line + len - space) : 0;
	if (left < 4 || space[1] < '1' || space[1] > '9' || space[2] < '0' || space[2] > '9' || space[3] < '0' ||
			space[3] > '9')
		return 0;
	return (space[1] - '0') * 100 + (space[2] - '0') * 10 + (space[3] - '0');
}

static size_t take_header(char *line, size_t size, size_t n, void *data)
{
	spk_http *http = data;
	spk_http_answer *answer = http->answer;
	size_t len = size * n, value_len;
	const char *value;
	http->n_headers += len;
	if (http->n_headers > MAX_HEADERS)
		return 0;
	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) { /* of an interim answer (1xx) or of the one that counts */
		spk_http_answer_free(answer);
		*answer = (spk_http_answer){ .status = status_of(line, len) };
	} else if (line[0] == '\r' || line[0] == '\n') {
		http->complete = answer->status >= 200;
	} else if (is_header(line, len, "WWW-Authenticate", &value, &value_len)) {
		spk_challenges_add(&answer->challenges, value, value_len);
	} else if (is_header(line, len, "Proxy-Authenticate", &value, &value_len)) {
		answer->is_proxys = true;
	} else if (is_header(line, len, "Location", &value, &value_len)) {
		spk_text_clear(&answer->location);
		spk_text_add_bytes(&answer->location, value, value_len);
	}
	return len;
}

/* The body is of no interest; but if it is read to its end, the connection can be used again. */
static size_t take_body(char *body, size_t size, size_t n, void *data)
{
	(void)body;
	spk_http *http = data;
	http->n_body += size * n;
	return http->n_body > MAX_BODY ? 0 : size * n;
}

/* ---- requests ---- */

/* libcurl need not look up the host, since it does not connect. */
static CURLcode set_resolved(spk_http *http)
{
	char line[SPK_HOST_MAX + 32];
	snprintf(line, sizeof line, "%s:%u:127.0.0.1", http->url->host, http->url->port);
	http->resolved = curl.append(NULL, line);
	return http->resolved ? curl.set(http->easy, CURLOPT_RESOLVE, http->resolved) : CURLE_OUT_OF_MEMORY;
}

static CURLcode configure(spk_http *http)
{
	CURL *easy = http->easy;
	CURLcode code = set_resolved(http);
#define SET(option, value) (code = code ? code : curl.set(easy, option, value))
	SET(CURLOPT_URL, http->url->text);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_ERRORBUFFER, http->why);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (http->cacert)
		SET(CURLOPT_CAINFO, http->cacert);
	SET(CURLOPT_USERAGENT, "spnkit/" SPNKIT_VERSION);
	SET(CURLOPT_OPENSOCKETFUNCTION, dial);
	SET(CURLOPT_OPENSOCKETDATA, http);
	SET(CURLOPT_SOCKOPTFUNCTION, say_connected);
	SET(CURLOPT_HEADERFUNCTION, take_header);
	SET(CURLOPT_HEADERDATA, http);
	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, http);
	if (http->url->is_wsman) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDS, "");
		SET(CURLOPT_POSTFIELDSIZE, 0L);
	}
#undef SET
	return code;
}

spn_status spk_http_open(
		const spk_url *url, const char *cacert, spk_deadline deadline, spk_http **ret_http, spn_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load);
	if (!curl.loaded)
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0,
				"an HTTP handshake requires libcurl, which is not installed: install libcurl3-gnutls or libcurl4");
	SPK_AUTO(spk_http) *http = calloc(1, sizeof *http);
	if (!http)
		return spk_nomem(err);
	http->url = url;
	http->cacert = cacert;
	http->deadline = deadline;
	http->easy = curl.init();
	CURLcode code = http->easy ? configure(http) : CURLE_OUT_OF_MEMORY;
	if (code == CURLE_OUT_OF_MEMORY)
		return spk_nomem(err);
	if (code)
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "this libcurl lacks what a handshake requires: %s", curl.text_of(code));
	*ret_http = http;
	http = NULL;
	return SPN_OK;
}

static spn_status no_tls(const spk_http *http, CURLcode code, const char *why, spn_error *err)
{
	const char *host = http->url->host;
	unsigned port = http->url->port;
	if (code == CURLE_SSL_CACERT_BADFILE)
		return spn_fail(err, SPN_ERR_FAILED, 0, "the certificates in '%s' cannot be used: %s",
				http->cacert ? http->cacert : "(the system's store)", why);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return spn_fail(err, SPN_ERR_UNREACHABLE, 0,
				"the certificate of '%s', port %u, is not accepted: %s: name the file of "
				"its authority, or call the server as its certificate does",
				host, port, why);
	return spn_fail(err, SPN_ERR_UNREACHABLE, 0, "no TLS with '%s', port %u: %s", host, port, why);
}

/* There was no answer; or one that is no HTTP. */
static spn_status explain(spk_http *http, CURLcode code, spn_error *err)
{
	const char *why = http->why[0] ? http->why : curl.text_of(code), *host = http->url->host;
	spk_http_answer *answer = http->answer;
	size_t len = strlen(http->why);
	if (len > 0 && http->why[len - 1] == '.') /* as GnuTLS's texts end, and ours do not */
		http->why[len - 1] = '\0';
	if (http->dial_error.status) /* native: an errno would look like a code of Kerberos */
		return spn_fail(err, http->dial_error.status, 0, "%s", http->dial_error.message);
	switch (code) {
	case CURLE_OUT_OF_MEMORY: /* so it calls a line beyond its own limit too, and that is by far the likelier */
		why = "a line of it is too long";
		break;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return no_tls(http, code, why, err);
	case CURLE_OPERATION_TIMEDOUT:
		return spn_fail(err, SPN_ERR_UNREACHABLE, 0, "'%s', port %u: no answer in time", host, http->url->port);
	case CURLE_GOT_NOTHING:
		return spn_fail(err, SPN_ERR_UNREACHABLE, 0, "'%s', port %u: the connection was closed without an answer", host,
				http->url->port);
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		if (http->n_headers == 0)
			return spn_fail(err, SPN_ERR_UNREACHABLE, 0, "'%s', port %u: the connection was lost: %s", host,
					http->url->port, why);
		break;
	default:
		break;
	}
	spk_http_answer_free(answer);
	*answer = (spk_http_answer){ 0 };
	snprintf(answer->why, sizeof answer->why, "%.200s", http->n_headers > MAX_HEADERS ? "its headers do not end" : why);
	return SPN_OK;
}

static struct curl_slist *make_headers(const spk_http *http, const char *authorization)
{
	const char *first = http->url->is_wsman ? "Content-Type: application/soap+xml;charset=UTF-8" : "Accept: */*";
	struct curl_slist *list = curl.append(NULL, first);
	if (!list || !authorization)
		return list;
	struct curl_slist *longer = curl.append(list, authorization);
	if (!longer)
		curl.free_all(list);
	return longer;
}

spn_status spk_http_ask(spk_http *http, const char *authorization, spk_http_answer *answer, spn_error *err)
{
	struct curl_slist *headers = make_headers(http, authorization);
	if (!headers)
		return spk_nomem(err);
	int left = spk_deadline_left(http->deadline);
	http->answer = answer;
	http->n_headers = http->n_body = 0;
	http->complete = false;
	http->why[0] = '\0';
	http->dial_error.status = SPN_OK;
	CURLcode code = curl.set(http->easy, CURLOPT_HTTPHEADER, headers);
	if (!code)
		code = curl.set(http->easy, CURLOPT_TIMEOUT_MS, (long)(left ? left : 1)); /* 0 would be for ever */
	if (!code)
		code = curl.perform(http->easy);
	curl.set(http->easy, CURLOPT_HTTPHEADER, NULL);
	curl.free_all(headers);
	if (answer->challenges.names.failed || answer->challenges.token.failed || answer->location.failed)
		return spk_nomem(err);
	/* a body that is too long, or too slow, does not matter */
	return http->complete || code == CURLE_OK ? SPN_OK : explain(http, code, err);
}
