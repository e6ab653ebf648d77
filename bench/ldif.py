#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ldif.py DELAY [quick]: what spnkit costs on an export, beside what one would type instead.  As lab.py.

None of the others unfolds lines or decodes base64, none knows of aliases, and only the dictionary names accounts.
"""
import base64
import pathlib
import subprocess
import sys

import exports
from measure import QUICK, SPNKIT, compare, instructions, row, run, work, worst

SIZES = (10000, 100000) if QUICK else (10000, 100000, 1000000)
HERE = pathlib.Path(__file__).parent
# Of an audit of 100,000 accounts before it looked at delegations and at what KDCs of today refuse (gcc 12, glibc 2.36)
AUDIT_BEFORE = 9_424_812_232
PIPELINE = "grep '^servicePrincipalName:' {} | tr A-Z a-z | sort -S2G | uniq -d"
DICT = """
import sys
held, dn = {}, None
with open(sys.argv[1], encoding='utf-8') as file:
    for line in file:
        if line.startswith('dn: '):
            dn = line[4:-1]
        elif line.startswith('servicePrincipalName: '):
            held.setdefault(line[22:-1].lower(), []).append(dn)
for name, dns in held.items():
    if len(dns) > 1:
        print(name, dns)
"""


SHAPES = ('usual', 'few', 'many', 'crlf', 'base64', 'grouped')


def generate(n, shape='usual'):
    path = work / f'{n}-{shape}.ldif'
    with open(path, 'wb') as file:
        subprocess.run([HERE / 'gen-ldif', '-n', str(n), '-d', str(max(n // 2000, 3)), '--shape', shape], stdout=file, check=True)
    return path


def grep(path):
    # not into /dev/null, where it would stop at the first line that fits
    return ['sh', '-c', f"grep -c '^servicePrincipalName:' {path} | cat"]


def shapes(times):
    """Of a million accounts in each shape; a ratio of one alone would be that of a lucky one."""
    paths = {shape: generate(SIZES[-1], shape) for shape in SHAPES}
    of = f'of {SIZES[-1]:,} accounts in a file'

    def pairs(*command):
        return {shape: ([SPNKIT, '-H', f'ldif:{path}', *command], grep(path)) for shape, path in paths.items()}
    worst(f'query {of}', 'grep -c', pairs('query', 'http/srv0000001'), 1.2, 1.5, times)
    worst(f'duplicates {of}', 'grep -c', pairs('duplicates', '-q'), 2, 3, times)
    audits = {shape: ([*ours[:3], 'audit', '-q'], ours) for shape, (ours, _) in pairs('duplicates', '-q').items()}
    worst(f'audit {of}', 'duplicates', audits, 2, 2, times)
    for path in paths.values():
        path.unlink()


def changed(path):
    """The same export a year later: of 2,000 accounts, one is gone, and one has other names."""
    records = path.read_text(encoding='ascii').replace('\nwhenCreated: 2020', '\nwhenCreated: 2021').split('\n\n')
    records = [record.replace('servicePrincipalName: ', 'servicePrincipalName: new-') if i % 2000 == 1009 else record
               for i, record in enumerate(records) if i % 2000 != 7]
    other = work / 'changed.ldif'
    other.write_text('\n\n'.join(records), encoding='ascii')
    return other


def entry(i, names):
    lines = ''.join(f'servicePrincipalName:: {base64.b64encode(name.encode()).decode()}\n' for name in names)
    return f'dn: CN=a{i},DC=example,DC=com\nobjectClass: user\nsAMAccountName: a{i}\nuserAccountControl: 512\n{lines}\n'


def accents(i):
    """A name that is the same for each i, but for accents."""
    marks = ('', '\u0301', '\u0300', '\u0302', '\u0308', '\u0303', '\u030a')
    return 'http/' + ''.join(letter + marks[i // 7**place % 7] for place, letter in enumerate('abcdefgh'))


HOSTILE = {
    'names that differ by accents': lambda n: (entry(i, [accents(i)]) for i in range(n)),
    'one name on all': lambda n: (entry(i, ['http/web', 'HOST/web']) for i in range(n)),
    'all names on two': lambda n: (entry(a, [f'{service}/h{i}' for i in range(n)]) for a, service in enumerate(('http', 'HOST'))),
    'one host, a class each': lambda n: (entry(i, [f'class{i}/web', f'class{i // 2}/web']) for i in range(n)),
}


def hostile():
    """What somebody can make of an export who wants it to take long: seconds a name, of four times and twice as many."""
    sizes = [1000, 2000, 4000] if QUICK else [10000, 20000, 40000]
    for name, make in HOSTILE.items():
        paths = []
        for n in sizes:
            paths.append(work / f'hostile-{n}.ldif')
            paths[-1].write_text('dn: DC=example,DC=com\nobjectClass: domainDNS\n\n' + ''.join(make(n)), encoding='ascii')
        growth(paths[:2], ['duplicates'], 3, sizes, name)
        growth([paths[0], paths[2]], ['duplicates'], 3, [sizes[0], sizes[2]], name)


def growth(paths, command, times, sizes=SIZES, of=''):
    """Seconds an account, of the largest export beside the smallest; what a process costs by itself is taken off."""
    seconds = []
    for path in (HERE / '../examples/incident.ldif', *paths):
        # what is over in milliseconds is disturbed more
        seconds.append(min(run([SPNKIT, '-H', f'ldif:{path}', *command])[0] for _ in range(times if path == paths[-1] else 3 * times)))
    each = [(wall - seconds[0]) / n for wall, n in zip(seconds[1:], sizes)]
    row(f'{command[0]}, {of + ", " if of else ""}an account of {sizes[len(paths) - 1]:,} and of {sizes[0]:,}', 'itself', each[-1] * 1e6, each[0] * 1e6, 1.2, 'us')


def tables():
    """A CSV file beside the LDIF of the same accounts, in the shapes that the usual tools write."""
    n = 2000 if QUICK else 20000
    for shape in exports.SHAPES:
        exports.write(shape, n, work / 'export')
        ours, theirs = ([SPNKIT, '-H', f'ldif:{work}/export.{kind}', 'duplicates'] for kind in ('csv', 'ldif'))
        name = f'{n:,} accounts, {shape}'
        row(name, 'LDIF', instructions(ours), instructions(theirs), 3, 'instructions')
        compare(name, 'LDIF', ours, theirs, 3, 5)


def main():
    times = 5
    shapes(times)  # removes its files, as large as ours
    paths = [generate(n) for n in SIZES]
    large = paths[-1]
    duplicates = [SPNKIT, '-H', f'ldif:{large}', 'duplicates']
    of = f'of {SIZES[-1]:,} accounts in a file'
    compare(f'duplicates {of}', 'grep|sort|uniq', duplicates, ['sh', '-c', PIPELINE.format(large)], 0.333, times)
    compare(f'duplicates {of}', 'Python dict', duplicates, [sys.executable, '-c', DICT, str(large)], 0.1, times)
    growth(paths, ['duplicates'], 5)
    growth(paths[:2], ['audit', '--html', str(work / 'audit.html')], 3)  # every other account has findings
    audit = instructions([SPNKIT, '-H', f'ldif:{paths[1]}', 'audit', '-q'])
    before = 'itself, when it judged each account by itself'
    row(f'audit of {SIZES[1]:,} accounts', before, audit, AUDIT_BEFORE, 0.15, 'instructions')
    survey = instructions([SPNKIT, '-H', f'ldif:{paths[1]}', 'audit', '-q', '--era', 'windows-2026-07'])
    row(f'audit --era of {SIZES[1]:,} accounts', before, survey, AUDIT_BEFORE, 0.75, 'instructions')
    other = changed(paths[1])
    diff = instructions([SPNKIT, 'diff', str(paths[1]), str(other)])
    row(f'diff of two exports of {SIZES[1]:,} accounts, of which one in 1,000 differs', 'duplicates of one', diff,
        instructions([SPNKIT, '-H', f'ldif:{paths[1]}', 'duplicates', '-q']), 2.5, 'instructions')
    other.unlink()
    for path in paths:
        path.unlink()
    tables()
    hostile()


main()
