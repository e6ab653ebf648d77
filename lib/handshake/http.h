/* SPDX-License-Identifier: MIT */
/* http.h - one HTTP request after another to one URL, through a libcurl that is loaded when it is needed */
#ifndef SPK_HTTP_H
#define SPK_HTTP_H

#include "challenge.h"
#include "url.h"
#include "base/cleanup.h"
#include "base/net.h"

typedef struct spk_http spk_http;

/* What came back. */
typedef struct spk_http_answer {
	int status; /* 0: no HTTP; why says what else */
	spk_challenges challenges;
	spk_text location;
	bool is_proxys; /* a proxy wants a log-on */
	char why[256];
} spk_http_answer;

void spk_http_answer_free(spk_http_answer *answer);

/*
 * cacert may be NULL: the system's authorities.  url and cacert are lent.  Nothing is sent yet.
 *
 * No proxy, no redirect, no cookie, no netrc, no password, whatever the environment says.
 *
 * Returns SPN_ERR_UNSUPPORTED if there is no libcurl.
 */
spn_status spk_http_open(
		const spk_url *url, const char *cacert, spk_deadline deadline, spk_http **ret_http, spn_error *err);

/*
 * Sends a request without a body: POST if the URL is WS-Management's, else GET; with an Authorization header or NULL.
 *
 * The answer starts zeroed.  Returns SPN_ERR_UNREACHABLE if there is none.
 */
spn_status spk_http_ask(spk_http *http, const char *authorization, spk_http_answer *answer, spn_error *err);

/* Accepts NULL.  Always returns NULL. */
spk_http *spk_http_free(spk_http *http);

SPK_DEFINE_AUTO(spk_http, spk_http_free)

#endif
