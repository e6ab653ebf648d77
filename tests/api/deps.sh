#!/bin/bash
# SPDX-License-Identifier: MIT
# deps.sh PROJECT - tools/deps on a machine made of three scripts: what it installs, and that it removes nothing
set -u
deps=$1/tools/deps
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export PLACE=$place PATH=$place:$PATH

fake() { printf '#!/bin/sh\n%s\n' "$2" >"$place/$1"; chmod 755 "$place/$1"; }
# shellcheck disable=SC2016 # the scripts expand it
{
  fake dpkg-query 'cat "$PLACE/installed"'
  fake sudo 'exec "$@"'
  fake apt-get 'echo "$*" >>"$PLACE/asked"
case " $* " in
  *" update "*) ;;
  *" -s "*) cat "$PLACE/simulated" ;;
  *" --no-remove "*) [ ! -s "$PLACE/simulated" ] || { echo "E: Packages need to be removed but remove is disabled." >&2; exit 100; } ;;
  *) echo "would remove" >>"$PLACE/removed" ;;
esac'
}
touch "$place/installed" "$place/simulated"
failed=0
check() {                                              # check SENTENCE COMMAND...
  "${@:2}" || { echo "not so: $1"; cat "$place/asked" "$place/out"; failed=1; }
}
run() { : >"$place/asked"; "$deps" "$@" >"$place/out" 2>&1; }

run demo
check 'what is missing is installed' grep -q -- '--no-remove install .*libldap-dev' "$place/asked"
check 'tests are not part of a demo' [ "$(grep -c samba "$place/asked")" -eq 0 ]
run test
check 'the package of the domain controller has one name in both releases' grep -q ' samba-ad-dc ' "$place/asked"
run package
check 'packages are built with build-essential' grep -q ' build-essential ' "$place/asked"

printf 'Remv adcli [0.9.1-2]\nRemv libsasl2-modules-gssapi-mit [2.1.28]\nInst heimdal-clients (7.8)\n' >"$place/simulated"
check 'what cannot be installed without removing others is an error' eval '! run test'
check 'the packages in the way are named' grep -q 'would remove these packages: adcli libsasl2-modules-gssapi-mit$' "$place/out"
check 'nothing is removed' [ ! -e "$place/removed" ]

run test
tr ' ' '\n' <"$place/asked" | grep -E '^[a-z0-9][a-z0-9+.-]+$' | sort -u | sed 's/^/installed /' >"$place/installed"
check 'where nothing is missing' run test
check 'nothing is asked of apt-get' [ ! -s "$place/asked" ]
exit $failed
