/* SPDX-License-Identifier: MIT */
/* probe_ticket.c - ask the KDC for a ticket, and say whose it is or why there is none:  probe_ticket DIRECTORY NAME */
#include <stdio.h>
#include <spnkit/spnkit.h>

int main(int argc, char **argv)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	spn_kdc *kdc = NULL;
	spn_probe *probe = NULL;
	/* never answered from a cache: this is what a client would get now */
	if (argc == 3 && !spn_directory_open(argv[1], NULL, &dir, &err) && !spn_kdc_open(NULL, &kdc, &err))
		spn_probe_ticket(dir, kdc, argv[2], NULL, &probe, &err);
	printf("probe_ticket DIRECTORY NAME: %s\n", probe ? probe->text : err.message);
	if (probe && probe->cause)
		printf("%s, on Windows 0x%08X\n", probe->cause->name, (unsigned)probe->cause->windows_code);
	int code = !probe ? 2 : probe->ok ? 0 : 1;
	spn_probe_free(probe);
	spn_kdc_free(kdc);
	spn_directory_free(dir);
	return code;
}
