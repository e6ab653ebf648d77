/* SPDX-License-Identifier: MIT */
/* watch_helper.h - looks at a mock, and what they tell */
#ifndef WATCH_HELPER_H
#define WATCH_HELPER_H

#include "memory_helper.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spnkit/backend.h>

#include "check/changes.h"
#include "check/snapshot.h"
#include "directory/directory.h"

/* What a look tells: "kind spn account;", with "!" behind the kind if a verdict has changed. */
struct seen {
	char list[16384];
	size_t stop_at; /* so many events are taken; 0: all */
	size_t n;
};

static inline spn_status note(const spn_event *event, void *data, spn_error *err)
{
	struct seen *seen = data;
	size_t len = strlen(seen->list);
	const spn_account_ref *who = event->to ? event->to : event->from;
	if (seen->stop_at && ++seen->n >= seen->stop_at)
		return spn_fail(err, SPN_ERR_FAILED, 0, "nobody listens");
	snprintf(seen->list + len, sizeof seen->list - len, "%s%s %s %s;", spn_event_kind_name(event->kind),
			spn_event_changes_verdict(event) ? "!" : "", event->spn ? event->spn : "",
			event->finding      ? event->finding->code :
					who ? who->account :
					      "-");
	return SPN_OK;
}

#define BASE "DC=example,DC=com"
#define ENTRY(kind, name, more) \
	"dn: CN=" name ",CN=Users," BASE "\nobjectClass: " kind "\nsAMAccountName: " name "\ncn: " name "\n" more "\n"
#define USER(name, more) ENTRY("user", name, more)
#define COMPUTER(name, more) ENTRY("computer", name, more)
#define S(name) "servicePrincipalName: " name "\n"
#define DN(name) "CN=" name ",CN=Users," BASE
#define DOMAIN \
	"dn: " BASE "\nobjectClass: domainDNS\n\n" USER("a", S("http/web")) USER("b", S("x/b")) \
			COMPUTER("W$", S("HOST/w") S("x/w"))

static char path[64];

static inline int set_up(void **state)
{
	(void)state;
	snprintf(path, sizeof path, "/tmp/spnkit-watch-XXXXXX");
	int fd = mkstemp(path);
	if (fd < 0)
		return -1;
	close(fd);
	return unlink(path);
}

static inline int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static inline spn_directory *server(const char *ldif)
{
	spn_directory *dir = NULL;
	spn_error error = { .status = SPN_OK }, *err = &error;
	assert_ok(spn_mock_new(ldif, SPN_DIALECT_WINDOWS, &dir, err));
	assert_ok(spn_mock_allow_duplicates(dir, true, err));
	return dir;
}

static inline spn_watch *begin(const char *state)
{
	spn_watch *watch = NULL;
	spn_error error = { .status = SPN_OK }, *err = &error;
	assert_ok(spn_watch_new(state, &watch, err));
	return watch;
}

static inline void expect(spn_watch *watch, spn_directory *dir, const char *wanted)
{
	struct seen seen = { .n = 0 };
	spn_error error = { .status = SPN_OK }, *err = &error;
	assert_ok(spn_watch_look(watch, dir, note, &seen, err));
	assert_string_equal(seen.list, wanted);
}

static inline void change_name(spn_directory *dir, const char *dn, spn_mod_op op, const char *name)
{
	spn_error error = { .status = SPN_OK }, *err = &error;
	assert_ok(change(dir, dn, op, SPN, name, err));
}

#endif
