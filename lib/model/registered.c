/* SPDX-License-Identifier: MIT */
#include "registered.h"

#include <string.h>
#include <strings.h>

/* Service classes that their services register.  A computer may write its own names ([MS-ADTS] 3.1.1.5.3.1.1.4). */
static const struct {
	const char *service_class;
	bool by_any_account; /* a user that a service runs as does so, too */
} classes[] = {
	{ "HOST", false },              /* Netlogon */
	{ "RestrictedKrbHost", false }, /* Netlogon */
	{ "TERMSRV", false },
	{ "WSMAN", false },
	{ "MSSQLSvc", true }, /* if the account may write its own names */
	{ "E3514235-4B06-11D1-AB04-00C04FC2DCD2-ADAM", true }, /* AD LDS */
	{ "Microsoft Virtual Console Service", false },
	{ "Microsoft Virtual System Migration Service", false },
	{ "Hyper-V Replica Service", false },
	{ "MSServerCluster", false },
	{ "MSServerClusterMgmtAPI", false },
	{ "MSClusterVirtualServer", false },
	{ "Dfsr-12F9A27C-BF97-4787-9364-D31B6C55EB04", false },
	{ "NtFrs-88f5d2bd-b646-11d2-a6d3-00c04fc9b232", false },
	{ "nfs", false }, /* Server for NFS */
	{ "iSCSITarget", false },
	{ "exchangeMDB", false },
	{ "exchangeRFR", false },
	{ "exchangeAB", false },
	{ "SMTP", false }, /* Exchange */
	{ "SmtpSvc", false },
	{ "CmRcService", false }, /* Configuration Manager, remote control */
	{ "MSOMHSvc", false },    /* Operations Manager */
	{ "MSOMSdkSvc", true },
	{ "AdtServer", false }, /* its collector of audits */
};

bool spk_name_registers_itself(spn_bytes name, bool of_computer)
{
	const char *slash = memchr(name.data, '/', name.len);
	size_t len = slash ? (size_t)(slash - name.data) : 0;
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (len == strlen(classes[i].service_class) && strncasecmp(name.data, classes[i].service_class, len) == 0)
			return of_computer || classes[i].by_any_account;
	return false;
}
