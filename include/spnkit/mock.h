/* SPDX-License-Identifier: MIT */
/* mock.h - a directory with faults on demand and a KDC with canned answers, for tests */
#ifndef SPNKIT_MOCK_H
#define SPNKIT_MOCK_H

#include <spnkit/directory.h>
#include <spnkit/kdc.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum spn_fault_kind {
	SPN_FAULT_FAIL = 0,       /* the call fails with status, native and win32; nothing is changed */
	SPN_FAULT_LOST_REPLY = 1, /* a modify is carried out or refused, then fails with SPN_ERR_UNREACHABLE */
	SPN_FAULT_SLOW = 2,       /* the call answers after delay_ms milliseconds */
	SPN_FAULT_CALL = 3        /* before the call is carried out, hook runs: a second writer in between */
} spn_fault_kind;

typedef enum spn_fault_on {
	SPN_FAULT_ON_ANY = 0,
	SPN_FAULT_ON_SEARCH = 1,
	SPN_FAULT_ON_MODIFY = 2,
	SPN_FAULT_ON_ROOT = 3
} spn_fault_on;

#define SPN_FAULT_VERSION 1u

/* What goes wrong, and when.  Start from a zeroed struct; strings are copied. */
typedef struct spn_fault {
	unsigned version; /* SPN_FAULT_VERSION; 0 means 1 */
	spn_fault_kind kind;
	spn_fault_on on;
	unsigned long nth; /* the n-th such call from now, counted from 1; 0: every one */
	const char *dn;    /* only calls about this entry: modified, or the base of a search; NULL: any */
	spn_status status; /* status, native, win32, message: of SPN_FAULT_FAIL */
	int native;
	uint32_t win32;
	const char *message; /* NULL: a default */
	unsigned delay_ms;   /* of SPN_FAULT_SLOW */
	/* mock is the directory itself: change it with spn_directory_modify; faults are off during the call. */
	void (*hook)(spn_directory *mock, void *data);
	void *hook_data;
} spn_fault;

/*
 * Makes a mock directory from LDIF text: it behaves like an ldif: directory, and nothing is saved.  So it refuses a
 * name that another account holds: see spn_mock_allow_duplicates.
 *
 * Returns SPN_ERR_SYNTAX if the text is malformed.
 */
spn_status spn_mock_new(const char *ldif, spn_dialect rules, spn_directory **ret_dir, spn_error *err);

/*
 * Lets a mock accept names that other accounts hold, as domain controllers do before they have replicated: on, or off
 * again.  Returns SPN_ERR_INVALID if dir is not a mock.
 */
spn_status spn_mock_allow_duplicates(spn_directory *dir, bool on, spn_error *err);

/* Adds a fault.  When several fit one call, each of them happens, in the order in which they were added.
 * Returns SPN_ERR_INVALID if dir is not a mock, or for a fault that makes no sense: SPN_FAULT_FAIL without a status,
 * SPN_FAULT_CALL without a hook, SPN_FAULT_LOST_REPLY on a search or the root DSE, or a dn with SPN_FAULT_ON_ROOT. */
spn_status spn_mock_fault(spn_directory *dir, const spn_fault *fault, spn_error *err);

/* Removes all faults. */
void spn_mock_clear(spn_directory *dir);

/* How many calls of a kind the mock has seen, not counting those of hooks. */
unsigned long spn_mock_calls(const spn_directory *dir, spn_fault_on on);

/* The directory as it is now, as LDIF; what has not changed is as it was given.  Lives until the next change;
 * NULL if dir is not a mock. */
const char *spn_mock_ldif(const spn_directory *dir);

#define SPN_MOCK_ANSWER_VERSION 1u

/* What a mock KDC answers.  Start from a zeroed struct; everything is copied. */
typedef struct spn_mock_answer {
	unsigned version; /* SPN_MOCK_ANSWER_VERSION; 0 means 1 */
	const char *spn; /* the requested name, compared as Active Directory does; NULL: any without an answer of its own */
	int krb5_code;   /* 0: a ticket; else the failure, as spn_kerberos_explain takes it: 7, ... */
	/* Defaults for what is 0 or NULL: alice@EXAMPLE.COM, the name itself, AES256, kvno 1, ten hours from now. */
	const spn_ticket *ticket; /* NULL: all defaults */
} spn_mock_answer;

/* Makes a KDC that answers every name with Kerberos error 7 (unknown). */
spn_status spn_mock_kdc_new(spn_kdc **ret_kdc, spn_error *err);

/* Sets the answer for a name.  Returns SPN_ERR_INVALID if kdc is not a mock. */
spn_status spn_mock_kdc_answer(spn_kdc *kdc, const spn_mock_answer *answer, spn_error *err);

/* How many requests the mock has seen. */
unsigned long spn_mock_kdc_calls(const spn_kdc *kdc);
/* How many tickets spn_kdc_store has got from the mock, which has no cache to put them into. */
unsigned long spn_mock_kdc_stores(const spn_kdc *kdc);

#ifdef __cplusplus
}
#endif
#endif
