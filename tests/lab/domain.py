#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""domain.py STEP ... - what a shell cannot do to the lab's domain controllers; DIR is the folder of one

  tool ARG...           samba-tool, but without the ACLs on sysvol: they need real root, and neither LDAP nor Kerberos needs them
  populate DIR LDIF     add the entries of LDIF to a stopped DC, and what LDIF cannot say: passwords, rights, DNS records
  restore DIR           put back what Samba damaged while it did that
  second DIR            the DNS records of a second DC
  other DIR             a service in the other forest: svc-other, which holds http/web.other.test and http/web
  trust DIR DNS NETBIOS SID SECRET    let the forest of a stopped DC trust another, and be trusted; the other one needs the same
  keytabs DIR TO        one keytab an account in the folder TO
  plant DIR DN SPN...   write names past every check, as two DCs in a race may leave them (works while the DC runs)
  replace DIR DN ATTR BASE64...       give an attribute these values, past every check (works while the DC runs)
  weaken DIR DN         take the AES keys of an account away (works while the DC runs)
"""
import base64
import re
import runpy
import shutil
import sys

import ldb
import samba
import samba.join
import samba.provision
from samba.auth import system_session
from samba.dcerpc import drsblobs, lsa, security
from samba.ndr import ndr_pack
from samba.param import LoadParm
from samba.provision.sambadns import ARecord, SRVRecord
from samba.samdb import SamDB
from samba.sd_utils import SDUtils

PASSWORD = 'Passw0rd.1'
BASE = 'DC=kimconnect,DC=com'
DOMAIN = 'kimconnect.com'
POOL = 'CN=CrmIisPoolServiceAccount,OU=CRM,' + BASE
HELPDESK = 'CN=helpdesk,CN=Users,' + BASE
SEALED = 'CN=CRM Sealed,OU=CRM Security Groups,' + BASE
HOSTS = {'lax-crm01': '10.77.0.21', 'dynamics-crm': '10.77.0.22'}
SPN_ATTRIBUTE = 'f3a64788-5306-11d1-a9c5-0000f80367c1'
MEMBER_ATTRIBUTE = 'bf9679c0-0de6-11d0-a285-00aa003049e2'


def settings(directory):
    lp = LoadParm()
    lp.load(directory + '/etc/smb.conf')
    return lp


def tool(*args):
    samba.provision.setsysvolacl = samba.join.setsysvolacl = lambda *a, **k: None
    path = shutil.which('samba-tool')
    sys.argv = [path, *args]
    runpy.run_path(path, run_name='__main__')


def password(entry):                                    # people share one; two services with one would read each other's tickets
    return PASSWORD if 'CN=Users' in str(entry.dn) else '%s-%s' % (PASSWORD, entry['sAMAccountName'])


def populate(directory, ldif):
    lp = settings(directory)
    db = SamDB(url=lp.private_path('sam.ldb'), session_info=system_session(), lp=lp)
    db.transaction_start()
    with open(ldif, encoding='utf-8') as source:
        for change, entry in db.parse_ldif(source.read()):
            if change == ldb.CHANGETYPE_MODIFY:
                db.modify(entry)
                continue
            if 'userAccountControl' in entry:
                entry['unicodePwd'] = ('"%s"' % password(entry)).encode('utf-16-le')
            db.add(entry)
    rights = SDUtils(db)
    rights.dacl_add_ace(POOL, '(OA;;WP;%s;;%s)' % (SPN_ATTRIBUTE, rights.get_object_sid(HELPDESK)))
    rights.dacl_add_ace(SEALED, '(OD;;WP;%s;;WD)' % MEMBER_ATTRIBUTE)
    for host, address in HOSTS.items():
        db.add({'dn': 'DC=%s,DC=%s,CN=MicrosoftDNS,DC=DomainDnsZones,%s' % (host, DOMAIN, BASE), 'objectClass': 'dnsNode',
                'dnsRecord': ndr_pack(ARecord(address))})
    db.transaction_commit()


def second(directory):
    lp = settings(directory)
    db = SamDB(url=lp.private_path('sam.ldb'), session_info=system_session(), lp=lp)
    for name in ('_ldap._tcp', '_ldap._tcp.dc._msdcs'):
        # what libldap makes of equal priorities is the same one for hours
        db.dns_replace('%s.%s' % (name, DOMAIN), [SRVRecord('%s.%s' % (dc, DOMAIN), 389, priority)
                                                  for priority, dc in enumerate(('dc1', 'dc2'))])
    db.dns_replace('_ldap._tcp.pdc._msdcs.' + DOMAIN, [SRVRecord('dc2.' + DOMAIN, 389, 0)])


def open_db(directory):
    lp = settings(directory)
    return SamDB(url=lp.private_path('sam.ldb'), session_info=system_session(), lp=lp)


def other(directory):
    db = open_db(directory)
    db.add({'dn': 'CN=svc-other,CN=Users,' + db.domain_dn(), 'objectClass': 'user', 'sAMAccountName': 'svc-other',
            'userAccountControl': '512', 'unicodePwd': ('"%s-svc-other"' % PASSWORD).encode('utf-16-le'),
            'servicePrincipalName': ['http/web.other.test', 'http/web']})


def secret(text):
    clear, password_bytes = drsblobs.AuthInfoClear(), list(text.encode('utf-16-le'))
    clear.size, clear.password = len(password_bytes), password_bytes
    info = drsblobs.AuthenticationInformation()
    info.LastUpdateTime = samba.unix2nttime(samba.current_unix_time())
    info.AuthType, info.AuthInfo = lsa.TRUST_AUTH_TYPE_CLEAR, clear
    array = drsblobs.AuthenticationInformationArray()
    array.count, array.array = 1, [info]
    blob = drsblobs.trustAuthInOutBlob()
    blob.count, blob.current = 1, array
    return ndr_pack(blob)


def record(kind, data):
    one = drsblobs.ForestTrustInfoRecord()
    one.flags, one.timestamp, one.type, one.data = 0, samba.unix2nttime(samba.current_unix_time()), kind, data
    armor = drsblobs.ForestTrustInfoRecordArmor()
    armor.record = one
    return armor


def names_of(dns, netbios, sid):                        # what the other forest may issue tickets for ([MS-ADTS] 6.1.6.9.3)
    top, domain = drsblobs.ForestTrustString(), drsblobs.ForestTrustDataDomainInfo()
    top.string, domain.sid = dns, security.dom_sid(sid)
    domain.dns_name, domain.netbios_name = top, drsblobs.ForestTrustString()
    domain.netbios_name.string = netbios
    info = drsblobs.ForestTrustInfo()
    info.version, info.count = 1, 2
    info.records = [record(drsblobs.FOREST_TRUST_TOP_LEVEL_NAME, top), record(drsblobs.FOREST_TRUST_DOMAIN_INFO, domain)]
    return ndr_pack(info)


# samba-tool domain trust create wants two running DCs with SMB, and so real root
def trust(directory, dns, netbios, sid, password):
    db = open_db(directory)
    db.add({'dn': 'CN=%s,CN=System,%s' % (dns, db.domain_dn()), 'objectClass': 'trustedDomain',
            'trustType': str(lsa.LSA_TRUST_TYPE_UPLEVEL), 'trustAttributes': str(lsa.LSA_TRUST_ATTRIBUTE_FOREST_TRANSITIVE),
            'trustDirection': str(lsa.LSA_TRUST_DIRECTION_INBOUND | lsa.LSA_TRUST_DIRECTION_OUTBOUND),
            'flatname': netbios, 'trustPartner': dns, 'securityIdentifier': ndr_pack(security.dom_sid(sid)),
            'msDS-TrustForestTrustInfo': names_of(dns, netbios, sid), 'msDS-SupportedEncryptionTypes': '24',
            'trustAuthIncoming': secret(password), 'trustAuthOutgoing': secret(password)})


def keytabs(directory, to):
    from samba.net import Net
    samba.enable_net_export_keytab()
    lp = settings(directory)
    db = SamDB(url=lp.private_path('sam.ldb'), session_info=system_session(), lp=lp)
    for entry in db.search(BASE, expression='(&(objectClass=user)(!(isCriticalSystemObject=TRUE)))', attrs=['sAMAccountName']):
        name = str(entry['sAMAccountName'])
        Net(None, lp).export_keytab(keytab='%s/%s.keytab' % (to, name.rstrip('$')), principal=name)
    Net(None, lp).export_keytab(keytab=to + '/Administrator.keytab', principal='Administrator')


def below_the_checks(directory):
    path = '%s/private/sam.ldb.d/%s.ldb' % (directory, BASE.upper())
    return ldb.Ldb('tdb://' + path, flags=ldb.FLG_DONT_CREATE_DB, options=['modules:'])


def write_names(raw, dn, names, flag):
    entry = ldb.Message(dn)
    entry['servicePrincipalName'] = ldb.MessageElement(names, flag, 'servicePrincipalName')
    raw.modify(entry)


def plant(directory, dn, *names):
    raw = below_the_checks(directory)
    write_names(raw, ldb.Dn(raw, dn), list(names), ldb.FLAG_MOD_ADD)


def replace(directory, dn, attr, *values):
    raw = below_the_checks(directory)
    entry = ldb.Message(ldb.Dn(raw, dn))
    entry[attr] = ldb.MessageElement([base64.b64decode(value) for value in values], ldb.FLAG_MOD_REPLACE, attr)
    raw.modify(entry)


def weaken(directory, dn):                              # without these, Samba has the NT hash alone, which is the RC4 key
    raw = below_the_checks(directory)
    entry = ldb.Message(ldb.Dn(raw, dn))
    entry['supplementalCredentials'] = ldb.MessageElement([], ldb.FLAG_MOD_DELETE, 'supplementalCredentials')
    raw.modify(entry)


def restore(directory):                                 # Samba, adding http/X somewhere, writes over HOST/X elsewhere with host/X
    raw = below_the_checks(directory)
    for entry in raw.search('OU=CRM,' + BASE, expression='(servicePrincipalName=*)', attrs=['servicePrincipalName']):
        names = [re.sub('^host/', 'HOST/', str(name)) for name in entry['servicePrincipalName']]
        write_names(raw, entry.dn, names, ldb.FLAG_MOD_REPLACE)


STEPS = {'tool': tool, 'populate': populate, 'restore': restore, 'second': second, 'other': other, 'trust': trust, 'keytabs': keytabs, 'plant': plant,
         'replace': replace, 'weaken': weaken}
if len(sys.argv) < 2 or sys.argv[1] not in STEPS:
    sys.exit(__doc__)
STEPS[sys.argv[1]](*sys.argv[2:])
