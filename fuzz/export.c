/* SPDX-License-Identifier: MIT */
/* CSV and JSON exports: whatever they hold, the LDIF that is made of them is LDIF. */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "directory/export/export.h"
#include "model/ldif/ldif.h"

static void check_ldif(int fd)
{
	spn_error err = { .status = SPN_OK };
	FILE *file = fdopen(fd, "r");
	SPK_AUTOLDIF spk_ldif_reader *reader = NULL;
	const spk_ldif_record *record = NULL;
	MUST(file);
	rewind(file);
	MUST(!spk_ldif_read_file("made", file, &reader, &err));
	do
		MUST(!spk_ldif_next(reader, &record, &err));
	while (record);
	fclose(file);
}

static void convert(spk_export_format format, const uint8_t *data, size_t size)
{
	spn_error err = { .status = SPN_OK };
	spk_export_losses losses;
	int from = memfd_create("from", MFD_CLOEXEC), to = memfd_create("to", MFD_CLOEXEC);
	MUST(from >= 0 && to >= 0 && write(from, data, size) == (ssize_t)size);
	spn_status status = spk_export_convert(format, "fuzz", from, to, &losses, &err);
	fuzz_check_message(status, &err);
	close(from);
	if (status)
		close(to);
	else
		check_ldif(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)spk_export_recognize((spn_bytes){ (const char *)data, size });
	convert(SPK_EXPORT_CSV, data, size);
	convert(SPK_EXPORT_JSON, data, size);
	return 0;
}
