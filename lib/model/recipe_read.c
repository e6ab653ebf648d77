/* SPDX-License-Identifier: MIT */
#include "recipe.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"

#define MAX_PORT 65535ul

/* A file at work. */
struct work {
	const char *name;
	size_t line;
	spn_recipe *recipe;
	unsigned seen; /* the keys that may be there once, one bit each */
};

/* An error in the line at hand. */
__attribute__((format(printf, 3, 4)))
static spn_status refuse(const struct work *work, spn_error *err, const char *format, ...)
{
	SPK_AUTOFREE char *text = NULL;
	va_list args;
	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0) {
		text = NULL;
		return spk_nomem(err);
	}
	return spn_fail(err, SPN_ERR_SYNTAX, 0, "%s:%zu: %s", work->name, work->line, text);
}

/* Of memory that is lent as constant, and ours. */
static void free_text(const char *text)
{
	free((char *)(uintptr_t)text);
}

spn_recipe *spn_recipe_free(spn_recipe *recipe)
{
	if (!recipe)
		return NULL;
	const char *const texts[] = { recipe->id, recipe->title, recipe->clients, recipe->pitfall, recipe->source };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free_text(texts[i]);
	for (size_t i = 0; i < recipe->n_names; i++)
		free_text(recipe->names[i].pattern);
	free((spn_recipe_name *)(uintptr_t)recipe->names);
	free(recipe);
	return NULL;
}

static void clear_recipe(spn_recipe **recipe)
{
	spn_recipe_free(*recipe);
}

/* ---- values ---- */

static spn_status take_text(const char *value, const char **ret_text, spn_error *err)
{
	*ret_text = strdup(value);
	return *ret_text ? SPN_OK : spk_nomem(err);
}

static spn_status take_holder(const struct work *work, const char *value, spn_error *err)
{
	for (spn_holder holder = SPN_HOLDER_COMPUTER; holder <= SPN_HOLDER_ANY; holder++)
		if (spk_ascii_equal(value, spn_holder_name(holder))) {
			work->recipe->holder = holder;
			return SPN_OK;
		}
	return refuse(work, err, "expected computer, account or any, got '%s'", value);
}

static spn_status take_port(const struct work *work, const char *value, spn_error *err)
{
	char *end = NULL;
	errno = 0;
	unsigned long number = *value >= '0' && *value <= '9' ? strtoul(value, &end, 10) : 0;
	if (number < 1 || number > MAX_PORT || *end)
		return refuse(work, err, "expected a port from 1 to 65535, got '%s'", value);
	work->recipe->port = (unsigned)number;
	return SPN_OK;
}

/* A template makes a name whatever the values are, if it does with one of each. */
static spn_status check_pattern(const struct work *work, const char *pattern, spn_error *err)
{
	static const spk_recipe_values values = { "host.example.com", "host", "1", "instance", "listener.example.com" };
	SPK_AUTOTEXT spk_text name = { 0 };
	spn_name parsed;
	spn_error why = { .status = SPN_OK };
	const char *lacks = NULL;
	(void)spk_recipe_fill(pattern, &values, &name, &lacks);
	if (name.failed)
		return spk_nomem(err);
	const char *text = name.len ? name.data : "";
	if (strpbrk(text, "{}"))
		return refuse(work, err, "'%s' has a word in braces that is not {fqdn}, {host}, {port}, {instance} or "
				"{listener}", pattern);
	if (spn_name_parse(text, &parsed, &why))
		return refuse(work, err, "'%s' makes no name: %s", pattern, why.message);
	return SPN_OK;
}

static spn_status take_name(const struct work *work, const char *value, spn_need need, spn_error *err)
{
	spn_recipe *recipe = work->recipe;
	spn_status status = check_pattern(work, value, err);
	if (status)
		return status;
	spn_recipe_name *names = realloc((void *)(uintptr_t)recipe->names, (recipe->n_names + 1) * sizeof *names);
	if (!names)
		return spk_nomem(err);
	recipe->names = names;
	names[recipe->n_names] = (spn_recipe_name){ strdup(value), need, false };
	if (!names[recipe->n_names].pattern)
		return spk_nomem(err);
	recipe->n_names++;
	return SPN_OK;
}

/* ---- lines ---- */

enum key { SERVICE, TITLE, ACCOUNT, PORT, CLIENTS, PITFALL, SOURCE, MUST, TYPED, N_KEYS };

static const char *const keys[] = { "service", "title", "account", "port", "clients", "pitfall", "source", "must",
	"typed" };
_Static_assert(sizeof keys / sizeof *keys == N_KEYS, "a word for each key");

static spn_status take(const struct work *work, enum key key, const char *value, spn_error *err)
{
	spn_recipe *recipe = work->recipe;
	switch (key) {
	case SERVICE: return take_text(value, &recipe->id, err);
	case TITLE: return take_text(value, &recipe->title, err);
	case ACCOUNT: return take_holder(work, value, err);
	case PORT: return take_port(work, value, err);
	case CLIENTS: return take_text(value, &recipe->clients, err);
	case PITFALL: return take_text(value, &recipe->pitfall, err);
	case SOURCE: return take_text(value, &recipe->source, err);
	case MUST: return take_name(work, value, SPN_NEED_MUST, err);
	case TYPED: return take_name(work, value, SPN_NEED_TYPED, err);
	case N_KEYS: break;
	}
	return SPN_OK;
}

/* What would show another text than is there, or is none. */
static bool is_plain(const char *text, size_t len)
{
	while (len > 0) {
		uint32_t c;
		size_t n = spn_text_next(text, len, &c);
		if (n == 0 || spn_text_is_unsafe(c))
			return false;
		text += n;
		len -= n;
	}
	return true;
}

/* Cuts the blanks at both ends of a part of a line. */
static char *trim(char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	text[len] = '\0';
	return text + strspn(text, " \t");
}

static spn_status take_line(struct work *work, char *line, spn_error *err)
{
	char *colon = strchr(line, ':');
	if (!colon)
		return refuse(work, err, "expected a word and a colon, such as 'must: HTTP/{fqdn}'");
	const char *value = trim(colon + 1, strlen(colon + 1)), *word = trim(line, (size_t)(colon - line));
	enum key key = SERVICE;
	while (key < N_KEYS && !spk_ascii_equal(word, keys[key]))
		key++;
	if (key == N_KEYS)
		return refuse(work, err, "unknown word '%s': expected service, title, account, port, must, typed, "
				"clients, pitfall or source", word);
	if (!*value)
		return refuse(work, err, "nothing stands behind '%s:'", word);
	if (key < MUST && work->seen >> key & 1)
		return refuse(work, err, "a second '%s:'", word);
	work->seen |= 1u << key;
	return take(work, key, value, err);
}

static spn_status take_bytes(struct work *work, char *line, size_t len, spn_error *err)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8 */
	if (work->line == 1 && len >= 3 && memcmp(line, mark, 3) == 0) {
		line += 3;
		len -= 3;
	}
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	for (size_t i = 0; i < len; i++)
		if (line[i] == '\t')
			line[i] = ' ';
	if (!is_plain(line, len))
		return refuse(work, err, "not a line of text in UTF-8");
	const char *text = trim(line, len);
	return *text && *text != '#' ? take_line(work, line, err) : SPN_OK;
}

/* Other files, and pipes, may be of any length, or never end. */
static spn_status read_lines(struct work *work, FILE *file, spn_error *err)
{
	enum { MAX = 64 << 10 };
	SPK_AUTOFREE char *text = malloc(MAX + 2);
	spn_status status = SPN_OK;
	if (!text)
		return spk_nomem(err);
	errno = 0;
	size_t left = fread(text, 1, MAX + 1, file);
	if (ferror(file))
		return spn_fail(err, SPN_ERR_FAILED, errno, "cannot read '%s'", work->name);
	if (left > MAX)
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "'%s' is longer than %d KiB: it is not a recipe", work->name, MAX >> 10);
	for (char *line = text; !status && left > 0;) {
		const char *end = memchr(line, '\n', left);
		size_t len = end ? (size_t)(end - line) + 1 : left;
		work->line++;
		status = take_bytes(work, line, len, err);
		line += len;
		left -= len;
	}
	return status;
}

static spn_status finish(const struct work *work, spn_error *err)
{
	spn_recipe *recipe = work->recipe;
	bool any = false;
	for (size_t i = 0; i < recipe->n_names; i++)
		any |= recipe->names[i].need == SPN_NEED_MUST;
	if (!recipe->id || !any)
		return spn_fail(err, SPN_ERR_SYNTAX, 0, "%s: '%s:' is missing", work->name,
				recipe->id ? "must" : "service");
	return recipe->title ? SPN_OK : take_text(recipe->id, &recipe->title, err);
}

spn_status spn_recipe_read(FILE *file, const char *name, spn_recipe **ret_recipe, spn_error *err)
{
	if (!file || !name || !ret_recipe)
		return spn_fail(err, SPN_ERR_INVALID, 0, "spn_recipe_read: an argument is NULL");
	__attribute__((cleanup(clear_recipe))) spn_recipe *recipe = calloc(1, sizeof *recipe);
	if (!recipe)
		return spk_nomem(err);
	recipe->version = SPN_RECIPE_VERSION;
	recipe->holder = SPN_HOLDER_ANY;
	struct work work = { .name = name, .recipe = recipe };
	spn_status status = read_lines(&work, file, err);
	if (!status)
		status = finish(&work, err);
	if (status)
		return status;
	*ret_recipe = recipe;
	recipe = NULL;
	return SPN_OK;
}
