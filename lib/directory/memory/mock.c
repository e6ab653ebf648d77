/* SPDX-License-Identifier: MIT */
#include <spnkit/mock.h>

#include <string.h>
#include <time.h>

#include "memory.h"
#include "base/error.h"
#include "base/options.h"
#include "directory/directory.h"
#include "model/dn.h"

struct fault {
	spn_fault what; /* its strings are ours */
	unsigned long seen;
};

struct mock {
	spk_memory *memory;
	spn_directory *dir; /* the one that the mock is behind */
	struct fault *faults;
	size_t n_faults;
	unsigned long calls[SPN_FAULT_ON_ROOT + 1];
	bool in_hook;
};

static bool applies(struct fault *fault, spn_fault_on on, const char *dn)
{
	if (fault->what.on != SPN_FAULT_ON_ANY && fault->what.on != on)
		return false;
	if (fault->what.kind == SPN_FAULT_LOST_REPLY && on != SPN_FAULT_ON_MODIFY)
		return false;
	if (fault->what.dn && (!dn || !spk_dn_equal(fault->what.dn, dn)))
		return false;
	fault->seen++;
	return fault->what.nth == 0 || fault->seen == fault->what.nth;
}

static void nap(unsigned ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000L };
	while (nanosleep(&left, &left) != 0)
		;
}

/* What happens before a call is carried out.  ret_is_lost: its reply gets lost. */
static spn_status strike(struct mock *mock, spn_fault_on on, const char *dn, bool *ret_is_lost, spn_error *err)
{
	*ret_is_lost = false;
	if (mock->in_hook)
		return SPN_OK;
	mock->calls[SPN_FAULT_ON_ANY]++;
	mock->calls[on]++;
	for (size_t i = 0; i < mock->n_faults; i++) { /* a hook may add faults, or remove all of them */
		if (!applies(&mock->faults[i], on, dn))
			continue;
		const spn_fault what = mock->faults[i].what;
		switch (what.kind) {
		case SPN_FAULT_FAIL:
			return spk_fail_win32(err, what.status, what.native, what.win32, "%s",
					what.message ? what.message : "the mock was told to fail");
		case SPN_FAULT_LOST_REPLY:
			*ret_is_lost = true;
			break;
		case SPN_FAULT_SLOW:
			nap(what.delay_ms);
			break;
		case SPN_FAULT_CALL:
			mock->in_hook = true;
			what.hook(mock->dir, what.hook_data);
			mock->in_hook = false;
			break;
		}
	}
	return SPN_OK;
}

static spn_status mock_search(void *self, const spn_search *search, spn_entry_fn *fn, void *data, spn_error *err)
{
	struct mock *mock = self;
	bool is_lost;
	spn_status status = strike(mock, SPN_FAULT_ON_SEARCH, search->base, &is_lost, err);
	return status ? status : spk_memory_search(mock->memory, search, fn, data, err);
}

static spn_status mock_modify(void *self, const char *dn, const spn_mod *mods, size_t n_mods, spn_error *err)
{
	struct mock *mock = self;
	bool is_lost;
	spn_status status = strike(mock, SPN_FAULT_ON_MODIFY, dn, &is_lost, err);
	if (!status)
		status = spk_memory_modify(mock->memory, dn, mods, n_mods, is_lost ? NULL : err);
	return is_lost ? spn_fail(err, SPN_ERR_UNREACHABLE, 0, "no answer came: the mock was told to lose it") : status;
}

static spn_status mock_root(void *self, spn_entry **ret_root, spn_error *err)
{
	struct mock *mock = self;
	bool is_lost;
	spn_status status = strike(mock, SPN_FAULT_ON_ROOT, NULL, &is_lost, err);
	return status ? status : spk_memory_root(mock->memory, ret_root, err);
}

static void clear(struct mock *mock)
{
	for (size_t i = 0; i < mock->n_faults; i++) {
		free((void *)(uintptr_t)mock->faults[i].what.dn);
		free((void *)(uintptr_t)mock->faults[i].what.message);
	}
	free(mock->faults);
	mock->faults = NULL;
	mock->n_faults = 0;
}

static void mock_free(void *self)
{
	struct mock *mock = self;
	clear(mock);
	spk_memory_free(mock->memory);
	free(mock);
}

static void mock_notes(const void *self, spn_note_fn *fn, void *data)
{
	const struct mock *mock = self;
	spk_memory_notes(mock->memory, fn, data);
}

static const spn_backend mock_backend = {
	.version = SPN_BACKEND_VERSION,
	.name = "mock",
	.search = mock_search,
	.modify = mock_modify,
	.root = mock_root,
	.free = mock_free,
	.notes = mock_notes,
};

spn_status spn_mock_new(const char *ldif, spn_dialect rules, spn_directory **ret_dir, spn_error *err)
{
	if (!ldif || !ret_dir || (rules != SPN_DIALECT_WINDOWS && rules != SPN_DIALECT_SAMBA))
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_mock_new: an argument is NULL, or the rules are unknown");
	spk_store *store;
	struct mock *mock = calloc(1, sizeof *mock);
	if (!mock)
		return spk_nomem(err);
	spn_status status = spk_store_new_text("mock", spk_bytes(ldif), &store, err);
	if (!status)
		status = spk_memory_new(store, rules, NULL, &mock->memory, err);
	if (!status)
		status = spn_directory_new(&mock_backend, mock, "mock:", false, &mock->dir, err);
	if (status) {
		mock_free(mock);
		return status;
	}
	*ret_dir = mock->dir;
	return SPN_OK;
}

static bool makes_sense(const spn_fault *fault)
{
	if ((unsigned)fault->on > SPN_FAULT_ON_ROOT || (fault->dn && fault->on == SPN_FAULT_ON_ROOT))
		return false;
	switch (fault->kind) {
	case SPN_FAULT_FAIL: return fault->status != SPN_OK;
	case SPN_FAULT_LOST_REPLY: return fault->on == SPN_FAULT_ON_ANY || fault->on == SPN_FAULT_ON_MODIFY;
	case SPN_FAULT_SLOW: return true;
	case SPN_FAULT_CALL: return fault->hook != NULL;
	}
	return false;
}

spn_status spn_mock_fault(spn_directory *dir, const spn_fault *fault, spn_error *err)
{
	struct mock *mock = spk_directory_self(dir, &mock_backend);
	spn_status status = fault ? spk_version_check("spn_fault", fault->version, SPN_FAULT_VERSION, err) : SPN_OK;
	if (status)
		return status;
	if (!mock || !fault || !makes_sense(fault))
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_mock_fault: the directory is not a mock, or the fault makes no sense");
	struct fault *grown = realloc(mock->faults, (mock->n_faults + 1) * sizeof *grown);
	if (!grown)
		return spk_nomem(err);
	mock->faults = grown;
	SPK_AUTOFREE char *dn = fault->dn ? strdup(fault->dn) : NULL;
	SPK_AUTOFREE char *message = fault->message ? strdup(fault->message) : NULL;
	if ((fault->dn && !dn) || (fault->message && !message))
		return spk_nomem(err);
	struct fault *added = &grown[mock->n_faults++];
	*added = (struct fault){ .what = *fault };
	added->what.dn = dn;
	added->what.message = message;
	dn = message = NULL;
	return SPN_OK;
}

spn_status spn_mock_allow_duplicates(spn_directory *dir, bool on, spn_error *err)
{
	struct mock *mock = spk_directory_self(dir, &mock_backend);
	if (!mock)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_mock_allow_duplicates: the directory is not a mock");
	mock->memory->allows_duplicates = on;
	return SPN_OK;
}

void spn_mock_clear(spn_directory *dir)
{
	struct mock *mock = spk_directory_self(dir, &mock_backend);
	if (mock)
		clear(mock);
}

unsigned long spn_mock_calls(const spn_directory *dir, spn_fault_on on)
{
	const struct mock *mock = spk_directory_self(dir, &mock_backend);
	return mock && (unsigned)on <= SPN_FAULT_ON_ROOT ? mock->calls[on] : 0;
}

const char *spn_mock_ldif(const spn_directory *dir)
{
	const struct mock *mock = spk_directory_self(dir, &mock_backend);
	return mock ? spk_store_text(mock->memory->store) : NULL;
}
