#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""service.py SPNKIT LDIF: as a service, "watch" tells systemd that it is ready, feeds its watchdog and says that it ends; a line for the
journal begins with its level, and no other line does.
"""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

SECONDS = 60


def wait_for(listener, wanted):
    """Everything up to a message."""
    seen = []
    while wanted not in seen:
        seen.append(listener.recv(100).decode())
    return seen


def serve(spnkit, file, place, address):
    """Runs the service with its output in a file, as the journal is one; returns what systemd and the journal get."""
    log, state = pathlib.Path(place, 'log'), pathlib.Path(place, 'state')
    name = '\0' + address[1:] if address[0] == '@' else address
    state.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener, open(log, 'wb') as out:
        listener.bind(name)
        listener.settimeout(SECONDS)
        place = os.fstat(out.fileno())
        env = dict(os.environ, NOTIFY_SOCKET=address, WATCHDOG_USEC='300000', JOURNAL_STREAM=f'{place.st_dev}:{place.st_ino}')
        with subprocess.Popen([spnkit, '-H', f'ldif:{file}', 'watch', '--state', state, '--interval', '1h'], env=env, stdout=out,
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as service:
            seen = wait_for(listener, 'READY=1')
            seen += wait_for(listener, 'WATCHDOG=1') + wait_for(listener, 'WATCHDOG=1') # far more often than it looks
            service.send_signal(signal.SIGTERM)
            seen += wait_for(listener, 'STOPPING=1')
            code = service.wait(SECONDS)
    return code, seen, log.read_text(encoding='utf-8')


def main(spnkit, ldif):
    faults = []
    with tempfile.TemporaryDirectory() as place:
        file = pathlib.Path(place, 'in.ldif')
        file.write_bytes(pathlib.Path(ldif).read_bytes())
        for address in f'{place}/notify', f'@spnkit-test-{os.getpid()}':
            code, seen, log = serve(spnkit, file, place, address)
            if code != 0 or seen[0] != 'READY=1' or set(seen) != {'READY=1', 'WATCHDOG=1', 'STOPPING=1'}:
                faults.append(f'{address}: exit code {code}, {seen}')
            if not log or not all(re.match(r'<4>\d{4}-\d\d-\d\dT[\d:]+Z ', line) for line in log.splitlines()):
                faults.append(f'without a level: {log}')
        done = subprocess.run([spnkit, '-H', f'ldif:{file}', 'watch', '--once'], env=dict(os.environ, JOURNAL_STREAM='1:1'),
                              stdout=subprocess.PIPE, encoding='utf-8', check=False)
        if not done.stdout or '<' in done.stdout:
            faults.append(f'levels, but no journal: {done.stdout}')
    print(*faults, sep='\n')
    return 1 if faults else 0


sys.exit(main(*sys.argv[1:]))
