#!/bin/bash
# SPDX-License-Identifier: MIT
# abi.sh check|record RECORD LIBRARY INCLUDE-FOLDER - what a program that was built with the recorded library relies on is still there
#
# check   fails when a function was removed or changed, or a type that its callers see; additions are reported
# record  writes RECORD anew: at a release, or when a change was meant (ninja abi-record).  Private types are left out, every path, and
#         what is inside a FILE, which differs between releases of the C library
set -eu
verb=$1 record=$2 library=$3 headers=$4
describe() {
  abidw --exported-interfaces-only --headers-dir "$headers" --drop-private-types --no-elf-needed --no-architecture --no-corpus-path \
    --no-comp-dir-path --no-show-locs --no-parameter-names "$library" | sed -E "s,path='[^']*/lib/,path='lib/,
      /<class-decl name='_IO_FILE'.*[^/]>/,/<\/class-decl>/ {
        /<class-decl/!d
        s, size-in-bits='[0-9]+',,
        s, id=, is-declaration-only='yes'&,
        s,>\$,/>,
      }"
}
case $verb in
  record) describe >"$record" ;;
  check)
    now=$(mktemp)
    trap 'rm -f "$now"' EXIT
    describe >"$now"
    abidiff "$record" "$now" || true
    abidiff --no-added-syms "$record" "$now" >/dev/null || { echo "programs that were built with ${record##*/} break"; exit 1; } ;;
esac
