#!/bin/sh
# SPDX-License-Identifier: MIT
# units.sh UNIT... - systemd knows every setting of these units, and exposes their services to as good as nothing (below 2.0 of 10)
set -u
fails=0
for unit; do
	unknown=$(systemd-analyze verify --man=no "$unit" 2>&1 | grep -iE 'unknown|failed to parse|invalid|ignoring')
	[ -z "$unknown" ] || { echo "$unknown"; fails=1; }
	case $unit in
	*.service) systemd-analyze security --offline=yes --threshold=19 "$unit" >out.$$ || { tail -n 2 out.$$; fails=1; } ;;
	esac
done
rm -f out.$$
exit $fails
