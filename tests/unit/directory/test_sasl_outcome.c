/* SPDX-License-Identifier: MIT */
/* Whatever mechanism and server agree on, what a log-on has come to is looked at: what Cyrus SASL is asked for and
 * says is ours here. */
#include "sasl_helper.h"

#include <sasl/sasl.h>

static const sasl_ssf_t *false_ssf;
static const char *false_user;
static bool goes_on; /* the mechanism has one more step each time */
static sasl_security_properties_t properties;
static unsigned n_steps;

int __real_sasl_getprop(sasl_conn_t *conn, int which, const void **ret_value);
int __wrap_sasl_getprop(sasl_conn_t *conn, int which, const void **ret_value);
int __wrap_sasl_getprop(sasl_conn_t *conn, int which, const void **ret_value)
{
	int code = __real_sasl_getprop(conn, which, ret_value);
	if (which == SASL_SSF && false_ssf)
		*ret_value = false_ssf;
	if (which == SASL_USERNAME && false_user)
		*ret_value = false_user;
	return code;
}

int __real_sasl_setprop(sasl_conn_t *conn, int which, const void *value);
int __wrap_sasl_setprop(sasl_conn_t *conn, int which, const void *value);
int __wrap_sasl_setprop(sasl_conn_t *conn, int which, const void *value)
{
	if (which == SASL_SEC_PROPS)
		properties = *(const sasl_security_properties_t *)value;
	return __real_sasl_setprop(conn, which, value);
}

int __real_sasl_client_step(sasl_conn_t *conn, const char *in, unsigned n, sasl_interact_t **prompt,
		const char **ret_out, unsigned *ret_len);
int __wrap_sasl_client_step(sasl_conn_t *conn, const char *in, unsigned n, sasl_interact_t **prompt,
		const char **ret_out, unsigned *ret_len);
int __wrap_sasl_client_step(sasl_conn_t *conn, const char *in, unsigned n, sasl_interact_t **prompt,
		const char **ret_out, unsigned *ret_len)
{
	if (!goes_on)
		return __real_sasl_client_step(conn, in, n, prompt, ret_out, ret_len);
	*ret_out = "x";
	*ret_len = 1;
	return ++n_steps < 1000 ? SASL_CONTINUE : SASL_FAIL;
}

static spn_status log_on(answer_fn *bind)
{
	spn_directory *dir;
	start(bind);
	spn_status status = open_named(&dir);
	spn_directory_free(dir);
	server_stop(&server);
	return status;
}

static void a_connection_that_is_not_sealed_is_refused(void **state)
{
	(void)state;
	static const sasl_ssf_t none = 0, weak = 55;
	const sasl_ssf_t *const strengths[] = { &none, &weak };
	assert_ok(log_on(gss_accept_bind));
	for (size_t i = 0; i < 2; i++) {
		false_ssf = strengths[i];
		assert_fails(log_on(gss_accept_bind), SPN_ERR_AUTH, "neither signed nor sealed");
	}
	false_ssf = NULL;
}

static void sealing_is_asked_for_and_no_mechanism_that_shows_the_password(void **state)
{
	(void)state;
	assert_ok(log_on(gss_accept_bind));
	assert_true(properties.min_ssf >= 56);
	assert_int_equal(properties.security_flags & SASL_SEC_NOPLAINTEXT, SASL_SEC_NOPLAINTEXT);
	assert_int_equal(properties.security_flags & SASL_SEC_NOANONYMOUS, SASL_SEC_NOANONYMOUS);
}

static void a_log_on_as_somebody_else_is_refused(void **state)
{
	(void)state;
	false_user = "mallory@" REALM;
	assert_fails(log_on(gss_accept_bind), SPN_ERR_AUTH, "the log-on was made as 'mallory@" REALM "'");
	false_user = NULL;
}

static void answer_more_to_come(struct server *at, int fd, const struct request *request)
{
	(void)at;
	reply_bind(fd, request->id, LDAP_SASL_BIND_IN_PROGRESS, (struct berval){ 1, (char[]){ "?" } });
}

static void questions_without_end_are_not_answered(void **state)
{
	(void)state;
	goes_on = true;
	n_steps = 0;
	assert_fails(log_on(answer_more_to_come), SPN_ERR_AUTH, "cannot log on");
	assert_in_range(n_steps, 2, 40); /* with two tickets, one after the other */
	goes_on = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_that_is_not_sealed_is_refused),
		cmocka_unit_test(sealing_is_asked_for_and_no_mechanism_that_shows_the_password),
		cmocka_unit_test(a_log_on_as_somebody_else_is_refused),
		cmocka_unit_test(questions_without_end_are_not_answered),
	};
	return cmocka_run_group_tests_name("sasl_outcome", tests, start_all, kdc_stop);
}
