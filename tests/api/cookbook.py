#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cookbook.py SPNKIT PAGE [lab] FILE...: runs the console blocks of a page, in order and in one folder with the files, and compares
what is printed.  lab: those that are marked so, instead.

"$ " begins a command; a line "…" stands for any number of lines, "…" in a line for any text; a last line "= N" is the
exit code (0 without it).
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def commands(page, mark):
    """Yields (command, wanted lines) of the console blocks."""
    for block in re.findall(rf'^```console{mark}\n(.*?)^```$', page, flags=re.S | re.M):
        for part in re.split(r'^\$ ', block, flags=re.M)[1:]:
            line, *wanted = part.splitlines()
            yield line, wanted


def pattern(wanted):
    out = ''
    for line in wanted:
        out += '(?:.*\n)*?' if line == '…' else '.*'.join(map(re.escape, line.split('…'))) + '\n'
    return out


def main(spnkit, page, *files):
    n, faults = 0, 0
    mark, files = (' lab', files[1:]) if files[0] == 'lab' else ('', files)
    with tempfile.TemporaryDirectory() as place:
        for file in files:
            shutil.copy(file, place)
        os.symlink(os.path.abspath(spnkit), os.path.join(place, 'spnkit'))
        env = dict(os.environ, PATH=place + ':' + os.environ['PATH'], HOME=place, XDG_STATE_HOME=place + '/state', LC_ALL='C.UTF-8')
        env.pop('SPNKIT_DIRECTORY', None)
        for line, wanted in commands(pathlib.Path(page).read_text(encoding='utf-8'), mark):
            code = int(wanted.pop()[2:]) if wanted and re.fullmatch(r'= \d', wanted[-1]) else 0
            done = subprocess.run(['sh', '-c', line], cwd=place, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, encoding='utf-8', check=False)
            n += 1
            if done.returncode != code or not re.fullmatch(pattern(wanted), done.stdout):
                faults += 1
                print(f'$ {line}\n{done.stdout}= {done.returncode}')
    print(f'{n} commands')
    return 1 if faults or n == 0 else 0


sys.exit(main(*sys.argv[1:]))
