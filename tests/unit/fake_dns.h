/* SPDX-License-Identifier: MIT */
/* fake_dns.h - whoever answers for DNS: every name is 127.0.0.1, whose canonical name is another one */
#ifndef FAKE_DNS_H
#define FAKE_DNS_H

/* What SRV names as controllers, as ldap_domain2hostlist returns it: "dc1.example.com:389 ..."; NULL: none. */
extern const char *fake_dns_controllers;
/* The one among them that is the emulator of the primary controller; NULL: the first. */
extern const char *fake_dns_pdc;

#define FAKE_DNS_CANONICAL "evil.example.com"

#endif
