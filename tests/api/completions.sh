#!/bin/bash
# SPDX-License-Identifier: MIT
# completions.sh SPNKIT FOLDER LDIF: what the shells that are here offer; bash must be among them
# shellcheck disable=SC2016,SC2317 # the shells expand it; "in_$shell" calls it
set -u
spnkit=$1 folder=$2 ldif=$3 fails=0
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
ln -s "$(realpath "$spnkit")" "$place/spnkit"
cp "$ldif" "$place/in.ldif"
cat >>"$place/in.ldif" <<'END'

dn: CN=Hostile,DC=kimconnect,DC=com
objectClass: user
sAMAccountName: Crm$(touch canary)
servicePrincipalName: WSMAN/LAX-CRM01.$(touch canary)
servicePrincipalName: WSMAN/LAX-CRM01.`touch canary`
servicePrincipalName: WSMAN/LAX-CRM01.;touch canary
END
cd "$place" || exit
export PATH=$place:$PATH HOME=$place
unset SPNKIT_DIRECTORY

in_bash() {                                            # in_bash LINE: what is offered at its end
  bash --norc -c '. "$1"; COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=(spnkit); _spnkit; printf "%s\n" "${COMPREPLY[@]}"' - "$folder/spnkit.bash" "$1"
}
in_fish() { fish --private -c 'source $argv[1]; complete -C $argv[2]' "$folder/spnkit.fish" "$1" | cut -f1; }
in_zsh() {                                             # the words that would be handed to compadd
  zsh -f -c 'compset() { :; }; _files() { print -l -- *(N); }
    compadd() { if [[ $1 == -a ]]; then print -l -- ${(P)2}; else print -l -- $@; fi }
    words=(${(s: :)2}); [[ $2 == *" " ]] && words+=(""); CURRENT=$#words; PREFIX=$words[-1]
    . $1' - "$folder/_spnkit" "$1" | grep -F -- "${1##* }"
}

expect() {                                             # expect SHELL LINE WORD...: each of these words is offered
  local shell=$1 line=$2 word offered
  shift 2
  offered=$("in_$shell" "$line" 2>&1)
  for word; do
    grep -qxF -- "$word" <<<"$offered" || { echo "$shell: '$line' does not offer '$word': $offered"; fails=1; }
  done
}

for shell in bash zsh fish; do
  command -v $shell >/dev/null || { echo "$shell is not here: tools/deps installs it"; exit 1; }
  # shellcheck disable=SC2046 # words are wanted
  expect $shell 'spnkit ' $(spnkit help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
  expect $shell 'spnkit -H ldif:in.ldif fi' fix
  expect $shell 'spnkit help sp' split
  expect $shell 'spnkit --js' --json
  expect $shell 'spnkit move --fr' --from
  expect $shell 'spnkit --format p' powershell
  expect $shell 'spnkit -H ldif:in.ldif list Crm' CrmIisPoolServiceAccount
  expect $shell 'spnkit -H ldif:in.ldif query WSMAN/LAX-CRM01.' WSMAN/LAX-CRM01.kimconnect.com
  for line in 'list Crm' 'query WSMAN/LAX-CRM01.'; do  # what an account is called is not run, and what a shell could run is not offered
    "in_$shell" "spnkit -H ldif:in.ldif $line" 2>&1 | grep -F canary && { echo "$shell: '$line' offers a command"; fails=1; }
    [ ! -e canary ] || { echo "$shell: '$line' runs a command"; rm canary; fails=1; }
  done
  for file in '-e1etouch canary' 'in(e:touch canary:)'; do # nor is what a file is called, an option of sed or a pattern of zsh
    cp in.ldif "./$file"
    offered=$(SPNKIT_DIRECTORY=ldif:$file "in_$shell" 'spnkit list Crm' 2>&1)
    [ ! -e canary ] || { echo "$shell: the name of a file is run"; rm canary; fails=1; }
    grep -qxF CrmIisPoolServiceAccount <<<"$offered" || { echo "$shell: nothing is offered of the file '$file': $offered"; fails=1; }
  done
  [ -z "$("in_$shell" 'spnkit -H ldap://in.ldif list Crm')" ] || { echo "$shell: names of a live directory are offered"; fails=1; }
  [ -z "$("in_$shell" 'spnkit -H ldif:in.ldif fix LAX-CRM01 --format Crm')" ] || { echo "$shell: an account is offered for a format"; fails=1; }
done
exit $fails
