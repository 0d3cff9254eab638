/*-------------------------------------------------------------------------
 *
 * export_template.c
 *	  Statements of exported files: see export_template.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "base/export_template.h"
#include "base/extension.h"
#include "base/query.h"

static const char *value_of_placeholder(const char *name, int length, const ExportValue *values, int n);
static char *dollar_quoted(const char *body);


char *
export_template_from(const char *function, const ExportValue *values, int n)
{
	char	   *text = query_text(psprintf("SELECT %s%s()", migrate_schema(), function), NULL);

	if (text == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("function %s%s() returns no template", migrate_schema(), function),
				 errhint("Install the version of the extension that fits the library.")));
	return export_template_fill(text, values, n);
}

char *
export_template_fill(const char *text, const ExportValue *values, int n)
{
	StringInfoData filled;
	const char *rest = text;
	const char *open;

	initStringInfo(&filled);
	while ((open = strstr(rest, "{{")) != NULL)
	{
		const char *name = open + 2;
		const char *close = strstr(name, "}}");

		if (close == NULL)
			elog(ERROR, "a placeholder of a template does not end");
		appendBinaryStringInfo(&filled, rest, open - rest);
		appendStringInfoString(&filled, value_of_placeholder(name, close - name, values, n));
		rest = close + 2;
	}
	appendStringInfoString(&filled, rest);
	return filled.data;
}

static const char *
value_of_placeholder(const char *name, int length, const ExportValue *values, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (strlen(values[i].name) == (size_t) length && strncmp(values[i].name, name, length) == 0)
			return values[i].sql;
	}
	elog(ERROR, "placeholder %s of a template has no value", pnstrdup(name, length));
}

char *
export_template_do(const char *settings, const char *statements)
{
	ExportValue values[] = {{"settings", quote_literal_cstr(settings)}, {"statements", statements}};

	return psprintf("DO %s", dollar_quoted(psprintf("\n%s\n", export_template_from("menuca_export_frame_template", values, lengthof(values)))));
}

char *
export_template_read(const char *query)
{
	ExportValue values[] = {{"query", dollar_quoted(query)}};

	return export_template_from("menuca_export_read_template", values, lengthof(values));
}

/* A body in a dollar quote that does not occur in it, as DO takes it. */
static char *
dollar_quoted(const char *body)
{
	const char *tag = "$menuca$";

	for (int i = 1; strstr(body, tag) != NULL; i++)
		tag = psprintf("$menuca_%d$", i);
	return psprintf("%s%s%s", tag, body, tag);
}

char *
export_template_check(const char *function, const char *set, const char *file, const ExportValue *values, int n)
{
	ExportValue *all = palloc(sizeof(ExportValue) * (n + 2));
	ExportValue names[] = {{"set", quote_literal_cstr(set)}, {"file", quote_literal_cstr(file)}};

	memcpy(all, values, sizeof(ExportValue) * n);
	all[n].name = "database_findings";
	all[n].sql = export_template_from("menuca_export_database_template", NULL, 0);
	all[n + 1].name = "receipt";
	all[n + 1].sql = export_template_from("menuca_export_receipt_template", names, lengthof(names));
	return export_template_read(psprintf("WITH %s", export_template_from(function, all, n + 2)));
}
