#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""soaking.py SECONDS RATE INTERVAL ACCOUNTS - (inside a lab with two domain controllers) watch under a stream of changes

For so many seconds, RATE changes a second are made at both controllers: names come, go and move, accounts are renamed, made
and deleted, aliases conflict, and both controllers give the same name away in the same moment.  Two watchers look at dc2 every
INTERVAL seconds: an administrator's, and an ordinary user's.  Now and then dc2 is killed and comes back; and so is the user's
watcher, with its state.

What an event says must have been done, and once; what was done and lasted until a look, an event must have said.  Time does
not decide which look that was: names that serve as marks do.  What was done before a mark that some look saw, the next look
that sees a later mark has seen.  In the end, what the events add up to is what an own search finds.
"""
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import ldb
from samba.auth import system_session
from samba.credentials import Credentials
from samba.param import LoadParm
from samba.samdb import SamDB

BASE = os.environ['LAB_BASE']
LAB_DIR = os.environ['LAB_DIR']
HERE = os.path.dirname(os.path.abspath(__file__))
URLS = (os.environ['LAB_URL'], os.environ['LAB_URL2'])
OU = 'OU=soak,' + BASE
MARK_ROUND, KILL_ROUND = 100, 30                        # changes to a mark; marks to a kill
N_SPECIAL = 8                                           # aliases that conflict, and names that collide
TRIES = 1200
OF_DUPLICATES = ('duplicate', 'alias-conflict')


class Failed(Exception):
    pass


def connect(url):
    lp = LoadParm()
    lp.load(os.environ['LAB_CLIENT_CONF'])
    creds = Credentials()
    creds.guess(lp)
    creds.set_username('Administrator')
    with open(os.environ['LAB_PASSWORD_FILE'], encoding='ascii') as file:
        creds.set_password(file.read())
    return SamDB(url=url, session_info=system_session(), credentials=creds, lp=lp)


def awaits(what, *condition):
    for _ in range(TRIES):
        if condition[0](*condition[1:]):
            return
        time.sleep(0.1)
    raise Failed('waited in vain for ' + what)


class History:
    """What was done, in an order: for each account and name, when the account got it and lost it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.n, self.flips, self.names, self.deleted, self.marks = 0, {}, {}, set(), {}

    def flip(self, account, name):
        self.n += 1
        self.flips.setdefault((account, name), []).append(self.n)

    def rename(self, account, called):
        self.n += 1
        self.names.setdefault(account, []).append((self.n, called))


class Watcher:
    """A watcher, and what its events add up to."""

    def __init__(self, who, history, args):
        self.who, self.history, self.args = who, history, args
        self.told, self.standing, self.called = {}, set(), {}
        self.marks, self.before, self.batch, self.look = {}, {}, [], None
        self.n_events, self.n_looks, self.n_twice, self.faults = 0, 0, 0, []
        self.is_again, self.sizes, self.process, self.reader = False, [], None, None
        self.n_sure, self.trouble = 0, open('%s/%s.err' % (LAB_DIR, who), 'a+', encoding='utf-8')

    def command(self, *args):
        return [os.environ['SPNKIT'], *self.args, '--json', 'watch', '--all', '--state', '%s/%s.state' % (LAB_DIR, self.who), *args]

    def start(self, interval):
        self.process = subprocess.Popen(self.command('--interval', str(interval)), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.trouble, text=True)
        self.reader = threading.Thread(target=self.read, args=(self.process.stdout,), daemon=True)
        self.reader.start()

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait()
        self.reader.join()
        if code not in (0, -signal.SIGKILL):
            self.fault('it ended with exit code %d' % code)

    def finish(self):                                   # with what only a look at everything finds
        path = '%s/%s.state' % (LAB_DIR, self.who)
        with open(path, encoding='ascii') as file:
            text = file.read()
        with open(path, 'w', encoding='ascii') as file:
            file.write(re.sub('(?m)^# read: .*', '# read: 1000000000', text, count=1))
        done = subprocess.run(self.command('--once'), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.trouble,
                              text=True, check=False)
        if done.returncode not in (0, 1):
            self.fault('the last look ended with exit code %d' % done.returncode)
        self.read(done.stdout.splitlines())

    def fault(self, text):
        self.faults.append(text)
        print('%s: %s' % (self.who, text), file=sys.stderr, flush=True)

    def read(self, lines):
        for line in lines:
            if not line.endswith('}\n') and not line.endswith('}'):
                break                                   # it was killed while it wrote
            event = json.loads(line)
            if 'change' not in event:
                continue
            if event['time'] != self.look:
                self.end_of_look()
                self.look = event['time']
            self.batch.append(event)
            self.n_events += 1
        self.end_of_look()

    def end_of_look(self):
        if not self.batch:
            return
        self.n_looks += 1
        with self.history.lock:
            seen = {}
            for event in self.batch:
                self.take(event, seen)
            self.batch = []
            for place, mark in seen.items():            # what came before the last mark but one is known by now
                if place in self.marks:
                    self.check(place, self.marks[place])
                self.marks[place] = mark
        self.is_again = False                           # one look may have been told and not have been kept

    def take(self, event, seen):
        kind, spn = event['change'], event['spn']
        if kind in ('came', 'went', 'moved'):
            for side, holds in (('from', False), ('to', True)):
                if event[side]:
                    self.hold(number(event[side]), spn.lower(), holds)
            mark = re.fullmatch(r'mark/([01])-(\d+)', spn)
            if mark and event['to']:
                seen[int(mark[1])] = int(mark[2])
        elif kind == 'renamed':
            self.called[number(event['to'])] = (event['to']['account'], event['to']['dn'].lower())
        elif kind in ('new', 'cleared') and event['finding']['code'] in OF_DUPLICATES:
            finding = (event['finding']['code'], spn.lower())
            if (finding in self.standing) == (kind == 'new'):
                self.twice('%s %s' % (kind, finding))
            (self.standing.add if kind == 'new' else self.standing.discard)(finding)

    def twice(self, text):
        if self.is_again:
            self.n_twice += 1
        else:
            self.fault('told twice: ' + text)

    def hold(self, account, name, holds):
        flips = len(self.history.flips.get((account, name), ()))
        told, state = self.told.setdefault((account, name), [0, False])
        if state == holds:
            self.twice('%s %s %s' % (account, 'has' if holds else 'has not', name))
            return
        if told >= flips:
            self.fault('%s of %s was told, and not done' % (name, account))
        self.told[account, name] = [told + 1, holds]

    def check(self, place, mark):                       # place: of which controller; everything if it is None
        since = self.history.marks.get((place, mark), 0)
        for (account, name), flips in self.history.flips.items():
            is_sure = place is None or account[1] == place and flips[-1] < since and \
                not (self.who == 'user' and account in self.history.deleted)
            holds = self.told.get((account, name), [0, False])[1]
            if is_sure and holds != bool(len(flips) % 2):
                self.fault('%s: missed is what %s did with %s' % (self.look, account, name))
            self.n_sure += is_sure
        for account, names in self.history.names.items():
            is_sure = account not in self.history.deleted and (place is None or account[1] == place and names[-1][0] < since)
            if is_sure and self.called.get(account, names[-1][1]) != names[-1][1]:
                self.fault('%s: missed is that %s is called %s' % (self.look, account, names[-1][1]))

    def measure(self):
        try:
            with open('/proc/%d/status' % self.process.pid, encoding='ascii') as file:
                size = int(re.search(r'VmRSS:\s+(\d+)', file.read())[1])
            self.sizes.append((size, len(os.listdir('/proc/%d/fd' % self.process.pid))))
        except (OSError, TypeError):
            pass                                        # it is being started again

    def report(self):
        sizes, files = [size for size, _ in self.sizes], [n for _, n in self.sizes]
        tenth = len(sizes) // 10 + 1
        first, last = max(sizes[:2 * tenth]), max(sizes[-tenth:])
        print('%s: %d events in %d looks with any; %d states were certain at a mark; told twice after a kill: %d; '
              'resident memory: %d KiB at most in the first fifth, %d KiB in the last tenth, %d KiB at most; '
              'open files: %d to %d; %d faults' %
              (self.who, self.n_events, self.n_looks, self.n_sure, self.n_twice, first, last, max(sizes), min(files), max(files),
               len(self.faults)))
        if last > first + first // 4:
            self.fault('its memory grows')


def number(ref):
    """(its number, its controller) of an account of ours, whatever it is called by now."""
    found = re.match(r'soak(\d+)-([01])', ref['account'])
    return (int(found[1]), int(found[2])) if found else (ref['account'], None)


class Domain:
    def __init__(self, n_accounts, rate):
        self.history, self.random, self.rate = History(), random.Random(18), rate
        self.dbs = [connect(url) for url in URLS]
        self.dns, self.called, self.version, self.n_made, self.special, self.own = {}, {}, {}, 0, {}, []
        self.holders, self.n_names = {}, 0              # of the names that only one account has at a time
        self.kinds, self.n_refused, self.is_second_up = {}, 0, True
        self.dbs[0].add({'dn': OU, 'objectClass': 'organizationalUnit'})
        replicate()
        for place in (0, 1):
            self.make_special(place)
            for _ in range(n_accounts // 2):
                account = self.make(place)
                self.own.append(account)
                for _ in range(2):
                    self.come(place, account)
            self.make_mark(place)

    # One change each.  place: the controller at which it is made; each account is changed at one only.
    def write(self, account, name, flag):
        message = ldb.Message(ldb.Dn(self.dbs[account[1]], self.dns[account]))
        message['servicePrincipalName'] = ldb.MessageElement([name], flag, 'servicePrincipalName')
        with self.history.lock:                         # an event must not overtake what it is about
            self.dbs[account[1]].modify(message)
            self.history.flip(account, name)

    def make(self, place):
        self.n_made += 1
        account = (self.n_made, place)
        called = 'soak%d-%d' % account
        self.dns[account] = 'CN=%s,%s' % (called, OU)
        self.dbs[place].add({'dn': self.dns[account], 'objectClass': 'user', 'sAMAccountName': called, 'userAccountControl': '544'})
        self.version[account] = 0
        self.write(account, 'soak/%d-%d' % account, ldb.FLAG_MOD_ADD) # it keeps that: without a name, no new one of its own is told
        return account

    def some(self, place):
        return self.random.choice([account for account in self.own if account[1] == place])

    def come(self, place, account=None):
        self.n_names += 1
        account, name = account or self.some(place), 'http/h%d-%d.soak.test' % (self.n_names, place)
        self.write(account, name, ldb.FLAG_MOD_ADD)
        self.holders[name] = account

    def held(self, place):
        return self.random.choice([name for name, account in self.holders.items() if account[1] == place])

    def go(self, place):
        name = self.held(place)
        self.write(self.holders[name], name, ldb.FLAG_MOD_DELETE)
        del self.holders[name]

    def turn(self, place):                              # so many come as go
        n = sum(account[1] == place for account in self.holders.values())
        (self.go if n > 2 * len([account for account in self.own if account[1] == place]) else self.come)(place)

    def move(self, place):
        name, to = self.held(place), self.some(place)
        self.write(self.holders[name], name, ldb.FLAG_MOD_DELETE)
        self.write(to, name, ldb.FLAG_MOD_ADD)
        self.holders[name] = to

    def conflict(self, place):                          # an alias on one account, its target on another: or no longer
        n = self.random.randrange(N_SPECIAL)
        self.toggle(self.special['alias', n, place], 'http/c%d-%d' % (n, place))

    def collide(self, _):                               # both controllers give one name away before they hear of each other
        n = self.random.randrange(N_SPECIAL)
        is_held = any(self.holds(self.special['both', n, place], 'http/both%d' % n) for place in (0, 1))
        for place in (0, 1):
            account = self.special['both', n, place]
            if self.holds(account, 'http/both%d' % n) != is_held:
                continue
            try:
                self.toggle(account, 'http/both%d' % n)
            except ldb.LdbError:
                self.n_refused += 1                     # it had heard

    def holds(self, account, name):
        return len(self.history.flips.get((account, name), ())) % 2 == 1

    def toggle(self, account, name):
        self.write(account, name, ldb.FLAG_MOD_DELETE if self.holds(account, name) else ldb.FLAG_MOD_ADD)

    # Samba refuses every change to an account one of whose names is somebody else's as well, so these have no others.
    def make_special(self, place):
        for n in range(N_SPECIAL):
            for kind in ('target', 'alias', 'both'):
                self.special[kind, n, place] = self.make(place)
            self.toggle(self.special['target', n, place], 'host/c%d-%d' % (n, place))

    def rename(self, place):
        account = self.some(place)
        self.version[account] += 1
        called = 'soak%d-%d-%d' % (*account, self.version[account])
        db = self.dbs[place]
        with self.history.lock:
            if self.random.randrange(2):
                message = ldb.Message(ldb.Dn(db, self.dns[account]))
                message['sAMAccountName'] = ldb.MessageElement([called], ldb.FLAG_MOD_REPLACE, 'sAMAccountName')
                db.modify(message)
            else:
                dn = 'CN=%s,%s' % (called, OU)
                db.rename(self.dns[account], dn)
                self.dns[account] = dn
                called = self.called.get(account, 'soak%d-%d' % account)
            self.called[account] = called
            self.history.rename(account, (called, self.dns[account].lower()))

    def replace(self, place):                           # an account is deleted, and there is a new one
        account = self.some(place)
        with self.history.lock:
            self.dbs[place].delete(self.dns.pop(account))
            self.own.remove(account)
            self.history.deleted.add(account)
            for (whose, name), flips in list(self.history.flips.items()):
                if whose == account and len(flips) % 2:
                    self.history.flip(account, name)
                    self.holders.pop(name, None)
        self.own.append(self.make(place))
        self.come(place, self.own[-1])

    def describe(self, place):
        message = ldb.Message(ldb.Dn(self.dbs[place], self.dns[self.some(place)]))
        message['description'] = ldb.MessageElement([str(self.random.random())], ldb.FLAG_MOD_REPLACE, 'description')
        self.dbs[place].modify(message)

    def make_mark(self, place):
        called = 'marks%d' % place
        dn = 'CN=%s,%s' % (called, OU)
        self.dbs[place].add({'dn': dn, 'objectClass': 'user', 'sAMAccountName': called, 'userAccountControl': '544'})
        self.mark(place, 0)

    def mark(self, place, n):
        db = self.dbs[place]
        message = ldb.Message(ldb.Dn(db, 'CN=marks%d,%s' % (place, OU)))
        message['servicePrincipalName'] = ldb.MessageElement(['mark/%d-%d' % (place, n)], ldb.FLAG_MOD_REPLACE, 'servicePrincipalName')
        with self.history.lock:
            db.modify(message)
            self.history.n += 1
            self.history.marks[place, n] = self.history.n
            for whose, name in list(self.history.flips):
                if whose == ('marks%d' % place, None) and len(self.history.flips[whose, name]) % 2:
                    self.history.flip(whose, name)
            self.history.flip(('marks%d' % place, None), 'mark/%d-%d' % (place, n))

    def change(self):
        places = (0, 1) if self.is_second_up else (0,)
        kinds = {self.turn: 40, self.move: 30, self.describe: 10, self.rename: 8, self.conflict: 5, self.replace: 4, self.collide: 3}
        if not self.is_second_up:
            del kinds[self.collide]                     # its other half could not be taken back
        kind, = self.random.choices(list(kinds), list(kinds.values()))
        kind(self.random.choice(places))
        self.kinds[kind.__name__] = self.kinds.get(kind.__name__, 0) + 1

    def kill_second(self):
        replicate()                                     # dc1 must not lag behind what was seen at dc2
        self.is_second_up = False
        with open(LAB_DIR + '/dc2.pid', encoding='ascii') as file:
            session = int(file.read())
        os.killpg(session, signal.SIGKILL)
        awaits('the end of dc2', lambda: subprocess.run(['pgrep', '-s', str(session)], stdout=subprocess.DEVNULL, check=False).returncode)

    def start_second(self):
        with open(LAB_DIR + '/dc2.log', 'a', encoding='utf-8') as log:
            samba = subprocess.Popen(['samba', '-s', LAB_DIR + '/dc2/etc/smb.conf', '-i', '-M', 'standard'],
                                     stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        with open(LAB_DIR + '/dc2.pid', 'w', encoding='ascii') as file:
            file.write('%d\n' % samba.pid)

        def is_up():
            try:
                with socket.create_connection((socket.gethostbyname(host), 389)):
                    self.dbs[1] = connect(URLS[1])
                return True
            except (OSError, ldb.LdbError):
                return False
        host = URLS[1].removeprefix('ldap://')
        awaits('dc2', is_up)
        replicate()
        self.is_second_up = True

    def names(self):                                    # what an own search finds: of whom, which
        found = set()
        for entry in self.dbs[1].search(OU, expression='(servicePrincipalName=*)', attrs=['sAMAccountName', 'servicePrincipalName']):
            whose = number({'account': str(entry['sAMAccountName'])})
            found |= {(whose, str(name).lower()) for name in entry['servicePrincipalName']}
        return found


def replicate():                                        # a controller that has just come back may not be ready for it
    awaits('replication', lambda: not subprocess.run([HERE + '/lab', 'replicate'], stdout=subprocess.DEVNULL,
                                                     stderr=subprocess.DEVNULL, check=False).returncode)


def begin(watcher, domain):
    """What stands before the first look is not told."""
    for (account, name), flips in domain.history.flips.items():
        if len(flips) % 2:
            watcher.told[account, name] = [len(flips), True]


def soak(domain, watchers, seconds, interval):
    began, n, n_mark, kills, down_until = time.monotonic(), 0, 0, 0, None
    kill_round = max(3, min(KILL_ROUND, int(seconds * domain.rate / MARK_ROUND / 3)))
    next_measure = began
    while time.monotonic() - began < seconds:
        domain.change()
        n += 1
        if n % MARK_ROUND == 0:
            n_mark += 1
            for place in (0, 1) if domain.is_second_up else (0,):
                domain.mark(place, n_mark)
            if down_until == n_mark:
                domain.start_second()
            elif n_mark % kill_round == kill_round // 2 + 1:
                domain.kill_second()
                kills, down_until = kills + 1, n_mark + 1
            elif n_mark % kill_round == 0:
                watchers[1].stop(signal.SIGKILL)
                watchers[1].is_again = True
                watchers[1].start(interval)
        if time.monotonic() >= next_measure:
            next_measure += max(1, seconds / 360)
            for watcher in watchers:
                watcher.measure()
        time.sleep(max(0, began + n / domain.rate - time.monotonic()))
    took = time.monotonic() - began
    if not domain.is_second_up:
        domain.start_second()
    for _ in range(2):
        n_mark += 1
        for place in (0, 1):
            domain.mark(place, n_mark)
        replicate()
        for watcher in watchers:
            awaits('the last marks (%s, %d)' % (watcher.who, n_mark), lambda: all(
                watcher.told.get((('marks%d' % place, None), 'mark/%d-%d' % (place, n_mark)), [0, False])[1] or
                any(event['spn'] == 'mark/%d-%d' % (place, n_mark) for event in watcher.batch) for place in (0, 1)))
    print('%d changes in %.0f s (%.1f a second; %s; %d refused), %d marks, dc2 killed %d times' %
          (n, took, n / took, ', '.join('%s %d' % kind for kind in sorted(domain.kinds.items())), domain.n_refused, n_mark, kills))


def compare_at_the_end(domain, watchers):
    found = domain.names()
    done = {pair for pair, flips in domain.history.flips.items() if len(flips) % 2}
    if found != done:
        raise Failed('the books are wrong: %s' % sorted(map(str, found ^ done)))
    duplicates = subprocess.run([os.environ['SPNKIT'], '-H', URLS[1], '--json', 'duplicates'], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, text=True, check=False).stdout
    standing = {(finding['code'], finding['spn'].lower()) for finding in map(json.loads, duplicates.splitlines()) if finding.get('code') in OF_DUPLICATES}
    for watcher in watchers:
        watcher.check(None, None)
        if watcher.standing != standing:
            watcher.fault('findings that stand: %s' % sorted(watcher.standing ^ standing))
    n_flips = sum(map(len, domain.history.flips.values()))
    print('names given or taken: %d; in the end %d names, %d findings stand' % (n_flips, len(found), len(standing)))


def main(seconds, rate, interval, n_accounts):
    domain = Domain(int(n_accounts), float(rate))
    replicate()
    watchers = [Watcher('administrator', domain.history, ['-H', URLS[1]]),
                Watcher('user', domain.history, ['-H', URLS[1], '-k', os.environ['LAB_KEYTABS'] + '/alice.keytab'])]
    for watcher in watchers:
        begin(watcher, domain)
        watcher.start(interval)
        awaits('the first look', lambda: os.path.exists('%s/%s.state' % (LAB_DIR, watcher.who)))
    try:
        soak(domain, watchers, float(seconds), interval)
    finally:
        for watcher in watchers:
            watcher.stop()
    for watcher in watchers:
        watcher.finish()
    compare_at_the_end(domain, watchers)
    for watcher in watchers:
        watcher.report()
    return any(watcher.faults for watcher in watchers)


if __name__ == '__main__':
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
