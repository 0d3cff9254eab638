/*-------------------------------------------------------------------------
 *
 * wanted_columns.c
 *	  Which columns staff and customers may read and write: see
 *	  wanted_columns.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/bitmapset.h"

#include "access/wanted_columns.h"
#include "base/extension.h"
#include "base/query.h"
#include "base/renamed_column.h"
#include "base/results.h"
#include "base/slot.h"

/* A column of a table, as the catalog has it. */
typedef struct CatalogColumn
{
	AttrNumber	attnum;
	char	   *name;			/* quoted */
	bool		generated;
	bool		in_key;			/* of the primary key */
	bool		required;		/* a row that does not give it a value is
								 * refused */
} CatalogColumn;

static List *catalog_columns(Oid relid);
static void *make_column(TupleTableSlot *slot);
static Bitmapset *find_columns(Oid relid, const List *names);
static bool is_owner(const WantedAccess *wanted, AttrNumber attnum);
static List *readable_columns(const WantedAccess *wanted);


void
wanted_columns_resolve(WantedAccess *wanted, const WantedColumnNames *names)
{
	Bitmapset  *hidden = find_columns(wanted->relid, names->hidden);
	Bitmapset  *read_only = find_columns(wanted->relid, names->read_only);
	Bitmapset  *writable = find_columns(wanted->relid, names->writable);
	ListCell   *lc;

	foreach(lc, catalog_columns(wanted->relid))
	{
		const CatalogColumn *column = lfirst(lc);
		bool		is_hidden = bms_is_member(column->attnum, hidden);
		bool		is_writable = !is_hidden && !bms_is_member(column->attnum, read_only) &&
			(names->all_writable || bms_is_member(column->attnum, writable));

		if (is_hidden)
			wanted->hidden = lappend(wanted->hidden, column->name);
		if (column->generated)
			continue;
		if (is_writable)
			wanted->writable = lappend(wanted->writable, column->name);
		else if (!is_hidden)
			wanted->read_only = lappend(wanted->read_only, column->name);

		if (is_writable || (!is_hidden && (column->in_key || is_owner(wanted, column->attnum))))
		{
			wanted->insertable = lappend(wanted->insertable, column->name);
			continue;
		}
		wanted->limits_insert = true;
		if (column->required && !wanted->insert_needs)
			wanted->insert_needs = column->name;
	}
}

static List *
catalog_columns(Oid relid)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	return query_list(psprintf("SELECT a.attnum::int4, quote_ident(a.attname), w.column_no IS NULL,"
							   " coalesce(w.is_in_primary_key, false),"
							   " coalesce((w.is_not_null OR w.type_is_not_null) AND NOT w.has_default AND NOT w.type_has_default, false)"
							   " FROM pg_attribute a LEFT JOIN %smenuca_writable_column w"
							   " ON w.table_oid = a.attrelid AND w.column_no = a.attnum"
							   " WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
							   migrate_schema()),
					  &args, make_column);
}

static void *
make_column(TupleTableSlot *slot)
{
	CatalogColumn *column = palloc0(sizeof(CatalogColumn));

	column->attnum = slot_int4(slot, 0);
	column->name = slot_text(slot, 1);
	column->generated = slot_bool(slot, 2);
	column->in_key = slot_bool(slot, 3);
	column->required = slot_bool(slot, 4);
	return column;
}

/* The numbers of the columns that the table has, as a Bitmapset. */
static Bitmapset *
find_columns(Oid relid, const List *names)
{
	Bitmapset  *columns = NULL;
	const ListCell *lc;

	foreach(lc, names)
	{
		AttrNumber	attnum = renamed_column_find(relid, lfirst(lc));

		if (attnum != InvalidAttrNumber)
			columns = bms_add_member(columns, attnum);
	}
	return columns;
}

/* True if the column says whose the row is, or leads there. */
static bool
is_owner(const WantedAccess *wanted, AttrNumber attnum)
{
	return (wanted->tenant_key && wanted->tenant_key->attnum == attnum) ||
		(wanted->user_key && wanted->user_key->attnum == attnum);
}

bool
wanted_columns_limit(const WantedAccess *wanted, AclMode privilege)
{
	switch (privilege)
	{
		case ACL_SELECT:
			return wanted->hidden != NIL;
		case ACL_INSERT:
			return wanted->limits_insert;
		case ACL_UPDATE:
			return wanted->hidden != NIL || wanted->read_only != NIL;
	}
	return false;
}

List *
wanted_columns_allowed(const WantedAccess *wanted, AclMode privilege)
{
	return privilege == ACL_SELECT ? readable_columns(wanted) :
		privilege == ACL_INSERT ? wanted->insertable : wanted->writable;
}

/* All columns but the hidden ones. */
static List *
readable_columns(const WantedAccess *wanted)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(wanted->relid), false);
	query_arg(&args, TEXTARRAYOID, result_text_array(wanted->hidden), false);
	return query_texts("SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = $1 AND attnum > 0"
					   " AND NOT attisdropped AND quote_ident(attname) <> ALL ($2) ORDER BY attnum", &args);
}
