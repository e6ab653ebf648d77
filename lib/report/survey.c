/* SPDX-License-Identifier: MIT */
#include "survey.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 5, 6)))
static void add(spk_survey_line *lines, size_t *n_lines, size_t n, spn_severity severity, const char *format, ...)
{
	va_list args;
	if (n == 0)
		return;
	spk_survey_line *line = &lines[(*n_lines)++];
	line->n = n;
	line->severity = severity;
	va_start(args, format);
	vsnprintf(line->text, sizeof line->text, format, args);
	va_end(args);
}

size_t spk_survey_lines(const spn_enctype_survey *survey, spk_survey_line lines[SPK_SURVEY_LINES])
{
	size_t n = 0;
	const char *other = spn_era_name(survey->other_era);
	bool to_aes = survey->era == SPN_ERA_WINDOWS_2026_07 || survey->era == SPN_ERA_SAMBA_4_24;
	add(lines, &n, survey->n_refused, SPN_SEVERITY_BROKEN, "no client gets a ticket for their names");
	add(lines, &n, survey->n_without_aes, SPN_SEVERITY_BROKEN, "no client gets a ticket: they have no AES keys");
	add(lines, &n, survey->n_old, SPN_SEVERITY_WARNING,
			"perhaps no client gets a ticket: their passwords are older than the domain's AES keys");
	add(lines, &n, survey->n_changing, SPN_SEVERITY_NOTICE,
			to_aes ? "tickets are encrypted with AES, and by KDCs of %s with RC4: services "
				 "whose keytabs have RC4 keys only fail" :
				 "tickets are encrypted with RC4, and by KDCs of %s with AES: services whose keytabs "
				 "have RC4 keys only fail then",
			other);
	add(lines, &n, survey->n_rc4, SPN_SEVERITY_OK, "tickets are encrypted with RC4");
	add(lines, &n, survey->n_aes, SPN_SEVERITY_OK, "tickets are encrypted with AES");
	add(lines, &n, survey->n_undocumented, SPN_SEVERITY_OK,
			"not known: nothing documents their msDS-SupportedEncryptionTypes");
	return n;
}

void spk_survey_condition(const spn_enctype_survey *survey, char *buffer, size_t size)
{
	char doubts[SPN_DOUBTS_SIZE];
	size_t len = spn_doubts_text(survey->doubts, doubts, sizeof doubts);
	int n = snprintf(buffer, size, "%s%s%s", len ? "This holds " : "", doubts, len ? "." : "");
	if (survey->n_undated && n >= 0 && (size_t)n < size)
		snprintf(buffer + n, size - (size_t)n,
				"%s%zu account%s whose password has no known date may lack AES keys.", n ? " " : "",
				survey->n_undated, survey->n_undated == 1 ? "" : "s");
}
