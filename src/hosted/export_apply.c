/*-------------------------------------------------------------------------
 *
 * export_apply.c
 *	  The statements of an export that write: see export_apply.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "base/export_template.h"
#include "base/format.h"
#include "base/json.h"
#include "hosted/export_apply.h"
#include "hosted/export_layer.h"
#include "hosted/export_settings.h"
#include "hosted/fix_template.h"

static TemplateValues begin_values(const ExportSubject *subject);
static char *written_literals(const ExportSubject *subject);
static char *do_statement(const char *template, const TemplateValues *values);
static char *part_counts(const ExportPart *part);
static char *lock_lists(const ExportSubject *subject, bool written);
static char *differences(const ExportSubject *subject);
static char *written_tables(const ExportSubject *subject, const char *template);
static char *key_variables(const ExportSubject *subject);
static char *layer_statements(const ExportLayer *layer);
static char *inserted_value(const ExportColumn *column, int place);
static char *present_condition(const ExportLayer *layer, const List *values);
static bool has_null(const ExportLayer *layer, const ExportColumn *column);
static char *layers_json(const ExportSubject *subject);


char *
export_apply_stage(const ExportSubject *subject, const char *content)
{
	TemplateValues values = begin_values(subject);

	fix_template_set_literal(&values, "content", content);
	return do_statement("stage_begin", &values);
}

char *
export_apply_part(const ExportSubject *subject, const char *content, const ExportPart *part, const char *first_file)
{
	TemplateValues values = begin_values(subject);
	StringInfoData columns;
	ListCell   *lc;

	initStringInfo(&columns);
	foreach(lc, part->columns)
		format_append(&columns, ",\n", "%s", quote_literal_cstr(lfirst(lc)));
	fix_template_set(&values, "columns", columns.data);
	fix_template_set(&values, "counts", part_counts(part));
	fix_template_set_literal(&values, "checksum", part->checksum);
	fix_template_set(&values, "bare_checksum", part->checksum);
	fix_template_set_literal(&values, "content", content);
	fix_template_set_literal(&values, "kind", part->kind);
	fix_template_set_number(&values, "number", part->number);
	fix_template_set_number(&values, "part_no", part->part_no);
	fix_template_set_number(&values, "row_count", part->nrows);
	fix_template_set(&values, "file", part->file);
	fix_template_set(&values, "first_file", first_file);
	return do_statement("stage_part", &values);
}

char *
export_apply_layers(const ExportSubject *subject, const char *content, const List *parts,
					const char *first_file, const char *checks, const char *text)
{
	TemplateValues values = begin_values(subject);
	StringInfoData layers;
	ListCell   *lc;

	initStringInfo(&layers);
	foreach(lc, subject->layers)
		appendStringInfoString(&layers, layer_statements(lfirst(lc)));
	fix_template_set_literal(&values, "text_checksum", export_stage_text_checksum(text));
	fix_template_set_number(&values, "check_length", pg_mbstrlen(checks));
	fix_template_set_literal(&values, "parts", export_stage_expected(parts));
	fix_template_set_literal(&values, "content", content);
	fix_template_set(&values, "first_file", first_file);
	fix_template_set(&values, "written", lock_lists(subject, true));
	fix_template_set(&values, "lock_parents", lock_lists(subject, false));
	fix_template_set(&values, "key_variables", key_variables(subject));
	fix_template_set(&values, "differences", differences(subject));
	fix_template_set(&values, "before", written_tables(subject, "apply_before"));
	fix_template_set(&values, "layers", layers.data);
	fix_template_set(&values, "after", written_tables(subject, "apply_after"));
	return do_statement("apply", &values);
}

char *
export_apply_ledger_row(const ExportSubject *subject)
{
	TemplateValues values = begin_values(subject);

	return fix_template_fill("ledger_row", &values);
}

char *
export_apply_rollback(const ExportSubject *subject, const char *content)
{
	TemplateValues values = begin_values(subject);

	fix_template_set_literal(&values, "content", content);
	fix_template_set_literal(&values, "layers", layers_json(subject));
	fix_template_set(&values, "written", lock_lists(subject, true));
	return do_statement("rollback", &values);
}

char *
export_apply_clean(const ExportSubject *subject)
{
	TemplateValues values = begin_values(subject);

	return do_statement("clean", &values);
}

/* What all templates have: the set, and that only the right database and an own stage go on. */
static TemplateValues
begin_values(const ExportSubject *subject)
{
	const CopyOf *original = subject->original;
	TemplateValues values = {0};

	fix_template_set_literal(&values, "set", subject->set);
	fix_template_set_literal(&values, "database", original->database);
	fix_template_set(&values, "system_identifier",
					 original->has_system_identifier ? psprintf("(" INT64_FORMAT "::bigint)", original->system_identifier) : "NULL::bigint");
	fix_template_set(&values, "written_literals", written_literals(subject));
	fix_template_set(&values, "right_database", psprintf("%s%s", fix_template_fill("right_database", &values),
														 fix_template_fill("own_stage", &values)));
	fix_template_set(&values, "current_snapshot", fix_template_fill("current_snapshot", &values));
	fix_template_set(&values, "lock_set", fix_template_fill("lock_set", &values));
	return values;
}

/* The tables that are written to, as texts in SQL. */
static char *
written_literals(const ExportSubject *subject)
{
	StringInfoData literals;
	ListCell   *lc;

	initStringInfo(&literals);
	foreach(lc, subject->tables->tables)
	{
		const ExportTable *table = lfirst(lc);

		if (table->is_written)
			format_append(&literals, ", ", "%s", quote_literal_cstr(table->table.name));
	}
	return literals.data;
}

/* The template is a block of PL/pgSQL. */
static char *
do_statement(const char *template, const TemplateValues *values)
{
	TemplateValues guarded = *values;

	fix_template_set(&guarded, "statements", fix_template_fill(template, values));
	return export_template_do(export_settings_json_of_writer(), fix_template_fill("guarded", &guarded));
}

/* True in SQL when a column has another number of values than the part has rows. */
static char *
part_counts(const ExportPart *part)
{
	StringInfoData condition;

	initStringInfo(&condition);
	appendStringInfoString(&condition, "false");
	for (int i = 1; i <= list_length(part->columns); i++)
		appendStringInfo(&condition, " OR pg_catalog.cardinality(part[%d]::pg_catalog.text[]) <> %d", i, part->nrows);
	return condition.data;
}

/* The tables that are written to, as LOCK takes them; or the statement that locks the others. */
static char *
lock_lists(const ExportSubject *subject, bool written)
{
	StringInfoData names;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, subject->tables->tables)
	{
		const ExportTable *table = lfirst(lc);

		if (table->is_written == written)
			format_append(&names, ", ", "%s", table->table.name);
	}
	if (written)
		return names.data;
	return names.len == 0 ? "" : psprintf("\t\tLOCK TABLE %s IN SHARE MODE;\n", names.data);
}

static char *
differences(const ExportSubject *subject)
{
	StringInfoData statements;
	ListCell   *lc;

	initStringInfo(&statements);
	foreach(lc, subject->tables->tables)
	{
		const ExportTable *table = lfirst(lc);
		TemplateValues values = {0};

		if (table->referred.n == 0)
			continue;
		fix_template_set_literal(&values, "table_literal", table->table.name);
		fix_template_set_literal(&values, "columns_literal", export_tables_list(table->bare_columns));
		fix_template_set(&values, "line", table->line);
		fix_template_set(&values, "table", table->table.name);
		fix_template_set(&values, "key", table->table.id);
		fix_template_set_number(&values, "number", table->number);
		appendStringInfoString(&statements, fix_template_fill("apply_differences", &values));
	}
	return statements.data;
}

/* A template for each table that is written to. */
static char *
written_tables(const ExportSubject *subject, const char *template)
{
	StringInfoData statements;
	ListCell   *lc;
	ListCell   *l;

	initStringInfo(&statements);
	foreach(lc, subject->tables->tables)
	{
		const ExportTable *table = lfirst(lc);
		TemplateValues values = {0};
		StringInfoData layers;

		if (!table->is_written)
			continue;
		initStringInfo(&layers);
		foreach(l, subject->layers)
		{
			const ExportLayer *layer = lfirst(l);

			if (layer->table == table)
				format_append(&layers, ", ", "%d", layer->number);
		}
		fix_template_set(&values, "table", table->table.name);
		fix_template_set_literal(&values, "table_literal", table->table.name);
		fix_template_set(&values, "key", table->table.id);
		fix_template_set_number(&values, "row_count", table->nkeys);
		fix_template_set(&values, "layers", layers.data);
		appendStringInfoString(&statements, fix_template_fill(template, &values));
	}
	return statements.data;
}

static char *
key_variables(const ExportSubject *subject)
{
	StringInfoData variables;
	ListCell   *lc;

	initStringInfo(&variables);
	foreach(lc, subject->tables->tables)
	{
		const ExportTable *table = lfirst(lc);

		if (table->is_written)
			appendStringInfo(&variables, "\tkeys_%d bigint[] := '{}';\t-- of the new rows of %s, by ordinal\n", table->number,
							 format_one_line(table->table.name));
	}
	return variables.data;
}

static char *
layer_statements(const ExportLayer *layer)
{
	const ExportTable *table = layer->table;
	TemplateValues values = {0};
	List	   *column_values = NIL;
	StringInfoData names;
	StringInfoData selected;
	StringInfoData arrays;
	StringInfoData array_names;
	int			place = 0;

	initStringInfo(&names);
	initStringInfo(&selected);
	initStringInfo(&arrays);
	initStringInfo(&array_names);
	appendStringInfoString(&names, table->table.id);
	appendStringInfoString(&selected, "r.new_key");
	appendStringInfoString(&array_names, "new_key");
	for (int i = 0; i < layer->ncolumns; i++)
	{
		const ExportColumn *column = &layer->columns[i];
		char	   *value;

		if (!column->is_constant)
		{
			place++;
			appendStringInfo(&arrays, ", pg_catalog.unnest(part.columns[%d]::pg_catalog.%s[])", place, column->is_integer ? "int8" : "text");
			appendStringInfo(&array_names, ", c%d", place);
		}
		value = inserted_value(column, place);
		column_values = lappend(column_values, value);
		appendStringInfo(&names, ", %s", column->name);
		appendStringInfo(&selected, ", %s", value);
	}
	fix_template_set_number(&values, "number", layer->number);
	fix_template_set_number(&values, "run", layer->run->id);
	fix_template_set(&values, "kind", format_one_line(layer->run->kind));
	fix_template_set_number(&values, "row_count", layer->nrows);
	fix_template_set(&values, "table", table->table.name);
	fix_template_set_literal(&values, "table_literal", table->table.name);
	fix_template_set(&values, "table_comment", format_one_line(table->table.name));
	fix_template_set_number(&values, "table_no", table->number);
	fix_template_set(&values, "key", table->table.id);
	fix_template_set(&values, "row", table->row);
	fix_template_set_literal(&values, "key_literal", table->key);
	fix_template_set_literal(&values, "key_name_literal", table->table.id);
	fix_template_set(&values, "names", names.data);
	fix_template_set(&values, "values", selected.data);
	fix_template_set(&values, "arrays", arrays.data);
	fix_template_set(&values, "array_names", array_names.data);
	fix_template_set(&values, "present", present_condition(layer, column_values));
	return fix_template_fill("apply_layer", &values);
}

/* place is that of the column's array, for one that is not constant. */
static char *
inserted_value(const ExportColumn *column, int place)
{
	char	   *value;

	if (!column->is_constant)
		value = psprintf("r.c%d", place);
	else if (column->values[0] == NULL)
		return psprintf("NULL::%s", column->type);
	else
		value = quote_literal_cstr(column->values[0]);

	/*
	 * A negative number is the ordinal of a row that an earlier layer has
	 * inserted
	 */
	if (column->of_export)
		return psprintf("CASE WHEN %s::pg_catalog.int8 OPERATOR(pg_catalog.<) 0 THEN keys_%d[OPERATOR(pg_catalog.-) (%s::pg_catalog.int8)] ELSE %s::pg_catalog.int8 END",
						value, column->parent->number, value, value);
	return psprintf("%s::%s", value, column->type);
}

/* That the table has a row t which is the row r of the part. */
static char *
present_condition(const ExportLayer *layer, const List *values)
{
	StringInfoData condition;
	ListCell   *lc;

	initStringInfo(&condition);
	foreach(lc, layer->table->bare_columns)
	{
		for (int i = 0; i < layer->ncolumns; i++)
		{
			const ExportColumn *column = &layer->columns[i];

			if (strcmp(column->bare_name, lfirst(lc)) == 0 && !has_null(layer, column))
				format_append(&condition, " AND ", "t.%s OPERATOR(pg_catalog.=) %s", column->name, (char *) list_nth(values, i));
		}
	}
	if (condition.len == 0)
		appendStringInfoString(&condition, "false");
	return condition.data;
}

static bool
has_null(const ExportLayer *layer, const ExportColumn *column)
{
	for (int i = 0; i < layer->nrows; i++)
	{
		if (column->values[i] == NULL)
			return true;
	}
	return false;
}

static char *
layers_json(const ExportSubject *subject)
{
	StringInfoData json;
	ListCell   *lc;

	initStringInfo(&json);
	foreach(lc, subject->layers)
	{
		const ExportLayer *layer = lfirst(lc);

		appendStringInfoString(&json, json.len > 0 ? ", " : "[");
		json_begin(&json);
		json_count(&json, "number", layer->number);
		json_text(&json, "table_name", layer->table->table.name);
		json_text(&json, "key_column", layer->table->table.id);
		json_count(&json, "row_count", layer->nrows);
		json_text(&json, "row_text", layer->table->row);
		json_texts(&json, "columns", layer->table->row_columns);
		json_end(&json);
	}
	appendStringInfoChar(&json, ']');
	return json.data;
}
