#!/bin/sh
# SPDX-License-Identifier: MIT
# installed.sh MESON BUILD-FOLDER PREFIX EXAMPLE LDIF NAME CC...: a stranger finds the installed library with pkg-config,
# and builds and runs an example with it, shared and static.
set -eu
meson=$1 build=$2 prefix=$3 example=$4 ldif=$5 name=$6
shift 6
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
# shellcheck disable=SC2086 # it may be several words
$meson install --no-rebuild --quiet -C "$build" --destdir "$place" >/dev/null

# As if the place were the root: only our own file moves.
pc=$(find "$place" -name spnkit.pc)
sed -i "s|^prefix=.*|prefix=$place$prefix|" "$pc"
PKG_CONFIG_PATH=$(dirname "$pc")${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
lib=$(pkg-config --variable=libdir spnkit)

try() {
	LD_LIBRARY_PATH=$lib "$place/example" "ldif:$ldif" "$name" >"$place/out"
	cat "$place/out"
	[ -s "$place/out" ]
}

# shellcheck disable=SC2046 # words are wanted
"$@" -std=c99 -Wall -Wextra -Wpedantic -Werror -o "$place/example" "$example" $(pkg-config --cflags --libs spnkit)
readelf -d "$place/example" | grep -q 'NEEDED.*libspnkit\.so'
try

# shellcheck disable=SC2046
"$@" -o "$place/example" "$example" $(pkg-config --cflags --libs --static spnkit | sed 's/-lspnkit/-l:libspnkit.a/')
if readelf -d "$place/example" | grep 'NEEDED.*libspnkit'; then exit 1; fi
try
