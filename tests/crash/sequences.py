#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sequences.py SPNKIT STOP_AT INCIDENT COUNT [SEED] - random sequences of commands on an LDIF file, some killed at a random system call, some
two at once.  Whatever they are: no name is lost or on two accounts behind a command that ended by itself, and undoing all journals in
reverse brings the file back, with every byte beside names and members untouched (but for names, if an undo ran beside another command:
then the order was not the reverse).

A sequence that fails is named by its seed: sequences.py SPNKIT STOP_AT INCIDENT 1 SEED repeats it, but for what two processes at once do.
"""
import collections
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

KILLED = 137
CHANGED = ('servicePrincipalName:', 'member:', 'memberOf:')
SERVERS = ('LAX-CRM01', 'DYNAMICS-CRM')
ACCOUNTS = ('LAX-CRM01$', 'DYNAMICS-CRM$', 'CrmIisPoolServiceAccount', 'CrmAsyncService')
NAMES = ('http/LAX-CRM01', 'http/LAX-CRM01.kimconnect.com', 'http/LAX-CRM01:5985', 'http/DYNAMICS-CRM', 'http/new', 'HTTP/New', 'MSSQLSvc/db:1433')


def unfolded(data):
    return data.decode('utf-8').replace('\n ', '').splitlines()


def holders(data):
    """Which entries hold each name, without regard to case."""
    found, dn = collections.defaultdict(set), ''
    for line in unfolded(data):
        if line.startswith('dn:'):
            dn = line
        elif line.startswith(CHANGED[0]):
            found[line.split(': ', 1)[1].casefold()].add(dn)
    return found


def records(data):
    dn, lines = '', []
    for line in unfolded(data):
        dn = line if line.startswith('dn:') else dn
        lines.append(f'{dn}|{line}')
    return sorted(lines)


def untouched(data):
    """Everything but names and members, in order."""
    return [line for line in unfolded(data) if not line.startswith(CHANGED)]


class Sequence:
    def __init__(self, tools, place, seed):
        (self.spnkit, self.stop_at, incident), self.place, self.seed = tools, place, seed
        self.random = random.Random(seed)
        self.file, self.plan = place / 'in.ldif', place / 'plan.ldif'
        shutil.copy(incident, self.file)
        self.start = self.file.read_bytes()
        self.env = dict(os.environ, HOME=str(place), XDG_STATE_HOME=str(place / 'state'), SPNKIT_DIRECTORY=f'ldif:{self.file}')
        self.env.pop('KRB5CCNAME', None)
        self.said, self.wrong, self.has_undone_beside = [], [], False

    def words(self):
        """One command, at random.  Whether it may take a name from the directory comes with it."""
        pick = self.random.choice
        names = self.random.sample(NAMES, self.random.randint(1, 2))
        one, other = self.random.sample(ACCOUNTS, 2)
        verb = pick(('add', 'add', 'delete', 'move', 'move', 'fix', 'split', 'reset', 'copy-groups', 'apply', 'undo', 'plan'))
        if verb in ('add', 'delete'):
            return [verb, *names, one, *(['--takeover'] if verb == 'add' and pick((True, False)) else [])], verb == 'delete'
        if verb == 'move':
            return [verb, *names, '--from', one, '--to', other], False
        if verb in ('fix', 'split', 'reset'):
            return [verb, pick(SERVERS), *(['--no-probe'] if verb != 'reset' else [])], False
        if verb == 'copy-groups':
            return [verb, one, other], False
        if verb == 'plan':                             # for a later apply
            return ['move', *names, '--from', one, '--to', other, '--dry-run', '--format', 'ldif'], False
        return [verb, *([str(self.plan)] if verb == 'apply' else [])], verb == 'undo'

    def begin(self, words, before=()):
        planned = '--dry-run' in words
        with open(self.plan if planned else os.devnull, 'wb') as out:
            return subprocess.Popen([*before, self.spnkit, *words, *([] if planned else ['--yes'])], cwd=self.place, env=self.env,
                                    stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE)

    def end(self, process, has_rival=False):
        err = process.communicate(timeout=120)[1].decode('utf-8', 'replace')
        # what a rival takes while a move has it in hand, or before an undo, cannot be put back: it stays there, and that is said
        is_taken = has_rival and process.returncode == 6 and ' is held by ' in err
        if (process.returncode in (6, 70) and not is_taken) or 0 > process.returncode or 'anitizer' in err:
            self.complain(f'exit code {process.returncode}: {err}')
        return process.returncode

    def complain(self, text):
        self.wrong.append(f'seed {self.seed}: {text}\n    behind ' + '\n    '.join(self.said))

    def look(self, before, may_lose):
        """Behind commands that ended by themselves."""
        now = holders(self.file.read_bytes())
        for name, where in now.items():
            if len(where) > max(1, len(before.get(name, ()))):
                self.complain(f'{name} is on {sorted(where)}')
        lost = set(before) - set(now)
        if lost and not may_lose:
            self.complain(f'{sorted(lost)} are lost')

    def step(self):
        words, may_lose = self.words()
        before = holders(self.file.read_bytes())
        kind = self.random.choice(('alone', 'alone', 'killed', 'two'))
        if kind == 'killed':
            when, n = self.random.choice(('before', 'after')), self.random.randint(1, 40)
            self.said.append(f'{words}, killed {when} call {n}')
            if self.end(self.begin(words, (self.stop_at, when, str(n)))) == KILLED:
                return
            self.look(before, may_lose)
            return
        self.said.append(str(words))
        processes = [self.begin(words)]
        if kind == 'two':
            more, loses_too = self.words()
            may_lose |= loses_too
            self.said[-1] += f' and {more} at once'
            # which finds a name back that the other one has just added, and so leaves it to the other one's undo
            self.has_undone_beside |= 'undo' in (words[0], more[0])
            processes.append(self.begin(more))
        for process in processes:
            self.end(process, len(processes) > 1)
        self.look(before, may_lose)

    def undo_all(self):
        journals = sorted((self.place / 'state/spnkit').glob('*.ldif'), reverse=True)
        for journal in journals:
            head = journal.read_text(encoding='utf-8', errors='replace')[:2000]
            if re.search(r'^# (state: undone|title: undo)', head, re.M) or not head.startswith('#'):
                continue
            self.said.append(f'undo {journal.name} ({re.search("^# title: (.*)$", head, re.M).group(1)})')
            self.end(self.begin(['undo', str(journal)]))
        end = self.file.read_bytes()
        now, then = collections.Counter(records(end)), collections.Counter(records(self.start))
        differ = (now - then) + (then - now)
        if self.has_undone_beside:
            differ = [record for record in differ if CHANGED[0] not in record]
        if differ:
            self.complain(f'undone, but {sorted(differ)} differ')
        if untouched(end) != untouched(self.start):
            self.complain('other bytes than those of names and members have changed')

    def run(self):
        for _ in range(self.random.randint(3, 7)):
            self.step()
        self.undo_all()
        return self.wrong


def main(spnkit, stop_at, incident, count, seed='1'):
    tools = [os.path.abspath(path) for path in (spnkit, stop_at, incident)]
    wrong = 0
    for i in range(int(count)):
        with tempfile.TemporaryDirectory() as folder:
            found = Sequence(tools, pathlib.Path(folder), int(seed) + i).run()
        wrong += bool(found)
        if found:
            print('\n'.join(found), flush=True)
    print(f'{count} sequences from seed {seed} on, {wrong} wrong')
    return 1 if wrong else 0


sys.exit(main(*sys.argv[1:]))
