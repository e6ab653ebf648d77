/* SPDX-License-Identifier: MIT */
/* options.h - structs of a caller that may be older than the library */
#ifndef SPK_OPTIONS_H
#define SPK_OPTIONS_H

#include <spnkit/directory.h>

/*
 * Copies a struct that begins with its version, of any version up to ours, into one of ours; what an older one lacks is
 * 0.  given: NULL for nothing but zeros.  sizes: of each version, from the first one on.
 *
 * Returns SPN_ERR_INVALID, with what (the name of the type) in the message, for another version.
 */
spn_status spk_take(
		const char *what, const void *given, const size_t *sizes, unsigned n_versions, void *ret, spn_error *err);

/* Of a struct that there is one version of. */
#define SPK_ONLY(type) (const size_t[]){ sizeof(type) }, 1u

/* Of data that a caller fills, where version 0 means 1: whether it is one of ours. */
spn_status spk_version_check(const char *what, unsigned version, unsigned newest, spn_error *err);

/* Copies the options (NULL: the defaults) and their credentials, which ret_options then points to. */
spn_status spk_options_take(const spn_open_options *given, spn_open_options *ret_options,
		spn_credentials *ret_credentials, spn_error *err);
spn_status spk_credentials_take(const spn_credentials *given, spn_credentials *ret_credentials, spn_error *err);

#endif
