#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""header.py HEADER PAGE...: the manual pages of a public header, which is the manual: what is in it is written down in mdoc.

The first PAGE is spn_HEADER.3; each other one, named by a function, points to it.  Prototypes go to SYNOPSIS, what a comment
says behind "Returns" to RETURN VALUES, and a program of examples/, or a part of snippets.c, to EXAMPLES.
header.py --names HEADER prints the functions that it declares.
"""
import pathlib
import re
import sys
import textwrap

DATE = 'November 25, 2026'
PROGRAMS = {'account': 'query.c', 'repair': 'fix_server.c', 'mock': 'unit_test.c'}
FLAG = re.compile(r'^#define (SPN_\w+) (\d+)u$', flags=re.M)
FUNCTION = re.compile(r'\b(spn_\w+)\(')


def chunks(text):
    """Yields (comment, code) in order: a block comment, and the declarations behind it up to an empty line or another comment."""
    body = re.search(r'#define SPNKIT_\w+_H\n(.*)#endif', text, flags=re.S).group(1)
    body = re.sub(r'#ifdef __cplusplus\n.*?#endif\n', '', body, flags=re.S)
    whole = ''
    for part in re.split(r'\n(?=\n)|\n(?=/\*)', body):
        whole += '\n' + part if whole else part
        if whole.count('{') > whole.count('}'):     # an empty line within a struct
            continue
        match = re.match(r'\s*(/\*.*?\*/)?(.*)', whole, flags=re.S)
        whole = ''
        comment, code = match.group(1) or '', match.group(2).strip('\n')
        if comment or code.strip():
            yield plain(comment), code


def plain(comment):
    """The paragraphs of a comment."""
    text = '\n'.join(re.sub(r'^\s*\*? ?', '', line) for line in comment.removeprefix('/*').removesuffix('*/').splitlines())
    return [' '.join(paragraph.split()) for paragraph in re.split(r'\n\s*\n', text.strip()) if paragraph.strip()]


def functions(text):
    """The names of the functions that are declared, in order."""
    code = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
    code = re.sub(r'^#ifdef __cplusplus\n.*?#endif\n', '', code, flags=re.S | re.M)
    code = re.sub(r'^\s*#.*?(?<!\\)\n', '', code, flags=re.S | re.M)
    while re.search(r'{[^{}]*}', code):
        code = re.sub(r'{[^{}]*}', ';', code)
    found = (FUNCTION.search(statement) for statement in code.split(';') if 'typedef' not in statement)
    return [match.group(1) for match in found if match]


def escape(line):
    line = line.replace('\\', '\\e')
    return '\\&' + line if line.startswith(('.', "'")) else line


def wrap(paragraph):
    """A sentence a line, as mdoc wants it, and none longer than 80."""
    lines = []
    for sentence in re.split(r'(?<=[.;:]) +(?=[A-Z(])', paragraph):
        line = ''
        for word in sentence.split():
            if line and len(line) + 1 + len(word) > 76:
                lines.append(line)
                line = word
            else:
                line = f'{line} {word}' if line else word
        lines.append(line)
    return [escape(line) for line in lines]


def shown(code):
    """Code for a terminal: prototypes are wrapped, the rest has its own lines."""
    lines = []
    for part in [code] if '{' in code else re.split(r'(?<=\);)\n', code):
        if '{' in part or '#' in part or ');' not in part:
            lines += part.expandtabs(4).splitlines()
        else:
            words = ' '.join(part.split()).replace('( ', '(')
            words = re.sub(r'(?<!,) ', '\0', words)       # broken behind commas only
            lines += textwrap.wrap(words, 74, subsequent_indent=' ' * 8, break_long_words=False)
    return [escape(line.replace('\0', ' ')) for line in lines]


def split_returns(paragraphs):
    """What a comment says, and what it says of the result."""
    said, returns = [], []
    for paragraph in paragraphs:
        before, *after = re.split(r'(?:^|(?<=[.;)]) +)(?=Returns )', paragraph, maxsplit=1)
        said += [before] if before else []
        returns += after
    return said, returns


def example(name, header):
    """The code of a program, or of the part of snippets.c that has that name."""
    project = header.parents[2]
    if name == 'backend':
        return ''
    if name in PROGRAMS:
        text = (project / 'examples' / PROGRAMS[name]).read_text(encoding='utf-8')
        return re.sub(r'\A(/\*.*?\*/\n)*', '', text, flags=re.S)
    text = (project / 'man' / 'snippets.c').read_text(encoding='utf-8')
    return re.search(rf'/\* \[{name}\] \*/\n(.*?\n}})\n\n(?:/\* \[|int main)', text, flags=re.S).group(1)


def code_block(lines):
    return ['.Bd -literal'] + lines + ['.Ed']


def page(name, text, header):
    about = re.search(r'/\* \w+\.h - (.*?) \*/', text).group(1)
    names = functions(text)
    out = ['.\\" SPDX-License-Identifier: MIT', f'.Dd {DATE}', f'.Dt SPN_{name.upper()} 3', '.Os spnkit', '.Sh NAME']
    out += [f'.Nm spn_{name}' if not names else '.Nm ' + f'spn_{name}' + ' ,'] + [f'.Nm {n} ,' for n in names[:-1]]
    out += [f'.Nm {names[-1]}'] if names else []
    out += [f'.Nd {about}', '.Sh SYNOPSIS', f'.In spnkit/{name}.h']
    prototypes, described, returned = [], [], []
    for paragraphs, code in chunks(text):
        called = functions(code) if code else []
        said, returns = split_returns(paragraphs) if called else (paragraphs, [])
        if called:
            prototypes += shown(code)
            described.append(f'.Ss {" , ".join(called)}')
        flags = FLAG.findall(code) if said and not FLAG.sub('', code).strip() else []
        if flags:                                       # what is said belongs to the flag, not to the neighbour
            described += ['.Bl -tag -width Ds'] + [f'.It Dv {flag} ({number})' for flag, number in flags]
            described += wrap(' '.join(said)) + ['.El']
            continue
        if not code and not said[0].endswith(('.', ':')):
            described.append(f'.Ss {said.pop(0)}')
            described += wrap(said.pop(0))
        for number, paragraph in enumerate(said):
            described += ([] if number == 0 and called else ['.Pp']) + wrap(paragraph)
        if code and not called and not code.startswith('#include'):
            described += code_block(shown(code))
        if returns:
            returned += [f'.It {" , ".join(called)}'] + [line for paragraph in returns for line in wrap(paragraph)]
    out += code_block(prototypes) if prototypes else []
    out += ['.Sh DESCRIPTION'] + described[described[:1] == ['.Pp']:]
    out += ['.Sh RETURN VALUES', 'What can fail returns', '.Dv SPN_OK', 'or the reason, and fills', '.Vt spn_error']
    out += ['.Pq see Xr spn_error 3 .' if name != 'error' else '.Pq see above .',
            'What is returned through a pointer stays as it was if the call fails.']
    out += (['.Bl -tag -width Ds'] + returned + ['.El']) if returned else []
    code = example(name, header)
    out += ['.Sh EXAMPLES'] + (code_block(shown(code.rstrip('\n'))) if code else
                               ['.Pa sqlite_backend.c ,', 'in',
                                '.Pa PREFIX/share/doc/spnkit/examples ,', 'keeps a directory in SQLite.'])
    out += ['.Sh SEE ALSO', '.Xr spnkit 1 ,', '.Xr libspnkit 3']
    return '\n'.join(out) + '\n'


def main(args):
    if args[0] == '--names':
        print('\n'.join(functions(pathlib.Path(args[1]).read_text(encoding='utf-8'))))
        return
    header = pathlib.Path(args[0])
    for target in map(pathlib.Path, args[1:]):
        own = target.name == f'spn_{header.stem}.3'
        target.write_text(page(header.stem, header.read_text(encoding='utf-8'), header.resolve()) if own else f'.so man3/spn_{header.stem}.3\n',
                          encoding='utf-8')


main(sys.argv[1:])
