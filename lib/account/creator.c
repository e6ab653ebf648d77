/* SPDX-License-Identifier: MIT */
#include "creator.h"

#include "base/error.h"
#include "model/adtypes.h"

void spk_creator_put(spk_text *text, const spn_account *computer)
{
	const spn_bytes *values;
	char sid[SPK_SID_TEXT];
	if (spn_account_get_kind(computer) != SPN_KIND_COMPUTER || !spn_entry_values(computer->entry, SPK_CREATOR, &values))
		return;
	bool is_sid = spk_sid_print(values[0], sid);
	spk_text_add(text,
			"'%s' was created by an ordinary user (%s%s" SPK_CREATOR
			"), as everybody may create a few computers: whoever did so "
			"can know its password, and the names would go to it; make sure that it is the right machine",
			spk_account_label(computer), is_sid ? sid : "", is_sid ? ", " : "");
}

spn_status spk_creator_tell(const spk_teller *to, const spn_account *computer, spn_error *err)
{
	SPK_AUTOTEXT spk_text text = { 0 };
	spk_creator_put(&text, computer);
	if (text.failed)
		return spk_nomem(err);
	return !text.len ? SPN_OK :
			   spk_tell(to, err, "created-by-user", SPN_SEVERITY_WARNING, NULL, computer, NULL, "%s",
					   text.data);
}
