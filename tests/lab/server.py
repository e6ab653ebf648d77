#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""server.py ADDRESS - as much of each service as its client has to hear before it asks the KDC for a ticket: PostgreSQL, SQL Server
(a default and a named instance), SMB, Kafka.  Says "ready" when all of them listen."""
import socket
import struct
import sys
import threading

INSTANCE_PORT = 50123
KRB5, MS_KRB5 = bytes.fromhex('06092a864886f712010202'), bytes.fromhex('06092a864882f712010202')
SPNEGO = bytes.fromhex('06062b0601050502')


def der(tag, content):
    return bytes([tag, len(content)]) + content


def read(client, size):
    return client.recv(size, socket.MSG_WAITALL)


def postgres(client):
    """GSSENCRequest: yes."""
    read(client, 8)
    client.sendall(b'G')
    client.recv(1)


def tds(client):
    """TDS 7.0 has no prelogin: the ticket comes with the log-on."""
    client.recv(65536)


def browser(server, name):
    """The SQL Server Browser ([MC-SQLR] 2.2.5): where an instance listens."""
    while True:
        _, client = server.recvfrom(1024)
        text = f'ServerName;{name};InstanceName;SALES;IsClustered;No;Version;16.0.1000.6;tcp;{INSTANCE_PORT};;'.encode()
        server.sendto(struct.pack('<BH', 5, len(text)) + text, client)


def smb(client):
    """An answer to SMB2 NEGOTIATE ([MS-SMB2] 2.2.4) that offers Kerberos."""
    read(client, struct.unpack('>I', read(client, 4))[0])
    offer = der(0x60, SPNEGO + der(0xa0, der(0x30, der(0xa0, der(0x30, KRB5 + MS_KRB5)))))
    head = struct.pack('<4sHHIHHIIQIIQ16s', b'\xfeSMB', 64, 0, 0, 0, 1, 1, 0, 0, 0xfeff, 0, 0, b'')
    body = struct.pack('<HHHH16sIIIIQQHHI', 65, 1, 0x210, 0, b'g' * 16, 0, 65536, 65536, 65536, 0, 0, 128, len(offer), 0)
    answer = head + body + offer
    client.sendall(struct.pack('>I', len(answer)) + answer)
    client.recv(65536)


def kafka(client):
    """ApiVersions of version 0 (SaslHandshake, ApiVersions, Metadata, JoinGroup), then SaslHandshake with GSSAPI alone."""
    while size := read(client, 4):
        key, version, number = struct.unpack('>hhi', read(client, struct.unpack('>i', size)[0])[:8])
        if key == 18:
            keys = ((17, 0, 0), (18, 0, 0), (3, 0, 1), (11, 0, 0))
            answer = struct.pack('>hi', 0 if version == 0 else 35, len(keys)) + b''.join(struct.pack('>hhh', *row) for row in keys)
        elif key == 17:
            answer = struct.pack('>hih', 0, 1, 6) + b'GSSAPI'
        else:
            return
        client.sendall(struct.pack('>ii', 4 + len(answer), number) + answer)


def serve(server, service):
    while True:
        client = server.accept()[0]
        with client:
            try:
                service(client)
            except (OSError, struct.error):
                pass                                   # it has hung up


def main(address):
    services = {5432: postgres, 1433: tds, INSTANCE_PORT: tds, 445: smb, 9092: kafka}
    for port, service in services.items():
        threading.Thread(target=serve, args=(socket.create_server((address, port)), service), daemon=True).start()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((address, 1434))
    threading.Thread(target=browser, args=(udp, 'LAX-CRM01'), daemon=True).start()
    print('ready', flush=True)
    sys.stdin.read()


main(sys.argv[1])
