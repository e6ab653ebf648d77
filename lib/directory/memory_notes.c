/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdio.h>

enum { HAS_CLASS = 1, HAS_CONTROL = 2, HAS_HOST = 4 };
const char *const spk_basic_attrs[] = { "objectClass", "userAccountControl", "dNSHostName", NULL };

/* Delivers a note about something that occurs so often. */
static void deliver(spn_note_fn *fn, void *data, const char *code, size_t count, const char *one, const char *many)
{
	char text[SPN_MESSAGE_SIZE];
	if (count == 0)
		return;
	snprintf(text, sizeof text, "%zu %s", count, count == 1 ? one : many);
	fn(&(spn_note){ code, count, text }, data);
}

/* An export of chosen attributes: what cannot be known without the others, in one note. */
static void deliver_missing(spn_note_fn *fn, void *data, unsigned present)
{
	char text[SPN_MESSAGE_SIZE];
	bool no_class = !(present & HAS_CLASS), no_control = !(present & HAS_CONTROL), no_host = !(present & HAS_HOST);
	if (!no_class)
		return;
	snprintf(text, sizeof text, "no entry has %sobjectClass%s%s: computers are recognized by %s; "
			"these checks cannot run: kinds of service accounts%s%s",
			no_control || no_host ? "any of " : "", no_control ? ", userAccountControl" : "", no_host ? ", dNSHostName" : "",
			no_control ? "sAMAccountType or the '$' at the end of their sAMAccountName" : "userAccountControl",
			no_control ? ", disabled accounts, delegation" : "", no_host ? ", host names of computers" : "");
	fn(&(spn_note){ "missing-attributes", (size_t)(no_class + no_control + no_host), text }, data);
}

/* Whoever asks about the domain is not told about the others. */
static void deliver_other_domain(const spk_memory *memory, spn_note_fn *fn, void *data)
{
	char text[SPN_MESSAGE_SIZE];
	if (!memory->other_domain)
		return;
	snprintf(text, sizeof text, "there are entries outside of '%s', such as those in '%s': only a search of the whole forest finds them",
			memory->domain, memory->other_domain);
	fn(&(spn_note){ "other-domain", 1, text }, data);
}

void spk_memory_notes(const void *self, spn_note_fn *fn, void *data)
{
	const spk_memory *memory = self;
	const spk_gaps *gaps = &memory->gaps;
	deliver(fn, data, "deleted", gaps->n_deleted, "deleted object (isDeleted: TRUE) was ignored",
			"deleted objects (isDeleted: TRUE) were ignored");
	deliver(fn, data, "incomplete-names", gaps->n_names,
			"entry has only a range of its servicePrincipalName values here: the list is incomplete, names may be missing",
			"entries have only a range of their servicePrincipalName values here: the lists are incomplete, names may be missing");
	deliver(fn, data, "incomplete-members", gaps->n_ranged,
			"entry has only a range of its member or memberOf values here: the list is incomplete",
			"entries have only a range of their member or memberOf values here: the lists are incomplete");
	deliver(fn, data, "urls", gaps->n_urls, "value that the export keeps in another file (':<') was ignored",
			"values that the export keeps in other files (':<') were ignored");
	if (!memory->read_only && spk_store_links(memory->store) > 1)
		deliver(fn, data, "hard-links", spk_store_links(memory->store), "",
				"names lead to this file (hard links): only the one that was opened gets the changes, the others keep what it holds now");
	deliver_other_domain(memory, fn, data);
	deliver_missing(fn, data, gaps->present);
	const spk_export_losses *losses = spk_store_losses(memory->store);
	deliver(fn, data, "not-exported", losses->values,
			"list is cut off or only the name of a type, as PowerShell writes it: values are unknown; export them joined by ';'",
			"lists are cut off or only the name of a type, as PowerShell writes them: values are unknown; export them joined by ';'");
	deliver(fn, data, "no-dn", losses->unnamed, "record without a distinguished name was ignored",
			"records without a distinguished name were ignored");
}
