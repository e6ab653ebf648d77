# SPDX-License-Identifier: MIT
"""measure.py - running two commands in turn, and telling what that cost."""
import json
import os
import pathlib
import re
import resource
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
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    # through a small process: what a child of this one uses is never less than what this one does
    process = subprocess.run(['time', '-q', '-f', '%M', '-o', work / 'peak', *command], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = (work / 'peak').read_text(encoding='ascii')
    return wall, int(peak), process.returncode, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def instructions(command):
    """The same on a busy machine."""
    callgrind = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null']
    err = subprocess.run([*callgrind, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False).stderr
    return int(re.search(r'Collected : (\d+)', err)[1])


def row(name, tool, ours, theirs, wanted, unit='s', **more):
    print(json.dumps({'work': name, 'tool': tool, 'unit': unit, 'spnkit': round(ours, 4), 'other': round(theirs, 4),
                      'ratio': round(ours / theirs, 4), 'wanted': wanted, 'reached': ours / theirs <= wanted, **more}), flush=True)


def worst(name, tool, commands, wanted, wanted_cpu, times):
    """Medians of runs in turn, of several shapes of the same: the rows are of the worst, by the wall and by the processor.  commands: of a
    shape, ours and theirs."""
    found = {}
    for shape, pair in commands.items():
        figures = ([], []), ([], [])
        for _ in range(times):
            for i, command in enumerate(pair):
                wall, _, code, cpu = run(command)
                assert code in (0, 1), (command, code)
                figures[0][i].append(wall)
                figures[1][i].append(cpu)
        for kind, figure in enumerate(figures):
            ours, theirs = statistics.median(figure[0]), statistics.median(figure[1])
            if kind not in found or ours / theirs > found[kind][0] / found[kind][1]:
                found[kind] = ours, theirs, shape
    for kind, (ours, theirs, shape) in found.items():
        row(name + (', CPU' if kind else ''), tool, ours, theirs, wanted_cpu if kind else wanted, runs=times, shape=shape)


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
