/*-------------------------------------------------------------------------
 *
 * row_former.c
 *	  The values of a new item's columns: see row_former.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/primnodes.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

#include "base/compat.h"
#include "write/row_former.h"
#include "write/sequence_block.h"
#include "write/uuid_pool.h"

/* The source of a column's value. */
typedef enum ValueSource
{
	VALUE_NULL,
	VALUE_KEY,					/* the sequence */
	VALUE_GROUP,				/* the item */
	VALUE_DISH,
	VALUE_ORDER,
	VALUE_SOURCE_ID,
	VALUE_UUID,					/* random */
	VALUE_FILL,					/* constant, by the junction's description */
	VALUE_DEFAULT				/* the column's default, the same in all rows */
} ValueSource;

/* A column of the table. */
typedef struct Column
{
	AttrNumber	attnum;
	ValueSource source;
	FillValue	fill;			/* of VALUE_FILL */
	Node	   *expression;		/* of VALUE_DEFAULT */
} Column;

/* A column whose value differs between rows. */
typedef struct VaryingColumn
{
	int			place;
	ValueSource source;
	Oid			type;
	const char *name;
} VaryingColumn;

struct RowFormer
{
	MemoryContext context;
	TupleDesc	desc;
	int			natts;
	Datum	   *values;			/* of columns with the same value in all rows */
	bool	   *isnull;
	int			ndefaults;		/* columns whose default is not evaluated yet */
	Column	   *defaults;
	int			nvarying;
	VaryingColumn *varying;
	Oid			sequence;
	bool		check_rights;	/* on the sequence, as nextval() does */
	int			nuuids;			/* columns with a random uuid */
	UuidPool   *uuid_pool;
	int			supply;			/* rows that keys and uuids were taken for */
	int			next;			/* the next of these rows */
	int64	   *keys;
	pg_uuid_t  *uuids;
};

static char *find_column_source(const Target *target, Relation rel,
								Form_pg_attribute att, Column *column);
static char *find_fill_source(const Target *target, Form_pg_attribute att,
							  Column *column);
static char *find_default_source(Relation rel, Form_pg_attribute att, Column *column);
static bool calls_users_function(Node *node, void *context);
static bool is_users_function(Oid function, void *context);
static char *require_integer(Form_pg_attribute att, Column *column,
							 ValueSource source);
static bool find_sequence(Node *expression, Oid *sequence, bool *check_rights);
static Datum fill_datum(const Target *target, FillValue fill, Oid type);
static Datum evaluate_default(Node *expression, Form_pg_attribute att, bool *isnull);
static Datum integer_datum(const VaryingColumn *column, int64 value);


char *
row_former_obstacle(const Target *target, Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);

	for (int i = 0; i < desc->natts; i++)
	{
		Column		column;
		char	   *obstacle = find_column_source(target, rel, TupleDescAttr(desc, i), &column);

		if (obstacle)
			return obstacle;
	}
	return NULL;
}

RowFormer *
row_former_make(const Target *target, Relation rel, UuidPool *uuid_pool)
{
	TupleDesc	desc = RelationGetDescr(rel);
	RowFormer  *former = palloc0(sizeof(RowFormer));

	former->context = CurrentMemoryContext;
	former->natts = desc->natts;
	former->values = palloc0(sizeof(Datum) * desc->natts);
	former->isnull = palloc0(sizeof(bool) * desc->natts);
	former->desc = desc;
	former->uuid_pool = uuid_pool;
	former->defaults = palloc0(sizeof(Column) * desc->natts);
	former->varying = palloc0(sizeof(VaryingColumn) * desc->natts);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		VaryingColumn *varying = &former->varying[former->nvarying];
		Column		column;
		char	   *obstacle = find_column_source(target, rel, att, &column);

		if (obstacle)
			elog(ERROR, "rows cannot be formed: %s", obstacle);
		switch (column.source)
		{
			case VALUE_NULL:
				former->isnull[i] = true;
				continue;
			case VALUE_FILL:
				former->values[i] = fill_datum(target, column.fill, att->atttypid);
				continue;
			case VALUE_DEFAULT:
				former->defaults[former->ndefaults++] = column;
				continue;
			case VALUE_UUID:
				former->nuuids++;
				break;
			case VALUE_KEY:
				find_sequence(column.expression, &former->sequence, &former->check_rights);
				break;
			default:
				break;
		}
		varying->place = i;
		varying->source = column.source;
		varying->type = att->atttypid;
		varying->name = pstrdup(NameStr(att->attname));
		former->nvarying++;
	}
	return former;
}

void
row_former_supply(RowFormer *former, int n)
{
	MemoryContext old = MemoryContextSwitchTo(former->context);
	size_t		nuuids = (size_t) former->nuuids * n;

	if (former->supply > 0)
	{
		pfree(former->keys);
		if (former->uuids)
			pfree(former->uuids);
	}
	former->supply = n;
	former->next = 0;

	/* A default may fail, so it is evaluated only when a row needs it. */
	for (; former->ndefaults > 0; former->ndefaults--)
	{
		const Column *column = &former->defaults[former->ndefaults - 1];
		int			place = column->attnum - 1;

		former->values[place] = evaluate_default(column->expression, TupleDescAttr(former->desc, place),
												 &former->isnull[place]);
	}

	former->keys = palloc(sizeof(int64) * n);
	sequence_take(former->sequence, former->check_rights, former->keys, n);

	former->uuids = nuuids > 0 ? palloc(sizeof(pg_uuid_t) * nuuids) : NULL;
	uuid_pool_take(former->uuid_pool, former->uuids, nuuids);
	MemoryContextSwitchTo(old);
}

int64
row_former_fill(RowFormer *former, const NewItem *item, TupleTableSlot *slot)
{
	int			row = former->next++;
	int			nuuid = 0;

	Assert(row < former->supply);
	ExecClearTuple(slot);
	memcpy(slot->tts_values, former->values, sizeof(Datum) * former->natts);
	memcpy(slot->tts_isnull, former->isnull, sizeof(bool) * former->natts);

	for (int i = 0; i < former->nvarying; i++)
	{
		const VaryingColumn *column = &former->varying[i];
		Datum	   *value = &slot->tts_values[column->place];

		switch (column->source)
		{
			case VALUE_KEY:
				*value = integer_datum(column, former->keys[row]);
				break;
			case VALUE_GROUP:
				*value = integer_datum(column, item->group_id);
				break;
			case VALUE_DISH:
				*value = integer_datum(column, item->dish_id);
				break;
			case VALUE_ORDER:
				*value = integer_datum(column, item->display_order);
				break;
			case VALUE_SOURCE_ID:
				if (item->has_source_id)
					*value = integer_datum(column, item->source_id);
				else
					slot->tts_isnull[column->place] = true;
				break;
			case VALUE_UUID:
				*value = UUIDPGetDatum(&former->uuids[(size_t) row * former->nuuids + nuuid++]);
				break;
			default:
				elog(ERROR, "column \"%s\" does not vary", column->name);
		}
	}
	ExecStoreVirtualTuple(slot);
	return former->keys[row];
}

/* Finds the source of a column's value; returns an obstacle or NULL. */
static char *
find_column_source(const Target *target, Relation rel, Form_pg_attribute att,
				   Column *column)
{
	memset(column, 0, sizeof(Column));
	column->attnum = att->attnum;

	/* Stored generated columns are computed later, from the others. */
	if (att->attisdropped || att->attgenerated)
		return NULL;

	if (att->attnum == target->table.id_attnum)
	{
		Oid			sequence;
		bool		check_rights;

		column->expression = build_column_default(rel, att->attnum);
		if (column->expression == NULL ||
			!find_sequence(column->expression, &sequence, &check_rights))
			return psprintf("column \"%s\" does not get its values from a sequence",
							NameStr(att->attname));
		return require_integer(att, column, VALUE_KEY);
	}
	if (att->attnum == target->group_attnum)
		return require_integer(att, column, VALUE_GROUP);
	if (att->attnum == target->dish_attnum)
		return require_integer(att, column, VALUE_DISH);

	for (int i = 0; i < target->nfill; i++)
	{
		if (target->fill[i].attnum == att->attnum)
		{
			column->fill = target->fill[i].value;
			return find_fill_source(target, att, column);
		}
	}
	return find_default_source(rel, att, column);
}

/* Columns of unusual types need the executor, which casts the value. */
static char *
find_fill_source(const Target *target, Form_pg_attribute att, Column *column)
{
	bool		usual = false;

	column->source = VALUE_FILL;
	switch (column->fill)
	{
		case FILL_DISPLAY_ORDER:
			return require_integer(att, column, VALUE_ORDER);
		case FILL_SOURCE_ID:
			return require_integer(att, column, VALUE_SOURCE_ID);
		case FILL_SOURCE_SYSTEM:
			usual = att->atttypid == TEXTOID ||
				(att->atttypid == VARCHAROID &&
				 (att->atttypmod < 0 ||
				  att->atttypmod - VARHDRSZ >= (int) strlen(source_system_name(target->system))));
			break;
		case FILL_ONE:
			usual = att->atttypid == INT2OID || att->atttypid == INT4OID ||
				att->atttypid == INT8OID;
			break;
		case FILL_TRUE:
			usual = att->atttypid == BOOLOID;
			break;
		case FILL_NOW:
			usual = att->atttypid == TIMESTAMPTZOID && att->atttypmod < 0;
			break;
		case FILL_UUID:
			usual = att->atttypid == UUIDOID;
			column->source = VALUE_UUID;
			break;
	}
	if (!usual)
		return psprintf("column \"%s\" is of type %s", NameStr(att->attname),
						format_type_with_typemod(att->atttypid, att->atttypmod));
	return NULL;
}

/*
 * A default that may differ between rows needs the executor, because it might
 * read the table; random uuids are the exception.
 */
static char *
find_default_source(Relation rel, Form_pg_attribute att, Column *column)
{
	Node	   *expression = build_column_default(rel, att->attnum);

	if (expression == NULL)
	{
		column->source = VALUE_NULL;
		if (get_typtype(att->atttypid) == TYPTYPE_DOMAIN &&
			DomainHasConstraints(att->atttypid))
			return psprintf("column \"%s\" is of a domain with constraints",
							NameStr(att->attname));
		return NULL;
	}

	if (IsA(expression, FuncExpr) &&
		((FuncExpr *) expression)->funcid == F_GEN_RANDOM_UUID &&
		menuca_may_execute(F_GEN_RANDOM_UUID))
	{
		column->source = VALUE_UUID;
		return NULL;
	}

	column->source = VALUE_DEFAULT;
	column->expression = expression;
	if (IsA(expression, NextValueExpr) || contain_volatile_functions(expression))
		return psprintf("the default of column \"%s\" is volatile", NameStr(att->attname));
	if (row_former_may_read_tables(expression))
		return psprintf("the default of column \"%s\" calls a function that may read tables",
						NameStr(att->attname));
	return NULL;
}

bool
row_former_may_read_tables(Node *expression)
{
	return contain_volatile_functions(expression) ||
		calls_users_function(expression, NULL);
}

static bool
calls_users_function(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (check_functions_in_node(node, is_users_function, context))
		return true;
	return expression_tree_walker(node, calls_users_function, context);
}

/* True for a function of users that is not immutable. */
static bool
is_users_function(Oid function, pg_attribute_unused() void *context)
{
	return function >= FirstNormalObjectId &&
		func_volatile(function) != PROVOLATILE_IMMUTABLE;
}

static char *
require_integer(Form_pg_attribute att, Column *column, ValueSource source)
{
	column->source = source;
	if (att->atttypid == INT2OID || att->atttypid == INT4OID || att->atttypid == INT8OID)
		return NULL;
	return psprintf("column \"%s\" is of type %s", NameStr(att->attname),
					format_type_be(att->atttypid));
}

/*
 * True if the expression is the next value of a sequence: that of an identity
 * column, or nextval('...') as in a serial column, perhaps cast to a smaller
 * integer.
 */
static bool
find_sequence(Node *expression, Oid *sequence, bool *check_rights)
{
	FuncExpr   *call;
	Const	   *name;

	if (IsA(expression, NextValueExpr))
	{
		*sequence = ((NextValueExpr *) expression)->seqid;
		*check_rights = false;
		return true;
	}

	if (!IsA(expression, FuncExpr))
		return false;
	call = (FuncExpr *) expression;
	if (call->funcid == F_INT4_INT8 || call->funcid == F_INT2_INT8)
	{
		if (!IsA(linitial(call->args), FuncExpr))
			return false;
		call = linitial(call->args);
	}
	if (call->funcid != F_NEXTVAL || !IsA(linitial(call->args), Const) ||
		!menuca_may_execute(F_NEXTVAL))
		return false;
	name = linitial(call->args);
	if (name->constisnull)
		return false;
	*sequence = DatumGetObjectId(name->constvalue);
	*check_rights = true;
	return true;
}

static Datum
fill_datum(const Target *target, FillValue fill, Oid type)
{
	switch (fill)
	{
		case FILL_SOURCE_SYSTEM:
			return CStringGetTextDatum(source_system_name(target->system));
		case FILL_ONE:
			return type == INT2OID ? Int16GetDatum(1) :
				type == INT4OID ? Int32GetDatum(1) : Int64GetDatum(1);
		case FILL_TRUE:
			return BoolGetDatum(true);
		case FILL_NOW:
			return TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
		default:
			elog(ERROR, "fill value %d is not the same in all rows", fill);
	}
}

/* The value of a default, in the current memory context. */
static Datum
evaluate_default(Node *expression, Form_pg_attribute att, bool *isnull)
{
	EState	   *estate = CreateExecutorState();
	ExprContext *econtext = GetPerTupleExprContext(estate);
	ExprState  *state = ExecPrepareExpr((Expr *) expression, estate);
	Datum		value = ExecEvalExprSwitchContext(state, econtext, isnull);

	if (!*isnull)
		value = datumCopy(value, att->attbyval, att->attlen);
	FreeExecutorState(estate);
	return value;
}

static Datum
integer_datum(const VaryingColumn *column, int64 value)
{
	if (column->type == INT8OID)
		return Int64GetDatum(value);

	if (column->type == INT4OID ? value < PG_INT32_MIN || value > PG_INT32_MAX :
		value < PG_INT16_MIN || value > PG_INT16_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value " INT64_FORMAT " is out of range for column \"%s\" of type %s",
						value, column->name, format_type_be(column->type)),
				 errdetail("Nothing of this transaction was written."),
				 errhint("Give the column the type bigint.")));
	return column->type == INT4OID ? Int32GetDatum((int32) value) : Int16GetDatum((int16) value);
}
