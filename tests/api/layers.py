#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""layers.py PROJECT: who may include what.

A folder of lib/ includes the folders before it, and itself; the KDC's and the directory's libraries are seen by their
back ends only; the command, the examples and the public headers see nothing but public headers.
"""
import pathlib
import re
import sys

LAYERS = ('base', 'model', 'kerberos', 'directory', 'kdc', 'handshake', 'account', 'plan', 'check', 'repair')
LIBC = set('''assert ctype errno fcntl getopt inttypes limits netdb poll signal stdarg stdbool stddef stdint stdio stdlib string strings termios
    search sys/socket sys/stat time unistd'''.split())
GUARDED = (  # what, and which files may see it
    (re.compile(r'(krb5|gssapi|heim|com_err)'), re.compile(r'lib/(kerberos|kdc|handshake)/')),
    (re.compile(r'(ldap|lber|openldap|sasl/)'), re.compile(r'lib/directory/ldap/')),
    (re.compile(r'utf8proc'), re.compile(r'lib/')),
    (re.compile(r'jansson'), re.compile(r'(cli/|lib/directory/export/json\.c)')),
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


def main(root):
    root, n, faults = pathlib.Path(root), 0, []
    for top in ('include', 'lib', 'cli', 'examples'):
        for path in sorted((root / top).rglob('*.[ch]')):
            file = path.relative_to(root).as_posix()
            for system, own in re.findall(r'^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")', path.read_text(encoding='utf-8'), flags=re.M):
                n += 1
                fault = fault_of_system(file, system) if system else fault_of_own(root, file, own)
                if fault:
                    faults.append(f'{file}: {fault}')
    print('\n'.join(faults) or f'{n} includes')
    return 1 if faults or n == 0 else 0


sys.exit(main(sys.argv[1]))
