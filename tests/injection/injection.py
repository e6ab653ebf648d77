#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""injection.py SPNKIT - one table of names that nobody means well with, through every output format; each is read again by a reader of
its own (Python's json and html.parser, bash, and the documented rules of LDIF, cmd.exe, CommandLineToArgvW and PowerShell), which
must find the very name, and nothing beside it.
"""
import base64
import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unicodedata

NASTY = [
    b'http/\x1b[2J\x1b]0;x\x07', b'http/\xc2\x9b31m', b'http/\xe2\x80\xaegpj', b'http/\xe2\x81\xa6x', b'http/a\nb', b'http/a\rb', b'http/a\r\nsetspn -D',
    b'http/"x"', b"http/'x'", b'http/\xe2\x80\x98x\xe2\x80\x99', b'http/$(touch pwned)', b'http/`touch pwned`', b'http/;touch pwned;', b'http/|touch pwned', b'http/&touch pwned',
    b'http/> pwned', b'http/%PATH%', b'http/%~', b'http/!x!', b'http/^', b'http/x y\\', b'http/x\\', b'http/x\\" & del *', b'http/a\tb', b'http/a\x00b', b' http/lead', b'#http/x', b'-x/y',
    b'/x', b'-D', b':http/x', b'<http/x', b'http/trail ', b'</script><script>document.title=1</script>', b'"--><img src=x onerror=1>', b'http/<!--', b'http/&lt;&amp;',
    b'http/*)(cn=*', b'http/(|(a=b))', b'http/\\2a', b'http/\\00', b'CN=x,DC=y+z', b'http/a=b', b'http/x;y', b'http/' + b'a' * 3000, b'http/\xff\xfe', b'http/\xed\xa0\x80',
    # bytes that are typographic quotes, a line's end or a backtick in a code page of Windows
    'http/\u0412\u0411; calc #'.encode(), b"http/\xd0\x92'+$(calc)+'", b'http/\xd0\x84\xe2\x80\x99;calc', b'http/\xe3\x81\x82`n', b'http/\xef\xbc\x87;calc',
    b'http/\xe2\x80\x8bzero', b'http/\xd8\x9cx', b'http/\xef\xbb\xbfx', b'http/\xc2\xadx', b'http/\xf3\xa0\x81\x81x', b'http/\xf0\x9f\x98\x80', b'http/\xe1\x85\xa0x',
    b'http/\xc0\xaf', b'http/\xc3', b'http/gr\xc3\xb6\xc3\x9fe', b'http/#>', b'http/@{}', b'http/\xe2\x80\xa8x', b'\xef\xbb\xbfhttp/x', b'--yes', b'http/\x7f\x1f\x01',
    b"http/a\x01';touch pwned;#", b"http/\xe2\x80\x8b';touch pwned;#",
]
# What a DN may have in its first value, as it is escaped in it (RFC 4514).
CNS = ['ev\\,il', 'a\\+b', '\\"q\\"', 'x\\;touch pwned', '\\<b\\>', '\\#lead', '\\ lead', 'trail\\ ', 'back\\\\', 'a\\0Ab', "it's", '$(touch pwned)', '`touch pwned`',
       '%PATH%', '*)(cn=\\=', '\\E2\\80\\AEgpj', '\\1B[2J', '</td><script>', '-n', '\\=x']
SUFFIX = 'OU=CRM,DC=example,DC=com'
VICTIM = '\u0412\u0411 \u2019\\;calc\\;\u2018'   # Cyrillic letters: in UTF-8 their bytes are quotes in cp1252
failed = []


def check(sentence, holds, more=''):
    if not holds:
        failed.append(sentence)
        print('not so:', sentence, more)


def attr(name, value):
    return f'{name}:: {base64.b64encode(value).decode()}\n'


def directory():
    """Every name twice, so that an audit has something to say; names of accounts as nasty as theirs."""
    text = 'dn: DC=example,DC=com\nobjectClass: domainDNS\n\ndn: OU=CRM,DC=example,DC=com\nobjectClass: organizationalUnit\n\n'
    for i, cn in enumerate(CNS):
        text += attr('dn', f'CN={cn},{SUFFIX}'.encode()) + 'objectClass: user\n' + attr('sAMAccountName', f'{cn}'.encode())
        text += ''.join(attr('servicePrincipalName', name) for name in NASTY[i % 2::2]) + '\n'
    return text + attr('dn', f'CN={VICTIM},{SUFFIX}'.encode()) + 'objectClass: user\nsAMAccountName: pool\n\n'


def may_be_added(name):
    """Whether a name is certainly one that add, and so apply, may write; any that is there may be deleted."""
    return re.fullmatch(rb'[a-z]+/[!#-)+\-.0-9<-?A-\[\]-~]*[^.:@/\\\s",;]', name)


def plan(names, account='not what the entry is called'):
    text = '# spnkit plan 1\n'
    for i, name in enumerate(names):
        reason = re.sub(rb'[\x00-\x1f]', b'', name).decode('utf-8', 'replace')[:200]
        text += f'# reason: {reason}\n# account: {account}\n{attr("dn", f"CN={VICTIM},{SUFFIX}".encode())}changetype: modify\n'
        text += ('add' if i % 2 and may_be_added(name) else 'delete') + ': servicePrincipalName\n' + attr('servicePrincipalName', name) + '-\n\n'
    return text + '# end of the plan\n'


class Place:
    def __init__(self, spnkit, folder):
        self.spnkit, self.folder = spnkit, folder

    def run(self, *words, codes=(0, 1)):
        env = dict(os.environ, HOME=self.folder, XDG_STATE_HOME=self.folder + '/state', SPNKIT_DIRECTORY='ldif:in.ldif', LC_ALL='C.UTF-8')
        done = subprocess.run([self.spnkit, *words], cwd=self.folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=600, check=False)
        check(f'{words[:3]} works', done.returncode in codes, done.stderr[:300])
        check(f'{words[:3]}: standard error is harmless', is_harmless(done.stderr))
        return done.stdout


def is_hidden(c):
    """Direction marks and what has no width, letters among it (the Hangul fillers, say)."""
    return unicodedata.category(c) in ('Cf', 'Zl', 'Zp', 'Cs') or c in '\u034f\u115f\u1160\u3164\uffa0' or '\ufe00' <= c <= '\ufe0f'


def is_harmless(data):
    """What a terminal may be given."""
    try:
        text = data.decode('utf-8')
    except UnicodeDecodeError:
        return False
    return not re.search('[\x00-\x08\x0b-\x1f\x7f-\x9f]', text) and not any(is_hidden(c) for c in text)


def read_ldif(data):
    """RFC 2849: unfolded lines, values."""
    for line in data.replace(b'\n ', b'').split(b'\n'):
        if line and not line.startswith(b'#') and b':' in line:
            name, value = line.split(b':', 1)
            yield name, base64.b64decode(value[1:].strip()) if value.startswith(b':') else value.lstrip(b' ')


def cmd_line(line):
    """cmd.exe, then CommandLineToArgvW: the words, or None if cmd.exe would do more than start a program."""
    quoted = False
    for c in line:
        quoted ^= c == '"'
        if c in '%!\r\n' or (not quoted and c in '&|<>^()'):
            return None
    return arguments(line)


def powershell_line(line):
    """about_Parsing (argument mode) and about_Quoting_Rules, then CommandLineToArgvW of what Windows PowerShell hands on: the words, or None if
    it would expand something, or do more than start a program."""
    word = r'(?:[A-Za-z0-9_./:\\-]+|"[^"$`\u201c-\u201e]*")'
    if not re.fullmatch(rf'{word}(?: {word})*', line):
        return None
    words = [found.strip('"') for found in re.findall(word, line)]
    return arguments(' '.join(f'"{found}"' if re.search(r'\s', found) else found for found in words))


def arguments(line):
    """CommandLineToArgvW."""
    words, at = [], 0
    while at < len(line):
        if line[at] == ' ':
            at += 1
            continue
        word, quoted = '', False
        while at < len(line) and (quoted or line[at] != ' '):
            slashes = re.match(r'\\*', line[at:]).end()
            quote = line[at + slashes:at + slashes + 1] == '"'
            word += '\\' * (slashes // 2 if quote else slashes)
            at += slashes
            if quote and slashes % 2:
                word += '"'
                at += 1
            elif quote:
                quoted = not quoted
                at += 1
            elif at < len(line) and (quoted or line[at] != ' '):
                word += line[at]
                at += 1
        words.append(word)
    return words


CODE_PAGES = ('cp1250', 'cp1251', 'cp1252', 'cp932', 'utf-8')   # in which Windows PowerShell may read a script


def powershell(line):
    """about_Quoting_Rules: five kinds of single quote, doubled inside.  The arguments, texts taken together; None if it is anything else."""
    quote = "['\u2018\u2019\u201a\u201b]"
    text = rf"{quote}(?:[^'\u2018\u2019\u201a\u201b]|{quote}{{2}})*{quote}|\[char\]0x[0-9a-f]+"
    expression = rf'\((?:{text})(?:\+(?:{text}))*\)'
    shape = rf'Set-ADObject -Identity ({expression}) -(Add|Remove) @{{({expression})=({expression})}}'
    match = re.fullmatch(shape, line, re.S)
    if not match or re.search('[\r\n]', line):
        return None
    def value(part):
        found = b''
        for piece in re.findall(text, part, re.S):
            found += int(piece[8:], 16).to_bytes(2, 'little') if piece.startswith('[char]') else re.sub(
                quote + '{2}', lambda m: m.group()[0], piece[1:-1]).encode('utf-16-le')
        return found.decode('utf-16-le')
    return [value(match.group(1)), match.group(2), value(match.group(3)), value(match.group(4))]


def check_terminal(place):
    for words in (['query', '*/*'], ['list', f'CN={CNS[0]},{SUFFIX}'], ['audit'], ['duplicates'], ['apply', 'plan.ldif', '-n']):
        out = place.run(*words, codes=(0, 1, 3))
        check(f'text of {words[0]} is harmless', is_harmless(out) and out)


def check_json(place):
    lines = place.run('list', f'CN={CNS[1]},{SUFFIX}', '--json').splitlines()
    check('one object a line', len(lines) == 1)
    got = json.loads(lines[0])['spns'] if lines else []
    for name in NASTY[1::2]:
        text = name.decode('utf-8', 'replace')
        check(f'JSON has {name!r}', text in got or '\ufffd' in text)
    for words in (['audit', '--json'], ['duplicates', '--json'], ['apply', 'plan.ldif', '-n', '--json']):
        out = place.run(*words, codes=(0, 1, 3))
        check(f'{words} is harmless', is_harmless(out))
        for line in out.splitlines():
            json.loads(line)


def check_ldif(place):
    out = place.run('apply', 'plan.ldif', '-n', '--format', 'ldif')
    check('comments of LDIF are harmless', is_harmless(out))
    check('LDIF is ASCII without controls', re.fullmatch(rb'[\n\x20-\x7e]*', re.sub(rb'(?m)^#.*$', b'', out)))
    check('LDIF has the very names', [value for name, value in read_ldif(out) if name == b'servicePrincipalName'] == NASTY)
    (pathlib.Path(place.folder) / 'again.ldif').write_bytes(out)
    check('and reads again as the same', place.run('apply', 'again.ldif', '-n', '--format', 'ldif') == out)


def check_setspn(place):
    out = place.run('apply', 'plan.ldif', '-n', '--format', 'setspn').decode('ascii')
    lines = out.split('\n')[1:-1]
    said = []
    for line in lines:
        if line.startswith('rem'):
            check(f'a remark is none for PowerShell, or ends there: {line!r}', line.startswith('rem # '))
            check(f'a remark is none for cmd.exe: {line!r}', not re.search(r'[&|<>^%!\x00-\x1f\x7f]', line) and len(line) < 8000)
            continue
        words = cmd_line(line)
        check(f'{line!r} starts one program', words and len(words) == 5 and words[:2] == ['setspn', '-U'] and words[2] in ('-S', '-D') and words[4] == 'example.com\\pool', words)
        check(f'{line!r} is the same to PowerShell', powershell_line(line) == words)
        check(f'{line!r} has no switch for a name', words and words[3][:1] not in ('-', '/'))
        said.append(words and words[3].encode())
    check('setspn lines are of names of the plan, in order', said == [name for name in NASTY if name in said], said)
    for name in (b"http/'x'", b'http/&touch pwned', b'http/^'):
        check(f'setspn can say {name!r}', name in said)
    for name in (b'http/x y\\', b'http/$(touch pwned)'):
        check(f'setspn cannot say {name!r}', name not in said)


def check_powershell(place):
    out = place.run('apply', 'plan.ldif', '-n', '--format', 'powershell')
    check('PowerShell is ASCII without controls', re.fullmatch(rb'[\n\x20-\x7e]*', out))
    names = [name.decode('utf-8') for name in NASTY if '\ufffd' not in name.decode('utf-8', 'replace')]
    for page in CODE_PAGES:
        lines = re.split('\r\n|[\r\n\u0085\u2028\u2029]', out.decode(page))
        got = [powershell(line) for line in lines if line and not line.startswith('#')]
        for name, words in zip(names, got):
            check(f'PowerShell read as {page} has {name!r}', words and words[0] == f'CN={VICTIM},{SUFFIX}' and words[2] == 'servicePrincipalName' and
                  words[3] == name, words)
        check(f'a line a name, read as {page}', len(got) == len(names))


def check_shell(place):
    repairs = [record['repair'] for record in map(json.loads, place.run('audit', '--json').splitlines()) if 'code' in record]
    repairs = [repair for repair in repairs if repair]
    check('the audit proposes repairs', len(repairs) > 10)
    for repair in repairs:
        done = subprocess.run(['bash', '-c', "printf '%s\\0' " + repair], cwd=place.folder, capture_output=True, check=False)
        words = done.stdout.split(b'\0')[:-1]
        check(f'{repair!r} is words for a shell', done.returncode == 0 and words[:1] == [b'spnkit'] and b'touch' not in words)
        check(f'{repair!r} has no option for a name', all(not word.startswith(b'-') or word == b'--' or b'--' in words[:at]
                                                          for at, word in enumerate(words)), words)
        # a shell that may not know $'...' (dash) sees other names, but nothing to do either
        done = subprocess.run(['sh', '-c', "printf '%s\\0' " + repair], cwd=place.folder, capture_output=True, check=False)
        check(f'{repair!r} is words for sh', done.returncode == 0 and done.stdout.startswith(b'spnkit\0'), done.stderr)
    check('no shell ran what a name says', not os.path.exists(place.folder + '/pwned'))


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attrs, self.text, self.n_scripts = set(), set(), '', 0

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.n_scripts += tag == 'script'
        self.attrs.update(name for name, _ in attrs)

    def handle_data(self, data):
        self.text += data


def check_html(place):
    place.run('audit', '--html', 'page.html')
    page = Page()
    page.feed((pathlib.Path(place.folder) / 'page.html').read_text(encoding='utf-8'))
    check('names make no elements', not page.tags & {'img', 'iframe', 'a', 'object'}, page.tags)
    check('the page has one script, its own', page.n_scripts == 1)
    check('nor attributes', not {name for name in page.attrs if name.startswith('on')}, page.attrs)
    check('they are text', '</script><script>document.title=1</script>' in page.text and '"--><img src=x onerror=1>' in page.text)


def seen(name):
    """As Active Directory compares: without case and what is not seen."""
    return ''.join(c for c in name.casefold() if not is_hidden(c))


def check_names_are_found(place):
    """A filter and a DN are one name each: who asks for it gets its holders and nobody else."""
    for name in NASTY:
        if b'\0' in name or b'*' in name or b'/' not in name.strip(b'/'):
            continue
        for line in place.run('query', '--json', '--', os.fsdecode(name), codes=(0, 1, 2)).splitlines():
            matched = json.loads(line)['matched']
            check(f'{name!r} matches itself alone', len({seen(other) for other in matched} | {seen(name.decode('utf-8', 'replace'))}) == 1, matched)
    for cn in CNS:
        lines = place.run('list', '--json', '--', f'CN={cn},{SUFFIX}').splitlines()
        check(f'CN={cn} is one account', len(lines) == 1 and json.loads(lines[0])['account'] == cn, lines)


def main(spnkit):
    with tempfile.TemporaryDirectory() as folder:
        place = Place(os.path.abspath(spnkit), folder)
        (pathlib.Path(folder) / 'in.ldif').write_text(directory(), encoding='utf-8')
        (pathlib.Path(folder) / 'plan.ldif').write_text(plan(NASTY), encoding='utf-8')
        for part in (check_terminal, check_json, check_ldif, check_setspn, check_powershell, check_shell, check_html, check_names_are_found):
            part(place)
    print(f'{len(NASTY)} names, {len(CNS)} accounts, {len(failed)} failed')
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
