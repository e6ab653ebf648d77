/* SPDX-License-Identifier: MIT */
/* audit_helper.h - accounts for an audit, and what is found among them */
#ifndef AUDIT_HELPER_H
#define AUDIT_HELPER_H

#include "ops.h"
#include "remedy_helper.h"

#define USER(name, more) "dn: CN=" name "," BASE "\nobjectClass: user\nsAMAccountName: " name "\n" \
	"userAccountControl: 512\nmsDS-SupportedEncryptionTypes: 24\n" more "\n"
#define COMPUTER(name, more) "dn: CN=" name "," BASE "\nobjectClass: computer\nsAMAccountName: " name "$\n" \
	"userAccountControl: 4096\ndNSHostName: " name ".example.com\n" more "\n"
#define SPN(name) "servicePrincipalName: " name "\n"
#define NAMES(host) SPN("HOST/" host) SPN("HOST/" host ".example.com")
#define USER_OFF(name, more) "dn: CN=" name "," BASE "\nobjectClass: user\nsAMAccountName: " name "\n" \
	"userAccountControl: 514\n" more "\n"
#define OFF(name, more) "dn: CN=" name "," BASE "\nobjectClass: computer\nsAMAccountName: " name "$\n" \
	"userAccountControl: 4098\ndNSHostName: " name ".example.com\n" more "\n"
/* 2026-01-01, in the two ways of counting */
#define NOW INT64_C(1767225600)

/* What a test finds: "code severity account spn;" each, and the last finding's repair. */
struct found {
	char list[4096];
	char text[1024], repair[1024];
	char all_repairs[1024]; /* each with a ';' */
	bool wants_classes;
};

static inline spn_status note(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct found *found = data;
	size_t len = strlen(found->list);
	if (strcmp(finding->code, "unknown-class") == 0 && !found->wants_classes) /* those of tests mean nothing */
		return SPN_OK;
	snprintf(found->list + len, sizeof found->list - len, "%s %s %s %s;", finding->code,
			spn_severity_name(finding->severity), finding->accounts[0].account,
			finding->spn ? finding->spn : "-");
	snprintf(found->text, sizeof found->text, "%s", finding->text);
	len = strlen(found->all_repairs);
	snprintf(found->all_repairs + len, sizeof found->all_repairs - len, "%s;", remedy_text(finding));
	remedy_keep(finding, found->repair, sizeof found->repair);
	return SPN_OK;
}

static inline void look_by(spn_dialect rules, const char *ldif, const spn_audit_options *options, struct found *found)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	*found = (struct found){ .wants_classes = false };
	if (spn_mock_new(ldif, rules, &dir, &err) || spn_audit(dir, options, note, found, &err))
		fail_msg("%s", err.message);
	spn_directory_free(dir);
}

static inline void look(const char *ldif, const spn_audit_options *options, struct found *found)
{
	look_by(SPN_DIALECT_WINDOWS, ldif, options, found);
}

static inline void expect(const char *ldif, const char *wanted, const char *repair)
{
	struct found found;
	spn_audit_options options = SPN_AUDIT_OPTIONS_INIT;
	options.now = NOW;
	look(ldif, &options, &found);
	assert_string_equal(found.list, wanted);
	assert_string_equal(found.repair, repair);
}

#endif
