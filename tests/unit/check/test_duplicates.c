/* SPDX-License-Identifier: MIT */
#include "ops.h"

#include <unistd.h>

#include "check/clash.h"
#include "model/fold.h"
#include "model/mapping.h"
#include "remedy_helper.h"

/* What a test finds: "code spn dn,dn;" each, and the last finding's text and repair. */
struct found {
	char list[16384];
	char text[1024], repair[1024];
	size_t n;
};

static spn_status note(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct found *found = data;
	size_t len = strlen(found->list);
	len += (size_t)snprintf(found->list + len, sizeof found->list - len, "%s %s ", finding->code, finding->spn);
	for (size_t i = 0; i < finding->n_accounts; i++)
		len += (size_t)snprintf(found->list + len, sizeof found->list - len, "%s%s", i ? "," : "",
				finding->accounts[i].account);
	snprintf(found->list + len, sizeof found->list - len, ";");
	snprintf(found->text, sizeof found->text, "%s", finding->text);
	remedy_keep(finding, found->repair, sizeof found->repair);
	found->n++;
	return SPN_OK;
}

static spn_directory *open_ldif(const char *ldif, spn_dialect rules)
{
	spn_directory *dir = NULL;
	spn_error err = { .status = SPN_OK };
	if (spn_mock_new(ldif, rules, &dir, &err))
		fail_msg("%s", err.message);
	return dir;
}

static void look(spn_directory *dir, const char *pattern, struct found *found)
{
	spn_duplicates_options options = SPN_DUPLICATES_OPTIONS_INIT;
	options.pattern = pattern;
	spn_error err = { .status = SPN_OK };
	*found = (struct found){ .n = 0 };
	if (spn_find_duplicates(dir, &options, note, found, &err))
		fail_msg("%s", err.message);
}

static void expect(const char *ldif, spn_dialect rules, const char *pattern, const char *wanted)
{
	struct found found;
	spn_directory *dir = open_ldif(ldif, rules);
	look(dir, pattern, &found);
	assert_string_equal(found.list, wanted);
	spn_directory_free(dir);
}

#define USER(name, more) "dn: CN=" name "," BASE "\nobjectClass: user\nsAMAccountName: " name "\n" more "\n"
#define COMPUTER(name, more) "dn: CN=" name "," BASE "\nobjectClass: computer\nsAMAccountName: " name "$\n" \
	"dNSHostName: " name ".example.com\n" more "\n"
#define SPN(name) "servicePrincipalName: " name "\n"

static void an_alias_of_anothers_name_is_a_conflict(void **state)
{
	struct found found;
	look(((struct fixture *)*state)->dir, NULL, &found);
	assert_string_equal(found.list, "alias-conflict http/WEB pool,WEB$;alias-conflict http/web.example.com pool,WEB$;");
	assert_string_equal(found.repair, "spnkit fix web.example.com");
	assert_non_null(strstr(found.text, "'HOST/web.example.com'"));
}

static void an_alias_of_an_additional_host_name_is_repaired_by_that_name(void **state)
{
	(void)state;
	struct found found;
	static const char conflict[] = USER("svc", SPN("http/old.example.com"))
			COMPUTER("fs", SPN("HOST/fs") SPN("HOST/old.example.com")
			"msDS-AdditionalDnsHostName: old.example.com\n");
	char with_other[2048];
	spn_directory *dir = open_ldif(conflict, SPN_DIALECT_WINDOWS);
	look(dir, NULL, &found);
	assert_string_equal(found.repair, "spnkit fix old.example.com");
	spn_directory_free(dir);
	/* but not if that name is another computer's own */
	snprintf(with_other, sizeof with_other, "%s%s", conflict, COMPUTER("old", ""));
	dir = open_ldif(with_other, SPN_DIALECT_WINDOWS);
	look(dir, NULL, &found);
	assert_string_equal(found.list, "alias-conflict http/old.example.com svc,fs$;");
	assert_string_equal(found.repair, "");
	spn_directory_free(dir);
}

/* One of two computers with the same dNSHostName has it by mistake: fix does not choose. */
static void no_repair_is_offered_of_two_machines_with_one_name(void **state)
{
	(void)state;
	static const char *const uac[] = { "4098", "4096", "4096" }, *const dots[] = { "", "", "." };
	static const char *const repairs[] = { "spnkit fix web.example.com", "", "" };
	for (int i = 0; i < 3; i++) {
		struct found found;
		char ldif[2048];
		snprintf(ldif, sizeof ldif,
				"dn: CN=svc,DC=example,DC=com\nobjectClass: user\nsAMAccountName: svc\n"
				"servicePrincipalName: http/web.example.com\n\n"
				"dn: CN=web,DC=example,DC=com\nobjectClass: computer\nsAMAccountName: web$\n"
				"userAccountControl: 4096\ndNSHostName: web.example.com\n"
				"servicePrincipalName: HOST/web.example.com\n\n"
				"dn: CN=twin,DC=example,DC=com\nobjectClass: computer\nsAMAccountName: twin$\n"
				"userAccountControl: %s\ndNSHostName: WEB.example.com%s\n",
				uac[i], dots[i]);
		spn_directory *dir = open_ldif(ldif, SPN_DIALECT_WINDOWS);
		look(dir, NULL, &found);
		assert_string_equal(found.list, "alias-conflict http/web.example.com svc,web$;");
		assert_string_equal(found.repair, repairs[i]);
		spn_directory_free(dir);
	}
}

static void a_name_in_three_spellings_is_on_three_accounts(void **state)
{
	(void)state;
	expect(USER("a", SPN("http/x")) USER("b", SPN("HTTP/X")) USER("c", SPN("hTTp/\xc3\xb8") SPN("Http/x")),
			SPN_DIALECT_WINDOWS, NULL, "duplicate http/x a,b,c;");
}

static void accents_are_folded_as_the_server_does(void **state)
{
	(void)state;
	static const char ldif[] = USER("a", "servicePrincipalName:: SE9TVC93w7ZiCg==\n") /* HOST/wöb and a line feed */
		USER("b", SPN("http/web")) USER("c", "servicePrincipalName:: aHR0cC93w6li\n"); /* http/wéb */
	expect(ldif, SPN_DIALECT_WINDOWS, NULL, "duplicate http/web b,c;");
	expect(ldif, SPN_DIALECT_SAMBA, NULL, "");
}

static void a_target_on_two_accounts_takes_its_aliases_with_it(void **state)
{
	(void)state;
	struct found found;
	spn_directory *dir = open_ldif(COMPUTER("a", SPN("HOST/x")) COMPUTER("b", SPN("host/X")), SPN_DIALECT_WINDOWS);
	look(dir, NULL, &found);
	assert_string_equal(found.list, "duplicate HOST/x a$,b$;");
	assert_non_null(strstr(found.text, "aliases"));
	spn_directory_free(dir);
}

static void one_account_may_hold_target_alias_and_variants(void **state)
{
	(void)state;
	expect(USER("a", SPN("HOST/x") SPN("http/x") SPN("HTTP/X") SPN("cifs/x")), SPN_DIALECT_WINDOWS, NULL, "");
}

static void aliases_without_their_target_do_not_conflict(void **state)
{
	(void)state;
	expect(USER("a", SPN("http/x")) USER("b", SPN("cifs/x")) USER("c", SPN("wsman/x")), SPN_DIALECT_WINDOWS, NULL, "");
}

static void names_of_a_family_that_came_before_it_was_suspect_are_found(void **state)
{
	(void)state;
	expect(USER("a", SPN("http/x")) USER("b", SPN("cifs/x")) USER("c", SPN("www/x")) COMPUTER("d", SPN("HOST/x"))
			USER("e", SPN("dns/x")),
			SPN_DIALECT_WINDOWS, NULL, "alias-conflict cifs/x b,d$;alias-conflict dns/x e,d$;alias-conflict http/x a,d$;"
			"alias-conflict www/x c,d$;");
}

static void a_second_holder_counts_though_it_was_not_the_first_of_its_family(void **state)
{
	(void)state;
	expect(USER("a", SPN("http/x")) USER("b", SPN("http/x")) USER("a2", SPN("HOST/x")), SPN_DIALECT_WINDOWS, NULL,
			"duplicate http/x a,b;alias-conflict http/x a,b,a2;");
}

static void a_port_is_part_of_the_name(void **state)
{
	(void)state;
	expect(USER("a", SPN("http/x:80")) USER("b", SPN("HOST/x")) USER("c", SPN("http/x:81")),
			SPN_DIALECT_WINDOWS, NULL, "");
	expect(USER("a", SPN("http/x:80")) USER("b", SPN("HOST/x:80")), SPN_DIALECT_WINDOWS, NULL,
			"alias-conflict http/x:80 a,b;");
}

static void malformed_names_are_compared_too(void **state)
{
	(void)state;
	expect(USER("a", SPN("HOSTX") SPN("http/")) USER("b", SPN("hostx") SPN("HTTP/")), SPN_DIALECT_WINDOWS, NULL,
			"duplicate HOSTX a,b;duplicate http/ a,b;");
}

static void a_pattern_chooses_among_them(void **state)
{
	(void)state;
	static const char ldif[] = USER("a", SPN("http/web1") SPN("MSSQLSvc/db")) COMPUTER("b", SPN("HOST/web1"))
			USER("c", SPN("mssqlsvc/DB"));
	expect(ldif, SPN_DIALECT_WINDOWS, "http/*", "alias-conflict http/web1 a,b$;");
	expect(ldif, SPN_DIALECT_WINDOWS, "*/web*", "alias-conflict http/web1 a,b$;");
	expect(ldif, SPN_DIALECT_WINDOWS, "HTTP/WEB1", "alias-conflict http/web1 a,b$;");
	expect(ldif, SPN_DIALECT_WINDOWS, "host/web1", "alias-conflict http/web1 a,b$;");
	expect(ldif, SPN_DIALECT_WINDOWS, "MSSQL*", "duplicate MSSQLSvc/db a,c;");
	expect(ldif, SPN_DIALECT_WINDOWS, "http/other", "");
}

static void the_mapping_is_the_directorys_own(void **state)
{
	(void)state;
	static const char ldif[] = "dn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration," BASE "\n"
		"objectClass: nTDSService\n"
		"sPNMappings: host=web, dav, host\nsPNMappings: web = old\n"
		"sPNMappings:: IHR3bz1uZXcsd2Vi\n\n" /* " two=new,web": web is one of host's */
		USER("a", SPN("http/x") SPN("dav/x")) USER("b", SPN("HOST/x")) USER("c", SPN("old/y"))
		USER("d", SPN("WEB/y")) USER("e", SPN("HOST/y"))
		USER("f", SPN("two/z")) USER("g", SPN("new/z"));
	expect(ldif, SPN_DIALECT_WINDOWS, NULL,
			"alias-conflict dav/x a,b;alias-conflict WEB/y d,e;alias-conflict old/y c,d;"
			"alias-conflict new/z g,f;");
}

static void the_computer_keeps_its_own_name(void **state)
{
	(void)state;
	struct found found;
	spn_directory *dir = open_ldif(COMPUTER("web", SPN("HOST/web")) USER("b c", SPN("host/WEB")), SPN_DIALECT_WINDOWS);
	look(dir, NULL, &found);
	assert_string_equal(found.repair, "spnkit delete host/WEB 'b c'");
	spn_directory_free(dir);
}

static void the_only_enabled_account_keeps_the_name(void **state)
{
	(void)state;
	struct found found;
	spn_directory *dir = open_ldif(USER("a", "userAccountControl: 514\n" SPN("http/x"))
			USER("b", "userAccountControl: 512\n" SPN("http/X")), SPN_DIALECT_WINDOWS);
	look(dir, NULL, &found);
	assert_string_equal(found.repair, "spnkit delete http/x a");
	spn_directory_free(dir);
}

static void which_of_two_services_keeps_a_name_is_not_guessed(void **state)
{
	(void)state;
	struct found found;
	spn_directory *dir = open_ldif(COMPUTER("web", SPN("http/web")) USER("b", SPN("http/web")), SPN_DIALECT_WINDOWS);
	look(dir, NULL, &found);
	assert_string_equal(found.repair, "");
	spn_directory_free(dir);
}

static void two_directories_are_looked_at_as_one_and_the_same_one_once(void **state)
{
	(void)state;
	struct found found = { .n = 0 };
	spn_directory *a = open_ldif("dn: CN=a,DC=a,DC=test\nsAMAccountName: a\n" SPN("http/x"), SPN_DIALECT_WINDOWS);
	spn_directory *b = open_ldif("dn: CN=b,DC=b,DC=test\nsAMAccountName: b\n" SPN("http/x"), SPN_DIALECT_WINDOWS);
	spn_directory *others[] = { b, a };
	spn_duplicates_options options = SPN_DUPLICATES_OPTIONS_INIT;
	options.others = others;
	options.n_others = 2;
	assert_int_equal(spn_find_duplicates(a, &options, note, &found, NULL), SPN_OK);
	assert_string_equal(found.list, "duplicate http/x a,b;");
	spn_directory_free(a);
	spn_directory_free(b);
}

static void what_has_gone_since_is_not_reported(void **state)
{
	(void)state;
	struct found found;
	spn_directory *dir = open_ldif("dn: " BASE "\nobjectClass: domainDNS\n\n" USER("a", SPN("http/x"))
			USER("b", SPN("http/x")), SPN_DIALECT_WINDOWS);
	const spn_fault gone = { .kind = SPN_FAULT_FAIL, .on = SPN_FAULT_ON_SEARCH, .nth = 2, .status = SPN_ERR_UNREACHABLE };
	assert_int_equal(spn_mock_fault(dir, &gone, NULL), SPN_OK);
	found.n = 0;
	assert_int_equal(spn_find_duplicates(dir, NULL, note, &found, NULL), SPN_ERR_UNREACHABLE);
	assert_int_equal(found.n, 0);
	look(dir, NULL, &found);
	assert_int_equal(found.n, 1);
	spn_directory_free(dir);
}

static spn_status stop(size_t n_accounts, size_t n_names, void *data, spn_error *err)
{
	(void)err;
	*(size_t *)data = n_accounts * 1000 + n_names;
	return SPN_ERR_STOPPED;
}

static void the_watch_may_end_it(void **state)
{
	struct found found = { .n = 0 };
	size_t seen = 0;
	spn_duplicates_options options = SPN_DUPLICATES_OPTIONS_INIT;
	options.progress = stop;
	options.progress_data = &seen;
	assert_int_equal(spn_find_duplicates(((struct fixture *)*state)->dir, &options, note, &found, NULL), SPN_ERR_STOPPED);
	assert_int_equal(seen, 2006);
	assert_int_equal(found.n, 0);
}

/* ---- random populations against the obvious way of doing it ---- */

#define MANY 12
#define EACH 4

struct population {
	unsigned seed;
	spk_folding folding;
	size_t n;
	char names[MANY][EACH][32];
	size_t n_names[MANY];
	char ldif[16384];
};

static unsigned roll(struct population *p, unsigned n)
{
	p->seed = p->seed * 1103515245u + 12345u;
	return (p->seed >> 16) % n;
}

static void make_population(struct population *p)
{
	static const char *const classes[] = { "HOST", "host", "http", "HTTP", "cifs", "www", "MSSQLSvc", "h\xc3\xb8st",
		"http\xef\xbc\x8f" };
	static const char *const hosts[] = { "a", "b", "A", "c", "\xc3\xa4" };
	size_t len = 0;
	p->n = 2 + roll(p, MANY - 1);
	for (size_t i = 0; i < p->n; i++) {
		len += (size_t)snprintf(p->ldif + len, sizeof p->ldif - len, "dn: CN=u%02zu," BASE "\n"
			"objectClass: user\nsAMAccountName: u%02zu\n", i, i);
		p->n_names[i] = 0;
		for (size_t wanted = roll(p, EACH + 1), tries = 0; p->n_names[i] < wanted && tries < 20; tries++) {
			char *name = p->names[i][p->n_names[i]];
			const char *class = classes[roll(p, 9)];
			snprintf(name, 32, "%s%s%s%s", class, strstr(class, "\xef\xbc\x8f") ? "" : "/",
					hosts[roll(p, 5)], roll(p, 4) ? "" : ":80");
			SPK_AUTOTEXT spk_text line = { 0 };
			spk_base64_encode(&line, name, strlen(name));
			len += (size_t)snprintf(p->ldif + len, sizeof p->ldif - len, "servicePrincipalName:: %s\n", line.data);
			p->n_names[i]++;
		}
		len += (size_t)snprintf(p->ldif + len, sizeof p->ldif - len, "\n");
	}
}

static bool holds_name(const struct population *p, size_t i, const char *name)
{
	for (size_t j = 0; j < p->n_names[i]; j++)
		if (spk_fold_equal(spk_bytes(p->names[i][j]), spk_bytes(name), p->folding))
			return true;
	return false;
}

/* The key of a name, so that findings can be compared whatever the spelling. */
static void put_key(char *to, size_t size, const char *code, const char *name, spk_folding folding)
{
	SPK_AUTOTEXT spk_text key = { 0 };
	spk_fold_key(spk_bytes(name), folding, &key);
	snprintf(to, size, "%s %s ", code, key.data);
}

struct lines {
	char list[256][256];
	size_t n;
	spk_folding folding;
};

static void add_line(struct lines *lines, const char *line)
{
	for (size_t i = 0; i < lines->n; i++)
		if (strcmp(lines->list[i], line) == 0)
			return;
	snprintf(lines->list[lines->n++], sizeof lines->list[0], "%s", line);
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void add_expected(const struct population *p, const char *name, struct lines *lines)
{
	char line[256], folded[64];
	SPK_AUTOTEXT spk_text target = { 0 };
	size_t n = 0;
	bool taken = false, owned = false;
	put_key(folded, sizeof folded, "", name, p->folding); /* so that the first '/' may be a wide one */
	folded[strlen(folded) - 1] = '\0';
	bool is_alias = spk_mapping_target(&spk_mapping_default, folded + 1, &target);
	put_key(line, sizeof line, "duplicate", name, p->folding);
	for (size_t i = 0; i < p->n; i++)
		if (holds_name(p, i, name)) {
			snprintf(line + strlen(line), sizeof line - strlen(line), "u%02zu", i);
			n++;
		}
	if (n > 1)
		add_line(lines, line);
	put_key(line, sizeof line, "alias-conflict", name, p->folding);
	for (int pass = 0; is_alias && pass < 2; pass++)
		for (size_t i = 0; i < p->n; i++) {
			bool alias = holds_name(p, i, name), owner = holds_name(p, i, target.data);
			taken |= alias && !owner;
			owned |= owner && !alias;
			if (pass == 0 ? alias : owner && !alias)
				snprintf(line + strlen(line), sizeof line - strlen(line), "u%02zu", i);
		}
	if (taken && owned)
		add_line(lines, line);
}

static spn_status note_line(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct lines *lines = data;
	char line[256];
	put_key(line, sizeof line, finding->code, finding->spn, lines->folding);
	for (size_t i = 0; i < finding->n_accounts; i++)
		snprintf(line + strlen(line), sizeof line - strlen(line), "%s", finding->accounts[i].account);
	snprintf(lines->list[lines->n++], sizeof lines->list[0], "%s", line);
	return SPN_OK;
}

/* A file says by itself what is equal; any other directory, as the mock, is asked. */
static spn_directory *open_population(const char *ldif, spn_dialect rules, bool as_file, char url[64])
{
	spn_open_options options = SPN_OPEN_OPTIONS_INIT;
	spn_directory *dir = NULL;
	if (!as_file)
		return open_ldif(ldif, rules);
	options.dialect = rules;
	snprintf(url, 64, "ldif:/tmp/spnkit-duplicates-XXXXXX");
	make_file(url, ldif);
	assert_int_equal(spn_directory_open(url, &options, &dir, NULL), SPN_OK);
	return dir;
}

static void judge_population(struct population *p, spn_dialect rules, bool as_file)
{
	struct lines *wanted = calloc(2, sizeof *wanted), *got = wanted + 1;
	assert_non_null(wanted);
	p->folding = got->folding = rules == SPN_DIALECT_SAMBA ? SPK_FOLD_SAMBA : SPK_FOLD_WINDOWS;
	for (size_t i = 0; i < p->n; i++)
		for (size_t j = 0; j < p->n_names[i]; j++)
			add_expected(p, p->names[i][j], wanted);
	char url[64] = "";
	spn_directory *dir = open_population(p->ldif, rules, as_file, url);
	assert_int_equal(spn_find_duplicates(dir, NULL, note_line, got, NULL), SPN_OK);
	qsort(wanted->list, wanted->n, sizeof wanted->list[0], compare_lines);
	qsort(got->list, got->n, sizeof got->list[0], compare_lines);
	for (size_t i = 0; i < wanted->n && i < got->n; i++)
		if (strcmp(wanted->list[i], got->list[i]) != 0)
			fail_msg("rules %d, file %d: wanted '%s', got '%s' in\n%s", (int)rules, as_file,
					wanted->list[i], got->list[i], p->ldif);
	if (wanted->n != got->n)
		fail_msg("rules %d, file %d: %zu findings wanted, %zu got in\n%s", (int)rules, as_file, wanted->n, got->n, p->ldif);
	spn_directory_free(dir);
	if (as_file)
		unlink(url + 5);
	free(wanted);
}

static void random_populations_are_judged_as_by_comparing_everything(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 400; seed++) {
		struct population *p = calloc(1, sizeof *p);
		assert_non_null(p);
		p->seed = seed;
		make_population(p);
		for (unsigned how = 0; how < 4; how++)
			judge_population(p, how & 1 ? SPN_DIALECT_SAMBA : SPN_DIALECT_WINDOWS, how & 2);
		free(p);
	}
}

static void on_samba_an_accent_keeps_an_alias_apart(void **state)
{
	(void)state;
	static const char ldif[] = USER("a", "servicePrincipalName:: aHR0cC93w6li\n") /* http/wéb */ COMPUTER("b",
			SPN("HOST/web"));
	expect(ldif, SPN_DIALECT_WINDOWS, NULL, "alias-conflict http/w\xc3\xa9" "b a,b$;");
	expect(ldif, SPN_DIALECT_SAMBA, NULL, "");
}

static void very_many_names_are_kept_apart(void **state)
{
	(void)state;
	spk_clash *clash = NULL;
	const spk_suspect *suspects;
	size_t n;
	assert_int_equal(spk_clash_new(&spk_mapping_default, SPK_FOLD_WINDOWS, &clash, NULL), SPN_OK);
	for (uint32_t i = 1; i <= 200000; i++) {
		char name[64];
		int len = snprintf(name, sizeof name, i % 50000 ? "HOST/srv%u" : "host/SRV%u", i % 50000 ? i : i - 1);
		assert_int_equal(spk_clash_add(clash, i, (spn_bytes){ name, (size_t)len }, NULL), SPN_OK);
		assert_int_equal(spk_clash_add(clash, i, (spn_bytes){ name + 5, (size_t)len - 5 }, NULL), SPN_OK);
	}
	assert_int_equal(spk_clash_finish(clash, &suspects, &n, NULL), SPN_OK);
	assert_int_equal(n, 8);
	assert_string_equal(suspects[0].name, "host/SRV49999");
	spk_clash_free(clash);
}

static spn_status count_accounts(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	size_t *n = data; /* findings, accounts */
	n[0]++;
	n[1] += finding->n_accounts;
	return SPN_OK;
}

/* Every one of 5^4 spellings on an account of its own: to Windows one name, to Samba as many. */
static void names_that_differ_by_accents_only_are_one_on_windows_and_many_on_samba(void **state)
{
	(void)state;
	static const char *const letters[] = { "a", "\xc3\xa1", "\xc3\xa0", "\xc3\xa2", "\xc3\xa4" };
	char *ldif = NULL;
	size_t size;
	FILE *file = open_memstream(&ldif, &size);
	assert_non_null(file);
	fputs("dn: " BASE "\nobjectClass: domainDNS\n\n", file);
	for (unsigned i = 0; i < 625; i++)
		fprintf(file, "dn: CN=u%u," BASE "\nobjectClass: user\nsAMAccountName: u%u\n"
				"servicePrincipalName: http/%s%s%s%s\n\n", i, i,
				letters[i % 5], letters[i / 5 % 5], letters[i / 25 % 5], letters[i / 125 % 5]);
	assert_int_equal(fclose(file), 0);
	for (spn_dialect rules = SPN_DIALECT_WINDOWS; rules <= SPN_DIALECT_SAMBA; rules++) {
		size_t n[2] = { 0, 0 };
		spn_directory *dir = open_ldif(ldif, rules);
		assert_int_equal(spn_find_duplicates(dir, NULL, count_accounts, n, NULL), SPN_OK);
		assert_int_equal(n[0], rules == SPN_DIALECT_WINDOWS ? 1 : 0);
		assert_int_equal(n[1], rules == SPN_DIALECT_WINDOWS ? 625 : 0);
		spn_directory_free(dir);
	}
	free(ldif);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_sample(an_alias_of_anothers_name_is_a_conflict),
		cmocka_unit_test(an_alias_of_an_additional_host_name_is_repaired_by_that_name),
		cmocka_unit_test(no_repair_is_offered_of_two_machines_with_one_name),
		cmocka_unit_test(a_name_in_three_spellings_is_on_three_accounts),
		cmocka_unit_test(accents_are_folded_as_the_server_does),
		cmocka_unit_test(a_target_on_two_accounts_takes_its_aliases_with_it),
		cmocka_unit_test(one_account_may_hold_target_alias_and_variants),
		cmocka_unit_test(aliases_without_their_target_do_not_conflict),
		cmocka_unit_test(names_of_a_family_that_came_before_it_was_suspect_are_found),
		cmocka_unit_test(a_second_holder_counts_though_it_was_not_the_first_of_its_family),
		cmocka_unit_test(a_port_is_part_of_the_name),
		cmocka_unit_test(malformed_names_are_compared_too),
		cmocka_unit_test(a_pattern_chooses_among_them),
		cmocka_unit_test(the_mapping_is_the_directorys_own),
		cmocka_unit_test(the_computer_keeps_its_own_name),
		cmocka_unit_test(the_only_enabled_account_keeps_the_name),
		cmocka_unit_test(which_of_two_services_keeps_a_name_is_not_guessed),
		cmocka_unit_test(two_directories_are_looked_at_as_one_and_the_same_one_once),
		cmocka_unit_test(what_has_gone_since_is_not_reported),
		with_sample(the_watch_may_end_it),
		cmocka_unit_test(on_samba_an_accent_keeps_an_alias_apart),
		cmocka_unit_test(random_populations_are_judged_as_by_comparing_everything),
		cmocka_unit_test(names_that_differ_by_accents_only_are_one_on_windows_and_many_on_samba),
		cmocka_unit_test(very_many_names_are_kept_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
