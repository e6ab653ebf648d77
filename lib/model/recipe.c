/* SPDX-License-Identifier: MIT */
#include "recipe.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/text.h"
#include "model/mapping.h"

#define MUST(pattern) { pattern, SPN_NEED_MUST, false }
#define TYPED(pattern) { pattern, SPN_NEED_TYPED, false }
#define DEFAULT(pattern, need) { pattern, need, true } /* of the default instance */
#define FULL_AND_SHORT(service_class) MUST(service_class "/{fqdn}"), TYPED(service_class "/{host}")
#define NAMES(...) \
	.names = (const spn_recipe_name[]){ __VA_ARGS__ }, \
	.n_names = sizeof(const spn_recipe_name[]){ __VA_ARGS__ } / sizeof(spn_recipe_name)

#define HEAD(word, text, whose, number) \
	.version = SPN_RECIPE_VERSION, .id = word, .title = text, .holder = whose, .port = number
#define COMPUTER SPN_HOLDER_COMPUTER
#define ACCOUNT SPN_HOLDER_ACCOUNT
#define ANY SPN_HOLDER_ANY

#define UNSOURCED "general knowledge; no document was looked up"
#define WEB_CLIENTS \
	"Browsers ask for HTTP/ and the host of the URL without a port, behind a CNAME for the host that it leads to;" \
	" curl for the host as it stands in the URL. It is HTTP/ for https: too."
#define WEB_SOURCE \
	"chromium/chromium net/http/http_auth_handler_negotiate.cc; mozilla/gecko-dev extensions/auth/nsAuthSSPI.cpp;" \
	" curl/curl lib/vauth"
#define SQL_CLIENTS \
	"ODBC, OLE DB, JDBC and go-mssqldb ask for the port over TCP; Microsoft.Data.SqlClient tries the name without" \
	" a port, too, and older releases ask for the instance."
#define SQL_SOURCE \
	"MicrosoftDocs/sql-docs register-a-service-principal-name-for-kerberos-connections; dotnet/SqlClient " \
	"SniProxy; microsoft/mssql-jdbc SSPIAuthentication.java"
#define KEYTAB_SPELLING "The KDC takes any case, but the entry of the keytab must be spelled as clients ask."
#define HADOOP_SOURCE "github.com/cloudera-ps/prereq-checks/issues/143; KB5008382"
#define HADOOP_CLIENTS "Java clients put the FQDN in lower case instead of _HOST."
#define HADOOP_PITFALL \
	"A keytab for each principal usually means an account for each: creating one changes the key of the account."

/* In the order of the list that people read: Windows, SQL Server, Microsoft's other servers, files, other systems. */
static const spn_recipe recipes[] = {
	{ HEAD("winrm", "WinRM, PowerShell remoting", COMPUTER, 5985),
			NAMES(FULL_AND_SHORT("HTTP"), TYPED("WSMAN/{fqdn}"), TYPED("WSMAN/{host}"),
					TYPED("HTTP/{fqdn}:{port}"), TYPED("HTTP/{host}:{port}")),
			.clients = "New-PSSession and pywinrm ask for HTTP/ without a port, pypsrp for WSMAN/; "
					"-IncludePortInSPN asks for HTTP/ with it.",
			.pitfall = "An account that holds HTTP/ of the same host (a web site's, say) takes WinRM's "
					"tickets: 0x80090322.",
			.source = "github.com/jborean93/pypsrp/issues/176; diyan/pywinrm; the rest is " UNSOURCED },
	{ HEAD("rdp", "Remote Desktop", COMPUTER, 0), NAMES(FULL_AND_SHORT("TERMSRV")),
			.clients = "The client asks for TERMSRV/ and the name that is typed.",
			.pitfall = "Registered by the service itself. The name of a farm needs an account that all its "
					"hosts share.",
			.source = UNSOURCED },
	{ HEAD("rd-gateway", "Remote Desktop Gateway", COMPUTER, 0), NAMES(FULL_AND_SHORT("HTTP")),
			.clients = "The client asks for HTTP/ and the name of the gateway.", .source = UNSOURCED },
	{ HEAD("hyper-v", "Hyper-V: console, migration, replica", COMPUTER, 0),
			NAMES(FULL_AND_SHORT("Microsoft Virtual Console Service"),
					FULL_AND_SHORT("Microsoft Virtual System Migration Service"),
					FULL_AND_SHORT("Hyper-V Replica Service")),
			.clients = "Management consoles and other hosts ask for the FQDN.",
			.pitfall = "The classes have blanks: quote the names. A KDC of Samba serves none of them.",
			.source = "KB2961630" },
	{ HEAD("iis", "IIS in kernel mode (the default)", COMPUTER, 0), NAMES(FULL_AND_SHORT("HTTP")),
			.clients = WEB_CLIENTS,
			.pitfall = "http.sys decrypts tickets with the key of the computer: the identity of the pool "
					"does not matter.",
			.source = "adopenstatic.com/cs/blogs/ken/archive/2008/02/12/16189.aspx; " WEB_SOURCE },
	{ HEAD("iis-pool", "IIS with useAppPoolCredentials, or without kernel mode", ACCOUNT, 0),
			NAMES(FULL_AND_SHORT("HTTP")), .clients = WEB_CLIENTS,
			.pitfall = "If the site has the name of the server, the account takes WinRM's tickets: give "
					"the site a name of its own.",
			.source = "adopenstatic.com/cs/blogs/ken/archive/2008/02/12/16189.aspx; " WEB_SOURCE },
	{ HEAD("web-farm", "web site behind a load balancer or proxy", ACCOUNT, 0), NAMES(FULL_AND_SHORT("HTTP")),
			.clients = WEB_CLIENTS,
			.pitfall = "One account runs the site on all nodes. The same name on two computers is a "
					"duplicate. Use an A record, not a CNAME.",
			.source = "techcommunity.microsoft.com kerberos-and-load-balancing/ba-p/399539" },
	{ HEAD("sharepoint", "SharePoint web application", ACCOUNT, 0),
			NAMES(FULL_AND_SHORT("HTTP"), TYPED("HTTP/{fqdn}:{port}"), TYPED("HTTP/{host}:{port}")),
			.clients = WEB_CLIENTS,
			.pitfall = "Ports 80 and 443 are never part of a name; another one is for clients that are "
					"configured to ask for it.",
			.source = "blogs.technet.com/b/tristank/archive/2011/10/27/" },
	{ HEAD("dynamics-crm", "Dynamics CRM, Dynamics 365 on premises", ACCOUNT, 0),
			NAMES(FULL_AND_SHORT("HTTP"), TYPED("MSCRMSandboxService/{fqdn}"),
					TYPED("MSCRMAsyncService/{fqdn}")),
			.clients = WEB_CLIENTS,
			.pitfall = "On its own server the account takes WinRM's tickets. The other two services may "
					"run as accounts of their own.",
			.source = "Microsoft's planning guide of Dynamics 365 on premises" },
	{ HEAD("ssrs", "SQL Server Reporting Services, Power BI Report Server", ANY, 0), NAMES(FULL_AND_SHORT("HTTP")),
			.clients = WEB_CLIENTS, .pitfall = "RSWindowsNegotiate must be enabled in its configuration.",
			.source = UNSOURCED },

	{ HEAD("mssql", "SQL Server, default or named instance", ANY, 1433),
			NAMES(MUST("MSSQLSvc/{fqdn}:{port}"), DEFAULT("MSSQLSvc/{fqdn}", SPN_NEED_MUST),
					MUST("MSSQLSvc/{fqdn}:{instance}")),
			.clients = SQL_CLIENTS,
			.pitfall = "It registers its names at start if it may, and removes them when it stops. A "
					"dynamic port changes: fix it.",
			.source = SQL_SOURCE },
	{ HEAD("mssql-fci", "SQL Server failover cluster instance", ACCOUNT, 1433),
			NAMES(MUST("MSSQLSvc/{fqdn}:{port}"), DEFAULT("MSSQLSvc/{fqdn}", SPN_NEED_MUST),
					MUST("MSSQLSvc/{fqdn}:{instance}")),
			.clients = SQL_CLIENTS,
			.pitfall = "The host is the virtual name of the instance, not that of a node; one account runs "
					"it on all nodes.",
			.source = "dataplat/dbatools Test-DbaSpn" },
	{ HEAD("mssql-listener", "SQL Server availability group listener", ACCOUNT, 1433),
			NAMES(MUST("MSSQLSvc/{listener}:{port}"), DEFAULT("MSSQLSvc/{listener}", SPN_NEED_MUST),
					MUST("MSSQLSvc/{listener}:{instance}")),
			.clients = SQL_CLIENTS,
			.pitfall = "No service registers these. All replicas must run as the same account: a "
					"computer's cannot be that.",
			.source = "dataplat/dbatools Test-DbaAgSpn" },
	{ HEAD("ssas", "SQL Server Analysis Services", ANY, 0),
			NAMES(DEFAULT("MSOLAPSvc.3/{fqdn}", SPN_NEED_MUST),
					DEFAULT("MSOLAPSvc.3/{host}", SPN_NEED_TYPED),
					MUST("MSOLAPSvc.3/{fqdn}:{instance}"), TYPED("MSOLAPSvc.3/{host}:{instance}")),
			.clients = "Clients ask for the name of the instance, never for a port.",
			.pitfall = "It never registers its names itself. A named instance needs those of SQL Browser "
					"as well (sql-browser).",
			.source = "learn.microsoft.com/analysis-services/instances/"
					"spn-registration-for-an-analysis-services-instance" },
	{ HEAD("sql-browser", "SQL Server Browser, for named instances of Analysis Services", COMPUTER, 0),
			NAMES(FULL_AND_SHORT("MSOLAPDisco.3")), .clients = "Asked for only to find a named instance.",
			.source = "learn.microsoft.com/analysis-services/instances/"
					"spn-registration-for-an-analysis-services-instance" },

	{ HEAD("exchange", "Exchange behind a load balancer", ANY, 0),
			NAMES(FULL_AND_SHORT("HTTP"), TYPED("exchangeMDB/{fqdn}"), TYPED("exchangeRFR/{fqdn}"),
					TYPED("exchangeAB/{fqdn}")),
			.clients = "Outlook asks for HTTP/ and the host of its URLs: name autodiscover as an alias. "
					"The others are asked for by old clients.",
			.pitfall = "The account is the alternate service account, a computer object without a machine: "
					"no server may hold the names.",
			.source = "learn.microsoft.com ff808312(v=exchg.141)" },
	{ HEAD("adfs", "AD FS", ACCOUNT, 0), NAMES(MUST("HTTP/{fqdn}"), TYPED("HOST/{fqdn}")),
			.clients = "Browsers ask for HTTP/, which HOST/ of the federation name stands for.",
			.pitfall = "The host is the name of the federation service, not that of a node.",
			.source = "github.com/dsccommunity/ActiveDirectoryDsc/issues/646" },
	{ HEAD("adlds", "AD LDS", ANY, 389),
			NAMES(MUST("ldap/{fqdn}:{port}"), TYPED("ldap/{host}:{port}"),
					MUST("E3514235-4B06-11D1-AB04-00C04FC2DCD2-ADAM/{fqdn}:{port}"),
					TYPED("E3514235-4B06-11D1-AB04-00C04FC2DCD2-ADAM/{host}:{port}")),
			.clients = "The long class is for replication among instances.",
			.source = "AD LDS guide of Microsoft's support wiki" },
	{ HEAD("entra-sso", "Entra seamless single sign-on", ANY, 0),
			NAMES(MUST("HOST/autologon.microsoftazuread-sso.com"),
					TYPED("HOST/aadg.windows.net.nsatc.net")),
			.clients = "Browsers ask for HTTP/, which HOST/ stands for.",
			.pitfall = "The account is AZUREADSSOACC$, a computer object without a machine.",
			.source = "public texts, by string search" },
	{ HEAD("azure-files", "Azure Files", ANY, 0), NAMES(MUST("cifs/{fqdn}")),
			.clients = "The host is STORAGEACCOUNT.file.core.windows.net, as in the path of the share.",
			.pitfall = "The script for AES-256 sets a userPrincipalName of cifs/..., which a KDC of "
					"Windows takes for the name as well.",
			.source = "Azure-Samples/azure-files-samples" },

	{ HEAD("smb", "SMB file server", COMPUTER, 0), NAMES(FULL_AND_SHORT("cifs")),
			.clients = "Clients ask for cifs/ and the host of the path; a CNAME is not followed, and for "
					"an address they use NTLM.",
			.pitfall = "An alias that is only in DNS gives error 41 or NTLM: the computer needs names for "
					"it (netdom computername /add).",
			.source = "learn.microsoft.com/troubleshoot/windows-server/networking/"
					"dns-cname-alias-cannot-access-smb-file-server-share" },
	{ HEAD("dfs", "DFS namespace: its root, and each target of a folder", COMPUTER, 0),
			NAMES(FULL_AND_SHORT("cifs")),
			.clients = "Clients ask for cifs/ and the server that a path leads to, the root first.",
			.pitfall = "Targets are short names unless DfsDnsConfig says otherwise.",
			.source = "learn.microsoft.com/troubleshoot/windows-server/networking/"
					"configure-dfs-use-domain-names" },
	{ HEAD("ontap-smb", "SMB on NetApp ONTAP or Isilon", COMPUTER, 0),
			NAMES(FULL_AND_SHORT("cifs"), TYPED("HOST/{fqdn}")),
			.clients = "Clients ask for cifs/, which HOST/ stands for.",
			.pitfall = "If the DNS name is not that of the server object, clients use NTLM: register each "
					"alias and zone name.",
			.source = "docs.netapp.com/us-en/ontap" },
	{ HEAD("nfs", "NFS server with sec=krb5", ANY, 0), NAMES(MUST("nfs/{fqdn}")),
			.clients = "The client asks for nfs/ and the name that DNS has for the address of the server.",
			.pitfall = KEYTAB_SPELLING " On ONTAP each interface has a computer object of its own, whose "
							"first 15 characters must be unique.",
			.source = "manpages.ubuntu.com rpc.gssd(8); "
					"docs.netapp.com/us-en/ontap/nfs-config/create-kerberos-config-task.html" },

	{ HEAD("ssh", "OpenSSH", COMPUTER, 0), NAMES(FULL_AND_SHORT("host"), TYPED("RestrictedKrbHost/{fqdn}")),
			.clients = "ssh asks for host/ and the name that is typed, or the one that DNS has "
					"(GSSAPITrustDns).",
			.pitfall = KEYTAB_SPELLING, .source = UNSOURCED },
	{ HEAD("apache", "Apache, nginx, Tomcat, Jenkins, Elasticsearch", ANY, 0), NAMES(FULL_AND_SHORT("HTTP")),
			.clients = WEB_CLIENTS, .pitfall = KEYTAB_SPELLING " It is HTTP/, in capitals.",
			.source = WEB_SOURCE },
	{ HEAD("squid", "Squid and other proxies", ANY, 0), NAMES(FULL_AND_SHORT("HTTP")),
			.clients = "Browsers ask for HTTP/ and the proxy's name as it stands in their settings.",
			.pitfall = "Behind a load balancer: one account, and the balancer's name.",
			.source = UNSOURCED },
	{ HEAD("cups", "CUPS", ANY, 0), NAMES(MUST("HTTP/{fqdn}"), TYPED("ipp/{fqdn}")),
			.clients = "Clients ask for HTTP/, older ones for ipp/.", .source = UNSOURCED },
	{ HEAD("openldap", "OpenLDAP, 389 Directory Server", ANY, 0), NAMES(MUST("ldap/{fqdn}")),
			.clients = "libldap asks for ldap/ and the name that DNS has for the address; with "
					"SASL_NOCANON, for the name that is typed.",
			.pitfall = "Never on a domain controller, which holds this name itself. " KEYTAB_SPELLING,
			.source = "seen with libldap" },
	{ HEAD("postgresql", "PostgreSQL", ANY, 0), NAMES(MUST("postgres/{fqdn}")),
			.clients = "libpq asks for krbsrvname (postgres) and the host as it is typed.",
			.pitfall = KEYTAB_SPELLING, .source = "postgresql.org/docs/current/libpq-connect.html" },
	{ HEAD("oracle", "Oracle Database", ACCOUNT, 0), NAMES(MUST("oracle/{fqdn}")),
			.clients = "The class is the one that SQLNET.AUTHENTICATION_KERBEROS5_SERVICE names.",
			.pitfall = "One account for each host: ktpass changes the key.",
			.source = "blog.oracle48.nl/authenticate-oracle-12c-database-users-against-active-directory" },
	{ HEAD("mongodb", "MongoDB", ANY, 0), NAMES(MUST("mongodb/{fqdn}")), .source = UNSOURCED },
	{ HEAD("sap", "SAP; the instance is the system ID", ACCOUNT, 0),
			NAMES(MUST("SAP/SAPService{instance}"), TYPED("HTTP/{fqdn}")),
			.clients = "SAP GUI asks for the SNC name of its settings.",
			.source = "adsecurity.org/?page_id=183; the rest is " UNSOURCED },
	{ HEAD("vcenter", "VMware vCenter", ANY, 0), NAMES(MUST("STS/{fqdn}")),
			.source = "adsecurity.org/?page_id=183; the rest is " UNSOURCED },
	{ HEAD("hdfs", "Hadoop HDFS", ACCOUNT, 0), NAMES(MUST("hdfs/{fqdn}")), .clients = HADOOP_CLIENTS,
			.pitfall = HADOOP_PITFALL, .source = HADOOP_SOURCE },
	{ HEAD("hdfs-namenode", "Hadoop HDFS NameNode as nn/", ACCOUNT, 0), NAMES(MUST("nn/{fqdn}")),
			.clients = HADOOP_CLIENTS, .pitfall = HADOOP_PITFALL, .source = HADOOP_SOURCE },
	{ HEAD("hdfs-datanode", "Hadoop HDFS DataNode as dn/", ACCOUNT, 0), NAMES(MUST("dn/{fqdn}")),
			.clients = HADOOP_CLIENTS, .pitfall = HADOOP_PITFALL, .source = HADOOP_SOURCE },
	{ HEAD("yarn", "Hadoop YARN", ACCOUNT, 0), NAMES(MUST("yarn/{fqdn}")), .clients = HADOOP_CLIENTS,
			.pitfall = HADOOP_PITFALL, .source = HADOOP_SOURCE },
	{ HEAD("hadoop-http", "web interfaces of Hadoop (SPNEGO)", ACCOUNT, 0), NAMES(MUST("HTTP/{fqdn}")),
			.clients = HADOOP_CLIENTS,
			.pitfall = "HOST/ of the computer stands for the name, and since KB5008382 only an "
					"administrator can give it to another account.",
			.source = HADOOP_SOURCE },
	{ HEAD("hbase", "HBase", ACCOUNT, 0), NAMES(MUST("hbase/{fqdn}")), .clients = HADOOP_CLIENTS,
			.pitfall = HADOOP_PITFALL, .source = HADOOP_SOURCE },
	{ HEAD("hive", "Hive", ACCOUNT, 0), NAMES(MUST("hive/{fqdn}")), .clients = HADOOP_CLIENTS,
			.pitfall = HADOOP_PITFALL, .source = HADOOP_SOURCE },
	{ HEAD("kafka", "Kafka", ACCOUNT, 0), NAMES(MUST("kafka/{fqdn}")),
			.clients = "The class is sasl.kerberos.service.name; clients ask for each broker as "
					"advertised.listeners names it.",
			.pitfall = HADOOP_PITFALL, .source = HADOOP_SOURCE },
	{ HEAD("zookeeper", "ZooKeeper", ACCOUNT, 0), NAMES(MUST("zookeeper/{fqdn}")), .clients = HADOOP_CLIENTS,
			.pitfall = HADOOP_PITFALL, .source = HADOOP_SOURCE },
};
#define N_RECIPES (sizeof recipes / sizeof *recipes)

const char *spn_need_name(spn_need need)
{
	return need == SPN_NEED_TYPED ? "typed" : "must";
}

const char *spn_holder_name(spn_holder holder)
{
	return holder == SPN_HOLDER_ACCOUNT ? "account" : holder == SPN_HOLDER_ANY ? "any" : "computer";
}

const spn_recipe *spn_recipe_at(size_t i)
{
	return i < N_RECIPES ? &recipes[i] : NULL;
}

static bool has_class(const spn_recipe *recipe, const char *service_class)
{
	bool has = false;
	for (size_t i = 0; *service_class && !has && i < recipe->n_names; i++) {
		const char *pattern = recipe->names[i].pattern;
		size_t len = strcspn(pattern, "/");
		has = strlen(service_class) == len && strncasecmp(pattern, service_class, len) == 0;
	}
	return has;
}

bool spk_class_is_of_accounts(const char *service_class)
{
	bool is = false;
	for (size_t i = 0; i < N_RECIPES; i++) {
		bool has = has_class(&recipes[i], service_class);
		if (has && recipes[i].holder == SPN_HOLDER_COMPUTER)
			return false;
		is |= has;
	}
	return is;
}

/* Whether somebody who writes this word may mean the recipe: a part of its id, or the class of a name. */
static bool may_mean(const spn_recipe *recipe, const char *word)
{
	return (*word && strcasestr(recipe->id, word)) || has_class(recipe, word);
}

spn_status spn_recipe_find(const char *id, const spn_recipe **ret_recipe, spn_error *err)
{
	if (!id || !ret_recipe)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_recipe_find: an argument is NULL");
	SPK_AUTOTEXT spk_text near = { 0 };
	for (size_t i = 0; i < N_RECIPES; i++) {
		if (strcasecmp(recipes[i].id, id) == 0) {
			*ret_recipe = &recipes[i];
			return SPN_OK;
		}
		if (may_mean(&recipes[i], id))
			spk_text_add(&near, "%s'%s'", near.len ? ", " : "; did you mean one of ", recipes[i].id);
	}
	return spn_fail(err, SPN_ERR_INVALID, 0, "unknown service '%s'%s", id, near.len ? near.data : "");
}

bool spn_name_by_host(const char *name)
{
	SPK_AUTOTEXT spk_text target = { 0 };
	return name && spk_mapping_target(&spk_mapping_default, name, &target);
}
