/*-------------------------------------------------------------------------
 *
 * access_public.c
 *	  Which rows everybody may read: see access_public.h.
 *
 * A policy is not part of the query's joins: the server would look up the
 * restaurant of each row, or collect all restaurants for each statement.  So
 * policies ask menuca_is_public() of the next table on the way, whose view asks on:
 * it looks up each row once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "access/access_expression.h"
#include "access/access_public.h"
#include "access/owner_view.h"
#include "access/public_row.h"
#include "base/attempt.h"
#include "base/column.h"
#include "base/extension.h"
#include "base/format.h"
#include "base/query.h"
#include "base/relation.h"

static const WantedAccess *find_next(const WantedAccess *wanted);
static bool uses_views(const WantedAccess *wanted);
static bool has_pairs(const AccessKey *key);
static char *asked_parents(const WantedAccess *wanted, const char *table);
static char *public_view_name(const WantedAccess *wanted);
static char *written_parents(const WantedAccess *wanted, const char *table);
static const WantedAccess *find_tenants(const WantedAccess *wanted);
static Oid	foreign_key_table(Oid relid, const char *column);
static char *select_public(const WantedAccess *wanted, AttrNumber key, const char *column);
static const WantedAccess *find_on_path(const WantedAccess *wanted, Oid relid);
static void add_views(List **views, const WantedAccess *wanted);
static void resolve_next(void *arg);
pg_noreturn static void raise_unresolved(const WantedAccess *wanted, const WantedAccess *parent);


char *
access_public_condition(const WantedAccess *wanted, bool by_hand)
{
	const WantedAccess *tenants = find_tenants(wanted);
	const char *table = pstrdup(quote_identifier(wanted->table));
	char	   *parents;
	StringInfoData condition;

	if (tenants && tenants->problem)
		raise_unresolved(wanted, tenants);
	initStringInfo(&condition);
	if (wanted->public_expr && !public_row_is_any(wanted->public_expr))
		appendStringInfo(&condition, "(%s)", access_expression_text(wanted->relid, wanted->public_expr));
	parents = !by_hand && uses_views(wanted) ? asked_parents(wanted, table) : written_parents(wanted, table);
	if (parents)
		format_append(&condition, " AND ", "%s", parents);
	return condition.len > 0 ? condition.data : "true";
}

/*
 * The table whose rows decide about those of this one: the next one on the path, or
 * the restaurants; NULL for none.
 */
static const WantedAccess *
find_next(const WantedAccess *wanted)
{
	if (!wanted->tenant_key || !wanted->public_with_tenant || wanted->owns_itself)
		return NULL;
	return wanted->tenant_key->hops ?
		find_on_path(wanted, ((AccessHop *) linitial(wanted->tenant_key->hops))->relid) : find_tenants(wanted);
}

/*
 * True if views have what is public of the tables on the way: each is listed, and
 * its condition can be evaluated as its owner.
 */
static bool
uses_views(const WantedAccess *wanted)
{
	for (const WantedAccess *next = find_next(wanted); next; next = find_next(next))
	{
		if (has_pairs(wanted->tenant_key) || next->problem || !next->table || !next->tenant_key ||
			strlen(next->table) + strlen(PUBLIC_VIEW_PREFIX) >= NAMEDATALEN ||
			(next->public_expr && !owner_view_trusts(next->relid, next->public_expr)))
			return false;
	}
	return true;
}

/* True if a foreign key of several columns is on the path. */
static bool
has_pairs(const AccessKey *key)
{
	const ListCell *lc;

	foreach(lc, key->hops)
	{
		if (((AccessHop *) lfirst(lc))->pairs != NIL)
			return true;
	}
	return false;
}

/* The condition that the next table's row is public, by its view; NULL when none decides. */
static char *
asked_parents(const WantedAccess *wanted, const char *table)
{
	const WantedAccess *next = find_next(wanted);

	if (next == NULL)
		return NULL;
	return psprintf("%smenuca_is_public(%s::pg_catalog.regclass, %s.%s)", migrate_schema(),
					quote_literal_cstr(owner_view_quoted(public_view_name(next))), table,
					quote_identifier(wanted->tenant_key->column));
}

static char *
public_view_name(const WantedAccess *wanted)
{
	return psprintf("%s%s", PUBLIC_VIEW_PREFIX, wanted->table);
}

/* The same, written out, as one would write it into a query: evaluated as the role. */
static char *
written_parents(const WantedAccess *wanted, const char *table)
{
	const WantedAccess *tenants = find_tenants(wanted);
	const AccessKey *key = wanted->tenant_key;
	char	   *column;
	StringInfoData parents;
	StringInfoData joins;
	int			depth = 0;
	ListCell   *lc;

	if (key == NULL || !wanted->public_with_tenant || wanted->owns_itself)
		return NULL;
	initStringInfo(&parents);
	initStringInfo(&joins);
	column = psprintf("%s.%s", table, quote_identifier(key->column));
	foreach(lc, key->hops)
	{
		const AccessHop *hop = lfirst(lc);
		char	   *child = depth == 0 ? pstrdup(table) : psprintf("parent_%d", depth);
		Oid			child_table = depth == 0 ? wanted->relid : ((AccessHop *) list_nth(key->hops, depth - 1))->relid;
		ListCell   *lc2;

		depth++;
		format_append(&parents, ", ", "(%s) AS parent_%d",
					  select_public(find_on_path(wanted, hop->relid), has_pairs(key) ? InvalidAttrNumber : hop->key,
									hop->column), depth);
		format_append(&joins, " AND ", "parent_%d.%s OPERATOR(pg_catalog.=) %s", depth,
					  column_quoted(hop->relid, hop->key), column);
		foreach(lc2, hop->pairs)
		{
			const AccessPair *pair = lfirst(lc2);

			format_append(&joins, " AND ", "parent_%d.%s OPERATOR(pg_catalog.=) %s.%s", depth,
						  column_quoted(hop->relid, pair->parent), child, column_quoted(child_table, pair->child));
		}
		column = psprintf("parent_%d.%s", depth, quote_identifier(hop->column));
	}
	if (tenants)
		format_append(&joins, " AND ", "EXISTS (SELECT FROM (%s) AS tenant WHERE tenant.%s OPERATOR(pg_catalog.=) %s)",
					  select_public(tenants, tenants->tenant_key->attnum, NULL),
					  column_quoted(tenants->relid, tenants->tenant_key->attnum), column);
	if (depth > 0)
		return psprintf("EXISTS (SELECT FROM %s WHERE %s)", parents.data, joins.data);
	return joins.len > 0 ? joins.data : NULL;
}

List *
access_public_parents(const WantedAccess *wanted)
{
	const WantedAccess *tenants = find_tenants(wanted);
	List	   *parents = NIL;
	ListCell   *lc;

	if (!wanted->public_expr || !wanted->tenant_key || !wanted->public_with_tenant)
		return NIL;
	foreach(lc, wanted->tenant_key->hops)
	{
		const WantedAccess *parent = find_on_path(wanted, ((AccessHop *) lfirst(lc))->relid);

		if (parent->public_expr && !public_row_is_any(parent->public_expr))
			parents = lappend(parents, unconstify(WantedAccess *, parent));
	}
	return tenants ? lappend(parents, unconstify(WantedAccess *, tenants)) : parents;
}

/* The table of restaurants whose rows decide about those of this one, or NULL. */
static const WantedAccess *
find_tenants(const WantedAccess *wanted)
{
	const AccessKey *key = wanted->tenant_key;
	Oid			referenced;
	const ListCell *lc;

	if (!key || !wanted->public_with_tenant || wanted->owns_itself)
		return NULL;

	/*
	 * A table whose own row cannot be resolved is known by the foreign key
	 * alone.
	 */
	referenced = key->hops == NIL ? foreign_key_table(wanted->relid, key->column) :
		foreign_key_table(((AccessHop *) llast(key->hops))->relid, ((AccessHop *) llast(key->hops))->column);
	foreach(lc, wanted->all)
	{
		const WantedAccess *table = lfirst(lc);

		if (table->owns_itself ? table->public_where != NULL :
			table->problem && OidIsValid(table->relid) && table->relid == referenced)
			return table;
	}
	return NULL;
}

/* The table that a foreign key of the column refers to; InvalidOid for none. */
static Oid
foreign_key_table(Oid relid, const char *column)
{
	QueryArgs	args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relid), false);
	query_arg_text(&args, column);
	return (Oid) query_int8("SELECT confrelid::int8 FROM pg_constraint WHERE contype = 'f' AND conrelid = $1"
							" AND conkey = ARRAY(SELECT attnum FROM pg_attribute WHERE attrelid = $1 AND attname = $2) LIMIT 1",
							&args);
}

/*
 * The public rows of a table, with two columns, or all when no key is given; its
 * conditions' names are not qualified.
 */
static char *
select_public(const WantedAccess *wanted, AttrNumber key, const char *column)
{
	bool		has_condition = wanted->public_expr && !public_row_is_any(wanted->public_expr);

	return psprintf("SELECT %s%s%s FROM %s%s%s",
					key == InvalidAttrNumber ? "*" : column_quoted(wanted->relid, key),
					key != InvalidAttrNumber && column ? ", " : "",
					key != InvalidAttrNumber && column ? quote_identifier(column) : "",
					relation_quoted_name(wanted->relid), has_condition ? " WHERE " : "",
					has_condition ? access_expression_text(wanted->relid, wanted->public_expr) : "");
}

/* The wanted access of a table on the way; without one, of its rows nothing is asked. */
static const WantedAccess *
find_on_path(const WantedAccess *wanted, Oid relid)
{
	WantedAccess *unlisted;
	const ListCell *lc;

	foreach(lc, wanted->all)
	{
		const WantedAccess *table = lfirst(lc);

		if (table->relid != relid)
			continue;
		if (table->problem)
			raise_unresolved(wanted, table);
		return table;
	}
	unlisted = palloc0(sizeof(WantedAccess));
	unlisted->relid = relid;
	return unlisted;
}

static void
raise_unresolved(const WantedAccess *wanted, const WantedAccess *parent)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("rows of \"%s\" are public only while those of \"%s\" are, and it is not known which of these are",
					wanted->table, parent->table),
			 errdetail("Of %s: %s", parent->table, parent->problem),
			 errhint("%s", migrate_call("Correct the row of %s in menuca_wanted_access, or set public_with_tenant to false for %s.",
										parent->table, wanted->table))));
}

List *
access_public_views(const List *tables)
{
	List	   *views = NIL;
	const ListCell *lc;

	foreach(lc, tables)
	{
		const WantedAccess *wanted = lfirst(lc);

		if (!wanted->problem && OidIsValid(wanted->relid) && wanted->public_expr)
			add_views(&views, wanted);
	}
	return views;
}

/* The views that a table's policies read: those that other views read come first. */
static void
add_views(List **views, const WantedAccess *wanted)
{
	const WantedAccess *next;
	OwnerView  *view;
	AttrNumber	key;
	ListCell   *lc;

	if (attempt(resolve_next, unconstify(WantedAccess *, wanted)) != NULL ||
		(next = find_next(wanted)) == NULL || !uses_views(wanted))
		return;
	add_views(views, next);
	foreach(lc, *views)
	{
		if (((OwnerView *) lfirst(lc))->table == next->relid)
			return;
	}
	key = wanted->tenant_key->hops ? ((AccessHop *) linitial(wanted->tenant_key->hops))->key : next->tenant_key->attnum;
	view = palloc0(sizeof(OwnerView));
	view->name = public_view_name(next);
	view->table = next->relid;
	view->is_ready = access_public_views_exist(next);
	view->query = psprintf("SELECT %s::%s AS key FROM %s WHERE %s", column_quoted(next->relid, key),
						   column_base_type(next->relid, key, NULL) == UUIDOID ? "pg_catalog.uuid" : "pg_catalog.int8",
						   relation_quoted_name(next->relid), access_public_condition(next, false));
	*views = lappend(*views, view);
}

/* Raises the errors of the tables on the way. */
static void
resolve_next(void *arg)
{
	(void) access_public_condition(arg, false);
}

bool
access_public_views_exist(const WantedAccess *wanted)
{
	const WantedAccess *next = find_next(wanted);

	if ((!wanted->public_expr && !next) || !uses_views(wanted))
		return true;
	return next == NULL || (OidIsValid(owner_view_find(public_view_name(next))) && access_public_views_exist(next));
}
