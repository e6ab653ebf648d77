/* SPDX-License-Identifier: MIT */
#include "verdict.h"

#include "output.h"

spn_status verdict_print(const spn_finding *finding, void *data, spn_error *err)
{
	(void)err;
	struct verdicts *verdicts = data;
	if (finding->severity > verdicts->worst)
		verdicts->worst = finding->severity;
	verdicts->cli->output->verdict(verdicts->cli, finding);
	return SPN_OK;
}

enum cli_exit verdict_exit(const struct verdicts *verdicts)
{
	say_condition(verdicts->cli);
	return verdicts->worst == SPN_SEVERITY_BROKEN ? CLI_NO : CLI_DONE;
}
