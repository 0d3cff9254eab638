/*-------------------------------------------------------------------------
 *
 * export_question.c
 *	  Questions to the copy and to the database that it was made of: see
 *	  export_question.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/slot.h"
#include "base/sqlstate.h"
#include "hosted/export_question.h"
#include "hosted/fix_template.h"

/* Slices of ids, so that a difference is found among few rows: at least that many rows, and at most that many slices. */
#define MIN_SLICE_ROWS 500
#define MAX_SLICES 64

static ExportQuestion *question_of_rows(const ExportTable *table, char *name, const ExportIds *ids,
										const char *where_here, const char *where_there);
static ExportQuestion *question_of_figure(char *name, const char *template, TemplateValues *values,
										  const char *where_here, const char *where_there);
static TemplateValues table_values(const ExportTable *table);
static char *copy_answer(const char *sql);
static char *where_not(const ExportTable *table, bool and_not_export);
static void read_present_ids(const ExportTable *table, const char *where, ExportIds *ids);
static void add_present_id(TupleTableSlot *slot, void *arg);
static void refuse_dangling(const ExportTable *table, const ExportQuestion *question);


ExportQuestion *
export_question_referred(const ExportTable *table)
{
	char	   *where = psprintf("t.%s::pg_catalog.int8 <@ i.ids", table->table.id);
	ExportQuestion *question = question_of_rows(table, psprintf("rows of %s that the set refers to", table->table.name),
												&table->referred, where, where);

	refuse_dangling(table, question);
	return question;
}

ExportQuestion *
export_question_present(const ExportTable *table)
{
	char	   *where = where_not(table, true);
	ExportIds	ids = {0};

	read_present_ids(table, where, &ids);
	return question_of_rows(table, psprintf("all rows of %s", table->table.name), &ids, where, "true");
}

ExportQuestion *
export_question_count(const ExportTable *table, bool after)
{
	TemplateValues values = table_values(table);
	ExportQuestion *question = question_of_figure(psprintf("number of rows of %s", table->table.name), "question_count", &values,
												  where_not(table, !after), "true");

	question->tables = list_make1_int(table->number);
	return question;
}

List *
export_question_figures(const ExportTable *table)
{
	const Target *target = table->target;
	TemplateValues values;
	List	   *questions = NIL;
	char	   *where;

	if (target == NULL)
		return NIL;
	values = table_values(table);
	where = where_not(table, false);
	fix_template_set(&values, "group", target->group);
	fix_template_set(&values, "dish", target->dish);
	fix_template_set(&values, "groups", target->groups.name);
	fix_template_set(&values, "group_key", target->groups.id);
	fix_template_set(&values, "dishes", target->dishes.name);
	fix_template_set(&values, "dish_key", target->dishes.id);
	questions = lappend(questions, question_of_figure(psprintf("groups without rows of %s", table->table.name), "question_groups", &values, where, "true"));
	questions = lappend(questions, question_of_figure(psprintf("pairs that %s has twice", table->table.name), "question_repeated_pairs", &values, where, "true"));
	if (target->groups.restaurant && target->dishes.restaurant)
	{
		fix_template_set(&values, "group_restaurant", target->groups.restaurant);
		fix_template_set(&values, "dish_restaurant", target->dishes.restaurant);
		questions = lappend(questions, question_of_figure(psprintf("rows of %s with a dish of another restaurant", table->table.name),
														  "question_other_restaurant", &values, where, "true"));
	}
	return questions;
}

ExportQuestion *
export_question_values(const char *set, const ExportLayer *layer)
{
	TemplateValues values = table_values(layer->table);
	ExportIds	keys = {layer->nrows, layer->nrows, layer->keys};
	StringInfoData columns;
	ExportQuestion *question;

	initStringInfo(&columns);
	for (int i = 0; i < layer->ncolumns; i++)
	{
		/* The rows of the export have other keys there */
		if (!layer->columns[i].of_export)
			format_append(&columns, ", ", "t.%s", layer->columns[i].name);
	}
	fix_template_set(&values, "line", psprintf("(ROW(%s))::pg_catalog.text", columns.data));
	fix_template_set_literal(&values, "set", set);
	fix_template_set_number(&values, "layer", layer->number);
	question = question_of_figure(psprintf("values of the rows of layer %d", layer->number), "question_values", &values,
								  psprintf("t.%s::pg_catalog.int8 <@ %s::pg_catalog.int8multirange", layer->table->table.id,
										   quote_literal_cstr(export_ids_multirange(&keys))),
								  fix_template_fill("values_where_applied", &values));
	question->tables = list_make1_int(layer->table->number);
	question->of_values = true;
	return question;
}

List *
export_question_ledger(const char *set, const ExportLayer *layer, int set_table, int row_table)
{
	TemplateValues values = {0};
	ExportQuestion *applied;
	ExportQuestion *rows;
	ExportQuestion *intact;

	fix_template_set_literal(&values, "set", set);
	if (layer == NULL)
	{
		applied = palloc0(sizeof(ExportQuestion));
		applied->name = psprintf("%s is applied", set);
		applied->tables = list_make1_int(set_table);
		applied->sql = fix_template_fill("question_applied", &values);
		applied->expected = pstrdup("1");
		applied->next_step = "Run the files 01_stage and 02_apply of this set first.";
		return list_make1(applied);
	}
	fix_template_set(&values, "table", layer->table->table.name);
	fix_template_set(&values, "key", layer->table->table.id);
	fix_template_set(&values, "row", layer->table->row);
	fix_template_set_number(&values, "layer", layer->number);
	rows = palloc0(sizeof(ExportQuestion));
	rows->name = psprintf("rows of layer %d in the ledger (run %lld)", layer->number, (long long) layer->run->id);
	rows->tables = list_make1_int(row_table);
	rows->sql = fix_template_fill("question_ledger_rows", &values);
	rows->expected = psprintf("%d", layer->nrows);
	intact = palloc0(sizeof(ExportQuestion));
	intact->name = psprintf("rows of layer %d that are there and unchanged", layer->number);
	intact->tables = list_make2_int(row_table, layer->table->number);
	intact->sql = fix_template_fill("question_intact_rows", &values);
	intact->expected = psprintf("%d", layer->nrows);
	intact->of_values = true;
	return list_make2(rows, intact);
}

/* where_here excludes what the other database does not have. */
static ExportQuestion *
question_of_rows(const ExportTable *table, char *name, const ExportIds *ids,
				 const char *where_here, const char *where_there)
{
	int			step = Max(MIN_SLICE_ROWS, (ids->n + MAX_SLICES - 1) / MAX_SLICES);
	char	   *bounds = export_ids_every(ids, step);
	TemplateValues values = table_values(table);
	ExportQuestion *question;

	fix_template_set(&values, "line", table->line);
	fix_template_set_literal(&values, "ids", export_ids_multirange(ids));
	fix_template_set_literal(&values, "bounds", bounds);
	question = question_of_figure(name, "question_rows", &values, where_here, where_there);
	question->tables = list_make1_int(table->number);
	question->of_rows = true;
	question->bounds = bounds;
	question->last = ids->n > 0 ? ids->ids[ids->n - 1] : 0;
	return question;
}

static ExportQuestion *
question_of_figure(char *name, const char *template, TemplateValues *values,
				   const char *where_here, const char *where_there)
{
	ExportQuestion *question = palloc0(sizeof(ExportQuestion));

	question->name = name;
	fix_template_set(values, "where", where_here);
	question->expected = copy_answer(fix_template_fill(template, values));
	fix_template_set(values, "where", where_there);
	question->sql = fix_template_fill(template, values);
	return question;
}

static TemplateValues
table_values(const ExportTable *table)
{
	TemplateValues values = {0};

	fix_template_set(&values, "table", table->table.name);
	fix_template_set(&values, "key", table->table.id);
	return values;
}

static char *
copy_answer(const char *sql)
{
	char	   *answer = query_text(psprintf("SELECT (%s)::pg_catalog.text", sql), NULL);

	return answer ? answer : pstrdup("null");
}

/* Without the rows of runs that are not exported and, before the layers, without theirs. */
static char *
where_not(const ExportTable *table, bool and_not_export)
{
	ExportIds	ids = {0};

	for (int i = 0; i < table->others.n; i++)
		export_ids_add(&ids, table->others.ids[i]);
	for (int i = 0; and_not_export && i < table->nkeys; i++)
		export_ids_add(&ids, table->keys[i].key);
	export_ids_sort(&ids);
	if (ids.n == 0)
		return pstrdup("true");
	return psprintf("NOT t.%s::pg_catalog.int8 <@ %s::pg_catalog.int8multirange", table->table.id,
					quote_literal_cstr(export_ids_multirange(&ids)));
}

static void
read_present_ids(const ExportTable *table, const char *where, ExportIds *ids)
{
	/* So that the rows' callback need not know the context */
	export_ids_add(ids, 0);
	ids->n = 0;
	query_each(psprintf("SELECT t.%s::pg_catalog.int8 FROM %s t WHERE %s", table->table.id, table->table.name, where),
			   NULL, add_present_id, ids);
	export_ids_sort(ids);
}

static void
add_present_id(TupleTableSlot *slot, void *arg)
{
	export_ids_add(arg, slot_int8(slot, 0));
}

/* Without a foreign key, a row may refer to one that is not there. */
static void
refuse_dangling(const ExportTable *table, const ExportQuestion *question)
{
	if (strstr(question->expected, "\"missing\": \"{}\"") != NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_MENUCA_INTEGRITY),
			 errmsg("nothing can be exported: rows of %s that the runs' rows refer to are missing", table->table.display_name),
			 errdetail("They were deleted after the runs, or are hidden."),
			 errhint("%s", migrate_call("SELECT * FROM menuca_validate();"))));
}
