/*-------------------------------------------------------------------------
 *
 * users_column.c
 *	  Columns and constraints of the users' tables: see users_column.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/dependency.h"
#include "catalog/pg_am.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

#include "base/column.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"
#include "seating/seating_schema.h"
#include "seating/users_column.h"

static void add_deferrable(Oid relid, StringInfo immediate, List **deferred);
static void set_constraints(const char *names, const char *mode);


bool
users_column_exists(const char *table, const char *column)
{
	Oid			relid = seating_schema_table(table);
	AttrNumber	attnum = OidIsValid(relid) ? column_find(relid, column) : InvalidAttrNumber;

	return attnum != InvalidAttrNumber && !column_is_generated(relid, attnum);
}

Oid
users_column_type(const char *table, const char *column)
{
	Oid			relid = seating_schema_table(table);
	AttrNumber	attnum = OidIsValid(relid) ? column_find(relid, column) : InvalidAttrNumber;

	return attnum == InvalidAttrNumber ? InvalidOid : column_base_type(relid, attnum, NULL);
}

char *
users_column_text(const char *table, const char *column, const char *alias)
{
	Oid			relid = seating_schema_table(table);
	AttrNumber	attnum = OidIsValid(relid) ? column_find(relid, column) : InvalidAttrNumber;

	return attnum == InvalidAttrNumber ? NULL : column_as_text(relid, attnum, alias);
}

bool
users_column_refers(const char *table, const char *column)
{
	Oid			relid = seating_schema_table(table);
	AttrNumber	attnum = column_find(relid, column);
	Relation	rel = relation_lock_and_open(relid, AccessShareLock);
	bool		refers = false;
	ListCell   *lc;

	foreach(lc, RelationGetFKeyList(rel))
	{
		const ForeignKeyCacheInfo *key = lfirst(lc);

		for (int i = 0; i < key->nkeys; i++)
			refers |= key->conkey[i] == attnum;
	}
	relation_close(rel, NoLock);
	return refers;
}

bool
users_column_leads_index(const char *table, const char *first, const char *second)
{
	Oid			relid = seating_schema_table(table);
	Relation	rel = relation_lock_and_open(relid, AccessShareLock);
	AttrNumber	attnums[] = {column_find(relid, first), column_find(relid, second)};
	List	   *indexes = RelationGetIndexList(rel);
	bool		found = false;
	ListCell   *lc;

	foreach(lc, indexes)
	{
		Relation	index = relation_lock_and_open(lfirst_oid(lc), AccessShareLock);
		const FormData_pg_index *form = index->rd_index;

		found |= form->indisvalid && index->rd_rel->relam == BTREE_AM_OID && form->indnkeyatts >= 2 &&
			RelationGetIndexPredicate(index) == NIL &&
			form->indkey.values[0] == attnums[0] && form->indkey.values[1] == attnums[1];
		relation_close(index, NoLock);
	}
	relation_close(rel, NoLock);
	return found && attnums[0] != InvalidAttrNumber && attnums[1] != InvalidAttrNumber;
}

List *
users_column_begin_immediate(List *tables)
{
	List	   *deferred = NIL;
	StringInfoData immediate;
	ListCell   *lc;

	initStringInfo(&immediate);
	foreach(lc, tables)
	{
		Oid			relid = seating_schema_table(lfirst(lc));

		if (OidIsValid(relid))
			add_deferrable(relid, &immediate, &deferred);
	}
	if (immediate.len > 0)
		set_constraints(immediate.data, "IMMEDIATE");
	return deferred;
}

/* The index says whether the constraint is deferrable, the constraint whether it is deferred. */
static void
add_deferrable(Oid relid, StringInfo immediate, List **deferred)
{
	Relation	rel = relation_lock_and_open(relid, AccessShareLock);
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *lc;

	foreach(lc, indexes)
	{
		Relation	index = relation_lock_and_open(lfirst_oid(lc), AccessShareLock);
		bool		deferrable = !index->rd_index->indimmediate;
		Oid			constraint = deferrable ? get_index_constraint(lfirst_oid(lc)) : InvalidOid;
		HeapTuple	tuple = OidIsValid(constraint) ? SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint)) : NULL;

		if (HeapTupleIsValid(tuple))
		{
			Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);
			char	   *name = quote_qualified_identifier(get_namespace_name(form->connamespace), NameStr(form->conname));

			format_append(immediate, ", ", "%s", name);
			if (form->condeferred)
				*deferred = lappend(*deferred, name);
			ReleaseSysCache(tuple);
		}
		relation_close(index, NoLock);
	}
	relation_close(rel, NoLock);
}

void
users_column_end_immediate(List *constraints)
{
	StringInfoData names;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, constraints)
		format_append(&names, ", ", "%s", (char *) lfirst(lc));
	if (constraints)
		set_constraints(names.data, "DEFERRED");
}

static void
set_constraints(const char *names, const char *mode)
{
	query_write(psprintf("SET CONSTRAINTS %s %s", names, mode), NULL, NULL, NULL);
}
