#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""manual.py SPNKIT PROJECT [PAGE...]: the manual says what the command and the headers have, and nothing else.

PAGE: the pages that were made of the headers.  What mandoc warns of is a fault too.
"""
import pathlib
import re
import subprocess
import sys


def said(spnkit, *args):
    return subprocess.run([spnkit, *args], stdout=subprocess.PIPE, text=True, check=True).stdout


def commands_of(spnkit):
    """The commands, and of each its own help."""
    listed = re.search(r'^Commands:\n(.*?)\n\n', said(spnkit, 'help'), flags=re.S | re.M).group(1)
    names = re.findall(r'^  ([a-z][a-z-]*) ', listed, flags=re.M)
    return {name: said(spnkit, 'help', name) for name in names}


def options_of(text):
    """(letter or '', long name) of the rows of a help text."""
    return set(re.findall(r'^  (?:-(\w), |    )--([\w-]+)', text, flags=re.M))


def manual_of(path):
    """The commands and options that spnkit.1 has an entry for."""
    text = path.read_text(encoding='utf-8')
    body = re.search(r'^\.Sh COMMANDS$(.*?)^\.Sh OPTIONS$(.*?)^\.Sh', text, flags=re.S | re.M)
    names = set(re.findall(r'^\.It Cm ([\w-]+)', body.group(1), flags=re.M))
    rows = re.findall(r'^\.It Fl (?:(\w) , Fl )?-([\w-]+)', body.group(2), flags=re.M)
    return names, set(rows)


def wide(helps):
    """The lines of help that do not fit a terminal."""
    return [f'help {name}: wider than 80 columns: {line}' for name, text in helps.items() for line in text.splitlines() if len(line) > 80]


def compare(where, what, there, wanted):
    return [f'{where}: {what} {item} is missing' for item in sorted(map(str, wanted - there))] + \
           [f'{where}: there is no {what} {item}' for item in sorted(map(str, there - wanted))]


def codes_of(project):
    """The codes of findings: those that are told where they stand, and those of tables and of functions that choose one."""
    code, codes = r'"([a-z]+(?:-[a-z]+)*)"', set()
    for path in [*(project / 'lib').rglob('*.c'), *(project / 'cli').glob('*.c')]:
        text = path.read_text(encoding='utf-8')
        codes |= set(re.findall(code + r',\s*(?:\w+ \? )?SPN_SEVERITY_', text)) | set(re.findall(r'\bcode = ' + code, text))
        codes |= set(re.findall(r'^\t\{ ' + code + r', (?:true|false), \.', text, flags=re.M))
        for body in re.findall(r'\bcode_of\([^;]*?\n\{.*?\n\}', text, flags=re.S):
            codes |= set(re.findall(r'return ' + code, body))
    return codes


def codes_in(path):
    """The codes that spnkit.1 explains."""
    table = re.search(r'^The codes of findings.*?\n(.*?)^\.El$', path.read_text(encoding='utf-8'), flags=re.S | re.M)
    return set(re.findall(r'^\.It Li ([\w-]+)$', table.group(1), flags=re.M))


def check_names(project, paths):
    """Every spn_... of the pages is in a header."""
    headers = '\n'.join(path.read_text(encoding='utf-8') for path in (project / 'include/spnkit').glob('*.h'))
    known = set(re.findall(r'\b(?:spn|SPN)_\w+', headers)) | {f'spn_{path.stem}' for path in (project / 'include/spnkit').glob('*.h')}
    faults = []
    for path in paths:
        used = set(re.findall(r'\b(?:spn|SPN)_\w+', path.read_text(encoding='utf-8')))
        faults += [f'{path.name}: {name} is in no header' for name in sorted(used - known) if name != f'SPN_{path.stem[4:].upper()}']
    return faults


def main(spnkit, root, *pages):
    project = pathlib.Path(root)
    helps = commands_of(spnkit)
    rows = set().union(options_of(said(spnkit, 'help')), *(options_of(text) for text in helps.values()))
    names, options = manual_of(project / 'man/spnkit.1')
    hand_written = sorted((project / 'man').glob('*.[1357]'))
    faults = wide({**helps, '': said(spnkit, 'help')})
    faults += compare('spnkit.1', 'command', names, set(helps)) + compare('spnkit.1', 'option', options, rows)
    faults += compare('spnkit.1', 'finding code', codes_in(project / 'man/spnkit.1'), codes_of(project))
    faults += check_names(project, hand_written + [pathlib.Path(page) for page in pages])
    own = [page for page in pages if not pathlib.Path(page).read_text(encoding='utf-8').startswith('.so ')]
    lint = subprocess.run(['mandoc', '-Tlint', '-W', 'warning', *map(str, hand_written), *own], stdout=subprocess.PIPE,
                          text=True, check=False)
    faults += lint.stdout.splitlines()
    print('\n'.join(faults) or f'{len(helps)} commands, {len(rows)} options')
    return 1 if faults or not helps or not rows else 0


sys.exit(main(*sys.argv[1:]))
