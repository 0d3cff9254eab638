/*-------------------------------------------------------------------------
 *
 * slot.c
 *	  Values of a tuple slot: see slot.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "base/slot.h"

static char *queried_table(void);

/* The query that slots come from; NULL: none that is known. */
static const char *running_query = NULL;


const char *
slot_set_query(const char *sql)
{
	const char *before = running_query;

	running_query = sql;
	return before;
}

void
slot_raise_null(TupleTableSlot *slot, int column)
{
	const char *name = NameStr(TupleDescAttr(slot->tts_tupleDescriptor, column)->attname);
	char	   *table = queried_table();

	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 table ? errmsg("column \"%s\" in a row of %s is NULL", name, table) :
			 errmsg("column \"%s\" in a row is NULL", name),
			 errdetail("This call needs its value. The extension always writes one, so somebody has changed the row. What this call had changed is undone."),
			 table ? errhint("Find the row, and correct it or restore the table from a backup: SELECT * FROM %s;", table) :
			 errhint("Find the row, and correct it or restore its table from a backup.")));
}

void
slot_require_type(TupleTableSlot *slot, int column, Oid type)
{
	Form_pg_attribute att = TupleDescAttr(slot->tts_tupleDescriptor, column);
	char	   *table = queried_table();

	/* Such as varchar for text, regclass for oid, and domains over them */
	if (IsBinaryCoercible(att->atttypid, type))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 table ? errmsg("column \"%s\" in a row of %s has type %s, not %s", NameStr(att->attname), table,
							format_type_be(att->atttypid), format_type_be(type)) :
			 errmsg("column \"%s\" in a row has type %s, not %s", NameStr(att->attname),
					format_type_be(att->atttypid), format_type_be(type)),
			 errdetail("The extension's tables and views have another definition than CREATE EXTENSION gave them, so somebody has changed it. What this call had changed is undone."),
			 table ? errhint("Restore the column's type, or the table from a backup: SELECT column_name, data_type FROM information_schema.columns WHERE format('%%I.%%I', table_schema, table_name) = %s;",
							 quote_literal_cstr(table)) :
			 errhint("Restore the column's type, or its table from a backup.")));
}

/*
 * The table or view that the query reads: the first word after its outermost
 * FROM, the way our own statements are written.  NULL when it reads none.
 */
static char *
queried_table(void)
{
	int			depth = 0;

	for (const char *p = running_query; p && *p; p++)
	{
		depth += (*p == '(') - (*p == ')');
		if (depth == 0 && strncmp(p, " FROM ", strlen(" FROM ")) == 0)
		{
			const char *table = p + strlen(" FROM ");
			size_t		length = strcspn(table, " ,()");

			return length > 0 ? pnstrdup(table, length) : NULL;
		}
	}
	return NULL;
}

char *
slot_text(TupleTableSlot *slot, int column)
{
	return TextDatumGetCString(slot_datum(slot, column, TEXTOID));
}

char *
slot_text_or_null(TupleTableSlot *slot, int column)
{
	return slot->tts_isnull[column] ? NULL : slot_text(slot, column);
}

List *
slot_text_list(TupleTableSlot *slot, int column)
{
	Datum	   *values;
	bool	   *nulls;
	int			n;
	List	   *list = NIL;

	deconstruct_array(DatumGetArrayTypeP(slot_datum(slot, column, TEXTARRAYOID)), TEXTOID, -1, false,
					  TYPALIGN_INT, &values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			slot_raise_null(slot, column);
		list = lappend(list, TextDatumGetCString(values[i]));
	}
	return list;
}

int
slot_attribute(TupleTableSlot *slot, const char *name)
{
	TupleDesc	desc = slot->tts_tupleDescriptor;

	for (int i = 0; i < desc->natts; i++)
	{
		if (strcmp(NameStr(TupleDescAttr(desc, i)->attname), name) == 0)
			return i;
	}
	elog(ERROR, "a query has no column \"%s\"", name);
	return -1;					/* keep the compiler quiet */
}

char *
slot_text_of(TupleTableSlot *slot, const char *name)
{
	int			column = slot_attribute(slot, name);
	Oid			type = TupleDescAttr(slot->tts_tupleDescriptor, column)->atttypid;
	Datum		value = slot_datum(slot, column, type);
	Oid			output;
	bool		is_varlena;

	getTypeOutputInfo(type, &output, &is_varlena);
	return OidOutputFunctionCall(output, value);
}

char *
slot_text_or_null_of(TupleTableSlot *slot, const char *name)
{
	return slot->tts_isnull[slot_attribute(slot, name)] ? NULL : slot_text_of(slot, name);
}

int64
slot_int8_of(TupleTableSlot *slot, const char *name)
{
	int			column = slot_attribute(slot, name);
	Oid			type = TupleDescAttr(slot->tts_tupleDescriptor, column)->atttypid;

	return type == INT4OID ? slot_int4(slot, column) : slot_int8(slot, column);
}

int64
slot_int8_or_zero_of(TupleTableSlot *slot, const char *name)
{
	return slot->tts_isnull[slot_attribute(slot, name)] ? 0 : slot_int8_of(slot, name);
}

bool
slot_bool_of(TupleTableSlot *slot, const char *name)
{
	int			column = slot_attribute(slot, name);

	return !slot->tts_isnull[column] && slot_bool(slot, column);
}

TimestampTz
slot_time_of(TupleTableSlot *slot, const char *name, bool *isnull)
{
	int			column = slot_attribute(slot, name);

	if (isnull)
		*isnull = slot->tts_isnull[column];
	return isnull && *isnull ? 0 : slot_time(slot, column);
}

void
slot_store_int8(TupleTableSlot *slot, void *arg)
{
	*(int64 *) arg = slot_int8(slot, 0);
}
