/* SPDX-License-Identifier: MIT */
/* output_rights.h - who may change the names of an account, as text and as JSON */
#ifndef CLI_OUTPUT_RIGHTS_H
#define CLI_OUTPUT_RIGHTS_H

#include "output.h"

void text_rights(struct cli *cli, const spn_rights *rights);
void json_rights(struct cli *cli, const spn_rights *rights);

#endif
