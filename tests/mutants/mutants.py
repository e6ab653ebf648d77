#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""mutants.py SOURCE [BUILD [PATTERN]] - breaks one promise after the other in a copy of the source, and sees the fast suites notice.

The list is mutants.txt: what is promised, the line that keeps it, what stands there instead, and the tests that must fail then.
Without BUILD nothing is built: every text must be in its file exactly once, and every test exist by name.  With PATTERN, only mutants
whose promise or file has it.  A mutant that compiles and fails no test survives; the exit code is 1 if any does.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MUTANT = re.compile(r'^== (?P<promise>[^\n]+)\nfile (?P<file>\S+)\ntests (?P<tests>[^\n]+)\n<<<<\n(?P<text>.*?)\n====\n(?P<instead>.*?)\n?>>>>\n', re.M | re.S)


def read_list():
    head, text = re.split('^(?=== )', (HERE / 'mutants.txt').read_text(encoding='utf-8'), maxsplit=1, flags=re.M)
    found = [match.groupdict() for match in MUTANT.finditer(text)]
    if len(found) != text.count('\n== ') + text.startswith('== ') or MUTANT.sub('', text).strip() or re.search('^[^#\n]', head, re.M):
        sys.exit('mutants.txt is malformed behind: ' + (found[-1]['promise'] if found else 'its beginning'))
    return found


def fault_of(source, mutant):
    """Why a mutant cannot be made; None if it can."""
    file = source / mutant['file']
    if not file.is_file():
        return f'{mutant["file"]} does not exist'
    n = file.read_text(encoding='utf-8').count(mutant['text'])
    return None if n == 1 else f'its text is {n} times in {mutant["file"]}'


def unknown_tests(source, mutants):
    """Names of tests that no meson.build has: as a quoted word, or as a folder of tests/world behind "world_ " (Meson's ":")."""
    words = ' '.join(path.read_text(encoding='utf-8') for path in (source / 'tests').rglob('meson.build'))
    names = {name for mutant in mutants for name in mutant['tests'].split(', ')}
    return sorted(name for name in names if "'" + name.removeprefix('world_ ') + "'" not in words)


class Scratch:
    """A copy of the source, and its build."""
    def __init__(self, source, build):
        self.source, self.top = source, build / 'mutants'
        self.copy, self.build = self.top / 'source', self.top / 'build'
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(source, self.copy, symlinks=True, ignore=lambda folder, names: [
            name for name in names if name == '.git' or (name.startswith('build') and pathlib.Path(folder) == source)])
        if not (self.build / 'build.ninja').exists():
            self.run('meson', 'setup', str(self.build), str(self.copy), '-Dtests=enabled', check=True)
        self.run('ninja', '-C', str(self.build), 'build.ninja', check=True)
        def introspect(what):
            return json.loads(self.run('meson', 'introspect', str(self.build), '--' + what, check=True).stdout)
        self.files = {target['id']: target['filename'] for target in introspect('targets')}
        self.tests = introspect('tests')

    def run(self, *words, check=False):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if check and done.returncode:
            sys.exit(f'{words[:4]}: exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}')
        return done

    def compile(self, names):
        files = {pathlib.Path(file).relative_to(self.build).as_posix() for test in self.tests if test['name'] in names
                 for target in test['depends'] for file in self.files[target]}
        return self.run('ninja', '-C', str(self.build), *sorted(files))

    def fail(self, names):
        return self.run('meson', 'test', '-C', str(self.build), '--no-rebuild', '-t', '5', *names).returncode != 0

    def verdict(self, mutant):
        file = self.copy / mutant['file']
        whole = file.read_text(encoding='utf-8')
        names = mutant['tests'].split(', ')
        file.write_text(whole.replace(mutant['text'], mutant['instead']), encoding='utf-8')
        try:
            if self.compile(names).returncode != 0:
                return 'does not compile'
            return 'killed' if self.fail(names) else 'SURVIVED'
        finally:
            file.write_text(whole, encoding='utf-8')


def main(source, build=None, pattern=''):
    source = pathlib.Path(source).resolve()
    mutants = [mutant for mutant in read_list() if pattern in mutant['promise'] or pattern in mutant['file']]
    faults = [f'{mutant["promise"]}: {fault}' for mutant in mutants if (fault := fault_of(source, mutant))]
    faults += [f'no test is called {name!r}' for name in unknown_tests(source, mutants)]
    if faults or not mutants or not build:
        print('\n'.join(faults) or f'{len(mutants)} mutants can be made')
        return 1 if faults or not mutants else 0
    scratch = Scratch(source, pathlib.Path(build).resolve())
    names = sorted({name for mutant in mutants for name in mutant['tests'].split(', ')})
    absent = set(names) - {test['name'] for test in scratch.tests}
    if absent:  # Meson runs nothing then, and is content
        sys.exit('Meson has no test ' + ', '.join(sorted(absent)))
    if scratch.compile(names).returncode != 0 or scratch.fail(names):
        sys.exit('without any mutant, the tests fail or do not compile: ' + ', '.join(names))
    wrong = 0
    try:
        for mutant in mutants:
            verdict = scratch.verdict(mutant)
            wrong += verdict != 'killed'
            print(f'{verdict}: {mutant["promise"]} ({mutant["file"]}; {mutant["tests"]})', flush=True)
    finally:
        scratch.compile(names)  # or the next copy is older than what was compiled of the last mutant, which then stays
    print(f'{len(mutants)} mutants, {wrong} not killed')
    return 1 if wrong else 0


sys.exit(main(*sys.argv[1:]))
