#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""crash.py SPNKIT STOP_AT POINTS [INCIDENT] - kills every writing command before and after each system call that matters,
then lets "spnkit undo" clean up: the directory must be exactly as it was, whatever the moment.

POINTS is how many calls of each command are tried, spread evenly; 0: all of them.  With INCIDENT, an LDIF export, the directory
is a copy of it; without, it is the domain controller of the lab around this.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

KILLED = 137
SERVER, COMPUTER, POOL = 'LAX-CRM01', 'LAX-CRM01$', 'CrmIisPoolServiceAccount'
DEFAULT_NAMES = ['RestrictedKrbHost/DYNAMICS-CRM', 'RestrictedKrbHost/DYNAMICS-CRM.kimconnect.com']
PORT_NAMES = [f'http/{SERVER}:5985', f'http/{SERVER}.kimconnect.COM:5985']

# What is done before, so that there is something to do; what brings it back where the directory is not simply copied again.
PORTS_AWAY = ['move', *PORT_NAMES, '--from', COMPUTER, '--to', POOL], ['move', *PORT_NAMES, '--from', POOL, '--to', COMPUTER]
DEFAULTS_AWAY = ['delete', *DEFAULT_NAMES, 'DYNAMICS-CRM$'], ['add', *DEFAULT_NAMES, 'DYNAMICS-CRM$']
PLAN = ['move', f'http/{SERVER}', f'http/{SERVER}.kimconnect.com', '--from', POOL, '--to', COMPUTER, '--dry-run', '--format', 'ldif'], None
FIX = ['fix', SERVER, '--no-probe'], None

# name: (what is done before or None, what is killed)
SCENARIOS = {
    'add': (None, ['add', 'http/new', 'http/new.kimconnect.com', POOL]),
    'delete': (None, ['delete', f'http/{SERVER}', f'HTTP/{SERVER}.kimconnect.com', POOL]),
    'move': (None, ['move', f'http/{SERVER}', '--from', POOL, '--to', 'CrmAsyncService']),
    'defaults': (DEFAULTS_AWAY, ['defaults', 'DYNAMICS-CRM$']),
    'fix': (None, FIX[0]),
    'split': (PORTS_AWAY, ['split', SERVER, '--no-probe']),
    'copy-groups': (None, ['copy-groups', POOL, 'DYNAMICS-CRM$']),
    'setspn -S': (None, ['setspn', '-S', 'http/new', 'http/new.kimconnect.com', POOL]),
    'setspn -D': (None, ['setspn', '-D', f'http/{SERVER}', POOL]),
    'setspn -R': (DEFAULTS_AWAY, ['setspn', '-R', 'DYNAMICS-CRM']),
    'apply': (PLAN, ['apply', 'plan.ldif']),
    'undo': (FIX, ['undo']),
}
LIVE = {'reset': (None, ['reset', SERVER])}


class Export:
    """A copy of an export, in a file."""
    def __init__(self, place, incident):
        self.file, self.incident = place / 'in.ldif', incident
        self.url = f'ldif:{self.file}'
        self.start()

    def start(self):
        shutil.copy(self.incident, self.file)

    def records(self):
        dn, lines = '', []
        for line in self.file.read_text(encoding='utf-8').replace('\n ', '').splitlines():
            if line.startswith('dn:'):
                dn = line
            elif line and not line.startswith('#'):
                lines.append(f'{dn}|{line}')
        return sorted(lines)


class Controller:
    """The lab's domain controller.  Samba itself turns HOST/x into host/x now and then (README): case is not compared."""
    def __init__(self):
        self.url = os.environ['LAB_URL']

    def start(self):
        pass

    def records(self):
        out = subprocess.run(['ldapsearch', '-LLL', '-Q', '-Y', 'GSSAPI', '-H', self.url, '-o', 'ldif-wrap=no',
                              '-b', os.environ['LAB_BASE'], '(|(objectClass=user)(objectClass=group))',
                              'servicePrincipalName', 'member', 'memberOf'], check=True, capture_output=True, text=True).stdout
        return sorted({f'{record.splitlines()[0]}|{line}'.lower()
                       for record in out.split('\n\n') if record.startswith('dn:') for line in record.splitlines()})


class Run:
    def __init__(self, spnkit, stop_at, place, directory):
        self.spnkit, self.stop_at, self.place, self.directory = spnkit, stop_at, place, directory
        self.state = place / 'state'
        self.points = self.wrong = 0

    def command(self, words, before=()):
        env = dict(os.environ, HOME=str(self.place), XDG_STATE_HOME=str(self.state))
        words = [*before, self.spnkit, '-H', self.directory.url, *words]
        if '--dry-run' not in words and 'setspn' not in words:
            words.append('--yes')
        with open(self.place / ('plan.ldif' if '--dry-run' in words else 'out'), 'wb') as out:
            return subprocess.run(words, cwd=self.place, env=env, stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.PIPE, timeout=600, check=False)

    def prepare(self, earlier):
        """Returns the directory to which undo is to lead back."""
        shutil.rmtree(self.state, ignore_errors=True)
        self.directory.start()
        before = self.directory.records()
        if earlier:
            done = self.command(earlier[0])
            assert done.returncode == 0, done.stderr
            if earlier[1]: # not for undo to take back
                shutil.rmtree(self.state, ignore_errors=True)
                before = self.directory.records()
        return before

    def clean_up(self, earlier):
        if earlier and earlier[1]:
            done = self.command(earlier[1])
            assert done.returncode == 0 or isinstance(self.directory, Export), done.stderr

    def complain(self, text, done):
        self.wrong += 1
        print(f'{text}: exit code {done.returncode}: {done.stderr.decode(errors="replace")}')

    def try_point(self, name, when, n):
        earlier, words = SCENARIOS.get(name) or LIVE[name]
        before = self.prepare(earlier)
        killed = self.command(words, [self.stop_at, when, str(n)])
        place = f'{name}, killed {when} call {n}'
        if killed.returncode != KILLED and killed.returncode != 0:
            self.complain(f'{place}: was not killed, and failed', killed)
        undone = self.command(['undo'])
        nothing = undone.returncode == 1 and b'nothing to undo' in undone.stderr
        if undone.returncode != 0 and not nothing:
            self.complain(f'{place}: undo', undone)
        after = self.directory.records()
        if after != before:
            self.complain(f'{place}: {set(before) ^ set(after)} differ', undone)
        self.clean_up(earlier)
        self.points += 1

    def count(self, name):
        earlier, words = SCENARIOS.get(name) or LIVE[name]
        self.prepare(earlier)
        done = self.command(words, [self.stop_at, 'count', str(self.place / 'count')])
        if done.returncode != 0:
            self.complain(f'{name}: does not work when it is not killed', done)
        if name != 'undo':
            self.command(['undo'])
        self.clean_up(earlier)
        return int((self.place / 'count').read_text(encoding='ascii'))


def spread(total, wanted):
    if wanted == 0 or wanted >= total:
        return range(1, total + 1)
    return sorted({1 + i * (total - 1) // (wanted - 1) for i in range(wanted)})


def main(args):
    spnkit, stop_at = (os.path.abspath(path) for path in args[:2])
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        directory = Export(place, args[3]) if len(args) > 3 else Controller()
        run = Run(spnkit, stop_at, place, directory)
        names = list(SCENARIOS) if len(args) > 3 else list(SCENARIOS) + list(LIVE)
        for name in names:
            total = run.count(name)
            for n in spread(total, int(args[2])):
                for when in ('before', 'after'):
                    run.try_point(name, when, n)
            print(f'{name}: {total} calls that matter')
        print(f'{run.points} points, {run.wrong} wrong')
        return 1 if run.wrong else 0


sys.exit(main(sys.argv[1:]))
