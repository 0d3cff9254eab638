/*-------------------------------------------------------------------------
 *
 * export_template.c
 *	  Texts of files, with placeholders to fill: see export_template.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "base/extension.h"
#include "base/query.h"
#include "hosted/export_template.h"

static char *template_text(const char *name);
static const char *template_value(const char *template_name, const TemplateValues *values,
								  const char *name);


char *
export_template_fill(const char *name, const TemplateValues *values)
{
	StringInfoData result;
	const char *p = template_text(name);
	const char *begin;

	initStringInfo(&result);
	while ((begin = strstr(p, "{{")) != NULL)
	{
		const char *end = strstr(begin, "}}");

		if (end == NULL)
			break;
		appendBinaryStringInfo(&result, p, begin - p);
		appendStringInfoString(&result, template_value(name, values, pnstrdup(begin + 2, end - begin - 2)));
		p = end + 2;
	}
	appendStringInfoString(&result, p);
	return result.data;
}

void
export_template_set(TemplateValues *values, const char *name, const char *value)
{
	values->names = lcons(pstrdup(name), values->names);
	values->values = lcons(pstrdup(value), values->values);
}

void
export_template_set_literal(TemplateValues *values, const char *name, const char *value)
{
	export_template_set(values, name, quote_literal_cstr(value));
}

void
export_template_set_number(TemplateValues *values, const char *name, int64 value)
{
	export_template_set(values, name, psprintf(INT64_FORMAT, value));
}

char *
export_template_dollar_quoted(const char *body)
{
	char	   *tag = pstrdup("$menuca$");

	for (int i = 1; strstr(body, tag) != NULL; i++)
		tag = psprintf("$menuca_%d$", i);
	return psprintf("%s%s%s", tag, body, tag);
}

static char *
template_text(const char *name)
{
	QueryArgs	args = {0};
	char	   *text;

	query_arg_text(&args, name);
	text = query_text(psprintf("SELECT template FROM %smenuca_export_template WHERE name = $1", migrate_schema()), &args);
	if (text == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the extension has no template \"%s\"", name),
				 errdetail("Somebody has changed the view menuca_export_template."),
				 errhint("%s", migrate_call("Restore the view menuca_export_template from the extension's script."))));
	return text;
}

static const char *
template_value(const char *template_name, const TemplateValues *values, const char *name)
{
	ListCell   *n;
	ListCell   *v;

	forboth(n, values->names, v, values->values)
	{
		if (strcmp(lfirst(n), name) == 0)
			return lfirst(v);
	}
	elog(ERROR, "template \"%s\" has the unknown placeholder \"%s\"", template_name, name);
}
