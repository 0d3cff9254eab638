/*-------------------------------------------------------------------------
 *
 * trial_columns.c
 *	  The columns of a trial row, and values for them: see trial_columns.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/bitmapset.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "access/trial_columns.h"
#include "access/trial_query.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/relation.h"
#include "base/results.h"
#include "base/slot.h"

static void *make_trial_column(TupleTableSlot *slot);
static void *make_unique_key(TupleTableSlot *slot);
static void renew_key(Oid relid, const List *columns, const Bitmapset *key, bool has_pattern);
static bool set_new_value(Oid relid, TrialColumn *column, bool has_pattern);


List *
trial_columns_of(Oid relid)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	return query_list(psprintf("SELECT column_no, column_name, type_name, type_oid, type_category, max_length,"
							   " is_not_null OR type_is_not_null, has_default OR type_has_default,"
							   " is_in_primary_key, parent_oid, parent_column"
							   " FROM %smenuca_writable_column WHERE table_oid = $1 ORDER BY column_no",
							   migrate_schema()),
					  &args, make_trial_column);
}

static void *
make_trial_column(TupleTableSlot *slot)
{
	TrialColumn *column = palloc0(sizeof(TrialColumn));

	column->attnum = slot_int4(slot, 0);
	column->name = slot_text(slot, 1);
	column->type = slot_text(slot, 2);
	column->type_oid = slot_oid(slot, 3);
	column->category = DatumGetChar(slot_datum(slot, 4, CHAROID));
	column->length = slot_int4(slot, 5);
	column->not_null = slot_bool(slot, 6);
	column->has_default = slot_bool(slot, 7);
	column->in_key = slot_bool(slot, 8);
	if (!slot->tts_isnull[9])
	{
		column->parent = slot_oid(slot, 9);
		column->parent_column = slot_text(slot, 10);
	}
	return column;
}

TrialColumn *
trial_columns_find(const List *columns, AttrNumber attnum)
{
	const ListCell *lc;

	foreach(lc, columns)
	{
		if (((TrialColumn *) lfirst(lc))->attnum == attnum)
			return lfirst(lc);
	}
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the owner's column is generated, so a row cannot be given an owner")));
	return NULL;
}

void
trial_columns_renew_keys(Oid relid, const List *columns, bool has_pattern)
{
	QueryArgs	args = {0};
	ListCell   *lc;

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	foreach(lc, query_list(psprintf("SELECT column_numbers FROM %smenuca_trial_unique_key"
									" WHERE table_oid = $1 ORDER BY NOT is_primary, index_oid",
									migrate_schema()),
						   &args, make_unique_key))
		renew_key(relid, columns, lfirst(lc), has_pattern);
}

/* The numbers of a key's columns, as a Bitmapset; NULL is the empty one. */
static void *
make_unique_key(TupleTableSlot *slot)
{
	Bitmapset  *key = NULL;
	Datum	   *attnums;
	int			n;

	/* The index may depend on no column, as on (1). */
	if (slot->tts_isnull[0])
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(slot_datum(slot, 0, INT4ARRAYOID)), INT4OID, sizeof(int32), true,
					  TYPALIGN_INT, &attnums, NULL, &n);
	for (int i = 0; i < n; i++)
		key = bms_add_member(key, DatumGetInt32(attnums[i]));
	return key;
}

static void
renew_key(Oid relid, const List *columns, const Bitmapset *key, bool has_pattern)
{
	const ListCell *lc;

	foreach(lc, columns)
	{
		const TrialColumn *column = lfirst(lc);

		if (column->is_new && bms_is_member(column->attnum, key))
			return;
	}
	foreach(lc, columns)
	{
		TrialColumn *column = lfirst(lc);

		if (bms_is_member(column->attnum, key) && !column->value &&
			!OidIsValid(column->parent) && set_new_value(relid, column, has_pattern))
			return;
	}
}

/* Gives the column a value that no row has; false when none is known for its type. */
static bool
set_new_value(Oid relid, TrialColumn *column, bool has_pattern)
{
	if (column->type_oid == UUIDOID)
		column->value = "pg_catalog.gen_random_uuid()";
	else if (column->category == TYPCATEGORY_STRING)
		column->value = psprintf("pg_catalog.\"left\"(pg_catalog.concat(pg_catalog.\"left\"(pg_catalog.md5(pg_catalog.random()::pg_catalog.text), 12), %s), %d)::%s",
								 has_pattern ? psprintf("pattern.%s", column->name) : "''",
								 column->length > 0 ? column->length : 1000, column->type);
	else if (column->category == TYPCATEGORY_NUMERIC)
		column->value = psprintf("(SELECT coalesce(pg_catalog.max(%s), 0) OPERATOR(pg_catalog.+) 1 FROM %s)::%s",
								 column->name, relation_quoted_name(relid), column->type);
	else
		return false;
	column->is_new = true;
	return true;
}

char *
trial_column_any_value(const TrialColumn *column)
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

List *
trial_column_candidates(const TrialColumn *column)
{
	List	   *list = list_make1(column->name);

	switch (column->category)
	{
		case TYPCATEGORY_BOOLEAN:
			list = lappend(lappend(list, "true"), "false");
			break;
		case TYPCATEGORY_DATETIME:
			if (column->type_oid != TIMEOID && column->type_oid != TIMETZOID)
			{
				list = lappend(lappend(list, "'-infinity'"), "'infinity'");

				/*
				 * What expired a day ago has not expired for whoever counts
				 * in weeks.
				 */
				list = lappend(lappend(list, TRIAL_A_DAY_AGO), TRIAL_IN_A_DAY);
			}
			break;
		case TYPCATEGORY_NUMERIC:
			list = lappend(lappend(list, "0"), "1");
			break;
		case TYPCATEGORY_STRING:
			list = lappend(lappend(list, "''"), "'menuca'");
			break;
		case TYPCATEGORY_ENUM:
			{
				char	   *labels = trial_query_text(psprintf("SELECT pg_catalog.array_to_string(pg_catalog.enum_range(NULL::%s), ',')",
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

/* The owner's column if possible, since policies look at it; else one outside the key. */
char *
trial_columns_to_update(const WantedAccess *wanted)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg(&args, INT2OID,
			  Int16GetDatum(wanted->tenant_key ? wanted->tenant_key->attnum :
							wanted->user_key ? wanted->user_key->attnum : 0), false);
	query_arg(&args, TEXTARRAYOID,
			  result_text_array(list_concat_copy(wanted->hidden, wanted->read_only)), false);
	return query_text(psprintf("SELECT column_name FROM %smenuca_writable_column"
							   " WHERE table_oid = $1 AND NOT is_identity AND column_name <> ALL ($3)"
							   " ORDER BY is_in_primary_key, column_no <> $2, column_no LIMIT 1",
							   migrate_schema()),
					  &args);
}
