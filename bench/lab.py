#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""lab.py DELAY [quick]: (inside a lab) what spnkit costs on a domain controller, beside the tools that one would use instead.

Each row is measured in one run, the two commands in turn, so that whatever else the machine does hits both.  Prints a JSON
object a line: work, tool, wall and peak memory of both, the ratio, what it should be.  DELAY is delay.c, compiled; SPNKIT the command.
"""
import json
import os
import pathlib
import random
import subprocess

from measure import DELAY, QUICK, SPNKIT, compare, instructions, row, run, work

URL, BASE = os.environ['LAB_URL'], os.environ['LAB_BASE']
N = 100 if QUICK else 500
FAR, DC, HOST = '10.77.0.31', '10.77.0.11', 'dc1.kimconnect.com'


class Line:
    """The domain controller, at a distance of so many milliseconds there and back.  Only LDAP: tickets are there."""

    def __init__(self, trip):
        self.trip = trip

    def __enter__(self):
        hosts = pathlib.Path('/etc/hosts').read_text(encoding='utf-8')
        self.hosts = hosts
        pathlib.Path('/etc/hosts').write_text(hosts.replace(DC + ' ', FAR + ' '), encoding='utf-8')
        self.process = subprocess.Popen([DELAY, FAR + ':389', DC + ':389', str(self.trip / 2)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == 'ready\n'
        return self

    def __exit__(self, *_):
        pathlib.Path('/etc/hosts').write_text(self.hosts, encoding='utf-8')
        self.process.terminate()
        self.said = self.process.communicate()[0]


def trips(command):
    with Line(0) as line:
        code = run(command)[2]
    assert code in (0, 1), (command, code)
    return int(line.said.split()[0])


def ldap(tool, text):
    subprocess.run([tool, '-Q', '-Y', 'GSSAPI', '-H', URL], input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def populate():
    """Seeded: accounts with ten names each."""
    rng = random.Random(4)
    names = [f'http/host{rng.randrange(10**6)}-{i}' for i in range(N)]
    text = ''
    for i in range(0, N, 10):
        text += f'dn: CN=bench{i},CN=Users,{BASE}\nobjectClass: user\nsAMAccountName: bench{i}\n'
        text += ''.join(f'servicePrincipalName: {name}\n' for name in names[i:i + 10]) + '\n'
    ldap('ldapadd', text)
    return names


def one_name():
    ours = [SPNKIT, '-H', URL, 'query', 'http/LAX-CRM01']
    theirs = ['ldapsearch', '-LLL', '-Q', '-Y', 'GSSAPI', '-H', URL, '-b', BASE, '(servicePrincipalName=http/LAX-CRM01)']
    compare('query of one name', 'ldapsearch', ours, theirs, 0.85, 15 if QUICK else 61)
    row('query of one name', 'ldapsearch', instructions(ours), instructions(theirs), 0.6, 'instructions')
    row('query of one name', 'ldapsearch', trips(ours), trips(theirs), 0.6, 'round trips')


def many_names(names):
    (work / 'names').write_text('\n'.join(names) + '\n', encoding='utf-8')
    ours = [SPNKIT, '-H', URL, 'query', *names]
    theirs = ['ldapsearch', '-LLL', '-Q', '-Y', 'GSSAPI', '-H', URL, '-b', BASE, '-f', str(work / 'names'),
              '(servicePrincipalName=%s)', 'servicePrincipalName']
    with Line(10):
        compare(f'{N} names, 10 ms round trip', 'ldapsearch -f', ours, theirs, 0.01, 1 if QUICK else 3)


def fix():
    ours = [SPNKIT, '-H', URL, 'fix', 'LAX-CRM01', '--yes', '--no-probe']
    back = [SPNKIT, '-H', URL, 'undo', '--yes']
    n = trips(ours)
    run(back)
    with Line(20):
        wall, peak, _, _ = run(ours)
    run(back)
    print(json.dumps({'work': 'fix, 20 ms round trip', 'unit': 's', 'spnkit': round(wall, 4), 'spnkit_kib': peak, 'round_trips': n}),
          flush=True)


subprocess.run(['ip', 'addr', 'add', FAR + '/32', 'dev', 'lo'], check=True)
subprocess.run(['kgetcred', 'ldap/' + HOST], check=True)
one_name()
fix()
many_names(populate())
