/* SPDX-License-Identifier: MIT */
/* diagnose.h - what a look at the names of a server finds, and what follows from it */
#ifndef SPK_DIAGNOSE_H
#define SPK_DIAGNOSE_H

#include "resolve.h"
#include "account/hosts.h"
#include "account/names.h"
#include "base/keys.h"

/* What is known of a server, name by name. */
typedef struct spk_diagnosis {
	spn_directory *dir;
	spn_kdc *kdc;
	const spn_diagnose_options *options;
	const char *service;
	unsigned port;
	bool by_fqdn; /* so was the server called, and so a command finds it from another domain, too */
	char *server; /* as given, reduced to the host */
	spn_account *computer;
	spk_hosts hosts;
	spk_teller to;
	spk_teller out;          /* behind to, which adds what is predicted */
	const spn_enctype_prediction *predicted; /* for the name reported next; NULL: no prediction */
	spn_account *foreseen;   /* the last account whose tickets were predicted: most names lead to one */
	spn_enctype_prediction prediction;
	size_t n_wrong, n_duplicate, n_other, n_keyless; /* n_keyless: of n_other */
	size_t n_hearsay; /* broken under a name that only DNS gives the server: no command is shown for it */
	const char *hearsay_code; /* of the first */
	spk_names twice; /* the first name that several accounts hold, and the account that should lose it, if there is one */
	bool is_twice_by_upn; /* or, as nobody holds it, have as their userPrincipalName */
	bool is_twice_by_cn;  /* or are found by their cn, all of them or but one */
	/* what other accounts answer for: by names of the service, which fix moves; by other names, all of one account; by a
	 * userPrincipalName */
	bool is_of_service, is_by_upn;
	spk_names covering;  /* those other names, each once */
	spk_keys covered;    /* the same, folded */
	spk_text coverer;    /* the account's DN */
	spk_text by_cn;      /* the first account that answers because Samba's KDC finds it by its cn */
	bool is_of_accounts; /* the service has an account of its own, as a rule */
	size_t n_own_keytab; /* names that another account answers for, and perhaps has to */
	spk_text first_own_keytab;
	bool is_retired; /* the computer is switched off, and another account answers for a host of it */
	spk_names missing;
	spk_text first_wrong; /* the first broken name, for the conclusion */
	spk_text first_astray; /* the first that another account answers for */
	spk_text first_twice; /* the first that several accounts hold */
	spk_text first_hearsay;
} spk_diagnosis;

/* Whether nothing is broken, and a machine uses the computer: what tickets for it are like is then part of the
 * conclusion. */
bool spk_diagnosis_is_well(const spk_diagnosis *work);
/* Reports the conclusion, with the repairs. */
spn_status spk_diagnosis_conclude(spk_diagnosis *work, spn_error *err);

#endif
