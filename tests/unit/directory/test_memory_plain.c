/* SPDX-License-Identifier: MIT */
/* Ordinary records are indexed at a glance, and found so.  What is known of a text then, and what searches find in it,
 * is what it is when each of its records is read in earnest, whatever is in it. */
#include "unit.h"

#include "directory/directory.h"
#include "directory/memory/memory.h"
#include "model/adtypes.h"
#include "model/filter.h"

static unsigned seed;
static bool in_earnest;
static size_t n_taken;

bool __real_spk_ldif_glance(spk_ldif_reader *reader, spk_ldif_plain *ret_plain);
bool __wrap_spk_ldif_glance(spk_ldif_reader *reader, spk_ldif_plain *ret_plain);
bool __wrap_spk_ldif_glance(spk_ldif_reader *reader, spk_ldif_plain *ret_plain)
{
	return !in_earnest && __real_spk_ldif_glance(reader, ret_plain);
}

void __real_spk_ldif_take(spk_ldif_reader *reader);
void __wrap_spk_ldif_take(spk_ldif_reader *reader);
void __wrap_spk_ldif_take(spk_ldif_reader *reader)
{
	n_taken++;
	__real_spk_ldif_take(reader);
}

static unsigned roll(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static const char *const ordinary[] = { "objectClass: top", "objectClass: user", "cn: a", "sn:b",
	"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUQQAAA==",
	"objectGUID:: AAAA", "userAccountControl: 512", "dNSHostName: a.kim.com", "userPrincipalName: a@kim.com",
	"servicePrincipalName: http/x", "servicePrincipalName: HOST/x",
	"servicePrincipalName: MSSQLSvc/db.kim.com:1433",
	"servicePrincipalName:RestrictedKrbHost/a-name-of-more-than-sixteen.kim.com", "sAMAccountName: a$",
	"jpegPhoto:: AAAAAAAA\n AAAA\n AA==", "description: long\n er than a line", "# a comment", "info:  a: b",
	"m: :", "l: x" };
/* What groups have, and others now and then. */
static const char *const grouped[] = { "objectClass: group", "objectClass:GROUP", "objectClass:: Z3JvdXA=",
	"member: CN=a1,DC=kim,DC=com", "MEMBER: x", "objectClass: groupOfNames",
	"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAACQIAAA==",
	"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA5wMAAA==",
	"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA6AMAAA==",
	"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA/wMAAA==",
	"objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAACQIBAA==", "objectSid:: AQIAAAAAAAUgAAAAIAIAAA==" };
static const char *const unusual[] = { "objectClass: gro\n up", "objectClass:\n  group",
	"objectClass: \xef\xbd\x87roup", "objectClass: group ", "member:\n  CN=y",
	"member: ", "member:: Q049eQ==", "objectSid:: AQUAAAAAAAUVAAAAAQAA\n AAIAAAADAAAACQIAAA==",
	"objectSid: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAACQIAAA==", "servicePrincipalName:: aHR0cC94",
	"servicePrincipalName:: aHR0cC94Cg==", "servicePrincipalName::", "servicePrincipalName:: aHR0\n cC94",
	"servicePrincipalName:: PEdVSUQ9MT47aHR0cC94", "sAMAccountName:: 4A==", "servicePrincipalName:: aHR0cAB4",
	"servicePrincipalName:: aHR0cC94 ",
	"servicePrincipalName:: aHR0cC94=", "sAMAccountName::   YQ==", "servicePrincipalName: http/\n x",
	"servicePrincipalName: http/\xc3\xa4.kim.com", "SERVICEPRINCIPALNAME: http/x",
	"servicePrincipalName:", "servicePrincipalName: ", "servicePrincipalName: noslash",
	"servicePrincipalName: a/b/c", "servicePrincipalName;range=0-1: http/r", "member;range=0-1: CN=x",
	"userPrincipalName: u@kim.com", "userPrincipalName: http/u", "isDeleted: TRUE", "isDeleted: FALSE",
	"sAMAccountName:   A$", "sAMAccountName: \xc3\x84", "servicePrincipalName: <GUID=1>;http/x",
	"description: \xc3\xa4\xc3\xb6", "description: a\n ", "cn: a\n \n b", "cn: a\n   ", "cn: a \n \tb",
	"cn: a\n b \n \t", "cn:: YQ==\n  ", "cn:: YWJj\n ZGVm\n Zw==", "cn:: YW\n Jj", "cn:: YWJ\n  j", "cn:\n a",
	"cn: \n a", "cn: <a\n b", "objectSid:: AAAA\n ",
	"objectSid:: AA=\n =", "objectSid:: AA==\n AA==", "objectSid:: AAA", "cn:< file:///x",
	"servicePrincipalName:< file:///x", "servicePrincipalNames: http/y", "servicePrincipalName: http/ x ",
	"servicePrincipalName: HTTP/X", "anAttributeWithANameThatIsLongerThanAnyOtherOfThem: 1",
	"userCertificate;binary:: AAAA", "#", "# a\n  longer comment", "l:", "version: 1",
	"servicePrincipalName: \xc4\xb0/x", "description: split \xc3\n \xa4", "changetype: add", "control: x",
	"result: 0", "Size limit exceeded (4)", "dNSHostName: b.kim.com", "dnshostname: \xc3\xa4.kim.com",
	"msDS-AdditionalDnsHostName: a.kim.com", "MSDS-ADDITIONALDNSHOSTNAME: b", "msDS-AdditionalSamAccountName: A$",
	"dNSHostName:  c", "dNSHostName:: YS5raW0uY29t", "dNSHostName: a.kim\n .com", "dNSHostName:",
	"dNSHostName;range=0-*: a.kim.com", "dNSHostName;x: a.kim.com", "dNSHostName:< file:///x" };
static const char *const bad[] = { "no colon", "cn:: a*b", "-", "x y: z", "cn: a\rb", "dn: CN=again,DC=kim,DC=com",
	"objectSid:: AA=A", " ", "\t", "servicePrincipalName:: aHR0cC94*",
	"servicePrincipalName:: aHR0cC93ZWIua2ltLmNv*S5ra20=", "sAMAccountName:: YQ",
	"description: \xe4", "changetype: modify", "2.5.4.3: x", "ref: ldap://x" };
static const char *const parents[] = { "DC=kim,DC=com", "OU=a,DC=kim,DC=com", "ou=A, dc=kim,DC=com",
	"CN=Users,DC=kim,DC=com", "OU=b,DC=sub,DC=kim,DC=com", "CN=Configuration,DC=kim,DC=com",
	"CN=Partitions,CN=Configuration,DC=kim,DC=com", "DC=DomainDnsZones,DC=kim,DC=com", "OU=\xc3\xa4,DC=kim,DC=com",
	"OU=a\\,b,DC=kim,DC=com", "O=other", "OU=DC\\3Dx,DC=kim,DC=com", "CN=Configuration,DC=else,DC=com",
	"DC=else,DC=com" };

#define COUNT(list) ((unsigned)(sizeof(list) / sizeof *(list)))

static const char *line(unsigned strange)
{
	unsigned kind = roll(1000);
	if (roll(200) == 0)
		return grouped[roll(COUNT(grouped))];
	return kind < strange                       ? unusual[roll(COUNT(unusual))] :
			kind == 999 && strange > 20 ? bad[roll(COUNT(bad))] :
						      ordinary[roll(COUNT(ordinary))];
}

static void put(spk_text *text, const char *line, const char *end)
{
	for (; *line; line++) {
		if (*line == '\n')
			spk_text_add(text, "%s", end);
		else
			spk_text_add_char(text, *line);
	}
	spk_text_add(text, "%s", end);
}

static const char *const odd[] = { "CN=a+b", "cn= a", "CN=a\\0ADEL:1", "CN=", "DC=x", "CN=Configuration",
	"OU=\xc3\x84", "CN=\"q\"", "CN=a\nb", "x", "CN=Configurations of all", "CN=two words-1.2/3", "CN=ends with a ",
	"CN=a#b of some length", "CN=a<b", "OU=under_score", "CN=a=b", "CN=of some length\x1d", "CN=\"of some length\"" };

static void put_dn(spk_text *text, size_t i, unsigned strange, const char *end)
{
	const char *parent = parents[roll(10) || strange == 0 ? roll(4) : roll(COUNT(parents))];
	if (strange > 0 && roll(40) == 0) {
		spk_text_add(text, "dn: %s,%s%s", odd[roll(COUNT(odd))], parent, end);
		return;
	}
	const char *begin = roll(30) || strange == 0 ? "dn: " : roll(2) ? "dn:" : "DN: ";
	spk_text_add(text, "%sCN=a%zu,%s%s", begin, strange > 0 && roll(50) == 0 ? i / 2 : i, parent, end);
}

/* strange: of a thousand lines, how many are unusual. */
static void make_text(spk_text *text, size_t n, unsigned strange)
{
	const char *end = roll(2) ? "\n" : "\r\n";
	spk_text_clear(text);
	spk_text_add_bytes(text, "", 0);
	if (roll(2))
		spk_text_add(text, "dn: DC=kim,DC=com%sobjectClass: domainDNS%s%s", end, end, end);
	for (size_t i = 0; i < n; i++) {
		if (strange > 0 && roll(20) == 0)
			end = roll(2) ? "\n" : "\r\n";
		if (strange > 0 && roll(30) == 0)
			put(text, roll(2) ? "# between" : "", end);
		put_dn(text, i, strange, end);
		for (size_t left = roll(strange > 0 && roll(50) == 0 ? 400 : 14); left > 0; left--)
			put(text, line(strange), end);
		if (strange == 0 || roll(60))
			spk_text_add(text, "%s", end);
	}
	if (strange > 0 && roll(4) == 0)
		text->len -= roll((unsigned)text->len);
	assert_false(text->failed);
}

static spn_status read_text(spn_bytes text, spn_dialect rules, bool earnest, spk_memory **ret_memory, spn_error *err)
{
	spk_store *store = NULL;
	*ret_memory = NULL;
	in_earnest = earnest;
	assert_int_equal(spk_store_new_text("text", text, &store, err), SPN_OK);
	return spk_memory_new(store, rules, NULL, ret_memory, err);
}

static void compare_indexes(spk_index *a, spk_index *b)
{
	spk_index_sort(a);
	spk_index_sort(b);
	assert_int_equal(a->n, b->n);
	if (a->n > 0)
		assert_memory_equal(a->places, b->places, a->n * sizeof *a->places);
}

static void compare_texts(const char *a, const char *b)
{
	assert_int_equal(!a, !b);
	if (a)
		assert_string_equal(a, b);
}

static void compare_domains(const spk_domains *a, const spk_domains *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_string_equal(a->list[i], b->list[i]);
	assert_int_equal(a->n_roots, b->n_roots);
	for (size_t i = 0; i < a->n_roots; i++)
		assert_string_equal(a->roots[i], b->roots[i]);
}

static void compare_memories(spk_memory *a, spk_memory *b)
{
	const spk_outline *one = &a->outline, *other = &b->outline;
	assert_int_equal(one->records.n, other->records.n);
	assert_memory_equal(
			one->records.offsets, other->records.offsets, one->records.n * sizeof *one->records.offsets);
	assert_int_equal(one->names.n, other->names.n);
	assert_memory_equal(one->names.list, other->names.list, one->names.n * sizeof *one->names.list);
	assert_int_equal(one->sequels.n, other->sequels.n);
	compare_indexes(&a->outline.by_dn, &b->outline.by_dn);
	for (size_t i = 0; i < SPK_INDEXED; i++)
		compare_indexes(&a->outline.by_value[i], &b->outline.by_value[i]);
	assert_memory_equal(&a->gaps, &b->gaps, sizeof a->gaps);
	assert_int_equal(a->n_doubles, b->n_doubles);
	compare_texts(a->domain, b->domain);
	compare_texts(a->config, b->config);
	compare_texts(a->other_domain, b->other_domain);
	compare_domains(&a->domains, &b->domains);
}

static spn_status put_entry(const spn_entry *entry, void *data, spn_error *unused)
{
	const spn_bytes *values;
	const char *name;
	size_t n;
	(void)unused;
	spk_text_add(data, "%s%s\n", spn_entry_dn(entry), spk_entry_lacks_names(entry) ? " lacks names" : "");
	for (size_t i = 0; (name = spn_entry_attribute(entry, i, &values, &n)); i++)
		for (size_t j = 0; j < n; j++) {
			spk_text_add(data, "%s: ", name);
			spk_text_add_bytes(data, values[j].data, values[j].len + 1); /* the NUL, too */
			spk_text_add_char(data, '\n');
		}
	return SPN_OK;
}

static void compare_searches(spk_memory *a, spk_memory *b)
{
	char sid[SPK_SID_MAX] = "\1\5\0\0\0\0\0\5\25\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\11\2\0\0"; /* RID 521 */
	const spn_filter named = { .op = SPN_FILTER_PRESENT, .attr = "servicePrincipalName" },
			 of_class = { .op = SPN_FILTER_EQUAL, .attr = "objectclass", .value = spk_bytes("Group") },
			 users = { .op = SPN_FILTER_EQUAL, .attr = "objectClass", .value = spk_bytes("user") },
			 member = { .op = SPN_FILTER_PRESENT, .attr = "member" },
			 of_sid = { .op = SPN_FILTER_EQUAL, .attr = "objectSid", .value = { sid, 28 } };
	const spn_filter *const groups[] = { &of_class, &member, NULL }, *const both[] = { &named, &of_class, NULL },
				*const either[] = { &users, &named, NULL };
	const spn_filter any = { .op = SPN_FILTER_OR, .parts = groups }, all = { .op = SPN_FILTER_AND, .parts = both },
			 some = { .op = SPN_FILTER_OR, .parts = either };
	const spn_filter *const filters[] = { NULL, &named, &of_class, &users, &member, &of_sid, &any, &all, &some };
	static const char *const few[] = { "cn", "ServicePrincipalName", "objectSid", NULL },
				       *const dns[] = { "distinguishedName", "description", "cn", NULL };
	static const char *const *const attrs[] = { few, dns, NULL };
	for (size_t i = 0; i < 3 * COUNT(filters); i++) {
		const spn_search search = { .base = "", .scope = SPN_SCOPE_SUBTREE, .filter = filters[i / 3], .attrs = attrs[i % 3],
			.forest = true };
		SPK_AUTOTEXT spk_text found = { 0 }, wanted = { 0 };
		spn_error err = { .status = SPN_OK };
		in_earnest = false;
		assert_int_equal(spk_memory_search(a, &search, put_entry, &found, &err), SPN_OK);
		in_earnest = true;
		assert_int_equal(spk_memory_search(b, &search, put_entry, &wanted, &err), SPN_OK);
		assert_int_equal(found.len, wanted.len);
		if (found.len)
			assert_memory_equal(found.data, wanted.data, wanted.len);
	}
}

/* Returns whether the text could be read. */
static bool compare(spn_bytes text, spn_dialect rules)
{
	enum { EACH = 10 }; /* searches take longer than reading */
	static unsigned n_compared;
	spk_memory *memory, *reference;
	spn_error err = { .status = SPN_OK }, wanted = { .status = SPN_OK };
	assert_int_equal(read_text(text, rules, false, &memory, &err),
			read_text(text, rules, true, &reference, &wanted));
	assert_string_equal(err.message, wanted.message);
	bool is_read = memory;
	if (is_read) {
		compare_memories(memory, reference);
		if (++n_compared % EACH == 0)
			compare_searches(memory, reference);
	}
	spk_memory_free(memory);
	spk_memory_free(reference);
	return is_read;
}

static void compare_all(unsigned from, unsigned to, size_t n_records, unsigned strange)
{
	size_t n_read = 0;
	n_taken = 0;
	for (seed = from; seed < to; seed++) {
		unsigned keep = seed;
		SPK_AUTOTEXT spk_text text = { 0 };
		make_text(&text, roll((unsigned)n_records) + 1, strange);
		n_read += compare(
				(spn_bytes){ text.data, text.len }, roll(2) ? SPN_DIALECT_WINDOWS : SPN_DIALECT_SAMBA);
		seed = keep;
	}
	assert_true(n_read > 0 && n_taken > 0);
}

static void what_is_ordinary_is_known_as_if_it_had_been_read(void **state)
{
	(void)state;
	compare_all(1, 60, 600, 0);
}

static void what_is_unusual_now_and_then_is_known_as_if_all_had_been_read(void **state)
{
	(void)state;
	compare_all(1, 3000, 12, 4);
}

static void what_is_unusual_or_malformed_is_known_or_refused_in_the_same_words(void **state)
{
	(void)state;
	compare_all(1, 3000, 8, 150);
}

static void each_unusual_line_is_known_or_refused_as_if_it_had_been_read(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT(unusual) + COUNT(bad); i++)
		for (unsigned end = 0; end < 2; end++) {
			SPK_AUTOTEXT spk_text text = { 0 };
			for (unsigned before = 0; before < 6; before++) {
				spk_text_add(&text, "dn: CN=a%u,DC=kim,DC=com%s", before, end ? "\r\n" : "\n");
				put(&text, "objectClass: user\ncn: x\nobjectSid:: AAAA\nservicePrincipalName: http/x", end ? "\r\n" : "\n");
				if (before >= 4)
					put(&text, i < COUNT(unusual) ? unusual[i] : bad[i - COUNT(unusual)],
							end ? "\r\n" : "\n");
				put(&text, "sAMAccountName: a\ndescription: x\n", end ? "\r\n" : "\n");
			}
			compare((spn_bytes){ text.data, text.len }, SPN_DIALECT_WINDOWS);
		}
}

static void each_unusual_dn_is_known_or_refused_as_if_it_had_been_read(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT(odd); i++) {
		SPK_AUTOTEXT spk_text text = { 0 };
		put(&text, "dn: DC=kim,DC=com\nobjectClass: domainDNS\n", "\n");
		for (unsigned at = 0; at < 5; at++) {
			char usual[] = "CN=a0";
			usual[sizeof usual - 2] = (char)('0' + at);
			spk_text_add(&text, "dn: %s,OU=a,DC=kim,DC=com\n", at == 3 ? odd[i] : usual);
			spk_text_add(&text, "objectClass: user\nservicePrincipalName: http/%u\n\n", at);
		}
		compare((spn_bytes){ text.data, text.len }, SPN_DIALECT_WINDOWS);
	}
}

/* At each place among the lines that all of them begin with, and behind these. */
static void a_record_that_begins_as_those_before_it_may_go_on_in_its_own_way(void **state)
{
	(void)state;
	static const char *const lines[] = { "objectClass: top", "objectClass: user", "cn: x", "description: y" };
	for (unsigned i = 0; i < 2 * (COUNT(unusual) + COUNT(bad) + 1); i++)
		for (unsigned at = 0; at <= COUNT(lines); at++) {
			SPK_AUTOTEXT spk_text text = { 0 };
			const char *other = i / 2 < COUNT(unusual) ? unusual[i / 2] :
					i / 2 < COUNT(unusual) + COUNT(bad) ? bad[i / 2 - COUNT(unusual)] : " goes on";
			for (unsigned n = 0; n < 12; n++) {
				spk_text_add(&text, "dn: CN=a%u,DC=kim,DC=com%s%s", n, i % 2 ? "\r\n" : "\n",
						n % 4 ? "" : i % 2 ? "changetype: add\r\n" : "changetype: add\n");
				for (unsigned j = 0; j <= COUNT(lines); j++) {
					if (j == at && (n == 5 || n == 10)) /* at first it is not known */
						put(&text, other, i % 2 ? "\r\n" : "\n");
					if (j < COUNT(lines))
						put(&text, lines[j], i % 2 ? "\r\n" : "\n");
				}
				put(&text, "servicePrincipalName: http/x\nservicePrincipalName: HOST/y\nsAMAccountName: a\n"
						"info: so that there are as many bytes as a run may have and as many as the longest name of an attribute\n"
						"wWWHomePage: so that there are as many bytes as a run may have and as many as the longest name of one\n",
						i % 2 ? "\r\n" : "\n");
			}
			compare((spn_bytes){ text.data, text.len }, SPN_DIALECT_WINDOWS);
		}
}

/* Each line that a group may have, on one of many accounts. */
static void groups_are_found_among_accounts_however_they_are_written(void **state)
{
	(void)state;
	enum { EACH = 16, UNUSUAL = 9 }; /* the first so many of unusual */
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_memory *memory, *reference;
	for (unsigned i = 0; i < EACH * (UNUSUAL + COUNT(grouped)) + EACH; i++) {
		unsigned n = i / EACH - 1;
		spk_text_add(&text, "dn: CN=a%u,DC=kim,DC=com\nobjectClass: top\nobjectClass: user\nmember2: x\n%s\n", i,
				ordinary[4]);
		if (i >= EACH && i % EACH == 0)
			put(&text, n < UNUSUAL ? unusual[n] : grouped[n - UNUSUAL], "\n");
		spk_text_add(&text, "servicePrincipalName: http/a%u\n\n", i);
	}
	const spn_bytes bytes = { text.data, text.len };
	assert_int_equal(read_text(bytes, SPN_DIALECT_WINDOWS, false, &memory, NULL), SPN_OK);
	assert_int_equal(read_text(bytes, SPN_DIALECT_WINDOWS, true, &reference, NULL), SPN_OK);
	assert_true(memory->outline.groups.n < 2 * (UNUSUAL + COUNT(grouped)));
	compare_searches(memory, reference);
	spk_memory_free(memory);
	spk_memory_free(reference);
}

/* Nearly all of an export. */
static void a_record_as_others_is_taken_at_a_glance(void **state)
{
	(void)state;
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_memory *memory;
	spn_error err = { .status = SPN_OK };
	for (unsigned i = 0; i < 1000; i++)
		spk_text_add(&text,
				"dn: CN=a%u,OU=%u,DC=kim,DC=com\nchangetype: add\nobjectClass: user\nobjectSid:: "
				"AQUA\n AAAA\nmemberOf: CN=a long\n  name\n"
				"servicePrincipalName: http/a%u\nsAMAccountName: a%u\n\n",
				i, i % 5, i, i);
	n_taken = 0;
	assert_int_equal(read_text((spn_bytes){ text.data, text.len }, SPN_DIALECT_WINDOWS, false, &memory, &err),
			SPN_OK);
	assert_true(n_taken > 980);
	spk_memory_free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_ordinary_is_known_as_if_it_had_been_read),
		cmocka_unit_test(what_is_unusual_now_and_then_is_known_as_if_all_had_been_read),
		cmocka_unit_test(what_is_unusual_or_malformed_is_known_or_refused_in_the_same_words),
		cmocka_unit_test(each_unusual_line_is_known_or_refused_as_if_it_had_been_read),
		cmocka_unit_test(each_unusual_dn_is_known_or_refused_as_if_it_had_been_read),
		cmocka_unit_test(a_record_that_begins_as_those_before_it_may_go_on_in_its_own_way),
		cmocka_unit_test(groups_are_found_among_accounts_however_they_are_written),
		cmocka_unit_test(a_record_as_others_is_taken_at_a_glance),
	};
	return cmocka_run_group_tests_name("memory_plain", tests, NULL, NULL);
}
