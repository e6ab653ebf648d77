#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""slapd.py DELAY [quick]: (inside tests/lab/slapd, loaded with gen-ldif) what spnkit costs where the server's own work is small.  As
lab.py."""
import os
import subprocess
import urllib.parse

from measure import DELAY, QUICK, SPNKIT, compare, row, run, work

URL, BASE = os.environ['SLAPD_URL'], os.environ['SLAPD_BASE']
N, TRIP = 100 if QUICK else 500, 20


def ldap(tool, text):
    subprocess.run([tool, '-Q', '-Y', 'EXTERNAL', '-H', URL], input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def group_changes(op):
    return ''.join(f'dn: CN=group{i},{BASE}\nchangetype: modify\n{op}: member\nmember: CN=joiner,{BASE}\n\n' for i in range(N))


def populate():
    text = ''.join(f'dn: CN={name},{BASE}\nobjectClass: user\nsAMAccountName: {name}\n\n' for name in ('leader', 'joiner'))
    for i in range(N):
        text += f'dn: CN=group{i},{BASE}\nobjectClass: group\nsAMAccountName: group{i}\nmember: CN=leader,{BASE}\n\n'
    ldap('ldapadd', text)


def copy_groups():
    populate()
    (work / 'add').write_text(group_changes('add'), encoding='utf-8')
    far = work / 'far'
    url = 'ldapi://' + urllib.parse.quote(str(far), safe='')
    near = urllib.parse.unquote(URL.removeprefix('ldapi://'))
    figures = []
    with subprocess.Popen([DELAY, str(far), near, str(TRIP / 2)], stdout=subprocess.PIPE, text=True) as line:
        assert line.stdout.readline() == 'ready\n'
        for command in ([SPNKIT, '-H', url, 'copy-groups', 'leader', 'joiner', '--yes'],
                        ['ldapmodify', '-Q', '-Y', 'EXTERNAL', '-H', url, '-f', str(work / 'add')]):
            wall, peak, code, _ = run(command)
            assert code == 0, (command, code)
            figures.append((wall, peak))
            ldap('ldapmodify', group_changes('delete'))
        line.terminate()
    row(f'copy-groups of {N} groups, {TRIP} ms round trip', 'ldapmodify', figures[0][0], figures[1][0], 0.1, runs=1,
        spnkit_kib=figures[0][1], other_kib=figures[1][1])


def duplicates():
    """ldapsearch reads the same attribute of the same accounts, and prints them."""
    theirs = ['ldapsearch', '-LLL', '-Q', '-Y', 'EXTERNAL', '-H', URL, '-E', 'pr=1000/noprompt', '-b', BASE,
              '(servicePrincipalName=*)', 'servicePrincipalName']
    n = subprocess.run(theirs, stdout=subprocess.PIPE, text=True, check=True).stdout.count('\ndn: ') + 1
    compare(f'duplicates of {n:,} accounts on slapd', 'ldapsearch', [SPNKIT, '-H', URL, 'duplicates'], theirs, 1, 3, wanted_cpu=0.7)


duplicates()
copy_groups()
