/*-------------------------------------------------------------------------
 *
 * staged_table.c
 *	  A staged table of the old system: see staged_table.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "base/arguments.h"
#include "base/column.h"
#include "base/extension.h"
#include "base/relation.h"
#include "source/staged_table.h"


Oid
staged_table_find(const char *setting, const char *name)
{
	RangeVar   *range = relation_parse_name(setting, name);

	if (range->schemaname)
	{
		Oid			schema = get_namespace_oid(range->schemaname, true);

		if (!OidIsValid(schema) ||
			!relation_may_in_schema(schema, ACL_USAGE))
			return InvalidOid;
	}
	return RangeVarGetRelid(range, NoLock, true);
}

void
staged_table_require(Oid relid, const char *what)
{
	char		relkind;

	if (get_rel_relkind(relid) == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("the table that %s names does not exist", what),
				 errdetail("It was dropped, or its name was given as a number that no table has."),
				 errhint("Name the table: %s => 'schema.table'.", what)));
	relation_lock(relid, AccessShareLock);
	relkind = get_rel_relkind(relid);
	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE &&
		relkind != RELKIND_FOREIGN_TABLE && relkind != RELKIND_MATVIEW)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s %s is not a table", what, relation_display_name(relid)),
				 errdetail_relkind_not_supported(relkind),
				 errhint("Load the dump into a staging table and name that table.")));
	relation_require(relid, ACL_SELECT);
}

AttrNumber
staged_integer_column(Oid relid, const char *what, const char *column,
					  const char *detail, const char *hint)
{
	AttrNumber	attnum = get_attnum(relid, column);
	Oid			type;

	if (attnum <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("%s table %s has no column \"%s\"", what,
						relation_display_name(relid), column),
				 errdetail("%s The table has: %s.", detail, column_names(relid)),
				 errhint("%s", hint)));

	type = column_base_type(relid, attnum, NULL);
	if (type != INT2OID && type != INT4OID && type != INT8OID && type != NUMERICOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of %s table %s is of type %s, not an integer",
						column, what, relation_display_name(relid), format_type_be(type)),
				 errdetail("Ids are compared as numbers."),
				 errhint("Load the dump into a new table, or: ALTER TABLE %s ALTER COLUMN %s TYPE bigint USING %s::bigint;",
						 relation_quoted_name(relid), quote_identifier(column),
						 quote_identifier(column))));
	return attnum;
}

char *
staged_load_call(const char *old_table, const char *table)
{
	return migrate_call("SELECT * FROM menuca_load_dump('" ARGUMENT_REASON "', %s, %s); with the dump's text in place of '" ARGUMENT_REASON "', or in pieces by lo_from_bytea(), lo_put() and menuca_load_dump_lo()",
						quote_literal_cstr(old_table), quote_literal_cstr(table));
}

char *
staged_load_statement(const char *old_table, const char *table)
{
	return migrate_call("SELECT * FROM menuca_load_dump('" ARGUMENT_REASON "', %s, %s);",
						quote_literal_cstr(old_table), quote_literal_cstr(table));
}

AttrNumber
staged_column_any_case(Oid relid, const char *column)
{
	Relation	rel = relation_open_locked(relid);
	TupleDesc	desc = RelationGetDescr(rel);
	AttrNumber	found = InvalidAttrNumber;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && pg_strcasecmp(NameStr(att->attname), column) == 0)
			found = att->attnum;
	}
	relation_close(rel, NoLock);
	return found;
}
