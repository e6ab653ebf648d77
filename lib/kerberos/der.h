/* SPDX-License-Identifier: MIT */
/* der.h - the little of DER (X.690) that is needed to look into what a stranger sent, never beyond its end */
#ifndef SPK_DER_H
#define SPK_DER_H

#include <spnkit/kdc.h>

/* Tags, all of one byte. */
#define SPK_DER_INTEGER 0x02
#define SPK_DER_OCTETS 0x04
#define SPK_DER_OID 0x06
#define SPK_DER_ENUMERATED 0x0a
#define SPK_DER_STRING 0x1b /* GeneralString */
#define SPK_DER_SEQUENCE 0x30
#define SPK_DER_APPLICATION(n) (0x60 | (n))
#define SPK_DER_CONTEXT(n) (0xa0 | (n))

/* Takes the first element off *from, whatever it is.  False at the end, or if it is malformed. */
bool spk_der_next(spn_bytes *from, int *ret_tag, spn_bytes *ret_inside);

/* Takes the first element off *from if it has this tag. */
bool spk_der_take(spn_bytes *from, int tag, spn_bytes *ret_inside);

/* The element with this tag among those of inside. */
bool spk_der_find(spn_bytes inside, int tag, spn_bytes *ret_inside);

/* The field [n] of a sequence, of type tag. */
bool spk_der_field(spn_bytes sequence, int n, int tag, spn_bytes *ret_inside);

/* An INTEGER field [n] that fits 32 bits, of either sign; those of a kvno are taken as they are on the wire. */
bool spk_der_int_field(spn_bytes sequence, int n, int64_t *ret_value);

/* What a Ticket says in the clear (RFC 4120, section 5.3). */
typedef struct spk_der_ticket {
	int enctype;
	unsigned kvno;
	spn_bytes cipher;
	spn_bytes names; /* of the service: a GeneralString each */
} spk_der_ticket;

bool spk_der_read_ticket(spn_bytes der, spk_der_ticket *ret_ticket);

#endif
