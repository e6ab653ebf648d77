/* SPDX-License-Identifier: MIT */
/* What it costs to read a directory, and to search it. */
#include "cost_helper.h"
#include "returned.h"

/* A text that differs for each i in accents only, of which Windows knows nothing. */
static void put_accents(FILE *file, const char *class, size_t i)
{
	static const char *const marks[] = { "", "\u0301", "\u0300", "\u0302", "\u0308", "\u0303", "\u030a" };
	fprintf(file, "servicePrincipalName: %s/", class);
	for (const char *letter = "abcdefgh"; *letter; letter++, i /= 7)
		fprintf(file, "%c%s", *letter, marks[i % 7]);
	fputs("\n", file);
}

static void accents(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		put_accents(file, "http", i);
		fputs("\n", file);
	}
}

/* A target's spellings on some accounts, an alias's on others. */
static void aliases_with_accents(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		put_accents(file, i % 2 ? "http" : "HOST", i);
		fputs("\n", file);
	}
}

static void one_name(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		fputs("servicePrincipalName: http/web\nservicePrincipalName: HOST/web\n\n", file);
	}
}

static void all_spellings_on_each_of_two(FILE *file, size_t n)
{
	for (size_t a = 0; a < 2; a++) {
		put_account(file, a);
		for (size_t i = 0; i < n; i++)
			put_accents(file, "http", i);
		fputs("\n", file);
	}
}

/* As many accounts as spellings, and each has them all but one. */
static void square_of_spellings(FILE *file, size_t n)
{
	size_t side = 1;
	while (side * side < n)
		side++;
	for (size_t a = 0; a < side; a++) {
		put_account(file, a);
		for (size_t i = 0; i < side; i++)
			if (i != a)
				put_accents(file, "http", i);
		fputs("\n", file);
	}
}

static void alias_and_target_of_two(FILE *file, size_t n)
{
	for (size_t a = 0; a < 2; a++) {
		put_account(file, a);
		for (size_t i = 0; i < n; i++)
			fprintf(file, "servicePrincipalName: %s/h%zu\n", a ? "HOST" : "http", i);
		fputs("\n", file);
	}
}

static void same_names_on_two(FILE *file, size_t n)
{
	for (size_t a = 0; a < 2; a++) {
		put_account(file, a);
		for (size_t i = 0; i < n; i++)
			fprintf(file, "servicePrincipalName: http/h%zu:%zu\n", i % 10, i);
		fputs("\n", file);
	}
}

/* Classes without an alias: one bucket of the index. */
static void one_host(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		fprintf(file, "servicePrincipalName: class%zu/web\nservicePrincipalName: class%zu/web\n\n", i, i / 2 + n);
	}
}

/* sPNMappings of n classes, all of them on one account, and their target on another. */
static void long_mapping(FILE *file, size_t n)
{
	n *= 20; /* what it costs to go over them is little each */
	fputs("dn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration," BASE "\nobjectClass: nTDSService\n"
			"sPNMappings: HOST=", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "%sc%zu", i ? "," : "", i);
	fputs("\n\n", file);
	put_account(file, 0);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "servicePrincipalName: c%zu/web\n", i);
	fputs("\n", file);
	put_account(file, 1);
	fputs("servicePrincipalName: HOST/web\n\n", file);
}

static void upns(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		fputs("userPrincipalName: http/web@EXAMPLE.COM\nservicePrincipalName: http/other\n\n", file);
	}
}

/* As ldifde goes on with the values of entries above. */
static void continued(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_account(file, i);
		fprintf(file, "servicePrincipalName: http/a%zu\n\n", i);
	}
	for (size_t i = 0; i < n; i++)
		fprintf(file, "dn: CN=a%zu," BASE "\nchangetype: modify\nadd: servicePrincipalName\n"
				"servicePrincipalName: http/b%zu\n-\n\n", i, i / 2);
}

static void continued_again_and_again(FILE *file, size_t n)
{
	put_account(file, 0);
	for (size_t i = 0; i < 10 * n; i++)
		fprintf(file, "\ndn: CN=a0," BASE "\nchangetype: modify\nadd: servicePrincipalName\n"
				"servicePrincipalName: http/b%zu\n-\n", i);
}

static void many_attributes(FILE *file, size_t n)
{
	put_account(file, 0);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "x-%zu: y\nservicePrincipalName: http/h%zu\n", i, i);
	fputs("\n", file);
}

/* As a server gives them, each in a range of its own, the last ones first. */
static void names_of_ranges(FILE *file, size_t n)
{
	put_account(file, 0);
	for (size_t i = n; i-- > 0;)
		fprintf(file, "servicePrincipalName;range=%zu-%zu: http/h%zu\n", i, i, i);
	fputs("\n", file);
}

/* One account of many names, which are there twice: in a member that is read and in one that is not, or in two that
 * are, in another order. */
static void names_twice(FILE *file, size_t n, const char *before, const char *between)
{
	fprintf(file, "[{\"DistinguishedName\":\"CN=a," BASE "\",\"ObjectClass\":\"user\",\"SamAccountName\":\"a\"%s", before);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "%s\"http/h%zu\"", i ? "," : "", i);
	fputs(between, file);
	for (size_t i = n; i-- > 0;)
		fprintf(file, "\"http/h%zu\"%s", i, i ? "," : "");
}

static void json_names_aside(FILE *file, size_t n)
{
	names_twice(file, n, ",\"servicePrincipalName\":[", "],\"raw\":{\"servicePrincipalName\":[");
	fputs("]}}]\n", file);
}

static void json_names_in_two_members(FILE *file, size_t n)
{
	names_twice(file, n, ",\"servicePrincipalName\":[", "],\"ServicePrincipalNames\":[");
	fputs("]}]\n", file);
}

static void csv_lists(FILE *file, size_t n)
{
	fputs("DN,objectClass,sAMAccountName,member,servicePrincipalName\n\"CN=a," BASE "\",user,a,\"", file);
	for (size_t i = 0; i < 20 * n; i++)
		fputs(" \n", file);
	fputs("\",\"", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "%shttp/h%zu", i ? ";" : "", i);
	fputs("\"\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "\"CN=a%zu," BASE "\",user,a%zu,,http/web\n", i, i);
}

static const struct shape shapes[] = {
	SHAPE(accents), SHAPE(aliases_with_accents), SHAPE(one_name), SHAPE(all_spellings_on_each_of_two),
	SHAPE(square_of_spellings),
	SHAPE(alias_and_target_of_two), SHAPE(same_names_on_two), SHAPE(one_host), SHAPE(long_mapping), SHAPE(upns),
	SHAPE(many_hosts), SHAPE(continued), SHAPE(continued_again_and_again), SHAPE(many_attributes), TABLE(csv_lists),
	TABLE(json_names_aside), TABLE(json_names_in_two_members),
	SHAPE(names_of_ranges),
};

static spn_status ignore_resolution(const spn_resolution *resolution, void *data, spn_error *err)
{
	(void)resolution;
	(void)data;
	(void)err;
	return SPN_OK;
}

static spn_status ignore_account(const spn_account *account, const spn_bytes *matched, size_t n, void *data,
		spn_error *err)
{
	(void)account;
	(void)matched;
	(void)n;
	(void)data;
	(void)err;
	return SPN_OK;
}

static spn_status duplicates(spn_directory *dir, spn_error *err)
{
	return spn_find_duplicates(dir, NULL, ignore, NULL, err);
}

static spn_status audit(spn_directory *dir, spn_error *err)
{
	return spn_audit(dir, NULL, ignore, NULL, err);
}

static spn_status resolve(spn_directory *dir, spn_error *err)
{
	return resolve_name(dir, "http/web", ignore_resolution, NULL, err);
}

static spn_status query(spn_directory *dir, spn_error *err)
{
	return spn_query(dir, "*h*7*", false, ignore_account, NULL, err);
}

static const struct work works[] = { WORK(duplicates), WORK(audit), WORK(resolve), WORK(query) };

static spn_status query_letters(spn_directory *dir, spn_error *err)
{
	char pattern[1200] = "http/*";
	memset(pattern + 6, 'a', sizeof pattern - 9);
	memcpy(pattern + sizeof pattern - 3, "b*", 3);
	return spn_query(dir, pattern, false, ignore_account, NULL, err);
}

static void twice_as_much_costs_twice_as_much(void **state)
{
	(void)state;
	bool ok = true;
	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
		for (size_t w = 0; w < sizeof works / sizeof *works; w++)
			for (spn_dialect rules = SPN_DIALECT_WINDOWS; rules <= SPN_DIALECT_SAMBA; rules++)
				ok &= is_linear(&shapes[s], &works[w], rules);
	assert_true(ok);
}

static void as_ldif(FILE *file, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(file, "dn: CN=s%zu,OU=servers," BASE "\nobjectClass: top\nobjectClass: person\n"
				"objectClass: organizationalPerson\nobjectClass: user\nobjectClass: computer\n"
				"cn: s%zu\nsAMAccountName: S%zu$\nuserAccountControl: 4096\n"
				"operatingSystem: Windows Server 2022 Standard\ndNSHostName: s%zu.example.com\nservicePrincipalName: HOST/S%zu\n"
				"servicePrincipalName: HOST/s%zu.example.com\n\n", i, i, i, i, i, i);
}

static void as_csv(FILE *file, size_t n)
{
	fputs("\"DN\",\"objectClass\",\"cn\",\"sAMAccountName\",\"userAccountControl\",\"operatingSystem\","
			"\"dNSHostName\",\"SPN\"\n", file);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "\"CN=s%zu,OU=servers," BASE "\",\"computer\",\"s%zu\",\"S%zu$\",\"4096\","
				"\"Windows Server 2022 Standard\",\"s%zu.example.com\",\"HOST/S%zu HOST/s%zu.example.com\"\n", i, i, i, i, i, i);
}

/* It becomes LDIF first, and then costs what that does, ordinary records of which are gone over at a glance. */
static void a_table_costs_no_more_than_three_times_what_the_same_ldif_costs(void **state)
{
	(void)state;
	enum { N = 2000, ALLOWED = 300 };
	const struct shape csv = TABLE(as_csv), ldif = SHAPE(as_ldif);
	uint64_t ours = steps(&csv, &works[0], SPN_DIALECT_WINDOWS, N),
			theirs = steps(&ldif, &works[0], SPN_DIALECT_WINDOWS, N);
	if (ours * 100 > theirs * ALLOWED)
		fail_msg("%.2f times the steps (%ju, LDIF %ju)", (double)ours / (double)theirs, (uintmax_t)ours, (uintmax_t)theirs);
}

static void one_letter(FILE *file, size_t n)
{
	put_account(file, 0);
	fputs("servicePrincipalName: http/", file);
	for (size_t i = 0; i < 1000 * n; i++)
		putc('a', file);
	fputs("\n\n", file);
}

/* A megabyte of one letter, and a pattern that nearly fits everywhere: a handful of steps for each letter, not a
 * thousand. */
static void a_wildcard_goes_over_a_long_value_once(void **state)
{
	(void)state;
	enum { N = 1000, A_LETTER = 40 };
	const struct shape shape = SHAPE(one_letter);
	const struct work work = WORK(query_letters);
	assert_in_range(steps(&shape, &work, SPN_DIALECT_WINDOWS, N), 0, (uintmax_t)1000 * N * A_LETTER);
}

static uint64_t steps_to_hide(size_t n)
{
	static const char piece[] = "a://b:cc";
	char *text = malloc(n * (sizeof piece - 1) + 1);
	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * (sizeof piece - 1), piece, sizeof piece);
	atomic_store(&n_steps, 0);
	spn_text_hide_passwords(text);
	uint64_t counted = atomic_load(&n_steps);
	free(text);
	return counted;
}

/* A word that might hold passwords, and holds none: its end is not looked for from each of its pieces again. */
static void passwords_are_hidden_in_one_pass(void **state)
{
	(void)state;
	assert_true(steps_to_hide(2000) * 100 <= steps_to_hide(1000) * 240);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twice_as_much_costs_twice_as_much),
		cmocka_unit_test(a_table_costs_no_more_than_three_times_what_the_same_ldif_costs),
		cmocka_unit_test(a_wildcard_goes_over_a_long_value_once),
		cmocka_unit_test(passwords_are_hidden_in_one_pass),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
