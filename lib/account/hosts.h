/* SPDX-License-Identifier: MIT */
/* hosts.h - the host names of a computer account: one answer for every command */
#ifndef SPK_HOSTS_H
#define SPK_HOSTS_H

#include "account.h"
#include "proof.h"
#include "base/keys.h"

typedef struct spk_host {
	char *name;
	/* Windows registers HOST/ and RestrictedKrbHost/ for it, or whoever joined the computer did; of any other, all
	 * that is known is that a client may ask for it. */
	bool is_default;
} spk_host;

/*
 * The names of a computer, each of them once; the FQDN first, then the short name.
 *
 * The defaults are dNSHostName, sAMAccountName without '$' (the NetBIOS name: at most 15 characters of a longer DNS
 * label), and the values of msDS-AdditionalDnsHostName and msDS-AdditionalSamAccountName ([MS-ADTS] 3.1.1.5.3.1.1.4
 * lets the computer write names for just these).  The first label of a DNS name that differs from the NetBIOS name, and
 * the hosts of the HOST/ names that the account holds, come after them.  The short name is not a default of a computer
 * that is not known to run Windows and holds HOST/ for the FQDN, but nothing for the short name.  A conflict object,
 * and an account that no machine is known to use, have no defaults.  Where no entry of an export has a dNSHostName, a
 * computer counts as in use: its short name is a default, unless it holds names, but none for the short name.
 */
typedef struct spk_hosts {
	spk_host *list;
	/* First the FQDN and the short name; up to n_own the additional ones; then labels of DNS names, and hosts of HOST/
	 * names. */
	size_t n, n_first, n_own;
	bool has_short_default;        /* whether the short name is one */
	const char *fqdn, *short_name; /* in the list; without dNSHostName the FQDN is a guess, and no default */
	spk_keys keys;                 /* of the list, in lower case, once it is long */
} spk_hosts;

/* The number of a host name, whatever its case; SIZE_MAX if it is none of them. */
size_t spk_hosts_place(const spk_hosts *hosts, spn_bytes name, bool *ret_failed);

spn_status spk_hosts_of(const spn_account *computer, spk_hosts *ret_hosts, spn_error *err);
/* The same without what is another machine in use, by its own account: two zones may have the same label; such HOST/
 * names are held by mistake; and an additional name stays behind when the machine that it was for has an account again.
 * Other names of them are not the computer's own.  Returns SPN_ERR_AMBIGUOUS if the FQDN itself is that of another
 * machine in use: which of the two it is, nobody can say. */
spn_status spk_hosts_found(spn_directory *dir, const spn_account *computer, spk_hosts *ret_hosts, spn_error *err);
void spk_hosts_clear(spk_hosts *hosts);
/* Whether an account is of a machine and enabled: one that is switched off may have left its name to another. */
bool spk_is_in_use(const spn_account *account);
/* Whether it has neither dNSHostName nor operatingSystem; where the former was not exported, nobody knows. */
bool spk_is_without_host(const spn_account *computer);
/* What shows that no machine uses a computer account, as the end of a sentence about it; NULL: nothing does. */
const char *spk_why_unused(const spn_account *computer);
/* Whether two accounts are of machines in use that have the same dNSHostName: one of them has it by mistake. */
bool spk_is_same_host(const spn_account *a, const spn_account *b);
/* Whether a machine in use has the dNSHostName of an account that none is known to use: it took that host over. */
bool spk_has_host_of_unused(const spn_account *machine, const spn_account *unused);
/* Refuses to say which of the two it is. */
spn_status spk_fail_same_host(const spn_account *a, const spn_account *b, spn_error *err);
#define SPK_AUTOHOSTS __attribute__((cleanup(spk_hosts_clear)))

/* Whether a computer has any further host name. */
bool spk_has_additional_hosts(const spn_account *computer);

/* A server name without what people add to it: blanks, the dot at its end that DNS writes, the '$' and the domain
 * (DOMAIN\name) of its account.  Free it; NULL: no memory. */
char *spk_plain_server(const char *server);

/* How well a server name, short or FQDN, fits a computer: 0 best; UINT_MAX not at all.  is_account: it was written as
 * that of the account, with '$': then it is that account, be it in use or not, and nothing else fits. */
unsigned spk_host_rank(const spn_account *computer, const char *server, bool is_account);

#endif
