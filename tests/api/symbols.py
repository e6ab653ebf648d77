#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""symbols.py LIBRARY MAP DEBIAN-SYMBOLS INCLUDE-FOLDER CC HEADER...: what is exported, what the map lists and what the headers
declare is one; and Debian's symbols file knows every node of the map.
"""
import os
import re
import subprocess
import sys


def exported(library):
    lines = subprocess.run(['nm', '-D', '--defined-only', library], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {name for _, kind, name in map(str.split, lines.splitlines()) if kind != 'A'}


def listed(path):
    with open(path, encoding='utf-8') as file:
        text = re.sub(r'/\*.*?\*/', '', file.read(), flags=re.S)
    nodes = re.findall(r'\bglobal:(.*?)(?:\blocal:|})', text, flags=re.S)
    return {name for node in nodes for name in re.findall(r'([^\s;]+);', node)}


def nodes(path):
    """The versions that the map defines."""
    with open(path, encoding='utf-8') as file:
        return set(re.findall(r'^(\w+(?:\.\w+)*)\s*\{', file.read(), flags=re.M))


def nodes_of_debian(path):
    """The versions that a symbols file knows, each with the package version that it came with."""
    with open(path, encoding='utf-8') as file:
        return set(re.findall(r'^ \(symver\)(\S+) \d', file.read(), flags=re.M))


def declared(cc, folder, headers):
    source = ''.join(f'#include <spnkit/{os.path.basename(header)}>\n' for header in headers)
    text = subprocess.run([*cc.split(), '-E', '-P', '-xc', '-I' + folder, '-'], input=source, stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    while re.search(r'{[^{}]*}', text):
        text = re.sub(r'{[^{}]*}', ';', text)
    statements = [' '.join(statement.split()) for statement in text.split(';')]
    matches = [re.search(r'\b(spn_\w+)\(', statement) for statement in statements if not statement.startswith('typedef ')]
    return {match.group(1) for match in matches if match}


def main(library, map_path, debian, folder, cc, *headers):
    exports, rows, declarations = exported(library), listed(map_path), declared(cc, folder, headers)
    exports = {name.split('@')[0] for name in exports}
    faults = [f'{name}: exported, not in a header' for name in sorted(exports - declarations)]
    faults += [f'{name}: in a header, not exported' for name in sorted(declarations - exports)]
    faults += [f'{name}: in the map, not in a header' for name in sorted(rows - declarations)]
    faults += [f'{name}: in a header, not in the map' for name in sorted(declarations - rows)]
    faults += [f'{name}: a node of the map, and not in {debian}, or the other way round' for name in nodes(map_path) ^ nodes_of_debian(debian)]
    print('\n'.join(faults) or f'{len(exports)} functions')
    return 1 if faults or not exports else 0


sys.exit(main(*sys.argv[1:]))
