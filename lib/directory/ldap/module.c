/* SPDX-License-Identifier: MIT */
/*
 * Modules of Cyrus SASL that are installed.  Only the one that is asked for is loaded, from the folder that Cyrus SASL
 * was built with: SASL_PATH has no say.  None for Kerberos is: MIT's logs on with the default credentials, whatever the
 * caller says, and Heimdal's lets DNS choose the server.
 */
#include "sasl.h"

#include <dlfcn.h>
#include <pthread.h>

#include <sasl/saslplug.h>

#include "base/error.h"
#include "base/text.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

void spk_mech_lock(bool change)
{
	if (change)
		pthread_rwlock_wrlock(&lock);
	else
		pthread_rwlock_rdlock(&lock);
}

void spk_mech_unlock(void)
{
	pthread_rwlock_unlock(&lock);
}

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
	void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* for as long as the process lives: Cyrus SASL keeps
							       pointers into it */
	if (module)
		entry.object = dlsym(module, "sasl_client_plug_init");
	if (!entry.object) {
		const char *why = dlerror();
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0,
				"%s needs a module of Cyrus SASL (Debian: libsasl2-modules): %s", mech->name,
				why ? why : path);
	}
	if (sasl_client_add_plugin(mech->module, entry.function) != SASL_OK || !is_known(mech))
		return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "the module '%s' of Cyrus SASL has no %s", path, mech->name);
	return SPN_OK;
}

spn_status spk_mech_load(const spk_mech *mech, spn_error *err)
{
	spk_mech_lock(true);
	spn_status status = is_known(mech) ? SPN_OK : load(mech, err);
	spk_mech_unlock();
	return status;
}
