#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""page.py SPNKIT LDIF [PICTURES]: the page of "spnkit audit --html" in headless Chromium, made of an LDIF full of hostile names.

Chromium is spoken to over a pipe (--remote-debugging-pipe, the DevTools protocol): no port, no driver.  PICTURES is a folder for screenshots,
to be looked at by a person.
"""
import base64
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

FLAGS = ('--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--remote-debugging-pipe')


class Browser:
    def __init__(self, folder):
        program = shutil.which('chromium') or shutil.which('chromium-browser')
        if not program:
            sys.exit('chromium is not installed; tools/deps test installs it')
        take, ours_out = os.pipe()
        ours_in, give = os.pipe()
        # it reads from descriptor 3 and writes to 4, which these must not be
        low = take, give
        take, give = (fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in low)
        command = f'exec 3<&{take} 4>&{give} {take}<&- {give}>&-; exec "$@"'
        self.process = subprocess.Popen(['bash', '-c', command, 'bash', program, *FLAGS, f'--user-data-dir={folder}', 'about:blank'],
                                        pass_fds=(take, give), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=folder))
        for fd in (*low, take, give):
            os.close(fd)
        self.to, self.answers = os.fdopen(ours_out, 'wb'), os.fdopen(ours_in, 'rb')
        self.rest, self.number, self.events, self.session = b'', 0, [], None
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network', 'DOM'):
            self.call(domain + '.enable')

    def read(self):
        while b'\0' not in self.rest:
            data = self.answers.read1(1 << 16)
            if not data:
                sys.exit('chromium has ended')
            self.rest += data
        message, self.rest = self.rest.split(b'\0', 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': params}
        if self.session:
            message['sessionId'] = self.session
        self.to.write(json.dumps(message).encode() + b'\0')
        self.to.flush()
        while True:
            answer = self.read()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer['result']
            self.events.append(answer)

    def open(self, url):
        self.call('Page.navigate', url=url)
        while not any(event['method'] == 'Page.loadEventFired' for event in self.events):
            self.events.append(self.read())
        self.events = [event for event in self.events if event['method'] != 'Page.loadEventFired']

    def value(self, expression):
        result = self.call('Runtime.evaluate', expression=expression, returnByValue=True)
        if 'exceptionDetails' in result:
            sys.exit(f"{expression}: {result['exceptionDetails']}")
        return result['result'].get('value')

    def named(self, *methods):
        return [event for event in self.events if event['method'] in methods]

    def picture(self, folder, name, width, height, **features):
        self.size(width, height)
        self.call('Emulation.setEmulatedMedia', **features)
        if folder:
            data = self.call('Page.captureScreenshot')['data']
            pathlib.Path(folder, name + '.png').write_bytes(base64.b64decode(data))

    def size(self, width, height):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=width < 500)

    def close(self):
        self.process.terminate()
        self.process.wait()


class Checks:
    def __init__(self):
        self.failed = self.done = 0

    def equal(self, sentence, got, wanted):
        self.true(f'{sentence} ({got!r}, not {wanted!r})', got == wanted)

    def true(self, sentence, holds):
        self.done += 1
        if not holds:
            self.failed += 1
            print('not so:', sentence)


VISIBLE = '[...document.querySelectorAll("#findings tbody tr")].filter(row => row.getClientRects().length).length'
SET = 'var field = document.getElementById("{}"); field.value = {}; field.dispatchEvent(new Event("{}"))'


def check_harmless(browser, check, url):
    check.equal('no script of a name has run', browser.value('document.title'), 'Audit of DC=kimconnect,DC=com')
    check.equal('the page has one script, its own', browser.value('document.scripts.length'), 1)
    check.equal('names have made no elements', browser.value('document.querySelectorAll("img, iframe, a, [onerror], [onmouseover]").length'), 0)
    check.true('a hostile name is there as text', browser.value('document.body.textContent.includes("<script>document.title=")'))
    check.true('a character that turns text round is shown as bytes', browser.value(r'document.body.textContent.includes("\\xe2\\x80\\xae")'))
    check.true('an account that differs by a no-break space is shown as bytes', browser.value(r'''
        [...document.querySelectorAll(".repair code")].some(code => code.textContent.includes("$'svc\\302\\240shop'"))'''))
    check.equal('a browser that copies a command finds no blanks to change', browser.value(r'''
        [...document.querySelectorAll(".repair code")].map(code => code.textContent).filter(text => /\u00a0|  /.test(text))'''), [])
    check.equal('nor does it change what is shown', browser.value('''[...document.querySelectorAll("code")].filter(code => {
        getSelection().selectAllChildren(code); return getSelection().toString() !== code.textContent; }).length'''), 0)
    check.equal('no dialog', browser.named('Page.javascriptDialogOpening'), [])
    check.equal('nothing to complain of', browser.named('Log.entryAdded', 'Runtime.exceptionThrown', 'Runtime.consoleAPICalled'), [])
    urls = {event['params']['request']['url'] for event in browser.named('Network.requestWillBeSent')}
    check.equal('nothing is loaded but the page', urls, {url})
    browser.value('var s = document.createElement("script"); s.textContent = "document.title = \'pwned\'"; document.body.append(s)')
    check.equal('a script that got in would not run', browser.value('document.title'), 'Audit of DC=kimconnect,DC=com')


def check_controls(browser, check, findings):
    check.true('what KDCs of the version that was named make of all accounts comes first',
               browser.value('document.querySelector("main h2").textContent').startswith('At KDCs of windows-2026-07, of '))
    check.true('with a line for each outcome', browser.value('document.querySelectorAll(".survey li").length') > 0)
    broken = sum(finding['severity'] == 'broken' for finding in findings)
    check.equal('every finding is a row', browser.value(VISIBLE), len(findings))
    browser.value(SET.format('filter', '"lax-crm01 ALIAS"', 'input'))
    wanted = sum('lax-crm01' in json.dumps(finding).lower() and finding['code'] == 'alias-conflict' for finding in findings)
    check.equal('the filter finds all of its words, in any case', browser.value(VISIBLE), wanted)
    check.equal('and says how many', browser.value('document.getElementById("shown").value'), f'{wanted} of {len(findings)} shown')
    browser.value(SET.format('filter', '""', 'input'))
    browser.value(SET.format('severity', '"broken"', 'change'))
    check.equal('a severity is chosen', browser.value(VISIBLE), broken)
    browser.value(SET.format('severity', '""', 'change'))
    column = '[...document.querySelectorAll("#findings tbody tr")].map(row => row.cells[{}].textContent)'
    check.equal('the worst come first', browser.value(column.format(0))[:broken], ['broken'] * broken)
    browser.value('document.querySelectorAll("th button")[1].click()')
    codes = browser.value(column.format(1))
    check.equal('a click sorts', codes, sorted(codes))
    browser.value('document.querySelectorAll("th button")[1].click()')
    check.equal('another turns it round', browser.value(column.format(1)), sorted(codes, reverse=True))
    check.equal('which is told to readers of screens', browser.value('document.querySelectorAll("th")[1].getAttribute("aria-sort")'), 'descending')
    browser.value('document.querySelectorAll("th button")[0].click()')
    check.equal('severities sort by their weight', browser.value(column.format(0))[:broken], ['broken'] * broken)


def check_looks(browser, check, pictures):
    background, colour = ('getComputedStyle(document.body).' + name for name in ('backgroundColor', 'color'))
    looks = set()
    for scheme in ('light', 'dark'):
        features = [{'name': 'prefers-color-scheme', 'value': scheme}]
        for name, width in (('wide', 1280), ('phone', 360)):
            browser.picture(pictures, f'{scheme}-{name}', width, 900, features=features)
            check.true(f'{scheme}, {name}: nothing sticks out', browser.value('document.documentElement.scrollWidth') <= width)
        looks.add((browser.value(background), browser.value(colour)))
    check.equal('dark and light differ', len(looks), 2)
    browser.picture(pictures, 'print', 800, 1000, media='print')
    check.equal('no controls on paper', browser.value('document.getElementById("controls").getClientRects().length'), 0)
    check.true('it prints', len(browser.call('Page.printToPDF')['data']) > 1000)
    browser.call('Emulation.setEmulatedMedia', media='')
    check.true('the picture shows lines', browser.value('document.querySelectorAll("svg path").length') > 5)
    check.true('and names', browser.value('[...document.querySelectorAll("svg text")].some(t => t.textContent.includes("HOST/nas"))'))


def check_without_script(browser, check, url, findings):
    browser.size(1280, 900)
    browser.call('Emulation.setScriptExecutionDisabled', value=True)
    browser.open(url)
    root = browser.call('DOM.getDocument')['root']['nodeId']
    rows = browser.call('DOM.querySelectorAll', nodeId=root, selector='#findings tbody tr')['nodeIds']
    check.equal('without scripts the table is there', len(rows), len(findings))
    check.true('and seen', browser.call('DOM.getBoxModel', nodeId=rows[-1])['model']['height'] > 10)
    form = browser.call('DOM.querySelector', nodeId=root, selector='#controls')['nodeId']
    check.true('and what needs scripts is not', 'hidden' in browser.call('DOM.getAttributes', nodeId=form)['attributes'])


def main(spnkit, ldif, pictures=None):
    check = Checks()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = pathlib.Path(folder, 'audit.html')
        done = subprocess.run([os.path.abspath(spnkit), '-H', 'ldif:' + ldif, 'audit', '--json', '--era', 'windows-2026-07', '--html',
                               str(page)], stdout=subprocess.PIPE, check=False)
        check.equal('an audit with findings ends with 1', done.returncode, 1)
        findings = [json.loads(line) for line in done.stdout.splitlines() if b'"code":' in line]
        browser = Browser(folder + '/profile')
        try:
            browser.size(1280, 900)
            browser.open(page.as_uri())
            check_harmless(browser, check, page.as_uri())
            browser.open(page.as_uri())
            check_controls(browser, check, findings)
            check_looks(browser, check, pictures)
            check_without_script(browser, check, page.as_uri(), findings)
        finally:
            browser.close()
    print(f'{check.done} checks, {check.failed} failed')
    return 1 if check.failed else 0


sys.exit(main(*sys.argv[1:]))
