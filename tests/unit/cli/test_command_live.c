/* SPDX-License-Identifier: MIT */
/* The command at a server, while somebody else answers for DNS: which directory it takes, and which it leaves alone.
 * The command is this program, run once more: a mere fork() would have the locks of threads that it does not have. */
#include "unit.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_dns.h"
#include "gss_server.h"
#include "kdc_server.h"

int spnkit_command(int argc, char **argv); /* its main() */

#define CONTROLLERS "TEST_CONTROLLERS" /* what DNS says to the command; only that has it */

static const char *self;
static struct server server;
static char url[80], printed[20000];
/* who has logged on to that connection wanted the controller of the other domain */
static bool always_other; /* whatever was asked for: it is a server of the other domain that has both names */
static bool is_other[MAX_CONNECTIONS];

static void bind_and_note(struct server *at, int fd, const struct request *request)
{
	assert_true(request->connection < MAX_CONNECTIONS);
	is_other[request->connection] = always_other || strstr(kdc_asked, "other.test");
	gss_accept_bind(at, fd, request);
}

/* Both domains, of which each trusts the other, and in each whatever account is asked for. */
static void answer(struct server *at, int fd, const struct request *request)
{
	(void)at;
	const char *domain = is_other[request->connection] ? "DC=other,DC=test" : "DC=example,DC=com";
	if (request->kind == LDAP_REQ_SEARCH && request->base[0] == '\0')
		reply_entry(fd, request->id, "", "defaultNamingContext", domain, 0, 0);
	else if (request->kind == LDAP_REQ_SEARCH && strncmp(request->base, "CN=System,", 10) == 0)
		reply_entry(fd, request->id, request->base, "trustPartner",
				is_other[request->connection] ? "example.com" : "other.test", 0, 0);
	else if (request->kind == LDAP_REQ_SEARCH && strncmp(request->base, "CN=svc,", 7) == 0)
		reply_entry(fd, request->id, request->base, "sAMAccountName", "svc", 0, 0);
	reply_result(fd, request->id, request->kind == LDAP_REQ_MODIFY ? LDAP_RES_MODIFY : LDAP_RES_SEARCH_RESULT, 0, "");
}

static void start(void)
{
	static char controllers[120]; /* whichever domain is asked for: those that are not of it are left out */
	kdc_mood = KDC_TICKETS;
	memset(is_other, 0, sizeof is_other);
	server_start_tcp(&server, answer, &gss_line);
	server.bind = bind_and_note;
	snprintf(url, sizeof url, "ldap://dc1.example.com:%u", server.port);
	snprintf(controllers, sizeof controllers, "dc1.other.test:%u dc1.example.com:%u", server.port, server.port);
	fake_dns_controllers = controllers;
}

/* Its exit code; what it prints is in printed. */
static int command(const char *const *args)
{
	static char name[] = "spnkit";
	char *argv[20] = { name };
	int argc = 1, status;
	for (; args[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)args[argc - 1];
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC),
			out = open(kdc_path("printed"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(in >= 0 && out >= 0);
	setenv(CONTROLLERS, fake_dns_controllers, 1);
	pid_t child = fork();
	if (child == 0) {
		dup2(in, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
		execv(self, argv);
		_exit(127);
	}
	close(in);
	close(out);
	assert_int_equal(waitpid(child, &status, 0), child);
	FILE *file = fopen(kdc_path("printed"), "r");
	assert_non_null(file);
	printed[fread(printed, 1, sizeof printed - 1, file)] = '\0';
	fclose(file);
	unlink(kdc_path("printed"));
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void expect(int code, const char *part, const char *const *args)
{
	int got = command(args);
	/* lines are broken, where there is room */
	for (char *at = printed; *at; at++)
		if (*at == '\n' || *at == '\t')
			*at = ' ';
	if (got != code || !strstr(printed, part))
		fail_msg("exit code %d, wanted %d and '%s': %s", got, code, part, printed);
}

/* -H says where, and -T of which domain: what a script wants of one domain is not asked of another. */
static void a_server_that_is_named_has_to_be_of_the_domain_that_is_named(void **state)
{
	(void)state;
	static const char *const right[] = { "example.com", "EXAMPLE.com" };
	static const char *const wrong[] = { "other.test", "com", "example", "ample.com", "example.co",
		"example.com.test", "sub.example.com", "x" };
	start();
	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		expect(1, "No such SPN found", (const char *const []){ "query", "http/web", "-H", url, "-T", right[i], NULL });
	server_stop(&server);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		start();
		expect(2, "has no domain", (const char *const []){ "query", "http/web", "-H", url, "-T", wrong[i], NULL });
		expect(2, "has no domain", (const char *const []){ "delete", "http/web", "svc", "--yes", "-H", url,
				"-T", wrong[i], NULL });
		assert_int_equal(server.n_searches, 2); /* of which domain it is */
		assert_int_equal(server.n_modifies, 0);
		server_stop(&server);
	}
}

static void write_plan(const char *first, const char *second)
{
	FILE *file = fopen(kdc_path("plan.ldif"), "w");
	assert_non_null(file);
	for (size_t i = 0; i < 2; i++)
		fprintf(file, "dn: %s\nchangetype: modify\nadd: servicePrincipalName\n"
				"servicePrincipalName: http/new%zu\n-\n\n", i ? second : first, i);
	assert_int_equal(fclose(file), 0);
}

/* One of two domains could be carried out, and undone, in part only. */
static void a_plan_for_two_domains_changes_none(void **state)
{
	(void)state;
	static const char here[] = "CN=svc,DC=example,DC=com", there[] = "CN=svc,DC=other,DC=test";
	char plan[100];
	snprintf(plan, sizeof plan, "%s", kdc_path("plan.ldif"));
	const char *const apply[] = { "apply", plan, "--yes", "-H", url, NULL };
	start();
	write_plan(here, there);
	expect(3, "step 2 is for 'CN=svc,DC=other,DC=test', which is in another domain", apply);
	write_plan(there, here);
	expect(3, "step 2 is for 'CN=svc,DC=example,DC=com', which is in another domain", apply);
	write_plan(here, "CN=svc,DC=third,DC=test");
	expect(3, "does not know", apply);
	assert_int_equal(server.n_modifies, 0);
	write_plan(there, there);
	expect(0, "is in another domain: the work is done there", apply);
	assert_true(server.n_modifies > 0);
	unlink(plan);
	server_stop(&server);
}

/* What is recommended about an account of the other domain would be about its namesake in ours, if it did not say so.
 */
static void a_command_that_is_recommended_leads_to_the_domain_that_was_looked_at(void **state)
{
	(void)state;
	start();
	expect(1, "spnkit add -T other.test MSSQLSvc/web.other.test:1433 svc",
			(const char *const[]){ "expect", "mssql", "--host", "web.other.test", "--account",
					"CN=svc,DC=other,DC=test", "-H", url, NULL });
	expect(1, "spnkit add MSSQLSvc/web.example.com:1433 svc", (const char *const []){ "expect", "mssql", "--host",
			"web.example.com", "--account", "CN=svc,DC=example,DC=com", "-H", url, NULL });
	server_stop(&server);
	/* the credentials are of one domain, and the server that was named of another one */
	start();
	always_other = true;
	expect(1, "spnkit add -T other.test MSSQLSvc/web.other.test:1433 svc",
			(const char *const[]){ "expect", "mssql", "--host", "web.other.test", "--account",
					"CN=svc,DC=other,DC=test", "-H", url, NULL });
	always_other = false;
	server_stop(&server);
}

static int start_all(void **state)
{
	static const char *const names[] = { "ldap/dc1.example.com@" REALM, "ldap/dc1.example.com/example.com@" REALM,
		"ldap/dc1.other.test/other.test@OTHER.TEST" };
	int failed = kdc_start(state);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		kdc_name_service(names[i]);
	setenv("KRB5CCNAME", kdc_path("cache"), 1);
	setenv("XDG_STATE_HOME", kdc_path("state"), 1);
	unsetenv("SPNKIT_DIRECTORY");
	return failed;
}

static int stop_all(void **state)
{
	char line[200];
	snprintf(line, sizeof line, "rm -rf %s", kdc_path("state"));
	return system(line) | kdc_stop(state);
}

int main(int argc, char **argv)
{
	fake_dns_controllers = getenv(CONTROLLERS);
	if (fake_dns_controllers)
		return spnkit_command(argc, argv);
	self = argv[0];
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_is_named_has_to_be_of_the_domain_that_is_named),
		cmocka_unit_test(a_plan_for_two_domains_changes_none),
		cmocka_unit_test(a_command_that_is_recommended_leads_to_the_domain_that_was_looked_at),
	};
	return cmocka_run_group_tests_name("command_live", tests, start_all, stop_all);
}
