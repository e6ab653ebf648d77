/* SPDX-License-Identifier: MIT */
#include "changes.h"

#include <string.h>

#include "account/mapping.h"
#include "base/error.h"
#include "directory/directory.h"
#include "duplicates.h"
#include "model/dn.h"

/* So many names are looked up together, with the other names of their families. */
#define NAMES_TOGETHER 1024
#define NAMES_OF_SERVER 4

const char *spn_event_kind_name(spn_event_kind kind)
{
	switch (kind) {
	case SPN_EVENT_CAME: return "came";
	case SPN_EVENT_WENT: return "went";
	case SPN_EVENT_MOVED: return "moved";
	case SPN_EVENT_UNSEEN: return "unseen";
	case SPN_EVENT_RENAMED: return "renamed";
	case SPN_EVENT_TICKET: return "ticket";
	case SPN_EVENT_NEW: return "new";
	case SPN_EVENT_CLEARED: return "cleared";
	}
	return "unknown";
}

/* ---- findings that were not, or are no longer ---- */

struct findings {
	const spk_sides *sides;
	const spk_moves *moves;
	const spk_mapping *mapping;
	spn_event_fn *fn;
	void *data;
	spk_keys changed; /* names, folded */
	const char *const *names; /* the same as they are spelled, each once */
	size_t n;
	spk_keys known[SPK_SIDES]; /* findings of each state: their code and folded name */
	spk_keys cleared;
	/* what is made of a finding: those of a state are noted, and those that another state does not have are told */
	size_t side;
	bool tells;
	spn_event_kind kind;
};

static bool add_key(const struct findings *findings, spn_bytes name, spk_text *key)
{
	spk_fold_key(name, findings->sides->folding, key);
	return !key->failed;
}

static spn_status is_changed(const struct findings *findings, const char *name, bool *ret_is, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	if (!add_key(findings, spk_bytes(name), &key))
		return spk_nomem(err);
	*ret_is = spk_keys_find(&findings->changed, (spn_bytes){ key.data, key.len }) != SIZE_MAX;
	return SPN_OK;
}

/* Whether a finding may be another than in the other state: its name has changed hands, or what that is an alias of. Of
 * other names of the same accounts, not every holder was looked up. */
static spn_status is_of_change(const struct findings *findings, const char *name, bool *ret_is, spn_error *err)
{
	SPK_AUTOTEXT spk_text target = { 0 };
	spn_status status = is_changed(findings, name, ret_is, err);
	if (status || *ret_is || !spk_mapping_target(findings->mapping, name, &target))
		return status;
	return target.failed ? spk_nomem(err) : is_changed(findings, target.data, ret_is, err);
}

static spn_status take(const spn_finding *finding, void *data, spn_error *err)
{
	struct findings *findings = data;
	bool is_wanted = false, is_unsure = false;
	SPK_AUTOTEXT spk_text key = { 0 };
	spn_status status = finding->spn ? is_of_change(findings, finding->spn, &is_wanted, err) : SPN_OK;
	if (!status && is_wanted)
		status = spk_moves_unsure(
				findings->sides, findings->moves, findings->mapping, finding->spn, &is_unsure, err);
	if (status || !is_wanted || is_unsure)
		return status;
	spk_text_add(&key, "%s ", finding->code);
	if (key.failed || !add_key(findings, spk_bytes(finding->spn), &key))
		return spk_nomem(err);
	const spn_bytes bytes = { key.data, key.len };
	spk_keys *own = findings->kind == SPN_EVENT_CLEARED ? &findings->cleared : &findings->known[findings->side];
	size_t before = own->n;
	if (spk_keys_add(own, bytes) == SIZE_MAX)
		return spk_nomem(err);
	bool is_new = own->n > before; /* of names that were looked up together with others, it may have been told */
	if (!findings->tells || !is_new || spk_keys_find(&findings->known[!findings->side], bytes) != SIZE_MAX)
		return SPN_OK;
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_text_add(&text, "%s%s", findings->kind == SPN_EVENT_CLEARED ? "no longer so: " : "", finding->text);
	if (text.failed)
		return spk_nomem(err);
	const spn_event event = { .kind = findings->kind, .spn = finding->spn, .finding = finding, .text = text.data };
	return findings->fn(&event, findings->data, err);
}

static spn_status look(struct findings *findings, size_t side, bool tells, spn_event_kind kind, spn_error *err)
{
	spk_scope scope;
	spn_directory *dir = findings->sides->side[side].dir;
	size_t together = spk_directory_is_local(dir) ? NAMES_TOGETHER : NAMES_OF_SERVER;
	spn_status status = spk_scope_new(dir, NULL, 0, false, &scope, err);
	if (status)
		return status;
	findings->side = side;
	findings->tells = tells;
	findings->kind = kind;
	for (size_t i = 0; !status && i < findings->n; i += together)
		status = spk_duplicates_of_names(&scope, findings->names + i,
				findings->n - i < together ? findings->n - i : together,
				&(spk_teller){ take, findings }, err);
	status = spk_scope_trouble(&scope, status, err);
	spk_scope_free(&scope);
	return status;
}

static spn_status list_names(struct findings *findings, const spk_moves *moves, const char **names, spn_error *err)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	for (size_t i = 0; i < moves->n; i++) {
		const spk_move *move = &moves->list[i];
		if (move->kind > SPN_EVENT_MOVED || !*move->spn)
			continue;
		size_t before = findings->changed.n;
		spk_text_clear(&key);
		if (!add_key(findings, spk_bytes(move->spn), &key) ||
				spk_keys_add(&findings->changed, (spn_bytes){ key.data, key.len }) == SIZE_MAX)
			return spk_nomem(err);
		if (findings->changed.n > before)
			names[findings->n++] = move->spn;
	}
	findings->names = names;
	return SPN_OK;
}

static spn_status tell_findings(const spk_sides *sides, const spk_moves *moves, const spk_mapping *mapping,
		spn_event_fn *fn, void *data, spn_error *err)
{
	struct findings findings = { .sides = sides, .moves = moves, .mapping = mapping, .fn = fn, .data = data };
	SPK_AUTOFREE const char **names = calloc(moves->n + 1, sizeof *names);
	if (!names)
		return spk_nomem(err);
	spn_status status = list_names(&findings, moves, names, err);
	if (!status)
		status = look(&findings, SPK_OLD, false, SPN_EVENT_NEW, err);
	if (!status)
		status = look(&findings, SPK_NEW, true, SPN_EVENT_NEW, err);
	if (!status)
		status = look(&findings, SPK_OLD, true, SPN_EVENT_CLEARED, err);
	spk_keys_free(&findings.changed);
	spk_keys_free(&findings.cleared);
	for (size_t i = 0; i < SPK_SIDES; i++)
		spk_keys_free(&findings.known[i]);
	return status;
}

/* ---- whether they can be compared ---- */

static void note_nameless(const spn_note *note, void *data)
{
	*(bool *)data |= strcmp(note->code, "no-names") == 0;
}

static spn_status check_comparable(const spk_sides *sides, spn_error *err)
{
	const char *domains[SPK_SIDES] = { NULL, NULL };
	for (size_t i = 0; i < SPK_SIDES; i++) {
		spn_directory *dir = sides->side[i].dir;
		bool is_nameless = false;
		spn_status status = spk_directory_context(dir, "defaultNamingContext", &domains[i], err);
		if (status)
			return status;
		spn_directory_notes(dir, note_nameless, &is_nameless);
		if (is_nameless)
			return spn_fail(err, SPN_ERR_INVALID, 0,
					"no account has a servicePrincipalName in '%s': it cannot be compared; export "
					"that "
					"attribute too",
					spn_directory_url(dir));
	}
	if (!domains[SPK_OLD] || !domains[SPK_NEW] || !spk_dn_equal(domains[SPK_OLD], domains[SPK_NEW]))
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"'%s' is of the domain '%s', and '%s' of '%s': compare one domain with itself",
				spn_directory_url(sides->side[SPK_OLD].dir), domains[SPK_OLD] ? domains[SPK_OLD] : "",
				spn_directory_url(sides->side[SPK_NEW].dir), domains[SPK_NEW] ? domains[SPK_NEW] : "");
	return SPN_OK;
}

static spn_status compare(spk_sides *sides, spk_moves *moves, spn_event_fn *fn, void *data, spn_error *err)
{
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	spn_status status = check_comparable(sides, err);
	if (!status)
		status = spk_mapping_load(sides->side[SPK_NEW].dir, &live, err);
	if (!status)
		status = spk_sides_read(sides, err);
	if (!status)
		status = spk_moves_find(sides, moves, err);
	if (!status)
		status = spk_moves_tell(sides, moves, &live.mapping, fn, data, err);
	return status ? status : tell_findings(sides, moves, &live.mapping, fn, data, err);
}

spn_status spn_changes(
		spn_directory *dir, const spn_changes_options *options, spn_event_fn *fn, void *data, spn_error *err)
{
	if (!dir || !options || !fn || options->version != SPN_CHANGES_OPTIONS_VERSION || !options->since)
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"spn_changes: an argument is NULL, or the options are of another version");
	bool lost = false;
	spk_sides sides = { .lost = &lost,
		.side = { [SPK_OLD] = { .dir = options->since }, [SPK_NEW] = { .dir = dir } } };
	spk_moves moves = { 0 };
	spn_status status = compare(&sides, &moves, fn, data, err);
	spk_moves_free(&moves);
	spk_sides_free(&sides);
	return status;
}
