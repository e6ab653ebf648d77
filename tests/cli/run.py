#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs tests of the command: run.py SPNKIT FOLDER, where FOLDER holds

cmd         a shell script; $SPNKIT is the command, in.ldif a copy of the folder's, $SPNKIT_DIRECTORY names it
in.ldif     the directory before it; other files of the folder are copied too
out, err    what it prints (missing: nothing)
exit        its exit code (missing: 0)
after.ldif  the directory after it (missing: as before)

"terminal ANSWER... -- COMMAND" runs a command on a terminal of its own, where a person types the answers.
run.py --update SPNKIT FOLDER... writes out, err, exit and after.ldif: read what it wrote.
run.py --listed FOLDER NAME... says whether the names are all the folders that there are.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# Whoever runs this by nohup, or in the background of a script, ignores these; what is ignored stays ignored in every child.
for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    signal.signal(ignored, signal.SIG_DFL)
WRITTEN = ('out', 'err', 'exit', 'after.ldif')


def plain(data, place):
    """Takes out what differs from run to run: the folder, and the time in the name of a journal."""
    data = data.replace(os.fsencode(place), b'@DIR@')
    data = re.sub(rb'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z', b'@TIME@', data)
    data = re.sub(rb'spnkit/[^/\s"]+\.ldif', b'spnkit/@JOURNAL@', data)
    data = re.sub(rb'( by |"author":")[^\s"@]+@[^\s"]+', rb'\1@AUTHOR@', data)
    # where a terminal breaks this line hangs on the length of the name
    return re.sub(rb'recorded in\s+(\S*@JOURNAL@;)\s+to\s+undo\s+it:\s+', rb'recorded in \1 to undo it: ', data)


def run(spnkit, folder):
    """Returns what the script printed and left behind, under the names of WRITTEN."""
    with tempfile.TemporaryDirectory() as place:
        for file in folder.iterdir():
            if file.name not in WRITTEN:
                shutil.copy(file, place)
        keep = ('LD_LIBRARY_PATH', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS', 'FAILING_RENAME', 'FAST_CLOCK', 'TELL_ENVIRONMENT')
        env = {name: os.environ[name] for name in keep if name in os.environ}
        env.update(HOME=place, XDG_STATE_HOME=place + '/state', SPNKIT=spnkit, TERM='xterm', LC_ALL='C.UTF-8',
                   SPNKIT_DIRECTORY='ldif:in.ldif', PATH=f'{HERE}/bin:' + os.environ['PATH'],
                   KRB5CCNAME='FILE:/nonexistent', KRB5_KTNAME='FILE:/nonexistent', KRB5_CONFIG='/nonexistent/krb5.conf')
        done = subprocess.run(['sh', '-u', 'cmd'], cwd=place, env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=600, check=False)
        after = pathlib.Path(place, 'in.ldif')
        return {'out': plain(done.stdout, place), 'err': plain(done.stderr, place),
                'exit': b'%d\n' % done.returncode,
                'after.ldif': after.read_bytes() if after.exists() else b''}


def expected(folder):
    before = folder / 'in.ldif'
    want = {'out': b'', 'err': b'', 'exit': b'0\n', 'after.ldif': before.read_bytes() if before.exists() else b''}
    for name in WRITTEN:
        if (folder / name).exists():
            want[name] = (folder / name).read_bytes()
    return want


def check(spnkit, folder):
    got, want = run(spnkit, folder), expected(folder)
    for name in WRITTEN:
        if got[name] != want[name]:
            with tempfile.NamedTemporaryFile() as a, tempfile.NamedTemporaryFile() as b:
                pathlib.Path(a.name).write_bytes(want[name])
                pathlib.Path(b.name).write_bytes(got[name])
                subprocess.run(['diff', '-a', '-u', '--label', f'{name} (wanted)', '--label', f'{name} (got)', a.name, b.name],
                               check=False)
    return got == want


def update(spnkit, folder):
    for name in WRITTEN:
        (folder / name).unlink(missing_ok=True)
    default = expected(folder)
    for name, data in run(spnkit, folder).items():
        if data != default[name]:
            (folder / name).write_bytes(data)


def main(args):
    if args[0] == '--listed':
        there = {path.parent.name for path in pathlib.Path(args[1]).glob('*/cmd')}
        print('not listed:', there - set(args[2:]), 'not there:', set(args[2:]) - there)
        return 0 if there == set(args[2:]) else 1
    if args[0] == '--update':
        for folder in args[2:]:
            update(os.path.abspath(args[1]), pathlib.Path(folder))
        return 0
    return 0 if check(os.path.abspath(args[0]), pathlib.Path(args[1])) else 1


sys.exit(main(sys.argv[1:]))
