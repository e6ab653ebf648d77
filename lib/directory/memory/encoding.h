/* SPDX-License-Identifier: MIT */
/* encoding.h - how the characters of a file are written: inside, text is UTF-8 */
#ifndef SPK_MEMORY_ENCODING_H
#define SPK_MEMORY_ENCODING_H

#include <spnkit/error.h>

typedef struct spk_encoding {
	enum { SPK_UTF8, SPK_UTF16LE, SPK_UTF16BE } form;
	bool has_mark; /* UTF-16: a byte order mark begins the file; it does not belong to the text */
} spk_encoding;

/* By the first bytes of a file.  LDIF begins with an ASCII character, so that UTF-16 shows without a byte order mark as
 * well. */
spk_encoding spk_encoding_of(const char *start, size_t len);

/* Writes the text of a UTF-16 file from its beginning to another file, as UTF-8.  What could not be written back as it
 * was is refused: SPN_ERR_SYNTAX with the line. */
spn_status spk_decode_file(int from, spk_encoding encoding, int to, size_t max, const char *name, spn_error *err);

/* A file that text is written to, piece by piece.  Start from { fd, encoding }. */
typedef struct spk_sink {
	int fd;
	spk_encoding encoding;
	char part[4]; /* the beginning of a character whose rest is in the next piece */
	size_t part_len;
} spk_sink;

/* False with errno.  Text that is not UTF-8 is EILSEQ where it has to be converted. */
bool spk_sink_begin(spk_sink *sink);
bool spk_sink_write(spk_sink *sink, const char *data, size_t len);

#endif
