#!/bin/sh
# SPDX-License-Identifier: MIT
# header.sh INCLUDE-FOLDER HEADER COMPILER...: a public header stands alone, and may be included twice.
# What the compiler command contains says which language it is about (-x c, -x c++).
set -eu
folder=$1 header=$2
shift 2
printf '#include <spnkit/%s>\n#include <spnkit/%s>\nint x(void);\nint x(void) { return 0; }\n' "$header" "$header" |
	"$@" -Wall -Wextra -Wpedantic -Wshadow -Wundef -Werror -fsyntax-only -I"$folder" -
