#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""layers.py PROJECT ARCHIVE: who may include what, and that no file of the library needs one that needs it.

A folder of lib/ includes the folders before it, and itself; the KDC's and the directory's libraries are seen by their
back ends only; the command, the examples and the public headers see nothing but public headers.  ARCHIVE has the library's objects, one for
each file: a circle of calls among them is an error, but that of the LDIF reader, whose parts take turns.
"""
import collections
import pathlib
import re
import subprocess
import sys

LAYERS = ('base', 'model', 'kerberos', 'directory', 'kdc', 'handshake', 'account', 'rights', 'plan', 'check', 'repair', 'report')
LIBC = set('''assert ctype errno fcntl getopt inttypes limits netdb poll signal stdarg stdbool stddef stdint stdio stdlib string strings termios
    search sys/signalfd sys/socket sys/stat sys/un time unistd'''.split())
GUARDED = (  # what, and which files may see it
    (re.compile(r'(krb5|gssapi|heim|com_err)'), re.compile(r'lib/(kerberos|kdc|handshake)/')),
    (re.compile(r'(ldap|lber|openldap|sasl/)'), re.compile(r'lib/directory/ldap/')),
    (re.compile(r'utf8proc'), re.compile(r'lib/')),
    (re.compile(r'sqlite3'), re.compile(r'examples/sqlite_backend\.c')),
    (re.compile(r'jansson'), re.compile(r'lib/(directory/export/json\w*|check/accepted_json|report/json\w*)\.[ch]$')),
)


def fault_of_system(file, name):
    """Says why a file may not include <name>."""
    if name.startswith('spnkit/'):
        return None
    for what, who in GUARDED:
        if what.match(name):
            return None if who.match(file) else f'only {who.pattern} may see <{name}>'
    ok = file.startswith('lib/') or name.removesuffix('.h') in LIBC
    return None if ok else f'<{name}> is neither a public header nor known to this test as one of the C library'


def fault_of_own(root, file, name):
    """Says why a file may not include "name"."""
    folder = pathlib.PurePosixPath(file).parent
    if not file.startswith('lib/'):
        ok = '/' not in name and (root / folder / name).exists() and not file.startswith(('examples/', 'include/'))
        return None if ok else f'"{name}" is not a public header'
    layer = folder.parts[1] if len(folder.parts) > 1 else None
    other = name.split('/')[0] if '/' in name else layer
    if other not in LAYERS or layer not in LAYERS:
        return f'"{name}": no such layer'
    if LAYERS.index(other) > LAYERS.index(layer):
        return f'"{name}": {layer} comes before {other}'
    there = root / 'lib' / name if '/' in name else root / folder / name
    return None if there.exists() else f'"{name}" is not there'


def needs_of(archive):
    """Which objects of an archive each of them needs."""
    defined, needed = {}, collections.defaultdict(set)
    for line in subprocess.run(['nm', '-A', archive], capture_output=True, text=True, check=True).stdout.splitlines():
        found = re.match(r'.*?([^:/]+)\.c\.o:\s*[0-9a-f]*\s+(\w)\s+(\w+)$', line)
        if found and found[2] == 'U':
            needed[found[1]].add(found[3])
        elif found and found[2] in 'TDBRC':
            defined[found[3]] = found[1]
    return {name: {defined[symbol] for symbol in symbols if defined.get(symbol, name) != name} for name, symbols in needed.items()}


def circles_of(needs):
    """Sets of objects of which each needs all others, by way of any number of them."""
    def reach(name):
        seen, todo = set(), [name]
        while todo:
            for other in needs.get(todo.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        return seen
    reached = {name: reach(name) for name in needs}
    return {frozenset(other for other in reached[name] if name in reached.get(other, ())) for name in needs if name in reached[name]}


def main(root, archive):
    needs = needs_of(archive)
    root, n, faults = pathlib.Path(root), 0, []
    for top in ('include', 'lib', 'cli', 'examples'):
        for path in sorted((root / top).rglob('*.[ch]')):
            file = path.relative_to(root).as_posix()
            for system, own in re.findall(r'^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")', path.read_text(encoding='utf-8'), flags=re.M):
                n += 1
                fault = fault_of_system(file, system) if system else fault_of_own(root, file, own)
                if fault:
                    faults.append(f'{file}: {fault}')
    faults += ['a circle: ' + ', '.join(sorted(circle)) for circle in circles_of(needs)
               if not all(name.startswith('model_ldif_') for name in circle)]
    print('\n'.join(faults) or f'{n} includes, {len(needs)} objects')
    return 1 if faults or n == 0 or not needs else 0


sys.exit(main(*sys.argv[1:]))
