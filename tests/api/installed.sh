#!/bin/sh
# SPDX-License-Identifier: MIT
# installed.sh MESON BUILD-FOLDER PREFIX PROJECT CXX CC...: a stranger finds the installed library with pkg-config: builds and runs
# the examples with it, shared and static; a C++ program, and a CMake project if cmake is there.  CXX may be "none".
set -eu
meson=$1 build=$2 prefix=$3 project=$4 examples=$4/examples stranger=$4/tests/api/stranger cxx=$5
shift 5
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
# shellcheck disable=SC2086 # it may be several words
$meson install --no-rebuild --quiet -C "$build" --destdir "$place" >"$place/log" 2>&1 || { cat "$place/log"; exit 1; }

if find "$place" -type f \( -name 'libspnkit.so.*' -o -name spnkit \) -exec readelf -d {} \; 2>/dev/null | grep -E 'R(UN)?PATH'; then
	echo 'what is installed looks for libraries in a folder of its own'
	exit 1
fi

# "man 3 spnkit" leads somewhere, and to what is installed.
page=$(find "$place" -name spnkit.3 -path '*man3*')
if [ ! -e "$page" ]; then
	echo 'spnkit.3 is not installed, or leads nowhere'
	exit 1
fi

# As if the place were the root: only our own file moves.
pc=$(find "$place" -name spnkit.pc)
sed -i "s|^prefix=.*|prefix=$place$prefix|" "$pc"
PKG_CONFIG_PATH=$(dirname "$pc")${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
LD_LIBRARY_PATH=$(pkg-config --variable=libdir spnkit)
export XDG_STATE_HOME="$place/state" LD_LIBRARY_PATH KRB5CCNAME=FILE:/nonexistent KRB5_CONFIG=/nonexistent/krb5.conf
flags=$(pkg-config --cflags --libs spnkit)
static=$(pkg-config --cflags --libs --static spnkit | sed 's/-lspnkit/-l:libspnkit.a/')
ldif=ldif:$place/in.ldif

# What pkg-config asks for is what the Debian package for developers brings.
if command -v dpkg-query >/dev/null; then
	depends=$(sed -n '/^Package: libspnkit-dev/,/^Description/p' "$project/debian/control")
	for module in $(pkg-config --print-requires-private spnkit | cut -d' ' -f1); do
		file=$(pkg-config --variable=pcfiledir "$module")/$module.pc
		package=$(dpkg-query -S "$file" 2>/dev/null | sed 's/:.*//')
		case $depends in
			*"$package"*) ;;
			*) echo "libspnkit-dev does not depend on $package, which has $module.pc"; exit 1 ;;
		esac
	done
fi

expect() {                                             # expect WANTED EXIT-CODE PROGRAM ARGS...: what it prints contains WANTED
	wanted=$1 code=$2 got=0
	shift 2
	"$@" >"$place/out" 2>&1 || got=$?
	if [ "$got" -ne "$code" ] || ! grep -qF "$wanted" "$place/out"; then
		echo "$*: exit code $got, and not '$wanted':"
		cat "$place/out"
		exit 1
	fi
}

# shellcheck disable=SC2016 # the shell inside expands it
run_examples() {
	cp "$examples/incident.ldif" "$place/in.ldif"
	expect 'CN=CrmIis' 0 "$place/query" "$ldif" http/LAX-CRM01
	expect "is held by 'CN=CrmIisPool" 1 "$place/add_unique" "$ldif" "$place/journals/" LAX-CRM01 http/lax-crm01
	"$place/add_unique" "$ldif" "$place/journals/" LAX-CRM01 ftp/lax-crm01
	expect 'CN=LAX-CRM01' 0 "$place/query" "$ldif" ftp/LAX-CRM01
	[ "$(find "$place/journals" -type f | wc -l)" -eq 1 ] || { echo 'not one journal'; exit 1; }
	rm -r "$place/journals"
	expect 'PrivReportingGroup: added' 0 "$place/copy_membership" "$ldif" CrmIisPoolServiceAccount LAX-CRM01
	expect 'kinit' 2 "$place/probe_ticket" "$ldif" http/LAX-CRM01
	echo no >"$place/answer"
	expect 'nothing was changed' 1 answered "$place/fix_server" "$ldif" LAX-CRM01
	expect 'CN=CrmIis' 0 "$place/query" "$ldif" http/LAX-CRM01
	echo yes >"$place/answer"
	expect 'done; recorded in ' 0 answered "$place/fix_server" "$ldif" LAX-CRM01
	expect 'CN=LAX-CRM01' 0 "$place/query" "$ldif" http/LAX-CRM01
	expect 'passed' 0 "$place/unit_test"
	cp "$examples/incident.ldif" "$place/in.ldif"
}
answered() { "$@" <"$place/answer"; }

# What a directory holds does not reach a terminal as it is.
printf 'dn: DC=evil,DC=example\nobjectClass: domainDNS\n\ndn:: %s\nobjectClass: user\nsAMAccountName: evil\nservicePrincipalName: http/evil\n' \
	"$(printf 'CN=a\033[2J,DC=evil,DC=example' | base64)" >"$place/evil.ldif"
evil() {                                               # evil PROGRAM...: asked for a name of that directory
	expect 'http/evil' 0 "$@" "ldif:$place/evil.ldif" http/evil
	if LC_ALL=C grep -q "$(printf '\033')" "$place/out"; then
		echo "$*: prints what a terminal obeys"
		exit 1
	fi
}
sqlite=$(pkg-config --libs sqlite3 2>/dev/null || :)

for how in shared static; do
	[ $how = shared ] || flags=$static
	for name in query add_unique copy_membership probe_ticket fix_server unit_test ${sqlite:+sqlite_backend}; do
		# shellcheck disable=SC2086 # words are wanted
		"$@" -std=c99 -Wall -Wextra -Wpedantic -Werror -o "$place/$name" "$examples/$name.c" $flags $sqlite
		linked=$(readelf -d "$place/$name" | grep -c 'NEEDED.*libspnkit\.so' || :)
		[ "$how $linked" = 'shared 1' ] || [ "$how $linked" = 'static 0' ]
	done
	run_examples
	evil "$place/query"
	[ -z "$sqlite" ] || evil "$place/sqlite_backend"
	[ -z "$sqlite" ] || expect 'http/LAX-CRM01 is held by CN=CrmIis' 0 "$place/sqlite_backend" "$ldif" http/LAX-CRM01
done

# The contract suite is plain C11, and finds what it includes.
if pkg-config --exists cmocka; then
	docs=$(dirname "$(find "$place" -name contract.c)")
	flags=$(pkg-config --cflags --libs spnkit cmocka)
	# shellcheck disable=SC2086
	"$@" -std=c11 -Wall -Wextra -Wpedantic -Werror -o "$place/contract" "$docs/contract.c" \
		"$docs/contract_open.c" $flags
	expect '[  PASSED  ]' 0 "$place/contract" windows "ldif:$(dirname "$docs")/examples/incident.ldif"
fi

# No example has more lines than a reader is promised: not counted are comments, includes, empty lines and braces alone.
lines() {                                              # lines NAME COMPILER...
	name=$1
	shift
	"$@" -fpreprocessed -dD -E -P "$examples/$name.c" 2>/dev/null | grep -vcE '^[[:space:]]*([{}]|};)?$|^#include'
}
for most in query:12 add_unique:12 copy_membership:15 probe_ticket:15 fix_server:30 sqlite_backend:200 unit_test:40; do
	n=$(lines "${most%:*}" "$@")
	if [ "$n" -eq 0 ] || [ "$n" -gt "${most#*:}" ]; then
		echo "${most%:*}.c has $n lines, not ${most#*:}"
		exit 1
	fi
done
if command -v python3 >/dev/null; then
	expect "'http/LAX-CRM01' is held by 'CN=CrmIis" 0 python3 "$examples/query.py" "$ldif" http/LAX-CRM01
	evil python3 "$examples/query.py"
	expect 'expected ldap://HOST' 1 python3 "$examples/query.py" nonsense x
	export PYTHONDONTWRITEBYTECODE=1
	expect "'http/LAX-CRM01' spnkit fix LAX-CRM01" 0 python3 "$examples/audit.py" "$ldif"
	expect 'expected ldap://HOST' 1 python3 "$examples/audit.py" nonsense
fi

for std in c++11 c++17; do
	[ "$cxx" != none ] || continue
	# shellcheck disable=SC2046
	"$cxx" -std=$std -Wall -Wextra -Werror -o "$place/stranger" "$stranger/stranger.cpp" $(pkg-config --cflags --libs spnkit)
	expect 'http/LAX-CRM01 is held by CN=CrmIis' 0 "$place/stranger" "$ldif" http/LAX-CRM01
done
if [ "$cxx" != none ] && command -v cmake >/dev/null; then
	cmake -S "$stranger" -B "$place/cmake" -DEXAMPLES="$examples" -DCMAKE_CXX_COMPILER="$cxx" >/dev/null
	cmake --build "$place/cmake" >/dev/null
	expect 'CN=CrmIis' 0 "$place/cmake/query" "$ldif" http/LAX-CRM01
	expect 'http/LAX-CRM01 is held by CN=CrmIis' 0 "$place/cmake/stranger" "$ldif" http/LAX-CRM01
fi
