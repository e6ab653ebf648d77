# SPDX-License-Identifier: MIT
"""measure.py - running two commands in turn, and telling what that cost."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

SPNKIT, DELAY, QUICK = os.environ['SPNKIT'], sys.argv[1], 'quick' in sys.argv[2:]
work = pathlib.Path(tempfile.mkdtemp(prefix='spnkit-bench-'))
os.environ['XDG_STATE_HOME'] = str(work / 'state')


def run(command):
    """Seconds, KiB and exit code of a process."""
    start = time.perf_counter()
    # through a small process: what a child of this one uses is never less than what this one does
    process = subprocess.run(['time', '-q', '-f', '%M', '-o', work / 'peak', *command], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start, int((work / 'peak').read_text(encoding='ascii')), process.returncode


def row(name, tool, ours, theirs, wanted, unit='s', **more):
    print(json.dumps({'work': name, 'tool': tool, 'unit': unit, 'spnkit': round(ours, 4), 'other': round(theirs, 4),
                      'ratio': round(ours / theirs, 4), 'wanted': wanted, 'reached': ours / theirs <= wanted, **more}), flush=True)


def compare(name, tool, ours, theirs, wanted, times, between=lambda: None):
    """Medians of runs in turn."""
    seconds, memory = ([], []), [0, 0]
    for _ in range(times):
        for i, command in enumerate((ours, theirs)):
            wall, peak, code = run(command)
            assert code in (0, 1), (command, code)
            seconds[i].append(wall)
            memory[i] = max(memory[i], peak)
            between()
    row(name, tool, statistics.median(seconds[0]), statistics.median(seconds[1]), wanted, runs=times,
        spnkit_kib=memory[0], other_kib=memory[1])
