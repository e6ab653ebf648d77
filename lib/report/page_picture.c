/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "page.h"

/* With more than this, nobody could read the picture. */
#define MANY 60
#define ROW 30
#define WIDTH 900
#define NAMES_END 400
#define ACCOUNTS_BEGIN 560
#define LETTERS 46

/* What collides: a name and the accounts that are drawn to it. */
struct picture {
	const spn_finding *names[MANY];
	size_t n_names, n_left_out;
	const spn_account_ref *accounts[4 * MANY];
	size_t n_accounts;
};

bool spk_page_pictures(const spn_finding *finding)
{
	return finding->spn && finding->n_accounts > 1 &&
			(strcmp(finding->code, "duplicate") == 0 || strcmp(finding->code, "alias-conflict") == 0);
}

/* The place of an account in the right column; SIZE_MAX: the picture is full. */
static size_t place_of(struct picture *picture, const spn_account_ref *ref)
{
	size_t i = 0;
	while (i < picture->n_accounts && strcmp(picture->accounts[i]->dn, ref->dn) != 0)
		i++;
	if (i == sizeof picture->accounts / sizeof *picture->accounts)
		return SIZE_MAX;
	if (i == picture->n_accounts)
		picture->accounts[picture->n_accounts++] = ref;
	return i;
}

static void collect(struct picture *picture, const spn_findings *conflicts, spn_severity severity)
{
	for (size_t i = 0; i < conflicts->n; i++) {
		const spn_finding *finding = conflicts->list[i];
		if (finding->severity != severity)
			continue;
		if (picture->n_names == MANY) {
			picture->n_left_out++;
			continue;
		}
		picture->names[picture->n_names++] = finding;
		for (size_t j = 0; j < finding->n_accounts; j++)
			place_of(picture, &finding->accounts[j]);
	}
}

/* Of a conflict, how many of the accounts hold the alias itself: one, or as many as its duplicate says. */
static size_t count_holders(const struct picture *picture, const spn_finding *finding)
{
	if (strcmp(finding->code, "duplicate") == 0)
		return finding->n_accounts;
	for (size_t i = 0; i < picture->n_names; i++)
		if (strcmp(picture->names[i]->code, "duplicate") == 0 && spn_name_compare(picture->names[i]->spn, finding->spn) == 0)
			return picture->names[i]->n_accounts;
	return 1;
}

/* A text that is cut to the width of its column, and whole when it is pointed at. */
static void put_text(FILE *to, int x, size_t y, const char *anchor, const char *text)
{
	char shown[4 * LETTERS + 4];
	size_t n = 0, used = 0;
	while (used < sizeof shown - 4 && text[used] && (n < LETTERS || ((unsigned char)text[used] & 0xc0) == 0x80))
		n += ((unsigned char)text[used++] & 0xc0) != 0x80;
	/* n counts the character that did not fit, too, once it is reached */
	memcpy(shown, text, used);
	shown[used] = '\0';
	fprintf(to, "<text x=\"%d\" y=\"%zu\" text-anchor=\"%s\">", x, y + 5, anchor);
	spk_page_put(to, shown);
	if (text[used])
		fputs("\xe2\x80\xa6", to);
	fputs("<title>", to);
	spk_page_put(to, text);
	fputs("</title></text>\n", to);
}

static void put_lines(FILE *to, struct picture *picture)
{
	for (size_t i = 0; i < picture->n_names; i++) {
		const spn_finding *finding = picture->names[i];
		size_t n_holders = count_holders(picture, finding), y = i * ROW + ROW;
		for (size_t j = 0; j < finding->n_accounts; j++) {
			size_t place = place_of(picture, &finding->accounts[j]);
			if (place == SIZE_MAX)
				continue;
			size_t end = place * ROW + ROW;
			fprintf(to, "<path class=\"%s%s\" d=\"M%d %zuC%d %zu %d %zu %d %zu\"/>\n",
					spn_severity_name(finding->severity), j < n_holders ? "" : " through",
					NAMES_END + 8, y, NAMES_END + 80, y, ACCOUNTS_BEGIN - 80, end,
					ACCOUNTS_BEGIN - 8, end);
		}
	}
}

void spk_page_picture(FILE *to, const spn_findings *conflicts)
{
	struct picture *picture = calloc(1, sizeof *picture);
	if (!picture)
		return; /* the table says the same */
	for (int severity = SPN_SEVERITY_BROKEN; severity >= SPN_SEVERITY_OK; severity--)
		collect(picture, conflicts, (spn_severity)severity);
	size_t rows = picture->n_names > picture->n_accounts ? picture->n_names : picture->n_accounts;
	if (rows > 0) {
		fprintf(to,
				"<section aria-label=\"Collisions\">\n<h2>Where names collide</h2>\n<div "
				"class=\"picture\">\n"
				"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %zu\" role=\"img\" "
				"aria-label=\"Names on the left, joined to the "
				"accounts that hold them on the right\">\n",
				WIDTH + 60, rows * ROW + ROW);
		put_lines(to, picture);
		for (size_t i = 0; i < picture->n_names; i++)
			put_text(to, NAMES_END, i * ROW + ROW, "end", picture->names[i]->spn);
		for (size_t i = 0; i < picture->n_accounts; i++)
			put_text(to, ACCOUNTS_BEGIN, i * ROW + ROW, "start",
					*picture->accounts[i]->account ? picture->accounts[i]->account : picture->accounts[i]->dn);
		fputs("</svg>\n</div>\n<p>A line joins a name to an account that holds it; a dotted line, to one that "
		      "answers for it otherwise, through "
		      "the name of which it is an alias.",
				to);
		if (picture->n_left_out)
			fprintf(to, " %zu more are in the table only.", picture->n_left_out);
		fputs("</p>\n</section>\n", to);
	}
	free(picture);
}
