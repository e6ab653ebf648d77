/* SPDX-License-Identifier: MIT */
#include <spnkit/enctype.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"

#define AES (SPN_ENC_AES128 | SPN_ENC_AES256)
#define ALL (AES | SPN_ENC_RC4)
/* userAccountControl ([MS-ADTS] 2.2.16) */
#define UAC_WORKSTATION 0x1000u
#define UAC_SERVER 0x2000u
#define UAC_READ_ONLY_CONTROLLER 0x4000000u
#define UAC_DES_ONLY 0x200000u
/* Bits of msDS-SupportedEncryptionTypes that name no key which these eras know: DES, AES-SHA2, and what the KDC
 * supports besides. */
#define DES 0x3u
#define AES_SHA2 0xc0u

enum { AES256 = 18, AES128 = 17, RC4 = 23 };

static const struct {
	const char *name;
	unsigned default_set; /* for an absent msDS-SupportedEncryptionTypes */
	bool is_windows;
	bool rc4_for_aes;     /* an account that should have AES keys but has RC4 only is served with that */
	bool rc4_sessions;    /* a session key may be RC4 even if the account does not list it */
} eras[] = {
	[SPN_ERA_UNKNOWN] = { "unknown", AES, true, false, false },
	[SPN_ERA_WINDOWS_2022_11] = { "windows-2022-11", DES | SPN_ENC_RC4 | SPN_ENC_AES_SESSION, true, true, true },
	[SPN_ERA_WINDOWS_2026_07] = { "windows-2026-07", AES, true, false, false },
	[SPN_ERA_SAMBA_4_17] = { "samba-4.17", SPN_ENC_RC4 | SPN_ENC_AES_SESSION, false, true, false },
	[SPN_ERA_SAMBA_4_24] = { "samba-4.24", AES, false, true, false },
};
#define N_ERAS (sizeof eras / sizeof *eras)

const char *spn_era_name(spn_era era)
{
	return eras[(size_t)era < N_ERAS ? era : SPN_ERA_UNKNOWN].name;
}

spn_status spn_era_parse(const char *name, spn_era *ret_era, spn_error *err)
{
	for (size_t i = SPN_ERA_UNKNOWN + 1; name && i < N_ERAS; i++)
		if (strcmp(name, eras[i].name) == 0) {
			*ret_era = (spn_era)i;
			return SPN_OK;
		}
	return spn_fail(err, SPN_ERR_INVALID, 0,
			"unknown kind of KDC '%s': expected windows-2022-11, windows-2026-07, samba-4.17 or "
			"samba-4.24",
			name ? name : "");
}

size_t spn_doubts_text(unsigned doubts, char *buffer, size_t size)
{
	static const struct {
		unsigned bit;
		const char *text;
	} all[] = {
		{ SPN_DOUBT_EXPORT, "the account has msDS-SupportedEncryptionTypes, which no entry has here" },
		{ SPN_DOUBT_ERA, "the domain controllers are of another version" },
		{ SPN_DOUBT_KEYS, "the account lacks AES keys" },
		{ SPN_DOUBT_DEFAULT, "the domain controllers have another default configured" },
		{ SPN_DOUBT_POLICY, "Windows applies the controllers' policy in another way" },
		{ SPN_DOUBT_BITS, "Windows makes another key of such a value" },
	};
	size_t len = 0;
	if (size)
		*buffer = '\0';
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (!(doubts & all[i].bit))
			continue;
		size_t at = len < size ? len : size;
		len += (size_t)snprintf(at < size ? buffer + at : NULL, size - at, "%s%s", len ? ", or " : "unless ", all[i].text);
	}
	return len;
}

static unsigned bit_of(int enctype)
{
	return enctype == AES256 ? SPN_ENC_AES256 : enctype == AES128 ? SPN_ENC_AES128 : enctype == RC4 ? SPN_ENC_RC4 : 0;
}

static int strongest(unsigned set)
{
	return set & SPN_ENC_AES256 ? AES256 : set & SPN_ENC_AES128 ? AES128 : set & SPN_ENC_RC4 ? RC4 : 0;
}

static bool is_controller(const spn_enctype_case *what)
{
	return what->user_account_control & (UAC_SERVER | UAC_READ_ONLY_CONTROLLER);
}

/* Windows does not believe the attribute of a computer whose operatingSystemVersion is a number below 6, as of Windows
 * XP and of Linux. */
static bool is_ignored(const spn_enctype_case *what)
{
	char *end;
	if (!eras[what->era].is_windows || !what->os_version || !(what->user_account_control & (UAC_WORKSTATION | UAC_SERVER)))
		return false;
	unsigned long major = strtoul(what->os_version, &end, 10);
	return end > what->os_version && major < 6;
}

/* The set that counts for the ticket. */
static unsigned effective(const spn_enctype_case *what, bool *ret_is_default)
{
	*ret_is_default = !what->supported || is_ignored(what);
	unsigned set = !*ret_is_default ? what->supported : what->owner == SPN_ENCTYPE_TRUST ? AES :
			what->kdc_default ? what->kdc_default : eras[what->era].default_set;
	bool is_des_only = what->user_account_control & UAC_DES_ONLY;
	if (is_des_only && (*ret_is_default || !eras[what->era].is_windows))
		return set & ~ALL;
	return is_controller(what) ? set | ALL : set;
}

/* Windows takes the strongest that both know, Samba the client's first. */
static int session_for(const spn_enctype_case *what, unsigned allowed)
{
	static const int usual[] = { AES256, AES128, RC4 };
	const int *client = what->client ? what->client : usual;
	size_t n = what->client ? what->n_client : sizeof usual / sizeof *usual;
	unsigned common = 0;
	for (size_t i = 0; i < n; i++) {
		common |= allowed & bit_of(client[i]);
		if (common && !eras[what->era].is_windows)
			break;
	}
	return strongest(common);
}

static const char *why_refused(const spn_enctype_case *what, unsigned set, unsigned filter, bool is_default)
{
	if (what->user_account_control & UAC_DES_ONLY && !(set & ALL))
		return "the account is restricted to DES, which no KDC uses any more (USE_DES_KEY_ONLY)";
	if (!(set & ALL))
		return "msDS-SupportedEncryptionTypes allows neither AES nor RC4";
	if (!(set & ALL & filter))
		return "the KDC's policy leaves nothing of what the account allows";
	if (is_default)
		return "msDS-SupportedEncryptionTypes is not set, so the KDC's default counts, and the account has no such key";
	return "the account has no key that msDS-SupportedEncryptionTypes allows";
}

static void refuse(spn_enctype_prediction *ret, const spn_enctype_case *what, const char *why, int event)
{
	*ret = (spn_enctype_prediction){
		.event = eras[what->era].is_windows && !eras[what->era].rc4_for_aes ? event : 0, .why = why
	};
}

static void choose(const spn_enctype_case *what, unsigned keys, spn_enctype_prediction *ret)
{
	bool is_default;
	unsigned set = effective(what, &is_default), filter = what->kdc_filter ? what->kdc_filter : ALL;
	const char *why = is_default ? "msDS-SupportedEncryptionTypes is not set, so the KDC's default counts"
			: "it is the strongest key that msDS-SupportedEncryptionTypes allows";
	if (what->owner == SPN_ENCTYPE_KRBTGT) {
		set = ALL;
		is_default = false;
		why = "the KDC's own tickets use its strongest key";
	}
	int ticket = strongest(set & keys & filter);
	if (!ticket && eras[what->era].rc4_for_aes && set & AES & filter && keys & filter & SPN_ENC_RC4) {
		ticket = RC4;
		why = "the account has no AES keys, and this KDC uses RC4 in their place";
	}
	if (!ticket) {
		refuse(ret, what, why_refused(what, set, filter, is_default), !(set & AES) ? 0 : is_default ? 204 : 209);
		return;
	}
	unsigned sessions = set | bit_of(ticket) | (set & SPN_ENC_AES_SESSION ? AES : 0) |
			(eras[what->era].rc4_sessions ? SPN_ENC_RC4 : 0);
	int session = session_for(what, sessions & filter);
	if (session)
		*ret = (spn_enctype_prediction){ .ticket = ticket, .session = session, .why = why };
	else
		refuse(ret, what, "the client asks for no enctype that the account's session keys may have",
				!(set & AES) ? 0 : is_default ? 203 : 208);
}

static bool same(const spn_enctype_prediction *a, const spn_enctype_prediction *b)
{
	return a->ticket == b->ticket && a->session == b->session;
}

static bool depends_on_default(const spn_enctype_case *what, unsigned keys, const spn_enctype_prediction *answer)
{
	static const unsigned others[] = { AES, ALL | SPN_ENC_AES_SESSION, SPN_ENC_RC4 | SPN_ENC_AES_SESSION };
	for (size_t i = 0; !what->kdc_default && i < sizeof others / sizeof *others; i++) {
		spn_enctype_case changed = *what;
		spn_enctype_prediction other;
		changed.kdc_default = others[i];
		choose(&changed, keys, &other);
		if (!same(&other, answer))
			return true;
	}
	return false;
}

/* Server 2025 knows AES-SHA2, and nobody says which key it takes; nor what a KDC makes of the session bit alone. */
static bool is_undocumented(unsigned set)
{
	return set & AES_SHA2 || (!(set & (ALL | DES)) && set & SPN_ENC_AES_SESSION);
}

/* What else the answer would be if what is not known were otherwise. */
static unsigned doubts(const spn_enctype_case *what, unsigned keys, const spn_enctype_prediction *answer)
{
	unsigned found = 0;
	spn_enctype_prediction other;
	bool is_default;
	unsigned set = effective(what, &is_default);
	spn_enctype_case older = *what;
	older.era = SPN_ERA_WINDOWS_2022_11;
	choose(&older, keys, &other);
	if (what->era == SPN_ERA_UNKNOWN && !same(&other, answer))
		found |= SPN_DOUBT_ERA;
	choose(what, SPN_ENC_RC4, &other);
	if (!what->keys && !same(&other, answer))
		found |= SPN_DOUBT_KEYS;
	if (depends_on_default(what, keys, answer))
		found |= SPN_DOUBT_DEFAULT;
	if (eras[what->era].is_windows && what->kdc_filter)
		found |= SPN_DOUBT_POLICY;
	if (eras[what->era].is_windows && what->owner != SPN_ENCTYPE_KRBTGT && is_undocumented(set))
		found |= SPN_DOUBT_BITS;
	return found;
}

spn_status spn_enctype_predict(const spn_enctype_case *what, spn_enctype_prediction *ret, spn_error *err)
{
	spn_enctype_case taken;
	if (!what || !ret)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_enctype_predict: an argument is NULL");
	spn_status status = spk_take("spn_enctype_case", what, SPK_ONLY(spn_enctype_case), &taken, err);
	if (status)
		return status;
	what = &taken;
	if ((size_t)what->era >= N_ERAS || (unsigned)what->owner > SPN_ENCTYPE_TRUST || (what->keys | what->kdc_filter) & ~ALL)
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"spn_enctype_predict: the case has values that are not known");
	unsigned keys = what->keys ? what->keys : ALL;
	choose(what, keys, ret);
	ret->doubts = doubts(what, keys, ret);
	return SPN_OK;
}
