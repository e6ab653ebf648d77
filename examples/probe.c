/* SPDX-License-Identifier: MIT */
/* probe.c - ask the KDC for a ticket, and say whom it was made for or why there is none:  probe DIRECTORY NAME */
#include <stdio.h>
#include <spnkit/spnkit.h>

static void print(const spn_probe *probe)
{
	printf("%s: %s\n", probe->spn, probe->text);
	if (probe->ticket)
		printf("\t%s, key version %u\n", spn_enctype_name(probe->ticket->enctype), probe->ticket->kvno);
	if (probe->cause)
		printf("\t%s, on Windows 0x%08X\n", probe->cause->name, (unsigned)probe->cause->windows_code);
	if (probe->account)
		printf("\t%s (%s)\n", spn_account_dn(probe->account), spn_certainty_name(probe->certainty));
}

int main(int argc, char **argv)
{
	spn_error err = { .status = SPN_OK };
	spn_directory *dir = NULL;
	spn_kdc *kdc = NULL;
	spn_probe *probe = NULL;
	if (argc != 3)
		return fprintf(stderr, "usage: probe DIRECTORY NAME\n"), 2;
	/* never answered from a cache: this is what a client would get now */
	if (spn_directory_open(argv[1], NULL, &dir, &err) || spn_kdc_open(NULL, &kdc, &err) ||
			spn_probe_ticket(dir, kdc, argv[2], NULL, &probe, &err))
		fprintf(stderr, "probe: %s\n", err.message);
	else
		print(probe);
	int code = !probe ? 2 : probe->ok ? 0 : 1;
	spn_probe_free(probe);
	spn_kdc_free(kdc);
	spn_directory_free(dir);
	return code;
}
