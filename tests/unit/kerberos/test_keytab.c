/* SPDX-License-Identifier: MIT */
/* Keytabs: what is in them, and whether a key in them decrypts a ticket. */
#include "unit.h"

#include "kdc_server.h"
#include "returned.h"

#define AES256 18
#define AES128 17
#define RC4 23

static spn_error err[1];
static spn_bytes der; /* of a real ticket of the service */

static spn_status keep(const spn_ticket *ticket, void *data, spn_error *error)
{
	(void)data;
	(void)error;
	char *copy = malloc(ticket->der.len);
	memcpy(copy, ticket->der.data, ticket->der.len);
	der = (spn_bytes){ copy, ticket->der.len };
	return SPN_OK;
}

static int start(void **state)
{
	int failed = kdc_start(state);
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
	options.credentials = &credentials;
	spn_kdc *kdc = NULL;
	credentials.ccache = kdc_path("cache");
	if (failed || spn_kdc_open(&options, &kdc, err) || request_ticket(kdc, "http/web", keep, NULL, err))
		return -1;
	spn_kdc_free(kdc);
	return 0;
}

static int stop(void **state)
{
	free((char *)der.data);
	return kdc_stop(state);
}

static char seen[400];

static spn_status note(const spn_keytab_entry *entry, void *data, spn_error *error)
{
	(void)data;
	(void)error;
	size_t len = strlen(seen);
	snprintf(seen + len, sizeof seen - len, "%s %u %d %d;", entry->principal, entry->kvno, entry->enctype,
			entry->time > 1000000000);
	return SPN_OK;
}

static void tries(const char *name, spn_keytab_verdict wanted, const char *entry)
{
	spn_ticket ticket = { .der = der };
	spn_keytab_verdict verdict;
	seen[0] = '\0';
	assert_ok(spn_keytab_try(kdc_path(name), &ticket, &verdict, note, NULL, err));
	assert_int_equal(verdict, wanted);
	assert_string_equal(seen, entry);
	assert_ok(spn_keytab_try(kdc_path(name), &ticket, &verdict, NULL, NULL, err));
}

static void any_principals_key_may_fit(void **state)
{
	(void)state;
	kdc_make_keytab(kdc_path("fits"), "other@" REALM, 9, AES128, "service");
	kdc_make_keytab(kdc_path("fits"), "other@" REALM, 3, AES256, "another");
	tries("fits", SPN_KEYTAB_WRONG_KEY, "other@" REALM " 3 18 1;");
	kdc_make_keytab(kdc_path("fits"), "WEB$@" REALM, 77, AES256, "service"); /* a kvno is only a hint */
	tries("fits", SPN_KEYTAB_FITS, "WEB$@" REALM " 77 18 1;");
	kdc_make_keytab(kdc_path("fits"), "late@" REALM, 3, AES256, "late");
	tries("fits", SPN_KEYTAB_FITS, "WEB$@" REALM " 77 18 1;");
	tries("keytab", SPN_KEYTAB_FITS, "HTTP/127.0.0.1@" REALM " 3 18 1;");
}

static void what_does_not_fit_is_told_by_the_nearest_entry(void **state)
{
	(void)state;
	kdc_make_keytab(kdc_path("near"), "web@" REALM, 3, RC4, "service");
	tries("near", SPN_KEYTAB_NO_ENCTYPE, "web@" REALM " 3 23 1;");
	kdc_make_keytab(kdc_path("near"), "web@" REALM, 2, AES256, "old");
	tries("near", SPN_KEYTAB_OLD_KEY, "web@" REALM " 2 18 1;");
	kdc_make_keytab(kdc_path("near"), "web@" REALM, 3, AES256, "wrong");
	tries("near", SPN_KEYTAB_WRONG_KEY, "web@" REALM " 3 18 1;");
}

static void the_default_keytab_is_taken(void **state)
{
	(void)state;
	spn_ticket ticket = { .der = der };
	spn_keytab_verdict verdict;
	assert_ok(spn_keytab_try(NULL, &ticket, &verdict, NULL, NULL, err));
	assert_int_equal(verdict, SPN_KEYTAB_FITS);
	seen[0] = '\0';
	assert_ok(spn_keytab_list(NULL, note, NULL, err));
	assert_string_equal(seen, "HTTP/127.0.0.1@" REALM " 3 18 1;");
}

static spn_status refuse(const spn_keytab_entry *entry, void *data, spn_error *error)
{
	(void)entry;
	(void)data;
	(void)error;
	return SPN_ERR_STOPPED;
}

static void entries_are_listed_until_told_to_stop(void **state)
{
	(void)state;
	kdc_make_keytab(kdc_path("list"), "a@" REALM, 1, AES256, "x");
	kdc_make_keytab(kdc_path("list"), "host/b@" REALM, 300, RC4, "x");
	seen[0] = '\0';
	assert_ok(spn_keytab_list(kdc_path("list"), note, NULL, err));
	assert_string_equal(seen, "a@" REALM " 1 18 1;host/b@" REALM " 300 23 1;");
	assert_int_equal(spn_keytab_list(kdc_path("list"), refuse, NULL, err), SPN_ERR_STOPPED);
	spn_ticket ticket = { .der = der };
	spn_keytab_verdict verdict = SPN_KEYTAB_FITS;
	assert_int_equal(spn_keytab_try(kdc_path("list"), &ticket, &verdict, refuse, NULL, err), SPN_ERR_STOPPED);
	assert_int_equal(verdict, SPN_KEYTAB_FITS);
}

static void write_file(const char *name, const char *data, size_t len)
{
	FILE *file = fopen(kdc_path(name), "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
}

static void a_keytab_of_no_use_is_refused_with_its_name(void **state)
{
	(void)state;
	assert_fails(spn_keytab_list("/nonexistent/keytab", note, NULL, err), SPN_ERR_AUTH, "'FILE:/nonexistent/keytab'");
	assert_fails(spn_keytab_list("NOSUCH:x", note, NULL, err), SPN_ERR_AUTH, "no such type of keytab");
	write_file("text", "this is text\n", 13);
	assert_fails(spn_keytab_list(kdc_path("text"), note, NULL, err), SPN_ERR_AUTH, "it is not a keytab");
	write_file("empty", "", 0);
	assert_int_not_equal(spn_keytab_list(kdc_path("empty"), note, NULL, err), SPN_OK);
	write_file("none", "\5\2", 2);
	assert_ok(spn_keytab_list(kdc_path("none"), note, NULL, err));
	tries("none", SPN_KEYTAB_NO_ENCTYPE, "");
	/* Heimdal takes some of them for the end; no more is asked than that it is one */
	for (size_t len = 6; len < 40; len++) {
		write_file("cut", "\5\2\0\0\0\x20\0\1\0\x0b" "EXAMPLE.COM\0\1ab\0\0\0\1\0\0\0\0\1\0\x12\0\x20", len);
		spn_keytab_list(kdc_path("cut"), note, NULL, err);
	}
}

static void what_is_no_ticket_is_refused(void **state)
{
	(void)state;
	spn_ticket ticket = { .der = { "", 0 } };
	spn_keytab_verdict verdict;
	assert_fails(spn_keytab_try(NULL, &ticket, &verdict, NULL, NULL, err), SPN_ERR_INVALID, "ticket");
	for (size_t len = 0; len < der.len; len++) {
		ticket.der = (spn_bytes){ der.data, len };
		assert_int_equal(spn_keytab_try(NULL, &ticket, &verdict, NULL, NULL, err), SPN_ERR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_principals_key_may_fit),
		cmocka_unit_test(what_does_not_fit_is_told_by_the_nearest_entry),
		cmocka_unit_test(the_default_keytab_is_taken),
		cmocka_unit_test(entries_are_listed_until_told_to_stop),
		cmocka_unit_test(a_keytab_of_no_use_is_refused_with_its_name),
		cmocka_unit_test(what_is_no_ticket_is_refused),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
