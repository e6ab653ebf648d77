#!/bin/sh
# SPDX-License-Identifier: MIT
# html.sh FOLDER PAGE... - the manual as web pages, and an index of them; a page that only points to another is left out
set -eu
folder=$1
shift
mkdir -p "$folder"
{
	echo '<!DOCTYPE html>'
	echo '<html lang="en"><head><meta charset="utf-8"><title>The manual of spnkit</title></head><body><h1>The manual of spnkit</h1><ul>'
	for page; do
		! grep -q '^\.so ' "$page" || continue
		name=$(basename "$page")
		mandoc -Thtml -Oman=%N.%S.html "$page" >"$folder/$name.html"
		title=$(sed -n 's/^\.Nd //p' "$page")
		printf '<li><a href="%s.html">%s(%s)</a> &ndash; %s</li>\n' "$name" "${name%.*}" "${name##*.}" "$title"
	done
	echo '</ul></body></html>'
} >"$folder/index.html"

# what is not here is named, not linked
grep -ho 'href="[^"/#:]*\.html"' "$folder"/*.html | cut -d '"' -f 2 | sort -u | while read -r link; do
	[ -e "$folder/$link" ] || sed -i "s|<a class=\"Xr\" href=\"$link\">\([^<]*\)</a>|\1|g" "$folder"/*.html
done
