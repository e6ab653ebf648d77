/* SPDX-License-Identifier: MIT */
/* Logging on with a mechanism that is a module of Cyrus SASL, at Cyrus SASL's own server, or at somebody who stands
 * before it. */
#include "unit.h"

#include <dlfcn.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "ldap_server.h"
#include "directory/ldap/sasl.h"

#define PASSWORD "correct horse battery staple"
#define MAX_FD 256

static spn_error err[1];
static struct server server;
static sasl_conn_t *log_ons[MAX_FD];
static unsigned n_binds;
static char user[80], acts_as[80];

/* ---- the server ---- */

static int give_option(void *context, const char *plugin, const char *option, const char **ret_value, unsigned *ret_len)
{
	(void)context, (void)plugin;
	*ret_value = strcmp(option, "auxprop_plugin") == 0 ? "test" : NULL;
	if (ret_len && *ret_value)
		*ret_len = (unsigned)strlen(*ret_value);
	return *ret_value ? SASL_OK : SASL_FAIL;
}

/* alice may act as bob, and as nobody else. */
static int allow(sasl_conn_t *conn, void *context, const char *as, unsigned len, const char *who, unsigned who_len,
		const char *realm, unsigned realm_len, struct propctx *props)
{
	(void)conn, (void)context, (void)realm, (void)realm_len, (void)props;
	bool himself = len == who_len && strncmp(as, who, len) == 0;
	return himself || (len >= 3 && strncmp(as, "bob", 3) == 0) ? SASL_OK : SASL_NOAUTHZ;
}

typedef int callback_fn(void);

static const sasl_callback_t callbacks[] = {
	{ SASL_CB_GETOPT, (callback_fn *)(void (*)(void))give_option, NULL },
	{ SASL_CB_PROXY_POLICY, (callback_fn *)(void (*)(void))allow, NULL },
	{ SASL_CB_LIST_END, NULL, NULL },
};

/* alice's password is PASSWORD; there is nobody else. */
static int look_up(void *context, sasl_server_params_t *params, unsigned flags, const char *name, unsigned len)
{
	(void)context;
	if (flags & SASL_AUXPROP_AUTHZID) /* whom to act as: "allow" decides */
		return SASL_OK;
	if (len < 5 || strncmp(name, "alice", 5) != 0)
		return SASL_NOUSER;
	for (const struct propval *at = params->utils->prop_get(params->propctx); at && at->name; at++)
		if (strcmp(at->name + (*at->name == '*'), SASL_AUX_PASSWORD_PROP) == 0)
			params->utils->prop_set(params->propctx, at->name, PASSWORD, sizeof PASSWORD - 1);
	return SASL_OK;
}

static int describe(const sasl_utils_t *utils, int max, int *ret_version, sasl_auxprop_plug_t **ret_plug,
		const char *name)
{
	static char own_name[] = "test";
	static sasl_auxprop_plug_t plug = { .name = own_name, .auxprop_lookup = look_up };
	(void)utils, (void)max, (void)name;
	*ret_version = SASL_AUXPROP_PLUG_VERSION;
	*ret_plug = &plug;
	return SASL_OK;
}

static void add_mechanism(const char *module)
{
	union {
		void *object;
		sasl_server_plug_init_t *function;
	} entry;
	char path[200];
	snprintf(path, sizeof path, "%s/%s", SPK_SASL_MODULES, module);
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	entry.object = handle ? dlsym(handle, "sasl_server_plug_init") : NULL;
	assert_non_null(entry.object);
	assert_int_equal(sasl_server_add_plugin(module, entry.function), SASL_OK);
}

static int start_sasl(void **state)
{
	(void)state;
	assert_int_equal(sasl_server_init(callbacks, "spnkit-test"), SASL_OK);
	assert_int_equal(sasl_auxprop_add_plugin("test", describe), SASL_OK);
	add_mechanism("libscram.so");
	add_mechanism("libdigestmd5.so");
	return 0;
}

static void answer(struct server *at, int fd, const struct request *request)
{
	(void)at;
	if (request->kind == LDAP_REQ_SEARCH && request->attr && strcmp(request->attr, "supportedSASLMechanisms") == 0)
		reply_entry(fd, request->id, "", "supportedSASLMechanisms", "PLAIN", 1, 2);
	else if (request->kind == LDAP_REQ_SEARCH)
		reply_entry(fd, request->id, "", "defaultNamingContext", "DC=example,DC=com", 0, 0);
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, 0, "");
}

static unsigned min_ssf; /* what the server demands of a mechanism */

/* One step of Cyrus SASL's server.  ret_code: what goes to the client, as LDAP has it. */
static struct berval step(int fd, const struct request *request, int *ret_code)
{
	const char *out = NULL;
	unsigned len = 0;
	bool first = !log_ons[fd];
	const sasl_security_properties_t properties = { .min_ssf = min_ssf, .max_ssf = 256, .maxbufsize = 65536 };
	n_binds++;
	if (first && sasl_server_new("ldap", "localhost", NULL, NULL, NULL, callbacks, 0, &log_ons[fd]) == SASL_OK)
		sasl_setprop(log_ons[fd], SASL_SEC_PROPS, &properties);
	int code = first ? sasl_server_start(log_ons[fd], request->mech, request->cred.bv_val,
			(unsigned)request->cred.bv_len, &out, &len)
			: sasl_server_step(log_ons[fd], request->cred.bv_val, (unsigned)request->cred.bv_len, &out, &len);
	*ret_code = code == SASL_CONTINUE ? LDAP_SASL_BIND_IN_PROGRESS : code == SASL_OK ? LDAP_SUCCESS
			: code == SASL_NOMECH ? LDAP_AUTH_METHOD_NOT_SUPPORTED : LDAP_INVALID_CREDENTIALS;
	bool good = code == SASL_OK || code == SASL_CONTINUE; /* else it points to what is freed already */
	return (struct berval){ good ? len : 0, good ? (char *)(uintptr_t)out : NULL };
}

static void note_names(int fd)
{
	const void *name = NULL;
	sasl_getprop(log_ons[fd], SASL_AUTHUSER, &name);
	snprintf(user, sizeof user, "%s", name ? (const char *)name : "");
	sasl_getprop(log_ons[fd], SASL_USERNAME, &name);
	snprintf(acts_as, sizeof acts_as, "%s", name ? (const char *)name : "");
}

static void bind_honestly(struct server *at, int fd, const struct request *request)
{
	int code;
	(void)at;
	if (strcmp(request->mech, "EXTERNAL") == 0) {
		reply_result(fd, request->id, LDAP_RES_BIND, LDAP_SUCCESS, "");
		return;
	}
	struct berval out = step(fd, request, &code);
	if (code == LDAP_SUCCESS)
		note_names(fd);
	if (out.bv_val)
		reply_bind(fd, request->id, code, out);
	else
		reply_result(fd, request->id, LDAP_RES_BIND, code, "");
}

/* What the client gets at the end is not what a server says that knows the password. */
static void forge_proof(struct server *at, int fd, const struct request *request)
{
	int code;
	(void)at;
	struct berval out = step(fd, request, &code);
	bool last = out.bv_val && (strncmp(out.bv_val, "v=", 2) == 0 || strncmp(out.bv_val, "rspauth=", 8) == 0);
	char copy[2000];
	assert_true(out.bv_len < sizeof copy);
	if (out.bv_len)
		memcpy(copy, out.bv_val, out.bv_len);
	if (last)
		copy[out.bv_len / 2] = copy[out.bv_len / 2] == 'a' ? 'b' : 'a';
	reply_bind(fd, request->id, last ? LDAP_SUCCESS : code, (struct berval){ out.bv_len, copy });
}

/* A yes without what proves it. */
static void leave_proof_out(struct server *at, int fd, const struct request *request)
{
	int code;
	(void)at;
	struct berval out = step(fd, request, &code);
	if (log_ons[fd] && n_binds > 1)
		reply_result(fd, request->id, LDAP_RES_BIND, LDAP_SUCCESS, "");
	else
		reply_bind(fd, request->id, code, out);
}

static void say_yes(struct server *at, int fd, const struct request *request)
{
	(void)at;
	n_binds++;
	reply_result(fd, request->id, LDAP_RES_BIND, LDAP_SUCCESS, "");
}

/* Whoever would like another mechanism better. */
static void refuse_mechanism(struct server *at, int fd, const struct request *request)
{
	(void)at;
	n_binds++;
	reply_result(fd, request->id, LDAP_RES_BIND, LDAP_AUTH_METHOD_NOT_SUPPORTED, "SASL(-4): no mechanism available");
}

static void start(answer_fn *bind)
{
	n_binds = 0;
	min_ssf = 0;
	user[0] = acts_as[0] = '\0';
	server_start(&server, answer);
	server.bind = bind;
}

static void stop(void)
{
	server_stop(&server);
	for (size_t i = 0; i < MAX_FD; i++)
		sasl_dispose(&log_ons[i]);
}

/* ---- the client ---- */

static const char *password = PASSWORD;

static spn_status give_password(char *buffer, size_t size, size_t *ret_len, void *data, spn_error *why)
{
	(void)data, (void)why;
	assert_true(strlen(password) < size);
	memcpy(buffer, password, strlen(password));
	*ret_len = strlen(password);
	return SPN_OK;
}

static spn_status log_on(const char *mech, const char *name, const char *authzid)
{
	spn_directory *dir = NULL;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = &credentials;
	credentials.sasl_mech = mech;
	credentials.bind_dn = name;
	credentials.password = name ? give_password : NULL;
	credentials.authzid = authzid;
	options.timeout = 30;
	spn_status status = spn_directory_open(server.url, &options, &dir, err);
	spn_directory_free(dir);
	return status;
}

static const char *const mechs[] = { "SCRAM-SHA-256", "SCRAM-SHA-512", "DIGEST-MD5" };
#define N_MECHS (sizeof mechs / sizeof *mechs)

static void note_known(client_sasl_mechanism_t *mech, sasl_info_callback_stage_t stage, void *data)
{
	*(bool *)data |= stage == SASL_INFO_LIST_MECH && mech;
}

static bool client_knows(const char *mech)
{
	bool known = false;
	sasl_client_plugin_info(mech, note_known, &known);
	return known;
}

static void a_module_is_loaded_when_its_mechanism_is_asked_for_and_no_other(void **state)
{
	(void)state;
	static const char *const others[] = { "DIGEST-MD5", "GSSAPI", "GSS-SPNEGO", "PLAIN", "LOGIN", "NTLM",
		"ANONYMOUS", "CRAM-MD5" };
	start(bind_honestly);
	assert_ok(log_on("EXTERNAL", NULL, NULL));
	assert_false(client_knows("SCRAM-SHA-256"));
	assert_ok(log_on("scram-sha-256", "alice", NULL));
	assert_true(client_knows("SCRAM-SHA-256"));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (client_knows(others[i]))
			fail_msg("%s is known", others[i]);
	stop();
}

static void each_mechanism_logs_on_as_the_user(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_MECHS; i++) {
		start(bind_honestly);
		assert_ok(log_on(mechs[i], "alice", NULL));
		assert_true(strncmp(user, "alice", 5) == 0);
		assert_string_equal(acts_as, user);
		stop();
	}
}

static void somebody_else_is_acted_as_if_the_server_allows_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_MECHS; i++) {
		start(bind_honestly);
		assert_ok(log_on(mechs[i], "alice", "bob"));
		assert_true(strncmp(user, "alice", 5) == 0);
		assert_true(strncmp(acts_as, "bob", 3) == 0);
		stop();
		start(bind_honestly);
		assert_fails(log_on(mechs[i], "alice", "carol"), SPN_ERR_AUTH, "with");
		stop();
	}
}

static void a_wrong_password_or_user_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_MECHS; i++) {
		start(bind_honestly);
		password = "wrong";
		spn_status status = log_on(mechs[i], "alice", NULL);
		password = PASSWORD;
		if (status != SPN_ERR_AUTH || !strstr(err->message, "does not accept the credentials") ||
				!strstr(err->message, mechs[i]))
			fail_msg("%s: %s", mechs[i], status ? err->message : "accepted");
		assert_fails(log_on(mechs[i], "mallory", NULL), SPN_ERR_AUTH, "'mallory'");
		stop();
	}
}

static void a_server_has_to_prove_that_it_knows_the_password(void **state)
{
	(void)state;
	static answer_fn *const liars[] = { forge_proof, leave_proof_out, say_yes };
	for (size_t i = 0; i < N_MECHS; i++)
		for (size_t j = 0; j < sizeof liars / sizeof *liars; j++) {
			start(liars[j]);
			spn_status status = log_on(mechs[i], "alice", NULL);
			if (status != SPN_ERR_AUTH || server.n_searches > 0)
				fail_msg("%s, liar %zu: %s", mechs[i], j, status ? err->message : "accepted");
			stop();
		}
}

static void nothing_else_is_tried_whatever_the_server_offers(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_MECHS; i++) {
		start(refuse_mechanism);
		assert_fails(log_on(mechs[i], "alice", NULL), SPN_ERR_AUTH, "(it offers: PLAIN-1, PLAIN-2)");
		assert_non_null(strstr(err->message, mechs[i]));
		assert_int_equal(n_binds, 1);
		assert_int_equal(server.n_connections, 1);
		stop();
	}
}

static void offer_nothing(struct server *at, int fd, const struct request *request)
{
	(void)at;
	reply_result(fd, request->id, LDAP_RES_SEARCH_RESULT, LDAP_OPERATIONS_ERROR, "");
}

static void a_server_that_offers_nothing_is_reported_so(void **state)
{
	(void)state;
	start(refuse_mechanism);
	server.answer = offer_nothing;
	assert_fails(log_on("SCRAM-SHA-256", "alice", NULL), SPN_ERR_AUTH, "does not offer SCRAM-SHA-256 (it offers: none)");
	stop();
}

/* It is of no use where TLS or a local socket protects the connection, and too weak where nothing does. */
static void no_layer_of_digest_md5_is_agreed_on(void **state)
{
	(void)state;
	start(bind_honestly);
	min_ssf = 56;
	assert_int_not_equal(log_on("DIGEST-MD5", "alice", NULL), SPN_OK);
	assert_int_equal(server.n_searches, 0);
	stop();
}

static void what_makes_no_sense_is_refused_before_anything_is_sent(void **state)
{
	(void)state;
	static const struct {
		const char *mech, *name, *authzid, *text;
	} cases[] = {
		{ "SCRAM-SHA-256", NULL, NULL, "SCRAM-SHA-256 needs a name" },
		{ "SCRAM-SHA-256", "", NULL, "SCRAM-SHA-256 needs a name" },
		{ "EXTERNAL", "alice", NULL, "EXTERNAL takes no name" },
		{ "GSS-SPNEGO", NULL, NULL, "does not work over ldapi://" },
		{ "GSSAPI", NULL, NULL, "'GSSAPI' is not supported: use GSS-SPNEGO for Kerberos; supported are " },
		{ "PLAIN", "alice", NULL, "'PLAIN' is not supported" },
		{ "", "alice", NULL, "'' is not supported" },
		{ NULL, "CN=x", "bob", "a simple bind cannot act as another user ('bob')" },
	};
	start(bind_honestly);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_fails(log_on(cases[i].mech, cases[i].name, cases[i].authzid), SPN_ERR_INVALID, cases[i].text);
	assert_int_equal(server.n_connections, 0);
	assert_int_equal(n_binds, 0);
	stop();
}

static void a_module_that_is_not_there_is_named(void **state)
{
	(void)state;
	const spk_mech none = { "SCRAM-SHA-999", NULL, SPK_NEEDS_PASSWORD, "libscram999.so" };
	const spk_mech of_another = { "SCRAM-SHA-999", NULL, SPK_NEEDS_PASSWORD, "libscram.so" };
	assert_fails(spk_mech_load(&none, err), SPN_ERR_UNSUPPORTED, "libsasl2-modules): ");
	assert_non_null(strstr(err->message, "libscram999.so"));
	assert_fails(spk_mech_load(&of_another, err), SPN_ERR_UNSUPPORTED, "has no SCRAM-SHA-999");
}

static void only_options_of_a_known_version_open_a_directory(void **state)
{
	(void)state;
	spn_directory *dir = NULL;
	spn_credentials credentials = SPN_CREDENTIALS_INIT;
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	options.credentials = &credentials;
	options.version = 1;
	credentials.bind_dn = "CN=x";
	credentials.password = give_password;
	start(say_yes);
	assert_ok(spn_directory_open(server.url, &options, &dir, err));
	spn_directory_free(dir);
	options.version = SPN_OPEN_OPTIONS_VERSION + 1;
	assert_fails(spn_directory_open(server.url, &options, &dir, err), SPN_ERR_INVALID, "version");
	options.version = 0;
	assert_fails(spn_directory_open(server.url, &options, &dir, err), SPN_ERR_INVALID, "version");
	options.version = 1;
	credentials.version = SPN_CREDENTIALS_VERSION + 1;
	assert_fails(spn_directory_open(server.url, &options, &dir, err), SPN_ERR_INVALID, "spn_credentials: version");
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_is_loaded_when_its_mechanism_is_asked_for_and_no_other),
		cmocka_unit_test(each_mechanism_logs_on_as_the_user),
		cmocka_unit_test(somebody_else_is_acted_as_if_the_server_allows_it),
		cmocka_unit_test(a_wrong_password_or_user_is_refused),
		cmocka_unit_test(a_server_has_to_prove_that_it_knows_the_password),
		cmocka_unit_test(nothing_else_is_tried_whatever_the_server_offers),
		cmocka_unit_test(a_server_that_offers_nothing_is_reported_so),
		cmocka_unit_test(no_layer_of_digest_md5_is_agreed_on),
		cmocka_unit_test(what_makes_no_sense_is_refused_before_anything_is_sent),
		cmocka_unit_test(a_module_that_is_not_there_is_named),
		cmocka_unit_test(only_options_of_a_known_version_open_a_directory),
	};
	setenv("SASL_PATH", "/dev/null", 1); /* as the command has it: no module is there but by name */
	return cmocka_run_group_tests_name("sasl_mech", tests, start_sasl, NULL);
}
