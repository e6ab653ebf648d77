/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdio.h>

#include "model/dn.h"

enum { HAS_CLASS = 1, HAS_CONTROL = 2, HAS_HOST = 4 };
const char *const spk_basic_attrs[] = { "objectClass", "userAccountControl", "dNSHostName", NULL };

/* How to say it: of one, and of several behind their number. */
struct words {
	const char *code, *one, *many;
	const char *missing; /* "the names of": what is not here, in front of how many accounts; NULL: nothing */
};

/* Delivers a note about something that occurs so often, and on which depends what is said about the names of so many
 * accounts. */
static void deliver(spn_note_fn *fn, void *data, size_t count, size_t n_accounts, const struct words *words)
{
	char text[SPN_MESSAGE_SIZE], condition[128];
	bool has_condition = words->missing && n_accounts > 0;
	if (count == 0)
		return;
	snprintf(text, sizeof text, "%zu %s", count, count == 1 ? words->one : words->many);
	if (has_condition)
		snprintf(condition, sizeof condition, "%s %zu account%s are missing", words->missing, n_accounts,
				n_accounts == 1 ? "" : "s");
	fn(&(spn_note){ words->code, count, text, has_condition ? condition : NULL }, data);
}

/* An export of chosen attributes: what cannot be known without the others, in one note. */
static void deliver_missing(spn_note_fn *fn, void *data, unsigned present, bool has_only_flags)
{
	char text[SPN_MESSAGE_SIZE];
	bool no_class = !(present & HAS_CLASS), no_control = !(present & HAS_CONTROL), no_host = !(present & HAS_HOST);
	if (!no_class)
		return;
	snprintf(text, sizeof text, "no entry has %sobjectClass%s%s: computers are recognized by %s; "
			"these checks cannot run: kinds of service accounts%s%s",
			no_control || no_host ? "any of " : "", no_control ? ", userAccountControl" : "", no_host ? ", dNSHostName" : "",
			no_control || has_only_flags ? "sAMAccountType or the '$' at the end of their sAMAccountName" : "userAccountControl",
			no_control ? ", disabled accounts, delegation" : "", no_host ? ", host names of computers" : "");
	fn(&(spn_note){ "missing-attributes", (size_t)(no_class + no_control + no_host), text, NULL }, data);
}

/* Whoever asks about the domain is not told about the others. */
static void deliver_other_domain(const spk_memory *memory, spn_note_fn *fn, void *data)
{
	char text[SPN_MESSAGE_SIZE];
	const char *near = NULL, *apart = NULL;
	for (size_t i = 0; memory->other_domain && i < memory->domains.n; i++) {
		const char *domain = memory->domains.list[i];
		bool is_apart = spk_domains_are_apart(&memory->domains, domain, memory->domain);
		if (!spk_dn_equal(domain, memory->domain) && !*(is_apart ? &apart : &near))
			*(is_apart ? &apart : &near) = domain;
	}
	if (near) {
		snprintf(text, sizeof text,
				"there are entries outside of '%s', such as those in '%s': only a search of that "
				"domain, or of the "
				"whole forest, finds them",
				memory->domain, near);
		fn(&(spn_note){ "other-domain", 1, text, "only one of its domains was looked at" }, data);
	}
	if (apart) {
		snprintf(text, sizeof text,
				"there are entries of another forest than that of '%s', such as those in '%s': only a "
				"search of that "
				"domain finds them",
				memory->domain, apart);
		fn(&(spn_note){ "other-forest", 1, text, NULL }, data);
	}
}

bool spk_memory_has_names(const spk_memory *memory)
{
	return spk_index_count(&memory->outline.by_value[SPK_BY_SPN]) > 0 || memory->gaps.n_unknown > 0 ||
			spk_store_losses(memory->store)->has_names ||
			!memory->read_only; /* whoever changes it takes it for a directory, which may well have none yet
					     */
}

bool spk_memory_has_hosts(const spk_memory *memory)
{
	return memory->gaps.present & HAS_HOST;
}

static void deliver_no_names(const spk_memory *memory, spn_note_fn *fn, void *data)
{
	size_t n = memory->outline.records.n - memory->gaps.n_deleted;
	if (n == 0 || spk_memory_has_names(memory))
		return;
	fn(&(spn_note){ "no-names", n,
			   "no account has a servicePrincipalName here: if that was not exported, nothing is known "
			   "about names; "
			   "export it too",
			   "no account has a servicePrincipalName here" },
			data);
}

static void deliver_cut(size_t n, spn_note_fn *fn, void *data)
{
	if (n > 0)
		fn(&(spn_note){ "cut-off", n,
				   "the search that wrote this file ended early, at a limit: entries are missing; "
				   "search again in pages",
				   "the search that wrote it ended early" },
				data);
}

static const struct words deleted = { "deleted", "deleted object (isDeleted: TRUE, or DEL: in its DN) was ignored",
	"deleted objects (isDeleted: TRUE, or DEL: in their DN) were ignored", NULL };
static const struct words incomplete_names = { "incomplete-names",
	"entry has only a range of its servicePrincipalName values here: the list is incomplete, names may be missing",
	"entries have only a range of their servicePrincipalName values here: the lists are incomplete, names may be missing",
	"some names of" };
static const struct words unknown_names = { "unknown-names",
	"entry has 'servicePrincipalName:' without a value, as 'ldapsearch -A' writes it: its names are unknown",
	"entries have 'servicePrincipalName:' without a value, as 'ldapsearch -A' writes it: their names are unknown",
	"the names of" };
static const struct words empty_names = { "empty-names",
	"entry has an empty servicePrincipalName in addition to others: it was ignored",
	"entries have an empty servicePrincipalName in addition to others: they were ignored", NULL };
static const struct words incomplete_members = { "incomplete-members",
	"entry has only a range of its member, memberOf or msDS-AllowedToDelegateTo values here: the list is "
	"incomplete",
	"entries have only a range of their member, memberOf or msDS-AllowedToDelegateTo values here: the lists are "
	"incomplete",
	NULL };
static const struct words urls = { "urls", "value that the export keeps in another file (':<') was ignored",
	"values that the export keeps in other files (':<') were ignored", NULL };
static const struct words references = { "references",
	"search reference was skipped: what is in the naming context or domain that it leads to is not here",
	"search references were skipped: what is in the naming contexts or domains that they lead to is not here", NULL };
static const struct words doubles = { "doubles", "copy of an entry above it, word for word, was ignored",
	"copies of entries above them, word for word, were ignored", NULL };
static const struct words hard_links = { "hard-links", "",
	"names lead to this file (hard links): only the one that was opened gets the changes, the others keep what it "
	"holds now",
	NULL };
static const struct words not_exported = { "not-exported",
	"list is cut off or only the name of a type, as PowerShell writes it: values are unknown; export them joined "
	"by ';'",
	"lists are cut off or only the name of a type, as PowerShell writes them: values are unknown; export them "
	"joined by ';'",
	"the names of" };
static const struct words unknown_actors = { "unknown-delegations",
	"value says who may act as a user towards an account, but not as a security descriptor: who that is, is "
	"unknown; export "
	"msDS-AllowedToActOnBehalfOfOtherIdentity with ldifde, csvde or ldapsearch",
	"values say who may act as a user towards an account, but not as a security descriptor: who that is, is "
	"unknown; export "
	"msDS-AllowedToActOnBehalfOfOtherIdentity with ldifde, csvde or ldapsearch",
	NULL };
static const struct words not_understood = { "not-understood",
	"value of userAccountControl, of a flag of it such as Enabled, of adminCount or of supportedencryptiontypes "
	"was not understood: it is "
	"neither a number nor true nor false, nor an encryption type; export these as PowerShell or SharpHound write "
	"them",
	"values of userAccountControl, of a flag of it such as Enabled, of adminCount or of supportedencryptiontypes "
	"were not understood: they "
	"are neither numbers nor true nor false, nor encryption types; export these as PowerShell or SharpHound write "
	"them",
	NULL };
static const struct words unclear_times = { "not-understood",
	"time of a change of a password was not understood: it can be read in no way, or in several (is 1/2/2015 in "
	"January?); "
	"export pwdLastSet instead of PasswordLastSet",
	"times of changes of passwords were not understood: they can be read in no way, or in several (is 1/2/2015 in "
	"January?); "
	"export pwdLastSet instead of PasswordLastSet",
	NULL };
static const struct words no_dn = { "no-dn", "record without a distinguished name was ignored",
	"records without a distinguished name were ignored", "the names of" };
static const struct words unread_list = { "unread-list",
	"record was ignored: it is in a list of JSON that is not read; accounts are read in lists called data, value, "
	"entries, users or computers",
	"records were ignored: they are in lists of JSON that are not read; accounts are read in lists called data, "
	"value, entries, users or computers",
	"the names of" };
static const struct words aside = { "unread-names",
	"account has servicePrincipalName values in a part of JSON that is not read, and that differ from those that "
	"are: export without that part if it only repeats names, or write them to a member of the account itself",
	"accounts have servicePrincipalName values in a part of JSON that is not read, and that differ from those that "
	"are: export without that part if it only repeats names, or write them to a member of the account itself",
	"some names of" };

void spk_memory_notes(const void *self, spn_note_fn *fn, void *data)
{
	const spk_memory *memory = self;
	const spk_gaps *gaps = &memory->gaps;
	const spk_export_losses *losses = spk_store_losses(memory->store);
	deliver(fn, data, gaps->n_deleted, 0, &deleted);
	deliver(fn, data, gaps->n_names, gaps->n_names, &incomplete_names);
	size_t n_told = losses->aside + losses->is_cut; /* of unknown names */
	deliver(fn, data, spk_store_hides_names(memory->store) ? 0 : gaps->n_unknown, gaps->n_unknown, &unknown_names);
	deliver(fn, data, gaps->n_empty, 0, &empty_names);
	deliver(fn, data, gaps->n_ranged, 0, &incomplete_members);
	deliver(fn, data, gaps->skipped.urls, 0, &urls);
	deliver(fn, data, gaps->skipped.refs, 0, &references);
	deliver(fn, data, memory->n_doubles, 0, &doubles);
	deliver_cut(gaps->skipped.cuts, fn, data);
	if (gaps->n_cut || losses->is_cut)
		fn(&(spn_note){ "cut-line", 1,
				   "the file ends without a line end: its last value may be cut off, and entries "
				   "behind it missing; export it again, or end its last line if it is whole",
				   NULL },
				data);
	if (!memory->read_only && spk_store_links(memory->store) > 1)
		deliver(fn, data, spk_store_links(memory->store), 0, &hard_links);
	deliver_other_domain(memory, fn, data);
	deliver_missing(fn, data, gaps->present, losses->has_only_flags);
	deliver_no_names(memory, fn, data);
	deliver(fn, data, losses->values, gaps->n_unknown > n_told ? gaps->n_unknown - n_told : 0, &not_exported);
	deliver(fn, data, losses->words, 0, &not_understood);
	deliver(fn, data, losses->times, 0, &unclear_times);
	deliver(fn, data, losses->actors, 0, &unknown_actors);
	deliver(fn, data, losses->unnamed, losses->lost, &no_dn);
	deliver(fn, data, losses->passed, losses->passed_names, &unread_list);
	deliver(fn, data, losses->aside, losses->aside, &aside);
}
