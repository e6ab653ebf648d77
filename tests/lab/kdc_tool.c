/* SPDX-License-Identifier: MIT */
/* kdc_tool - what spnkit/kdc.h can do, one call a run, for the tests in the lab
 *
 *   kdc_tool [-k KEYTAB] [-p PRINCIPAL] [-c CCACHE] [-w PASSWORD] [-W FILE-OF-IT] [-T DOMAIN] [-t SECONDS]
 *            [-a CACERT] COMMAND...
 *     ticket SPN               client server enctype session kvno rodc seconds-to-live
 *     again SPN COMMAND        a ticket, then a shell command, then a ticket of the same KDC: the two kvno
 *     fits SPN KEYTAB          verdict and entry
 *     list KEYTAB              entries
 *     store SPN CCACHE         into the cache (- : the default one)
 *     http URL [SPN]           outcome, HTTP status, Kerberos code, what is offered, text
 *
 * A failure is "STATUS CODE NAME WINDOWS: MESSAGE" on standard error, and exit code 1. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <spnkit/spnkit.h>
#include "../unit/returned.h"

static spn_error err[1];
static spn_credentials credentials = SPN_CREDENTIALS_INIT;
static spn_kdc_options options = SPN_KDC_OPTIONS_INIT;
static spn_handshake_options handshake = SPN_HANDSHAKE_OPTIONS_INIT;

static int result(spn_status status)
{
	if (status == SPN_OK)
		return 0;
	const spn_kerberos_cause *cause = spn_kerberos_explain(err->native);
	fprintf(stderr, "%s %d %s %s: %s\n", spn_status_name(status), cause->code, cause->name,
			cause->windows_name, err->message);
	return 1;
}

static spn_status give_password(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *error)
{
	(void)error;
	*ret_len = (size_t)snprintf(buffer, size, "%s", (char *)data);
	return SPN_OK;
}

static spn_status read_password(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *error)
{
	(void)error;
	int fd = open(data, O_RDONLY);
	ssize_t n = read(fd, buffer, size);
	close(fd);
	*ret_len = n < 0 ? 0 : (size_t)n;
	return SPN_OK;
}

static spn_status print_ticket(const spn_ticket *ticket, void *data, spn_error *error)
{
	(void)data;
	(void)error;
	printf("%s %s %d %d %u %u %ld\n", ticket->client, ticket->server, ticket->enctype,
			ticket->session_enctype, ticket->kvno, ticket->rodc, (long)(ticket->ends - time(NULL)));
	return SPN_OK;
}

static spn_status print_entry(const spn_keytab_entry *entry, void *data, spn_error *error)
{
	(void)data;
	(void)error;
	printf("%s %u %d\n", entry->principal, entry->kvno, entry->enctype);
	return SPN_OK;
}

static spn_status try_keytab(const spn_ticket *ticket, void *data, spn_error *error)
{
	spn_keytab_verdict verdict;
	spn_status status = spn_keytab_try(data, ticket, &verdict, print_entry, NULL, error);
	if (status == SPN_OK)
		puts(spn_keytab_verdict_name(verdict));
	return status;
}

static spn_status print_handshake(const spn_handshake *shaken, void *data, spn_error *error)
{
	(void)data;
	(void)error;
	printf("%s %d %d [%s] [%s] %s\n", spn_handshake_outcome_name(shaken->outcome), shaken->http_status,
			shaken->krb5_code, shaken->offered, shaken->location, shaken->text);
	return SPN_OK;
}

static spn_status with_kdc(char **args)
{
	spn_kdc *kdc = NULL;
	spn_status status = spn_kdc_open(&options, &kdc, err);
	if (status)
		return status;
	if (strcmp(args[0], "ticket") == 0)
		status = request_ticket(kdc, args[1], print_ticket, NULL, err);
	else if (strcmp(args[0], "fits") == 0)
		status = request_ticket(kdc, args[1], try_keytab, args[2], err);
	else if (strcmp(args[0], "store") == 0)
		status = spn_kdc_store(kdc, args[1], strcmp(args[2], "-") == 0 ? NULL : args[2], err);
	else {
		status = request_ticket(kdc, args[1], print_ticket, NULL, err);
		fflush(stdout);
		if (status == SPN_OK && system(args[2]) == 0)
			status = request_ticket(kdc, args[1], print_ticket, NULL, err);
	}
	spn_kdc_free(kdc);
	return status;
}

static bool read_timeout(const char *text)
{
	char *end;
	unsigned long seconds = strtoul(text, &end, 10);
	options.timeout = handshake.timeout = (unsigned)seconds;
	return end > text && !*end && seconds <= UINT_MAX;
}

int main(int argc, char **argv)
{
	int c;
	options.credentials = handshake.credentials = &credentials;
	while ((c = getopt(argc, argv, "+k:p:c:w:W:T:t:a:")) != -1) {
		switch (c) {
		case 'k': credentials.keytab = optarg; break;
		case 'p': credentials.principal = optarg; break;
		case 'c': credentials.ccache = optarg; break;
		case 'w': credentials.password = give_password; credentials.password_data = optarg; break;
		case 'W': credentials.password = read_password; credentials.password_data = optarg; break;
		case 'T': options.realm = handshake.realm = optarg; break;
		case 't':
			if (!read_timeout(optarg))
				return 2;
			break;
		case 'a': handshake.cacert = optarg; break;
		default: return 2;
		}
	}
	char **args = argv + optind;
	int n = argc - optind;
	if (n >= 2 && strcmp(args[0], "list") == 0)
		return result(spn_keytab_list(args[1], print_entry, NULL, err));
	if (n >= 2 && strcmp(args[0], "http") == 0)
		return result(shake_hands(args[1], args[2], &handshake, print_handshake, NULL, err));
	return n >= 2 ? result(with_kdc(args)) : 2;
}
