/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include <spnkit/mock.h>

#include "kdc.h"
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "kerberos/cause.h"

#define ALICE "alice@EXAMPLE.COM"
#define REALM "EXAMPLE.COM"
#define AES256 18
#define TEN_HOURS (10L * 60 * 60)

struct answer {
	char *spn; /* NULL: any */
	int code;
	char *client, *server, *der; /* NULL: made up; der: none */
	spn_ticket ticket;           /* the rest of it */
};

struct mock {
	struct answer *answers;
	size_t n;
	unsigned long calls, stores;
};

static void free_answer(struct answer *answer)
{
	free(answer->spn);
	free(answer->client);
	free(answer->server);
	free(answer->der);
}

static void free_mock(void *self)
{
	struct mock *mock = self;
	for (size_t i = 0; i < mock->n; i++)
		free_answer(&mock->answers[i]);
	free(mock->answers);
	free(mock);
}

/* The latest answer to the name itself, or else to any. */
static const struct answer *find(const struct mock *mock, const char *spn)
{
	const struct answer *any = NULL;
	for (size_t i = mock->n; i-- > 0;) {
		const struct answer *answer = &mock->answers[i];
		if (!answer->spn)
			any = any ? any : answer;
		else if (spn_name_compare(answer->spn, spn) == 0)
			return answer;
	}
	return any;
}

static spn_status request(void *self, const char *spn, spn_ticket_fn *fn, void *data, spn_error *err)
{
	struct mock *mock = self;
	mock->calls++;
	const struct answer *answer = find(mock, spn);
	int code = answer ? answer->code : 7;
	if (code) /* as a real KDC's errors look */
		return spk_cause_no_ticket(err, code > 0 && code < 128 ? SPK_KRB5_BASE + code : code, spn,
				answer && answer->client ? answer->client : ALICE, "");
	spn_ticket ticket = answer->ticket;
	SPK_AUTOFREE char *server = answer->server ? strdup(answer->server) : spk_printf("%s@%s", spn, REALM);
	SPK_AUTOFREE char *client = strdup(answer->client ? answer->client : ALICE);
	SPK_AUTOFREE char *der = malloc(ticket.der.len + 1); /* fn may set another answer, and so free this one */
	if (!server || !client || !der)
		return spk_nomem(err);
	if (ticket.der.len)
		memcpy(der, answer->der, ticket.der.len);
	ticket.client = client;
	ticket.server = server;
	ticket.der.data = der;
	ticket.enctype = ticket.enctype ? ticket.enctype : AES256;
	ticket.session_enctype = ticket.session_enctype ? ticket.session_enctype : AES256;
	ticket.kvno = ticket.kvno ? ticket.kvno : 1;
	ticket.starts = ticket.starts ? ticket.starts : time(NULL);
	ticket.ends = ticket.ends ? ticket.ends : ticket.starts + TEN_HOURS;
	return fn(&ticket, data, err);
}

/* It has no cache to put it into, but whoever got a ticket could have stored it. */
static spn_status forget_ticket(const spn_ticket *ticket, void *data, spn_error *err)
{
	(void)ticket;
	(void)data;
	(void)err;
	return SPN_OK;
}

static spn_status store(void *self, const char *spn, const char *ccache, spn_error *err)
{
	struct mock *mock = self;
	(void)ccache;
	spn_status status = request(mock, spn, forget_ticket, NULL, err);
	mock->stores += !status;
	return status;
}

static const spn_kdc_ops ops = { SPN_KDC_OPS_VERSION, "mock", request, free_mock, store };

spn_status spn_mock_kdc_new(spn_kdc **ret_kdc, spn_error *err)
{
	if (!ret_kdc)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_mock_kdc_new: an argument is NULL");
	struct mock *mock = calloc(1, sizeof *mock);
	if (!mock)
		return spk_nomem(err);
	spn_status status = spn_kdc_new(&ops, mock, ret_kdc, err);
	if (status)
		free_mock(mock);
	return status;
}

static bool copy_text(const char *text, char **ret_copy)
{
	*ret_copy = text ? strdup(text) : NULL;
	return !text || *ret_copy;
}

static bool copy_answer(const spn_mock_answer *from, struct answer *to)
{
	static const spn_ticket made_up = { .version = SPN_TICKET_VERSION };
	const spn_ticket *ticket = from->ticket ? from->ticket : &made_up;
	*to = (struct answer){ .code = from->krb5_code, .ticket = *ticket };
	spn_bytes der = ticket->der;
	if (der.len && !(to->der = malloc(der.len)))
		return false;
	if (der.len)
		memcpy(to->der, der.data, der.len);
	return copy_text(from->spn, &to->spn) && copy_text(ticket->client, &to->client) &&
			copy_text(ticket->server, &to->server);
}

spn_status spn_mock_kdc_answer(spn_kdc *kdc, const spn_mock_answer *answer, spn_error *err)
{
	struct mock *mock = spk_kdc_self(kdc, &ops);
	if (!mock || !answer)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_mock_kdc_answer: an argument is NULL, or not a mock");
	spn_status status = spk_version_check("spn_mock_answer", answer->version, SPN_MOCK_ANSWER_VERSION, err);
	if (!status && answer->ticket)
		status = spk_version_check("spn_ticket", answer->ticket->version, SPN_TICKET_VERSION, err);
	if (status)
		return status;
	struct answer copy = { 0 };
	struct answer *larger = realloc(mock->answers, (mock->n + 1) * sizeof *larger);
	if (larger)
		mock->answers = larger;
	if (!larger || !copy_answer(answer, &copy)) {
		free_answer(&copy);
		return spk_nomem(err);
	}
	mock->answers[mock->n++] = copy;
	return SPN_OK;
}

unsigned long spn_mock_kdc_calls(const spn_kdc *kdc)
{
	const struct mock *mock = spk_kdc_self(kdc, &ops);
	return mock ? mock->calls : 0;
}

unsigned long spn_mock_kdc_stores(const spn_kdc *kdc)
{
	const struct mock *mock = spk_kdc_self(kdc, &ops);
	return mock ? mock->stores : 0;
}
