/* SPDX-License-Identifier: MIT */
/* Reading all of a text once, to check it and to learn where in it things are.  A large file is divided into stretches,
 * which threads read side by side: an export of a million accounts is bound by the processor, not by the disk. */
#include <string.h>

#include "memory.h"
#include "siblings.h"
#include "team.h"
#include "base/error.h"
#include "model/dn.h"

/* How far an empty line is looked for; a record that is larger is not worth more. */
#define SEAM_MAX ((size_t)64 << 10)

/* What the records say about naming contexts; an export need not hold the top of anything. */
struct contexts {
	char *domain, *guess, *config;
	bool is_sure; /* domain is an entry with the class of a domain */
	spk_domains domains;
};

/* Some of the text, from the start of a record to the end of another; and what was found there. */
struct stretch {
	spk_store *store;
	spk_view view, whole; /* whole: all lines of a record */
	size_t from, to;
	size_t n_lines;
	spk_hasher hasher;
	spk_outline outline;
	spk_gaps gaps;
	struct contexts contexts;
	spk_siblings *siblings;
	spk_text decoded; /* values of the record at hand that are in base64 */
	bool has_thread;
	pthread_t thread;
	spn_status status; /* of its thread */
};

static const char *last_part(const char *dn)
{
	while (*spk_dn_parent(dn))
		dn = spk_dn_parent(dn);
	return dn;
}

static bool set(char **where, const char *value)
{
	free(*where);
	*where = strdup(value);
	return *where;
}

/* Most records say nothing new; a million of them must not be taken apart. */
static bool may_name_context(const struct contexts *contexts, const char *dn)
{
	bool may = !contexts->domain || (spk_ascii_lower(*dn) == 'd' && strncasecmp(dn, "DC=", 3) == 0);
	for (const char *at = dn; !may && !contexts->config && at; at = strchr(at, ',')) {
		at += *at == ',';
		may = spk_ascii_lower(*at) == 'c' && strncasecmp(at, "CN=Configuration,", 17) == 0;
	}
	return may;
}

static bool learn_contexts(struct contexts *contexts, const spk_ldif_record *record)
{
	const char *domain = spk_dn_domain_part(record->dn);
	const char *config = domain && domain != record->dn ? domain : NULL;
	for (const char *at = record->dn; config && at < domain; at = spk_dn_parent(at))
		if (strncasecmp(at, "CN=Configuration,", 17) == 0 && spk_dn_parent(at) == domain) {
			bool kept = contexts->config || set(&contexts->config, at);
			return kept && (contexts->guess || set(&contexts->guess, domain));
		}
	if (!domain)
		return contexts->guess || set(&contexts->guess, last_part(record->dn));
	if (spk_is_dns_partition(domain))
		return true;
	bool is_domain = domain == record->dn &&
			(spk_record_has(record, "objectClass", "domainDNS") || spk_record_has(record, "objectClass", "domain"));
	if (contexts->domain && (contexts->is_sure || !is_domain))
		return true;
	contexts->is_sure = is_domain;
	return set(&contexts->domain, domain);
}

/* What a record says about naming contexts; the few that may be the top of a domain are read again, with their classes.
 */
static spn_status learn(struct contexts *contexts, const spk_ldif_record *record, spk_view *whole, spn_error *err)
{
	if ((contexts->is_sure && contexts->config) || !may_name_context(contexts, record->dn))
		return SPN_OK;
	if (strncasecmp(record->dn, "DC=", 3) == 0) {
		spn_status status = spk_view_at(whole, record->offset, &record, err);
		if (status)
			return status;
	}
	return learn_contexts(contexts, record) ? SPN_OK : spk_nomem(err);
}

static void take(char **to, char **from)
{
	free(*to);
	*to = *from;
	*from = NULL;
}

/* What later records say: as if learn had gone on with them. */
static bool join_contexts(struct contexts *contexts, struct contexts *later)
{
	if (!contexts->domain || (later->is_sure && !contexts->is_sure)) {
		take(&contexts->domain, &later->domain);
		contexts->is_sure = later->is_sure;
	}
	if (!contexts->config)
		take(&contexts->config, &later->config);
	if (!contexts->guess)
		take(&contexts->guess, &later->guess);
	return spk_domains_join(&contexts->domains, &later->domains);
}

static void free_contexts(struct contexts *contexts)
{
	free(contexts->domain);
	free(contexts->guess);
	free(contexts->config);
	spk_domains_free(&contexts->domains);
	*contexts = (struct contexts){ 0 };
}

/* The same host behind another class is in the index already, unless there were many others in between. */
static bool is_indexed(const spk_index *index, uint32_t hash, uint32_t record)
{
	enum { LAST = 8 };
	const uint64_t *at = index->places + index->n, *first = index->n > LAST ? at - LAST : index->places;
	while (at > first && spk_place_record(*--at) == record)
		if (spk_place_hash(*at) == hash)
			return true;
	return false;
}

static spn_status fail_many(const spk_store *store, spn_error *err)
{
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "'%s' holds more entries than can be counted", spk_store_name(store));
}

/* A record with ranges is read again, with all of its lines. */
static spn_status count_ranges(struct stretch *stretch, const spk_ldif_record *record, spn_error *err)
{
	static const char *const links[] = { "member", "memberOf", "msDS-AllowedToDelegateTo" };
	bool is_ranged = false;
	spn_status status = spk_view_at(&stretch->whole, record->offset, &record, err);
	if (!status)
		status = spk_record_is_ranged(record, spk_indexed[SPK_BY_SPN], &is_ranged, err);
	stretch->gaps.n_names += is_ranged;
	for (size_t i = 0; !status && i < sizeof links / sizeof links[0]; i++) {
		status = spk_record_is_ranged(record, links[i], &is_ranged, err);
		stretch->gaps.n_ranged += !status && is_ranged;
	}
	return status;
}

/* As spk_record_is_deleted, of a record of which nothing else was read. */
static bool is_deleted_object(const spk_ldif_record *record)
{
	bool is_deleted = spk_dn_has_mark(record->dn, "DEL:");
	for (size_t i = 0; i < record->n_lines; i++)
		is_deleted |= record->lines[i].which == SPK_DELETED && spk_ascii_equal(record->lines[i].value.data, "TRUE");
	return is_deleted;
}

static bool has_slash(spn_bytes value)
{
	return value.len > 0 && memchr(value.data, '/', value.len);
}

/* What stands for names that are not known in the sum of names; odd, as what stands for those that are. */
#define UNKNOWN_NAMES UINT32_C(0x9e3779b9)

/* A value that is there, by which is looked up; *names: the sum of the record's names. */
static bool index_value(struct stretch *stretch, size_t which, spn_bytes value, uint32_t number, uint32_t *names)
{
	spk_index *index = &stretch->outline.by_value[which];
	stretch->gaps.n_named_upns += which == SPK_BY_UPN && has_slash(value);
	uint32_t hash = spk_hash_indexed(&stretch->hasher, which, value);
	if (which == SPK_BY_SPN)
		*names += spk_hash_last(&stretch->hasher);
	return !stretch->hasher.scratch.failed &&
			(is_indexed(index, hash, number) || spk_index_add(index, hash, number));
}

/* Puts values in the place of their base64; false: the reader has to say what is wrong, or what they are. */
static bool decode(spk_text *decoded, spk_ldif_plain *plain)
{
	size_t room = 0;
	for (size_t i = 0; i < plain->n; i++)
		room += plain->lines[i].is_base64 ? plain->lines[i].value.len : 0;
	spk_text_clear(decoded);
	if (!spk_text_reserve(decoded, room)) /* so that what is decoded first stays where it is */
		return false;
	for (size_t i = 0; i < plain->n; i++) {
		spn_bytes *value = &plain->lines[i].value;
		size_t before = decoded->len;
		if (!plain->lines[i].is_base64)
			continue;
		if (!spk_base64_decode(value->data, value->len, decoded) || decoded->len == before || decoded->data[before] == '<')
			return false;
		*value = (spn_bytes){ decoded->data + before, decoded->len - before };
	}
	return true;
}

/* Whether index_record has nothing to say of a record but what index_plain does. */
static bool is_plain(struct stretch *stretch, spk_ldif_plain *plain)
{
	bool is = !plain->has_odd && stretch->outline.records.n < UINT32_MAX;
	for (size_t i = 0; i < plain->n; i++)
		is &= plain->lines[i].which < SPK_INDEXED;
	return is && (!plain->has_base64 || decode(&stretch->decoded, plain));
}

/* An ordinary record, as index_record has it; nothing is to be learnt of contexts from it.  False in ret_plain: it has
 * to be read. */
static spn_status index_plain(struct stretch *stretch, spk_ldif_plain *plain, bool *ret_plain, spn_error *err)
{
	spk_outline *outline = &stretch->outline;
	uint32_t number = (uint32_t)outline->records.n, hash, names = 0;
	*ret_plain = is_plain(stretch, plain) && spk_siblings_hash(stretch->siblings, plain->dn, &hash);
	if (!*ret_plain)
		return SPN_OK;
	bool ok = spk_records_add(&outline->records, plain->offset) && spk_index_add(&outline->by_dn, hash, number) &&
			(!plain->is_watched || spk_index_add(&outline->groups, 0, number));
	for (size_t i = 0; ok && i < plain->n; i++)
		ok = index_value(stretch, plain->lines[i].which, plain->lines[i].value, number, &names);
	return ok && spk_name_sums_add(&outline->names, names) ? SPN_OK : spk_nomem(err);
}

static spn_status index_record(struct stretch *stretch, const spk_ldif_record *record, spn_error *err)
{
	spk_outline *outline = &stretch->outline;
	spk_hasher *hasher = &stretch->hasher;
	uint32_t number = (uint32_t)outline->records.n, hash, names = 0;
	if (outline->records.n == UINT32_MAX)
		return fail_many(stretch->store, err);
	if (!spk_hash_dn(hasher, record->dn, &hash))
		return hasher->scratch.failed ? spk_nomem(err) :
			spk_ldif_fail(stretch->view.reader, record->line, 0, err, "'%s' is not a DN", record->dn);
	bool ok = spk_records_add(&outline->records, record->offset) && spk_index_add(&outline->by_dn, hash, number) &&
			spk_index_add(&outline->groups, 0, number); /* it may be one */
	bool is_deleted = is_deleted_object(record), is_ranged = false, is_unknown = false, has_names = false;
	stretch->gaps.n_deleted += is_deleted;
	for (size_t i = 0; ok && i < record->n_lines; i++) {
		const spk_ldif_line *line = &record->lines[i];
		if (strcmp(line->attr, "-") == 0)
			return spk_ldif_fail(stretch->view.reader, line->line, 1, err,
					"'-' belongs to changes, but 'changetype: modify' is missing");
		is_ranged |= strchr(line->attr, ';') != NULL;
		if (line->which >= SPK_INDEXED || is_deleted)
			continue;
		if (line->value.len == 0 && line->which == SPK_BY_SPN) {
			is_unknown = true;
			names += UNKNOWN_NAMES;
			continue;
		}
		has_names |= line->which == SPK_BY_SPN;
		ok = index_value(stretch, line->which, line->value, number, &names);
	}
	if (!ok || !spk_name_sums_add(&outline->names, names))
		return spk_nomem(err);
	has_names &= !spk_store_hides_names(stretch->store); /* else it stands for what is not here */
	stretch->gaps.n_unknown += is_unknown && !has_names;
	stretch->gaps.n_empty += is_unknown && has_names;
	stretch->gaps.n_cut += record->cut;
	return is_ranged && !is_deleted ? count_ranges(stretch, record, err) : SPN_OK;
}

/* The root DSE is no account. */
static bool tells_of_account(const spk_ldif_record *record)
{
	bool tells = false;
	for (size_t i = 0; i < record->n_lines; i++)
		tells |= record->lines[i].which == SPK_BY_SPN || record->lines[i].which == SPK_BY_SAM;
	return tells;
}

/* Reads every record of a stretch; line is the number of its first line. */
static spn_status read_stretch(struct stretch *stretch, size_t line, spn_error *err)
{
	spk_ldif_reader *reader = stretch->view.reader;
	spk_outline_free(&stretch->outline);
	free_contexts(&stretch->contexts);
	stretch->gaps = (spk_gaps){ 0 };
	spn_status status = spk_ldif_only(reader, spk_indexed, err);
	if (status)
		return status;
	spk_ldif_notice(reader, spk_basic_attrs);
	spk_ldif_watch_for(reader, spk_of_groups);
	spk_ldif_seek(reader, stretch->from, line);
	spk_ldif_until(reader, stretch->to);
	while (!status) {
		const spk_ldif_record *record = NULL;
		spk_ldif_plain plain;
		bool is_plain = false;
		if (spk_ldif_glance(reader, &plain))
			status = index_plain(stretch, &plain, &is_plain, err);
		if (is_plain)
			spk_ldif_take(reader);
		else if (!status)
			status = spk_ldif_next(reader, &record, err);
		if (status)
			return status;
		if (is_plain)
			continue;
		if (!record)
			break;
		if (!spk_ldif_is_entry(record)) {
			if (!spk_sequels_add(&stretch->outline.sequels, (spk_sequel){ 0, record->offset, record->line }))
				return spk_nomem(err);
			continue;
		}
		if (!*record->dn && tells_of_account(record))
			return spk_ldif_fail(reader, record->line, 0, err, "the entry has names, but an empty DN");
		if (!*record->dn)
			continue; /* the root DSE, if somebody exported it too */
		status = index_record(stretch, record, err);
		if (!status && !spk_domains_note(&stretch->contexts.domains, record->dn))
			status = spk_nomem(err);
		if (!status)
			status = learn(&stretch->contexts, record, &stretch->whole, err);
		if (!status && stretch->contexts.domain && spk_domains_know(&stretch->contexts.domains, record->dn))
			spk_siblings_note(stretch->siblings, record->dn);
	}
	stretch->n_lines = spk_ldif_line_number(reader) - line;
	stretch->gaps.skipped = spk_ldif_get_skipped(reader);
	stretch->gaps.present = spk_ldif_noticed(reader);
	return status;
}

static void *run(void *data)
{
	struct stretch *stretch = data;
	stretch->status = read_stretch(stretch, 1, NULL);
	return NULL;
}

/* Where behind an offset a record ends for certain, namely behind an empty line; 0 if that is not in sight. */
static size_t find_seam(const spk_content *content, size_t offset)
{
	SPK_AUTOFREE char *buffer = malloc(SEAM_MAX);
	ssize_t n = buffer ? spk_content_read(content, offset, buffer, SEAM_MAX) : 0;
	const char *end = buffer + n, *at = n > 0 ? memchr(buffer, '\n', (size_t)n) : NULL;
	while (at && ++at < end) {
		const char *next = at + (*at == '\r');
		if (next < end && *next == '\n')
			return offset + (size_t)(next + 1 - buffer);
		at = memchr(at, '\n', (size_t)(end - at));
	}
	return 0;
}

/* Divides the text; returns how many stretches there are. */
static size_t divide(const spk_content *content, struct stretch *list)
{
	size_t size = spk_content_size(content), n = 1, wanted = spk_threads_for(content);
	for (size_t i = 1; i < wanted; i++) {
		size_t seam = find_seam(content, size / wanted * i);
		if (seam > list[n - 1].from && seam < size) {
			list[n - 1].to = seam;
			list[n++].from = seam;
		}
	}
	list[n - 1].to = SIZE_MAX; /* a file that grows is read to its end, too */
	return n;
}

static spn_status open_stretch(spk_memory *memory, struct stretch *stretch, spn_error *err)
{
	stretch->store = memory->store;
	stretch->hasher.seed = memory->hasher.seed;
	stretch->hasher.folding = memory->hasher.folding;
	stretch->siblings = spk_siblings_new(memory->hasher.seed);
	if (!stretch->siblings)
		return spk_nomem(err);
	spn_status status = spk_view_open(memory, &stretch->view, err);
	return status ? status : spk_view_open(memory, &stretch->whole, err);
}

static void join_gaps(spk_gaps *gaps, const spk_gaps *more)
{
	gaps->n_deleted += more->n_deleted;
	gaps->skipped.urls += more->skipped.urls;
	gaps->skipped.refs += more->skipped.refs;
	gaps->skipped.cuts += more->skipped.cuts;
	gaps->n_names += more->n_names;
	gaps->n_ranged += more->n_ranged;
	gaps->n_unknown += more->n_unknown;
	gaps->n_empty += more->n_empty;
	gaps->n_named_upns += more->n_named_upns;
	gaps->n_cut += more->n_cut;
	gaps->present |= more->present;
}

/* Adds what was found in a stretch to what was found before it. */
static spn_status join_stretch(
		spk_memory *memory, struct stretch *stretch, size_t line, struct contexts *contexts, spn_error *err)
{
	if (stretch->outline.records.n > UINT32_MAX - memory->outline.records.n)
		return fail_many(memory->store, err);
	if (!join_contexts(contexts, &stretch->contexts))
		return spk_nomem(err);
	join_gaps(&memory->gaps, &stretch->gaps);
	/* a thread does not know what is before its stretch */
	for (size_t i = 0; stretch->has_thread && !stretch->status && i < stretch->outline.sequels.n; i++)
		stretch->outline.sequels.list[i].line += line - 1;
	return spk_outline_join(&memory->outline, &stretch->outline) ? SPN_OK : spk_nomem(err);
}

static void close_stretch(struct stretch *stretch)
{
	spk_view_close(&stretch->view);
	spk_view_close(&stretch->whole);
	spk_outline_free(&stretch->outline);
	spk_text_free(&stretch->hasher.scratch);
	spk_siblings_free(stretch->siblings);
	spk_text_free(&stretch->decoded);
	free_contexts(&stretch->contexts);
}

spn_status spk_memory_read(spk_memory *memory, spn_error *err)
{
	struct stretch list[SPK_THREADS_MAX] = { 0 };
	struct contexts contexts = { 0 };
	spk_content *content = spk_store_content(memory->store);
	size_t n = divide(content, list), line = 1;
	spn_status status = SPN_OK;
	for (size_t i = 0; !status && i < n; i++)
		status = open_stretch(memory, &list[i], err);
	for (size_t i = 1; !status && i < n; i++)
		list[i].has_thread = spk_thread_start(&list[i].thread, run, &list[i]);
	for (size_t i = 0; i < n; i++) {
		struct stretch *stretch = &list[i];
		if (stretch->has_thread)
			pthread_join(stretch->thread, NULL);
		/* the first; and what a thread could not read is read again, to tell what is wrong, and in which line */
		if (!status && (!stretch->has_thread || stretch->status))
			status = read_stretch(stretch, line, err);
		if (!status)
			status = join_stretch(memory, stretch, line, &contexts, err);
		line += stretch->n_lines;
		close_stretch(stretch);
	}
	spk_content_release(content);
	take(&memory->domain, contexts.domain ? &contexts.domain : &contexts.guess);
	take(&memory->config, &contexts.config);
	memory->domains = contexts.domains;
	contexts.domains = (spk_domains){ .n = 0 };
	free_contexts(&contexts);
	return status;
}
