#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""words.py PROJECT: phrases that a native writer would not use are in no message, manual, header or document.

Behind each is what to write instead, or how.
"""
import pathlib
import re
import sys

PHRASES = {
    r'(?<!there )(?:is|are|was|were) no (?!longer|more|less|safer|better|worse|other way)': 'is not a',
    r'(?<!there )(?:is|are) none\b': 'is not one',
    r'(?:is|are) (?:wanted|told)\b': 'expected; reported',
    r'of no matter': 'does not matter',
    r'put(?:s|ting)? (?:it |them )?right': 'fixes',
    r'so-manieth': 'nth',
    r'wants an? (?:value|name|number|file)': 'requires',
    r'is too much for': 'unexpected',
    r'\bbeside\b': 'next to, in addition to',
    r'in the place of': 'instead of',
    r'\bis well\b': 'is healthy',
    r'not to be had': 'not available',
    r'for hands': 'for people',
}
TEXTS = ('README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'NEWS.md', 'docs/*.md', 'man/*.[1357]', 'man/*.in', 'include/spnkit/*.h')
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')


def texts_of(root):
    """File, line and text of what a reader sees."""
    for pattern in TEXTS:
        for path in sorted(set(root.glob(pattern)) - {root / 'docs/promises.md'}):  # which has the names of tests
            yield from ((path, n, line) for n, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1))
    for folder in ('lib', 'cli'):
        for path in sorted((root / folder).rglob('*.[ch]')):
            for n, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
                if not line.lstrip().startswith('#include'):
                    yield from ((path, n, string) for string in STRING.findall(line))


def main(root):
    root, n, faults = pathlib.Path(root), 0, []
    for path, line, text in texts_of(root):
        n += 1
        for phrase, instead in PHRASES.items():
            found = re.search(phrase, text, re.I)
            if found:
                faults.append(f'{path.relative_to(root)}:{line}: "{found[0].strip()}": {instead}')
    print('\n'.join(faults) or f'{n} texts')
    return 1 if faults or n == 0 else 0


sys.exit(main(sys.argv[1]))
