/*-------------------------------------------------------------------------
 *
 * export_check.c
 *	  What is to be the same in the other database as on the copy: see
 *	  export_check.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "base/export_template.h"
#include "base/json.h"
#include "base/query.h"
#include "base/slot.h"
#include "hosted/export_check.h"
#include "hosted/export_question.h"
#include "hosted/export_settings.h"
#include "hosted/fix_template.h"

/* What to do when an answer is not that of the copy, before 02_apply and after it. */
#define REPEAT_EXPORT "Make a copy of the database as it is now, repeat the repair there, and export it again."
#define FIND_CHANGE "Find out who has changed it since 02_apply; if nobody has, run the file 04_rollback of this set, then begin again with a new copy."

/* The tables of the stage and the ledger, whose numbers follow those of the export's. */
static const char *const hosted_tables[] = {"fix_set", "fix_row"};

static char *check_statement(const ExportSubject *subject, const char *file, const char *then, const List *questions);
static void add_questions(const ExportSubject *subject, StringInfo json, const List *questions, const char *next_step);
static void add_question_tables(const ExportSubject *subject, StringInfo json, const ExportQuestion *question);
static void add_tables(const ExportSubject *subject, StringInfo json, bool before);
static char *table_member(const ExportTable *table, bool before);
static List *used_columns(const ExportTable *table, bool before);
static List *shapes_of_copy(const char *tables);
static void *make_shape(TupleTableSlot *slot);
static List *questions_before(const ExportSubject *subject);
static List *questions_after(const ExportSubject *subject);

/* The shape of one table, as JSON. */
typedef struct TableShape
{
	int			number;
	char	   *json;
} TableShape;


char *
export_check_before(const ExportSubject *subject)
{
	return check_statement(subject, "00_check", "Run the files 01_stage in their order, then 02_apply.",
						   questions_before(subject));
}

char *
export_check_questions(const ExportSubject *subject)
{
	StringInfoData json;
	ListCell   *lc;

	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	foreach(lc, questions_after(subject))
	{
		const ExportQuestion *question = lfirst(lc);

		/* Values are compared by 03_verify, which has the time */
		if (question->is_warning || question->of_values)
			continue;
		if (json.len > 1)
			appendStringInfoString(&json, ",\n");
		json_begin(&json);
		json_text(&json, "name", question->name);
		json_text(&json, "sql", question->sql);
		json_raw(&json, "expected", question->expected);
		json_end(&json);
	}
	appendStringInfoChar(&json, ']');
	return json.data;
}

char *
export_check_after(const ExportSubject *subject)
{
	int			set_table = list_length(subject->tables->tables) + 1;
	List	   *questions = export_question_ledger(subject->set, NULL, set_table, set_table + 1);
	ListCell   *lc;

	foreach(lc, subject->layers)
		questions = list_concat(questions, export_question_ledger(subject->set, lfirst(lc), set_table, set_table + 1));
	questions = list_concat(questions, questions_after(subject));
	return check_statement(subject, "03_verify",
						   "Keep this result. 04_rollback undoes the set as long as its ledger is there; 05_clean removes the ledger.",
						   questions);
}

/* file is the name of the file; then is what to do when nothing fails. */
static char *
check_statement(const ExportSubject *subject, const char *file, const char *then, const List *questions)
{
	const CopyOf *original = subject->original;
	bool		before = strcmp(file, "00_check") == 0;
	TemplateValues values = {0};
	StringInfoData json;

	initStringInfo(&json);
	json_begin(&json);
	json_text(&json, "set", subject->set);
	json_text(&json, "file", file);
	json_text(&json, "database", original->database);
	json_text(&json, "system_identifier", original->has_system_identifier ? psprintf(INT64_FORMAT, original->system_identifier) : NULL);
	json_text(&json, "project", original->project);
	json_text(&json, "copy", copy_of_name());
	json_count(&json, "server", PG_VERSION_NUM / 10000);
	json_text(&json, "then", then);
	json_raw(&json, "settings", export_settings_json());
	add_tables(subject, &json, before);
	add_questions(subject, &json, questions, before ? REPEAT_EXPORT : FIND_CHANGE);
	json_end(&json);

	fix_template_set_literal(&values, "manifest", json.data);
	fix_template_set_number(&values, "table_count", list_length(subject->tables->tables) + (int) lengthof(hosted_tables));
	fix_template_set_number(&values, "question_count", list_length(questions));
	fix_template_set(&values, "shape", fix_template_fill("shape", &values));
	return export_template_read(fix_template_fill("check", &values));
}

static void
add_questions(const ExportSubject *subject, StringInfo json, const List *questions, const char *next_step)
{
	StringInfoData array;
	ListCell   *lc;

	initStringInfo(&array);
	foreach(lc, questions)
	{
		const ExportQuestion *question = lfirst(lc);

		appendStringInfoString(&array, array.len > 0 ? ",\n" : "[\n");
		json_begin(&array);
		json_count(&array, "question_no", foreach_current_index(lc) + 1);
		json_text(&array, "name", question->name);
		add_question_tables(subject, &array, question);
		json_text(&array, "kind", question->of_rows ? "rows" : "figure");
		json_text(&array, "severity", question->is_warning ? "WARN" : "FAIL");
		if (question->bounds)
		{
			json_raw(&array, "bounds", psprintf("[%.*s]", (int) strlen(question->bounds) - 2, question->bounds + 1));
			json_raw(&array, "last", psprintf(INT64_FORMAT, question->last));
		}
		json_text(&array, "next_step", question->next_step ? question->next_step : next_step);
		json_text(&array, "sql", question->sql);
		json_raw(&array, "expected", question->expected);
		json_end(&array);
	}
	appendStringInfoString(&array, array.len > 0 ? "]" : "[]");
	json_raw(json, "questions", array.data);
}

/* A question that names no tables may read all of the export's. */
static void
add_question_tables(const ExportSubject *subject, StringInfo json, const ExportQuestion *question)
{
	StringInfoData array;
	ListCell   *lc;

	initStringInfo(&array);
	if (question->tables == NIL)
	{
		foreach(lc, subject->tables->tables)
			appendStringInfo(&array, "%s%d", array.len > 0 ? "," : "[", ((const ExportTable *) lfirst(lc))->number);
	}
	else
	{
		foreach(lc, question->tables)
			appendStringInfo(&array, "%s%d", array.len > 0 ? "," : "[", lfirst_int(lc));
	}
	appendStringInfoChar(&array, ']');
	json_raw(json, "tables", array.data);
}

static void
add_tables(const ExportSubject *subject, StringInfo json, bool before)
{
	StringInfoData array;
	List	   *members = NIL;
	List	   *shapes;
	ListCell   *lc;

	initStringInfo(&array);
	foreach(lc, subject->tables->tables)
	{
		members = lappend(members, table_member(lfirst(lc), before));
		appendStringInfo(&array, "%s{%s}", array.len > 0 ? "," : "[", (char *) llast(members));
	}
	appendStringInfoChar(&array, ']');
	shapes = shapes_of_copy(array.data);

	resetStringInfo(&array);
	foreach(lc, members)
	{
		const TableShape *shape = list_nth(shapes, foreach_current_index(lc));

		appendStringInfo(&array, "%s{%s,\"shape\":%s}", array.len > 0 ? ",\n" : "[\n", (char *) lfirst(lc), shape->json);
	}
	for (size_t i = 0; !before && i < lengthof(hosted_tables); i++)
		appendStringInfo(&array, ",\n{\"table_no\":%d,\"schema_name\":\"menuca_hosted\",\"table_name\":\"%s\",\"is_written\":false,\"used\":[],\"shape\":[]}",
						 list_length(members) + (int) i + 1, hosted_tables[i]);
	appendStringInfoChar(&array, ']');
	json_raw(json, "tables", array.data);
}

/* Members of the table's object, without braces. */
static char *
table_member(const ExportTable *table, bool before)
{
	StringInfoData json;

	initStringInfo(&json);
	json_begin(&json);
	json_count(&json, "table_no", table->number);
	json_text(&json, "schema_name", table->schema);
	json_text(&json, "table_name", table->name);
	json_text(&json, "key_column", table->key);
	json_bool(&json, "is_written", before && table->is_written);
	json_texts(&json, "used", used_columns(table, before));
	return json.data + 1;
}

/* Afterwards the values of all columns are looked at. */
static List *
used_columns(const ExportTable *table, bool before)
{
	return list_concat_copy(table->bare_columns, before ? NIL : table->row_columns);
}

static List *
shapes_of_copy(const char *tables)
{
	TemplateValues values = {0};
	QueryArgs	args = {0};

	query_arg_json(&args, tables);
	fix_template_set(&values, "shape", fix_template_fill("shape", &values));
	return query_list(fix_template_fill("shape_of_copy", &values), &args, make_shape);
}

static void *
make_shape(TupleTableSlot *slot)
{
	TableShape *shape = palloc(sizeof(TableShape));

	shape->number = (int) slot_int8(slot, 0);
	shape->json = slot_text(slot, 1);
	return shape;
}

static List *
questions_before(const ExportSubject *subject)
{
	List	   *questions = NIL;
	ListCell   *lc;

	foreach(lc, subject->tables->tables)
	{
		const ExportTable *table = lfirst(lc);
		bool		is_whole = table->is_written && !junction_has_part(table->name, JUNCTION_DISHES);

		/* An item that was added meanwhile is a difference, a dish is none */
		if (is_whole)
			questions = lappend(questions, export_question_present(table));
		else
		{
			ExportQuestion *count = export_question_count(table, false);

			count->is_warning = !table->is_counted;
			count->next_step = count->is_warning ? "Continue if you know which rows were added or deleted since the copy was made." : NULL;
			questions = lappend(questions, count);
		}
		if (table->referred.n > 0)
			questions = lappend(questions, export_question_referred(table));
	}
	return questions;
}

static List *
questions_after(const ExportSubject *subject)
{
	List	   *questions = NIL;
	ListCell   *lc;

	foreach(lc, subject->tables->tables)
	{
		const ExportTable *table = lfirst(lc);
		ExportQuestion *count;

		if (!table->is_written)
			continue;
		count = export_question_count(table, true);
		count->is_warning = junction_has_part(table->name, JUNCTION_DISHES);
		questions = list_concat(lappend(questions, count), export_question_figures(table));
	}
	foreach(lc, subject->layers)
	{
		ExportQuestion *question = export_question_values(subject->set, lfirst(lc));

		/* It reads the ledger, too */
		question->tables = lappend_int(question->tables, list_length(subject->tables->tables) + (int) lengthof(hosted_tables));
		questions = lappend(questions, question);
	}
	return questions;
}
