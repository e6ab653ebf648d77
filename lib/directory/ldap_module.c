/* SPDX-License-Identifier: MIT */
/*
 * The modules of Cyrus SASL that are installed.  None is loaded but the one that is asked for, from the folder of the system:
 * $SASL_PATH has no say.  One of Kerberos is never loaded: it may be made with another Kerberos than ours, which would log on with the
 * default credentials whatever the caller says.
 */
#include "ldap_sasl.h"

#include <dlfcn.h>
#include <pthread.h>

#include <sasl/saslplug.h>

#include "base/error.h"
#include "base/text.h"

static void note_known(client_sasl_mechanism_t *mech, sasl_info_callback_stage_t stage, void *data)
{
	if (stage == SASL_INFO_LIST_MECH && mech)
		*(bool *)data = true;
}

static bool is_known(const spk_mech *mech)
{
	bool known = false;
	sasl_client_plugin_info(mech->name, note_known, &known);
	return known;
}

static spn_status load(const spk_mech *mech, spn_error *err)
{
	union {
		void *object;
		sasl_client_plug_init_t *function;
	} entry = { NULL };
	SPK_AUTOFREE char *path = spk_printf("%s/%s", SPK_SASL_MODULES, mech->module);
	if (!path)
		return spk_nomem(err);
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* for as long as the process lives: Cyrus SASL keeps pointers into it */
	if (handle)
		entry.object = dlsym(handle, "sasl_client_plug_init");
	if (!entry.object)
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "%s needs the module '%s' of Cyrus SASL, which cannot be loaded: install it "
				"(Debian: libsasl2-modules)", mech->name, path);
	int code = sasl_client_add_plugin(mech->module, entry.function);
	return code == SASL_OK && is_known(mech) ? SPN_OK : spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "the module '%s' has no %s", path,
			mech->name);
}

spn_status spk_mech_load(const spk_mech *mech, spn_error *err)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* the list of mechanisms is the process's */
	if (!mech->module)
		return SPN_OK;
	pthread_mutex_lock(&mutex);
	spn_status status = is_known(mech) ? SPN_OK : load(mech, err);
	pthread_mutex_unlock(&mutex);
	return status;
}
