/*-------------------------------------------------------------------------
 *
 * trial_rows.c
 *	  Rows to try policies out on: see trial_rows.h.
 *
 * A new row is a copy of one that is there: that one meets the table's checks.
 * What must differ is changed: keys, unique values, the owner.  What a row
 * must refer to is made first, for the same owner.  In an empty table a row
 * gets its defaults, and for the rest a plain value of the column's type.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/bitmapset.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "access/trial_rows.h"
#include "base/attempt.h"
#include "base/column.h"
#include "base/compat.h"
#include "base/relation.h"
#include "base/results.h"

/* How far rows that others must refer to are followed. */
#define MAX_DEPTH 5

/* How many combinations of values are tried to make a condition come out. */
#define MAX_TRIES 256

/* A column of the table, and what its new value will be. */
typedef struct ProbeColumn
{
	AttrNumber	attnum;
	char	   *name;			/* quoted */
	char	   *type;			/* as in a cast */
	Oid			type_oid;
	char		category;
	bool		not_null;
	bool		has_default;
	bool		in_key;			/* of the primary key */
	Oid			parent;			/* what it must refer to, or InvalidOid */
	char	   *parent_column;	/* quoted */
	int			length;			/* of characters, or 0 */
	char	   *value;			/* SQL; NULL: leave it to the default */
	bool		is_new;			/* no row has that value */
} ProbeColumn;

/* The columns of a table that a value can be given to. */
typedef struct ColumnList
{
	MemoryContext context;
	List	   *columns;
} ColumnList;

static TrialRow *make_row(TrialWorld *world, Oid relid, int owner,
						  const char *pattern_where, List *overrides, int depth);
static TrialRow *make_parent(TrialWorld *world, Oid relid, int owner, List *overrides, int depth);
static List *owner_overrides(TrialWorld *world, const WantedAccess *wanted, int owner, int depth);
static char *path_value(TrialWorld *world, const AccessKey *key, int owner, char *claim, int depth);
static void choose_values(TrialWorld *world, Oid relid, List *columns, int owner,
						  List *overrides, bool pattern, int depth);
static void make_unique(Oid relid, List *columns, bool pattern);
static bool renew(Oid relid, ProbeColumn *column, bool pattern);
static char *plain_value(const ProbeColumn *column);
static bool condition_is(const TrialRow *row, const char *condition, bool wish);
static void make_condition(const WantedAccess *wanted, const TrialRow *row, bool wish);
static List *candidates(const ProbeColumn *column);
static const WantedAccess *wanted_of(const TrialWorld *world, Oid relid);
static List *columns_of(Oid relid);
static void fetch_column(TupleTableSlot *slot, void *arg);
static ProbeColumn *column_of(const List *columns, AttrNumber attnum);
static char *text_written(const char *sql);
static char *text_pinned(const char *sql);
static char *place_of_row(Oid relid, const char *where);
static bool has_rows(Oid relid);


/*
 * Restaurants are the table whose own primary key is the tenant's key, and
 * customers likewise.  Without such a table any value will do.
 */
void
trial_world_make(TrialWorld *world)
{
	ListCell   *lc;

	foreach(lc, world->wanted)
	{
		const WantedAccess *wanted = lfirst(lc);
		AttrNumber	id;

		if (!OidIsValid(wanted->relid) || wanted->problem)
			continue;
		id = relation_key_column(wanted->relid);
		for (int owner = 0; owner < OWNERS; owner++)
		{
			if (wanted->tenant_key && !wanted->tenant_key->hops &&
				wanted->tenant_key->attnum == id)
				world->tenant[owner] = trial_row_make(world, wanted, owner, true)->key;
			if (wanted->user_key && !wanted->user_key->hops && wanted->user_key->attnum == id)
				world->user[owner] = trial_row_make(world, wanted, owner, true)->key;
		}
	}
	for (int owner = 0; owner < OWNERS; owner++)
	{
		bool		uuid[2] = {false, false};

		foreach(lc, world->wanted)
		{
			const WantedAccess *wanted = lfirst(lc);

			uuid[0] = uuid[0] || (wanted->tenant_key && wanted->tenant_key->type == UUIDOID);
			uuid[1] = uuid[1] || (wanted->user_key && wanted->user_key->type == UUIDOID);
		}
		if (!world->tenant[owner])
			world->tenant[owner] = uuid[0] ?
				text_written("SELECT pg_catalog.gen_random_uuid()::text") :
				psprintf("%d", PG_INT16_MAX - owner);
		if (!world->user[owner])
			world->user[owner] = uuid[1] ?
				text_written("SELECT pg_catalog.gen_random_uuid()::text") :
				psprintf("%d", PG_INT16_MAX - OWNERS - owner);
	}
}

TrialRow *
trial_row_make(TrialWorld *world, const WantedAccess *wanted, int owner, bool public)
{
	char	   *condition = wanted->public_expr ?
		access_expression_text(wanted->relid, wanted->public_expr) : NULL;
	TrialRow   *row;
	AttrNumber	id = relation_key_column(wanted->relid);

	row = make_row(world, wanted->relid, owner,
				   condition ? psprintf("((%s) IS TRUE) IS %s", condition, public ? "TRUE" : "FALSE") : NULL,
				   owner_overrides(world, wanted, owner, 0), 0);
	if (condition && !condition_is(row, condition, public))
		make_condition(wanted, row, public);

	/* A restaurant owns itself. */
	if (wanted->tenant_key && !wanted->tenant_key->hops && wanted->tenant_key->attnum == id)
		world->tenant[owner] = row->key;
	if (wanted->user_key && !wanted->user_key->hops && wanted->user_key->attnum == id)
		world->user[owner] = row->key;
	return row;
}

char *
trial_owner_value(TrialWorld *world, const AccessKey *key, int owner, bool is_user)
{
	return path_value(world, key, owner,
					  is_user ? world->user[owner] : world->tenant[owner], 0);
}

/* The row as literals, all columns but generated ones. */
char *
trial_row_insert(const TrialRow *row)
{
	StringInfoData names;
	StringInfoData values;
	ListCell   *lc;

	initStringInfo(&names);
	initStringInfo(&values);
	foreach(lc, columns_of(row->relid))
	{
		ProbeColumn *column = lfirst(lc);
		const char *comma = names.len > 0 ? ", " : "";

		appendStringInfo(&names, "%s%s", comma, column->name);
		appendStringInfo(&values, "%spg_catalog.quote_nullable(%s::pg_catalog.text)",
						 comma, column->name);
	}
	return psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)",
					relation_quoted_name(row->relid), names.data,
					text_written(psprintf("SELECT pg_catalog.array_to_string(ARRAY[%s], ', ') FROM %s WHERE %s",
										  values.data, relation_quoted_name(row->relid), row->where)));
}

/* The owner's column if it can be, otherwise any that is not the key's. */
char *
trial_column(const WantedAccess *wanted)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg(&args, INT2OID,
			  Int16GetDatum(wanted->tenant_key ? wanted->tenant_key->attnum :
							wanted->user_key ? wanted->user_key->attnum : 0), false);
	query_arg(&args, TEXTARRAYOID, result_text_array(wanted->hidden), false);
	return query_text("SELECT quote_ident(attname) FROM pg_attribute a"
					  " LEFT JOIN pg_index i ON i.indrelid = attrelid AND i.indisprimary"
					  " WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped"
					  " AND attgenerated = '' AND attidentity = ''"
					  " AND quote_ident(attname) <> ALL ($3)"
					  " ORDER BY attnum = ANY (i.indkey), attnum <> $2, attnum LIMIT 1",
					  &args);
}

/* An override of a column's value. */
typedef struct Override
{
	AttrNumber	attnum;
	char	   *value;
} Override;

static List *
override(List *overrides, AttrNumber attnum, char *value)
{
	Override   *o = palloc(sizeof(Override));

	o->attnum = attnum;
	o->value = value;
	return lappend(overrides, o);
}

/* What makes a row the owner's. */
static List *
owner_overrides(TrialWorld *world, const WantedAccess *wanted, int owner, int depth)
{
	List	   *overrides = NIL;
	AttrNumber	id = relation_key_column(wanted->relid);

	if (wanted->tenant_key && (wanted->tenant_key->hops || wanted->tenant_key->attnum != id))
		overrides = override(overrides, wanted->tenant_key->attnum,
							 path_value(world, wanted->tenant_key, owner, world->tenant[owner], depth));
	if (wanted->user_key && (wanted->user_key->hops || wanted->user_key->attnum != id))
		overrides = override(overrides, wanted->user_key->attnum,
							 path_value(world, wanted->user_key, owner, world->user[owner], depth));
	return overrides;
}

/* The value of a key's first column: parents are made from the last one on. */
static char *
path_value(TrialWorld *world, const AccessKey *key, int owner, char *claim, int depth)
{
	char	   *value = claim;

	for (int i = list_length(key->hops) - 1; i >= 0; i--)
	{
		const AccessHop *hop = list_nth(key->hops, i);
		List	   *overrides = override(NIL, column_require(hop->relid, hop->column, InvalidOid), value);

		value = make_parent(world, hop->relid, owner, overrides, depth + 1)->key;
	}
	return value;
}

/* A row that others refer to, made once for each owner. */
static TrialRow *
make_parent(TrialWorld *world, Oid relid, int owner, List *overrides, int depth)
{
	const WantedAccess *wanted = wanted_of(world, relid);
	TrialRow   *row;
	ListCell   *lc;

	foreach(lc, world->parents)
	{
		row = lfirst(lc);
		if (row->relid == relid && row->owner == owner)
			return row;
	}
	if (depth > MAX_DEPTH)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("rows of %s refer to each other without an end",
						relation_display_name(relid))));
	if (overrides == NIL && wanted)
		overrides = owner_overrides(world, wanted, owner, depth);
	row = make_row(world, relid, owner, NULL, overrides, depth);
	world->parents = lappend(world->parents, row);
	return row;
}

static TrialRow *
make_row(TrialWorld *world, Oid relid, int owner,
		 const char *pattern_where, List *overrides, int depth)
{
	List	   *columns = columns_of(relid);
	TrialRow   *row = palloc0(sizeof(TrialRow));
	const char *name = relation_quoted_name(relid);
	bool		pattern;
	StringInfoData names;
	StringInfoData values;
	StringInfoData key;
	int			nkeys = 0;
	char	   *key_column = NULL;
	ListCell   *lc;

	CHECK_FOR_INTERRUPTS();

	/* A row that meets the condition is the best pattern, but any will do. */
	if (pattern_where)
		pattern_where = place_of_row(relid, pattern_where);
	pattern = pattern_where || has_rows(relid);
	choose_values(world, relid, columns, owner, overrides, pattern, depth);

	initStringInfo(&names);
	initStringInfo(&values);
	initStringInfo(&key);
	foreach(lc, columns)
	{
		const ProbeColumn *column = lfirst(lc);

		if (column->in_key)
		{
			appendStringInfo(&key, "%s'%s OPERATOR(pg_catalog.=) ' || pg_catalog.quote_literal(%s::pg_catalog.text)",
							 key.len > 0 ? " || ' AND ' || " : "",
							 column->name, column->name);
			key_column = column->name;
			nkeys++;
		}
		if (!column->value)
			continue;
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", column->name);
		appendStringInfo(&values, "%s%s", values.len > 0 ? ", " : "", column->value);
	}
	if (nkeys == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s has no primary key, so a row of it cannot be told from others",
						relation_display_name(relid))));

	row->relid = relid;
	row->owner = owner;
	row->where = text_written(psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s%s RETURNING %s",
									   name, names.data, values.data,
									   pattern ? psprintf(" FROM (SELECT * FROM %s WHERE %s LIMIT 1) AS pattern",
														  name, pattern_where ? pattern_where : "true") : "",
									   key.data));
	if (!row->where)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg("an INSERT into %s inserted nothing", relation_display_name(relid)),
				 errdetail("A trigger or rule of the table does not let rows in.")));
	if (nkeys == 1)
		row->key = text_written(psprintf("SELECT %s::pg_catalog.text FROM %s WHERE %s",
										 key_column, name, row->where));
	return row;
}

static void
choose_values(TrialWorld *world, Oid relid, List *columns, int owner, List *overrides,
			  bool pattern, int depth)
{
	ListCell   *lc;

	foreach(lc, overrides)
	{
		const Override *o = lfirst(lc);
		ProbeColumn *column = column_of(columns, o->attnum);

		column->value = psprintf("%s::%s", quote_literal_cstr(o->value), column->type);
		column->is_new = true;
	}

	/* What it must refer to; what it may refer to is left away. */
	foreach(lc, columns)
	{
		ProbeColumn *column = lfirst(lc);
		const WantedAccess *parent;

		if (column->value || !OidIsValid(column->parent))
			continue;
		if (!column->not_null)
		{
			column->value = psprintf("NULL::%s", column->type);
			continue;
		}
		parent = wanted_of(world, column->parent);
		if (column->parent == relid ||
			(pattern && !(parent && (parent->tenant_key || parent->user_key))))
			continue;
		if (!(parent && (parent->tenant_key || parent->user_key)) &&
			has_rows(column->parent))
			column->value = psprintf("(SELECT %s FROM %s LIMIT 1)", column->parent_column,
									 relation_quoted_name(column->parent));
		else
		{
			TrialRow   *row = NULL;

			/* The owner's own row is there already. */
			if (parent && parent->tenant_key && !parent->tenant_key->hops && world->tenant[owner] &&
				parent->tenant_key->attnum == relation_key_column(column->parent))
				column->value = quote_literal_cstr(world->tenant[owner]);
			else if (parent && parent->user_key && !parent->user_key->hops && world->user[owner] &&
					 parent->user_key->attnum == relation_key_column(column->parent))
				column->value = quote_literal_cstr(world->user[owner]);
			else
			{
				row = make_parent(world, column->parent, owner, NIL, depth + 1);
				column->value = text_written(psprintf("SELECT pg_catalog.quote_literal(%s::pg_catalog.text) FROM %s WHERE %s",
													  column->parent_column,
													  relation_quoted_name(column->parent), row->where));
			}
			column->value = psprintf("%s::%s", column->value, column->type);
			column->is_new = true;
		}
	}

	make_unique(relid, columns, pattern);

	foreach(lc, columns)
	{
		ProbeColumn *column = lfirst(lc);

		if (column->value)
			continue;
		if (pattern)
			column->value = psprintf("pattern.%s", column->name);
		else if (column->not_null && !column->has_default)
			column->value = plain_value(column);
	}
}

/* State of make_unique(). */
typedef struct UniqueKeys
{
	MemoryContext context;
	List	   *keys;			/* Bitmapset of attnums */
} UniqueKeys;

static void
fetch_unique_key(TupleTableSlot *slot, void *arg)
{
	UniqueKeys *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);
	Bitmapset  *key = NULL;
	Datum	   *attnums;
	int			n;

	deconstruct_array(DatumGetArrayTypeP(slot->tts_values[0]), INT4OID, sizeof(int32), true,
					  TYPALIGN_INT, &attnums, NULL, &n);
	for (int i = 0; i < n; i++)
		key = bms_add_member(key, DatumGetInt32(attnums[i]));
	state->keys = lappend(state->keys, key);
	MemoryContextSwitchTo(old);
}

/*
 * Each unique key, the primary one among them, gets a column whose value no
 * row has.  Columns of expressions are known by what the index depends on.
 */
static void
make_unique(Oid relid, List *columns, bool pattern)
{
	UniqueKeys	state = {CurrentMemoryContext, NIL};
	QueryArgs	args = {0};
	ListCell   *lc;

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_each("SELECT (SELECT array_agg(n) FROM"
			   " (SELECT k::int4 AS n FROM unnest(indkey::int2[]) k WHERE k > 0 UNION"
			   " SELECT refobjsubid FROM pg_depend WHERE classid = 'pg_class'::regclass"
			   " AND objid = indexrelid AND refclassid = 'pg_class'::regclass"
			   " AND refobjid = indrelid AND refobjsubid > 0 AND indexprs IS NOT NULL) c)"
			   " FROM pg_index WHERE indrelid = $1 AND (indisunique OR indisexclusion)"
			   " AND indislive ORDER BY NOT indisprimary, indexrelid",
			   &args, fetch_unique_key, &state);
	foreach(lc, state.keys)
	{
		const Bitmapset *key = lfirst(lc);
		bool		is_new = false;
		ListCell   *lc2;

		foreach(lc2, columns)
		{
			const ProbeColumn *column = lfirst(lc2);

			is_new = is_new || (column->is_new && bms_is_member(column->attnum, key));
		}
		foreach(lc2, columns)
		{
			ProbeColumn *column = lfirst(lc2);

			if (!is_new && bms_is_member(column->attnum, key) && !column->value &&
				!OidIsValid(column->parent))
				is_new = renew(relid, column, pattern);
		}
	}
}

/* A value that no row has; false when none is known for the type. */
static bool
renew(Oid relid, ProbeColumn *column, bool pattern)
{
	if (column->type_oid == UUIDOID)
		column->value = "pg_catalog.gen_random_uuid()";
	else if (column->category == TYPCATEGORY_STRING)
		column->value = psprintf("pg_catalog.\"left\"(pg_catalog.concat(pg_catalog.\"left\"(pg_catalog.md5(pg_catalog.random()::text), 12), %s), %d)::%s",
								 pattern ? psprintf("pattern.%s", column->name) : "''",
								 column->length > 0 ? column->length : 1000, column->type);
	else if (column->category == TYPCATEGORY_NUMERIC)
		column->value = psprintf("(SELECT coalesce(pg_catalog.max(%s), 0) OPERATOR(pg_catalog.+) 1 FROM %s)::%s",
								 column->name, relation_quoted_name(relid), column->type);
	else
		return false;
	column->is_new = true;
	return true;
}

/* Something for a column that must not be NULL. */
static char *
plain_value(const ProbeColumn *column)
{
	switch (column->category)
	{
		case TYPCATEGORY_STRING:
			return psprintf("pg_catalog.\"left\"('menuca', %d)::%s",
							column->length > 0 ? column->length : 6, column->type);
		case TYPCATEGORY_NUMERIC:
			return psprintf("1::%s", column->type);
		case TYPCATEGORY_BOOLEAN:
			return psprintf("true::%s", column->type);
		case TYPCATEGORY_DATETIME:
			return psprintf("pg_catalog.now()::%s", column->type);
		case TYPCATEGORY_TIMESPAN:
			return psprintf("'1 hour'::%s", column->type);
		case TYPCATEGORY_ARRAY:
			return psprintf("'{}'::%s", column->type);
		case TYPCATEGORY_RANGE:
			return psprintf("'empty'::%s", column->type);
		case TYPCATEGORY_NETWORK:
			return psprintf("'127.0.0.1'::%s", column->type);
		case TYPCATEGORY_ENUM:
			return psprintf("(pg_catalog.enum_range(NULL::%s))[1]", column->type);
	}
	switch (column->type_oid)
	{
		case UUIDOID:
			return "pg_catalog.gen_random_uuid()";
		case BYTEAOID:
			return "''::pg_catalog.bytea";
		case JSONOID:
		case JSONBOID:
			return psprintf("'{}'::%s", column->type);
	}
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("no value is known for column %s of type %s", column->name, column->type),
			 errdetail("The table has no row to copy."),
			 errhint("Insert a row into it.")));
	return NULL;
}

static bool
condition_is(const TrialRow *row, const char *condition, bool wish)
{
	char	   *found = text_pinned(psprintf("SELECT ((%s) IS TRUE)::text FROM %s WHERE %s",
											 condition, relation_quoted_name(row->relid), row->where));

	return found && strcmp(found, wish ? "true" : "false") == 0;
}

/* An attempt at making_condition(). */
typedef struct ConditionTry
{
	const WantedAccess *wanted;
	const TrialRow *row;
	const char *assignments;
	const char *condition;
	bool		wish;
	bool		met;
} ConditionTry;

static void
try_condition(void *arg)
{
	ConditionTry *try = arg;

	query_write(psprintf("UPDATE %s SET %s WHERE %s", relation_quoted_name(try->row->relid),
						 try->assignments, try->row->where), NULL, NULL, NULL);
	try->met = condition_is(try->row, try->condition, try->wish);
	if (!try->met)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("the condition is not met")));
}

/*
 * Changes the row until the public condition is true, or is not: all
 * combinations of values of the columns that it looks at.
 */
static void
make_condition(const WantedAccess *wanted, const TrialRow *row, bool wish)
{
	Bitmapset  *attrs = NULL;
	List	   *columns = NIL;
	List	   *values = NIL;
	int			combinations = 1;
	ListCell   *lc;

	pull_varattnos(wanted->public_expr, 1, &attrs);
	foreach(lc, columns_of(wanted->relid))
	{
		ProbeColumn *column = lfirst(lc);

		if (bms_is_member(column->attnum - FirstLowInvalidHeapAttributeNumber, attrs))
		{
			columns = lappend(columns, column);
			values = lappend(values, candidates(column));
			combinations *= list_length(llast(values));
		}
	}
	for (int i = 0; i < Min(combinations, MAX_TRIES); i++)
	{
		StringInfoData assignments;
		ConditionTry try = {wanted, row, NULL,
		access_expression_text(wanted->relid, wanted->public_expr), wish, false};
		int			rest = i;
		ListCell   *lc2;

		CHECK_FOR_INTERRUPTS();
		initStringInfo(&assignments);
		forboth(lc, columns, lc2, values)
		{
			const ProbeColumn *column = lfirst(lc);
			List	   *list = lfirst(lc2);

			appendStringInfo(&assignments, "%s%s = %s", assignments.len > 0 ? ", " : "",
							 column->name, (char *) list_nth(list, rest % list_length(list)));
			rest /= list_length(list);
		}
		if (assignments.len == 0)
			break;
		try.assignments = assignments.data;
		if (attempt(try_condition, &try) == NULL && try.met)
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("no row could be made for which \"%s\" is %s", wanted->public_where,
					wish ? "true" : "not true")));
}

/* Values to try, as SQL; the first leaves the column as it is. */
static List *
candidates(const ProbeColumn *column)
{
	List	   *list = list_make1(column->name);

	switch (column->category)
	{
		case TYPCATEGORY_BOOLEAN:
			list = lappend(lappend(list, "true"), "false");
			break;
		case TYPCATEGORY_DATETIME:
			if (column->type_oid != TIMEOID && column->type_oid != TIMETZOID)
				list = lappend(lappend(list, "'-infinity'"), "'infinity'");
			break;
		case TYPCATEGORY_NUMERIC:
			list = lappend(lappend(list, "0"), "1");
			break;
		case TYPCATEGORY_STRING:
			list = lappend(lappend(list, "''"), "'menuca'");
			break;
		case TYPCATEGORY_ENUM:
			{
				char	   *labels = text_written(psprintf("SELECT pg_catalog.array_to_string(pg_catalog.enum_range(NULL::%s), ',')",
														   column->type));
				char	   *label;

				while (labels && (label = strsep(&labels, ",")) != NULL)
					list = lappend(list, quote_literal_cstr(label));
				break;
			}
	}
	if (!column->not_null)
		list = lappend(list, "NULL");
	return list;
}

static const WantedAccess *
wanted_of(const TrialWorld *world, Oid relid)
{
	const ListCell *lc;

	foreach(lc, world->wanted)
	{
		const WantedAccess *wanted = lfirst(lc);

		if (wanted->relid == relid && !wanted->problem)
			return wanted;
	}
	return NULL;
}

static List *
columns_of(Oid relid)
{
	ColumnList	list = {CurrentMemoryContext, NIL};
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_each("SELECT a.attnum::int4, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),"
			   " a.atttypid, t.typcategory, a.attnotnull OR t.typnotnull,"
			   " a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL,"
			   " coalesce(a.attnum = ANY (i.indkey), false),"
			   " f.confrelid, quote_ident(p.attname),"
			   " CASE WHEN a.atttypid IN ('bpchar'::regtype, 'varchar'::regtype) AND a.atttypmod > 4"
			   " THEN a.atttypmod - 4 ELSE 0 END"
			   " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
			   " LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary"
			   " LEFT JOIN LATERAL (SELECT * FROM pg_constraint c WHERE c.conrelid = a.attrelid"
			   " AND c.contype = 'f' AND c.conkey = ARRAY[a.attnum] ORDER BY c.oid LIMIT 1) f ON true"
			   " LEFT JOIN pg_attribute p ON p.attrelid = f.confrelid AND p.attnum = f.confkey[1]"
			   " WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped"
			   " AND a.attgenerated = '' ORDER BY a.attnum",
			   &args, fetch_column, &list);
	return list.columns;
}

static void
fetch_column(TupleTableSlot *slot, void *arg)
{
	ColumnList *list = arg;
	MemoryContext old = MemoryContextSwitchTo(list->context);
	ProbeColumn *column = palloc0(sizeof(ProbeColumn));

	column->attnum = DatumGetInt32(slot->tts_values[0]);
	column->name = TextDatumGetCString(slot->tts_values[1]);
	column->type = TextDatumGetCString(slot->tts_values[2]);
	column->type_oid = DatumGetObjectId(slot->tts_values[3]);
	column->category = DatumGetChar(slot->tts_values[4]);
	column->not_null = DatumGetBool(slot->tts_values[5]);
	column->has_default = DatumGetBool(slot->tts_values[6]);
	column->in_key = DatumGetBool(slot->tts_values[7]);
	if (!slot->tts_isnull[8])
	{
		column->parent = DatumGetObjectId(slot->tts_values[8]);
		column->parent_column = TextDatumGetCString(slot->tts_values[9]);
	}
	column->length = DatumGetInt32(slot->tts_values[10]);
	list->columns = lappend(list->columns, column);
	MemoryContextSwitchTo(old);
}

static ProbeColumn *
column_of(const List *columns, AttrNumber attnum)
{
	const ListCell *lc;

	foreach(lc, columns)
	{
		if (((ProbeColumn *) lfirst(lc))->attnum == attnum)
			return lfirst(lc);
	}
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the owner's column is generated, so that no owner can be given")));
	return NULL;
}

/* State of text_written(): where its result belongs. */
typedef struct WrittenText
{
	MemoryContext context;
	char	   *text;
} WrittenText;

static void
fetch_text(TupleTableSlot *slot, void *arg)
{
	WrittenText *state = arg;
	MemoryContext old = MemoryContextSwitchTo(state->context);

	state->text = slot->tts_isnull[0] ? NULL : TextDatumGetCString(slot->tts_values[0]);
	MemoryContextSwitchTo(old);
}

/* The text that a statement returns, which sees what was written before. */
static char *
text_written(const char *sql)
{
	WrittenText state = {CurrentMemoryContext, NULL};

	query_write(sql, NULL, fetch_text, &state);
	return state.text;
}

/*
 * The same for conditions: names in them resolve in pg_catalog, as in policies,
 * while what inserts and updates leaves the path to the table's triggers.
 */
static char *
text_pinned(const char *sql)
{
	int			nestlevel = access_pin_search_path();
	char	   *found = text_written(sql);

	AtEOXact_GUC(false, nestlevel);
	return found;
}

/* A condition that only one row meets, of those that meet the given one. */
static char *
place_of_row(Oid relid, const char *where)
{
	return text_pinned(psprintf("SELECT pg_catalog.format('ctid OPERATOR(pg_catalog.=) %%L"
								" AND tableoid OPERATOR(pg_catalog.=) %%L', ctid, tableoid::oid)"
								" FROM %s WHERE %s LIMIT 1", relation_quoted_name(relid), where));
}

static bool
has_rows(Oid relid)
{
	return place_of_row(relid, "true") != NULL;
}
