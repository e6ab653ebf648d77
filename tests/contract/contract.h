/* SPDX-License-Identifier: MIT */
/* contract.h - what the author of a back end provides for the contract suite */
#ifndef CONTRACT_H
#define CONTRACT_H

#include <spnkit/directory.h>

/* Opens the directory that url means to you; it holds what examples/incident.ldif holds.  Called before each test: what
 * a test changes it puts back, so it may be the same directory each time, or a new one. */
spn_status contract_open(const char *url, spn_dialect dialect, bool read_only, spn_directory **ret_dir, spn_error *err);

#endif
