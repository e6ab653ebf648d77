/* SPDX-License-Identifier: MIT */
/* registered.h - which names services register by themselves */
#ifndef SPK_REGISTERED_H
#define SPK_REGISTERED_H

#include <spnkit/spn.h>

/* Whether a service of Windows registers the name on the account that it runs as: if you delete it, it comes back.
 * of_computer: the account is a computer. */
bool spk_name_registers_itself(spn_bytes name, bool of_computer);

#endif
