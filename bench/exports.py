# SPDX-License-Identifier: MIT
"""exports.py - the same accounts as csvde, PowerShell and ldifde export them."""
import base64
import csv
import struct

BASE, DNS = 'DC=corp,DC=example', 'corp.example'
CLASSES = ['top', 'person', 'organizationalPerson', 'user', 'computer']
SYSTEM = {'instanceType': '4', 'whenCreated': '20200101000000.0Z', 'whenChanged': '20230101000000.0Z', 'uSNCreated': '8192', 'uSNChanged': '81920',
          'badPwdCount': '0', 'codePage': '0', 'countryCode': '0', 'badPasswordTime': '0', 'lastLogoff': '0', 'lastLogon': '133223104000000000',
          'accountExpires': '9223372036854775807', 'logonCount': '65535', 'operatingSystemVersion': '10.0 (17763)', 'isCriticalSystemObject': 'FALSE',
          'dSCorePropagationData': '16010101000000.0Z', 'lastLogonTimestamp': '133223104000000000', 'msDS-SupportedEncryptionTypes': '28',
          'objectCategory': f'CN=Computer,CN=Schema,CN=Configuration,{BASE}'}


class Account:
    def __init__(self, i, names):
        self.name = f'srv{i * 6119537 % 10000000:07d}'
        self.dn = f'CN={self.name},OU=c{i // 5000:04d},{BASE}'
        self.sid = struct.pack('<BB6s5I', 1, 5, b'\0\0\0\0\0\5', 21, 1111111111, 2222222222, 3333333333, 10000 + i)
        hosts = (self.name.upper(), f'{self.name}.{DNS}')
        self.spns = [f'{kind}/{host}' for kind in ('HOST', 'RestrictedKrbHost', 'TERMSRV', 'WSMAN') for host in hosts][:names]
        self.spns += [f'MSSQLSvc/{hosts[1]}:{port}' for port in range(49152, 49152 + names - len(self.spns))]
        self.attrs = {'cn': self.name, 'sAMAccountName': self.name.upper() + '$', 'userAccountControl': '4096', 'primaryGroupID': '515',
                      'pwdLastSet': '132223104000000000', 'operatingSystem': 'Windows Server 2019 Standard', 'dNSHostName': f'{self.name}.{DNS}'}

    def ldif(self, attrs):
        yield f'dn: {self.dn}'
        yield from (f'objectClass: {kind}' for kind in CLASSES)
        yield from (f'{attr}: {value}' for attr, value in attrs.items())
        yield f'objectSid:: {base64.b64encode(self.sid).decode()}'
        yield from (f'servicePrincipalName: {spn}' for spn in self.spns)
        yield ''


def csvde(account, attrs):
    """The DN first, the class alone, lists with semicolons, bytes as X'...'."""
    return {'DN': account.dn, 'objectClass': 'computer', **attrs, 'objectSid': f"X'{account.sid.hex()}'", 'servicePrincipalName': ';'.join(account.spns)}


def powershell(account, attrs):
    """Export-Csv: everything in quotes, lists joined by the script."""
    sid = 'S-1-5-21-' + '-'.join(str(part) for part in struct.unpack('<5I', account.sid[8:])[1:])
    return {'DistinguishedName': account.dn, 'ObjectClass': 'computer', **attrs, 'SID': sid, 'servicePrincipalName': ' '.join(account.spns)}


# of each: what writes a row, what it quotes, how many names an account has, and what is exported besides
SHAPES = {
    'csvde, few columns': (csvde, csv.QUOTE_MINIMAL, 6, {}),
    'csvde, all columns': (csvde, csv.QUOTE_MINIMAL, 6, SYSTEM),
    'csvde, many narrow columns': (csvde, csv.QUOTE_MINIMAL, 6, {f'extensionAttribute{i}': str(i) for i in range(1, 101)}),
    'csvde, long lists': (csvde, csv.QUOTE_MINIMAL, 100, {}),
    'Export-Csv, few columns': (powershell, csv.QUOTE_ALL, 6, {}),
    'Export-Csv, all columns': (powershell, csv.QUOTE_ALL, 6, SYSTEM),
    'Export-Csv, text with quotes': (powershell, csv.QUOTE_ALL, 6, {'description': 'the "old" server of the branch, "to be replaced"; see the ticket'}),
    'Export-Csv, wide columns': (powershell, csv.QUOTE_ALL, 6, {'info': 'a long note about what this server is for, and who looks after it. ' * 12 + '.'}),
}


def write(shape, n, stem):
    """Writes stem.csv and stem.ldif: n accounts of this shape."""
    row, quoting, names, more = SHAPES[shape]
    with open(f'{stem}.csv', 'w', encoding='utf-8', newline='') as table, open(f'{stem}.ldif', 'w', encoding='utf-8') as ldif:
        ldif.write(f'dn: {BASE}\nobjectClass: top\nobjectClass: domainDNS\n\n')
        writer = None
        for i in range(n):
            account = Account(i, names)
            attrs = {**account.attrs, **more}
            fields = row(account, attrs)
            if not writer:
                writer = csv.writer(table, quoting=quoting)
                writer.writerow(fields)
                writer.writerow([BASE, 'domainDNS'] + [''] * (len(fields) - 2))
            writer.writerow(fields.values())
            ldif.write('\n'.join(account.ldif(attrs)) + '\n')
