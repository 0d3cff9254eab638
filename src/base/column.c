/*-------------------------------------------------------------------------
 *
 * column.c
 *	  Columns of relations, as the catalog has them: see column.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

#include "base/column.h"
#include "base/query.h"
#include "base/relation.h"

static char generated_kind(Oid relid, AttrNumber attnum);
static HeapTuple column_tuple(Oid relid, AttrNumber attnum);


AttrNumber
column_require(Oid relid, const char *column, Oid referenced)
{
	AttrNumber	attnum = get_attnum(relid, column);

	if (attnum <= 0 && OidIsValid(referenced))
		attnum = column_find_referencing(relid, referenced);
	if (attnum <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table %s has no column \"%s\"",
						relation_display_name(relid), column),
				 errdetail("Its columns are: %s.", column_names(relid)),
				 errhint("Check that this is the migrated schema, and that nobody renamed or dropped the column.")));
	return attnum;
}

AttrNumber
column_find(Oid relid, const char *column)
{
	return Max(get_attnum(relid, column), InvalidAttrNumber);
}

char *
column_quoted(Oid relid, AttrNumber attnum)
{
	char	   *name = get_attname(relid, attnum, true);

	if (name == NULL)
		column_raise_dropped(relid);
	return pstrdup(quote_identifier(name));
}

Oid
column_type(Oid relid, AttrNumber attnum)
{
	HeapTuple	tuple = column_tuple(relid, attnum);
	Oid			type = ((Form_pg_attribute) GETSTRUCT(tuple))->atttypid;

	ReleaseSysCache(tuple);
	return type;
}

Oid
column_base_type(Oid relid, AttrNumber attnum, int32 *typmod)
{
	HeapTuple	tuple = column_tuple(relid, attnum);
	Oid			type = ((Form_pg_attribute) GETSTRUCT(tuple))->atttypid;
	int32		modifier = ((Form_pg_attribute) GETSTRUCT(tuple))->atttypmod;

	ReleaseSysCache(tuple);
	type = getBaseTypeAndTypmod(type, &modifier);
	if (typmod)
		*typmod = modifier;
	return type;
}

Oid
column_collation(Oid relid, AttrNumber attnum)
{
	HeapTuple	tuple = column_tuple(relid, attnum);
	Oid			collation = ((Form_pg_attribute) GETSTRUCT(tuple))->attcollation;

	ReleaseSysCache(tuple);
	return collation;
}

char *
column_type_name(Oid relid, AttrNumber attnum)
{
	/* Without TYPEMOD_GIVEN, character and bit would have length 1. */
	return format_type_extended(column_type(relid, attnum), -1,
								FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
}

char *
column_as_text(Oid relid, AttrNumber attnum, const char *alias)
{
	char	   *column = psprintf("%s.%s", alias, column_quoted(relid, attnum));

	if (column_base_type(relid, attnum, NULL) < FirstNormalObjectId)
		return psprintf("%s::pg_catalog.text", column);

	/* Somebody may have made a cast of the enum to text. */
	if (type_is_enum(get_atttype(relid, attnum)))
		return psprintf("pg_catalog.textin(pg_catalog.enum_out(%s))", column);
	return psprintf("CASE WHEN pg_catalog.num_nulls(%s) = 0 THEN pg_catalog.format('%%s', %s) END",
					column, column);
}

void
column_integer_range(Oid type, int64 *min, int64 *max)
{
	switch (getBaseType(type))
	{
		case INT2OID:
			*min = PG_INT16_MIN;
			*max = PG_INT16_MAX;
			break;
		case INT4OID:
			*min = PG_INT32_MIN;
			*max = PG_INT32_MAX;
			break;
		default:
			*min = PG_INT64_MIN;
			*max = PG_INT64_MAX;
	}
}

bool
column_has_default(Oid relid, AttrNumber attnum)
{
	HeapTuple	tuple = column_tuple(relid, attnum);
	Form_pg_attribute att = (Form_pg_attribute) GETSTRUCT(tuple);
	bool		result = att->atthasdef || att->attidentity != '\0';

	ReleaseSysCache(tuple);
	return result;
}

bool
column_is_not_null(Oid relid, AttrNumber attnum)
{
	HeapTuple	tuple = column_tuple(relid, attnum);
	bool		result = ((Form_pg_attribute) GETSTRUCT(tuple))->attnotnull;

	ReleaseSysCache(tuple);
	return result;
}

bool
column_is_generated(Oid relid, AttrNumber attnum)
{
	return generated_kind(relid, attnum) != '\0';
}

bool
column_is_virtual(Oid relid, AttrNumber attnum)
{
	return generated_kind(relid, attnum) == 'v';
}

static char
generated_kind(Oid relid, AttrNumber attnum)
{
	HeapTuple	tuple = column_tuple(relid, attnum);
	char		result = ((Form_pg_attribute) GETSTRUCT(tuple))->attgenerated;

	ReleaseSysCache(tuple);
	return result;
}

AttrNumber
column_find_referencing(Oid relid, Oid referenced)
{
	Relation	rel = relation_lock_and_open(relid, AccessShareLock);
	AttrNumber	found = InvalidAttrNumber;
	int			matches = 0;
	ListCell   *lc;

	foreach(lc, RelationGetFKeyList(rel))
	{
		ForeignKeyCacheInfo *fk = lfirst(lc);

		if (fk->confrelid == referenced && fk->nkeys == 1)
		{
			found = fk->conkey[0];
			matches++;
		}
	}
	relation_close(rel, NoLock);

	return matches == 1 ? found : InvalidAttrNumber;
}

/* A column's row of pg_attribute; the caller releases it. */
static HeapTuple
column_tuple(Oid relid, AttrNumber attnum)
{
	HeapTuple	tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relid),
										Int16GetDatum(attnum));

	if (!HeapTupleIsValid(tuple) || ((Form_pg_attribute) GETSTRUCT(tuple))->attisdropped)
		column_raise_dropped(relid);
	return tuple;
}

void
column_raise_dropped(Oid relid)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("a column of table %s was dropped by another session", relation_display_name(relid)),
			 errdetail("This call needs it. Nothing was changed."),
			 errhint("Find out who dropped it and why; if the column exists again, call this again.")));
}

/* The names of a table's columns, separated by commas. */
char *
column_names(Oid relid)
{
	QueryArgs	args = {0};
	char	   *names;

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	names = query_text("SELECT string_agg(attname, ', ' ORDER BY attnum)"
					   " FROM pg_attribute"
					   " WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped",
					   &args);
	if (names == NULL && get_rel_name(relid) == NULL)
		relation_raise_dropped(NULL);
	return names ? names : "none";
}
