/* SPDX-License-Identifier: MIT */
/* handshake HOST PORT SPN - POST /wsman to http://HOST:PORT with a Kerberos token for SPN, whatever SPN is, which curl
 * cannot do. Prints "200", or "401 35 <text>": the status and the KRB-ERROR in the refusal; or "- CODE TEXT" when there
 * is no ticket to send. Exits with 0 for 200, 1 for a refusal, 2 when nothing was sent.  A plain krb5 token, so that
 * the reply is not hidden in SPNEGO. */
#define _GNU_SOURCE
#include <base64.h>
#include <err.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <krb5_asn1.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static gss_buffer_desc first_token(const char *spn)
{
    gss_buffer_desc text = {strlen(spn), (void *)spn}, token = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    gss_name_t name;
    OM_uint32 minor, ignored, more = 0;

    if (gss_import_name(&minor, &text, GSS_KRB5_NT_PRINCIPAL_NAME, &name))
        errx(2, "not a principal: %s", spn);
    if (GSS_ERROR(gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &ctx, name, GSS_KRB5_MECHANISM,
            GSS_C_MUTUAL_FLAG, 0,
                                       GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL))) {
        gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_KRB5_MECHANISM, &more, &text);
        printf("- %d %.*s\n", (int)((krb5_error_code)minor - KRB5KDC_ERR_NONE), (int)text.length, (char *)text.value);
        exit(2);
    }
    return token;
}

static FILE *dial(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int fd, rc = getaddrinfo(host, port, &hints, &found);

    if (rc)
        errx(2, "%s: %s", host, gai_strerror(rc));
    fd = socket(found->ai_family, SOCK_STREAM, 0);
    if (connect(fd, found->ai_addr, found->ai_addrlen))
        err(2, "%s:%s", host, port);
    freeaddrinfo(found);
    return fdopen(fd, "r+");
}

static void print_krb_error(const char *encoded)
{
    unsigned char *token = malloc(strlen(encoded) + 1);
    int length = base64_decode(encoded, token);
    KRB_ERROR error;

    for (int i = 0; i < length; i++)                    /* behind the GSSAPI header; 0x7e is the tag of a KRB-ERROR */
        if (token[i] == 0x7e && decode_KRB_ERROR(token + i, (size_t)(length - i), &error, NULL) == 0) {
            printf(" %d %s", error.error_code, error.e_text ? *error.e_text : "");
            break;
        }
    free(token);
}

int main(int argc, char **argv)
{
    char line[8192], token[8192] = "", *encoded;
    int status = 0;

    if (argc != 4)
        errx(2, "usage: handshake HOST PORT SPN");
    gss_buffer_desc out = first_token(argv[3]);
    FILE *http = dial(argv[1], argv[2]);
    base64_encode(out.value, (int)out.length, &encoded);
    fprintf(http, "POST /wsman HTTP/1.1\r\nHost: %s:%s\r\nAuthorization: Negotiate %s\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n",
            argv[1], argv[2], encoded);
    fflush(http);
    while (fgets(line, sizeof line, http) && line[0] != '\r') {
        sscanf(line, "HTTP/%*s %d", &status);
        sscanf(line, "WWW-Authenticate: Negotiate %8191s", token);
    }
    printf("%d", status);
    if (status != 200)
        print_krb_error(token);
    putchar('\n');
    return status != 200;
}
