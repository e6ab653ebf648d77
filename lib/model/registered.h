/* SPDX-License-Identifier: MIT */
/* registered.h - which names services register by themselves */
#ifndef SPK_REGISTERED_H
#define SPK_REGISTERED_H

#include <spnkit/spn.h>

/* Whether a service of Windows writes the name itself, on the account that it runs as: if it is deleted, it comes back.
 * of_computer: that is a computer's. */
bool spk_name_registers_itself(spn_bytes name, bool of_computer);

#endif
