/* SPDX-License-Identifier: MIT */
#include "mapping.h"

#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "base/error.h"
#include "base/hash.h"

static const spn_bytes default_values[] = {
#define VALUE "host=alerter,appmgmt,cisvc,clipsrv,browser,dhcp,dnscache,replicator,eventlog,eventsystem," \
	"policyagent,oakley,dmserver,dns,mcsvc,fax,msiserver,ias,messenger,netlogon,netman,netdde,netddedsm," \
	"nmagent,plugplay,protectedstorage,rasman,rpclocator,rpc,rpcss,remoteaccess,rsvp,samss,scardsvr," \
	"scesrv,seclogon,scm,dcom,cifs,spooler,snmp,schedule,tapisrv,trksvr,trkwks,ups,time,wins,www,http," \
	"w3svc,iisadmin,msdtc"
	{ VALUE, sizeof VALUE - 1 },
};

const spk_mapping spk_mapping_default = { .values = default_values, .n = 1 };

unsigned spk_unchecked(const char *heuristics)
{
	enum { PLACE = 20 };
	bool is_set = heuristics && strlen(heuristics) > PLACE && heuristics[PLACE] >= '0' && heuristics[PLACE] <= '7';
	return is_set ? (unsigned)(heuristics[PLACE] - '0') : 0;
}

static spn_bytes trim(const char *from, const char *to)
{
	while (from < to && *from == ' ')
		from++;
	while (to > from && to[-1] == ' ')
		to--;
	return (spn_bytes){ from, (size_t)(to - from) };
}

/* Takes the next class off a comma-separated list; false at its end. */
static bool next_class(const char **at, const char *end, spn_bytes *ret)
{
	if (*at > end)
		return false;
	const char *comma = memchr(*at, ',', (size_t)(end - *at));
	*ret = trim(*at, comma ? comma : end);
	*at = comma ? comma + 1 : end + 1;
	return true;
}

/* "host=alerter,http": its target, and where its list begins. */
static bool split_value(spn_bytes value, spn_bytes *ret_target, const char **ret_list)
{
	const char *equals = memchr(value.data, '=', value.len);
	if (!equals)
		return false;
	*ret_target = trim(value.data, equals);
	*ret_list = equals + 1;
	return true;
}

/* Where a class is, or would be. */
static struct spk_class *place_of(const spk_classes *classes, spn_bytes name, uint64_t hash)
{
	const struct spk_class *places = classes->places;
	size_t i = hash & (classes->size - 1);
	while (places[i].name.data && (places[i].hash != hash || !spk_fold_equal(places[i].name, name, SPK_FOLD_WINDOWS)))
		i = (i + 1) & (classes->size - 1);
	return (struct spk_class *)(uintptr_t)&places[i];
}

/* Of a class that several values list, the first one decides. */
static void add_classes(spk_classes *classes, spn_bytes value)
{
	spn_bytes target, alias;
	const char *at, *end = value.data + value.len;
	if (!split_value(value, &target, &at))
		return;
	while (next_class(&at, end, &alias)) {
		uint64_t hash = spk_fold_hash(alias, SPK_FOLD_WINDOWS, classes->seed);
		struct spk_class *place = place_of(classes, alias, hash);
		if (!place->name.data)
			*place = (struct spk_class){ hash, alias, target };
	}
}

bool spk_classes_list(const spk_mapping *mapping, spk_classes **ret_classes)
{
	enum { SHORT = 2000 }; /* bytes; Active Directory's own has some 400 */
	size_t len = 0, n = 0, size = 64;
	for (size_t i = 0; i < mapping->n; i++) {
		len += mapping->values[i].len;
		n++;
		for (size_t at = 0; at < mapping->values[i].len; at++)
			n += mapping->values[i].data[at] == ',';
	}
	*ret_classes = NULL;
	if (len <= SHORT)
		return true;
	while (size < 2 * n)
		size *= 2;
	spk_classes *classes = calloc(1, sizeof *classes + size * sizeof *classes->places);
	if (!classes)
		return false;
	classes->seed = spk_hash_seed();
	classes->size = size;
	for (size_t i = 0; i < mapping->n; i++)
		add_classes(classes, mapping->values[i]);
	*ret_classes = classes;
	return true;
}

bool spk_mapping_find(const spk_mapping *mapping, spn_bytes service_class, spn_bytes *ret_target)
{
	if (mapping->classes) {
		uint64_t hash = spk_fold_hash(service_class, SPK_FOLD_WINDOWS, mapping->classes->seed);
		const struct spk_class *place = place_of(mapping->classes, service_class, hash);
		*ret_target = place->target;
		return place->name.data;
	}
	for (size_t i = 0; i < mapping->n; i++) {
		spn_bytes target, alias;
		const char *at, *end = mapping->values[i].data + mapping->values[i].len;
		if (!split_value(mapping->values[i], &target, &at))
			continue;
		while (next_class(&at, end, &alias))
			if (spk_fold_equal(alias, service_class, SPK_FOLD_WINDOWS)) {
				*ret_target = target;
				return true;
			}
	}
	return false;
}

bool spk_mapping_target(const spk_mapping *mapping, const char *name, spk_text *ret_target)
{
	const char *slash = strchr(name, '/');
	spn_bytes target;
	if (!slash || !spk_mapping_find(mapping, (spn_bytes){ name, (size_t)(slash - name) }, &target))
		return false;
	/* AD writes it in capitals where it registers the name itself */
	for (size_t i = 0; i < target.len; i++)
		spk_text_add_char(ret_target, target.data[i] >= 'a' && target.data[i] <= 'z' ?
				(char)(target.data[i] - 'a' + 'A') : target.data[i]);
	spk_text_add(ret_target, "%s", slash);
	return true;
}

spn_status spk_mapping_aliases(const spk_mapping *mapping, const char *name,
		spn_status (*fn)(const char *alias, void *data, spn_error *err), void *data, spn_error *err)
{
	const char *slash = strchr(name, '/');
	SPK_AUTOTEXT spk_text text = { 0 };
	spn_status status = SPN_OK;
	for (size_t i = 0; slash && !status && i < mapping->n; i++) {
		spn_bytes target, alias;
		const char *at, *end = mapping->values[i].data + mapping->values[i].len;
		if (!split_value(mapping->values[i], &target, &at) ||
				!spk_fold_equal(target, (spn_bytes){ name, (size_t)(slash - name) }, SPK_FOLD_WINDOWS))
			continue;
		while (!status && next_class(&at, end, &alias)) {
			spk_text_clear(&text);
			spk_text_add_bytes(&text, alias.data, alias.len);
			spk_text_add_word(&text, slash);
			status = text.failed ? spk_nomem(err) : fn(text.data, data, err);
		}
	}
	return status;
}
