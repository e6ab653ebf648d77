/* SPDX-License-Identifier: MIT */
/* json_none.c - stands in for json.c where the library is built without jansson */
#include "form.h"

#include "base/error.h"

spn_status spk_form_json(const spk_form **ret_form, spn_error *err)
{
	(void)ret_form;
	return spn_fail(err, SPN_ERR_UNSUPPORTED, 0, "this library was built without JSON");
}
