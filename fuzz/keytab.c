/* SPDX-License-Identifier: MIT */
/* A keytab file. */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

static spn_status ignore(const spn_keytab_entry *entry, void *data, spn_error *err)
{
	(void)data, (void)err;
	MUST(entry->principal);
	return SPN_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	char name[40];
	if (fd < 0)
		fd = memfd_create("keytab", 0);
	spn_error err = { .status = SPN_OK };
	MUST(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	fuzz_check_message(spn_keytab_list(name, ignore, NULL, &err), &err);
	return 0;
}
