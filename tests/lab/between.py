#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""between.py FOLDER - whoever sits on the lines between clients and servers

Reads lines ADDRESS PORT SERVER-PORT HOW [CERT KEY], and answers "ready" to each once it listens on PORT of the server's own ADDRESS.
All that is said there, from either side, is added to the file FOLDER/PORT.  HOW:
  pass        only listens
  tls         is the server for whoever trusts CERT, and a client of the server: the file gets what is inside
  starttls    the same, after StartTLS
  no-tls      refuses StartTLS, and passes the rest on
  no-spnego   knows no way to log on
  yes         grants every log-on, and proves nothing
  clear       passes the log-on, then answers in the server's place in the clear
  flip        passes the log-on, then changes a bit of each answer
  again       passes the log-on, then sends each answer twice
  silent      says nothing
"""
import socket
import ssl
import sys
import threading

AUTH_METHOD_NOT_SUPPORTED, UNAVAILABLE = 7, 52
BIND_RESPONSE, SEARCH_DONE, EXTENDED_REQUEST, EXTENDED_RESPONSE = 0x61, 0x65, 0x77, 0x78


def head(message):                                      # the id of an LDAP message, and the tag of what it is about
    at = 2 + (message[1] & 0x7f if message[1] & 0x80 else 0)
    size = message[at + 1]
    return message[at + 2:at + 2 + size], message[at + 2 + size]


def result(message, tag, code):                         # an answer without more to a message
    number, _ = head(message)
    inside = b'\x02' + bytes([len(number)]) + number + bytes([tag, 7, 10, 1, code, 4, 0, 4, 0])
    return b'\x30' + bytes([len(inside)]) + inside


class Line:
    def __init__(self, client, log, server, how, certificate):
        self.client, self.log, self.how, self.certificate = client, log, how, certificate
        self.server = None if how in ('silent', 'yes', 'no-spnego') else socket.create_connection(server)

    def note(self, data):
        self.log.write(data)
        return data

    def hear(self):
        return self.note(self.client.recv(65536))

    def say(self, data):
        self.client.sendall(self.note(data))

    def pump(self, source, sink, change=lambda data: data):
        try:
            while data := source.recv(65536):
                sink.sendall(self.note(change(data)))
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def both_ways(self, change=lambda data: data):
        back = threading.Thread(target=self.pump, args=(self.server, self.client, change), daemon=True)
        back.start()
        self.pump(self.client, self.server)
        back.join()

    def log_on(self):                                   # one question, one answer
        self.server.sendall(self.hear())
        self.say(self.server.recv(65536))

    def tls(self):
        ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ours.load_cert_chain(*self.certificate)
        theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        theirs.check_hostname, theirs.verify_mode = False, ssl.CERT_NONE
        self.client = ours.wrap_socket(self.client, server_side=True)
        self.server = theirs.wrap_socket(self.server)

    def start_tls(self):
        question = self.hear()
        self.server.sendall(question)
        self.say(self.server.recv(65536))
        self.tls()

    def serve(self):
        if self.how == 'silent':
            while self.hear():
                pass
        elif self.how in ('yes', 'no-spnego'):
            while question := self.hear():
                code = AUTH_METHOD_NOT_SUPPORTED if self.how == 'no-spnego' else 0
                self.say(result(question, BIND_RESPONSE, code))
        elif self.how == 'no-tls':
            question = self.hear()
            if head(question)[1] == EXTENDED_REQUEST:
                self.say(result(question, EXTENDED_RESPONSE, UNAVAILABLE))
            else:
                self.server.sendall(question)
            self.both_ways()
        elif self.how == 'clear':
            self.log_on()
            self.hear()
            self.say(result(b'\x30\x05\x02\x01\x02\x63', SEARCH_DONE, 0))
            self.hear()
        elif self.how == 'flip':
            self.log_on()
            self.both_ways(lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:])
        elif self.how == 'again':
            self.log_on()
            self.both_ways(lambda data: data + data)
        else:
            if self.how == 'starttls':
                self.start_tls()
            elif self.how == 'tls':
                self.tls()
            self.both_ways()

    def run(self):
        try:
            self.serve()
        except (OSError, IndexError):                   # the client does not trust us, or hangs up
            pass
        self.client.close()


def listen(folder, address, port, server_port, how, *certificate):
    with open('%s/%s' % (folder, port), 'ab', buffering=0) as log, socket.create_server((address, int(port))) as listener:
        print('ready', flush=True)
        while True:
            line = Line(listener.accept()[0], log, (address, int(server_port)), how, certificate)
            threading.Thread(target=line.run, daemon=True).start()


def main(folder):
    for line in sys.stdin:
        threading.Thread(target=listen, args=[folder, *line.split()], daemon=True).start()


if __name__ == '__main__':
    main(*sys.argv[1:])
