# SPDX-License-Identifier: MIT
"""measure.py - running two commands in turn, and telling what that cost."""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

SPNKIT, DELAY, QUICK = os.environ['SPNKIT'], sys.argv[1], 'quick' in sys.argv[2:]
work = pathlib.Path(tempfile.mkdtemp(prefix='spnkit-bench-'))
os.environ['XDG_STATE_HOME'] = str(work / 'state')


def run(command):
    """Seconds, KiB, exit code and seconds of the processor, of a process."""
    start = time.perf_counter()
    # through a small process: what a child of this one uses is never less than what this one does
    process = subprocess.run(['time', '-q', '-f', '%M %U %S', '-o', work / 'peak', *command], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, check=False)
    wall = time.perf_counter() - start
    peak, user, system = (work / 'peak').read_text(encoding='ascii').split()
    return wall, int(peak), process.returncode, float(user) + float(system)


def instructions(command):
    """The same on a busy machine."""
    callgrind = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null']
    err = subprocess.run([*callgrind, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False).stderr
    return int(re.search(r'Collected : (\d+)', err)[1])


def row(name, tool, ours, theirs, wanted, unit='s', **more):
    print(json.dumps({'work': name, 'tool': tool, 'unit': unit, 'spnkit': round(ours, 4), 'other': round(theirs, 4),
                      'ratio': round(ours / theirs, 4), 'wanted': wanted, 'reached': ours / theirs <= wanted, **more}), flush=True)


def compare(name, tool, ours, theirs, wanted, times, between=lambda: None, wanted_cpu=None):
    """Medians of runs in turn; with wanted_cpu a row of the processor's time too."""
    seconds, busy, memory = ([], []), ([], []), [0, 0]
    for _ in range(times):
        for i, command in enumerate((ours, theirs)):
            wall, peak, code, cpu = run(command)
            assert code in (0, 1), (command, code)
            seconds[i].append(wall)
            busy[i].append(cpu)
            memory[i] = max(memory[i], peak)
            between()
    row(name, tool, statistics.median(seconds[0]), statistics.median(seconds[1]), wanted, runs=times,
        spnkit_kib=memory[0], other_kib=memory[1])
    if wanted_cpu:
        row(f'{name}, CPU', tool, statistics.median(busy[0]), statistics.median(busy[1]), wanted_cpu, runs=times)
