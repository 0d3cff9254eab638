/*-------------------------------------------------------------------------
 *
 * fix_template.c
 *	  Texts of files, with placeholders to fill: see fix_template.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "base/export_template.h"
#include "base/extension.h"
#include "base/query.h"
#include "hosted/fix_template.h"

static char *template_text(const char *name);


char *
fix_template_fill(const char *name, const TemplateValues *values)
{
	ExportValue *all = palloc(sizeof(ExportValue) * (list_length(values->values) + 1));
	ListCell   *lc;

	foreach(lc, values->values)
		all[foreach_current_index(lc)] = *(ExportValue *) lfirst(lc);
	return export_template_fill(template_text(name), all, list_length(values->values));
}

void
fix_template_set(TemplateValues *values, const char *name, const char *value)
{
	ExportValue *added = palloc(sizeof(ExportValue));

	added->name = pstrdup(name);
	added->sql = pstrdup(value);
	values->values = lcons(added, values->values);
}

void
fix_template_set_literal(TemplateValues *values, const char *name, const char *value)
{
	fix_template_set(values, name, quote_literal_cstr(value));
}

void
fix_template_set_number(TemplateValues *values, const char *name, int64 value)
{
	fix_template_set(values, name, psprintf(INT64_FORMAT, value));
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
