#!/bin/sh
# SPDX-License-Identifier: MIT
# examples.sh SPNKIT LDIF - every example that help prints works, as it stands there, on the sample.  Those that want a KDC are run by
# tests/lab/recipes.  What asks is answered by --yes.
set -u
spnkit=$1 ldif=$2 fails=0
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
ln -s "$(realpath "$spnkit")" "$place/spnkit"
export PATH="$place:$PATH" HOME="$place" XDG_STATE_HOME="$place/state" SPNKIT_DIRECTORY=ldif:incident.ldif
example() { spnkit help "$@" | sed -n '/^Example:/{n;s/^  //p}'; }
prepared() {
	cp "$ldif" incident.ldif
	cp "$ldif" export.ldif
	spnkit fix LAX-CRM01 --dry-run --format ldif >plan.ldif 2>/dev/null
	spnkit list LAX-CRM01 --format ldif >names.ldif
}
try() {                                                # try WANTED-CODE LINE
	code=0
	sh -c "$2" >out 2>&1 || code=$?
	if [ "$code" -ne "$1" ] || ! [ -s out ]; then
		echo "$2: exit code $code, not $1"
		cat out
		fails=1
	fi
}
cd "$place" || exit
prepared
try 0 "$(example)"
commands=$(spnkit help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
[ -n "$commands" ] || { echo 'help lists no commands'; fails=1; }
for command in $commands; do
	prepared
	case $command in
	probe | check-keytab | reset) continue ;;
	diff) cp "$ldif" last-week.ldif; try 0 "$(example diff)" ;;
	audit | diagnose | duplicates | expect | watch) try 1 "$(example "$command")" ;; # there is something to find
	add | delete | move | copy-groups | converge | apply | defaults) try 0 "$(example "$command") --yes" ;;
	undo)
		spnkit delete http/LAX-CRM01 CrmIisPoolServiceAccount --yes >/dev/null 2>&1
		try 0 "$(example undo) --yes"
		;;
	*) try 0 "$(example "$command")" ;;
	esac
done
[ -s audit.html ] || { echo 'the example of audit wrote no page'; fails=1; }
exit $fails
