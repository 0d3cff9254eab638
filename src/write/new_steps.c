/*-------------------------------------------------------------------------
 *
 * new_steps.c
 *	  Inserting combo steps: see new_steps.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/query.h"
#include "write/new_rows.h"
#include "write/new_steps.h"

static char *step_insert_statement(const StepTable *steps, NewStepText column);
static Datum text_array(const NewStep *new_steps, int n);


void
new_steps_insert(const StepTable *steps, NewStepText column,
				 const NewStep *new_steps, int n, KeyedRow *rows)
{
	QueryArgs	args = {0};
	int64	   *values = palloc(sizeof(int64) * n);

	for (int i = 0; i < n; i++)
		values[i] = new_steps[i].item_id;
	query_arg(&args, INT8ARRAYOID, query_int8_array(values, NULL, n), false);
	for (int i = 0; i < n; i++)
		values[i] = new_steps[i].step;
	query_arg(&args, INT8ARRAYOID, query_int8_array(values, NULL, n), false);
	query_arg(&args, TEXTARRAYOID, text_array(new_steps, n), false);
	pfree(values);

	new_rows_insert(&steps->table, step_insert_statement(steps, column), &args, "new step", rows, n);
	new_rows_sort(rows, n);
}

static char *
step_insert_statement(const StepTable *steps, NewStepText column)
{
	const KeyedTable *table = &steps->table;
	const char *text = column == NEW_STEP_LABEL ? steps->label : steps->suffix;
	const char *type = column == NEW_STEP_LABEL ? steps->label_type : steps->suffix_type;
	bool		with_key = !table->id_has_default;

	return psprintf("INSERT INTO %s AS s (%s%s%s, %s%s%s%s)"
					" SELECT %s%sv.item_id::%s, v.step::%s%s%s"
					" FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.int8[]),"
					" pg_catalog.unnest($2::pg_catalog.int8[]),"
					" pg_catalog.unnest($3::pg_catalog.text[]))"
					" WITH ORDINALITY AS v(item_id, step, text, number)"
					" ORDER BY v.number RETURNING s.%s::pg_catalog.int8",
					table->name,
					with_key ? table->id : "", with_key ? ", " : "",
					steps->item, steps->step,
					text ? ", " : "", text ? text : "",
					steps->extra_columns,
					with_key ? new_rows_next_key(table) : "", with_key ? ", " : "",
					steps->item_type, steps->step_type,
					text ? psprintf(", v.text::%s", type) : "",
					steps->extra_values,
					table->id);
}

static Datum
text_array(const NewStep *new_steps, int n)
{
	Datum	   *values = palloc(sizeof(Datum) * n);
	bool	   *nulls = palloc(sizeof(bool) * n);
	int			dims[1] = {n};
	int			lbounds[1] = {1};

	for (int i = 0; i < n; i++)
	{
		nulls[i] = new_steps[i].text == NULL;
		values[i] = nulls[i] ? (Datum) 0 : CStringGetTextDatum(new_steps[i].text);
	}
	return PointerGetDatum(construct_md_array(values, nulls, 1, dims, lbounds,
											  TEXTOID, -1, false, TYPALIGN_INT));
}
