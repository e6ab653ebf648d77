/* SPDX-License-Identifier: MIT */
#include "changes.h"

#include <string.h>

#include "account/mapping.h"
#include "base/error.h"
#include "directory/directory.h"
#include "duplicates.h"
#include "same_cn.h"
#include "model/dn.h"

/* How many names are looked up together, with the other names of their families. */
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

/* ---- findings that are new or cleared ---- */

/* The findings of the old state are noted.  Then those of the new state are reported that the old one does not have;
 * then those of the old state that the new one does not have. */
enum pass { NOTE, NEW, CLEARED, PASSES };

struct findings {
	const spk_sides *sides;
	const spk_moves *moves;
	const spk_mapping *mapping;
	spn_event_fn *fn;
	void *data;
	spk_keys changed; /* names, folded */
	const char *const *names; /* the same as they are spelled, each once */
	size_t n;
	enum pass pass;
	bool is_of_all; /* a look at all names: not only those that have changed hands */
	spk_keys seen[PASSES]; /* in each pass: the code and the folded name of its findings */
};

static spn_status is_changed(const struct findings *findings, const char *name, bool *ret_is, spn_error *err)
{
	size_t place;
	if (!spk_folded_find(&findings->changed, spk_bytes(name), findings->sides->folding, &place))
		return spk_nomem(err);
	*ret_is = place != SIZE_MAX;
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
	bool is_relevant = false, is_unsure = false;
	SPK_AUTOTEXT spk_text key = { 0 };
	spn_status status = SPN_OK;
	if (findings->is_of_all)
		is_relevant = true;
	else if (finding->spn)
		status = is_of_change(findings, finding->spn, &is_relevant, err);
	if (!status && is_relevant && !findings->is_of_all)
		status = spk_moves_unsure(
				findings->sides, findings->moves, findings->mapping, finding->spn, &is_unsure, err);
	if (status || !is_relevant || is_unsure)
		return status;
	spk_text_add(&key, "%s %d ", finding->code, finding->severity);
	spk_fold_key(spk_bytes(finding->spn), findings->sides->folding, &key);
	if (key.failed)
		return spk_nomem(err);
	const spn_bytes bytes = { key.data, key.len };
	spk_keys *seen = &findings->seen[findings->pass];
	size_t before = seen->n;
	if (spk_keys_add(seen, bytes) == SIZE_MAX)
		return spk_nomem(err);
	bool is_first = seen->n > before; /* a finding comes again with every batch of names that it concerns */
	if (findings->pass == NOTE || !is_first || spk_keys_find(seen - 1, bytes) != SIZE_MAX)
		return SPN_OK;
	return spk_rules_tell(finding, findings->pass == CLEARED, findings->fn, findings->data, err);
}

static spn_status look(struct findings *findings, spn_error *err)
{
	spk_scope scope;
	spn_directory *dir = findings->sides->side[findings->pass == NEW ? SPK_NEW : SPK_OLD].dir;
	size_t together = spk_directory_is_local(dir) ? NAMES_TOGETHER : NAMES_OF_SERVER;
	spn_status status = spk_scope_new(dir, NULL, 0, false, &scope, err);
	if (status)
		return status;
	for (size_t i = 0; !status && i < findings->n; i += together)
		status = spk_duplicates_of_names(&scope, findings->names + i,
				findings->n - i < together ? findings->n - i : together,
				&(spk_teller){ take, findings }, err);
	findings->is_of_all = true; /* a computer that is called differently, or is new, changes no name */
	if (!status)
		status = spk_same_cn_find(&scope, &(spk_teller){ take, findings }, err);
	findings->is_of_all = false;
	status = spk_scope_trouble(&scope, status, err);
	spk_scope_free(&scope);
	return status;
}

static spn_status list_names(struct findings *findings, const spk_moves *moves, const char **names, spn_error *err)
{
	for (size_t i = 0; i < moves->n; i++) {
		const spk_move *move = &moves->list[i];
		if (move->kind > SPN_EVENT_MOVED || !*move->spn)
			continue;
		const char *asked = spk_move_asked(move);
		size_t before = findings->changed.n;
		if (spk_folded_add(&findings->changed, spk_bytes(asked), findings->sides->folding) == SIZE_MAX)
			return spk_nomem(err);
		if (findings->changed.n > before)
			names[findings->n++] = asked;
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
	for (; !status && findings.pass < PASSES; findings.pass++)
		status = look(&findings, err);
	spk_keys_free(&findings.changed);
	for (size_t i = 0; i < PASSES; i++)
		spk_keys_free(&findings.seen[i]);
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
					"that attribute too",
					spn_directory_url(dir));
	}
	if (!domains[SPK_OLD] || !domains[SPK_NEW] || !spk_dn_equal(domains[SPK_OLD], domains[SPK_NEW]))
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"'%s' is of the domain '%s', and '%s' of '%s': compare one domain with itself",
				spn_directory_url(sides->side[SPK_OLD].dir), domains[SPK_OLD] ? domains[SPK_OLD] : "",
				spn_directory_url(sides->side[SPK_NEW].dir), domains[SPK_NEW] ? domains[SPK_NEW] : "");
	return SPN_OK;
}

static spn_status compare(spk_sides *sides, spk_moves *moves, bool with_findings, spn_event_fn *fn, void *data,
		spn_error *err)
{
	SPK_AUTOMAPPING spk_live_mapping live = { 0 };
	spn_status status = spk_mapping_load(sides->side[SPK_NEW].dir, &live, err);
	if (!status)
		status = spk_sides_read(sides, err);
	if (!status)
		status = spk_moves_find(sides, moves, err);
	if (!status)
		status = spk_moves_tell(sides, moves, &live.mapping, fn, data, err);
	return status || !with_findings ? status : tell_findings(sides, moves, &live.mapping, fn, data, err);
}

spn_status spk_changes(spn_directory *old, spn_directory *now, spk_pair pair, bool with_findings, spn_event_fn *fn,
		void *data, spn_error *err)
{
	bool lost = false, is_whole = pair == SPK_LOOKS_AT_DOMAIN;
	spk_sides sides = { .lost = &lost, .is_whole = is_whole, .is_of_one = pair != SPK_TWO_EXPORTS,
		.side = { [SPK_OLD] = { .dir = old }, [SPK_NEW] = { .dir = now } } };
	spk_moves moves = { 0 };
	spn_status status = is_whole ? SPN_OK : check_comparable(&sides, err);
	if (!status)
		status = compare(&sides, &moves, with_findings, fn, data, err);
	spk_moves_free(&moves);
	spk_sides_free(&sides);
	return status;
}

spn_status spn_changes(
		spn_directory *dir, const spn_changes_options *options, spn_event_fn *fn, void *data, spn_error *err)
{
	if (!dir || !options || !fn || options->version != SPN_CHANGES_OPTIONS_VERSION || !options->since)
		return spn_fail(err, SPN_ERR_INVALID, 0,
				"spn_changes: an argument is NULL, or the options are of another version");
	return spk_changes(options->since, dir, SPK_TWO_EXPORTS, true, fn, data, err);
}
