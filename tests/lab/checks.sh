# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# checks.sh - for the tests inside the lab: one sentence a check, and at the end how many failed
set -u
: "${SPNKIT:?the command to test}"
export XDG_STATE_HOME=$LAB_DIR/state
unset SPNKIT_DIRECTORY
work=$(mktemp -d "$LAB_DIR/test.XXXXXX")
out=$work/out err=$work/err
n_failed=0 n_checked=0

spnkit() { "$SPNKIT" "$@"; }

check() {                                              # check SENTENCE COMMAND...: COMMAND must succeed
  local sentence=$1
  shift
  n_checked=$((n_checked + 1))
  if ! "$@" >"$work/check" 2>&1; then
    n_failed=$((n_failed + 1))
    printf 'not so: %s\n' "$sentence"
    printf '  (%s)\n' "$*"
    sed 's/^/  /' "$work/check"
    for file in "$out" "$err"; do [ ! -s "$file" ] || tail -n 15 "$file" | sed "s/^/  ${file##*/}: /"; done
  fi
}

exits() {                                              # exits CODE COMMAND...: output in $out and $err
  local code=$1 got=0
  shift
  "$@" >"$out" 2>"$err" </dev/null || got=$?
  [ "$got" -eq "$code" ] || { echo "exit code $got, not $code"; return 1; }
}

awaits() { local tries=6000; until "$@" >/dev/null 2>&1; do [ $((tries -= 1)) -gt 0 ] || return 1; sleep 0.02; done; }
answers_at() { : <"/dev/tcp/$1/$2"; }                  # answers_at ADDRESS PORT

says() { grep -qF -- "$2" "$1" || { echo "$1 does not say: $2"; return 1; }; }
# One sentence, and at most one more that says whom to hand the change to, or how to look further.
one_line() { [ "$(grep -cvE '^spnkit: (.* has no name so far|for someone with permission|warning: |to do it anyway|to allow that, use --|.spnkit resolve ldap/[^ ]+ shows)' "$err")" -eq 1 ] || { echo 'not one sentence'; return 1; }; }
is() { [ "$1" = "$2" ] || { echo "'$1' is not '$2'"; return 1; }; }
same() { diff -u "$1" "$2"; }

# Everything that spnkit may change, in an order that does not matter.  Samba, when it lets an administrator add http/X beside the
# HOST/X of another account, proves the right to write there by writing that very value again, as host/X: no doing of spnkit.
dump() {
  ldapsearch -LLL -Q -Y GSSAPI -H "$LAB_URL" -o ldif-wrap=no -b "$LAB_BASE" \
    '(|(objectClass=user)(objectClass=group))' servicePrincipalName member memberOf primaryGroupID |
    sed 's,^servicePrincipalName: HOST/,servicePrincipalName: host/,' |
    awk '/^dn:/ { dn = $0 } /^#/ { next } { print dn "|" $0 }' | sort
}

finish() {
  rm -rf "$work"
  echo "$n_checked checks, $n_failed failed"
  [ $n_failed -eq 0 ]
}
