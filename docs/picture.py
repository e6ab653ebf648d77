#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""picture.py SPNKIT INCIDENT.ldif [PICTURE.svg]: plays the incident on a copy of the file and draws the terminal as SVG, on the standard
output; or compares that with a picture.  "ninja -C build picture" makes docs/incident.svg anew."""
import html
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

COMMANDS = ['spnkit resolve http/LAX-CRM01 | head -n 2',
            'spnkit diagnose LAX-CRM01 | tail -n 5',
            'spnkit fix LAX-CRM01 --yes | grep -e Updated -e Validated',
            'spnkit resolve http/LAX-CRM01 | head -n 2',
            'spnkit undo --yes >undone && spnkit resolve http/LAX-CRM01 | head -n 2']
COLOURS = {'broken': '#ff7b72', 'Validated': '#7ee787', 'repair:': '#79c0ff'}     # of a line that begins so
LINE, LEFT, TOP, WIDTH = 20, 20, 56, 760


def play(spnkit, incident):
    """Yields (is a command, line)."""
    with tempfile.TemporaryDirectory() as place:
        shutil.copy(incident, place + '/incident.ldif')
        os.symlink(os.path.abspath(spnkit), place + '/spnkit')
        env = dict(os.environ, PATH=place + ':' + os.environ['PATH'], HOME=place, XDG_STATE_HOME=place + '/state', LC_ALL='C.UTF-8',
                   SPNKIT_DIRECTORY='ldif:incident.ldif')
        for command in COMMANDS:
            yield True, command
            done = subprocess.run(['sh', '-c', command], cwd=place, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, encoding='utf-8', check=True)
            for line in done.stdout.splitlines():
                yield False, line.expandtabs(8)


def draw(lines):
    height = TOP + LINE * len(lines)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">',
           '<title>spnkit finds the account that took over the names of a web server, moves them, and takes that back</title>',
           f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#0d1117"/>',
           *(f'<circle cx="{20 + 20 * i}" cy="20" r="6" fill="{fill}"/>' for i, fill in enumerate(('#ff5f56', '#ffbd2e', '#27c93f'))),
           '<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13" fill="#c9d1d9" xml:space="preserve">']
    for i, (is_command, line) in enumerate(lines):
        colour = next((value for begin, value in COLOURS.items() if not is_command and line.strip().startswith(begin)), '')
        fill = f' fill="{colour}"' if colour else ' fill="#ffffff" font-weight="bold"' if is_command else ''
        text = html.escape(('$ ' if is_command else '') + line, quote=False)
        out.append(f'<text x="{LEFT}" y="{TOP + LINE * i}"{fill} xml:space="preserve">{text}</text>')
    return '\n'.join(out + ['</g>', '</svg>', ''])


def main(spnkit, incident, picture=None):
    drawn = draw(list(play(spnkit, incident)))
    if not picture:
        print(drawn, end='')
    elif pathlib.Path(picture).read_text(encoding='utf-8') != drawn:
        print(f'{picture} does not show what spnkit prints: ninja -C build picture')
        return 1
    return 0


sys.exit(main(*sys.argv[1:]))
