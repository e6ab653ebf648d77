#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""population.py - writes the export of a healthy forest of two domains as LDIF: what its computers and services register, as their
own installers do it (Windows, failover clusters, SQL Server, Exchange, Hyper-V, AD FS, Samba, adcli, msktutil, macOS, filers)."""

PERSON = ['top', 'person', 'organizationalPerson', 'user']
COMPUTER = PERSON + ['computer']
STANDARD = ['HOST/{S}', 'HOST/{F}', 'RestrictedKrbHost/{S}', 'RestrictedKrbHost/{F}']
WINDOWS = STANDARD + ['WSMAN/{S}', 'WSMAN/{F}', 'TERMSRV/{S}', 'TERMSRV/{F}']
CLUSTER = STANDARD + ['MSClusterVirtualServer/{S}', 'MSClusterVirtualServer/{F}']
EXCHANGE = ['exchangeRFR', 'exchangeAB', 'exchangeMDB', 'SMTP', 'SmtpSvc', 'IMAP', 'IMAP4', 'POP', 'POP3']
CONTROLLER = WINDOWS + [
    'HOST/{F}/{D}', 'HOST/{F}/{N}', 'HOST/{S}/{N}', 'ldap/{F}/{D}', 'ldap/{F}', 'ldap/{S}', 'ldap/{F}/{N}', 'ldap/{S}/{N}',
    'ldap/{G}._msdcs.corp.example', 'RPC/{G}._msdcs.corp.example', 'ldap/{F}/DomainDnsZones.{D}', 'ldap/{F}/ForestDnsZones.corp.example',
    'DNS/{F}', 'Dfsr-12F9A27C-BF97-4787-9364-D31B6C55EB04/{F}', 'NtFrs-88f5d2bd-b646-11d2-a6d3-00c04fc9b232/{F}']
WRITABLE = CONTROLLER + ['E3514235-4B06-11D1-AB04-00C04FC2DCD2/{G}/{D}', 'GC/{F}/corp.example']
SERVER = 'Windows Server 2022 Standard'


def entry(dn, classes, **attributes):
    print(f'dn: {dn}')
    for name in classes:
        print(f'objectClass: {name}')
    for attribute, values in attributes.items():
        for value in values if isinstance(values, list) else [values]:
            if value is not None:
                print(f'{attribute.replace("_", "-")}: {value}')
    print()


class Domain:
    def __init__(self, base, number):
        self.base, self.number = base, number
        self.dns = '.'.join(part[3:] for part in base.split(','))
        self.netbios = self.dns.split('.', maxsplit=1)[0].upper()
        entry(base, ['top', 'domain', 'domainDNS'], dc=self.netbios.lower())

    def fill(self, names, host, guid=''):
        known = {'S': host[:15].upper(), 'F': f'{host.lower()}.{self.dns}', 'D': self.dns, 'N': self.netbios, 'G': guid, 'K': self.number}
        return [name.format(**known) for name in names]

    def computer(self, name, names, system=SERVER, unit='OU=Servers', control=4096, guid='', **more):
        """A computer; without a system and a unit of servers, an account that no machine uses."""
        name = name.format(K=self.number)
        host = None if system is None and unit == 'OU=None' else f'{name.lower()}.{self.dns}'
        entry(f'CN={name},{unit},{self.base}', COMPUTER, cn=name, sAMAccountName=name[:15].upper() + '$', userAccountControl=control,
              dNSHostName=host, operatingSystem=system, servicePrincipalName=self.fill(names, name, guid), **more)

    def managed(self, name, host, names):
        name = name.format(K=self.number)
        entry(f'CN={name},CN=Managed Service Accounts,{self.base}', COMPUTER + ['msDS-GroupManagedServiceAccount'], cn=name,
              sAMAccountName=name + '$', userAccountControl=4096, dNSHostName=f'{host.format(K=self.number)}.{self.dns}',
              servicePrincipalName=self.fill(names, name), msDS_SupportedEncryptionTypes=28)

    def user(self, name, names, unit='OU=Services', control=66048, **more):
        name = name.format(K=self.number)
        entry(f'CN={name},{unit},{self.base}', PERSON, cn=name, sAMAccountName=name, userAccountControl=control,
              servicePrincipalName=self.fill(names, name), **more)


def put_controllers(domain):
    domain.user('krbtgt', ['kadmin/changepw'], 'CN=Users', 514)
    for i in 1, 2:
        domain.computer(f'DC{{K}}{i}', WRITABLE, unit='OU=Domain Controllers', control=532480,
                        guid=f'11111111-2222-4333-8444-5555555555{domain.number}{i}')
    domain.computer('RODC{K}', CONTROLLER, unit='OU=Domain Controllers', control=83890176,
                    guid=f'11111111-2222-4333-8444-5555555555{domain.number}9')
    domain.user(f'krbtgt_1{domain.number}', [], 'CN=Users', 514, msDS_SecondaryKrbTgtNumber=domain.number)


def put_microsoft(domain):
    for name in 'SQLCLUSTER{K}', 'SQLNAME{K}', 'FILECLUSTER{K}', 'DAG{K}':
        domain.computer(name, CLUSTER, None)
    for i in 1, 2:
        domain.computer(f'NODE{{K}}{i}', WINDOWS + ['MSServerClusterMgmtAPI/{S}', 'MSServerClusterMgmtAPI/{F}'])
        domain.computer(f'EX{{K}}{i}', WINDOWS + [f'{name}/{host}' for name in EXCHANGE for host in ('{S}', '{F}')])
    domain.user('svc_sql{K}', ['MSSQLSvc/sqlname{K}.{D}:1433', 'MSSQLSvc/sqlname{K}.{D}', 'MSSQLSvc/SQLNAME{K}:1433', 'MSSQLSvc/ag{K}.{D}:5022'])
    domain.computer('SQL{K}', WINDOWS + ['MSSQLSvc/{F}:INST1', 'MSSQLSvc/{F}:49721', 'MSSQLSvc/{F}', 'MSSQLSvc/{F}:1433', 'MSOLAPSvc.3/{F}',
                                         'MSOLAPSvc.3/{F}:TAB', 'MSOLAPDisco.3/{F}', 'MSOLAPDisco.3/{S}'])
    domain.user('svc_reports{K}', ['HTTP/reports{K}.{D}', 'HTTP/reports{K}'])
    domain.managed('gmsa_sql{K}', 'gmsa_sql{K}', ['MSSQLSvc/db{K}.{D}:1433', 'MSSQLSvc/db{K}.{D}'])
    domain.managed('gmsa_adfs{K}', 'sts{K}', ['host/sts{K}.{D}', 'http/sts{K}.{D}'])
    domain.computer('EXASA{K}', ['http/mail{K}.{D}', 'http/autodiscover{K}.{D}', 'exchangeMDB/mail{K}.{D}'], None, 'OU=None')
    domain.computer('HV{K}', WINDOWS + [f'{name}/{host}' for name in ('Microsoft Virtual Console Service', 'Hyper-V Replica Service',
                                        'Microsoft Virtual System Migration Service') for host in ('{S}', '{F}')])
    domain.computer('HVBROKER{K}', CLUSTER + ['Hyper-V Replica Service/{S}', 'Hyper-V Replica Service/{F}'], None)
    domain.computer('FILE{K}', WINDOWS + ['Dfsr-12F9A27C-BF97-4787-9364-D31B6C55EB04/{F}', 'HOST/files{K}', 'HOST/files{K}.{D}'],
                    msDS_AdditionalDnsHostName=f'files{domain.number}.{domain.dns}', msDS_AdditionalSamAccountName=f'FILES{domain.number}$')
    domain.computer('PRINT{K}', WINDOWS + ['HOST/printers{K}', 'HOST/printers{K}.{D}'])
    domain.computer('SFB{K}', WINDOWS + ['sip/{F}', 'http/{F}', 'http/pool{K}.{D}', 'sip/pool{K}.{D}'])
    domain.computer('SCCM{K}', WINDOWS + ['CmRcService/{S}', 'CmRcService/{F}'])
    domain.computer('WSUS{K}', WINDOWS + ['HTTP/{S}:8530', 'HTTP/{F}:8530'])
    domain.computer('ISCSI{K}', WINDOWS + ['iSCSITarget/{S}', 'iSCSITarget/{F}', 'tapinego/{S}', 'tapinego/{F}'])
    domain.user('svc_portal{K}', ['HTTP/portal{K}', 'HTTP/portal{K}.{D}', 'HTTP/mysites{K}.{D}'])
    domain.user('svc_scom{K}', ['MSOMSdkSvc/scom{K}', 'MSOMSdkSvc/scom{K}.{D}'])
    domain.computer('WS{K}1', STANDARD, 'Windows 11 Enterprise', 'OU=Clients')
    domain.computer('WS{K}2-WITH-LONG-NAME', STANDARD, 'Windows 11 Enterprise', 'OU=Clients')
    domain.computer('OLD{K}', STANDARD, 'Windows 7 Professional', 'OU=Clients', 4098)
    domain.computer('PRE{K}', [], None, 'OU=None', 4128)


def put_others(domain):
    domain.computer('mac-of-alice{K}', ['HOST/{S}', 'HOST/{F}', 'afpserver/{F}', 'cifs/{F}', 'vnc/{F}', 'ftp/{F}'], 'macOS', 'CN=Computers')
    domain.computer('adcli{K}', ['host/{S}', 'host/{F}', 'RestrictedKrbHost/{S}', 'RestrictedKrbHost/{F}'], 'redhat-linux-gnu')
    domain.computer('samba{K}', STANDARD + ['cifs/{S}', 'cifs/{F}'], 'Samba')
    domain.computer('msktutil{K}', ['host/{S}', 'host/{F}', 'HTTP/{F}', 'nfs/{F}', 'postgres/{F}'], None)
    domain.computer('u{K}-build-server-of-ours', STANDARD, 'Ubuntu')
    domain.computer('NETAPP{K}', ['HOST/{S}', 'HOST/{F}', 'nfs/{F}', 'cifs/{F}', 'cifs/{S}'], 'NetApp Release 9.11.1')
    domain.computer('ISILON{K}', [f'{name}/{host}' for name in ('HOST', 'cifs', 'nfs', 'hdfs', 'HTTP') for host in
                                  ('{S}', '{F}', 'zone{K}.{D}')], 'OneFS')
    domain.computer('SYNO{K}', ['HOST/{S}', 'HOST/{F}'], 'Synology DiskStation')
    domain.computer('ESX{K}', ['HOST/{S}', 'HOST/{F}'], 'VMware ESXi')
    domain.user('svc_tomcat{K}', ['HTTP/tomcat{K}.{D}'],
                userPrincipalName=f'HTTP/tomcat{domain.number}.{domain.dns}@{domain.dns.upper()}')
    domain.user('svc_apm{K}', ['host/apm{K}.{D}', 'HTTP/apm{K}.{D}'])


def put_cloud(domain):
    domain.computer('AZUREADSSOACC', ['HOST/aadg.windows.net.nsatc.net', 'HOST/autologon.microsoftazuread-sso.com'], None, 'OU=None')
    domain.computer('AzureADKerberos', [], None, 'OU=None', 83890178)
    domain.user('krbtgt_AzureAD', ['krbtgt/KERBEROS.MICROSOFTONLINE.COM'], 'CN=Users', 514, msDS_SecondaryKrbTgtNumber=40411)
    domain.computer('storage', ['cifs/storage.file.core.windows.net'], None, 'OU=None')


def main():
    for number, base in enumerate(('DC=corp,DC=example', 'DC=eu,DC=corp,DC=example'), 1):
        domain = Domain(base, number)
        put_controllers(domain)
        put_microsoft(domain)
        put_others(domain)
        if number == 1:
            put_cloud(domain)


main()
