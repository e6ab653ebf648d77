#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""watched.py SPNKIT STOP_AT INCIDENT - kills "watch" before and after each system call that matters, and looks again: what has changed was
printed by the one that was killed or by the next one, and the state is a whole one, or there is none yet.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

KILLED = 137
MOVED = 'servicePrincipalName: http/LAX-CRM01\n'


def main(spnkit, stop_at, incident):
    before = pathlib.Path(incident).read_text(encoding='utf-8')
    assert MOVED in before
    with tempfile.TemporaryDirectory() as place:
        file, state = pathlib.Path(place, 'in.ldif'), pathlib.Path(place, 'state')
        look = [os.path.abspath(spnkit), '-H', f'ldif:{file}', 'watch', '--once', '--state', str(state)]

        def run(*words):
            done = subprocess.run([*words, *look], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False)
            return done.returncode, {re.sub(rb'^\S+ ', b'', line) for line in done.stdout.splitlines()}

        def prepare(first):
            """There is a state, and something has changed since; or there is none."""
            state.unlink(missing_ok=True)
            file.write_text(before, encoding='utf-8')
            if not first:
                run()
                file.write_text(before.replace(MOVED, ''), encoding='utf-8')

        n_killed, faults = 0, 0
        for first in False, True:
            prepare(first)
            old = None if first else state.read_bytes()
            _, wanted = run()
            assert wanted, 'nothing to tell'
            new = state.read_bytes()
            for when in 'before', 'after':
                for n in range(1, 1000):
                    prepare(first)
                    code, told = run(os.path.abspath(stop_at), when, str(n))
                    if code != KILLED:
                        break
                    n_killed += 1
                    kept = state.read_bytes() if state.exists() else None
                    whole = [re.sub(rb'# written: \d+', b'', text or b'') for text in (old, new, kept)]
                    code, again = run()
                    if whole[2] not in whole[:2] or told | again != wanted or run()[1] or code not in (0, 1):
                        faults += 1
                        print(f'killed {when} call {n}: {told} {again} {code}')
                    for rest in pathlib.Path(place).glob('state.*'):
                        rest.unlink()
        print(f'killed {n_killed} times')
        return 1 if faults or n_killed < 20 else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
