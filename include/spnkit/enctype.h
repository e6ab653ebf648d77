/* SPDX-License-Identifier: MIT */
/* enctype.h - which encryption types a KDC uses for the ticket of an account */
#ifndef SPNKIT_ENCTYPE_H
#define SPNKIT_ENCTYPE_H

#include <spnkit/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bits of msDS-SupportedEncryptionTypes ([MS-KILE] 2.2.7); keys and filters below are sets of the first three. */
#define SPN_ENC_RC4 0x4u
#define SPN_ENC_AES128 0x8u
#define SPN_ENC_AES256 0x10u
#define SPN_ENC_AES_SESSION 0x20u /* not about the ticket: its session key may be AES */

/* What decides how a KDC chooses. */
typedef enum spn_era {
	SPN_ERA_UNKNOWN = 0,         /* treated as SPN_ERA_WINDOWS_2026_07 */
	SPN_ERA_WINDOWS_2022_11 = 1, /* updated since November 2022: RC4 tickets with AES session keys by default */
	SPN_ERA_WINDOWS_2026_07 = 2, /* updated since July 2026 (KB5073381): AES by default, without falling back to RC4 */
	SPN_ERA_SAMBA_4_17 = 3,      /* Samba 4.17.4 to 4.23 */
	SPN_ERA_SAMBA_4_24 = 4       /* Samba 4.24 and later, domain functional level 2008 or later */
} spn_era;

/* The name of an era, such as "windows-2026-07"; "unknown" for any other value. */
const char *spn_era_name(spn_era era);

/* The era with that name.  Returns SPN_ERR_INVALID, with the valid names in the message, for any other name. */
spn_status spn_era_parse(const char *name, spn_era *ret_era, spn_error *err);

/* Whom a ticket is for. */
typedef enum spn_enctype_owner {
	SPN_ENCTYPE_ACCOUNT = 0, /* a user, a computer, a group managed service account */
	SPN_ENCTYPE_KRBTGT = 1,  /* the KDC itself */
	SPN_ENCTYPE_TRUST = 2    /* the KDC of a trusted domain */
} spn_enctype_owner;

#define SPN_ENCTYPE_CASE_VERSION 1u

/* What is known about an account, a client and a KDC.  Start from SPN_ENCTYPE_CASE_INIT. */
typedef struct spn_enctype_case {
	unsigned version; /* SPN_ENCTYPE_CASE_VERSION */
	spn_era era;
	spn_enctype_owner owner;
	uint32_t supported;            /* msDS-SupportedEncryptionTypes; 0: absent, or 0, which mean the same */
	uint32_t user_account_control; /* ([MS-ADTS] 2.2.16); 0: not known */
	const char *os_version;        /* operatingSystemVersion; NULL: absent */
	unsigned keys;                 /* SPN_ENC_*: the keys that the account has; 0: not known */
	const int *client;             /* enctypes that the client requests, best first; NULL: AES256, AES128, RC4 */
	size_t n_client;
	unsigned kdc_filter;  /* SPN_ENC_*: those that the policy of the KDC allows; 0: no policy, all of them */
	unsigned kdc_default; /* what the KDC assumes for an absent attribute (Windows: DefaultDomainSupportedEncTypes in
	                         the registry, Samba: "kdc default domain supported enctypes"); 0: the era's default */
} spn_enctype_case;

#define SPN_ENCTYPE_CASE_INIT SPN_INIT(SPN_ENCTYPE_CASE_VERSION)

/* What is unknown about a case and would change the answer: bits of spn_enctype_prediction.doubts. */
#define SPN_DOUBT_ERA 1u     /* the KDC may be older */
#define SPN_DOUBT_KEYS 2u    /* the account may lack AES keys */
#define SPN_DOUBT_DEFAULT 4u /* the domain controllers may have another default */
#define SPN_DOUBT_POLICY 8u  /* how Windows applies such a policy is not documented */
#define SPN_DOUBT_BITS 16u   /* how the KDC interprets such a value is not documented */
#define SPN_DOUBT_EXPORT 32u /* an export may lack msDS-SupportedEncryptionTypes (spn_account_enctype) */

/*
 * Writes into buffer the condition that doubts amount to, such as "unless the account lacks AES keys"; nothing for 0.
 * It is truncated to size and always terminated if size > 0; SPN_DOUBTS_SIZE is enough for all of them.  Returns the
 * length of the whole text.
 */
size_t spn_doubts_text(unsigned doubts, char *buffer, size_t size);

#define SPN_DOUBTS_SIZE 400

typedef struct spn_enctype_prediction {
	int ticket;      /* enctype (18: AES256, 17: AES128, 23: RC4); 0: the KDC refuses with KDC_ERR_ETYPE_NOSUPP (14) */
	int session;     /* of the session key; 0: refused */
	int event;       /* KDCSVC event that a Windows KDC logs for the refusal, in its System log; 0: none */
	unsigned doubts; /* SPN_DOUBT_*; 0: the answer is certain */
	const char *why; /* half a sentence for a person; static */
} spn_enctype_prediction;

/*
 * Predicts the enctypes of a ticket and of its session key, from the case alone; neither a KDC nor a directory
 * is asked.
 *
 * The ticket is made with the strongest key that the account has, that msDS-SupportedEncryptionTypes (or the KDC's
 * default if it is absent) lists, and that the KDC's policy allows.  Where the account has RC4 only, KDCs other than
 * SPN_ERA_WINDOWS_2026_07 use that in place of AES.  What the client requests limits the session key only ([MS-KILE]
 * 3.3.5.7, KB5021131, KB5073381; Samba's KDC as measured).
 *
 * Returns SPN_ERR_INVALID for NULL, another version, an era or owner that is not listed, or other bits in keys or
 * kdc_filter.
 */
spn_status spn_enctype_predict(const spn_enctype_case *what, spn_enctype_prediction *ret, spn_error *err);

#ifdef __cplusplus
}
#endif
#endif
