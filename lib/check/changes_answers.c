/* SPDX-License-Identifier: MIT */
/* Who answered for a name, and who answers now. */
#include "changes.h"
#include "resolve.h"

#include <stdlib.h>
#include <string.h>

#include "account/names.h"
#include "base/error.h"
#include "directory/directory.h"
#include "model/dn.h"

/* Moves in a batch of look-ups.  Each target has some fifty aliases. */
#define MOVES_TOGETHER 1024
#define MOVES_OF_SERVER 64

/* A copy of a spk_answer. */
struct answer {
	spn_answer shown;
	spn_account_ref *refs;
	char *via;
	bool is_off; /* the first account is disabled: nothing runs as it */
};

struct batch {
	const spk_sides *sides;
	spn_event_fn *fn;
	void *data;
	const spk_mapping *mapping;
	const spk_moves *moves;
	spk_keys moved; /* names of moves, folded: each of them is an event of its own */
	spk_names names; /* to look up: of each move, its name and the aliases of that */
	bool is_brief; /* an alias that nobody holds goes the way of its target: only held aliases are looked up */
	spk_keys held; /* then: the names that accounts hold, folded */
	spk_names followers; /* then: of each move, the aliases that are not looked up */
	size_t *first_follower;
	size_t *first; /* of each move, its name; one more for the end */
	struct answer *answers[SPK_SIDES];
};

static void clear_answers(struct batch *batch)
{
	for (size_t side = 0; side < SPK_SIDES; side++) {
		for (size_t i = 0; batch->answers[side] && i < batch->names.n; i++) {
			struct answer *answer = &batch->answers[side][i];
			for (size_t j = 0; j < answer->shown.n_accounts; j++) {
				free((void *)(uintptr_t)answer->refs[j].dn);
				free((void *)(uintptr_t)answer->refs[j].account);
			}
			free(answer->refs);
			free(answer->via);
		}
		free(batch->answers[side]);
		batch->answers[side] = NULL;
	}
	spk_names_free(&batch->names);
	spk_names_free(&batch->followers);
	spk_keys_free(&batch->held);
	batch->names = batch->followers = (spk_names){ 0 };
}

static spn_status keep_answer(size_t i, const spk_answer *found, void *data, spn_error *err)
{
	struct answer *answer = (struct answer *)data + i;
	answer->refs = calloc(found->n_accounts + 1, sizeof *answer->refs);
	if (!answer->refs || (found->via && !(answer->via = strdup(found->via))))
		return spk_nomem(err);
	answer->shown = (spn_answer){ .match = found->match, .via = answer->via, .accounts = answer->refs };
	for (size_t j = 0; j < found->n_accounts; j++) {
		const spn_account_ref ref = spk_account_ref(found->accounts[j]);
		answer->refs[j] = (spn_account_ref){ strdup(ref.dn), strdup(ref.account) };
		answer->shown.n_accounts = j + 1;
		answer->is_off |= j == 0 && !spn_account_enabled(found->accounts[j]);
		if (!answer->refs[j].dn || !answer->refs[j].account)
			return spk_nomem(err);
	}
	return SPN_OK;
}

static spn_status ask(struct batch *batch, spn_error *err)
{
	spn_status status = SPN_OK;
	for (size_t side = 0; !status && side < SPK_SIDES; side++) {
		batch->answers[side] = calloc(batch->names.n + 1, sizeof *batch->answers[side]);
		status = !batch->answers[side] ?
				spk_nomem(err) :
				spk_resolve_many(batch->sides->side[side].dir, (const char *const *)batch->names.list,
						batch->names.n, keep_answer, batch->answers[side], err);
	}
	return status;
}

/* ---- what has become of a name ---- */

static const spn_answer *answer_of(const struct batch *batch, size_t side, size_t name)
{
	return &batch->answers[side][name].shown;
}

static bool is_among(const struct batch *batch, const spn_account_ref *old, const spn_answer *after)
{
	bool is = false;
	for (size_t i = 0; !is && i < after->n_accounts; i++)
		is = spk_sides_same(batch->sides, old, &after->accounts[i]);
	return is;
}

/* Whether the same accounts, or none, are picked as before, for whatever reason. */
static bool is_unchanged(const struct batch *batch, const spn_answer *before, const spn_answer *after)
{
	bool is = before->n_accounts == after->n_accounts &&
			(before->n_accounts > 0 || (before->match == SPN_MATCH_NONE) == (after->match == SPN_MATCH_NONE));
	for (size_t i = 0; is && i < before->n_accounts; i++)
		is = is_among(batch, &before->accounts[i], after);
	return is;
}

/* Of one state. */
static bool is_equal(const spn_answer *a, const spn_answer *b)
{
	bool is = a->n_accounts == b->n_accounts && (a->n_accounts > 0 || a->match == b->match);
	for (size_t i = 0; is && i < a->n_accounts; i++)
		is = strcmp(a->accounts[i].dn, b->accounts[i].dn) == 0;
	return is;
}

static void put_labels(spk_text *text, const spn_answer *answer)
{
	for (size_t i = 0; i < answer->n_accounts; i++) {
		const spn_account_ref *ref = &answer->accounts[i];
		spk_text_add(text, "%s'%s'",
				i == 0                                     ? "" :
						i + 1 < answer->n_accounts ? ", " :
									     " and ",
				*ref->account ? ref->account : ref->dn);
	}
}

/* How the KDC comes to that account, unless the account holds the name itself. */
static void put_way(spk_text *text, const spn_answer *answer)
{
	if (answer->via && answer->match != SPN_MATCH_EXPLICIT)
		spk_text_add(text, ", through '%s'", answer->via);
}

static void put_effect(spk_text *text, const struct batch *batch, size_t name)
{
	const spn_answer *before = answer_of(batch, SPK_OLD, name), *after = answer_of(batch, SPK_NEW, name);
	bool is_same = is_unchanged(batch, before, after), was_one = before->n_accounts == 1;
	if (after->n_accounts == 0 && after->match != SPN_MATCH_NONE) {
		spk_text_add(text, "it is the name of a KDC");
	} else if (after->n_accounts == 0) {
		spk_text_add(text,
				is_same ? "nobody gets a ticket for it, as before (Kerberos error 7)" :
					  "clients no longer get a ticket for it (Kerberos error 7)");
	} else if (after->n_accounts > 1) {
		put_labels(text, after);
		spk_text_add(text, " hold it: nobody gets a ticket for it%s",
				is_same                 ? ", as before" :
						was_one ? " any more" :
							  "");
	} else if (is_same) {
		spk_text_add(text, "tickets for it are still for ");
		put_labels(text, after);
		put_way(text, after);
	} else if (was_one) {
		spk_text_add(text, "tickets for it are now for ");
		put_labels(text, after);
		put_way(text, after);
		bool was_off = batch->answers[SPK_OLD][name].is_off;
		spk_text_add(text, was_off ? ", no longer for " : ": what runs as ");
		put_labels(text, before);
		spk_text_add(text, was_off ? ", which was disabled" : " cannot read them (0x80090322)");
	} else {
		spk_text_add(text, "clients now get a ticket for it, for ");
		put_labels(text, after);
		put_way(text, after);
	}
}

static bool is_about_ticket(const spk_move *move)
{
	return move->is_servable && move->kind <= SPN_EVENT_MOVED;
}

/* ---- telling ---- */

static spn_status tell(const struct batch *batch, const spn_event *event, spk_text *text, spn_error *err)
{
	spn_event told = *event;
	if (text->failed || !text->data || *batch->sides->lost)
		return spk_nomem(err);
	spk_make_printable(text->data);
	told.text = text->data;
	return batch->fn(&told, batch->data, err);
}

static void put_unseen(spk_text *text, const spk_move *move, const spk_side *own, size_t account)
{
	const spn_account_ref ref = spk_account_ref(own->accounts.list[account]);
	bool was = move->from != SPK_NOBODY;
	const char *label = *ref.account ? ref.account : ref.dn;
	if (own->partners[account] != SPK_NOBODY)
		spk_text_add(text, "'%s' %s it, but not all of its names are known %s", label, was ? "held" : "holds",
				was ? "now" : "from before");
	else
		spk_text_add(text,
				"'%s' %s it; whether the account %s is not known: the %s file is not of all accounts",
				label, was ? "held" : "holds", was ? "still exists" : "existed before",
				was ? "newer" : "older");
}

/* What is not about a ticket. */
static spn_status tell_plain(const struct batch *batch, const spk_move *move, spn_event *event, spn_error *err)
{
	const spk_side *sides = batch->sides->side;
	SPK_AUTOTEXT spk_text text = { 0 };
	if (move->kind == SPN_EVENT_RENAMED && event->from && event->to) {
		event->spn = NULL;
		spk_text_add(&text, "'%s' is now '%s', and keeps its names",
				*event->from->account ? event->from->account : event->from->dn,
				*event->to->account && strcmp(event->from->account, event->to->account) != 0 ?
						event->to->account :
						event->to->dn);
	} else if (move->kind == SPN_EVENT_UNSEEN) {
		bool was = move->from != SPK_NOBODY;
		put_unseen(&text, move, &sides[was ? SPK_OLD : SPK_NEW], was ? move->from : move->to);
	} else if (move->is_servable) {
		spk_text_add(&text,
				"who answers for it is not known: an account that only one of the files shows has it, "
				"or had it, too");
	} else if (move->is_odd) {
		spk_text_add(&text, "it is malformed, but Samba's KDC gives tickets for it all the same");
	} else {
		spk_text_add(&text, "no client can request it: it is malformed");
	}
	return tell(batch, event, &text, err);
}

static spn_status is_moved(const struct batch *batch, const char *name, bool *ret_is, spn_error *err)
{
	size_t place;
	if (!spk_folded_find(&batch->moved, spk_bytes(name), batch->sides->folding, &place))
		return spk_nomem(err);
	*ret_is = place != SIZE_MAX;
	return SPN_OK;
}

/* Whether an alias belongs to the event of its target: not if it has moved itself, or its answers are not known. */
static spn_status is_told_with(const struct batch *batch, const char *alias, bool *ret_is, spn_error *err)
{
	bool is_told = false, is_unsure = false;
	spn_status status = is_moved(batch, alias, &is_told, err);
	if (!status)
		status = spk_moves_unsure(batch->sides, batch->moves, batch->mapping, alias, &is_unsure, err);
	*ret_is = !is_told && !is_unsure;
	return status;
}

/* Adds the aliases that nobody holds. */
static spn_status add_followers(
		const struct batch *batch, size_t move, const char **also, spn_event *event, spn_error *err)
{
	spn_status status = SPN_OK;
	bool has_effect = !is_unchanged(batch, event->before, event->after);
	for (size_t i = batch->first_follower[move]; !status && has_effect && i < batch->first_follower[move + 1]; i++) {
		bool is_told = false;
		status = is_told_with(batch, batch->followers.list[i], &is_told, err);
		if (is_told)
			also[event->n_also++] = batch->followers.list[i];
	}
	return status;
}

/* A name that came, went or moved.  Aliases with the same answers are in its event, others get their own. */
static spn_status tell_served(
		const struct batch *batch, const spk_move *move, size_t number, spn_event *event, spn_error *err)
{
	size_t first = batch->first[number], end = batch->first[number + 1], n_apart = 0;
	size_t n_followers = batch->first_follower[number + 1] - batch->first_follower[number];
	SPK_AUTOTEXT spk_text text = { 0 };
	SPK_AUTOFREE const char **also = calloc(end - first + n_followers, sizeof *also);
	SPK_AUTOFREE size_t *apart = calloc(end - first, sizeof *apart);
	if (!also || !apart)
		return spk_nomem(err);
	event->before = answer_of(batch, SPK_OLD, first);
	event->after = answer_of(batch, SPK_NEW, first);
	event->also = also;
	for (size_t i = first + 1; i < end; i++) {
		const spn_answer *before = answer_of(batch, SPK_OLD, i), *after = answer_of(batch, SPK_NEW, i);
		bool is_told = false;
		spn_status known = is_told_with(batch, batch->names.list[i], &is_told, err);
		if (known)
			return known;
		if (!is_told || is_unchanged(batch, before, after))
			continue;
		if (is_equal(before, event->before) && is_equal(after, event->after))
			also[event->n_also++] = batch->names.list[i];
		else
			apart[n_apart++] = i;
	}
	spn_status status = add_followers(batch, number, also, event, err);
	if (status)
		return status;
	put_effect(&text, batch, first);
	status = tell(batch, event, &text, err);
	for (size_t i = 0; !status && i < n_apart; i++) {
		const spn_event alias = { .kind = SPN_EVENT_TICKET,
			.spn = batch->names.list[apart[i]],
			.before = answer_of(batch, SPK_OLD, apart[i]),
			.after = answer_of(batch, SPK_NEW, apart[i]) };
		SPK_AUTOTEXT spk_text effect = { 0 };
		spk_text_add(&effect, "it is an alias of '%s': ", spk_move_asked(move));
		put_effect(&effect, batch, apart[i]);
		status = tell(batch, &alias, &effect, err);
	}
	return status;
}

static spn_status tell_move(const struct batch *batch, const spk_move *move, size_t number, spn_error *err)
{
	spn_account_ref from, to;
	spn_event event = { .kind = move->kind, .spn = move->spn };
	if (move->from != SPK_NOBODY) {
		from = spk_account_ref(batch->sides->side[SPK_OLD].accounts.list[move->from]);
		event.from = &from;
	}
	if (move->to != SPK_NOBODY) {
		to = spk_account_ref(batch->sides->side[SPK_NEW].accounts.list[move->to]);
		event.to = &to;
	}
	return batch->first[number] == batch->first[number + 1] ? tell_plain(batch, move, &event, err) :
								  tell_served(batch, move, number, &event, err);
}

/* ---- what is looked up ---- */

static spn_status note_held(const spn_entry *entry, void *data, spn_error *err)
{
	struct batch *batch = data;
	const spn_bytes *names;
	size_t n = spn_entry_values(entry, SPK_SPN, &names);
	for (size_t i = 0; i < n; i++)
		if (spk_folded_add(&batch->held, names[i], batch->sides->folding) == SIZE_MAX)
			return spk_nomem(err);
	return SPN_OK;
}

/* Who holds an alias holds a name with the same host. */
static spn_status find_held(struct batch *batch, const spk_move *moves, size_t n, spn_error *err)
{
	static const char *const attrs[] = { SPK_SPN, NULL };
	SPK_AUTOFREE const char **names = calloc(n + 1, sizeof *names);
	size_t n_names = 0;
	if (!names)
		return spk_nomem(err);
	for (size_t i = 0; i < n; i++)
		if (is_about_ticket(&moves[i]))
			names[n_names++] = spk_move_asked(&moves[i]);
	spn_status status = SPN_OK;
	for (size_t side = 0; !status && side < SPK_SIDES; side++)
		status = spk_directory_search_hosts(
				batch->sides->side[side].dir, names, n_names, attrs, note_held, batch, err);
	return status;
}

static spn_status take_alias(const char *alias, void *data, spn_error *err)
{
	struct batch *batch = data;
	size_t place;
	if (!batch->is_brief)
		return spk_names_add(&batch->names, alias, err);
	if (!spk_folded_find(&batch->held, spk_bytes(alias), batch->sides->folding, &place))
		return spk_nomem(err);
	return spk_names_add(place == SIZE_MAX ? &batch->followers : &batch->names, alias, err);
}

static spn_status list_names(struct batch *batch, const spk_move *moves, size_t n, spn_error *err)
{
	spn_status status = batch->is_brief ? find_held(batch, moves, n, err) : SPN_OK;
	for (size_t i = 0; !status && i < n; i++) {
		bool is_unsure = false;
		batch->first[i] = batch->names.n;
		batch->first_follower[i] = batch->followers.n;
		if (!is_about_ticket(&moves[i]))
			continue;
		const char *asked = spk_move_asked(&moves[i]);
		status = spk_moves_unsure(batch->sides, batch->moves, batch->mapping, asked, &is_unsure, err);
		if (status || is_unsure)
			continue;
		status = spk_names_add(&batch->names, asked, err);
		if (!status)
			status = spk_mapping_aliases(batch->mapping, asked, take_alias, batch, err);
	}
	batch->first[n] = batch->names.n;
	batch->first_follower[n] = batch->followers.n;
	return status;
}

static spn_status tell_some(struct batch *batch, const spk_move *moves, size_t n, spn_error *err)
{
	spn_status status = list_names(batch, moves, n, err);
	if (!status)
		status = ask(batch, err);
	for (size_t i = 0; !status && i < n; i++)
		status = tell_move(batch, &moves[i], i, err);
	clear_answers(batch);
	return status;
}

/* Only the mapping decides who answers for an alias that nobody holds: in two files of Windows domains in which no
 * userPrincipalName looks like a service's. */
static bool can_be_brief(const spk_sides *sides)
{
	return sides->folding == SPK_FOLD_WINDOWS && !spk_directory_may_name_upns(sides->side[SPK_OLD].dir) &&
			!spk_directory_may_name_upns(sides->side[SPK_NEW].dir);
}

spn_status spk_moves_tell(const spk_sides *sides, const spk_moves *moves, const spk_mapping *mapping, spn_event_fn *fn,
		void *data, spn_error *err)
{
	struct batch batch = { .sides = sides, .fn = fn, .data = data, .mapping = mapping, .moves = moves };
	bool is_local = spk_directory_is_local(sides->side[SPK_OLD].dir) &&
			spk_directory_is_local(sides->side[SPK_NEW].dir);
	size_t together = is_local ? MOVES_TOGETHER : MOVES_OF_SERVER;
	spn_status status = SPN_OK;
	batch.is_brief = is_local && can_be_brief(sides);
	batch.first = calloc(together + 1, sizeof *batch.first);
	batch.first_follower = calloc(together + 1, sizeof *batch.first_follower);
	if (!batch.first || !batch.first_follower)
		status = spk_nomem(err);
	for (size_t i = 0; !status && i < moves->n; i++)
		if (is_about_ticket(&moves->list[i]) &&
				spk_folded_add(&batch.moved, spk_bytes(spk_move_asked(&moves->list[i])), sides->folding) == SIZE_MAX)
			status = spk_nomem(err);
	for (size_t i = 0; !status && i < moves->n; i += together)
		status = tell_some(&batch, moves->list + i, moves->n - i < together ? moves->n - i : together, err);
	spk_keys_free(&batch.moved);
	free(batch.first);
	free(batch.first_follower);
	return status;
}
