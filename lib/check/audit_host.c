/* SPDX-License-Identifier: MIT */
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "audit.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/net.h"
#include "model/dn.h"
#include "model/fold.h"

/* Each host that DNS says nothing about may cost that time.  One zone whose servers fail must not hide the hosts of all
 * others, nor may many keep the audit waiting; a resolver that has never answered will not do so later. */
enum { FAILURES_OF_ZONE = 3, FAILURES_MAX = 16, FAILURES_WITHOUT_ANSWER = 3 };

/* Hashes of the hosts that were asked for. */
struct spk_asked_hosts {
	uint64_t seed;
	uint64_t *asked; /* 0: a free place */
	size_t n, size;
	bool has_answered;
	char *failed[FAILURES_MAX]; /* the hosts about which DNS said nothing */
	size_t n_failed;
};

spn_status spk_asked_hosts_new(struct spk_asked_hosts **ret_asked, spn_error *err)
{
	struct spk_asked_hosts *hosts = calloc(1, sizeof *hosts);
	if (!hosts)
		return spk_nomem(err);
	hosts->seed = spk_hash_seed();
	*ret_asked = hosts;
	return SPN_OK;
}

void spk_asked_hosts_free(struct spk_asked_hosts *asked)
{
	if (!asked)
		return;
	while (asked->n_failed > 0)
		free(asked->failed[--asked->n_failed]);
	free(asked->asked);
	free(asked);
}

static uint64_t *place_of(const struct spk_asked_hosts *hosts, uint64_t hash)
{
	size_t i = hash % hosts->size;
	while (hosts->asked[i] && hosts->asked[i] != hash)
		i = (i + 1) % hosts->size;
	return &hosts->asked[i];
}

/* Takes note of a host; false in ret_new if it was noted before. */
static spn_status note_host(struct spk_asked_hosts *hosts, const char *host, bool *ret_new, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	spk_fold_key(spk_bytes(host), SPK_FOLD_WINDOWS, &key);
	if (key.failed)
		return spk_nomem(err);
	if (2 * (hosts->n + 1) > hosts->size) {
		struct spk_asked_hosts grown = { .size = hosts->size * 2 + 64 };
		grown.asked = calloc(grown.size, sizeof *grown.asked);
		if (!grown.asked)
			return spk_nomem(err);
		for (size_t i = 0; i < hosts->size; i++)
			if (hosts->asked[i])
				*place_of(&grown, hosts->asked[i]) = hosts->asked[i];
		free(hosts->asked);
		hosts->asked = grown.asked;
		hosts->size = grown.size;
	}
	uint64_t hash = spk_hash(key.data, key.len, hosts->seed) | 1;
	uint64_t *place = place_of(hosts, hash);
	*ret_new = !*place;
	hosts->n += !*place;
	*place = hash;
	return SPN_OK;
}

struct question {
	char *host;
	int answer; /* of getaddrinfo */
};

static void ask(void *arg)
{
	struct question *question = arg;
	struct addrinfo *found = NULL;
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	question->answer = getaddrinfo(question->host, NULL, &hints, &found);
	if (found)
		freeaddrinfo(found);
}

static void free_question(void *arg)
{
	struct question *question = arg;
	free(question->host);
	free(question);
}

spn_status spn_host_known(const char *host, bool *ret_known, void *data, spn_error *err)
{
	(void)data;
	if (!host || !ret_known)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_host_known: an argument is NULL");
	struct question *question = calloc(1, sizeof *question);
	if (question)
		question->host = strdup(host);
	if (!question || !question->host) {
		free(question);
		return spk_nomem(err);
	}
	spn_status status = spk_ask_dns(ask, question, free_question, host, err);
	if (status)
		return status;
	int answer = question->answer;
	free_question(question);
	if (answer && answer != EAI_NONAME && answer != EAI_NODATA)
		return spn_fail(err, SPN_ERR_UNREACHABLE, answer, "DNS did not answer for '%s': %s", host, gai_strerror(answer));
	*ret_known = answer == 0;
	return SPN_OK;
}

/* A domain's or a controller's own names are made of GUIDs, and of words such as "changepw". */
static bool is_guid(spn_bytes host)
{
	size_t n = 0;
	while (n < host.len && strchr("0123456789abcdefABCDEF-", host.data[n]))
		n++;
	return host.len == 36 && n == 36;
}

/* A short name is looked for in the domain of its account: what the machine of the auditor searches is of no matter. */
static void add_full_name(const spn_account *account, const char *host, spk_text *full)
{
	spk_text_add(full, "%s", host);
	if (!strchr(host, '.')) {
		spk_text_add_char(full, '.');
		spk_dn_domain(spn_account_dn(account), full);
	}
}

static const char *zone_of(const char *host)
{
	const char *dot = strchr(host, '.');
	return dot ? dot + 1 : host;
}

static bool is_zone_given_up(const struct spk_asked_hosts *asked, const char *host)
{
	size_t n = 0;
	for (size_t i = 0; i < asked->n_failed; i++)
		n += spk_ascii_equal(zone_of(asked->failed[i]), zone_of(host));
	return n >= FAILURES_OF_ZONE;
}

static bool is_given_up(const struct spk_asked_hosts *asked)
{
	return asked->n_failed >= (asked->has_answered ? FAILURES_MAX : FAILURES_WITHOUT_ANSWER);
}

/* full: the host's name with its domain. */
static spn_status tell_silence(const spk_audit *audit, const spn_account *account, const char *spn, const char *full,
		const spn_error *why, spn_error *err)
{
	struct spk_asked_hosts *asked = audit->asked;
	asked->failed[asked->n_failed] = strdup(full);
	if (!asked->failed[asked->n_failed])
		return spk_nomem(err);
	asked->n_failed++;
	if (is_given_up(asked))
		return spk_tell(audit->to, err, "unreachable", SPN_SEVERITY_NOTICE, spn, account, NULL,
				"%s; the hosts of other names are not looked at", why->message);
	bool of_zone = is_zone_given_up(asked, full);
	return spk_tell(audit->to, err, "unreachable", SPN_SEVERITY_NOTICE, spn, account, NULL, "%s%s%s%s", why->message,
			of_zone ? "; other hosts of '" : "", of_zone ? zone_of(full) : "", of_zone ? "' are not looked at" : "");
}

static spn_status look_up(const spk_audit *audit, const spk_rule *rule, const spn_account *account, spn_bytes stored,
		spn_error *err)
{
	spn_name name;
	const char *spn = stored.data;
	spn_error why = { .status = SPN_OK };
	bool is_new = true, known = true;
	if (is_given_up(audit->asked) || spk_has_nul(stored) ||
			spn_name_parse(spn, &name, NULL) || is_guid(name.host) ||
			memchr(name.host.data, ':', name.host.len)) /* an IPv6 address needs no DNS */
		return SPN_OK;
	SPK_AUTOFREE char *host = strndup(name.host.data, name.host.len);
	SPK_AUTOTEXT spk_text full = { 0 };
	if (host)
		add_full_name(account, host, &full);
	if (!host || full.failed)
		return spk_nomem(err);
	spn_status status = note_host(audit->asked, host, &is_new, err);
	if (status || !is_new || is_zone_given_up(audit->asked, full.data))
		return status;
	status = audit->options->knows_host(full.data, &known, audit->options->host_data, &why);
	if (status == SPN_ERR_UNREACHABLE)
		return tell_silence(audit, account, spn, full.data, &why, err);
	if (status)
		return spn_fail(err, status, why.native, "%s", why.message);
	audit->asked->has_answered = true;
	return known ? SPN_OK : spk_tell(audit->to, err, rule->code, SPN_SEVERITY_NOTICE, spn, account, NULL,
			"there is no host '%s' in DNS: '%s' on '%s' may be left over", host, spn, spk_account_label(account));
}

spn_status spk_rule_unknown_host(const spk_audit *audit, const spk_rule *rule, const spn_account *account,
		spn_bytes stored, spn_error *err)
{
	return audit->options->knows_host ? look_up(audit, rule, account, stored, err) : SPN_OK;
}
