#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""watch.py SECRET-FILE COMMAND... - runs COMMAND and looks for the secret wherever it could be seen or left behind

Each time that the command writes to standard error (a trace, -v, does so between one request and the next), and once more when it
ends, it is stopped: its arguments, its environment and all memory that it may write to are searched.  So is what it prints.
Prints what the command prints, then where the secret was, or "clean"; exits with 0 if it was nowhere and was looked for.
"""
import base64
import ctypes
import os
import signal
import subprocess
import sys
import tempfile

TRACEME, CONT_TO_CALL, SET_OPTIONS = 0, 24, 0x4200      # <sys/ptrace.h>
STOP_AT_EXIT, KILL_WITH_US, EXITS = 0x40, 0x100000, 6
WRITE = {'x86_64': '1', 'i686': '4', 'armv7l': '4'}.get(os.uname().machine, '64') # <sys/syscall.h>

libc = ctypes.CDLL(None, use_errno=True)


def ptrace(request, pid, data=0):
    if libc.ptrace(ctypes.c_long(request), ctypes.c_int(pid), None, ctypes.c_long(data)) < 0:
        raise OSError(ctypes.get_errno(), 'ptrace')


PIECE = 16                                              # what is freed, or written over in part, is not whole any more


def spellings(secret):
    """Returns (how, bytes) of each piece of the secret.  HMAC (RFC 2104) keeps its key with these two bytes mixed in."""
    found = [('in base64', base64.b64encode(secret).rstrip(b'=')[:-1])]
    for at in {*range(0, len(secret) - PIECE + 1, PIECE // 2), len(secret) - PIECE}:
        piece = secret[at:at + PIECE]
        found += [('as it is', piece), ('in UTF-16', piece.decode().encode('utf-16-le')), ('in hex', piece.hex().encode()),
                  ('as an inner key', bytes(byte ^ 0x36 for byte in piece)), ('as an outer key', bytes(byte ^ 0x5c for byte in piece))]
    return found


class Watch:
    def __init__(self, secret):
        self.secret, self.found, self.looks = spellings(secret), set(), 0

    def search(self, data, where):
        for how, spelling in self.secret:
            at = data.find(spelling)
            while at >= 0:
                self.found.add('%s: %s, behind %r' % (where, how, data[max(0, at - 40):at]))
                at = data.find(spelling, at + 1)

    def look_into(self, pid):
        self.looks += 1
        for name in ('cmdline', 'environ'):
            with open('/proc/%d/%s' % (pid, name), 'rb') as file:
                self.search(file.read(), name)
        with open('/proc/%d/maps' % pid) as maps, open('/proc/%d/mem' % pid, 'rb', buffering=0) as memory:
            for line in maps:
                area, mode, *rest = line.split()
                if 'w' in mode:
                    start, end = (int(part, 16) for part in area.split('-'))
                    memory.seek(start)
                    self.search(memory.read(end - start), 'memory ' + (rest[-1] if len(rest) > 3 else 'without a name'))

    def follow(self, pid):                              # to its end; returns how it ended
        os.waitpid(pid, 0)                              # it stops by itself when it begins
        ptrace(SET_OPTIONS, pid, STOP_AT_EXIT | KILL_WITH_US)
        pass_on = 0
        while True:
            ptrace(CONT_TO_CALL, pid, pass_on)
            _, status = os.waitpid(pid, 0)
            if not os.WIFSTOPPED(status):
                return os.waitstatus_to_exitcode(status)
            caught = os.WSTOPSIG(status)
            pass_on = 0 if caught == signal.SIGTRAP else caught
            with open('/proc/%d/syscall' % pid) as file:
                call = file.read().split()
            if status >> 16 == EXITS or call[:2] == [WRITE, '0x2']:
                self.look_into(pid)

    def run(self, command):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                       preexec_fn=lambda: ptrace(TRACEME, 0))
            process.returncode = self.follow(process.pid)
            for file, name in ((out, 'standard output'), (err, 'standard error')):
                file.seek(0)
                text = file.read()
                self.search(text, name)
                sys.stdout.write(text.decode(errors='replace'))


def main(path, *command):
    with open(path, 'rb') as file:
        watch = Watch(file.read().rstrip(b'\r\n'))
    watch.run(command)
    print('\n'.join(sorted(watch.found)) or 'clean', '(looked %d times)' % watch.looks)
    return bool(watch.found) or watch.looks == 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
