#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hints.py SPNKIT PROJECT: an option that a message recommends is one that the command at hand has.

The messages of cmd_NAME.c are of that command, those of a file in SHARED of the commands that use it; a message with "spnkit NAME" in it
is about NAME.  A message of the library may be of any command.  The options of a command are those of its help.
"""
import pathlib
import re
import subprocess
import sys

# Files with messages of several commands: the option by which these are known ('': every one).
SHARED = {'accepted': 'ignore', 'change': 'dry-run', 'cmd_repair': 'no-probe', 'connect': 'directory', 'help': '',
          'main': '', 'output': ''}
# The same of files of the library
LIBRARY = {'conduct': 'no-probe', 'text_recipe': 'host'}
# Said only if options_has() says so, or to whoever gave the option
ASKED = {('output', 'takeover'), ('connect', 'keys'), ('output', 'any-attribute'), ('cmd_repair', 'protected'), ('cmd_names', 'wait-replicas'), ('cmd_names', 'if-present'),
         ('output', 'computer'), ('output', 'user')}
# Programs whose options are none of ours
OTHERS = r'\b(iconv|klist|kinit|ktutil|ldapsearch|ldifde|ldapmodify|csvde|dsmod|setspn|Set-ADObject|getent|gpresult|net|ktpass|tr)\b'
STRING = r'"(?:[^"\\\n]|\\.)*"'
OPTION = re.compile(r'(?<![\w-])(?:--([a-z][a-z-]+)|-([A-Za-z])\2?)(?![\w-])')


def said(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout


def options_in(text):
    return {word for row in re.findall(r'^  (?:-(\w), |    )--([\w-]+)', text, flags=re.M) for word in row if word}


def commands(spnkit):
    """Each command, and the options that it has."""
    listed = re.search(r'^Commands:\n(.*?)\n\n', said(spnkit, 'help'), flags=re.S | re.M).group(1)
    names = re.findall(r'^  ([a-z][a-z-]*) ', listed, flags=re.M)
    shared = options_in(said(spnkit, 'help'))
    return {name: shared | options_in(said(spnkit, 'help', name)) for name in names}


def strings(text):
    """Every string of a C file, with what follows it on the next lines put together; no comments."""
    text = re.sub(r'/\*.*?\*/', lambda found: '\n' * found.group().count('\n'), text, flags=re.S)
    for match in re.finditer(f'{STRING}(?:\\s*{STRING})*', text):
        yield text.count('\n', 0, match.start()) + 1, ''.join(part[1:-1] for part in re.findall(STRING, match.group())), text[:match.start()]


def subjects(path, words, before, have):
    """The commands that an option behind these words is of.  None: nobody said whose messages the file has."""
    named = [name for name in re.findall(r'spnkit ([a-z][a-z-]*)', words) if name in have]
    if words and not words.strip(): # goes on with a command that the same function has begun
        return [name for name in re.findall(r'spnkit ([a-z][a-z-]*)', before[before.rfind('\n}\n'):]) if name in have] or list(have)
    if named:
        return named[-1:]
    if path.stem.startswith('cmd_') and path.stem[4:].replace('_', '-') in have:
        return [path.stem[4:].replace('_', '-')]
    if path.parent.name == 'cli' and path.stem not in SHARED:
        return None
    known = SHARED.get(path.stem, '') if path.parent.name == 'cli' else LIBRARY.get(path.stem, 'directory')
    return [name for name in have if known == '' or known in have[name]]


def main(spnkit, root):
    project, have, faults, n = pathlib.Path(root), commands(spnkit), [], 0
    for path in sorted((project / 'lib').rglob('*.c')) + sorted((project / 'cli').glob('*.c')):
        if path.stem in ('options', 'switches', 'plan_write', 'cmd_setspn', 'keytab_repair'): # the table itself; for others; setspn's letters
            continue
        for line, words, before in strings(path.read_text(encoding='utf-8')):
            for match in OPTION.finditer(words):
                about = subjects(path, words[:match.start()], before, have)
                option = match.group(1) or match.group(2)
                if re.search(OTHERS, words[:match.start()]) or (path.stem, option) in ASKED or words == match.group():
                    continue
                n += 1
                where = f'{path.relative_to(project)}:{line}: {match.group()}'
                if about is None:
                    faults.append(f'{where}: whose message is it? (SHARED of {pathlib.Path(__file__).name})')
                else:
                    faults += [f'{where}: {name} has no such option' for name in about if option not in have[name]]
    print('\n'.join(faults) or f'{n} options that messages name are there')
    return 1 if faults or n < 20 else 0


sys.exit(main(*sys.argv[1:]))
