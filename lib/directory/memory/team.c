/* SPDX-License-Identifier: MIT */
/*
 * Threads that look at stretches of the text, the calling one among them: whoever is free takes the next stretch.  What
 * they find is a small part of the text, so that little goes from one processor to another; and it is in its order.
 */
#include "team.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "base/error.h"
#include "directory/directory.h"

/* A thread costs less than a hundredth of what so much text does. */
#define TEXT_MIN ((size_t)4 << 20)
/* How many records a stretch has, and how many stretches are looked at ahead of the one that is gone over: so many that
 * nobody waits while the caller sorts what is known of a million accounts. */
enum { RECORDS = 2048, AHEAD = 64 };

struct member {
	spk_team *team;
	spk_view view;
	pthread_t thread;
};

struct spk_team {
	const spk_passer *passer;
	size_t *starts, n; /* of all stretches */
	spk_stretch stretches[AHEAD]; /* number i is at i % AHEAD */
	size_t n_given; /* to the caller */
	struct member members[SPK_THREADS_MAX]; /* the first is the caller */
	size_t n_members, n_threads;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	size_t n_ready, n_taken; /* stretches that may be looked at; those of them that somebody looks at, or has */
	bool is_over;
};

size_t spk_threads_for(const spk_content *content)
{
	size_t wanted = spk_content_is_file(content) ? spk_content_size(content) / TEXT_MIN : 0;
	cpu_set_t set;
	size_t processors = wanted > 1 && sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
	wanted = wanted < processors ? wanted : processors;
	return wanted < SPK_THREADS_MAX ? wanted : SPK_THREADS_MAX;
}

bool spk_thread_start(pthread_t *thread, void *(*run)(void *data), void *data)
{
	sigset_t all, before;
	sigfillset(&all); /* the application's signals are for the application's threads */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool has_started = pthread_create(thread, NULL, run, data) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return has_started;
}

/* What a looker adds behind what is known of a record before. */
static size_t begin_note(spk_text *text)
{
	const spk_found nothing = { 0 };
	spk_text_add_bytes(text, &nothing, sizeof nothing);
	return text->len - sizeof nothing;
}

/* Of records that are not known one after the other, the first is told. */
static void end_note(spk_text *text, size_t at, size_t offset, bool *was_known)
{
	const spk_found found = { offset, text->failed ? 0 : text->len - at - sizeof found };
	if (text->failed)
		return;
	if (found.len > 0 || *was_known)
		memcpy(text->data + at, &found, sizeof found);
	else
		text->len = at;
	*was_known = found.len > 0;
}

/* Looks at the records of a stretch.  False: that was not possible. */
static bool look(const spk_passer *passer, spk_stretch *stretch, spk_ldif_reader *reader)
{
	spk_text *text = &stretch->found;
	bool was_known = true;
	spk_text_clear(text);
	if (!stretch->is_prepared)
		return false;
	spk_ldif_seek(reader, stretch->from, 1);
	while (!text->failed) {
		const spk_ldif_record *record = NULL;
		spk_ldif_fit fit;
		size_t at = begin_note(text);
		bool fits = !text->failed && passer->fits(stretch->looker, reader, &fit, text);
		const spk_ldif_plain *plain = fits ? NULL : spk_ldif_peek(reader);
		if (!fits && !plain && spk_ldif_next(reader, &record, NULL))
			return false;
		bool is_any = fits || plain || record;
		size_t offset = fits ? fit.offset : plain ? plain->offset : record ? record->offset : 0;
		if (!is_any || offset >= stretch->to) {
			text->len = text->failed ? 0 : at;
			return !text->failed && (is_any || stretch->to == SIZE_MAX); /* else the file was cut off */
		}
		if (plain)
			passer->look(stretch->looker, plain, text);
		end_note(text, at, offset, &was_known);
		if (fits)
			spk_ldif_pass(reader, &fit);
		else if (plain)
			spk_ldif_take(reader);
	}
	return !text->failed;
}

/* The mutex is locked, but not while somebody looks. */
static void look_at_next(spk_team *team, struct member *member)
{
	spk_stretch *stretch = &team->stretches[team->n_taken++ % AHEAD];
	pthread_mutex_unlock(&team->mutex);
	stretch->is_known = look(team->passer, stretch, member->view.reader);
	pthread_mutex_lock(&team->mutex);
	stretch->is_done = true;
	pthread_cond_broadcast(&team->changed);
}

static void *run(void *data)
{
	struct member *member = data;
	spk_team *team = member->team;
	pthread_mutex_lock(&team->mutex);
	while (!team->is_over)
		if (team->n_taken < team->n_ready)
			look_at_next(team, member);
		else
			pthread_cond_wait(&team->changed, &team->mutex);
	pthread_mutex_unlock(&team->mutex);
	return NULL;
}

/* A callback may change the text, and with it what is known of where records are; but not what the team reads. */
static bool copy_starts(const spk_records *records, spk_team *team)
{
	team->starts = calloc(records->n / RECORDS + 1, sizeof *team->starts);
	for (size_t i = RECORDS; team->starts && i < records->n; i += RECORDS)
		team->starts[i / RECORDS] = records->offsets[i];
	team->n = (records->n + RECORDS - 1) / RECORDS;
	return team->starts;
}

spn_status spk_team_new(spk_memory *memory, const spk_content *content, const spk_passer *passer,
		const char *const *attrs, spk_team **ret_team, spn_error *err)
{
	size_t n = spk_threads_for(content);
	if (n < 2)
		return SPN_OK;
	SPK_AUTOTEAM spk_team *team = calloc(1, sizeof *team);
	if (!team)
		return spk_nomem(err);
	team->passer = passer;
	pthread_mutex_init(&team->mutex, NULL);
	pthread_cond_init(&team->changed, NULL);
	bool ok = copy_starts(&memory->outline.records, team);
	for (size_t i = 0; ok && i < AHEAD; i++)
		ok = (team->stretches[i].looker = passer->new_looker(passer->data)) != NULL;
	spn_status status = ok ? SPN_OK : spk_nomem(err);
	for (size_t i = 0; !status && i < n; i++) {
		struct member *member = &team->members[team->n_members++];
		member->team = team;
		status = spk_view_open(memory, &member->view, err);
		if (!status)
			status = spk_ldif_only(member->view.reader, attrs, err);
	}
	for (size_t i = 1; !status && i < n && team->n_threads + 1 == i; i++)
		team->n_threads += spk_thread_start(&team->members[i].thread, run, &team->members[i]);
	if (status)
		return status;
	*ret_team = team;
	team = NULL;
	return SPN_OK;
}

/* No more than one that nothing can be found in. */
static size_t prepare(spk_team *team)
{
	size_t n = team->n_ready;
	for (bool go_on = true; go_on && n < team->n && n < team->n_given + AHEAD; n++) {
		spk_stretch *stretch = &team->stretches[n % AHEAD];
		stretch->from = team->starts[n];
		stretch->to = n + 1 < team->n ? team->starts[n + 1] : SIZE_MAX;
		stretch->is_done = false;
		go_on = stretch->is_prepared = team->passer->prepare(stretch->looker);
	}
	return n;
}

const spk_stretch *spk_team_next(spk_team *team)
{
	size_t n_ready = prepare(team);
	if (team->n_given == team->n)
		return NULL;
	spk_stretch *stretch = &team->stretches[team->n_given++ % AHEAD];
	pthread_mutex_lock(&team->mutex);
	if (n_ready > team->n_ready) {
		team->n_ready = n_ready;
		pthread_cond_broadcast(&team->changed);
	}
	while (!stretch->is_done)
		if (team->n_taken < team->n_ready)
			look_at_next(team, &team->members[0]);
		else
			pthread_cond_wait(&team->changed, &team->mutex);
	pthread_mutex_unlock(&team->mutex);
	return stretch;
}

void spk_team_free(spk_team *team)
{
	if (!team)
		return;
	pthread_mutex_lock(&team->mutex);
	team->is_over = true;
	pthread_cond_broadcast(&team->changed);
	pthread_mutex_unlock(&team->mutex);
	for (size_t i = 0; i < team->n_threads; i++)
		pthread_join(team->members[i + 1].thread, NULL);
	for (size_t i = 0; i < team->n_members; i++)
		spk_view_close(&team->members[i].view);
	for (size_t i = 0; i < AHEAD; i++) {
		spk_text_free(&team->stretches[i].found);
		team->passer->free_looker(team->stretches[i].looker);
	}
	pthread_cond_destroy(&team->changed);
	pthread_mutex_destroy(&team->mutex);
	free(team->starts);
	free(team);
}
