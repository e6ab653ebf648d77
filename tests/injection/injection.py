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
    b'http/\xc0\xaf', b'http/\xc3', b'http/gr\xc3\xb6\xc3\x9fe', b'http/#>', b'http/@{}', b'http/\xe2\x80\xa8x', b'\xef\xbb\xbfhttp/x', b'--yes', b'http/\x7f\x1f\x01',
]
# What a DN may have in its first value, as it is escaped in it (RFC 4514).
CNS = ['ev\\,il', 'a\\+b', '\\"q\\"', 'x\\;touch pwned', '\\<b\\>', '\\#lead', '\\ lead', 'trail\\ ', 'back\\\\', 'a\\0Ab', "it's", '$(touch pwned)', '`touch pwned`',
       '%PATH%', '*)(cn=\\=', '\\E2\\80\\AEgpj', '\\1B[2J', '</td><script>', '-n', '\\=x']
SUFFIX = 'OU=CRM,DC=example,DC=com'
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
    return text


def plan(names, account='victim'):
    text = '# spnkit plan 1\n'
    for i, name in enumerate(names):
        reason = re.sub(rb'[\x00-\x1f]', b'', name).decode('utf-8', 'replace')[:200]
        text += f'# reason: {reason}\n# account: {account}\ndn: CN=victim,{SUFFIX}\nchangetype: modify\n'
        text += ('delete' if i % 2 else 'add') + ': servicePrincipalName\n' + attr('servicePrincipalName', name) + '-\n\n'
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


def is_harmless(data):
    """What a terminal may be given."""
    try:
        text = data.decode('utf-8')
    except UnicodeDecodeError:
        return False
    return not re.search('[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]', text)


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


def powershell(line):
    """about_Quoting_Rules: five kinds of single quote, doubled inside.  The arguments, texts taken together; None if it is anything else."""
    quote = "['\u2018\u2019\u201a\u201b]"
    text = rf"{quote}(?:[^'\u2018\u2019\u201a\u201b]|{quote}{{2}})*{quote}|\[char\]::ConvertFromUtf32\(\d+\)"
    expression = rf'\((?:{text})(?:\+(?:{text}))*\)'
    shape = rf'Set-ADObject -Identity ({expression}) -(Add|Remove) @{{({expression})=({expression})}}'
    match = re.fullmatch(shape, line, re.S)
    if not match or re.search('[\r\n]', line):
        return None
    def value(part):
        found = ''
        for piece in re.findall(text, part, re.S):
            found += chr(int(re.search(r'\((\d+)', piece).group(1))) if piece.startswith('[char]') else re.sub(quote + '{2}', lambda m: m.group()[0], piece[1:-1])
        return found
    return [value(match.group(1)), match.group(2), value(match.group(3)), value(match.group(4))]


def check_terminal(place):
    for words in (['query', '*/*'], ['list', f'CN={CNS[0]},{SUFFIX}'], ['audit'], ['duplicates'], ['apply', 'plan.ldif', '-n']):
        out = place.run(*words)
        check(f'text of {words[0]} is harmless', is_harmless(out) and out)


def check_json(place):
    lines = place.run('list', f'CN={CNS[1]},{SUFFIX}', '--json').splitlines()
    check('one object a line', len(lines) == 1)
    got = json.loads(lines[0])['spns'] if lines else []
    for name in NASTY[1::2]:
        text = name.decode('utf-8', 'replace')
        check(f'JSON has {name!r}', text in got or '\ufffd' in text)
    for words in (['audit', '--json'], ['duplicates', '--json'], ['apply', 'plan.ldif', '-n', '--json']):
        out = place.run(*words)
        check(f'{words} is harmless', is_harmless(out))
        for line in out.splitlines():
            json.loads(line)


def check_ldif(place):
    out = place.run('apply', 'plan.ldif', '-n', '--format', 'ldif')
    check('LDIF is ASCII without controls', re.fullmatch(rb'[\n\x20-\x7e]*', re.sub(rb'(?m)^#.*$', b'', out)))
    check('LDIF has the very names', [value for name, value in read_ldif(out) if name == b'servicePrincipalName'] == NASTY)
    (pathlib.Path(place.folder) / 'again.ldif').write_bytes(out)
    check('and reads again as the same', place.run('apply', 'again.ldif', '-n', '--format', 'ldif') == out)


def check_setspn(place):
    out = place.run('apply', 'plan.ldif', '-n', '--format', 'setspn').decode()
    lines = out.split('\n')[1:-1]
    said = []
    for line in lines:
        if line == 'rem' or line.startswith('rem '):
            check(f'a remark is none for cmd.exe: {line!r}', not re.search(r'[%^\x00-\x1f\x7f]', line))
            continue
        words = cmd_line(line)
        check(f'{line!r} starts one program', words and len(words) == 4 and words[0] == 'setspn' and words[1] in ('-S', '-D') and words[3] == 'victim', words)
        check(f'{line!r} has no switch for a name', words and words[2][:1] not in ('-', '/'))
        said.append(words and words[2].encode())
    check('setspn lines are of names of the plan, in order', said == [name for name in NASTY if name in said], said)
    for name in (b"http/'x'", b'http/x y\\', b'http/&touch pwned', b'http/$(touch pwned)', b'http/^'):
        check(f'setspn can say {name!r}', name in said)


def check_powershell(place):
    lines = place.run('apply', 'plan.ldif', '-n', '--format', 'powershell').decode().split('\n')
    got = [powershell(line) for line in lines if line and not line.startswith('#')]
    for name, words in zip(NASTY, got):
        text = name.decode('utf-8', 'replace')
        valid = '\ufffd' not in text
        check(f'PowerShell has {name!r}', words and words[0] == f'CN=victim,{SUFFIX}' and words[2] == 'servicePrincipalName' and (words[3] == text or not valid), words)
    check('a line a name', len(got) == len(NASTY))


def check_shell(place):
    repairs = [json.loads(line)['repair'] for line in place.run('audit', '--json').splitlines()]
    repairs = [repair for repair in repairs if repair]
    check('the audit proposes repairs', len(repairs) > 10)
    for repair in repairs:
        done = subprocess.run(['bash', '-c', "printf '%s\\0' " + repair], cwd=place.folder, capture_output=True, check=False)
        words = done.stdout.split(b'\0')[:-1]
        check(f'{repair!r} is words for a shell', done.returncode == 0 and words[:1] == [b'spnkit'] and b'touch' not in words)
        check(f'{repair!r} has no option for a name', all(not word.startswith(b'-') or word == b'--' or b'--' in words[:at]
                                                          for at, word in enumerate(words)), words)
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
    return ''.join(c for c in name.casefold() if unicodedata.category(c) != 'Cf')


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
